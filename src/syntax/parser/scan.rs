//! Tokens with Go's rule for semicolons (Go spec "Tokens", "Semicolons"). Comments are skipped.

use crate::syntax::ast::BinaryOp;
use memchr::{memchr, memmem};

/// Kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tok {
    End,
    /// No token of Go, or an unfinished literal or comment.
    Illegal,
    /// Written, or put in at a line's end.
    Semicolon,
    Ident,
    Int,
    Float,
    Imaginary,
    Rune,
    String,
    /// Binary operators, `*`, `&`, `+`, `-`, `^` and `|` in their other roles too.
    Op(BinaryOp),
    OpAssign(BinaryOp),
    Assign,
    Define,
    Not,
    Tilde,
    Arrow,
    Increment,
    Ellipsis,
    OpenParen,
    OpenBracket,
    OpenBrace,
    CloseParen,
    CloseBracket,
    CloseBrace,
    Comma,
    Period,
    Colon,
    Break,
    Case,
    Chan,
    Const,
    Continue,
    Default,
    Defer,
    Else,
    Fallthrough,
    For,
    Func,
    Go,
    Goto,
    If,
    Import,
    Interface,
    Map,
    Package,
    Range,
    Return,
    Select,
    Struct,
    Switch,
    Type,
    Var,
}

/// Where the next token begins. Cheap to copy: that is how the parser looks ahead.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    pos: usize,
    /// A line's end here is a semicolon.
    ends_statement: bool,
}

/// Bytes that go on in an identifier or number.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let it = byte as u8;
        table[byte] = it == b'_' || it.is_ascii_alphanumeric() || it >= 0x80;
        byte += 1;
    }
    table
};

impl<'t> Scanner<'t> {
    /// Scans `text` from `pos` on.
    pub(super) fn new(text: &'t str, pos: usize) -> Self {
        Scanner {
            text: text.as_bytes(),
            pos,
            ends_statement: false,
        }
    }

    /// Goes on at `pos`, where a closing brace ends.
    pub(super) fn jump(&mut self, pos: usize) {
        self.pos = pos;
        self.ends_statement = true;
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.get(self.pos + ahead).copied().unwrap_or(0)
    }

    /// The next token and its start; it ends where the scanner then stands.
    pub(super) fn next(&mut self) -> (Tok, usize, usize) {
        let line_end = self.skip_space();
        let start = self.pos;
        if line_end {
            self.ends_statement = false;
            return (Tok::Semicolon, start, start);
        }
        let Some(&first) = self.text.get(start) else {
            return match std::mem::take(&mut self.ends_statement) {
                true => (Tok::Semicolon, start, start),
                false => (Tok::End, start, start),
            };
        };
        let tok = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_ascii_digit() => self.number(),
            b'"' | b'\'' => self.quoted(first),
            b'`' => self.raw_string(),
            _ => self.operator(first),
        };
        self.ends_statement = matches!(
            tok,
            Tok::Ident
                | Tok::Int
                | Tok::Float
                | Tok::Imaginary
                | Tok::Rune
                | Tok::String
                | Tok::Break
                | Tok::Continue
                | Tok::Fallthrough
                | Tok::Return
                | Tok::Increment
                | Tok::CloseParen
                | Tok::CloseBracket
                | Tok::CloseBrace
        );
        (tok, start, self.pos)
    }

    /// Skips white space and comments. Whether a line ended that ends a statement: the scanner then stands at its end,
    /// or after the comment that holds it.
    fn skip_space(&mut self) -> bool {
        loop {
            match self.text.get(self.pos) {
                Some(b'\n') if self.ends_statement => return true,
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.pos += 1,
                Some(b'/') if self.byte(1) == b'/' => {
                    let rest = &self.text[self.pos..];
                    self.pos += memchr(b'\n', rest).unwrap_or(rest.len());
                }
                Some(b'/') if self.byte(1) == b'*' => {
                    let rest = &self.text[self.pos + 2..];
                    let Some(length) = memmem::find(rest, b"*/") else {
                        return false; // an operator will be found where it begins
                    };
                    self.pos += length + 4;
                    if self.ends_statement && memchr(b'\n', &rest[..length]).is_some() {
                        return true;
                    }
                }
                _ => return false,
            }
        }
    }

    fn word(&mut self) -> Tok {
        let rest = &self.text[self.pos..];
        let length = rest.iter().position(|&byte| !WORD[byte as usize]);
        let word = &rest[..length.unwrap_or(rest.len())];
        self.pos += word.len();
        if !word.is_ascii() && !is_identifier(word) {
            return Tok::Illegal;
        }
        keyword(word)
    }

    /// Go spec "Integer literals", "Floating-point literals", "Imaginary literals"; digits are not judged.
    fn number(&mut self) -> Tok {
        let hexadecimal = self.byte(0) == b'0' && matches!(self.byte(1), b'x' | b'X');
        let mut tok = Tok::Int;
        loop {
            match self.byte(0) {
                b'.' => tok = Tok::Float,
                b'e' | b'E' if !hexadecimal => tok = self.exponent(),
                b'p' | b'P' if hexadecimal => tok = self.exponent(),
                b'i' => {
                    self.pos += 1;
                    return Tok::Imaginary;
                }
                byte if WORD[byte as usize] => {}
                _ => return tok,
            }
            self.pos += 1;
        }
    }

    fn exponent(&mut self) -> Tok {
        if matches!(self.byte(1), b'+' | b'-') {
            self.pos += 1;
        }
        Tok::Float
    }

    fn quoted(&mut self, quote: u8) -> Tok {
        let start = self.pos;
        self.pos += 1;
        loop {
            match self.text.get(self.pos) {
                None | Some(b'\n') => return Tok::Illegal,
                Some(b'\\') => self.pos = (self.pos + 2).min(self.text.len()),
                Some(&byte) => {
                    self.pos += 1;
                    if byte == quote {
                        break;
                    }
                }
            }
        }
        match quote {
            b'"' => Tok::String,
            _ if is_rune(&self.text[start + 1..self.pos - 1]) => Tok::Rune,
            _ => Tok::Illegal,
        }
    }

    fn raw_string(&mut self) -> Tok {
        let rest = &self.text[self.pos + 1..];
        match memchr(b'`', rest) {
            Some(length) => {
                self.pos += length + 2;
                Tok::String
            }
            None => {
                self.pos = self.text.len();
                Tok::Illegal
            }
        }
    }

    fn operator(&mut self, first: u8) -> Tok {
        let (tok, length) = match (first, self.byte(1), self.byte(2)) {
            (b'(', ..) => (Tok::OpenParen, 1),
            (b')', ..) => (Tok::CloseParen, 1),
            (b'[', ..) => (Tok::OpenBracket, 1),
            (b']', ..) => (Tok::CloseBracket, 1),
            (b'{', ..) => (Tok::OpenBrace, 1),
            (b'}', ..) => (Tok::CloseBrace, 1),
            (b',', ..) => (Tok::Comma, 1),
            (b';', ..) => (Tok::Semicolon, 1),
            (b'.', b'.', b'.') => (Tok::Ellipsis, 3),
            (b'.', ..) => (Tok::Period, 1),
            (b':', b'=', _) => (Tok::Define, 2),
            (b':', ..) => (Tok::Colon, 1),
            (b'=', b'=', _) => (Tok::Op(BinaryOp::Equal), 2),
            (b'=', ..) => (Tok::Assign, 1),
            (b'!', b'=', _) => (Tok::Op(BinaryOp::NotEqual), 2),
            (b'!', ..) => (Tok::Not, 1),
            (b'~', ..) => (Tok::Tilde, 1),
            (b'<', b'-', _) => (Tok::Arrow, 2),
            (b'<', b'=', _) => (Tok::Op(BinaryOp::LessEqual), 2),
            (b'<', b'<', _) => return self.assignable(BinaryOp::Shl, 2),
            (b'<', ..) => (Tok::Op(BinaryOp::Less), 1),
            (b'>', b'=', _) => (Tok::Op(BinaryOp::GreaterEqual), 2),
            (b'>', b'>', _) => return self.assignable(BinaryOp::Shr, 2),
            (b'>', ..) => (Tok::Op(BinaryOp::Greater), 1),
            (b'&', b'&', _) => (Tok::Op(BinaryOp::LogicalAnd), 2),
            (b'|', b'|', _) => (Tok::Op(BinaryOp::LogicalOr), 2),
            (b'&', b'^', _) => return self.assignable(BinaryOp::AndNot, 2),
            (b'+', b'+', _) | (b'-', b'-', _) => (Tok::Increment, 2),
            (b'&', ..) => return self.assignable(BinaryOp::And, 1),
            (b'|', ..) => return self.assignable(BinaryOp::Or, 1),
            (b'^', ..) => return self.assignable(BinaryOp::Xor, 1),
            (b'+', ..) => return self.assignable(BinaryOp::Add, 1),
            (b'-', ..) => return self.assignable(BinaryOp::Sub, 1),
            (b'*', ..) => return self.assignable(BinaryOp::Mul, 1),
            (b'/', b'*', _) => {
                self.pos = self.text.len();
                return Tok::Illegal;
            }
            (b'/', ..) => return self.assignable(BinaryOp::Div, 1),
            (b'%', ..) => return self.assignable(BinaryOp::Rem, 1),
            _ => (Tok::Illegal, 1),
        };
        self.pos += length;
        tok
    }

    /// An operator that may be part of an assignment.
    fn assignable(&mut self, op: BinaryOp, length: usize) -> Tok {
        self.pos += length;
        if self.byte(0) != b'=' {
            return Tok::Op(op);
        }
        self.pos += 1;
        Tok::OpAssign(op)
    }
}

/// Letters and digits of any script (Go spec "Characters"), no digit first.
fn is_identifier(word: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(word) else {
        return false;
    };
    word.chars().all(|c| c == '_' || c.is_alphanumeric())
        && !word.chars().next().is_some_and(char::is_numeric)
}

/// One character, or one escape (Go spec "Rune literals").
fn is_rune(inside: &[u8]) -> bool {
    match inside {
        [b'\\', ..] => inside.len() >= 2,
        _ => std::str::from_utf8(inside).is_ok_and(|text| text.chars().count() == 1),
    }
}

/// Go spec "Keywords".
fn keyword(word: &[u8]) -> Tok {
    if !(2..=11).contains(&word.len()) || !word[0].is_ascii_lowercase() {
        return Tok::Ident;
    }
    match word {
        b"break" => Tok::Break,
        b"case" => Tok::Case,
        b"chan" => Tok::Chan,
        b"const" => Tok::Const,
        b"continue" => Tok::Continue,
        b"default" => Tok::Default,
        b"defer" => Tok::Defer,
        b"else" => Tok::Else,
        b"fallthrough" => Tok::Fallthrough,
        b"for" => Tok::For,
        b"func" => Tok::Func,
        b"go" => Tok::Go,
        b"goto" => Tok::Goto,
        b"if" => Tok::If,
        b"import" => Tok::Import,
        b"interface" => Tok::Interface,
        b"map" => Tok::Map,
        b"package" => Tok::Package,
        b"range" => Tok::Range,
        b"return" => Tok::Return,
        b"select" => Tok::Select,
        b"struct" => Tok::Struct,
        b"switch" => Tok::Switch,
        b"type" => Tok::Type,
        b"var" => Tok::Var,
        _ => Tok::Ident,
    }
}
