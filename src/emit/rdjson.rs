//! Reviewdog diagnostics (`rdjson`, `rdjsonl`). Lines and columns count from 1, columns in bytes; a range without
//! columns is whole lines, the last included.
//!
//! reviewdog offers a suggestion only on exactly the lines of its diagnostic, so a diagnostic with a suggestion spans
//! the lines that change and names the leak's own place as a related location.

use super::suggest::{Suggestion, suggestions};
use super::{Place, Report, ReportedFinding, prose};
use crate::analyse::finding::Severity;
use serde::Serialize;
use std::io::{self, Write};

/// reviewdog reads rdjsonl with a scanner that gives up on a line longer than this (Go's `bufio.MaxScanTokenSize`),
/// and on all after it.
const LONGEST_LINE: usize = 64 * 1024 - 1;

#[derive(Serialize)]
struct Document<'r> {
    source: Source,
    severity: &'static str,
    diagnostics: Vec<Diagnostic<'r>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

const SOURCE: Source = Source { name: "unleak" };

#[derive(Serialize)]
struct Diagnostic<'r> {
    message: String,
    location: Location,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    code: Code<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<RdSuggestion>,
    #[serde(skip_serializing_if = "String::is_empty")]
    original_output: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related>,
}

#[derive(Serialize)]
struct Code<'r> {
    value: &'r str,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Clone, Copy, Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Clone, Copy, Serialize)]
struct Position {
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

#[derive(Serialize)]
struct RdSuggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Related {
    message: String,
    location: Location,
}

/// Writes one document.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let document = Document {
        source: SOURCE,
        severity: "WARNING",
        diagnostics: diagnostics(report),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// Writes one diagnostic a line.
pub fn write_lines(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    for mut diagnostic in diagnostics(report) {
        diagnostic.source = Some(SOURCE);
        let mut line = serde_json::to_string(&diagnostic)?;
        if line.len() > LONGEST_LINE {
            // The leak is what has to arrive: the diff can be had from unleak.
            diagnostic.original_output.clear();
            diagnostic.suggestions.clear();
            diagnostic.related_locations.clear();
            line = serde_json::to_string(&diagnostic)?;
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn diagnostics(report: &Report) -> Vec<Diagnostic<'_>> {
    let mut suggestions = suggestions(report, &|_, _| true);
    // reviewdog takes a text without characters for a deletion: it cannot say "one empty line".
    suggestions.retain(|one| one.text != "\n" && !one.carriage_returns);
    let speakers = prose::speakers(report);
    let mut used = vec![false; suggestions.len()];
    let one = |finding: &'_ ReportedFinding| {
        let speaks = |group: &usize| std::ptr::eq(speakers[group], finding);
        let first = finding.state.group().filter(speaks);
        let suggestion = first.and_then(|group| {
            let has = |one: &Suggestion| one.groups.contains(&group);
            let at = suggestions.iter().position(has)?;
            (!std::mem::replace(&mut used[at], true)).then_some(at)
        });
        (first, suggestion)
    };
    let chosen: Vec<_> = report.left().map(one).collect();
    let findings = report.left().zip(chosen);
    let diagnostics = findings.map(|(finding, (first, suggestion))| {
        let suggestion = suggestion.map(|at| &suggestions[at]);
        diagnostic(report, finding, first, suggestion)
    });
    diagnostics.collect()
}

/// `first` is the group that the finding is the first of.
fn diagnostic<'r>(
    report: &'r Report,
    finding: &'r ReportedFinding,
    first: Option<usize>,
    suggestion: Option<&Suggestion>,
) -> Diagnostic<'r> {
    let mut related: Vec<Related> = Vec::new();
    let mut location = location(report, finding.at);
    if let Some(suggestion) = suggestion {
        let range = whole_lines(suggestion.lines.start + 1, suggestion.lines.end);
        let own = std::mem::replace(&mut location.range, range);
        related.push(Related {
            message: "the leak".into(),
            location: Location {
                path: location.path.clone(),
                range: own,
            },
        });
    }
    related.extend(finding.related.iter().map(|(at, text)| Related {
        message: prose::inert(text),
        location: self::location(report, *at),
    }));
    if let (Some(group), None) = (first, suggestion) {
        related.extend(
            report
                .places(group)
                .into_iter()
                .map(|(file, lines)| Related {
                    message: format!("changed by fix group {group}"),
                    location: Location {
                        path: report.path(file),
                        range: whole_lines(*lines.start(), *lines.end()),
                    },
                }),
        );
    }
    let diff = match (first, suggestion) {
        (Some(group), None) => report.diff(group),
        _ => String::new(),
    };
    Diagnostic {
        message: prose::body(report, finding),
        location,
        severity: match finding.severity {
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        source: None,
        code: Code {
            value: finding.rule,
        },
        suggestions: suggestion
            .map(|one| RdSuggestion {
                range: whole_lines(one.lines.start + 1, one.lines.end),
                // reviewdog puts the line break after the text itself.
                text: one.text.strip_suffix('\n').unwrap_or(&one.text).to_owned(),
            })
            .into_iter()
            .collect(),
        original_output: diff,
        related_locations: related,
    }
}

fn location(report: &Report, at: Place) -> Location {
    let position = |line, column| Position {
        line,
        column: Some(column),
    };
    Location {
        path: report.path(at.file),
        range: Range {
            start: position(at.line, at.column),
            end: position(at.end_line, at.end_column),
        },
    }
}

fn whole_lines(first: usize, last: usize) -> Range {
    let position = |line| Position { line, column: None };
    Range {
        start: position(first),
        end: position(last),
    }
}
