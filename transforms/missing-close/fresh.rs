//! Functions that hand out a fresh resource: every return gives one that the function itself acquired and kept nowhere
//! else, or nil. Such a function acquires like the calls of the tables do.

use super::knowledge::Knowledge;
use super::leak::nil_check;
use super::table::{ErrorResult, FixKind, Resource, Tables};
use crate::analyse::cfg::{Branch, Cfg, Edge, Step};
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::ownership::{Flow, FuncIx, Parent, Start, Tree, What, Why, follow};
use crate::analyse::recursion::Recursion;
use crate::index::{BodyRef, FuncRef};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::{Callee, CheckedBody, Checker, LocalId, LocalKind, TypeView};

/// What calls hand out, by the tables and by the bodies of functions.
pub(super) struct Suppliers<'s> {
    types: &'s Checker<'s>,
    tables: &'s Tables,
    never: &'s NeverReturns,
    known: Recursion<FuncRef, Vec<Resource>>,
}

/// What a returned value may be.
enum Given {
    Nil,
    Fresh(Resource),
}

impl<'s> Suppliers<'s> {
    /// With what other workers have found out.
    pub(super) fn new(
        types: &'s Checker<'s>,
        tables: &'s Tables,
        never: &'s NeverReturns,
    ) -> Suppliers<'s> {
        Suppliers {
            types,
            tables,
            never,
            known: Recursion::new(types.world()),
        }
    }

    /// The resources that a call hands out.
    pub(super) fn of_call(&self, tree: &Tree<'_>, call: &Expr) -> Vec<Resource> {
        let Some(callee) = tree.callee(call) else {
            return Vec::new();
        };
        let name = self.types.callee_name(callee).unwrap_or_default();
        let listed = self.tables.resources(&name);
        match callee {
            Callee::Func(func) if listed.is_empty() => self.of_func(*func),
            Callee::Interface(name) if listed.is_empty() => self.of_interface(tree, call, name),
            _ => {
                let found = listed.iter();
                found
                    .map(|resource| self.with_error(tree, call, resource))
                    .collect()
            }
        }
    }

    /// What an interface's method hands out by its name and results; the last of them is the error.
    fn of_interface(&self, tree: &Tree<'_>, call: &Expr, name: &str) -> Vec<Resource> {
        let Some(TypeView::Tuple(results)) = tree.type_of(call).map(|ty| self.types.view(ty))
        else {
            return Vec::new();
        };
        let types: Vec<String> = results.iter().map(|&ty| self.types.display(ty)).collect();
        let method = name.rsplit('.').next().unwrap_or_default();
        let found = types.iter().enumerate().filter_map(|(at, ty)| {
            let resource = self.tables.contract(method, at, ty)?;
            let same = resource.error == ErrorResult::At(types.len() - 1);
            (same && types.last().is_some_and(|last| last == "error")).then(|| Resource {
                call: name.to_owned(),
                ..resource.clone()
            })
        });
        found.collect()
    }

    /// The resource with its error result looked up in the callee's signature, where the table leaves that open.
    fn with_error(&self, tree: &Tree<'_>, call: &Expr, resource: &Resource) -> Resource {
        let mut resource = resource.clone();
        if resource.error == ErrorResult::ByType {
            let results = match tree.type_of(call).map(|ty| self.types.view(ty)) {
                Some(TypeView::Tuple(results)) => results,
                _ => Vec::new(),
            };
            let last = results.last().map(|&last| self.types.display(last));
            resource.error = match last.as_deref() {
                Some("error") => ErrorResult::At(results.len() - 1),
                _ => ErrorResult::None,
            };
        }
        resource
    }

    fn of_func(&self, func: FuncRef) -> Vec<Resource> {
        self.known.answer(func, Vec::new(), Vec::new(), |func| {
            self.supplied(*func).unwrap_or_default()
        })
    }

    fn supplied(&self, func: FuncRef) -> Option<Vec<Resource>> {
        let package = self.types.world().package(func.package)?;
        let decl = &package.funcs.get(func.index as usize)?.decl;
        let results = &decl.signature.results;
        let counts = results.iter().map(|result| result.names.len().max(1));
        let count: usize = counts.sum();
        let is_error =
            |ty: &Expr| matches!(&ty.kind, ExprKind::Ident(name) if name.as_str() == "error");
        let error = match results.last() {
            Some(last) if is_error(&last.ty) => ErrorResult::At(count - 1),
            Some(_) => ErrorResult::None,
            None => return None,
        };
        decl.body?;
        let body = self.types.body(BodyRef::Func(func))?;
        if body.body.broken {
            return None;
        }
        let names: Vec<Span> = results
            .iter()
            .flat_map(|result| &result.names)
            .map(|name| name.span)
            .collect();
        let tree = Tree::new(&body);
        let function = Function {
            suppliers: self,
            body: &body,
            tree: &tree,
            names,
            count,
            error,
            name: self.types.func_name(func),
        };
        let found = (0..count).filter(|&at| ErrorResult::At(at) != error);
        Some(found.filter_map(|at| function.result(at)).collect())
    }
}

/// One function whose results are asked about.
struct Function<'a, 's> {
    suppliers: &'s Suppliers<'s>,
    body: &'a CheckedBody,
    tree: &'s Tree<'a>,
    /// The names of its results; empty when they have none.
    names: Vec<Span>,
    count: usize,
    error: ErrorResult,
    name: String,
}

impl<'a> Function<'a, '_> {
    /// The resource that result `at` is, when it is fresh on each return.
    fn result(&self, at: usize) -> Option<Resource> {
        let mut found: Option<Resource> = None;
        let mut may_be_nil = false;
        for stmt in self.returns() {
            let StmtKind::Return(values) = &stmt.kind else {
                continue;
            };
            match self.given(values, at, stmt)? {
                Given::Nil => may_be_nil |= !self.fails(stmt, values),
                Given::Fresh(resource) => match &found {
                    None => found = Some(resource),
                    Some(known) if alike(known, &resource) => {}
                    Some(_) => return None,
                },
            }
        }
        let resource = found?;
        Some(Resource {
            call: self.name.clone(),
            result: at,
            error: self.error,
            may_be_nil: resource.may_be_nil || may_be_nil,
            ..resource
        })
    }

    fn returns(&self) -> Vec<&'a Stmt> {
        let mut found = Vec::new();
        walk_block(&self.body.body.block, &mut |node| match node {
            Node::Stmt(stmt) => {
                if matches!(stmt.kind, StmtKind::Return(_)) {
                    found.push(stmt);
                }
                true
            }
            Node::Expr(expr) => !matches!(expr.kind, ExprKind::FuncLit(_)),
        });
        found
    }

    fn given(&self, values: &'a [Expr], at: usize, stmt: &'a Stmt) -> Option<Given> {
        match values {
            // A bare return gives what the named results hold.
            [] => Some(Given::Fresh(self.held(self.named(at)?, stmt)?)),
            [call] if self.count > 1 => {
                let given = self.suppliers.of_call(self.tree, call).into_iter();
                let mut same = given.filter(|one| one.result == at && one.error == self.error);
                same.next().map(|one| Given::Fresh(self.written(one, call)))
            }
            _ => self.value(values.get(at)?, stmt),
        }
    }

    /// The named result.
    fn named(&self, at: usize) -> Option<LocalId> {
        let name = self.names.get(at)?;
        let mut locals = self.tree.info.locals.iter();
        let found = locals.position(|local| local.decl == *name)?;
        Some(LocalId(found as u32))
    }

    fn value(&self, value: &'a Expr, stmt: &'a Stmt) -> Option<Given> {
        let value = value.unparen();
        match &value.kind {
            ExprKind::Ident(name) if name.as_str() == "nil" => Some(Given::Nil),
            ExprKind::Ident(_) => {
                let resource = self.held(self.tree.local_of(value)?, stmt)?;
                Some(Given::Fresh(resource))
            }
            ExprKind::Call(_) => {
                let given = self.suppliers.of_call(self.tree, value).into_iter();
                let mut sole =
                    given.filter(|one| one.result == 0 && one.error == ErrorResult::None);
                sole.next()
                    .map(|one| Given::Fresh(self.written(one, value)))
            }
            // `resp.Body`.
            ExprKind::Selector(x, field) => {
                let mut resource = self.held(self.tree.local_of(x)?, stmt)?;
                (resource.release.accessor.take() == Some(field.name))
                    .then_some(Given::Fresh(resource))
            }
            _ => None,
        }
    }

    /// What a local holds when it is only ever given fresh resources, nothing but returns take it away, and none has
    /// been released where `stmt` returns it.
    fn held(&self, local: LocalId, stmt: &Stmt) -> Option<Resource> {
        let kind = self.tree.info.locals[local.0 as usize].kind;
        if matches!(kind, LocalKind::Param | LocalKind::Receiver) {
            return None;
        }
        let mut found: Option<Resource> = None;
        let mut acquired = None;
        let mut unchecked = false;
        let mut certain = false;
        for &target in self.tree.uses(local) {
            if !self.tree.is_assigned(target) {
                continue;
            }
            let resource = self.assigned(target)?;
            acquired = Some(target.id);
            unchecked |= self.unchecked(target, &resource, stmt);
            certain |= self.comes_by(target, stmt);
            match &found {
                None => found = Some(resource),
                Some(known) if alike(known, &resource) => {}
                Some(_) => return None,
            }
        }
        let mut resource = found?;
        resource.may_be_nil |= unchecked || !certain;
        let suppliers = self.suppliers;
        let knowledge = Knowledge::new(
            suppliers.types,
            suppliers.tables,
            &resource.release,
            suppliers.never,
        );
        let start = Start {
            owner: FuncIx(0),
            local,
            acquired,
            derived: false,
        };
        let flow = follow(
            self.tree,
            suppliers.types,
            &knowledge,
            &resource.release,
            start,
        );
        self.stays(&flow, stmt).then_some(resource)
    }

    /// The resource that the assignment to `target` gives it.
    fn assigned(&self, target: &'a Expr) -> Option<Resource> {
        let Some(Parent::Stmt(Stmt {
            kind: StmtKind::Assign(assign),
            ..
        })) = self.tree.parent(target)
        else {
            return None;
        };
        let at = assign.lhs.iter().position(|x| x.id == target.id)?;
        let (call, result) = match assign.rhs.as_slice() {
            [call] => (call, at),
            values => (values.get(at)?, 0),
        };
        let given = self.suppliers.of_call(self.tree, call).into_iter();
        let mut same = given.filter(|one| one.result == result);
        same.next().map(|one| self.written(one, call))
    }

    /// Whether `stmt` may return the value that `target` receives although the acquisition failed, and report no
    /// error.
    fn unchecked(&self, target: &Expr, resource: &Resource, stmt: &Stmt) -> bool {
        let ErrorResult::At(at) = resource.error else {
            return false;
        };
        let Some(Parent::Stmt(acquisition)) = self.tree.parent(target) else {
            return true;
        };
        let StmtKind::Assign(assign) = &acquisition.kind else {
            return true;
        };
        let Some(error) = assign.lhs.get(at).and_then(|x| self.tree.local_of(x)) else {
            return true;
        };
        let returned = match (&stmt.kind, self.error) {
            (StmtKind::Return(values), ErrorResult::At(at)) => match values.get(at) {
                Some(value) => self.tree.local_of(value),
                None => self.named(at),
            },
            _ => None,
        };
        if returned == Some(error) {
            return false;
        }
        let cfg = self.cfg();
        let (Some(from), Some(to)) = (cfg.node_at(acquisition.span), cfg.node_at(stmt.span)) else {
            return true;
        };
        let failed = |at, edge: Edge| match cfg.node(at).step {
            Step::Cond(cond) => match nil_check(self.tree, cond) {
                Some((local, is_nil)) if local == error => {
                    edge.branch == if is_nil { Branch::False } else { Branch::True }
                }
                _ => true,
            },
            _ => true,
        };
        cfg.find_path(from, failed, |at| at == to).is_some()
    }

    /// Every path to `stmt` comes by the assignment to `target`.
    fn comes_by(&self, target: &Expr, stmt: &Stmt) -> bool {
        let cfg = self.cfg();
        let (Some(by), Some(to)) = (cfg.node_at(target.span), cfg.node_at(stmt.span)) else {
            return false;
        };
        cfg.dominates(by, to)
    }

    fn cfg(&self) -> Cfg<'a> {
        let Function {
            body, suppliers, ..
        } = self;
        let never = |call: &Expr| suppliers.never.call(suppliers.types, &body.info, call);
        Cfg::new(&body.body.block, &never)
    }

    fn stays(&self, flow: &Flow, stmt: &Stmt) -> bool {
        let cfg = self.cfg();
        let Some(returned) = cfg.node_at(stmt.span).filter(|_| !cfg.broken()) else {
            return false;
        };
        flow.goroutines.is_empty()
            && flow.events.iter().all(|event| match event.what {
                What::Use | What::Look | What::Reassigned => true,
                What::Transfer(why) => why == Why::Returned,
                What::Release { deferred: true } => false,
                What::Release { deferred: false } | What::Drain => {
                    let released = cfg.node_at(event.own);
                    released.is_some_and(|node| {
                        !cfg.reach(node, |_, _| true).contains(&returned) && node != returned
                    })
                }
                What::AliasReassigned => false,
            })
    }

    /// The resource as its callers see it: how it was opened is said here.
    fn written(&self, mut resource: Resource, call: &Expr) -> Resource {
        if resource.fix == FixKind::WritableFlag {
            let file = self
                .suppliers
                .types
                .world()
                .package(match self.body.body_ref {
                    BodyRef::Func(func) => func.package,
                    BodyRef::Var(package, _) => package,
                });
            let text = file.and_then(|package| self.text(&package));
            let writable = text.is_none_or(|text| super::fix::asks_for_writing(call, &text));
            resource.fix = if writable {
                FixKind::Writable
            } else {
                FixKind::Defer
            };
        }
        resource
    }

    fn text(&self, package: &crate::index::Package) -> Option<std::sync::Arc<str>> {
        let BodyRef::Func(func) = self.body.body_ref else {
            return None;
        };
        let file = package.funcs.get(func.index as usize)?.file;
        let id = package.files.get(file as usize)?.id;
        Some(self.suppliers.types.world().text(id))
    }

    /// The return reports an error that is certainly not nil.
    fn fails(&self, stmt: &Stmt, values: &[Expr]) -> bool {
        let ErrorResult::At(at) = self.error else {
            return false;
        };
        let Some(value) = values.get(at).map(Expr::unparen) else {
            return false;
        };
        match &value.kind {
            ExprKind::Ident(name) if name.as_str() == "nil" => false,
            ExprKind::Ident(_) => match self.tree.local_of(value) {
                Some(local) => super::fix::under_check(self.tree, stmt, local),
                // A package-level error.
                None => true,
            },
            ExprKind::Call(_) => {
                let callee = self.tree.callee(value);
                let name = callee.and_then(|callee| self.suppliers.types.callee_name(callee));
                let makes =
                    name.is_some_and(|name| super::fix::MAKES_ERROR.contains(&name.as_str()));
                makes || super::fix::under_any_check(self.tree, self.suppliers.types, stmt)
            }
            ExprKind::Selector(..) | ExprKind::Composite(..) | ExprKind::Unary(..) => true,
            _ => false,
        }
    }
}

/// Both are released in the same way and matter as much.
fn alike(one: &Resource, other: &Resource) -> bool {
    one.release == other.release
        && one.fix == other.fix
        && one.disposition == other.disposition
        && one.nil_argument == other.nil_argument
}
