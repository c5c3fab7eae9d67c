//! Where a file's function bodies are, found by brackets alone, and the file's text without them.

use super::ast::Span;
use super::lexer::{Lexer, Token};

/// What a scan of a file found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// The bodies of the functions declared at column 0, braces included, in order.
    pub(super) bodies: Vec<Span>,
    /// Comments outside these bodies.
    comments: Vec<Span>,
    /// Brackets balance. If not, bodies end where the next declaration seems to begin, and declarations may be
    /// hidden in them.
    pub(super) balanced: bool,
}

/// Finds the bodies. Where brackets do not balance a second pass trusts the line beginnings instead, so that one
/// broken function does not hide those after it.
pub(super) fn layout(text: &str) -> Layout {
    let strict = Scan::new(text, false).run();
    match strict.balanced {
        true => strict,
        false => Scan::new(text, true).run(),
    }
}

/// The bodies of the functions declared at column 0, braces included, in order. None when brackets do not balance.
pub fn function_bodies(text: &str) -> Option<Vec<Span>> {
    let found = Scan::new(text, false).run();
    found.balanced.then_some(found.bodies)
}

struct Scan<'t> {
    text: &'t str,
    found: Layout,
    /// Every declaration keyword at column 0 ends the body before it.
    trust_columns: bool,
    /// Open brackets.
    depth: u32,
    /// After a `func` at column 0, before its body.
    in_header: bool,
    /// Where the body began that the scan is in.
    body: Option<u32>,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str, trust_columns: bool) -> Self {
        Scan {
            text,
            found: Layout {
                balanced: true,
                ..Layout::default()
            },
            trust_columns,
            depth: 0,
            in_header: false,
            body: None,
        }
    }

    fn run(mut self) -> Layout {
        let bytes = self.text.as_bytes();
        let mut type_follows = false; // `struct {` and `interface {` open a type, not a body
        let mut last_end = 0;
        let mut lexer = Lexer::new(self.text);
        while let Some((token, span)) = lexer.next() {
            let first = bytes[span.start as usize];
            match token {
                Token::Comment if self.body.is_none() => self.found.comments.push(span),
                Token::Comment => {}
                Token::Newline => self.in_header &= self.depth != 0,
                Token::Word => {
                    if self.at_line_start(span) {
                        self.declaration(span, &lexer, last_end);
                        if !self.found.balanced && !self.trust_columns {
                            return self.found;
                        }
                    }
                    type_follows = matches!(&bytes[span.range()], b"struct" | b"interface");
                }
                Token::Open => {
                    if first == b'{' && self.in_header && self.depth == 0 && !type_follows {
                        self.body = Some(span.start);
                        self.in_header = false;
                    }
                    self.depth += 1;
                    type_follows = false;
                }
                Token::Close => {
                    self.close(first, span);
                    type_follows = false;
                }
                Token::Literal | Token::Other => type_follows = false,
            }
            if token != Token::Newline && token != Token::Comment {
                last_end = span.end;
            }
        }
        self.found.balanced &= self.depth == 0;
        self.end_body(last_end);
        self.found
    }

    fn at_line_start(&self, span: Span) -> bool {
        let start = span.start as usize;
        start == 0 || self.text.as_bytes()[start - 1] == b'\n'
    }

    fn close(&mut self, bracket: u8, span: Span) {
        if self.depth == 0 {
            self.found.balanced = false;
            return;
        }
        self.depth -= 1;
        if self.depth == 0 && self.body.is_some() {
            self.found.balanced &= bracket == b'}';
            self.end_body(span.end);
        }
    }

    fn end_body(&mut self, end: u32) {
        if let Some(start) = self.body.take() {
            self.found.bodies.push(Span { start, end });
        }
    }

    /// A word at column 0: perhaps the beginning of a declaration.
    fn declaration(&mut self, word: Span, rest: &Lexer<'_>, last_end: u32) {
        let func = match &self.text[word.range()] {
            "func" if declares(self.text, rest.clone()) => true,
            "var" | "const" | "type" | "import" => false,
            _ => return,
        };
        if self.depth > 0 {
            if !func && !self.trust_columns {
                return;
            }
            self.found.balanced = false;
            self.depth = 0;
            self.end_body(last_end);
        }
        self.in_header = func;
    }
}

/// Whether what follows a `func` declares a function or method: `name(`, `name[` or `(…) name(`, `(…) name[…](`.
/// A literal, which may stand at column 0 in text that gofmt did not see, has a type and a brace there.
fn declares(text: &str, lexer: Lexer<'_>) -> bool {
    let mut tokens = lexer
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

/// A file's text with bodies emptied to `{}` and comments left out: half the bytes to parse.
#[derive(Debug)]
pub(super) struct Condensed {
    /// What is left.
    pub(super) text: String,
    /// Where the pieces of it came from.
    pub(super) positions: Positions,
}

/// Offsets of a condensed text, translated to those of the whole.
#[derive(Debug, Default)]
pub(super) struct Positions {
    /// For each piece in order: its start here, its start in the whole text. None when nothing was left out.
    pieces: Vec<(u32, u32)>,
}

impl Positions {
    /// The original offset of the character at `at`.
    fn of(&self, at: u32) -> u32 {
        let after = self.pieces.partition_point(|&(here, _)| here <= at);
        match after.checked_sub(1) {
            Some(piece) => at - self.pieces[piece].0 + self.pieces[piece].1,
            None => at,
        }
    }

    /// The original span of `start..end`.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        if self.pieces.is_empty() {
            return Span::new(start, end);
        }
        let (start, end) = (start as u32, end as u32);
        // The end is the last character's, plus one: what follows it may have been left out.
        let mapped = self.of(start);
        Span {
            start: mapped,
            end: if end > start {
                self.of(end - 1) + 1
            } else {
                mapped
            },
        }
    }
}

impl Condensed {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// What is pushed next comes from offset `from` on.
    fn resume(&mut self, from: u32) {
        self.positions.pieces.push((self.text.len() as u32, from));
    }
}

/// Leaves out the insides of bodies, and comments. A general comment with line ends in it acts like a line end, any
/// other like a space (Go spec "Comments").
pub(super) fn condense(text: &str, layout: &Layout) -> Condensed {
    let mut out = Condensed {
        text: String::with_capacity(text.len() / 2),
        positions: Positions::default(),
    };
    let mut copied = 0;
    let mut comments = layout.comments.iter().peekable();
    let mut bodies = layout.bodies.iter().peekable();
    loop {
        let comment_first = match (comments.peek(), bodies.peek()) {
            (Some(comment), Some(body)) => comment.start < body.start,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        if comment_first {
            let comment = comments.next().copied().unwrap_or_default();
            let filler = if text[comment.range()].contains('\n') {
                "\n"
            } else {
                " "
            };
            out.push(&text[copied..comment.start as usize]);
            out.push(filler);
            out.resume(comment.end);
            copied = comment.end as usize;
        } else {
            // The closing brace stands for the body's last byte, also where a broken body has none: only the body
            // is broken, not the declaration.
            let body = bodies.next().copied().unwrap_or_default();
            out.push(&text[copied..=body.start as usize]);
            out.resume(body.end - 1);
            out.push("}");
            out.resume(body.end);
            copied = body.end as usize;
        }
    }
    out.push(&text[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<&str> {
        let found = layout(text);
        assert!(found.balanced, "{text}");
        found
            .bodies
            .iter()
            .map(|span| &text[span.range()])
            .collect()
    }

    fn broken_bodies(text: &str) -> Vec<&str> {
        let found = layout(text);
        assert!(!found.balanced, "{text}");
        found
            .bodies
            .iter()
            .map(|span| &text[span.range()])
            .collect()
    }

    #[test]
    fn braces_in_strings_runes_and_comments_do_not_count() {
        let text = "func f() { a := \"}\"; b := '}'; c := `}\n}`; /* } */ // }\n}\nfunc g() {}\n";
        assert_eq!(bodies(text).len(), 2);
    }

    #[test]
    fn types_in_a_header_are_not_the_body() {
        let text = "func f(a struct{ x int }, b interface{}) struct{} {\n\treturn struct{}{}\n}\n";
        assert_eq!(bodies(text), ["{\n\treturn struct{}{}\n}"]);
    }

    #[test]
    fn external_functions_have_no_body() {
        assert!(bodies("func f(x int) int\n\nvar x = []int{1}\n").is_empty());
    }

    #[test]
    fn function_literals_of_variables_are_not_bodies() {
        assert!(bodies("var f = func() {\n}\n").is_empty());
        assert!(bodies("var f =\nfunc(x int) {\n}\n").is_empty());
        assert!(bodies("var f =\nfunc(x int) T {\n}\n").is_empty());
    }

    #[test]
    fn a_literal_at_column_0_inside_a_body_is_part_of_it() {
        assert_eq!(
            bodies("func f() {\ng(\nfunc(x int) string {\n})\n}\n").len(),
            1
        );
        assert_eq!(
            bodies("func f() {\ng(\nfunc(x int) L[int] {\n})\n}\n").len(),
            1
        );
    }

    #[test]
    fn a_missing_brace_ends_with_the_next_declaration() {
        assert_eq!(
            broken_bodies("func f() {\n\tif x {\n}\n\nvar v int\n\nfunc (t T) g() {}\n"),
            ["{\n\tif x {\n}", "{}"]
        );
        assert_eq!(broken_bodies("func f() {"), ["{"]);
        assert_eq!(broken_bodies("func f() {}\n}\nfunc g() {}\n"), ["{}", "{}"]);
    }

    #[test]
    fn a_raw_string_without_end_takes_the_rest() {
        assert_eq!(broken_bodies("func f() { `\n}\nfunc g() {}\n").len(), 1);
    }

    #[test]
    fn condensed_text_keeps_its_offsets() {
        let text = "package p // c\n/* a\nb */\nfunc f() { return }\nvar /* x */ v = 1\n";
        let condensed = condense(text, &layout(text));
        assert_eq!(
            condensed.text,
            "package p  \n\n\nfunc f() {}\nvar   v = 1\n"
        );
        let at = condensed.text.find("func f() {}").unwrap();
        let span = condensed.positions.span(at, at + "func f() {}".len());
        assert_eq!(&text[span.range()], "func f() { return }");
        let at = condensed.text.find("v = 1").unwrap();
        assert_eq!(&text[condensed.positions.span(at, at + 5).range()], "v = 1");
    }
}
