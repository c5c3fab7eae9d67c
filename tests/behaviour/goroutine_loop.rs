//! Once the signal comes, every goroutine that a rewritten program started is gone. The originals still have theirs.

use crate::programs::{Programs, go_is_there};

#[test]
fn goroutines_end_after_the_signal() {
    if !go_is_there("goroutines_end_after_the_signal") {
        return;
    }
    let programs = Programs::copied("goroutine-loop");
    let before = programs.run_all("before");
    assert!(before.len() >= 12, "programs are missing: {before:?}");
    for (name, said) in &before {
        assert!(
            said.ends_with("left: 1\n"),
            "the original {name} does not leak: {said}"
        );
    }
    let report = programs.rewrite("goroutine-loop");
    let after = programs.run_all("after");
    for (name, said) in &after {
        let expected = before[name].replace("left: 1\n", "left: 0\n");
        assert_eq!(*said, expected, "{name} after the rewrite; {report}");
    }
    assert_eq!(before.len(), after.len());
}
