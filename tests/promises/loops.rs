//! No rewrite puts a `defer` into a loop, where it would run too late or never.

use crate::support::Sandbox;
use std::fs;
use std::path::{Path, PathBuf};
use tree_sitter::{Node, Parser};

/// The `defer` statements that stand in a loop of their own function.
fn defers_in_loops(text: &str) -> usize {
    let mut parser = Parser::new();
    let go = tree_sitter_go::LANGUAGE.into();
    parser.set_language(&go).expect("the Go grammar");
    let tree = parser.parse(text, None).expect("a tree");
    let mut found = 0;
    let mut stack = vec![(tree.root_node(), false)];
    while let Some((node, looping)) = stack.pop() {
        let looping = match node.kind() {
            "for_statement" => true,
            "func_literal" | "function_declaration" | "method_declaration" => false,
            _ => looping,
        };
        found += usize::from(looping && node.kind() == "defer_statement");
        stack.extend(children(node).into_iter().map(|child| (child, looping)));
    }
    found
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

fn go_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => go_files(&path, files),
            false if path.extension().is_some_and(|end| end == "go") => files.push(path),
            false => {}
        }
    }
}

/// Rewrites a copy of the files, and compares.
fn check(files: &[(String, String)]) -> usize {
    let sandbox = Sandbox::new(&[]);
    for (path, text) in files {
        sandbox.write(path, text);
    }
    let arguments = [
        "-w",
        "--unsafe-fixes",
        "--exit-zero",
        "--select",
        "missing-close",
    ];
    sandbox.run(&[&arguments[..], &["--include", "testdata", "."]].concat());
    let mut changed = 0;
    for (path, text) in files {
        let new = sandbox.read(path);
        changed += usize::from(new != *text);
        let (old, now) = (defers_in_loops(text), defers_in_loops(&new));
        assert!(now <= old, "{path}: {old} before, {now} after\n{new}");
    }
    changed
}

#[test]
fn a_defer_in_a_loop_is_counted() {
    let text = "package p\n\nfunc f() {\n\tfor {\n\t\tdefer g()\n\t\tfunc() {\n\t\t\tdefer g()\n\t\t}()\n\t}\n}\n";
    assert_eq!(defers_in_loops(text), 1);
}

#[test]
fn no_fixture_gets_a_defer_into_a_loop() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/missing-close");
    let mut paths = Vec::new();
    go_files(&fixtures, &mut paths);
    let file = |(at, path): (usize, &PathBuf)| {
        let text = fs::read_to_string(path).expect("a fixture");
        let name = path
            .strip_prefix(&fixtures)
            .expect("below")
            .display()
            .to_string();
        // Each is a package of its own.
        let own = if name.contains('/') {
            name
        } else {
            format!("case{at}/{name}")
        };
        (own, text)
    };
    let files: Vec<_> = paths.iter().enumerate().map(file).collect();
    let changed = check(&files);
    assert!(changed > 80, "only {changed} of {} change", files.len());
}

/// The same of any tree: `UNLEAK_TREE=DIR cargo test --release --test promises tree -- --ignored --nocapture`.
#[test]
#[ignore = "of a tree that UNLEAK_TREE names"]
fn no_tree_gets_a_defer_into_a_loop() {
    let tree = std::env::var("UNLEAK_TREE").expect("UNLEAK_TREE names a directory");
    let mut paths = Vec::new();
    go_files(Path::new(&tree), &mut paths);
    let file = |path: &PathBuf| {
        let text = fs::read_to_string(path).ok()?;
        Some((path.strip_prefix(&tree).ok()?.display().to_string(), text))
    };
    let files: Vec<_> = paths.iter().filter_map(file).collect();
    println!("{} of {} files changed", check(&files), files.len());
}
