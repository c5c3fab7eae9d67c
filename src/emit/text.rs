//! Text for people: a line for each finding as compilers print it, then the file's diff. Text before a diff is what
//! `git apply` and `patch` skip, so the output can be piped into them.

use super::{Place, Proved, Report, ReportedFinding, State, diff, name};
use crate::analyse::finding::Severity;
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The findings.
    pub findings: bool,
    /// The diffs.
    pub diffs: bool,
}

/// Writes findings and diffs, file by file in path order. With `colour` the lines carry ANSI escapes.
pub fn write(out: &mut dyn Write, report: &Report, parts: Parts, colour: bool) -> io::Result<()> {
    let paint = Paint { colour };
    let mut findings = report.findings.iter().peekable();
    for (at, file) in report.files.iter().enumerate() {
        while let Some(finding) = findings.next_if(|finding| finding.at.file <= at) {
            if parts.findings {
                write_finding(out, report, finding, paint)?;
            }
        }
        if let (true, Some(new)) = (parts.diffs, &file.new) {
            if colour {
                paint.diff(out, &diff::text(&file.path, &file.old, new))?;
            } else {
                diff::write(out, &file.path, &file.old, new)?;
            }
        }
    }
    Ok(())
}

fn write_finding(
    out: &mut dyn Write,
    report: &Report,
    finding: &ReportedFinding,
    paint: Paint,
) -> io::Result<()> {
    let rule = match finding.severity {
        Severity::Warning => paint.style(AnsiColor::Yellow.on_default().bold(), finding.rule),
        Severity::Info => paint.style(AnsiColor::Cyan.on_default(), finding.rule),
    };
    let place = paint.style(Style::new().bold(), &place(report, finding.at));
    writeln!(out, "{place}: {rule}: {}", finding.message)?;
    for (at, text) in &finding.related {
        writeln!(out, "\t{}: {text}", self::place(report, *at))?;
    }
    writeln!(out, "\t{}", finding.state.line())
}

/// `path:line:column`.
pub fn place(report: &Report, at: Place) -> String {
    let path = report
        .files
        .get(at.file)
        .map(|file| name::shown(&file.path));
    format!("{}:{}:{}", path.unwrap_or_default(), at.line, at.column)
}

/// The last line on stderr: how many of what, and what to do next.
pub fn summary(report: &Report) -> String {
    let count = |number: usize, one: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    };
    let state = |wanted: fn(&State) -> bool| {
        report
            .findings
            .iter()
            .filter(|finding| wanted(&finding.state))
            .count()
    };
    let mut parts = vec![count(report.findings.len(), "finding")];
    let mut part = |number: usize, text: &str| {
        if number > 0 {
            parts.push(format!("{number} {text}"));
        }
    };
    part(state(|state| matches!(state, State::Fixed { .. })), "fixed");
    part(
        state(|state| matches!(state, State::Offered { .. })),
        "with a safe fix (-w applies it)",
    );
    part(
        state(|state| matches!(state, State::Skipped { .. })),
        "not applied",
    );
    part(
        state(|state| matches!(state, State::Unsafe { .. })),
        "with an unsafe fix (--unsafe-fixes)",
    );
    part(
        state(|state| matches!(state, State::Declined(_))),
        "without a fix",
    );
    part(report.suppressed, "suppressed");
    part(report.not_new, "not new");
    let mut summary = format!("{} in {}", parts.join(", "), count(report.analysed, "file"));
    let skipped: Vec<_> = report
        .skipped
        .iter()
        .map(|(skip, number)| format!("{number} {}", skip.id()))
        .collect();
    if !skipped.is_empty() {
        summary += &format!("; skipped: {}", skipped.join(", "));
    }
    if let Some(told) = &report.proved {
        summary += &proved(told);
    }
    summary
}

/// What the go command was asked, and why it was not. Nothing when nothing changes.
fn proved(told: &Proved) -> String {
    let mut text = match told.packages {
        0 => String::new(),
        1 => "; verified with go vet: 1 package".to_owned(),
        packages => format!("; verified with go vet: {packages} packages"),
    };
    let unproved: Vec<&str> = told.unproved.iter().map(String::as_str).collect();
    if !unproved.is_empty() {
        let not = if told.packages == 0 {
            "not verified"
        } else {
            "not all verified"
        };
        text += &format!("; {not}: {}", unproved.join(", "));
    }
    text
}

#[derive(Clone, Copy)]
struct Paint {
    colour: bool,
}

impl Paint {
    fn style(self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn diff(self, out: &mut dyn Write, diff: &str) -> io::Result<()> {
        let mut in_hunk = false;
        for line in diff.split_inclusive('\n') {
            let (line, end) = line
                .strip_suffix('\n')
                .map_or((line, ""), |line| (line, "\n"));
            let style = match line.as_bytes().first() {
                Some(b'@') => {
                    in_hunk = true;
                    AnsiColor::Cyan.on_default()
                }
                Some(b'+') if in_hunk => AnsiColor::Green.on_default(),
                Some(b'-') if in_hunk => AnsiColor::Red.on_default(),
                _ if !in_hunk => Style::new().bold(),
                _ => Style::new(),
            };
            write!(out, "{style}{line}{style:#}{end}")?;
        }
        Ok(())
    }
}
