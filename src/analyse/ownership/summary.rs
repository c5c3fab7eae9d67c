//! What a function of the module does with one of its parameters, from its body.

use super::flow::{Start, What, Why, follow};
use super::tree::{FuncIx, Parent, Tree};
use super::{Effect, Effects, Release};
use crate::index::{BodyRef, FuncRef};
use crate::syntax::ast::{Expr, ExprKind, FuncDecl, Name, Param, Span};
use crate::types::{CheckedBody, Checker, LocalId};

/// Follows the parameter that receives argument `index`. None when the body is not known or does not parse, or when
/// the parameter goes somewhere it cannot be followed: the caller must then assume anything.
pub fn parameter(
    types: &Checker<'_>,
    effects: &dyn Effects,
    release: &Release,
    func: FuncRef,
    index: usize,
) -> Option<Effect> {
    let body = types.body(BodyRef::Func(func))?;
    if body.body.broken {
        return None;
    }
    let package = types.world().package(func.package)?;
    let decl = &package.funcs.get(func.index as usize)?.decl;
    decl.body?;
    match parameter_name(decl, index)? {
        None => Some(Effect::Borrows),
        Some(name) => {
            let local = local_declared_at(&body, name)?;
            effect_on(types, effects, release, &body, local)
        }
    }
}

/// Whether a method's body releases this field of its receiver (`func (r *Response) Close() { r.Conn.Close() }`). None
/// when the body is not known or does not parse.
pub fn releases_field(
    types: &Checker<'_>,
    release: &Release,
    method: FuncRef,
    field: Name,
) -> Option<bool> {
    let body = types.body(BodyRef::Func(method))?;
    let package = types.world().package(method.package)?;
    let receiver = &package.funcs.get(method.index as usize)?.decl.receiver;
    let Some(name) = receiver.as_ref()?.name.as_ref() else {
        return Some(false);
    };
    if body.body.broken {
        return None;
    }
    let receiver = local_declared_at(&body, name.span)?;
    let tree = Tree::new(&body);
    let releases = |x: &&Expr| {
        let of_field = selected(&tree, x, |name| name == field)?;
        let method = selected(&tree, of_field, |name| release.methods.contains(&name))?;
        match tree.parent(method)? {
            Parent::Expr(call) => {
                matches!(&call.kind, ExprKind::Call(it) if it.fun.id == method.id).then_some(())
            }
            _ => None,
        }
    };
    Some(tree.uses(receiver).iter().any(|x| releases(x).is_some()))
}

/// The selector `x.name` around `x`, when its name fits.
fn selected<'a>(tree: &Tree<'a>, x: &Expr, fits: impl Fn(Name) -> bool) -> Option<&'a Expr> {
    match tree.parent(x)? {
        Parent::Expr(outer) => match &outer.kind {
            ExprKind::Selector(_, name) if fits(name.name) => Some(outer),
            _ => None,
        },
        _ => None,
    }
}

/// The local that receives argument `index`; none when it has no name or is variadic.
pub fn parameter_local(
    types: &Checker<'_>,
    func: FuncRef,
    body: &CheckedBody,
    index: usize,
) -> Option<LocalId> {
    let package = types.world().package(func.package)?;
    let decl = &package.funcs.get(func.index as usize)?.decl;
    local_declared_at(body, parameter_name(decl, index)??)
}

/// The name of the parameter that receives argument `index`: none when it has no name or is blank. The outer none
/// stands for a variadic parameter, which is a slice of its arguments.
fn parameter_name(decl: &FuncDecl, index: usize) -> Option<Option<Span>> {
    let mut at = 0;
    for param in &decl.signature.params {
        let Param {
            names, variadic, ..
        } = param;
        let count = names.len().max(1);
        if index < at + count {
            if *variadic {
                return None;
            }
            let name = names.get(index - at);
            return Some(
                name.filter(|name| name.name.as_str() != "_")
                    .map(|name| name.span),
            );
        }
        at += count;
    }
    None
}

fn local_declared_at(body: &CheckedBody, name: Span) -> Option<LocalId> {
    let found = body.info.locals.iter().position(|local| local.decl == name);
    found.map(|ix| LocalId(ix as u32))
}

fn effect_on(
    types: &Checker<'_>,
    effects: &dyn Effects,
    release: &Release,
    body: &CheckedBody,
    local: LocalId,
) -> Option<Effect> {
    let tree = Tree::new(body);
    let flow = follow(
        &tree,
        types,
        effects,
        release,
        Start {
            owner: FuncIx(0),
            local,
            acquired: None,
            derived: false,
        },
    );
    if !flow.goroutines.is_empty() {
        return None;
    }
    let mut effect = Effect::Borrows;
    for event in &flow.events {
        let found = match event.what {
            What::Use | What::Look => Effect::Borrows,
            // Another value in the parameter is the function's own affair.
            What::Reassigned | What::AliasReassigned => Effect::Borrows,
            What::Drain => Effect::Borrows,
            What::Release { .. } => Effect::Takes,
            What::Transfer(Why::Returned) => Effect::Wraps,
            What::Transfer(Why::Passed | Why::Lost | Why::Captured) => return None,
            What::Transfer(_) => Effect::Takes,
        };
        effect = effect.max(found);
    }
    Some(effect)
}
