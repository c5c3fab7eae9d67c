//! The search through the module for the uses of all functions of a name.

use super::{CallSite, DeclaredAt, Question, Uses, declared_at, without_test, word_offsets};
use crate::analyse::effort;
use crate::analyse::finding::Location;
use crate::index::{BodyRef, FileId, FuncRef, Package, PackageId};
use crate::syntax::ast::*;
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
        walk.block(&body.body.block);
        body.body.values.iter().for_each(|value| walk.expr(value));
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

    fn call(&mut self, expr: &Expr, call: &Call) {
        let fun = match &call.fun.unparen().kind {
            ExprKind::Index(generic, _) => generic.unparen(),
            _ => call.fun.unparen(),
        };
        let at = Location {
            file: self.file,
            span: expr.span,
        };
        if self.named(fun) {
            let callee = crate::analyse::noreturn::callee(&self.body.info, expr.id);
            let found = match callee {
                Some(Callee::Func(func)) => self.function(*func),
                Some(Callee::Interface(_) | Callee::Builtin(_) | Callee::Conversion(_)) => {
                    Match::Other
                }
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
                self.expr(base);
            }
        } else {
            self.expr(&call.fun);
        }
        call.args.iter().for_each(|a| self.expr(a));
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

    fn expr(&mut self, expr: &Expr) {
        if let ExprKind::Call(call) = &expr.kind {
            return self.call(expr, call);
        }
        if self.named(expr) {
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
        if let ExprKind::Composite(ty, elements) = &expr.kind {
            // A key is a field name, or a constant index: only an operand when its object is known.
            ty.iter().for_each(|t| self.expr(t));
            for element in elements {
                if let Some(key) = &element.key
                    && !matches!(key.kind, ExprKind::Ident(_))
                {
                    self.expr(key);
                }
                self.expr(&element.value);
            }
            return;
        }
        children(expr, &mut |child| match child {
            Child::Expr(e) => self.expr(e),
            Child::Block(b) => b.stmts.iter().for_each(|s| self.stmt(s)),
        });
    }

    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|s| self.stmt(s));
    }

    fn cases(&mut self, cases: &[CaseClause]) {
        for case in cases {
            case.exprs.iter().for_each(|e| self.expr(e));
            self.block(&case.body);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) | StmtKind::IncDec(e) | StmtKind::Go(e) | StmtKind::Defer(e) => {
                self.expr(e)
            }
            StmtKind::Send(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            StmtKind::Assign(a) => a.lhs.iter().chain(&a.rhs).for_each(|e| self.expr(e)),
            StmtKind::Return(list) => list.iter().for_each(|e| self.expr(e)),
            StmtKind::Block(b) => self.block(b),
            StmtKind::If(i) => {
                i.init.iter().for_each(|s| self.stmt(s));
                self.expr(&i.cond);
                self.block(&i.then);
                i.els.iter().for_each(|s| self.stmt(s));
            }
            StmtKind::Switch(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                s.tag.iter().for_each(|e| self.expr(e));
                self.cases(&s.cases);
            }
            StmtKind::TypeSwitch(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                self.expr(&s.subject);
                self.cases(&s.cases);
            }
            StmtKind::Select(cases) => {
                for case in cases {
                    case.comm.iter().for_each(|s| self.stmt(s));
                    self.block(&case.body);
                }
            }
            StmtKind::For(f) => {
                f.init.iter().for_each(|s| self.stmt(s));
                f.cond.iter().for_each(|e| self.expr(e));
                f.post.iter().for_each(|s| self.stmt(s));
                self.block(&f.body);
            }
            StmtKind::Range(r) => {
                r.key.iter().chain(&r.value).for_each(|e| self.expr(e));
                self.expr(&r.subject);
                self.block(&r.body);
            }
            StmtKind::Labeled(_, inner) => self.stmt(inner),
            StmtKind::Decl(decls) => {
                for decl in decls {
                    if let Decl::Var(spec) = decl {
                        spec.values.iter().for_each(|e| self.expr(e));
                    }
                }
            }
            StmtKind::Bad
            | StmtKind::Empty
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Goto(_)
            | StmtKind::Fallthrough => {}
        }
    }
}

enum Child<'a> {
    Expr(&'a Expr),
    Block(&'a Block),
}

/// Operands of an expression that is neither a call nor a composite literal; types have none that matter.
fn children<'a>(expr: &'a Expr, see: &mut dyn FnMut(Child<'a>)) {
    match &expr.kind {
        ExprKind::Paren(e)
        | ExprKind::Selector(e, _)
        | ExprKind::Star(e)
        | ExprKind::Unary(_, e) => see(Child::Expr(e)),
        ExprKind::Index(e, list) => {
            see(Child::Expr(e));
            list.iter().for_each(|e| see(Child::Expr(e)));
        }
        ExprKind::Slice(e, bounds) => {
            see(Child::Expr(e));
            bounds.iter().flatten().for_each(|e| see(Child::Expr(e)));
        }
        ExprKind::TypeAssert(e, _) => see(Child::Expr(e)),
        ExprKind::Binary(_, a, b) => {
            see(Child::Expr(a));
            see(Child::Expr(b));
        }
        ExprKind::FuncLit(lit) => see(Child::Block(&lit.body)),
        _ => {}
    }
}
