//! Which ends of the function are reached with the resource acquired and certainly not released.

use super::acquire::{Acquisition, Bound};
use crate::analyse::cfg::{Branch, Cfg, Edge, NodeIx, Step};
use crate::analyse::ownership::{Flow, Tree, What};
use crate::syntax::ast::*;
use crate::types::{Checker, LocalId};
use std::collections::{BTreeSet, HashSet};

/// Calls that say what kind of error it is: false when there is none (package errors and os, documentation).
const ERROR_KINDS: &[&str] = &[
    "errors.Is",
    "errors.As",
    "os.IsExist",
    "os.IsNotExist",
    "os.IsPermission",
    "os.IsTimeout",
];

/// Along a path: whether the error variable still holds the acquisition's error.
type ErrorIsOurs = bool;

/// An acquisition with its function's graph and everything that happens to the resource.
pub(super) struct Leak<'a, 's> {
    pub(super) tree: &'s Tree<'a>,
    pub(super) types: &'s Checker<'s>,
    pub(super) cfg: &'s Cfg<'a>,
    pub(super) acquisition: &'s Acquisition<'a>,
    /// The node that acquires.
    pub(super) node: NodeIx,
    /// Nodes that release or transfer.
    ends: HashSet<NodeIx>,
    /// Conditions that are false once the resource has released itself.
    drains: HashSet<NodeIx>,
    /// Nodes that assign the error variable.
    error_assigned: HashSet<NodeIx>,
    reassigned: bool,
}

/// What a condition must evaluate to on a path on which the acquisition succeeded.
enum Known {
    /// Nothing is known.
    Either,
    /// This.
    Is(bool),
    /// It asks about the error in a way that is not understood: paths beyond it say nothing.
    Opaque,
}

impl<'a, 's> Leak<'a, 's> {
    /// None when the acquisition or one of the events has no place in the graph.
    pub(super) fn new(
        tree: &'s Tree<'a>,
        types: &'s Checker<'s>,
        cfg: &'s Cfg<'a>,
        acquisition: &'s Acquisition<'a>,
        flow: &Flow,
    ) -> Option<Leak<'a, 's>> {
        let mut leak = Leak {
            tree,
            types,
            cfg,
            acquisition,
            node: cfg.node_at(acquisition.call.span)?,
            ends: HashSet::new(),
            drains: HashSet::new(),
            error_assigned: HashSet::new(),
            reassigned: false,
        };
        for event in &flow.events {
            let node = cfg.node_at(event.own);
            match event.what {
                What::Use => {}
                What::Reassigned => leak.reassigned = true,
                What::Drain => {
                    let node = node?;
                    let asked = matches!(cfg.node(node).step, Step::Cond(cond) if cond.unparen().id == event.expr);
                    match asked {
                        true => leak.drains.insert(node),
                        false => leak.ends.insert(node),
                    };
                }
                What::Release { .. } | What::Transfer(_) => {
                    leak.ends.insert(node?);
                }
            }
        }
        if let Some(error) = leak.error() {
            for &expr in tree.uses(error) {
                let assigned = matches!(tree.stmt_of(expr).map(|stmt| &stmt.kind), Some(StmtKind::Assign(it))
                    if it.lhs.iter().any(|x| x.id == expr.id));
                if assigned && let Some(node) = cfg.node_at(expr.span) {
                    leak.error_assigned.insert(node);
                }
            }
        }
        Some(leak)
    }

    /// More nodes from which the resource is someone else's (a context made with it that leaves the function).
    pub(super) fn also_ends(&mut self, flow: &Flow) {
        for (event, _) in flow.transfers() {
            self.ends.extend(self.cfg.node_at(event.own));
        }
    }

    fn error(&self) -> Option<LocalId> {
        self.acquisition.error.and_then(Bound::local)
    }

    /// The nodes before [`Cfg::EXIT`] that are reached with the resource acquired and not released, and that no
    /// path reaches on which it may have been: conditions that repeat (`if opened { f.Close() }`) do not matter then.
    pub(super) fn exits(&self) -> BTreeSet<NodeIx> {
        let mut exits = BTreeSet::new();
        self.walk(|at| {
            if self
                .cfg
                .node(at)
                .next
                .iter()
                .any(|edge| edge.to == Cfg::EXIT)
            {
                exits.insert(at);
            }
            false
        });
        let maybe_released = self.maybe_released();
        exits.retain(|exit| !maybe_released.contains(exit));
        exits
    }

    /// The acquisition is reached again with the resource certainly not released.
    pub(super) fn comes_round(&self) -> bool {
        self.ends.is_empty() && self.drains.is_empty() && self.walk(|at| at == self.node).is_some()
    }

    /// The acquisition stands in a loop.
    pub(super) fn in_loop(&self) -> bool {
        self.cfg.in_cycle(self.node)
    }

    /// Something releases or transfers the resource before it is acquired: a deferred closure that looks at the
    /// variable when the function ends, or the release of an earlier value.
    pub(super) fn ended_before(&self, flow: &Flow) -> bool {
        let deferred = |what| matches!(what, What::Release { deferred: true } | What::Transfer(_));
        flow.events
            .iter()
            .filter(|event| deferred(event.what))
            .any(|event| {
                let Some(node) = self.cfg.node_at(event.own) else {
                    return true;
                };
                node == self.node || self.cfg.reach(node, |_, _| true).contains(&self.node)
            })
    }

    /// A shortest path from the acquisition to `exit` on which nothing releases.
    pub(super) fn path_to(&self, exit: NodeIx) -> Vec<NodeIx> {
        self.walk(|at| at == exit).unwrap_or_default()
    }

    /// Whether every path to `node` comes through the acquisition.
    pub(super) fn dominated(&self, node: NodeIx) -> bool {
        self.cfg.dominates(self.node, node)
    }

    fn maybe_released(&self) -> HashSet<NodeIx> {
        let mut reached = HashSet::new();
        for &end in &self.ends {
            reached.insert(end);
            reached.extend(self.cfg.reach(end, |_, edge| edge.to != self.node));
        }
        for &drain in &self.drains {
            let drained = |at, edge: Edge| at != drain || edge.branch == Branch::False;
            reached.extend(self.cfg.reach(drain, |at, edge| {
                drained(at, edge) && edge.to != self.node && edge.to != drain
            }));
        }
        reached
    }

    /// Walks the paths on which the acquisition succeeded and nothing ends the duty.
    fn walk(&self, mut goal: impl FnMut(NodeIx) -> bool) -> Option<Vec<NodeIx>> {
        let ours: ErrorIsOurs = self.error().is_some();
        self.cfg.find_path_with(
            self.node,
            ours,
            |&ours, at, edge| self.follow(ours, at, edge),
            |_, at| goal(at),
        )
    }

    fn follow(&self, ours: ErrorIsOurs, at: NodeIx, edge: Edge) -> Option<ErrorIsOurs> {
        if self.ends.contains(&edge.to) || edge.to == Cfg::HALT {
            return None;
        }
        if self.drains.contains(&at) && edge.branch == Branch::False {
            return None;
        }
        match &self.cfg.node(at).step {
            Step::Cond(cond) => match self.known(cond, ours) {
                Known::Either => {}
                Known::Is(holds) => {
                    let taken = if holds { Branch::True } else { Branch::False };
                    if edge.branch != taken {
                        return None;
                    }
                }
                Known::Opaque => return None,
            },
            Step::Value(value) if ours && self.mentions_error(value) => return None,
            // The channel of a ticker is never closed: `for range t.C` does not end by itself.
            Step::Range(range)
                if edge.branch == Branch::False && self.is_own_channel(&range.subject) =>
            {
                return None;
            }
            _ => {}
        }
        Some(ours && !self.error_assigned.contains(&edge.to))
    }

    /// What a condition says when the acquisition has succeeded.
    fn known(&self, cond: &Expr, ours: ErrorIsOurs) -> Known {
        let holder = self.acquisition.holder.local().filter(|_| !self.reassigned);
        if let Some((local, is_nil)) = nil_check(self.tree, cond) {
            if Some(local) == holder {
                return Known::Is(!is_nil);
            }
            if ours && Some(local) == self.error() {
                return Known::Is(is_nil);
            }
        }
        if !ours || !self.mentions_error(cond) {
            return Known::Either;
        }
        if let ExprKind::Call(_) = &cond.unparen().kind {
            let name = self
                .tree
                .callee(cond.unparen())
                .and_then(|callee| self.types.callee_name(callee));
            if name.is_some_and(|name| ERROR_KINDS.contains(&name.as_str())) {
                return Known::Is(false);
            }
        }
        if let ExprKind::Binary(op @ (BinaryOp::Equal | BinaryOp::NotEqual), left, right) =
            &cond.unparen().kind
        {
            // `err == io.EOF`: a package-level error is never nil.
            let other = match self.tree.local_of(left) == self.error() {
                true => right,
                false => left,
            };
            if matches!(other.unparen().kind, ExprKind::Selector(..)) {
                return Known::Is(*op == BinaryOp::NotEqual);
            }
        }
        Known::Opaque
    }

    fn is_own_channel(&self, subject: &Expr) -> bool {
        let holder = self.acquisition.holder.local();
        let ticker = self.acquisition.resource.family == "ticker";
        match &subject.unparen().kind {
            ExprKind::Selector(x, _) => {
                ticker && holder.is_some() && self.tree.local_of(x) == holder
            }
            _ => false,
        }
    }

    fn mentions_error(&self, expr: &Expr) -> bool {
        let Some(error) = self.error() else {
            return false;
        };
        self.tree
            .uses(error)
            .iter()
            .any(|it| expr.span.contains(it.span))
    }
}

/// `x == nil` (true) or `x != nil` (false), operands in any order.
pub(super) fn nil_check(tree: &Tree<'_>, cond: &Expr) -> Option<(LocalId, bool)> {
    let ExprKind::Binary(op, left, right) = &cond.unparen().kind else {
        return None;
    };
    let is_nil = match op {
        BinaryOp::Equal => true,
        BinaryOp::NotEqual => false,
        _ => return None,
    };
    let nil =
        |x: &Expr| matches!(&x.unparen().kind, ExprKind::Ident(name) if name.as_str() == "nil");
    let operand = match (nil(left), nil(right)) {
        (false, true) => left,
        (true, false) => right,
        _ => return None,
    };
    Some((tree.local_of(operand)?, is_nil))
}
