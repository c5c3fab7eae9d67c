//! Whether a loop has a way out.

use super::home::Home;
use super::nodes::{self, Node};
use crate::analyse::noreturn::NeverReturns;
use crate::syntax::ast::*;
use crate::types::{Callee, Checker};

/// Words that a function that never returns starts with, where its callee is unknown: loggers of all kinds are
/// built like `log.Fatal`. Only ever used to say nothing.
const LEAVING: &[&str] = &[
    "fatal",
    "panic",
    "exit",
    "abort",
    "die",
    "goexit",
    "terminate",
    "quit",
    "throw",
    "bail",
];

/// Whether some statement of the loop's body leaves the loop: a return, a break or goto out of it, a continue of a
/// loop around it, or a call that never returns (anywhere in it, function literals included).
pub(super) fn has_way_out(
    types: &Checker<'_>,
    never: &NeverReturns,
    home: &Home,
    body: &Block,
    label: Option<Name>,
) -> bool {
    let mut inside: Vec<Name> = label.into_iter().collect();
    let mut halts = false;
    nodes::each(body, &mut |node| {
        match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Labeled(name, _),
                ..
            }) => inside.push(name.name),
            Node::Expr(
                call @ Expr {
                    kind: ExprKind::Call(_),
                    ..
                },
            ) => halts |= halting(types, never, home, call),
            _ => {}
        }
        true
    });
    halts || body.stmts.iter().any(|s| leaves(s, label, &inside, true))
}

/// Whether a call never returns, or may not, going by its name.
pub(super) fn halting(types: &Checker<'_>, never: &NeverReturns, home: &Home, call: &Expr) -> bool {
    if never.call(types, &home.body.info, call) {
        return true;
    }
    let ExprKind::Call(inner) = &call.kind else {
        return false;
    };
    let name = match &inner.fun.unparen().kind {
        ExprKind::Ident(name) => *name,
        ExprKind::Selector(_, sel) => sel.name,
        _ => return false,
    };
    let open = matches!(
        home.callee(call),
        Callee::Unknown | Callee::Value | Callee::Interface(_)
    );
    let lower = name.to_lowercase();
    open && LEAVING.iter().any(|word| lower.starts_with(word))
}

/// `breaks`: an unlabelled break here belongs to the loop.
fn leaves(stmt: &Stmt, own: Option<Name>, inside: &[Name], breaks: bool) -> bool {
    let all =
        |block: &Block, breaks: bool| block.stmts.iter().any(|s| leaves(s, own, inside, breaks));
    match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Bad => true,
        StmtKind::Break(None) => breaks,
        StmtKind::Break(Some(l)) => Some(l.name) == own || !inside.contains(&l.name),
        StmtKind::Goto(l) | StmtKind::Continue(Some(l)) => !inside.contains(&l.name),
        StmtKind::Block(b) => all(b, breaks),
        StmtKind::Labeled(_, inner) => leaves(inner, own, inside, breaks),
        StmtKind::If(i) => {
            all(&i.then, breaks)
                || i.els
                    .as_ref()
                    .is_some_and(|s| leaves(s, own, inside, breaks))
        }
        StmtKind::Switch(s) => s.cases.iter().any(|c| all(&c.body, false)),
        StmtKind::TypeSwitch(s) => s.cases.iter().any(|c| all(&c.body, false)),
        StmtKind::Select(cases) => cases.iter().any(|c| all(&c.body, false)),
        StmtKind::For(f) => all(&f.body, false),
        StmtKind::Range(r) => all(&r.body, false),
        _ => false,
    }
}
