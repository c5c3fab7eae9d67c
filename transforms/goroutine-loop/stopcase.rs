//! A select that hears a stop signal, and whose `break` leaves only the select.

use super::home::{Home, Unit};
use super::nodes::{self, Node};
use super::returns;
use super::shapes::Loop;
use super::signal::{Signal, stop_like};
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::syntax::ast::*;
use crate::types::{Answer, Checker, TypeView};

/// The edits that turn such breaks into returns; an error when the loop hears a signal in another way and goes on.
pub(super) fn leaves_only_select(
    types: &Checker<'_>,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
) -> Result<Vec<Edit>, Declined> {
    let mut breaks: Vec<(Span, Signal)> = Vec::new();
    let mut ignored = false;
    let mut comms: Vec<Span> = Vec::new();
    nodes::each_own(stuck.body, &mut |node| match node {
        Node::Stmt(Stmt {
            kind: StmtKind::Select(cases),
            ..
        }) => {
            for case in cases {
                comms.extend(case.comm.iter().map(|c| c.span));
                let channel = case.comm.as_ref().and_then(received);
                let Some(signal) = channel.and_then(|c| stop_signal(types, unit.home, c)) else {
                    continue;
                };
                match case.body.stmts.last() {
                    Some(Stmt {
                        kind: StmtKind::Break(None),
                        span,
                    }) => breaks.push((*span, signal)),
                    _ => ignored = true,
                }
            }
        }
        Node::Stmt(Stmt {
            kind: StmtKind::Expr(e),
            span,
        }) if !comms.contains(span) => {
            ignored |= received_from(e).is_some_and(|c| stop_signal(types, unit.home, c).is_some());
        }
        _ => {}
    });
    if ignored {
        return Err(Declined::SignalIgnored);
    }
    if stuck.followed && !breaks.is_empty() {
        return Err(Declined::CodeAfterLoop);
    }
    let edit = |(span, signal): (Span, Signal)| {
        let text = returns::statement(types, unit, Some(&signal), &[span.start])?;
        Ok(Edit { span, text })
    };
    breaks.into_iter().map(edit).collect()
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

/// `ctx.Done()`, or a channel that is called like a stop channel and carries nothing.
fn stop_signal(types: &Checker<'_>, home: &Home, channel: &Expr) -> Option<Signal> {
    let name = match &channel.kind {
        ExprKind::Call(call) => {
            let ExprKind::Selector(base, sel) = &call.fun.kind else {
                return None;
            };
            let context = sel.name == "Done" && types.is_context(home.type_of(base)) != Answer::No;
            return context.then(|| Signal::Context(home.src(base.span).to_string()));
        }
        ExprKind::Ident(name) => *name,
        ExprKind::Selector(_, sel) => sel.name,
        _ => return None,
    };
    let carries = match types.view(types.underlying(home.type_of(channel))) {
        TypeView::Chan(_, elem) => match types.view(types.underlying(elem)) {
            TypeView::Struct(fields) => !fields.is_empty(),
            TypeView::Unknown => false,
            _ => true,
        },
        _ => false,
    };
    (stop_like(&name) && !carries).then(|| Signal::Channel(home.src(channel.span).to_string()))
}
