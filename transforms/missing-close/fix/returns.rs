//! What the function returns, and which returns report an error.

use super::super::leak::nil_check;
use super::Case;
use crate::analyse::cfg::{NodeIx, Step};
use crate::analyse::ownership::Tree;
use crate::index::BodyRef;
use crate::syntax::ast::*;
use crate::types::{Checker, LocalId, LocalKind, Object};

/// What a function returns, as far as writers care.
struct Results {
    sole: bool,
    count: usize,
    error_named: Option<(Name, Span)>,
    is_error: bool,
}

/// Calls whose result is an error that is not nil (package errors and fmt).
pub(in super::super) const MAKES_ERROR: &[&str] = &["errors.New", "fmt.Errorf"];

impl<'a> Case<'a, '_> {
    pub(in super::super) fn exit_stmt(&self, exit: NodeIx) -> Option<&'a Stmt> {
        match self.cfg.node(exit).step {
            Step::Stmt(stmt) => Some(stmt),
            _ => None,
        }
    }

    /// A `return` of an error that is certainly not nil: inside `if err != nil`, or made on the spot; or one of nil in
    /// spite of an error, which asks for no other error either.
    pub(in super::super) fn is_error_exit(&self, stmt: &Stmt) -> bool {
        let StmtKind::Return(values) = &stmt.kind else {
            return false;
        };
        let Some(last) = values.last().map(Expr::unparen) else {
            return false;
        };
        match &last.kind {
            ExprKind::Call(_) => {
                let callee = self
                    .tree
                    .callee(last)
                    .and_then(|callee| self.subject.types.callee_name(callee));
                callee.is_some_and(|name| MAKES_ERROR.contains(&name.as_str()))
            }
            ExprKind::Ident(_) if is_nil(last) => {
                under_any_check(self.tree, self.subject.types, stmt)
            }
            ExprKind::Ident(_) => self
                .tree
                .local_of(last)
                .is_some_and(|local| under_check(self.tree, stmt, local)),
            _ => false,
        }
    }

    fn signature(&self) -> Option<Results> {
        let func = self.tree.func(self.acquisition.func);
        let results = |signature: &Signature| {
            let last = signature.results.last()?;
            let is_error =
                matches!(&last.ty.kind, ExprKind::Ident(name) if name.as_str() == "error");
            Some(Results {
                sole: signature.results.len() == 1 && last.names.len() <= 1,
                count: signature
                    .results
                    .iter()
                    .map(|it| it.names.len().max(1))
                    .sum(),
                error_named: last.names.last().map(|name| (name.name, name.span)),
                is_error,
            })
        };
        match (func.lit.map(|lit| &lit.kind), self.subject.body_ref) {
            (Some(ExprKind::FuncLit(lit)), _) => results(&lit.signature),
            (None, BodyRef::Func(func)) => {
                let package = self.subject.world.package(func.package)?;
                results(&package.funcs.get(func.index as usize)?.decl.signature)
            }
            _ => None,
        }
    }

    /// The last result is an error.
    pub(super) fn error_last(&self) -> Option<()> {
        self.signature()?.is_error.then_some(())
    }

    /// How many results there are.
    pub(super) fn result_count(&self) -> usize {
        self.signature().map_or(0, |results| results.count)
    }

    pub(super) fn returns_error_only(&self) -> bool {
        self.signature()
            .is_some_and(|results| results.sole && results.is_error)
    }

    /// The named error result, when its name means it at `offset`.
    pub(super) fn error_result(&self, offset: u32) -> Option<Name> {
        let results = self.signature().filter(|results| results.is_error)?;
        let (name, span) = results.error_named?;
        let Some(Object::Local(local)) =
            self.subject.types.name_at(&self.subject.body, offset, name)
        else {
            return None;
        };
        let local = &self.subject.body.info.locals[local.0 as usize];
        (name.as_str() != "_" && local.kind == LocalKind::Result && local.decl == span)
            .then_some(name)
    }
}

pub(super) fn is_nil(expr: &Expr) -> bool {
    matches!(&expr.unparen().kind, ExprKind::Ident(name) if name.as_str() == "nil")
}

/// The statement stands in the body of `if local != nil`.
pub(in super::super) fn under_check(tree: &Tree<'_>, stmt: &Stmt, local: LocalId) -> bool {
    let mut at = stmt;
    while let Some(outer) = tree.place_of(at).and_then(|place| place.outer) {
        if let StmtKind::If(it) = &outer.kind
            && it.then.span.contains(at.span)
            && nil_check(tree, &it.cond) == Some((local, false))
        {
            return true;
        }
        at = outer;
    }
    false
}

/// The statement runs only when some error is not nil.
pub(in super::super) fn under_any_check(tree: &Tree<'_>, types: &Checker<'_>, stmt: &Stmt) -> bool {
    let locals = (0..tree.info.locals.len() as u32).map(LocalId);
    locals
        .filter(|local| types.display(tree.info.locals[local.0 as usize].ty) == "error")
        .any(|local| under_check(tree, stmt, local))
}
