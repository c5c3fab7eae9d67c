//! The index: which package a file belongs to, what an import path means, what a package declares.

mod broken;
mod builds;
mod modules;
mod packages;
mod std;
mod support;
