//! Files as they come: line ends, encodings, long lines, names. `-w`, `-d | git apply` and `-d | patch -p1` give the
//! same bytes, and everything outside the fix keeps its own.
#![cfg(unix)]

mod support;

use std::process::{Command, Stdio};
use support::{LEAK, Sandbox};

/// The contents of a file by name of the form, and whether Go compiles it (else it stays as it is).
fn forms() -> Vec<(&'static str, Vec<u8>, bool)> {
    let crlf = LEAK.replace('\n', "\r\n");
    let (start, end) = crlf.split_at(crlf.find("func beat").unwrap());
    let mixed = format!("{start}{}", end.replace("\r\n", "\n"));
    let long = format!(
        "// {}\n\nvar long = \"{}\"\n",
        "x".repeat(1 << 20),
        "y".repeat(1 << 20)
    );
    let after = |text: &[u8]| [LEAK.as_bytes(), text].concat();
    vec![
        ("plain", LEAK.into(), true),
        ("CRLF", crlf.into(), true),
        ("mixed line ends", mixed.into(), true),
        ("byte order mark", format!("\u{feff}{LEAK}").into(), true),
        ("no final newline", LEAK.trim_end().into(), true),
        ("blanks for tabs", LEAK.replace('\t', "    ").into(), true),
        (
            "white space at line ends",
            LEAK.replace("main() {\n", "main() { \t\n").into(),
            true,
        ),
        ("lines of 1 MiB", after(long.as_bytes()), true),
        (
            "a carriage return inside a line",
            after(b"\n// a\rb\n"),
            true,
        ),
        (
            "a form feed and a line separator",
            after("\n// a\u{c}b\u{2028}c\n".as_bytes()),
            true,
        ),
        ("not UTF-8", after(b"\n// caf\xe9\n"), false),
        ("a NUL byte", after(b"\n// \0\n"), false),
    ]
}

const NAMES: [&str; 6] = [
    "main.go",
    "with blank.go",
    "quo\"te.go",
    "é.go",
    "new\nline.go",
    "back\\slash\ttab.go",
];

/// Runs a shell line in the sandbox that reads a diff.
fn apply(sandbox: &Sandbox, diff: &[u8], line: &str) {
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(sandbox.path());
    command.env("GIT_CEILING_DIRECTORIES", sandbox.path().parent().unwrap());
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), diff).unwrap();
    assert!(child.wait().unwrap().success(), "{line}");
}

#[test]
fn three_ways_give_the_same_bytes() {
    for (form, bytes, compiles) in forms() {
        for name in NAMES {
            if name != "main.go" && form != "plain" && form != "CRLF" {
                continue;
            }
            let what = format!("{form} in {name:?}");
            let tree = || {
                let sandbox = Sandbox::new(&[]);
                sandbox.write(&format!("cmd x/{name}"), &bytes);
                sandbox
            };
            let written = tree();
            let said = written.run(&["-w", "."]);
            assert_eq!(said.code, if compiles { 0 } else { 2 }, "{what}: {said:?}");
            let after = written.files();
            let path = std::path::Path::new("cmd x").join(name);
            assert_eq!(after[&path] != bytes, compiles, "{what}");
            let diff = tree().command(&["-d", "."]).output().unwrap().stdout;
            for line in ["git apply --whitespace=nowarn -", "patch -p1 --binary -s"] {
                if !compiles {
                    assert!(diff.is_empty(), "{what}");
                    continue;
                }
                let applied = tree();
                apply(&applied, &diff, line);
                assert!(applied.files() == after, "{what}: {line} gives other bytes");
            }
            // Lines that stay have the bytes that they had.
            let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
                bytes
                    .split_inclusive(|byte| *byte == b'\n')
                    .map(<[u8]>::to_vec)
                    .collect()
            };
            let new = lines(&after[&path]);
            let gone = lines(&bytes)
                .into_iter()
                .filter(|line| !new.contains(line))
                .count();
            assert!(gone <= 4, "{what}: {gone} lines are gone");
            if form == "CRLF" {
                assert!(new.iter().all(|line| line.ends_with(b"\r\n")), "{what}");
            }
        }
    }
}

#[test]
fn threads_and_the_order_of_directories_do_not_matter() {
    let names = ["d", "a", "c", "b"].map(|name| format!("{name}/main.go"));
    let run = |order: &mut dyn Iterator<Item = &String>, jobs: &str| {
        let sandbox = Sandbox::new(&[]);
        order.for_each(|name| sandbox.write(name, LEAK));
        sandbox.run(&["-j", jobs, "--format", "json", "."]).out
    };
    let one = run(&mut names.iter(), "1");
    assert!(one.contains("goroutine-loop"));
    assert_eq!(run(&mut names.iter(), "8"), one);
    assert_eq!(run(&mut names.iter().rev(), "8"), one);
}
