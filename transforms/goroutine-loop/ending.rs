//! Whether `main` returns after it has started a goroutine: a `defer cancel()` of one that ends in `os.Exit`,
//! `log.Fatal` or `select {}` never runs.

use super::exits;
use super::home::Home;
use super::nodes::{self, Node};
use crate::analyse::cfg::{Cfg, NodeIx, Step};
use crate::analyse::noreturn::NeverReturns;
use crate::syntax::ast::*;
use crate::types::{Checker, LocalKind, Object};

/// Whether some path leads from `offset` to a return of the function.
pub(super) fn returns_after(types: &Checker<'_>, home: &Home, offset: u32) -> bool {
    let never = NeverReturns::new();
    let cfg = Cfg::new(&home.body.body.block, &|call| {
        exits::halting(types, &never, home, call)
    });
    if cfg.broken() {
        return true;
    }
    let Some(start) = cfg.smallest_at(offset) else {
        return true;
    };
    let mut seen = vec![false; cfg.nodes().len()];
    let mut open = vec![start];
    while let Some(ix) = open.pop() {
        if ix == Cfg::EXIT {
            return true;
        }
        if std::mem::replace(&mut seen[ix.0 as usize], true) || waits_for_ever(home, &cfg, ix) {
            continue;
        }
        open.extend(cfg.node(ix).next.iter().map(|edge| edge.to));
    }
    false
}

/// A receive from a local channel that the function only makes and receives from.
fn waits_for_ever(home: &Home, cfg: &Cfg<'_>, ix: NodeIx) -> bool {
    let Step::Stmt(Stmt {
        kind: StmtKind::Expr(expr),
        ..
    }) = cfg.node(ix).step
    else {
        return false;
    };
    let ExprKind::Unary(UnaryOp::Receive, channel) = &expr.unparen().kind else {
        return false;
    };
    let Some(object @ Object::Local(id)) = home.object(channel.unparen()) else {
        return false;
    };
    if home.body.info.locals[id.0 as usize].kind != LocalKind::Var {
        return false;
    }
    let (mut uses, mut known) = (0, 0);
    let is_it = |e: &Expr| home.object(e.unparen()) == Some(object);
    nodes::each_of(&home.body.body, &mut |node| {
        match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Assign(assign),
                ..
            }) => {
                let made = assign.lhs.iter().zip(&assign.rhs);
                known += made
                    .filter(|(left, right)| is_it(left) && nodes::is_make(home, right))
                    .count();
            }
            Node::Expr(expr) => {
                uses += usize::from(matches!(expr.kind, ExprKind::Ident(_)) && is_it(expr));
                if let ExprKind::Unary(UnaryOp::Receive, channel) = &expr.kind {
                    known += usize::from(is_it(channel));
                }
            }
            Node::Stmt(_) => {}
        }
        true
    });
    uses == known
}
