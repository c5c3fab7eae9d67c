//! Where the resource is lost: the ends of the function, and the assignments to its variable, that are reached with
//! it acquired and certainly not released.

mod condition;
mod trust;

use super::acquire::{Acquisition, Bound};
use super::knowledge::Knowledge;
use crate::analyse::cfg::{Branch, Cfg, Edge, NodeIx, Step};
use crate::analyse::ownership::{Event, Flow, Tree, What, Why};
use crate::syntax::ast::*;
use crate::types::LocalId;
use condition::Known;
pub(super) use condition::nil_check;
use std::collections::{BTreeSet, HashSet};

/// Along a path: whether the error variable still holds the acquisition's error.
type ErrorIsOurs = bool;

/// An acquisition with its function's graph and everything that happens to the resource.
pub(super) struct Leak<'a, 's> {
    pub(super) tree: &'s Tree<'a>,
    knowledge: &'s Knowledge<'s>,
    cfg: &'s Cfg<'a>,
    acquisition: &'s Acquisition<'a>,
    /// The node that acquires.
    pub(super) node: NodeIx,
    /// Nodes that release or transfer.
    ends: HashSet<NodeIx>,
    /// Those of them after which it may be someone else's, or in a way that conditions are no help with.
    transfers: HashSet<NodeIx>,
    /// Conditions that are false once the resource has released itself.
    drains: HashSet<NodeIx>,
    /// Nodes that assign the error variable.
    error_assigned: HashSet<NodeIx>,
    /// Nodes that give the variable another value.
    overwrites: HashSet<NodeIx>,
    /// Nodes that are reached before the variable is about something else.
    reach: HashSet<NodeIx>,
    /// Nodes that are reached with the resource not released.
    held: HashSet<NodeIx>,
    /// The ends of the function that are reached with the resource not released.
    pub(super) exits: BTreeSet<NodeIx>,
    /// Where the variable gets another value (or acquires the next) with the resource not released.
    pub(super) lost: BTreeSet<NodeIx>,
    /// What happens to this very resource.
    pub(super) flow: Flow,
}

impl<'a, 's> Leak<'a, 's> {
    /// None when the acquisition or one of the events has no place in the graph. From the transfers of `context`
    /// (what a cancel function belongs to) on the resource is someone else's too.
    pub(super) fn new(
        tree: &'s Tree<'a>,
        knowledge: &'s Knowledge<'s>,
        cfg: &'s Cfg<'a>,
        acquisition: &'s Acquisition<'a>,
        flow: &Flow,
        context: Option<&Flow>,
    ) -> Option<Leak<'a, 's>> {
        let mut leak = Leak {
            tree,
            knowledge,
            cfg,
            acquisition,
            node: cfg.node_at(acquisition.call.span)?,
            ends: HashSet::new(),
            transfers: HashSet::new(),
            drains: HashSet::new(),
            error_assigned: HashSet::new(),
            overwrites: HashSet::new(),
            reach: HashSet::new(),
            held: HashSet::new(),
            exits: BTreeSet::new(),
            lost: BTreeSet::new(),
            flow: Flow::default(),
        };
        leak.flow = leak.own(flow)?;
        leak.events()?;
        for (event, _) in context.into_iter().flat_map(Flow::transfers) {
            leak.ends.extend(cfg.node_at(event.own));
            leak.transfers.extend(cfg.node_at(event.own));
        }
        leak.error_assigned = leak.error_assignments();
        leak.held = leak.held();
        leak.exits = leak.leaking_exits();
        leak.lost = leak.losing_nodes();
        Some(leak)
    }

    /// What concerns the resource acquired here, of what happens to its variable.
    fn own(&mut self, flow: &Flow) -> Option<Flow> {
        let overwrites = flow.events.iter().filter(|it| it.what == What::Reassigned);
        for event in overwrites {
            self.overwrites.insert(self.cfg.node_at(event.own)?);
        }
        self.reach = self.reached_from(&HashSet::from([self.node]));
        let here = |&&lit: &&NodeId| {
            let lit = self.tree.expr_of(lit);
            let node = lit.and_then(|lit| self.cfg.node_at(lit.span));
            node.is_none_or(|node| self.reach.contains(&node))
        };
        let concerns = |event: &&Event| self.concerns(event);
        let mut own = Flow {
            events: flow.events.iter().filter(concerns).copied().collect(),
            goroutines: flow.goroutines.iter().filter(here).copied().collect(),
        };
        self.keep_duty(&mut own);
        Some(own)
    }

    /// A function of which nothing is known only used what its caller releases after the call, whatever came of it. A
    /// deferred call runs when nothing comes after it, and what `c = wrap(c)` gives is what is released later.
    fn keep_duty(&self, flow: &mut Flow) {
        let releases: Vec<(Span, Span)> = flow
            .events
            .iter()
            .filter(|it| matches!(it.what, What::Release { .. }) && it.own == it.span)
            .filter_map(|it| Some((it.span, self.block_of(it)?)))
            .collect();
        let replaced = |event: &Event| {
            let node = self.cfg.node_at(event.own);
            node.is_none_or(|node| self.overwrites.contains(&node))
        };
        for event in &mut flow.events {
            let later = |(release, block): &(Span, Span)| {
                event.own.end <= release.start && block.contains(event.own)
            };
            if event.what == What::Transfer(Why::Passed)
                && releases.iter().any(later)
                && !self.is_deferred(event)
                && !replaced(event)
            {
                event.what = What::Use;
            }
        }
    }

    /// The block that the event's statement stands in.
    fn block_of(&self, event: &Event) -> Option<Span> {
        let stmt = self.tree.stmt_of(self.tree.expr_of(event.expr)?)?;
        Some(self.tree.place_of(stmt)?.list?.0.span)
    }

    fn events(&mut self) -> Option<()> {
        let events = std::mem::take(&mut self.flow.events);
        for event in &events {
            let node = self.cfg.node_at(event.own);
            match event.what {
                What::Use | What::Look | What::AliasReassigned | What::Reassigned => {}
                What::Drain => {
                    let node = node?;
                    let asked = matches!(self.cfg.node(node).step, Step::Cond(cond) if cond.unparen().id == event.expr);
                    match asked {
                        true => self.drains.insert(node),
                        false => self.ends.insert(node),
                    };
                }
                What::Release { .. } => {
                    self.ends.insert(node?);
                }
                What::Transfer(why) => {
                    self.ends.insert(node?);
                    if why != Why::Sent {
                        self.transfers.insert(node?);
                    }
                }
            }
        }
        self.flow.events = events;
        Some(())
    }

    fn error_assignments(&self) -> HashSet<NodeIx> {
        let uses = self.error().map_or(&[][..], |error| self.tree.uses(error));
        let assigned = uses.iter().filter(|expr| {
            matches!(self.tree.stmt_of(expr).map(|stmt| &stmt.kind), Some(StmtKind::Assign(it))
                if it.lhs.iter().any(|x| x.id == expr.id))
        });
        assigned
            .filter_map(|expr| self.cfg.node_at(expr.span))
            .collect()
    }

    fn error(&self) -> Option<LocalId> {
        self.acquisition.error.and_then(Bound::local)
    }

    fn held(&self) -> HashSet<NodeIx> {
        let mut held = HashSet::new();
        self.walk(|at| {
            held.insert(at);
            false
        });
        held
    }

    /// The nodes before [`Cfg::EXIT`] that are reached with the resource acquired and not released. One that is
    /// also reached after a release counts only when conditions that decide about it can be trusted.
    fn leaking_exits(&self) -> BTreeSet<NodeIx> {
        let exit = |at: &NodeIx| {
            let next = &self.cfg.node(*at).next;
            next.iter().any(|edge| edge.to == Cfg::EXIT)
        };
        self.certain(self.held.iter().copied().filter(exit).collect())
    }

    /// The nodes that overwrite the variable, the acquisition itself among them, with the resource not released.
    fn losing_nodes(&self) -> BTreeSet<NodeIx> {
        let overwrites = self.overwrites.iter().chain([&self.node]);
        let held = overwrites.filter(|node| self.held.contains(node));
        // `old := x; x = nil; return old`: another name has it.
        let lost =
            held.filter(|&&node| node == self.node || !self.lives_on(node, self.flow.ends()));
        self.certain(lost.copied().collect())
    }

    /// Whether some of the events are reached after `node` through another name than the variable's own.
    pub(super) fn lives_on<'f>(
        &self,
        node: NodeIx,
        mut events: impl Iterator<Item = &'f Event>,
    ) -> bool {
        let after = self.cfg.reach(node, |_, _| true);
        let reached = |at: NodeIx| at == node || after.contains(&at);
        events.any(|event| !event.direct && self.cfg.node_at(event.own).is_none_or(reached))
    }

    /// No path of the graph leaks.
    pub(super) fn is_none(&self) -> bool {
        self.exits.is_empty() && self.lost.is_empty()
    }

    /// Nothing but reading to the end releases it: what panics on the way (a Scan, the loop's own code), in a program
    /// that recovers as net/http does, leaks.
    pub(super) fn only_drained(&self) -> bool {
        let drains = |event: &Event| event.what == What::Drain;
        let mut ends = self.flow.ends().peekable();
        ends.peek().is_some() && ends.all(drains) && !self.in_loop()
    }

    /// The acquisition stands in a loop.
    pub(super) fn in_loop(&self) -> bool {
        self.cfg.in_cycle(self.node)
    }

    /// Some literal that was written before the acquisition sees the variable when it runs, and may release it.
    pub(super) fn ended_before(&self, flow: &Flow) -> bool {
        if self.acquisition.declares_holder(self.tree) {
            return false;
        }
        let sees_variable = |event: &&Event| match event.what {
            What::Release { .. } | What::Transfer(Why::Captured | Why::Goroutine) => {
                event.own != event.span
            }
            What::Transfer(Why::Lost | Why::Stored | Why::Returned) => true,
            // A deferred literal, which runs after what is deferred later.
            What::Use => event.own != event.span && self.is_deferred(event),
            _ => false,
        };
        flow.events.iter().filter(sees_variable).any(|event| {
            let Some(node) = self.cfg.node_at(event.own) else {
                return true;
            };
            node == self.node || self.cfg.reach(node, |_, _| true).contains(&self.node)
        })
    }

    fn is_deferred(&self, event: &Event) -> bool {
        let node = self.cfg.node_at(event.own);
        node.is_some_and(|node| {
            matches!(self.cfg.node(node).step, Step::Stmt(stmt) if matches!(stmt.kind, StmtKind::Defer(_)))
        })
    }

    /// The event is about what was acquired here, not about another value that the variable got later, or had before.
    pub(super) fn concerns(&self, event: &Event) -> bool {
        let node = self.cfg.node_at(event.own);
        !event.direct || node.is_none_or(|node| self.reach.contains(&node))
    }

    /// A shortest path from the acquisition to `goal` on which nothing releases.
    pub(super) fn path_to(&self, goal: NodeIx) -> Vec<NodeIx> {
        self.walk(|at| at == goal).unwrap_or_default()
    }

    /// Whether `goal` is reached with the resource not released on a path that does not come by `node`.
    pub(super) fn avoids(&self, node: NodeIx, goal: NodeIx) -> bool {
        let ours: ErrorIsOurs = self.error().is_some();
        let step = |&ours: &ErrorIsOurs, at, edge: Edge| match edge.to == node {
            true => None,
            false => self.follow(ours, at, edge),
        };
        self.cfg
            .find_path_with(self.node, ours, step, |_, at| at == goal)
            .is_some()
    }

    /// Whether every path to `node` comes through the acquisition.
    pub(super) fn dominated(&self, node: NodeIx) -> bool {
        self.cfg.dominates(self.node, node)
    }

    /// Whether `node` is reached with the resource not released.
    pub(super) fn is_held(&self, node: NodeIx) -> bool {
        self.held.contains(&node)
    }

    /// Whether `node` may be reached with the resource released, or someone else's.
    pub(super) fn maybe_ended(&self, node: NodeIx) -> bool {
        self.reached_from(&self.ends).contains(&node) || self.drained().contains(&node)
    }

    /// Whether `node` may be reached with the resource handed to someone else.
    pub(super) fn may_be_kept(&self, node: NodeIx) -> bool {
        self.reached_from(&self.transfers).contains(&node)
    }

    /// Nodes that are reached from some of `ends` (included) before the variable means something else.
    fn reached_from(&self, ends: &HashSet<NodeIx>) -> HashSet<NodeIx> {
        let mut reached = HashSet::new();
        for &end in ends {
            reached.insert(end);
            reached.extend(self.cfg.reach(end, |at, edge| {
                (at == end || !self.renews(at)) && edge.to != self.node
            }));
        }
        reached
    }

    fn drained(&self) -> HashSet<NodeIx> {
        let mut reached = HashSet::new();
        for &drain in &self.drains {
            let drained = |at, edge: Edge| at != drain || edge.branch == Branch::False;
            reached.extend(self.cfg.reach(drain, |at, edge| {
                drained(at, edge)
                    && edge.to != self.node
                    && edge.to != drain
                    && !(self.renews(at) && at != drain)
            }));
        }
        reached
    }

    /// From here on the variable is about something else.
    fn renews(&self, at: NodeIx) -> bool {
        at == self.node || self.overwrites.contains(&at)
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
        // Come round: what is acquired now is the next.
        if at == self.node && !ours && self.error().is_some() {
            return None;
        }
        // What the variable holds now is another value.
        if self.overwrites.contains(&at) && at != self.node {
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
            Step::Stmt(stmt) if ours && self.expects_error(stmt) => return None,
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
}
