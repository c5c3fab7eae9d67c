//! Syntax: Go text to trees.
pub mod ast;
