//! A folder of Go programs: copied, built and run, before and after `unleak -w`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether there is a go command. Without one the test is skipped by name, or fails where Go is required.
#[expect(clippy::print_stderr, reason = "a skipped check must be seen")]
pub(crate) fn go_is_there(test: &str) -> bool {
    let version = Command::new("go").arg("version").output();
    let there = version.is_ok_and(|out| out.status.success());
    let required = std::env::var("UNLEAK_REQUIRE_GO").is_ok_and(|value| value == "1");
    assert!(
        there || !required,
        "UNLEAK_REQUIRE_GO=1, but there is no go command"
    );
    if !there {
        eprintln!("skipped: {test} (no go command)");
    }
    there
}

/// A module of programs in a directory of its own, removed at the end.
pub(crate) struct Programs {
    scratch: tempfile::TempDir,
}

impl Programs {
    /// A copy of the programs of this transform.
    pub(crate) fn copied(transform: &str) -> Programs {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/behaviour");
        let scratch = tempfile::tempdir().expect("a temporary directory");
        let programs = Programs { scratch };
        copy(&from.join(transform), &programs.dir());
        programs
    }

    /// A module made of these files.
    pub(crate) fn written(files: &[(String, String)]) -> Programs {
        let scratch = tempfile::tempdir().expect("a temporary directory");
        let programs = Programs { scratch };
        for (name, text) in files {
            let path = programs.dir().join(name);
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("created");
            std::fs::write(path, text).expect("written");
        }
        programs
    }

    /// Builds the program of the module's root with the race detector, and with Go's goroutine-leak profile where that
    /// is known (Go 1.26), and runs it: its standard output. A data race makes it fail.
    pub(crate) fn run_with_race(&self, build: &str) -> String {
        let program = self.scratch.path().join(build);
        let build = |experiment: &str| {
            let mut build = Command::new("go");
            build.args(["build", "-race", "-o"]).arg(&program).arg(".");
            build.env("GOEXPERIMENT", experiment);
            build
                .current_dir(self.dir())
                .output()
                .expect("go build runs")
        };
        let mut built = build("goroutineleakprofile");
        if String::from_utf8_lossy(&built.stderr).contains("unknown GOEXPERIMENT") {
            built = build("");
        }
        let errors = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{errors}");
        run(&program).1
    }

    fn dir(&self) -> PathBuf {
        self.scratch.path().join("programs")
    }

    /// Downloads the modules that the programs need. Where that is not possible the test is skipped by name, or fails
    /// where Go is required.
    #[expect(clippy::print_stderr, reason = "a skipped check must be seen")]
    pub(crate) fn downloaded(&self, test: &str) -> bool {
        let mut download = Command::new("go");
        download.args(["mod", "download"]).current_dir(self.dir());
        let done = download.output().expect("go mod download runs");
        let errors = String::from_utf8_lossy(&done.stderr);
        let required = std::env::var("UNLEAK_REQUIRE_GO").is_ok_and(|value| value == "1");
        assert!(done.status.success() || !required, "{errors}");
        if !done.status.success() {
            eprintln!("skipped: {test} ({})", errors.trim());
        }
        done.status.success()
    }

    /// Applies the transform's fixes; returns what the run said.
    pub(crate) fn rewrite(&self, transform: &str) -> String {
        self.rewrite_with(&["-w", "--verify=never", "--select", transform, "."])
    }

    /// The same, with fixes that a reviewer must agree to.
    pub(crate) fn rewrite_unsafe(&self, transform: &str) -> String {
        let rule = ["--select", transform, "."];
        self.rewrite_with(&[&["-w", "--unsafe-fixes", "--verify=never"], &rule[..]].concat())
    }

    fn rewrite_with(&self, arguments: &[&str]) -> String {
        let unleak = Command::new(env!("CARGO_BIN_EXE_unleak"))
            .args(arguments)
            .current_dir(self.dir())
            .output()
            .expect("unleak runs");
        let report = String::from_utf8_lossy(&unleak.stderr).into_owned();
        let code = unleak.status.code();
        assert!(code.is_some_and(|code| code < 2), "{report}");
        report
    }

    /// Builds every program of the module and runs it: standard output by name.
    pub(crate) fn run_all(&self, builds: &str) -> BTreeMap<String, String> {
        let bin = self.scratch.path().join(builds);
        std::fs::create_dir_all(&bin).expect("a directory for programs");
        let mut build = Command::new("go");
        build.args(["build", "-o"]).arg(&bin).arg("./...");
        let built = build.current_dir(self.dir()).output();
        let built = built.expect("go build runs");
        let errors = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{errors}");
        entries(&bin).iter().map(|program| run(program)).collect()
    }
}

fn run(program: &Path) -> (String, String) {
    let run = Command::new(program).output().expect("the program runs");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{program:?}: {errors}");
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let said = String::from_utf8_lossy(&run.stdout);
    (name.into_owned(), said.into_owned())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for path in entries(from) {
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a copy");
        }
    }
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(dir).expect("a readable directory");
    listed
        .map(|entry| entry.expect("a readable entry").path())
        .collect()
}
