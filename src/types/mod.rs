//! What every name and expression of a function means: go/types' answers, or unknown. Per worker, no locks.

pub mod api;
