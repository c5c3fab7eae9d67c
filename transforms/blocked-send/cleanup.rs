//! What a sender that gives up would leave undone: locks that it holds, and things that it gives back after the send.

use super::channel::Channel;
use crate::analyse::cfg::{Cfg, NodeIx, Step};
use crate::analyse::declined::Declined;
use crate::analyse::ownership::FuncIx;
use crate::analyse::releases::is_release;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block, walk_expr};
use crate::types::Callee;

/// Declines unless nothing is held at the send, and nothing given back after it.
pub(super) fn nothing_left<'a>(
    channel: &Channel<'a, '_>,
    cfg: &Cfg<'a>,
    send: &Stmt,
    func: FuncIx,
) -> Result<(), Declined> {
    let at = cfg.node_at(send.span).ok_or(Declined::Layout)?;
    let after = cfg.reach(at, |_, _| true);
    for node in cfg.indices() {
        let Step::Stmt(stmt) = cfg.node(node).step else {
            continue;
        };
        match &stmt.kind {
            // A deferred release runs on a return too.
            StmtKind::Defer(_) | StmtKind::Go(_) => continue,
            // Who waits for what the goroutine says besides would wait for ever.
            StmtKind::Send(..)
                if after.contains(&node)
                    && !channel.sends.iter().any(|(own, _)| own.span == stmt.span) =>
            {
                return Err(Declined::ReleaseAfterWait);
            }
            _ => {}
        }
        if after.contains(&node) && calls(stmt, &mut |name, call| gives_back(channel, name, call)) {
            return Err(Declined::ReleaseAfterWait);
        }
        let locks = calls(stmt, &mut |name, _| matches!(name, "Lock" | "RLock"));
        if !locks {
            continue;
        }
        let unlocks = |ix: NodeIx| match cfg.node(ix).step {
            Step::Stmt(stmt) => {
                !matches!(stmt.kind, StmtKind::Defer(_))
                    && calls(stmt, &mut |name, _| matches!(name, "Unlock" | "RUnlock"))
            }
            _ => false,
        };
        let held = cfg.find_path(node, |_, edge| !unlocks(edge.to), |ix| ix == at);
        if held.is_some() && !defers_unlock(channel, func) {
            return Err(Declined::LockHeld);
        }
    }
    Ok(())
}

/// A release, or the end that another channel tells.
fn gives_back(channel: &Channel<'_, '_>, name: &str, call: &Expr) -> bool {
    let closes = matches!(channel.tree.callee(call), Some(Callee::Builtin(it)) if *it == "close");
    match closes {
        true => !channel.is_argument(call),
        false => is_release(name) || name.to_lowercase().contains("cancel"),
    }
}

/// Whether a deferred call of a sender may tell somebody that all is sent: the receiver, which may then hear the end of
/// the channel before the signal, and take a part for the whole.
pub(super) fn tells_the_end(channel: &Channel<'_, '_>) -> bool {
    let silent = |name: &str| {
        matches!(name, "Unlock" | "RUnlock" | "Stop" | "Close")
            || name.to_lowercase().contains("cancel")
    };
    channel.sends.iter().any(|(_, func)| {
        let mut tells = false;
        walk_block(channel.tree.func(*func).block, &mut |node| {
            if let Node::Stmt(Stmt {
                kind: StmtKind::Defer(call),
                ..
            }) = node
            {
                let ExprKind::Call(call) = &call.kind else {
                    return false;
                };
                tells |= !match &call.fun.kind {
                    ExprKind::Ident(name) => silent(name.as_str()),
                    ExprKind::Selector(_, method) => silent(method.name.as_str()),
                    _ => false,
                };
            }
            !tells
        });
        tells
    })
}

fn defers_unlock(channel: &Channel<'_, '_>, func: FuncIx) -> bool {
    let block = channel.tree.func(func).block;
    block.stmts.iter().any(|stmt| {
        matches!(stmt.kind, StmtKind::Defer(_))
            && calls(stmt, &mut |name, _| matches!(name, "Unlock" | "RUnlock"))
    })
}

/// Whether a simple statement calls such a function, outside of literals.
fn calls(stmt: &Stmt, wanted: &mut dyn FnMut(&str, &Expr) -> bool) -> bool {
    let mut found = false;
    let mut visit = |node: Node<'_>| {
        if let Node::Expr(expr) = node
            && let ExprKind::Call(call) = &expr.kind
        {
            let name = match &call.fun.kind {
                ExprKind::Ident(name) => Some(*name),
                ExprKind::Selector(_, method) => Some(method.name),
                _ => None,
            };
            found |= name.is_some_and(|name| wanted(name.as_str(), expr));
        }
        !matches!(node, Node::Expr(x) if matches!(x.kind, ExprKind::FuncLit(_)))
    };
    match &stmt.kind {
        StmtKind::Expr(x) | StmtKind::Defer(x) | StmtKind::IncDec(x) => walk_expr(x, &mut visit),
        StmtKind::Assign(assign) => assign.rhs.iter().for_each(|x| walk_expr(x, &mut visit)),
        StmtKind::Return(values) => values.iter().for_each(|x| walk_expr(x, &mut visit)),
        StmtKind::Send(_, value) => walk_expr(value, &mut visit),
        _ => {}
    }
    found
}
