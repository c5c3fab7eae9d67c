//! Answers about functions that depend on the answers about their callees, remembered for all workers.
//!
//! The answers are the least fixed point of the call graph: every function begins with the same assumption, and is
//! worked out again when what it rests on has changed. So an answer does not depend on who asked first, a cycle needs
//! no rule of its own, and neither the length of a chain of calls nor the number of ways through it costs more than
//! the functions that it has.

use super::effort;
use crate::index::World;
use rustc_hash::FxHashMap;
use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeSet, BinaryHeap};
use std::hash::Hash;
use std::sync::{Arc, RwLock};

/// How often an answer may change before it counts as unknown. The values used have three or four levels, so one that
/// only rises ends sooner; over GOROOT/src no answer was worked out more than 5 times.
const CHANGES: u32 = 16;

/// Answers that are known.
struct Memo<K, V>(RwLock<FxHashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Memo(RwLock::default())
    }
}

/// Answers by one kind of question.
pub struct Recursion<K, V> {
    memo: Arc<Memo<K, V>>,
    /// The questions below the first one, while they are worked out.
    open: RefCell<Option<Open<K, V>>>,
}

/// The part of the call graph that the first question leads to, as far as it has been seen.
struct Open<K, V> {
    numbers: FxHashMap<K, usize>,
    questions: Vec<Question<K, V>>,
    /// Those to be worked out, the last seen first: callees come before their callers.
    due: BinaryHeap<usize>,
    /// What the question that is being worked out has asked.
    asked: BTreeSet<usize>,
}

struct Question<K, V> {
    key: K,
    answer: V,
    /// Questions whose answers rest on this one.
    resting: BTreeSet<usize>,
    changes: u32,
    due: bool,
}

impl<K, V> Recursion<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + Any,
    V: Clone + PartialEq + Send + Sync + Any,
{
    /// With what is known of this world already.
    pub fn new(world: &World) -> Recursion<K, V> {
        Recursion {
            memo: world.memo::<Memo<K, V>>(),
            open: RefCell::default(),
        }
    }

    /// The answer to `key`: remembered, or worked out. `work` answers any question and asks others by way of this
    /// method; `assumption` is what all begin with, `unknown` the answer where working it out takes too long.
    pub fn answer(&self, key: K, assumption: V, unknown: V, work: impl Fn(&K) -> V) -> V {
        effort::spend(1);
        if let Some(known) = self.known(&key) {
            return known;
        }
        if let Some(open) = self.open.borrow_mut().as_mut() {
            return open.ask(key, assumption);
        }
        let mut open = Open::new();
        open.ask(key, assumption);
        *self.open.borrow_mut() = Some(open);
        while let Some((number, key)) = self.next() {
            let found = effort::apart(|| work(&key)).unwrap_or_else(|| unknown.clone());
            if let Some(open) = self.open.borrow_mut().as_mut() {
                open.answered(number, found, &unknown);
            }
        }
        let open = self.open.borrow_mut().take();
        let questions = open.map(|open| open.questions).unwrap_or_default();
        // The first question is the one that was asked for.
        let answer = questions.first().map(|first| first.answer.clone());
        if let Ok(mut known) = self.memo.0.write() {
            known.extend(questions.into_iter().map(|one| (one.key, one.answer)));
        }
        answer.unwrap_or(unknown)
    }

    fn known(&self, key: &K) -> Option<V> {
        self.memo.0.read().ok()?.get(key).cloned()
    }

    fn next(&self) -> Option<(usize, K)> {
        let mut open = self.open.borrow_mut();
        let open = open.as_mut()?;
        let number = open.due.pop()?;
        let question = open.questions.get_mut(number)?;
        question.due = false;
        Some((number, question.key.clone()))
    }
}

impl<K: Clone + Eq + Hash, V: Clone + PartialEq> Open<K, V> {
    fn new() -> Self {
        Open {
            numbers: FxHashMap::default(),
            questions: Vec::new(),
            due: BinaryHeap::new(),
            asked: BTreeSet::new(),
        }
    }

    /// The answer so far.
    fn ask(&mut self, key: K, assumption: V) -> V {
        let number = match self.numbers.get(&key) {
            Some(number) => *number,
            None => {
                let number = self.questions.len();
                self.numbers.insert(key.clone(), number);
                self.questions.push(Question {
                    key,
                    answer: assumption,
                    resting: BTreeSet::new(),
                    changes: 0,
                    due: true,
                });
                self.due.push(number);
                number
            }
        };
        self.asked.insert(number);
        self.questions[number].answer.clone()
    }

    /// What rests on a changed answer is due again.
    fn answered(&mut self, number: usize, found: V, unknown: &V) {
        for asked in std::mem::take(&mut self.asked) {
            self.questions[asked].resting.insert(number);
        }
        let question = &mut self.questions[number];
        if question.answer == found || question.changes == CHANGES {
            return;
        }
        question.changes += 1;
        let settled = question.changes == CHANGES;
        question.answer = if settled { unknown.clone() } else { found };
        for resting in question.resting.clone() {
            let question = &mut self.questions[resting];
            if !std::mem::replace(&mut question.due, true) {
                self.due.push(resting);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::WorldOptions;
    use std::cell::Cell;

    /// Whether a function comes to one that closes, in a graph given by its edges, and how often one was looked at.
    struct Graph {
        calls: fn(u32) -> Vec<u32>,
        closes: fn(u32) -> bool,
        looked: Cell<usize>,
        recursion: Recursion<u32, bool>,
    }

    impl Graph {
        fn new(calls: fn(u32) -> Vec<u32>, closes: fn(u32) -> bool) -> Graph {
            let world = World::new(WorldOptions::default());
            Graph {
                calls,
                closes,
                looked: Cell::new(0),
                recursion: Recursion::new(&world),
            }
        }

        fn ask(&self, func: u32) -> bool {
            self.recursion.answer(func, false, false, |&func| {
                self.looked.set(self.looked.get() + 1);
                let below = (self.calls)(func)
                    .into_iter()
                    .map(|callee| self.ask(callee));
                // All are asked.
                below.fold((self.closes)(func), |found, below| found | below)
            })
        }
    }

    #[test]
    fn a_long_chain_is_followed_to_its_end() {
        let graph = Graph::new(
            |at| Vec::from_iter((at < 100_000).then_some(at + 1)),
            |at| at == 100_000,
        );
        assert!(graph.ask(0));
        assert!(graph.looked.get() <= 200_002, "{}", graph.looked.get());
        assert!(graph.ask(50_000));
    }

    #[test]
    fn the_number_of_ways_does_not_matter() {
        // As many ways as the Fibonacci number of 1,000.
        let graph = Graph::new(
            |at| {
                if at < 1000 {
                    vec![at + 1, at + 2]
                } else {
                    Vec::new()
                }
            },
            |at| at == 1001,
        );
        assert!(graph.ask(0));
        assert!(graph.looked.get() <= 4 * 1002, "{}", graph.looked.get());
    }

    #[test]
    fn in_a_cycle_each_has_the_answer_of_all_whoever_is_asked_first() {
        for first in 0..5 {
            let graph = Graph::new(|at| vec![(at + 1) % 5], |at| at == 3);
            assert!(graph.ask(first));
            assert!((0..5).all(|func| graph.ask(func)), "{first}");
            let graph = Graph::new(|at| vec![(at + 1) % 5], |_| false);
            assert!(!graph.ask(first));
            assert!((0..5).all(|func| !graph.ask(func)), "{first}");
        }
    }

    #[test]
    fn an_answer_that_does_not_settle_is_unknown() {
        let world = World::new(WorldOptions::default());
        let recursion: Recursion<u32, Option<bool>> = Recursion::new(&world);
        // It is what it is not.
        fn ask(recursion: &Recursion<u32, Option<bool>>) -> Option<bool> {
            recursion.answer(0, Some(false), None, |_| Some(!ask(recursion)?))
        }
        assert_eq!(ask(&recursion), None);
    }
}
