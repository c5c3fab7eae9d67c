//! Same-length rewrites of newer syntax that the grammar lacks, tried only on text that has parse errors.
//!
//! - `new(expr)` (Go 1.26): `new` is renamed so that its argument parses as an expression;
//! - generic methods (Go 1.27): the type parameters after a method's name are blanked, and returned.

use super::lexer::{Lexer, Token, is_word_byte};

/// Stands for `new` in a repaired text: three bytes, and no identifier that anyone would write.
pub(super) const NEW_STAND_IN: &str = "\u{272}w";

/// A repaired text of the same length.
pub(super) struct Repaired {
    pub(super) text: String,
    /// Offset of the end of a method's name, and the type parameter list that followed it.
    pub(super) generic_methods: Vec<(u32, String)>,
}

pub(super) fn repair(text: &str) -> Repaired {
    let mut bytes = text.as_bytes().to_vec();
    let mut generic_methods = Vec::new();
    let tokens: Vec<_> = Lexer::new(text)
        .filter(|(token, _)| *token != Token::Comment)
        .collect();
    for (at, (token, span)) in tokens.iter().enumerate() {
        if *token != Token::Word {
            continue;
        }
        match &text[span.range()] {
            "new" if is(text, &tokens, at + 1, b'(') && takes_value(text, &tokens, at + 1) => {
                bytes[span.range()].copy_from_slice(NEW_STAND_IN.as_bytes());
            }
            "func" if span.start == 0 || text.as_bytes()[span.start as usize - 1] == b'\n' => {
                let Some((name_end, list)) = method_type_params(text, &tokens, at + 1) else {
                    continue;
                };
                generic_methods.push((name_end, text[list.clone()].to_string()));
                bytes[list]
                    .iter_mut()
                    .filter(|byte| **byte != b'\n')
                    .for_each(|byte| *byte = b' ');
            }
            _ => {}
        }
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|_| text.to_string());
    Repaired {
        text,
        generic_methods,
    }
}

type Tokens = [(Token, super::ast::Span)];

fn is(text: &str, tokens: &Tokens, at: usize, byte: u8) -> bool {
    tokens
        .get(at)
        .is_some_and(|(_, span)| text.as_bytes()[span.start as usize] == byte)
}

/// Index of the bracket that closes the one at `open`.
fn closing(tokens: &Tokens, open: usize) -> Option<usize> {
    let mut depth = 0u32;
    for (at, (token, _)) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Open => depth += 1,
            Token::Close => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether the argument of `new(` is something other than a plain type: a type literal parses as it is, unless it
/// is the type of a composite literal.
fn takes_value(text: &str, tokens: &Tokens, open: usize) -> bool {
    let Some((_, first)) = tokens.get(open + 1) else {
        return false;
    };
    let word = &text[first.range()];
    let type_literal = matches!(word, "[" | "map" | "chan" | "func" | "struct" | "interface");
    if !type_literal {
        return true;
    }
    let last = closing(tokens, open).and_then(|close| tokens.get(close - 1));
    !matches!(word, "struct" | "interface")
        && last.is_some_and(|(_, span)| &text[span.range()] == "}")
}

fn method_type_params(
    text: &str,
    tokens: &Tokens,
    receiver: usize,
) -> Option<(u32, std::ops::Range<usize>)> {
    if !is(text, tokens, receiver, b'(') {
        return None;
    }
    let name = closing(tokens, receiver)? + 1;
    let (Token::Word, name_span) = *tokens.get(name)? else {
        return None;
    };
    debug_assert!(is_word_byte(text.as_bytes()[name_span.start as usize]));
    if !is(text, tokens, name + 1, b'[') {
        return None;
    }
    let close = closing(tokens, name + 1)?;
    Some((
        name_span.end,
        tokens[name + 1].1.start as usize..tokens[close].1.end as usize,
    ))
}
