//! What the callers of a function pass for its context: one that never ends stops nothing, and one that is for the start
//! alone stops too early.

use super::fields;
use super::fixed;
use super::home::Home;
use super::nodes::{self, Node};
use super::origin::{self, Origin};
use crate::analyse::finding::Applicability;
use crate::analyse::references::{self, CallSite};
use crate::syntax::ast::*;
use crate::types::{Answer, Callee, Checker, LocalId, LocalKind, Object};

/// How many callers up are followed.
const DEPTH: u32 = 4;

/// How functions are called that come back when what they start runs.
const STARTING: &[&str] = &["start", "init", "open", "begin", "launch", "setup"];

/// How long a context lives, as far as the module says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// It has a deadline, or is for the start only.
    Short,
    /// Nothing ends it.
    Endless,
    /// It may end when the work is over.
    Fit,
}

/// How far the context parameter `name` of a function may be taken for the life of a loop that this very function
/// (`own`), or a goroutine of it, runs.
pub(super) fn trust(types: &Checker<'_>, home: &Home, name: &str, own: bool) -> Applicability {
    match life(types, home, name, own, DEPTH) {
        Life::Fit => Applicability::Safe,
        Life::Short | Life::Endless => Applicability::Unsafe,
    }
}

fn life(types: &Checker<'_>, home: &Home, name: &str, own: bool, depth: u32) -> Life {
    let mut locals = home.body.info.locals.iter();
    let position = locals.position(|l| l.kind == LocalKind::Param && l.name == name);
    let (Some(func), Some(local), Some(index)) = (home.func(), position, index(home, name)) else {
        return Life::Fit;
    };
    if depth == 0 || lived(types, home, LocalId(local as u32)) {
        return Life::Fit;
    }
    let uses = references::uses(types, func);
    let test = |call: &CallSite| {
        let path = types.world().path(call.at.file);
        path.to_string_lossy().ends_with("_test.go")
    };
    let lives: Vec<Life> = uses
        .calls
        .iter()
        .filter(|call| !test(call))
        .map(|call| argument(types, call, index, depth))
        .collect();
    if lives.contains(&Life::Short) {
        return Life::Short;
    }
    if lives.is_empty() {
        return match !own && start_only(types, home) {
            true => Life::Short,
            false => Life::Fit,
        };
    }
    // A function value may be called with another one.
    match uses.values.is_empty() && lives.iter().all(|life| *life == Life::Endless) {
        true => Life::Endless,
        false => Life::Fit,
    }
}

/// Where the parameter stands among the parameters.
fn index(home: &Home, name: &str) -> Option<usize> {
    let params = home.decl.signature.params.iter();
    params
        .flat_map(|param| param.names.iter())
        .position(|param| param.name == name)
}

/// Whether the function derives a context that it can cancel from its parameter: then the parameter ends last.
fn lived(types: &Checker<'_>, home: &Home, param: LocalId) -> bool {
    let mut found = false;
    nodes::each_of(&home.body.body, &mut |node| {
        if let Node::Expr(
            call @ Expr {
                kind: ExprKind::Call(inner),
                ..
            },
        ) = node
            && let Some(parent) = inner.args.first()
            && home.object(parent) == Some(Object::Local(param))
        {
            let name = types.callee_name(home.callee(call));
            found |= name.is_some_and(|name| name.starts_with("context.WithCancel"));
        }
        !found
    });
    found
}

/// Whether it is a method that only begins something, called through an interface, of a value that another method ends:
/// the contexts of such pairs are often for the call (go.uber.org/fx `Hook.OnStart`, OpenTelemetry `Component.Start`).
fn start_only(types: &Checker<'_>, home: &Home) -> bool {
    let decl = &home.decl;
    let name = decl.name.name.to_lowercase();
    let starts = STARTING.iter().any(|word| name.starts_with(word));
    let pair = decl
        .receiver
        .as_ref()
        .is_some_and(|receiver| fields::has_end(types, home, receiver.base.name));
    starts && pair && !decl.signature.results.is_empty() && fixed::satisfies(types, home).is_err()
}

/// How long the context lives that a call passes.
fn argument(types: &Checker<'_>, call: &CallSite, index: usize, depth: u32) -> Life {
    let Some(home) = Home::of(types, call.body) else {
        return Life::Fit;
    };
    let span = call.args.get(index + usize::from(call.method_expr));
    let path = span.map(|span| nodes::path(&home.body.body, *span));
    let Some(Node::Expr(arg)) = path.and_then(|path| path.last().copied()) else {
        return Life::Fit;
    };
    let origin = match home.object(arg.unparen()) {
        Some(Object::Local(local)) => match origin::of(types, &home, local) {
            Origin::Param => {
                let name = &home.body.info.locals[local.0 as usize].name;
                return life(types, &home, name, false, depth - 1);
            }
            known => known,
        },
        _ => origin::of_value(types, &home, arg, None),
    };
    match origin {
        Origin::Deadline => Life::Short,
        Origin::Never => Life::Endless,
        Origin::Other if endless_call(types, &home, arg.unparen()) => Life::Endless,
        _ => Life::Fit,
    }
}

/// Whether a function of the module makes the context from none, and from nothing that can be cancelled.
fn endless_call(types: &Checker<'_>, home: &Home, expr: &Expr) -> bool {
    let (ExprKind::Call(call), Callee::Func(func)) = (&expr.kind, home.callee(expr)) else {
        return false;
    };
    let derived = call
        .args
        .iter()
        .any(|arg| types.is_context(home.type_of(arg)) != Answer::No);
    let Some(made) = Home::of(types, crate::index::BodyRef::Func(*func)) else {
        return false;
    };
    let text = made.src(made.body.body.block.span);
    !derived
        && made.decl.receiver.is_none()
        && text.contains("context.Background()")
        && !ENDS.iter().any(|word| text.contains(word))
}

/// What a function that makes a context that ends speaks of.
const ENDS: &[&str] = &[
    "WithCancel",
    "NotifyContext",
    "signal.",
    "WithTimeout",
    "WithDeadline",
];
