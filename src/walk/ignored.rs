//! What git ignores: the `.gitignore` files from the repository's root down, `.git/info/exclude`, and the user's own.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;
use std::sync::Arc;

/// The ignore files that apply in one directory. Outside a git repository nothing is ignored.
#[derive(Clone, Default)]
pub(super) struct Ignored {
    in_repository: bool,
    /// Outermost first: a later match wins (gitignore(5)).
    files: Vec<Arc<Gitignore>>,
    /// A directory above is ignored, so everything is.
    everything: bool,
}

impl Ignored {
    /// What applies to `path` itself (absolute, no symbolic links) from the directories above it.
    pub(super) fn above(path: &Path) -> Ignored {
        let Some(root) = path.ancestors().find(|at| at.join(".git").exists()) else {
            return Ignored::default();
        };
        let mut ignored = Ignored {
            in_repository: true,
            ..Ignored::default()
        };
        let (global, _unreadable) = Gitignore::global();
        ignored.files.push(Arc::new(global));
        let mut exclude = GitignoreBuilder::new(root);
        exclude.add(root.join(".git/info/exclude"));
        ignored.files.extend(exclude.build().ok().map(Arc::new));
        let mut directories: Vec<&Path> = path.ancestors().skip(1).collect();
        directories.retain(|at| at.starts_with(root));
        for directory in directories.into_iter().rev() {
            ignored.everything |= directory != root && ignored.matches(directory, true);
            ignored = ignored.within(directory);
        }
        ignored
    }

    /// What applies to the entries of `directory`, whose own parents are in `self`.
    pub(super) fn within(&self, directory: &Path) -> Ignored {
        let mut inner = self.clone();
        let file = directory.join(".gitignore");
        if self.in_repository && file.is_file() {
            let (gitignore, _bad_globs) = Gitignore::new(&file);
            inner.files.push(Arc::new(gitignore));
        }
        inner
    }

    /// Whether `path` is ignored, its directory being known not to be.
    pub(super) fn matches(&self, path: &Path, is_dir: bool) -> bool {
        for file in self.files.iter().rev() {
            match file.matched(path, is_dir) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }

    /// Whether `path` or a directory above it is ignored.
    pub(super) fn itself(&self, path: &Path, is_dir: bool) -> bool {
        self.everything || self.matches(path, is_dir)
    }
}
