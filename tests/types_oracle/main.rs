//! unleak's types against go/types: every call's callee and result, and whether the result has Close or Stop.
//!
//! Needs a Go toolchain; without one the tests pass without checking, unless `UNLEAK_REQUIRE_GO=1`, as in CI.
//! All of GOROOT/src, with tests, takes a few minutes and is checked on demand:
//!
//!     UNLEAK_ORACLE=all UNLEAK_REQUIRE_GO=1 cargo test --release --test types_oracle -- --nocapture

#![allow(clippy::print_stdout)]

mod answers;
mod oracle;

use answers::{Target, calls_of, go_files, targets};
use oracle::{Score, go, source_dir};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use unleak::index::{World, WorldOptions};

/// Packages of GOROOT that CI checks; `...` for all below.
const CHECKED: &[&str] = &[
    "net/http",
    "database/sql",
    "os",
    "net",
    "go/types",
    "cmd/go/internal/...",
    "encoding/json",
    "testing",
    "text/template",
];

fn world(goroot: &Path) -> World {
    World::new(WorldOptions {
        goroot: Some(goroot.into()),
        prefer_goroot: true,
        ..WorldOptions::default()
    })
}

/// Directories with Go files below `dir`, itself included; no testdata.
fn directories_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type().is_ok_and(|kind| kind.is_dir())
                && name != "testdata"
                && !name.starts_with(['_', '.'])
            {
                todo.push(entry.path());
            }
        }
        if !go_files(&dir, true).is_empty() {
            found.push(dir);
        }
    }
    found.sort();
    found
}

fn checked_directories(goroot: &Path) -> Vec<PathBuf> {
    let src = goroot.join("src");
    CHECKED
        .iter()
        .flat_map(|package| match package.strip_suffix("/...") {
            Some(root) => directories_below(&src.join(root)),
            None => vec![src.join(package)],
        })
        .collect()
}

#[test]
fn standard_library() {
    let Some(go) = go() else { return };
    let world = world(&go.goroot);
    let targets = targets(&world, &checked_directories(&go.goroot), false);
    let score = Score::of(&go.truth(&targets, None), &calls_of(&world, &targets));
    assert!(
        score.total() > 30_000,
        "only {} calls were compared",
        score.total()
    );
    println!("{} calls, {:.3} % right", score.total(), score.percent());
    score.assert_none_wrong();
    score.assert_right(99.9);
}

#[test]
fn with_tests() {
    let Some(go) = go() else { return };
    let world = world(&go.goroot);
    let src = go.goroot.join("src");
    let dirs = ["database/sql", "encoding/json", "text/template", "os/exec"]
        .map(|package| src.join(package));
    let targets = targets(&world, &dirs, true);
    let score = Score::of(&go.truth(&targets, None), &calls_of(&world, &targets));
    assert!(
        score.total() > 5_000,
        "only {} calls were compared",
        score.total()
    );
    score.assert_none_wrong();
    score.assert_right(99.9);
}

#[test]
fn traps() {
    let Some(go) = go() else { return };
    let world = world(&go.goroot);
    let dir = source_dir().join("traps");
    let targets = targets(&world, &directories_below(&dir), true);
    let module = format!("example.com/traps={}", dir.display());
    let score = Score::of(
        &go.truth(&targets, Some(module)),
        &calls_of(&world, &targets),
    );
    assert!(
        score.total() > 100,
        "only {} calls were compared",
        score.total()
    );
    score.assert_none_wrong();
    score.assert_right(99.9);
}

/// Whether a file is among the hidden `percent`: by a hash of its path below GOROOT (FNV-1a), the same on every run.
fn is_hidden(goroot: &Path, file: &Path, percent: u32) -> bool {
    let below = file.strip_prefix(goroot).unwrap_or(file);
    let hash = below
        .to_string_lossy()
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
    (hash >> 8) % 100 < percent
}

/// A file's text up to its package clause, with something after it that does not parse.
fn unreadable(text: &str) -> Arc<str> {
    let clause = text
        .lines()
        .take_while(|line| !line.starts_with("package "))
        .map(|line| line.len() + 1)
        .sum();
    let header: String = text
        .get(clause..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or("package p")
        .into();
    format!(
        "{}{header}\n)] this does not parse [(\n",
        &text[..clause.min(text.len())]
    )
    .into()
}

/// With files hidden, answers may become unknown, never wrong: lost declarations must not be taken for absent ones.
fn with_hidden_files(percent: u32, at_least: f64) {
    let Some(go) = go() else { return };
    let world = world(&go.goroot);
    for dir in directories_below(&go.goroot.join("src")) {
        for file in go_files(&dir, false) {
            if is_hidden(&go.goroot, &file, percent) {
                let text = std::fs::read_to_string(&file).expect("Go source is UTF-8");
                world.add_file(&file, Some(unreadable(&text)));
            }
        }
    }
    let dirs = checked_directories(&go.goroot);
    let shown: Vec<Target> = targets(&world, &dirs, false);
    let truth = go.truth(&shown, None);
    let ours = calls_of(&world, &shown);
    let score = Score::of(&truth, &ours);
    println!(
        "{percent} % hidden: {:.1} % of {} calls right, {} wrong",
        score.percent(),
        score.total(),
        score.wrong.len()
    );
    score.assert_none_wrong();
    score.assert_right(at_least);
}

// What is right at least is what was measured, rounded down: a fall says that we became more timid than needed.
#[test]
fn five_percent_of_the_files_hidden() {
    with_hidden_files(5, 85.0);
}

#[test]
fn a_quarter_of_the_files_hidden() {
    with_hidden_files(25, 58.0);
}

#[test]
fn most_files_hidden() {
    with_hidden_files(60, 23.0);
}

/// GOROOT without its vendor directories, by links; the directory is removed at the end.
#[cfg(unix)]
fn without_vendor(goroot: &Path) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    let link = |from: &Path, to: &Path, own: &str| {
        std::fs::create_dir_all(to).expect("a directory");
        for entry in std::fs::read_dir(from).expect("GOROOT is readable") {
            let name = entry.expect("GOROOT is readable").file_name();
            if name != "vendor" && name != own {
                std::os::unix::fs::symlink(from.join(&name), to.join(&name)).expect("a link");
            }
        }
    };
    let (from, to) = (goroot.join("src"), root.path().join("src"));
    link(&from, &to, "cmd");
    link(&from.join("cmd"), &to.join("cmd"), "");
    std::fs::copy(goroot.join("VERSION"), root.path().join("VERSION")).expect("a VERSION");
    root
}

/// With vendor directories hidden, what comes from them is unknown; the rest is as right as ever.
#[cfg(unix)]
#[test]
fn vendor_hidden() {
    let Some(go) = go() else { return };
    let root = without_vendor(&go.goroot);
    let packages = [
        "cmd/go/internal/modfetch",
        "cmd/compile/internal/noder",
        "cmd/vet",
        "net/http",
    ];
    let below = |root: &Path| -> Vec<PathBuf> {
        packages
            .iter()
            .map(|path| root.join("src").join(path))
            .collect()
    };
    let whole = world(&go.goroot);
    let shown = targets(&whole, &below(&go.goroot), false);
    let truth = go.truth(&shown, None);
    let all = Score::of(&truth, &calls_of(&whole, &shown));
    let hidden = world(root.path());
    let theirs = targets(&hidden, &below(root.path()), false);
    let (from, to) = (root.path().to_string_lossy(), go.goroot.to_string_lossy());
    let ours = calls_of(&hidden, &theirs).into_iter();
    let ours = ours
        .map(|(place, call)| (place.replace(&*from, &to), call))
        .collect();
    let score = Score::of(&truth, &ours);
    println!(
        "vendor hidden: {:.1} % of {} calls right, {} wrong; {:.1} % with it",
        score.percent(),
        score.total(),
        score.wrong.len(),
        all.percent()
    );
    assert!(
        score.total() > 3_000,
        "only {} calls were compared",
        score.total()
    );
    score.assert_none_wrong();
    all.assert_right(99.9);
    assert!(score.percent() < all.percent(), "nothing was hidden");
    // As measured, rounded down.
    score.assert_right(98.0);
}

#[test]
fn all_of_goroot() {
    if std::env::var("UNLEAK_ORACLE").as_deref() != Ok("all") {
        return;
    }
    let Some(go) = go() else { return };
    let world = world(&go.goroot);
    for tests in [false, true] {
        let targets = targets(&world, &directories_below(&go.goroot.join("src")), tests);
        let score = Score::of(&go.truth(&targets, None), &calls_of(&world, &targets));
        println!(
            "tests {tests}: {} calls, {:.3} % right, {} unknown, {} wrong",
            score.total(),
            score.percent(),
            score.unknown,
            score.wrong.len()
        );
        score.assert_none_wrong();
        score.assert_right(99.9);
    }
}
