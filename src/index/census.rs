//! Questions about a whole module: its packages, and which of several variants of a function is meant.

use super::resolve::Build;
use super::world::{Source, World, read, write};
use super::{FuncRef, PackageId};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

impl World {
    /// All packages of the module (or workspace) that `package` belongs to, test variants included: each Go file
    /// below its roots is in at least one, and its own is [`World::package_of`]. Ordered by directory. Outside any
    /// module: the packages of the directory.
    pub fn module_packages(&self, package: PackageId) -> Vec<PackageId> {
        let Some(cell) = self.cell(package) else {
            return Vec::new();
        };
        let (Some(build), Source::Disk { dir, .. }) = (cell.build, &cell.source) else {
            return vec![package];
        };
        if let Some(known) = read(&self.modules).get(&build) {
            return known.to_vec();
        }
        let build = self.resolver.build(build);
        let dirs = match build.mains.is_empty() {
            true => BTreeSet::from([dir.clone()]),
            false => self.module_dirs(&build),
        };
        let packages = dirs.iter().flat_map(|dir| self.packages_of(dir));
        let packages = packages.collect();
        write(&self.modules)
            .entry(build.id)
            .or_insert(packages)
            .to_vec()
    }

    /// The packages with the import path of `package`, itself among them: one for each build configuration that some
    /// file of the directory asks for.
    pub fn variants(&self, package: PackageId) -> Vec<PackageId> {
        let mut variants = Vec::new();
        if let Some(cell) = self.cell(package)
            && let Source::Disk { dir, .. } = &cell.source
        {
            variants = self.packages_of(dir);
        }
        let path = self.import_path(package);
        variants.retain(|id| self.import_path(*id) == path);
        if !variants.contains(&package) {
            variants.push(package);
        }
        variants
    }

    /// The packages that the Go files of a directory belong to, in the order of the files.
    fn packages_of(&self, dir: &Path) -> Vec<PackageId> {
        let directory = self.directory(dir);
        let files = directory.get().map(|d| d.files.as_slice());
        let mut seen = HashSet::new();
        let packages = files.unwrap_or_default().iter();
        packages
            .filter_map(|file| self.package_of(file.file.id))
            .filter(|id| seen.insert(*id))
            .collect()
    }

    /// Directories of the main modules that hold Go files or might: not nested modules, vendor, testdata, or names
    /// that begin with `_` or `.` (as `./...` does), unless the run was given files there.
    fn module_dirs(&self, build: &Build) -> BTreeSet<PathBuf> {
        let mut out = BTreeSet::new();
        for module in &build.mains {
            let mut todo = vec![module.root.clone()];
            while let Some(dir) = todo.pop() {
                for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    let skipped =
                        name.starts_with(['_', '.']) || name == "vendor" || name == "testdata";
                    if !skipped
                        && entry.file_type().is_ok_and(|t| t.is_dir())
                        && !entry.path().join("go.mod").exists()
                    {
                        todo.push(entry.path());
                    }
                }
                out.insert(dir);
            }
            let own = |dir: &PathBuf| {
                self.resolver
                    .module_at(dir, &self.files)
                    .is_some_and(|m| m.root == module.root)
            };
            out.extend(self.files.given_below(&module.root).into_iter().filter(own));
        }
        out
    }

    /// The same function in the package that its file belongs to: one answer for all variants and configurations in
    /// which the file is built. The argument itself when that has no such function.
    pub fn home(&self, func: FuncRef) -> FuncRef {
        let find = || {
            let package = self.package(func.package)?;
            let declared = package.funcs.get(func.index as usize)?;
            let file = package.files.get(declared.file as usize)?.id;
            let home = self.package_of(file)?;
            if home == func.package {
                return Some(func);
            }
            let home_package = self.package(home)?;
            let same = |f: &super::Declared<crate::syntax::ast::FuncDecl>| {
                home_package.files[f.file as usize].id == file && f.decl.span == declared.decl.span
            };
            let index = home_package.funcs.iter().position(same)? as u32;
            Some(FuncRef {
                package: home,
                index,
            })
        };
        find().unwrap_or(func)
    }
}
