//! What git knows of the pull request: its files, the lines of its diff, and the head's texts.

use super::Error;
use crate::git::git;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The pull request in a clone that has its commits.
pub struct Checkout {
    root: PathBuf,
    head: String,
    merge_base: String,
    /// Changed files by their path in the head, with their path before.
    files: BTreeMap<String, String>,
}

impl Checkout {
    /// The clone that contains `directory`, with the pull request from `base` to `head`.
    pub fn open(directory: &Path, base: &str, head: &str) -> Result<Checkout, Error> {
        for commit in [base, head] {
            let plain = commit
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
            if !plain || commit.starts_with('-') || commit.is_empty() {
                return Err(format!("{commit:?} is not the name of a commit"));
            }
        }
        let root = git(directory, &["rev-parse", "--show-toplevel"])?;
        let root = PathBuf::from(text(root)?.trim_end_matches('\n'));
        let deeper = |error: Error| {
            format!(
                "{error} (does the clone have both sides? actions/checkout needs `fetch-depth: 0`)"
            )
        };
        let merge_base = git(&root, &["merge-base", base, head]).map_err(deeper)?;
        let merge_base = text(merge_base)?.trim_end_matches('\n').to_owned();
        let status = git(
            &root,
            &["diff", "--name-status", "-z", "-M", &merge_base, head, "--"],
        );
        let files = changed(&text(status.map_err(deeper)?)?);
        let root = std::fs::canonicalize(&root).unwrap_or(root);
        Ok(Checkout {
            root,
            head: head.to_owned(),
            merge_base,
            files,
        })
    }

    /// A file's path from the root of the clone, with `/`; none for one outside.
    pub fn path(&self, file: &Path) -> Option<String> {
        let file = std::fs::canonicalize(file).ok()?;
        let parts = file.strip_prefix(&self.root).ok()?.iter();
        let parts: Option<Vec<&str>> = parts.map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    }

    /// Whether the pull request changes the file.
    pub fn changes(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The lines (from 0) of the head's file that each hunk of the diff shows.
    pub fn hunks(&self, path: &str) -> Result<Vec<Range<usize>>, Error> {
        let Some(before) = self.files.get(path) else {
            return Ok(Vec::new());
        };
        let (before, path) = (format!(":(literal){before}"), format!(":(literal){path}"));
        let diff = git(
            &self.root,
            &[
                "-c",
                "core.quotePath=true",
                "diff",
                "--no-color",
                "--no-ext-diff",
                "--no-textconv",
                "--diff-algorithm=myers",
                "--inter-hunk-context=0",
                "-U3",
                "-M",
                &self.merge_base,
                &self.head,
                "--",
                &before,
                &path,
            ],
        )?;
        // Each line of a hunk begins with a sign, so what begins with `@@ ` is a hunk's header.
        let headers = diff.split(|byte| *byte == b'\n');
        let headers = headers.filter_map(|line| {
            std::str::from_utf8(
                line.strip_prefix(b"@@ ")?
                    .split(|byte| *byte == b'@')
                    .next()?,
            )
            .ok()
        });
        Ok(headers
            .filter_map(right_side)
            .filter(|lines| !lines.is_empty())
            .collect())
    }

    /// The file's text in the head commit; none when it has no such file, or it is not UTF-8.
    pub fn blob(&self, path: &str) -> Option<String> {
        let name = format!("{}:{path}", self.head);
        text(git(&self.root, &["cat-file", "blob", &name]).ok()?).ok()
    }
}

fn text(bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|_| "git says something that is not UTF-8".into())
}

/// New and old paths of `git diff --name-status -z`; deleted files are left out.
fn changed(status: &str) -> BTreeMap<String, String> {
    let mut fields = status.split('\0');
    let mut files = BTreeMap::new();
    while let Some(kind) = fields.next().filter(|kind| !kind.is_empty()) {
        let Some(path) = fields.next() else { break };
        match kind.as_bytes()[0] {
            b'R' | b'C' => {
                let new = fields.next().unwrap_or(path);
                files.insert(new.to_owned(), path.to_owned());
            }
            b'D' => {}
            _ => {
                files.insert(path.to_owned(), path.to_owned());
            }
        }
    }
    files
}

/// `-1,4 +2,7` as lines from 0.
fn right_side(header: &str) -> Option<Range<usize>> {
    let right = header.split(' ').find_map(|side| side.strip_prefix('+'))?;
    let (start, count) = right.split_once(',').unwrap_or((right, "1"));
    let (start, count): (usize, usize) = (start.parse().ok()?, count.parse().ok()?);
    let start = start.saturating_sub(1);
    Some(start..start + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_have_both_names_and_deleted_files_none() {
        let files = changed("M\0a b.go\0R087\0old.go\0new.go\0D\0gone.go\0A\0é.go\0");
        let files: Vec<_> = files
            .iter()
            .map(|(new, old)| (new.as_str(), old.as_str()))
            .collect();
        assert_eq!(
            files,
            [("a b.go", "a b.go"), ("new.go", "old.go"), ("é.go", "é.go")]
        );
    }

    #[test]
    fn hunk_headers_give_the_lines_of_the_right_side() {
        assert_eq!(right_side("-1,4 +2,7 "), Some(1..8));
        assert_eq!(right_side("-1 +3 "), Some(2..3));
        assert_eq!(right_side("-1,2 +0,0 "), Some(0..0));
    }
}
