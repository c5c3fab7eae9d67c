//! Type expressions: literals of types, and operands that turn out to be types.

use super::TypeId;
use super::context::Context;
use super::model::Model;
use super::operand::{Mode, Operand};
use super::repr::{FieldType, FuncType, InterfaceType, Kind, TypeKey};
use crate::syntax::ast::{Expr, ExprKind, Field, Ident, InterfaceElem, Param, Signature};

/// The name of an embedded field: the type's name without package, pointer and arguments.
fn embedded_name(ty: &Expr) -> Option<Ident> {
    match &ty.kind {
        ExprKind::Star(x) | ExprKind::Paren(x) | ExprKind::Index(x, _) => embedded_name(x),
        ExprKind::Selector(_, name) => Some(*name),
        ExprKind::Ident(name) => Some(Ident {
            id: ty.id,
            name: *name,
            span: ty.span,
        }),
        _ => None,
    }
}

impl Model<'_> {
    /// The type that an expression denotes; unknown when it is not a type.
    pub(super) fn type_of(&mut self, cx: &mut Context, expr: &Expr) -> TypeId {
        let operand = self.expr(cx, expr);
        if matches!(operand.mode, Mode::Type) {
            operand.ty
        } else {
            TypeId::UNKNOWN
        }
    }

    /// The forms that only types have; none for any other expression.
    pub(super) fn type_literal(&mut self, cx: &mut Context, expr: &Expr) -> Option<TypeId> {
        Some(match &expr.kind {
            ExprKind::ArrayType(length, elem) => {
                // Lengths matter only for the calls in them.
                if let Some(length) = length
                    && cx.is_recording()
                {
                    self.expr(cx, length);
                }
                let elem = self.type_of(cx, elem);
                self.types.intern(Kind::Array(elem))
            }
            ExprKind::SliceType(elem) => {
                let elem = self.type_of(cx, elem);
                self.types.intern(Kind::Slice(elem))
            }
            ExprKind::MapType(key, value) => {
                let key = self.type_of(cx, key);
                let value = self.type_of(cx, value);
                self.types.intern(Kind::Map(key, value))
            }
            ExprKind::ChanType(dir, elem) => {
                let elem = self.type_of(cx, elem);
                self.types.intern(Kind::Chan(*dir, elem))
            }
            ExprKind::FuncType(signature) => self.func_type(cx, signature),
            ExprKind::StructType(fields) => self.struct_type(cx, fields),
            ExprKind::InterfaceType(elems) => self.interface_type(cx, elems, None),
            ExprKind::Tilde(x) => {
                let ty = self.type_of(cx, x);
                self.types.intern(Kind::Tilde(ty))
            }
            _ => return None,
        })
    }

    /// A function type.
    pub(super) fn func_type(&mut self, cx: &mut Context, signature: &Signature) -> TypeId {
        let (params, variadic) = self.param_types(cx, &signature.params);
        let (results, _) = self.param_types(cx, &signature.results);
        self.types.intern(Kind::Func(FuncType {
            params,
            variadic,
            results,
        }))
    }

    /// One type a parameter, grouped names spread out; and whether the last is variadic (then it is the slice).
    fn param_types(&mut self, cx: &mut Context, params: &[Param]) -> (Box<[TypeId]>, bool) {
        let mut types = Vec::with_capacity(params.len());
        let mut variadic = false;
        for param in params {
            let mut ty = self.type_of(cx, &param.ty);
            if param.variadic {
                variadic = true;
                ty = self.types.intern(Kind::Slice(ty));
            }
            types.extend(std::iter::repeat_n(ty, param.names.len().max(1)));
        }
        (types.into(), variadic)
    }

    fn struct_type(&mut self, cx: &mut Context, fields: &[Field]) -> TypeId {
        let mut types = Vec::with_capacity(fields.len());
        for field in fields {
            let ty = self.type_of(cx, &field.ty);
            if field.names.is_empty() {
                match embedded_name(&field.ty) {
                    Some(ident) => types.push(FieldType {
                        name: ident.name,
                        ty,
                        embedded: true,
                    }),
                    // Unnamed and embeds nothing nameable: anything may be promoted from it.
                    None => types.push(FieldType {
                        name: "_".into(),
                        ty: TypeId::UNKNOWN,
                        embedded: true,
                    }),
                }
            }
            types.extend(field.names.iter().map(|name| FieldType {
                name: name.name,
                ty,
                embedded: false,
            }));
        }
        self.types.intern(Kind::Struct(cx.package.id, types.into()))
    }

    /// An interface type; `owner` is the declaration it is the right-hand side of.
    pub(super) fn interface_type(
        &mut self,
        cx: &mut Context,
        elems: &[InterfaceElem],
        owner: Option<TypeKey>,
    ) -> TypeId {
        let mut methods = Vec::new();
        let mut embeds = Vec::new();
        for elem in elems {
            match elem {
                InterfaceElem::Method(name, signature) => {
                    let ty = self.func_type(cx, signature);
                    methods.push((name.name, ty));
                }
                InterfaceElem::Embed(expr) => {
                    let ty = self.type_of(cx, expr);
                    embeds.push(ty);
                }
            }
        }
        if methods.is_empty() && embeds.is_empty() {
            return self.universe.any;
        }
        self.types.intern(Kind::Interface(InterfaceType {
            owner: owner.filter(|_| !methods.is_empty()),
            package: Some(cx.package.id),
            methods: methods.into(),
            embeds: embeds.into(),
        }))
    }

    /// `x | y` of two types in a constraint.
    pub(super) fn union(&mut self, x: TypeId, y: TypeId) -> Operand {
        let mut terms = Vec::new();
        for ty in [x, y] {
            match self.types.get(ty) {
                Kind::Union(inner) => terms.extend_from_slice(inner),
                _ => terms.push(ty),
            }
        }
        Operand::of_type(self.types.intern(Kind::Union(terms.into())))
    }
}
