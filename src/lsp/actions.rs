//! Fixes as code actions. A quick fix is one atomic group with all of its files; `source.fixAll.unleak`, which editors
//! run when a file is saved, is every safe group that lies in the document alone.

use super::documents::Documents;
use super::{Client, diagnostics};
use crate::analyse::finding::Applicability;
use crate::emit::{Report, ReportedFinding, State};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextEdit, WorkspaceEdit,
};
use std::collections::{BTreeSet, HashMap};

/// What an editor may do when a file is saved.
pub(super) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.unleak");

/// What an editor asks for.
pub(super) struct Wanted<'a> {
    params: &'a CodeActionParams,
    client: &'a Client,
    documents: &'a Documents,
    report: Option<&'a Report>,
    with_unsafe: Option<Report>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(
        params: &'a CodeActionParams,
        client: &'a Client,
        documents: &'a Documents,
    ) -> Wanted<'a> {
        Wanted {
            params,
            client,
            documents,
            report: documents.report(&params.text_document.uri),
            with_unsafe: None,
        }
    }

    /// Whether there is something here that only unsafe fixes mend.
    pub(super) fn unsafe_fixes(&self) -> bool {
        let is_unsafe = |finding: &ReportedFinding| matches!(finding.state, State::Unsafe { .. });
        self.wants(&CodeActionKind::QUICKFIX)
            && self
                .here(self.report)
                .any(|(_, finding)| is_unsafe(finding))
    }

    pub(super) fn offer_unsafe(&mut self, report: Report) {
        self.with_unsafe = Some(report);
    }

    pub(super) fn actions(&self) -> Vec<CodeAction> {
        let mut actions = Vec::new();
        if self.wants(&CodeActionKind::QUICKFIX) {
            actions.extend(self.quick_fixes(self.report, Applicability::Safe));
            actions.extend(self.quick_fixes(self.with_unsafe.as_ref(), Applicability::Unsafe));
        }
        if self.wants(&FIX_ALL) {
            actions.extend(self.fix_all());
        }
        actions
    }

    /// A kind is asked for by its name, by that of a kind above it, or by none at all.
    fn wants(&self, kind: &CodeActionKind) -> bool {
        let Some(only) = &self.params.context.only else {
            return true;
        };
        let below = |above: &CodeActionKind| {
            let rest = kind.as_str().strip_prefix(above.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        only.iter().any(below)
    }

    /// The findings in the range that the editor asks about.
    fn here<'r>(
        &self,
        report: Option<&'r Report>,
    ) -> impl Iterator<Item = (&'r Report, &'r ReportedFinding)> {
        let wanted = self.params.range;
        let client = self.client;
        let touches = move |at: Range| at.start <= wanted.end && wanted.start <= at.end;
        report.into_iter().flat_map(move |report| {
            let findings = report.findings.iter();
            let here = findings
                .filter(move |finding| touches(diagnostics::range(report, finding.at, client)));
            here.map(move |finding| (report, finding))
        })
    }

    fn quick_fixes(
        &self,
        report: Option<&Report>,
        applicability: Applicability,
    ) -> Vec<CodeAction> {
        let mut seen = BTreeSet::new();
        let fixes = self.here(report).filter_map(|(report, finding)| {
            let State::Offered { title, group } = &finding.state else {
                return None;
            };
            let of = report.groups[*group].applicability;
            if of != applicability || !seen.insert(*group) {
                return None;
            }
            let consent = match applicability {
                Applicability::Safe => "",
                Applicability::Unsafe => " (unsafe: look at what it changes)",
            };
            Some(CodeAction {
                title: format!("{title}{consent}"),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![diagnostics::diagnostic(
                    report,
                    finding,
                    self.client,
                    self.documents,
                )]),
                edit: Some(self.edit(report, &BTreeSet::from([*group]))?),
                is_preferred: Some(applicability == Applicability::Safe),
                ..CodeAction::default()
            })
        });
        fixes.collect()
    }

    fn fix_all(&self) -> Option<CodeAction> {
        let report = self.report?;
        let uri = Some(&self.params.text_document.uri);
        let alone = |file: &usize| {
            let path = report.directory.join(&report.files[*file].path);
            self.documents.known_as(&path).0.as_ref() == uri
        };
        let groups = report.groups.iter().enumerate();
        let groups: BTreeSet<usize> = groups
            .filter(|(_, group)| {
                group.applicability == Applicability::Safe && group.edits.keys().all(alone)
            })
            .map(|(number, _)| number)
            .collect();
        if groups.is_empty() {
            return None;
        }
        Some(CodeAction {
            title: "Fix all leaks in this file that can be fixed safely".into(),
            kind: Some(FIX_ALL),
            edit: Some(self.edit(report, &groups)?),
            ..CodeAction::default()
        })
    }

    /// What these groups change, all of their files; none when that cannot be said.
    fn edit(&self, report: &Report, groups: &BTreeSet<usize>) -> Option<WorkspaceEdit> {
        let files: BTreeSet<usize> = groups
            .iter()
            .flat_map(|&group| report.groups[group].edits.keys().copied())
            .collect();
        let mut changes = Vec::new();
        for file in files {
            let text = &report.files[file].old;
            let (uri, version) = self
                .documents
                .known_as(&report.directory.join(&report.files[file].path));
            let edits = report
                .edits(groups, file)?
                .into_iter()
                .map(|edit| TextEdit {
                    range: self.client.encoding.range(
                        text,
                        edit.span.start as usize,
                        edit.span.end as usize,
                    ),
                    new_text: edit.text,
                });
            changes.push((uri?, version, edits.collect::<Vec<_>>()));
        }
        Some(match self.client.versions {
            true => {
                let one = |(uri, version, edits): (_, _, Vec<TextEdit>)| TextDocumentEdit {
                    text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
                    edits: edits.into_iter().map(OneOf::Left).collect(),
                };
                let changes = changes.into_iter().map(one).collect();
                WorkspaceEdit {
                    document_changes: Some(DocumentChanges::Edits(changes)),
                    ..WorkspaceEdit::default()
                }
            }
            false => {
                let changes = changes.into_iter().map(|(uri, _, edits)| (uri, edits));
                #[expect(clippy::mutable_key_type, reason = "a URI's text does not change")]
                let changes: HashMap<_, _> = changes.collect();
                WorkspaceEdit::new(changes)
            }
        })
    }
}
