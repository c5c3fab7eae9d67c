//! All transforms in one run do not fight: the result is the same in whatever order they are asked, no fix is lost to
//! another's, and after at most two runs there is nothing left to do. On every fixture and a part of GOROOT/src;
//! `UNLEAK_TOGETHER=DIR` adds a tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use unleak::analyse::declined::Declined;
use unleak::analyse::transform::{Rule, Transform};
use unleak::emit::{Report, State};
use unleak::pipeline::{self, Options, Scope};
use unleak::prove::When;
use unleak::transforms;

/// In which at least one run finds nothing to do: the first fixes, the second what it had to leave.
const RUNS: usize = 3;

/// Packages of the standard library with many resources, goroutines and deadlines.
const SLICE: &[&str] = &["database", "net/http", "net/rpc", "os", "testing"];

/// Go files in a directory of their own.
struct Copy {
    directory: TempDir,
}

impl Copy {
    fn new() -> Copy {
        let directory = tempfile::tempdir().expect("a directory");
        Copy { directory }
    }

    fn write(&self, path: &Path, text: &[u8]) {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("created");
        std::fs::write(path, text).expect("written");
    }

    /// What Go and its modules read of a tree.
    fn add(&self, from: &Path, to: &Path) {
        for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
            let (path, to) = (entry.path(), to.join(entry.file_name()));
            let kind = entry.file_type().expect("a kind");
            let go = path
                .extension()
                .is_some_and(|end| end == "go" || end == "mod");
            if kind.is_dir() && entry.file_name() != ".git" && entry.file_name() != "testdata" {
                self.add(&path, &to);
            } else if kind.is_file() && go {
                self.write(&to, &std::fs::read(path).expect("read"));
            }
        }
    }
}

/// Every fixture: a package or a module of its own.
fn fixtures() -> Copy {
    let copy = Copy::new();
    copy.write(Path::new("go.mod"), b"module example.com/app\n\ngo 1.25\n");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for rule in std::fs::read_dir(root).expect("fixtures").flatten() {
        for case in std::fs::read_dir(rule.path()).expect("cases").flatten() {
            let to = Path::new("cases").join(rule.file_name());
            let to = to.join(case.path().file_stem().expect("a name"));
            if case.path().is_dir() {
                copy.add(&case.path(), &to);
                continue;
            }
            let text = std::fs::read_to_string(case.path()).expect("read");
            copy.write(&to.join("a.go"), text.as_bytes());
            if let Some(version) = text
                .lines()
                .find_map(|line| line.strip_prefix("// unleak: go "))
            {
                let module = format!("module example.com/case\n\ngo {}\n", version.trim());
                copy.write(&to.join("go.mod"), module.as_bytes());
            }
        }
    }
    copy
}

/// A part of the standard library; none without a go command.
fn standard() -> Option<Copy> {
    let said = Command::new("go").args(["env", "GOROOT"]).output();
    let required = std::env::var("UNLEAK_REQUIRE_GO").is_ok_and(|value| value == "1");
    let said = said.ok().filter(|said| said.status.success());
    assert!(
        said.is_some() || !required,
        "UNLEAK_REQUIRE_GO=1, but there is no go command"
    );
    let root = String::from_utf8(said?.stdout).expect("a path");
    let source = Path::new(root.trim()).join("src");
    let copy = Copy::new();
    let module = std::fs::read(source.join("go.mod")).expect("go.mod");
    copy.write(Path::new("go.mod"), &module);
    for package in SLICE {
        copy.add(&source.join(package), Path::new(package));
    }
    Some(copy)
}

fn run(copy: &Copy, transforms: &[&'static Transform], unsafe_fixes: bool) -> Report {
    let rule = |one: &&'static Transform| Rule::new(one, None).expect("no settings");
    let options = Options {
        paths: vec![copy.directory.path().to_owned()],
        rules: transforms.iter().map(rule).collect(),
        unsafe_fixes,
        exported: unleak::config::Exported::Keep,
        include: Vec::new(),
        jobs: 2,
        scope: Scope::default(),
        verbose: false,
        verify: When::Never,
        prefilter: true,
        shard: None,
        given: None,
        unsaved: Vec::new(),
        reach: Vec::new(),
    };
    pipeline::run(&options, &|_, _| ()).expect("a report")
}

/// The new texts.
fn changes(report: &Report) -> BTreeMap<PathBuf, String> {
    let changed = report.changed();
    let text = |(file, new): (&unleak::emit::ReportedFile, &str)| (file.path.clone(), new.into());
    changed.map(text).collect()
}

/// Findings with this state, by what they are called from run to run.
fn named(report: &Report, wanted: fn(&State) -> bool) -> BTreeMap<String, String> {
    let findings = report.findings.iter().filter(|one| wanted(&one.state));
    let name = |one: &unleak::emit::ReportedFinding| {
        let path = report.files[one.at.file].path.display();
        let place = format!("{path}:{}: {}: {:?}", one.at.line, one.rule, one.state);
        (format!("{:?}", one.fingerprint), place)
    };
    findings.map(name).collect()
}

fn is_offered(state: &State) -> bool {
    matches!(state, State::Offered { .. })
}

fn is_put_off(state: &State) -> bool {
    matches!(
        state,
        State::Declined(Declined::Overlap | Declined::Unsettled | Declined::Invariant)
    )
}

/// Each pair of transforms in both orders, and not only as neighbours.
fn orders() -> [Vec<&'static Transform>; 3] {
    let all = transforms::ALL.to_vec();
    let reversed = all.iter().rev().copied().collect();
    let (even, odd): (Vec<_>, Vec<_>) = (0..all.len()).partition(|at| at % 2 == 0);
    let mixed = odd.iter().chain(&even).map(|at| all[*at]).collect();
    [all, reversed, mixed]
}

/// Checks the tree and leaves it rewritten.
fn check(copy: &Copy, unsafe_fixes: bool) {
    let [all, reversed, mixed] = orders();
    let first = run(copy, &all, unsafe_fixes);
    let changed = changes(&first);
    assert!(!changed.is_empty(), "nothing is fixed");
    for other in [reversed, mixed] {
        let ids: Vec<&str> = other.iter().map(|one| one.id).collect();
        let other = changes(&run(copy, &other, unsafe_fixes));
        let differs = |path: &&PathBuf| changed.get(*path) != other.get(*path);
        let paths: BTreeSet<&PathBuf> = changed.keys().chain(other.keys()).collect();
        let different: Vec<_> = paths.into_iter().filter(differs).collect();
        assert!(different.is_empty(), "in the order {ids:?}: {different:?}");
    }
    let put_off = named(&first, is_put_off);
    assert!(put_off.is_empty(), "left by the first run: {put_off:#?}");
    let together = named(&first, |_| true);
    let fixed = named(&first, is_offered);
    for one in &all {
        let alone = named(&run(copy, &[*one], unsafe_fixes), is_offered);
        // What another transform's fix has made go away is not told of.
        let lost = |(name, _): &(&String, &String)| {
            together.contains_key(*name) && !fixed.contains_key(*name)
        };
        let lost: Vec<_> = alone.iter().filter(lost).map(|(_, place)| place).collect();
        assert!(lost.is_empty(), "fixed alone, but not together: {lost:#?}");
    }
    let mut changed = changed;
    for number in 1.. {
        assert!(
            number < RUNS || changed.is_empty(),
            "run {number} changes {:#?}",
            changed.keys()
        );
        if changed.is_empty() {
            break;
        }
        for (path, text) in &changed {
            std::fs::write(path, text).expect("written");
        }
        changed = changes(&run(copy, &all, unsafe_fixes));
    }
}

#[test]
fn a_leak_that_two_transforms_see_is_fixed_once_and_the_safe_way() {
    let fixture = "tests/fixtures/blocked-send/give_up_on_done_of_struct.go";
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture);
    let copy = Copy::new();
    copy.write(Path::new("go.mod"), b"module example.com/app\n\ngo 1.25\n");
    copy.write(
        Path::new("a.go"),
        &std::fs::read(fixture).expect("a fixture"),
    );
    let alone = |id: &str| {
        let one = transforms::ALL.iter().find(|one| one.id == id);
        changes(&run(&copy, &[one.expect("a transform")], true))
    };
    let both = run(&copy, transforms::ALL, true);
    assert_ne!(alone("blocked-send"), alone("goroutine-loop"));
    assert_eq!(changes(&both), alone("blocked-send"));
    let states = both.findings.iter().map(|one| (one.rule, &one.state));
    let offered: BTreeMap<&str, &State> = states.filter(|(_, state)| is_offered(state)).collect();
    assert_eq!(offered.len(), 2, "{offered:?}");
    assert_eq!(offered["blocked-send"], offered["goroutine-loop"]);
}

#[test]
fn on_every_fixture() {
    check(&fixtures(), false);
}

#[test]
fn on_every_fixture_with_unsafe_fixes() {
    check(&fixtures(), true);
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped check must be seen")]
fn on_the_standard_library() {
    match standard() {
        Some(copy) => check(&copy, true),
        None => eprintln!("skipped: on_the_standard_library (no go command)"),
    }
}

#[test]
fn on_a_tree() {
    if let Some(tree) = std::env::var_os("UNLEAK_TOGETHER") {
        for unsafe_fixes in [false, true] {
            let copy = Copy::new();
            copy.add(Path::new(&tree), Path::new(""));
            check(&copy, unsafe_fixes);
        }
    }
}
