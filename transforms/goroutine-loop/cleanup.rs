//! What the loop holds where it would be left: locks, and things that it releases only after the wait.

use super::home::{Home, Unit};
use super::nodes::{self, Node};
use crate::analyse::declined::Declined;
use crate::analyse::releases::is_release;
use crate::syntax::ast::*;
use crate::types::{Checker, Object, TypeView};

/// Declines when leaving the unit at `point` would keep a lock.
pub(super) fn locks(unit: Unit<'_>, point: u32) -> Result<(), Declined> {
    match held(unit, unit.block, point) {
        true => Err(Declined::LockHeld),
        false => Ok(()),
    }
}

fn held(unit: Unit<'_>, block: &Block, point: u32) -> bool {
    for (i, stmt) in block.stmts.iter().enumerate() {
        if stmt.span.start >= point {
            break;
        }
        if let Some((locked, release)) = lock(unit.home, stmt) {
            let mut rest = block.stmts[i + 1..]
                .iter()
                .take_while(|s| s.span.start < point);
            let unlocked = rest.any(|s| unlocks(unit.home, s, &locked, release));
            if !unlocked && !deferred(unit, &locked, release) {
                return true;
            }
        }
        let mut inner = false;
        nodes::blocks(stmt, &mut |b| inner |= held(unit, b, point));
        if inner {
            return true;
        }
    }
    false
}

/// `x.Lock()` as a statement: the text of `x` and the method that releases it.
fn lock(home: &Home, stmt: &Stmt) -> Option<(String, &'static str)> {
    let StmtKind::Expr(e) = &stmt.kind else {
        return None;
    };
    let (base, method) = method_call(home, e)?;
    match method.as_str() {
        "Lock" => Some((base, "Unlock")),
        "RLock" => Some((base, "RUnlock")),
        _ => None,
    }
}

fn unlocks(home: &Home, stmt: &Stmt, locked: &str, release: &str) -> bool {
    let StmtKind::Expr(e) = &stmt.kind else {
        return false;
    };
    method_call(home, e).is_some_and(|(base, method)| base == locked && method == release)
}

fn deferred(unit: Unit<'_>, locked: &str, release: &str) -> bool {
    let wanted = format!("{locked}.{release}");
    let mut found = false;
    nodes::each_own(unit.block, &mut |node| {
        if let Node::Stmt(Stmt {
            kind: StmtKind::Defer(call),
            ..
        }) = node
        {
            found |= unit.home.src(call.span).contains(&wanted);
        }
    });
    found
}

fn method_call(home: &Home, e: &Expr) -> Option<(String, String)> {
    let ExprKind::Call(call) = &e.unparen().kind else {
        return None;
    };
    let ExprKind::Selector(base, sel) = &call.fun.unparen().kind else {
        return None;
    };
    Some((home.src(base.span).to_string(), sel.name.to_string()))
}

/// Declines when something that the iteration took before the wait is given back after it.
pub(super) fn releases(
    types: &Checker<'_>,
    home: &Home,
    body: &Block,
    wait: Span,
) -> Result<(), Declined> {
    let mut chain = Vec::new();
    chain_to(body, wait, &mut chain);
    for (block, index) in chain.into_iter().rev() {
        for stmt in &block.stmts[index + 1..] {
            let mut skipped = false;
            nodes::each_in_stmt(stmt, &mut |node| {
                if let Node::Expr(
                    call @ Expr {
                        kind: ExprKind::Call(_),
                        ..
                    },
                ) = node
                {
                    skipped |= releases_taken(types, home, body, wait, call);
                }
                if let Node::Stmt(Stmt {
                    kind: StmtKind::Expr(call),
                    ..
                }) = node
                {
                    skipped |= ends_taken(home, body, wait, call);
                }
                !matches!(
                    node,
                    Node::Expr(Expr {
                        kind: ExprKind::FuncLit(_),
                        ..
                    })
                )
            });
            if skipped {
                return Err(Declined::ReleaseAfterWait);
            }
            let leaves = matches!(
                stmt.kind,
                StmtKind::Continue(_) | StmtKind::Return(_) | StmtKind::Goto(_)
            );
            if leaves {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Declines when the loop both sends on a channel and receives from it: what it put there, or took, is a place in a
/// semaphore or a pool that it would keep.
pub(super) fn tokens(home: &Home, body: &Block) -> Result<(), Declined> {
    let mut sent: Vec<&str> = Vec::new();
    let mut received: Vec<&str> = Vec::new();
    nodes::each(body, &mut |node| {
        match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Send(channel, _),
                ..
            }) => sent.push(home.src(channel.span)),
            Node::Expr(Expr {
                kind: ExprKind::Unary(UnaryOp::Receive, channel),
                ..
            }) => received.push(home.src(channel.span)),
            _ => {}
        }
        true
    });
    match sent.iter().any(|channel| received.contains(channel)) {
        true => Err(Declined::ReleaseAfterWait),
        false => Ok(()),
    }
}

/// The blocks from the loop's body to the one that holds the wait, each with the index of the statement on the way.
fn chain_to<'a>(block: &'a Block, wait: Span, chain: &mut Vec<(&'a Block, usize)>) {
    let Some(index) = block.stmts.iter().position(|s| s.span.contains(wait)) else {
        return;
    };
    chain.push((block, index));
    nodes::blocks(&block.stmts[index], &mut |b| chain_to(b, wait, chain));
}

fn releases_taken(types: &Checker<'_>, home: &Home, body: &Block, wait: Span, call: &Expr) -> bool {
    let ExprKind::Call(inner) = &call.kind else {
        return false;
    };
    match &inner.fun.unparen().kind {
        ExprKind::Selector(base, sel) if is_release(&sel.name) => {
            is_wait_group(types, home, base)
                || root(base).is_some_and(|r| taken(home, body, wait, r))
        }
        ExprKind::Ident(name) if name.to_lowercase().contains("cancel") => {
            taken(home, body, wait, &inner.fun)
        }
        _ => false,
    }
}

/// A method without arguments and with its results dropped, of a value that the iteration got from a call before the
/// wait: whatever it is called (`entry.Exit()`, `lease.Return()`), it may be what ends the value.
fn ends_taken(home: &Home, body: &Block, wait: Span, call: &Expr) -> bool {
    let ExprKind::Call(inner) = &call.unparen().kind else {
        return false;
    };
    match &inner.fun.unparen().kind {
        ExprKind::Selector(base, _) if inner.args.is_empty() => {
            matches!(base.unparen().kind, ExprKind::Ident(_))
                && taken(home, body, wait, base.unparen())
        }
        _ => false,
    }
}

fn is_wait_group(types: &Checker<'_>, home: &Home, base: &Expr) -> bool {
    let ty = home.type_of(base);
    let ty = match types.view(ty) {
        TypeView::Pointer(to) => to,
        _ => ty,
    };
    matches!(types.view(ty), TypeView::Named(name, _) if name == "sync.WaitGroup")
}

fn root(expr: &Expr) -> Option<&Expr> {
    match &expr.unparen().kind {
        ExprKind::Ident(_) => Some(expr.unparen()),
        ExprKind::Selector(base, _) => root(base),
        _ => None,
    }
}

/// Whether the variable gets a value in the loop's body, before or at the wait.
fn taken(home: &Home, body: &Block, wait: Span, var: &Expr) -> bool {
    let Some(object @ Object::Local(_)) = home.object(var) else {
        return false;
    };
    let mut found = false;
    nodes::each_own(body, &mut |node| {
        if let Node::Stmt(Stmt {
            kind: StmtKind::Assign(assign),
            span,
        }) = node
            && span.start < wait.start
        {
            found |= assign
                .lhs
                .iter()
                .any(|lhs| home.object(lhs) == Some(object));
        }
    });
    found
}
