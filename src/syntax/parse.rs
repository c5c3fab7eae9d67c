//! Runs tree-sitter. One parser a thread, reused.

use std::cell::RefCell;
use tree_sitter::{Language, Parser, Range, Tree};

pub(super) fn language() -> Language {
    tree_sitter_go::LANGUAGE.into()
}

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new({
        let mut parser = Parser::new();
        parser.set_language(&language()).expect("the grammar was built for this tree-sitter");
        parser
    });
}

/// Parses a whole text. None when the parser gave up.
pub(super) fn parse_text(text: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|parser| {
        parser.set_included_ranges(&[]).ok()?;
        parser.parse(text, None)
    })
}

/// Parses one statement that stands at offset `base` of some text; offsets are those of that text. What follows the
/// statement reads as a line's end, which the grammar wants there. None when the parser gave up.
pub(super) fn parse_statement(statement: &str, base: usize) -> Option<Tree> {
    let bytes = statement.as_bytes();
    let mut read = |at: usize, _| match at.checked_sub(base).and_then(|at| bytes.get(at..)) {
        Some([]) => b"\n",
        Some(rest) => rest,
        None => &[],
    };
    // Rows and columns are read by nothing: the grammar has no scanner of its own.
    let range = Range {
        start_byte: base,
        end_byte: base + bytes.len() + 1,
        start_point: Default::default(),
        end_point: Default::default(),
    };
    PARSER.with_borrow_mut(|parser| {
        parser.set_included_ranges(&[range]).ok()?;
        parser.parse_with_options(&mut read, None, None)
    })
}
