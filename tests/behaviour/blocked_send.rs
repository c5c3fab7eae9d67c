//! Goroutines whose answer nobody waits for any more end.

use crate::programs::{Programs, go_is_there};

/// How often each program does its work (`count.Times`): a leak leaves at least as many goroutines.
const TIMES: u32 = 10;

#[test]
fn goroutines_end_when_nobody_receives() {
    if !go_is_there("goroutines_end_when_nobody_receives") {
        return;
    }
    let programs = Programs::copied("blocked-send");
    let before = programs.run_all("before");
    assert!(before.len() >= 3, "programs are missing: {before:?}");
    for (name, said) in &before {
        let left = left(said);
        assert!(left >= TIMES, "the original {name} does not leak: {said}");
    }
    let report = programs.rewrite("blocked-send");
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
