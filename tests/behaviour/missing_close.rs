//! Work that is done again and again leaves no descriptor, connection or goroutine behind. The originals leave one or
//! more each time.

use crate::programs::{Programs, go_is_there};

/// How often each program does its work (`count.Times`): a leak leaves at least as many.
const TIMES: u32 = 10;

#[test]
fn nothing_is_left_open() {
    if !go_is_there("nothing_is_left_open") {
        return;
    }
    let programs = Programs::copied("missing-close");
    let before = programs.run_all("before");
    assert!(before.len() >= 7, "programs are missing: {before:?}");
    for (name, said) in &before {
        assert!(
            left(said) >= TIMES,
            "the original {name} does not leak: {said}"
        );
    }
    let report = programs.rewrite("missing-close");
    let after = programs.run_all("after");
    for (name, said) in &after {
        assert_eq!(left(said), 0, "{name} after the rewrite; {report}");
    }
    assert_eq!(before.len(), after.len());
}

fn left(said: &str) -> u32 {
    let count = said.trim().strip_prefix("left: ");
    let count = count.and_then(|count| count.parse().ok());
    count.unwrap_or_else(|| panic!("no count in {said}"))
}
