//! A file that nobody wrote by hand neither hangs nor crashes a run: it is analysed, or left out aloud after a number of
//! steps, and the file beside it is done. `UNLEAK_LIMITS=20` makes the files so many times as large.

mod support;

use std::fmt::Write;
use std::time::{Duration, Instant};
use support::{LEAK, Sandbox};

/// What an unoptimised build on a busy machine may take. An optimised one takes less than a tenth.
const BOUND: Duration = Duration::from_secs(120);

const HEAD: &str = "package p\n\nimport (\n\t\"context\"\n\t\"os\"\n\t\"time\"\n)\n\nvar _ context.Context\n\nfunc use(...any) {}\n\n";
const OPEN: &str = "\tfile, err := os.Open(\"x\")\n\tif err != nil {\n\t\treturn\n\t}\n";

fn times(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// Runs on a module with this text and a file with a leak; the leak is found, and of the text at most is said that it
/// is skipped. The same with other threads.
fn bounded(name: &str, text: &str) -> String {
    let sandbox = Sandbox::new(&[
        ("good/main.go", LEAK),
        ("bad/a.go", &format!("{HEAD}{text}")),
    ]);
    let started = Instant::now();
    let said = sandbox.run(&["-j", "1", "--format", "json", "."]);
    let took = started.elapsed();
    assert!(took < BOUND, "{name}: {took:?}");
    assert!([1, 2].contains(&said.code), "{name}: {said:?}");
    for complaint in said.complaints() {
        let known = complaint.starts_with("unleak: bad/a.go: ");
        assert!(
            known && !complaint.contains("panicked"),
            "{name}: {complaint}"
        );
    }
    assert!(said.out.contains("good/main.go"), "{name}: {}", said.err);
    let again = sandbox.run(&["-j", "4", "--format", "json", "."]);
    assert_eq!((said.out, &said.err), (again.out, &again.err), "{name}");
    said.err
}

/// The size of the files: larger on demand.
fn size(usual: usize) -> usize {
    let more = std::env::var("UNLEAK_LIMITS").ok();
    usual * more.map_or(1, |more| more.parse().expect("a number"))
}

#[test]
fn many_statements() {
    let n = size(2_000);
    let plain = times(n, |_| "\tuse(1)\n".into());
    bounded(
        "statements",
        &format!("func f() {{\n{OPEN}{plain}\tfile.Stat()\n}}\n"),
    );
    let uses = times(n, |_| "\tfile.Sync()\n".into());
    bounded("uses", &format!("func f() {{\n{OPEN}{uses}}}\n"));
    bounded(
        "one line",
        &format!(
            "func f() {{ {}{} }}\n",
            OPEN.replace('\n', "; ").replace("{;", "{"),
            plain.replace('\n', "; ")
        ),
    );
    let table = times(n * 10, |_| "\t\t\"os.Open\",\n".into());
    bounded(
        "table",
        &format!("func f() {{\n{OPEN}\tuse([]string{{\n{table}\t}})\n}}\n"),
    );
}

#[test]
fn many_branches() {
    let n = size(1_000);
    let cases = times(n, |at| format!("\tcase {at}:\n\t\tuse({at})\n"));
    bounded(
        "cases",
        &format!("func f(x int) {{\n{OPEN}\tswitch x {{\n{cases}\t}}\n}}\n"),
    );
    let returns = times(n, |at| format!("\tif x == {at} {{\n\t\treturn\n\t}}\n"));
    bounded(
        "returns",
        &format!("func f(x int) {{\n{OPEN}{returns}\tfile.Close()\n}}\n"),
    );
    let labels = times(n, |at| {
        format!(
            "l{at}:\n\tif x == {at} {{\n\t\tgoto l{}\n\t}}\n",
            at * 7919 % n
        )
    });
    bounded(
        "labels",
        &format!("func f(x int) {{\n{OPEN}{labels}\tfile.Stat()\n}}\n"),
    );
}

#[test]
fn many_resources() {
    let n = size(50);
    let each = |at: usize| {
        format!(
            "\tf{at}, err := os.Open(\"x\")\n\tif err != nil {{\n\t\treturn\n\t}}\n\tf{at}.Stat()\n"
        )
    };
    let all = times(n, each);
    bounded("resources", &format!("func f() {{\n{all}}}\n"));
    let functions = times(n * 5, |at| {
        format!("func g{at}() {{\n{OPEN}\tfile.Stat()\n}}\n\n")
    });
    bounded("functions", &functions);
    let loops = times(n, |_| {
        "\tgo func() {\n\t\tfor {\n\t\t\ttime.Sleep(1)\n\t\t}\n\t}()\n".into()
    });
    bounded(
        "goroutines",
        &format!("func f(ctx context.Context) {{\n{loops}}}\n"),
    );
}

#[test]
fn too_much_is_said() {
    let deferred = times(2_000, |at| {
        format!(
            "\t\tf{at}, err := os.Open(\"x\")\n\t\tif err != nil {{\n\t\t\tcontinue\n\t\t}}\n\t\tdefer f{at}.Close()\n"
        )
    });
    let said = bounded(
        "deferred",
        &format!("func f() {{\n\tfor {{\n{deferred}\t}}\n}}\n"),
    );
    let want = "unleak: bad/a.go: skipped: its analysis took more than 50 million steps\n";
    assert!(said.starts_with(want), "{said}");
}

#[test]
fn deep_nesting() {
    for depth in [300, 3_000] {
        for (open, close) in [
            ("(", ")"),
            ("[]any{", "}"),
            ("func() any { return ", " }()"),
        ] {
            let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            bounded(open, &format!("func f() {{\n{OPEN}\tuse({value})\n}}\n"));
        }
        let (open, close) = ("\tif use(); true {\n".repeat(depth), "\t}\n".repeat(depth));
        bounded("if", &format!("func f() {{\n{OPEN}{open}{close}}}\n"));
    }
    let sum = vec!["1"; size(5_000)].join(" + ");
    bounded("sum", &format!("func f() {{\n{OPEN}\tuse({sum})\n}}\n"));
    let calls = ".m()".repeat(size(5_000));
    bounded(
        "calls",
        &format!(
            "type t struct{{}}\n\nfunc (x t) m() t {{ return x }}\n\nfunc f() {{\n{OPEN}\tuse(t{{}}{calls})\n}}\n"
        ),
    );
}

#[test]
fn long_chains_between_declarations() {
    let n = size(2_000);
    let mut text = String::new();
    for at in 0..n {
        // Each twice, so that the number of ways is that of the Fibonacci numbers.
        let _ = write!(
            text,
            "func h{at}(f *os.File) {{\n\th{}(f)\n\th{}(f)\n}}\n\n",
            at + 1,
            at + 2
        );
    }
    let _ = write!(
        text,
        "func h{n}(f *os.File) {{}}\n\nfunc h{}(f *os.File) {{}}\n\n",
        n + 1
    );
    bounded(
        "helpers",
        &format!("{text}func f() {{\n{OPEN}\th0(file)\n}}\n"),
    );
    let values = times(n, |at| format!("var v{at} = id(v{})\n", at + 1));
    bounded(
        "values",
        &format!(
            "{values}var v{n} = 1\n\nfunc id[T any](x T) T {{ return x }}\n\nfunc f() {{\n{OPEN}\tuse(v0)\n}}\n"
        ),
    );
    let types = times(n, |at| format!("type t{at} struct {{ t{} }}\n", at + 1));
    bounded(
        "types",
        &format!(
            "{types}type t{n} struct {{ x int }}\n\nfunc f() {{\n{OPEN}\tvar t t0\n\tuse(t.x)\n}}\n"
        ),
    );
    let alias = times(n, |at| format!("\tf{} := f{at}\n", at + 1));
    bounded(
        "aliases",
        &format!(
            "func f() {{\n{}{alias}\tf{n}.Stat()\n}}\n",
            OPEN.replace("file", "f0")
        ),
    );
    let threaded = times(n, |at| format!("func g{at}() {{\n\tg{}()\n}}\n\n", at + 1));
    bounded(
        "callers",
        &format!(
            "{threaded}func g{n}() {{\n\tgo func() {{\n\t\tfor {{\n\t\t\ttime.Sleep(1)\n\t\t}}\n\t}}()\n}}\n"
        ),
    );
}
