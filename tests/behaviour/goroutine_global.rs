//! Memory that goroutines fill is free again when their work is done: the heap after a collection.

use crate::programs::{Programs, go_is_there};

/// What the originals leave at least in the second half of their work, in bytes: 200 turns of 2 kB each or more.
const LEAK: i64 = 300_000;

/// What else may be in use by chance: the runtime's own structures.
const NOISE: i64 = 50_000;

#[test]
fn the_heap_does_not_grow() {
    if !go_is_there("the_heap_does_not_grow") {
        return;
    }
    let programs = Programs::copied("goroutine-global");
    let before = programs.run_all("before");
    assert!(before.len() >= 3, "programs are missing: {before:?}");
    for (name, said) in &before {
        assert!(grown(said) > LEAK, "the original {name} is bounded: {said}");
    }
    let report = programs.rewrite_unsafe("goroutine-global");
    let after = programs.run_all("after");
    for (name, said) in &after {
        assert!(grown(said) < NOISE, "{name} after: {said}; {report}");
    }
    assert_eq!(before.len(), after.len());
}

fn grown(said: &str) -> i64 {
    let bytes = said.trim().strip_prefix("grown: ");
    let bytes = bytes.and_then(|bytes| bytes.parse().ok());
    bytes.unwrap_or_else(|| panic!("no figure in {said}"))
}
