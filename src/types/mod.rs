//! What every name and expression of a function means: go/types' answers, or unknown. Per worker, no locks.
//!
//! The invariants that keep the answers honest are those of [`model`]; a reader's order: `repr` (types), `operand`,
//! `universe`, `model`, `context` (scopes and what is recorded), `resolve` (identifiers), `declare` (package-level
//! declarations), `typexpr`, `lookup` (fields and methods), `expr`, `call`, `builtin`, `typeset` and `infer`
//! (generics), `stmt`, `body`, `implement`, `names`, and `checker`, which is what the rest of the program sees.

mod api;
mod body;
mod builtin;
mod call;
mod checker;
mod context;
mod declare;
mod expr;
mod implement;
mod infer;
mod lookup;
mod model;
mod names;
mod operand;
mod repr;
mod resolve;
mod stmt;
mod typeset;
mod typexpr;
mod universe;
pub use api::*;
pub use checker::*;
