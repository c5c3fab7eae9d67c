//! A checked body with links upwards: from each expression to what it stands in, from each statement to its block.

use crate::analyse::effort;
use crate::index::{BodyRef, PackageId};
use crate::syntax::ast::*;
use crate::types::{BodyInfo, Callee, CheckedBody, LocalId, Object, TypeId};
use std::collections::HashMap;

/// The body itself (0) or one of the function literals in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FuncIx(pub u32);

/// What an expression stands in.
#[derive(Clone, Copy, Debug)]
pub enum Parent<'a> {
    /// Another expression.
    Expr(&'a Expr),
    /// A statement, as any of its own expressions.
    Stmt(&'a Stmt),
    /// A spec of a `var` declaration, as one of its values.
    Spec(&'a ValueSpec, &'a Stmt),
    /// Nothing: the initialiser of a package-level variable.
    Root,
}

/// A function body or literal.
#[derive(Clone, Copy, Debug)]
pub struct Func<'a> {
    /// The literal's expression; none for the body itself.
    pub lit: Option<&'a Expr>,
    /// Its statements.
    pub block: &'a Block,
    /// The function it stands in.
    pub outer: Option<FuncIx>,
}

#[derive(Clone, Copy, Debug)]
struct ExprPlace<'a> {
    expr: &'a Expr,
    parent: Parent<'a>,
    func: FuncIx,
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug)]
pub struct StmtPlace<'a> {
    /// The statement list it is in, with its index; none for an `init`, `post`, `else`, labelled or communication
    /// statement.
    pub list: Option<(&'a Block, usize)>,
    /// The statement around it.
    pub outer: Option<&'a Stmt>,
    /// The function it is in.
    pub func: FuncIx,
}

/// A body with links upwards.
#[derive(Debug)]
pub struct Tree<'a> {
    /// The meaning of its nodes.
    pub info: &'a BodyInfo,
    /// The package that the body is in.
    pub package: PackageId,
    exprs: Vec<Option<ExprPlace<'a>>>,
    stmts: HashMap<*const Stmt, StmtPlace<'a>>,
    funcs: Vec<Func<'a>>,
    callees: HashMap<NodeId, &'a Callee>,
    uses: HashMap<LocalId, Vec<&'a Expr>>,
}

impl<'a> Tree<'a> {
    /// Links a body: a function's statements, or a variable's initialiser.
    pub fn new(body: &'a CheckedBody) -> Tree<'a> {
        let mut tree = Tree {
            info: &body.info,
            package: match body.body_ref {
                BodyRef::Func(func) => func.package,
                BodyRef::Var(package, _) => package,
            },
            exprs: Vec::new(),
            stmts: HashMap::new(),
            funcs: vec![Func {
                lit: None,
                block: &body.body.block,
                outer: None,
            }],
            callees: body
                .info
                .callees
                .iter()
                .map(|(id, callee)| (*id, callee))
                .collect(),
            uses: HashMap::new(),
        };
        tree.exprs.resize_with(body.info.types.len(), || None);
        for value in &body.body.values {
            tree.expr(value, Parent::Root, FuncIx(0));
        }
        tree.block(&body.body.block, None, FuncIx(0));
        tree
    }

    /// The function with this index.
    pub fn func(&self, ix: FuncIx) -> Func<'a> {
        self.funcs[ix.0 as usize]
    }
    /// All functions, the body itself first.
    pub fn funcs(&self) -> impl Iterator<Item = FuncIx> + use<> {
        (0..self.funcs.len() as u32).map(FuncIx)
    }
    /// What an expression stands in.
    pub fn parent(&self, expr: &Expr) -> Option<Parent<'a>> {
        Some(self.place(expr.id)?.parent)
    }
    /// The function that an expression is evaluated in (for a literal: the one around it).
    pub fn func_of(&self, expr: &Expr) -> Option<FuncIx> {
        Some(self.place(expr.id)?.func)
    }
    /// The expression with this id.
    pub fn expr_of(&self, id: NodeId) -> Option<&'a Expr> {
        Some(self.place(id)?.expr)
    }
    /// The innermost statement around an expression.
    pub fn stmt_of(&self, expr: &Expr) -> Option<&'a Stmt> {
        let mut parent = self.parent(expr)?;
        loop {
            match parent {
                Parent::Expr(outer) => parent = self.parent(outer)?,
                Parent::Stmt(stmt) | Parent::Spec(_, stmt) => return Some(stmt),
                Parent::Root => return None,
            }
        }
    }
    /// Where a statement stands.
    pub fn place_of(&self, stmt: &Stmt) -> Option<StmtPlace<'a>> {
        self.stmts.get(&std::ptr::from_ref(stmt)).copied()
    }
    /// What a call expression calls.
    pub fn callee(&self, call: &Expr) -> Option<&'a Callee> {
        self.callees.get(&call.id).copied()
    }
    /// The type of an expression, unless unknown.
    pub fn type_of(&self, expr: &Expr) -> Option<TypeId> {
        super::known(self.info.types.get(expr.id.0 as usize))
    }
    /// The local that an identifier node declares or refers to.
    pub fn local(&self, id: NodeId) -> Option<LocalId> {
        match self.info.objects.get(id.0 as usize)? {
            Some(Object::Local(local)) => Some(*local),
            _ => None,
        }
    }
    /// The local that an expression names.
    pub fn local_of(&self, expr: &Expr) -> Option<LocalId> {
        match expr.unparen().kind {
            ExprKind::Ident(_) => self.local(expr.unparen().id),
            _ => None,
        }
    }
    /// Every operand that names this local, left-hand sides included, in source order.
    pub fn uses(&self, local: LocalId) -> &[&'a Expr] {
        self.uses.get(&local).map_or(&[], Vec::as_slice)
    }
    /// The function whose statements or signature declare this local.
    pub fn declared_in(&self, local: LocalId) -> FuncIx {
        let decl = self.info.locals[local.0 as usize].decl;
        effort::spend(1 + self.funcs.len() / 8);
        let inside = |ix: &FuncIx| match self.func(*ix).lit {
            Some(lit) => lit.span.contains(decl),
            None => true,
        };
        // Literals are numbered outside in: the last one that contains it is the innermost.
        self.funcs().filter(inside).last().unwrap_or(FuncIx(0))
    }

    /// The identifier is a left-hand side as a whole, of an assignment or a `range`.
    pub fn is_assigned(&self, expr: &Expr) -> bool {
        match self.parent(expr) {
            Some(Parent::Stmt(stmt)) => match &stmt.kind {
                StmtKind::Assign(it) => it.lhs.iter().any(|x| x.id == expr.id),
                StmtKind::Range(it) => {
                    let mut targets = it.key.iter().chain(&it.value);
                    targets.any(|x| x.id == expr.id)
                }
                _ => false,
            },
            _ => false,
        }
    }
    /// The call expression with exactly this text range.
    pub fn call_at(&self, span: Span) -> Option<&'a Expr> {
        effort::spend(1 + self.exprs.len() / 8);
        let mut calls = self.exprs.iter().flatten().map(|place| place.expr);
        calls.find(|expr| expr.span == span && matches!(expr.kind, ExprKind::Call(_)))
    }

    fn place(&self, id: NodeId) -> Option<&ExprPlace<'a>> {
        self.exprs.get(id.0 as usize)?.as_ref()
    }

    fn block(&mut self, block: &'a Block, outer: Option<&'a Stmt>, func: FuncIx) {
        for (ix, stmt) in block.stmts.iter().enumerate() {
            self.stmt(stmt, Some((block, ix)), outer, func);
        }
    }

    fn stmt(
        &mut self,
        stmt: &'a Stmt,
        list: Option<(&'a Block, usize)>,
        outer: Option<&'a Stmt>,
        func: FuncIx,
    ) {
        self.stmts
            .insert(std::ptr::from_ref(stmt), StmtPlace { list, outer, func });
        let parent = Parent::Stmt(stmt);
        let within = Some(stmt);
        match &stmt.kind {
            StmtKind::Bad
            | StmtKind::Empty
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Goto(_)
            | StmtKind::Fallthrough => {}
            StmtKind::Expr(x) | StmtKind::IncDec(x) | StmtKind::Go(x) | StmtKind::Defer(x) => {
                self.expr(x, parent, func);
            }
            StmtKind::Send(channel, value) => {
                self.expr(channel, parent, func);
                self.expr(value, parent, func);
            }
            StmtKind::Assign(assign) => {
                for x in assign.lhs.iter().chain(&assign.rhs) {
                    self.expr(x, parent, func);
                }
            }
            StmtKind::Return(values) => {
                for x in values {
                    self.expr(x, parent, func);
                }
            }
            StmtKind::Block(block) => self.block(block, within, func),
            StmtKind::If(it) => {
                self.optional(&it.init, within, func);
                self.expr(&it.cond, parent, func);
                self.block(&it.then, within, func);
                self.optional(&it.els, within, func);
            }
            StmtKind::Switch(it) => {
                self.optional(&it.init, within, func);
                if let Some(x) = &it.tag {
                    self.expr(x, parent, func);
                }
                self.cases(&it.cases, stmt, func);
            }
            StmtKind::TypeSwitch(it) => {
                self.optional(&it.init, within, func);
                self.expr(&it.subject, parent, func);
                self.cases(&it.cases, stmt, func);
            }
            StmtKind::Select(clauses) => {
                for clause in clauses {
                    self.optional(&clause.comm, within, func);
                    self.block(&clause.body, within, func);
                }
            }
            StmtKind::For(it) => {
                self.optional(&it.init, within, func);
                if let Some(x) = &it.cond {
                    self.expr(x, parent, func);
                }
                self.optional(&it.post, within, func);
                self.block(&it.body, within, func);
            }
            StmtKind::Range(it) => {
                for x in it.key.iter().chain(&it.value) {
                    self.expr(x, parent, func);
                }
                self.expr(&it.subject, parent, func);
                self.block(&it.body, within, func);
            }
            StmtKind::Labeled(_, inner) => self.stmt(inner, None, within, func),
            StmtKind::Decl(decls) => {
                for decl in decls {
                    if let Decl::Var(spec) = decl {
                        for value in &spec.values {
                            self.expr(value, Parent::Spec(spec, stmt), func);
                        }
                    }
                }
            }
        }
    }

    fn optional(&mut self, stmt: &'a Option<Stmt>, outer: Option<&'a Stmt>, func: FuncIx) {
        if let Some(stmt) = stmt {
            self.stmt(stmt, None, outer, func);
        }
    }

    fn cases(&mut self, cases: &'a [CaseClause], stmt: &'a Stmt, func: FuncIx) {
        for case in cases {
            for x in &case.exprs {
                self.expr(x, Parent::Stmt(stmt), func);
            }
            self.block(&case.body, Some(stmt), func);
        }
    }

    fn expr(&mut self, expr: &'a Expr, parent: Parent<'a>, func: FuncIx) {
        effort::spend(1);
        let ix = expr.id.0 as usize;
        if ix >= self.exprs.len() {
            self.exprs.resize_with(ix + 1, || None);
        }
        self.exprs[ix] = Some(ExprPlace { expr, parent, func });
        let here = Parent::Expr(expr);
        match &expr.kind {
            ExprKind::Ident(_) => {
                if let Some(local) = self.local(expr.id) {
                    self.uses.entry(local).or_default().push(expr);
                }
            }
            ExprKind::FuncLit(lit) => {
                self.funcs.push(Func {
                    lit: Some(expr),
                    block: &lit.body,
                    outer: Some(func),
                });
                let inner = FuncIx(self.funcs.len() as u32 - 1);
                self.block(&lit.body, None, inner);
            }
            ExprKind::Paren(x)
            | ExprKind::Selector(x, _)
            | ExprKind::Star(x)
            | ExprKind::Unary(_, x) => self.expr(x, here, func),
            ExprKind::Index(x, indices) => {
                self.expr(x, here, func);
                for index in indices {
                    self.expr(index, here, func);
                }
            }
            ExprKind::Slice(x, bounds) => {
                self.expr(x, here, func);
                for bound in bounds.iter().flatten() {
                    self.expr(bound, here, func);
                }
            }
            ExprKind::TypeAssert(x, _) => self.expr(x, here, func),
            ExprKind::Call(call) => {
                self.expr(&call.fun, here, func);
                for x in &call.args {
                    self.expr(x, here, func);
                }
            }
            ExprKind::Binary(_, x, y) => {
                self.expr(x, here, func);
                self.expr(y, here, func);
            }
            ExprKind::Composite(_, elements) => {
                for element in elements {
                    if let Some(key) = &element.key {
                        self.expr(key, here, func);
                    }
                    self.expr(&element.value, here, func);
                }
            }
            // Literals and types: nothing is evaluated in them.
            ExprKind::Bad
            | ExprKind::Literal(_)
            | ExprKind::ArrayType(..)
            | ExprKind::SliceType(_)
            | ExprKind::MapType(..)
            | ExprKind::ChanType(..)
            | ExprKind::FuncType(_)
            | ExprKind::StructType(_)
            | ExprKind::InterfaceType(_)
            | ExprKind::Tilde(_) => {}
        }
    }
}
