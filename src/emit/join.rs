//! One report of several, of runs over parts of what was asked.

use super::report::{Place, Report, ReportedFile, ReportedFinding, ReportedGroup, State};
use std::collections::BTreeMap;
use std::path::PathBuf;

impl Report {
    /// One report of those of several parts of a run. A file that several speak of has its new text in one of them.
    pub fn join(parts: impl IntoIterator<Item = Report>) -> Report {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_default();
        let paths = whole.files.iter().map(|file| file.path.clone());
        let mut numbers: BTreeMap<PathBuf, usize> = paths.zip(0..).collect();
        for part in parts {
            let numbered = |file: ReportedFile| {
                let next = numbers.len();
                let at = *numbers.entry(file.path.clone()).or_insert(next);
                match whole.files.get_mut(at) {
                    None => whole.files.push(file),
                    Some(known) if file.new.is_some() => *known = file,
                    Some(_) => {}
                }
                at
            };
            let files: Vec<usize> = part.files.into_iter().map(numbered).collect();
            let groups = whole.groups.len();
            let moved = part.groups.into_iter().map(|group| group.moved(&files));
            whole.groups.extend(moved);
            let found = part.findings.into_iter();
            whole
                .findings
                .extend(found.map(|finding| finding.moved(&files, groups)));
            whole.notices.extend(part.notices);
            whole.analysed += part.analysed;
            for (skip, count) in part.skipped {
                *whole.skipped.entry(skip).or_default() += count;
            }
            whole.suppressed += part.suppressed;
            whole.not_new += part.not_new;
            if let Some(proved) = part.proved {
                let all = whole.proved.get_or_insert_default();
                all.packages += proved.packages;
                all.unproved.extend(proved.unproved);
            }
        }
        whole.sort();
        whole
    }

    /// Puts files in the order of their paths, and findings in that of the files.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.files.len()).collect();
        order.sort_by(|a, b| self.files[*a].path.cmp(&self.files[*b].path));
        let mut files = vec![0; order.len()];
        for (new, old) in order.into_iter().enumerate() {
            files[old] = new;
        }
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        let groups = std::mem::take(&mut self.groups).into_iter();
        self.groups = groups.map(|group| group.moved(&files)).collect();
        let findings = std::mem::take(&mut self.findings).into_iter();
        self.findings = findings.map(|finding| finding.moved(&files, 0)).collect();
        self.findings
            .sort_by(|a, b| (a.at, a.rule).cmp(&(b.at, b.rule)));
    }
}

impl ReportedGroup {
    /// With files by their new numbers.
    fn moved(self, files: &[usize]) -> ReportedGroup {
        let edits = self.edits.into_iter();
        let parts = self.parts.into_iter();
        ReportedGroup {
            applicability: self.applicability,
            edits: edits.map(|(file, edits)| (files[file], edits)).collect(),
            parts: parts.map(|(file, part)| (files[file], part)).collect(),
        }
    }
}

impl ReportedFinding {
    /// With files by their new numbers, and its group `groups` further on.
    fn moved(self, files: &[usize], groups: usize) -> ReportedFinding {
        let place = |at: Place| Place {
            file: files[at.file],
            ..at
        };
        let related = self.related.into_iter();
        let mut state = self.state;
        if let State::Offered { group, .. }
        | State::Fixed { group, .. }
        | State::Skipped { group, .. } = &mut state
        {
            *group += groups;
        }
        ReportedFinding {
            at: place(self.at),
            related: related.map(|(at, text)| (place(at), text)).collect(),
            state,
            ..self
        }
    }
}
