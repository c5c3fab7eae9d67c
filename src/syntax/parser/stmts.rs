//! Statements (Go spec "Statements").

use super::{Parse, Parser, Tok, Wrong};
use crate::syntax::ast::{
    Assign, AssignOp, Block, CaseClause, CommClause, Expr, ExprKind, For, If, Range, Span, Stmt,
    StmtKind, Switch, TypeSwitch,
};

/// A simple statement, or the header of a `for … range`.
enum Simple {
    Stmt(Stmt),
    Range {
        left: Vec<Expr>,
        define: bool,
        subject: Expr,
    },
}

impl Parser<'_> {
    /// `{ … }`.
    pub(in crate::syntax) fn block(&mut self) -> Parse<Block> {
        let start = self.at.start;
        self.expect(Tok::OpenBrace)?;
        let stmts = self.bracketed(|parser| parser.nested(Self::stmts))?;
        self.expect(Tok::CloseBrace)?;
        Ok(Block {
            stmts,
            span: self.since(start),
        })
    }

    /// The body of a function literal.
    pub(super) fn literal_body(&mut self) -> Parse<Block> {
        if !self.outline {
            return self.block();
        }
        let start = self.at.start;
        self.skip_brackets()?;
        Ok(Block {
            stmts: Vec::new(),
            span: self.since(start),
        })
    }

    fn stmts(&mut self) -> Parse<Vec<Stmt>> {
        let mut stmts = Vec::new();
        loop {
            match self.tok {
                Tok::CloseBrace | Tok::Case | Tok::Default => return Ok(stmts),
                Tok::Semicolon => self.next(),
                _ => {
                    stmts.push(self.stmt()?);
                    if self.guard || !matches!(self.tok, Tok::Semicolon | Tok::CloseBrace) {
                        return Err(Wrong);
                    }
                }
            }
        }
    }

    fn stmt(&mut self) -> Parse<Stmt> {
        let start = self.at.start;
        let kind = match self.tok {
            Tok::Var | Tok::Const | Tok::Type => {
                let mut decls = Vec::new();
                self.decls(&mut decls)?;
                StmtKind::Decl(decls)
            }
            Tok::Go => {
                self.next();
                StmtKind::Go(self.expr()?)
            }
            Tok::Defer => {
                self.next();
                StmtKind::Defer(self.expr()?)
            }
            Tok::Return => {
                self.next();
                StmtKind::Return(match self.tok {
                    Tok::Semicolon | Tok::CloseBrace => Vec::new(),
                    _ => self.exprs()?,
                })
            }
            Tok::Break | Tok::Continue => {
                let kind = match self.tok {
                    Tok::Break => StmtKind::Break,
                    _ => StmtKind::Continue,
                };
                self.next();
                kind((self.tok == Tok::Ident).then(|| self.take_ident()))
            }
            Tok::Goto => {
                self.next();
                StmtKind::Goto(self.ident()?)
            }
            Tok::Fallthrough => {
                self.next();
                StmtKind::Fallthrough
            }
            Tok::OpenBrace => StmtKind::Block(self.block()?),
            Tok::If => self.nested(Self::if_stmt)?,
            Tok::Switch => self.switch()?,
            Tok::Select => self.select()?,
            Tok::For => self.for_loop()?,
            _ => return self.simple_or_labeled(),
        };
        Ok(Stmt {
            span: self.since(start),
            kind,
        })
    }

    fn simple_or_labeled(&mut self) -> Parse<Stmt> {
        let start = self.at.start;
        let stmt = self.simple()?;
        let StmtKind::Expr(Expr {
            id,
            span,
            kind: ExprKind::Ident(name),
        }) = stmt.kind
        else {
            return Ok(stmt);
        };
        if !self.eat(Tok::Colon) {
            return Ok(stmt);
        }
        let label = crate::syntax::ast::Ident { id, name, span };
        let stmt = match self.tok {
            Tok::CloseBrace => Stmt {
                span: self.since(self.last),
                kind: StmtKind::Empty,
            },
            // It separates this statement from the next, too.
            Tok::Semicolon => Stmt {
                span: self.at,
                kind: StmtKind::Empty,
            },
            _ => self.nested(Self::stmt)?,
        };
        Ok(Stmt {
            span: Span {
                start,
                end: stmt.span.end,
            },
            kind: StmtKind::Labeled(label, Box::new(stmt)),
        })
    }

    fn simple(&mut self) -> Parse<Stmt> {
        match self.simple_or_range(false)? {
            Simple::Stmt(stmt) => Ok(stmt),
            Simple::Range { .. } => Err(Wrong),
        }
    }

    fn simple_or_range(&mut self, range: bool) -> Parse<Simple> {
        let start = self.at.start;
        if range && self.eat(Tok::Range) {
            return Ok(Simple::Range {
                left: Vec::new(),
                define: false,
                subject: self.expr()?,
            });
        }
        let first = self.expr()?;
        let mut more = Vec::new();
        while self.eat(Tok::Comma) {
            more.push(self.expr()?);
        }
        let op = match self.tok {
            Tok::Assign => AssignOp::Assign,
            Tok::Define => AssignOp::Define,
            Tok::OpAssign(op) => AssignOp::Op(op),
            _ if !more.is_empty() => return Err(Wrong),
            _ => {
                let kind = match self.tok {
                    Tok::Arrow => {
                        self.next();
                        StmtKind::Send(first, self.expr()?)
                    }
                    Tok::Increment => {
                        self.next();
                        StmtKind::IncDec(first)
                    }
                    _ => StmtKind::Expr(first),
                };
                return Ok(Simple::Stmt(Stmt {
                    span: self.since(start),
                    kind,
                }));
            }
        };
        self.next();
        more.insert(0, first);
        if range && !matches!(op, AssignOp::Op(_)) && self.eat(Tok::Range) {
            return Ok(Simple::Range {
                left: more,
                define: op == AssignOp::Define,
                subject: self.expr()?,
            });
        }
        let rhs = self.exprs()?;
        Ok(Simple::Stmt(Stmt {
            kind: StmtKind::Assign(Assign { lhs: more, op, rhs }),
            span: self.since(start),
        }))
    }

    /// `init; stmt` or `stmt` of a header; either may be missing.
    fn clauses(&mut self) -> Parse<(Option<Stmt>, Option<Stmt>)> {
        self.header(|parser| {
            let clause = |parser: &mut Self| {
                let absent = matches!(parser.tok, Tok::Semicolon | Tok::OpenBrace);
                (!absent).then(|| parser.simple()).transpose()
            };
            let first = clause(parser)?;
            match parser.eat(Tok::Semicolon) {
                true => Ok((first, clause(parser)?)),
                false => Ok((None, first)),
            }
        })
    }

    fn if_stmt(&mut self) -> Parse<StmtKind> {
        self.next();
        let (init, cond) = self.clauses()?;
        let cond = condition(cond)?.ok_or(Wrong)?;
        let then = self.block()?;
        let els = match self.eat(Tok::Else) {
            true if matches!(self.tok, Tok::If | Tok::OpenBrace) => Some(self.stmt()?),
            true => return Err(Wrong),
            false => None,
        };
        Ok(StmtKind::If(Box::new(If {
            init,
            cond,
            then,
            els,
        })))
    }

    fn for_loop(&mut self) -> Parse<StmtKind> {
        self.next();
        let (mut init, mut cond, mut post) = (None, None, None);
        let range = self.header(|parser| {
            if parser.tok == Tok::OpenBrace {
                return Ok(None);
            }
            if parser.tok != Tok::Semicolon {
                match parser.simple_or_range(true)? {
                    Simple::Stmt(stmt) => cond = Some(stmt),
                    range => return Ok(Some(range)),
                }
            }
            if parser.eat(Tok::Semicolon) {
                init = cond.take();
                if parser.tok != Tok::Semicolon {
                    cond = Some(parser.simple()?);
                }
                parser.expect(Tok::Semicolon)?;
                if parser.tok != Tok::OpenBrace {
                    post = Some(parser.simple()?);
                }
            }
            Ok(None)
        })?;
        let body = self.block()?;
        let Some(Simple::Range {
            left,
            define,
            subject,
        }) = range
        else {
            return Ok(StmtKind::For(Box::new(For {
                init,
                cond: condition(cond)?,
                post,
                body,
            })));
        };
        let mut left = left.into_iter();
        let (key, value) = (left.next(), left.next());
        if left.next().is_some() {
            return Err(Wrong);
        }
        Ok(StmtKind::Range(Box::new(Range {
            key,
            value,
            define,
            subject,
            body,
        })))
    }

    fn switch(&mut self) -> Parse<StmtKind> {
        self.next();
        let (init, tag) = self.clauses()?;
        let open = self.at.start;
        if !std::mem::take(&mut self.guard) {
            let tag = condition(tag)?;
            let cases = self.cases()?;
            let body = self.since(open);
            return Ok(StmtKind::Switch(Box::new(Switch {
                init,
                tag,
                cases,
                body,
            })));
        }
        let (bind, asserted) = match tag.ok_or(Wrong)?.kind {
            StmtKind::Expr(asserted) => (None, asserted),
            StmtKind::Assign(Assign {
                mut lhs,
                op: AssignOp::Define,
                mut rhs,
            }) if lhs.len() == 1 && rhs.len() == 1 => (lhs.pop(), rhs.pop().ok_or(Wrong)?),
            _ => return Err(Wrong),
        };
        let ExprKind::TypeAssert(subject, None) = asserted.kind else {
            return Err(Wrong);
        };
        let bind = match bind {
            None => None,
            Some(name) => Some(name.as_ident().ok_or(Wrong)?),
        };
        let cases = self.cases()?;
        Ok(StmtKind::TypeSwitch(Box::new(TypeSwitch {
            init,
            bind,
            subject: *subject,
            cases,
            body: self.since(open),
        })))
    }

    fn cases(&mut self) -> Parse<Vec<CaseClause>> {
        self.clause_list(|parser, start| {
            let default = parser.eat(Tok::Default);
            let exprs = match default {
                true => Vec::new(),
                false => {
                    parser.expect(Tok::Case)?;
                    parser.exprs()?
                }
            };
            let body = parser.clause_body()?;
            Ok(CaseClause {
                exprs,
                default,
                span: Span {
                    start,
                    end: body.span.end,
                },
                body,
            })
        })
    }

    fn select(&mut self) -> Parse<StmtKind> {
        self.next();
        let clauses = self.clause_list(|parser, start| {
            let comm = match parser.eat(Tok::Default) {
                true => None,
                false => {
                    parser.expect(Tok::Case)?;
                    Some(parser.simple()?)
                }
            };
            let body = parser.clause_body()?;
            Ok(CommClause {
                comm,
                span: Span {
                    start,
                    end: body.span.end,
                },
                body,
            })
        })?;
        Ok(StmtKind::Select(clauses))
    }

    /// `{ … }` of a `switch` or `select`; `clause` hears where each begins.
    fn clause_list<T>(
        &mut self,
        mut clause: impl FnMut(&mut Self, u32) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        self.expect(Tok::OpenBrace)?;
        let mut clauses = Vec::new();
        self.bracketed(|parser| {
            while parser.tok != Tok::CloseBrace {
                let start = parser.at.start;
                clauses.push(clause(parser, start)?);
            }
            Ok(())
        })?;
        self.next();
        Ok(clauses)
    }

    /// A clause's colon and the statements after it.
    fn clause_body(&mut self) -> Parse<Block> {
        self.expect(Tok::Colon)?;
        let start = self.last;
        let stmts = self.nested(Self::stmts)?;
        let end = stmts.last().map_or(start, |stmt| stmt.span.end);
        Ok(Block {
            stmts,
            span: Span { start, end },
        })
    }
}

/// The expression of a header's statement.
fn condition(stmt: Option<Stmt>) -> Parse<Option<Expr>> {
    match stmt.map(|stmt| stmt.kind) {
        None => Ok(None),
        Some(StmtKind::Expr(cond)) => Ok(Some(cond)),
        Some(_) => Err(Wrong),
    }
}
