//! How much work the analysis of a file may take. Steps are counted, not seconds: a file is given up at the same
//! place on every machine, at any load and with any number of workers.
//!
//! A step is one thing looked at: a node of a control-flow graph, an edge followed, a use of a variable, a node of a
//! tree. What workers share (an answer about a callee) has a count of its own, so that a file's count does not depend
//! on who worked it out first.

use rustc_hash::{FxHashSet, FxHasher};
use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The steps that one file, or one question about a callee, may take.
pub const LIMIT: u64 = 50_000_000;

/// How deep following may recurse: through variables that are given to each other. A level takes less than 2 KiB of a
/// worker's stack in an optimised build and less than 10 KiB in a debug one, of 256 MiB.
const DEPTH: u32 = 10_000;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(LIMIT) };
    static LEVEL: Cell<u32> = const { Cell::new(0) };
    static SHARED: RefCell<FxHashSet<u64>> = RefCell::default();
}

/// What unwinds when nothing is left.
struct Exhausted;

/// Counts steps. Ends the work of the innermost [`apart`] when there were too many.
#[inline]
pub fn spend(steps: usize) {
    LEFT.with(|left| match left.get().checked_sub(steps as u64) {
        Some(rest) => left.set(rest),
        // Not a panic: no hook hears of it.
        None => resume_unwind(Box::new(Exhausted)),
    });
}

/// Counts the steps of an answer that workers share, the first time that the innermost [`apart`] asks the question:
/// whether this worker worked it out or found it.
pub fn share(question: impl Hash, steps: u64) {
    let mut hasher = FxHasher::default();
    question.hash(&mut hasher);
    if SHARED.with_borrow_mut(|shared| shared.insert(hasher.finish())) {
        spend(steps as usize);
    }
}

/// One level deeper. Ends the work as [`spend`] does when that is too deep.
pub fn deeper<T>(work: impl FnOnce() -> T) -> T {
    let level = LEVEL.get();
    if level >= DEPTH {
        resume_unwind(Box::new(Exhausted));
    }
    LEVEL.set(level + 1);
    let done = work();
    LEVEL.set(level);
    done
}

/// Does work with a count of its own; none when it takes more than [`LIMIT`] steps.
pub fn apart<T>(work: impl FnOnce() -> T) -> Option<T> {
    counted(LIMIT, work).0
}

/// As [`apart`], with a limit; and the number of steps.
pub fn counted<T>(limit: u64, work: impl FnOnce() -> T) -> (Option<T>, u64) {
    let outer = LEFT.replace(limit);
    let level = LEVEL.get();
    let shared = SHARED.take();
    let done = catch_unwind(AssertUnwindSafe(work));
    let spent = limit - LEFT.replace(outer);
    LEVEL.set(level);
    SHARED.set(shared);
    match done {
        Ok(done) => (Some(done), spent),
        Err(other) if other.is::<Exhausted>() => (None, limit),
        Err(panic) => resume_unwind(panic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_within_the_limit_is_done_and_counted() {
        let (done, steps) = counted(10, || {
            spend(4);
            spend(6);
            "done"
        });
        assert_eq!((done, steps), (Some("done"), 10));
    }

    #[test]
    fn work_beyond_the_limit_ends() {
        let (done, steps) = counted(10, || {
            loop {
                spend(4);
            }
        });
        assert_eq!((done, steps), (None::<()>, 10));
    }

    #[test]
    fn work_apart_does_not_count_for_the_outer_one() {
        let (done, steps) = counted(10, || {
            spend(1);
            let inner = counted(100, || spend(60));
            assert_eq!(inner, (Some(()), 60));
            assert_eq!(counted(5, || spend(6)), (None, 5));
            spend(2);
        });
        assert_eq!((done, steps), (Some(()), 3));
    }

    #[test]
    fn a_shared_answer_counts_once_for_each_that_asks() {
        let asks = || {
            share("first", 30);
            share("second", 12);
            share("first", 30);
        };
        assert_eq!(counted(100, asks), (Some(()), 42));
        let (_, steps) = counted(100, || {
            assert_eq!(counted(100, asks).1, 42);
            asks();
        });
        assert_eq!(steps, 42);
    }

    #[test]
    fn what_is_too_deep_ends() {
        fn down(levels: u32) -> u32 {
            match levels {
                0 => 0,
                _ => deeper(|| 1 + down(levels - 1)),
            }
        }
        assert_eq!(apart(|| down(DEPTH)), Some(DEPTH));
        assert_eq!(apart(|| down(DEPTH + 1)), None);
        assert_eq!(apart(|| down(DEPTH)), Some(DEPTH));
    }

    #[test]
    fn a_panic_goes_on() {
        let panicked = catch_unwind(|| apart(|| panic!("a bug")));
        let text = panicked.expect_err("a panic");
        assert_eq!(text.downcast_ref::<&str>(), Some(&"a bug"));
    }
}
