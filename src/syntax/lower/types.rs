//! Types (Go spec "Types"), signatures and type parameters.

use super::kinds::{Field, Kind};
use super::{Child, Lower, field, span};
use crate::syntax::ast::{
    self, BinaryOp, ChanDir, Expr, ExprKind, Ident, InterfaceElem, Param, Signature, Span,
    TypeParam,
};
use std::sync::Arc;
use tree_sitter::Node;

impl<'t> Lower<'t> {
    pub(super) fn type_expr(&mut self, node: Node<'t>) -> Expr {
        let children = self.children(node);
        let named = || {
            children
                .iter()
                .filter(|child| child.node.is_named())
                .map(|child| child.node)
        };
        let kind = match self.kind(node) {
            Kind::PointerType => ExprKind::Star(self.boxed(named().next(), node)),
            Kind::NegatedType => ExprKind::Tilde(self.boxed(named().next(), node)),
            Kind::ArrayType => {
                let length = self.boxed(field(&children, Field::Length), node);
                ExprKind::ArrayType(
                    Some(length),
                    self.boxed(field(&children, Field::Element), node),
                )
            }
            Kind::ImplicitLengthArrayType => {
                ExprKind::ArrayType(None, self.boxed(field(&children, Field::Element), node))
            }
            Kind::SliceType => {
                ExprKind::SliceType(self.boxed(field(&children, Field::Element), node))
            }
            Kind::MapType => {
                let key = self.boxed(field(&children, Field::Key), node);
                ExprKind::MapType(key, self.boxed(field(&children, Field::Value), node))
            }
            Kind::ChannelType => {
                let arrow = children
                    .iter()
                    .position(|child| self.text_of(child.node) == "<-");
                let dir = match arrow {
                    None => ChanDir::Both,
                    Some(0) => ChanDir::Receive,
                    Some(_) => ChanDir::Send,
                };
                ExprKind::ChanType(dir, self.boxed(field(&children, Field::Value), node))
            }
            Kind::FunctionType => ExprKind::FuncType(Box::new(self.signature(&children))),
            Kind::StructType => ExprKind::StructType(self.struct_fields(&children)),
            Kind::InterfaceType => ExprKind::InterfaceType(self.interface_elems(&children)),
            Kind::TypeElem | Kind::TypeConstraint => return self.union(node, named().collect()),
            _ => ExprKind::Bad,
        };
        self.new_expr(span(node), kind)
    }

    /// `A | ~B | C`, left-associative like any binary `|`.
    fn union(&mut self, node: Node<'t>, terms: Vec<Node<'t>>) -> Expr {
        let mut terms = terms.into_iter();
        let mut union = self.expr_or_bad(terms.next(), node);
        for term in terms {
            let term = self.expr(term);
            let at = Span {
                start: union.span.start,
                end: term.span.end,
            };
            union = self.new_expr(
                at,
                ExprKind::Binary(BinaryOp::Or, Box::new(union), Box::new(term)),
            );
        }
        union
    }

    pub(super) fn signature(&mut self, children: &[Child<'t>]) -> Signature {
        let params = field(children, Field::Parameters);
        let results = field(children, Field::Result);
        Signature {
            params: params.map(|node| self.params(node)).unwrap_or_default(),
            results: results.map(|node| self.params(node)).unwrap_or_default(),
            params_span: params.map(span).unwrap_or_default(),
            results_span: results.map(span).unwrap_or_default(),
        }
    }

    pub(super) fn params(&mut self, node: Node<'t>) -> Vec<Param> {
        if self.kind(node) != Kind::ParameterList {
            return vec![Param {
                names: Vec::new(),
                ty: self.expr(node),
                variadic: false,
                span: span(node),
            }];
        }
        let mut params = Vec::new();
        for child in self.named(node) {
            let variadic = match child.kind {
                Kind::ParameterDeclaration => false,
                Kind::VariadicParameterDeclaration => true,
                _ => continue,
            };
            let parts = self.named(child.node);
            let names = parts
                .iter()
                .filter(|part| part.field == Field::Name)
                .map(|part| self.ident(part.node));
            let names = names.collect();
            let ty = self.expr_or_bad(field(&parts, Field::Type), child.node);
            params.push(Param {
                names,
                ty,
                variadic,
                span: span(child.node),
            });
        }
        name_split_groups(params)
    }

    pub(super) fn type_params(&mut self, node: Option<Node<'t>>) -> Vec<TypeParam> {
        let Some(node) = node else { return Vec::new() };
        let mut params = Vec::new();
        for child in self.named(node) {
            if child.kind != Kind::TypeParameterDeclaration {
                continue;
            }
            let parts = self.named(child.node);
            let constraint = Arc::new(self.expr_or_bad(field(&parts, Field::Type), child.node));
            for part in parts.iter().filter(|part| part.field == Field::Name) {
                params.push(TypeParam {
                    name: self.ident(part.node),
                    constraint: constraint.clone(),
                });
            }
        }
        params
    }

    fn struct_fields(&mut self, children: &[Child<'t>]) -> Vec<ast::Field> {
        let Some(list) = children
            .iter()
            .find(|child| child.kind == Kind::FieldDeclarationList)
        else {
            return Vec::new();
        };
        let mut fields = Vec::new();
        for child in self.named(list.node) {
            if child.kind != Kind::FieldDeclaration {
                continue;
            }
            let parts = self.children(child.node);
            let mut names = Vec::new();
            for part in parts
                .iter()
                .filter(|part| part.field == Field::Name && part.node.is_named())
            {
                names.push(self.ident(part.node));
            }
            let mut ty = self.expr_or_bad(field(&parts, Field::Type), child.node);
            if let Some(star) = parts.iter().find(|part| self.text_of(part.node) == "*") {
                let at = Span {
                    start: star.node.start_byte() as u32,
                    end: ty.span.end,
                };
                ty = self.new_expr(at, ExprKind::Star(Box::new(ty)));
            }
            fields.push(ast::Field {
                names,
                ty,
                span: span(child.node),
            });
        }
        fields
    }

    fn interface_elems(&mut self, children: &[Child<'t>]) -> Vec<InterfaceElem> {
        let mut elems = Vec::new();
        for child in children.iter().filter(|child| child.node.is_named()) {
            let parts = self.children(child.node);
            elems.push(match (child.kind, field(&parts, Field::Name)) {
                (Kind::MethodElem, Some(name)) => {
                    let name = self.ident(name);
                    InterfaceElem::Method(name, self.signature(&parts))
                }
                (Kind::TypeElem, _) => InterfaceElem::Embed(self.expr(child.node)),
                _ => InterfaceElem::Embed(self.bad(span(child.node))),
            });
        }
        elems
    }
}

/// The grammar may split `(a, b int)` into an unnamed `a` and a named `b int`; either all parameters are named or
/// none (Go spec "Function types"), so unnamed identifiers before a named group are its names.
fn name_split_groups(params: Vec<Param>) -> Vec<Param> {
    if params.iter().all(|param| param.names.is_empty())
        || params.iter().all(|param| !param.names.is_empty())
    {
        return params;
    }
    let mut grouped = Vec::new();
    let mut pending: Vec<Ident> = Vec::new();
    for mut param in params {
        match param.ty.kind {
            ExprKind::Ident(name) if param.names.is_empty() => {
                pending.push(Ident {
                    id: param.ty.id,
                    name,
                    span: param.ty.span,
                });
            }
            _ => {
                if let Some(first) = pending.first() {
                    param.span.start = first.span.start;
                }
                pending.append(&mut param.names);
                param.names = std::mem::take(&mut pending);
                grouped.push(param);
            }
        }
    }
    grouped
}
