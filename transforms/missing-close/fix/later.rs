//! Where the error is ignored, or nothing right after the call leaves on failure: what follows may still leave when the
//! call has failed, or dereference the resource in any case, which panics then. A plain `defer` that stands there
//! releases nothing that is not there.

use super::super::acquire::Bound;
use super::super::place::Place;
use super::Case;
use crate::analyse::cfg::Step;
use crate::analyse::ownership::{Parent, What};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_stmt};
use crate::types::{LocalId, Lookup, TypeView};

/// Methods of the standard library that dereference a receiver that is nil (Go 1.26, src/os/file.go: `return f.name`).
const DEREFERENCE: &[&str] = &["(*os.File).Name"];

impl<'a> Case<'a, '_> {
    /// The place where the resource is there, or the function has panicked or left: right after a later check of the
    /// error by a helper, or right before the first statement that dereferences the variable in any case. No path that
    /// leaks ends before it, and nothing but looking at the resource happens to it.
    pub(super) fn later_place(&self) -> Option<Place<'a>> {
        let holder = self.acquisition.holder.local()?;
        let (block, ix) = self.tree.place_of(self.acquisition.stmt)?.list?;
        for (at, stmt) in block.stmts.iter().enumerate().skip(ix + 1) {
            if self.is_guard(stmt, block.stmts[ix].span.end) {
                return self.search(|search| search.after(block, at)).ok();
            }
            if evaluated(stmt)
                .into_iter()
                .any(|x| self.dereferences(x, holder))
            {
                let place = self.search(|search| search.after(block, at - 1)).ok();
                return place.filter(|_| at > ix + 1 || !self.is_vetted());
            }
            if self.leaks_or_ends(stmt) {
                return None;
            }
        }
        None
    }

    /// Whether `go vet` wants something between the call and the `defer`: its httpresponse looks at functions of net/http
    /// and methods of its Client.
    fn is_vetted(&self) -> bool {
        let callee = self.tree.callee(self.acquisition.call);
        let name = callee.and_then(|callee| self.subject.types.callee_name(callee));
        let name = name.unwrap_or_default();
        ["net/http.", "(*net/http.Client)."]
            .iter()
            .any(|vetted| name.starts_with(vetted))
    }

    /// `require.NoError(t, err)` with the error that the acquisition ending at `from` gave.
    fn is_guard(&self, stmt: &Stmt, from: u32) -> bool {
        let error = self.acquisition.error.and_then(Bound::local);
        let (StmtKind::Expr(call), Some(error)) = (&stmt.kind, error) else {
            return false;
        };
        let mut uses = self.tree.uses(error).iter();
        let changed = uses.any(|x| {
            from <= x.span.start && x.span.end <= stmt.span.start && self.tree.is_assigned(x)
        });
        !changed && self.knowledge.guards(self.tree, call, error)
    }

    /// `x.field` through a pointer, or a method of an interface, that evaluating `expr` comes by.
    fn dereferences(&self, expr: &Expr, holder: LocalId) -> bool {
        let mut uses = self.tree.uses(holder).iter();
        uses.any(|x| {
            expr.span.contains(x.span) && self.is_dereferenced(x) && self.always_evaluated(x, expr)
        })
    }

    /// Go spec, Selectors: "if x is of pointer type and has the value nil and x.f denotes a struct field, assigning to
    /// or evaluating x.f causes a run-time panic"; the same of a method of an interface.
    fn is_dereferenced(&self, x: &Expr) -> bool {
        let (Some(Parent::Expr(outer)), Some(ty)) = (self.tree.parent(x), self.tree.type_of(x))
        else {
            return false;
        };
        let ExprKind::Selector(_, name) = &outer.kind else {
            return false;
        };
        let types = self.subject.types;
        match types.lookup(ty, name.name, self.tree.package) {
            Lookup::Field(_) => matches!(types.view(ty), TypeView::Pointer(_)),
            Lookup::Interface(..) => {
                matches!(types.view(types.underlying(ty)), TypeView::Interface)
            }
            Lookup::Method(func, _) => DEREFERENCE.contains(&types.func_name(func).as_str()),
            _ => false,
        }
    }

    /// No literal and no `&&` or `||` between decides whether `x` is evaluated when `whole` is.
    fn always_evaluated(&self, x: &Expr, whole: &Expr) -> bool {
        let mut at = x;
        while at.id != whole.id {
            let Some(Parent::Expr(outer)) = self.tree.parent(at) else {
                return false;
            };
            let skipped = match &outer.kind {
                ExprKind::FuncLit(_) => true,
                ExprKind::Binary(BinaryOp::LogicalAnd | BinaryOp::LogicalOr, _, right) => {
                    right.id == at.id
                }
                _ => false,
            };
            if skipped {
                return false;
            }
            at = outer;
        }
        true
    }

    fn leaks_or_ends(&self, stmt: &Stmt) -> bool {
        let straight = matches!(
            stmt.kind,
            StmtKind::Expr(_)
                | StmtKind::IncDec(_)
                | StmtKind::Assign(_)
                | StmtKind::Decl(_)
                | StmtKind::Defer(_)
                | StmtKind::If(_)
        );
        let ended = self.flow.events.iter().any(|event| {
            stmt.span.contains(event.own) && !matches!(event.what, What::Use | What::Look)
        });
        let leaks = self
            .leak
            .exits
            .iter()
            .any(|&exit| match self.cfg.node(exit).step {
                Step::Stmt(last) => stmt.span.contains(last.span),
                Step::Cond(last) | Step::Value(last) => stmt.span.contains(last.span),
                _ => false,
            });
        let mut jumps = false;
        walk_stmt(stmt, &mut |node| match node {
            Node::Stmt(inner) => {
                jumps |= matches!(
                    inner.kind,
                    StmtKind::Bad
                        | StmtKind::Break(_)
                        | StmtKind::Continue(_)
                        | StmtKind::Goto(_)
                        | StmtKind::Labeled(..)
                );
                true
            }
            Node::Expr(x) => !matches!(x.kind, ExprKind::FuncLit(_)),
        });
        !straight || ended || leaks || jumps
    }
}

/// What a statement evaluates in any case, before anything in it decides what is done.
fn evaluated(stmt: &Stmt) -> Vec<&Expr> {
    match &stmt.kind {
        StmtKind::Expr(x) | StmtKind::IncDec(x) => vec![x],
        StmtKind::Assign(it) => it.lhs.iter().chain(&it.rhs).collect(),
        StmtKind::Return(values) => values.iter().collect(),
        StmtKind::Decl(decls) => {
            let values = decls.iter().filter_map(|decl| match decl {
                Decl::Var(spec) => Some(&spec.values),
                _ => None,
            });
            values.flatten().collect()
        }
        StmtKind::If(it) => {
            let init = it.init.as_ref().map(evaluated).unwrap_or_default();
            init.into_iter().chain([&it.cond]).collect()
        }
        // Go spec, Defer statements: the function value and the arguments are evaluated at once.
        StmtKind::Defer(call) | StmtKind::Go(call) => match &call.kind {
            ExprKind::Call(it) => it.args.iter().chain([&it.fun]).collect(),
            _ => Vec::new(),
        },
        StmtKind::Switch(it) if it.init.is_none() => it.tag.iter().collect(),
        StmtKind::Range(it) => vec![&it.subject],
        _ => Vec::new(),
    }
}
