//! Tickers and timers that only the new exit makes worth stopping: nothing after the endless loop could.

use super::home::Unit;
use super::layout;
use super::nodes::{self, Node};
use super::shapes::Loop;
use crate::analyse::finding::Edit;
use crate::syntax::ast::*;
use crate::types::{Checker, Object};

/// `defer t.Stop()` after each ticker or timer that the unit makes before the loop, that nothing stops and that
/// goes nowhere else.
pub(super) fn stops(types: &Checker<'_>, unit: Unit<'_>, stuck: &Loop<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let before = |s: &&Stmt| s.span.end <= stuck.stmt.span.start;
    for stmt in unit.block.stmts.iter().take_while(before) {
        if let Some((name, object)) = made(types, unit, stmt)
            && only_read(unit, object)
            && let Some(edit) = after(unit, stmt, &name)
        {
            edits.push(edit);
        }
    }
    edits
}

fn made(types: &Checker<'_>, unit: Unit<'_>, stmt: &Stmt) -> Option<(Name, Object)> {
    let StmtKind::Assign(Assign {
        lhs,
        op: AssignOp::Define,
        rhs,
    }) = &stmt.kind
    else {
        return None;
    };
    let ([left], [right]) = (lhs.as_slice(), rhs.as_slice()) else {
        return None;
    };
    let ExprKind::Ident(name) = &left.kind else {
        return None;
    };
    let called = types.callee_name(unit.home.callee(right.unparen()))?;
    let makes = called == "time.NewTicker" || called == "time.NewTimer";
    let object = unit.home.object(left)?;
    makes.then_some((*name, object))
}

/// Whether all that is done with it is to read its channel or reset it.
fn only_read(unit: Unit<'_>, object: Object) -> bool {
    let mut uses = 0;
    let mut read = 0;
    nodes::each_of(&unit.home.body.body, &mut |node| {
        if let Node::Expr(expr) = node {
            if matches!(expr.kind, ExprKind::Ident(_)) && unit.home.object(expr) == Some(object) {
                uses += 1;
            }
            if let ExprKind::Selector(base, sel) = &expr.kind
                && unit.home.object(base) == Some(object)
                && matches!(sel.name.as_str(), "C" | "Reset")
            {
                read += 1;
            }
        }
        true
    });
    // The one more is its declaration.
    read > 0 && uses == read + 1
}

fn after(unit: Unit<'_>, stmt: &Stmt, name: &str) -> Option<Edit> {
    let text = &unit.home.text;
    let indent = layout::indent(text, stmt.span.start).ok()?;
    layout::trailing(text, stmt.span.end).ok()?;
    let end = layout::line_end(text, stmt.span.end);
    Some(Edit {
        span: Span { start: end, end },
        text: format!("\n{indent}defer {name}.Stop()"),
    })
}
