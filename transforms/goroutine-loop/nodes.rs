//! Walking statements and expressions in source order.

use crate::syntax::ast::*;

/// A statement or an expression.
#[derive(Clone, Copy)]
pub(super) enum Node<'a> {
    Stmt(&'a Stmt),
    Expr(&'a Expr),
}

impl Node<'_> {
    pub(super) fn span(self) -> Span {
        match self {
            Node::Stmt(s) => s.span,
            Node::Expr(e) => e.span,
        }
    }
}

/// Visits every statement and expression below `block` in source order; where `enter` says no, nothing below that
/// node is visited.
pub(super) fn each<'a>(block: &'a Block, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    for stmt in &block.stmts {
        each_node(Node::Stmt(stmt), enter);
    }
}

/// As [`each`], for one node, itself included.
pub(super) fn each_node<'a>(node: Node<'a>, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    if enter(node) {
        children(node, &mut |child| each_node(child, enter));
    }
}

/// As [`each`], but stays in the function: bodies of literals are not entered (the literal itself is visited).
pub(super) fn each_own<'a>(block: &'a Block, see: &mut dyn FnMut(Node<'a>)) {
    each(block, &mut |node| {
        see(node);
        !matches!(
            node,
            Node::Expr(Expr {
                kind: ExprKind::FuncLit(_),
                ..
            })
        )
    });
}

/// The nodes from the outermost to the one that has exactly this span (the outermost of several); empty when none has.
pub(super) fn path(block: &Block, span: Span) -> Vec<Node<'_>> {
    fn go<'a>(node: Node<'a>, span: Span, path: &mut Vec<Node<'a>>) -> bool {
        if !node.span().contains(span) {
            return false;
        }
        path.push(node);
        if node.span() == span {
            return true;
        }
        let mut found = false;
        children(node, &mut |child| found = found || go(child, span, path));
        if !found {
            path.pop();
        }
        found
    }
    let mut nodes = Vec::new();
    for stmt in &block.stmts {
        if go(Node::Stmt(stmt), span, &mut nodes) {
            break;
        }
    }
    nodes
}

fn children<'a>(node: Node<'a>, see: &mut dyn FnMut(Node<'a>)) {
    match node {
        Node::Stmt(stmt) => stmt_children(stmt, see),
        Node::Expr(expr) => expr_children(expr, see),
    }
}

fn block<'a>(block: &'a Block, see: &mut dyn FnMut(Node<'a>)) {
    block.stmts.iter().for_each(|s| see(Node::Stmt(s)));
}

fn stmt_children<'a>(stmt: &'a Stmt, see: &mut dyn FnMut(Node<'a>)) {
    let exprs = |list: &'a [Expr], see: &mut dyn FnMut(Node<'a>)| {
        list.iter().for_each(|e| see(Node::Expr(e)))
    };
    match &stmt.kind {
        StmtKind::Expr(e) | StmtKind::IncDec(e) | StmtKind::Go(e) | StmtKind::Defer(e) => {
            see(Node::Expr(e))
        }
        StmtKind::Send(a, b) => {
            see(Node::Expr(a));
            see(Node::Expr(b));
        }
        StmtKind::Assign(a) => {
            exprs(&a.lhs, see);
            exprs(&a.rhs, see);
        }
        StmtKind::Return(list) => exprs(list, see),
        StmtKind::Block(b) => block(b, see),
        StmtKind::If(i) => {
            i.init.iter().for_each(|s| see(Node::Stmt(s)));
            see(Node::Expr(&i.cond));
            block(&i.then, see);
            i.els.iter().for_each(|s| see(Node::Stmt(s)));
        }
        StmtKind::Switch(s) => {
            s.init.iter().for_each(|s| see(Node::Stmt(s)));
            s.tag.iter().for_each(|e| see(Node::Expr(e)));
            for case in &s.cases {
                exprs(&case.exprs, see);
                block(&case.body, see);
            }
        }
        StmtKind::TypeSwitch(s) => {
            s.init.iter().for_each(|s| see(Node::Stmt(s)));
            see(Node::Expr(&s.subject));
            for case in &s.cases {
                exprs(&case.exprs, see);
                block(&case.body, see);
            }
        }
        StmtKind::Select(cases) => {
            for case in cases {
                case.comm.iter().for_each(|s| see(Node::Stmt(s)));
                block(&case.body, see);
            }
        }
        StmtKind::For(f) => {
            f.init.iter().for_each(|s| see(Node::Stmt(s)));
            f.cond.iter().for_each(|e| see(Node::Expr(e)));
            f.post.iter().for_each(|s| see(Node::Stmt(s)));
            block(&f.body, see);
        }
        StmtKind::Range(r) => {
            r.key
                .iter()
                .chain(&r.value)
                .for_each(|e| see(Node::Expr(e)));
            see(Node::Expr(&r.subject));
            block(&r.body, see);
        }
        StmtKind::Labeled(_, inner) => see(Node::Stmt(inner)),
        StmtKind::Decl(decls) => {
            for decl in decls {
                if let Decl::Var(spec) = decl {
                    spec.ty.iter().for_each(|e| see(Node::Expr(e)));
                    exprs(&spec.values, see);
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

fn expr_children<'a>(expr: &'a Expr, see: &mut dyn FnMut(Node<'a>)) {
    match &expr.kind {
        ExprKind::Paren(e)
        | ExprKind::Selector(e, _)
        | ExprKind::Star(e)
        | ExprKind::Unary(_, e)
        | ExprKind::SliceType(e)
        | ExprKind::ChanType(_, e)
        | ExprKind::Tilde(e) => see(Node::Expr(e)),
        ExprKind::Index(e, list) => {
            see(Node::Expr(e));
            list.iter().for_each(|e| see(Node::Expr(e)));
        }
        ExprKind::Slice(e, bounds) => {
            see(Node::Expr(e));
            bounds.iter().flatten().for_each(|e| see(Node::Expr(e)));
        }
        ExprKind::TypeAssert(e, ty) => {
            see(Node::Expr(e));
            ty.iter().for_each(|e| see(Node::Expr(e)));
        }
        ExprKind::Call(call) => {
            see(Node::Expr(&call.fun));
            call.args.iter().for_each(|e| see(Node::Expr(e)));
        }
        ExprKind::Binary(_, a, b) | ExprKind::MapType(a, b) => {
            see(Node::Expr(a));
            see(Node::Expr(b));
        }
        ExprKind::Composite(ty, elements) => {
            ty.iter().for_each(|e| see(Node::Expr(e)));
            for element in elements {
                element.key.iter().for_each(|e| see(Node::Expr(e)));
                see(Node::Expr(&element.value));
            }
        }
        ExprKind::FuncLit(lit) => block(&lit.body, see),
        ExprKind::ArrayType(len, elem) => {
            len.iter().for_each(|e| see(Node::Expr(e)));
            see(Node::Expr(elem));
        }
        ExprKind::Bad
        | ExprKind::Ident(_)
        | ExprKind::Literal(_)
        | ExprKind::FuncType(_)
        | ExprKind::StructType(_)
        | ExprKind::InterfaceType(_) => {}
    }
}

/// The blocks directly in a statement, those of its else branches among them; not those of function literals.
pub(super) fn blocks<'a>(stmt: &'a Stmt, see: &mut dyn FnMut(&'a Block)) {
    match &stmt.kind {
        StmtKind::Block(b) => see(b),
        StmtKind::Labeled(_, inner) => blocks(inner, see),
        StmtKind::If(i) => {
            see(&i.then);
            i.els.iter().for_each(|s| blocks(s, see));
        }
        StmtKind::Switch(s) => s.cases.iter().for_each(|c| see(&c.body)),
        StmtKind::TypeSwitch(s) => s.cases.iter().for_each(|c| see(&c.body)),
        StmtKind::Select(cases) => cases.iter().for_each(|c| see(&c.body)),
        StmtKind::For(f) => see(&f.body),
        StmtKind::Range(r) => see(&r.body),
        _ => {}
    }
}
