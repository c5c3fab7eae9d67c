//! Times tree-sitter alone against the outline and body parses of this crate, over every Go file of a directory.
//!
//!     cargo run --release --example syntax_cost -- DIR [THREADS]

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use unleak::syntax::ast::Decl;
use unleak::syntax::{parse_body, parse_outline};

fn main() {
    let mut args = std::env::args().skip(1);
    let dir = args.next().expect("a directory");
    let threads = args
        .next()
        .map_or(1, |count| count.parse().expect("a number of threads"));
    let mut paths = Vec::new();
    collect(Path::new(&dir), &mut paths);
    paths.sort();
    let texts: Vec<String> = paths
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{} files, {:.1} MB", texts.len(), bytes as f64 / 1e6);
    report("tree-sitter", threads, &texts, &|text| {
        let mut parser = tree_sitter::Parser::new();
        parser
            .set_language(&tree_sitter_go::LANGUAGE.into())
            .expect("same version");
        black_box(parser.parse(text, None));
    });
    report("outline", threads, &texts, &|text| {
        black_box(parse_outline(text));
    });
    report("outline and bodies", threads, &texts, &|text| {
        for decl in &parse_outline(text).decls {
            if let Decl::Func(func) = decl
                && let Some(body) = func.body
            {
                black_box(parse_body(text, body));
            }
        }
    });
}

/// Runs `work` on every text and prints the time: of the wall, and times the number of threads.
fn report(what: &str, threads: usize, texts: &[String], work: &(dyn Fn(&str) + Sync)) {
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(text) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(text);
                }
            });
        }
    });
    let wall = start.elapsed().as_secs_f64();
    println!(
        "{what:>20}: {wall:6.2} s wall, {:6.2} thread s",
        wall * threads as f64
    );
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
