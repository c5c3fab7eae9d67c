//! Real files with random changes: no panic, no hang, no promise broken, nothing written for what did not parse.
//! `UNLEAK_FUZZ_SECONDS=600` mutates for longer, `UNLEAK_FUZZ_SEED=7` otherwise. `fuzz/run` does it guided by coverage.

#[path = "support/whole_file.rs"]
mod whole_file;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file may take this long; the slowest of GOROOT takes a twentieth of it, unoptimised.
const BOUND: Duration = Duration::from_secs(10);

fn go_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            go_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "go") {
            files.push(path);
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "a long run says what it did")]
fn mutated_files_keep_the_promises() {
    let setting = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|value| value.parse().expect("a number"))
    };
    let seconds = setting("UNLEAK_FUZZ_SECONDS").map(Duration::from_secs);
    let mut state = setting("UNLEAK_FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15_u64) | 1;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut files = Vec::new();
    go_files(Path::new("tests/fixtures"), &mut files);
    files.sort();
    let directory = whole_file::module();
    let started = Instant::now();
    let (mut rounds, mut rewritten) = (0, 0);
    while seconds.map_or(rounds < 2000, |seconds| started.elapsed() < seconds) {
        rounds += 1;
        let file = &files[random(files.len())];
        let mut bytes = std::fs::read(file).unwrap();
        let other = std::fs::read(&files[random(files.len())]).unwrap();
        for _ in 0..random(6) {
            let (at, length) = (random(bytes.len()), random(20));
            let end = (at + length).min(bytes.len());
            match random(5) {
                0 => drop(bytes.drain(at..end)),
                1 => bytes.insert(at, random(256) as u8),
                2 if at < bytes.len() => bytes[at] ^= 1 << random(8),
                3 => {
                    let from = random(other.len());
                    let piece = &other[from..(from + random(80)).min(other.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
                _ => bytes.truncate(bytes.len() - random(40).min(bytes.len())),
            }
        }
        let keeps = || {
            let begun = Instant::now();
            let kept = std::panic::catch_unwind(|| {
                whole_file::keeps_its_promises(directory.path(), &bytes)
            });
            (kept, begun.elapsed())
        };
        let (kept, mut took) = keeps();
        if took >= BOUND {
            // By the clock, which other programs move too: what hangs does so again.
            took = keeps().1;
        }
        let Ok(changed) = kept else {
            panic!(
                "round {rounds}, from {}:\n{}",
                file.display(),
                String::from_utf8_lossy(&bytes)
            );
        };
        assert!(took < BOUND, "round {rounds} took {took:?} and more");
        rewritten += usize::from(changed);
    }
    println!(
        "{rounds} files in {:?}, {rewritten} rewritten",
        started.elapsed()
    );
    assert!(rewritten > 0, "nothing was rewritten");
}
