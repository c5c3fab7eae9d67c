//! Which configuration file holds: the nearest above what was asked for, and none from outside the project.

use super::source::ConfigError;
use std::io;
use std::path::{Path, PathBuf};

/// The names of a configuration file.
pub const NAMES: [&str; 2] = ["unleak.toml", ".unleak.toml"];

/// The configuration file for a run on `paths` (files, directories, `dir/...`): the nearest one in or above the
/// directory that holds them all, up to the repository's root; outside a repository up to the module's root, and
/// without either in that directory alone.
pub fn discover(paths: &[PathBuf]) -> Result<Option<PathBuf>, ConfigError> {
    let Some(start) = common_directory(paths) else {
        return Ok(None);
    };
    let root = |marker: &str| start.ancestors().find(|at| at.join(marker).exists());
    let last = root(".git").or_else(|| root("go.mod")).unwrap_or(&start);
    for directory in start.ancestors().take_while(|at| at.starts_with(last)) {
        let there = NAMES.iter().map(|name| directory.join(name));
        let there: Vec<_> = there.filter(|path| exists(path)).collect();
        match there.as_slice() {
            [] => {}
            [one] => return Ok(Some(one.clone())),
            [one, ..] => {
                return Err(ConfigError {
                    path: shown(one),
                    at: None,
                    problem: format!("{} stands beside it; expected one of them", NAMES[1]),
                });
            }
        }
    }
    Ok(None)
}

/// A path as people see it: relative to the working directory when it is below it.
pub fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    let relative = here.ok().and_then(|here| path.strip_prefix(here).ok());
    relative.unwrap_or(path).to_owned()
}

/// A link that leads nowhere is there too: reading it fails, which is said.
fn exists(path: &Path) -> bool {
    !matches!(std::fs::symlink_metadata(path), Err(error) if error.kind() == io::ErrorKind::NotFound)
}

fn common_directory(paths: &[PathBuf]) -> Option<PathBuf> {
    let mut directories = paths.iter().filter_map(|path| directory_of(path));
    let mut common = directories.next()?;
    for directory in directories {
        while !directory.starts_with(&common) {
            common.pop();
        }
    }
    Some(common)
}

/// The directory that a path names or lies in, without symbolic links; of what is not there the nearest that is.
fn directory_of(path: &Path) -> Option<PathBuf> {
    let path = match path.file_name() {
        Some(name) if name == "..." => path.parent()?,
        _ => path,
    };
    let path = match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    };
    let real = std::fs::canonicalize(path);
    match real {
        Ok(real) if real.is_dir() => Some(real),
        Ok(real) => real.parent().map(Path::to_owned),
        Err(_) => directory_of(path.parent()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    struct Tree {
        /// Removed at the end.
        _scratch: tempfile::TempDir,
        root: PathBuf,
    }

    impl Tree {
        /// Directories (`a/`) and empty files.
        fn new(entries: &[&str]) -> Tree {
            let scratch = tempfile::tempdir().unwrap();
            let root = fs::canonicalize(scratch.path()).unwrap().join("top");
            fs::create_dir(&root).unwrap();
            for entry in entries {
                let path = root.join(entry);
                if entry.ends_with('/') {
                    fs::create_dir_all(path).unwrap();
                } else {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, "").unwrap();
                }
            }
            Tree {
                _scratch: scratch,
                root,
            }
        }

        fn found(&self, paths: &[&str]) -> Option<String> {
            let paths: Vec<_> = paths.iter().map(|path| self.root.join(path)).collect();
            let found = discover(&paths).unwrap()?;
            let inside = found.strip_prefix(&self.root).unwrap().to_owned();
            Some(inside.to_str().unwrap().to_owned())
        }
    }

    #[test]
    fn the_nearest_holds() {
        let tree = Tree::new(&[".git/", "unleak.toml", "a/.unleak.toml", "a/b/x.go", "c/"]);
        let near = Some("a/.unleak.toml".to_owned());
        let top = Some("unleak.toml".to_owned());
        assert_eq!(tree.found(&["a/b"]), near);
        assert_eq!(tree.found(&["a/b/x.go"]), near);
        assert_eq!(tree.found(&["a/..."]), near);
        assert_eq!(tree.found(&["a/b/not-there.go"]), near);
        assert_eq!(tree.found(&["c"]), top);
        assert_eq!(tree.found(&["a/b", "c"]), top, "one file for one run");
    }

    #[test]
    fn none_from_outside_the_repository() {
        let tree = Tree::new(&["unleak.toml", "inner/.git/", "inner/a/"]);
        assert_eq!(tree.found(&["inner/a"]), None);
    }

    #[test]
    fn none_from_outside_the_module_where_there_is_no_repository() {
        let tree = Tree::new(&["unleak.toml", "inner/go.mod", "inner/a/"]);
        assert_eq!(tree.found(&["inner/a"]), None);
        let tree = Tree::new(&["unleak.toml", "a/"]);
        assert_eq!(tree.found(&["a"]), None);
        assert_eq!(tree.found(&["."]), Some("unleak.toml".into()));
    }

    #[test]
    fn two_names_in_one_place_are_an_error() {
        let tree = Tree::new(&["unleak.toml", ".unleak.toml"]);
        let error = discover(std::slice::from_ref(&tree.root)).unwrap_err();
        assert!(error.to_string().contains("stands beside it"), "{error}");
    }
}
