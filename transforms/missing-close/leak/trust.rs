//! Where paths with and without a release meet, conditions decide whether the one without can be taken at all:
//! `if opened { f.Close() }` after `if opened { f = open() }` leaks nothing.

use super::Leak;
use crate::analyse::cfg::{NodeIx, Step};
use crate::analyse::ownership::Parent;
use crate::syntax::ast::*;
use crate::types::LocalId;
use std::collections::{BTreeSet, HashSet};

impl Leak<'_, '_> {
    /// Those of the nodes that are reached with the resource held for certain: no path comes there on which it may
    /// have ended, or none of the conditions on the way can depend on whether it was acquired or has been released.
    pub(super) fn certain(&self, nodes: BTreeSet<NodeIx>) -> BTreeSet<NodeIx> {
        if nodes.is_empty() {
            return nodes;
        }
        let mut ended = self.reached_from(&self.ends);
        ended.extend(self.drained());
        let moved = self.reached_from(&self.transfers);
        let (trusted, owned) = (self.trusted(), self.owned());
        let certain = |node: &NodeIx| match ended.contains(node) {
            true => trusted.contains(node) && !moved.contains(node) && self.dominated(*node),
            false => owned.contains(node),
        };
        nodes.into_iter().filter(certain).collect()
    }

    /// Nodes that are reached with the resource held by no condition that asks whether it was acquired at all.
    fn owned(&self) -> HashSet<NodeIx> {
        let asks: HashSet<NodeIx> = self
            .held
            .iter()
            .copied()
            .filter(|&at| self.asks_owner(at))
            .collect();
        self.held_beyond(&asks)
    }

    /// Where a path without the acquisition comes too, the condition may ask which of the two was taken, and it decides
    /// on a release: it is about a flag that was set beside the acquisition, about the variable itself (`f !=
    /// os.Stdin`), or about the same variables as one before the acquisition.
    fn asks_owner(&self, at: NodeIx) -> bool {
        let asks = matches!(self.cfg.node(at).step, Step::Cond(_));
        if !asks || self.dominated(at) || !self.leads_to_end(at) {
            return false;
        }
        let holder = self.acquisition.holder.local();
        let about = self.locals_at(at);
        let told = about
            .iter()
            .any(|&local| Some(local) == holder || self.is_flag(local));
        told || !about.is_empty() && self.guards().any(|guard| self.locals_at(guard) == about)
    }

    /// Nodes that are reached with the resource held over conditions that can be trusted.
    fn trusted(&self) -> HashSet<NodeIx> {
        let after = self.reached_from(&self.ends);
        let deciding: Vec<NodeIx> = self
            .held
            .iter()
            .copied()
            .filter(|&at| self.cfg.node(at).next.len() > 1)
            .filter(|&at| after.contains(&at) || self.leads_to_end(at))
            .collect();
        let doubtful: HashSet<NodeIx> = deciding
            .iter()
            .copied()
            .filter(|&at| !self.is_trusted(at, &deciding))
            .collect();
        self.held_beyond(&doubtful)
    }

    /// Nodes that are reached with the resource held by none of these conditions.
    fn held_beyond(&self, closed: &HashSet<NodeIx>) -> HashSet<NodeIx> {
        let mut reached = HashSet::new();
        let ours = self.error().is_some();
        self.cfg.find_path_with(
            self.node,
            ours,
            |&ours, at, edge| match closed.contains(&at) {
                true => None,
                false => self.follow(ours, at, edge),
            },
            |_, at| {
                reached.insert(at);
                false
            },
        );
        reached
    }

    /// A release can still come after `at`, in the same turn.
    fn leads_to_end(&self, at: NodeIx) -> bool {
        let ends = &self.ends;
        let next = |node: NodeIx, to: NodeIx| to != self.node && !(self.renews(node) && node != at);
        let reached = self.cfg.reach(at, |node, edge| next(node, edge.to));
        reached.iter().any(|node| ends.contains(node))
    }

    /// The condition is asked once, about nothing that the acquisition depended on, that changes after it, or that
    /// another of the deciding conditions asks about.
    fn is_trusted(&self, at: NodeIx, deciding: &[NodeIx]) -> bool {
        match self.cfg.node(at).step {
            Step::Select => return true,
            Step::Cond(_) => {}
            _ => return false,
        }
        // Asked again and again: a loop's condition.
        let again = self.cfg.reach(at, |_, edge| edge.to != self.node);
        if again.contains(&at) {
            return false;
        }
        let locals = self.locals_at(at);
        let kept: HashSet<LocalId> = locals
            .iter()
            .copied()
            .filter(|&local| !self.renewed(local))
            .collect();
        let shared = |other: NodeIx| other != at && !kept.is_disjoint(&self.locals_at(other));
        let holder = self.acquisition.holder.local();
        let others: HashSet<LocalId> = locals
            .iter()
            .copied()
            .filter(|&local| Some(local) != holder)
            .collect();
        !deciding.iter().any(|&other| shared(other))
            && !self
                .guards()
                .any(|guard| !others.is_disjoint(&self.locals_at(guard)))
            && !others
                .iter()
                .any(|&local| self.changes(local) || self.is_flag(local))
    }

    /// Conditions that are asked before the acquisition.
    fn guards(&self) -> impl Iterator<Item = NodeIx> {
        self.cfg.indices().filter(|&ix| {
            matches!(self.cfg.node(ix).step, Step::Cond(_) | Step::Value(_))
                && !self.held.contains(&ix)
                && self.cfg.reach(ix, |_, _| true).contains(&self.node)
        })
    }

    /// The local is set to a constant (`opened = true`), or to the resource, while that is held: it may tell about it.
    fn is_flag(&self, local: LocalId) -> bool {
        let mut assignments = self.tree.uses(local).iter();
        assignments.any(|x| {
            let held = self
                .cfg
                .node_at(x.span)
                .is_some_and(|node| self.held.contains(&node));
            held && self.tree.is_assigned(x) && self.given(x).is_none_or(|value| self.tells(value))
        })
    }

    /// What an assignment gives to its left-hand side `target`, when each side has one.
    fn given(&self, target: &Expr) -> Option<&Expr> {
        let Some(Parent::Stmt(stmt)) = self.tree.parent(target) else {
            return None;
        };
        let StmtKind::Assign(assign) = &stmt.kind else {
            return None;
        };
        let at = assign.lhs.iter().position(|x| x.id == target.id)?;
        match assign.rhs.len() == assign.lhs.len() {
            true => assign.rhs.get(at),
            false => assign.rhs.first(),
        }
    }

    fn tells(&self, value: &Expr) -> bool {
        let holder = self.acquisition.holder.local();
        match &value.unparen().kind {
            ExprKind::Literal(_) => true,
            ExprKind::Ident(name) => {
                let constant = matches!(name.as_str(), "true" | "false" | "nil");
                constant || self.tree.local_of(value) == holder
            }
            _ => false,
        }
    }

    /// The locals that a step mentions.
    fn locals_at(&self, at: NodeIx) -> HashSet<LocalId> {
        let span = match self.cfg.node(at).step {
            Step::Cond(expr) | Step::Value(expr) => expr.span,
            _ => return HashSet::new(),
        };
        let locals = (0..self.tree.info.locals.len() as u32).map(LocalId);
        let mentioned =
            |local: &LocalId| self.tree.uses(*local).iter().any(|x| span.contains(x.span));
        locals.filter(mentioned).collect()
    }

    /// The local gets a value only where the resource has ended, or in a function literal: it may tell about that.
    fn changes(&self, local: LocalId) -> bool {
        let after = self.reached_from(&self.ends);
        self.assignments(local).any(|(node, elsewhere)| match node {
            Some(node) => elsewhere || (after.contains(&node) && !self.held.contains(&node)),
            None => true,
        })
    }

    /// The local gets a new value while the resource is held: two conditions on it may ask about different values.
    fn renewed(&self, local: LocalId) -> bool {
        self.assignments(local)
            .any(|(node, _)| node.is_some_and(|node| self.held.contains(&node)))
    }

    /// The nodes that give a local another value, and whether that happens in another function.
    fn assignments(&self, local: LocalId) -> impl Iterator<Item = (Option<NodeIx>, bool)> {
        let uses = self.tree.uses(local).iter();
        let assigned = uses.filter(|x| self.tree.is_assigned(x) || self.is_stepped(x));
        assigned.map(|x| {
            let elsewhere = self.tree.func_of(x) != Some(self.acquisition.func);
            (self.cfg.node_at(x.span), elsewhere)
        })
    }

    /// `n++`, `&n`: changed without an assignment, now or later.
    fn is_stepped(&self, expr: &Expr) -> bool {
        let addressed = matches!(self.tree.parent(expr), Some(Parent::Expr(outer))
            if matches!(outer.kind, ExprKind::Unary(UnaryOp::Address, _)));
        addressed
            || matches!(
                self.tree.stmt_of(expr).map(|stmt| &stmt.kind),
                Some(StmtKind::IncDec(_))
            )
    }
}
