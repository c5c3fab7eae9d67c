//! Just enough of Go's lexical grammar (Go spec "Lexical elements") to find where function bodies begin and end.

use super::ast::Span;

/// What a scan sees: everything that can hide or balance a brace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// An identifier or keyword.
    Word,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// A string, rune or raw string.
    Literal,
    /// Either kind of comment.
    Comment,
    /// End of line outside a comment or literal.
    Newline,
    /// Any other byte that is not white space.
    Other,
}

/// Splits a text into tokens, in order; white space is skipped. Never fails: an unfinished literal ends with its
/// line, an unfinished comment or raw string with the text.
pub struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Lexer<'t> {
    /// Starts at the first byte.
    pub fn new(text: &'t str) -> Self {
        Lexer {
            text: text.as_bytes(),
            at: 0,
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn find(&mut self, stop: impl Fn(&[u8]) -> bool) {
        while self.at < self.text.len() && !stop(&self.text[self.at..]) {
            self.at += 1;
        }
    }

    fn quoted(&mut self, quote: u8) {
        self.at += 1;
        while self.at < self.text.len() {
            match self.text[self.at] {
                b'\\' => self.at += 2,
                b'\n' => break,
                byte => {
                    self.at += 1;
                    if byte == quote {
                        break;
                    }
                }
            }
        }
        self.at = self.at.min(self.text.len());
    }
}

/// Bytes that may stand in an identifier; every non-ASCII byte counts as one.
pub fn is_word_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

impl Iterator for Lexer<'_> {
    type Item = (Token, Span);

    fn next(&mut self) -> Option<Self::Item> {
        while matches!(self.peek(0), b' ' | b'\t' | b'\r') {
            self.at += 1;
        }
        let start = self.at;
        let first = *self.text.get(start)?;
        let token = match first {
            b'\n' => {
                self.at += 1;
                Token::Newline
            }
            b'/' if self.peek(1) == b'/' => {
                self.find(|rest| rest[0] == b'\n');
                Token::Comment
            }
            b'/' if self.peek(1) == b'*' => {
                self.at += 2;
                self.find(|rest| rest.starts_with(b"*/"));
                self.at = (self.at + 2).min(self.text.len());
                Token::Comment
            }
            b'"' | b'\'' => {
                self.quoted(first);
                Token::Literal
            }
            b'`' => {
                self.at += 1;
                self.find(|rest| rest[0] == b'`');
                self.at = (self.at + 1).min(self.text.len());
                Token::Literal
            }
            b'(' | b'[' | b'{' => {
                self.at += 1;
                Token::Open
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                Token::Close
            }
            byte if is_word_byte(byte) => {
                self.find(|rest| !is_word_byte(rest[0]));
                Token::Word
            }
            _ => {
                self.at += 1;
                Token::Other
            }
        };
        Some((token, Span::new(start, self.at)))
    }
}

/// The bodies of the functions declared at column 0, braces included, in order. None when the brackets do not
/// balance: then only a whole parse can tell.
pub fn function_bodies(text: &str) -> Option<Vec<Span>> {
    let bytes = text.as_bytes();
    let mut bodies = Vec::new();
    let mut depth = 0u32;
    let mut in_header = false;
    let mut body_start = None;
    let mut after_type_keyword = false; // `struct {` and `interface {` open a type, not a body
    for (token, span) in Lexer::new(text) {
        let start = span.start as usize;
        match token {
            Token::Word => {
                let word = &bytes[span.range()];
                let column_zero = start == 0 || bytes[start - 1] == b'\n';
                if word == b"func" && column_zero {
                    if depth != 0 {
                        return None;
                    }
                    in_header = true;
                }
                after_type_keyword = word == b"struct" || word == b"interface";
            }
            Token::Open => {
                if bytes[start] == b'{' && in_header && depth == 0 && !after_type_keyword {
                    body_start = Some(span.start);
                    in_header = false;
                }
                depth += 1;
                after_type_keyword = false;
            }
            Token::Close => {
                depth = depth.checked_sub(1)?;
                if depth == 0
                    && let Some(start) = body_start.take()
                {
                    if bytes[span.start as usize] != b'}' {
                        return None;
                    }
                    bodies.push(Span {
                        start,
                        end: span.end,
                    });
                }
                after_type_keyword = false;
            }
            Token::Newline => in_header &= depth != 0,
            Token::Comment => {}
            Token::Literal | Token::Other => after_type_keyword = false,
        }
    }
    (depth == 0).then_some(bodies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Option<Vec<&str>> {
        Some(
            function_bodies(text)?
                .into_iter()
                .map(|span| &text[span.range()])
                .collect(),
        )
    }

    #[test]
    fn braces_in_strings_runes_and_comments_do_not_count() {
        let text = "func f() { a := \"}\"; b := '}'; c := `}\n}`; /* } */ // }\n}\nfunc g() {}\n";
        assert_eq!(bodies(text).unwrap().len(), 2);
    }

    #[test]
    fn types_in_a_header_are_not_the_body() {
        let text = "func f(a struct{ x int }, b interface{}) struct{} {\n\treturn struct{}{}\n}\n";
        assert_eq!(bodies(text).unwrap(), ["{\n\treturn struct{}{}\n}"]);
    }

    #[test]
    fn external_functions_have_no_body() {
        assert_eq!(
            bodies("func f(x int) int\n\nvar x = []int{1}\n").unwrap(),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn a_missing_brace_is_noticed() {
        assert_eq!(bodies("func f() {\n\tif x {\n}\n\nfunc g() {}\n"), None);
    }

    #[test]
    fn function_literals_of_variables_are_not_bodies() {
        assert_eq!(bodies("var f = func() {\n}\n").unwrap(), Vec::<&str>::new());
    }
}
