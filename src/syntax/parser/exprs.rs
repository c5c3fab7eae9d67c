//! Expressions (Go spec "Expressions"). Types are expressions here: what stands where is settled later.

use super::{Parse, Parser, Tok, Wrong};
use crate::syntax::ast::{
    BinaryOp, Call, ChanDir, Element, Expr, ExprKind, FuncLit, LiteralKind, UnaryOp,
};

/// Go spec "Operator precedence"; higher binds stronger.
fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::LogicalOr => 1,
        BinaryOp::LogicalAnd => 2,
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => 3,
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Or | BinaryOp::Xor => 4,
        BinaryOp::Mul
        | BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::Shl
        | BinaryOp::Shr
        | BinaryOp::And
        | BinaryOp::AndNot => 5,
    }
}

impl Parser<'_> {
    /// An expression or type.
    pub(in crate::syntax) fn expr(&mut self) -> Parse<Expr> {
        let left = self.unary()?;
        self.binary(left, 1)
    }

    pub(super) fn exprs(&mut self) -> Parse<Vec<Expr>> {
        let mut list = vec![self.expr()?];
        while self.eat(Tok::Comma) {
            list.push(self.expr()?);
        }
        Ok(list)
    }

    /// What follows a left operand, of operators that bind at least as strongly as `least`.
    fn binary(&mut self, mut left: Expr, least: u8) -> Parse<Expr> {
        let depth = self.depth;
        while let Tok::Op(op) = self.tok
            && precedence(op) >= least
        {
            self.deeper()?;
            self.next();
            let right = self.unary()?;
            let right = self.binary(right, precedence(op) + 1)?;
            let start = left.span.start;
            left = self.node(start, ExprKind::Binary(op, Box::new(left), Box::new(right)));
        }
        self.depth = depth;
        Ok(left)
    }

    fn unary(&mut self) -> Parse<Expr> {
        let start = self.at.start;
        let wrap: fn(Box<Expr>) -> ExprKind = match self.tok {
            Tok::Op(BinaryOp::Mul) => ExprKind::Star,
            Tok::Op(BinaryOp::And) => |x| ExprKind::Unary(UnaryOp::Address, x),
            Tok::Op(BinaryOp::Add) => |x| ExprKind::Unary(UnaryOp::Plus, x),
            Tok::Op(BinaryOp::Sub) => |x| ExprKind::Unary(UnaryOp::Minus, x),
            Tok::Op(BinaryOp::Xor) => |x| ExprKind::Unary(UnaryOp::Complement, x),
            Tok::Not => |x| ExprKind::Unary(UnaryOp::Not, x),
            Tok::Tilde => ExprKind::Tilde,
            Tok::Arrow => |x| ExprKind::Unary(UnaryOp::Receive, x),
            _ => {
                let operand = self.operand()?;
                return self.postfix(operand);
            }
        };
        let arrow = self.tok == Tok::Arrow;
        self.nested(|parser| {
            parser.next();
            let operand = parser.unary()?;
            match operand.kind {
                ExprKind::ChanType(..) if arrow => parser.receive_type(operand, start),
                _ => Ok(parser.node(start, wrap(Box::new(operand)))),
            }
        })
    }

    /// `<-` before a channel type is that type's direction. In `<-chan <- chan T` the arrows were read too far right:
    /// each belongs to the `chan` after it.
    fn receive_type(&mut self, mut channel: Expr, arrow: u32) -> Parse<Expr> {
        let begin = channel.span.start;
        channel.span.start = arrow;
        channel.kind = match channel.kind {
            ExprKind::ChanType(ChanDir::Both, elem) => ExprKind::ChanType(ChanDir::Receive, elem),
            ExprKind::ChanType(ChanDir::Send, elem) => {
                let between = self.between(begin, elem.span.start);
                let inner = begin + between.rfind("<-").ok_or(Wrong)? as u32;
                let elem = self.receive_type(*elem, inner)?;
                ExprKind::ChanType(ChanDir::Receive, Box::new(elem))
            }
            _ => return Err(Wrong),
        };
        Ok(channel)
    }

    fn literal(&mut self, kind: LiteralKind) -> Expr {
        let start = self.at.start;
        self.next();
        self.node(start, ExprKind::Literal(kind))
    }

    fn operand(&mut self) -> Parse<Expr> {
        let start = self.at.start;
        Ok(match self.tok {
            Tok::Ident => {
                let ident = self.take_ident();
                ident.into()
            }
            Tok::Int => self.literal(LiteralKind::Int),
            Tok::Float => self.literal(LiteralKind::Float),
            Tok::Imaginary => self.literal(LiteralKind::Imaginary),
            Tok::Rune => self.literal(LiteralKind::Rune),
            Tok::String => self.literal(LiteralKind::String),
            Tok::OpenParen => self.nested(|parser| {
                parser.next();
                let inner = parser.bracketed(Self::expr)?;
                parser.expect(Tok::CloseParen)?;
                Ok(parser.node(start, ExprKind::Paren(Box::new(inner))))
            })?,
            Tok::Func => self.nested(|parser| parser.func_literal_or_type())?,
            Tok::OpenBracket | Tok::Struct | Tok::Map | Tok::Chan | Tok::Interface => self.ty()?,
            _ => return Err(Wrong),
        })
    }

    fn func_literal_or_type(&mut self) -> Parse<Expr> {
        let start = self.at.start;
        self.next();
        let signature = self.signature()?;
        if self.tok != Tok::OpenBrace {
            return Ok(self.node(start, ExprKind::FuncType(Box::new(signature))));
        }
        let guard = std::mem::take(&mut self.guard);
        let body = self.bracketed(Self::literal_body)?;
        self.guard = guard;
        Ok(self.node(
            start,
            ExprKind::FuncLit(Box::new(FuncLit { signature, body })),
        ))
    }

    fn postfix(&mut self, mut x: Expr) -> Parse<Expr> {
        let depth = self.depth;
        let start = x.span.start;
        loop {
            let kind = match self.tok {
                Tok::Period => self.selector(x)?,
                Tok::OpenBracket => self.index(x)?,
                Tok::OpenParen => self.call(x)?,
                Tok::OpenBrace if self.is_literal_type(&x) => {
                    let elements = self.elements()?;
                    ExprKind::Composite(Some(Box::new(x)), elements)
                }
                _ => break,
            };
            x = self.node(start, kind);
            self.deeper()?;
        }
        self.depth = depth;
        Ok(x)
    }

    /// Whether a brace after this begins a composite literal.
    fn is_literal_type(&self, x: &Expr) -> bool {
        match x.kind {
            ExprKind::Ident(_) | ExprKind::Selector(..) | ExprKind::Index(..) => !self.in_header,
            ExprKind::ArrayType(..)
            | ExprKind::SliceType(_)
            | ExprKind::StructType(_)
            | ExprKind::MapType(..) => true,
            _ => false,
        }
    }

    fn selector(&mut self, x: Expr) -> Parse<ExprKind> {
        self.next();
        if !self.eat(Tok::OpenParen) {
            return Ok(ExprKind::Selector(Box::new(x), self.ident()?));
        }
        let ty = match self.eat(Tok::Type) {
            true => {
                self.guard = true;
                None
            }
            false => Some(Box::new(self.ty()?)),
        };
        self.expect(Tok::CloseParen)?;
        Ok(ExprKind::TypeAssert(Box::new(x), ty))
    }

    fn index(&mut self, x: Expr) -> Parse<ExprKind> {
        self.next();
        self.bracketed(|parser| {
            let x = Box::new(x);
            let bound = |parser: &mut Self| {
                let absent = matches!(parser.tok, Tok::Colon | Tok::CloseBracket);
                (!absent).then(|| parser.nested(Self::expr)).transpose()
            };
            let Some(first) = bound(parser)? else {
                if parser.tok != Tok::Colon {
                    return Err(Wrong);
                }
                return parser.slice(x, None, bound);
            };
            if parser.tok == Tok::Colon {
                return parser.slice(x, Some(Box::new(first)), bound);
            }
            let mut indices = vec![first];
            while parser.eat(Tok::Comma) && parser.tok != Tok::CloseBracket {
                indices.push(parser.expr()?);
            }
            parser.expect(Tok::CloseBracket)?;
            Ok(ExprKind::Index(x, indices))
        })
    }

    fn slice(
        &mut self,
        x: Box<Expr>,
        low: Option<Box<Expr>>,
        mut bound: impl FnMut(&mut Self) -> Parse<Option<Expr>>,
    ) -> Parse<ExprKind> {
        self.next();
        let high = bound(self)?.map(Box::new);
        let max = match self.eat(Tok::Colon) {
            true => bound(self)?.map(Box::new),
            false => None,
        };
        self.expect(Tok::CloseBracket)?;
        Ok(ExprKind::Slice(x, [low, high, max]))
    }

    fn call(&mut self, fun: Expr) -> Parse<ExprKind> {
        let lparen = self.at.start;
        self.next();
        let mut spread = false;
        let args = self.nested(|parser| {
            parser.list(Tok::CloseParen, |parser| {
                let arg = parser.expr()?;
                spread |= parser.eat(Tok::Ellipsis);
                Ok(arg)
            })
        })?;
        Ok(ExprKind::Call(Box::new(Call {
            fun,
            args,
            spread,
            lparen,
            rparen: self.last - 1,
        })))
    }

    /// `{…}` of a composite literal.
    fn elements(&mut self) -> Parse<Vec<Element>> {
        if self.outline {
            self.skip_brackets()?;
            return Ok(Vec::new());
        }
        self.next();
        self.nested(|parser| {
            parser.list(Tok::CloseBrace, |parser| {
                let first = parser.element()?;
                Ok(match parser.eat(Tok::Colon) {
                    true => Element {
                        key: Some(first),
                        value: parser.element()?,
                    },
                    false => Element {
                        key: None,
                        value: first,
                    },
                })
            })
        })
    }

    fn element(&mut self) -> Parse<Expr> {
        if self.tok != Tok::OpenBrace {
            return self.expr();
        }
        let start = self.at.start;
        let elements = self.elements()?;
        Ok(self.node(start, ExprKind::Composite(None, elements)))
    }
}
