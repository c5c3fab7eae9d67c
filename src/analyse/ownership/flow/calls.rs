//! What callees do with the followed value, and when function literals that use it run.

use super::{Event, Follower, Tie, What, Why};
use crate::analyse::cfg::Cfg;
use crate::analyse::ownership::{Effect, Parent};
use crate::syntax::ast::*;
use crate::types::Callee;

impl<'a> Follower<'a, '_, '_> {
    pub(super) fn effect(&self, call: &Expr, index: usize, tie: Tie) -> Option<Effect> {
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
    pub(super) fn stmt_form(&self, call: &Expr) -> Option<&'a StmtKind> {
        match self.tree.parent(call)? {
            Parent::Stmt(stmt) => Some(&stmt.kind),
            _ => None,
        }
    }

    /// `go f(…)`.
    pub(super) fn started(&self, call: &Expr) -> bool {
        matches!(self.stmt_form(call), Some(StmtKind::Go(_)))
    }

    pub(super) fn released(&mut self, call: &'a Expr) {
        let what = match self.stmt_form(call) {
            Some(StmtKind::Defer(_)) => What::Release { deferred: true },
            _ => What::Release { deferred: false },
        };
        self.event(what, call);
    }

    /// Records an event as it concerns the owner: a use in a literal that may run at another time is a transfer.
    pub(super) fn event(&mut self, what: What, expr: &'a Expr) {
        let mut there = what;
        let mut what = what;
        let mut own = expr;
        let mut goroutine = false;
        let mut func = self.tree.func_of(expr).unwrap_or(self.owner);
        while func != self.owner {
            let place = self.tree.func(func);
            let (Some(lit), Some(outer)) = (place.lit, place.outer) else {
                what = What::Transfer(Why::Captured);
                break;
            };
            let runs = self.runs(lit);
            // Only a literal of the owner itself is looked into.
            goroutine = outer == self.owner && matches!(runs, Runs::Started);
            there = what;
            what = match (runs, what) {
                (Runs::InPlace, what) => what,
                (Runs::Deferred, What::Release { .. }) => What::Release { deferred: true },
                (Runs::Deferred, What::Drain | What::Look) => What::Use,
                (Runs::Deferred, what) => what,
                (Runs::Started, _) => What::Transfer(Why::Goroutine),
                (Runs::Later, _) => What::Transfer(Why::Captured),
            };
            own = lit;
            func = outer;
        }
        let event = Event {
            what,
            expr: expr.id,
            span: expr.span,
            own: own.span,
            direct: self.at == self.start,
        };
        match goroutine {
            true => self.started.push((event, there, own)),
            false => self.flow.events.push(event),
        }
    }

    /// A goroutine that only looks at the value, and ends, hands the duty to nobody.
    pub(super) fn settle_goroutines(&mut self, derived: bool) {
        let started = std::mem::take(&mut self.started);
        for (event, _, lit) in &started {
            let own = started.iter().filter(|(_, _, other)| other.id == lit.id);
            let looks = own
                .clone()
                .all(|(_, there, _)| matches!(there, What::Use | What::Look));
            let mut event = *event;
            if looks && !derived && comes_to_an_end(lit) {
                event.what = What::Use;
                if !self.flow.goroutines.contains(&lit.id) {
                    self.flow.goroutines.push(lit.id);
                }
            }
            self.flow.events.push(event);
        }
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

/// Whether some path leads to the end of the literal.
fn comes_to_an_end(lit: &Expr) -> bool {
    let ExprKind::FuncLit(lit) = &lit.kind else {
        return false;
    };
    let cfg = Cfg::new(&lit.body, &|_| false);
    !cfg.broken() && cfg.reachable(Cfg::EXIT)
}
