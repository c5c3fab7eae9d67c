//! Runs tree-sitter over an outline or one body and lowers what it built.

use super::ast::{Body, Outline, Span};
use super::lexer::function_bodies;
use super::lower::{Lower, lower_body, lower_outline};
use super::repair::{Repaired, repair};
use std::borrow::Cow;
use std::cell::RefCell;
use tree_sitter::{Language, Parser, Range, Tree};

/// Deeper trees are not lowered: the recursion over them must end before the stack does. go/parser's own limit is
/// 100,000 (go/parser `maxNestLev`), real code stays below 200 (GOROOT/src: 148).
const MAX_DEPTH: u32 = 1_000;

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

/// Parses only the given byte ranges; offsets stay those of the text. No ranges means the whole text.
pub(super) fn parse_ranges(text: &str, ranges: &[Span]) -> Option<Tree> {
    let ranges: Vec<Range> = ranges.iter().map(|span| range(span.range())).collect();
    PARSER.with_borrow_mut(|parser| {
        parser.set_included_ranges(&ranges).ok()?;
        parser.parse(text, None)
    })
}

/// Parses one statement; what follows it in the text reads as a line's end, which the grammar wants there.
fn parse_span(text: &str, span: Span) -> Option<Tree> {
    let inside = text.as_bytes().get(..span.end as usize)?;
    let mut read = |at: usize, _| match inside.get(at..) {
        Some([]) => b"\n",
        Some(rest) => rest,
        None => &[],
    };
    let ranges = [range(span.start as usize..span.end as usize + 1)];
    PARSER.with_borrow_mut(|parser| {
        parser.set_included_ranges(&ranges).ok()?;
        parser.parse_with_options(&mut read, None, None)
    })
}

/// The rows and columns are read by nothing: the grammar has no scanner of its own.
fn range(bytes: std::ops::Range<usize>) -> Range {
    Range {
        start_byte: bytes.start,
        end_byte: bytes.end,
        start_point: Default::default(),
        end_point: Default::default(),
    }
}

/// Everything of the text but the insides of the bodies.
fn around(text: &str, bodies: &[Span]) -> Vec<Span> {
    let mut ranges = Vec::with_capacity(bodies.len() + 1);
    let mut start = 0;
    for body in bodies {
        ranges.push(Span {
            start,
            end: body.start + 1,
        });
        start = body.end - 1;
    }
    ranges.push(Span {
        start,
        end: text.len() as u32,
    });
    ranges
}

fn too_deep(tree: &Tree) -> bool {
    let mut cursor = tree.walk();
    loop {
        if cursor.depth() > MAX_DEPTH {
            return true;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
        }
    }
}

/// Parses a file's declarations; bodies of its functions are skipped, not parsed. Where the brackets of the file do
/// not balance the whole file is parsed.
pub fn parse_outline(text: &str) -> Outline {
    let bodies = function_bodies(text);
    let ranges = match &bodies {
        Some(bodies) if !bodies.is_empty() => around(text, bodies),
        _ => Vec::new(),
    };
    let broken = || Outline {
        broken: true,
        ..Outline::default()
    };
    let Some(tree) = parse_ranges(text, &ranges) else {
        return broken();
    };
    if too_deep(&tree) {
        return broken();
    }
    let mut outline = if tree.root_node().has_error() {
        let Repaired {
            text,
            generic_methods,
        } = repair(text);
        let Some(tree) = parse_ranges(&text, &ranges) else {
            return broken();
        };
        if too_deep(&tree) {
            return broken();
        }
        lower_outline(Lower::new(&text, &tree, generic_methods), &tree)
    } else {
        lower_outline(Lower::new(text, &tree, Vec::new()), &tree)
    };
    outline.broken |= bodies.is_none();
    outline
}

/// One body's tree, with the text it was parsed from: the file's, or a repaired copy of the same length.
pub struct BodyTree<'t> {
    text: Cow<'t, str>,
    tree: Tree,
}

/// Parses one body (its braces included). None when the parser gave up.
pub fn parse_body_tree(text: &str, body: Span) -> Option<BodyTree<'_>> {
    let tree = parse_span(text, body)?;
    if !tree.root_node().has_error() {
        return Some(BodyTree {
            text: Cow::Borrowed(text),
            tree,
        });
    }
    let repaired = repair(text).text;
    let tree = parse_span(&repaired, body)?;
    Some(BodyTree {
        text: Cow::Owned(repaired),
        tree,
    })
}

impl BodyTree<'_> {
    /// The tree as tree-sitter has it, for queries.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }
    /// The text that was parsed.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The statements. A body with any syntax error is marked broken.
    pub fn lower(&self) -> Body {
        if too_deep(&self.tree) {
            return Body {
                broken: true,
                ..Body::default()
            };
        }
        lower_body(Lower::new(&self.text, &self.tree, Vec::new()), &self.tree)
    }
}

/// Parses and lowers one body (its braces included).
pub fn parse_body(text: &str, body: Span) -> Body {
    match parse_body_tree(text, body) {
        Some(tree) => tree.lower(),
        None => Body {
            broken: true,
            ..Body::default()
        },
    }
}
