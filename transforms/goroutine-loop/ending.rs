//! Whether `main` returns after it has started a goroutine: a `defer cancel()` of one that ends in `os.Exit`,
//! `log.Fatal` or `select {}` never runs.

use super::exits;
use super::home::Home;
use super::nodes::{self, Node};
use crate::analyse::cfg::{Branch, Cfg, NodeIx, Step};
use crate::analyse::noreturn::NeverReturns;
use crate::index::BodyRef;
use crate::syntax::ast::*;
use crate::types::{Callee, Checker, LocalKind, Object};

/// Whether some path leads from `offset` to a return of the function.
pub(super) fn returns_after(types: &Checker<'_>, home: &Home, offset: u32) -> bool {
    returns(types, home, offset, CALLS)
}

/// How many calls deep a function that never returns is looked for.
const CALLS: u32 = 2;

fn returns(types: &Checker<'_>, home: &Home, offset: u32, depth: u32) -> bool {
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
        if std::mem::replace(&mut seen[ix.0 as usize], true)
            || waits_for_ever(home, &cfg, ix)
            || calls_for_ever(types, home, &cfg, ix, depth)
        {
            continue;
        }
        let failed = fails(types, home, &cfg, ix);
        let next = cfg.node(ix).next.iter();
        open.extend(
            next.filter(|edge| failed.is_none_or(|branch| edge.branch == branch))
                .map(|edge| edge.to),
        );
    }
    false
}

/// A call of a function of the module that goes round for ever.
fn calls_for_ever(types: &Checker<'_>, home: &Home, cfg: &Cfg<'_>, ix: NodeIx, depth: u32) -> bool {
    let Step::Stmt(Stmt {
        kind: StmtKind::Expr(call),
        ..
    }) = cfg.node(ix).step
    else {
        return false;
    };
    let Callee::Func(func) = home.callee(call.unparen()) else {
        return false;
    };
    let called = Home::of(types, BodyRef::Func(*func)).filter(|_| depth > 0);
    called.is_some_and(|called| {
        let first = called.body.body.block.stmts.first();
        first.is_some_and(|first| !returns(types, &called, first.span.start, depth - 1))
    })
}

/// Functions that return nothing but an error, by their documentation ("always returns a non-nil error").
const ALWAYS_FAIL: &[&str] = &[
    "net/http.ListenAndServe",
    "net/http.ListenAndServeTLS",
    "net/http.Serve",
    "net/http.ServeTLS",
    "(*net/http.Server).ListenAndServe",
    "(*net/http.Server).ListenAndServeTLS",
    "(*net/http.Server).Serve",
    "(*net/http.Server).ServeTLS",
];

/// How many functions deep such a call may be wrapped.
const WRAPPERS: u32 = 2;

/// The branch of a check of such an error that is taken.
fn fails(types: &Checker<'_>, home: &Home, cfg: &Cfg<'_>, ix: NodeIx) -> Option<Branch> {
    let Step::Cond(cond) = cfg.node(ix).step else {
        return None;
    };
    let ExprKind::Binary(op, left, right) = &cond.unparen().kind else {
        return None;
    };
    if !matches!(&right.kind, ExprKind::Ident(name) if *name == "nil") {
        return None;
    }
    let [before] = cfg.node(ix).prev.as_slice() else {
        return None;
    };
    let Step::Stmt(Stmt {
        kind: StmtKind::Assign(assign),
        ..
    }) = cfg.node(*before).step
    else {
        return None;
    };
    let ([err], [call]) = (assign.lhs.as_slice(), assign.rhs.as_slice()) else {
        return None;
    };
    let same = home.object(err).is_some() && home.object(err) == home.object(left);
    match op {
        _ if !same || !always_fails(types, home, call, WRAPPERS) => None,
        BinaryOp::NotEqual => Some(Branch::True),
        BinaryOp::Equal => Some(Branch::False),
        _ => None,
    }
}

/// Whether a call returns nothing but an error: of the table, or of a function that only returns what such a call does.
fn always_fails(types: &Checker<'_>, home: &Home, call: &Expr, depth: u32) -> bool {
    let callee = home.callee(call.unparen());
    let name = types.callee_name(callee).unwrap_or_default();
    if ALWAYS_FAIL.contains(&name.as_str()) {
        return true;
    }
    let Callee::Func(func) = callee else {
        return false;
    };
    let Some(wrapper) = Home::of(types, BodyRef::Func(*func)).filter(|_| depth > 0) else {
        return false;
    };
    let (mut returns, mut failing) = (0, 0);
    nodes::each_own(&wrapper.body.body.block, &mut |node| {
        if let Node::Stmt(Stmt {
            kind: StmtKind::Return(values),
            ..
        }) = node
        {
            returns += 1;
            let value = match values.as_slice() {
                [value] => always_fails(types, &wrapper, value, depth - 1),
                _ => false,
            };
            failing += u32::from(value);
        }
    });
    returns > 0 && returns == failing
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
