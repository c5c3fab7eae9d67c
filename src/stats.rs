//! Where the time of a run goes: every thread is in one stage at a time, and work inside a stage that belongs to another
//! one is counted there. What happened is the process's, so the counters are too.

use std::cell::Cell;
use std::fmt::{self, Display};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What a thread is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Listing directories.
    Walk,
    /// Reading files that were asked for.
    Read,
    /// Looking for literals.
    Prefilter,
    /// Outlines and packages, of dependencies too.
    Index,
    /// Parsing bodies.
    Parse,
    /// What names and expressions mean.
    Types,
    /// The transforms.
    Analyse,
    /// Groups and imports.
    Plan,
    /// The promises about the new texts.
    Verify,
    /// Output.
    Emit,
}

const STAGES: [(Stage, &str); 10] = [
    (Stage::Walk, "walk"),
    (Stage::Read, "read"),
    (Stage::Prefilter, "prefilter"),
    (Stage::Index, "index"),
    (Stage::Parse, "parse"),
    (Stage::Types, "types"),
    (Stage::Analyse, "analyse"),
    (Stage::Plan, "plan"),
    (Stage::Verify, "verify"),
    (Stage::Emit, "emit"),
];

/// What was counted of a stage.
#[derive(Default)]
struct Count {
    nanoseconds: AtomicU64,
    items: AtomicU64,
    bytes: AtomicU64,
}

static COUNTS: [Count; STAGES.len()] = [const {
    Count {
        nanoseconds: AtomicU64::new(0),
        items: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
    }
}; STAGES.len()];

thread_local! {
    /// The stage that this thread is in, and since when.
    static NOW: Cell<Option<(Stage, Instant)>> = const { Cell::new(None) };
}

/// Moves the thread to another stage, and its time so far to the one before.
fn enter(stage: Option<Stage>) -> Option<Stage> {
    let now = Instant::now();
    let before = NOW.replace(stage.map(|stage| (stage, now)));
    if let Some((stage, since)) = before {
        let spent = now.duration_since(since).as_nanos() as u64;
        let nanoseconds = &COUNTS[stage as usize].nanoseconds;
        nanoseconds.fetch_add(spent, Ordering::Relaxed);
    }
    before.map(|(stage, _)| stage)
}

/// Goes back to the stage before, also when the work panics.
struct Back(Option<Stage>);

impl Drop for Back {
    fn drop(&mut self) {
        enter(self.0);
    }
}

/// Does `work` in a stage.
pub fn stage<T>(stage: Stage, work: impl FnOnce() -> T) -> T {
    let _back = Back(enter(Some(stage)));
    work()
}

/// Counts an item of `bytes` that a stage has dealt with.
pub fn count(stage: Stage, bytes: usize) {
    let count = &COUNTS[stage as usize];
    count.items.fetch_add(1, Ordering::Relaxed);
    count.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
}

static MOST_STEPS: AtomicU64 = AtomicU64::new(0);

/// Takes note of the steps ([`crate::analyse::effort`]) that a file's analysis took.
pub fn most_steps(steps: u64) {
    MOST_STEPS.fetch_max(steps, Ordering::Relaxed);
}

/// The table of all stages, for people.
pub struct Table;

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<10} {:>9} {:>9} {:>9}",
            "stage", "seconds", "items", "MB"
        )?;
        for (stage, name) in STAGES {
            let count = &COUNTS[stage as usize];
            let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            let seconds = load(&count.nanoseconds) as f64 / 1e9;
            write!(f, "\n{name:<10} {seconds:>9.3}")?;
            let (items, bytes) = (load(&count.items), load(&count.bytes));
            if items > 0 {
                write!(f, " {items:>9} {:>9.1}", bytes as f64 / 1e6)?;
            }
        }
        let most = MOST_STEPS.load(Ordering::Relaxed);
        write!(f, "\nthe file that took most steps took {most}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn time_inside_another_stage_is_counted_there() {
        let spent = |of: Stage| COUNTS[of as usize].nanoseconds.load(Ordering::Relaxed);
        let long = Duration::from_millis(40);
        let (walk, emit) = (spent(Stage::Walk), spent(Stage::Emit));
        stage(Stage::Walk, || {
            std::thread::sleep(long);
            stage(Stage::Emit, || std::thread::sleep(long));
        });
        let (walk, emit) = (spent(Stage::Walk) - walk, spent(Stage::Emit) - emit);
        let long = long.as_nanos() as u64;
        assert!(walk >= long && walk < emit + long, "{walk} {emit}");
        assert!(emit >= long);
        assert!(NOW.get().is_none());
    }

    #[test]
    fn stages_are_in_the_order_of_their_counters() {
        for (at, (stage, _)) in STAGES.iter().enumerate() {
            assert_eq!(*stage as usize, at);
        }
    }
}
