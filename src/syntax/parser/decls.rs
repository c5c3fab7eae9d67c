//! Declarations (Go spec "Declarations and scope", "Packages").

use super::{Parse, Parser, Tok, Wrong};
use crate::syntax::ast::{
    BinaryOp, ConstSpec, Decl, Expr, ExprKind, FuncDecl, Import, Name, Outline, Param, Receiver,
    Signature, Span, TypeDecl, ValueSpec,
};
use crate::syntax::{Head, skip};
use std::sync::Arc;

impl Parser<'_> {
    /// A whole file without its bodies, and the errors outside of them; `late` leaves signatures of functions unread.
    pub(in crate::syntax) fn file(mut self, late: bool) -> (Outline, Vec<Span>) {
        (self.outline, self.late) = (true, late);
        let mut outline = Outline::default();
        let mut errors = Vec::new();
        let clause = self.package_clause();
        outline.package = clause.as_ref().ok().copied();
        let mut parsed = clause.map(|_| ());
        let mut from = 0;
        loop {
            if parsed.is_ok() && !matches!(self.tok, Tok::Semicolon | Tok::End) {
                parsed = Err(Wrong);
            }
            if parsed.is_err() || std::mem::take(&mut self.guard) {
                errors.push(self.at);
                self.recover(from);
            }
            while self.eat(Tok::Semicolon) {}
            if self.tok == Tok::End {
                break;
            }
            from = self.at.start + 1;
            parsed = match self.tok {
                Tok::Import => self.imports(&mut outline.imports),
                Tok::Func => self.func(&mut outline.decls, &mut outline.broken),
                Tok::Var | Tok::Const | Tok::Type => self.decls(&mut outline.decls),
                _ => Err(Wrong),
            };
        }
        outline.nodes = self.nodes;
        outline.broken |= !errors.is_empty();
        (outline, errors)
    }

    /// Goes on at the next declaration that begins a line, at `from` or later.
    fn recover(&mut self, from: u32) {
        (self.depth, self.in_header, self.guard) = (0, false, false);
        loop {
            let declares = match self.tok {
                Tok::End => return,
                Tok::Func => skip::declares(self.text, self.at.end as usize),
                Tok::Var | Tok::Const | Tok::Type | Tok::Import => true,
                _ => false,
            };
            let line = skip::begins_line(self.text, self.at.start as usize);
            if declares && line && self.at.start >= from {
                return;
            }
            self.next();
        }
    }

    fn package_clause(&mut self) -> Parse<crate::syntax::ast::Ident> {
        self.expect(Tok::Package)?;
        self.ident()
    }

    /// The rest of a declaration after its keyword: one spec, or several in parentheses.
    fn specs(&mut self, mut spec: impl FnMut(&mut Self) -> Parse<()>) -> Parse<()> {
        self.next();
        if !self.eat(Tok::OpenParen) {
            return spec(self);
        }
        while self.tok != Tok::CloseParen {
            spec(self)?;
            if !self.eat(Tok::Semicolon) {
                break;
            }
        }
        self.expect(Tok::CloseParen)
    }

    fn imports(&mut self, imports: &mut Vec<Import>) -> Parse<()> {
        self.specs(|parser| {
            let start = parser.at.start;
            let alias = matches!(parser.tok, Tok::Ident | Tok::Period);
            let alias = alias.then(|| parser.take_ident());
            if parser.tok != Tok::String {
                return Err(Wrong);
            }
            let path = Name::from(parser.word().trim_matches(['"', '`']));
            parser.next();
            imports.push(Import {
                alias,
                path,
                span: parser.since(start),
            });
            Ok(())
        })
    }

    /// A function or method. One whose header has an error is declared as broken, if it has a name.
    fn func(&mut self, decls: &mut Vec<Decl>, broken: &mut bool) -> Parse<()> {
        let start = self.at.start;
        self.next();
        let receiver = match self.tok {
            Tok::OpenParen => Some(self.receiver()?),
            _ => None,
        };
        let name = self.ident()?;
        let mut decl = FuncDecl {
            name,
            receiver,
            type_params: Vec::new(),
            signature: Signature::NOTHING.into(),
            body: None,
            span: self.since(start),
            broken: false,
        };
        let header = self.func_header(&mut decl);
        decl.broken = header.is_err();
        if header.is_ok() && self.tok == Tok::OpenBrace {
            let open = self.at;
            if self.skip_brackets().is_err() {
                // Only the body is broken, not the declaration: but others may be hidden in it.
                *broken = true;
                self.jump(skip::loose_end(self.text, open.start as usize));
            }
            decl.body = Some(self.since(open.start));
        }
        decl.span = self.since(start);
        decls.push(Decl::Func(Arc::new(decl)));
        header
    }

    fn func_header(&mut self, decl: &mut FuncDecl) -> Parse<()> {
        if self.tok == Tok::OpenBracket {
            decl.type_params = self.type_params()?;
        }
        decl.signature = match self.late {
            true => self.unread_signature()?,
            false => self.signature()?.into(),
        };
        Ok(())
    }

    /// A signature, but for a lone result's type skipped by its brackets.
    fn unread_signature(&mut self) -> Parse<Head> {
        let (start, nodes) = (self.at.start, self.nodes);
        self.skip_parens()?;
        if self.tok == Tok::OpenParen {
            self.skip_parens()?;
        } else if self.at_type() {
            self.ty()?;
        }
        let text = self.between(start, self.last);
        self.nodes = nodes + text.len() as u32;
        Ok(Head::unread(text, start, nodes))
    }

    /// A signature and nothing else.
    pub(in crate::syntax) fn whole_signature(&mut self) -> Parse<Signature> {
        let signature = self.signature()?;
        self.expect_end()?;
        Ok(signature)
    }

    fn skip_parens(&mut self) -> Parse<()> {
        if self.tok != Tok::OpenParen {
            return Err(Wrong);
        }
        self.skip_brackets()
    }

    /// `(r *T[A])`.
    fn receiver(&mut self) -> Parse<Receiver> {
        let (params, span) = self.params()?;
        let [
            Param {
                names,
                ty,
                variadic: false,
                ..
            },
        ] = params.as_slice()
        else {
            return Err(Wrong);
        };
        if names.len() > 1 {
            return Err(Wrong);
        }
        let (mut ty, mut pointer) = (ty, false);
        loop {
            ty = match &ty.kind {
                ExprKind::Star(inner) if !pointer => {
                    pointer = true;
                    inner
                }
                ExprKind::Paren(inner) => inner,
                _ => break,
            };
        }
        let mut type_args = Vec::new();
        if let ExprKind::Index(generic, args) = &ty.kind {
            type_args = args
                .iter()
                .map(|arg| arg.as_ident().ok_or(Wrong))
                .collect::<Parse<_>>()?;
            ty = generic;
        }
        Ok(Receiver {
            name: names.first().copied(),
            pointer,
            base: ty.as_ident().ok_or(Wrong)?,
            type_args,
            span,
        })
    }

    /// The specs of a `var`, `const` or `type` declaration, each as one.
    pub(super) fn decls(&mut self, decls: &mut Vec<Decl>) -> Parse<()> {
        match self.tok {
            Tok::Var => self.specs(|parser| {
                decls.push(Decl::Var(Arc::new(parser.value_spec()?)));
                Ok(())
            }),
            Tok::Const => self.const_specs(decls),
            _ => self.specs(|parser| {
                decls.push(Decl::Type(Arc::new(parser.type_decl()?)));
                Ok(())
            }),
        }
    }

    fn value_spec(&mut self) -> Parse<ValueSpec> {
        let start = self.at.start;
        let mut names = vec![self.ident()?];
        while self.eat(Tok::Comma) {
            names.push(self.ident()?);
        }
        let ty = match self.at_type() {
            true => Some(self.ty()?),
            false => None,
        };
        let values = match self.eat(Tok::Assign) {
            true => self.exprs()?,
            false => Vec::new(),
        };
        Ok(ValueSpec {
            names,
            ty,
            values,
            span: self.since(start),
        })
    }

    /// A spec without values repeats the last that had some (Go spec "Constant declarations").
    fn const_specs(&mut self, decls: &mut Vec<Decl>) -> Parse<()> {
        let mut last: Option<Arc<ValueSpec>> = None;
        let mut iota = 0;
        self.specs(|parser| {
            let spec = Arc::new(parser.value_spec()?);
            let implicit = spec.values.is_empty();
            let names = spec.names.clone();
            let source = match last.take() {
                Some(last) if implicit => last,
                _ => spec,
            };
            last = Some(source.clone());
            decls.push(Decl::Const(Arc::new(ConstSpec {
                names,
                source,
                implicit,
                iota,
            })));
            iota += 1;
            Ok(())
        })
    }

    fn type_decl(&mut self) -> Parse<TypeDecl> {
        let start = self.at.start;
        let name = self.ident()?;
        let mut type_params = Vec::new();
        let mut array = None;
        if self.tok == Tok::OpenBracket {
            array = self.attempt(Self::array_type);
            if array.is_none() {
                type_params = self.type_params()?;
            }
        }
        let alias = array.is_none() && self.eat(Tok::Assign);
        let rhs = match array {
            Some(array) => array,
            None => self.ty()?,
        };
        Ok(TypeDecl {
            name,
            type_params,
            rhs,
            alias,
            span: self.since(start),
        })
    }

    /// `[n]E` or `[]E` in a type declaration, where `[P *C]` may also be a type parameter: that it is when C can only
    /// be a type (Go spec "Type parameter declarations").
    fn array_type(&mut self) -> Parse<Expr> {
        let array = self.ty()?;
        let ExprKind::ArrayType(Some(length), _) = &array.kind else {
            return Ok(array);
        };
        let constraint = match &length.kind {
            ExprKind::Binary(BinaryOp::Mul, name, constraint) => {
                name.as_ident().and(Some(&**constraint))
            }
            ExprKind::Call(call) => call.fun.as_ident().and(call.args.first()),
            _ => None,
        };
        match constraint.is_some_and(only_a_type) {
            true => Err(Wrong),
            false => Ok(array),
        }
    }

    /// Skips `{ … }` or `( … )`, unread.
    pub(super) fn skip_brackets(&mut self) -> Parse<()> {
        let end = skip::closing(self.text, self.at.start as usize).ok_or(Wrong)?;
        self.jump(end);
        Ok(())
    }

    /// Goes on at `end`, as if what ends there had been read.
    fn jump(&mut self, end: usize) {
        self.scanner.jump(end);
        self.at.end = end as u32;
        self.next();
    }
}

fn only_a_type(x: &Expr) -> bool {
    match &x.kind {
        ExprKind::ArrayType(..)
        | ExprKind::SliceType(_)
        | ExprKind::StructType(_)
        | ExprKind::FuncType(_)
        | ExprKind::InterfaceType(_)
        | ExprKind::MapType(..)
        | ExprKind::ChanType(..)
        | ExprKind::Tilde(_) => true,
        ExprKind::Binary(_, x, y) => only_a_type(x) || only_a_type(y),
        ExprKind::Paren(x) => only_a_type(x),
        _ => false,
    }
}

impl Expr {
    pub(super) fn as_ident(&self) -> Option<crate::syntax::ast::Ident> {
        match self.kind {
            ExprKind::Ident(name) => Some(crate::syntax::ast::Ident {
                id: self.id,
                name,
                span: self.span,
            }),
            _ => None,
        }
    }
}
