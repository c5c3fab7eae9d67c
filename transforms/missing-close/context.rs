//! The context that a cancel function belongs to (or the iterator of a stop function): where it goes decides how long
//! it must live.

use super::acquire::{Acquisition, Bound};
use super::knowledge::Knowledge;
use crate::analyse::ownership::{Flow, Start, Tree, What, Why, follow};
use crate::analyse::transform::Subject;

/// Where the context goes that a cancel function belongs to.
#[derive(Default)]
pub(super) struct Context {
    /// Its uses; where it leaves the function, transfers.
    pub(super) flow: Flow,
    /// It is used after the function has returned.
    pub(super) outlives: bool,
    /// It is passed to functions of which nothing is known.
    pub(super) unknown: bool,
}

impl Context {
    /// None when the context is bound to something that outlives the function anyway.
    pub(super) fn new(
        tree: &Tree<'_>,
        subject: &Subject<'_>,
        knowledge: &Knowledge<'_>,
        acquisition: &Acquisition<'_>,
    ) -> Option<Context> {
        let (local, id) = match acquisition.results.first() {
            Some(Bound::Local(local, id, _)) => (*local, *id),
            Some(Bound::Blank(_)) => return Some(Context::default()),
            _ => return None,
        };
        let start = Start {
            owner: acquisition.func,
            local,
            acquired: Some(id),
            derived: true,
        };
        let mut flow = follow(tree, subject.types, knowledge, knowledge.release, start);
        let passed = flow.transfers().any(|(_, why)| why == Why::Passed);
        for event in &mut flow.events {
            if event.what == What::Transfer(Why::Passed) {
                event.what = What::Use;
            }
        }
        let outlives = flow.transfers().next().is_some();
        Some(Context {
            flow,
            outlives,
            unknown: passed,
        })
    }
}
