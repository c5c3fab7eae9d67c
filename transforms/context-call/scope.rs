//! The context at a call, and calls that must finish although it has ended.

use crate::analyse::cfg::{Cfg, NodeIx, Step};
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::ownership::{FuncIx, Parent, Tree};
use crate::analyse::transform::Subject;
use crate::index::BodyRef;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_expr, walk_stmt};
use crate::types::{Answer, LocalKind, Object};

/// Functions that end something: what they call has to come to its end. The names are those of the life-cycle methods of
/// std (io.Closer, net/http.Server.Shutdown, time.Timer.Stop) and the usual ones for clean-up.
const ENDINGS: &[&str] = &[
    "cleanup", "close", "destroy", "finish", "flush", "shutdown", "stop", "teardown",
];

/// The context that a call could be given.
pub(super) struct Context {
    /// Its name.
    pub(super) name: Name,
    /// Where it is declared.
    pub(super) decl: Span,
    /// A parameter, or a variable of the function.
    pub(super) kind: LocalKind,
}

impl Context {
    /// The context of the function that the call stands in: the innermost that its name means there. None when there is
    /// none, or when the call must not be given up.
    pub(super) fn at(subject: &Subject<'_>, tree: &Tree<'_>, call: &Expr) -> Option<Context> {
        let func = tree.func_of(call)?;
        let at = call.span.start;
        let visible = tree.info.locals.iter().enumerate().filter(|(_, local)| {
            let seen = (local.visible.start..local.visible.end).contains(&at);
            let kind = matches!(local.kind, LocalKind::Param | LocalKind::Var);
            seen && kind && local.name != "_"
        });
        let mut contexts: Vec<_> = visible
            .filter(|(_, local)| subject.types.is_context(local.ty) == Answer::Yes)
            .collect();
        contexts.sort_by_key(|(_, local)| local.visible.start);
        let (index, local) = contexts.pop()?;
        let id = crate::types::LocalId(index as u32);
        // One of a function around a literal may have ended, or belong to a request, when the literal runs.
        let own = tree.declared_in(id) == func;
        let meant = subject.types.name_at(&subject.body, at, local.name) == Some(Object::Local(id));
        if !own || !meant || must_finish(subject, tree, func, call, local.name) {
            return None;
        }
        Some(Context {
            name: local.name,
            decl: local.decl,
            kind: local.kind,
        })
    }
}

fn must_finish(
    subject: &Subject<'_>,
    tree: &Tree<'_>,
    func: FuncIx,
    call: &Expr,
    context: Name,
) -> bool {
    ends_something(subject, tree, func)
        || is_deferred(tree, call)
        || after_end(subject, tree, func, call, context)
}

/// The function is one that ends something.
fn ends_something(subject: &Subject<'_>, tree: &Tree<'_>, func: FuncIx) -> bool {
    let BodyRef::Func(of) = subject.body_ref else {
        return false;
    };
    let name = subject.types.func_name(of).to_lowercase();
    let name = name.rsplit('.').next().unwrap_or_default().to_owned();
    let ending = ENDINGS.iter().any(|word| name.starts_with(word));
    ending && tree.func(func).lit.is_none()
}

/// The call is an argument of a `defer` or `go` statement, or part of one.
fn is_deferred(tree: &Tree<'_>, call: &Expr) -> bool {
    match tree.parent(call) {
        Some(Parent::Stmt(stmt)) => matches!(stmt.kind, StmtKind::Defer(_) | StmtKind::Go(_)),
        Some(Parent::Expr(outer)) => is_deferred(tree, outer),
        _ => false,
    }
}

/// The call may run after the context has been seen to have ended: it would be given up at once.
fn after_end(
    subject: &Subject<'_>,
    tree: &Tree<'_>,
    func: FuncIx,
    call: &Expr,
    context: Name,
) -> bool {
    let never = NeverReturns::new();
    let cfg = Cfg::new(tree.func(func).block, &|call| {
        never.call(subject.types, &subject.body.info, call)
    });
    let Some(node) = cfg.node_at(call.span) else {
        return true;
    };
    let ended = |ix: NodeIx| match cfg.node(ix).step {
        Step::Comm(stmt) => asks(Node::Stmt(stmt), context, "Done"),
        Step::Stmt(stmt) => asks(Node::Stmt(stmt), context, "Done"),
        Step::Cond(cond) => asks(Node::Expr(cond), context, "Err"),
        _ => false,
    };
    let found = cfg
        .indices()
        .filter(|&ix| ended(ix))
        .any(|ix| match cfg.node(ix).step {
            // Of a condition only what follows it directly on one side is known to be after the end: the other side is
            // the usual case.
            Step::Cond(_) => within_branch(tree, &cfg, ix, call),
            _ => cfg.reach(ix, |_, _| true).contains(&node),
        });
    found || cfg.broken()
}

/// Whether the call stands in the `then` branch of the `if` that asks.
fn within_branch(tree: &Tree<'_>, cfg: &Cfg<'_>, cond: NodeIx, call: &Expr) -> bool {
    let asked = cfg.node(cond).span;
    let mut at = tree.stmt_of(call);
    while let Some(stmt) = at {
        if let StmtKind::If(it) = &stmt.kind
            && it.cond.span.contains(asked)
            && it.then.span.contains(call.span)
        {
            return true;
        }
        at = tree.place_of(stmt).and_then(|place| place.outer);
    }
    false
}

/// Whether `context.method()` is called in a node.
fn asks(node: Node<'_>, context: Name, method: &str) -> bool {
    let mut found = false;
    let mut look = |node: Node<'_>| {
        if let Node::Expr(x) = node
            && let ExprKind::Selector(base, name) = &x.kind
            && matches!(base.kind, ExprKind::Ident(of) if of == context)
        {
            found |= name.name == method;
        }
        true
    };
    match node {
        Node::Stmt(stmt) => walk_stmt(stmt, &mut look),
        Node::Expr(x) => walk_expr(x, &mut look),
    }
    found
}
