//! Whether a goroutine is started while its value is being made: then nobody can close the value at the same time.

use super::home::Home;
use super::nodes::{self, Node};
use crate::analyse::references;
use crate::syntax::ast::*;
use crate::types::{Callee, Checker, LocalKind, Object};

/// Whether `home`, which starts a goroutine of its variable `owner`, makes the value itself, or is a method that only
/// functions which make it call.
pub(super) fn only(types: &Checker<'_>, home: &Home, owner: &str) -> bool {
    let locals = &home.body.info.locals;
    let receiver = locals
        .iter()
        .any(|l| l.kind == LocalKind::Receiver && l.name == owner);
    if !receiver {
        return makes(home, owner);
    }
    let Some(func) = home.func() else {
        return false;
    };
    let uses = references::uses(types, func);
    let known = uses.values.is_empty() && uses.opaque.is_empty() && !uses.calls.is_empty();
    known
        && !references::exported(&home.decl.name.name)
        && uses.calls.iter().all(|call| {
            let Some(caller) = Home::of(types, call.body) else {
                return false;
            };
            let mut value = None;
            let mut started = false;
            nodes::each_of(&caller.body.body, &mut |node| {
                match node {
                    Node::Stmt(Stmt {
                        kind: StmtKind::Go(_),
                        span,
                    }) => started |= span.contains(call.at.span),
                    Node::Expr(Expr {
                        kind: ExprKind::Call(inner),
                        span,
                        ..
                    }) if *span == call.at.span => value = receiver_of(inner),
                    _ => {}
                }
                true
            });
            !started && value.is_some_and(|name| makes(&caller, &name))
        })
}

/// The variable whose method is called.
fn receiver_of(call: &Call) -> Option<Name> {
    match &call.fun.unparen().kind {
        ExprKind::Selector(base, _) => match &base.kind {
            ExprKind::Ident(name) => Some(*name),
            _ => None,
        },
        _ => None,
    }
}

/// Whether all that is ever assigned to the variable is a value made in the function.
fn makes(home: &Home, name: &str) -> bool {
    let mut made = 0;
    let mut other = 0;
    nodes::each_of(&home.body.body, &mut |node| {
        match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Assign(assign),
                ..
            }) => {
                for (i, left) in assign.lhs.iter().enumerate() {
                    let named = matches!(&left.kind, ExprKind::Ident(n) if n.as_str() == name);
                    let local = matches!(home.object(left), Some(Object::Local(_)));
                    if !named || !local {
                        continue;
                    }
                    let value = assign
                        .rhs
                        .get(i)
                        .filter(|_| assign.lhs.len() == assign.rhs.len());
                    match value.is_some_and(|value| fresh(home, value)) {
                        true => made += 1,
                        false => other += 1,
                    }
                }
            }
            Node::Stmt(Stmt {
                kind: StmtKind::Decl(decls),
                ..
            }) => {
                for decl in decls {
                    let Decl::Var(spec) = decl else { continue };
                    let at = spec.names.iter().position(|n| n.name.as_str() == name);
                    match at.map(|i| spec.values.get(i)) {
                        Some(Some(value)) if fresh(home, value) => made += 1,
                        Some(Some(_)) => other += 1,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        true
    });
    made > 0 && other == 0
}

/// `&T{…}` or `new(T)`.
fn fresh(home: &Home, value: &Expr) -> bool {
    let value = value.unparen();
    match &value.kind {
        ExprKind::Unary(UnaryOp::Address, inner) => {
            matches!(inner.unparen().kind, ExprKind::Composite(..))
        }
        ExprKind::Call(_) => matches!(home.callee(value), Callee::Builtin(name) if *name == "new"),
        _ => false,
    }
}
