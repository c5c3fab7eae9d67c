//! What nothing can be faster than, and what a run is compared with: reading every Go file of some directories, and
//! parsing every one with tree-sitter.
//!
//!     cargo run --release --example bare -- read|parse THREADS DIR…

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() {
    let mut args = std::env::args().skip(1);
    let parse = match args.next().as_deref() {
        Some("read") => false,
        Some("parse") => true,
        _ => panic!("read or parse"),
    };
    let threads = args.next().map(|count| count.parse::<usize>());
    let threads = threads.expect("threads").expect("a number of threads");
    let mut paths = Vec::new();
    args.for_each(|dir| collect(Path::new(&dir), &mut paths));
    let (next, bytes, lines) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut parser = tree_sitter::Parser::new();
                let go = tree_sitter_go::LANGUAGE.into();
                parser.set_language(&go).expect("same version");
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Ok(text) = std::fs::read(path) else {
                        continue;
                    };
                    bytes.fetch_add(text.len(), Ordering::Relaxed);
                    lines.fetch_add(memchr::memchr_iter(b'\n', &text).count(), Ordering::Relaxed);
                    if parse {
                        black_box(parser.parse(&text, None));
                    }
                }
            });
        }
    });
    let (bytes, lines) = (bytes.load(Ordering::Relaxed), lines.load(Ordering::Relaxed));
    println!("{} {bytes} {lines}", paths.len());
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "go") {
            paths.push(path);
        }
    }
}
