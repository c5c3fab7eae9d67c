//! What a transform is to the engine: a description, a prefilter, candidates and a decision.

use crate::analyse::finding::Finding;
use crate::index::{BodyRef, FileId, World};
use crate::syntax::ast::Span;
use crate::syntax::visit::Node;
use crate::types::{CheckedBody, Checker};
use std::rc::Rc;

/// One transform. `transforms/<id>/rule.rs` defines it as a constant; `src/transforms.rs` lists it.
pub struct Transform {
    /// The id, e.g. `missing-close`.
    pub id: &'static str,
    /// One line for `unleak rules`.
    pub summary: &'static str,
    /// The README, shown by `unleak explain`.
    pub readme: &'static str,
    /// Candidates by syntax alone: called for each statement and expression of a body (with its file's text), it offers
    /// the spans that `decide` is asked about. Types are only asked for where there is one.
    pub candidates: fn(Node<'_>, &str, &mut dyn FnMut(Span)),
    /// A body is parsed only when its text contains one of these: every candidate does.
    pub literals: &'static [&'static str],
    /// The decision on one candidate; none when it is no leak.
    pub decide: fn(&Subject<'_>, Span) -> Option<Finding>,
}

/// The body that a candidate stands in, and everything that may be asked about it.
pub struct Subject<'a> {
    /// The frozen index.
    pub world: &'a World,
    /// The worker's checker.
    pub types: &'a Checker<'a>,
    /// The body's identity.
    pub body_ref: BodyRef,
    /// Its file.
    pub file: FileId,
    /// Its syntax and meaning.
    pub body: Rc<CheckedBody>,
}
