//! Charts as inline SVG: findings by rule and by package, each bar parted by what became of them.

use super::{ENDS, Report, ReportedFinding, Text, count};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

/// A bar and the space to the next, in SVG units (pixels at full width).
const STEP: usize = 44;
const WIDTH: usize = 520;
/// Packages beyond these are one bar.
const BARS: usize = 12;

/// Writes both charts with one legend.
pub(super) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut rules: BTreeMap<String, Vec<&ReportedFinding>> = BTreeMap::new();
    let mut packages: BTreeMap<String, Vec<&ReportedFinding>> = BTreeMap::new();
    for finding in &report.findings {
        rules
            .entry(finding.rule.to_owned())
            .or_default()
            .push(finding);
        let path = report.path(finding.at.file);
        let package = Path::new(&path)
            .parent()
            .map(|parent| parent.to_string_lossy().into_owned());
        let package = package
            .filter(|package| !package.is_empty())
            .unwrap_or_else(|| ".".into());
        packages.entry(package).or_default().push(finding);
    }
    writeln!(out, "<h2>Charts</h2>\n<ul class=\"legend\">")?;
    let counts = count(report.findings.iter());
    for (class, meaning) in ENDS.iter().filter(|(class, _)| counts.contains_key(class)) {
        writeln!(
            out,
            "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"10\" height=\"10\" rx=\"2\"/></svg>{meaning}</li>"
        )?;
    }
    writeln!(out, "</ul>\n<div class=\"charts\">")?;
    bars(out, "Findings by rule", sorted(rules))?;
    bars(out, "Findings by package", sorted(packages))?;
    writeln!(out, "</div>")
}

type Bar<'r> = (String, Vec<&'r ReportedFinding>);

/// The longest first; the rest as one.
fn sorted(bars: BTreeMap<String, Vec<&ReportedFinding>>) -> Vec<Bar<'_>> {
    let mut bars: Vec<Bar<'_>> = bars.into_iter().collect();
    bars.sort_by_key(|(_, findings)| std::cmp::Reverse(findings.len()));
    if bars.len() > BARS {
        let rest = bars.split_off(BARS - 1);
        let name = format!("{} others", rest.len());
        bars.push((
            name,
            rest.into_iter()
                .flat_map(|(_, findings)| findings)
                .collect(),
        ));
    }
    bars
}

fn bars(out: &mut dyn Write, title: &str, bars: Vec<Bar<'_>>) -> io::Result<()> {
    let most = bars
        .iter()
        .map(|(_, findings)| findings.len())
        .max()
        .unwrap_or(1);
    let said: Vec<String> = bars
        .iter()
        .map(|(name, findings)| format!("{name}: {}", findings.len()))
        .collect();
    writeln!(
        out,
        "<figure style=\"margin:0\">\n<figcaption><strong>{title}</strong></figcaption>\n\
         <svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{title}. {}\">",
        bars.len() * STEP + 6,
        Text(&said.join(", "))
    )?;
    for (at, (name, findings)) in bars.iter().enumerate() {
        let y = at * STEP + 18;
        writeln!(
            out,
            "<text x=\"0\" y=\"{y}\">{}</text>",
            Text(&shortened(name))
        )?;
        let counts = count(findings.iter().copied());
        let mut x = 0.0;
        for (class, _) in ENDS {
            let Some(count) = counts.get(class) else {
                continue;
            };
            let width = *count as f64 * (WIDTH - 60) as f64 / most as f64;
            let top = y + 6;
            writeln!(
                out,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"14\"/>"
            )?;
            x += width;
        }
        let (x, y) = (x + 6.0, y + 18);
        writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y}\">{}</text>",
            findings.len()
        )?;
    }
    writeln!(out, "</svg>\n</figure>")
}

/// The end of a long name: it tells more than the beginning.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 60;
    let length = name.chars().count();
    match length > LONGEST {
        true => format!(
            "…{}",
            name.chars().skip(length - LONGEST).collect::<String>()
        ),
        false => name.to_owned(),
    }
}
