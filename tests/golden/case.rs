//! A case: its files, its directives, and what the program says and does about it.

use crate::tree::{self, Tree};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The `go` directive of a case that is a lone file and has no `// unleak: go 1.20` of its own.
const GO: &str = "1.25";

/// One case.
pub(crate) struct Case {
    pub(crate) transform: String,
    pub(crate) case: String,
    /// Its files, `go.mod` included.
    pub(crate) tree: Tree,
    /// It is a directory, or a file with a `go` version of its own: a module for itself.
    pub(crate) own_module: bool,
    unsafe_fixes: bool,
    /// `--exported`.
    exported: Option<String>,
}

/// What the program said and did.
pub(crate) struct Run {
    /// Findings and diffs.
    pub(crate) text: String,
    /// Everything on stderr.
    pub(crate) stderr: String,
    pub(crate) code: i32,
    /// `-d` alone.
    pub(crate) diff: String,
    /// `-l` alone.
    pub(crate) list: String,
    pub(crate) json: serde_json::Value,
    /// The files after `-w`.
    pub(crate) after: Tree,
    /// What `-w` exits with.
    pub(crate) write_code: i32,
    /// Findings and diffs of a run on `after`.
    pub(crate) again: serde_json::Value,
}

/// Every case, in order of its name.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for transform in entries(&root().join("tests/fixtures")) {
        for path in entries(&transform) {
            cases.push(Case::read(&transform, &path));
        }
    }
    cases
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a directory holds, sorted; nothing when it is not there.
pub(crate) fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

impl Case {
    fn read(transform: &Path, path: &Path) -> Case {
        let name = file_name(path);
        let mut case = Case {
            transform: file_name(transform),
            case: name.trim_end_matches(".go").to_owned(),
            tree: Tree::new(),
            own_module: path.is_dir(),
            unsafe_fixes: false,
            exported: None,
        };
        if path.is_dir() {
            case.tree = tree::read(path);
            assert!(
                case.tree.contains_key(Path::new("go.mod")),
                "{path:?} has no go.mod"
            );
        } else {
            case.tree.insert(name.into(), fs::read(path).unwrap());
        }
        let directives = case.directives();
        case.unsafe_fixes = directives
            .iter()
            .any(|directive| directive == "unsafe-fixes");
        let exported = |directive: &String| Some(directive.strip_prefix("exported ")?.to_owned());
        case.exported = directives.iter().find_map(exported);
        if !case.own_module {
            let version = directives
                .iter()
                .find_map(|directive| directive.strip_prefix("go "));
            case.own_module = version.is_some();
            let version = version.unwrap_or(GO);
            let module = format!("module example.com/{}\n\ngo {version}\n", case.case);
            case.tree.insert("go.mod".into(), module.into());
        }
        case
    }

    /// `// unleak: …` in the first lines of its Go files.
    fn directives(&self) -> Vec<String> {
        let mut directives = Vec::new();
        for (_, text) in self.go_files() {
            for line in text.lines().take(3) {
                directives.extend(line.strip_prefix("// unleak: ").map(str::to_owned));
            }
        }
        for directive in &directives {
            let known = directive == "unsafe-fixes"
                || directive.starts_with("go 1.")
                || directive.starts_with("exported ");
            assert!(known, "{}: unknown directive {directive:?}", self.name());
        }
        directives
    }

    /// `transform/case`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.transform, self.case)
    }

    /// Where its snapshot is.
    pub(crate) fn snapshot(&self) -> PathBuf {
        let directory = root().join("snapshots").join(&self.transform);
        directory.join(format!("{}.diff", self.case))
    }

    /// Its Go files that are text.
    pub(crate) fn go_files(&self) -> impl Iterator<Item = (&Path, &str)> {
        go_files(&self.tree)
    }

    /// Runs the program on it in every way.
    pub(crate) fn run(&self) -> Result<Run, String> {
        let before = tree::fresh(&self.tree);
        let text = self.unleak(before.path(), &["-j", "1"]);
        let threads = self.unleak(before.path(), &["-j", "4"]);
        if text.stdout != threads.stdout {
            return Err("the output depends on -j".into());
        }
        let json = self.unleak(before.path(), &["--format", "json"]);
        let diff = self.unleak(before.path(), &["-d"]);
        let list = self.unleak(before.path(), &["-l"]);
        if tree::read(before.path()) != self.tree {
            return Err("a run without -w changed a file".into());
        }
        let written = self.unleak(before.path(), &["-w", "--verify=never"]);
        let after = tree::read(before.path());
        let again = self.unleak(before.path(), &["--format", "json"]);
        let parse = |output: &Output| {
            let text = utf8(&output.stdout);
            serde_json::from_str(&text).map_err(|error| format!("JSON: {error}\n{text}"))
        };
        Ok(Run {
            text: utf8(&text.stdout),
            stderr: utf8(&text.stderr),
            code: text.status.code().unwrap_or(-1),
            diff: utf8(&diff.stdout),
            list: utf8(&list.stdout),
            json: parse(&json)?,
            after,
            write_code: written.status.code().unwrap_or(-1),
            again: parse(&again)?,
        })
    }

    fn unleak(&self, directory: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unleak"));
        command
            .current_dir(directory)
            .args(["--color", "never", "--select", &self.transform]);
        if self.unsafe_fixes {
            command.arg("--unsafe-fixes");
        }
        if let Some(how) = &self.exported {
            command.args(["--exported", how]);
        }
        command.args(arguments).output().unwrap()
    }
}

/// The Go files of a tree that are text.
pub(crate) fn go_files(tree: &Tree) -> impl Iterator<Item = (&Path, &str)> {
    tree.iter().filter_map(|(path, bytes)| {
        let go = path.extension().is_some_and(|extension| extension == "go");
        go.then_some((path.as_path(), std::str::from_utf8(bytes).ok()?))
    })
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
