//! Just enough of Go's lexical grammar (Go spec "Lexical elements") to skip what can hide a brace or a keyword.

use super::ast::Span;

/// What a scan sees: everything that can hide or balance a bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// An identifier, keyword or number.
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
/// line, an unfinished comment or raw string with the text. One pass, whatever the bytes are.
#[derive(Clone)]
pub struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Lexer<'t> {
    /// Starts at the first byte, after a byte order mark.
    pub fn new(text: &'t str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Lexer {
            text: text.as_bytes(),
            at,
        }
    }

    /// Goes on at an offset that no token spans.
    pub(super) fn from(self, at: usize) -> Self {
        Lexer { at, ..self }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Moves on to the first byte for which `stop` holds, or the text's end.
    fn find(&mut self, stop: impl Fn(u8) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest
            .iter()
            .position(|&byte| stop(byte))
            .unwrap_or(rest.len());
    }

    /// Moves past an interpreted string or rune.
    fn quoted(&mut self, quote: u8) {
        self.at += 1;
        loop {
            self.find(|byte| byte == quote || byte == b'\\' || byte == b'\n');
            match self.peek(0) {
                // An escaped line end still ends the line.
                b'\\' if self.peek(1) != b'\n' => self.at += 2,
                b'\\' => self.at += 1,
                byte if byte == quote && self.at < self.text.len() => {
                    self.at += 1;
                    break;
                }
                _ => break,
            }
            self.at = self.at.min(self.text.len());
        }
    }

    fn block_comment(&mut self) {
        self.at += 2;
        loop {
            self.find(|byte| byte == b'*');
            if self.at >= self.text.len() {
                return;
            }
            self.at += 1;
            if self.peek(0) == b'/' {
                self.at += 1;
                return;
            }
        }
    }

    fn one(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }
}

/// Bytes that may stand in an identifier; every non-ASCII byte counts as one.
pub fn is_word_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

impl Iterator for Lexer<'_> {
    type Item = (Token, Span);

    fn next(&mut self) -> Option<Self::Item> {
        self.find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        let start = self.at;
        let first = *self.text.get(start)?;
        let token = match first {
            byte if is_word_byte(byte) => {
                self.find(|byte| !is_word_byte(byte));
                Token::Word
            }
            b'\n' => self.one(Token::Newline),
            b'/' if self.peek(1) == b'/' => {
                self.find(|byte| byte == b'\n');
                Token::Comment
            }
            b'/' if self.peek(1) == b'*' => {
                self.block_comment();
                Token::Comment
            }
            b'"' | b'\'' => {
                self.quoted(first);
                Token::Literal
            }
            b'`' => {
                self.at += 1;
                self.find(|byte| byte == b'`');
                self.at = (self.at + 1).min(self.text.len());
                Token::Literal
            }
            b'(' | b'[' | b'{' => self.one(Token::Open),
            b')' | b']' | b'}' => self.one(Token::Close),
            _ => self.one(Token::Other),
        };
        Some((token, Span::new(start, self.at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(Token, &str)> {
        Lexer::new(text)
            .map(|(token, span)| (token, &text[span.range()]))
            .collect()
    }

    #[test]
    fn literals_and_comments_are_one_token_each() {
        for text in [
            r#""a } \" b""#,
            r"'\''",
            "`a\n\"b`",
            "/* a **/",
            "// \" `",
            r#""\\""#,
        ] {
            assert_eq!(tokens(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn an_unfinished_string_ends_with_its_line() {
        use Token::*;
        let kinds = |text| tokens(text).iter().map(|token| token.0).collect::<Vec<_>>();
        assert_eq!(kinds("\"abc\n}"), [Literal, Newline, Close]);
        assert_eq!(kinds("\"abc\\\n}"), [Literal, Newline, Close]);
        assert_eq!(kinds("\"abc\\"), [Literal]);
        assert_eq!(kinds("'"), [Literal]);
        assert_eq!(kinds("/*/"), [Comment]);
        assert_eq!(kinds("`"), [Literal]);
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_first_word() {
        assert_eq!(tokens("\u{feff}package p")[0], (Token::Word, "package"));
    }
}
