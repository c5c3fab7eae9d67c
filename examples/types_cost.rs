//! What knowing the types of everything costs: CPU time of a bare tree-sitter parse of every Go file below a
//! directory of GOROOT, and of indexing the same files and checking every body, in one run; and the peak memory.
//!
//!     cargo run --release --example types_cost -- "$(go env GOROOT)" [THREADS]
//!
//! CPU time and memory are read from /proc (Linux).

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use unleak::index::{BodyRef, FuncRef, World, WorldOptions};
use unleak::types::{Callee, Checker};

fn main() {
    let mut args = std::env::args().skip(1);
    let goroot = PathBuf::from(args.next().expect("GOROOT"));
    let threads = args
        .next()
        .map_or(1, |count| count.parse().expect("a number of threads"));
    let mut paths = Vec::new();
    collect(&goroot.join("src"), &mut paths);
    paths.sort();

    let bytes = AtomicUsize::new(0);
    let parse = measure(threads, paths.len(), &|next| {
        let mut parser = tree_sitter::Parser::new();
        parser
            .set_language(&tree_sitter_go::LANGUAGE.into())
            .expect("same version");
        while let Some(path) = next().map(|i| &paths[i]) {
            let Ok(text) = std::fs::read_to_string(path) else {
                continue;
            };
            bytes.fetch_add(text.len(), Ordering::Relaxed);
            black_box(parser.parse(&text, None));
        }
    });
    println!(
        "{} files, {:.1} MB",
        paths.len(),
        bytes.load(Ordering::Relaxed) as f64 / 1e6
    );
    println!("bare parse:          {parse:6.2} CPU s, peak {} MB", peak());

    let world = World::new(WorldOptions {
        goroot: Some(goroot),
        prefer_goroot: true,
        ..WorldOptions::default()
    });
    let (calls, unknown) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let before = cpu_seconds();
    let mut packages = Vec::new();
    for path in &paths {
        let file = world.add_file(path, None);
        if let Some(id) = world.package_of(file) {
            packages.push((id, file));
        }
    }
    let listing = cpu_seconds() - before;
    packages.sort_by_key(|(id, _)| *id);
    let resolve = measure(threads, packages.len(), &|next| {
        let checker = Checker::new(&world);
        while let Some((id, file)) = next().map(|i| packages[i]) {
            let Some(package) = world.package(id) else {
                continue;
            };
            for (index, declared) in package.funcs.iter().enumerate() {
                if package.files[declared.file as usize].id != file {
                    continue;
                }
                let func = FuncRef {
                    package: id,
                    index: index as u32,
                };
                let Some(body) = checker.body(BodyRef::Func(func)) else {
                    continue;
                };
                let callees = &body.info.callees;
                let lost = callees.iter().filter(|(_, c)| *c == Callee::Unknown);
                calls.fetch_add(callees.len(), Ordering::Relaxed);
                unknown.fetch_add(lost.count(), Ordering::Relaxed);
            }
        }
    });
    let all = listing + resolve;
    println!("index and resolve:   {all:6.2} CPU s, peak {} MB", peak());
    println!(
        "{} calls, {} with an unknown callee; {:.2} times the bare parse",
        calls.load(Ordering::Relaxed),
        unknown.load(Ordering::Relaxed),
        all / parse
    );
}

/// Hands out the indices of the work, each once.
type Next<'a> = &'a dyn Fn() -> Option<usize>;

/// CPU seconds that `work` takes on `threads` threads; its argument hands out the indices below `count`.
fn measure(threads: usize, count: usize, work: &(dyn Fn(Next<'_>) + Sync)) -> f64 {
    let next = AtomicUsize::new(0);
    let before = cpu_seconds();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                work(&|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|i| *i < count));
            });
        }
    });
    cpu_seconds() - before
}

/// User and system time of this process (proc(5): fields 14 and 15 of stat, in hundredths).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let field = |i: usize| -> f64 {
        let field = after_name.split(' ').nth(i);
        field.and_then(|field| field.parse().ok()).unwrap_or(0.0)
    };
    (field(11) + field(12)) / 100.0
}

/// Peak resident memory in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "testdata" {
                collect(&path, paths);
            }
        } else if path.extension().is_some_and(|extension| extension == "go") {
            paths.push(path);
        }
    }
}
