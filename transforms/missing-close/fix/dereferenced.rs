//! Where the error is ignored, or its check goes on, and what follows dereferences the resource in any case: that
//! panics when the call has failed, so a plain `defer` right before it releases nothing that is not there.

use super::super::place::Place;
use super::Case;
use crate::analyse::ownership::{Parent, What};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_stmt};
use crate::types::{LocalId, Lookup, TypeView};

impl<'a> Case<'a, '_> {
    /// The place right before the first statement that dereferences the variable in any case. Nothing leaves before
    /// it, and nothing but looking at the resource happens to it.
    pub(super) fn before_dereference(&self) -> Option<Place<'a>> {
        let holder = self.acquisition.holder.local()?;
        let (block, ix) = self.tree.place_of(self.acquisition.stmt)?.list?;
        for (at, stmt) in block.stmts.iter().enumerate().skip(ix + 1) {
            if evaluated(stmt)
                .into_iter()
                .any(|x| self.dereferences(x, holder))
            {
                // `go vet` (httpresponse) asks for something between the call and the `defer`.
                let vetted = self.acquisition.resource.release.accessor.is_some();
                let place = self.search(|search| search.after(block, at - 1)).ok();
                return place.filter(|_| !vetted || at > ix + 1);
            }
            if self.leaves_or_ends(stmt) {
                return None;
            }
        }
        None
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

    fn leaves_or_ends(&self, stmt: &Stmt) -> bool {
        let straight = matches!(
            stmt.kind,
            StmtKind::Expr(_)
                | StmtKind::IncDec(_)
                | StmtKind::Assign(_)
                | StmtKind::Decl(_)
                | StmtKind::If(_)
        );
        let ended = self.flow.events.iter().any(|event| {
            stmt.span.contains(event.own) && !matches!(event.what, What::Use | What::Look)
        });
        let info = &self.subject.body.info;
        let mut leaves = false;
        walk_stmt(stmt, &mut |node| match node {
            Node::Stmt(inner) => {
                leaves |= matches!(
                    inner.kind,
                    StmtKind::Bad
                        | StmtKind::Return(_)
                        | StmtKind::Break(_)
                        | StmtKind::Continue(_)
                        | StmtKind::Goto(_)
                        | StmtKind::Labeled(..)
                );
                true
            }
            Node::Expr(x) => {
                let call = matches!(x.kind, ExprKind::Call(_));
                leaves |= call && self.knowledge.never.call(self.subject.types, info, x);
                !matches!(x.kind, ExprKind::FuncLit(_))
            }
        });
        !straight || ended || leaves
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
        StmtKind::Switch(it) if it.init.is_none() => it.tag.iter().collect(),
        StmtKind::Range(it) => vec![&it.subject],
        _ => Vec::new(),
    }
}
