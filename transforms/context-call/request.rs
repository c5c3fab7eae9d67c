//! What becomes of a request that was made without a context.

use crate::analyse::ownership::{Parent, Tree};
use crate::syntax::ast::*;
use crate::types::{Answer, Checker};

/// Whether a request is only looked at, filled in and passed on in the function that makes it. Not when it gets a context
/// there (`WithContext`, `Clone`), and not when it is kept: it may be sent again, under another context.
///
/// A function that takes a context beside the request gives it that one itself.
pub(super) fn is_sent_here(types: &Checker<'_>, tree: &Tree<'_>, made: &Expr) -> bool {
    let is_context = |x: &Expr| {
        let ty = tree.type_of(x);
        ty.is_some_and(|ty| types.is_context(ty) == Answer::Yes)
    };
    let Some(Parent::Stmt(stmt)) = tree.parent(made) else {
        return false;
    };
    let StmtKind::Assign(assign) = &stmt.kind else {
        return false;
    };
    let target = |x: &Expr| tree.local_of(x).or_else(|| tree.local(x.id));
    let Some(request) = assign.lhs.first().and_then(target) else {
        return false;
    };
    let mut sent = false;
    for used in tree.uses(request) {
        if stmt.span.contains(used.span) {
            continue;
        }
        match tree.parent(used) {
            Some(Parent::Expr(outer)) => match &outer.kind {
                ExprKind::Selector(_, name)
                    if name.name == "WithContext" || name.name == "Clone" =>
                {
                    return false;
                }
                ExprKind::Selector(..) => {}
                ExprKind::Call(call) if call.args.iter().any(is_context) => return false,
                ExprKind::Call(call) => {
                    sent |= matches!(&call.fun.kind, ExprKind::Selector(_, name) if name.name == "Do" || name.name == "RoundTrip");
                }
                _ => return false,
            },
            _ => return false,
        }
    }
    sent
}
