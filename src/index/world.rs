//! The world: every file and package of a run, loaded on first look-up.
//!
//! Files of the run are registered first ([`World::add_file`], [`World::set_overlay`]); after the first look-up the
//! directories that were listed stay as they were seen. Ids of files and packages depend on the order of look-ups:
//! sort by path, not by id, before anything is shown.

use super::build_tags::BuildConfig;
use super::declare::{Parts, declare};
use super::directory::{Directory, Variant};
use super::files::{File, Files, normalize};
use super::resolve::{Build, BuildId, Place, Resolver};
use super::{FileId, FuncRef, Package, PackageFile, PackageId, module, std_table};
use crate::stats::{self, Stage};
use crate::syntax::ast::Name;
use rustc_hash::FxHashMap;
use std::any::{Any, TypeId};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

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
    /// A GOROOT. The standard library comes from it when the module asks for a newer Go than the embedded table
    /// knows; else from the table, so that an answer does not depend on what is installed. Files that lie in a
    /// GOROOT use that one.
    pub goroot: Option<PathBuf>,
    /// Reads the standard library from `goroot` even where the table would do.
    pub prefer_goroot: bool,
    /// The module cache; none when it must not be read.
    pub module_cache: Option<PathBuf>,
    /// Extra build tags.
    pub tags: Vec<String>,
}

/// Every file and package of a run. Shared between threads.
#[derive(Debug)]
pub struct World {
    pub(super) options: WorldOptions,
    /// The Go version of `options.goroot`.
    pub(super) goroot_version: Option<(u32, u32)>,
    pub(super) files: Files,
    pub(super) resolver: Arc<Resolver>,
    pub(super) configs: RwLock<Vec<Arc<BuildConfig>>>,
    pub(super) directories: RwLock<FxHashMap<PathBuf, Arc<OnceLock<Directory>>>>,
    pub(super) packages: RwLock<Packages>,
    pub(super) homes: RwLock<FxHashMap<FileId, Option<PackageId>>>,
    pub(super) imports: RwLock<FxHashMap<(BuildId, ConfigId, Name), Option<PackageId>>>,
    pub(super) modules: RwLock<FxHashMap<BuildId, Arc<[PackageId]>>>,
    pub(super) memos: RwLock<FxHashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Default for World {
    fn default() -> World {
        World::new(WorldOptions::default())
    }
}

/// A build configuration as the go command is told it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BuildSettings {
    /// Environment variables.
    pub env: Vec<(&'static str, String)>,
    /// For `-tags`.
    pub tags: Vec<String>,
}

/// A build configuration; 0 is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ConfigId(u32);

/// What a package is, before it is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// Files of a directory; the file is that of a script.
    Disk {
        dir: PathBuf,
        clause: Name,
        variant: Variant,
        script: Option<FileId>,
    },
    /// An entry of the embedded table.
    Table { entry: u32, complete: bool },
}

#[derive(Debug)]
pub(super) struct Cell {
    id: PackageId,
    pub(super) build: Option<BuildId>,
    config: ConfigId,
    pub(super) source: Source,
    path: Name,
    go: Option<(u32, u32)>,
    package: OnceLock<Option<Arc<Package>>>,
}

impl Cell {
    /// The same package, not loaded.
    pub(super) fn unloaded(&self) -> Cell {
        Cell {
            id: self.id,
            build: self.build,
            config: self.config,
            source: self.source.clone(),
            path: self.path,
            go: self.go,
            package: OnceLock::new(),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Packages {
    pub(super) cells: Vec<Arc<Cell>>,
    by_key: FxHashMap<(Option<BuildId>, ConfigId, Source), PackageId>,
}

impl World {
    /// An empty world.
    pub fn new(options: WorldOptions) -> World {
        let version = |root: &PathBuf| {
            module::go_version(std::fs::read_to_string(root.join("VERSION")).ok()?.trim())
        };
        let goroot_version = options.goroot.as_ref().and_then(version);
        let table = std_table::table();
        let release = goroot_version.unwrap_or(table.go).max(table.go).1;
        let tags: BTreeSet<String> = options.tags.iter().chain(&table.tags).cloned().collect();
        let default = BuildConfig::new(release, tags);
        World {
            resolver: Arc::new(Resolver::new(options.module_cache.clone())),
            options,
            goroot_version,
            files: Files::default(),
            configs: RwLock::new(vec![Arc::new(default)]),
            directories: RwLock::default(),
            packages: RwLock::default(),
            homes: RwLock::default(),
            imports: RwLock::default(),
            modules: RwLock::default(),
            memos: RwLock::default(),
        }
    }

    /// Import paths of the embedded standard library that a linux program can import, in order.
    pub fn embedded_packages() -> Vec<Name> {
        std_table::table().paths("linux")
    }

    /// The Go version, as (major, minor), that the embedded standard library was made from.
    pub fn embedded_go_version() -> (u32, u32) {
        std_table::table().go
    }

    /// Registers a file of the run. `text` overrides what is on disk, and need not be on disk at all.
    pub fn add_file(&self, path: &Path, text: Option<Arc<str>>) -> FileId {
        self.files.give(path, text)
    }

    /// Overrides the text of a file that is not Go source: go.mod, go.work, vendor/modules.txt.
    pub fn set_overlay(&self, path: &Path, text: &str) {
        self.files.set_overlay(path, text.into());
    }

    /// The package that a file belongs to, under a build configuration that includes it; none when its package clause
    /// is missing. A file that is in several variants belongs to the one without tests.
    pub fn package_of(&self, file: FileId) -> Option<PackageId> {
        if let Some(known) = read(&self.homes).get(&file) {
            return *known;
        }
        let home = self.find_home(file);
        *write(&self.homes).entry(file).or_insert(home)
    }

    /// The settings of the go command (GOOS, GOARCH, CGO_ENABLED) and the build tags under which a file belongs to its
    /// package; none when its package clause is missing.
    pub fn build_of(&self, id: FileId) -> Option<BuildSettings> {
        let file = self.files.get(id)?;
        let directory = self.directory(file.absolute.parent()?);
        let listed = directory.get()?;
        let own = listed.files.iter().find(|f| f.file.id == id)?;
        let (config, ..) = listed.home(own, &self.config(ConfigId(0)))?;
        let cgo = if config.cgo { "1" } else { "0" };
        Some(BuildSettings {
            env: vec![
                ("GOOS", config.goos),
                ("GOARCH", config.goarch),
                ("CGO_ENABLED", cgo.into()),
            ],
            tags: config.tags.into_iter().collect(),
        })
    }

    fn find_home(&self, id: FileId) -> Option<PackageId> {
        let file = self.files.get(id)?;
        let dir = file.absolute.parent()?;
        let directory = self.directory(dir);
        let listed = directory.get()?;
        let own = listed.files.iter().find(|f| f.file.id == id)?;
        let default = self.config(ConfigId(0));
        let (config, clause, variant) = listed.home(own, &default)?;
        let place = self.resolver.place(dir, &self.files);
        let script = (variant == Variant::Script).then_some(id);
        let config = self.intern_config(config);
        Some(self.intern_package(&place, config, clause, variant, script))
    }

    /// A package, loaded now if it was not.
    pub fn package(&self, id: PackageId) -> Option<Arc<Package>> {
        let cell = self.cell(id)?;
        cell.package
            .get_or_init(|| stats::stage(Stage::Index, || self.load(&cell).map(Arc::new)))
            .clone()
    }

    /// A package's name by its clause, without loading its declarations.
    pub fn package_name(&self, id: PackageId) -> Option<Name> {
        match &self.cell(id)?.source {
            Source::Disk { clause, .. } => Some(*clause),
            Source::Table { entry, .. } => Some(std_table::name(*entry)),
        }
    }

    /// A package's import path, without loading its declarations.
    pub fn import_path(&self, id: PackageId) -> Option<Name> {
        Some(self.cell(id)?.path)
    }

    /// The package that `path` means when imported from `from`; none when it was not found, and for "C".
    pub fn import(&self, from: PackageId, path: Name) -> Option<PackageId> {
        if path == "C" {
            return None;
        }
        let cell = self.cell(from)?;
        let found = self.import_plain(&cell, path)?;
        // A test of package x sees x with its in-package test files.
        let Source::Disk {
            dir,
            variant: Variant::ExternalTest,
            ..
        } = &cell.source
        else {
            return Some(found);
        };
        let target = self.cell(found)?;
        match &target.source {
            Source::Disk {
                dir: of,
                clause,
                variant: Variant::Plain,
                ..
            } if of == dir => {
                let directory = self.directory(dir);
                let config = self.config(cell.config);
                if !directory.get()?.has_tests(&config, *clause) {
                    return Some(found);
                }
                let source = Source::Disk {
                    dir: dir.clone(),
                    clause: *clause,
                    variant: Variant::InTest,
                    script: None,
                };
                Some(self.intern_cell(target.build, target.config, source, target.path, target.go))
            }
            _ => Some(found),
        }
    }

    fn import_plain(&self, from: &Cell, path: Name) -> Option<PackageId> {
        let Some(build_id) = from.build else {
            return self.import_table(from.config, path);
        };
        let key = (build_id, from.config, path);
        if let Some(known) = read(&self.imports).get(&key) {
            return *known;
        }
        let build = self.resolver.build(build_id);
        let found = self.find_import(from, &build, path);
        *write(&self.imports).entry(key).or_insert(found)
    }

    fn find_import(&self, from: &Cell, build: &Build, path: Name) -> Option<PackageId> {
        if path == "unsafe" {
            return self.import_table(from.config, path);
        }
        let config = self.config(from.config);
        let exists = |dir: &Path| {
            self.directory(dir)
                .get()
                .is_some_and(|d| d.clause(&config).is_some())
        };
        let of_place = |place: &Place| {
            let directory = self.directory(&place.dir);
            let clause = directory.get()?.clause(&config)?;
            Some(self.intern_package(place, from.config, clause, Variant::Plain, None))
        };
        // The standard library's paths have no dot in their first element, and it wins over modules.
        if !path.split('/').next().unwrap_or("").contains('.') {
            let found = match self.goroot_src(build) {
                Some(src) => {
                    let dir = src.join(path.as_str());
                    exists(&dir)
                        .then(|| self.resolver.place(&dir, &self.files))
                        .and_then(|place| of_place(&place))
                }
                None => self.import_table(from.config, path),
            };
            if found.is_some() {
                return found;
            }
        }
        let Source::Disk { dir, .. } = &from.source else {
            return None;
        };
        of_place(
            &self
                .resolver
                .find(build, dir, &path, &self.files, &exists)?,
        )
    }

    fn import_table(&self, config: ConfigId, path: Name) -> Option<PackageId> {
        let of = self.config(config);
        let table = std_table::table();
        let (entry, complete) = table.find(path, &of.goos, &of.goarch)?;
        // One package whatever the configuration that asked, unless the table has several.
        let source = Source::Table { entry, complete };
        Some(self.intern_cell(None, config, source, path, Some(table.go)))
    }

    /// `GOROOT/src` when the standard library is to be read from there.
    fn goroot_src(&self, build: &Build) -> Option<PathBuf> {
        if let Some(src) = &build.goroot_src {
            return Some(src.clone());
        }
        let root = self.options.goroot.as_ref()?;
        let table = std_table::table();
        let asked = build.mains.iter().filter_map(|m| m.file.go).max();
        let newer = asked > Some(table.go) && self.goroot_version > Some(table.go);
        (newer || self.options.prefer_goroot || table.is_empty())
            .then(|| normalize(root).join("src"))
    }

    fn load(&self, cell: &Cell) -> Option<Package> {
        let (name, plain, files, complete) = match &cell.source {
            Source::Table { entry, complete } => {
                let path = PathBuf::from(format!("<std>/{}.go", cell.path));
                let file = self.files.embedded(path.join(entry.to_string()), *entry);
                (std_table::name(*entry), None, vec![file], *complete)
            }
            Source::Disk {
                dir,
                clause,
                variant,
                script,
            } => {
                let directory = self.directory(dir);
                let listed = directory.get()?;
                let script = script.and_then(|id| listed.files.iter().find(|f| f.file.id == id));
                let (config, default) = (self.config(cell.config), self.config(ConfigId(0)));
                let selection = listed.select(&config, &default, *clause, *variant, script);
                let plain = (*variant == Variant::InTest).then(|| {
                    let source = Source::Disk {
                        dir: dir.clone(),
                        clause: *clause,
                        variant: Variant::Plain,
                        script: None,
                    };
                    self.intern_cell(cell.build, cell.config, source, cell.path, cell.go)
                });
                (*clause, plain, selection.files, selection.complete)
            }
        };
        let outlined = |file: &Arc<File>| {
            Some(PackageFile {
                id: file.id,
                path: file.path.clone(),
                outline: file.outline()?,
            })
        };
        let found: Vec<PackageFile> = files.iter().filter_map(outlined).collect();
        let complete = complete && found.len() == files.len();
        Some(declare(Parts {
            id: cell.id,
            path: cell.path,
            name,
            plain,
            files: found,
            complete,
        }))
    }

    /// A file's path, as it was given or found.
    pub fn path(&self, file: FileId) -> PathBuf {
        self.files
            .get(file)
            .map(|f| f.path.clone())
            .unwrap_or_default()
    }

    /// A file's text as analysed; empty when it cannot be read, or has changed since it was first read.
    pub fn text(&self, file: FileId) -> Arc<str> {
        self.files.text(file).unwrap_or_else(|| Arc::from(""))
    }

    /// Whether a file's text may have this identifier: no is certain. Cheaper than to read the text.
    pub fn may_mention(&self, file: FileId, word: &str) -> bool {
        self.files.get(file).is_some_and(|f| f.may_mention(word))
    }

    /// What a later stage has found out about the world and keeps for whoever asks next: one value of each type.
    pub fn memo<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let id = TypeId::of::<T>();
        let known = read(&self.memos).get(&id).cloned();
        let memo = known.unwrap_or_else(|| {
            Arc::clone(
                write(&self.memos)
                    .entry(id)
                    .or_insert_with(|| Arc::new(T::default())),
            )
        });
        memo.downcast().unwrap_or_default()
    }

    /// Whether a file was given to the run (else it is of a dependency).
    pub fn is_run_file(&self, file: FileId) -> bool {
        self.files.get(file).is_some_and(|f| f.is_run())
    }

    /// The `go` directive of the module as (major, minor); none when unknown.
    pub fn go_version(&self, package: PackageId) -> Option<(u32, u32)> {
        self.cell(package)?.go
    }

    pub(super) fn cell(&self, id: PackageId) -> Option<Arc<Cell>> {
        read(&self.packages).cells.get(id.0 as usize).cloned()
    }

    pub(super) fn directory(&self, path: &Path) -> Arc<OnceLock<Directory>> {
        let known = read(&self.directories).get(path).cloned();
        let cell = known.unwrap_or_else(|| {
            Arc::clone(
                write(&self.directories)
                    .entry(path.to_path_buf())
                    .or_default(),
            )
        });
        cell.get_or_init(|| Directory::list(path, &self.files));
        cell
    }

    fn config(&self, id: ConfigId) -> Arc<BuildConfig> {
        Arc::clone(&read(&self.configs)[id.0 as usize])
    }

    fn intern_config(&self, config: BuildConfig) -> ConfigId {
        let mut configs = write(&self.configs);
        let known = configs.iter().position(|c| **c == config);
        let index = known.unwrap_or_else(|| {
            configs.push(Arc::new(config));
            configs.len() - 1
        });
        ConfigId(index as u32)
    }

    fn intern_package(
        &self,
        place: &Place,
        config: ConfigId,
        clause: Name,
        variant: Variant,
        script: Option<FileId>,
    ) -> PackageId {
        let source = Source::Disk {
            dir: place.dir.clone(),
            clause,
            variant,
            script,
        };
        let path = match variant {
            Variant::ExternalTest => Name::from(&format!("{}_test", place.import_path)),
            _ => Name::from(&place.import_path),
        };
        self.intern_cell(Some(place.build), config, source, path, place.go)
    }

    fn intern_cell(
        &self,
        build: Option<BuildId>,
        config: ConfigId,
        source: Source,
        path: Name,
        go: Option<(u32, u32)>,
    ) -> PackageId {
        let key = (build, config, source);
        if let Some(id) = read(&self.packages).by_key.get(&key) {
            return *id;
        }
        let mut packages = write(&self.packages);
        if let Some(id) = packages.by_key.get(&key) {
            return *id;
        }
        let id = PackageId(packages.cells.len() as u32);
        let source = key.2.clone();
        packages.cells.push(Arc::new(Cell {
            id,
            build,
            config,
            source,
            path,
            go,
            package: OnceLock::new(),
        }));
        packages.by_key.insert(key, id);
        id
    }
}

pub(super) fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
