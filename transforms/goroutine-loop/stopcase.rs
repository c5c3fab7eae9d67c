//! A select that hears a stop signal, and whose `break` leaves only the select.

use super::home::{Home, Unit};
use super::nodes::{self, Node};
use super::returns;
use super::shapes::Loop;
use super::signal::{Signal, stop_like};
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::syntax::ast::*;
use crate::types::{Answer, Checker};

/// The edit that turns that `break` into a return; an error when the loop hears the signal in another way and goes on.
pub(super) fn leaves_only_select(
    types: &Checker<'_>,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
) -> Result<Option<Edit>, Declined> {
    let mut edit = None;
    let mut ignored = false;
    nodes::each_own(stuck.body, &mut |node| match node {
        Node::Stmt(Stmt {
            kind: StmtKind::Select(cases),
            ..
        }) => {
            for case in cases {
                let Some(channel) = case.comm.as_ref().and_then(received) else {
                    continue;
                };
                let Some(signal) = stop_signal(types, unit.home, channel) else {
                    continue;
                };
                match case.body.stmts.last() {
                    Some(Stmt {
                        kind: StmtKind::Break(None),
                        span,
                    }) if edit.is_none() => edit = Some((*span, signal)),
                    _ => ignored = true,
                }
            }
        }
        Node::Stmt(Stmt {
            kind: StmtKind::Expr(e),
            ..
        }) => {
            ignored |= received_from(e).is_some_and(|c| stop_signal(types, unit.home, c).is_some());
        }
        _ => {}
    });
    let Some((span, signal)) = edit.filter(|_| !ignored) else {
        return if ignored {
            Err(Declined::SignalIgnored)
        } else {
            Ok(None)
        };
    };
    if stuck.followed {
        return Err(Declined::CodeAfterLoop);
    }
    let leave = returns::statement(types, unit, Some(&signal), &[span.start])?;
    Ok(Some(Edit { span, text: leave }))
}

fn received(comm: &Stmt) -> Option<&Expr> {
    match &comm.kind {
        StmtKind::Expr(e) => received_from(e),
        StmtKind::Assign(a) => a.rhs.first().and_then(received_from),
        _ => None,
    }
}

fn received_from(e: &Expr) -> Option<&Expr> {
    match &e.unparen().kind {
        ExprKind::Unary(UnaryOp::Receive, channel) => Some(channel.unparen()),
        _ => None,
    }
}

/// `ctx.Done()`, or a channel that is called like a stop channel.
fn stop_signal(types: &Checker<'_>, home: &Home, channel: &Expr) -> Option<Signal> {
    let text = home.src(channel.span).to_string();
    match &channel.kind {
        ExprKind::Call(call) => match &call.fun.kind {
            ExprKind::Selector(base, sel)
                if sel.name == "Done" && types.is_context(home.type_of(base)) != Answer::No =>
            {
                Some(Signal::Context(home.src(base.span).to_string()))
            }
            _ => None,
        },
        ExprKind::Ident(name) => stop_like(name).then_some(Signal::Channel(text)),
        ExprKind::Selector(_, sel) => stop_like(&sel.name).then_some(Signal::Channel(text)),
        _ => None,
    }
}
