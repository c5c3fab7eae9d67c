//! Types (Go spec "Types"), signatures and type parameters.

use super::{Parse, Parser, Tok, Wrong};
use crate::syntax::ast::{
    BinaryOp, ChanDir, Expr, ExprKind, Field, Ident, InterfaceElem, Param, Signature, Span,
    TypeParam,
};
use std::sync::Arc;

/// A parameter as written: what a lone name is depends on the others in its list.
enum Entry {
    Name(Ident),
    Typed {
        start: u32,
        name: Option<Ident>,
        ty: Expr,
        variadic: bool,
    },
}

impl Parser<'_> {
    /// Whether a type may begin here.
    pub(super) fn at_type(&self) -> bool {
        matches!(
            self.tok,
            Tok::Ident
                | Tok::Op(BinaryOp::Mul)
                | Tok::OpenParen
                | Tok::OpenBracket
                | Tok::Arrow
                | Tok::Chan
                | Tok::Func
                | Tok::Interface
                | Tok::Map
                | Tok::Struct
        )
    }

    /// A type, and nothing that may follow one in an expression.
    pub(super) fn ty(&mut self) -> Parse<Expr> {
        self.nested(Self::type_of_any_kind)
    }

    fn type_of_any_kind(&mut self) -> Parse<Expr> {
        let start = self.at.start;
        if self.tok == Tok::Ident {
            let name = self.take_ident();
            return self.type_name(name);
        }
        let tok = self.tok;
        if !self.at_type() {
            return Err(Wrong);
        }
        self.next();
        let kind = match tok {
            Tok::Op(_) => ExprKind::Star(Box::new(self.ty()?)),
            Tok::OpenParen => {
                let inner = Box::new(self.ty()?);
                self.expect(Tok::CloseParen)?;
                ExprKind::Paren(inner)
            }
            Tok::OpenBracket => self.array_or_slice()?,
            Tok::Arrow => {
                self.expect(Tok::Chan)?;
                ExprKind::ChanType(ChanDir::Receive, Box::new(self.ty()?))
            }
            Tok::Chan => {
                let dir = match self.eat(Tok::Arrow) {
                    true => ChanDir::Send,
                    false => ChanDir::Both,
                };
                ExprKind::ChanType(dir, Box::new(self.ty()?))
            }
            Tok::Func => ExprKind::FuncType(Box::new(self.signature()?)),
            Tok::Interface => {
                self.expect(Tok::OpenBrace)?;
                ExprKind::InterfaceType(self.members(Self::interface_elem)?)
            }
            Tok::Map => {
                self.expect(Tok::OpenBracket)?;
                let key = Box::new(self.ty()?);
                self.expect(Tok::CloseBracket)?;
                ExprKind::MapType(key, Box::new(self.ty()?))
            }
            _ => {
                self.expect(Tok::OpenBrace)?;
                ExprKind::StructType(self.members(Self::field)?)
            }
        };
        Ok(self.node(start, kind))
    }

    /// `T`, `p.T`, `T[A]` or `p.T[A]`, after the first name.
    fn type_name(&mut self, name: Ident) -> Parse<Expr> {
        let ty = self.qualified(name)?;
        if self.tok != Tok::OpenBracket {
            return Ok(ty);
        }
        self.next();
        let args = self.list(Tok::CloseBracket, Self::ty)?;
        if args.is_empty() {
            return Err(Wrong);
        }
        Ok(self.node(ty.span.start, ExprKind::Index(Box::new(ty), args)))
    }

    fn qualified(&mut self, name: Ident) -> Parse<Expr> {
        let ty: Expr = name.into();
        if !self.eat(Tok::Period) {
            return Ok(ty);
        }
        let member = self.ident()?;
        Ok(self.node(name.span.start, ExprKind::Selector(Box::new(ty), member)))
    }

    /// After `[`.
    fn array_or_slice(&mut self) -> Parse<ExprKind> {
        if self.eat(Tok::CloseBracket) {
            return Ok(ExprKind::SliceType(Box::new(self.ty()?)));
        }
        let length = match self.eat(Tok::Ellipsis) {
            true => None,
            false => Some(Box::new(self.bracketed(Self::expr)?)),
        };
        self.expect(Tok::CloseBracket)?;
        Ok(ExprKind::ArrayType(length, Box::new(self.ty()?)))
    }

    /// Fields or interface elements, after the opening brace.
    fn members<T>(&mut self, mut member: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        let mut members = Vec::new();
        while self.tok != Tok::CloseBrace {
            members.push(member(self)?);
            if !self.eat(Tok::Semicolon) {
                break;
            }
        }
        self.expect(Tok::CloseBrace)?;
        // Generated types have hundreds, and stay for the run.
        members.shrink_to_fit();
        Ok(members)
    }

    fn field(&mut self) -> Parse<Field> {
        let start = self.at.start;
        let mut names = Vec::new();
        let ty = if self.eat(Tok::Op(BinaryOp::Mul)) {
            let name = self.ident()?;
            let ty = self.type_name(name)?;
            self.node(start, ExprKind::Star(Box::new(ty)))
        } else {
            let name = self.ident()?;
            match self.tok {
                Tok::Period | Tok::String | Tok::Semicolon | Tok::CloseBrace => {
                    self.type_name(name)?
                }
                Tok::OpenBracket => {
                    let (name, ty) = self.array_or_instance(name)?;
                    names = name.into_iter().collect();
                    ty
                }
                _ => {
                    names = vec![name];
                    while self.eat(Tok::Comma) {
                        names.push(self.ident()?);
                    }
                    self.ty()?
                }
            }
        };
        self.eat(Tok::String);
        Ok(Field {
            names,
            ty,
            span: self.since(start),
        })
    }

    /// A name before a bracket: of a field or parameter `x []E` or `x [n]E`, or the type `T[A]`.
    fn array_or_instance(&mut self, name: Ident) -> Parse<(Option<Ident>, Expr)> {
        let start = self.at.start;
        self.next();
        if self.eat(Tok::CloseBracket) {
            let elem = Box::new(self.ty()?);
            return Ok((Some(name), self.node(start, ExprKind::SliceType(elem))));
        }
        let mut args = self.list(Tok::CloseBracket, |parser| parser.nested(Self::expr))?;
        if args.len() == 1 && self.at_type() {
            let length = args.pop().map(Box::new);
            let elem = Box::new(self.ty()?);
            let kind = ExprKind::ArrayType(length, elem);
            return Ok((Some(name), self.node(start, kind)));
        }
        let kind = ExprKind::Index(Box::new(name.into()), args);
        Ok((None, self.node(name.span.start, kind)))
    }

    fn interface_elem(&mut self) -> Parse<InterfaceElem> {
        if self.tok != Tok::Ident {
            return Ok(InterfaceElem::Embed(self.constraint()?));
        }
        let name = self.take_ident();
        if self.tok == Tok::OpenParen {
            return Ok(InterfaceElem::Method(name, self.signature()?));
        }
        let first = self.type_name(name)?;
        Ok(InterfaceElem::Embed(self.union(first)?))
    }

    /// `A | ~B | C`.
    fn constraint(&mut self) -> Parse<Expr> {
        let first = self.term()?;
        self.union(first)
    }

    fn union(&mut self, mut union: Expr) -> Parse<Expr> {
        let depth = self.depth;
        while self.eat(Tok::Op(BinaryOp::Or)) {
            self.deeper()?;
            let term = Box::new(self.term()?);
            let start = union.span.start;
            union = self.node(start, ExprKind::Binary(BinaryOp::Or, Box::new(union), term));
        }
        self.depth = depth;
        Ok(union)
    }

    fn term(&mut self) -> Parse<Expr> {
        let start = self.at.start;
        if !self.eat(Tok::Tilde) {
            return self.ty();
        }
        let ty = Box::new(self.ty()?);
        Ok(self.node(start, ExprKind::Tilde(ty)))
    }

    /// Parameters and results.
    pub(super) fn signature(&mut self) -> Parse<Signature> {
        let mut signature = Signature::default();
        (signature.params, signature.params_span) = self.params()?;
        if self.tok == Tok::OpenParen {
            (signature.results, signature.results_span) = self.params()?;
        } else if self.at_type() {
            let ty = self.ty()?;
            signature.results_span = ty.span;
            signature.results = vec![Param {
                names: Vec::new(),
                variadic: false,
                span: ty.span,
                ty,
            }];
        }
        Ok(signature)
    }

    /// A parenthesised list, with the range of it.
    pub(super) fn params(&mut self) -> Parse<(Vec<Param>, Span)> {
        let start = self.at.start;
        self.expect(Tok::OpenParen)?;
        let entries = self.list(Tok::CloseParen, Self::param)?;
        Ok((grouped(entries)?, self.since(start)))
    }

    fn param(&mut self) -> Parse<Entry> {
        let start = self.at.start;
        let typed = |name, ty, variadic| Entry::Typed {
            start,
            name,
            ty,
            variadic,
        };
        let mut name = None;
        if self.tok == Tok::Ident {
            let first = self.take_ident();
            match self.tok {
                Tok::Comma | Tok::CloseParen => return Ok(Entry::Name(first)),
                Tok::Period => return Ok(typed(None, self.type_name(first)?, false)),
                Tok::OpenBracket => {
                    let (name, ty) = self.array_or_instance(first)?;
                    return Ok(typed(name, ty, false));
                }
                _ => name = Some(first),
            }
        }
        let variadic = self.eat(Tok::Ellipsis);
        Ok(typed(name, self.ty()?, variadic))
    }

    /// `[P, Q constraint, …]`.
    pub(super) fn type_params(&mut self) -> Parse<Vec<TypeParam>> {
        self.expect(Tok::OpenBracket)?;
        let mut pending: Vec<Ident> = Vec::new();
        let mut params = Vec::new();
        self.list(Tok::CloseBracket, |parser| {
            pending.push(parser.ident()?);
            if parser.tok != Tok::Comma {
                let constraint = Arc::new(parser.constraint()?);
                params.extend(pending.drain(..).map(|name| TypeParam {
                    name,
                    constraint: constraint.clone(),
                }));
            }
            Ok(())
        })?;
        match pending.is_empty() && !params.is_empty() {
            true => Ok(params),
            false => Err(Wrong),
        }
    }
}

/// Either all parameters of a list are named or none (Go spec "Function types"): lone names before a named one share
/// its type.
fn grouped(entries: Vec<Entry>) -> Parse<Vec<Param>> {
    let named = entries
        .iter()
        .any(|entry| matches!(entry, Entry::Typed { name: Some(_), .. }));
    let mut params = Vec::with_capacity(entries.len());
    let mut pending = Vec::new();
    for entry in entries {
        let (start, name, ty, variadic) = match entry {
            Entry::Name(name) if named => {
                pending.push(name);
                continue;
            }
            Entry::Name(name) => (name.span.start, None, name.into(), false),
            Entry::Typed {
                start,
                name,
                ty,
                variadic,
            } if name.is_some() == named => (start, name, ty, variadic),
            Entry::Typed { .. } => return Err(Wrong),
        };
        let lone = std::mem::take(&mut pending);
        let names: Vec<Ident> = lone.into_iter().chain(name).collect();
        let span = Span {
            start: names.first().map_or(start, |name| name.span.start),
            end: ty.span.end,
        };
        params.push(Param {
            names,
            ty,
            variadic,
            span,
        });
    }
    match pending.is_empty() {
        true => Ok(params),
        false => Err(Wrong),
    }
}

impl From<Ident> for Expr {
    fn from(ident: Ident) -> Expr {
        Expr {
            id: ident.id,
            span: ident.span,
            kind: ExprKind::Ident(ident.name),
        }
    }
}
