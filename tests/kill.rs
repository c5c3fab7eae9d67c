//! A run that is killed at any moment leaves every file old or new, nothing else in the tree, and a state from which
//! the same command completes. `UNLEAK_KILLS=300 UNLEAK_KILL_FILES=500` is the long run.
#![cfg(unix)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};
use support::Sandbox;

/// Files of one command: their goroutines all get their context from its `main`, so they change together.
const TOGETHER: usize = 10;

fn setting(name: &str, default: usize) -> usize {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}

/// Commands of [`TOGETHER`] files each.
fn tree(files: usize) -> Sandbox {
    let sandbox = Sandbox::new(&[]);
    for command in 0..files.div_ceil(TOGETHER) {
        let mut main = String::from("package main\n\nimport \"time\"\n\nfunc main() {\n");
        for at in 1..TOGETHER {
            main += &format!("\tstart{at}()\n");
            let text = format!(
                "package main\n\nimport \"time\"\n\nfunc start{at}() {{\n\tgo beat{at}()\n}}\n\n\
                 func beat{at}() {{\n\tfor {{\n\t\tprintln({at})\n\t\ttime.Sleep(time.Second)\n\t}}\n}}\n"
            );
            sandbox.write(&format!("cmd{command}/beat{at}.go"), text);
        }
        main += "\ttime.Sleep(time.Minute)\n}\n";
        sandbox.write(&format!("cmd{command}/main.go"), main);
    }
    sandbox
}

#[expect(clippy::print_stdout, reason = "a long run says what it did")]
/// Kills `kills` runs of `-w` and completes each.
fn kill(sandbox: &Sandbox, cache: &Path, kills: usize, dropping: fn(&Path) -> bool) {
    let command = || {
        let mut command = sandbox.command(&["-w", "--format", "json", "."]);
        command.env("XDG_CACHE_HOME", cache);
        command.stdout(std::process::Stdio::null());
        command
    };
    let old = sandbox.files();
    let started = Instant::now();
    assert!(command().status().unwrap().success());
    let whole = started.elapsed();
    let new = sandbox.files();
    assert!(
        old.iter()
            .all(|(path, text)| path.ends_with("go.mod") || new[path] != *text)
    );
    // Random moments by the clock: half of them over the whole run, half over its end, where it writes.
    let mut moment = old.len() as u64;
    let mut half_written = 0;
    for round in 0..kills {
        for (path, text) in &old {
            sandbox.write(path.to_str().unwrap(), text);
        }
        moment = moment
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let part = (moment >> 33) as f64 / f64::from(1u32 << 31);
        let part = if round % 2 == 0 {
            part
        } else {
            0.5 + 0.6 * part
        };
        let mut child = command()
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole.mul_f64(part));
        // SIGKILL; it may have ended by itself.
        child.kill().unwrap();
        child.wait().unwrap();
        let mut changed = 0;
        for (path, text) in sandbox.files() {
            if dropping(&path) {
                continue;
            }
            let known = old.get(&path).is_some_and(|old| *old == text);
            let is_new = new.get(&path).is_some_and(|new| *new == text);
            assert!(
                known || is_new,
                "round {round}: {path:?} is neither old nor new"
            );
            changed += usize::from(!known);
        }
        half_written += usize::from(0 < changed && changed < old.len() - 1);
        let again = command().output().unwrap();
        assert!(again.status.success(), "round {round}: {again:?}");
        assert_eq!(sandbox.files(), new, "round {round}");
        let left: Vec<_> = std::fs::read_dir(cache.join("unleak/write"))
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1, "round {round}: rooms are left: {left:?}");
    }
    println!(
        "{kills} kills over {} files, {whole:?} a run, {half_written} of them while it wrote",
        old.len()
    );
    assert!(
        half_written > 0 || kills < 20,
        "no kill came while it wrote"
    );
}

#[test]
fn a_killed_run_leaves_nothing_and_the_next_completes() {
    let sandbox = tree(setting("UNLEAK_KILL_FILES", 100));
    let cache = sandbox.cache().to_owned();
    kill(&sandbox, &cache, setting("UNLEAK_KILLS", 20), |_| false);
}

/// A cache directory on another file system: no rename reaches the tree from there, so what is staged is beside its
/// target, and the next run removes it.
#[cfg(target_os = "linux")]
#[test]
fn so_it_does_with_the_cache_on_another_file_system() {
    use std::os::unix::fs::MetadataExt;
    let sandbox = tree(setting("UNLEAK_KILL_FILES", 100));
    let cache = tempfile::tempdir_in("/dev/shm").unwrap();
    let device = |path: &Path| std::fs::metadata(path).unwrap().dev();
    assert_ne!(
        device(cache.path()),
        device(sandbox.path()),
        "TMPDIR is to be on a disk"
    );
    let staged = |path: &Path| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with(".unleak-")
    };
    kill(&sandbox, cache.path(), setting("UNLEAK_KILLS", 20), staged);
}

#[test]
fn a_run_that_does_not_write_says_that_one_was_killed() {
    let sandbox = tree(50);
    let start = Instant::now();
    // Until one is killed with a journal.
    let journal = |sandbox: &Sandbox| {
        let rooms = std::fs::read_dir(sandbox.cache().join("unleak/write")).ok();
        let mut rooms = rooms.into_iter().flatten().flatten();
        rooms.any(|room| room.path().join("journal.json").exists())
    };
    while !journal(&sandbox) {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "no run was caught writing"
        );
        let mut child = sandbox.command(&["-w", "-l", "."]).spawn().unwrap();
        while !journal(&sandbox) && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let before = sandbox.files();
    let said = sandbox.run(&["-l", "."]);
    assert!(
        said.complaints()
            .iter()
            .any(|line| line.contains("a run that was killed")),
        "{said:?}"
    );
    assert_eq!(sandbox.files(), before);
}
