//! Syntax: Go text to trees. Knows one file at a time.
//!
//! A file is parsed in two steps: its outline (everything but the bodies of its functions) once, and each body when
//! somebody asks for it, with the parser limited to that body's bytes. Offsets are always those of the file.

pub mod ast;
mod body;
pub mod check;
mod layout;
pub mod lexer;
mod lower;
mod outline;
mod parse;
pub mod query;
mod repair;
pub mod visit;

pub use body::{BodyTree, parse_body, parse_body_tree};
pub use outline::parse_outline;
