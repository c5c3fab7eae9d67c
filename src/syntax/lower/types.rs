//! Types (Go spec "Types"), signatures and type parameters.

use super::kinds::{Field, Kind};
use super::{Lower, Node};
use crate::syntax::ast::{
    self, BinaryOp, ChanDir, Expr, ExprKind, Ident, InterfaceElem, Param, Signature, Span,
    TypeParam,
};
use std::sync::Arc;

impl<'t> Lower<'t> {
    pub(super) fn type_expr(&mut self, node: Node<'t>) -> Expr {
        let kind = match node.kind() {
            Kind::PointerType => ExprKind::Star(self.boxed(node.first(), node)),
            Kind::NegatedType => ExprKind::Tilde(self.boxed(node.first(), node)),
            Kind::ArrayType => {
                let length = self.boxed(node.get(Field::Length), node);
                ExprKind::ArrayType(Some(length), self.boxed(node.get(Field::Element), node))
            }
            Kind::ImplicitLengthArrayType => {
                ExprKind::ArrayType(None, self.boxed(node.get(Field::Element), node))
            }
            Kind::SliceType => ExprKind::SliceType(self.boxed(node.get(Field::Element), node)),
            Kind::MapType => {
                let key = self.boxed(node.get(Field::Key), node);
                ExprKind::MapType(key, self.boxed(node.get(Field::Value), node))
            }
            Kind::ChannelType => return self.channel(node, None),
            Kind::FunctionType => ExprKind::FuncType(Box::new(self.signature(node))),
            Kind::StructType => ExprKind::StructType(self.struct_fields(node)),
            Kind::InterfaceType => ExprKind::InterfaceType(self.interface_elems(node)),
            Kind::TypeElem | Kind::TypeConstraint => return self.union(node),
            _ => ExprKind::Bad,
        };
        self.new_expr(node.span(), kind)
    }

    /// A channel type. The grammar takes `chan <- chan T` for `chan (<-chan T)`, but the arrow belongs to the leftmost
    /// `chan` possible (Go spec "Channel types"): then the element begins at `start`, and its arrow is not its own.
    fn channel(&mut self, node: Node<'t>, start: Option<u32>) -> Expr {
        let arrow = node.token().map(|arrow| arrow.span().start);
        let leads = arrow == Some(node.span().start);
        let value = node.get(Field::Value);
        let own = !leads || start.is_none();
        let steals = value.filter(|value| {
            let receive = value.kind() == Kind::ChannelType
                && value
                    .token()
                    .is_some_and(|arrow| arrow.span().start == value.span().start);
            receive && (arrow.is_none() || !own)
        });
        let dir = match (steals, arrow) {
            (Some(_), _) => ChanDir::Send,
            (None, Some(_)) if own && leads => ChanDir::Receive,
            (None, Some(_)) if own => ChanDir::Send,
            _ => ChanDir::Both,
        };
        let element = match steals {
            Some(value) => {
                let start = self.after_arrow(value);
                Box::new(self.channel(value, Some(start)))
            }
            None => self.boxed(value, node),
        };
        let at = Span {
            start: start.unwrap_or(node.span().start),
            end: node.span().end,
        };
        self.new_expr(at, ExprKind::ChanType(dir, element))
    }

    /// Where the `chan` of `<-chan T` stands.
    fn after_arrow(&self, channel: Node<'t>) -> u32 {
        let text = self.text_of(channel);
        let space = ['<', '-', ' ', '\t', '\n', '\r'];
        channel.span().end - text.trim_start_matches(space).len() as u32
    }

    /// `<-chan T` as `chan T`.
    pub(super) fn without_arrow(&mut self, channel: Node<'t>) -> Expr {
        let start = self.after_arrow(channel);
        self.channel(channel, Some(start))
    }

    /// `A | ~B | C`, left-associative like any binary `|`.
    fn union(&mut self, node: Node<'t>) -> Expr {
        let mut terms = node.named();
        let mut union = self.expr_or_bad(terms.next(), node);
        for term in terms {
            let term = self.expr(term);
            let at = Span {
                start: union.span.start,
                end: term.span.end,
            };
            let kind = ExprKind::Binary(BinaryOp::Or, Box::new(union), Box::new(term));
            union = self.new_expr(at, kind);
        }
        union
    }

    pub(super) fn signature(&mut self, node: Node<'t>) -> Signature {
        let params = node.get(Field::Parameters);
        let results = node.get(Field::Result);
        Signature {
            params: params.map(|node| self.params(node)).unwrap_or_default(),
            results: results.map(|node| self.params(node)).unwrap_or_default(),
            params_span: params.map(Node::span).unwrap_or_default(),
            results_span: results.map(Node::span).unwrap_or_default(),
        }
    }

    /// A parameter list, or the one type of a result.
    pub(super) fn params(&mut self, node: Node<'t>) -> Vec<Param> {
        if node.kind() != Kind::ParameterList {
            return vec![Param {
                names: Vec::new(),
                ty: self.expr(node),
                variadic: false,
                span: node.span(),
            }];
        }
        let mut params = Vec::new();
        for param in node.named() {
            let variadic = match param.kind() {
                Kind::ParameterDeclaration => false,
                Kind::VariadicParameterDeclaration => true,
                _ => continue,
            };
            params.push(Param {
                names: param
                    .all(Field::Name)
                    .map(|name| self.ident(name))
                    .collect(),
                ty: self.expr_or_bad(param.get(Field::Type), param),
                variadic,
                span: param.span(),
            });
        }
        name_split_groups(params)
    }

    pub(super) fn type_params(&mut self, node: Option<Node<'t>>) -> Vec<TypeParam> {
        let mut params = Vec::new();
        for group in node.into_iter().flat_map(Node::named) {
            if group.kind() != Kind::TypeParameterDeclaration {
                continue;
            }
            let names: Vec<_> = group
                .all(Field::Name)
                .map(|name| self.ident(name))
                .collect();
            let constraint = Arc::new(self.expr_or_bad(group.get(Field::Type), group));
            params.extend(names.into_iter().map(|name| TypeParam {
                name,
                constraint: constraint.clone(),
            }));
        }
        params
    }

    fn struct_fields(&mut self, node: Node<'t>) -> Vec<ast::Field> {
        let list = node
            .named()
            .find(|child| child.kind() == Kind::FieldDeclarationList);
        let mut fields = Vec::new();
        for field in list.into_iter().flat_map(Node::named) {
            if field.kind() != Kind::FieldDeclaration {
                continue;
            }
            let names = field
                .all(Field::Name)
                .map(|name| self.ident(name))
                .collect();
            let mut ty = self.expr_or_bad(field.get(Field::Type), field);
            // The star of an embedded `*T` stands beside the type, not around it.
            if let Some(star) = field.token() {
                let at = Span {
                    start: star.span().start,
                    end: ty.span.end,
                };
                ty = self.new_expr(at, ExprKind::Star(Box::new(ty)));
            }
            fields.push(ast::Field {
                names,
                ty,
                span: field.span(),
            });
        }
        fields
    }

    fn interface_elems(&mut self, node: Node<'t>) -> Vec<InterfaceElem> {
        let mut elems = Vec::new();
        for elem in node.named() {
            elems.push(match elem.get(Field::Name) {
                Some(name) if elem.kind() == Kind::MethodElem => {
                    InterfaceElem::Method(self.ident(name), self.signature(elem))
                }
                _ => InterfaceElem::Embed(self.expr(elem)),
            });
        }
        elems
    }
}

/// The grammar may split `(a, b int)` into an unnamed `a` and a named `b int`. Either all parameters are named or
/// none (Go spec "Function types"), so unnamed identifiers before a named group are its names.
fn name_split_groups(params: Vec<Param>) -> Vec<Param> {
    let named = params
        .iter()
        .filter(|param| !param.names.is_empty())
        .count();
    if named == 0 || named == params.len() {
        return params;
    }
    let mut grouped = Vec::new();
    let mut pending: Vec<Param> = Vec::new();
    for mut param in params {
        if param.names.is_empty() {
            pending.push(param);
            continue;
        }
        let split: Option<Vec<Ident>> = pending.iter().map(|param| param.ty.as_ident()).collect();
        if let Some(mut names) = split {
            if let Some(first) = pending.first() {
                param.span.start = first.span.start;
            }
            pending.clear();
            names.append(&mut param.names);
            param.names = names;
        }
        grouped.append(&mut pending);
        grouped.push(param);
    }
    grouped.append(&mut pending);
    grouped
}
