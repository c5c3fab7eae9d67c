//! GitLab Code Quality: the part of the Code Climate format that GitLab reads, as one JSON array.

use super::{Place, Report, prose};
use crate::analyse::finding::Severity;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};

#[derive(Serialize)]
struct Issue<'r> {
    r#type: &'static str,
    check_name: &'r str,
    description: String,
    content: Content,
    categories: [&'static str; 1],
    severity: &'static str,
    /// GitLab drops an issue whose fingerprint it has already.
    fingerprint: String,
    location: Location,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_locations: Vec<Location>,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// Writes the array; an empty one when there is nothing.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut taken = BTreeSet::new();
    let issues: Vec<Issue<'_>> = report
        .left()
        .map(|finding| {
            let mut fingerprint = finding.fingerprint.to_string();
            while !taken.insert(fingerprint.clone()) {
                fingerprint.push('+');
            }
            let mut others: Vec<Location> = finding
                .related
                .iter()
                .map(|(at, _)| location(report, *at))
                .collect();
            for (file, lines) in finding
                .state
                .group()
                .map_or(Vec::new(), |group| report.places(group))
            {
                others.push(Location {
                    path: report.path(file),
                    lines: Lines {
                        begin: *lines.start(),
                        end: *lines.end(),
                    },
                });
            }
            Issue {
                r#type: "issue",
                check_name: finding.rule,
                description: prose::inert(&format!(
                    "{} ({})",
                    finding.message,
                    finding.state.line()
                )),
                content: Content {
                    body: prose::body(report, finding),
                },
                categories: ["Bug Risk"],
                severity: match finding.severity {
                    Severity::Warning => "major",
                    Severity::Info => "info",
                },
                fingerprint,
                location: location(report, finding.at),
                other_locations: others,
            }
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn location(report: &Report, at: Place) -> Location {
    Location {
        path: report.path(at.file),
        lines: Lines {
            begin: at.line,
            end: at.end_line,
        },
    }
}
