//! Pre-order walks over statements and expressions.

use super::ast::*;

/// What a walk comes by.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// A statement.
    Stmt(&'a Stmt),
    /// An expression or type.
    Expr(&'a Expr),
}

impl Node<'_> {
    /// Where it stands.
    pub fn span(self) -> Span {
        match self {
            Node::Stmt(stmt) => stmt.span,
            Node::Expr(expr) => expr.span,
        }
    }
}

/// Walks a block; `enter` says whether to go into a node. Source order.
pub fn walk_block<'a>(block: &'a Block, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    block.stmts.iter().for_each(|stmt| walk_stmt(stmt, enter));
}

/// Walks a statement, itself included.
pub fn walk_stmt<'a>(stmt: &'a Stmt, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    if !enter(Node::Stmt(stmt)) {
        return;
    }
    let walk_opt = |stmt: &'a Option<Stmt>, enter: &mut dyn FnMut(Node<'a>) -> bool| {
        stmt.iter().for_each(|stmt| walk_stmt(stmt, enter));
    };
    match &stmt.kind {
        StmtKind::Bad
        | StmtKind::Empty
        | StmtKind::Break(_)
        | StmtKind::Continue(_)
        | StmtKind::Goto(_)
        | StmtKind::Fallthrough => {}
        StmtKind::Expr(x) | StmtKind::IncDec(x) | StmtKind::Go(x) | StmtKind::Defer(x) => {
            walk_expr(x, enter)
        }
        StmtKind::Send(channel, value) => {
            walk_expr(channel, enter);
            walk_expr(value, enter);
        }
        StmtKind::Assign(assign) => assign
            .lhs
            .iter()
            .chain(&assign.rhs)
            .for_each(|x| walk_expr(x, enter)),
        StmtKind::Return(values) => values.iter().for_each(|x| walk_expr(x, enter)),
        StmtKind::Block(block) => walk_block(block, enter),
        StmtKind::If(stmt) => {
            walk_opt(&stmt.init, enter);
            walk_expr(&stmt.cond, enter);
            walk_block(&stmt.then, enter);
            walk_opt(&stmt.els, enter);
        }
        StmtKind::Switch(switch) => {
            walk_opt(&switch.init, enter);
            switch.tag.iter().for_each(|tag| walk_expr(tag, enter));
            walk_cases(&switch.cases, enter);
        }
        StmtKind::TypeSwitch(switch) => {
            walk_opt(&switch.init, enter);
            walk_expr(&switch.subject, enter);
            walk_cases(&switch.cases, enter);
        }
        StmtKind::Select(clauses) => {
            for clause in clauses {
                walk_opt(&clause.comm, enter);
                walk_block(&clause.body, enter);
            }
        }
        StmtKind::For(stmt) => {
            walk_opt(&stmt.init, enter);
            stmt.cond.iter().for_each(|cond| walk_expr(cond, enter));
            walk_opt(&stmt.post, enter);
            walk_block(&stmt.body, enter);
        }
        StmtKind::Range(range) => {
            let parts = range.key.iter().chain(&range.value).chain([&range.subject]);
            parts.for_each(|x| walk_expr(x, enter));
            walk_block(&range.body, enter);
        }
        StmtKind::Labeled(_, stmt) => walk_stmt(stmt, enter),
        StmtKind::Decl(decls) => decls.iter().for_each(|decl| walk_decl(decl, enter)),
    }
}

fn walk_cases<'a>(cases: &'a [CaseClause], enter: &mut dyn FnMut(Node<'a>) -> bool) {
    for case in cases {
        case.exprs.iter().for_each(|x| walk_expr(x, enter));
        walk_block(&case.body, enter);
    }
}

/// Walks the expressions of a declaration (not of a function's body, which is a parse unit of its own).
pub fn walk_decl<'a>(decl: &'a Decl, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    match decl {
        Decl::Func(func) => {
            walk_type_params(&func.type_params, enter);
            walk_signature(&func.signature, enter);
        }
        Decl::Type(ty) => {
            walk_type_params(&ty.type_params, enter);
            walk_expr(&ty.rhs, enter);
        }
        Decl::Var(spec) => spec
            .ty
            .iter()
            .chain(&spec.values)
            .for_each(|x| walk_expr(x, enter)),
        Decl::Const(spec) if spec.implicit => {}
        Decl::Const(spec) => spec
            .source
            .ty
            .iter()
            .chain(&spec.source.values)
            .for_each(|x| walk_expr(x, enter)),
    }
}

/// Walks constraints; one that several parameters share once.
pub fn walk_type_params<'a>(params: &'a [TypeParam], enter: &mut dyn FnMut(Node<'a>) -> bool) {
    let mut last = None;
    for param in params {
        if last.is_none_or(|last| !std::sync::Arc::ptr_eq(last, &param.constraint)) {
            walk_expr(&param.constraint, enter);
        }
        last = Some(&param.constraint);
    }
}

/// Walks the types of a signature.
pub fn walk_signature<'a>(signature: &'a Signature, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    signature
        .params
        .iter()
        .chain(&signature.results)
        .for_each(|param| walk_expr(&param.ty, enter));
}

/// Walks an expression, itself included; function literals with their bodies.
pub fn walk_expr<'a>(expr: &'a Expr, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    if !enter(Node::Expr(expr)) {
        return;
    }
    match &expr.kind {
        ExprKind::Bad | ExprKind::Ident(_) | ExprKind::Literal(_) => {}
        ExprKind::Paren(x)
        | ExprKind::Selector(x, _)
        | ExprKind::Star(x)
        | ExprKind::Unary(_, x)
        | ExprKind::SliceType(x)
        | ExprKind::ChanType(_, x)
        | ExprKind::Tilde(x) => walk_expr(x, enter),
        ExprKind::Index(x, indices) => {
            walk_expr(x, enter);
            indices.iter().for_each(|index| walk_expr(index, enter));
        }
        ExprKind::Slice(x, bounds) => {
            walk_expr(x, enter);
            bounds
                .iter()
                .flatten()
                .for_each(|bound| walk_expr(bound, enter));
        }
        ExprKind::TypeAssert(x, ty) => {
            walk_expr(x, enter);
            ty.iter().for_each(|ty| walk_expr(ty, enter));
        }
        ExprKind::Call(call) => {
            walk_expr(&call.fun, enter);
            call.args.iter().for_each(|arg| walk_expr(arg, enter));
        }
        ExprKind::Binary(_, x, y) | ExprKind::MapType(x, y) => {
            walk_expr(x, enter);
            walk_expr(y, enter);
        }
        ExprKind::Composite(ty, elements) => {
            ty.iter().for_each(|ty| walk_expr(ty, enter));
            for element in elements {
                element.key.iter().for_each(|key| walk_expr(key, enter));
                walk_expr(&element.value, enter);
            }
        }
        ExprKind::FuncLit(lit) => {
            walk_signature(&lit.signature, enter);
            walk_block(&lit.body, enter);
        }
        ExprKind::ArrayType(length, element) => {
            length.iter().for_each(|length| walk_expr(length, enter));
            walk_expr(element, enter);
        }
        ExprKind::FuncType(signature) => walk_signature(signature, enter),
        ExprKind::StructType(fields) => fields.iter().for_each(|field| walk_expr(&field.ty, enter)),
        ExprKind::InterfaceType(elems) => {
            for elem in elems {
                match elem {
                    InterfaceElem::Method(_, signature) => walk_signature(signature, enter),
                    InterfaceElem::Embed(x) => walk_expr(x, enter),
                }
            }
        }
    }
}

/// A function literal, or the declared function whose body this is.
#[derive(Clone, Copy, Debug)]
pub struct FunctionLike<'a> {
    /// The literal's expression; none for the declared function.
    pub literal: Option<&'a Expr>,
    /// The literal's signature; none for the declared function (its [`FuncDecl`] has it).
    pub signature: Option<&'a Signature>,
    /// Its statements.
    pub body: &'a Block,
}

/// The function of a body and every literal in it, outermost first, in source order.
pub fn functions(body: &Block) -> Vec<FunctionLike<'_>> {
    let mut found = vec![FunctionLike {
        literal: None,
        signature: None,
        body,
    }];
    walk_block(body, &mut |node| {
        found.extend(function_literal(node));
        true
    });
    found
}

/// Every function literal in the expression, itself included, in source order.
pub fn literals(expr: &Expr) -> Vec<FunctionLike<'_>> {
    let mut found = Vec::new();
    walk_expr(expr, &mut |node| {
        found.extend(function_literal(node));
        true
    });
    found
}

fn function_literal(node: Node<'_>) -> Option<FunctionLike<'_>> {
    let Node::Expr(expr) = node else { return None };
    let ExprKind::FuncLit(lit) = &expr.kind else {
        return None;
    };
    Some(FunctionLike {
        literal: Some(expr),
        signature: Some(&lit.signature),
        body: &lit.body,
    })
}

/// The expression with this id in a block.
pub fn find_expr(block: &Block, id: NodeId) -> Option<&Expr> {
    let mut found = None;
    walk_block(block, &mut |node| {
        if let Node::Expr(expr) = node
            && expr.id == id
        {
            found = Some(expr);
        }
        found.is_none()
    });
    found
}
