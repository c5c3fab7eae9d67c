//! Files that are opened one after the other are not open all at once; what is read from them stays the same.

use crate::programs::{Programs, go_is_there};

/// How many files each program opens.
const FILES: u32 = 20;

/// Standard input, output and error, the directory that is counted, one file, what the runtime needs for its poller (two)
/// and, since Go 1.25, for the limits of its container (two).
const WITHOUT_LEAK: u32 = 9;

#[test]
fn one_file_is_open_at_a_time() {
    if !go_is_there("one_file_is_open_at_a_time") {
        return;
    }
    let programs = Programs::copied("defer-in-loop");
    let before = programs.run_all("before");
    assert!(before.len() >= 3, "programs are missing: {before:?}");
    for (name, said) in &before {
        let (most, read) = counts(said);
        assert!(most >= FILES, "the original {name} does not leak: {said}");
        assert_eq!(read, FILES, "{name}");
    }
    let report = programs.rewrite("defer-in-loop");
    let after = programs.run_all("after");
    for (name, said) in &after {
        let (most, read) = counts(said);
        assert!(most <= WITHOUT_LEAK, "{name}: {said}; {report}");
        assert_eq!(read, FILES, "{name} after the rewrite; {report}");
    }
    assert_eq!(before.len(), after.len());
}

fn counts(said: &str) -> (u32, u32) {
    let numbers = said.split_whitespace().filter_map(|word| word.parse().ok());
    let numbers: Vec<u32> = numbers.collect();
    match numbers[..] {
        [most, read] => (most, read),
        _ => panic!("no counts in {said}"),
    }
}
