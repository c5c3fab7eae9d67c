//! Analyse: each candidate becomes a finding with a fix or a reason why there is none.
pub mod cfg;
pub mod closed_only;
pub mod declined;
pub mod effort;
pub mod engine;
pub mod finding;
pub mod imports;
pub mod layout;
pub mod noreturn;
pub mod ownership;
pub mod prefilter;
pub mod recursion;
pub mod references;
pub mod releases;
pub mod suppress;
pub mod transform;
