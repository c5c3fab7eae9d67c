//! Who in the module calls a function, and who uses it as a value.
//!
//! Found by text first: only bodies that contain the function's name are looked into. Whatever the checker could not
//! resolve and that may be the function is kept as `opaque`: a caller that changes a signature must have none.

use crate::index::{BodyRef, FileId, FuncRef, Package, PackageId};
use crate::syntax::ast::*;
use crate::types::{Callee, CheckedBody, Checker, Lookup, Object};
use memchr::memmem;
use rustc_hash::FxHashMap;
use std::collections::HashSet;
use std::sync::{Arc, RwLock};

use super::effort;
use super::finding::Location;

/// Bytes that are searched for a name in the time of one step.
const BYTES_A_STEP: usize = 256;

/// A call of a function.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// The body it stands in.
    pub body: BodyRef,
    /// The whole call.
    pub at: Location,
    /// The called function's name, without a qualifier.
    pub name: Span,
    /// Offset of `(`.
    pub lparen: u32,
    /// Offset of `)`.
    pub rparen: u32,
    /// Where each argument stands.
    pub args: Vec<Span>,
    /// The only argument is itself a call: it may pass several values.
    pub lone_call: bool,
    /// It is the operand of a method expression call (`T.m(x)`): the receiver is the first argument.
    pub method_expr: bool,
}

/// All uses of a function in its module.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    /// Calls, `go` and `defer` statements among them.
    pub calls: Vec<CallSite>,
    /// Uses as a value, and the body each stands in.
    pub values: Vec<(BodyRef, Location)>,
    /// Places that name it, or may, and could not be understood.
    pub opaque: Vec<Location>,
}

/// A function by where it is declared: the same in every variant of its package.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct DeclaredAt {
    /// The file.
    pub file: FileId,
    /// The name.
    pub name: Span,
}

/// Where a function is declared; none for one that the index does not hold.
pub fn declared_at(types: &Checker<'_>, func: FuncRef) -> Option<DeclaredAt> {
    let package = types.world().package(func.package)?;
    let declared = package.funcs.get(func.index as usize)?;
    let file = package.files.get(declared.file as usize)?.id;
    Some(DeclaredAt {
        file,
        name: declared.decl.name.span,
    })
}

/// What was searched for already, and how many steps that took.
#[derive(Default)]
struct Known(RwLock<FxHashMap<FuncRef, (Arc<Uses>, u64)>>);

/// All uses of `func` in the module it is declared in, in file and source order. Searched for once in a run.
pub fn uses(types: &Checker<'_>, func: FuncRef) -> Arc<Uses> {
    let known = types.world().memo::<Known>();
    let found = known
        .0
        .read()
        .ok()
        .and_then(|known| known.get(&func).cloned());
    let (found, steps) = found.unwrap_or_else(|| {
        let (found, steps) = effort::counted(effort::LIMIT, || search(types, func));
        let found = Arc::new(found.unwrap_or_else(|| Uses::not_searched(types, func)));
        if let Ok(mut known) = known.0.write() {
            known.insert(func, (Arc::clone(&found), steps));
        }
        (found, steps)
    });
    effort::share(("uses", func), steps);
    found
}

impl Uses {
    /// What is said where a search takes too long: the declaration itself is a place that was not understood.
    fn not_searched(types: &Checker<'_>, func: FuncRef) -> Uses {
        let declared = declared_at(types, func);
        let opaque = declared.map(|declared| Location {
            file: declared.file,
            span: declared.name,
        });
        Uses {
            opaque: opaque.into_iter().collect(),
            ..Uses::default()
        }
    }
}

fn search(types: &Checker<'_>, func: FuncRef) -> Uses {
    let mut uses = Uses::default();
    let world = types.world();
    let (Some(home), Some(target)) = (world.package(func.package), declared_at(types, func)) else {
        return uses;
    };
    let decl = &home.funcs[func.index as usize].decl;
    let search = Search {
        types,
        target,
        name: decl.name.name,
        method: decl.receiver.is_some(),
    };
    let local = !exported(&decl.name.name);
    let mut packages = world.module_packages(func.package);
    if !packages.contains(&func.package) {
        packages.insert(0, func.package);
    }
    let mut seen = HashSet::new();
    for id in packages {
        let Some(package) = world.package(id) else {
            continue;
        };
        if local && package.path.trim_end_matches("_test") != home.path.trim_end_matches("_test") {
            continue;
        }
        for (index, file) in package.files.iter().enumerate() {
            if !world.may_mention(file.id, &search.name) {
                continue;
            }
            let text = world.text(file.id);
            effort::spend(1 + text.len() / BYTES_A_STEP);
            let hits = word_offsets(&text, &search.name);
            if !hits.is_empty() && seen.insert(file.id) {
                search.in_file(&package, index as u32, &hits, &mut uses);
            }
        }
    }
    uses.calls.sort_by_key(|c| (c.at, c.lparen));
    uses.values.sort_by_key(|(_, at)| *at);
    uses
}

/// Whether a name is exported (Go spec "Exported identifiers").
pub fn exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

/// Where `word` stands in `text` as a whole identifier.
pub fn word_offsets(text: &str, word: &str) -> Vec<u32> {
    let ident = |c: char| c == '_' || c.is_alphanumeric();
    memmem::find_iter(text.as_bytes(), word)
        .filter(|at| {
            !text[..*at].chars().next_back().is_some_and(ident)
                && !text[at + word.len()..].chars().next().is_some_and(ident)
        })
        .map(|at| at as u32)
        .collect()
}

struct Search<'a, 'w> {
    types: &'a Checker<'w>,
    target: DeclaredAt,
    name: Name,
    method: bool,
}

impl Search<'_, '_> {
    fn in_file(&self, package: &Package, index: u32, hits: &[u32], uses: &mut Uses) {
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
                Some(body) if !body.body.broken => self.in_body(&body, file.id, package.id, uses),
                _ => uses.opaque.push(Location {
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
                Some(body) if !body.body.broken => self.in_body(&body, file.id, package.id, uses),
                _ => uses.opaque.push(Location {
                    file: file.id,
                    span: var.decl.span,
                }),
            }
        }
        if file.outline.broken {
            uses.opaque.push(Location {
                file: file.id,
                span: Span {
                    start: hits[0],
                    end: hits[0],
                },
            });
        }
    }

    fn in_body(&self, body: &CheckedBody, file: FileId, package: PackageId, uses: &mut Uses) {
        let mut walk = Walk {
            search: self,
            body,
            file,
            package,
            uses,
        };
        effort::spend(body.body.nodes as usize);
        walk.block(&body.body.block);
        body.body.values.iter().for_each(|value| walk.expr(value));
    }
}

/// What a name turned out to be.
#[derive(PartialEq, Clone, Copy)]
enum Match {
    Target,
    Other,
    Opaque,
}

struct Walk<'a, 's, 'w> {
    search: &'a Search<'s, 'w>,
    body: &'a CheckedBody,
    file: FileId,
    package: PackageId,
    uses: &'a mut Uses,
}

impl Walk<'_, '_, '_> {
    fn is_target(&self, func: FuncRef) -> Match {
        match declared_at(self.search.types, func) == Some(self.search.target) {
            true => Match::Target,
            false => Match::Other,
        }
    }

    /// What an identifier or selector with the searched name refers to.
    fn resolve(&self, expr: &Expr) -> Match {
        let info = &self.body.info;
        let object = |id: NodeId| info.objects.get(id.0 as usize).copied().flatten();
        match &expr.kind {
            ExprKind::Ident(_) => match object(expr.id) {
                Some(Object::Declared(package, crate::index::DeclRef::Func(index))) => {
                    self.is_target(FuncRef { package, index })
                }
                Some(_) => Match::Other,
                None if self.search.method => Match::Other,
                None => Match::Opaque,
            },
            ExprKind::Selector(base, sel) => {
                if let ExprKind::Ident(_) = base.kind
                    && let Some(Object::Package(found)) = object(base.id)
                {
                    return self.in_package(found, sel.name);
                }
                if !self.search.method {
                    return Match::Other;
                }
                let ty = info
                    .types
                    .get(base.id.0 as usize)
                    .copied()
                    .unwrap_or(crate::types::TypeId::UNKNOWN);
                match self.search.types.lookup(ty, sel.name, self.package) {
                    Lookup::Method(func, _) => self.is_target(func),
                    Lookup::Unknown => Match::Opaque,
                    _ => Match::Other,
                }
            }
            _ => Match::Other,
        }
    }

    fn in_package(&self, package: Option<PackageId>, name: Name) -> Match {
        if self.search.method {
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
            Some(crate::index::DeclRef::Func(index)) => self.is_target(FuncRef {
                package: id,
                index: *index,
            }),
            _ => Match::Other,
        }
    }

    fn named(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Ident(name) => *name == self.search.name,
            ExprKind::Selector(_, sel) => sel.name == self.search.name,
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
                Some(Callee::Func(func)) => self.is_target(*func),
                Some(Callee::Interface(_) | Callee::Builtin(_) | Callee::Conversion(_)) => {
                    Match::Other
                }
                _ => self.resolve(fun),
            };
            match found {
                Match::Target => self.uses.calls.push(CallSite {
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
                }),
                Match::Opaque => self.uses.opaque.push(at),
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
                Match::Target => self.uses.values.push((self.body.body_ref, at)),
                Match::Opaque => self.uses.opaque.push(at),
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
