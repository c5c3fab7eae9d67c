//! Plan: findings become outcomes, their fixes atomic groups without conflicts, with the imports they need.

mod apply;
mod compose;
pub mod fingerprint;
mod gone;
mod group;
mod imports;
mod outcome;
mod rounds;

pub use apply::apply;
pub use group::{Policy, plan};
pub use imports::{Imported, ImportsError, add_imports};
pub use outcome::{Group, GroupId, Outcome, Plan, Status, by_file};
pub use rounds::{Texts, join};
