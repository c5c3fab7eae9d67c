//! Sentences that several outputs have in common. Plain text: whoever puts them into markup escapes them.

use super::{Place, Report, ReportedFinding, name};
use crate::analyse::finding::Applicability;
use std::collections::BTreeMap;

/// What leaks, what is done about it, and what else its fix changes; one sentence a line.
pub fn body(report: &Report, finding: &ReportedFinding) -> String {
    let mut lines = vec![inert(&finding.message), inert(&finding.state.line())];
    if let Some(group) = finding.state.group() {
        lines.extend(together(report, group));
    }
    lines.join("\n")
}

/// Where a group makes its changes, when that is in several places.
pub fn together(report: &Report, group: usize) -> Option<String> {
    /// So many places are named; a context threaded through a program has hundreds.
    const NAMED: usize = 8;
    let places = report.places(group);
    if places.len() < 2 {
        return None;
    }
    let named = places.iter().take(NAMED).map(|(file, lines)| {
        let path = inert(&report.path(*file));
        match lines.start() == lines.end() {
            true => format!("{path}:{}", lines.start()),
            false => format!("{path}:{}-{}", lines.start(), lines.end()),
        }
    });
    let mut named: Vec<String> = named.collect();
    if places.len() > NAMED {
        named.push(format!("{} more", places.len() - NAMED));
    }
    let unsafe_too = match report.groups[group].applicability {
        Applicability::Safe => "",
        Applicability::Unsafe => " (unsafe)",
    };
    Some(format!(
        "fix group {group}{unsafe_too}, applied as a whole: {}",
        named.join(", ")
    ))
}

/// The finding that stands for each group: its first.
pub fn speakers(report: &Report) -> BTreeMap<usize, &ReportedFinding> {
    let mut speakers = BTreeMap::new();
    for finding in report.left() {
        if let Some(group) = finding.state.group() {
            speakers.entry(group).or_insert(finding);
        }
    }
    speakers
}

/// A step of the leaking path: `server.go:12: returns here`.
pub fn step(report: &Report, at: Place, text: &str) -> String {
    inert(&format!("{}:{}: {text}", report.path(at.file), at.line))
}

/// A line of text that stays text wherever it is shown: no control characters and none that reorder what is read
/// (they become `\u{fffd}`), and nothing that Markdown or HTML would take for code, a tag or a mention.
pub fn inert(text: &str) -> String {
    /// Zero width space: parts a sign from what would give it a meaning.
    const APART: char = '\u{200b}';
    let mut inert = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        match c {
            '`' => inert.push('\''),
            '@' if next.is_alphanumeric() => inert.extend([c, APART]),
            '<' if next.is_ascii_alphabetic() || "/!?".contains(next) => inert.extend([c, APART]),
            ']' if next == '(' => inert.extend([c, APART]),
            c if name::hostile(c) => inert.push('\u{fffd}'),
            c => inert.push(c),
        }
    }
    inert
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_is_text() {
        assert_eq!(inert("a </details> b"), "a <\u{200b}/details> b");
        assert_eq!(inert("by @team ```"), "by @\u{200b}team '''");
        assert_eq!(inert("[x](y)"), "[x]\u{200b}(y)");
        assert_eq!(
            inert("a\x1b[31m\u{202e}\u{9b}b\nc"),
            "a\u{fffd}[31m\u{fffd}\u{fffd}b\u{fffd}c"
        );
        assert_eq!(inert("ch <- x, <-done"), "ch <- x, <-done");
    }
}
