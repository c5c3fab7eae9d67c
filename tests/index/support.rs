//! Small trees of files, and short questions about them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use unleak::index::{FileId, Package, PackageId, World, WorldOptions};
use unleak::syntax::ast::Name;

/// A directory of files that is removed with the value.
pub(crate) struct Tree {
    dir: TempDir,
}

impl Tree {
    /// Writes files: path and text.
    pub(crate) fn new(files: &[(&str, &str)]) -> Tree {
        let tree = Tree {
            dir: tempfile::tempdir().expect("a temporary directory"),
        };
        for (path, text) in files {
            tree.write(path, text.as_bytes());
        }
        tree
    }
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("a directory");
        std::fs::write(path, bytes).expect("a file");
    }
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }
    /// A world that knows the tree's `cache` directory as module cache.
    pub(crate) fn world(&self) -> World {
        World::new(WorldOptions {
            module_cache: Some(self.path("cache")),
            ..WorldOptions::default()
        })
    }
}

/// Adds a file of the tree to the run and says which package it is in.
pub(crate) fn add(world: &World, tree: &Tree, path: &str) -> PackageId {
    let file = world.add_file(&tree.path(path), None);
    world
        .package_of(file)
        .unwrap_or_else(|| panic!("{path} is in no package"))
}

pub(crate) fn load(world: &World, id: PackageId) -> Arc<Package> {
    world
        .package(id)
        .unwrap_or_else(|| panic!("{id:?} does not load"))
}

/// What an import means: the names of the package's files relative to the tree; none when it is not found.
pub(crate) fn import(
    world: &World,
    tree: &Tree,
    from: PackageId,
    path: &str,
) -> Option<Vec<String>> {
    let id = world.import(from, Name::from(path))?;
    Some(files(world, tree, id))
}

/// The package's files relative to the tree.
pub(crate) fn files(world: &World, tree: &Tree, id: PackageId) -> Vec<String> {
    let below = |path: &Path| {
        path.strip_prefix(tree.dir.path())
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    };
    load(world, id)
        .files
        .iter()
        .map(|f| below(&f.path))
        .collect()
}

/// Whether a package declares a name at its top level.
pub(crate) fn declares(package: &Package, name: &str) -> bool {
    package.scope.contains_key(&Name::from(name))
}

/// A file that exists only in memory.
pub(crate) fn memory(world: &World, path: &str, text: &str) -> FileId {
    world.add_file(Path::new(path), Some(text.into()))
}

/// The installed GOROOT, of the version that the table was made from. None when there is none and none is demanded.
pub(crate) fn goroot() -> Option<PathBuf> {
    let output = std::process::Command::new("go")
        .args(["env", "GOROOT", "GOVERSION"])
        .output();
    let text = output
        .ok()
        .and_then(|o| String::from_utf8(o.stdout).ok())
        .unwrap_or_default();
    let mut lines = text.lines();
    let found = lines.next().map(PathBuf::from).zip(lines.next());
    let (major, minor) = World::embedded_go_version();
    let same = |version: &str| version.starts_with(&format!("go{major}.{minor}"));
    let found = found
        .filter(|(_, version)| same(version))
        .map(|(root, _)| root);
    assert!(
        found.is_some() || std::env::var_os("UNLEAK_REQUIRE_GO").is_none(),
        "no Go {major}.{minor}"
    );
    found
}
