//! Whether leaving the loop would strand the other side of a channel that it serves: someone who waits for it without
//! hearing the same signal.

use super::home::Unit;
use super::nodes::{self, Node};
use super::shapes::Wait;
use crate::syntax::ast::*;
use crate::types::{LocalKind, Object};

/// True when a channel that the loop sends on, or receives from, is a local of the declaring function that something
/// outside the unit uses too.
pub(super) fn other_side_waits(unit: Unit<'_>, waits: &[Wait<'_>]) -> bool {
    waits.iter().any(|wait| match wait {
        Wait::Send(Stmt {
            kind: StmtKind::Send(channel, _),
            ..
        }) => local(unit, channel),
        Wait::Receive(stmt) => {
            let mut found = false;
            nodes::each_in_stmt(stmt, &mut |node| {
                if let Node::Expr(Expr {
                    kind: ExprKind::Unary(UnaryOp::Receive, channel),
                    ..
                }) = node
                {
                    found |= local(unit, channel);
                }
                true
            });
            found
        }
        Wait::Select(_, cases) => cases.iter().any(|case| match &case.comm {
            Some(Stmt {
                kind: StmtKind::Send(channel, _),
                ..
            }) => local(unit, channel),
            _ => false,
        }),
        _ => false,
    })
}

fn local(unit: Unit<'_>, channel: &Expr) -> bool {
    let Some(Object::Local(id)) = unit.home.object(channel.unparen()) else {
        return false;
    };
    let local = &unit.home.body.info.locals[id.0 as usize];
    local.kind == LocalKind::Var && !unit.block.span.contains(local.decl)
}
