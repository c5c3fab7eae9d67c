//! One function's body, parsed alone.

use super::ast::{Body, Span};
use super::lower::{Flat, Lower};
use super::parse::parse_statement;
use super::repair::repair;
use tree_sitter::Tree;

/// One body's tree, over the file's text.
pub struct BodyTree<'t> {
    text: &'t str,
    tree: Tree,
}

/// Parses one body (its braces included), or one expression. None when there is no such span in the text, or the
/// parser gave up.
pub fn parse_body_tree(text: &str, span: Span) -> Option<BodyTree<'_>> {
    let source = text.get(span.range())?;
    let base = span.start as usize;
    let mut tree = parse_statement(source, base)?;
    if tree.root_node().has_error() {
        tree = parse_statement(&repair(source).text, base)?;
    }
    Some(BodyTree { text, tree })
}

impl BodyTree<'_> {
    /// The tree as tree-sitter has it, for queries.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }
    /// The file's text.
    pub fn text(&self) -> &str {
        self.text
    }
    /// The statements of the body. One with any syntax error is marked broken.
    pub fn lower(&self) -> Body {
        let flat = Flat::new(&self.tree, Span::new);
        Lower::new(self.text, &flat, 0).body()
    }
}

/// Parses and lowers one body (its braces included).
pub fn parse_body(text: &str, span: Span) -> Body {
    match parse_body_tree(text, span) {
        Some(tree) => tree.lower(),
        None => Body {
            broken: true,
            ..Body::default()
        },
    }
}
