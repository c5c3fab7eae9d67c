//! One function's body, or one variable's initialiser, parsed alone.

use super::ast::{Body, Span, ValueSpec};
use super::parser::{Parse, Parser};

/// Parses one body (its braces included).
pub fn parse_body(text: &str, span: Span) -> Body {
    read_body(text, span).0
}

/// Parses the values of a variable's declaration: an outline has no more of them than their types depend on.
pub fn parse_initialiser(text: &str, spec: &ValueSpec) -> Body {
    read_initialiser(text, spec).0
}

/// A body, and where it has an error.
pub(super) fn read_body(text: &str, span: Span) -> (Body, Option<Span>) {
    let mut body = Body::default();
    let error = unit(text, span, &mut body.nodes, |parser| {
        body.block = parser.block()?;
        Ok(())
    });
    body.broken = error.is_some();
    (body, error)
}

/// An initialiser, and where it has an error.
pub(super) fn read_initialiser(text: &str, spec: &ValueSpec) -> (Body, Option<Span>) {
    let mut body = Body::default();
    let mut first = None;
    for value in &spec.values {
        let error = unit(text, value.span, &mut body.nodes, |parser| {
            body.values.push(parser.expr()?);
            Ok(())
        });
        first = first.or(error);
    }
    body.broken = first.is_some();
    (body, first)
}

/// Runs the parser over all of one span; where it failed.
fn unit(
    text: &str,
    span: Span,
    nodes: &mut u32,
    parse: impl FnOnce(&mut Parser<'_>) -> Parse<()>,
) -> Option<Span> {
    let Some(mut parser) = Parser::new(text, span, *nodes) else {
        return Some(span);
    };
    let parsed = parse(&mut parser).and_then(|()| parser.expect_end());
    *nodes = parser.nodes();
    parsed.is_err().then(|| parser.error())
}
