//! One context threaded through a large module: 240 call sites in 60 packages change together, and the module still
//! builds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const PACKAGES: usize = 60;
const CALLS: usize = 4;

/// What a user waits for without looking away, debug builds included.
const BOUND: Duration = Duration::from_secs(2);

#[test]
fn a_context_reaches_every_caller() {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let dir = scratch.path();
    module(dir);

    let start = Instant::now();
    let diff = unleak(dir, &["-d"]);
    let took = start.elapsed();
    assert!(took < BOUND, "{took:?}");
    let text = String::from_utf8_lossy(&diff.stdout);
    assert_eq!(
        text.matches("\n+\tbeat.Start(ctx, ").count(),
        PACKAGES * CALLS
    );
    assert_eq!(
        text.matches("\n+func Begin(ctx context.Context) {").count(),
        PACKAGES
    );

    let other = tempfile::tempdir().expect("a temporary directory");
    module(other.path());
    git_apply(other.path(), &diff.stdout);
    unleak(dir, &["-w", "--verify=never"]);
    let written = tree(dir);
    assert!(
        written == tree(other.path()),
        "-w and git apply of the diff differ"
    );
    assert_eq!(written.len(), PACKAGES + 3);

    let again = unleak(dir, &["-d"]);
    assert!(
        again.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&again.stdout)
    );
    assert_eq!(again.status.code(), Some(0));
    if let Ok(vet) = Command::new("go")
        .args(["vet", "./..."])
        .current_dir(dir)
        .output()
    {
        assert!(
            vet.status.success(),
            "{}",
            String::from_utf8_lossy(&vet.stderr)
        );
    }
}

fn unleak(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unleak"));
    command.args(arguments).arg(".").current_dir(dir);
    command.output().expect("unleak runs")
}

fn git_apply(dir: &Path, diff: &[u8]) {
    let mut git = Command::new("git")
        .args(["apply", "-"])
        .current_dir(dir)
        .env("GIT_CEILING_DIRECTORIES", dir.parent().expect("a parent"))
        .stdin(Stdio::piped())
        .spawn()
        .expect("git starts");
    let mut input = git.stdin.take().expect("a pipe");
    input.write_all(diff).expect("git reads");
    drop(input);
    assert!(git.wait().expect("git ends").success());
}

/// The bytes of each file.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = ignore::WalkBuilder::new(dir)
        .standard_filters(false)
        .build();
    files
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.strip_prefix(dir).expect("below the directory");
            (name.to_owned(), fs::read(&path).expect("a file"))
        })
        .collect()
}

/// `main` calls `Begin` of every package, which starts the goroutine of package beat several times.
fn module(dir: &Path) {
    let mut imports = String::new();
    let mut calls = String::new();
    for n in 0..PACKAGES {
        let mut body = String::new();
        for call in 0..CALLS {
            let _ = writeln!(body, "\tbeat.Start(\"{n}-{call}\")");
        }
        let text = format!(
            "package p{n:02}\n\nimport \"example.com/big/internal/beat\"\n\nfunc Begin() {{\n{body}}}\n"
        );
        file(dir, &format!("internal/p{n:02}/p.go"), &text);
        let _ = writeln!(imports, "\t\"example.com/big/internal/p{n:02}\"");
        let _ = writeln!(calls, "\tp{n:02}.Begin()");
    }
    let main = format!(
        "package main\n\nimport (\n\t\"context\"\n\t\"os\"\n\t\"os/signal\"\n\n{imports})\n\nfunc main() {{\n\t\
         ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)\n\tdefer stop()\n{calls}\t<-ctx.Done()\n}}\n"
    );
    file(dir, "main.go", &main);
    file(dir, "go.mod", "module example.com/big\n\ngo 1.25\n");
    file(dir, "internal/beat/beat.go", BEAT);
}

const BEAT: &str = "package beat\n\nimport \"time\"\n\nfunc Start(name string) { go run(name) }\n\n\
    func run(name string) {\n\tfor {\n\t\tprintln(name)\n\t\ttime.Sleep(time.Second)\n\t}\n}\n";

fn file(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(path, text).expect("a file");
}
