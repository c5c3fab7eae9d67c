//! Emit: a finished report becomes text, diffs, JSON, or files on disk. Decides nothing.

pub mod diff;
pub mod json;
pub mod name;
mod report;
pub mod text;
pub mod write;

pub use report::{
    Place, Report, ReportedFile, ReportedFinding, ReportedGroup, ReportedRule, State,
};
