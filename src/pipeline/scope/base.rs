//! What files held before a change: as git has them, or as a unified diff takes them back.

use crate::git::{git, path, root};
use diffy::apply_bytes;
use diffy::patch_set::{FileOperation, ParseOptions, PatchSet};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The texts before a change of the files that it touched, by path (absolute, without symbolic links); none for a file
/// that was not there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Base {
    pub(super) texts: BTreeMap<PathBuf, Option<Arc<str>>>,
}

impl Base {
    /// Before a diff as `git diff` or `diff -u` write it, that was applied. Its names are looked for below each of
    /// `roots`. The error names a file that the diff does not fit.
    pub fn before_diff(diff: &[u8], roots: &[PathBuf]) -> Result<Base, String> {
        let mut base = Base::default();
        if diff.trim_ascii().is_empty() {
            return Ok(base);
        }
        let git = diff.windows(11).any(|window| window == b"diff --git ");
        let options = if git {
            ParseOptions::gitdiff()
        } else {
            ParseOptions::unidiff()
        };
        for file in PatchSet::parse_bytes(diff, options) {
            let file = file.map_err(|error| format!("not a unified diff: {error}"))?;
            let stripped = file.operation().strip_prefix(1);
            let names = [new_name(&stripped), new_name(file.operation())];
            // What is deleted, or not here, has no findings.
            let Some(path) = names
                .into_iter()
                .flatten()
                .find_map(|name| real(&name, roots))
            else {
                continue;
            };
            // Go files are text.
            let Some(patch) = file.patch().as_text() else {
                continue;
            };
            let shown = path.display();
            let new = std::fs::read(&path).map_err(|error| format!("{shown}: {error}"))?;
            let old = match file.operation() {
                FileOperation::Create(_) => None,
                _ => {
                    let old = apply_bytes(&new, &patch.reverse());
                    let old = old.map_err(|_| format!("{shown}: the diff does not fit it"))?;
                    Some(String::from_utf8_lossy(&old).into())
                }
            };
            base.texts.insert(path, old);
        }
        Ok(base)
    }

    /// At the commit at which the branch that is checked out where `directory` is left `revision`. What is changed on
    /// disk counts, also files that git does not know yet.
    pub fn at_merge_base(directory: &Path, revision: &str) -> Result<Base, String> {
        if revision.starts_with('-') {
            return Err(format!("{revision:?} is not the name of a commit"));
        }
        let top = root(directory)?;
        let commit = git(&top, &["merge-base", revision, "HEAD"])?;
        let commit = String::from_utf8_lossy(&commit).trim().to_owned();
        let mut base = Base::default();
        let names = [
            "diff",
            "--name-status",
            "--no-renames",
            "-z",
            &commit,
            "--",
            "*.go",
        ];
        let status = git(&top, &names)?;
        let mut fields = status.split(|byte| *byte == 0);
        while let (Some(kind), Some(name)) = (fields.next(), fields.next()) {
            let below = path(name)?;
            let old = match kind {
                b"A" => None,
                _ => {
                    let mut blob = std::ffi::OsString::from(format!("{commit}:"));
                    blob.push(&below);
                    let blob = git(&top, &["cat-file".as_ref(), "blob".as_ref(), &*blob])?;
                    Some(String::from_utf8_lossy(&blob).into())
                }
            };
            base.insert(&top, &below, old);
        }
        let others = [
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
            "--",
            "*.go",
        ];
        let untracked = git(&top, &others)?;
        for name in untracked
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
        {
            base.insert(&top, &path(name)?, None);
        }
        Ok(base)
    }

    fn insert(&mut self, top: &Path, below: &Path, old: Option<Arc<str>>) {
        let path = top.join(below);
        self.texts.insert(path.canonicalize().unwrap_or(path), old);
    }
}

/// The name on the new side; none for a file that is deleted.
fn new_name(operation: &FileOperation<'_, [u8]>) -> Option<PathBuf> {
    let name: &[u8] = match operation {
        FileOperation::Create(path) => path,
        FileOperation::Modify { modified, .. } => modified,
        FileOperation::Rename { to, .. } | FileOperation::Copy { to, .. } => to,
        FileOperation::Delete(_) => return None,
    };
    path(name).ok()
}

fn real(name: &Path, roots: &[PathBuf]) -> Option<PathBuf> {
    roots
        .iter()
        .find_map(|root| root.join(name).canonicalize().ok())
}
