//! Calls that are given the context at hand end with it.

use crate::programs::{Programs, go_is_there};

#[test]
fn calls_end_with_their_context() {
    if !go_is_there("calls_end_with_their_context") {
        return;
    }
    let programs = Programs::copied("context-call");
    let before = programs.run_all("before");
    assert!(before.len() >= 4, "programs are missing: {before:?}");
    for (name, said) in &before {
        assert_eq!(said.trim(), "blocked", "the original {name}");
    }
    let report = programs.rewrite_unsafe("context-call");
    let after = programs.run_all("after");
    for (name, said) in &after {
        assert_eq!(said.trim(), "returned", "{name} after; {report}");
    }
    assert_eq!(before.len(), after.len());
}
