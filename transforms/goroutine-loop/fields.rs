//! A context or stop channel that the receiver holds and that a method of it cancels or closes.

use super::given;
use super::home::Home;
use super::names;
use super::nodes::{self, Node};
use super::signal::{self, Signal, stop_like};
use crate::analyse::finding::Applicability;
use crate::index::{BodyRef, FuncRef};
use crate::syntax::ast::*;
use crate::types::{Answer, Checker, LocalId, LocalKind, Object, TypeView};

/// Methods that end a value's life, from their names in the standard library and in the fixes that were read.
const ENDING: &[&str] = &[
    "close",
    "stop",
    "shutdown",
    "quit",
    "kill",
    "cancel",
    "terminate",
    "exit",
    "halt",
    "destroy",
    "dispose",
    "finish",
    "disconnect",
    "teardown",
    "release",
    "end",
];

/// The receiver's signal, when its name means the receiver at all these offsets.
pub(super) fn of_receiver(
    types: &Checker<'_>,
    home: &Home,
    offsets: &[u32],
) -> Option<(Signal, Applicability)> {
    let receiver = home.decl.receiver.as_ref()?;
    let name = receiver.name.filter(|n| n.name != "_")?;
    let locals = &home.body.info.locals;
    let index = locals.iter().position(|l| l.kind == LocalKind::Receiver)?;
    let object = Object::Local(LocalId(index as u32));
    if !names::means(types, home, &name.name, object, offsets) {
        return None;
    }
    let ty = match types.view(locals[index].ty) {
        TypeView::Pointer(to) => to,
        _ => locals[index].ty,
    };
    let TypeView::Struct(fields) = types.view(types.underlying(ty)) else {
        return None;
    };
    let cancels = fields.iter().any(|(field, ty, _)| {
        let func = types.display(*ty);
        let canceller = func == "context.CancelFunc"
            || (func == "func()" && field.to_lowercase().contains("cancel"));
        canceller && ended(types, home, receiver.base.name, *field, false)
    });
    if cancels {
        let mut contexts = fields
            .iter()
            .filter(|(_, ty, _)| types.is_context(*ty) == Answer::Yes);
        // A nil context panics: somebody must have set the field.
        if let (Some((field, _, false)), None) = (contexts.next(), contexts.next())
            && given::set(types, home, receiver.base.name, *field)
        {
            let trust = match whole_life(field) {
                true => Applicability::Safe,
                false => Applicability::Unsafe,
            };
            return Some((Signal::Context(format!("{}.{field}", name.name)), trust));
        }
    }
    let stop = fields.iter().find(|(field, ty, embedded)| {
        // Only an empty element says that nothing but the close is meant.
        let TypeView::Chan(dir, elem) = types.view(types.underlying(*ty)) else {
            return false;
        };
        let empty =
            matches!(types.view(types.underlying(elem)), TypeView::Struct(f) if f.is_empty());
        dir != ChanDir::Send
            && empty
            && !embedded
            && stop_like(field)
            && (ended(types, home, receiver.base.name, *field, true)
                || heard(home, name.name, *field))
    });
    stop.map(|(field, _, _)| {
        (
            Signal::Channel(format!("{}.{field}", name.name)),
            Applicability::Safe,
        )
    })
}

/// Words of the names of contexts that are for all that a value does, besides those that say stop; `psCtx` or `dialCtx`
/// are for a part of it.
const WHOLE: &[&str] = &[
    "",
    "ctx",
    "context",
    "base",
    "root",
    "parent",
    "own",
    "life",
    "lifecycle",
    "lifetime",
    "run",
    "loop",
    "bg",
    "background",
    "main",
    "inner",
    "internal",
];

fn whole_life(name: &str) -> bool {
    let words = signal::words(name);
    words.iter().all(|word| {
        let bare = word.strip_suffix("ctx").unwrap_or(word);
        WHOLE.contains(&bare) || signal::STOP_WORDS.contains(&bare)
    })
}

/// Whether the type has a method that ends its values.
pub(super) fn has_end(types: &Checker<'_>, home: &Home, base: Name) -> bool {
    let package = types.world().package(home.package);
    package.is_some_and(|package| {
        package.funcs.iter().any(|func| {
            let lower = func.decl.name.name.to_lowercase();
            let receiver = func.decl.receiver.as_ref();
            receiver.is_some_and(|r| r.base.name == base)
                && ENDING.iter().any(|word| lower.starts_with(word))
        })
    })
}

/// Whether the function starts `go func() { <-s.field; … }()`: it does already what ends with the channel.
fn heard(home: &Home, receiver: Name, field: Name) -> bool {
    let waits = |stmt: &Stmt| {
        let StmtKind::Expr(expr) = &stmt.kind else {
            return false;
        };
        let ExprKind::Unary(UnaryOp::Receive, channel) = &expr.unparen().kind else {
            return false;
        };
        let ExprKind::Selector(base, sel) = &channel.unparen().kind else {
            return false;
        };
        sel.name == field && matches!(base.kind, ExprKind::Ident(name) if name == receiver)
    };
    let mut found = false;
    nodes::each_own(&home.body.body.block, &mut |node| {
        if let Node::Stmt(Stmt {
            kind: StmtKind::Go(call),
            ..
        }) = node
            && let ExprKind::Call(call) = &call.unparen().kind
            && let ExprKind::FuncLit(literal) = &call.fun.unparen().kind
        {
            found |= literal.body.stmts.first().is_some_and(waits);
        }
    });
    found
}

/// Whether a method that ends the value closes the channel field (or calls the cancel field).
fn ended(types: &Checker<'_>, home: &Home, base: Name, field: Name, channel: bool) -> bool {
    let Some(package) = types.world().package(home.package) else {
        return false;
    };
    package.funcs.iter().enumerate().any(|(index, func)| {
        let decl = &func.decl;
        let lower = decl.name.name.to_lowercase();
        let of_type = decl.receiver.as_ref().is_some_and(|r| r.base.name == base);
        let ending = ENDING.iter().any(|word| lower.starts_with(word));
        let candidate = of_type
            && ending
            && decl.body.is_some()
            && home.func().is_none_or(|own| own.index != index as u32);
        candidate
            && ends(
                types,
                FuncRef {
                    package: package.id,
                    index: index as u32,
                },
                field,
                channel,
            )
    })
}

fn ends(types: &Checker<'_>, func: FuncRef, field: Name, channel: bool) -> bool {
    let Some(body) = types.body(BodyRef::Func(func)) else {
        return false;
    };
    let is_field =
        |e: &Expr| matches!(&e.unparen().kind, ExprKind::Selector(_, sel) if sel.name == field);
    let mut found = false;
    nodes::each(&body.body.block, &mut |node| {
        if let Node::Expr(Expr {
            kind: ExprKind::Call(call),
            ..
        }) = node
        {
            found |= match channel {
                true => {
                    matches!(&call.fun.kind, ExprKind::Ident(name) if name == "close")
                        && call.args.first().is_some_and(is_field)
                }
                false => is_field(&call.fun),
            };
        }
        true
    });
    found && !body.body.broken
}
