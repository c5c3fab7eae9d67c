//! What a closure that is put into the variable keeps alive.

use super::growth::Growth;
use crate::analyse::finding::Location;
use crate::analyse::ownership::Tree;
use crate::analyse::transform::Subject;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_expr};

/// Where a closure becomes an element, and the variables around it that live as long as that element.
pub(super) fn by_closure(
    subject: &Subject<'_>,
    tree: &Tree<'_>,
    growth: &Growth<'_>,
) -> Option<(Location, String)> {
    let literal = growth.value?.unparen();
    if !matches!(literal.kind, ExprKind::FuncLit(_)) {
        return None;
    }
    let mut names: Vec<Name> = Vec::new();
    walk_expr(literal, &mut |node| {
        if let Node::Expr(expr) = node
            && let Some(local) = tree.local_of(expr)
        {
            let declared = &tree.info.locals[local.0 as usize];
            if !literal.span.contains(declared.decl) && !names.contains(&declared.name) {
                names.push(declared.name);
            }
        }
        true
    });
    if names.is_empty() {
        return None;
    }
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let at = Location {
        file: subject.file,
        span: literal.span,
    };
    Some((
        at,
        format!(
            "each closure keeps alive what {} refers to",
            names.join(", ")
        ),
    ))
}
