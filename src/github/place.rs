//! Where each finding is told: as a suggestion where one click is the whole fix, else on its line, else on its file, else
//! in the review's text. Comments stand on the right side of the diff and inside one hunk, since GitHub refuses a
//! whole review for one that does not.

use super::Error;
use super::checkout::Checkout;
use super::payload::{Leak, Note, Place};
use super::render::LONGEST_SUGGESTION;
use crate::emit::suggest::{Suggestion, suggestions};
use crate::emit::{Report, ReportedFinding, State, prose};
use crate::plan::fingerprint::Fingerprint;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A file of the report in the pull request.
#[derive(Clone, Debug, Default)]
pub struct PullFile {
    /// Its path from the root; none when it is not in the clone.
    pub path: Option<String>,
    /// The pull request changes it.
    pub changed: bool,
    /// The lines (from 0) of each hunk; empty when the analysed text is not the head's.
    pub hunks: Vec<Range<usize>>,
    /// The head's text has `\n` where the analysed one has `\r\n`.
    pub converted: bool,
}

/// What the pull request is for each file of the report.
pub fn files(report: &Report, checkout: &Checkout) -> Result<Vec<PullFile>, Error> {
    let file = |file: &crate::emit::ReportedFile| {
        let Some(path) = checkout.path(&report.directory.join(&file.path)) else {
            return Ok(PullFile::default());
        };
        let blob = checkout.blob(&path);
        let same = blob.as_deref() == Some(&*file.old);
        let unix = || file.old.replace("\r\n", "\n");
        let converted = !same && blob.as_deref().is_some_and(|blob| blob == unix());
        let hunks = match same || converted {
            true => checkout.hunks(&path)?,
            false => Vec::new(),
        };
        Ok(PullFile {
            changed: checkout.changes(&path),
            path: Some(path),
            hunks,
            converted,
        })
    };
    report.files.iter().map(file).collect()
}

/// The comments, in order of their first finding.
pub fn notes(report: &Report, files: &[PullFile]) -> Vec<Note> {
    let fits = |file: usize, lines: &Range<usize>| {
        let within = |hunk: &Range<usize>| hunk.start <= lines.start && lines.end <= hunk.end;
        files[file].hunks.iter().any(within)
    };
    let mut clickable: Vec<Suggestion> = suggestions(report, &fits);
    for one in &mut clickable {
        if files[one.file].converted {
            one.text = one.text.replace("\r\n", "\n");
            one.carriage_returns = one.text.contains('\r');
        }
    }
    clickable.retain(|one| !one.carriage_returns && one.text.len() < LONGEST_SUGGESTION);
    let by_group: BTreeMap<usize, usize> = clickable
        .iter()
        .enumerate()
        .flat_map(|(at, one)| one.groups.iter().map(move |group| (*group, at)))
        .collect();
    let members = members(report);
    let mut told = BTreeSet::new();
    let mut notes = Vec::new();
    for finding in report.left() {
        let Some(group) = finding.state.group() else {
            notes.push(alone(report, files, finding, &fits));
            continue;
        };
        if !told.insert(group) {
            continue;
        }
        match by_group.get(&group) {
            Some(&at) => {
                told.extend(&clickable[at].groups);
                notes.push(suggested(report, files, &clickable[at], &members));
            }
            None => notes.push(collapsed(report, files, group, &members[&group], &fits)),
        }
    }
    notes
}

/// The findings of each group.
fn members(report: &Report) -> BTreeMap<usize, Vec<&ReportedFinding>> {
    let mut members: BTreeMap<usize, Vec<&ReportedFinding>> = BTreeMap::new();
    for finding in report.left() {
        if let Some(group) = finding.state.group() {
            members.entry(group).or_default().push(finding);
        }
    }
    members
}

fn suggested(
    report: &Report,
    files: &[PullFile],
    suggestion: &Suggestion,
    members: &BTreeMap<usize, Vec<&ReportedFinding>>,
) -> Note {
    let findings = suggestion.groups.iter().flat_map(|group| &members[group]);
    let findings: Vec<&ReportedFinding> = findings.copied().collect();
    Note {
        mark: mark(&findings, &suggestion.text),
        place: Place::Lines {
            path: path(report, files, suggestion.file),
            start: suggestion.lines.start + 1,
            end: suggestion.lines.end,
        },
        leaks: findings
            .iter()
            .map(|one| leak(report, files, one))
            .collect(),
        suggestion: Some(suggestion.text.clone()),
        diff: None,
    }
}

fn collapsed(
    report: &Report,
    files: &[PullFile],
    group: usize,
    findings: &[&ReportedFinding],
    fits: &dyn Fn(usize, &Range<usize>) -> bool,
) -> Note {
    let edits = report.groups[group].edits.values().flatten();
    let replacement: Vec<&str> = edits.map(|edit| edit.text.as_str()).collect();
    Note {
        mark: mark(findings, &replacement.join("\0")),
        place: place(report, files, findings[0], fits),
        leaks: findings
            .iter()
            .map(|one| leak(report, files, one))
            .collect(),
        suggestion: None,
        diff: Some(report.diff(group)),
    }
}

fn alone(
    report: &Report,
    files: &[PullFile],
    finding: &ReportedFinding,
    fits: &dyn Fn(usize, &Range<usize>) -> bool,
) -> Note {
    let outcome = match &finding.state {
        State::Declined(reason) => reason.id(),
        _ => "unsafe",
    };
    Note {
        mark: mark(&[finding], outcome),
        place: place(report, files, finding, fits),
        leaks: vec![leak(report, files, finding)],
        suggestion: None,
        diff: None,
    }
}

/// The finding's line, its file, or the summary.
fn place(
    report: &Report,
    files: &[PullFile],
    finding: &ReportedFinding,
    fits: &dyn Fn(usize, &Range<usize>) -> bool,
) -> Place {
    let line = finding.at.line;
    let path = path(report, files, finding.at.file);
    if fits(finding.at.file, &(line - 1..line)) {
        return Place::Lines {
            path,
            start: line,
            end: line,
        };
    }
    match files[finding.at.file].changed {
        true => Place::File { path },
        false => Place::Summary,
    }
}

/// What the comment is called: the findings it tells and what it offers.
fn mark(findings: &[&ReportedFinding], offered: &str) -> String {
    let fingerprints = findings.iter().map(|one| one.fingerprint.to_string());
    let fingerprints: Vec<String> = fingerprints.collect();
    let mut parts: Vec<&str> = fingerprints.iter().map(String::as_str).collect();
    parts.push(offered);
    Fingerprint::of(&parts).to_string()
}

fn leak(report: &Report, files: &[PullFile], finding: &ReportedFinding) -> Leak {
    let steps = finding.related.iter();
    Leak {
        rule: finding.rule.to_owned(),
        message: finding.message.clone(),
        outcome: finding.state.line(),
        path: path(report, files, finding.at.file),
        line: finding.at.line,
        steps: steps
            .map(|(at, text)| prose::step(report, *at, text))
            .collect(),
    }
}

fn path(report: &Report, files: &[PullFile], file: usize) -> String {
    files[file]
        .path
        .clone()
        .unwrap_or_else(|| report.path(file))
}
