//! The world: every file and package of a run, loaded on first look-up.

use super::{FileId, FuncRef, Package, PackageId};
use crate::syntax::ast::Name;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is analysed as one: a function's body, or the initialiser of a package-level variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BodyRef {
    /// A function or method with a body.
    Func(FuncRef),
    /// A package-level `var` spec that contains a function literal: index into [`Package::vars`] of its first name.
    Var(PackageId, u32),
}

/// Where packages come from.
#[derive(Clone, Debug, Default)]
pub struct WorldOptions {
    /// A GOROOT to read the standard library from instead of the embedded table.
    pub goroot: Option<PathBuf>,
    /// The module cache; none when it must not be read.
    pub module_cache: Option<PathBuf>,
    /// Extra build tags.
    pub tags: Vec<String>,
}

/// Every file and package of a run. Shared between threads.
#[derive(Debug, Default)]
pub struct World {}

impl World {
    /// An empty world.
    pub fn new(_options: WorldOptions) -> World {
        World {}
    }
    /// Registers a file of the run and the package it belongs to, under a build configuration that includes it.
    /// `text` overrides what is on disk.
    pub fn add_file(&self, _path: &Path, _text: Option<Arc<str>>) -> FileId {
        FileId(0)
    }
    /// The package that a registered file belongs to; none when its package clause is missing.
    pub fn package_of(&self, _file: FileId) -> Option<PackageId> {
        None
    }
    /// A package, loaded now if it was not.
    pub fn package(&self, _id: PackageId) -> Option<Arc<Package>> {
        None
    }
    /// The package that `path` means when imported from `from`.
    pub fn import(&self, _from: PackageId, _path: Name) -> Option<PackageId> {
        None
    }
    /// A file's path.
    pub fn path(&self, _file: FileId) -> PathBuf {
        PathBuf::new()
    }
    /// A file's text as analysed.
    pub fn text(&self, _file: FileId) -> Arc<str> {
        Arc::from("")
    }
    /// All packages of the module (or workspace) that `package` belongs to, test variants included.
    pub fn module_packages(&self, _package: PackageId) -> Vec<PackageId> {
        Vec::new()
    }
    /// The `go` directive of the module as (major, minor); none when unknown.
    pub fn go_version(&self, _package: PackageId) -> Option<(u32, u32)> {
        None
    }
}
