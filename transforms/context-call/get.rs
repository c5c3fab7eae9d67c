//! `http.Get(url)` becomes a request with the context, and its `Do`.

use super::scope::Context;
use super::table::FixKind;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Edit, Fix};
use crate::analyse::layout;
use crate::analyse::ownership::{Parent, Tree};
use crate::analyse::transform::Subject;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::Object;

/// Methods of net/http that are a request without body and its Do (client.go).
pub(super) const METHODS: &[&str] = &["Get", "Head"];

/// Whether a callee is one of them, of the package or of a client.
pub(super) fn is_get(callee: &str) -> bool {
    let bare = callee
        .strip_prefix("net/http.")
        .or_else(|| callee.strip_prefix("(*net/http.Client)."));
    bare.is_some_and(|name| METHODS.contains(&name))
}

/// `req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)`, its error handled as that of the call is, and
/// `client.Do(req)` in the call's place.
pub(super) fn fix(
    subject: &Subject<'_>,
    tree: &Tree<'_>,
    text: &str,
    context: &Context,
    x: &Expr,
) -> Result<Fix, Declined> {
    let ExprKind::Call(call) = &x.kind else {
        return Err(Declined::Layout);
    };
    let (ExprKind::Selector(base, method), [url]) = (&call.fun.kind, &call.args[..]) else {
        return Err(Declined::Layout);
    };
    let Some(Parent::Stmt(stmt)) = tree.parent(x) else {
        return Err(Declined::Layout);
    };
    let (error, check) = checked(tree, stmt).ok_or(Declined::NoCheck)?;
    let means = |name: &str, at: u32| subject.types.name_at(&subject.body, at, Name::from(name));
    if means("req", stmt.span.start).is_some() || means("req", check.span.start).is_some() {
        return Err(Declined::NameTaken);
    }
    let package = means("http", stmt.span.start);
    let Some(Object::Package(Some(package))) = package else {
        return Err(Declined::NameTaken);
    };
    if subject
        .world
        .import_path(package)
        .is_none_or(|path| path != "net/http")
    {
        return Err(Declined::NameTaken);
    }
    let client = match tree.info.objects.get(base.id.0 as usize) {
        Some(Some(Object::Package(_))) => "http.DefaultClient".to_owned(),
        _ => text.get(base.span.range()).unwrap_or_default().to_owned(),
    };
    let start = stmt.span.start as usize;
    let line = layout::line_start(text, start);
    let indent = &text[line..start];
    if !indent.trim().is_empty() {
        return Err(Declined::Layout);
    }
    let newline = layout::newline(text, start);
    let handled = text.get(check.span.range()).unwrap_or_default();
    let target = argument(text, url).ok_or(Declined::Layout)?;
    let lines = format!(
        "{indent}req, {error} := http.NewRequestWithContext({}, http.Method{}, {target}, nil){newline}{indent}{handled}{newline}",
        context.name, method.name
    );
    let edits = [
        Edit {
            span: Span::new(line, line),
            text: lines,
        },
        Edit {
            span: x.span,
            text: format!("{client}.Do(req)"),
        },
    ];
    Ok(Fix {
        applicability: super::applicability(context, FixKind::Safe),
        title: format!("make the request with {}", context.name),
        edits: edits.into_iter().map(|edit| (subject.file, edit)).collect(),
        imports: Vec::new(),
    })
}

/// An expression as one of several arguments: gofmt writes a sum there without blanks. None for what it would have to
/// judge further.
fn argument(text: &str, x: &Expr) -> Option<String> {
    match &x.kind {
        ExprKind::Binary(BinaryOp::Add, a, b) => {
            Some(format!("{}+{}", argument(text, a)?, argument(text, b)?))
        }
        ExprKind::Binary(..) => None,
        _ => text.get(x.span.range()).map(str::to_owned),
    }
}

/// The error's name and the `if` right after that leaves when it is not nil, and does not name the response.
fn checked<'a>(tree: &Tree<'a>, stmt: &'a Stmt) -> Option<(Name, &'a Stmt)> {
    let StmtKind::Assign(assign) = &stmt.kind else {
        return None;
    };
    let [response, error] = &assign.lhs[..] else {
        return None;
    };
    let (ExprKind::Ident(response), ExprKind::Ident(error)) = (&response.kind, &error.kind) else {
        return None;
    };
    if assign.op != AssignOp::Define || *error == "_" {
        return None;
    }
    let (block, at) = tree.place_of(stmt)?.list?;
    let check = block.stmts.get(at + 1)?;
    let StmtKind::If(it) = &check.kind else {
        return None;
    };
    let asks = match &it.cond.unparen().kind {
        ExprKind::Binary(BinaryOp::NotEqual, x, nil) => {
            matches!(x.kind, ExprKind::Ident(name) if name == *error)
                && matches!(nil.kind, ExprKind::Ident(name) if name == "nil")
        }
        _ => false,
    };
    let leaves = matches!(
        it.then.stmts.last().map(|last| &last.kind),
        Some(StmtKind::Return(_) | StmtKind::Continue(_) | StmtKind::Break(_))
    );
    let mut named = false;
    walk_block(&it.then, &mut |node| {
        if let Node::Expr(x) = node {
            named |= matches!(x.kind, ExprKind::Ident(name) if name == *response);
        }
        !named
    });
    (it.init.is_none() && it.els.is_none() && asks && leaves && !named).then_some((*error, check))
}
