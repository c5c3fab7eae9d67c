//! Expressions (Go spec "Expressions").

use super::kinds::{Field, Kind};
use super::{Lower, Node};
use crate::syntax::ast::{
    BinaryOp, Call, Element, Expr, ExprKind, FuncLit, LiteralKind, Span, UnaryOp,
};

impl<'t> Lower<'t> {
    pub(super) fn expr(&mut self, node: Node<'t>) -> Expr {
        let kind = match node.kind() {
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
                return self.expr_or_bad(node.first(), node);
            }
            Kind::Parenthesized | Kind::ParenthesizedType => {
                ExprKind::Paren(self.boxed(node.first(), node))
            }
            Kind::SelectorExpression => self.selector(node, Field::Operand, Field::Member),
            Kind::QualifiedType => self.selector(node, Field::Package, Field::Name),
            Kind::IndexExpression => {
                let operand = self.boxed(node.get(Field::Operand), node);
                ExprKind::Index(
                    operand,
                    vec![self.expr_or_bad(node.get(Field::Index), node)],
                )
            }
            Kind::GenericType => {
                let generic = self.boxed(node.get(Field::Type), node);
                ExprKind::Index(generic, self.type_args(node.get(Field::TypeArguments)))
            }
            Kind::SliceExpression => {
                let operand = self.boxed(node.get(Field::Operand), node);
                let bounds = [Field::Start, Field::End, Field::Capacity]
                    .map(|bound| node.get(bound).map(|node| Box::new(self.expr(node))));
                ExprKind::Slice(operand, bounds)
            }
            Kind::TypeAssertion => {
                let operand = self.boxed(node.get(Field::Operand), node);
                ExprKind::TypeAssert(operand, Some(self.boxed(node.get(Field::Type), node)))
            }
            Kind::CallExpression => self.call(node),
            Kind::TypeConversion | Kind::TypeInstantiation => return self.after_type(node),
            Kind::CompositeLiteral => {
                let ty = self.boxed(node.get(Field::Type), node);
                ExprKind::Composite(Some(ty), self.elements(node.get(Field::Body)))
            }
            Kind::LiteralValue => ExprKind::Composite(None, self.elements(Some(node))),
            Kind::FuncLiteral => {
                let signature = self.signature(node);
                let body = self.block_or_empty(node.get(Field::Body));
                ExprKind::FuncLit(Box::new(FuncLit { signature, body }))
            }
            Kind::UnaryExpression => {
                let operand = self.boxed(node.get(Field::Operand), node);
                match self.operator(node) {
                    "*" => ExprKind::Star(operand),
                    "&" => ExprKind::Unary(UnaryOp::Address, operand),
                    "<-" => ExprKind::Unary(UnaryOp::Receive, operand),
                    "!" => ExprKind::Unary(UnaryOp::Not, operand),
                    "+" => ExprKind::Unary(UnaryOp::Plus, operand),
                    "-" => ExprKind::Unary(UnaryOp::Minus, operand),
                    "^" => ExprKind::Unary(UnaryOp::Complement, operand),
                    _ => ExprKind::Bad,
                }
            }
            Kind::BinaryExpression => {
                let left = self.boxed(node.get(Field::Left), node);
                let right = self.boxed(node.get(Field::Right), node);
                match binary_op(self.operator(node)) {
                    Some(op) => ExprKind::Binary(op, left, right),
                    None => ExprKind::Bad,
                }
            }
            _ => return self.type_expr(node),
        };
        self.new_expr(node.span(), kind)
    }

    pub(super) fn operator(&self, node: Node<'t>) -> &'t str {
        node.token().map_or("", |token| self.text_of(token))
    }

    fn selector(&mut self, node: Node<'t>, operand: Field, member: Field) -> ExprKind {
        let operand = self.boxed(node.get(operand), node);
        match node.get(member) {
            Some(member) => ExprKind::Selector(operand, self.ident(member)),
            None => ExprKind::Bad,
        }
    }

    fn type_args(&mut self, node: Option<Node<'t>>) -> Vec<Expr> {
        let args = node.into_iter().flat_map(Node::named);
        args.map(|arg| self.expr(arg)).collect()
    }

    fn call(&mut self, node: Node<'t>) -> ExprKind {
        let mut fun = self.expr_or_bad(node.get(Field::Function), node);
        if let Some(list) = node.get(Field::TypeArguments) {
            let at = Span {
                start: fun.span.start,
                end: list.span().end,
            };
            let args = self.type_args(Some(list));
            fun = self.new_expr(at, ExprKind::Index(Box::new(fun), args));
        }
        let Some(list) = node.get(Field::Arguments) else {
            return ExprKind::Bad;
        };
        let mut args = Vec::new();
        let mut spread = false;
        for arg in list.named() {
            if arg.kind() == Kind::VariadicArgument {
                spread = true;
                args.push(self.expr_or_bad(arg.first(), arg));
            } else {
                args.push(self.expr(arg));
            }
        }
        ExprKind::Call(Box::new(Call {
            fun,
            args,
            spread,
            lparen: list.span().start,
            rparen: list.span().end.saturating_sub(1),
        }))
    }

    /// `T(x)` or `T[A, B]`, where the grammar takes T for a type. It takes `*(*[]T)(x)` for a conversion to `**[]T`
    /// and `<-chan T(x)` for one to `<-chan T`; an operator that leads without parentheses applies to the result
    /// (Go spec "Conversions").
    fn after_type(&mut self, node: Node<'t>) -> Expr {
        let mut operators = Vec::new();
        let mut ty = node.get(Field::Type);
        while let Some(pointer) = ty.filter(|ty| ty.kind() == Kind::PointerType) {
            operators.push((false, pointer.span().start));
            ty = pointer.first();
        }
        let receive =
            ty.filter(|ty| ty.kind() == Kind::ChannelType && self.text_of(*ty).starts_with("<-"));
        let ty = match receive {
            Some(channel) => {
                operators.push((true, channel.span().start));
                self.without_arrow(channel)
            }
            None => self.expr_or_bad(ty, node),
        };
        let at = Span {
            start: ty.span.start,
            end: node.span().end,
        };
        let kind = if node.kind() == Kind::TypeConversion {
            let arg = self.expr_or_bad(node.get(Field::Operand), node);
            ExprKind::Call(Box::new(Call {
                fun: ty,
                args: vec![arg],
                spread: false,
                lparen: node.token().map_or(at.end, |paren| paren.span().start),
                rparen: at.end.saturating_sub(1),
            }))
        } else {
            let args = node.named().skip(1).map(|arg| self.expr(arg)).collect();
            ExprKind::Index(Box::new(ty), args)
        };
        let mut expr = self.new_expr(at, kind);
        for (receive, start) in operators.into_iter().rev() {
            let at = Span { start, end: at.end };
            let inner = Box::new(expr);
            expr = match receive {
                true => self.new_expr(at, ExprKind::Unary(UnaryOp::Receive, inner)),
                false => self.new_expr(at, ExprKind::Star(inner)),
            };
        }
        expr
    }

    fn elements(&mut self, node: Option<Node<'t>>) -> Vec<Element> {
        let mut elements = Vec::new();
        for element in node.into_iter().flat_map(Node::named) {
            let keyed = element.kind() == Kind::KeyedElement;
            elements.push(if keyed {
                Element {
                    key: Some(self.expr_or_bad(element.get(Field::Key), element)),
                    value: self.expr_or_bad(element.get(Field::Value), element),
                }
            } else {
                Element {
                    key: None,
                    value: self.expr(element),
                }
            });
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
