//! What every name and expression of a function means: go/types' answers, or unknown. Per worker, no locks.

mod api;
mod checker;
pub use api::*;
pub use checker::*;
