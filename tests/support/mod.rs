//! Running the program in a directory of its own.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A goroutine that nothing ends, started from `main`: one finding with a safe fix.
pub(crate) const LEAK: &str = "package main\n\nimport \"time\"\n\nfunc main() {\n\tgo beat()\n\ttime.Sleep(time.Minute)\n}\n\n\
    func beat() {\n\tfor {\n\t\tprintln(\"beat\")\n\t\ttime.Sleep(time.Second)\n\t}\n}\n";

/// A program without leaks.
pub(crate) const CLEAN: &str = "package main\n\nfunc main() {}\n";

/// A directory to run in, and a cache directory that is empty at first.
pub(crate) struct Sandbox {
    directory: TempDir,
    cache: TempDir,
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Sandbox {
    /// A module with these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Sandbox {
        let directory = tempfile::tempdir().unwrap();
        let cache = tempfile::tempdir().unwrap();
        let sandbox = Sandbox { directory, cache };
        sandbox.write("go.mod", "module example.com/app\n\ngo 1.25\n");
        for (path, text) in files {
            sandbox.write(path, text);
        }
        sandbox
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Runs `unleak` here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    /// The command that [`Sandbox::run`] runs. Go is asked about new code in the tests of that alone.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unleak"));
        let says = |start: &str| arguments.iter().any(|argument| argument.starts_with(start));
        if says("-w") && !says("--verify") {
            command.arg("--verify=never");
        }
        command
            .current_dir(self.path())
            .args(arguments)
            .env("XDG_CACHE_HOME", self.cache())
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        command
    }

    /// Where a run keeps its journal.
    pub(crate) fn cache(&self) -> &Path {
        self.cache.path()
    }

    /// Every file here with its contents, by its path.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut directories = vec![self.path().to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    let name = path.strip_prefix(self.path()).unwrap().to_owned();
                    files.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        files
    }

    /// Runs `unleak` here with environment variables.
    pub(crate) fn run_with(&self, arguments: &[&str], env: &[(&str, &str)]) -> Said {
        let output = self
            .command(arguments)
            .envs(env.iter().copied())
            .output()
            .unwrap();
        Said {
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code().unwrap_or(-1),
        }
    }
}

impl Said {
    /// The lines on stderr but the summary.
    pub(crate) fn complaints(&self) -> Vec<&str> {
        let summary = |line: &&str| line.contains(" finding");
        self.err.lines().filter(|line| !summary(line)).collect()
    }
}
