//! When writing fails: a clear error, exit code 2, no byte lost, no group half-written, nothing left in the tree.
#![cfg(unix)]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use support::{LEAK, Sandbox};

/// A goroutine of `b/b.go` that gets its context from `a/main.go`: one group of two files.
const MAIN: &str =
    "package main\n\nimport \"example.com/app/b\"\n\nfunc main() {\n\tb.Start()\n\tselect {}\n}\n";
const START: &str = "package b\n\nimport \"time\"\n\nfunc Start() {\n\tgo beat()\n}\n\n\
    func beat() {\n\tfor {\n\t\tprintln(\"beat\")\n\t\ttime.Sleep(time.Second)\n\t}\n}\n";

fn two_files() -> Sandbox {
    Sandbox::new(&[("a/main.go", MAIN), ("b/b.go", START)])
}

const WRITE: &[&str] = &["-w", "--unsafe-fixes", "--verify=never", "."];

#[test]
fn without_a_fault_both_files_change() {
    let sandbox = two_files();
    let said = sandbox.run(WRITE);
    assert_eq!(said.code, 0, "{said:?}");
    assert_ne!(sandbox.read("a/main.go"), MAIN);
    assert_ne!(sandbox.read("b/b.go"), START);
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The user that permissions are to hold for: this one, or nobody when this one is root, whom nothing stops.
fn as_a_user(sandbox: &Sandbox, command: &mut Command) {
    const NOBODY: u32 = 65534;
    if fs::metadata(sandbox.path()).unwrap().uid() != 0 {
        return;
    }
    let own = |path: &Path| chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    for root in [sandbox.path(), sandbox.cache()] {
        fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
        own(root);
    }
    for path in sandbox.files().keys() {
        let path = sandbox.path().join(path);
        own(&path);
        own(path.parent().unwrap());
    }
    command.uid(NOBODY).gid(NOBODY);
}

/// The program where every user may run it.
fn program(sandbox: &Sandbox) -> Command {
    let copy = sandbox.cache().join("unleak-program");
    fs::copy(env!("CARGO_BIN_EXE_unleak"), &copy).unwrap();
    let mut command = Command::new(copy);
    command
        .current_dir(sandbox.path())
        .args(WRITE)
        .env("XDG_CACHE_HOME", sandbox.cache());
    command
}

#[test]
fn a_rename_that_fails_undoes_those_before_it() {
    let sandbox = two_files();
    let mut command = program(&sandbox);
    as_a_user(&sandbox, &mut command);
    let before = sandbox.files();
    // Files in `b` can be written, but none of them renamed.
    fs::set_permissions(sandbox.path().join("b"), Permissions::from_mode(0o555)).unwrap();
    let output = command.output().unwrap();
    fs::set_permissions(sandbox.path().join("b"), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(output.status.code(), Some(2));
    let complaints = said(&output);
    assert!(
        complaints.contains("unleak: b/b.go: not written: permission denied\n"),
        "{complaints}"
    );
    assert!(
        complaints.contains("unleak: a/main.go: not written: it changes together with b/b.go\n"),
        "{complaints}"
    );
    assert_eq!(sandbox.files(), before);
}

#[test]
fn a_file_without_write_permission_is_not_replaced() {
    let sandbox = two_files();
    let mut command = program(&sandbox);
    as_a_user(&sandbox, &mut command);
    let before = sandbox.files();
    let file = sandbox.path().join("b/b.go");
    // Not read-only as such: someone else may write.
    fs::set_permissions(&file, Permissions::from_mode(0o422)).unwrap();
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("unleak: b/b.go: not written: permission denied\n"),
        "{output:?}"
    );
    assert_eq!(sandbox.files(), before);
}

/// On a file system of 256 KiB that is full; where none can be mounted, under a limit on the size of files.
#[test]
fn a_full_disk_changes_nothing() {
    let sandbox = two_files();
    // The new texts are to be larger than what is left.
    let filler = format!("// {}\n", "x".repeat(60 << 10));
    for (path, text) in [("a/main.go", MAIN), ("b/b.go", START)] {
        sandbox.write(path, format!("{text}\n{filler}"));
    }
    let script = "set -e
        cp -r \"$TREE\" \"$DISK\"
        dd if=/dev/zero of=\"$DISK/filler\" bs=1k 2>/dev/null || true
        cd \"$DISK/tree\"; status=0; \"$UNLEAK\" -w --unsafe-fixes --verify=never . || status=$?
        cmp a/main.go \"$TREE/a/main.go\"; cmp b/b.go \"$TREE/b/b.go\"
        find . -type f | sort >&2; exit $status";
    let tree = sandbox.path().join("tree");
    fs::create_dir(&tree).unwrap();
    for (name, bytes) in sandbox.files() {
        let to = tree.join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }
    let disk = tempfile::tempdir().unwrap();
    // The journal on the full disk too, and elsewhere.
    for cache in [disk.path().join("cache"), sandbox.cache().to_owned()] {
        let run = |before: &str, flags: &[&str]| {
            let mut command = Command::new("unshare");
            command
                .args(flags)
                .args(["sh", "-c", &format!("{before}\n{script}")]);
            command.env("TREE", &tree).env("DISK", disk.path());
            command
                .env("UNLEAK", env!("CARGO_BIN_EXE_unleak"))
                .env("XDG_CACHE_HOME", &cache);
            command.env("TMPDIR", disk.path());
            command.output().unwrap()
        };
        let mount = "set -e; mount -t tmpfs -o size=256k tmpfs \"$DISK\"; echo mounted";
        let mut output = run(mount, &["--mount", "--map-root-user"]);
        let mut why = "no space left on device";
        if !output.stdout.starts_with(b"mounted") {
            output = run("trap '' XFSZ; ulimit -f 40", &[]);
            why = "file too large";
        }
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(why), "{said}");
        assert!(
            said.ends_with("./a/main.go\n./b/b.go\n./go.mod\n"),
            "{said}"
        );
    }
}

/// Editors of both habits: writing into the file, and renaming a new one over it. Each counts up, so the text that
/// is there at the end shows whether its last one was lost.
#[test]
fn what_editors_write_during_a_run_is_never_lost() {
    const FILES: usize = 12;
    let rounds =
        std::env::var("UNLEAK_RACES").map_or(8, |rounds| rounds.parse().expect("a number"));
    let mut refused = 0;
    for round in 0..rounds {
        let sandbox = Sandbox::new(&[]);
        let name = |at: usize| format!("cmd{at}/main.go");
        for at in 0..FILES {
            sandbox.write(&name(at), LEAK);
        }
        let stop = AtomicBool::new(false);
        let edit = |at: usize| {
            let path = sandbox.path().join(name(at));
            let beside = sandbox.path().join(format!("cmd{at}/new"));
            let mut last = None;
            for count in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                // Different moments for each editor, some after the file was replaced.
                std::thread::sleep(std::time::Duration::from_micros(200 + 700 * at as u64));
                let text = format!("{LEAK}\n// edit {count} of {at}\n");
                if at.is_multiple_of(2) {
                    fs::write(&path, &text).unwrap();
                } else {
                    fs::write(&beside, &text).unwrap();
                    fs::rename(&beside, &path).unwrap();
                }
                last = Some(text);
            }
            last
        };
        let last: Vec<Option<String>> = std::thread::scope(|scope| {
            let editors: Vec<_> = (0..FILES - 2)
                .map(|at| scope.spawn(move || edit(at)))
                .collect();
            let run = sandbox.run(&["-w", "."]);
            stop.store(true, Ordering::Relaxed);
            refused += run
                .complaints()
                .iter()
                .filter(|line| line.contains("changed on disk"))
                .count();
            editors
                .into_iter()
                .map(|editor| editor.join().unwrap())
                .collect()
        });
        for (at, last) in last.iter().enumerate() {
            let now = sandbox.read(&name(at));
            // What is there is the last edit, or the rewrite of it.
            let mark = last
                .as_ref()
                .map_or("", |text| text.lines().last().unwrap());
            assert!(
                now.ends_with(&format!("{mark}\n")),
                "round {round}: {at}: {mark:?} is lost in {now}"
            );
        }
        for at in FILES - 2..FILES {
            assert!(
                sandbox.read(&name(at)).contains("ctx.Done()"),
                "the others are done"
            );
        }
    }
    assert!(refused > 0, "no editor came between reading and writing");
}
