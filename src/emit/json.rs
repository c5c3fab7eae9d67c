//! JSON for programs. The schema is documented in `docs/json.md`; a change that is not an addition raises
//! [`VERSION`].

use super::{Place, Report, State, diff};
use crate::analyse::finding::{Applicability, Severity};
use serde::Serialize;
use std::io::{self, Write};

/// Version of the schema.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    findings: Vec<Finding<'r>>,
    groups: Vec<Group<'r>>,
    files: Vec<File<'r>>,
    notices: Vec<Notice<'r>>,
    summary: Summary<'r>,
}

#[derive(Serialize)]
struct Finding<'r> {
    rule: &'r str,
    severity: &'r str,
    message: &'r str,
    fingerprint: String,
    #[serde(flatten)]
    at: Range<'r>,
    related: Vec<Related<'r>>,
    status: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

#[derive(Serialize)]
struct Range<'r> {
    path: std::borrow::Cow<'r, str>,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    offset: usize,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Related<'r> {
    #[serde(flatten)]
    at: Range<'r>,
    message: &'r str,
}

#[derive(Serialize)]
struct Fix<'r> {
    title: &'r str,
    applicability: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<usize>,
}

#[derive(Serialize)]
struct Reason {
    id: &'static str,
    text: &'static str,
}

#[derive(Serialize)]
struct Group<'r> {
    id: usize,
    applicability: &'r str,
    edits: Vec<Edit<'r>>,
}

#[derive(Serialize)]
struct Edit<'r> {
    path: std::borrow::Cow<'r, str>,
    start: u32,
    end: u32,
    text: &'r str,
}

#[derive(Serialize)]
struct File<'r> {
    path: std::borrow::Cow<'r, str>,
    diff: String,
}

#[derive(Serialize)]
struct Notice<'r> {
    path: std::borrow::Cow<'r, str>,
    text: &'r str,
    error: bool,
}

#[derive(Serialize)]
struct Summary<'r> {
    files: usize,
    findings: usize,
    suppressed: usize,
    not_new: usize,
    skipped: std::collections::BTreeMap<&'r str, usize>,
}

/// Writes one document.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report))?;
    writeln!(out)
}

/// One line of [`write_lines`].
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'r> {
    Version { version: u32 },
    Finding(Box<Finding<'r>>),
    Group(Group<'r>),
    File(File<'r>),
    Notice(Notice<'r>),
    Summary(Summary<'r>),
}

/// Writes the same as [`write`], one object a line: each has its `type`.
pub fn write_lines(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let document = document(report);
    let lines = std::iter::once(Line::Version {
        version: document.version,
    })
    .chain(
        document
            .findings
            .into_iter()
            .map(|finding| Line::Finding(Box::new(finding))),
    )
    .chain(document.groups.into_iter().map(Line::Group))
    .chain(document.files.into_iter().map(Line::File))
    .chain(document.notices.into_iter().map(Line::Notice))
    .chain([Line::Summary(document.summary)]);
    for line in lines {
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}

fn document(report: &Report) -> Document<'_> {
    let path = |file: usize| report.files[file].path.to_string_lossy();
    let range = |at: Place| Range {
        path: path(at.file),
        start: Position {
            offset: at.start,
            line: at.line,
            column: at.column,
        },
        end: Position {
            offset: at.end,
            line: at.end_line,
            column: at.end_column,
        },
    };
    let findings = report.findings.iter().map(|finding| {
        let related = finding.related.iter().map(|(at, message)| Related {
            at: range(*at),
            message,
        });
        let (fix, reason) = state(report, &finding.state);
        Finding {
            rule: finding.rule,
            severity: severity(finding.severity),
            message: &finding.message,
            fingerprint: finding.fingerprint.to_string(),
            at: range(finding.at),
            related: related.collect(),
            status: finding.state.id(),
            fix,
            reason,
        }
    });
    let groups = report.groups.iter().enumerate().map(|(id, group)| {
        let edits = group.edits.iter().flat_map(|(file, edits)| {
            edits.iter().map(|edit| Edit {
                path: path(*file),
                start: edit.span.start,
                end: edit.span.end,
                text: &edit.text,
            })
        });
        Group {
            id,
            applicability: applicability(group.applicability),
            edits: edits.collect(),
        }
    });
    let files = report.changed().map(|(file, new)| File {
        path: file.path.to_string_lossy(),
        diff: diff::text(&file.path, &file.old, new),
    });
    let notices = report.notices.iter().map(|notice| Notice {
        path: notice.path.to_string_lossy(),
        text: &notice.text,
        error: notice.error,
    });
    let skipped = report
        .skipped
        .iter()
        .map(|(skip, count)| (skip.id(), *count));
    Document {
        version: VERSION,
        findings: findings.collect(),
        groups: groups.collect(),
        files: files.collect(),
        notices: notices.collect(),
        summary: Summary {
            files: report.analysed,
            findings: report.findings.len(),
            suppressed: report.suppressed,
            not_new: report.not_new,
            skipped: skipped.collect(),
        },
    }
}

fn state<'r>(report: &'r Report, state: &'r State) -> (Option<Fix<'r>>, Option<Reason>) {
    let fix = |title: &'r str, group: usize| Fix {
        title,
        applicability: applicability(report.groups[group].applicability),
        group: Some(group),
    };
    match state {
        State::Offered { title, group } | State::Fixed { title, group } => {
            (Some(fix(title, *group)), None)
        }
        State::Skipped { title, group } => {
            let fix = Fix {
                group: None,
                ..fix(title, *group)
            };
            (Some(fix), None)
        }
        State::Unsafe { title } => {
            let fix = Fix {
                title,
                applicability: applicability(Applicability::Unsafe),
                group: None,
            };
            (Some(fix), None)
        }
        State::Declined(reason) => {
            let reason = Reason {
                id: reason.id(),
                text: reason.text(),
            };
            (None, Some(reason))
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
    }
}

fn applicability(applicability: Applicability) -> &'static str {
    match applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
    }
}
