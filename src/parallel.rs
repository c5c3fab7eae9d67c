//! A parallel map whose results do not depend on the number of threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Stack of a thread. Expressions nest as deep as their author likes; only touched pages cost memory.
const STACK: usize = 256 << 20;

/// Maps `items` on up to `jobs` threads, each with a state of its own; results in the order of the items.
pub fn map<T: Sync, R: Send, S>(
    items: &[T],
    jobs: usize,
    state: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, &T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    let work = || {
        let mut own = state();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            let result = each(&mut own, item);
            if let Ok(mut results) = results.lock() {
                results[at] = Some(result);
            }
        }
    };
    std::thread::scope(|scope| {
        let granted = (0..jobs.clamp(1, items.len().max(1))).filter(|_| {
            let builder = std::thread::Builder::new().stack_size(STACK);
            builder.spawn_scoped(scope, work).is_ok()
        });
        if granted.count() == 0 {
            // The system grants no thread: this one has to do.
            work();
        }
    });
    let results = results
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_for_any_number_of_jobs() {
        let items: Vec<usize> = (0..1000).collect();
        let want: Vec<usize> = (0..1000).map(|item| item * 2).collect();
        for jobs in [0, 1, 2, 7] {
            assert_eq!(map(&items, jobs, || (), |(), item| item * 2), want);
        }
        assert!(map(&[] as &[usize], 4, || (), |(), item| *item).is_empty());
    }
}
