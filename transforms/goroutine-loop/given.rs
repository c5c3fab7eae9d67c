//! Whether a field is ever set: a context that nobody sets is nil, and to ask it for `Done` panics.

use super::home::{Home, has_word};
use super::nodes::{self, Node};
use crate::analyse::references::exported;
use crate::index::{BodyRef, FuncRef};
use crate::syntax::ast::*;
use crate::types::Checker;

/// Whether some function of the type's package assigns a field of this name, or some composite literal of the type may
/// give it a value; other packages may set an exported one.
pub(super) fn set(types: &Checker<'_>, home: &Home, base: Name, field: Name) -> bool {
    let world = types.world();
    let Some(package) = world.package(home.package) else {
        return false;
    };
    if exported(&field) {
        return true;
    }
    let speaks = |file: u32, span: Span, word: &str| {
        let text = world.text(package.files[file as usize].id);
        text.get(span.range())
            .is_some_and(|text| has_word(text, word))
    };
    let sets = |body: BodyRef| {
        let home = Home::of(types, body);
        home.is_some_and(|home| sets(&home, base, field))
    };
    let funcs = package.funcs.iter().enumerate().any(|(index, func)| {
        let body = BodyRef::Func(FuncRef {
            package: package.id,
            index: index as u32,
        });
        let candidate = func
            .decl
            .body
            .is_some_and(|span| speaks(func.file, span, &field) || speaks(func.file, span, &base));
        candidate && sets(body)
    });
    funcs
        || package.vars.iter().enumerate().any(|(index, var)| {
            let candidate = var.index == 0 && speaks(var.file, var.decl.span, &base);
            candidate && sets(BodyRef::Var(package.id, index as u32))
        })
}

fn sets(home: &Home, base: Name, field: Name) -> bool {
    let is_field =
        |e: &Expr| matches!(&e.unparen().kind, ExprKind::Selector(_, sel) if sel.name == field);
    let mut found = false;
    nodes::each_of(&home.body.body, &mut |node| {
        match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Assign(assign),
                ..
            }) => found |= assign.lhs.iter().any(is_field),
            Node::Expr(Expr {
                kind: ExprKind::Unary(UnaryOp::Address, operand),
                ..
            }) => found |= is_field(operand),
            Node::Expr(Expr {
                kind: ExprKind::Composite(ty, elements),
                ..
            }) => {
                let keyed = |key: &Expr| matches!(&key.kind, ExprKind::Ident(n) if *n == field);
                let own = ty
                    .as_ref()
                    .is_none_or(|ty| has_word(home.src(ty.span), &base));
                found |= own
                    && elements
                        .iter()
                        .any(|element| element.key.as_ref().is_none_or(keyed));
            }
            _ => {}
        }
        !found
    });
    found
}
