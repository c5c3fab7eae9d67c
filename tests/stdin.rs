//! A text from a pipe, or one that an editor has not saved: analysed as the file that it would be.

mod support;

use std::io::Write;
use std::process::Stdio;
use support::{CLEAN, LEAK, Said, Sandbox};

fn pipe(sandbox: &Sandbox, arguments: &[&str], text: &[u8]) -> Said {
    let mut command = sandbox.command(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A run that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(text);
    let output = child.wait_with_output().unwrap();
    Said {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

const NAMED: &[&str] = &["--stdin-filename", "main.go", "-"];

#[test]
fn the_text_is_analysed_in_the_place_of_the_file() {
    let sandbox = Sandbox::new(&[("main.go", CLEAN)]);
    let said = pipe(&sandbox, NAMED, LEAK.as_bytes());
    assert!(
        said.out.starts_with("main.go:11:2: goroutine-loop: "),
        "{said:?}"
    );
    assert!(
        said.out.contains("\n--- a/main.go\n+++ b/main.go\n"),
        "{said:?}"
    );
    assert_eq!(said.code, 1);
    assert_eq!(pipe(&sandbox, NAMED, CLEAN.as_bytes()).code, 0);
    assert_eq!(sandbox.read("main.go"), CLEAN);
}

#[test]
fn the_file_need_not_exist_and_the_rest_of_its_package_counts() {
    let beat = "package main\n\nfunc start() {\n\tgo beat()\n}\n";
    let (main, rest) = LEAK.split_once("func beat()").unwrap();
    let sandbox = Sandbox::new(&[("cmd/beat.go", beat)]);
    let text = format!("{}func beat(){rest}", main.replace("go beat()", "start()"));
    let said = pipe(
        &sandbox,
        &["-", "--stdin-filename", "cmd/new.go"],
        text.as_bytes(),
    );
    // The goroutine starts in a file that was not given.
    assert!(
        said.out.starts_with("cmd/new.go:11:2: goroutine-loop: "),
        "{said:?}"
    );
    assert!(said.out.contains("(outside-paths)"), "{said:?}");
}

#[test]
fn with_write_the_new_text_and_nothing_else_goes_to_stdout() {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    let arguments = ["-w", "-", "--stdin-filename", "main.go"];
    let said = pipe(&sandbox, &arguments, LEAK.as_bytes());
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("\tfixed: "), "{said:?}");
    assert_eq!(sandbox.read("main.go"), LEAK, "the file stays");
    assert_eq!(sandbox.run(&["-w", "main.go"]).code, 0);
    assert_eq!(
        said.out,
        sandbox.read("main.go"),
        "as the file would be written"
    );
    let again = pipe(&sandbox, &arguments, said.out.as_bytes());
    assert_eq!((again.out, again.code), (said.out, 0));
    let broken = pipe(&sandbox, &arguments, b"package main\n\nfunc f( {\n");
    assert_eq!(
        (&*broken.out, broken.code),
        ("package main\n\nfunc f( {\n", 2)
    );
}

#[test]
fn what_is_skipped_on_disk_is_skipped_here() {
    let sandbox = Sandbox::new(&[]);
    let said = pipe(
        &sandbox,
        &["-", "--stdin-filename", "vendor/v/v.go"],
        LEAK.as_bytes(),
    );
    let skipped = "unleak: vendor/v/v.go: skipped: in a vendor directory (--include vendor)";
    assert_eq!((said.complaints(), said.code), (vec![skipped], 0));
}

#[test]
fn a_name_is_needed_and_other_paths_are_refused() {
    let sandbox = Sandbox::new(&[("main.go", CLEAN)]);
    for arguments in [
        &["-"][..],
        &["--stdin-filename", "main.go"],
        &["-", "a.go", "--stdin-filename", "main.go"],
    ] {
        let said = pipe(&sandbox, arguments, b"");
        assert_eq!(said.code, 2, "{said:?}");
        assert!(
            said.err.contains("stdin-filename") || said.err.contains("`-`"),
            "{said:?}"
        );
    }
}
