//! The search through the module for the uses of all functions of a name.

use super::{CallSite, DeclaredAt, Question, Uses, declared_at, without_test, word_offsets};
use crate::analyse::effort;
use crate::analyse::finding::Location;
use crate::index::{BodyRef, FileId, FuncRef, Package, PackageId};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block, walk_expr};
use crate::types::{Callee, CheckedBody, Checker, Lookup, Object};
use rustc_hash::FxHashMap;
use std::collections::HashSet;
use std::sync::Arc;

/// Bytes that are searched for a name in the time of one step.
const BYTES_A_STEP: usize = 256;

/// The uses of all functions of a name.
pub(super) struct Table {
    of: FxHashMap<DeclaredAt, Arc<Uses>>,
    /// Of a function that nothing uses.
    none: Arc<Uses>,
}

impl Table {
    pub(super) fn uses(&self, target: DeclaredAt) -> Arc<Uses> {
        Arc::clone(self.of.get(&target).unwrap_or(&self.none))
    }
}

/// What was found until now.
#[derive(Default)]
struct Found {
    of: FxHashMap<DeclaredAt, Uses>,
    /// Places that may be a use of any of the functions.
    opaque: Vec<Location>,
}

impl Found {
    fn of(&mut self, target: DeclaredAt) -> &mut Uses {
        self.of.entry(target).or_default()
    }

    fn into_table(self) -> Table {
        let opaque: Arc<[Location]> = self.opaque.into();
        let sorted = self.of.into_iter().map(|(target, mut uses)| {
            uses.calls.sort_by_key(|c| (c.at, c.lparen));
            uses.values.sort_by_key(|(_, at)| *at);
            uses.opaque = Arc::clone(&opaque);
            (target, Arc::new(uses))
        });
        Table {
            of: sorted.collect(),
            none: Arc::new(Uses {
                opaque: Arc::clone(&opaque),
                ..Uses::default()
            }),
        }
    }
}

/// Looks through `packages` for the name; the bodies that may have it are checked once for all its functions.
pub(super) fn search(types: &Checker<'_>, question: Question, packages: &[PackageId]) -> Table {
    let world = types.world();
    let mut found = Found::default();
    let mut seen = HashSet::new();
    let packages = packages.iter().filter_map(|id| world.package(*id));
    for package in packages {
        if question
            .only
            .is_some_and(|only| without_test(&package.path) != &*only)
        {
            continue;
        }
        for (index, file) in package.files.iter().enumerate() {
            if !world.may_mention(file.id, &question.name) {
                continue;
            }
            let text = world.text(file.id);
            effort::spend(1 + text.len() / BYTES_A_STEP);
            let hits = word_offsets(&text, &question.name);
            if !hits.is_empty() && seen.insert(file.id) {
                Search { types, question }.in_file(&package, index as u32, &hits, &mut found);
            }
        }
    }
    found.into_table()
}

struct Search<'a, 'w> {
    types: &'a Checker<'w>,
    question: Question,
}

impl Search<'_, '_> {
    fn in_file(&self, package: &Package, index: u32, hits: &[u32], found: &mut Found) {
        let file = &package.files[index as usize];
        let hit = |span: Span| {
            let next = hits.partition_point(|&h| h < span.start);
            hits.get(next).is_some_and(|&h| h < span.end)
        };
        effort::spend(package.funcs.len() + package.vars.len());
        for (i, func) in package.funcs.iter().enumerate() {
            let Some(span) = func.decl.body.filter(|s| func.file == index && hit(*s)) else {
                continue;
            };
            let body_ref = BodyRef::Func(FuncRef {
                package: package.id,
                index: i as u32,
            });
            match self.types.body(body_ref) {
                Some(body) if !body.body.broken => self.in_body(&body, file.id, package.id, found),
                _ => found.opaque.push(Location {
                    file: file.id,
                    span,
                }),
            }
        }
        for (i, var) in package.vars.iter().enumerate() {
            if var.file != index || var.index != 0 || !hit(var.decl.span) {
                continue;
            }
            let body_ref = BodyRef::Var(package.id, i as u32);
            match self.types.body(body_ref) {
                Some(body) if !body.body.broken => self.in_body(&body, file.id, package.id, found),
                _ => found.opaque.push(Location {
                    file: file.id,
                    span: var.decl.span,
                }),
            }
        }
        if file.outline.broken {
            found.opaque.push(Location {
                file: file.id,
                span: Span {
                    start: hits[0],
                    end: hits[0],
                },
            });
        }
    }

    fn in_body(&self, body: &CheckedBody, file: FileId, package: PackageId, found: &mut Found) {
        let mut walk = Walk {
            search: self,
            body,
            file,
            package,
            found,
        };
        effort::spend(body.body.nodes as usize);
        walk_block(&body.body.block, &mut |node| walk.enter(node));
        for value in &body.body.values {
            walk_expr(value, &mut |node| walk.enter(node));
        }
    }
}

/// What a name turned out to be.
#[derive(Clone, Copy)]
enum Match {
    Function(DeclaredAt),
    Other,
    Opaque,
}

struct Walk<'a, 's, 'w> {
    search: &'a Search<'s, 'w>,
    body: &'a CheckedBody,
    file: FileId,
    package: PackageId,
    found: &'a mut Found,
}

impl Walk<'_, '_, '_> {
    fn function(&self, func: FuncRef) -> Match {
        declared_at(self.search.types, func).map_or(Match::Other, Match::Function)
    }

    /// What an identifier or selector with the searched name refers to.
    fn resolve(&self, expr: &Expr) -> Match {
        let info = &self.body.info;
        let object = |id: NodeId| info.objects.get(id.0 as usize).copied().flatten();
        match &expr.kind {
            ExprKind::Ident(_) => match object(expr.id) {
                Some(Object::Declared(package, crate::index::DeclRef::Func(index))) => {
                    self.function(FuncRef { package, index })
                }
                Some(_) => Match::Other,
                None if self.search.question.method => Match::Other,
                None => Match::Opaque,
            },
            ExprKind::Selector(base, sel) => {
                if let ExprKind::Ident(_) = base.kind
                    && let Some(Object::Package(found)) = object(base.id)
                {
                    return self.in_package(found, sel.name);
                }
                if !self.search.question.method {
                    return Match::Other;
                }
                let ty = info
                    .types
                    .get(base.id.0 as usize)
                    .copied()
                    .unwrap_or(crate::types::TypeId::UNKNOWN);
                match self.search.types.lookup(ty, sel.name, self.package) {
                    Lookup::Method(func, _) => self.function(func),
                    Lookup::Unknown => Match::Opaque,
                    _ => Match::Other,
                }
            }
            _ => Match::Other,
        }
    }

    fn in_package(&self, package: Option<PackageId>, name: Name) -> Match {
        if self.search.question.method {
            return Match::Other;
        }
        // A package that was not found is outside the module.
        let Some(id) = package else {
            return Match::Other;
        };
        let Some(found) = self.search.types.world().package(id) else {
            return Match::Opaque;
        };
        match found.scope.get(&name) {
            Some(crate::index::DeclRef::Func(index)) => self.function(FuncRef {
                package: id,
                index: *index,
            }),
            _ => Match::Other,
        }
    }

    fn named(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Ident(name) => *name == self.search.question.name,
            ExprKind::Selector(_, sel) => sel.name == self.search.question.name,
            _ => false,
        }
    }

    fn enter(&mut self, node: Node<'_>) -> bool {
        let Node::Expr(expr) = node else {
            return true;
        };
        match &expr.kind {
            ExprKind::Call(call) => return !self.call(expr, call),
            ExprKind::FuncLit(literal) => {
                walk_block(&literal.body, &mut |node| self.enter(node));
                return false;
            }
            ExprKind::Composite(ty, elements) => {
                // A key that is a name is a field's, or a constant index.
                let parts = elements.iter().flat_map(|element| {
                    let key = element.key.as_ref();
                    let key = key.filter(|key| !matches!(key.kind, ExprKind::Ident(_)));
                    key.into_iter().chain([&element.value])
                });
                for part in ty.as_deref().into_iter().chain(parts) {
                    walk_expr(part, &mut |node| self.enter(node));
                }
                return false;
            }
            _ if self.named(expr) => self.value(expr),
            _ => {}
        }
        true
    }

    /// A name that is no call.
    fn value(&mut self, expr: &Expr) {
        let at = Location {
            file: self.file,
            span: expr.span,
        };
        match self.resolve(expr) {
            Match::Function(target) => {
                let uses = self.found.of(target);
                uses.values.push((self.body.body_ref, at));
            }
            Match::Opaque => self.found.opaque.push(at),
            Match::Other => {}
        }
    }

    /// A call of a function with the name; whether it is one.
    fn call(&mut self, expr: &Expr, call: &Call) -> bool {
        let fun = match &call.fun.unparen().kind {
            ExprKind::Index(generic, _) => generic.unparen(),
            _ => call.fun.unparen(),
        };
        let at = Location {
            file: self.file,
            span: expr.span,
        };
        if !self.named(fun) {
            return false;
        }
        let callee = crate::analyse::noreturn::callee(&self.body.info, expr.id);
        let found = match callee {
            Some(Callee::Func(func)) => self.function(*func),
            Some(Callee::Interface(_) | Callee::Builtin(_) | Callee::Conversion(_)) => Match::Other,
            _ => self.resolve(fun),
        };
        match found {
            Match::Function(target) => {
                let site = CallSite {
                    body: self.body.body_ref,
                    at,
                    name: match &fun.kind {
                        ExprKind::Selector(_, sel) => sel.span,
                        _ => fun.span,
                    },
                    lparen: call.lparen,
                    rparen: call.rparen,
                    args: call.args.iter().map(|a| a.span).collect(),
                    lone_call: call.args.len() == 1
                        && matches!(call.args[0].unparen().kind, ExprKind::Call(_)),
                    method_expr: self.method_expr(fun),
                };
                self.found.of(target).calls.push(site);
            }
            Match::Opaque => self.found.opaque.push(at),
            Match::Other => {}
        }
        if let ExprKind::Selector(base, _) = &fun.kind {
            walk_expr(base, &mut |node| self.enter(node));
        }
        for argument in &call.args {
            walk_expr(argument, &mut |node| self.enter(node));
        }
        true
    }

    /// Whether the selector's base is a type.
    fn method_expr(&self, fun: &Expr) -> bool {
        let ExprKind::Selector(base, _) = &fun.kind else {
            return false;
        };
        let mut base = base.unparen();
        while let ExprKind::Star(inner) = &base.kind {
            base = inner.unparen();
        }
        let object = self
            .body
            .info
            .objects
            .get(base.id.0 as usize)
            .copied()
            .flatten();
        match object {
            Some(Object::Declared(_, crate::index::DeclRef::Type(_))) => true,
            Some(Object::Local(local)) => self
                .body
                .info
                .locals
                .get(local.0 as usize)
                .is_some_and(|l| l.kind == crate::types::LocalKind::Type),
            _ => false,
        }
    }
}
