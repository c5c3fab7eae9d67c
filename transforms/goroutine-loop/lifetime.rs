//! Whether a goroutine is started once in the life of the process, or leaks with each call.

use super::home::Home;
use super::nodes::{self, Node};
use super::origin;
use crate::analyse::finding::Severity;
use crate::analyse::references::{self, exported};
use crate::index::BodyRef;
use crate::syntax::ast::*;
use crate::types::Checker;

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
    if depth == 0 || in_loop(home, site) {
        return false;
    }
    let decl = &home.decl;
    let plain = decl.receiver.is_none();
    if origin::is_root(home) || (plain && decl.name.name == "init") {
        return true;
    }
    let program = home.outline.package.is_some_and(|p| p.name == "main");
    if exported(&decl.name.name) && !program {
        return false;
    }
    let uses = references::uses(types, home.func);
    uses.values.is_empty()
        && uses.opaque.is_empty()
        && !uses.calls.is_empty()
        && uses.calls.iter().all(|call| match call.body {
            BodyRef::Var(..) => true,
            BodyRef::Func(func) => Home::of(types, func)
                .is_some_and(|caller| once(types, &caller, call.at.span, depth - 1)),
        })
}

fn in_loop(home: &Home, site: Span) -> bool {
    nodes::path(&home.body.body.block, site).iter().any(|node| {
        matches!(node, Node::Stmt(Stmt { kind: StmtKind::For(_) | StmtKind::Range(_), span }) if *span != site)
    })
}
