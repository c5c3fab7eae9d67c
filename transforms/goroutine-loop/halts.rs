//! Functions that halt their caller by never returning: a loop that only waits, and perhaps says so, in a function that
//! is called. Once it can be left, the caller goes on where it never did.

use super::exits;
use super::home::{Home, Unit};
use super::nodes::{self, Node};
use super::shapes::{Loop, Wait};
use crate::analyse::cfg::{Cfg, Step};
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::references;
use crate::syntax::ast::*;
use crate::types::Checker;

/// Whether blocking is what the loop is for. An error result tells the caller that the wait was given up.
pub(super) fn its_caller(
    types: &Checker<'_>,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
    waits: &[Wait<'_>],
) -> bool {
    let home = unit.home;
    let lower = home.decl.name.name.to_lowercase();
    let last = home.decl.signature.results.last();
    let errs =
        last.is_some_and(|last| matches!(&last.ty.kind, ExprKind::Ident(name) if *name == "error"));
    let Some(func) = home.func().filter(|_| unit.literal.is_none() && !errs) else {
        return false;
    };
    if !idle(home, stuck.body, waits) {
        return false;
    }
    let mut goes_on = HALTING.iter().any(|word| lower.contains(word));
    for call in &references::uses(types, func).calls {
        let Some(caller) = Home::of(types, call.body) else {
            continue;
        };
        match after(types, &caller, call.at.span) {
            After::Started => return false,
            After::Returns => {}
            After::GoesOn => goes_on = true,
        }
    }
    goes_on
}

/// Words in the names of functions that stop everything for good, from those met in real code.
const HALTING: &[&str] = &["halt", "critical", "fatal", "freeze", "hang", "forever"];

/// What becomes of a caller when the call returns.
enum After {
    /// Nothing: the call is a goroutine's.
    Started,
    Returns,
    GoesOn,
}

fn after(types: &Checker<'_>, caller: &Home, call: Span) -> After {
    let mut block = &caller.body.body.block;
    for node in nodes::path(&caller.body.body, call) {
        match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Go(e) | StmtKind::Defer(e),
                ..
            }) if e.unparen().span == call => return After::Started,
            Node::Expr(Expr {
                kind: ExprKind::FuncLit(lit),
                ..
            }) => block = &lit.body,
            _ => {}
        }
    }
    let never = NeverReturns::new();
    let cfg = Cfg::new(block, &|call| exits::halting(types, &never, caller, call));
    let Some(at) = cfg.smallest_at(call.start) else {
        return After::GoesOn;
    };
    let mut seen = vec![false; cfg.nodes().len()];
    let mut open: Vec<_> = cfg.node(at).next.iter().map(|edge| edge.to).collect();
    while let Some(ix) = open.pop() {
        if std::mem::replace(&mut seen[ix.0 as usize], true) {
            continue;
        }
        let node = cfg.node(ix);
        let ends = match node.step {
            Step::Exit | Step::Halt | Step::End | Step::Join => true,
            Step::Stmt(stmt) => matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Break(_)),
            _ => false,
        };
        if !ends {
            return After::GoesOn;
        }
        open.extend(node.next.iter().map(|edge| edge.to));
    }
    After::Returns
}

/// Whether the loop only waits and says so.
fn idle(home: &Home, body: &Block, waits: &[Wait<'_>]) -> bool {
    let waits_there = |stmt: &Stmt| {
        let plain = !matches!(stmt.kind, StmtKind::Select(_));
        plain && waits.iter().any(|wait| wait.stmt().span == stmt.span)
    };
    body.stmts
        .iter()
        .all(|stmt| waits_there(stmt) || matches!(&stmt.kind, StmtKind::Expr(e) if logs(home, e)))
}

/// Words that the names of logging functions start with, in the standard library and the loggers most in use.
const LOGGING: &[&str] = &[
    "print", "log", "trace", "debug", "info", "warn", "error", "fprint",
];

fn logs(home: &Home, expr: &Expr) -> bool {
    let ExprKind::Call(call) = &expr.unparen().kind else {
        return false;
    };
    let name = match &call.fun.unparen().kind {
        ExprKind::Ident(name) => *name,
        ExprKind::Selector(base, sel) => {
            let base = home.src(base.span).to_lowercase();
            if base == "log" || base.ends_with("logger") {
                return true;
            }
            sel.name
        }
        _ => return false,
    };
    let lower = name.to_lowercase();
    LOGGING.iter().any(|word| lower.starts_with(word))
}
