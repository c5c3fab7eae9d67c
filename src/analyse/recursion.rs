//! Answers about functions that depend on the answers about their callees, remembered for all workers.
//!
//! A call back into a function whose answer is being worked out gets the assumption that all begin with, and what
//! was worked out on the way is not remembered: the answer of the function that was asked first is a fixed point of
//! the call graph below it, whoever asks and in whatever order.

use crate::index::World;
use rustc_hash::FxHashMap;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::hash::Hash;
use std::sync::{Arc, RwLock};

/// Callees are followed this deep; the answer beyond is the caller's "unknown". Real chains of wrappers are a few
/// calls long, and each level costs stack.
const DEPTH: usize = 24;

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
    asked: RefCell<Vec<K>>,
    /// The answer being worked out rests on an assumption.
    assumed: Cell<bool>,
}

impl<K, V> Recursion<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + Any,
    V: Clone + Send + Sync + Any,
{
    /// With what is known of this world already.
    pub fn new(world: &World) -> Recursion<K, V> {
        Recursion {
            memo: world.memo::<Memo<K, V>>(),
            asked: RefCell::default(),
            assumed: Cell::new(false),
        }
    }

    /// The answer to `key`: remembered, or worked out. `assumption` stands for one that is being worked out,
    /// `unknown` for one too deep.
    pub fn answer(&self, key: K, assumption: V, unknown: V, work: impl FnOnce() -> V) -> V {
        let known = self.memo.0.read();
        if let Some(known) = known.ok().and_then(|known| known.get(&key).cloned()) {
            return known;
        }
        if self.asked.borrow().contains(&key) {
            self.assumed.set(true);
            return assumption;
        }
        if self.asked.borrow().len() >= DEPTH {
            self.assumed.set(true);
            return unknown;
        }
        let outer = self.assumed.replace(false);
        self.asked.borrow_mut().push(key.clone());
        let found = work();
        self.asked.borrow_mut().pop();
        let first = self.asked.borrow().is_empty();
        if (first || !self.assumed.get())
            && let Ok(mut known) = self.memo.0.write()
        {
            known.insert(key, found.clone());
        }
        self.assumed.set(!first && (outer || self.assumed.get()));
        found
    }
}
