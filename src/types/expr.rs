//! Expressions (Go spec "Expressions"). Each is evaluated once when recording, as function literals declare locals.

use super::TypeId;
use super::context::Context;
use super::lookup::Selection;
use super::model::Model;
use super::operand::{Mode, Operand, Target};
use super::repr::{Basic, FuncType, Generic, Kind};
use crate::syntax::ast::{BinaryOp, Element, Expr, ExprKind, Ident, LiteralKind, Name, UnaryOp};
use std::rc::Rc;

impl Model<'_> {
    /// What an expression is; recorded when the context records.
    pub(super) fn expr(&mut self, cx: &mut Context, expr: &Expr) -> Operand {
        let operand = self.nested(|model| model.expr_of_kind(cx, expr), Operand::UNKNOWN);
        if cx.is_recording() {
            let ty = match operand.mode {
                Mode::Void => self.types.intern(Kind::Tuple(Box::new([]))),
                _ => operand.ty,
            };
            cx.note_type(expr.id, ty);
        }
        operand
    }

    fn expr_of_kind(&mut self, cx: &mut Context, expr: &Expr) -> Operand {
        match &expr.kind {
            ExprKind::Bad => Operand::UNKNOWN,
            ExprKind::Ident(name) => {
                let (operand, object) = self.identifier(cx, *name);
                cx.note_object(expr.id, object);
                operand
            }
            ExprKind::Literal(kind) => Operand::value(self.types.basic(match kind {
                LiteralKind::Int => Basic::UntypedInt,
                LiteralKind::Float => Basic::UntypedFloat,
                LiteralKind::Imaginary => Basic::UntypedComplex,
                LiteralKind::Rune => Basic::UntypedRune,
                LiteralKind::String => Basic::UntypedString,
            })),
            ExprKind::Paren(x) => self.expr(cx, x),
            ExprKind::Selector(x, name) => self.selector(cx, x, name),
            ExprKind::Index(x, indices) => self.index(cx, x, indices),
            ExprKind::Slice(x, bounds) => {
                let operand = self.expr(cx, x);
                for bound in bounds.iter().flatten() {
                    self.expr(cx, bound);
                }
                self.sliced(&operand)
            }
            ExprKind::TypeAssert(x, ty) => {
                self.expr(cx, x);
                match ty {
                    Some(ty) => Operand::value(self.type_of(cx, ty)),
                    None => Operand::UNKNOWN,
                }
            }
            ExprKind::Call(call) => self.call(cx, expr, call),
            ExprKind::Star(x) => {
                let operand = self.expr(cx, x);
                match operand.mode {
                    Mode::Type => Operand::of_type(self.types.pointer(operand.ty)),
                    Mode::Value => {
                        let under = self.core_type(operand.ty);
                        match self.types.get(under) {
                            Kind::Pointer(elem) => Operand::value(*elem),
                            _ => Operand::UNKNOWN,
                        }
                    }
                    _ => Operand::UNKNOWN,
                }
            }
            ExprKind::Unary(op, x) => {
                let operand = self.expr(cx, x);
                self.unary(*op, operand)
            }
            ExprKind::Binary(..) => self.binary(cx, expr),
            ExprKind::Composite(ty, elements) => {
                let ty = match ty {
                    Some(ty) => self.type_of(cx, ty),
                    None => TypeId::UNKNOWN,
                };
                self.elements(cx, ty, elements);
                Operand::value(ty)
            }
            ExprKind::FuncLit(literal) => {
                if cx.is_recording() {
                    return Operand::value(self.func_literal(cx, literal));
                }
                Operand::value(self.func_type(cx, &literal.signature))
            }
            _ => match self.type_literal(cx, expr) {
                Some(ty) => Operand::of_type(ty),
                None => Operand::UNKNOWN,
            },
        }
    }

    /// The type that a value has once it is stored: untyped constants become typed.
    pub(super) fn default_type(&mut self, operand: &Operand) -> TypeId {
        let ty = operand.value_type();
        self.types.default_type(ty)
    }

    /// The types of `count` values that one expression gives: a call with several results, or a form with an
    /// additional boolean (`v, ok := <-ch`).
    pub(super) fn several(&mut self, cx: &mut Context, expr: &Expr, count: usize) -> Vec<TypeId> {
        let operand = self.expr(cx, expr);
        let unknown = vec![TypeId::UNKNOWN; count];
        match &expr.unparen().kind {
            ExprKind::Call(_) => match self.types.get(operand.ty) {
                Kind::Tuple(types) if types.len() == count => types.to_vec(),
                _ => unknown,
            },
            ExprKind::Index(..)
            | ExprKind::TypeAssert(..)
            | ExprKind::Unary(UnaryOp::Receive, _)
                if count == 2 =>
            {
                vec![self.default_type(&operand), self.types.basic(Basic::Bool)]
            }
            _ => unknown,
        }
    }

    fn selector(&mut self, cx: &mut Context, x: &Expr, name: &Ident) -> Operand {
        let operand = self.expr(cx, x);
        match operand.mode {
            Mode::Package(Some(id)) => {
                let (member, object) = self.package_member(id, name.name);
                cx.note_object(name.id, object);
                member
            }
            Mode::Unsafe => self
                .universe
                .of_unsafe(name.name)
                .cloned()
                .unwrap_or(Operand::UNKNOWN),
            Mode::Value => self.member(cx, operand.ty, name.name),
            Mode::Type => self.method_expression(cx, operand.ty, name.name),
            _ => Operand::UNKNOWN,
        }
    }

    /// `value.name`.
    fn member(&mut self, cx: &Context, ty: TypeId, name: Name) -> Operand {
        match self.select(ty, name, Some(cx.package.id)) {
            Selection::Field(ty) => Operand::value(ty),
            Selection::Method {
                target, signature, ..
            } => {
                let params = match target {
                    Target::Func(func) => self.type_params(Generic::Func(func)),
                    Target::Interface(..) => Rc::from([]),
                };
                Operand {
                    mode: Mode::Func(target, params),
                    ty: signature,
                }
            }
            Selection::No | Selection::Unknown => Operand::UNKNOWN,
        }
    }

    /// `T.name`: the method as a function with the receiver first (Go spec "Method expressions").
    fn method_expression(&mut self, cx: &Context, ty: TypeId, name: Name) -> Operand {
        let Selection::Method {
            target, signature, ..
        } = self.select(ty, name, Some(cx.package.id))
        else {
            return Operand::UNKNOWN;
        };
        let kind = self.types.kind(signature);
        let ty = match &*kind {
            Kind::Func(FuncType {
                params,
                variadic,
                results,
            }) => {
                let params = std::iter::once(ty).chain(params.iter().copied()).collect();
                self.types.intern(Kind::Func(FuncType {
                    params,
                    variadic: *variadic,
                    results: results.clone(),
                }))
            }
            _ => TypeId::UNKNOWN,
        };
        Operand {
            mode: Mode::Func(target, Rc::from([])),
            ty,
        }
    }

    /// `x[i]`: an element, or a generic type or function with its arguments.
    fn index(&mut self, cx: &mut Context, x: &Expr, indices: &[Expr]) -> Operand {
        let operand = self.expr(cx, x);
        match operand.mode {
            Mode::GenericType(id, index) => {
                let args = indices.iter().map(|arg| self.type_of(cx, arg)).collect();
                self.instantiate(id, index, args)
            }
            Mode::Func(target, params) if !params.is_empty() => {
                let args: Vec<TypeId> = indices.iter().map(|arg| self.type_of(cx, arg)).collect();
                let count = args.len().min(params.len());
                let ty = self
                    .types
                    .substitute(operand.ty, &params[..count], &args[..count]);
                Operand {
                    mode: Mode::Func(target, Rc::from(&params[count..])),
                    ty,
                }
            }
            _ => {
                for index in indices {
                    self.expr(cx, index);
                }
                if operand.is_value() {
                    self.element(operand.ty)
                } else {
                    Operand::UNKNOWN
                }
            }
        }
    }

    fn element(&mut self, ty: TypeId) -> Operand {
        let under = self.core_type(ty);
        Operand::value(match *self.types.get(under) {
            Kind::Slice(elem) | Kind::Array(elem) | Kind::Map(_, elem) => elem,
            Kind::Pointer(array) => {
                let under = self.underlying(array);
                match self.types.get(under) {
                    Kind::Array(elem) => *elem,
                    _ => TypeId::UNKNOWN,
                }
            }
            Kind::Basic(Basic::String | Basic::UntypedString) => self.types.basic(Basic::Uint8),
            _ => TypeId::UNKNOWN,
        })
    }

    fn sliced(&mut self, operand: &Operand) -> Operand {
        if !operand.is_value() {
            return Operand::UNKNOWN;
        }
        let under = self.core_type(operand.ty);
        Operand::value(match *self.types.get(under) {
            Kind::Slice(_) | Kind::Basic(Basic::String) => operand.ty,
            Kind::Basic(Basic::UntypedString) => self.types.basic(Basic::String),
            Kind::Array(elem) => self.types.intern(Kind::Slice(elem)),
            Kind::Pointer(array) => {
                let under = self.underlying(array);
                match *self.types.get(under) {
                    Kind::Array(elem) => self.types.intern(Kind::Slice(elem)),
                    _ => TypeId::UNKNOWN,
                }
            }
            _ => TypeId::UNKNOWN,
        })
    }

    fn unary(&mut self, op: UnaryOp, operand: Operand) -> Operand {
        if !operand.is_value() {
            return Operand::UNKNOWN;
        }
        match op {
            UnaryOp::Address => Operand::value(self.types.pointer(operand.ty)),
            UnaryOp::Receive => {
                let under = self.core_type(operand.ty);
                match self.types.get(under) {
                    Kind::Chan(_, elem) => Operand::value(*elem),
                    _ => Operand::UNKNOWN,
                }
            }
            UnaryOp::Not | UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Complement => operand,
        }
    }

    /// A binary operation; the left spine is walked in a loop, as sums of thousands of strings exist.
    fn binary(&mut self, cx: &mut Context, expr: &Expr) -> Operand {
        let mut spine = Vec::new();
        let mut left = expr;
        while let ExprKind::Binary(op, x, y) = &left.kind {
            spine.push((left, *op, &**y));
            left = x;
        }
        let mut result = self.expr(cx, left);
        for (whole, op, y) in spine.into_iter().rev() {
            let y = self.expr(cx, y);
            result = self.combine(op, result, y);
            cx.note_type(whole.id, result.ty);
        }
        result
    }

    fn combine(&mut self, op: BinaryOp, x: Operand, y: Operand) -> Operand {
        match op {
            BinaryOp::Or if matches!((&x.mode, &y.mode), (Mode::Type, Mode::Type)) => {
                self.union(x.ty, y.ty)
            }
            BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual => Operand::value(self.types.basic(Basic::UntypedBool)),
            BinaryOp::Shl | BinaryOp::Shr => {
                if !x.is_value() {
                    return Operand::UNKNOWN;
                }
                // Go spec "Constant expressions": a constant shift of an untyped float gives an integer constant.
                match self.types.untyped(x.ty) {
                    Some(Basic::UntypedFloat | Basic::UntypedComplex) => {
                        Operand::value(self.types.basic(Basic::UntypedInt))
                    }
                    _ => x,
                }
            }
            _ => self.arithmetic(x, y),
        }
    }

    /// The typed one of two operands, or the larger kind of two untyped ones.
    pub(super) fn arithmetic(&mut self, x: Operand, y: Operand) -> Operand {
        if !x.is_value() || !y.is_value() {
            return Operand::UNKNOWN;
        }
        match (self.types.untyped(x.ty), self.types.untyped(y.ty)) {
            (Some(a), Some(b)) => Operand::value(self.types.basic(a.max(b))),
            (Some(_), None) => y,
            _ => x,
        }
    }

    /// The elements of a composite literal of type `ty`, whose element types literals may leave out.
    fn elements(&mut self, cx: &mut Context, ty: TypeId, elements: &[Element]) {
        let mut under = self.core_type(ty);
        if let Kind::Pointer(elem) = *self.types.get(under) {
            under = self.underlying(elem);
        }
        let kind = self.types.kind(under);
        let (key_type, value_type) = match &*kind {
            Kind::Slice(elem) | Kind::Array(elem) => (TypeId::UNKNOWN, *elem),
            Kind::Map(key, value) => (*key, *value),
            _ => (TypeId::UNKNOWN, TypeId::UNKNOWN),
        };
        for element in elements {
            if let Some(key) = &element.key {
                match &key.kind {
                    ExprKind::Ident(name) if let Kind::Struct(_, fields) = &*kind => {
                        if let Some(field) = fields.iter().find(|field| field.name == *name) {
                            cx.note_type(key.id, field.ty);
                        }
                    }
                    // Could be a field's name.
                    ExprKind::Ident(_) if matches!(&*kind, Kind::Unknown) => {}
                    _ => self.element_value(cx, key_type, key),
                }
            }
            self.element_value(cx, value_type, &element.value);
        }
    }

    fn element_value(&mut self, cx: &mut Context, ty: TypeId, value: &Expr) {
        if let ExprKind::Composite(None, elements) = &value.kind {
            self.nested(|model| model.elements(cx, ty, elements), ());
            cx.note_type(value.id, ty);
        } else {
            self.expr(cx, value);
        }
    }
}
