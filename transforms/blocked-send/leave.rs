//! The path on which the owner returns although something is still to be received.

use super::channel::Channel;
use super::senders::Senders;
use crate::analyse::cfg::{Branch, Cfg, Edge, NodeIx, Step};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};

/// Where the function returns without having received all; none when it always receives all, as far as can be seen.
pub(super) fn exit(
    channel: &Channel<'_, '_>,
    senders: &Senders<'_>,
    cfg: &Cfg<'_>,
) -> Option<Span> {
    let receives: Vec<NodeIx> = channel
        .receives
        .iter()
        .filter_map(|span| node_of(cfg, *span))
        .collect();
    if receives.len() < channel.receives.len() {
        return None;
    }
    let starts: Vec<NodeIx> = senders
        .starts
        .iter()
        .filter_map(|stmt| node_of(cfg, stmt.span))
        .collect();
    let path = match senders.count {
        Some(count) => few(channel, cfg, starts.first().copied()?, &receives, count),
        None => early(channel, cfg, &receives),
    }?;
    let last = path.iter().rev().nth(1)?;
    Some(cfg.node(*last).span)
}

/// A path from the first start to the function's end with fewer receives than there are sends. Starting and receiving
/// in one loop are counted together.
fn few(
    channel: &Channel<'_, '_>,
    cfg: &Cfg<'_>,
    start: NodeIx,
    receives: &[NodeIx],
    count: u32,
) -> Option<Vec<NodeIx>> {
    let ends: Vec<NodeIx> = cfg
        .indices()
        .filter(|&at| receiving_head(channel, cfg, Some(start), at))
        .collect();
    // In a loop around both each turn receives what it started, or leaves.
    let step = |received: &u32, at: NodeIx, edge: Edge| {
        // A loop that receives and comes to its own end has received all, as far as can be seen.
        if edge.branch == Branch::False && ends.contains(&at) {
            return Some(count);
        }
        // One statement may receive twice.
        let more = receives.iter().filter(|to| **to == edge.to).count() as u32;
        (edge.to != start).then_some((received + more).min(count))
    };
    cfg.find_path_with(start, 0, step, |received, at| {
        at == Cfg::EXIT && *received < count
    })
}

/// With as many senders as a loop has iterations: a receive outside any loop, or a way out of the receiving loop that is
/// not its end.
fn early(channel: &Channel<'_, '_>, cfg: &Cfg<'_>, receives: &[NodeIx]) -> Option<Vec<NodeIx>> {
    for &receive in receives {
        let follow = |at: NodeIx, edge: Edge| {
            // The loop's own end: all was received.
            !(edge.branch == Branch::False && receiving_head(channel, cfg, None, at))
        };
        let path = cfg.find_path(receive, follow, |at| at == Cfg::EXIT);
        if path.is_some() {
            return path;
        }
        // A select that may choose another case waits for one sender only.
        let select = cfg.node(receive).prev.first().copied();
        if let Some(select) = select
            && matches!(cfg.node(select).step, Step::Select)
        {
            let path = cfg.find_path(
                select,
                |at, edge| follow(at, edge) && edge.to != receive,
                |at| at == Cfg::EXIT,
            );
            if path.is_some() {
                return path;
            }
        }
    }
    None
}

/// Whether a condition or range is the head of a loop of the owner that receives, and does not start the goroutine too.
fn receiving_head(
    channel: &Channel<'_, '_>,
    cfg: &Cfg<'_>,
    start: Option<NodeIx>,
    at: NodeIx,
) -> bool {
    let starts = |within: Span| start.is_some_and(|start| within.contains(cfg.node(start).span));
    let receives = |within: Span| channel.receives.iter().any(|span| within.contains(*span));
    let mut found = false;
    walk_block(channel.tree.func(channel.owner).block, &mut |node| {
        if let Node::Stmt(stmt) = node {
            found |= match (&stmt.kind, cfg.node(at).step) {
                (StmtKind::For(it), Step::Cond(_)) => {
                    let head = it.cond.as_ref();
                    head.is_some_and(|cond| cond.span.contains(cfg.node(at).span))
                }
                (StmtKind::Range(it), Step::Range(range)) => std::ptr::eq(range, &**it),
                _ => false,
            } && receives(stmt.span)
                && !starts(stmt.span);
        }
        !found
    });
    found
}

/// Whether a receive is one of several cases of a `select`.
pub(super) fn chooses(channel: &Channel<'_, '_>, cfg: &Cfg<'_>) -> bool {
    let several = |span: &Span| {
        let node = node_of(cfg, *span)?;
        let select = *cfg.node(node).prev.first()?;
        let chosen = matches!(cfg.node(select).step, Step::Select);
        Some(chosen && cfg.node(select).next.len() > 1)
    };
    let mut receives = channel.receives.iter();
    receives.any(|span| several(span).unwrap_or(true))
}

/// The step that a receive or a `go` statement is part of.
fn node_of(cfg: &Cfg<'_>, span: Span) -> Option<NodeIx> {
    cfg.node_at(span)
}
