//! Questions about a whole file's text: its syntax errors, and what its header says.

use super::ast::Span;
use super::lexer::{Lexer, Token};
use super::parse::parse_ranges;
use super::repair::repair;

/// Where a whole parse of the text has ERROR or MISSING nodes (after the repairs), in order. A text that the parser
/// gives up on is one error.
pub fn errors(text: &str) -> Vec<Span> {
    let found = errors_of(text);
    if found.is_empty() {
        found
    } else {
        errors_of(&repair(text).text)
    }
}

fn errors_of(text: &str) -> Vec<Span> {
    let Some(tree) = parse_ranges(text, &[]) else {
        return vec![Span::new(0, text.len())];
    };
    let mut found = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let bad = node.is_error() || node.is_missing();
        if bad {
            found.push(Span::new(node.start_byte(), node.end_byte()));
        }
        if !bad && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// Whether a line before the package clause says `// Code generated … DO NOT EDIT.` (go.dev/s/generatedcode).
pub fn is_generated(text: &str) -> bool {
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.starts_with("package ") {
            return false;
        }
        if line
            .strip_prefix("// Code generated ")
            .is_some_and(|rest| rest.ends_with(" DO NOT EDIT."))
        {
            return true;
        }
    }
    false
}

/// The package clause's name, by tokens alone.
pub fn package_name(text: &str) -> Option<&str> {
    let mut words =
        Lexer::new(text).filter(|(token, _)| !matches!(token, Token::Comment | Token::Newline));
    let (_, keyword) = words.next()?;
    let (token, name) = words.next()?;
    (&text[keyword.range()] == "package" && token == Token::Word).then(|| &text[name.range()])
}

/// Whether the import section imports `"C"`: by tokens, since the preamble comment may contain anything.
pub fn imports_c(text: &str) -> bool {
    for (token, span) in Lexer::new(text) {
        match (token, &text[span.range()]) {
            (Token::Word, "func" | "type" | "var" | "const") => return false,
            (Token::Literal, "\"C\"" | "`C`") => return true,
            _ => {}
        }
    }
    false
}
