//! One self-contained page: summary, charts, and every finding with its diff side by side. It needs no network and no
//! script; a screen reader hears the same as is seen.

mod chart;
mod diff;

use super::{Report, ReportedFinding, State, name, prose};
use crate::analyse::finding::Applicability;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::io::{self, Write};

const STYLE: &str = include_str!("style.css");

/// What became of findings, as counted and coloured: class, heading, meaning.
const ENDS: [(&str, &str); 5] = [
    ("fixed", "fixed"),
    ("offered", "with a fix"),
    ("unsafe", "with an unsafe fix"),
    ("skipped", "not wanted"),
    ("declined", "without a fix"),
];

/// Text in HTML: nothing in it is markup.
struct Text<'t>(&'t str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' => f.write_str("\t")?,
                c if name::hostile(c) => f.write_str("\u{fffd}")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

/// Writes the page.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let counts = count(report.findings.iter());
    let all = report.findings.len();
    // No source but this page's own: even markup that slipped through could load or run nothing.
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>unleak: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>unleak: {}</h1>\n<p class=\"dim\">{} analysed{}.</p>\n",
        number(all, "finding"),
        number(all, "finding"),
        number(report.analysed, "file"),
        match report.suppressed {
            0 => String::new(),
            suppressed => format!(", {} suppressed by comments", number(suppressed, "finding")),
        }
    )?;
    writeln!(out, "<ul class=\"tiles\" aria-label=\"Summary\">")?;
    for (class, meaning) in ENDS {
        if let Some(count) = counts.get(class) {
            writeln!(out, "<li><b>{count}</b> {meaning}</li>")?;
        }
    }
    writeln!(out, "</ul>")?;
    if all > 0 {
        write_table(out, report)?;
        chart::write(out, report)?;
        write_findings(out, report)?;
    }
    write_notices(out, report)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

fn number(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}

/// How many findings came to which end.
fn count<'r>(findings: impl Iterator<Item = &'r ReportedFinding>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.state.id()).or_default() += 1;
    }
    counts
}

fn write_table(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut rules: BTreeMap<&str, Vec<&ReportedFinding>> = BTreeMap::new();
    for finding in &report.findings {
        rules.entry(finding.rule).or_default().push(finding);
    }
    writeln!(
        out,
        "<h2>By rule</h2>\n<div class=\"scroll\" role=\"region\" aria-label=\"By rule\" tabindex=\"0\"><table class=\"sum\">\n<thead><tr><th scope=\"col\">Rule</th>\
         <th scope=\"col\">Found</th><th scope=\"col\">Fixed</th><th scope=\"col\">Fix</th><th scope=\"col\">Unsafe fix</th>\
         <th scope=\"col\">No fix</th><th scope=\"col\">Why not</th></tr></thead>\n<tbody>"
    )?;
    for (rule, findings) in rules {
        let counts = count(findings.iter().copied());
        let of = |id: &str| counts.get(id).copied().unwrap_or_default();
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &findings {
            if let State::Declined(reason) = finding.state {
                *reasons.entry(reason.id()).or_default() += 1;
            }
        }
        let reasons: Vec<String> = reasons
            .iter()
            .map(|(id, count)| format!("{id} {count}"))
            .collect();
        writeln!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            Text(rule),
            findings.len(),
            of("fixed"),
            of("offered"),
            of("unsafe"),
            of("declined"),
            Text(&reasons.join(", "))
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn write_findings(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "<h2>Findings</h2>")?;
    let mut shown = BTreeSet::new();
    for (at, finding) in report.findings.iter().enumerate() {
        let place = super::text::place(report, finding.at);
        writeln!(
            out,
            "<article aria-labelledby=\"f{at}\">\n<header><h3 id=\"f{at}\"><code>{}</code></h3>\n\
             <p><code>{}</code> <span class=\"badge\">{}</span></p></header>\n<div>\n<p>{}</p>",
            Text(&place),
            Text(finding.rule),
            finding.state.id(),
            Text(&finding.message)
        )?;
        if !finding.related.is_empty() {
            writeln!(out, "<ol class=\"path\" aria-label=\"Path of the leak\">")?;
            for (at, text) in &finding.related {
                let place = super::text::place(report, *at);
                writeln!(out, "<li><code>{}</code> {}</li>", Text(&place), Text(text))?;
            }
            writeln!(out, "</ol>")?;
        }
        writeln!(out, "<p>{}</p>", Text(&finding.state.line()))?;
        if let Some(group) = finding.state.group() {
            if shown.insert(group) {
                write_group(out, report, group, shown.len() <= OPEN)?;
            } else {
                writeln!(
                    out,
                    "<p><a href=\"#g{group}\">The change is that of fix group {group}.</a></p>"
                )?;
            }
        }
        writeln!(out, "</div>\n</article>")?;
    }
    Ok(())
}

/// So many changes are unfolded at first.
const OPEN: usize = 20;

fn write_group(out: &mut dyn Write, report: &Report, group: usize, open: bool) -> io::Result<()> {
    let files = report.groups[group].edits.len();
    let consent = match report.groups[group].applicability {
        Applicability::Safe => "",
        Applicability::Unsafe => ", unsafe",
    };
    let open = if open { " open" } else { "" };
    writeln!(
        out,
        "<details id=\"g{group}\"{open}>\n<summary>Fix group {group}: {}{consent}, applied as a whole</summary>",
        number(files, "file")
    )?;
    let only = BTreeSet::from([group]);
    for &file in report.groups[group].edits.keys() {
        if let Some(new) = report.with(&only, file) {
            let path = name::shown(&report.files[file].path);
            diff::write(out, &path, &report.files[file].old, &new)?;
        }
    }
    writeln!(out, "</details>")
}

fn write_notices(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    if report.notices.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Remarks</h2>\n<ul>")?;
    for notice in &report.notices {
        let path = name::shown(&notice.path);
        let kind = if notice.error { "Error: " } else { "" };
        let text = prose::inert(&notice.text);
        writeln!(
            out,
            "<li>{kind}<code>{}</code>: {}</li>",
            Text(&path),
            Text(&text)
        )?;
    }
    writeln!(out, "</ul>")
}
