//! Emit: a finished report becomes text, diffs, what other programs read, or files on disk. Decides nothing.

pub mod annotations;
pub mod diff;
pub mod gitlab;
pub mod html;
mod join;
pub mod json;
pub mod name;
pub mod prose;
pub mod rdjson;
mod report;
pub mod sarif;
pub mod suggest;
pub mod terminal;
pub mod text;
pub mod write;

pub use report::{
    Part, Place, Proved, Report, ReportedFile, ReportedFinding, ReportedGroup, ReportedRule, State,
};
