//! Expressions (Go spec "Expressions").

use super::kinds::{Field, Kind};
use super::{Child, Lower, field, span};
use crate::syntax::ast::{
    BinaryOp, Call, Element, Expr, ExprKind, FuncLit, LiteralKind, Span, UnaryOp,
};
use tree_sitter::Node;

impl<'t> Lower<'t> {
    pub(super) fn expr(&mut self, node: Node<'t>) -> Expr {
        let kind = match self.kind(node) {
            Kind::Identifier
            | Kind::TypeIdentifier
            | Kind::PackageIdentifier
            | Kind::FieldIdentifier
            | Kind::BlankIdentifier
            | Kind::Nil
            | Kind::True
            | Kind::False
            | Kind::Iota => ExprKind::Ident(self.name(node)),
            Kind::Int => ExprKind::Literal(LiteralKind::Int),
            Kind::Float => ExprKind::Literal(LiteralKind::Float),
            Kind::Imaginary => ExprKind::Literal(LiteralKind::Imaginary),
            Kind::Rune => ExprKind::Literal(LiteralKind::Rune),
            Kind::RawString | Kind::InterpretedString => ExprKind::Literal(LiteralKind::String),
            Kind::LiteralElement | Kind::ExpressionStatement => {
                let inner = self.first_named(node);
                return self.expr_or_bad(inner, node);
            }
            Kind::Parenthesized | Kind::ParenthesizedType => {
                let inner = self.first_named(node);
                ExprKind::Paren(self.boxed(inner, node))
            }
            Kind::SelectorExpression => self.selector(node, Field::Operand, Field::Member),
            Kind::QualifiedType => self.selector(node, Field::Package, Field::Name),
            Kind::IndexExpression => {
                let children = self.children(node);
                let operand = self.boxed(field(&children, Field::Operand), node);
                ExprKind::Index(
                    operand,
                    vec![self.expr_or_bad(field(&children, Field::Index), node)],
                )
            }
            Kind::GenericType => {
                let children = self.children(node);
                let generic = self.boxed(field(&children, Field::Type), node);
                ExprKind::Index(
                    generic,
                    self.type_args(field(&children, Field::TypeArguments)),
                )
            }
            Kind::TypeInstantiation => {
                let children = self.named(node);
                let generic = self.boxed(children.first().map(|child| child.node), node);
                ExprKind::Index(
                    generic,
                    children
                        .iter()
                        .skip(1)
                        .map(|child| self.expr(child.node))
                        .collect(),
                )
            }
            Kind::SliceExpression => {
                let children = self.children(node);
                let operand = self.boxed(field(&children, Field::Operand), node);
                let bounds = [Field::Start, Field::End, Field::Capacity]
                    .map(|bound| field(&children, bound).map(|node| Box::new(self.expr(node))));
                ExprKind::Slice(operand, bounds)
            }
            Kind::TypeAssertion => {
                let children = self.children(node);
                let operand = self.boxed(field(&children, Field::Operand), node);
                ExprKind::TypeAssert(
                    operand,
                    field(&children, Field::Type).map(|node| Box::new(self.expr(node))),
                )
            }
            Kind::CallExpression => self.call(node),
            Kind::TypeConversion => return self.conversion(node),
            Kind::CompositeLiteral => {
                let children = self.children(node);
                let ty = self.boxed(field(&children, Field::Type), node);
                let elements = field(&children, Field::Body).map(|body| self.elements(body));
                ExprKind::Composite(Some(ty), elements.unwrap_or_default())
            }
            Kind::LiteralValue => ExprKind::Composite(None, self.elements(node)),
            Kind::FuncLiteral => {
                let children = self.children(node);
                let signature = self.signature(&children);
                let body = self.body_block(&children);
                ExprKind::FuncLit(Box::new(FuncLit { signature, body }))
            }
            Kind::UnaryExpression => {
                let children = self.children(node);
                let operand = self.boxed(field(&children, Field::Operand), node);
                match self.operator(&children) {
                    "*" => ExprKind::Star(operand),
                    "&" => ExprKind::Unary(UnaryOp::Address, operand),
                    "<-" => ExprKind::Unary(UnaryOp::Receive, operand),
                    "!" => ExprKind::Unary(UnaryOp::Not, operand),
                    "-" => ExprKind::Unary(UnaryOp::Minus, operand),
                    "^" => ExprKind::Unary(UnaryOp::Complement, operand),
                    _ => ExprKind::Unary(UnaryOp::Plus, operand),
                }
            }
            Kind::BinaryExpression => {
                let children = self.children(node);
                let left = self.boxed(field(&children, Field::Left), node);
                let right = self.boxed(field(&children, Field::Right), node);
                match binary_op(self.operator(&children)) {
                    Some(op) => ExprKind::Binary(op, left, right),
                    None => ExprKind::Bad,
                }
            }
            _ => return self.type_expr(node),
        };
        self.new_expr(span(node), kind)
    }

    fn operator(&self, children: &[Child<'t>]) -> &'t str {
        children
            .iter()
            .find(|child| child.field == Field::Operator)
            .map_or("", |child| self.text_of(child.node))
    }

    fn selector(&mut self, node: Node<'t>, operand: Field, member: Field) -> ExprKind {
        let children = self.children(node);
        let operand = self.boxed(field(&children, operand), node);
        match field(&children, member) {
            Some(member) => ExprKind::Selector(operand, self.ident(member)),
            None => ExprKind::Bad,
        }
    }

    pub(super) fn type_args(&mut self, node: Option<Node<'t>>) -> Vec<Expr> {
        let Some(node) = node else { return Vec::new() };
        self.named(node)
            .into_iter()
            .map(|child| self.expr(child.node))
            .collect()
    }

    fn call(&mut self, node: Node<'t>) -> ExprKind {
        let children = self.children(node);
        let mut fun = self.expr_or_bad(field(&children, Field::Function), node);
        if let Some(args) = field(&children, Field::TypeArguments) {
            let at = Span {
                start: fun.span.start,
                end: args.end_byte() as u32,
            };
            let args = self.type_args(Some(args));
            fun = self.new_expr(at, ExprKind::Index(Box::new(fun), args));
        }
        let Some(list) = field(&children, Field::Arguments) else {
            return ExprKind::Bad;
        };
        let mut args = Vec::new();
        let mut spread = false;
        for child in self.named(list) {
            if child.kind == Kind::VariadicArgument {
                spread = true;
                let inner = self.first_named(child.node);
                args.push(self.expr_or_bad(inner, child.node));
            } else {
                args.push(self.expr(child.node));
            }
        }
        let (lparen, rparen) = (list.start_byte() as u32, list.end_byte() as u32 - 1);
        ExprKind::Call(Box::new(Call {
            fun,
            args,
            spread,
            lparen,
            rparen,
        }))
    }

    /// `T(x)` where the grammar is sure that T is a type. It takes `*(*[]T)(x)` for a conversion to `**[]T` and
    /// `<-chan T(x)` for one to `<-chan T`: an operator that leads without parentheses applies to the result.
    fn conversion(&mut self, node: Node<'t>) -> Expr {
        let children = self.children(node);
        let mut target = field(&children, Field::Type);
        let lparen = children
            .iter()
            .rev()
            .find(|child| !child.node.is_named() && self.text_of(child.node) == "(");
        let lparen = lparen.map_or(node.start_byte(), |child| child.node.start_byte()) as u32;
        let mut operators = Vec::new();
        while let Some(ty) = target {
            match self.kind(ty) {
                Kind::PointerType => {
                    operators.push((true, ty.start_byte()));
                    target = self.first_named(ty);
                }
                Kind::ChannelType if self.text_of(ty).starts_with("<-") => {
                    operators.push((false, ty.start_byte()));
                    target = self.first_named(ty);
                    if let Some(element) = target {
                        return self
                            .receive_of_conversion(node, element, &children, &operators, lparen);
                    }
                }
                _ => break,
            }
        }
        let fun = self.expr_or_bad(target, node);
        self.wrap_conversion(node, fun, &children, &operators, lparen)
    }

    /// `<-chan T(x)` parses as a receive from the conversion `chan T(x)` (Go spec "Conversions").
    fn receive_of_conversion(
        &mut self,
        node: Node<'t>,
        element: Node<'t>,
        children: &[Child<'t>],
        operators: &[(bool, usize)],
        lparen: u32,
    ) -> Expr {
        let at = Span::new(operators[operators.len() - 1].1 + 2, element.end_byte());
        let element = Box::new(self.expr(element));
        let fun = self.new_expr(
            at,
            ExprKind::ChanType(crate::syntax::ast::ChanDir::Both, element),
        );
        self.wrap_conversion(node, fun, children, operators, lparen)
    }

    fn wrap_conversion(
        &mut self,
        node: Node<'t>,
        fun: Expr,
        children: &[Child<'t>],
        operators: &[(bool, usize)],
        lparen: u32,
    ) -> Expr {
        let arg = self.expr_or_bad(field(children, Field::Operand), node);
        let end = node.end_byte();
        let at = Span::new(fun.span.start as usize, end);
        let call = Call {
            fun,
            args: vec![arg],
            spread: false,
            lparen,
            rparen: end as u32 - 1,
        };
        let mut expr = self.new_expr(at, ExprKind::Call(Box::new(call)));
        for (star, start) in operators.iter().rev() {
            let inner = Box::new(expr);
            let kind = if *star {
                ExprKind::Star(inner)
            } else {
                ExprKind::Unary(UnaryOp::Receive, inner)
            };
            expr = self.new_expr(Span::new(*start, end), kind);
        }
        expr
    }

    fn elements(&mut self, node: Node<'t>) -> Vec<Element> {
        let mut elements = Vec::new();
        for child in self.named(node) {
            if child.kind == Kind::KeyedElement {
                let pair = self.children(child.node);
                let key = Some(self.expr_or_bad(field(&pair, Field::Key), child.node));
                elements.push(Element {
                    key,
                    value: self.expr_or_bad(field(&pair, Field::Value), child.node),
                });
            } else {
                elements.push(Element {
                    key: None,
                    value: self.expr(child.node),
                });
            }
        }
        elements
    }
}

/// Binary operators, also those of `op=` assignments, by their text.
pub(super) fn binary_op(text: &str) -> Option<BinaryOp> {
    Some(match text {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "%" => BinaryOp::Rem,
        "&" => BinaryOp::And,
        "|" => BinaryOp::Or,
        "^" => BinaryOp::Xor,
        "&^" => BinaryOp::AndNot,
        "<<" => BinaryOp::Shl,
        ">>" => BinaryOp::Shr,
        "==" => BinaryOp::Equal,
        "!=" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        "&&" => BinaryOp::LogicalAnd,
        "||" => BinaryOp::LogicalOr,
        _ => return None,
    })
}
