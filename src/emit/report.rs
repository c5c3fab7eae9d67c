//! What a run found and did: the one model that every output is made from.

use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Severity};
use crate::walk::{Notice, Skip};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What a run found and did.
#[derive(Debug, Default)]
pub struct Report {
    /// Files with findings or changes, in path order.
    pub files: Vec<ReportedFile>,
    /// Findings in order of file and offset.
    pub findings: Vec<ReportedFinding>,
    /// Atomic groups that [`State::Offered`] findings belong to.
    pub groups: Vec<ReportedGroup>,
    /// Errors and remarks, for stderr.
    pub notices: Vec<Notice>,
    /// How many files were analysed.
    pub analysed: usize,
    /// How many files and directories were left out, by reason.
    pub skipped: BTreeMap<Skip, usize>,
    /// How many findings a comment in the code suppressed.
    pub suppressed: usize,
}

/// A file that a report speaks of.
#[derive(Debug)]
pub struct ReportedFile {
    /// Its path as people see it.
    pub path: PathBuf,
    /// Its text as analysed.
    pub old: Arc<str>,
    /// Its text with all offered fixes; none when nothing changes.
    pub new: Option<String>,
}

/// A place in a reported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index into [`Report::files`].
    pub file: usize,
    /// Byte offsets.
    pub start: usize,
    /// After the last byte.
    pub end: usize,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in bytes.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column after the last byte.
    pub end_column: usize,
}

/// A finding with its end.
#[derive(Debug)]
pub struct ReportedFinding {
    /// The transform's id.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where.
    pub at: Place,
    /// One line, no full stop.
    pub message: String,
    /// Other places that matter.
    pub related: Vec<(Place, String)>,
    /// What is done about it.
    pub state: State,
}

/// What is done about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Its fix is part of this group (an index into [`Report::groups`]).
    Offered {
        /// What the fix does.
        title: String,
        /// The group.
        group: usize,
    },
    /// Its fix is part of this group and was written to disk.
    Fixed {
        /// What the fix does.
        title: String,
        /// The group.
        group: usize,
    },
    /// It has a fix that is applied only with `--unsafe-fixes`.
    Unsafe {
        /// What the fix does.
        title: String,
    },
    /// No fix, and why.
    Declined(Declined),
}

/// All of its edits are applied, or none.
#[derive(Debug)]
pub struct ReportedGroup {
    /// The least trusted of its fixes.
    pub applicability: Applicability,
    /// Edits on the original texts by index into [`Report::files`], imports included.
    pub edits: BTreeMap<usize, Vec<Edit>>,
}

impl Report {
    /// Files with a new text.
    pub fn changed(&self) -> impl Iterator<Item = (&ReportedFile, &str)> {
        let new = |file: &ReportedFile| file.new.is_some();
        let changed = self.files.iter().filter(move |file| new(file));
        changed.map(|file| (file, file.new.as_deref().unwrap_or_default()))
    }

    /// Findings whose fix is in the diff.
    pub fn offered(&self) -> usize {
        let offered = |finding: &&ReportedFinding| matches!(finding.state, State::Offered { .. });
        self.findings.iter().filter(offered).count()
    }

    /// Whether something that was asked for could not be done.
    pub fn failed(&self) -> bool {
        self.notices.iter().any(|notice| notice.error)
    }
}
