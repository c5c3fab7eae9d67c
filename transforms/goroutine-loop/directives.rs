//! Functions that something outside of Go's own rules may call: which names the linker's directives of a module have.

use crate::index::{PackageId, World};
use memchr::memmem;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, RwLock};

const LINKNAME: &str = "//go:linkname ";

/// Whether a line tells the linker of a function (cmd/compile, "Compiler Directives"; cmd/cgo).
pub(super) fn is_one(line: &str) -> bool {
    ["//export ", LINKNAME, "//go:wasmexport "]
        .iter()
        .any(|directive| line.starts_with(directive))
}

/// The words of all directives in a module's files that link names, by the module's first package. Read once in a run.
#[derive(Default)]
struct Known(RwLock<FxHashMap<PackageId, Arc<FxHashSet<String>>>>);

/// Whether a directive in a file that links names has this one, anywhere in the module.
pub(super) fn linked(world: &World, package: PackageId, name: &str) -> bool {
    let packages = world.module_packages(package);
    let Some(module) = packages.first().copied() else {
        return false;
    };
    let memo = world.memo::<Known>();
    let known = memo
        .0
        .read()
        .ok()
        .and_then(|known| known.get(&module).cloned());
    let words = known.unwrap_or_else(|| {
        let found = Arc::new(words(world, &packages));
        if let Ok(mut known) = memo.0.write() {
            known.insert(module, Arc::clone(&found));
        }
        found
    });
    words.contains(name)
}

fn words(world: &World, packages: &[PackageId]) -> FxHashSet<String> {
    let mut words = FxHashSet::default();
    let mut seen = FxHashSet::default();
    for package in packages.iter().filter_map(|id| world.package(*id)) {
        for file in &package.files {
            if !seen.insert(file.id) {
                continue;
            }
            let text = world.text(file.id);
            if memmem::find(text.as_bytes(), LINKNAME.as_bytes()).is_none() {
                continue;
            }
            let lines = text.lines().filter(|line| is_one(line));
            let parts =
                lines.flat_map(|line| line.split(|c: char| c != '_' && !c.is_alphanumeric()));
            words.extend(parts.map(str::to_owned));
        }
    }
    words
}
