//! Analyse: each candidate becomes a finding with a fix or a reason why there is none.
pub mod finding;
