//! What a condition says on a path on which the acquisition succeeded.

use super::{ErrorIsOurs, Leak};
use crate::analyse::ownership::Tree;
use crate::syntax::ast::*;
use crate::types::LocalId;

/// Calls that say what kind of error it is: false when there is none (package errors and os, documentation).
const ERROR_KINDS: &[&str] = &[
    "errors.Is",
    "errors.As",
    "os.IsExist",
    "os.IsNotExist",
    "os.IsPermission",
    "os.IsTimeout",
];

/// What a condition must evaluate to on a path on which the acquisition succeeded.
pub(super) enum Known {
    /// Nothing is known.
    Either,
    /// This.
    Is(bool),
    /// It asks about the error in a way that is not understood: paths beyond it say nothing.
    Opaque,
}

impl Leak<'_, '_> {
    /// What a condition says when the acquisition has succeeded.
    pub(super) fn known(&self, cond: &Expr, ours: ErrorIsOurs) -> Known {
        let holder = self.acquisition.holder.local();
        if let Some((local, is_nil)) = nil_check(self.tree, cond) {
            if Some(local) == holder {
                return Known::Is(!is_nil);
            }
            if ours && Some(local) == self.error() {
                return Known::Is(is_nil);
            }
        }
        if let Some(is_nil) = self.asks_accessor(cond) {
            return Known::Is(!is_nil);
        }
        if !ours || !self.mentions_error(cond) {
            return Known::Either;
        }
        if self.asks_kind(cond) {
            return Known::Is(false);
        }
        if let ExprKind::Binary(op @ (BinaryOp::Equal | BinaryOp::NotEqual), left, right) =
            &cond.unparen().kind
        {
            // `err == io.EOF`: a package-level error is never nil.
            let other = match self.tree.local_of(left) == self.error() {
                true => right,
                false => left,
            };
            if matches!(other.unparen().kind, ExprKind::Selector(..)) {
                return Known::Is(*op == BinaryOp::NotEqual);
            }
        }
        Known::Opaque
    }

    /// `errors.Is(err, ErrDenied)`.
    pub(in super::super) fn asks_kind(&self, cond: &Expr) -> bool {
        let callee = self.tree.callee(cond.unparen());
        let name = callee.and_then(|callee| self.knowledge.types.callee_name(callee));
        let asks = name.is_some_and(|name| ERROR_KINDS.contains(&name.as_str()));
        asks && self.mentions_error(cond)
    }

    /// `require.Error(t, err)`: does not return on success.
    pub(super) fn expects_error(&self, stmt: &Stmt) -> bool {
        let (StmtKind::Expr(call), Some(error)) = (&stmt.kind, self.error()) else {
            return false;
        };
        self.knowledge.expects_error(self.tree, call, error)
    }

    /// `resp.Body == nil` (true) or `resp.Body != nil` (false): on success there is one.
    fn asks_accessor(&self, cond: &Expr) -> Option<bool> {
        let accessor = self.acquisition.resource.release.accessor?;
        let (operand, is_nil) = compared_with_nil(cond)?;
        let ExprKind::Selector(x, name) = &operand.unparen().kind else {
            return None;
        };
        let holder = self.acquisition.holder.local()?;
        (name.name == accessor && self.tree.local_of(x) == Some(holder)).then_some(is_nil)
    }

    pub(super) fn is_own_channel(&self, subject: &Expr) -> bool {
        let holder = self.acquisition.holder.local();
        let ticker = self.acquisition.resource.family == "ticker";
        match &subject.unparen().kind {
            ExprKind::Selector(x, _) => {
                ticker && holder.is_some() && self.tree.local_of(x) == holder
            }
            _ => false,
        }
    }

    pub(super) fn mentions_error(&self, expr: &Expr) -> bool {
        let Some(error) = self.error() else {
            return false;
        };
        self.tree
            .uses(error)
            .iter()
            .any(|it| expr.span.contains(it.span))
    }
}

/// `x == nil` (true) or `x != nil` (false) for a local, operands in any order.
pub(in super::super) fn nil_check(tree: &Tree<'_>, cond: &Expr) -> Option<(LocalId, bool)> {
    let (operand, is_nil) = compared_with_nil(cond)?;
    Some((tree.local_of(operand)?, is_nil))
}

/// What a comparison with nil compares, and whether it holds for nil.
fn compared_with_nil(cond: &Expr) -> Option<(&Expr, bool)> {
    let ExprKind::Binary(op, left, right) = &cond.unparen().kind else {
        return None;
    };
    let is_nil = match op {
        BinaryOp::Equal => true,
        BinaryOp::NotEqual => false,
        _ => return None,
    };
    let nil =
        |x: &Expr| matches!(&x.unparen().kind, ExprKind::Ident(name) if name.as_str() == "nil");
    match (nil(left), nil(right)) {
        (false, true) => Some((left, is_nil)),
        (true, false) => Some((right, is_nil)),
        _ => None,
    }
}
