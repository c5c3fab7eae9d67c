//! Transforms that are wrong on purpose, in modules on disk: the go command finds them, and them alone.

use super::*;
use crate::analyse::finding::{Applicability, Edit, Finding, Fix, Location, Severity, Verdict};
use crate::index::WorldOptions;
use crate::plan::{Policy, plan};
use crate::syntax::ast::Span;
use std::fs;
use tempfile::TempDir;

/// A file that inserts or replaces: path, the text to find, what stands there instead. All edits of one change are
/// one fix.
type Change = &'static [(&'static str, &'static str, &'static str)];

fn tree(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// What is proved of changes in a tree: packages, the numbers and words of dropped changes, what was not proved.
fn proved(tree: &TempDir, changes: &[Change]) -> (usize, Vec<(usize, String)>, Vec<String>) {
    let world = World::new(WorldOptions::default());
    let finding = |change: &Change| {
        let edit = |(path, from, to): &(&str, &str, &str)| {
            let path = fs::canonicalize(tree.path().join(path)).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let file = world.add_file(&path, Some((&*text).into()));
            let start = text.find(from).unwrap();
            let span = Span::new(start, start + from.len());
            let text = (*to).to_owned();
            (file, Edit { span, text })
        };
        let edits: Vec<(FileId, Edit)> = change.iter().map(edit).collect();
        Finding {
            rule: "wrong",
            at: Location {
                file: edits[0].0,
                span: edits[0].1.span,
            },
            message: "leaks".into(),
            severity: Severity::Warning,
            related: Vec::new(),
            verdict: Verdict::Fix(Fix {
                applicability: Applicability::Safe,
                title: "fix".into(),
                edits,
                imports: Vec::new(),
            }),
        }
    };
    let policy = Policy {
        unsafe_fixes: false,
        fixed: &|_| None,
        text: &|file| world.text(file),
    };
    let plan = plan(changes.iter().map(finding).collect(), &policy);
    assert_eq!(plan.groups.len(), changes.len(), "one group a change");
    let proof = prove(&plan, &world, Instant::now() + LONGEST, None);
    let dropped = proof
        .dropped
        .into_iter()
        .map(|one| (one.group.0, one.words));
    (
        proof.packages,
        dropped.collect(),
        proof.unproved.into_keys().collect(),
    )
}

const MODULE: (&str, &str) = ("go.mod", "module example.com/app\n\ngo 1.25\n");
const A: (&str, &str) = (
    "a/a.go",
    "package a\n\nfunc F(x int) int {\n\treturn x\n}\n\nfunc G() {\n\tF(1)\n}\n",
);
const B: (&str, &str) = (
    "b/b.go",
    "package b\n\nimport \"example.com/app/a\"\n\nfunc H() {\n\ta.F(2)\n}\n",
);

const RIGHT: Change = &[("a/a.go", "\tF(1)\n", "\tF(2)\n")];
const WRONG: Change = &[("a/a.go", "\treturn x\n", "\treturn y\n")];
/// Right in its own package.
const SIGNATURE: Change = &[
    ("a/a.go", "F(x int)", "F(x, _ int)"),
    ("a/a.go", "F(1)", "F(1, 1)"),
];

fn words(dropped: &[(usize, String)]) -> Vec<(usize, &str)> {
    dropped
        .iter()
        .map(|(group, words)| (*group, words.as_str()))
        .collect()
}

#[test]
fn what_compiles_stays() {
    let tree = tree(&[MODULE, A, B]);
    assert_eq!(proved(&tree, &[RIGHT]), (1, vec![], vec![]));
    let everywhere: Change = &[
        ("a/a.go", "F(x int)", "F(x, _ int)"),
        ("a/a.go", "F(1)", "F(1, 1)"),
        ("b/b.go", "F(2)", "F(2, 2)"),
    ];
    assert_eq!(proved(&tree, &[everywhere]), (2, vec![], vec![]));
}

#[test]
fn what_does_not_compile_is_dropped_with_gos_words_and_the_rest_stays() {
    let tree = tree(&[MODULE, A, B]);
    let (packages, dropped, unproved) = proved(&tree, &[RIGHT, WRONG, &[("b/b.go", "(2)", "(3)")]]);
    assert_eq!(words(&dropped), [(1, "a/a.go:4:9: undefined: y")]);
    assert_eq!((packages, unproved.len()), (2, 0));
}

#[test]
fn each_of_several_wrong_ones_is_found_behind_the_other() {
    let tree = tree(&[MODULE, A, B]);
    let other: Change = &[("a/a.go", "\tF(1)\n", "\tF(\"\")\n")];
    let (_, dropped, _) = proved(&tree, &[WRONG, other]);
    assert_eq!(
        dropped.iter().map(|(group, _)| *group).collect::<Vec<_>>(),
        [0, 1]
    );
}

#[test]
fn a_package_that_depends_on_a_changed_declaration_is_asked_too() {
    let tree = tree(&[MODULE, A, B]);
    let (_, dropped, _) = proved(&tree, &[SIGNATURE]);
    let want =
        "b/b.go:6:7: not enough arguments in call to a.F\n\thave (number)\n\twant (int, int)";
    assert_eq!(words(&dropped), [(0, want)]);
}

#[test]
fn tests_are_asked_too() {
    let test = "package a_test\n\nimport (\n\t\"testing\"\n\n\t\"example.com/app/a\"\n)\n\nfunc TestF(t *testing.T) {\n\ta.F(1)\n}\n";
    let tree = tree(&[MODULE, A, ("a/a_test.go", test)]);
    let (_, dropped, _) = proved(&tree, &[SIGNATURE]);
    assert!(
        dropped[0]
            .1
            .starts_with("a/a_test.go:10:7: not enough arguments"),
        "{dropped:?}"
    );
}

#[test]
fn what_vet_finds_in_the_new_text_alone_counts() {
    let file = (
        "a/a.go",
        "package a\n\nimport \"fmt\"\n\nfunc F() {\n\tfmt.Printf(\"%d\", \"old\")\n\tfmt.Println()\n}\n",
    );
    let tree = tree(&[MODULE, file]);
    let worse: Change = &[("a/a.go", "fmt.Println()", "fmt.Printf(\"%d\", \"new\")")];
    let (_, dropped, _) = proved(&tree, &[worse]);
    assert_eq!(dropped.len(), 1, "{dropped:?}");
    let same: Change = &[("a/a.go", "fmt.Println()", "fmt.Println()\n\tfmt.Println()")];
    assert_eq!(proved(&tree, &[same]).1, []);
}

#[test]
fn errors_that_were_there_do_not_count() {
    let broken = ("a/broken.go", "package a\n\nvar x = undefined\n");
    let tree = tree(&[MODULE, A, broken]);
    let (packages, dropped, unproved) = proved(&tree, &[RIGHT]);
    assert_eq!((packages, dropped), (0, vec![]));
    assert_eq!(unproved, ["a package did not compile before"]);
}

#[test]
fn a_file_of_another_system_is_asked_under_that_system() {
    let windows = ("a/a_windows.go", "package a\n\nfunc W() {\n\tF(1)\n}\n");
    let arm = (
        "a/arm.go",
        "//go:build linux && arm64 && special\n\npackage a\n\nfunc L() {\n\tF(1)\n}\n",
    );
    let tree = tree(&[MODULE, A, windows, arm]);
    let wrong: Change = &[("a/a_windows.go", "F(1)", "F(w)")];
    let (_, dropped, unproved) = proved(&tree, &[RIGHT, wrong, &[("a/arm.go", "F(1)", "F(l)")]]);
    assert_eq!(
        words(&dropped),
        [
            (1, "a/a_windows.go:4:4: undefined: w"),
            (2, "a/arm.go:6:4: undefined: l")
        ]
    );
    assert_eq!(unproved, [] as [String; 0]);
}

#[test]
fn vendored_dependencies_are_used() {
    let app = (
        "go.mod",
        "module example.com/app\n\ngo 1.25\n\nrequire example.com/dep v1.0.0\n",
    );
    let modules = (
        "vendor/modules.txt",
        "# example.com/dep v1.0.0\n## explicit; go 1.25\nexample.com/dep\n",
    );
    let dep = (
        "vendor/example.com/dep/dep.go",
        "package dep\n\nfunc D() {}\n",
    );
    let main = (
        "main.go",
        "package main\n\nimport \"example.com/dep\"\n\nfunc main() {\n\tdep.D()\n}\n",
    );
    let tree = tree(&[app, modules, dep, main]);
    let (packages, dropped, unproved) = proved(&tree, &[&[("main.go", "dep.D()", "dep.E()")]]);
    assert_eq!(words(&dropped), [(0, "main.go:6:6: undefined: dep.E")]);
    assert_eq!((packages, unproved.len()), (1, 0));
}

#[test]
fn a_workspaces_other_modules_are_asked_too() {
    let user = "package b\n\nimport \"example.com/app/a\"\n\nfunc H() {\n\ta.F(2)\n}\n";
    let tree = tree(&[
        ("go.work", "go 1.25\n\nuse (\n\t./app\n\t./user\n)\n"),
        ("app/go.mod", MODULE.1),
        ("app/a/a.go", A.1),
        ("user/go.mod", "module example.com/user\n\ngo 1.25\n"),
        ("user/b.go", user),
    ]);
    let (_, dropped, _) = proved(
        &tree,
        &[&[
            ("app/a/a.go", "F(x int)", "F(x, _ int)"),
            ("app/a/a.go", "F(1)", "F(1, 1)"),
        ]],
    );
    assert!(
        dropped[0].1.contains("not enough arguments in call to a.F"),
        "{dropped:?}"
    );
    assert!(dropped[0].1.contains("b.go:6:"), "{dropped:?}");
}

#[test]
fn what_cannot_be_asked_is_said() {
    let missing = (
        "m/m.go",
        "package m\n\nimport \"example.com/missing\"\n\nfunc M() {\n\tmissing.F()\n}\n",
    );
    let module = tree(&[MODULE, missing]);
    let change: Change = &[("m/m.go", "F()", "G()")];
    let (_, dropped, unproved) = proved(&module, &[change]);
    assert_eq!(dropped, []);
    assert_eq!(
        unproved,
        ["the go command does not find all that a package imports"]
    );
    let alone = tree(&[missing]);
    assert_eq!(proved(&alone, &[change]).2, ["there is no go.mod"]);
}

/// Only its own go command compiles a GOROOT, the module of its commands included.
#[test]
fn a_goroot_is_asked_about_with_its_own_go() {
    let goroot = tree(&[
        ("VERSION", "go1.25\n"),
        ("src/go.mod", "module std\n\ngo 1.25\n"),
        ("src/runtime/x.go", "package runtime\n"),
        ("src/cmd/go.mod", "module cmd\n\ngo 1.25\n"),
        ("src/cmd/m/m.go", "package m\n\nfunc M() {\n\tF()\n}\n"),
    ]);
    let change: Change = &[("src/cmd/m/m.go", "F()", "G()")];
    let (_, dropped, unproved) = proved(&goroot, &[change]);
    assert_eq!(dropped, []);
    assert_eq!(unproved, ["this GOROOT has no go command"]);
}
