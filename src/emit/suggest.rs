//! Suggestions: groups that one replacement of whole lines is all of. What a reviewer accepts with one click must be
//! the whole fix, so a group that changes two files, or two places far apart, is none.

use super::Report;
use crate::analyse::finding::Edit;
use std::collections::BTreeSet;
use std::ops::Range;

/// More lines than this (a screen) nobody reviews in the margin of a diff.
const LONGEST: usize = 40;

/// A replacement of whole lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Index into [`Report::files`].
    pub file: usize,
    /// Lines of the old text, from 0; never empty.
    pub lines: Range<usize>,
    /// What stands there afterwards: nothing, or lines that each end in `\n`.
    pub text: String,
    /// The groups that it is all of.
    pub groups: BTreeSet<usize>,
    /// There are carriage returns before or after: what a review tool does to them is not ours to guess.
    pub carriage_returns: bool,
}

/// Whether these lines (from 0) of a file may have a suggestion.
pub type Fits<'a> = &'a dyn Fn(usize, &Range<usize>) -> bool;

/// The suggestions for the groups that can have one, in order of file and line. No two share a line: those that would are
/// one suggestion of several groups, so that all can be accepted, in any order.
pub fn suggestions(report: &Report, fits: Fits<'_>) -> Vec<Suggestion> {
    let single = |group: usize| {
        let mut files = report.groups[group].edits.keys();
        let (&file, None) = (files.next()?, files.next()) else {
            return None;
        };
        suggestion(report, file, BTreeSet::from([group]), fits)
    };
    let mut all: Vec<Suggestion> = (0..report.groups.len()).filter_map(single).collect();
    all.sort_by_key(|one| (one.file, one.lines.start, one.lines.end));
    let mut apart: Vec<Suggestion> = Vec::new();
    'next: for mut one in all {
        let before = apart.len();
        let mut below = before;
        while let Some(last) = below.checked_sub(1).map(|at| &apart[at])
            && last.file == one.file
            && last.lines.end > one.lines.start
        {
            let both = last.groups.union(&one.groups).copied().collect();
            match suggestion(report, one.file, both, fits) {
                Some(merged) => one = merged,
                None => continue 'next,
            }
            below -= 1;
        }
        apart.truncate(below);
        apart.push(one);
    }
    apart
}

/// The suggestion that is all of these groups, which change this file only.
fn suggestion(
    report: &Report,
    file: usize,
    groups: BTreeSet<usize>,
    fits: Fits<'_>,
) -> Option<Suggestion> {
    let old = &*report.files[file].old;
    let edits = report.edits(&groups, file)?;
    let starts = line_starts(old);
    let lines = cover(old, &starts, &edits)?;
    let usable =
        |lines: &Range<usize>| !lines.is_empty() && lines.end < starts.len() && fits(file, lines);
    let lines = if lines.is_empty() {
        let at = lines.start;
        let before = at.checked_sub(1).map(|line| line..at);
        let after = Some(at..at + 1);
        before.filter(usable).or(after.filter(usable))?
    } else {
        Some(lines).filter(usable)?
    };
    let span = starts[lines.start]..starts[lines.end];
    let new = report.with(&groups, file)?;
    let text = &new[span.start..new.len() - (old.len() - span.end)];
    let whole = text.is_empty() || text.ends_with('\n');
    (lines.len() <= LONGEST && whole).then(|| Suggestion {
        carriage_returns: text.contains('\r') || old[span].contains('\r'),
        file,
        lines,
        text: text.to_owned(),
        groups,
    })
}

/// The offsets where lines start, and the text's length: line `n` is `starts[n]..starts[n + 1]`. A last line without
/// a line break has no end, so that no range of whole lines contains it.
fn line_starts(text: &str) -> Vec<usize> {
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    std::iter::once(0)
        .chain(breaks.map(|(at, _)| at + 1))
        .collect()
}

/// The whole lines that the edits touch; empty, with the line that it stands before, for an insertion of whole lines.
fn cover(text: &str, starts: &[usize], edits: &[Edit]) -> Option<Range<usize>> {
    let line = |offset: usize| starts.partition_point(|&start| start <= offset) - 1;
    let mut cover: Option<Range<usize>> = None;
    for edit in edits {
        let span = edit.span.range();
        let (first, last) = (line(span.start), line(span.end));
        let ends_line = edit.text.is_empty() || edit.text.ends_with('\n');
        let whole = starts[last] == span.end && ends_line && span.end <= text.len();
        let inserted = span.is_empty() && starts[first] == span.start && whole;
        let touched = match inserted || (whole && span.start < span.end) {
            true => first..last,
            false => first..last + 1,
        };
        cover = Some(match cover {
            Some(cover) => cover.start.min(touched.start)..cover.end.max(touched.end),
            None => touched,
        });
    }
    cover
}

#[cfg(test)]
mod tests;
