//! SARIF 2.1.0 (OASIS standard), as code scanning and editors read it.

use super::{Place, Report, ReportedFinding, State, name, prose};
use crate::analyse::finding::Severity;
use serde_json::{Value, json};
use std::io::{self, Write};

/// GitHub takes this many results of a run and drops the others
/// (docs.github.com, "SARIF support for code scanning", limits).
const MOST: usize = 25_000;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one log with one run.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut findings: Vec<&ReportedFinding> = report.left().collect();
    let all = findings.len();
    if all > MOST {
        // What leaks per call comes before what lives as long as the process.
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings.truncate(MOST);
    }
    let speakers = prose::speakers(report);
    let results = findings.into_iter().map(|finding| {
        let group = finding.state.group();
        let speaks = group.and_then(|group| speakers.get(&group));
        let speaks = speaks.is_some_and(|speaker| std::ptr::eq(*speaker, finding));
        result(report, finding, speaks)
    });
    let results: Vec<Value> = results.collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "unleak",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules(report),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "The directory that unleak ran in." } } },
            "invocations": [{
                "executionSuccessful": !report.failed(),
                "toolExecutionNotifications": notifications(report, all),
            }],
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rules(report: &Report) -> Vec<Value> {
    let rule = |rule: &super::ReportedRule| {
        let title = format!("# {}\n", rule.id);
        let help = rule
            .readme
            .strip_prefix(&title)
            .unwrap_or(rule.readme)
            .trim_start();
        json!({
            "id": rule.id,
            "name": rule.id,
            "shortDescription": { "text": rule.summary },
            "fullDescription": { "text": rule.summary },
            "help": { "text": help, "markdown": help },
            "defaultConfiguration": { "level": "warning" },
            "properties": { "tags": ["correctness", "resource-leak"], "precision": "high" },
        })
    };
    report.rules.iter().map(rule).collect()
}

fn notifications(report: &Report, all: usize) -> Vec<Value> {
    let mut notifications: Vec<Value> = report
        .notices
        .iter()
        .map(|notice| {
            let path = name::shown(&notice.path);
            json!({
                "level": if notice.error { "error" } else { "note" },
                "message": { "text": text(&format!("{path}: {}", notice.text)) },
            })
        })
        .collect();
    if let Some(left_out) = all.checked_sub(MOST).filter(|left_out| *left_out > 0) {
        let said = format!("{left_out} of {all} results are left out: code scanning takes {MOST}");
        notifications.push(json!({ "level": "warning", "message": { "text": said } }));
    }
    notifications
}

/// `speaks`: the fix of the finding's group is told here.
fn result(report: &Report, finding: &ReportedFinding, speaks: bool) -> Value {
    let mut related: Vec<Value> = Vec::new();
    let mut relate = |mut location: Value, message: &str| {
        location["id"] = json!(related.len());
        location["message"] = json!({ "text": text(message) });
        related.push(location);
    };
    for (at, message) in &finding.related {
        relate(location(report, *at), message);
    }
    let group = finding.state.group();
    for (file, lines) in group.map_or(Vec::new(), |group| report.places(group)) {
        let region = json!({ "startLine": lines.start(), "endLine": lines.end() });
        let message = format!("changed by fix group {}", group.unwrap_or_default());
        relate(
            json!({ "physicalLocation": physical(report, file, region) }),
            &message,
        );
    }
    let mut properties = json!({ "status": finding.state.id() });
    if let Some(group) = group {
        properties["group"] = json!(group);
    }
    if let State::Declined(reason) = finding.state {
        properties["reason"] = json!(reason.id());
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "level": match finding.severity {
            Severity::Warning => "warning",
            Severity::Info => "note",
        },
        "message": { "text": text(&format!("{}. {}", finding.message, sentence(&finding.state.line()))) },
        "locations": [location(report, finding.at)],
        "partialFingerprints": {
            "primaryLocationLineHash": format!("{}:1", finding.fingerprint),
            "unleak/v1": finding.fingerprint.to_string(),
        },
        "properties": properties,
    });
    if let Some(index) = report.rules.iter().position(|rule| rule.id == finding.rule) {
        result["ruleIndex"] = json!(index);
    }
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if let (Some(group), true) = (group, speaks) {
        result["fixes"] = json!([fix(report, group, &finding.state)]);
    }
    result
}

fn fix(report: &Report, group: usize, state: &State) -> Value {
    let changes = report.groups[group].edits.iter().map(|(&file, edits)| {
        let replacements = edits.iter().map(|edit| {
            let span = edit.span.range();
            json!({
                "deletedRegion": region(&report.files[file].old, span.start, span.end),
                "insertedContent": { "text": edit.text },
            })
        });
        json!({
            "artifactLocation": artifact(report, file),
            "replacements": replacements.collect::<Vec<_>>(),
        })
    });
    json!({
        "description": { "text": text(&sentence(&state.line())) },
        "artifactChanges": changes.collect::<Vec<_>>(),
    })
}

fn location(report: &Report, at: Place) -> Value {
    let region = region(&report.files[at.file].old, at.start, at.end);
    json!({ "physicalLocation": physical(report, at.file, region) })
}

fn physical(report: &Report, file: usize, region: Value) -> Value {
    json!({ "artifactLocation": artifact(report, file), "region": region })
}

fn artifact(report: &Report, file: usize) -> Value {
    let uri = uri(&report.path(file));
    match uri.starts_with('/') {
        true => json!({ "uri": format!("file://{uri}") }),
        false => json!({ "uri": uri, "uriBaseId": "%SRCROOT%" }),
    }
}

/// Lines and columns from 1; columns count code points, and the end is exclusive.
fn region(old: &str, start: usize, end: usize) -> Value {
    let position = |offset: usize| {
        let before = &old[..offset];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[begin..].chars().count() + 1)
    };
    let ((start_line, start_column), (end_line, end_column)) = (position(start), position(end));
    json!({
        "startLine": start_line,
        "startColumn": start_column,
        "endLine": end_line,
        "endColumn": end_column,
        "byteOffset": start,
        "byteLength": end - start,
    })
}

/// A relative reference (RFC 3986): what is not unreserved is percent-encoded, `/` stays.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into());
            }
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

/// Message text: `[text](target)` would be a link (SARIF 3.11.6).
fn text(text: &str) -> String {
    prose::inert(text)
}

fn sentence(line: &str) -> String {
    let mut chars = line.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_code_points() {
        let region = region("a\né𝄞x\n", 2, 9);
        assert_eq!(
            (&region["startLine"], &region["startColumn"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(
            (&region["endLine"], &region["endColumn"]),
            (&json!(2), &json!(4))
        );
    }

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("a b/é#?.go"), "a%20b/%C3%A9%23%3F.go");
    }
}
