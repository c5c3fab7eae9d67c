//! Where a context variable gets its value: when it ends.

use super::home::Home;
use super::nodes::{self, Node};
use crate::syntax::ast::*;
use crate::types::{Checker, LocalId, LocalKind, Object};

/// When a context ends, by where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is a parameter and stays what it was.
    Param,
    /// `errgroup.WithContext`: ends with the group.
    Group,
    /// `context.WithCancel`, `signal.NotifyContext`; `at_return`: the cancel is deferred.
    Cancelled { at_return: bool },
    /// It has a deadline.
    Deadline,
    /// `context.Background()`: never ends.
    Never,
    /// Anything else.
    Other,
}

/// Where the values of a local come from; the worst of several.
pub(super) fn of(types: &Checker<'_>, home: &Home, local: LocalId) -> Origin {
    let mut origins = Vec::new();
    let info = &home.body.info.locals[local.0 as usize];
    if info.kind == LocalKind::Param {
        let given = argument_in_place(home, info.decl);
        origins.push(given.map_or(Origin::Param, |arg| of_argument(types, home, arg)));
    }
    nodes::each_of(&home.body.body, &mut |node| {
        match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Assign(assign),
                ..
            }) => {
                let Some(i) = assign
                    .lhs
                    .iter()
                    .position(|l| home.object(l) == Some(Object::Local(local)))
                else {
                    return true;
                };
                let value = match assign.lhs.len() == assign.rhs.len() {
                    true => assign.rhs.get(i),
                    false => assign.rhs.first(),
                };
                let cancel = assign.lhs.get(1).filter(|_| assign.rhs.len() == 1);
                origins.push(value.map_or(Origin::Other, |v| of_value(types, home, v, cancel)));
            }
            Node::Stmt(Stmt {
                kind: StmtKind::Decl(decls),
                ..
            }) => {
                for decl in decls {
                    let Decl::Var(spec) = decl else { continue };
                    for (i, name) in spec.names.iter().enumerate() {
                        if home.object_of(name.id) == Some(Object::Local(local)) {
                            origins.push(
                                spec.values
                                    .get(i)
                                    .map_or(Origin::Other, |v| of_value(types, home, v, None)),
                            );
                        }
                    }
                }
            }
            Node::Expr(Expr {
                kind: ExprKind::Unary(UnaryOp::Address, operand),
                ..
            }) if home.object(operand) == Some(Object::Local(local)) => {
                origins.push(Origin::Other);
            }
            _ => {}
        }
        true
    });
    origins
        .into_iter()
        .max_by_key(|o| rank(*o))
        .unwrap_or(Origin::Other)
}

/// What a literal that is called where it stands gets for its parameter declared at `decl`.
fn argument_in_place(home: &Home, decl: Span) -> Option<&Expr> {
    let mut found = None;
    nodes::each_of(&home.body.body, &mut |node| {
        if let Node::Expr(Expr {
            kind: ExprKind::Call(call),
            ..
        }) = node
            && let ExprKind::FuncLit(lit) = &call.fun.unparen().kind
            && lit.signature.params_span.contains(decl)
        {
            let params = lit.signature.params.iter();
            let index = params
                .flat_map(|param| &param.names)
                .position(|name| name.span == decl);
            found = index.and_then(|index| call.args.get(index));
        }
        found.is_none()
    });
    found
}

fn of_argument(types: &Checker<'_>, home: &Home, arg: &Expr) -> Origin {
    match home.object(arg.unparen()) {
        Some(Object::Local(local)) => of(types, home, local),
        _ => match of_value(types, home, arg, None) {
            // A field's or a call's: the author gave it to the goroutine.
            Origin::Other => Origin::Param,
            known => known,
        },
    }
}

fn rank(origin: Origin) -> u32 {
    match origin {
        Origin::Param => 0,
        Origin::Group => 1,
        Origin::Cancelled { at_return: false } => 2,
        Origin::Cancelled { at_return: true } => 3,
        Origin::Other => 4,
        Origin::Never => 5,
        Origin::Deadline => 6,
    }
}

/// When a context ends that an expression gives; `cancel` is what its cancel function is assigned to.
pub(super) fn of_value(
    types: &Checker<'_>,
    home: &Home,
    value: &Expr,
    cancel: Option<&Expr>,
) -> Origin {
    let value = value.unparen();
    let name = types.callee_name(home.callee(value)).unwrap_or_default();
    match name.as_str() {
        "context.Background" | "context.TODO" | "context.WithoutCancel" => Origin::Never,
        "context.WithTimeout"
        | "context.WithDeadline"
        | "context.WithTimeoutCause"
        | "context.WithDeadlineCause" => Origin::Deadline,
        "context.WithCancel" | "context.WithCancelCause" | "os/signal.NotifyContext" => {
            Origin::Cancelled {
                at_return: cancel.is_some_and(|c| deferred(home, c)),
            }
        }
        "golang.org/x/sync/errgroup.WithContext" => Origin::Group,
        "context.WithValue" => match &value.kind {
            ExprKind::Call(call) => match call.args.first().map(|a| home.object(a.unparen())) {
                Some(Some(Object::Local(parent)))
                    if home.body.info.locals[parent.0 as usize].kind == LocalKind::Param =>
                {
                    Origin::Param
                }
                _ => Origin::Other,
            },
            _ => Origin::Other,
        },
        _ => Origin::Other,
    }
}

fn deferred(home: &Home, cancel: &Expr) -> bool {
    let Some(object) = home.object(cancel) else {
        return true;
    };
    let mut found = false;
    nodes::each_of(&home.body.body, &mut |node| {
        if let Node::Stmt(Stmt {
            kind: StmtKind::Defer(call),
            ..
        }) = node
        {
            nodes::each_in_expr(call, &mut |inner| {
                found |= matches!(inner, Node::Expr(e) if home.object(e) == Some(object));
                true
            });
        }
        true
    });
    found
}

/// Whether the function's end is the end of the program or of a test.
pub(super) fn is_root(home: &Home) -> bool {
    let name = home.decl.name.name.as_str();
    let plain = home.decl.receiver.is_none();
    let main = name == "main" && home.outline.package.is_some_and(|p| p.name == "main");
    plain && (main || is_test(home))
}

/// Whether it is a test, benchmark or `TestMain` (package testing).
pub(super) fn is_test(home: &Home) -> bool {
    let name = home.decl.name.name.as_str();
    let in_test = home.path.to_string_lossy().ends_with("_test.go");
    let prefix = ["Test", "Benchmark", "Example", "Fuzz"]
        .iter()
        .any(|p| name.starts_with(p));
    in_test && prefix && home.decl.receiver.is_none()
}
