//! A statement that puts something into a package-level variable: `x = append(x, …)`, `m[k] = v`, `m[k]++`,
//! `m.Store(k, v)` of a `sync.Map`, `b.WriteString(s)` of a buffer.

use super::keys;
use crate::analyse::finding::Location;
use crate::analyse::ownership::{FuncIx, Tree};
use crate::analyse::transform::Subject;
use crate::index::{DeclRef, PackageId};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::{Checker, Object, TypeId, TypeView};

/// What a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Appended to.
    Slice,
    /// Inserted into.
    Map,
    /// A `sync.Map`.
    SyncMap,
    /// A `bytes.Buffer` or `strings.Builder`, written to.
    Buffer,
}

/// A package-level variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) package: PackageId,
    pub(super) index: u32,
    pub(super) name: Name,
}

/// A growing statement.
pub(super) struct Growth<'a> {
    pub(super) stmt: &'a Stmt,
    pub(super) variable: Variable,
    pub(super) kind: Kind,
    /// The variable as it is written here.
    pub(super) shown: String,
    /// Where it is declared.
    pub(super) declared: Location,
    /// It is asked before whether the key is there: what grows may be a cache.
    pub(super) guarded: bool,
    /// Nothing limits what it is filled with: an element more each time, or a key that is new each time.
    pub(super) endless: bool,
    /// What is put into it.
    pub(super) value: Option<&'a Expr>,
}

/// The name of the variable that a statement may put something into, by syntax alone.
pub(super) fn name(stmt: &Stmt) -> Option<Name> {
    let Parts { target, .. } = parts(stmt)?;
    match &target.kind {
        ExprKind::Ident(name) => Some(*name),
        ExprKind::Selector(package, name) => {
            matches!(package.kind, ExprKind::Ident(_)).then_some(name.name)
        }
        _ => None,
    }
}

/// What a growing statement is made of.
struct Parts<'a> {
    target: &'a Expr,
    key: Option<&'a Expr>,
    value: Option<&'a Expr>,
    /// What the target has to be.
    fits: fn(Kind) -> bool,
}

fn parts(stmt: &Stmt) -> Option<Parts<'_>> {
    let inserts = |target, key, value| Parts {
        target,
        key,
        value,
        fits: |kind| kind == Kind::Map,
    };
    match &stmt.kind {
        StmtKind::Assign(Assign { lhs, rhs, op }) if lhs.len() == 1 && rhs.len() == 1 => {
            if let ExprKind::Index(map, keys) = &lhs[0].kind {
                return Some(inserts(map, keys.first(), Some(&rhs[0])));
            }
            let ExprKind::Call(call) = &rhs[0].unparen().kind else {
                return None;
            };
            let appends = matches!(&call.fun.kind, ExprKind::Ident(name) if *name == "append");
            let same = same_name(&lhs[0], call.args.first()?);
            (appends && same && *op == AssignOp::Assign).then(|| Parts {
                target: &lhs[0],
                key: None,
                value: call.args.get(1),
                fits: |kind| kind == Kind::Slice,
            })
        }
        StmtKind::IncDec(x) => match &x.kind {
            ExprKind::Index(map, keys) => Some(inserts(map, keys.first(), None)),
            _ => None,
        },
        StmtKind::Expr(x) => match &x.kind {
            ExprKind::Call(call) => of_call(call),
            _ => None,
        },
        _ => None,
    }
}

/// `m.Store(k, v)`, `b.WriteString(s)`, `fmt.Fprintln(&b, s)`.
fn of_call(call: &Call) -> Option<Parts<'_>> {
    let ExprKind::Selector(base, method) = &call.fun.kind else {
        return None;
    };
    let written = |target| Parts {
        target,
        key: None,
        value: None,
        fits: |kind| kind == Kind::Buffer,
    };
    match method.name.as_str() {
        "Store" | "LoadOrStore" if call.args.len() == 2 => Some(Parts {
            target: base,
            key: call.args.first(),
            value: call.args.get(1),
            fits: |kind| kind == Kind::SyncMap,
        }),
        name if WRITES.contains(&name) => Some(written(base)),
        "Fprint" | "Fprintf" | "Fprintln" => match &call.args.first()?.kind {
            ExprKind::Unary(UnaryOp::Address, buffer) => Some(written(buffer)),
            _ => None,
        },
        _ => None,
    }
}

/// Methods of `bytes.Buffer` and `strings.Builder` that add to it.
pub(super) const WRITES: &[&str] = &["Write", "WriteByte", "WriteRune", "WriteString"];

/// Whether both are the same name or the same qualified name.
pub(super) fn same_name(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Ident(a), ExprKind::Ident(b)) => a == b,
        (ExprKind::Selector(p, a), ExprKind::Selector(q, b)) => a.name == b.name && same_name(p, q),
        _ => false,
    }
}

/// The package-level variable that an expression names.
pub(super) fn variable(types: &Checker<'_>, tree: &Tree<'_>, expr: &Expr) -> Option<Variable> {
    let object = |id: NodeId| tree.info.objects.get(id.0 as usize).copied().flatten();
    match &expr.kind {
        ExprKind::Ident(name) => match object(expr.id)? {
            Object::Declared(package, DeclRef::Var(index)) => Some(Variable {
                package,
                index,
                name: *name,
            }),
            _ => None,
        },
        ExprKind::Selector(base, name) => {
            let (ExprKind::Ident(_), Object::Package(Some(package))) =
                (&base.kind, object(base.id)?)
            else {
                return None;
            };
            match types.world().package(package)?.scope.get(&name.name)? {
                DeclRef::Var(index) => Some(Variable {
                    package,
                    index: *index,
                    name: name.name,
                }),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Where a variable is declared: the same in every variant of its package.
pub(super) fn declared(types: &Checker<'_>, variable: Variable) -> Option<Location> {
    let package = types.world().package(variable.package)?;
    let declared = package.vars.get(variable.index as usize)?;
    let file = package.files.get(declared.file as usize)?.id;
    let name = declared.decl.names.get(declared.index as usize)?;
    Some(Location {
        file,
        span: name.span,
    })
}

impl<'a> Growth<'a> {
    pub(super) fn new(subject: &Subject<'_>, tree: &Tree<'a>, at: Span) -> Option<Growth<'a>> {
        let body = tree.func(FuncIx(0)).block;
        let stmt = find(body, at)?;
        let Parts {
            target,
            key,
            value,
            fits,
        } = parts(stmt)?;
        let types = subject.types;
        let variable = variable(types, tree, target)?;
        let kind = kind(types, tree.type_of(target)?)?;
        if !fits(kind) {
            return None;
        }
        let text = subject.world.text(subject.file);
        Some(Growth {
            stmt,
            variable,
            kind,
            shown: text[target.span.range()].to_owned(),
            declared: declared(types, variable)?,
            guarded: key.is_some() && asks(body, target),
            endless: key.is_none_or(|key| keys::is_new_each_time(types, tree, key)),
            value,
        })
    }
}

fn kind(types: &Checker<'_>, ty: TypeId) -> Option<Kind> {
    match types.display(ty).as_str() {
        "sync.Map" => return Some(Kind::SyncMap),
        "bytes.Buffer" | "strings.Builder" => return Some(Kind::Buffer),
        _ => {}
    }
    match types.view(types.underlying(ty)) {
        TypeView::Slice(_) => Some(Kind::Slice),
        TypeView::Map(..) => Some(Kind::Map),
        _ => None,
    }
}

/// Whether the body looks into the map before it inserts: `_, ok := m[k]`, `m.Load(k)`.
fn asks(body: &Block, target: &Expr) -> bool {
    let mut found = false;
    walk_block(body, &mut |node| {
        found |= match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Assign(assign),
                ..
            }) if assign.lhs.len() == 2 && assign.rhs.len() == 1 => {
                matches!(&assign.rhs[0].kind, ExprKind::Index(map, _) if same_name(map, target))
            }
            Node::Expr(Expr {
                kind: ExprKind::Call(call),
                ..
            }) => match &call.fun.kind {
                ExprKind::Selector(map, method) => {
                    same_name(map, target) && matches!(method.name.as_str(), "Load" | "LoadOrStore")
                }
                _ => false,
            },
            _ => false,
        };
        !found
    });
    found
}

/// The growing statement at a span.
fn find(body: &Block, at: Span) -> Option<&Stmt> {
    let mut found = None;
    walk_block(body, &mut |node| {
        if let Node::Stmt(stmt) = node
            && stmt.span == at
            && name(stmt).is_some()
        {
            found = Some(stmt);
        }
        found.is_none()
    });
    found
}
