//! Where no room is right: the sender gives up on the signal on which the receiver leaves.
//!
//! Nothing that could happen before is lost. Every receive waits for the signal too, and none comes after it: a value
//! that is not sent any more is one that the receiver might as well not have taken.

use super::channel::Channel;
use super::cleanup;
use super::senders::Senders;
use crate::analyse::cfg::{Branch, Cfg, Edge, NodeIx, Step};
use crate::analyse::closed_only;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Fix};
use crate::analyse::layout;
use crate::analyse::ownership::{FuncIx, Parent};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::{Answer, LocalId, LocalKind, Object, TypeView};

/// What the receiver leaves on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signal {
    /// The variable that has it.
    root: LocalId,
    /// What is received from, as written.
    text: String,
    /// It is a context of this variable, not a field.
    context: bool,
}

/// Sends in a `select` with the receiver's signal. None when the receiver has no such signal, or goes on after it.
pub(super) fn fix<'a>(
    channel: &Channel<'a, '_>,
    senders: &Senders<'a>,
    cfg: &Cfg<'a>,
    graph: &dyn Fn(FuncIx) -> Cfg<'a>,
) -> Option<Result<Fix, Declined>> {
    let (signal, heard) = signal(channel, cfg)?;
    if !is_steady(channel, senders, &signal) {
        return None;
    }
    let receives = receives(channel, cfg)?;
    let goes_on = |&at: &NodeIx| {
        let after = cfg.reach(at, |_, _| true);
        receives.iter().any(|receive| after.contains(receive))
    };
    if heard.iter().any(goes_on) || waits_for_group(channel) {
        return None;
    }
    let told =
        leaves_told(channel, senders, cfg, &heard) || is_cancelled(channel, senders, cfg, &signal);
    Some(edits(channel, &signal, graph).map(|edits| {
        Fix {
            applicability: match told
                && !channel.element_may_close()
                && !cleanup::tells_the_end(channel)
            {
                true => Applicability::Safe,
                false => Applicability::Unsafe,
            },
            title: match signal.context {
                true => format!(
                    "give up sending on {} when {} is done",
                    channel.name,
                    context_of(&signal)
                ),
                false => format!(
                    "give up sending on {} when {} is closed",
                    channel.name, signal.text
                ),
            },
            edits: edits
                .into_iter()
                .map(|edit| (channel.subject.file, edit))
                .collect(),
            imports: Vec::new(),
        }
    }))
}

fn context_of(signal: &Signal) -> &str {
    signal.text.strip_suffix(".Done()").unwrap_or(&signal.text)
}

/// The steps that receive; none when one of them is not a case of a `select`.
fn receives(channel: &Channel<'_, '_>, cfg: &Cfg<'_>) -> Option<Vec<NodeIx>> {
    let spans = channel.receives.iter();
    spans
        .map(|span| {
            let node = cfg.node_at(*span)?;
            matches!(cfg.node(node).step, Step::Comm(_)).then_some(node)
        })
        .collect()
}

/// The signal that every receive waits for too, with the steps that hear it.
fn signal(channel: &Channel<'_, '_>, cfg: &Cfg<'_>) -> Option<(Signal, Vec<NodeIx>)> {
    let mut common: Option<Vec<(Signal, NodeIx)>> = None;
    let mut all = Vec::new();
    for receive in receives(channel, cfg)? {
        let select = *cfg.node(receive).prev.first()?;
        if !matches!(cfg.node(select).step, Step::Select) {
            return None;
        }
        let cases = cfg.node(select).next.iter().filter_map(|edge| {
            let Step::Comm(stmt) = cfg.node(edge.to).step else {
                return None;
            };
            Some((read(channel, stmt)?, edge.to))
        });
        let cases: Vec<(Signal, NodeIx)> = cases.collect();
        all.extend(cases.clone());
        common = Some(match common {
            None => cases,
            Some(known) => known
                .into_iter()
                .filter(|(one, _)| cases.iter().any(|(other, _)| one == other))
                .collect(),
        });
    }
    let (signal, _) = common?.into_iter().next()?;
    let heard = all.into_iter().filter(|(one, _)| *one == signal);
    let heard = heard.map(|(_, at)| at).collect();
    Some((signal, heard))
}

/// `case <-ctx.Done():` or `case <-s.done:`, of a channel that is only ever closed.
fn read(channel: &Channel<'_, '_>, comm: &Stmt) -> Option<Signal> {
    let StmtKind::Expr(x) = &comm.kind else {
        return None;
    };
    let ExprKind::Unary(UnaryOp::Receive, from) = &x.unparen().kind else {
        return None;
    };
    let tree = channel.tree;
    let types = channel.subject.types;
    let (of, context) = match &from.kind {
        ExprKind::Call(call) if call.args.is_empty() => (&call.fun, true),
        _ => (&**from, false),
    };
    let ExprKind::Selector(base, field) = &of.kind else {
        return None;
    };
    let root = tree.local_of(base)?;
    let fits = match context {
        true => field.name == "Done" && types.is_context(tree.type_of(base)?) == Answer::Yes,
        false => {
            let ty = types.underlying(tree.type_of(from)?);
            let TypeView::Chan(_, element) = types.view(ty) else {
                return None;
            };
            let empty = |ty| matches!(types.view(types.underlying(ty)), TypeView::Struct(fields) if fields.is_empty());
            empty(element)
                && closed_only::field(types, channel.package(), tree.type_of(base)?, field.name)
        }
    };
    fits.then(|| Signal {
        root,
        text: channel.text_of(from.span),
        context,
    })
}

/// Whether the signal's variable has one value from the start of the senders on, and its name means it at each send.
fn is_steady(channel: &Channel<'_, '_>, senders: &Senders<'_>, signal: &Signal) -> bool {
    let tree = channel.tree;
    let Some(local) = tree.info.locals.get(signal.root.0 as usize) else {
        return false;
    };
    let kind = matches!(
        local.kind,
        LocalKind::Param | LocalKind::Var | LocalKind::Receiver
    );
    let owner = tree.declared_in(signal.root) == channel.owner;
    let first = senders.starts.iter().map(|start| start.span.start).min();
    let early = |x: &Expr| {
        let stmt = tree.stmt_of(x);
        let turns = stmt.is_some_and(|stmt| in_loop(channel, stmt));
        owner
            && !turns
            && tree.func_of(x) == Some(channel.owner)
            && first.is_some_and(|first| x.span.end < first)
    };
    let fixed = tree.uses(signal.root).iter().all(|x| {
        let address = matches!(
            tree.parent(x),
            Some(Parent::Expr(Expr {
                kind: ExprKind::Unary(UnaryOp::Address, _),
                ..
            }))
        );
        !address && (!tree.is_assigned(x) || early(x))
    });
    let subject = channel.subject;
    let visible = channel.sends.iter().all(|(send, _)| {
        let there = subject
            .types
            .name_at(&subject.body, send.span.start, local.name);
        there == Some(Object::Local(signal.root))
    });
    kind && fixed && visible
}

fn in_loop(channel: &Channel<'_, '_>, stmt: &Stmt) -> bool {
    let mut around = channel.tree.place_of(stmt).and_then(|place| place.outer);
    while let Some(stmt) = around {
        if matches!(stmt.kind, StmtKind::For(_) | StmtKind::Range(_)) {
            return true;
        }
        around = channel.tree.place_of(stmt).and_then(|place| place.outer);
    }
    false
}

/// Whether the owner waits for a group: with senders in it, it does not leave, it hangs.
fn waits_for_group(channel: &Channel<'_, '_>) -> bool {
    let tree = channel.tree;
    let mut found = false;
    walk_block(tree.func(channel.owner).block, &mut |node| {
        if let Node::Expr(Expr {
            kind: ExprKind::Call(call),
            ..
        }) = node
            && let ExprKind::Selector(_, method) = &call.fun.kind
            && tree.func_of(&call.fun) == Some(channel.owner)
        {
            found |= method.name.as_str().starts_with("Wait");
        }
        !found
    });
    found
}

/// Whether every way from a start to the function's end hears the signal, or the end of the channel.
fn leaves_told(
    channel: &Channel<'_, '_>,
    senders: &Senders<'_>,
    cfg: &Cfg<'_>,
    heard: &[NodeIx],
) -> bool {
    let ends = closings(channel);
    let follow = |at: NodeIx, edge: Edge| {
        let told = heard.contains(&at);
        let ended = edge.branch == Branch::False
            && matches!(cfg.node(at).step, Step::Cond(x)
                if channel.tree.local_of(x).is_some_and(|local| ends.contains(&local)));
        !told && !ended
    };
    senders.starts.iter().all(|start| {
        let Some(start) = cfg.node_at(start.span) else {
            return false;
        };
        cfg.find_path(start, follow, |at| at == Cfg::EXIT).is_none()
    })
}

/// The `ok` of `v, ok := <-ch`: false only when the channel is closed (Go spec "Receive operator").
fn closings(channel: &Channel<'_, '_>) -> Vec<LocalId> {
    let tree = channel.tree;
    let mut found = Vec::new();
    for span in &channel.receives {
        let mut of_stmt = |stmt: &Stmt| {
            if let StmtKind::Assign(assign) = &stmt.kind
                && let ([_, ok], [_]) = (&assign.lhs[..], &assign.rhs[..])
                && stmt.span.contains(*span)
                && let Some(local) = tree.local_of(ok).or_else(|| tree.local(ok.id))
                && tree
                    .uses(local)
                    .iter()
                    .all(|x| !tree.is_assigned(x) || stmt.span.contains(x.span))
            {
                found.push(local);
            }
        };
        walk_block(tree.func(channel.owner).block, &mut |node| {
            if let Node::Stmt(stmt) = node {
                of_stmt(stmt);
            }
            true
        });
    }
    found
}

/// Whether the function itself cancels the context whenever it leaves: `ctx, cancel := context.WithCancel(…)` with a
/// `defer cancel()` before the first start.
fn is_cancelled(
    channel: &Channel<'_, '_>,
    senders: &Senders<'_>,
    cfg: &Cfg<'_>,
    signal: &Signal,
) -> bool {
    let tree = channel.tree;
    let types = channel.subject.types;
    if !signal.context {
        return false;
    }
    let mut cancels: Vec<LocalId> = Vec::new();
    let mut values = 0;
    let mut deferred = Vec::new();
    for at in cfg.indices() {
        let Step::Stmt(stmt) = cfg.node(at).step else {
            continue;
        };
        match &stmt.kind {
            StmtKind::Assign(assign) => {
                let local = |x: &Expr| tree.local_of(x).or_else(|| tree.local(x.id));
                let position = assign
                    .lhs
                    .iter()
                    .position(|x| local(x) == Some(signal.root));
                if position.is_none() {
                    continue;
                }
                values += 1;
                if let ([_, cancel], [made]) = (&assign.lhs[..], &assign.rhs[..])
                    && let Some(name) = tree
                        .callee(made)
                        .and_then(|callee| types.callee_name(callee))
                    && name.starts_with("context.With")
                {
                    cancels.extend(local(cancel));
                }
            }
            StmtKind::Defer(x) => {
                if let ExprKind::Call(call) = &x.kind
                    && let Some(local) = tree.local_of(&call.fun)
                {
                    deferred.push((local, at));
                }
            }
            _ => {}
        }
    }
    let [cancel] = cancels[..] else { return false };
    values == 1
        && deferred.iter().any(|(local, at)| {
            *local == cancel
                && senders.starts.iter().all(|start| {
                    cfg.node_at(start.span)
                        .is_some_and(|start| cfg.dominates(*at, start))
                })
        })
}

/// Each send in a `select` of its own.
fn edits<'a>(
    channel: &Channel<'a, '_>,
    signal: &Signal,
    graph: &dyn Fn(FuncIx) -> Cfg<'a>,
) -> Result<Vec<Edit>, Declined> {
    let text = channel.subject.world.text(channel.subject.file);
    let mut edits = Vec::new();
    for (send, func) in &channel.sends {
        let literal = channel.tree.func(*func).lit;
        if let Some(ExprKind::FuncLit(literal)) = literal.map(|it| &it.kind)
            && !literal.signature.results.is_empty()
        {
            return Err(Declined::ReturnValue);
        }
        cleanup::nothing_left(channel, &graph(*func), send, *func)?;
        let (start, end) = (send.span.start as usize, send.span.end as usize);
        let alone = text[layout::line_start(&text, start)..start]
            .trim()
            .is_empty()
            && text[end..layout::line_end(&text, end)].trim().is_empty();
        let listed = channel
            .tree
            .place_of(send)
            .is_some_and(|place| place.list.is_some());
        if !alone || !listed {
            return Err(Declined::Layout);
        }
        let (newline, indent) = (layout::newline(&text, start), layout::indent(&text, start));
        edits.push(Edit {
            span: Span::new(start, start),
            text: format!("select {{{newline}{indent}case "),
        });
        edits.push(Edit {
            span: Span::new(end, end),
            text: format!(
                ":{newline}{indent}case <-{}:{newline}{indent}\treturn{newline}{indent}}}",
                signal.text
            ),
        });
    }
    Ok(edits)
}
