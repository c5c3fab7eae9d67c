//! Walking statements and expressions as this transform needs it: within one function, to a span, block by block.

use super::home::Home;
use crate::syntax::ast::*;
use crate::syntax::visit::{walk_block, walk_expr};
use crate::types::Callee;

pub(super) use crate::syntax::visit::{
    Node, walk_block as each, walk_expr as each_in_expr, walk_stmt as each_in_stmt,
};

/// As [`each`], but stays in the function: bodies of literals are not entered (the literal itself is visited).
pub(super) fn each_own<'a>(block: &'a Block, see: &mut dyn FnMut(Node<'a>)) {
    each(block, &mut |node| {
        see(node);
        !matches!(
            node,
            Node::Expr(Expr {
                kind: ExprKind::FuncLit(_),
                ..
            })
        )
    });
}

/// Walks all of a function, or of an initialiser.
pub(super) fn each_of<'a>(body: &'a Body, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    walk_block(&body.block, enter);
    body.values.iter().for_each(|value| walk_expr(value, enter));
}

/// The nodes from the outermost to the one that has exactly this span (the outermost of several); empty when none has.
pub(super) fn path(body: &Body, span: Span) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    let mut found = false;
    // Spans nest: the nodes that contain the span are each other's parents.
    each_of(body, &mut |node| {
        let enter = !found && node.span().contains(span);
        if enter {
            nodes.push(node);
            found = node.span() == span;
        }
        enter && !found
    });
    if found { nodes } else { Vec::new() }
}

/// The blocks directly in a statement, those of its else branches among them; not those of function literals.
pub(super) fn blocks<'a>(stmt: &'a Stmt, see: &mut dyn FnMut(&'a Block)) {
    match &stmt.kind {
        StmtKind::Block(b) => see(b),
        StmtKind::Labeled(_, inner) => blocks(inner, see),
        StmtKind::If(i) => {
            see(&i.then);
            i.els.iter().for_each(|s| blocks(s, see));
        }
        StmtKind::Switch(s) => s.cases.iter().for_each(|c| see(&c.body)),
        StmtKind::TypeSwitch(s) => s.cases.iter().for_each(|c| see(&c.body)),
        StmtKind::Select(cases) => cases.iter().for_each(|c| see(&c.body)),
        StmtKind::For(f) => see(&f.body),
        StmtKind::Range(r) => see(&r.body),
        _ => {}
    }
}

/// Whether it is a call of the builtin `make`.
pub(super) fn is_make(home: &Home, expr: &Expr) -> bool {
    matches!(home.callee(expr.unparen()), Callee::Builtin(name) if *name == "make")
}
