//! Which names with a parenthesis may be calls that acquire something: told by what stands before them, before anything
//! is parsed.

use super::called::{Of, Written};
use super::table::Tables;
use crate::analyse::transform::Setup;
use crate::syntax::ast::Span;
use crate::syntax::lexer::is_word_byte;

/// Before the call, these make it a part of an expression: its result is not bound to a name there.
const PART: &[u8] = b"([!&|<>+-*/%";

/// Statements and clauses that bind nothing.
const BIND_NOTHING: &[&str] = &["return", "go", "defer", "case"];

/// Whether a literal at `at` may be of a call that [`super::candidates`] offers. In doubt it may.
pub(super) fn may_be_candidate(setup: &Setup, text: &str, at: Span) -> bool {
    let Some(tables) = setup.get::<Tables>() else {
        return true;
    };
    let bytes = text.as_bytes();
    let paren = at.end as usize - 1;
    let word = |end: usize| {
        bytes[..end]
            .iter()
            .rev()
            .take_while(|byte| is_word_byte(**byte))
    };
    let name = &text[paren - word(paren).count()..paren];
    let chain = bytes[..paren].iter().rev();
    let chain = chain
        .take_while(|byte| is_word_byte(**byte) || **byte == b'.')
        .count();
    let start = paren - chain;
    let on_result = bytes[start] == b'.';
    let of = match text[start..paren - name.len()].strip_suffix('.') {
        None => Of::Nothing,
        Some(before) if on_result || before.contains('.') => Of::Value,
        Some(before) => Of::Name(before),
    };
    let written = Written {
        text,
        of,
        name,
        arguments: bytes[at.end as usize..].starts_with(b")").then_some(0),
    };
    if !written.may_acquire(tables, setup) {
        return false;
    }
    if on_result {
        return true;
    }
    let spaces = bytes[..start]
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b' ' | b'\t'));
    let end = start - spaces.count();
    let last = bytes[..end].last().copied().unwrap_or(b'\n');
    let before = &text[end - word(end).count()..end];
    !PART.contains(&last) && !BIND_NOTHING.contains(&before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn may_be(line: &str) -> bool {
        let setup = Setup {
            data: Some(Arc::new(Tables::shipped().expect("the tables are right"))),
            ..Setup::default()
        };
        let text = format!("\t{line}\n");
        let at = text.find("Open(").expect("a call");
        may_be_candidate(&setup, &text, Span::new(at, at + "Open(".len()))
    }

    #[test]
    fn what_may_be_bound_is_kept() {
        for line in [
            "f, err := os.Open(name)",
            "os.Open(name)",
            "var f, _ = os.Open(name)",
            "a, f = 1, os.Open(name)",
            "if f, err := os.Open(name); err != nil {",
            "case x: os.Open(name)",
            "f, err := root().Open(name)",
            "f, err := roots[0].Open(name)",
            "x := T{os.Open(name)}",
        ] {
            assert!(may_be(line), "{line}");
        }
    }

    #[test]
    fn what_is_part_of_something_else_is_left_out() {
        for line in [
            "return os.Open(name)",
            "must(os.Open(name))",
            "go os.Open(name)",
            "defer s.Open(name)",
            "x := !door.Open(name)",
            "f := ReOpen(name)",
        ] {
            assert!(!may_be(line), "{line}");
        }
    }
}
