//! Work that is done again and again leaves no descriptor, connection, goroutine or timer behind, and loses no byte of
//! what it writes. The originals leave or lose something each time.

use crate::programs::{Programs, go_is_there};

/// How often each program does its work (`count.Times`): a leak leaves at least as many.
const TIMES: u32 = 10;

#[test]
fn nothing_is_left_open() {
    if go_is_there("nothing_is_left_open") {
        leaves_nothing(&Programs::copied("missing-close"), 8);
    }
}

/// Up to Go 1.22 a ticker that is not stopped lives for ever.
#[test]
fn no_ticker_is_left_before_1_23() {
    if go_is_there("no_ticker_is_left_before_1_23") {
        leaves_nothing(&Programs::copied("missing-close-1.22"), 1);
    }
}

/// Rows, statements, transactions and connections of a real database (modernc.org/sqlite, which go downloads).
#[test]
fn no_connection_to_a_database_is_left_in_use() {
    let test = "no_connection_to_a_database_is_left_in_use";
    if go_is_there(test) {
        let programs = Programs::copied("missing-close-sqlite");
        if programs.downloaded(test) {
            leaves_nothing(&programs, 4);
        }
    }
}

fn leaves_nothing(programs: &Programs, count: usize) {
    let before = programs.run_all("before");
    assert!(before.len() >= count, "programs are missing: {before:?}");
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
