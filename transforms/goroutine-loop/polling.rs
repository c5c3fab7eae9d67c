//! Whether a loop polls: it asks for work and sleeps when there is none, so asking does not wait for work, and a check
//! of the signal at the top is reached again and again.

use super::home::Home;
use super::shapes::Wait;
use crate::syntax::ast::*;

/// Whether the loop asks, `work := ask()`, and right after that says `if nothing { …; time.Sleep(d); continue }` with one
/// of these sleeps.
pub(super) fn sleeps_when_idle(home: &Home, body: &Block, waits: &[Wait<'_>]) -> bool {
    let sleeps = |block: &Block| {
        block.stmts.iter().any(|stmt| {
            let mut sleeps = waits.iter().filter(|w| matches!(w, Wait::Sleep(..)));
            sleeps.any(|wait| wait.stmt().span == stmt.span)
        })
    };
    body.stmts.windows(2).any(|pair| {
        let [
            ask,
            Stmt {
                kind: StmtKind::If(branch),
                ..
            },
        ] = pair
        else {
            return false;
        };
        let again = branch.then.stmts.last();
        let again = again.is_some_and(|last| matches!(last.kind, StmtKind::Continue(None)));
        let work = nothing(home, &branch.cond);
        again && sleeps(&branch.then) && work.is_some_and(|work| asks(home, ask, work))
    })
}

/// Whether the statement sets this variable to what a call returns.
fn asks(home: &Home, stmt: &Stmt, work: &Expr) -> bool {
    let StmtKind::Assign(assign) = &stmt.kind else {
        return false;
    };
    let object = home.object(work);
    let called = |expr: &Expr| matches!(expr.unparen().kind, ExprKind::Call(_));
    object.is_some()
        && assign.rhs.iter().all(called)
        && assign.lhs.iter().any(|left| home.object(left) == object)
}

/// The variable that `n == 0`, `len(items) < 1` or `!ok` finds empty; none of an error, after which a loop sleeps too.
fn nothing<'a>(home: &Home, cond: &'a Expr) -> Option<&'a Expr> {
    match &cond.unparen().kind {
        ExprKind::Binary(op, left, right) => {
            let bound = match op {
                BinaryOp::Equal | BinaryOp::LessEqual => "0",
                BinaryOp::Less => "1",
                _ => return None,
            };
            (home.src(right.span) == bound).then(|| measured(left.unparen()))
        }
        ExprKind::Unary(UnaryOp::Not, value) => Some(value.unparen()),
        _ => None,
    }
}

/// `items` of `len(items)`.
fn measured(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Call(call) if matches!(call.fun.kind, ExprKind::Ident(name) if name == "len") => {
            call.args.first().unwrap_or(expr)
        }
        _ => expr,
    }
}
