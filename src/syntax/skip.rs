//! Brackets alone: where what one opens ends, found without parsing what is inside.

use super::lexer::{Lexer, Token};
use memchr::{memchr, memmem};

const OPEN: u8 = 1;
const CLOSE: u8 = 2;
const QUOTE: u8 = 3;
const RAW: u8 = 4;
const SLASH: u8 = 5;
const LINE: u8 = 6;

/// Bytes that open, close or hide a bracket, or begin a line.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    table[b'(' as usize] = OPEN;
    table[b'[' as usize] = OPEN;
    table[b'{' as usize] = OPEN;
    table[b')' as usize] = CLOSE;
    table[b']' as usize] = CLOSE;
    table[b'}' as usize] = CLOSE;
    table[b'"' as usize] = QUOTE;
    table[b'\'' as usize] = QUOTE;
    table[b'`' as usize] = RAW;
    table[b'/' as usize] = SLASH;
    table[b'\n' as usize] = LINE;
    table
};

/// How many tokens are looked at to tell a declaration from a literal; a receiver has less than ten.
const HEADER: usize = 1_000;

/// Offset after the brace or parenthesis that closes the one at `open`. None when brackets do not balance, or a function is declared
/// in between: then something in it is broken.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    balanced(text, open, true)
}

/// Whether brackets balance in a whole file, and every function is declared outside of them.
pub fn brackets_balance(text: &str) -> bool {
    balanced(text, 0, false).is_some()
}

/// Reads brackets from `at` on: up to where none is open any more, or to the text's end.
fn balanced(text: &str, mut at: usize, one: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_u32;
    let pair = match bytes.get(at) {
        Some(b'(') => b')',
        _ => b'}',
    };
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match CLASS[byte as usize] {
            0 => {}
            OPEN => depth += 1,
            CLOSE => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && one {
                    return (byte == pair).then_some(at);
                }
            }
            QUOTE => at = after_quoted(bytes, at, byte),
            RAW => at += memchr(b'`', &bytes[at..])? + 1,
            SLASH => match bytes.get(at) {
                Some(b'/') => at += memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
                Some(b'*') => at += memmem::find(&bytes[at + 1..], b"*/")? + 3,
                _ => {}
            },
            _ => {
                if depth > 0 && bytes[at..].starts_with(b"func") && declares(text, at + 4) {
                    return None;
                }
            }
        }
    }
    (depth == 0 && !one).then_some(at)
}

/// Offset after an interpreted string or rune; an unfinished one ends with its line.
fn after_quoted(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if bytes.get(at + 1) != Some(&b'\n') => at += 2,
            b'\n' => return at,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where a body ends that [`closing`] finds no end of: before the next declaration that begins a line.
pub(super) fn loose_end(text: &str, open: usize) -> usize {
    let mut end = open + 1;
    let mut depth = 1_u32;
    for (token, span) in Lexer::new(text).from(end) {
        let start = span.start as usize;
        match token {
            Token::Comment | Token::Newline => continue,
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Word if begins_line(text, start) => {
                let declares = match &text[span.range()] {
                    "func" => declares(text, span.end as usize),
                    "var" | "const" | "type" | "import" => true,
                    _ => false,
                };
                if declares {
                    break;
                }
            }
            _ => {}
        }
        end = span.end as usize;
        if depth == 0 {
            break;
        }
    }
    end
}

/// Whether what stands at `at` begins a line.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes()[at - 1] == b'\n'
}

/// Whether what follows a `func` (which ends at `at`) declares a function or method: `name(`, `name[` or `(…) name(`,
/// `(…) name[…](`. A literal, which may begin a line in text that gofmt did not see, has a type and a brace there.
pub(super) fn declares(text: &str, at: usize) -> bool {
    if text
        .as_bytes()
        .get(at)
        .is_some_and(|&byte| super::lexer::is_word_byte(byte))
    {
        return false;
    }
    let mut tokens = Lexer::new(text)
        .from(at)
        .take(HEADER)
        .filter(|(token, _)| !matches!(token, Token::Comment | Token::Newline))
        .map(|(token, span)| (token, &text[span.range()]));
    let mut next = tokens.next();
    let method = next == Some((Token::Open, "("));
    if method {
        next = skip_brackets(&mut tokens);
    }
    let Some((Token::Word, _)) = next else {
        return false;
    };
    match tokens.next() {
        Some((Token::Open, "(")) => true,
        Some((Token::Open, "[")) if method => {
            skip_brackets(&mut tokens) == Some((Token::Open, "("))
        }
        Some((Token::Open, "[")) => true,
        _ => false,
    }
}

/// Skips to the bracket that closes one just opened; the token after it.
fn skip_brackets<'t>(
    tokens: &mut impl Iterator<Item = (Token, &'t str)>,
) -> Option<(Token, &'t str)> {
    let mut depth = 1;
    while depth > 0 {
        match tokens.next()?.0 {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            _ => {}
        }
    }
    tokens.next()
}
