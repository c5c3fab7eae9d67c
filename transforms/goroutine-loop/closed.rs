//! Whether nobody can close a channel that a loop ranges over: every use of it is in the module's own code, and each
//! only makes it, sends, receives, ranges, or asks its length.

use super::home::Home;
use super::nodes::{self, Node};
use crate::analyse::references::{self, exported};
use crate::index::{BodyRef, DeclRef, FuncRef, PackageId};
use crate::syntax::ast::*;
use crate::types::{Callee, Checker, LocalId, LocalKind, Object};
use std::collections::HashSet;

/// How many calls a channel is followed through: from where it is made to the worker that ranges over it there is
/// mostly one.
const CALLS: u32 = 3;

/// Whether the channel `subject` is provably never closed. Unknown is no. So is a local channel on which a plain
/// statement of the same function sends: with nobody left to receive, that would wait for ever in turn.
pub(super) fn never(types: &Checker<'_>, home: &Home, subject: &Expr) -> bool {
    if is_sent_to_blindly(home, subject) {
        return false;
    }
    let mut trace = Trace {
        types,
        seen: HashSet::new(),
    };
    trace.value(home, subject, CALLS)
}

fn is_sent_to_blindly(home: &Home, subject: &Expr) -> bool {
    let Some(Object::Local(local)) = home.object(subject.unparen()) else {
        return false;
    };
    let mut sends: Vec<Span> = Vec::new();
    let mut cases: Vec<Span> = Vec::new();
    nodes::each_of(&home.body.body, &mut |node| {
        if let Node::Stmt(stmt) = node {
            match &stmt.kind {
                StmtKind::Send(to, _)
                    if home.object(to.unparen()) == Some(Object::Local(local)) =>
                {
                    sends.push(stmt.span);
                }
                StmtKind::Select(clauses) if clauses.len() > 1 => {
                    let comms = clauses.iter().filter_map(|clause| clause.comm.as_ref());
                    cases.extend(comms.map(|comm| comm.span));
                }
                _ => {}
            }
        }
        true
    });
    sends.iter().any(|send| !cases.contains(send))
}

/// A place that holds the channel.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Local(BodyRef, LocalId),
    /// A field of this name, of whatever type in the package.
    Field(PackageId, Name),
    Global(PackageId, Name),
}

struct Trace<'a, 'w> {
    types: &'a Checker<'w>,
    seen: HashSet<Holder>,
}

impl Trace<'_, '_> {
    /// The channel that an expression of the body denotes.
    fn value(&mut self, home: &Home, expr: &Expr, calls: u32) -> bool {
        let expr = expr.unparen();
        match &expr.kind {
            ExprKind::Ident(_) => match home.object(expr) {
                Some(Object::Local(local)) => self.local(home, local, calls),
                Some(Object::Declared(package, DeclRef::Var(index))) => {
                    self.global(package, index, calls)
                }
                _ => false,
            },
            ExprKind::Selector(_, field) => {
                !exported(&field.name) && self.field(home.package, field.name, calls)
            }
            _ => false,
        }
    }

    fn local(&mut self, home: &Home, local: LocalId, calls: u32) -> bool {
        if !self.seen.insert(Holder::Local(home.body_ref, local)) {
            return true;
        }
        let info = &home.body.info.locals[local.0 as usize];
        let given = match info.kind {
            LocalKind::Var => true,
            LocalKind::Param => calls > 0 && self.given(home, info.decl, calls - 1),
            _ => false,
        };
        let is_it = |home: &Home, e: &Expr| home.object(e) == Some(Object::Local(local));
        given && self.uses(home, &is_it, calls)
    }

    /// What the callers pass for the parameter declared at `decl`: of the function itself, not of a literal.
    fn given(&mut self, home: &Home, decl: Span, calls: u32) -> bool {
        let params = home.decl.signature.params.iter();
        let names = params.flat_map(|p| p.names.iter().map(move |n| (n.span, p.variadic)));
        let Some((index, (_, false))) = names.enumerate().find(|(_, (span, _))| *span == decl)
        else {
            return false;
        };
        let Some(func) = home.func() else {
            return false;
        };
        let uses = references::uses(self.types, func);
        let known = uses.values.is_empty() && uses.opaque.is_empty() && !uses.calls.is_empty();
        known
            && uses.calls.iter().all(|call| {
                let Some(caller) = Home::of(self.types, call.body) else {
                    return false;
                };
                let Some(&span) = call.args.get(index).filter(|_| !call.method_expr) else {
                    return false;
                };
                let path = nodes::path(&caller.body.body, span);
                path.iter().any(|node| match node {
                    Node::Expr(e) if e.span == span => self.value(&caller, e, calls),
                    _ => false,
                })
            })
    }

    fn field(&mut self, package: PackageId, name: Name, calls: u32) -> bool {
        let is_it =
            |_: &Home, e: &Expr| matches!(&e.kind, ExprKind::Selector(_, sel) if sel.name == name);
        !self.seen.insert(Holder::Field(package, name))
            || self.package(package, name, &is_it, calls)
    }

    fn global(&mut self, package: PackageId, index: u32, calls: u32) -> bool {
        let Some(found) = self.types.world().package(package) else {
            return false;
        };
        let Some(name) = found.vars.get(index as usize).and_then(|var| {
            let names = &var.decl.names;
            names.get(var.index as usize).map(|n| n.name)
        }) else {
            return false;
        };
        let is_it = |home: &Home, e: &Expr| {
            matches!(&e.kind, ExprKind::Ident(n) if *n == name)
                && !matches!(home.object(e), Some(Object::Local(_)))
        };
        !exported(&name)
            && (!self.seen.insert(Holder::Global(package, name))
                || self.package(package, name, &is_it, calls))
    }

    /// All bodies of the package's variants that have the word.
    fn package(
        &mut self,
        id: PackageId,
        name: Name,
        is_it: &dyn Fn(&Home, &Expr) -> bool,
        calls: u32,
    ) -> bool {
        let world = self.types.world();
        world.variants(id).into_iter().all(|id| {
            let Some(package) = world.package(id) else {
                return false;
            };
            let speaks = |file: u32, span: Span| {
                let file = &package.files[file as usize];
                let text = world.text(file.id);
                text.get(span.range())
                    .is_some_and(|text| super::home::has_word(text, &name))
            };
            // A literal without keys may put any channel into a field.
            let unkeyed = package.types.iter().any(|ty| {
                has_field(&ty.decl, name)
                    && super::lifecycle::unkeyed(self.types, &package, ty.decl.name.name)
            });
            if unkeyed {
                return false;
            }
            let funcs = package.funcs.iter().enumerate().filter_map(|(i, func)| {
                let span = func.decl.body?;
                let body = BodyRef::Func(FuncRef {
                    package: id,
                    index: i as u32,
                });
                speaks(func.file, span).then_some(body)
            });
            let vars = package.vars.iter().enumerate().filter_map(|(i, var)| {
                let own = var.index == 0 && speaks(var.file, var.decl.span);
                own.then_some(BodyRef::Var(id, i as u32))
            });
            let bodies: Vec<BodyRef> = funcs.chain(vars).collect();
            !package.files.iter().any(|file| file.outline.broken)
                && bodies.into_iter().all(|body| {
                    Home::of(self.types, body).is_some_and(|home| {
                        keyed_by_make(&home, name) && self.uses(&home, is_it, calls)
                    })
                })
        })
    }

    /// Whether every expression that is the channel stands where it cannot be closed or handed out.
    fn uses(&mut self, home: &Home, is_it: &dyn Fn(&Home, &Expr) -> bool, calls: u32) -> bool {
        let mut all: Vec<Span> = Vec::new();
        let mut fine: Vec<Span> = Vec::new();
        let mut passed: Vec<(FuncRef, usize)> = Vec::new();
        nodes::each_of(&home.body.body, &mut |node| {
            match node {
                Node::Stmt(stmt) => match &stmt.kind {
                    StmtKind::Send(channel, _) => fine.push(channel.unparen().span),
                    StmtKind::Range(range) => fine.push(range.subject.unparen().span),
                    StmtKind::Assign(assign) if assign.lhs.len() == assign.rhs.len() => {
                        for (left, right) in assign.lhs.iter().zip(&assign.rhs) {
                            if nodes::is_make(home, right) {
                                fine.push(left.unparen().span);
                            }
                        }
                    }
                    _ => {}
                },
                Node::Expr(expr) => {
                    match &expr.kind {
                        ExprKind::Unary(UnaryOp::Receive, channel) => {
                            fine.push(channel.unparen().span);
                        }
                        ExprKind::Call(call) => match home.callee(expr) {
                            Callee::Builtin(name) if matches!(name.as_str(), "len" | "cap") => {
                                fine.extend(call.args.iter().map(|a| a.unparen().span));
                            }
                            Callee::Func(func) if !call.spread => {
                                for (i, arg) in call.args.iter().enumerate() {
                                    if is_it(home, arg.unparen()) {
                                        fine.push(arg.unparen().span);
                                        passed.push((*func, i));
                                    }
                                }
                            }
                            _ => {}
                        },
                        _ => {}
                    }
                    if is_it(home, expr) {
                        all.push(expr.span);
                    }
                }
            }
            true
        });
        all.iter().all(|use_| fine.contains(use_))
            && passed
                .into_iter()
                .all(|(func, index)| calls > 0 && self.parameter(home, func, index, calls - 1))
    }

    /// What a function of the module does with its parameter.
    fn parameter(&mut self, from: &Home, func: FuncRef, index: usize, calls: u32) -> bool {
        let world = self.types.world();
        let ours = func.package == from.package
            || world.module_packages(from.package).contains(&func.package);
        if !ours {
            return false;
        }
        let Some(home) = Home::of(self.types, BodyRef::Func(func)) else {
            return false;
        };
        let params = home.decl.signature.params.iter();
        let mut names = params.flat_map(|p| p.names.iter().map(move |n| (n, p.variadic)));
        let Some((name, false)) = names.nth(index) else {
            return false;
        };
        let locals = &home.body.info.locals;
        let Some(at) = locals.iter().position(|l| l.decl == name.span) else {
            return name.name == "_";
        };
        let local = LocalId(at as u32);
        if !self.seen.insert(Holder::Local(home.body_ref, local)) {
            return true;
        }
        let is_it = |home: &Home, e: &Expr| home.object(e) == Some(Object::Local(local));
        self.uses(&home, &is_it, calls)
    }
}

fn has_field(decl: &TypeDecl, name: Name) -> bool {
    match &decl.rhs.kind {
        ExprKind::StructType(fields) => fields
            .iter()
            .any(|field| field.names.iter().any(|n| n.name == name)),
        _ => false,
    }
}

/// `make(…)`: a channel of its own.
/// Whether composite literals give a field of this name only channels made there.
fn keyed_by_make(home: &Home, name: Name) -> bool {
    let mut made = true;
    nodes::each_of(&home.body.body, &mut |node| {
        if let Node::Expr(Expr {
            kind: ExprKind::Composite(_, elements),
            ..
        }) = node
        {
            for element in elements {
                let key = element.key.as_ref();
                let named =
                    key.is_some_and(|k| matches!(&k.kind, ExprKind::Ident(n) if *n == name));
                made &= !named || nodes::is_make(home, &element.value);
            }
        }
        true
    });
    made
}
