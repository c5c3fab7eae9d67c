//! One directory's Go files, and which of them make up a package: by build configuration, package clause and test
//! variant (`go help test`, go/build).

use super::build_tags::{BuildConfig, Constraint};
use super::files::{File, Files};
use super::header;
use crate::syntax::ast::{Decl, Name};
use std::path::Path;
use std::sync::Arc;

/// How much of a file is read before it is known whether its head is longer.
const HEAD: usize = 4096;

/// Which of a directory's files a package is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Variant {
    /// All but the tests: what importers see.
    Plain,
    /// With the test files that have the same package clause.
    InTest,
    /// The test files of `package x_test`.
    ExternalTest,
    /// A program that lies beside other code: files that the default configuration leaves out (`//go:build ignore`),
    /// or one of several files that each declare `main`. Not importable.
    Script,
}

/// A Go file of a directory.
#[derive(Debug)]
pub(super) struct DirFile {
    pub(super) file: Arc<File>,
    name: String,
    /// Name, `//go:build` and cgo conditions together; none when it is always built.
    pub(super) condition: Option<Constraint>,
    /// None when it cannot be read or has no package clause.
    pub(super) clause: Option<Name>,
    test: bool,
}

/// A directory's Go files, in name order.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) files: Vec<DirFile>,
}

/// A package's files.
pub(super) struct Selection {
    pub(super) files: Vec<Arc<File>>,
    /// Every file of the directory that could belong to it was read, and none was left out by guess.
    pub(super) complete: bool,
}

impl Directory {
    /// Lists a directory: what is on disk and what the run was given in it.
    pub(super) fn list(path: &Path, files: &Files) -> Directory {
        let mut found: Vec<Arc<File>> = files
            .given_in(path)
            .into_iter()
            .filter_map(|id| files.get(id))
            .collect();
        let on_disk = std::fs::read_dir(path).into_iter().flatten().flatten();
        for entry in on_disk {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // Names that begin with `_` or `.` are no part of a package (go/build).
            let hidden = name.starts_with(['_', '.']);
            let is_dir = || entry.file_type().is_ok_and(|t| t.is_dir());
            if name.ends_with(".go") && !hidden && !is_dir() {
                found.push(files.find(path.join(name)));
            }
        }
        found.sort_by(|a, b| a.absolute.cmp(&b.absolute));
        found.dedup_by_key(|file| file.id);
        Directory {
            files: found.into_iter().map(DirFile::read).collect(),
        }
    }

    /// Whether another listing has the same files, and in each of them the same package clause and conditions.
    pub(super) fn same_heads(&self, other: &Directory) -> bool {
        let head = |file: &DirFile| (file.file.id, file.condition.clone(), file.clause);
        self.files.iter().map(head).eq(other.files.iter().map(head))
    }

    /// Files that a configuration builds.
    fn built<'a>(&'a self, config: &'a BuildConfig) -> impl Iterator<Item = &'a DirFile> {
        self.files.iter().filter(|f| f.built(config))
    }

    /// The package clause that importers see: the one that most files have; none when there is no such one.
    pub(super) fn clause(&self, config: &BuildConfig) -> Option<Name> {
        let mut counts: Vec<(Name, usize)> = Vec::new();
        for clause in self
            .built(config)
            .filter(|f| !f.test && !f.hidden())
            .filter_map(|f| f.clause)
        {
            // Files of `package documentation` are skipped by the go command.
            if clause == "documentation" {
                continue;
            }
            match counts.iter_mut().find(|(name, _)| *name == clause) {
                Some((_, count)) => *count += 1,
                None => counts.push((clause, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        match counts.as_slice() {
            [(_, a), (_, b), ..] if a == b => None,
            [(name, _), ..] => Some(*name),
            [] => None,
        }
    }

    /// Whether there are test files with this package clause.
    pub(super) fn has_tests(&self, config: &BuildConfig, clause: Name) -> bool {
        self.built(config)
            .any(|f| f.test && f.clause == Some(clause))
    }

    /// Which package a file belongs to: the configuration that builds it, its clause and variant. None when it has no
    /// package clause.
    pub(super) fn home(
        &self,
        file: &DirFile,
        default: &BuildConfig,
    ) -> Option<(BuildConfig, Name, Variant)> {
        let clause = file.clause?;
        let by_default = file.built(default);
        let config = match &file.condition {
            None => Some(default.clone()),
            Some(condition) => default.satisfying(condition),
        };
        let Some(config) = config else {
            return Some((default.clone(), clause, Variant::Script));
        };
        let plain = |name: Name| {
            self.built(&config)
                .any(|f| !f.test && f.clause == Some(name))
        };
        let apart = |file: &DirFile| {
            let beside_other = || self.clause(default).is_some_and(|name| name != clause);
            let left_out = !by_default && (config.has("ignore") || beside_other());
            left_out || clause == "main" && self.mains(&config) > 1 || file.hidden()
        };
        let variant = if file.test && !file.hidden() {
            match clause.strip_suffix("_test") {
                // `package x_test` is in-package only when the package itself is called so.
                Some(base) if plain(Name::from(base)) || !plain(clause) => Variant::ExternalTest,
                _ => Variant::InTest,
            }
        } else if apart(file) {
            Variant::Script
        } else {
            Variant::Plain
        };
        Some((config, clause, variant))
    }

    /// How many files of `package main` declare `main`.
    fn mains(&self, config: &BuildConfig) -> usize {
        let mains: Vec<_> = self
            .built(config)
            .filter(|f| !f.test && f.clause.is_some_and(|c| c == "main"))
            .collect();
        if mains.len() < 2 {
            mains.len()
        } else {
            mains.iter().filter(|f| f.declares_main()).count()
        }
    }

    /// The files of a package. `script` is the file that a [`Variant::Script`] is about.
    pub(super) fn select(
        &self,
        config: &BuildConfig,
        default: &BuildConfig,
        clause: Name,
        variant: Variant,
        script: Option<&DirFile>,
    ) -> Selection {
        let of_clause = |f: &&DirFile| f.clause == Some(clause) && !f.hidden();
        let mut complete = self.built(config).all(|f| f.clause.is_some());
        let mut chosen: Vec<&DirFile> = match (variant, script) {
            (Variant::Script, Some(script)) => {
                let together =
                    |f: &&DirFile| !f.test && (script.built(default) || !f.built(default));
                let candidates: Vec<_> = self
                    .built(config)
                    .filter(of_clause)
                    .filter(together)
                    .collect();
                let main = script.declares_main();
                let kept: Vec<_> = candidates
                    .iter()
                    .copied()
                    .filter(|f| main || !f.declares_main())
                    .collect();
                let several = candidates.iter().filter(|f| f.declares_main()).count() > 1;
                let kept = if main && several {
                    kept.into_iter().filter(|f| !f.declares_main()).collect()
                } else {
                    kept
                };
                let mut kept: Vec<_> = kept
                    .into_iter()
                    .filter(|f| f.file.id != script.file.id)
                    .collect();
                complete &=
                    candidates.len() <= kept.len() + 1 && script.built(config) && !script.hidden();
                kept.push(script);
                kept.sort_by(|a, b| a.name.cmp(&b.name));
                kept
            }
            _ => self
                .built(config)
                .filter(of_clause)
                .filter(|f| !f.test)
                .collect(),
        };
        let tests = self.built(config).filter(of_clause).filter(|f| f.test);
        match variant {
            // Plain files first: their declarations have the same indices with and without the tests.
            Variant::InTest => chosen.extend(tests),
            Variant::ExternalTest => chosen = tests.collect(),
            Variant::Plain | Variant::Script => {}
        }
        // A directory with two package clauses does not build: one of them is a slip of the pen.
        let other = |f: &DirFile| {
            !f.test
                && f.clause
                    .is_some_and(|c| c != clause && c != "documentation")
        };
        if matches!(variant, Variant::Plain | Variant::InTest) {
            complete &= !self.built(config).any(other);
        }
        Selection {
            files: chosen.into_iter().map(|f| Arc::clone(&f.file)).collect(),
            complete,
        }
    }
}

impl DirFile {
    fn read(file: Arc<File>) -> DirFile {
        let name = file
            .absolute
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let header = head_of(&file).unwrap_or_default();
        let named = Constraint::of_file_name(&name);
        let cgo = header.imports_c.then(|| Constraint::Tag("cgo".into()));
        let condition = [named, header.constraint, cgo]
            .into_iter()
            .flatten()
            .reduce(Constraint::and);
        let clause = header
            .package
            .filter(|_| !header.bad_constraint)
            .map(|name| Name::from(&name));
        DirFile {
            test: name.ends_with("_test.go"),
            file,
            name,
            condition,
            clause,
        }
    }

    /// Whether a configuration includes it.
    pub(super) fn built(&self, config: &BuildConfig) -> bool {
        self.condition.as_ref().is_none_or(|c| c.holds(config))
    }

    fn hidden(&self) -> bool {
        self.name.starts_with(['_', '.'])
    }

    fn declares_main(&self) -> bool {
        let main =
            |d: &Decl| matches!(d, Decl::Func(f) if f.receiver.is_none() && f.name.name == "main");
        self.file
            .outline()
            .is_some_and(|outline| outline.decls.iter().any(main))
    }
}

/// A file's head, reading no more of it than needed; none when it cannot be read.
fn head_of(file: &File) -> Option<header::Header> {
    if let Some(text) = file.held_text() {
        return header::scan(text.as_bytes(), true);
    }
    let mut start = Vec::with_capacity(HEAD);
    let mut reader = std::fs::File::open(&file.absolute).ok()?;
    std::io::Read::read_to_end(
        &mut std::io::Read::take(&mut reader, HEAD as u64),
        &mut start,
    )
    .ok()?;
    if let Some(header) = header::scan(&start, start.len() < HEAD) {
        return Some(header);
    }
    std::io::Read::read_to_end(&mut reader, &mut start).ok()?;
    header::scan(&start, true)
}
