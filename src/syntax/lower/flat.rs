//! A syntax tree as one array: what lowering asks of a node is then an index away.

use super::kinds::{Field, Kind, tables};
use crate::syntax::ast::Span;
use tree_sitter::Tree;

/// Deeper nodes are left out, with an error in their place: every walk over the result recurses, and must end before
/// the stack does. Nothing in GOROOT/src is deeper (`tests/go_ast.rs` compares all of it), and a thousand levels fit
/// in a quarter of a worker's stack (`tests/syntax_robust.rs`).
const MAX_DEPTH: usize = 1_000;

/// A tree's nodes in pre-order, but comments and punctuation.
pub(in crate::syntax) struct Flat {
    items: Vec<Item>,
    /// There is an ERROR or MISSING node, or one too deep.
    pub(super) broken: bool,
}

struct Item {
    kind: Kind,
    field: Field,
    span: Span,
    /// Index after the last descendant.
    next: u32,
}

/// A node, by its index.
#[derive(Clone, Copy)]
pub(super) struct Node<'t> {
    flat: &'t Flat,
    index: u32,
}

impl Flat {
    /// Flattens a tree; `at` translates its offsets.
    pub(in crate::syntax) fn new(tree: &Tree, at: impl Fn(usize, usize) -> Span) -> Flat {
        let tables = tables();
        let broken = tree.root_node().has_error();
        // GOROOT/src has a node that counts every five bytes.
        let bytes = tree.root_node().byte_range().len();
        let mut flat = Flat {
            items: Vec::with_capacity(bytes / 4 + 1),
            broken,
        };
        let mut cursor = tree.walk();
        let mut parents = Vec::new();
        loop {
            let node = cursor.node();
            let mut kind = tables.kind(node.kind_id());
            if broken && node.is_missing() {
                kind = Kind::Error;
            }
            let index = flat.items.len();
            if kind.counts() {
                let field = cursor.field_id();
                flat.items.push(Item {
                    kind,
                    field: field.map_or(Field::Other, |id| tables.field(id.get())),
                    span: at(node.start_byte(), node.end_byte()),
                    next: index as u32 + 1,
                });
                if !kind.is_leaf() && cursor.goto_first_child() {
                    if parents.len() < MAX_DEPTH {
                        parents.push(index);
                        continue;
                    }
                    cursor.goto_parent();
                    flat.items[index].kind = Kind::Error;
                    flat.broken = true;
                }
            }
            while !cursor.goto_next_sibling() {
                let Some(parent) = parents.pop() else {
                    return flat;
                };
                cursor.goto_parent();
                flat.items[parent].next = flat.items.len() as u32;
            }
        }
    }

    /// The root.
    pub(super) fn root(&self) -> Node<'_> {
        Node {
            flat: self,
            index: 0,
        }
    }
}

impl<'t> Node<'t> {
    fn item(self) -> &'t Item {
        &self.flat.items[self.index as usize]
    }

    pub(super) fn kind(self) -> Kind {
        self.item().kind
    }

    pub(super) fn field(self) -> Field {
        self.item().field
    }

    pub(super) fn span(self) -> Span {
        self.item().span
    }

    /// Children in order, operators among them.
    pub(super) fn children(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let end = self.item().next;
        let at = move |index| {
            (index < end).then_some(Node {
                flat: self.flat,
                index,
            })
        };
        std::iter::successors(at(self.index + 1), move |child| at(child.item().next))
    }

    /// Children but operators.
    pub(super) fn named(self) -> impl Iterator<Item = Node<'t>> + Clone {
        self.children().filter(|child| !child.kind().is_token())
    }

    pub(super) fn first(self) -> Option<Node<'t>> {
        self.named().next()
    }

    /// Children with this field.
    pub(super) fn all(self, field: Field) -> impl Iterator<Item = Node<'t>> + Clone {
        self.named().filter(move |child| child.field() == field)
    }

    /// The first child with this field.
    pub(super) fn get(self, field: Field) -> Option<Node<'t>> {
        self.all(field).next()
    }

    /// The first operator among the children.
    pub(super) fn token(self) -> Option<Node<'t>> {
        self.children().find(|child| child.kind().is_token())
    }

    /// Whether an error lies inside.
    pub(super) fn has_error(self) -> bool {
        let inside = self.index as usize..self.item().next as usize;
        self.flat.broken
            && self.flat.items[inside]
                .iter()
                .any(|item| item.kind == Kind::Error)
    }
}
