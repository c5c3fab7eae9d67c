//! How long a resource is needed: to the end of the iteration that acquired it, or longer.

use super::turn::{Deferred, Turn};
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::ownership::{Flow, Parent, Start, What, Why, follow};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block, walk_expr};
use crate::transforms::missing_close::Known;
use crate::types::{LocalId, TypeView};
use std::collections::HashSet;

/// How long something is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// Nothing of it is used after the iteration.
    Iteration,
    /// As far as can be seen, but a function of which nothing is known got it.
    PassedOn,
    /// It, or something made from it, is kept.
    Longer,
    /// The iteration releases it by hand as well.
    ReleasedByHand,
}

/// None when the variable cannot be followed.
pub(super) fn life(
    turn: &Turn<'_, '_>,
    deferred: &Deferred<'_>,
    never: &NeverReturns,
) -> Option<Life> {
    let types = turn.subject.types;
    let flow = |local, acquired, derived| {
        let start = Start {
            owner: turn.func,
            local,
            acquired: Some(acquired),
            derived,
        };
        Known::with_callees(types, &deferred.release, never, &|effects| {
            follow(turn.tree, types, effects, &deferred.release, start)
        })
    };
    let own = flow(deferred.local, deferred.acquired, false)?;
    let mut life = judge(&own, deferred);
    for &(local, acquired) in &deferred.cancels {
        // Whatever its users do with a context, they must be done with it when it is cancelled.
        let longer = |(_, why)| why != Why::Passed;
        let flow: Flow = flow(local, acquired, true)?;
        if flow.transfers().any(longer) {
            return Some(Life::Longer);
        }
        if flow.transfers().next().is_some() && life == Life::Iteration {
            life = Life::PassedOn;
        }
    }
    match kept(turn, deferred) {
        _ if life == Life::ReleasedByHand => Some(life),
        Some(holders) if is_used(turn, deferred, &holders) => Some(life),
        _ => Some(Life::Longer),
    }
}

/// Whether the iteration does anything with what it acquires: a file that is only opened is meant to be held (a lock,
/// a full pool), and so is one whose descriptor is asked for.
fn is_used(turn: &Turn<'_, '_>, deferred: &Deferred<'_>, holders: &HashSet<LocalId>) -> bool {
    let (mut used, mut descriptor) = (false, false);
    walk_block(turn.body, &mut |node| {
        match node {
            Node::Stmt(stmt) if std::ptr::eq(stmt, deferred.stmt) => return false,
            Node::Stmt(_) => {}
            Node::Expr(x) => {
                let holds = |x: &Expr| turn.tree.local_of(x).is_some_and(|x| holders.contains(&x));
                match &x.kind {
                    ExprKind::Binary(_, a, b) if holds(a) || holds(b) => return false,
                    ExprKind::Selector(base, method) if holds(base) => {
                        used = true;
                        descriptor |= method.name == "Fd";
                    }
                    ExprKind::Call(call) => {
                        used |= call.args.iter().any(|x| names(turn, x, holders))
                    }
                    _ => {}
                }
            }
        }
        true
    });
    used && !descriptor
}

fn judge(flow: &Flow, deferred: &Deferred<'_>) -> Life {
    let mut life = Life::Iteration;
    for event in &flow.events {
        match event.what {
            What::Use | What::Look | What::Drain | What::AliasReassigned => {}
            What::Release { deferred: true } => {}
            What::Release { deferred: false } if deferred.stmt.span.contains(event.span) => {}
            What::Release { deferred: false } => return Life::ReleasedByHand,
            What::Transfer(Why::Passed) => life = Life::PassedOn,
            What::Transfer(_) | What::Reassigned => return Life::Longer,
        }
    }
    life
}

/// The locals of the iteration that hold the resource or something made from it. None when something that may hold it
/// is stored outside the iteration. Coarse on purpose: whatever is assigned from an expression that names one of them
/// may hold it, unless its type cannot.
pub(super) fn kept(turn: &Turn<'_, '_>, deferred: &Deferred<'_>) -> Option<HashSet<LocalId>> {
    let cancels = deferred.cancels.iter().map(|(local, _)| *local);
    let mut holders: HashSet<LocalId> = cancels.chain([deferred.local]).collect();
    if !holders.iter().all(|local| is_of(turn, *local)) {
        return None;
    }
    loop {
        let before = holders.len();
        let mut lost = false;
        walk_block(turn.body, &mut |node| {
            if let Node::Stmt(stmt) = node {
                lost |= !assigned(turn, deferred, stmt, &mut holders);
            }
            !lost
        });
        if lost {
            return None;
        }
        if holders.len() == before {
            return (!runs_later(turn, deferred, &holders)).then_some(holders);
        }
    }
}

/// Whether a goroutine or a literal that is not called in place names a holder: it may run after the iteration, also
/// when the function waits for it before it returns.
fn runs_later(turn: &Turn<'_, '_>, deferred: &Deferred<'_>, holders: &HashSet<LocalId>) -> bool {
    let mut found = false;
    walk_block(turn.body, &mut |node| {
        let later = match node {
            Node::Stmt(stmt) if std::ptr::eq(stmt, deferred.stmt) => return false,
            Node::Stmt(Stmt {
                kind: StmtKind::Go(call),
                ..
            }) => Some(call),
            Node::Expr(x) => match &x.kind {
                ExprKind::FuncLit(_) if !called_in_place(turn, x) => Some(x),
                _ => None,
            },
            Node::Stmt(_) => None,
        };
        found |= later.is_some_and(|x| names(turn, x, holders));
        !found
    });
    found
}

fn called_in_place(turn: &Turn<'_, '_>, literal: &Expr) -> bool {
    let Some(Parent::Expr(outer)) = turn.tree.parent(literal) else {
        return false;
    };
    let is_called = matches!(&outer.kind, ExprKind::Call(call) if call.fun.id == literal.id);
    is_called
        && !matches!(turn.tree.parent(outer), Some(Parent::Stmt(stmt)) if matches!(stmt.kind, StmtKind::Defer(_)))
}

/// Adds what a statement assigns from holders; false when that is not of the iteration.
fn assigned(
    turn: &Turn<'_, '_>,
    deferred: &Deferred<'_>,
    stmt: &Stmt,
    holders: &mut HashSet<LocalId>,
) -> bool {
    let into = |to: &Expr, holders: &mut HashSet<LocalId>| {
        if is_blank(to)
            || turn
                .tree
                .type_of(to)
                .is_some_and(|ty| holds_nothing(turn, ty))
        {
            return true;
        }
        match turn.target(to) {
            Some(local) if is_of(turn, local) => {
                holders.insert(local);
                true
            }
            _ => false,
        }
    };
    match &stmt.kind {
        StmtKind::Assign(assign) => {
            // What the acquiring call returns besides (an error, a context) is not the resource.
            let acquires = assign.lhs.iter().any(|to| to.id == deferred.acquired);
            let pairs = assign.lhs.len() == assign.rhs.len();
            for (at, to) in assign.lhs.iter().enumerate() {
                let from = match pairs {
                    true => &assign.rhs[at..=at],
                    false => &assign.rhs[..],
                };
                let held = from.iter().any(|x| names(turn, x, holders));
                if held && !acquires && !into(to, holders) {
                    return false;
                }
            }
            true
        }
        StmtKind::Range(range) if names(turn, &range.subject, holders) => {
            let mut targets = range.key.iter().chain(&range.value);
            targets.all(|to| into(to, holders))
        }
        StmtKind::Decl(decls) => decls.iter().all(|decl| match decl {
            Decl::Var(spec) if spec.values.iter().any(|x| names(turn, x, holders)) => {
                let locals = spec
                    .names
                    .iter()
                    .filter_map(|name| turn.tree.local(name.id));
                locals.for_each(|local| {
                    holders.insert(local);
                });
                true
            }
            _ => true,
        }),
        StmtKind::Send(_, value) => !names(turn, value, holders),
        StmtKind::TypeSwitch(it) => !names(turn, &it.subject, holders),
        _ => true,
    }
}

fn is_blank(x: &Expr) -> bool {
    matches!(x.kind, ExprKind::Ident(name) if name == "_")
}

/// Whether the expression names one of the locals anywhere.
pub(super) fn names(turn: &Turn<'_, '_>, x: &Expr, locals: &HashSet<LocalId>) -> bool {
    let mut found = false;
    walk_expr(x, &mut |node| {
        if let Node::Expr(x) = node
            && let Some(local) = turn.tree.local_of(x)
        {
            found |= locals.contains(&local);
        }
        !found
    });
    found
}

fn is_of(turn: &Turn<'_, '_>, local: LocalId) -> bool {
    let it = &turn.tree.info.locals[local.0 as usize];
    turn.body.span.contains(it.decl)
}

/// Values of predeclared types, errors, and slices and maps of them hold no resource.
fn holds_nothing(turn: &Turn<'_, '_>, ty: crate::types::TypeId) -> bool {
    let types = turn.subject.types;
    if types.display(ty) == "error" {
        return true;
    }
    match types.view(types.underlying(ty)) {
        TypeView::Basic(name) => name != "unsafe.Pointer",
        TypeView::Slice(of) | TypeView::Array(of) => holds_nothing(turn, of),
        TypeView::Map(key, value) => holds_nothing(turn, key) && holds_nothing(turn, value),
        TypeView::Struct(fields) => fields
            .iter()
            .all(|(_, ty, _)| holds_nothing_flat(turn, *ty)),
        _ => false,
    }
}

/// As [`holds_nothing`], one level of a struct deep: types may be recursive.
fn holds_nothing_flat(turn: &Turn<'_, '_>, ty: crate::types::TypeId) -> bool {
    let types = turn.subject.types;
    matches!(types.view(types.underlying(ty)), TypeView::Basic(name) if name != "unsafe.Pointer")
        || types.display(ty) == "error"
}
