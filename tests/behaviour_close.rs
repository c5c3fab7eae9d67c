//! Rewritten programs are built and run: work that is done again and again leaves no descriptor, connection or
//! goroutine behind. The originals, run in the same way, leave one or more each time.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/behaviour/missing-close");

/// How often each program does its work (`count.Times`): a leak leaves at least as many.
const TIMES: u32 = 10;

#[test]
#[expect(clippy::print_stderr, reason = "a skipped check must be seen")]
fn nothing_is_left_open() {
    let version = Command::new("go").arg("version").output();
    if !version.is_ok_and(|out| out.status.success()) {
        let required = std::env::var("UNLEAK_REQUIRE_GO").is_ok_and(|value| value == "1");
        assert!(!required, "UNLEAK_REQUIRE_GO=1, but there is no go command");
        eprintln!("skipped: nothing_is_left_open (no go command)");
        return;
    }
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let dir = scratch.path().join("programs");
    copy(Path::new(PROGRAMS), &dir);

    let before = run_all(&dir, &scratch.path().join("before"));
    assert!(before.len() >= 7, "programs are missing: {before:?}");
    for (name, left) in &before {
        assert!(
            *left >= TIMES,
            "the original {name} does not leak: {left} left"
        );
    }

    let unleak = Command::new(env!("CARGO_BIN_EXE_unleak"))
        .args(["-w", "--select", "missing-close", "."])
        .current_dir(&dir)
        .output()
        .expect("unleak runs");
    let report = String::from_utf8_lossy(&unleak.stderr).into_owned();
    assert!(
        unleak.status.code().is_some_and(|code| code < 2),
        "{report}"
    );

    let after = run_all(&dir, &scratch.path().join("after"));
    for (name, left) in &after {
        assert_eq!(*left, 0, "{name} after the rewrite; {report}");
    }
    assert_eq!(before.len(), after.len());
}

/// Builds every program of the module and runs it: what it says is left, by name.
fn run_all(dir: &Path, bin: &Path) -> BTreeMap<String, u32> {
    std::fs::create_dir_all(bin).expect("a directory for programs");
    let mut build = Command::new("go");
    build
        .args(["build", "-o"])
        .arg(bin)
        .arg("./...")
        .current_dir(dir);
    let built = build.output().expect("go build runs");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let mut left = BTreeMap::new();
    for program in entries(bin) {
        let run = Command::new(&program).output().expect("the program runs");
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        let errors = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{program:?}: {errors}");
        let count = said
            .trim()
            .strip_prefix("left: ")
            .and_then(|count| count.parse().ok());
        let name = program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        left.insert(
            name,
            count.unwrap_or_else(|| panic!("{program:?} said {said}")),
        );
    }
    left
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
