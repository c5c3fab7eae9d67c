//! Path queries: breadth first, so that the path shown is a shortest one.

use super::{Cfg, Edge, NodeIx, Step};
use crate::analyse::effort;
use crate::syntax::ast::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

impl Cfg<'_> {
    /// A shortest path from `from` (included) to a node that satisfies `goal` (included), over edges that `follow`
    /// allows. The start itself is not asked whether it is the goal: a path has at least one edge.
    pub fn find_path(
        &self,
        from: NodeIx,
        mut follow: impl FnMut(NodeIx, Edge) -> bool,
        mut goal: impl FnMut(NodeIx) -> bool,
    ) -> Option<Vec<NodeIx>> {
        self.find_path_with(
            from,
            (),
            |_, at, edge| follow(at, edge).then_some(()),
            |_, at| goal(at),
        )
    }

    /// As [`Cfg::find_path`], with a state that changes along the path: `step` returns the state after an edge, or
    /// none when the edge cannot be taken. The number of states must be finite (and small).
    pub fn find_path_with<S: Clone + Eq + Hash>(
        &self,
        from: NodeIx,
        state: S,
        mut step: impl FnMut(&S, NodeIx, Edge) -> Option<S>,
        mut goal: impl FnMut(&S, NodeIx) -> bool,
    ) -> Option<Vec<NodeIx>> {
        let mut came: FxHashMap<(NodeIx, S), (NodeIx, S)> = FxHashMap::default();
        let mut queue = VecDeque::from([(from, state.clone())]);
        let start = (from, state);
        while let Some((at, state)) = queue.pop_front() {
            effort::spend(1 + self.node(at).next.len());
            for &edge in &self.node(at).next {
                let Some(after) = step(&state, at, edge) else {
                    continue;
                };
                let place = (edge.to, after);
                if came.contains_key(&place) {
                    continue;
                }
                came.insert(place.clone(), (at, state.clone()));
                if goal(&place.1, place.0) {
                    return Some(trace(&came, &start, place));
                }
                queue.push_back(place);
            }
        }
        None
    }

    /// The nodes that can be reached from `from` (itself only when it lies on a cycle) over edges that `follow`
    /// allows.
    pub fn reach(
        &self,
        from: NodeIx,
        mut follow: impl FnMut(NodeIx, Edge) -> bool,
    ) -> HashSet<NodeIx> {
        let mut seen = HashSet::new();
        let mut stack = vec![from];
        while let Some(at) = stack.pop() {
            effort::spend(1 + self.node(at).next.len());
            for &edge in &self.node(at).next {
                if follow(at, edge) && seen.insert(edge.to) {
                    stack.push(edge.to);
                }
            }
        }
        seen
    }

    /// What can come directly after `node`: the node each edge leads to, and the first step behind it, as joins have
    /// no place of their own.
    pub fn steps_after(&self, node: NodeIx) -> Vec<(NodeIx, NodeIx)> {
        let mut steps = Vec::new();
        for edge in &self.node(node).next {
            let mut seen = FxHashSet::default();
            let mut stack = vec![edge.to];
            while let Some(at) = stack.pop() {
                effort::spend(1);
                if !matches!(self.node(at).step, Step::Join) {
                    steps.push((edge.to, at));
                } else if seen.insert(at) {
                    stack.extend(self.node(at).next.iter().map(|edge| edge.to));
                }
            }
        }
        steps
    }

    /// Whether control can come to `node` at all.
    pub fn reachable(&self, node: NodeIx) -> bool {
        node == Cfg::ENTRY
            || self
                .find_path(Cfg::ENTRY, |_, _| true, |at| at == node)
                .is_some()
    }

    /// Whether a path leads from `node` back to it.
    pub fn in_cycle(&self, node: NodeIx) -> bool {
        self.find_path(node, |_, _| true, |at| at == node).is_some()
    }

    /// Whether every path from the entry to `node` passes `by` first.
    pub fn dominates(&self, by: NodeIx, node: NodeIx) -> bool {
        by == node
            || by == Cfg::ENTRY
            || self
                .find_path(Cfg::ENTRY, |_, edge| edge.to != by, |at| at == node)
                .is_none()
    }

    /// The innermost node whose text contains `span`; none when no step has it (it lies in a function literal of
    /// no step, or between statements).
    pub fn node_at(&self, span: Span) -> Option<NodeIx> {
        self.spend_a_look();
        self.indices()
            .filter(|&ix| {
                let node = self.node(ix);
                node.span.contains(span) && !matches!(node.step, Step::Join | Step::Entry)
            })
            .min_by_key(|&ix| self.node(ix).span.end - self.node(ix).span.start)
    }

    /// The edges by which control leaves the text range `within` once it is inside, for good or not: from a
    /// reachable node inside to a step outside, to [`Cfg::EXIT`] or to [`Cfg::HALT`]. An endless loop is one whose
    /// statement has no such edge.
    pub fn ways_out(&self, within: Span) -> Vec<(NodeIx, Edge)> {
        let inside = |ix: NodeIx| {
            let node = self.node(ix);
            node.span != Span::default()
                && node.span.start < node.span.end
                && within.contains(node.span)
        };
        self.spend_a_look();
        let live = self.reach(Cfg::ENTRY, |_, _| true);
        let mut out = Vec::new();
        for ix in self
            .indices()
            .filter(|&ix| inside(ix) && live.contains(&ix))
        {
            for &edge in &self.node(ix).next {
                if self.leads_outside(edge.to, &inside) {
                    out.push((ix, edge));
                }
            }
        }
        out
    }

    /// All nodes are looked at, as one goes through a list: about as fast as an eighth of them are reached by edges.
    fn spend_a_look(&self) {
        effort::spend(1 + self.nodes().len() / 8);
    }

    /// Follows joins, which have no place of their own, to the next steps.
    fn leads_outside(&self, to: NodeIx, inside: &impl Fn(NodeIx) -> bool) -> bool {
        let mut seen = FxHashSet::default();
        let mut stack = vec![to];
        while let Some(at) = stack.pop() {
            effort::spend(1);
            if !matches!(self.node(at).step, Step::Join) {
                if !inside(at) {
                    return true;
                }
            } else if seen.insert(at) {
                stack.extend(self.node(at).next.iter().map(|edge| edge.to));
            }
        }
        false
    }
}

fn trace<S: Clone + Eq + Hash>(
    came: &FxHashMap<(NodeIx, S), (NodeIx, S)>,
    start: &(NodeIx, S),
    goal: (NodeIx, S),
) -> Vec<NodeIx> {
    let mut path = vec![goal.0];
    let mut at = &goal;
    while let Some(before) = came.get(at) {
        path.push(before.0);
        if before == start {
            break;
        }
        at = before;
    }
    path.reverse();
    path
}
