//! Names from text: most of a file's identifiers were just met, so each thread remembers the latest ones, and the table
//! that all threads share is asked for the rest.

use crate::syntax::ast::Name;
use std::cell::RefCell;

/// How many names a thread remembers; a power of two.
const KEPT: usize = 1 << 12;

thread_local! {
    static LATEST: RefCell<Vec<Option<Name>>> = RefCell::new(vec![None; KEPT]);
}

/// The name that is written so.
pub(super) fn name(word: &str) -> Name {
    let mut hash = 0_usize;
    for &byte in word.as_bytes() {
        hash = (hash ^ usize::from(byte)).wrapping_mul(0x9e37_79b9);
    }
    LATEST.with_borrow_mut(|latest| {
        let slot = &mut latest[(hash >> 12) % KEPT];
        match slot {
            Some(known) if known.as_str() == word => *known,
            _ => *slot.insert(Name::from(word)),
        }
    })
}
