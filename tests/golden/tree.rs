//! Small trees of files in memory and on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Contents by path relative to the root.
pub(crate) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// All files below a directory.
pub(crate) fn read(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut todo = vec![root.to_owned()];
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let inside = path.strip_prefix(root).unwrap().to_owned();
                tree.insert(inside, fs::read(path).unwrap());
            }
        }
    }
    tree
}

/// Writes the files below a directory.
pub(crate) fn write(tree: &Tree, root: &Path) {
    for (path, contents) in tree {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
}

/// A fresh temporary directory with the files in it.
pub(crate) fn fresh(tree: &Tree) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    write(tree, directory.path());
    directory
}

/// The first path at which two trees differ.
pub(crate) fn difference(a: &Tree, b: &Tree) -> Option<PathBuf> {
    let paths = a.keys().chain(b.keys());
    paths
        .into_iter()
        .find(|path| a.get(*path) != b.get(*path))
        .cloned()
}
