//! Who starts a goroutine that runs a function or literal: a `go` statement, or a `.Go(…)` of a goroutine group,
//! directly or one call away.

use super::home::{Home, Run};
use super::nodes::{self, Node};
use crate::analyse::references;
use crate::syntax::ast::*;
use crate::types::{Checker, Object};
use std::rc::Rc;

/// Methods that run their argument in a goroutine of its own, from their documentation.
const GROUPS: &[&str] = &[
    "(*golang.org/x/sync/errgroup.Group).Go",
    "(*sync.WaitGroup).Go",
    "(*github.com/sourcegraph/conc.WaitGroup).Go",
];

/// How many calls may lie between the start and the loop: of 797 real started bodies with a loop 130 had it one call
/// away, hardly any further.
const CALLS: u32 = 1;

/// A `go` statement or call of a group.
pub(super) struct Start {
    pub(super) home: Rc<Home>,
    pub(super) site: Span,
}

/// The run that the statement at `span` belongs to: the innermost literal around it, or the function.
pub(super) fn enclosing(home: &Rc<Home>, span: Span) -> Run {
    let path = nodes::path(&home.body.body, span);
    let literal = path.iter().rev().find_map(|node| match node {
        Node::Expr(Expr {
            kind: ExprKind::FuncLit(_),
            span: at,
            ..
        }) if *at != span => Some(*at),
        _ => None,
    });
    Run {
        home: home.clone(),
        literal,
    }
}

/// All starts of the run that can be seen, in order.
pub(super) fn starts(types: &Checker<'_>, run: &Run) -> Vec<Start> {
    let mut found = Vec::new();
    of_run(types, run, CALLS, &mut found);
    found
}

fn of_run(types: &Checker<'_>, run: &Run, calls: u32, found: &mut Vec<Start>) {
    match run.literal {
        Some(literal) => of_value(types, &run.home, literal, calls, found),
        None => {
            let Some(func) = run.home.func() else { return };
            let uses = references::uses(types, func);
            for call in &uses.calls {
                if let Some(home) = Home::of(types, call.body) {
                    of_call(types, &home, call.at.span, calls, found);
                }
            }
            for (body, at) in &uses.values {
                if let Some(home) = Home::of(types, *body) {
                    of_value(types, &home, at.span, calls, found);
                }
            }
        }
    }
}

/// A call: itself started, or made by something that is.
fn of_call(types: &Checker<'_>, home: &Rc<Home>, call: Span, calls: u32, found: &mut Vec<Start>) {
    let path = nodes::path(&home.body.body, call);
    let go = path.iter().find_map(|node| match node {
        Node::Stmt(Stmt {
            kind: StmtKind::Go(e),
            span,
        }) if e.unparen().span == call => Some(*span),
        _ => None,
    });
    match go {
        Some(site) => found.push(Start {
            home: home.clone(),
            site,
        }),
        None if calls > 0 => of_run(types, &enclosing(home, call), calls - 1, found),
        None => {}
    }
}

/// A function value: called where it stands, passed to a group, or kept in a local variable that is.
fn of_value(types: &Checker<'_>, home: &Rc<Home>, value: Span, calls: u32, found: &mut Vec<Start>) {
    let path = nodes::path(&home.body.body, value);
    for node in path.iter().rev() {
        match node {
            Node::Expr(e) if e.span == value || e.unparen().span == value => {}
            Node::Expr(
                call @ Expr {
                    kind: ExprKind::Call(inner),
                    ..
                },
            ) => {
                if inner.fun.unparen().span == value {
                    // The literal's own goroutine counts, a function's call would be one further.
                    return of_call(types, home, call.span, calls.max(1), found);
                }
                let group = types
                    .callee_name(home.callee(call))
                    .is_some_and(|name| GROUPS.contains(&name.as_str()));
                if group && inner.args.iter().any(|a| a.unparen().span == value) {
                    found.push(Start {
                        home: home.clone(),
                        site: call.span,
                    });
                }
                return;
            }
            Node::Stmt(Stmt {
                kind: StmtKind::Assign(assign),
                ..
            }) => {
                let index = assign.rhs.iter().position(|r| r.unparen().span == value);
                let lhs = index
                    .filter(|_| assign.lhs.len() == assign.rhs.len())
                    .map(|i| &assign.lhs[i]);
                if let Some(Some(Object::Local(local))) = lhs.map(|l| home.object(l)) {
                    of_local(types, home, Object::Local(local), calls, found);
                }
                return;
            }
            _ => return,
        }
    }
}

/// Uses of a local that holds the function.
fn of_local(
    types: &Checker<'_>,
    home: &Rc<Home>,
    local: Object,
    calls: u32,
    found: &mut Vec<Start>,
) {
    let mut spans = Vec::new();
    nodes::each_of(&home.body.body, &mut |node| {
        if let Node::Expr(
            call @ Expr {
                kind: ExprKind::Call(inner),
                ..
            },
        ) = node
        {
            if home.object(inner.fun.unparen()) == Some(local) {
                spans.push((call.span, true));
            }
            let passed = inner
                .args
                .iter()
                .any(|a| home.object(a.unparen()) == Some(local));
            let group = passed
                && types
                    .callee_name(home.callee(call))
                    .is_some_and(|n| GROUPS.contains(&n.as_str()));
            if group {
                spans.push((call.span, false));
            }
        }
        true
    });
    for (span, called) in spans {
        match called {
            true => of_call(types, home, span, calls, found),
            false => found.push(Start {
                home: home.clone(),
                site: span,
            }),
        }
    }
}
