//! A package's declarations by name, and the ids that everything later speaks in.

use crate::syntax::ast::{ConstSpec, FuncDecl, Name, Outline, TypeDecl, ValueSpec};
use rustc_hash::FxHashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A file that the index knows; dense from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A package under one build configuration and one test variant; dense from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageId(pub u32);

/// A function or method: an index into its package's [`Package::funcs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FuncRef {
    /// Its package.
    pub package: PackageId,
    /// Its index.
    pub index: u32,
}

/// What a package-level name is: an index into the table of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeclRef {
    /// Into [`Package::types`].
    Type(u32),
    /// Into [`Package::funcs`].
    Func(u32),
    /// Into [`Package::vars`].
    Var(u32),
    /// Into [`Package::consts`].
    Const(u32),
}

/// A loaded package.
#[derive(Debug)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// Import path; a directory path for a package outside any module.
    pub path: Name,
    /// The package clause's name.
    pub name: Name,
    /// For the variant with in-package tests: the package without them. Its files and declarations come first here,
    /// so that an index into one of its tables means the same in both.
    pub plain: Option<PackageId>,
    /// Its files under this configuration, in name order (tests last).
    pub files: Vec<PackageFile>,
    /// Package-level names.
    pub scope: FxHashMap<Name, DeclRef>,
    /// Types, in file and source order.
    pub types: Vec<Declared<TypeDecl>>,
    /// Functions and methods.
    pub funcs: Vec<Declared<FuncDecl>>,
    /// Variables, one entry a name.
    pub vars: Vec<DeclaredName<ValueSpec>>,
    /// Constants, one entry a name.
    pub consts: Vec<DeclaredName<ConstSpec>>,
    /// Methods by receiver base type (aliases followed) and name.
    pub methods: FxHashMap<(Name, Name), u32>,
    /// Every file was read and parsed without error, and no name is declared twice: only then may
    /// "there is no such name" be said.
    pub complete: bool,
}

/// A file of a package.
#[derive(Debug)]
pub struct PackageFile {
    /// Its id.
    pub id: FileId,
    /// Where it is on disk (or inside the embedded standard library).
    pub path: PathBuf,
    /// Its declarations.
    pub outline: Arc<Outline>,
}

/// A declaration with the file (index into [`Package::files`]) it stands in.
#[derive(Debug)]
pub struct Declared<D> {
    /// The file's index.
    pub file: u32,
    /// The declaration.
    pub decl: Arc<D>,
}

/// One name of a declaration that may declare several.
#[derive(Debug)]
pub struct DeclaredName<D> {
    /// The file's index.
    pub file: u32,
    /// The declaration.
    pub decl: Arc<D>,
    /// Which of its names.
    pub index: u32,
}
