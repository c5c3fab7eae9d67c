//! A recursive-descent parser of Go (Go spec; where the grammar is ambiguous it decides as go/parser does), straight to
//! [`super::ast`]. `tests/go_ast.rs` compares every node of GOROOT/src with what go/parser builds.
//!
//! It stops at the first error of what it parses: a body, an initialiser, or one package-level declaration. Nothing is
//! guessed, so it needs no recovery inside of those.

mod decls;
mod exprs;
mod names;
mod scan;
mod stmts;
mod types;

use super::ast::{Expr, ExprKind, Ident, NodeId, Span};
use scan::{Scanner, Tok};

/// Deeper text is an error: every walk over the result recurses, and must end before the stack does. Nothing in
/// GOROOT/src is deeper (`tests/go_ast.rs` reads all of it), and a thousand levels fit in a quarter of a worker's
/// stack (`tests/syntax_robust.rs`).
const MAX_DEPTH: u32 = 1_000;

/// What was found is wrong; the parser stands at it.
#[derive(Debug)]
pub(super) struct Wrong;

pub(super) type Parse<T> = Result<T, Wrong>;

/// The state of parsing one unit.
pub(super) struct Parser<'t> {
    text: &'t str,
    /// Where the text begins in its file.
    origin: u32,
    scanner: Scanner<'t>,
    tok: Tok,
    /// Where the token begins and ends.
    at: Span,
    /// Where the token before it ended.
    last: u32,
    nodes: u32,
    depth: u32,
    /// In the header of `if`, `for` or `switch`, where `T {` begins the block (Go spec "Composite literals").
    in_header: bool,
    /// `.(type)` was read and no type switch has claimed it.
    guard: bool,
    /// Outlines leave out bodies, and what types do not depend on: the elements of composite literals.
    outline: bool,
    /// Nor are signatures of functions parsed.
    late: bool,
}

impl<'t> Parser<'t> {
    /// Stands at the first token of `span`. Node ids begin with `nodes`.
    pub(super) fn new(text: &'t str, span: Span, nodes: u32) -> Option<Self> {
        let seen = text.get(..span.end as usize)?;
        let mut parser = Parser {
            text: seen,
            origin: 0,
            scanner: Scanner::new(seen, span.start as usize),
            tok: Tok::End,
            at: Span::default(),
            last: span.start,
            nodes,
            depth: 0,
            in_header: false,
            guard: false,
            outline: false,
            late: false,
        };
        parser.next();
        Some(parser)
    }

    /// Stands at the first token of a text that begins at `origin` of its file.
    pub(super) fn at(text: &'t str, origin: u32, nodes: u32) -> Self {
        let mut parser = Parser {
            text,
            origin,
            scanner: Scanner::new(text, 0),
            tok: Tok::End,
            at: Span::default(),
            last: origin,
            nodes,
            depth: 0,
            in_header: false,
            guard: false,
            outline: true,
            late: false,
        };
        parser.next();
        parser
    }

    /// How many node ids are in use.
    pub(super) fn nodes(&self) -> u32 {
        self.nodes
    }

    /// The place of an error: the token that did not fit.
    pub(super) fn error(&self) -> Span {
        self.at
    }

    /// Whether everything was read.
    pub(super) fn expect_end(&mut self) -> Parse<()> {
        if self.tok == Tok::Semicolon {
            self.next();
        }
        if self.guard {
            return Err(Wrong);
        }
        self.expect(Tok::End)
    }

    fn next(&mut self) {
        self.last = self.at.end;
        let (tok, start, end) = self.scanner.next();
        self.tok = tok;
        self.at = Span {
            start: start as u32 + self.origin,
            end: end as u32 + self.origin,
        };
    }

    fn eat(&mut self, tok: Tok) -> bool {
        let found = self.tok == tok;
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, tok: Tok) -> Parse<()> {
        match self.eat(tok) || tok == Tok::End && self.tok == tok {
            true => Ok(()),
            false => Err(Wrong),
        }
    }

    /// From `start` to the last token read.
    fn since(&self, start: u32) -> Span {
        Span {
            start,
            end: self.last,
        }
    }

    fn id(&mut self) -> NodeId {
        self.nodes += 1;
        NodeId(self.nodes - 1)
    }

    /// The token's text.
    fn word(&self) -> &'t str {
        self.between(self.at.start, self.at.end)
    }

    /// The text between two offsets of the file.
    fn between(&self, start: u32, end: u32) -> &'t str {
        &self.text[(start - self.origin) as usize..(end - self.origin) as usize]
    }

    fn ident(&mut self) -> Parse<Ident> {
        if self.tok != Tok::Ident {
            return Err(Wrong);
        }
        Ok(self.take_ident())
    }

    /// The token as a name, whatever it is.
    fn take_ident(&mut self) -> Ident {
        let ident = Ident {
            id: self.id(),
            name: names::name(self.word()),
            span: self.at,
        };
        self.next();
        ident
    }

    /// An expression that began at `start` and ends here.
    fn node(&mut self, start: u32, kind: ExprKind) -> Expr {
        Expr {
            id: self.id(),
            span: self.since(start),
            kind,
        }
    }

    /// One level deeper.
    fn deeper(&mut self) -> Parse<()> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(Wrong),
            false => Ok(()),
        }
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        self.deeper()?;
        let parsed = parse(self)?;
        self.depth -= 1;
        Ok(parsed)
    }

    /// Between brackets, where a header's rule for composite literals is off.
    fn bracketed<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        self.within(false, parse)
    }

    /// In the header of a statement.
    fn header<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        self.within(true, parse)
    }

    fn within<T>(&mut self, header: bool, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let outer = std::mem::replace(&mut self.in_header, header);
        let parsed = parse(self);
        self.in_header = outer;
        parsed
    }

    /// Items up to `close`, which is read too; a comma after the last is allowed.
    fn list<T>(
        &mut self,
        close: Tok,
        mut item: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        self.bracketed(|parser| {
            let mut items = Vec::new();
            while parser.tok != close {
                let item = item(parser)?;
                if items.is_empty() {
                    // Most lists have one, and outlines stay for the run.
                    items.reserve_exact(1);
                }
                items.push(item);
                if !parser.eat(Tok::Comma) {
                    break;
                }
            }
            parser.expect(close)?;
            Ok(items)
        })
    }

    /// Tries `parse`; stands where it stood before when that fails.
    fn attempt<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Option<T> {
        let (scanner, tok, at, last) = (self.scanner, self.tok, self.at, self.last);
        let (nodes, depth, in_header) = (self.nodes, self.depth, self.in_header);
        let parsed = parse(self).ok();
        if parsed.is_none() {
            (self.scanner, self.tok, self.at, self.last) = (scanner, tok, at, last);
            (self.nodes, self.depth, self.in_header) = (nodes, depth, in_header);
        }
        parsed
    }
}
