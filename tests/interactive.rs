//! `-i`, over a pipe and on a terminal.

mod support;

use std::io::Write;
use std::process::{Command, Stdio};
use support::Sandbox;

/// Two files with two leaks each.
const FILE: &str = "package app\n\nimport \"os\"\n\nfunc f() string {\n\tf, err := os.Open(\"x\")\n\tif err != nil {\n\t\treturn \"\"\n\t}\n\treturn f.Name()\n}\n\nfunc g() string {\n\tg, err := os.Open(\"x\")\n\tif err != nil {\n\t\treturn \"\"\n\t}\n\treturn g.Name()\n}\n";

fn sandbox() -> Sandbox {
    let other = FILE
        .replace("func f(", "func h(")
        .replace("func g(", "func i(");
    Sandbox::new(&[("a.go", FILE), ("b.go", &other)])
}

/// Runs `unleak -i` with these keys; what it printed, its exit code, and which leaks were fixed.
fn answer(sandbox: &Sandbox, keys: &str, env: &[(&str, &str)]) -> (String, i32, Vec<&'static str>) {
    let mut child = sandbox
        .command(&["-i", "--verify=never"])
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(keys.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    (out, output.status.code().unwrap(), fixed(sandbox))
}

fn fixed(sandbox: &Sandbox) -> Vec<&'static str> {
    let closed = |(file, leak, name): &(&str, &'static str, &str)| {
        sandbox
            .read(file)
            .contains(&format!("defer {name}.Close()"))
            .then_some(*leak)
    };
    let leaks = [
        ("a.go", "a1", "f"),
        ("a.go", "a2", "g"),
        ("b.go", "b1", "f"),
        ("b.go", "b2", "g"),
    ];
    leaks.iter().filter_map(closed).collect()
}

#[test]
fn each_key_does_what_the_help_says() {
    for (keys, want) in [
        ("y\nn\ny\nn\n", vec!["a1", "b1"]),
        ("n\ny\nn\ny\n", vec!["a2", "b2"]),
        ("a\nn\nn\n", vec!["a1", "a2"]),
        ("d\ny\ny\n", vec!["b1", "b2"]),
        ("y\nq\n", vec!["a1"]),
        ("y\ny\n", vec!["a1", "a2"]),
        ("", vec![]),
        ("?\ny\nhuh\nq\n", vec!["a1"]),
    ] {
        let sandbox = sandbox();
        let (out, code, fixed) = answer(&sandbox, keys, &[]);
        assert_eq!((&fixed, code), (&want, 0), "{keys:?}: {out}");
        assert_eq!(
            out.contains("y - apply this fix"),
            keys.contains('?'),
            "{out}"
        );
    }
}

#[test]
fn the_reason_stands_above_the_hunk_and_the_hunk_above_the_question() {
    let (out, _, _) = answer(&sandbox(), "q\n", &[]);
    let at = |text: &str| {
        out.find(text)
            .unwrap_or_else(|| panic!("no {text:?} in {out}"))
    };
    assert!(at("a.go:6:12  missing-close") < at("fix: defer f.Close()"));
    assert!(at("fix: defer f.Close()") < at("10 +     defer f.Close()"));
    assert!(at("10 +     defer f.Close()") < at("(1/4) Apply this fix [y,n,a,d,q,e,?]?"));
}

#[test]
fn edited_lines_are_applied_as_they_were_left() {
    let sandbox = sandbox();
    let edit = [(
        "EDITOR",
        "sed -i 's/defer f.Close()/defer f.Close() \\/\\/ edited/'",
    )];
    let (out, _, fixed) = answer(&sandbox, "e\nq\n", &edit);
    assert_eq!(fixed, ["a1"], "{out}");
    assert!(
        sandbox
            .read("a.go")
            .contains("\tdefer f.Close() // edited\n")
    );
    // What does not parse is not written.
    let (out, _, fixed) = answer(
        &sandbox,
        "e\nq\n",
        &[("EDITOR", "sed -i 's/Close()/Close(/'")],
    );
    assert!(out.contains("does not parse"), "{out}");
    assert_eq!(fixed, ["a1"]);
    let (out, _, _) = answer(&sandbox, "e\nq\n", &[("EDITOR", "false")]);
    assert!(out.contains("the editor (false) failed"), "{out}");
}

/// A person at a terminal: the question is asked, colours are there, and a key and Return answer it.
#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal() {
    let sandbox = sandbox();
    // util-linux's script(1) gives the command a terminal and passes our input on.
    let command = format!("{} -i --verify=never", env!("CARGO_BIN_EXE_unleak"));
    let mut child = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(sandbox.path())
        .env("TERM", "xterm-256color")
        .env("XDG_CACHE_HOME", sandbox.path().join(".cache"))
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"n\ny\nq\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(fixed(&sandbox), ["a2"], "{out}");
    assert!(out.contains("\x1b[32m10 +     defer f.Close()"), "{out:?}");
}
