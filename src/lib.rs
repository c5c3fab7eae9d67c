//! `unleak` finds leaks in Go programs and rewrites the source so that they are gone.
//!
//! Stages, each importing only from those before it:
//! [`walk`] → [`config`] → [`syntax`] → [`index`] → [`types`] → [`analyse`] → [`plan`] → [`verify`] → [`emit`].
//! See `ARCHITECTURE.md`.

pub mod analyse;
pub mod cli;
pub mod config;
pub mod emit;
mod git;
pub mod github;
pub mod index;
pub mod lsp;
pub mod parallel;
pub mod pipeline;
pub mod plan;
pub mod prove;
pub mod stats;
pub mod syntax;
pub mod transforms;
pub mod types;
pub mod verify;
pub mod walk;
