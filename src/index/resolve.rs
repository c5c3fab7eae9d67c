//! Which directory an import path means: main modules, workspaces, vendor directories, replacements, the module cache,
//! GOROOT, and directories outside any module.

use super::files::{Files, normalize};
use super::mod_cache;
use super::module::{GoMod, GoWork, Replace, VendorList};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// A module on disk.
#[derive(Debug)]
pub(super) struct Module {
    /// The directory of its go.mod.
    pub(super) root: PathBuf,
    /// What its go.mod says.
    pub(super) file: GoMod,
}

/// What decides the meaning of import paths: a main module or workspace, or a directory outside any. Dense from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct BuildId(pub(super) u32);

/// See [`BuildId`].
#[derive(Debug)]
pub(super) struct Build {
    pub(super) id: BuildId,
    /// The main module, or the workspace's modules; empty outside any module.
    pub(super) mains: Vec<Arc<Module>>,
    /// `GOROOT/src` when these modules are the standard library or its commands.
    pub(super) goroot_src: Option<PathBuf>,
    vendor: Option<Vendor>,
    require: Vec<(String, String)>,
    replace: Vec<(PathBuf, Replace)>,
    selected: OnceLock<HashMap<String, String>>,
}

#[derive(Debug)]
struct Vendor {
    dir: PathBuf,
    list: VendorList,
    /// What import paths of its packages begin with: the go command prints `vendor/…` only for GOROOT's.
    prefix: &'static str,
}

/// Where a package lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) build: BuildId,
    pub(super) dir: PathBuf,
    pub(super) import_path: String,
    /// The `go` directive of its module.
    pub(super) go: Option<(u32, u32)>,
}

/// Finds modules and directories; remembers what it found.
#[derive(Debug)]
pub(super) struct Resolver {
    cache: Option<PathBuf>,
    modules: RwLock<HashMap<PathBuf, Option<Arc<Module>>>>,
    /// By the root of a module.
    workspaces: RwLock<HashMap<PathBuf, Option<Workspace>>>,
    builds: RwLock<Builds>,
}

/// A workspace: where its go.work lies, and the modules that it uses.
type Workspace = (PathBuf, Vec<Arc<Module>>);

#[derive(Debug, Default)]
struct Builds {
    all: Vec<Arc<Build>>,
    by_root: HashMap<PathBuf, BuildId>,
}

impl Resolver {
    /// A resolver that has looked at nothing yet.
    pub(super) fn new(cache: Option<PathBuf>) -> Resolver {
        let cache = cache.map(|dir| normalize(&dir));
        Resolver {
            cache,
            modules: RwLock::default(),
            workspaces: RwLock::default(),
            builds: RwLock::default(),
        }
    }

    /// The module that a directory belongs to: of the nearest go.mod upwards.
    pub(super) fn module_at(&self, dir: &Path, files: &Files) -> Option<Arc<Module>> {
        let known = self
            .modules
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(dir)
            .cloned();
        if let Some(known) = known {
            return known;
        }
        let found = match files.read_other(&dir.join("go.mod")) {
            Some(text) => Some(Arc::new(Module {
                root: dir.to_path_buf(),
                file: GoMod::parse(&text),
            })),
            None => dir.parent().and_then(|up| self.module_at(up, files)),
        };
        let mut modules = self.modules.write().unwrap_or_else(PoisonError::into_inner);
        modules.entry(dir.to_path_buf()).or_insert(found).clone()
    }

    /// Where a directory's packages belong.
    pub(super) fn place(&self, dir: &Path, files: &Files) -> Place {
        let Some(module) = self.module_at(dir, files) else {
            let build = self.intern(dir, Vec::new, files);
            return Place {
                build,
                dir: dir.to_path_buf(),
                import_path: slashed(dir),
                go: None,
            };
        };
        let workspace = self.workspace(&module, files);
        let root = workspace.as_ref().map_or(&module.root, |(root, _)| root);
        let mains = || match &workspace {
            Some((_, mains)) => mains.clone(),
            None => vec![Arc::clone(&module)],
        };
        let build = self.intern(root, mains, files);
        let below = dir
            .strip_prefix(&module.root)
            .map(slashed)
            .unwrap_or_default();
        let import_path = match below
            .strip_prefix("vendor/")
            .or_else(|| below.split_once("/vendor/").map(|(_, p)| p))
        {
            Some(vendored) if !is_goroot(&module) => vendored.to_string(),
            _ if module.file.path == "std" && is_goroot(&module) => below,
            _ => join_path(&module.file.path, &below),
        };
        Place {
            build,
            dir: dir.to_path_buf(),
            import_path,
            go: language(&module),
        }
    }

    /// A build.
    pub(super) fn build(&self, id: BuildId) -> Arc<Build> {
        Arc::clone(
            &self
                .builds
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .all[id.0 as usize],
        )
    }

    /// The workspace that uses a module: the nearest go.work upwards, when it names the module.
    fn workspace(&self, module: &Arc<Module>, files: &Files) -> Option<Workspace> {
        let known = self
            .workspaces
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&module.root)
            .cloned();
        known.unwrap_or_else(|| {
            let found = self.find_workspace(module, files);
            let known = self.workspaces.write();
            let mut known = known.unwrap_or_else(PoisonError::into_inner);
            known.entry(module.root.clone()).or_insert(found).clone()
        })
    }

    fn find_workspace(&self, module: &Arc<Module>, files: &Files) -> Option<Workspace> {
        let (root, text) = module
            .root
            .ancestors()
            .find_map(|dir| Some((dir, files.read_other(&dir.join("go.work"))?)))?;
        let dirs = GoWork::parse(&text)
            .uses
            .into_iter()
            .map(|dir| normalize(&root.join(dir)));
        let mains: Vec<_> = dirs
            .filter_map(|dir| self.module_at(&dir, files).filter(|m| m.root == dir))
            .collect();
        mains
            .iter()
            .any(|m| m.root == module.root)
            .then(|| (root.to_path_buf(), mains))
    }

    fn intern(
        &self,
        root: &Path,
        mains: impl FnOnce() -> Vec<Arc<Module>>,
        files: &Files,
    ) -> BuildId {
        if let Some(id) = self
            .builds
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_root
            .get(root)
        {
            return *id;
        }
        let mains = mains();
        let mut builds = self.builds.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = builds.by_root.get(root) {
            return *id;
        }
        let id = BuildId(builds.all.len() as u32);
        builds
            .all
            .push(Arc::new(Build::new(id, root, mains, files)));
        builds.by_root.insert(root.to_path_buf(), id);
        id
    }

    /// Where the package that `path` means lies; the standard library is not looked at. `exists` tells whether a
    /// directory has Go files.
    pub(super) fn find(
        &self,
        build: &Build,
        from: &Path,
        path: &str,
        files: &Files,
        exists: &dyn Fn(&Path) -> bool,
    ) -> Option<Place> {
        let place = |dir: PathBuf, go| Place {
            build: build.id,
            dir,
            import_path: path.to_string(),
            go,
        };
        if path.starts_with("./") || path.starts_with("../") {
            let dir = normalize(&from.join(path));
            return exists(&dir).then(|| self.place(&dir, files));
        }
        if path.starts_with('/') || path.is_empty() {
            return None;
        }
        if build.mains.is_empty() {
            return gopath_dirs(from, path)
                .find(|dir| exists(dir))
                .map(|dir| place(dir, None));
        }
        let mut mains: Vec<_> = build
            .mains
            .iter()
            .filter_map(|m| Some((m, below(path, &m.file.path)?)))
            .collect();
        mains.sort_by_key(|(m, _)| std::cmp::Reverse(m.file.path.len()));
        for (module, rest) in mains {
            let dir = module.root.join(rest);
            // A directory with a go.mod of its own belongs to another module.
            let owned = || {
                self.module_at(&dir, files)
                    .is_some_and(|m| m.root == module.root)
            };
            if exists(&dir) && owned() {
                return Some(place(dir, language(module)));
            }
        }
        if let Some(vendor) = &build.vendor {
            let dir = vendor.dir.join(path);
            if exists(&dir) {
                let go = vendor
                    .list
                    .packages
                    .get(path)
                    .and_then(|m| vendor.list.modules[*m as usize]);
                let import_path = format!("{}{path}", vendor.prefix);
                return Some(Place {
                    import_path,
                    ..place(dir, go)
                });
            }
        }
        self.find_required(build, path, files, exists)
            .map(|(dir, module)| place(dir, module.and_then(|m| language(&m))))
    }

    /// Looks in the modules that go.mod requires: local replacements and the module cache, longest path first.
    fn find_required(
        &self,
        build: &Build,
        path: &str,
        files: &Files,
        exists: &dyn Fn(&Path) -> bool,
    ) -> Option<(PathBuf, Option<Arc<Module>>)> {
        let selected = build.selected.get_or_init(|| {
            let read = |file: &Path| files.read_other(file);
            // Since Go 1.17 go.mod lists every module that the build needs (Go modules reference, "Module graph
            // pruning"); before, versions come from the whole graph.
            let pruned = build.mains.iter().all(|m| language(m) >= Some((1, 17)));
            match pruned {
                true => mod_cache::highest(&build.require),
                false => mod_cache::select_versions(
                    &build.require,
                    &build.replace,
                    self.cache.as_deref(),
                    &read,
                ),
            }
        });
        let prefixes = std::iter::successors(Some(path), |p| p.rsplit_once('/').map(|(up, _)| up));
        for prefix in prefixes {
            let version = selected.get(prefix).map(String::as_str);
            let replaced = build
                .replace
                .iter()
                .find(|(_, r)| r.replaces(prefix, version.unwrap_or("")));
            let root = match (replaced, version) {
                (Some((base, r)), _) => match (r.local_dir(base), &self.cache, &r.new_version) {
                    (Some(dir), ..) => dir,
                    (None, Some(cache), Some(version)) => {
                        mod_cache::module_dir(cache, &r.new, version)
                    }
                    _ => continue,
                },
                (None, Some(version)) => match &self.cache {
                    Some(cache) => mod_cache::module_dir(cache, prefix, version),
                    None => continue,
                },
                (None, None) => continue,
            };
            let dir = root.join(path[prefix.len()..].trim_start_matches('/'));
            if exists(&dir) {
                let module = self
                    .module_at(&dir, files)
                    .filter(|m| root.starts_with(&m.root) || m.root == root);
                return Some((dir, module));
            }
        }
        None
    }
}

impl Build {
    fn new(id: BuildId, root: &Path, mains: Vec<Arc<Module>>, files: &Files) -> Build {
        let goroot_src =
            mains
                .first()
                .filter(|m| is_goroot(m))
                .and_then(|m| match m.file.path.as_str() {
                    "cmd" => m.root.parent().map(Path::to_path_buf),
                    _ => Some(m.root.clone()),
                });
        let prefix = match (&goroot_src, mains.first().map(|m| m.file.path.as_str())) {
            (Some(_), Some("cmd")) => "cmd/vendor/",
            (Some(_), _) => "vendor/",
            (None, _) => "",
        };
        let dir = root.join("vendor");
        let list = files
            .read_other(&dir.join("modules.txt"))
            .map(|text| VendorList::parse(&text));
        let vendor = (list.is_some() || dir.is_dir()).then(|| Vendor {
            dir,
            list: list.unwrap_or_default(),
            prefix,
        });
        let mut replace = Vec::new();
        if let Some(text) = files.read_other(&root.join("go.work")) {
            // Replacements of the workspace override those of its modules.
            replace.extend(
                GoWork::parse(&text)
                    .replace
                    .into_iter()
                    .map(|r| (root.to_path_buf(), r)),
            );
        }
        for module in &mains {
            replace.extend(
                module
                    .file
                    .replace
                    .iter()
                    .map(|r| (module.root.clone(), r.clone())),
            );
        }
        // A replacement of one version goes before one of all.
        replace.sort_by_key(|(_, r)| r.old_version.is_none());
        let require = mains
            .iter()
            .flat_map(|m| m.file.require.iter().cloned())
            .collect();
        Build {
            id,
            mains,
            goroot_src,
            vendor,
            require,
            replace,
            selected: OnceLock::new(),
        }
    }
}

/// The language version of a module; one without a `go` directive has Go 1.16 (Go modules reference).
fn language(module: &Module) -> Option<(u32, u32)> {
    Some(module.file.go.unwrap_or((1, 16)))
}

/// Whether a module is the standard library or its commands: `std` and `cmd` are reserved.
fn is_goroot(module: &Module) -> bool {
    matches!(module.file.path.as_str(), "std" | "cmd")
}

/// What is left of an import path below a module's path.
fn below<'a>(path: &'a str, module: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(module)?;
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    }
}

fn join_path(module: &str, below: &str) -> String {
    if below.is_empty() {
        module.to_string()
    } else {
        format!("{module}/{below}")
    }
}

/// A directory as an import path.
fn slashed(dir: &Path) -> String {
    let text = dir.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// Where GOPATH mode would look for a package outside any module: vendor directories upwards, then the enclosing `src`.
fn gopath_dirs(from: &Path, path: &str) -> impl Iterator<Item = PathBuf> {
    let in_gopath = from
        .ancestors()
        .any(|dir| dir.file_name().is_some_and(|n| n == "src"));
    let mut dirs = Vec::new();
    for dir in from.ancestors().filter(|_| in_gopath) {
        dirs.push(dir.join("vendor").join(path));
        if dir.file_name().is_some_and(|n| n == "src") {
            dirs.push(dir.join(path));
        }
    }
    dirs.into_iter()
}
