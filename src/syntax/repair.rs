//! Same-length rewrites of newer syntax that the grammar lacks, tried only on text that has parse errors. What the
//! tree then says is read from the original text again.
//!
//! - `new(expr)` (Go 1.26): `new` is renamed so that its argument parses as an expression;
//! - generic methods (Go 1.27): the type parameters after a method's name are blanked, and parsed on their own;
//! - a general comment with a line end in it ends a line (Go spec "Comments").

use super::ast::Span;
use super::lexer::{Lexer, Token};
use std::ops::Range;

/// Stands for `new` in a repaired text: three bytes, and no identifier that anyone would write.
const NEW_STAND_IN: &[u8; 3] = "\u{272}w".as_bytes().first_chunk().unwrap();

/// A repaired text of the same length.
pub(super) struct Repaired {
    pub(super) text: String,
    /// Type parameter lists of methods, brackets included: blanked in the text.
    pub(super) method_type_params: Vec<Range<usize>>,
}

/// Rewrites what the grammar lacks. Linear, and harmless where there is nothing to repair.
pub(super) fn repair(text: &str) -> Repaired {
    let mut bytes = text.as_bytes().to_vec();
    let mut method_type_params = Vec::new();
    let tokens = Tokens::new(text);
    for (at, &(token, span)) in tokens.list.iter().enumerate() {
        match (token, tokens.text(at)) {
            (Token::Word, "new") if tokens.text(at + 1) == "(" && tokens.takes_value(at + 1) => {
                bytes[span.range()].copy_from_slice(NEW_STAND_IN);
            }
            (Token::Word, "func") if tokens.text(at + 1) == "(" => {
                if let Some(list) = tokens.method_type_params(at + 1) {
                    blank(&mut bytes[list.clone()]);
                    method_type_params.push(list);
                }
            }
            (Token::Comment, comment) if comment.contains('\n') => {
                let bytes = &mut bytes[span.range()];
                blank(bytes);
                bytes[0] = b'\n';
            }
            _ => {}
        }
    }
    // Every rewrite replaces whole characters.
    let text = String::from_utf8(bytes).unwrap_or_else(|_| text.to_string());
    Repaired {
        text,
        method_type_params,
    }
}

fn blank(bytes: &mut [u8]) {
    bytes
        .iter_mut()
        .filter(|byte| **byte != b'\n')
        .for_each(|byte| *byte = b' ');
}

/// A text's tokens, with the partner of each bracket.
struct Tokens<'t> {
    text: &'t str,
    list: Vec<(Token, Span)>,
    /// For an opening bracket, the index of the one that closes it.
    partner: Vec<Option<usize>>,
}

impl<'t> Tokens<'t> {
    fn new(text: &'t str) -> Self {
        let list: Vec<_> = Lexer::new(text)
            .filter(|(token, span)| {
                *token != Token::Newline && !is_line_comment(text, *token, *span)
            })
            .collect();
        let mut partner = vec![None; list.len()];
        let mut open = Vec::new();
        for (at, (token, _)) in list.iter().enumerate() {
            match token {
                Token::Open => open.push(at),
                Token::Close => {
                    if let Some(opened) = open.pop() {
                        partner[opened] = Some(at);
                    }
                }
                _ => {}
            }
        }
        Tokens {
            text,
            list,
            partner,
        }
    }

    fn text(&self, at: usize) -> &'t str {
        self.list
            .get(at)
            .map_or("", |(_, span)| &self.text[span.range()])
    }

    /// Whether the argument of `new(` is something other than a plain type: a type literal parses as it is, unless
    /// it is the type of a composite literal or conversion.
    fn takes_value(&self, open: usize) -> bool {
        let first = self.text(open + 1);
        let type_literal = matches!(
            first,
            "[" | "map" | "chan" | "func" | "struct" | "interface" | "*" | "<"
        );
        if !type_literal {
            return true;
        }
        let Some(close) = self.partner[open] else {
            return false;
        };
        match self.text(close - 1) {
            // `new(struct{ … })` against `new(struct{ … }{ … })`
            "}" if matches!(first, "struct" | "interface") => {
                self.partner.get(open + 2).copied().flatten() != Some(close - 1)
            }
            "}" | ")" => true,
            _ => false,
        }
    }

    /// The `[…]` of `func (recv) name[…](`.
    fn method_type_params(&self, receiver: usize) -> Option<Range<usize>> {
        let name = self.partner[receiver]? + 1;
        let close = (self.text(name + 1) == "[").then(|| self.partner[name + 1])??;
        let method = self.list[name].0 == Token::Word && self.text(close + 1) == "(";
        let list = self.list[name + 1].1.start as usize..self.list[close].1.end as usize;
        method.then_some(list)
    }
}

fn is_line_comment(text: &str, token: Token, span: Span) -> bool {
    token == Token::Comment && text[span.range()].starts_with("//")
}
