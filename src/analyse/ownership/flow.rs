//! Follows one variable: through aliases (`y := x`), wrappers (`bufio.NewReader(x)`), accessors (`resp.Body`) and
//! literals that run in place, to the events that decide who has to release it.

use super::tree::{FuncIx, Parent, Tree};
use super::{Effect, Effects, Release};
use crate::syntax::ast::*;
use crate::types::{Callee, Checker, LocalId, LocalKind, TypeId, TypeView};
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
    /// A look at it.
    Use,
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
}

/// Everything that happens to a followed value.
#[derive(Debug, Default)]
pub struct Flow {
    /// Events in no particular order.
    pub events: Vec<Event>,
}

impl Flow {
    /// Events that release or transfer.
    pub fn ends(&self) -> impl Iterator<Item = &Event> {
        let ends = |event: &&Event| !matches!(event.what, What::Use | What::Reassigned);
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
    skip: Option<NodeId>,
    seen: HashSet<(LocalId, Tie)>,
    flow: Flow,
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
        skip: acquired,
        seen: HashSet::new(),
        flow: Flow::default(),
    };
    follower.variable(local, tie);
    follower.flow
}

impl<'a> Follower<'a, '_, '_> {
    fn variable(&mut self, local: LocalId, tie: Tie) {
        if !self.seen.insert((local, tie)) {
            return;
        }
        let tree = self.tree;
        // A variable of an outer function or a named result is seen by others when this function ends.
        let kind = tree.info.locals[local.0 as usize].kind;
        let outlives = !self.within_owner(tree.declared_in(local));
        for &expr in tree.uses(local) {
            if Some(expr.id) == self.skip {
                if outlives {
                    self.event(What::Transfer(Why::Stored), expr);
                } else if kind == LocalKind::Result {
                    self.event(What::Transfer(Why::Returned), expr);
                }
            } else if tree.is_assigned(expr) {
                if tie != Tie::Derived && !self.alias_source(expr) {
                    self.event(What::Reassigned, expr);
                } else if outlives {
                    self.event(What::Transfer(Why::Stored), expr);
                } else if kind == LocalKind::Result {
                    self.event(What::Transfer(Why::Returned), expr);
                }
            } else {
                self.value(expr, tie);
            }
        }
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

    /// `expr` evaluates to the followed value (or to something tied to it): what happens to it?
    fn value(&mut self, expr: &'a Expr, tie: Tie) {
        match self.tree.parent(expr) {
            Some(Parent::Expr(outer)) => self.in_expr(expr, outer, tie),
            Some(Parent::Stmt(stmt)) => self.in_stmt(expr, stmt, tie),
            Some(Parent::Spec(spec, _)) => self.in_spec(expr, spec, tie),
            Some(Parent::Root) | None => self.event(What::Transfer(Why::Lost), expr),
        }
    }

    fn in_expr(&mut self, expr: &'a Expr, outer: &'a Expr, tie: Tie) {
        match &outer.kind {
            ExprKind::Paren(_) | ExprKind::Slice(..) => self.value(outer, tie),
            ExprKind::TypeAssert(..) => self.value(outer, tie),
            ExprKind::Selector(_, name) => self.selected(expr, outer, name, tie),
            ExprKind::Index(base, _) if base.id == expr.id => {
                self.event(What::Use, expr);
                self.result(outer);
            }
            ExprKind::Index(..) => self.event(What::Use, expr),
            ExprKind::Call(call) if call.fun.id == expr.id => self.called(expr, outer, tie),
            ExprKind::Call(call) => self.passed(expr, outer, call, tie),
            ExprKind::Unary(UnaryOp::Receive, _) => {
                self.event(What::Use, expr);
                self.result(outer);
            }
            ExprKind::Unary(UnaryOp::Not, _) | ExprKind::Binary(..) => self.event(What::Use, expr),
            ExprKind::Composite(..) => self.event(What::Transfer(Why::Stored), expr),
            _ => self.event(What::Transfer(Why::Lost), expr),
        }
    }

    /// `x.name`, called or not.
    fn selected(&mut self, expr: &'a Expr, selector: &'a Expr, name: &Ident, tie: Tie) {
        let call = match self.tree.parent(selector) {
            Some(Parent::Expr(outer)) => match &outer.kind {
                ExprKind::Call(call) if call.fun.id == selector.id => Some(outer),
                _ => None,
            },
            _ => None,
        };
        if tie == Tie::Owner {
            // `resp.Body` is what matters; the other fields and methods of a response outlive its body.
            match self.release.accessor {
                Some(accessor) if accessor == name.name && call.is_none() => {
                    self.value(selector, Tie::Alias)
                }
                _ => self.event(What::Use, expr),
            }
            return;
        }
        let Some(call) = call else {
            let is_method = matches!(
                self.tree.type_of(selector).map(|ty| self.types.view(ty)),
                Some(TypeView::Func(..))
            );
            if is_method {
                let why = match self.release.methods.contains(&name.name) {
                    true => Why::Taken,
                    false => Why::Lost,
                };
                self.event(What::Transfer(why), expr);
            } else {
                self.event(What::Use, expr);
                self.result(selector);
            }
            return;
        };
        if self.started(call) {
            self.event(What::Transfer(Why::Goroutine), expr);
        } else if tie == Tie::Alias && self.release.methods.contains(&name.name) {
            self.released(call);
        } else {
            self.event(What::Use, expr);
            if tie == Tie::Alias && self.release.drained_by == Some(name.name) {
                self.event(What::Drain, call);
            }
            self.result(call);
        }
    }

    /// `x(…)`.
    fn called(&mut self, expr: &'a Expr, call: &'a Expr, tie: Tie) {
        if self.started(call) {
            self.event(What::Transfer(Why::Goroutine), expr);
            return;
        }
        if tie == Tie::Alias && self.release.methods.is_empty() {
            self.released(call);
        } else {
            self.event(What::Use, expr);
            self.result(call);
        }
    }

    /// `f(…, x, …)`.
    fn passed(&mut self, expr: &'a Expr, outer: &'a Expr, call: &'a Call, tie: Tie) {
        let index = call.args.iter().position(|x| x.id == expr.id).unwrap_or(0);
        if let Some(Callee::Conversion(_)) = self.tree.callee(outer) {
            self.value(outer, tie);
            return;
        }
        let effect = self.effect(outer, index, tie);
        match effect {
            _ if self.started(outer) => self.event(What::Transfer(Why::Goroutine), expr),
            Some(Effect::Borrows | Effect::Calls) => self.event(What::Use, expr),
            Some(Effect::Wraps) => {
                self.event(What::Use, expr);
                self.result(outer);
            }
            Some(Effect::Takes) => self.event(What::Transfer(Why::Taken), expr),
            // A response is passed on whole to be looked at or kept; both happen.
            None => self.event(What::Transfer(Why::Passed), expr),
        }
    }

    fn effect(&self, call: &Expr, index: usize, tie: Tie) -> Option<Effect> {
        let callee = self.tree.callee(call)?;
        if let Callee::Builtin(name) = callee {
            return match name.as_str() {
                "append" => Some(Effect::Takes),
                "len" | "cap" | "panic" | "print" | "println" | "delete" => Some(Effect::Borrows),
                _ => None,
            };
        }
        let name = self.types.callee_name(callee)?;
        self.effects.effect(&name, index).or_else(|| match callee {
            Callee::Func(func) => self.effects.summary(*func, index, tie == Tie::Owner),
            _ => None,
        })
    }

    /// The statement whose whole expression this call is.
    fn stmt_form(&self, call: &Expr) -> Option<&'a StmtKind> {
        match self.tree.parent(call)? {
            Parent::Stmt(stmt) => Some(&stmt.kind),
            _ => None,
        }
    }

    /// `go f(…)`.
    fn started(&self, call: &Expr) -> bool {
        matches!(self.stmt_form(call), Some(StmtKind::Go(_)))
    }

    fn released(&mut self, call: &'a Expr) {
        let what = match self.stmt_form(call) {
            Some(StmtKind::Defer(_)) => What::Release { deferred: true },
            _ => What::Release { deferred: false },
        };
        self.event(what, call);
    }

    /// What `expr` evaluates to was read or made from the followed value: follow it unless it stands on its own.
    fn result(&mut self, expr: &'a Expr) {
        match self.tree.type_of(expr).map(|ty| (ty, self.types.view(ty))) {
            Some((_, TypeView::Tuple(parts))) => self.tuple(expr, &parts),
            Some((ty, _)) if self.independent(ty, 0) => {}
            _ => self.value(expr, Tie::Derived),
        }
    }

    /// Several results: each dependent one is followed into the variable that receives it.
    fn tuple(&mut self, call: &'a Expr, parts: &[TypeId]) {
        let dependent: Vec<bool> = parts.iter().map(|&ty| !self.independent(ty, 0)).collect();
        if !dependent.contains(&true) {
            return;
        }
        let targets: Vec<Option<LocalId>> = match self.tree.parent(call) {
            Some(Parent::Stmt(stmt)) => match &stmt.kind {
                StmtKind::Expr(_) | StmtKind::Defer(_) | StmtKind::Go(_) => return,
                StmtKind::Assign(assign) if assign.rhs.len() == 1 => {
                    let blank = |x: &&Expr| matches!(&x.kind, ExprKind::Ident(name) if name.as_str() == "_");
                    let mut lost = false;
                    let targets = assign.lhs.iter().zip(&dependent);
                    let targets = targets
                        .map(|(x, &dependent)| {
                            let local = self.tree.local_of(x);
                            lost |= dependent && local.is_none() && !blank(&x);
                            local
                        })
                        .collect();
                    if lost {
                        self.event(What::Transfer(Why::Stored), call);
                        return;
                    }
                    targets
                }
                _ => {
                    self.event(What::Transfer(Why::Returned), call);
                    return;
                }
            },
            Some(Parent::Spec(spec, _)) => spec
                .names
                .iter()
                .map(|name| self.tree.local(name.id))
                .collect(),
            _ => {
                self.event(What::Transfer(Why::Lost), call);
                return;
            }
        };
        for (target, dependent) in targets.into_iter().zip(dependent) {
            if let (Some(local), true) = (target, dependent) {
                self.variable(local, Tie::Derived);
            }
        }
    }

    fn in_stmt(&mut self, expr: &'a Expr, stmt: &'a Stmt, tie: Tie) {
        match &stmt.kind {
            StmtKind::Send(_, value) if value.id == expr.id => {
                self.event(What::Transfer(Why::Sent), expr);
            }
            StmtKind::Assign(assign) => self.assigned(expr, assign, tie),
            StmtKind::Return(_) => self.event(What::Transfer(Why::Returned), expr),
            StmtKind::TypeSwitch(it) if it.bind.is_some() => {
                self.event(What::Transfer(Why::Lost), expr);
            }
            StmtKind::Range(it) => {
                self.event(What::Use, expr);
                for target in it.key.iter().chain(&it.value) {
                    let dependent = self
                        .tree
                        .type_of(target)
                        .is_none_or(|ty| !self.independent(ty, 0));
                    if let (true, Some(local)) = (dependent, self.tree.local_of(target)) {
                        self.variable(local, Tie::Derived);
                    }
                }
            }
            _ => self.event(What::Use, expr),
        }
    }

    fn assigned(&mut self, expr: &'a Expr, assign: &'a Assign, tie: Tie) {
        let Some(ix) = assign.rhs.iter().position(|x| x.id == expr.id) else {
            // `x.deadline = t`, `*x = …`: a left-hand side that goes through the value.
            self.event(What::Use, expr);
            return;
        };
        let one_to_one = assign.lhs.len() == assign.rhs.len();
        let targets = match one_to_one {
            true => &assign.lhs[ix..=ix],
            false => &assign.lhs[..1],
        };
        for target in targets {
            match &target.unparen().kind {
                ExprKind::Ident(name) if name.as_str() == "_" => self.event(What::Use, expr),
                ExprKind::Ident(_) => match self.tree.local_of(target) {
                    Some(local) => {
                        self.event(What::Use, expr);
                        self.variable(local, tie);
                    }
                    None => self.event(What::Transfer(Why::Stored), expr),
                },
                _ => self.event(What::Transfer(Why::Stored), expr),
            }
        }
    }

    fn in_spec(&mut self, expr: &'a Expr, spec: &'a ValueSpec, tie: Tie) {
        let ix = spec
            .values
            .iter()
            .position(|x| x.id == expr.id)
            .unwrap_or(0);
        match spec.names.get(ix).and_then(|name| self.tree.local(name.id)) {
            Some(local) => {
                self.event(What::Use, expr);
                self.variable(local, tie);
            }
            None => self.event(What::Use, expr),
        }
    }

    /// Numbers, strings, times and their like stay valid whatever happens to what they were read from.
    fn independent(&self, ty: TypeId, depth: u32) -> bool {
        if depth > 4 || ty == TypeId::UNKNOWN {
            return false;
        }
        if self.effects.independent(&self.types.display(ty)) {
            return true;
        }
        match self.types.view(ty) {
            TypeView::Basic(name) => name != "unsafe.Pointer" && name != "Pointer",
            TypeView::Slice(element) | TypeView::Array(element) => {
                self.independent(element, depth + 1)
            }
            TypeView::Map(key, value) => {
                self.independent(key, depth + 1) && self.independent(value, depth + 1)
            }
            TypeView::Named(..) => {
                let under = self.types.underlying(ty);
                under != ty && self.independent(under, depth + 1)
            }
            TypeView::Struct(fields) => fields
                .iter()
                .all(|(_, ty, _)| self.independent(*ty, depth + 1)),
            TypeView::Tuple(parts) => parts.iter().all(|&ty| self.independent(ty, depth + 1)),
            _ => false,
        }
    }

    /// Records an event as it concerns the owner: a use in a literal that may run at another time is a transfer.
    fn event(&mut self, what: What, expr: &'a Expr) {
        let mut what = what;
        let mut own = expr;
        let mut func = self.tree.func_of(expr).unwrap_or(self.owner);
        while func != self.owner {
            let place = self.tree.func(func);
            let (Some(lit), Some(outer)) = (place.lit, place.outer) else {
                what = What::Transfer(Why::Captured);
                break;
            };
            what = match (self.runs(lit), what) {
                (Runs::InPlace, what) => what,
                (Runs::Deferred, What::Release { .. }) => What::Release { deferred: true },
                (Runs::Deferred, What::Drain) => What::Use,
                (Runs::Deferred, what) => what,
                (Runs::Started, _) => What::Transfer(Why::Goroutine),
                (Runs::Later, _) => What::Transfer(Why::Captured),
            };
            own = lit;
            func = outer;
        }
        self.flow.events.push(Event {
            what,
            expr: expr.id,
            span: expr.span,
            own: own.span,
        });
    }

    fn runs(&self, lit: &'a Expr) -> Runs {
        let mut at = lit;
        loop {
            match self.tree.parent(at) {
                Some(Parent::Expr(outer)) => match &outer.kind {
                    ExprKind::Paren(_) => at = outer,
                    ExprKind::Call(call) if call.fun.id == at.id => {
                        return match self.stmt_form(outer) {
                            Some(StmtKind::Defer(_)) => Runs::Deferred,
                            Some(StmtKind::Go(_)) => Runs::Started,
                            _ => Runs::InPlace,
                        };
                    }
                    ExprKind::Call(call) => {
                        let index = call.args.iter().position(|x| x.id == at.id);
                        let effect =
                            index.and_then(|index| self.effect(outer, index, Tie::Derived));
                        let form = self.stmt_form(outer);
                        return match (effect, form) {
                            (_, Some(StmtKind::Defer(_) | StmtKind::Go(_))) => Runs::Later,
                            (Some(Effect::Calls | Effect::Borrows), _) => Runs::InPlace,
                            _ => Runs::Later,
                        };
                    }
                    _ => return Runs::Later,
                },
                _ => return Runs::Later,
            }
        }
    }
}

/// When a function literal runs, seen from where it is written.
enum Runs {
    InPlace,
    Deferred,
    Started,
    Later,
}
