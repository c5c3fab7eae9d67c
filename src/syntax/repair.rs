//! Same-length rewrites of newer syntax that the grammar lacks, tried only on text that has parse errors. What the
//! tree then says is read from the original text again.
//!
//! - `new(expr)` (Go 1.26), and functions of the program that are named `new` or `make`: the name is changed so that
//!   the argument parses as an expression;
//! - generic methods (Go 1.27): the type parameters after a method's name are blanked, and parsed on their own;
//! - a general comment with a line end in it ends a line (Go spec "Comments").

use super::ast::Span;
use super::lexer::{Lexer, Token};
use std::ops::Range;

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
            (Token::Word, "new" | "make")
                if tokens.text(at + 1) == "(" && tokens.takes_value(at + 1) =>
            {
                bytes[span.start as usize] = b'_';
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

    /// Whether the first argument of `new(` or `make(` is no type literal. Any other type parses as an expression
    /// too, but a value does not parse as a type.
    fn takes_value(&self, open: usize) -> bool {
        let mut at = open + 1;
        while self.text(at) == "*" {
            at += 1;
        }
        let receive = (self.text(at), self.text(at + 1)) == ("<", "-");
        let word = if receive { at + 2 } else { at };
        if !matches!(
            self.text(word),
            "[" | "map" | "chan" | "func" | "struct" | "interface"
        ) {
            return true;
        }
        let after = self.after_type(at).map(|after| self.text(after));
        // What follows the type of a composite literal, function literal or conversion is a bracket.
        matches!(after, Some("{" | "("))
    }

    /// Index of the token after a type; none where there is no type.
    fn after_type(&self, at: usize) -> Option<usize> {
        let mut at = at;
        loop {
            at = match self.text(at) {
                "*" | "<" | "-" | "chan" => at + 1,
                "[" => self.closing(at)? + 1,
                "map" => self.closing(at + 1)? + 1,
                "struct" | "interface" => return Some(self.closing(at + 1)? + 1),
                "(" => return Some(self.closing(at)? + 1),
                "func" => {
                    at = self.closing(at + 1)? + 1;
                    match self.text(at) {
                        "," | ")" | "{" => return Some(at),
                        _ => at,
                    }
                }
                _ if self.list.get(at)?.0 == Token::Word => {
                    at += if self.text(at + 1) == "." { 3 } else { 1 };
                    return match self.text(at) {
                        "[" => Some(self.closing(at)? + 1),
                        _ => Some(at),
                    };
                }
                _ => return None,
            }
        }
    }

    fn closing(&self, open: usize) -> Option<usize> {
        self.partner.get(open).copied().flatten()
    }

    /// The `[…]` of `func (recv) name[…](`.
    fn method_type_params(&self, receiver: usize) -> Option<Range<usize>> {
        let name = self.closing(receiver)? + 1;
        let close = (self.text(name + 1) == "[").then(|| self.closing(name + 1))??;
        let method = self.list[name].0 == Token::Word && self.text(close + 1) == "(";
        let list = self.list[name + 1].1.start as usize..self.list[close].1.end as usize;
        method.then_some(list)
    }
}

fn is_line_comment(text: &str, token: Token, span: Span) -> bool {
    token == Token::Comment && text[span.range()].starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::check::errors;

    fn body(statement: &str) -> String {
        format!("package p\n\nfunc f() {{\n\t{statement}\n}}\n")
    }

    #[test]
    fn values_as_arguments_of_new_and_make() {
        for statement in [
            "p := new(1 + 2)",
            "p := new(*q + 1)",
            "p := new(<-ch)",
            "p := new(a[i : j])",
            "p := new(new(-1))",
            "p := new([]int{1})",
            "p := new(struct{ x int }{1})",
            "p := new(func() int { return 1 })",
            "p := new([]byte(s))",
            "p := new(f())",
            "p := make(n - 1)",
        ] {
            assert_ne!(repair(&body(statement)).text, body(statement));
            assert!(errors(&body(statement)).is_empty(), "{statement}");
        }
    }

    #[test]
    fn type_literals_stay_types_beside_a_value() {
        let types = "a, b := new([]T), new(map[K]V)\n\tc, d := make(chan<- int, len(x)), new(func(int) []T)\n\te := new(*<-chan struct{})";
        let both = body(&format!("{types}\n\tp := new(1 + 2)"));
        assert!(errors(&both).is_empty());
        assert!(repair(&both).text.contains(types));
    }

    #[test]
    fn a_comment_that_spans_lines_ends_its_line() {
        assert!(errors(&body("x := 1 /* a\n\tb */ y := 2")).is_empty());
    }

    #[test]
    fn type_parameters_of_methods_are_blanked() {
        let text = "package p\n\nfunc (t T[A]) m[B any, C int](b B) {}\n";
        let repaired = repair(text);
        assert_eq!(
            &text[repaired.method_type_params[0].clone()],
            "[B any, C int]"
        );
        assert_eq!(repaired.text.len(), text.len());
        assert!(errors(text).is_empty());
    }
}
