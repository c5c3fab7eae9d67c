//! Only what is new, what is skipped, and the care that git's users expect.

mod support;

use std::process::Command;
use support::{CLEAN, LEAK, Said, Sandbox};

fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let mut command = Command::new("git");
    command
        .args(["-c", "user.name=n", "-c", "user.email=e@example.com"])
        .args(arguments);
    command
        .current_dir(sandbox.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

/// A repository whose branch `main` has one leak in `old/main.go`, and a branch that is checked out.
fn branch() -> Sandbox {
    let sandbox = Sandbox::new(&[("old/main.go", LEAK), ("sub dir/é.go", CLEAN)]);
    git(&sandbox, &["init", "-q", "-b", "main"]);
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "-qm", "main"]);
    git(&sandbox, &["checkout", "-qb", "topic"]);
    sandbox
}

/// The files that findings are in.
fn files(said: &Said) -> Vec<&str> {
    let lines = said
        .out
        .lines()
        .filter(|line| line.contains(": goroutine-loop: "));
    lines.filter_map(|line| line.split(':').next()).collect()
}

#[test]
fn what_a_branch_adds() {
    let sandbox = branch();
    let asked = ["--new-from-merge-base", "main"];
    let said = sandbox.run(&asked);
    assert_eq!((files(&said).len(), said.code), (0, 0), "{said:?}");
    assert_eq!(
        said.err,
        "unleak: 1 finding, 1 not new in 2 files\n".replace("1 finding", "0 findings")
    );
    // Committed, changed on disk, not yet known to git; main moves on meanwhile.
    sandbox.write("sub dir/é.go", LEAK);
    git(&sandbox, &["commit", "-qam", "topic"]);
    sandbox.write("new/main.go", LEAK);
    let said = sandbox.run(&asked);
    assert_eq!(files(&said), ["new/main.go", "sub dir/é.go"]);
    assert_eq!(said.code, 1);
    // A line above moves the old leak, and does not make it new.
    sandbox.write(
        "old/main.go",
        LEAK.replace("package main\n", "package main\n\n// Moved.\n"),
    );
    assert_eq!(files(&sandbox.run(&asked)), ["new/main.go", "sub dir/é.go"]);
    // What makes old code leak is new, though that code's own lines stay.
    let quiet = LEAK.replace("\tgo beat()\n", "");
    git(&sandbox, &["stash", "-qu"]);
    git(&sandbox, &["checkout", "-q", "main"]);
    sandbox.write("quiet/main.go", &quiet);
    git(&sandbox, &["add", "quiet"]);
    git(&sandbox, &["commit", "-qm", "quiet"]);
    git(&sandbox, &["checkout", "-qb", "second"]);
    sandbox.write("quiet/main.go", LEAK);
    assert_eq!(files(&sandbox.run(&asked)), ["quiet/main.go"]);
    let said = sandbox.run(&["--new-from-merge-base", "nonsense"]);
    assert!(said.err.starts_with("unleak: git merge-base: "), "{said:?}");
    assert_eq!(said.code, 2);
}

#[test]
fn fixes_of_old_findings_are_not_written() {
    let sandbox = branch();
    sandbox.write("new/main.go", LEAK);
    let said = sandbox.run(&["-w", "--new-from-merge-base", "main"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(sandbox.read("old/main.go"), LEAK);
    assert_ne!(sandbox.read("new/main.go"), LEAK);
}

#[test]
fn what_a_diff_adds() {
    let sandbox = Sandbox::new(&[("a/main.go", LEAK), ("b/main.go", LEAK)]);
    let git_diff = "diff --git a/b/main.go b/b/main.go\nindex 1..2 100644\n--- a/b/main.go\n+++ b/b/main.go\n\
        @@ -5,3 +5,4 @@ import \"time\"\n func main() {\n+\tgo beat()\n \ttime.Sleep(time.Minute)\n }\n";
    sandbox.write("git.diff", git_diff);
    assert_eq!(
        files(&sandbox.run(&["--diff-file", "git.diff"])),
        ["b/main.go"]
    );
    let plain = "--- b/main.go.orig\t2024-01-01 00:00:00\n+++ b/main.go\t2024-01-02 00:00:00\n\
        @@ -5,3 +5,4 @@\n func main() {\n+\tgo beat()\n \ttime.Sleep(time.Minute)\n }\n";
    sandbox.write("plain.diff", plain);
    assert_eq!(
        files(&sandbox.run(&["--diff-file", "plain.diff"])),
        ["b/main.go"]
    );
    sandbox.write("other.diff", "diff --git a/b/main.go b/b/main.go\n--- a/b/main.go\n+++ b/b/main.go\n\
        @@ -10,5 +10,5 @@ func main() {\n func beat() {\n \tfor {\n-\t\tprintln(\"bang\")\n+\t\tprintln(\"beat\")\n \t\ttime.Sleep(time.Second)\n \t}\n");
    assert_eq!(sandbox.run(&["--diff-file", "other.diff"]).code, 0);
    sandbox.write("stale.diff", git_diff.replace("go beat", "go bang"));
    let said = sandbox.run(&["--diff-file", "stale.diff"]);
    assert!(
        said.err.contains("main.go: the diff does not fit it"),
        "{said:?}"
    );
    sandbox.write(
        "bad.diff",
        "--- a/b/main.go\n+++ b/b/main.go\n@@ nonsense @@\n",
    );
    let said = sandbox.run(&["--diff-file", "bad.diff"]);
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn a_baseline_survives_edits_and_knows_what_is_new_and_gone() {
    let sandbox = Sandbox::new(&[("a/main.go", LEAK), ("b/main.go", LEAK)]);
    let said = sandbox.run(&["--write-baseline", "known.json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let known = ["--baseline", "known.json"];
    let said = sandbox.run(&known);
    assert_eq!((&*said.out, said.code), ("", 0));
    assert_eq!(said.err, "unleak: 0 findings, 2 not new in 2 files\n");
    // Moved down, and another one before it.
    let other = "\n\nfunc early() {\n\tgo func() {\n\t\tfor {\n\t\t\ttime.Sleep(1)\n\t\t}\n\t}()\n}\n\nfunc main";
    sandbox.write("a/main.go", LEAK.replace("\n\nfunc main", other));
    let said = sandbox.run(&known);
    assert_eq!(files(&said), ["a/main.go"], "{said:?}");
    assert!(said.out.starts_with("a/main.go:7:"), "{said:?}");
    sandbox.write("b/main.go", CLEAN);
    let said = sandbox.run(&known);
    let gone = "unleak: known.json: knows 1 leak that is gone (--write-baseline makes it anew)";
    assert_eq!(said.complaints(), [gone]);
    let said = sandbox.run(&["--baseline", "missing.json"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err
            .contains("missing.json: no such file or directory (--write-baseline makes one)"),
        "{said:?}"
    );
}

#[test]
fn each_skip_is_counted_and_named_when_asked() {
    let generated = format!("// Code generated by x. DO NOT EDIT.\n\n{LEAK}");
    let sandbox = Sandbox::new(&[
        ("gen.go", &generated),
        ("vendor/v/v.go", LEAK),
        ("testdata/t.go", LEAK),
        ("_hidden/h.go", LEAK),
        ("ignored/i.go", LEAK),
        (".gitignore", "ignored/\n"),
        ("main.go", CLEAN),
    ]);
    git(&sandbox, &["init", "-q"]);
    let said = sandbox.run(&["--verbose"]);
    let (skips, _) = said.err.split_once("stage ").unwrap();
    assert_eq!(
        skips,
        "unleak: _hidden: skipped: its name, or its directory's, starts with `_` or `.` (--include hidden)\n\
         unleak: gen.go: skipped: generated code (--include generated)\n\
         unleak: ignored: skipped: ignored by git (--include ignored)\n\
         unleak: testdata: skipped: in a testdata directory (--include testdata)\n\
         unleak: vendor: skipped: in a vendor directory (--include vendor)\n\
         unleak: 0 findings in 1 file; skipped: 1 generated, 1 vendor, 1 testdata, 1 hidden, 1 ignored\n"
    );
    let said = sandbox.run(&[]);
    assert_eq!(said.err.lines().count(), 1, "{said:?}");
}

#[test]
fn suppressions_without_use_are_told() {
    let sandbox = Sandbox::new(&[(
        "main.go",
        &format!(
            "{}\n//unleak:ignore\nvar x = 1 //nolint:unleak\n",
            LEAK.replace("\tfor {", "\t//unleak:ignore by design\n\tfor {")
        ),
    )]);
    let said = sandbox.run(&[]);
    let unused =
        |line: usize| format!("unleak: main.go: line {line}: the comment suppresses nothing");
    assert_eq!(said.complaints(), [unused(18), unused(19)], "{said:?}");
    assert!(
        said.err.contains("0 findings, 1 suppressed in 1 file"),
        "{said:?}"
    );
}

#[test]
fn uncommitted_changes_are_in_nobodys_way_until_the_configuration_says_so() {
    let sandbox = branch();
    sandbox.write("old/main.go", format!("{LEAK}\n// Mine.\n"));
    assert_eq!(sandbox.run(&["-w"]).code, 0);
    git(&sandbox, &["checkout", "-q", "."]);
    sandbox.write("unleak.toml", "require-clean = true\n");
    assert_eq!(sandbox.run(&["-w"]).code, 0, "clean");
    git(&sandbox, &["checkout", "-q", "."]);
    let dirty = format!("{LEAK}\n// Mine.\n");
    sandbox.write("old/main.go", &dirty);
    let said = sandbox.run(&["-w"]);
    let refused = "unleak: old/main.go: it has uncommitted changes (require-clean; --allow-dirty writes all the same)";
    assert_eq!((said.complaints(), said.code), (vec![refused], 2));
    assert_eq!(sandbox.read("old/main.go"), dirty);
    assert_eq!(sandbox.run(&["-w", "--allow-dirty"]).code, 0);
    assert!(sandbox.read("old/main.go").contains("ctx.Done()"));
    sandbox.write("untracked/main.go", LEAK);
    let said = sandbox.run(&["-w"]);
    assert!(
        said.err
            .contains("untracked/main.go: it has uncommitted changes"),
        "{said:?}"
    );
}
