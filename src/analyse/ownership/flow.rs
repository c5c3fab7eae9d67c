//! Follows one variable: through aliases (`y := x`), wrappers (`bufio.NewReader(x)`), accessors (`resp.Body`) and
//! literals that run in place, to the events that decide who has to release it.

mod calls;
mod results;
mod uses;

use super::tree::{FuncIx, Parent, Tree};
use super::{Effects, Release};
use crate::analyse::effort;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::{Checker, LocalId, LocalKind};
use std::collections::HashSet;

/// Why the duty to release may have moved on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Returned to the caller.
    Returned,
    /// Stored in a field, an element, a global, a literal or a slice.
    Stored,
    /// Sent on a channel.
    Sent,
    /// Used by another goroutine.
    Goroutine,
    /// Passed to a function that takes it.
    Taken,
    /// Passed to a function of which nothing is known.
    Passed,
    /// Used by a literal that may run later.
    Captured,
    /// Its address was taken, or it was copied, or a method value was made: it cannot be followed.
    Lost,
}

/// What a use means for the duty to release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A use of it, which must come before its release.
    Use,
    /// A look at what stays valid after its release (a response's status).
    Look,
    /// Released here; by a `defer`: when the function ends.
    Release {
        /// Registered by `defer`.
        deferred: bool,
    },
    /// Released when this condition is false (`for rows.Next()`).
    Drain,
    /// The duty may be someone else's from here.
    Transfer(Why),
    /// The variable gets another value.
    Reassigned,
    /// Another variable that held it too gets another value.
    AliasReassigned,
}

/// A use of the followed value, as it concerns the function that follows it.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// What it means.
    pub what: What,
    /// The deciding expression (the release's call, the argument, the identifier).
    pub expr: NodeId,
    /// Its place.
    pub span: Span,
    /// A place in the followed function's own statements: the literal that the use is in, or [`Self::span`].
    pub own: Span,
    /// Through the variable that was started from, not through an alias or something made from it.
    pub direct: bool,
}

/// Everything that happens to a followed value.
#[derive(Debug, Default)]
pub struct Flow {
    /// Events in no particular order.
    pub events: Vec<Event>,
    /// Literals started as goroutines that use the value, come to an end, and leave it unreleased.
    pub goroutines: Vec<NodeId>,
}

impl Flow {
    /// Events that release or transfer.
    pub fn ends(&self) -> impl Iterator<Item = &Event> {
        let ends = |event: &&Event| {
            matches!(
                event.what,
                What::Release { .. } | What::Drain | What::Transfer(_)
            )
        };
        self.events.iter().filter(ends)
    }
    /// The transfers, with their reasons.
    pub fn transfers(&self) -> impl Iterator<Item = (&Event, Why)> {
        self.events.iter().filter_map(|event| match event.what {
            What::Transfer(why) => Some((event, why)),
            _ => None,
        })
    }
    /// Whether anything releases it.
    pub fn released(&self) -> bool {
        let release = |event: &Event| matches!(event.what, What::Release { .. } | What::Drain);
        self.events.iter().any(release)
    }
}

/// How closely a value is tied to the followed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tie {
    /// The acquired value itself; what has to be released may be in a field of it.
    Owner,
    /// What has to be released, under another name.
    Alias,
    /// Something that works only while the followed value is not released.
    Derived,
}

struct Follower<'a, 'w, 'e> {
    tree: &'e Tree<'a>,
    types: &'e Checker<'w>,
    effects: &'e dyn Effects,
    release: &'e Release,
    owner: FuncIx,
    start: LocalId,
    skip: Option<NodeId>,
    seen: HashSet<(LocalId, Tie)>,
    /// The variable whose uses are looked at.
    at: LocalId,
    flow: Flow,
    /// Uses in literals that are started as goroutines, with what they are there.
    started: Vec<(Event, What, &'a Expr)>,
}

/// Where following starts.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// The function through which it is followed.
    pub owner: FuncIx,
    /// The variable.
    pub local: LocalId,
    /// The left-hand side that receives the value, which is no use of it.
    pub acquired: Option<NodeId>,
    /// Not the value itself, but something made from it (a context): only that it leaves the function matters.
    pub derived: bool,
}

/// Follows a local variable through a function.
pub fn follow(
    tree: &Tree<'_>,
    types: &Checker<'_>,
    effects: &dyn Effects,
    release: &Release,
    start: Start,
) -> Flow {
    let Start {
        owner,
        local,
        acquired,
        derived,
    } = start;
    let tie = match release.accessor {
        _ if derived => Tie::Derived,
        Some(_) => Tie::Owner,
        None => Tie::Alias,
    };
    let mut follower = Follower {
        tree,
        types,
        effects,
        release,
        owner,
        start: local,
        skip: acquired,
        seen: HashSet::new(),
        at: local,
        flow: Flow::default(),
        started: Vec::new(),
    };
    follower.variable(local, tie);
    follower.settle_goroutines(derived);
    follower.flow
}

impl<'a> Follower<'a, '_, '_> {
    fn variable(&mut self, local: LocalId, tie: Tie) {
        if !self.seen.insert((local, tie)) {
            return;
        }
        let tree = self.tree;
        let before = std::mem::replace(&mut self.at, local);
        // A variable of an outer function or a named result is seen by others when this function ends.
        let kind = tree.info.locals[local.0 as usize].kind;
        let outlives = !self.within_owner(tree.declared_in(local));
        for &expr in tree.uses(local) {
            effort::spend(1);
            if Some(expr.id) == self.skip {
                if outlives {
                    self.event(What::Transfer(Why::Stored), expr);
                } else if kind == LocalKind::Result {
                    self.returned_by_name(local, expr);
                }
            } else if tree.is_assigned(expr) {
                if tie != Tie::Derived && !self.alias_source(expr) {
                    let what = match local == self.start {
                        true => What::Reassigned,
                        false => What::AliasReassigned,
                    };
                    self.event(what, expr);
                } else if outlives {
                    self.event(What::Transfer(Why::Stored), expr);
                } else if kind == LocalKind::Result {
                    self.returned_by_name(local, expr);
                }
            } else {
                effort::deeper(|| self.value(expr, tie));
            }
        }
        self.at = before;
    }

    /// A named result is returned by each `return` without values; one with values replaces what it holds.
    fn returned_by_name(&mut self, local: LocalId, expr: &'a Expr) {
        if self.tree.declared_in(local) != self.owner {
            self.event(What::Transfer(Why::Returned), expr);
            return;
        }
        let direct = self.at == self.start;
        let events = &mut self.flow.events;
        walk_block(self.tree.func(self.owner).block, &mut |node| match node {
            Node::Stmt(stmt) => {
                if matches!(&stmt.kind, StmtKind::Return(values) if values.is_empty()) {
                    events.push(Event {
                        what: What::Transfer(Why::Returned),
                        expr: expr.id,
                        span: stmt.span,
                        own: stmt.span,
                        direct,
                    });
                }
                true
            }
            Node::Expr(inner) => !matches!(inner.kind, ExprKind::FuncLit(_)),
        });
    }

    fn within_owner(&self, func: FuncIx) -> bool {
        let mut at = Some(func);
        while let Some(ix) = at {
            if ix == self.owner {
                return true;
            }
            at = self.tree.func(ix).outer;
        }
        false
    }

    /// The assignment to this identifier is one that the following itself came through (`y = x`).
    fn alias_source(&self, target: &Expr) -> bool {
        let Some(Parent::Stmt(stmt)) = self.tree.parent(target) else {
            return false;
        };
        let StmtKind::Assign(assign) = &stmt.kind else {
            return false;
        };
        let Some(ix) = assign.lhs.iter().position(|x| x.id == target.id) else {
            return false;
        };
        let source = match assign.rhs.len() == assign.lhs.len() {
            true => &assign.rhs[ix],
            false => &assign.rhs[0],
        };
        let mut inner = source;
        loop {
            match &inner.kind {
                ExprKind::Paren(x) | ExprKind::TypeAssert(x, _) | ExprKind::Selector(x, _) => {
                    inner = x
                }
                ExprKind::Ident(_) => break,
                _ => return false,
            }
        }
        let local = self.tree.local_of(inner);
        local.is_some_and(|local| self.seen.iter().any(|(seen, _)| *seen == local))
    }
}
