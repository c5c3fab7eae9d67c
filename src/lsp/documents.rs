//! The documents that are open in the editor, and what was found in each.

use super::{Asked, place};
use crate::emit::Report;
use crate::pipeline::Given;
use lsp_types::{DidChangeTextDocumentParams, TextDocumentItem, Uri};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The open documents that are Go files.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<Uri, Document>,
}

#[derive(Debug)]
struct Document {
    path: PathBuf,
    version: i32,
    text: Arc<str>,
    /// Of this text; none when it has changed since.
    report: Option<Report>,
}

impl Documents {
    pub(super) fn open(&mut self, item: TextDocumentItem) {
        let go = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "go");
        if let Some(path) = place::path(&item.uri).filter(go) {
            let document = Document {
                path,
                version: item.version,
                text: item.text.into(),
                report: None,
            };
            self.open.insert(item.uri, document);
        }
    }

    pub(super) fn change(&mut self, params: DidChangeTextDocumentParams) {
        let id = params.text_document;
        // Each change is the whole text: nothing else was agreed on.
        if let (Some(document), Some(change)) = (
            self.open.get_mut(&id.uri),
            params.content_changes.into_iter().last(),
        ) {
            document.version = id.version;
            document.text = change.text.into();
            document.report = None;
        }
    }

    /// What was found may no longer be true: a file has changed on disk.
    pub(super) fn forget(&mut self) {
        for document in self.open.values_mut() {
            document.report = None;
        }
    }

    pub(super) fn close(&mut self, uri: &Uri) {
        self.open.remove(uri);
    }

    pub(super) fn analysed(&mut self, uri: &Uri, report: Report) {
        if let Some(document) = self.open.get_mut(uri) {
            document.report = Some(report);
        }
    }

    pub(super) fn changed(&self, uri: &Uri) -> bool {
        self.open
            .get(uri)
            .is_some_and(|document| document.report.is_none())
    }

    pub(super) fn all_changed(&self) -> Vec<Uri> {
        let changed = self
            .open
            .iter()
            .filter(|(_, document)| document.report.is_none());
        changed.map(|(uri, _)| uri.clone()).collect()
    }

    pub(super) fn report(&self, uri: &Uri) -> Option<&Report> {
        self.open.get(uri)?.report.as_ref()
    }

    pub(super) fn version(&self, uri: &Uri) -> Option<i32> {
        self.open.get(uri).map(|document| document.version)
    }

    /// What a file is called in the editor, and its version when it is open there.
    pub(super) fn known_as(&self, path: &Path) -> (Option<Uri>, Option<i32>) {
        let real = std::fs::canonicalize(path);
        let is = |document: &Document| {
            let same = || Some(std::fs::canonicalize(&document.path).ok()? == *real.as_ref().ok()?);
            document.path == path || same() == Some(true)
        };
        match self.open.iter().find(|(_, document)| is(document)) {
            Some((uri, document)) => (Some(uri.clone()), Some(document.version)),
            None => (place::uri(path), None),
        }
    }

    /// What is to be analysed for a document.
    pub(super) fn asked(
        &self,
        uri: &Uri,
        folders: &[PathBuf],
        unsafe_fixes: bool,
    ) -> Option<Asked> {
        let document = self.open.get(uri)?;
        let others = self.open.iter().filter(|(other, _)| *other != uri);
        Some(Asked {
            given: Given {
                path: document.path.clone(),
                bytes: document.text.as_bytes().to_vec(),
            },
            unsaved: others
                .map(|(_, other)| (other.path.clone(), Arc::clone(&other.text)))
                .collect(),
            folders: folders.to_vec(),
            unsafe_fixes,
        })
    }
}
