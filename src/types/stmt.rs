//! Statements: what they declare, and in which scope (Go spec "Blocks", "Declarations and scope", "Statements").

use super::context::{Context, Entity};
use super::model::{LocalType, Model};
use super::operand::{Mode, Operand};
use super::repr::{Basic, FuncType, Kind, TypeKey};
use super::{LocalKind, Object, TypeId};
use crate::syntax::ast::{
    Assign, AssignOp, Block, CaseClause, CommClause, ConstSpec, Decl, Expr, ExprKind, For, FuncLit,
    Ident, If, Param, Range, Signature, Span, Stmt, StmtKind, Switch, TypeDecl, TypeSwitch,
    ValueSpec,
};

impl Model<'_> {
    /// A function literal with its body, which is part of the body it stands in.
    pub(super) fn func_literal(&mut self, cx: &mut Context, literal: &FuncLit) -> TypeId {
        let ty = self.func_type(cx, &literal.signature);
        cx.open();
        self.declare_params(cx, &literal.signature, ty, literal.body.span, true);
        self.statements(cx, &literal.body.stmts);
        cx.close(literal.body.span.end);
        ty
    }

    /// Declares parameters and results; `nodes` when their identifiers belong to the recorded parse unit.
    pub(super) fn declare_params(
        &mut self,
        cx: &mut Context,
        signature: &Signature,
        ty: TypeId,
        body: Span,
        nodes: bool,
    ) {
        let kind = self.types.kind(ty);
        let empty = FuncType {
            params: Box::new([]),
            variadic: false,
            results: Box::new([]),
        };
        let func = match &*kind {
            Kind::Func(func) => func,
            _ => &empty,
        };
        let mut declare = |params: &[Param], types: &[TypeId], kind: LocalKind| {
            let mut types = types.iter();
            for param in params {
                if param.names.is_empty() {
                    types.next();
                }
                for name in &param.names {
                    let ty = types.next().copied().unwrap_or(TypeId::UNKNOWN);
                    if nodes {
                        cx.declare(*name, kind, Entity::Variable(ty), body.start);
                    } else {
                        cx.declare_outside(
                            name.name,
                            name.span,
                            kind,
                            Entity::Variable(ty),
                            body.start,
                        );
                    }
                }
            }
        };
        declare(&signature.params, &func.params, LocalKind::Param);
        declare(&signature.results, &func.results, LocalKind::Result);
    }

    /// Statements of an open scope.
    pub(super) fn statements(&mut self, cx: &mut Context, stmts: &[Stmt]) {
        for stmt in stmts {
            self.statement(cx, stmt);
        }
    }

    fn block(&mut self, cx: &mut Context, block: &Block) {
        cx.open();
        self.statements(cx, &block.stmts);
        cx.close(block.span.end);
    }

    fn statement(&mut self, cx: &mut Context, stmt: &Stmt) {
        self.nested(|model| model.statement_of_kind(cx, stmt), ());
    }

    fn statement_of_kind(&mut self, cx: &mut Context, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Bad
            | StmtKind::Empty
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Goto(_)
            | StmtKind::Fallthrough => {}
            StmtKind::Expr(x) | StmtKind::IncDec(x) | StmtKind::Go(x) | StmtKind::Defer(x) => {
                self.expr(cx, x);
            }
            StmtKind::Send(channel, value) => {
                self.expr(cx, channel);
                self.expr(cx, value);
            }
            StmtKind::Assign(assign) => self.assign(cx, assign, stmt.span.end),
            StmtKind::Return(values) => self.all(cx, values),
            StmtKind::Block(block) => self.block(cx, block),
            StmtKind::If(x) => self.if_statement(cx, x, stmt.span.end),
            StmtKind::Switch(switch) => self.switch(cx, switch, stmt.span.end),
            StmtKind::TypeSwitch(switch) => self.type_switch(cx, switch, stmt.span.end),
            StmtKind::Select(clauses) => self.select_statement(cx, clauses),
            StmtKind::For(x) => self.for_statement(cx, x, stmt.span.end),
            StmtKind::Range(range) => self.range_statement(cx, range),
            StmtKind::Labeled(_, stmt) => self.statement(cx, stmt),
            StmtKind::Decl(decls) => {
                for decl in decls {
                    match decl {
                        Decl::Func(_) => {}
                        Decl::Type(decl) => self.local_type(cx, decl),
                        Decl::Var(spec) => self.local_variables(cx, spec),
                        Decl::Const(spec) => self.local_constants(cx, spec),
                    }
                }
            }
        }
    }

    fn all(&mut self, cx: &mut Context, exprs: &[Expr]) {
        for expr in exprs {
            self.expr(cx, expr);
        }
    }

    /// The types that the values give to `count` names.
    fn value_types(&mut self, cx: &mut Context, values: &[Expr], count: usize) -> Vec<TypeId> {
        match values {
            values if values.len() == count => values
                .iter()
                .map(|value| {
                    let operand = self.expr(cx, value);
                    self.default_type(&operand)
                })
                .collect(),
            [value] => {
                let types = self.several(cx, value, count);
                types
                    .into_iter()
                    .map(|ty| self.types.default_type(ty))
                    .collect()
            }
            _ => {
                self.all(cx, values);
                vec![TypeId::UNKNOWN; count]
            }
        }
    }

    fn assign(&mut self, cx: &mut Context, assign: &Assign, end: u32) {
        if assign.op != AssignOp::Define {
            for x in &assign.lhs {
                if !matches!(&x.kind, ExprKind::Ident(name) if cx.is_blank(*name)) {
                    self.expr(cx, x);
                }
            }
            let types = self.value_types(cx, &assign.rhs, assign.lhs.len());
            for (x, ty) in assign.lhs.iter().zip(types) {
                if matches!(&x.kind, ExprKind::Ident(name) if cx.is_blank(*name)) {
                    cx.note_type(x.id, ty);
                }
            }
            return;
        }
        let types = self.value_types(cx, &assign.rhs, assign.lhs.len());
        self.define(cx, &assign.lhs, types, end);
    }

    /// Declares the names of a `:=` that its scope does not have yet (Go spec "Short variable declarations").
    fn define(&mut self, cx: &mut Context, names: &[Expr], types: Vec<TypeId>, end: u32) {
        let mut new = Vec::new();
        for (x, ty) in names.iter().zip(types) {
            let ExprKind::Ident(name) = x.kind else {
                self.expr(cx, x);
                continue;
            };
            match cx.find_innermost(name) {
                Some((entity, local)) => {
                    cx.note_type(x.id, entity.ty());
                    cx.note_object(x.id, local.map(Object::Local));
                }
                None => new.push((
                    Ident {
                        id: x.id,
                        name,
                        span: x.span,
                    },
                    ty,
                )),
            }
        }
        for (ident, ty) in new {
            cx.note_type(ident.id, ty);
            if !cx.is_blank(ident.name) {
                cx.declare(ident, LocalKind::Var, Entity::Variable(ty), end);
            }
        }
    }

    fn if_statement(&mut self, cx: &mut Context, x: &If, end: u32) {
        cx.open();
        if let Some(init) = &x.init {
            self.statement(cx, init);
        }
        self.expr(cx, &x.cond);
        self.block(cx, &x.then);
        if let Some(els) = &x.els {
            self.statement(cx, els);
        }
        cx.close(end);
    }

    fn switch(&mut self, cx: &mut Context, switch: &Switch, end: u32) {
        cx.open();
        if let Some(init) = &switch.init {
            self.statement(cx, init);
        }
        if let Some(tag) = &switch.tag {
            self.expr(cx, tag);
        }
        for case in &switch.cases {
            self.all(cx, &case.exprs);
            self.block(cx, &case.body);
        }
        cx.close(end);
    }

    /// In a clause with one type the symbol has that type, in others that of the subject (Go spec "Type switches").
    fn type_switch(&mut self, cx: &mut Context, switch: &TypeSwitch, end: u32) {
        cx.open();
        if let Some(init) = &switch.init {
            self.statement(cx, init);
        }
        let subject = self.expr(cx, &switch.subject).value_type();
        for case in &switch.cases {
            let ty = self.case_type(cx, case, subject);
            cx.open();
            if let Some(bind) = switch.bind {
                cx.declare_outside(
                    bind.name,
                    bind.span,
                    LocalKind::Var,
                    Entity::Variable(ty),
                    case.body.span.start,
                );
            }
            self.statements(cx, &case.body.stmts);
            cx.close(case.body.span.end);
        }
        cx.close(end);
    }

    fn case_type(&mut self, cx: &mut Context, case: &CaseClause, subject: TypeId) -> TypeId {
        let operands: Vec<Operand> = case.exprs.iter().map(|x| self.expr(cx, x)).collect();
        match &operands[..] {
            [
                Operand {
                    mode: Mode::Type,
                    ty,
                },
            ] => *ty,
            [
                Operand {
                    mode: Mode::Nil, ..
                },
            ] => subject,
            [_] => TypeId::UNKNOWN,
            _ => subject,
        }
    }

    fn select_statement(&mut self, cx: &mut Context, clauses: &[CommClause]) {
        for clause in clauses {
            cx.open();
            if let Some(comm) = &clause.comm {
                self.statement(cx, comm);
            }
            self.statements(cx, &clause.body.stmts);
            cx.close(clause.span.end.max(clause.body.span.end));
        }
    }

    fn for_statement(&mut self, cx: &mut Context, x: &For, end: u32) {
        cx.open();
        if let Some(init) = &x.init {
            self.statement(cx, init);
        }
        if let Some(cond) = &x.cond {
            self.expr(cx, cond);
        }
        if let Some(post) = &x.post {
            self.statement(cx, post);
        }
        self.block(cx, &x.body);
        cx.close(end);
    }

    fn range_statement(&mut self, cx: &mut Context, range: &Range) {
        let subject = self.expr(cx, &range.subject);
        let (key, value) = self.range_types(&subject);
        let names = [(&range.key, key), (&range.value, value)];
        cx.open();
        for (name, ty) in names {
            let Some(x) = name else { continue };
            match x.kind {
                ExprKind::Ident(name) if range.define => {
                    let ident = Ident {
                        id: x.id,
                        name,
                        span: x.span,
                    };
                    cx.declare(
                        ident,
                        LocalKind::Var,
                        Entity::Variable(ty),
                        range.body.span.start,
                    );
                }
                ExprKind::Ident(name) if cx.is_blank(name) => cx.note_type(x.id, ty),
                _ => {
                    self.expr(cx, x);
                }
            }
        }
        self.block(cx, &range.body);
        cx.close(range.body.span.end);
    }

    /// What the iteration variables get (Go spec "For statements with range clause").
    fn range_types(&mut self, subject: &Operand) -> (TypeId, TypeId) {
        let none = TypeId::UNKNOWN;
        let ty = subject.value_type();
        let int = self.types.basic(Basic::Int);
        let under = self.core_type(ty);
        let kind = self.types.kind(under);
        match &*kind {
            Kind::Slice(elem) | Kind::Array(elem) => (int, *elem),
            Kind::Pointer(array) => {
                let under = self.underlying(*array);
                match self.types.get(under) {
                    Kind::Array(elem) => (int, *elem),
                    _ => (none, none),
                }
            }
            Kind::Map(key, value) => (*key, *value),
            Kind::Chan(_, elem) => (*elem, none),
            Kind::Basic(Basic::String | Basic::UntypedString) => {
                (int, self.types.basic(Basic::Int32))
            }
            Kind::Basic(_) => (self.types.default_type(ty), none),
            Kind::Func(FuncType { params, .. }) => {
                let Some(yielder) = params.first() else {
                    return (none, none);
                };
                let under = self.core_type(*yielder);
                match self.types.get(under) {
                    Kind::Func(FuncType { params, .. }) => (
                        params.first().copied().unwrap_or(none),
                        params.get(1).copied().unwrap_or(none),
                    ),
                    _ => (none, none),
                }
            }
            _ => (none, none),
        }
    }

    fn local_variables(&mut self, cx: &mut Context, spec: &ValueSpec) {
        let types = match &spec.ty {
            Some(ty) => {
                let ty = self.type_of(cx, ty);
                self.all(cx, &spec.values);
                vec![ty; spec.names.len()]
            }
            None => self.value_types(cx, &spec.values, spec.names.len()),
        };
        for (name, ty) in spec.names.iter().zip(types) {
            cx.declare(*name, LocalKind::Var, Entity::Variable(ty), spec.span.end);
        }
    }

    fn local_constants(&mut self, cx: &mut Context, spec: &ConstSpec) {
        // The nodes of a repeated spec belong to the spec that wrote them.
        let record = if spec.implicit { cx.suspend() } else { None };
        let types: Vec<TypeId> = if spec.source.ty.is_some() && !spec.implicit {
            let ty = self.const_type(cx, spec, 0);
            self.all(cx, &spec.source.values);
            vec![ty; spec.names.len()]
        } else {
            (0..spec.names.len())
                .map(|i| self.const_type(cx, spec, i))
                .collect()
        };
        if spec.implicit {
            cx.resume(record);
        }
        let end = spec.names.last().map_or(0, |name| name.span.end);
        let visible = if spec.implicit {
            end
        } else {
            end.max(spec.source.span.end)
        };
        for (name, ty) in spec.names.iter().zip(types) {
            cx.declare(*name, LocalKind::Const, Entity::Constant(ty), visible);
        }
    }

    fn local_type(&mut self, cx: &mut Context, decl: &TypeDecl) {
        let visible = decl.name.span.start;
        if !decl.type_params.is_empty() {
            // Generic types in functions are not supported by Go before 1.27 (and unknown here).
            cx.declare(
                decl.name,
                LocalKind::Type,
                Entity::Type(TypeId::UNKNOWN),
                visible,
            );
            return;
        }
        if decl.alias {
            let ty = self.type_of(cx, &decl.rhs);
            cx.declare(decl.name, LocalKind::Type, Entity::Type(ty), visible);
            return;
        }
        let package = cx.package.id;
        let place = (package, cx.file, decl.name.span.start);
        let next = self.local_types.len() as u32;
        let index = *self.local_type_ids.entry(place).or_insert(next);
        if index == next {
            let name = decl.name.name;
            self.local_types.push(LocalType {
                name,
                package,
                underlying: TypeId::UNKNOWN,
            });
        }
        let key = TypeKey::Local(index);
        let ty = self.types.intern(Kind::Named(key, Box::new([])));
        cx.declare(decl.name, LocalKind::Type, Entity::Type(ty), visible);
        let rhs = match &decl.rhs.kind {
            ExprKind::InterfaceType(elems) => {
                let interface = self.interface_type(cx, elems, Some(key));
                cx.note_type(decl.rhs.id, interface);
                interface
            }
            _ => self.type_of(cx, &decl.rhs),
        };
        let underlying = self.underlying(rhs);
        self.local_types[index as usize].underlying = underlying;
    }
}
