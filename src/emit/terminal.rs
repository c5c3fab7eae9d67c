//! What a person sees on a terminal: each finding with its path in one sentence, its fix as a hunk with line numbers, and
//! a table of what came of each rule. Nothing of the code or of a file's name can move the cursor or change colours.

use super::name::plain;
use super::{Place, Report, ReportedFinding, State, name, prose};
use crate::analyse::finding::{Applicability, Severity};
use anstyle::{AnsiColor, Style};
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Prose is not longer than this on a wide terminal: longer lines are hard to read.
const LONGEST: usize = 110;
/// Lines around a change.
const CONTEXT: usize = 2;
/// Go's tab, on a terminal.
const TAB: &str = "    ";

/// The terminal.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// With colours.
    pub colour: bool,
    /// Columns.
    pub width: usize,
    /// Places are links (OSC 8).
    pub links: bool,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

impl View {
    fn style(self, style: Style, text: &str) -> String {
        match self.colour {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }

    fn place(self, report: &Report, at: Place) -> String {
        let file = &report.files[at.file];
        let text = format!("{}:{}:{}", name::shown(&file.path), at.line, at.column);
        let text = self.style(BOLD, &text);
        if !self.links {
            return text;
        }
        let url = name::file_url(&report.directory.join(&file.path));
        format!("\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\")
    }

    /// Words on lines of the terminal's width, all but the first indented by `indent`.
    fn wrap(self, text: &str, indent: usize) -> String {
        let width = self.width.clamp(30, LONGEST);
        let mut wrapped = String::new();
        let mut column = indent;
        for (at, word) in text.split(' ').enumerate() {
            let length = word.chars().count();
            if at > 0 && column + 1 + length > width {
                let _ = write!(wrapped, "\n{:indent$}", "");
                column = indent;
            } else if at > 0 {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(word);
            column += length;
        }
        wrapped
    }
}

/// Writes the findings, each with the hunks of its fix unless they are written already.
pub fn write(out: &mut dyn Write, report: &Report, view: View) -> io::Result<()> {
    let mut told = BTreeSet::new();
    for finding in &report.findings {
        write_finding(out, report, finding, view)?;
        if let State::Offered { group, .. } = finding.state {
            if told.insert(group) {
                write_hunks(out, report, group, view)?;
            } else {
                writeln!(out, "  {}", view.style(DIM, "(its change is shown above)"))?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// One finding: place and rule, what leaks, on which path, and what is done about it.
pub fn write_finding(
    out: &mut dyn Write,
    report: &Report,
    finding: &ReportedFinding,
    view: View,
) -> io::Result<()> {
    let colour = match finding.severity {
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Info => AnsiColor::Cyan.on_default(),
    };
    let rule = view.style(colour, finding.rule);
    writeln!(out, "{}  {rule}", view.place(report, finding.at))?;
    writeln!(out, "  {}", view.wrap(&plain(&finding.message), 2))?;
    if !finding.related.is_empty() {
        let path = view.wrap(&path(report, finding), 2);
        writeln!(out, "  {}", view.style(DIM, &path))?;
    }
    let colour = match &finding.state {
        State::Offered { .. } | State::Fixed { .. } => AnsiColor::Green.on_default(),
        State::Unsafe { .. } => AnsiColor::Magenta.on_default(),
        State::Skipped { .. } | State::Declined(_) => AnsiColor::Red.on_default(),
    };
    let line = plain(&finding.state.line());
    let (kind, rest) = line.split_once(": ").unwrap_or((&line, ""));
    let rest = view.wrap(rest, kind.len() + 4);
    writeln!(out, "  {}: {rest}", view.style(colour, kind))
}

/// The steps of the leaking path in one sentence: `line 24 acquired here → line 30 the function returns here`.
fn path(report: &Report, finding: &ReportedFinding) -> String {
    let mut file = finding.at.file;
    let steps = finding.related.iter().map(|(at, text)| {
        let place = match at.file == file {
            true => format!("line {}", at.line),
            false => format!("{}:{}", name::shown(&report.files[at.file].path), at.line),
        };
        file = at.file;
        format!("{place} {}", plain(text))
    });
    steps.collect::<Vec<_>>().join(" → ")
}

/// What a group changes, file by file, with line numbers of the new text.
pub fn write_hunks(
    out: &mut dyn Write,
    report: &Report,
    group: usize,
    view: View,
) -> io::Result<()> {
    let only = BTreeSet::from([group]);
    let files: Vec<usize> = report.groups[group].edits.keys().copied().collect();
    for &file in &files {
        let Some(new) = report.with(&only, file) else {
            continue;
        };
        let path = name::shown(&report.files[file].path);
        writeln!(out, "  {}", view.style(DIM, &format!("── {path}")))?;
        write_diff(out, &report.files[file].old, &new, view)?;
    }
    if files.len() > 1 || report.groups[group].applicability == Applicability::Unsafe {
        let note = prose::together(report, group).unwrap_or_default();
        writeln!(out, "  {}", view.style(DIM, &view.wrap(&note, 2)))?;
    }
    Ok(())
}

fn write_diff(out: &mut dyn Write, old: &str, new: &str, view: View) -> io::Result<()> {
    let lines = |text: &'_ str| -> Vec<String> { text.lines().map(shown).collect() };
    let (old, new) = (lines(old), lines(new));
    let digits = new.len().to_string().len();
    let hunks = group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT);
    for (at, hunk) in hunks.iter().enumerate() {
        if at > 0 {
            writeln!(out, "  {}", view.style(DIM, &format!("{:>digits$} ⋮", "")))?;
        }
        for op in hunk {
            let same = matches!(op, DiffOp::Equal { .. });
            if !same {
                for line in &old[op.old_range()] {
                    let line = format!("{:>digits$} - {line}", "");
                    writeln!(out, "  {}", view.style(AnsiColor::Red.on_default(), &line))?;
                }
            }
            for number in op.new_range() {
                let line = &new[number];
                let number = number + 1;
                if same {
                    let gutter = view.style(DIM, &format!("{number:>digits$}"));
                    writeln!(out, "  {gutter}   {line}")?;
                } else {
                    let line = format!("{number:>digits$} + {line}");
                    writeln!(
                        out,
                        "  {}",
                        view.style(AnsiColor::Green.on_default(), &line)
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// A line of code on a terminal.
fn shown(line: &str) -> String {
    plain(&line.replace('\t', TAB))
}

/// How many findings of each rule came to which end, with the reasons of those that were declined.
pub fn write_table(out: &mut dyn Write, report: &Report, view: View) -> io::Result<()> {
    #[derive(Default)]
    struct Row {
        found: usize,
        fixed: usize,
        offered: usize,
        needs_consent: usize,
        skipped: usize,
        declined: BTreeMap<&'static str, usize>,
    }
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for finding in &report.findings {
        let row = rows.entry(finding.rule).or_default();
        row.found += 1;
        match &finding.state {
            State::Fixed { .. } => row.fixed += 1,
            State::Offered { .. } => row.offered += 1,
            State::Unsafe { .. } => row.needs_consent += 1,
            State::Skipped { .. } => row.skipped += 1,
            State::Declined(reason) => *row.declined.entry(reason.id()).or_default() += 1,
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let widest = rows
        .keys()
        .map(|rule| rule.len())
        .max()
        .unwrap_or_default()
        .max(4);
    let skips = rows.values().any(|row| row.skipped > 0);
    let mut head = format!("{:<widest$}  found  fixed  fix  unsafe", "rule");
    if skips {
        head += "  skipped";
    }
    head += "  no fix";
    writeln!(out, "{}", view.style(BOLD, &head))?;
    for (rule, row) in rows {
        let number = |number: usize, width: usize| match number {
            0 => format!("{:>width$}", "·"),
            _ => format!("{number:>width$}"),
        };
        let declined: usize = row.declined.values().sum();
        let mut line = format!(
            "{rule:<widest$}  {}  {}  {}  {}",
            number(row.found, 5),
            number(row.fixed, 5),
            number(row.offered, 3),
            number(row.needs_consent, 6)
        );
        if skips {
            line += &format!("  {}", number(row.skipped, 7));
        }
        line += &format!("  {}", number(declined, 6));
        let mut reasons: Vec<(&str, usize)> = row.declined.into_iter().collect();
        reasons.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
        let reasons: Vec<String> = reasons
            .iter()
            .map(|(id, count)| format!("{id} {count}"))
            .collect();
        let indent = line.chars().count() + 2;
        if !reasons.is_empty() && indent + 20 <= view.width {
            let reasons = view.wrap(&reasons.join(", "), indent);
            line += &format!("  {}", view.style(DIM, &reasons));
        } else if !reasons.is_empty() {
            let reasons = view.wrap(&reasons.join(", "), 4);
            line += &format!("\n    {}", view.style(DIM, &reasons));
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: View = View {
        colour: false,
        width: 40,
        links: false,
    };

    #[test]
    fn words_are_wrapped_with_their_indent() {
        let text = "a word and another word and one more and an end";
        let wrapped = VIEW.wrap(text, 4);
        assert_eq!(
            wrapped,
            "a word and another word and one more\n    and an end"
        );
        assert!(View { width: 200, ..VIEW }.wrap(text, 4).lines().count() == 1);
    }

    #[test]
    fn code_cannot_move_the_cursor() {
        assert_eq!(
            shown("\tx\x1b[2J\r\u{202e}"),
            "    x\u{fffd}[2J\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn a_hunk_has_the_new_texts_line_numbers() {
        let mut out = Vec::new();
        write_diff(&mut out, "a\nb\nc\nd\n", "a\nb\nx\ny\nd\n", VIEW).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(
            said,
            "  1   a\n  2   b\n    - c\n  3 + x\n  4 + y\n  5   d\n"
        );
    }
}
