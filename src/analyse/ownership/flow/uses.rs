//! What each form of expression and statement does with a followed value.

use super::{Follower, Tie, What, Why};
use crate::analyse::ownership::{Effect, Parent, summary};
use crate::syntax::ast::*;
use crate::types::{Callee, Lookup, TypeView};

impl<'a> Follower<'a, '_, '_> {
    /// `expr` evaluates to the followed value (or to something tied to it): what happens to it?
    pub(super) fn value(&mut self, expr: &'a Expr, tie: Tie) {
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
                _ => self.event(What::Look, expr),
            }
            return;
        }
        let Some(call) = call else {
            let is_method = matches!(
                self.tree.type_of(selector).map(|ty| self.types.view(ty)),
                Some(TypeView::Func(..))
            );
            if is_method && self.goes_nowhere(selector) {
                self.event(What::Use, expr);
            } else if is_method {
                let why = match self.release.methods.contains(&name.name) {
                    true => Why::Taken,
                    false => Why::Lost,
                };
                self.event(What::Transfer(why), expr);
            } else {
                self.event(What::Use, expr);
                self.field(expr, selector, name, tie);
            }
            return;
        };
        if self.started(call) {
            self.event(What::Transfer(Why::Goroutine), expr);
        } else if tie == Tie::Alias && self.release.methods.contains(&name.name) {
            self.released(call);
        } else {
            self.event(self.method_use(call), expr);
            if tie == Tie::Alias && self.release.drained_by == Some(name.name) {
                self.event(What::Drain, call);
            }
            if !self.gives(call) {
                self.result(call);
            }
        }
    }

    /// `x.field`, which may be what the release of `x` releases: `resp.Conn.Close()` is as good as `resp.Close()` then.
    fn field(&mut self, expr: &'a Expr, selector: &'a Expr, name: &Ident, tie: Tie) {
        let Some(call) = self
            .release_of_field(selector)
            .filter(|_| tie == Tie::Alias)
        else {
            self.result(selector);
            return;
        };
        match self.releases_field(expr, name.name) {
            Some(true) => self.released(call),
            Some(false) => self.result(selector),
            None => self.event(What::Transfer(Why::Taken), expr),
        }
    }

    /// Whether the usual release of `x` releases this field of it; none when its body is not known.
    fn releases_field(&self, x: &Expr, field: Name) -> Option<bool> {
        let &method = self.release.methods.first()?;
        let ty = self.tree.type_of(x)?;
        match self.types.lookup(ty, method, self.tree.package) {
            Lookup::Method(func, _) => {
                summary::releases_field(self.types, self.release, func, field)
            }
            _ => None,
        }
    }

    /// `x.field.Close()`, around the selector `x.field`.
    fn release_of_field(&self, selector: &Expr) -> Option<&'a Expr> {
        let Some(Parent::Expr(method)) = self.tree.parent(selector) else {
            return None;
        };
        let ExprKind::Selector(_, name) = &method.kind else {
            return None;
        };
        match self.tree.parent(method) {
            Some(Parent::Expr(call)) => match &call.kind {
                ExprKind::Call(it) if it.fun.id == method.id => {
                    self.release.methods.contains(&name.name).then_some(call)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn gives(&self, call: &Expr) -> bool {
        let callee = self.tree.callee(call);
        let name = callee.and_then(|callee| self.types.callee_name(callee));
        name.is_some_and(|name| self.effects.gives(&name))
    }

    /// `_ = x.Close`.
    fn goes_nowhere(&self, expr: &Expr) -> bool {
        let Some(Parent::Stmt(Stmt {
            kind: StmtKind::Assign(assign),
            ..
        })) = self.tree.parent(expr)
        else {
            return false;
        };
        let at = assign.rhs.iter().position(|x| x.id == expr.id);
        at.and_then(|at| assign.lhs.get(at))
            .is_some_and(|x| matches!(&x.kind, ExprKind::Ident(name) if name.as_str() == "_"))
    }

    fn method_use(&self, call: &Expr) -> What {
        let callee = self.tree.callee(call);
        let name = callee.and_then(|callee| self.types.callee_name(callee));
        match name.is_some_and(|name| self.effects.looks(&name)) {
            true => What::Look,
            false => What::Use,
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
}
