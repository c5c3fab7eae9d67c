//! A file's outline: what others see of it.

use super::ast::{Decl, Outline, Span};
use super::body::{read_body, read_initialiser};
use super::parser::Parser;

/// Parses a file's declarations. The bodies of functions, function literals included, and the elements of composite
/// literals are skipped, not parsed: no type outside of them depends on what they hold.
pub fn parse_outline(text: &str) -> Outline {
    read(text, false).0
}

/// As [`parse_outline`], of a text that compiles: of functions only the names and places are read. Their signatures are
/// when somebody looks at them.
pub fn parse_dependency(text: &str) -> Outline {
    read(text, true).0
}

/// A file's outline, and where it has errors.
fn read(text: &str, late: bool) -> (Outline, Vec<Span>) {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    // Spans have 32 bits.
    let end = u32::try_from(text.len()).is_ok().then_some(text.len());
    let parser = end.and_then(|end| Parser::new(text, Span::new(start, end), 0));
    match parser {
        Some(parser) => parser.file(late),
        None => {
            let broken = Outline {
                broken: true,
                ..Outline::default()
            };
            (broken, vec![Span::default()])
        }
    }
}

/// Where a file does not parse: the first error of each declaration, body and initialiser, in order.
pub(super) fn errors(text: &str) -> Vec<Span> {
    let (outline, mut errors) = read(text, false);
    for decl in &outline.decls {
        errors.extend(match decl {
            Decl::Func(func) => func.body.and_then(|body| read_body(text, body).1),
            Decl::Var(spec) => read_initialiser(text, spec).1,
            Decl::Type(_) | Decl::Const(_) => None,
        });
    }
    if outline.broken && errors.is_empty() {
        errors.push(Span::default());
    }
    errors.sort();
    errors.dedup();
    errors
}
