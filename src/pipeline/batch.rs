//! Which files are analysed together: all of a main module or workspace, since nothing that is found in one, and no fix,
//! reaches into another. What a run holds in memory is then one batch, however many modules it is asked about.

use crate::index::{Main, Mains};
use crate::walk::GoFile;
use std::collections::BTreeMap;
use std::path::Path;

/// Modules are put together until they have so many files: modules of one repository share their dependencies, which
/// are read once a batch. With twice as many a run over fourteen large repositories needed more memory than
/// GOROOT/src, one module of 6,500 files, needs alone (docs/performance.md).
const FILES: usize = 500;

/// The files' numbers, batch by batch; in each they are in order.
pub(super) fn batches(files: &[GoFile]) -> Vec<Vec<usize>> {
    let mains = Mains::default();
    let mut of_directory: BTreeMap<&Path, Main> = BTreeMap::new();
    let mut known: BTreeMap<Main, usize> = BTreeMap::new();
    let mut modules: Vec<Vec<usize>> = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let directory = file.path.parent().unwrap_or(Path::new(""));
        let main = *of_directory
            .entry(directory)
            .or_insert_with(|| mains.of(directory));
        let at = *known.entry(main).or_insert(modules.len());
        match modules.get_mut(at) {
            Some(module) => module.push(number),
            None => modules.push(vec![number]),
        }
    }
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for module in modules {
        match batches.last_mut() {
            Some(batch) if batch.len() + module.len() <= FILES => batch.extend(module),
            _ => batches.push(module),
        }
    }
    batches.iter_mut().for_each(|batch| batch.sort_unstable());
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_module_is_never_cut_and_small_ones_go_together() {
        let scratch = tempfile::tempdir().expect("a directory");
        let file = |name: &str| GoFile {
            path: scratch.path().join(name),
            named: false,
        };
        let module = |name: &str| {
            fs::create_dir_all(scratch.path().join(name)).expect("a directory");
            let text = format!("module example.com/{name}\n");
            fs::write(scratch.path().join(name).join("go.mod"), text).expect("a file");
        };
        for name in ["large", "large/inner", "one", "two", "used"] {
            module(name);
        }
        fs::write(
            scratch.path().join("go.work"),
            "use (\n\t./used\n\t./two\n)\n",
        )
        .expect("a file");
        let mut files: Vec<GoFile> = (0..FILES)
            .map(|n| file(&format!("large/{n:05}.go")))
            .collect();
        files.push(file("large/inner/a.go"));
        files.push(file("large/zzz.go"));
        files.extend(["one/a.go", "outside/a.go", "two/a.go", "used/a.go"].map(file));
        let batches = batches(&files);
        let inner = FILES;
        assert_eq!(batches.len(), 2);
        assert_eq!(batches[0].len(), FILES + 1);
        assert!(!batches[0].contains(&inner));
        assert_eq!(
            batches[1],
            [inner, FILES + 2, FILES + 3, FILES + 4, FILES + 5]
        );
    }

    #[test]
    fn a_workspace_is_one() {
        let scratch = tempfile::tempdir().expect("a directory");
        let mains = Mains::default();
        for name in ["one", "two", "three"] {
            let directory = scratch.path().join(name);
            fs::create_dir(&directory).expect("a directory");
            fs::write(directory.join("go.mod"), "module m\n").expect("a file");
        }
        fs::write(scratch.path().join("go.work"), "use ./one\nuse ./two\n").expect("a file");
        let of = |name: &str| mains.of(&scratch.path().join(name));
        assert_eq!(of("one"), of("two/below"));
        assert_ne!(of("one"), of("three"));
        assert_ne!(of("one"), of("outside"));
        assert_eq!(of("elsewhere"), of("outside"));
    }
}
