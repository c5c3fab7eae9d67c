//! GitHub Actions annotations: workflow commands on stdout. The format and its escapes are those of `@actions/core`
//! (`command.ts`).

use super::{Report, ReportedFinding, prose};
use crate::analyse::finding::Severity;
use std::io::{self, Write};

/// Writes one command a finding.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    for finding in report.left() {
        writeln!(out, "{}", command(report, finding))?;
    }
    Ok(())
}

fn command(report: &Report, finding: &ReportedFinding) -> String {
    let kind = match finding.severity {
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let at = finding.at;
    let mut properties = format!("file={},line={}", property(&report.path(at.file)), at.line);
    // GitHub ignores an annotation of several lines that has columns.
    if at.end_line > at.line {
        properties += &format!(",endLine={}", at.end_line);
    } else {
        properties += &format!(",col={},endColumn={}", at.column, at.end_column);
    }
    let title = property(&format!("unleak: {}", finding.rule));
    let mut message = prose::body(report, finding);
    for (at, text) in &finding.related {
        message += &format!("\n{}", prose::step(report, *at, text));
    }
    format!("::{kind} {properties},title={title}::{}", data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_or_begin_another_is_escaped() {
        assert_eq!(
            data("100%\r\n::set-output name=a::b"),
            "100%25%0D%0A::set-output name=a::b"
        );
        assert_eq!(property("a,b:c\n%"), "a%2Cb%3Ac%0A%25");
    }
}
