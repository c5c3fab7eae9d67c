//! What makes a run fast changes no answer: prefilters, shards, threads. `UNLEAK_CORPUS=DIR` compares there too.

mod support;

use std::path::Path;
use support::Sandbox;

/// Every fixture as a package of its own in one module, and a loop whose signal comes from another package.
fn corpus() -> Sandbox {
    let sandbox = Sandbox::new(&[
        (
            "cmd/threaded/main.go",
            "package main\n\nimport (\n\t\"time\"\n\n\t\"example.com/app/worker\"\n)\n\nfunc main() {\n\tworker.Start()\n\ttime.Sleep(time.Minute)\n}\n",
        ),
        (
            "worker/worker.go",
            "package worker\n\nimport (\n\t\"os\"\n\t\"time\"\n)\n\nfunc Start() {\n\tgo beat()\n}\n\nfunc beat() {\n\tfor {\n\t\ttime.Sleep(time.Second)\n\t}\n}\n\nfunc Size() int64 {\n\tf, err := os.Open(\"x\")\n\tif err != nil {\n\t\treturn 0\n\t}\n\ts, _ := f.Stat()\n\treturn s.Size()\n}\n",
        ),
    ]);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for rule in std::fs::read_dir(fixtures).unwrap() {
        let rule = rule.unwrap();
        for case in std::fs::read_dir(rule.path()).unwrap() {
            let path = case.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "go") {
                let (rule, case) = (rule.file_name(), path.file_stem().unwrap().to_owned());
                let (rule, case) = (rule.to_string_lossy(), case.to_string_lossy());
                let text = std::fs::read(&path).unwrap();
                sandbox.write(&format!("cases/{rule}/{case}/a.go"), text);
            }
        }
    }
    sandbox
}

fn printed(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let said = sandbox.run(arguments);
    assert!(said.code < 2, "{}", said.err);
    said.out
}

#[test]
fn a_prefilter_leaves_out_only_what_has_no_finding() {
    let sandbox = corpus();
    let filtered = printed(&sandbox, &["--unsafe-fixes"]);
    let whole = printed(&sandbox, &["--unsafe-fixes", "--no-prefilter"]);
    assert!(whole.lines().count() > 1_000);
    assert!(filtered == whole, "{}", first_difference(&filtered, &whole));
}

#[test]
fn the_parts_of_a_run_print_what_the_whole_prints() {
    let sandbox = corpus();
    let whole = printed(&sandbox, &["--unsafe-fixes"]);
    for of in [2, 3] {
        let parts = (1..=of).map(|number| {
            let shard = format!("{number}/{of}");
            printed(&sandbox, &["--unsafe-fixes", "--shard", &shard])
        });
        let parts: String = parts.collect();
        assert!(parts == whole, "{}", first_difference(&parts, &whole));
    }
}

/// What leaks in a file may be what a function of another package hands out.
#[test]
fn a_file_alone_has_the_findings_of_a_whole_run() {
    let helper = "package open\n\nimport \"os\"\n\nfunc Journal() (*os.File, error) {\n\treturn os.Open(\"log\")\n}\n";
    let user = "package main\n\nimport \"example.com/app/open\"\n\nfunc main() {\n\tf, err := open.Journal()\n\tif err != nil {\n\t\treturn\n\t}\n\tprintln(f.Name())\n}\n";
    let sandbox = Sandbox::new(&[("open/log.go", helper), ("cmd/main.go", user)]);
    let whole = sandbox.run(&[]);
    assert!(
        whole
            .out
            .contains("cmd/main.go:6:12: missing-close: open.Journal"),
        "{}",
        whole.out
    );
    for path in ["cmd/main.go", "cmd", "./cmd/...", "./..."] {
        assert_eq!(sandbox.run(&[path]).out, whole.out, "{path}");
    }
}

#[test]
fn a_shard_is_not_written() {
    let sandbox = Sandbox::new(&[("main.go", support::LEAK)]);
    assert_eq!(sandbox.run(&["-w", "--shard", "1/2"]).code, 2);
    assert_eq!(sandbox.run(&["--shard", "3/2"]).code, 2);
    assert_eq!(sandbox.read("main.go"), support::LEAK);
}

#[test]
fn what_each_stage_did_is_said() {
    let sandbox = Sandbox::new(&[("main.go", support::LEAK)]);
    let said = sandbox.run(&["--stats"]);
    for stage in [
        "walk",
        "read",
        "prefilter",
        "index",
        "parse",
        "types",
        "analyse",
        "plan",
        "verify",
        "emit",
    ] {
        let mut lines = said.err.lines();
        assert!(lines.any(|line| line.starts_with(stage)), "{}", said.err);
    }
    assert!(said.out == sandbox.run(&[]).out);
}

/// Many packages whose functions are called alike, as `New`, `Run` and `Close` are: each body is looked at as often in
/// a large module as in a small one.
#[test]
fn work_grows_with_the_module() {
    let parsed = |packages: usize| {
        let sandbox = Sandbox::new(&[]);
        for number in 0..packages {
            let next = (number + 1) % packages;
            let (import, call) = match number % 3 {
                0 => (
                    format!("\t\"example.com/app/p{next}\"\n"),
                    format!("\tp{next}.Run()\n"),
                ),
                _ => Default::default(),
            };
            let text = format!(
                "package p{number}\n\nimport (\n{import}\t\"time\"\n)\n\nfunc Run() {{\n{call}\tgo func() {{\n\t\tfor {{\n\t\t\ttime.Sleep(time.Second)\n\t\t}}\n\t}}()\n}}\n"
            );
            sandbox.write(&format!("p{number}/a.go"), text);
        }
        let said = sandbox.run(&["--stats", "-j1"]).err;
        let row = said.lines().find(|line| line.starts_with("parse "));
        let items = row.unwrap().split_whitespace().nth(2).unwrap();
        items.parse::<f64>().unwrap() / packages as f64
    };
    let (small, large) = (parsed(300), parsed(900));
    assert!(
        large < small * 1.15,
        "nodes a package: {small}, then {large}"
    );
}

/// A directory of real code, on demand: both properties, on all of it.
#[test]
fn the_same_of_a_corpus() {
    let Ok(corpus) = std::env::var("UNLEAK_CORPUS") else {
        return;
    };
    let sandbox = Sandbox::new(&[]);
    let whole = printed(&sandbox, &[&corpus]);
    let unfiltered = printed(&sandbox, &[&corpus, "--no-prefilter"]);
    assert!(
        whole == unfiltered,
        "{}",
        first_difference(&whole, &unfiltered)
    );
    let one = printed(&sandbox, &[&corpus, "-j", "1"]);
    assert!(whole == one, "{}", first_difference(&whole, &one));
    let parts =
        (1..=3).map(|number| printed(&sandbox, &[&corpus, "--shard", &format!("{number}/3")]));
    let parts: String = parts.collect();
    assert!(parts == whole, "{}", first_difference(&parts, &whole));
}

fn first_difference(left: &str, right: &str) -> String {
    let mut lines = left.lines().zip(right.lines());
    match lines.find(|(left, right)| left != right) {
        Some((left, right)) => format!("{left:?} is not {right:?}"),
        None => format!("{} bytes are not {} bytes", left.len(), right.len()),
    }
}
