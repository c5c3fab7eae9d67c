//! The command line as people and programs see it: output, files on disk, exit codes.

mod support;

use std::process::Command;
use support::{CLEAN, LEAK, Sandbox};

#[test]
fn by_default_findings_and_a_diff_and_nothing_is_written() {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    let said = sandbox.run(&[]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.starts_with("main.go:11:2: goroutine-loop: "),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("\ndiff --git a/main.go b/main.go\n--- a/main.go\n+++ b/main.go\n@@ ")
    );
    assert_eq!(
        said.err,
        "unleak: 1 finding, 1 with a safe fix (-w applies it) in 1 file\n"
    );
    assert_eq!(sandbox.read("main.go"), LEAK);
}

#[test]
fn a_clean_program_gives_no_output() {
    let said = Sandbox::new(&[("main.go", CLEAN)]).run(&[]);
    assert_eq!((said.out.as_str(), said.code), ("", 0));
    assert_eq!(said.err, "unleak: 0 findings in 1 file\n");
}

#[test]
fn write_applies_and_a_second_run_is_clean() {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    let said = sandbox.run(&["-w"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("\tfixed: "), "{}", said.out);
    assert!(
        !said.out.contains("diff --git"),
        "what is written is not shown again"
    );
    assert_eq!(said.err, "unleak: 1 finding, 1 fixed in 1 file\n");
    assert!(sandbox.read("main.go").contains("case <-ctx.Done():"));
    let said = sandbox.run(&["-w"]);
    assert_eq!((said.out.as_str(), said.code), ("", 0));
}

/// A loop that gets a way out leaves a file behind: the fix of one transform makes the finding of another.
#[test]
fn one_run_does_what_several_would() {
    let code = r#"package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	go poll()
	fmt.Scanln()
}

func poll() {
	f, err := os.Open("/proc/loadavg")
	if err != nil {
		return
	}
	for {
		f.Seek(0, 0)
		time.Sleep(time.Second)
	}
}
"#;
    let sandbox = Sandbox::new(&[("main.go", code)]);
    let said = sandbox.run(&["-w"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("2 findings, 2 fixed in 1 file"),
        "{}",
        said.err
    );
    // Places are those of the text on disk before the run, whatever round found them.
    assert!(
        said.out.contains("os.Open at 15:12 is not closed when"),
        "{}",
        said.out
    );
    assert!(sandbox.read("main.go").contains("\tdefer f.Close()\n"));
    let said = sandbox.run(&[]);
    assert_eq!((said.out.as_str(), said.code), ("", 0));
}

#[test]
fn the_whole_output_is_a_patch_for_git() {
    let sandbox = Sandbox::new(&[("sub dir/é/main.go", LEAK)]);
    let script = "\"$UNLEAK\" | git apply --include='*' -";
    let status = Command::new("sh")
        .args(["-c", script])
        .current_dir(sandbox.path())
        .env("UNLEAK", env!("CARGO_BIN_EXE_unleak"))
        .env("GIT_CEILING_DIRECTORIES", sandbox.path().parent().unwrap())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(
        sandbox
            .read("sub dir/é/main.go")
            .contains("case <-ctx.Done():")
    );
}

#[test]
fn list_and_diff_are_gofmts() {
    let sandbox = Sandbox::new(&[("a/main.go", LEAK), ("b/main.go", CLEAN)]);
    let list = sandbox.run(&["-l", "./..."]);
    assert_eq!(
        (list.out.as_str(), list.err.as_str(), list.code),
        ("a/main.go\n", "", 1)
    );
    let diff = sandbox.run(&["-d"]);
    assert!(
        diff.out.starts_with("diff --git a/a/main.go b/a/main.go\n"),
        "{}",
        diff.out
    );
    assert_eq!((diff.err.as_str(), diff.code), ("", 1));
    assert_eq!(sandbox.run(&["--format", "diff"]).out, diff.out);
    let both = sandbox.run(&["-l", "-w"]);
    assert_eq!((both.out.as_str(), both.code), ("a/main.go\n", 0));
    assert_ne!(sandbox.read("a/main.go"), LEAK);
}

#[test]
fn json_has_its_version_and_byte_exact_edits() {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    let said = sandbox.run(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["version"], 1);
    let finding = &json["findings"][0];
    assert_eq!(finding["rule"], "goroutine-loop");
    assert_eq!(finding["status"], "offered");
    assert_eq!(finding["path"], "main.go");
    assert_eq!(
        (&finding["start"]["line"], &finding["start"]["column"]),
        (&11.into(), &2.into())
    );
    // The edits, applied from the end, give what -w writes.
    let mut text = LEAK.to_owned();
    for edit in json["groups"][0]["edits"].as_array().unwrap().iter().rev() {
        let offset = |key: &str| edit[key].as_u64().unwrap() as usize;
        text.replace_range(
            offset("start")..offset("end"),
            edit["text"].as_str().unwrap(),
        );
    }
    sandbox.run(&["-w"]);
    assert_eq!(sandbox.read("main.go"), text);
}

#[test]
fn exit_codes_can_be_chosen() {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    assert_eq!(sandbox.run(&["--exit-zero"]).code, 0);
    assert_eq!(sandbox.run(&["--fail-on", "never"]).code, 0);
    assert_eq!(sandbox.run(&["--fail-on", "fixable"]).code, 1);
    assert_eq!(
        sandbox.run(&["--exit-zero", "missing"]).code,
        2,
        "an error wins"
    );
    assert_eq!(sandbox.run(&["--no-such-flag"]).code, 2);
    assert_eq!(sandbox.run(&["--help"]).code, 0);
}

#[test]
fn rules_can_be_chosen() {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    assert_eq!(sandbox.run(&["--select", "goroutine-loop"]).code, 1);
    assert_eq!(sandbox.run(&["--ignore", "goroutine-loop"]).code, 0);
    let said = sandbox.run(&["--select", "nonsense"]);
    assert!(
        said.err
            .starts_with("unleak: no rule is called \"nonsense\" (there are "),
        "{}",
        said.err
    );
    assert_eq!(said.code, 2);
}

#[test]
fn rules_and_their_documentation() {
    let sandbox = Sandbox::new(&[]);
    let rules = sandbox.run(&["rules"]);
    assert_eq!(rules.code, 0);
    for line in rules.out.lines() {
        let id = line.split_whitespace().next().unwrap();
        let said = sandbox.run(&["explain", id]);
        assert!(said.out.starts_with(&format!("# {id}\n")), "{id}");
    }
    assert!(rules.out.contains("goroutine-loop"));
    assert_eq!(sandbox.run(&["explain", "nonsense"]).code, 2);
}

#[test]
fn colour_only_where_it_is_wanted() {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    let coloured = |said: support::Said| said.out.contains('\x1b');
    assert!(!coloured(sandbox.run(&[])), "a pipe");
    assert!(coloured(sandbox.run(&["--color", "always"])));
    assert!(coloured(sandbox.run_with(&[], &[("CLICOLOR_FORCE", "1")])));
    assert!(!coloured(sandbox.run_with(&[], &[("NO_COLOR", "1")])));
    assert!(!coloured(
        sandbox.run_with(&["--color", "never"], &[("CLICOLOR_FORCE", "1")])
    ));
}

#[test]
fn a_comment_suppresses_and_one_without_use_is_named() {
    let text = LEAK.replace(
        "\tfor {",
        "\t//unleak:ignore goroutine-loop it shall beat\n\tfor {",
    );
    let sandbox = Sandbox::new(&[("main.go", &text)]);
    let said = sandbox.run(&[]);
    assert_eq!((said.out.as_str(), said.code), ("", 0));
    assert_eq!(said.err, "unleak: 0 findings, 1 suppressed in 1 file\n");
    let text = CLEAN.replace("func", "//nolint:unleak\nfunc");
    let sandbox = Sandbox::new(&[("main.go", &text)]);
    let said = sandbox.run(&[]);
    assert_eq!(
        said.complaints(),
        ["unleak: main.go: line 3: the comment suppresses nothing"]
    );
    assert_eq!(said.code, 0);
}

/// Two files of one package: the goroutine in one, its start in the other.
const BEAT: &str = "package main\n\nimport \"time\"\n\nfunc beat() {\n\tfor {\n\t\tprintln(1)\n\t\ttime.Sleep(time.Second)\n\t}\n}\n";
const START: &str =
    "package main\n\nimport \"time\"\n\nfunc main() {\n\tgo beat()\n\ttime.Sleep(time.Minute)\n}\n";

#[test]
fn a_fix_reaches_only_files_that_were_asked_for() {
    let sandbox = Sandbox::new(&[("beat.go", BEAT), ("start.go", START)]);
    let said = sandbox.run(&["-w", "beat.go"]);
    assert!(said.out.contains("(outside-paths)"), "{}", said.out);
    assert_eq!(
        (sandbox.read("beat.go"), sandbox.read("start.go")),
        (BEAT.into(), START.into())
    );
    let said = sandbox.run(&["-w", "beat.go", "start.go"]);
    assert!(said.out.contains("\tfixed: "), "{}", said.out);
    assert!(sandbox.read("start.go").contains("go beat(ctx)"));
}

#[test]
fn absolute_paths_stay_absolute_in_text() {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    let absolute = sandbox.path().join("main.go");
    let said = sandbox.run(&[absolute.to_str().unwrap()]);
    assert!(
        said.out
            .starts_with(&format!("{}:11:2: ", absolute.display())),
        "{}",
        said.out
    );
}

#[test]
fn output_is_the_same_for_any_number_of_jobs() {
    let files: Vec<(String, &str)> = (0..40).map(|at| (format!("p{at}/main.go"), LEAK)).collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let sandbox = Sandbox::new(&files);
    let one = sandbox.run(&["-j", "1"]);
    assert_eq!(one.out.matches("diff --git").count(), 40);
    for jobs in ["2", "3", "16"] {
        assert_eq!(sandbox.run(&["-j", jobs]).out, one.out);
    }
}

/// README.md shows what the program does to the example that is shipped.
#[test]
fn the_readmes_diff_is_true() {
    let root = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(env!("CARGO_BIN_EXE_unleak"))
        .args(["--color", "never", "-d", "examples/leaky"])
        .current_dir(root)
        .output()
        .unwrap();
    let diff = String::from_utf8(output.stdout).unwrap();
    let readme = std::fs::read_to_string(format!("{root}/README.md")).unwrap();
    let shown = readme.split("```diff\n").nth(1).unwrap();
    let shown = shown.split("```\n").next().unwrap();
    assert_eq!(shown, diff);
}

/// The bar is drawn by the workers while the run goes on: nothing may hold stderr until the end.
#[test]
#[cfg(target_os = "linux")]
fn a_long_run_on_a_terminal_shows_a_bar_and_ends() {
    let scratch = tempfile::tempdir().unwrap();
    for package in 0..20 {
        let dir = scratch.path().join(format!("p{package}"));
        std::fs::create_dir(&dir).unwrap();
        for file in 0..100 {
            let mut text = String::from("package p\n\nimport \"os\"\n");
            for func in 0..8 {
                text += &format!(
                    "\nfunc f{file}_{func}() {{\n\tf, err := os.Open(\"x\")\n\tif err != nil {{\n\t\treturn\n\t}}\n\tf.Name()\n}}\n"
                );
            }
            std::fs::write(dir.join(format!("f{file}.go")), text).unwrap();
        }
    }
    // util-linux's script(1) gives the command a terminal. What the go command would be asked may take longer than
    // this test has patience for on a busy machine.
    let command = format!(
        "{} --exit-zero --verify=never -l .",
        env!("CARGO_BIN_EXE_unleak")
    );
    let mut child = std::process::Command::new("script")
        .args(["-qec", &command, "said"])
        .current_dir(scratch.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let start = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > std::time::Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("it hangs");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let said = std::fs::read(scratch.path().join("said")).unwrap();
    let said = String::from_utf8_lossy(&said);
    assert!(
        said.contains("/2000 files"),
        "no bar after {:?}",
        start.elapsed()
    );
    assert!(said.contains("p0/f0.go"), "{said}");
}
