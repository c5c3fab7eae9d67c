//! One acquisition: which call, which resource, and the names that its results are bound to.

use super::table::{ErrorResult, Resource};
use crate::analyse::ownership::{FuncIx, Parent, Tree};
use crate::syntax::ast::*;
use crate::types::LocalId;

/// What a result of the acquiring call is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// A local variable, by the identifier with this id and span.
    Local(LocalId, NodeId, Span),
    /// `_`, at this place.
    Blank(Span),
    /// Nothing: the call is a statement of its own.
    Dropped,
    /// A field, an element, a package-level variable, or a name of unknown meaning.
    Elsewhere,
}

impl Bound {
    /// The local it is bound to.
    pub(super) fn local(self) -> Option<LocalId> {
        match self {
            Bound::Local(local, ..) => Some(local),
            _ => None,
        }
    }
}

/// A call that hands out a resource, with the names that receive its results.
#[derive(Clone, Debug)]
pub(super) struct Acquisition<'a> {
    /// What is acquired.
    pub(super) resource: Resource,
    /// The call expression.
    pub(super) call: &'a Expr,
    /// The statement that binds its results.
    pub(super) stmt: &'a Stmt,
    /// The function that the statement stands in.
    pub(super) func: FuncIx,
    /// The resource.
    pub(super) holder: Bound,
    /// The error; none when the call cannot fail.
    pub(super) error: Option<Bound>,
    /// All results, in order.
    pub(super) results: Vec<Bound>,
    /// The statement declares at least one of the names (`:=`, `var`).
    pub(super) defines: bool,
}

impl<'a> Acquisition<'a> {
    /// The acquisition that a call expression is, when its results are bound in a form that is understood: an
    /// assignment, a `var` spec, or a statement that drops them. None for a call inside another expression.
    pub(super) fn new(
        tree: &Tree<'a>,
        call: &'a Expr,
        resource: &Resource,
    ) -> Option<Acquisition<'a>> {
        let (stmt, results, defines) = match tree.parent(call)? {
            Parent::Stmt(stmt) => match &stmt.kind {
                StmtKind::Assign(assign) => {
                    let results = assigned(tree, assign, call)?;
                    (stmt, results, assign.op == AssignOp::Define)
                }
                StmtKind::Expr(_) => (stmt, Vec::new(), false),
                _ => return None,
            },
            Parent::Spec(spec, stmt) => (stmt, declared(tree, spec, call)?, true),
            Parent::Expr(_) | Parent::Root => return None,
        };
        let bound = |index: usize| match results.is_empty() {
            true => Some(Bound::Dropped),
            false => results.get(index).copied(),
        };
        Some(Acquisition {
            call,
            stmt,
            func: tree.func_of(call)?,
            holder: bound(resource.result)?,
            error: match resource.error {
                ErrorResult::At(index) => Some(bound(index)?),
                ErrorResult::None | ErrorResult::ByType => None,
            },
            resource: resource.clone(),
            results: results.clone(),
            defines,
        })
    }
}

impl Acquisition<'_> {
    /// The variable that receives the resource is declared by this very statement.
    pub(super) fn declares_holder(&self, tree: &Tree<'_>) -> bool {
        match self.holder {
            Bound::Local(local, _, span) => tree.info.locals[local.0 as usize].decl == span,
            _ => true,
        }
    }
}

fn assigned(tree: &Tree<'_>, assign: &Assign, call: &Expr) -> Option<Vec<Bound>> {
    if !matches!(assign.op, AssignOp::Assign | AssignOp::Define) {
        return None;
    }
    if assign.rhs.len() == 1 {
        return Some(assign.lhs.iter().map(|x| target(tree, x)).collect());
    }
    let ix = assign.rhs.iter().position(|x| x.id == call.id)?;
    Some(vec![target(tree, assign.lhs.get(ix)?)])
}

fn declared(tree: &Tree<'_>, spec: &ValueSpec, call: &Expr) -> Option<Vec<Bound>> {
    let name = |name: &Ident| match tree.local(name.id) {
        _ if name.name.as_str() == "_" => Bound::Blank(name.span),
        Some(local) => Bound::Local(local, name.id, name.span),
        None => Bound::Elsewhere,
    };
    if spec.values.len() == 1 {
        return Some(spec.names.iter().map(name).collect());
    }
    let ix = spec.values.iter().position(|x| x.id == call.id)?;
    Some(vec![name(spec.names.get(ix)?)])
}

fn target(tree: &Tree<'_>, expr: &Expr) -> Bound {
    match &expr.kind {
        ExprKind::Ident(name) if name.as_str() == "_" => Bound::Blank(expr.span),
        ExprKind::Ident(_) => match tree.local(expr.id) {
            Some(local) => Bound::Local(local, expr.id, expr.span),
            None => Bound::Elsewhere,
        },
        _ => Bound::Elsewhere,
    }
}
