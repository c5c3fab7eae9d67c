//! `blocked-send`: a goroutine sends on an unbuffered channel whose receiver may have left.
//!
//! One channel at a time: [`channel`] sorts its uses, [`senders`] counts what the goroutines send, [`leave`] finds the
//! path on which the function returns without receiving all of it, [`giveup`] ends a send that no room is right for,
//! when [`cleanup`] sees nothing left undone. [`unclosed`] looks at the other side: a goroutine that ranges over a
//! channel which nobody closes.

mod channel;
mod cleanup;
mod giveup;
mod leave;
mod senders;
mod unclosed;

use crate::analyse::cfg::Cfg;
use crate::analyse::finding::{Applicability, Edit, Finding, Fix, Location, Severity, Verdict};
use crate::analyse::layout;
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::ownership::Tree;
use crate::analyse::transform::{Extent, Setup, Subject, Transform, no_table};
use crate::index::BodyRef;
use crate::syntax::ast::*;
use crate::syntax::visit::Node;
use channel::Channel;
use senders::{After, Capacity, Senders};
use unclosed::Unclosed;

/// The transform.
pub(super) const BLOCKED_SEND: Transform = Transform {
    id: "blocked-send",
    summary: "a goroutine's send on an unbuffered channel whose receiver can leave early: it blocks for ever",
    readme: include_str!("README.md"),
    candidates,
    extent: Extent::File,
    literals: &["make(chan"],
    decide,
    configure: no_table,
    survey: None,
};

/// `make(chan T)`, with room or without, bound by a statement.
fn candidates(node: Node<'_>, _: &str, _: &Setup, offer: &mut dyn FnMut(Span)) {
    let Node::Stmt(stmt) = node else { return };
    let mut made = |x: &Expr| {
        if let ExprKind::Call(call) = &x.kind
            && matches!(&call.fun.kind, ExprKind::Ident(name) if *name == "make")
            && let Some(ExprKind::ChanType(..)) = call.args.first().map(|arg| &arg.kind)
        {
            offer(x.span);
        }
    };
    match &stmt.kind {
        StmtKind::Assign(assign) => assign.rhs.iter().for_each(&mut made),
        StmtKind::Decl(decls) => {
            for decl in decls {
                if let Decl::Var(spec) = decl {
                    spec.values.iter().for_each(&mut made);
                }
            }
        }
        _ => {}
    }
}

fn decide(subject: &Subject<'_>, candidate: Span) -> Option<Finding> {
    let tree = Tree::new(&subject.body);
    let make = tree.expr_of(tree.call_at(candidate)?.id)?;
    if is_main(subject) && tree.func(tree.func_of(make)?).lit.is_none() {
        // Everything ends when main returns.
        return None;
    }
    blocked(subject, &tree, make).or_else(|| waiting(subject, &tree, make))
}

fn is_unbuffered(subject: &Subject<'_>, make: &Expr) -> bool {
    let text = subject.world.text(subject.file);
    let ExprKind::Call(call) = &make.kind else {
        return false;
    };
    let size = call.args.get(1);
    size.is_none_or(|size| text.get(size.span.range()) == Some("0"))
}

/// The range that waits for ever.
fn waiting<'a>(subject: &Subject<'_>, tree: &Tree<'a>, make: &Expr) -> Option<Finding> {
    let unclosed = Unclosed::new(tree, make)?;
    let never = NeverReturns::new();
    let info = &subject.body.info;
    let cfg = Cfg::new(tree.func(unclosed.sender).block, &|call| {
        never.call(subject.types, info, call)
    });
    let verdict = unclosed.verdict(subject, tree, &cfg)?;
    let file = subject.file;
    let at = Location {
        file,
        span: unclosed.range.span,
    };
    let made = Location {
        file,
        span: make.span,
    };
    Some(Finding {
        rule: BLOCKED_SEND.id,
        at,
        message: format!(
            "this range over {} never ends: its only sender returns without closing it",
            unclosed.name
        ),
        severity: Severity::Warning,
        related: vec![(made, "the channel is made here".to_owned())],
        verdict,
    })
}

/// The send that waits for ever.
fn blocked<'a>(subject: &Subject<'_>, tree: &Tree<'a>, make: &'a Expr) -> Option<Finding> {
    if !is_unbuffered(subject, make) {
        return None;
    }
    let channel = Channel::new(subject, tree, make)?;
    let never = NeverReturns::new();
    let info = &subject.body.info;
    let graph = |func| {
        Cfg::new(tree.func(func).block, &|call| {
            never.call(subject.types, info, call)
        })
    };
    let cfg = graph(channel.owner);
    if cfg.broken() {
        return None;
    }
    let senders = Senders::new(&channel, &graph)?;
    // A receiver told by the group that all is sent leaves because it has received all.
    if senders.after == After::Tells && leave::chooses(&channel, &cfg) {
        return None;
    }
    let exit = leave::exit(&channel, &senders, &cfg)?;
    let text = subject.world.text(subject.file);
    let gives_up = || giveup::fix(&channel, &senders, &cfg, &graph);
    let verdict = match &senders.capacity {
        Err(reason) => match gives_up().unwrap_or(Err(*reason)) {
            Ok(fix) => Verdict::Fix(fix),
            Err(reason) => Verdict::Declined(reason),
        },
        Ok(capacity) => {
            let early = senders.after == After::More;
            let room = fix(subject, &channel, early, capacity, make)?;
            // What follows the send has to wait for the receiver.
            let kept = early.then(gives_up).and_then(|fix| fix?.ok());
            let kept = kept.filter(|fix| fix.applicability < room.applicability);
            Verdict::Fix(kept.unwrap_or(room))
        }
    };
    Some(finding(subject, &text, &channel, &senders, exit, verdict))
}

fn is_main(subject: &Subject<'_>) -> bool {
    let BodyRef::Func(func) = subject.body_ref else {
        return false;
    };
    let package = subject.world.package(func.package);
    let main = package.is_some_and(|package| package.name.as_str() == "main");
    main && subject.types.func_name(func).ends_with(".main")
}

/// `early`: something that follows a send would happen before anybody has received, and may be waited for.
fn fix(
    subject: &Subject<'_>,
    channel: &Channel<'_, '_>,
    early: bool,
    capacity: &Capacity,
    make: &Expr,
) -> Option<Fix> {
    let ExprKind::Call(call) = &make.kind else {
        return None;
    };
    let edit = match call.args.get(1) {
        Some(zero) => Edit {
            span: zero.span,
            text: capacity.text.clone(),
        },
        None => {
            let end = call.args.first()?.span.end;
            Edit {
                span: Span { start: end, end },
                text: format!(", {}", capacity.text),
            }
        }
    };
    // A value that nobody receives any more is dropped: it must not be one that has to be closed.
    let closes = channel.element_may_close();
    let applicability = match early || closes {
        true => Applicability::Unsafe,
        false => Applicability::Safe,
    };
    Some(Fix {
        applicability,
        title: format!("make room for {} in {}", capacity.what, channel.name),
        edits: vec![(subject.file, edit)],
        imports: Vec::new(),
    })
}

fn finding(
    subject: &Subject<'_>,
    text: &str,
    channel: &Channel<'_, '_>,
    senders: &Senders<'_>,
    exit: Span,
    verdict: Verdict,
) -> Finding {
    let file = subject.file;
    let position = |span: Span| {
        let (line, column) = layout::position(text, span.start as usize);
        format!("{line}:{column}")
    };
    let related = vec![
        (
            Location {
                file,
                span: channel.made,
            },
            "the channel is made here, without room".to_owned(),
        ),
        (
            Location {
                file,
                span: senders.started,
            },
            "the goroutine is started here".to_owned(),
        ),
        (
            Location { file, span: exit },
            "the function returns here".to_owned(),
        ),
    ];
    Finding {
        rule: BLOCKED_SEND.id,
        at: Location {
            file,
            span: senders.send,
        },
        message: format!(
            "this send on {} blocks for ever when the function returns at {} without receiving",
            channel.name,
            position(exit)
        ),
        severity: Severity::Warning,
        related,
        verdict,
    }
}
