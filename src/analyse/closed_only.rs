//! Channels that say "stop": fields that the package makes, receives from and closes, and of which it does nothing else.
//! Who waits for such a channel hears it, however many others do.

use super::ownership::{Parent, Tree};
use super::references::{exported, word_offsets};
use crate::index::{BodyRef, FuncRef, PackageId};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block, walk_expr};
use crate::types::{Callee, Checker, TypeId, TypeView};

/// What is known so far.
#[derive(Default)]
struct Seen {
    made: u32,
    closed: bool,
}

/// Whether the field `name` of `of` (or of what it points to) is a channel that is made at one place, and on which nobody
/// sends. Unknown is no, and so is an exported field: others may use it.
pub fn field(types: &Checker<'_>, package: PackageId, of: TypeId, name: Name) -> bool {
    let of = match types.view(of) {
        TypeView::Pointer(to) => to,
        _ => of,
    };
    if exported(&name) {
        return false;
    }
    let owner = types.display(of);
    let mut seen = Seen::default();
    let known = in_package(types, package, &owner, name, &mut seen);
    known.is_some() && seen.made == 1 && seen.closed
}

fn in_package(
    types: &Checker<'_>,
    id: PackageId,
    owner: &str,
    name: Name,
    seen: &mut Seen,
) -> Option<()> {
    let world = types.world();
    let package = world.package(id)?;
    for (index, file) in package.files.iter().enumerate() {
        let text = world.text(file.id);
        // A literal without the field's name may set it too.
        let bare = owner.rsplit('.').next().unwrap_or(owner);
        let mut hits = word_offsets(&text, &name);
        hits.extend(word_offsets(&text, bare));
        if hits.is_empty() {
            continue;
        }
        if file.outline.broken {
            return None;
        }
        let hit = |span: Span| hits.iter().any(|&at| span.start <= at && at < span.end);
        for (at, func) in package.funcs.iter().enumerate() {
            if func.file == index as u32 && func.decl.body.is_some_and(hit) {
                let func = FuncRef {
                    package: id,
                    index: at as u32,
                };
                in_body(types, BodyRef::Func(func), owner, name, seen)?;
            }
        }
        for (at, var) in package.vars.iter().enumerate() {
            let first = var.file == index as u32 && var.index == 0;
            if first && var.decl.values.iter().any(|value| hit(value.span)) {
                in_body(types, BodyRef::Var(id, at as u32), owner, name, seen)?;
            }
        }
    }
    Some(())
}

/// None for a use that is not understood.
fn in_body(
    types: &Checker<'_>,
    body: BodyRef,
    owner: &str,
    name: Name,
    seen: &mut Seen,
) -> Option<()> {
    let body = types.body(body)?;
    if body.body.broken {
        return None;
    }
    let tree = Tree::new(&body);
    let mut known = Some(());
    let mut visit = |node: Node<'_>| {
        if let Node::Expr(expr) = node {
            known = known.and_then(|()| of_expr(types, &tree, expr, owner, name, seen));
        }
        true
    };
    walk_block(&body.body.block, &mut visit);
    let values = body.body.values.iter();
    values.for_each(|value| walk_expr(value, &mut visit));
    known
}

fn of_expr(
    types: &Checker<'_>,
    tree: &Tree<'_>,
    expr: &Expr,
    owner: &str,
    name: Name,
    seen: &mut Seen,
) -> Option<()> {
    match &expr.kind {
        ExprKind::Composite(_, elements) => {
            let ty = tree.type_of(expr)?;
            if types.display(ty).trim_start_matches('*') != owner {
                return Some(());
            }
            for element in elements {
                // Without keys any channel may come to stand there.
                let ExprKind::Ident(key) = &element.key.as_ref()?.kind else {
                    return None;
                };
                if *key == name {
                    is_make(tree, &element.value).then_some(())?;
                    seen.made += 1;
                }
            }
            Some(())
        }
        ExprKind::Selector(base, field) if field.name == name => {
            let base = types.display(tree.type_of(base)?);
            if base.trim_start_matches('*') != owner {
                return Some(());
            }
            match tree.parent(expr)? {
                Parent::Expr(outer) => match &outer.kind {
                    ExprKind::Unary(UnaryOp::Receive, _) => Some(()),
                    ExprKind::Call(_) => {
                        let callee = tree.callee(outer);
                        let closes =
                            matches!(callee, Some(Callee::Builtin(name)) if *name == "close");
                        seen.closed |= closes;
                        closes.then_some(())
                    }
                    _ => None,
                },
                Parent::Stmt(stmt) => match &stmt.kind {
                    StmtKind::Assign(assign) if assign.lhs.len() == assign.rhs.len() => {
                        let at = assign.lhs.iter().position(|x| x.id == expr.id)?;
                        seen.made += 1;
                        is_make(tree, &assign.rhs[at]).then_some(())
                    }
                    _ => None,
                },
                _ => None,
            }
        }
        _ => Some(()),
    }
}

fn is_make(tree: &Tree<'_>, value: &Expr) -> bool {
    matches!(tree.callee(value.unparen()), Some(Callee::Builtin(name)) if *name == "make")
}
