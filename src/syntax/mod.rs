//! Syntax: Go text to trees. Knows one file at a time.
//!
//! A file is parsed in two steps: its outline (declarations, without what is inside of bodies and composite literals)
//! once, and each body or initialiser when somebody asks for it. Offsets are always those of the file.

pub mod ast;
mod body;
pub mod check;
mod head;
pub mod lexer;
mod outline;
mod parser;
mod skip;
pub mod visit;

pub use body::{parse_body, parse_initialiser};
pub use head::Head;
pub use outline::{parse_dependency, parse_outline};
pub use skip::brackets_balance;
