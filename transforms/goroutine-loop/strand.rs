//! Whether leaving the loop would strand the other side of a channel that it serves: someone who waits for it without
//! hearing the same signal.

use super::home::Unit;
use super::nodes::{self, Node};
use super::shapes::{Kind, Loop, Wait};
use crate::analyse::layout;
use crate::analyse::references::{exported, word_offsets};
use crate::syntax::ast::*;
use crate::types::{Checker, LocalKind, Object, TypeView};

/// True when someone may go on waiting for the loop at a channel: at a local of the declaring function that something
/// outside the unit uses too, or in a plain send to a field that only the loop receives from.
pub(super) fn other_side_waits(
    types: &Checker<'_>,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
    waits: &[Wait<'_>],
) -> bool {
    let (sent, received) = channels(stuck, waits);
    sent.iter().any(|channel| local(unit, channel))
        || received.iter().any(|channel| {
            (local(unit, channel) && handed_out(unit, channel))
                || sent_plainly(types, unit, channel)
        })
}

/// Whether the loop hears the process's signals (os/signal): it is for the life of the process by design.
pub(super) fn hears_signals(
    types: &Checker<'_>,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
    waits: &[Wait<'_>],
) -> bool {
    let (_, received) = channels(stuck, waits);
    received.iter().any(|channel| {
        let ty = types.underlying(unit.home.type_of(channel));
        matches!(types.view(ty), TypeView::Chan(_, elem) if types.display(elem) == "os.Signal")
    })
}

/// The channels that the loop sends to, and those that it receives from.
fn channels<'a>(stuck: &Loop<'a>, waits: &[Wait<'a>]) -> (Vec<&'a Expr>, Vec<&'a Expr>) {
    let mut sent: Vec<&Expr> = Vec::new();
    let mut received: Vec<&Expr> = Vec::new();
    if let Kind::Channel(range) = stuck.kind {
        received.push(&range.subject);
    }
    for wait in waits {
        match wait {
            Wait::Send(Stmt {
                kind: StmtKind::Send(channel, _),
                ..
            }) => sent.push(channel),
            Wait::Receive(stmt) => received.extend(receives(stmt)),
            Wait::Select(_, cases) => {
                for comm in cases.iter().filter_map(|case| case.comm.as_ref()) {
                    match &comm.kind {
                        StmtKind::Send(channel, _) => sent.push(channel),
                        _ => received.extend(receives(comm)),
                    }
                }
            }
            _ => {}
        }
    }
    (sent, received)
}

/// Whether the declaring function does anything with a local channel but make it, receive from it, and send to it in
/// selects.
fn handed_out(unit: Unit<'_>, channel: &Expr) -> bool {
    let object = unit.home.object(channel.unparen());
    let mut uses = 0;
    let mut harmless = 0;
    let is_it = |e: &Expr| unit.home.object(e.unparen()) == object;
    nodes::each_of(&unit.home.body.body, &mut |node| {
        match node {
            Node::Stmt(Stmt { kind, .. }) => match kind {
                StmtKind::Select(cases) => {
                    for comm in cases.iter().filter_map(|case| case.comm.as_ref()) {
                        harmless += usize::from(
                            matches!(&comm.kind, StmtKind::Send(channel, _) if is_it(channel)),
                        );
                    }
                }
                StmtKind::Range(range) => harmless += usize::from(is_it(&range.subject)),
                StmtKind::Assign(assign) => {
                    harmless += assign.lhs.iter().filter(|left| is_it(left)).count();
                }
                _ => {}
            },
            Node::Expr(expr) => {
                uses += usize::from(matches!(expr.kind, ExprKind::Ident(_)) && is_it(expr));
                if let ExprKind::Unary(UnaryOp::Receive, channel) = &expr.kind {
                    harmless += usize::from(is_it(channel));
                }
            }
        }
        true
    });
    uses > harmless
}

/// What a statement receives from.
fn receives(stmt: &Stmt) -> Vec<&Expr> {
    let mut found = Vec::new();
    nodes::each_in_stmt(stmt, &mut |node| {
        if let Node::Expr(Expr {
            kind: ExprKind::Unary(UnaryOp::Receive, channel),
            ..
        }) = node
        {
            found.push(&**channel);
        }
        true
    });
    found
}

/// Whether the package sends to this unexported field other than in a select: such a sender cannot hear the signal. By
/// text, which only ever finds more.
fn sent_plainly(types: &Checker<'_>, unit: Unit<'_>, channel: &Expr) -> bool {
    let ExprKind::Selector(_, field) = &channel.unparen().kind else {
        return false;
    };
    let world = types.world();
    let Some(package) = world.package(unit.home.package) else {
        return true;
    };
    !exported(&field.name)
        && package.files.iter().any(|file| {
            let text = world.text(file.id);
            word_offsets(&text, &field.name).into_iter().any(|at| {
                let rest = text[at as usize + field.name.len()..].trim_start_matches(' ');
                let line = &text[layout::line_start(&text, at as usize)..at as usize];
                rest.starts_with("<-") && !line.trim_start().starts_with("case ")
            })
        })
}

fn local(unit: Unit<'_>, channel: &Expr) -> bool {
    let Some(Object::Local(id)) = unit.home.object(channel.unparen()) else {
        return false;
    };
    let local = &unit.home.body.info.locals[id.0 as usize];
    local.kind == LocalKind::Var && !unit.block.span.contains(local.decl)
}
