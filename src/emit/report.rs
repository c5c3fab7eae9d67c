//! What a run found and did: the one model that every output is made from.

use super::diff;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Severity};
use crate::analyse::layout::position;
use crate::plan::fingerprint::Fingerprint;
use crate::plan::{add_imports, apply};
use crate::walk::{Notice, Skip};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
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
    /// How many findings were left out because they are not new.
    pub not_new: usize,
    /// What the go command says of the new texts; none when it was not to be asked.
    pub proved: Option<Proved>,
    /// What was looked for.
    pub rules: Vec<ReportedRule>,
    /// The directory that relative paths start from.
    pub directory: PathBuf,
}

/// What the go command said of the new texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proved {
    /// How many packages it found as good as they were.
    pub packages: usize,
    /// Why it was not asked, or not about all.
    pub unproved: BTreeSet<String>,
}

/// A rule that a run looked for.
#[derive(Clone, Copy, Debug)]
pub struct ReportedRule {
    /// The transform's id.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Its documentation, Markdown.
    pub readme: &'static str,
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
    /// What it is called from run to run.
    pub fingerprint: Fingerprint,
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
    /// A person was asked and did not want its fix.
    Skipped {
        /// What the fix does.
        title: String,
        /// The group, which has no edits any more.
        group: usize,
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
    /// The same with imports named, for whoever applies several groups.
    pub parts: BTreeMap<usize, Part>,
}

/// What a group does to a file.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Edits on the original text, without those of imports.
    pub code: Vec<Edit>,
    /// Packages whose import the new text needs.
    pub imports: BTreeSet<&'static str>,
}

impl State {
    /// The group that its fix belongs to.
    pub fn group(&self) -> Option<usize> {
        match self {
            State::Offered { group, .. } | State::Fixed { group, .. } => Some(*group),
            State::Unsafe { .. } | State::Skipped { .. } | State::Declined(_) => None,
        }
    }

    /// What is done about the finding, on one line: `fix: close f when the function returns`.
    pub fn line(&self) -> String {
        match self {
            State::Offered { title, .. } => format!("fix: {title}"),
            State::Fixed { title, .. } => format!("fixed: {title}"),
            State::Unsafe { title } => format!("unsafe fix: {title} (offered with --unsafe-fixes)"),
            State::Skipped { title, .. } => format!("not applied: {title}"),
            State::Declined(reason) => format!("not fixed: {} ({})", reason.text(), reason.id()),
        }
    }

    /// The word for programs: `offered`, `fixed`, `unsafe`, `skipped` or `declined`.
    pub fn id(&self) -> &'static str {
        match self {
            State::Offered { .. } => "offered",
            State::Fixed { .. } => "fixed",
            State::Unsafe { .. } => "unsafe",
            State::Skipped { .. } => "skipped",
            State::Declined(_) => "declined",
        }
    }
}

impl Report {
    /// Findings that are still in the code: what was written to disk is none any more.
    pub fn left(&self) -> impl Iterator<Item = &ReportedFinding> {
        let fixed = |finding: &ReportedFinding| matches!(finding.state, State::Fixed { .. });
        self.findings.iter().filter(move |finding| !fixed(finding))
    }

    /// The edits that these groups make in a file together, imports included; none when that cannot be done.
    pub fn edits(&self, groups: &BTreeSet<usize>, file: usize) -> Option<Vec<Edit>> {
        let parts = groups
            .iter()
            .filter_map(|&group| self.groups[group].parts.get(&file));
        let mut edits = BTreeSet::new();
        let mut imports: BTreeSet<&str> = BTreeSet::new();
        for part in parts {
            edits.extend(part.code.iter().cloned());
            imports.extend(&part.imports);
        }
        if !imports.is_empty() {
            edits.extend(add_imports(&self.files[file].old, &imports).ok()?);
        }
        Some(edits.into_iter().collect())
    }

    /// The text of a file with these groups' edits; none when they change nothing there.
    pub fn with(&self, groups: &BTreeSet<usize>, file: usize) -> Option<String> {
        let edits = self.edits(groups, file).filter(|edits| !edits.is_empty())?;
        apply(&self.files[file].old, &edits)
    }

    /// Takes back all groups but these: their findings are [`State::Skipped`].
    pub fn keep(&mut self, chosen: &BTreeSet<usize>) {
        for (number, group) in self.groups.iter_mut().enumerate() {
            if !chosen.contains(&number) {
                group.edits.clear();
                group.parts.clear();
            }
        }
        for finding in &mut self.findings {
            if let State::Offered { title, group } = &finding.state
                && !chosen.contains(group)
            {
                finding.state = State::Skipped {
                    title: title.clone(),
                    group: *group,
                };
            }
        }
        for file in 0..self.files.len() {
            self.files[file].new = self.with(chosen, file);
        }
    }

    /// The unified diff of one group, all of its files.
    pub fn diff(&self, group: usize) -> String {
        let only = BTreeSet::from([group]);
        let files = self.groups[group].edits.keys();
        let one = |&file: &usize| {
            let new = self.with(&only, file)?;
            let old = &self.files[file].old;
            Some(diff::text(Path::new(&self.path(file)), old, &new))
        };
        files.filter_map(one).collect()
    }

    /// Where a group changes its files: each file with the lines (from 1) of the old text that its edits touch.
    pub fn places(&self, group: usize) -> Vec<(usize, RangeInclusive<usize>)> {
        let mut places: Vec<(usize, RangeInclusive<usize>)> = Vec::new();
        for (&file, edits) in &self.groups[group].edits {
            let text = &self.files[file].old;
            for edit in edits {
                let (start, _) = position(text, edit.span.start as usize);
                let (end, column) = position(text, edit.span.end as usize);
                let end = if column == 1 && end > start {
                    end - 1
                } else {
                    end
                };
                match places.last_mut() {
                    Some((last, lines)) if *last == file && start <= lines.end() + 1 => {
                        *lines = *lines.start()..=end.max(*lines.end());
                    }
                    _ => places.push((file, start..=end)),
                }
            }
        }
        places
    }

    /// A file's path for programs: `/` between parts, relative where it is below [`Report::directory`]. Bytes that
    /// are not UTF-8 are replaced.
    pub fn path(&self, file: usize) -> String {
        let path = &self.files[file].path;
        let relative = path.strip_prefix(&self.directory).unwrap_or(path);
        let slashes = relative.to_string_lossy();
        let slashes = if cfg!(windows) {
            slashes.replace('\\', "/").into()
        } else {
            slashes
        };
        let plain = slashes.trim_start_matches("./");
        plain.to_owned()
    }

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
