//! Whether a goroutine is started once in the life of the process, or leaks with each call.

use super::fixed;
use super::home::Home;
use super::nodes::{self, Node};
use super::origin;
use crate::analyse::finding::{Applicability, Severity};
use crate::analyse::references;
use crate::syntax::ast::*;
use crate::types::{Checker, TypeView};

/// How many callers up are followed; further up a start counts as one of many.
const DEPTH: u32 = 6;

/// `Info` when the start at `site` happens only from `main`, `init` or a test, and not in a loop.
pub(super) fn severity(types: &Checker<'_>, home: &Home, site: Span) -> Severity {
    match once(types, home, site, DEPTH) {
        true => Severity::Info,
        false => Severity::Warning,
    }
}

fn once(types: &Checker<'_>, home: &Home, site: Span, depth: u32) -> bool {
    if depth == 0 || in_loop(types, home, site) {
        return false;
    }
    let decl = &home.decl;
    let plain = decl.receiver.is_none();
    if origin::is_root(home) || (plain && decl.name.name == "init") {
        return true;
    }
    if fixed::trust(types, home) == Applicability::Unsafe {
        return false;
    }
    let Some(func) = home.func() else {
        return !in_literal(home, site);
    };
    let uses = references::uses(types, func);
    uses.values.is_empty()
        && uses.opaque.is_empty()
        && !uses.calls.is_empty()
        && uses.calls.iter().all(|call| {
            Home::of(types, call.body)
                .is_some_and(|caller| once(types, &caller, call.at.span, depth - 1))
        })
}

/// Whether the site is in a function literal: of a variable's initialiser, one that is called who knows how often.
fn in_literal(home: &Home, site: Span) -> bool {
    let literal = |node: &Node<'_>| {
        matches!(
            node,
            Node::Expr(Expr {
                kind: ExprKind::FuncLit(_),
                ..
            })
        )
    };
    nodes::path(&home.body.body, site).iter().any(literal)
}

/// Whether the site is in a loop whose rounds nothing counts: without a condition, or over a channel.
fn in_loop(types: &Checker<'_>, home: &Home, site: Span) -> bool {
    nodes::path(&home.body.body, site)
        .iter()
        .any(|node| match node {
            Node::Stmt(Stmt {
                kind: StmtKind::For(f),
                span,
            }) => *span != site && f.cond.is_none(),
            Node::Stmt(Stmt {
                kind: StmtKind::Range(r),
                ..
            }) => {
                matches!(
                    types.view(types.underlying(home.type_of(&r.subject))),
                    TypeView::Chan(..) | TypeView::Unknown
                )
            }
            _ => false,
        })
}
