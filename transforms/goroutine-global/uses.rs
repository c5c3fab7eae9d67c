//! What the module does with a variable. Only when every use is understood, and none makes it smaller, limits it or
//! hands it to somebody who could, is it known to grow for ever.

use super::growth::{self, Growth, Kind, Variable};
use crate::analyse::finding::Location;
use crate::analyse::ownership::{Parent, Tree};
use crate::analyse::references::{exported, word_offsets};
use crate::index::{BodyRef, FileId, FuncRef};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block, walk_expr};
use crate::types::{Callee, Checker, Object};

/// One use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    /// The body it stands in.
    pub(super) body: BodyRef,
    pub(super) at: Location,
    /// It reads what is in there, beside growing it.
    pub(super) reads: bool,
}

/// All uses of a variable that only grows, in order of file and place.
pub(super) struct Uses {
    pub(super) all: Vec<Use>,
}

/// What a use does.
enum Does {
    Grow,
    Read,
    /// Removes something, limits the growth, or may do so.
    Other,
}

/// Functions of the standard library that look at a map and neither change nor keep it, by their documentation.
const READERS: &[&str] = &[
    "maps.Keys",
    "maps.Values",
    "maps.All",
    "maps.Clone",
    "maps.Equal",
];

impl Uses {
    /// None when the variable does not only grow, or may not.
    pub(super) fn new(types: &Checker<'_>, growth: &Growth<'_>) -> Option<Uses> {
        let world = types.world();
        let home = world.package(growth.variable.package)?;
        let name = growth.variable.name;
        let local = !exported(&name);
        if !local && home.name != "main" && !home.path.split('/').any(|part| part == "internal") {
            // Other modules may empty it.
            return None;
        }
        let mut all = Vec::new();
        let mut seen = Vec::new();
        for id in world.module_packages(growth.variable.package) {
            let package = world.package(id)?;
            if local
                && package.path.trim_end_matches("_test") != home.path.trim_end_matches("_test")
            {
                continue;
            }
            for (index, file) in package.files.iter().enumerate() {
                let text = world.text(file.id);
                let hits = word_offsets(&text, &name);
                if hits.is_empty() || seen.contains(&file.id) {
                    continue;
                }
                seen.push(file.id);
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
                        all.extend(in_body(types, BodyRef::Func(func), file.id, growth)?);
                    }
                }
                for (at, var) in package.vars.iter().enumerate() {
                    let first = var.file == index as u32 && var.index == 0;
                    if first && var.decl.values.iter().any(|value| hit(value.span)) {
                        all.extend(in_body(
                            types,
                            BodyRef::Var(id, at as u32),
                            file.id,
                            growth,
                        )?);
                    }
                }
            }
        }
        all.sort_by_key(|one| one.at);
        Some(Uses { all })
    }
}

/// The uses in one body; none when one of them does not only look or grow.
fn in_body(
    types: &Checker<'_>,
    body_ref: BodyRef,
    file: FileId,
    growth: &Growth<'_>,
) -> Option<Vec<Use>> {
    let body = types.body(body_ref)?;
    if body.body.broken {
        return None;
    }
    let tree = Tree::new(&body);
    let mut found = Vec::new();
    let mut visit = |node: Node<'_>| {
        if let Node::Expr(expr) = node
            && is_it(types, &tree, expr, growth.variable)
        {
            found.push(expr.id);
        }
        true
    };
    walk_block(&body.body.block, &mut visit);
    body.body
        .values
        .iter()
        .for_each(|value| walk_expr(value, &mut visit));
    let mut uses = Vec::new();
    for id in found {
        let expr = tree.expr_of(id)?;
        let does = does(types, &tree, expr, growth.kind)?;
        uses.push(Use {
            body: body_ref,
            at: Location {
                file,
                span: expr.span,
            },
            reads: match does {
                Does::Grow => false,
                Does::Read => true,
                Does::Other => return None,
            },
        });
    }
    Some(uses)
}

/// Whether an expression is the variable. A name that could not be resolved may be.
fn is_it(types: &Checker<'_>, tree: &Tree<'_>, expr: &Expr, wanted: Variable) -> bool {
    let named = match &expr.kind {
        ExprKind::Ident(name) => *name == wanted.name,
        ExprKind::Selector(base, name) => {
            let qualified = || match base.kind {
                ExprKind::Ident(_) => {
                    let object = tree.info.objects.get(base.id.0 as usize).copied().flatten();
                    matches!(object, Some(Object::Package(_)) | None)
                }
                _ => false,
            };
            name.name == wanted.name && qualified()
        }
        _ => false,
    };
    if !named {
        return false;
    }
    match growth::variable(types, tree, expr) {
        Some(found) => growth::declared(types, found) == growth::declared(types, wanted),
        None => match &expr.kind {
            // A local, a type, a key of a literal.
            ExprKind::Ident(_) => false,
            _ => true,
        },
    }
}

fn does(types: &Checker<'_>, tree: &Tree<'_>, expr: &Expr, kind: Kind) -> Option<Does> {
    let value = match kind {
        // Who has the slice's value cannot shorten the variable.
        Kind::Slice => Does::Read,
        Kind::Map | Kind::SyncMap | Kind::Buffer => Does::Other,
    };
    Some(match tree.parent(expr)? {
        Parent::Stmt(stmt) => match &stmt.kind {
            StmtKind::Assign(assign) if assign.lhs.iter().any(|x| x.id == expr.id) => {
                match appends(assign, expr) {
                    true => Does::Grow,
                    false => Does::Other,
                }
            }
            StmtKind::Range(range) if range.subject.id == expr.id => Does::Read,
            StmtKind::Range(_) | StmtKind::IncDec(_) => Does::Other,
            _ => value,
        },
        Parent::Spec(..) | Parent::Root => value,
        Parent::Expr(outer) => match &outer.kind {
            ExprKind::Index(base, _) if base.id == expr.id => of_element(tree, outer, kind),
            ExprKind::Binary(BinaryOp::Equal | BinaryOp::NotEqual, ..) => Does::Read,
            ExprKind::Slice(base, _) if base.id == expr.id => value,
            ExprKind::Selector(base, method) if base.id == expr.id && kind == Kind::SyncMap => {
                match method.name.as_str() {
                    "Store" | "LoadOrStore" => Does::Grow,
                    "Load" | "Range" => Does::Read,
                    _ => Does::Other,
                }
            }
            ExprKind::Selector(base, method) if base.id == expr.id && kind == Kind::Buffer => {
                match method.name.as_str() {
                    name if growth::WRITES.contains(&name) => Does::Grow,
                    "String" => Does::Read,
                    // `Bytes` may be used to write over it, `Len` to limit it; others take out of it.
                    _ => Does::Other,
                }
            }
            ExprKind::Unary(UnaryOp::Address, _) if kind == Kind::Buffer => {
                printed(types, tree, outer)
            }
            ExprKind::Call(call) => match tree.callee(outer) {
                Some(Callee::Builtin(name)) => match name.as_str() {
                    "append" if grows(tree, outer, expr) => Does::Grow,
                    "len" | "cap" if is_compared(tree, outer) => Does::Other,
                    "len" | "cap" | "copy" | "append" | "print" | "println" => Does::Read,
                    _ => Does::Other,
                },
                Some(callee) => {
                    let name = types.callee_name(callee).unwrap_or_default();
                    let only_reads = READERS.contains(&name.as_str())
                        || ["fmt.", "log.", "encoding/json."]
                            .iter()
                            .any(|package| name.starts_with(package));
                    match call.args.iter().any(|arg| arg.id == expr.id) && only_reads {
                        true => Does::Read,
                        false => value,
                    }
                }
                None => value,
            },
            ExprKind::Unary(UnaryOp::Address, _) => Does::Other,
            _ => value,
        },
    })
}

/// `&b`: `fmt.Fprintln(&b, …)` adds to it; nobody else is known to.
fn printed(types: &Checker<'_>, tree: &Tree<'_>, address: &Expr) -> Does {
    let Some(Parent::Expr(call)) = tree.parent(address) else {
        return Does::Other;
    };
    let ExprKind::Call(parts) = &call.kind else {
        return Does::Other;
    };
    let callee = tree.callee(call);
    let name = callee.and_then(|callee| types.callee_name(callee));
    let prints = name.is_some_and(|name| name.starts_with("fmt.Fprint"));
    match prints && parts.args.first().is_some_and(|arg| arg.id == address.id) {
        true => Does::Grow,
        false => Does::Other,
    }
}

/// `x = append(x, …)`.
fn appends(assign: &Assign, target: &Expr) -> bool {
    let [value] = &assign.rhs[..] else {
        return false;
    };
    let ExprKind::Call(call) = &value.unparen().kind else {
        return false;
    };
    let append = matches!(&call.fun.kind, ExprKind::Ident(name) if *name == "append");
    append
        && call
            .args
            .first()
            .is_some_and(|first| growth::same_name(first, target))
}

/// The variable is the first argument of an `append` whose result becomes its value.
fn grows(tree: &Tree<'_>, append: &Expr, variable: &Expr) -> bool {
    match tree.parent(append) {
        Some(Parent::Stmt(Stmt {
            kind: StmtKind::Assign(assign),
            ..
        })) => {
            let [target] = &assign.lhs[..] else {
                return false;
            };
            growth::same_name(target, variable)
        }
        _ => false,
    }
}

/// `m[k]`: read, or set. An element of a slice that is set may be cleared.
fn of_element(tree: &Tree<'_>, element: &Expr, kind: Kind) -> Does {
    let set = match tree.parent(element) {
        Some(Parent::Stmt(stmt)) => match &stmt.kind {
            StmtKind::Assign(assign) => assign.lhs.iter().any(|x| x.id == element.id),
            StmtKind::IncDec(_) => true,
            StmtKind::Range(range) => range.subject.id != element.id,
            _ => false,
        },
        _ => false,
    };
    match (set, kind) {
        (false, _) => Does::Read,
        (true, Kind::Slice) => Does::Other,
        (true, _) => Does::Grow,
    }
}

/// `len(x) > n`, also in a switch or as part of a sum: somebody cares how long it gets.
fn is_compared(tree: &Tree<'_>, len: &Expr) -> bool {
    matches!(
        tree.parent(len),
        Some(Parent::Expr(Expr {
            kind: ExprKind::Binary(..),
            ..
        })) | Some(Parent::Stmt(Stmt {
            kind: StmtKind::Switch(_) | StmtKind::Assign(_),
            ..
        })) | Some(Parent::Spec(..))
    )
}
