//! Findings as diagnostics.

use super::Client;
use super::documents::Documents;
use crate::analyse::finding::Severity;
use crate::emit::{Place, Report, ReportedFinding};
use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Range,
};

/// What a report says of the document that it is of.
pub(super) fn diagnostics(
    report: &Report,
    client: &Client,
    documents: &Documents,
) -> Vec<Diagnostic> {
    let one = |finding| diagnostic(report, finding, client, documents);
    report.findings.iter().map(one).collect()
}

/// One finding: what leaks, and what can be done about it.
pub(super) fn diagnostic(
    report: &Report,
    finding: &ReportedFinding,
    client: &Client,
    documents: &Documents,
) -> Diagnostic {
    let related = finding.related.iter().filter_map(|(at, text)| {
        let path = report.directory.join(&report.files[at.file].path);
        Some(DiagnosticRelatedInformation {
            location: Location::new(documents.known_as(&path).0?, range(report, *at, client)),
            message: text.clone(),
        })
    });
    Diagnostic {
        range: range(report, finding.at, client),
        severity: Some(match finding.severity {
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(finding.rule.into())),
        source: Some("unleak".into()),
        message: format!("{}\n{}", finding.message, finding.state.line()),
        related_information: client.related.then(|| related.collect()),
        ..Diagnostic::default()
    }
}

pub(super) fn range(report: &Report, at: Place, client: &Client) -> Range {
    client
        .encoding
        .range(&report.files[at.file].old, at.start, at.end)
}
