//! Lowering: tree-sitter's concrete tree to [`super::ast`]. Trees are dropped afterwards.

mod decls;
mod exprs;
mod kinds;
mod stmts;
mod types;

use super::ast::{Block, Body, Expr, ExprKind, Ident, Name, NodeId, Outline, Span};
use super::repair::NEW_STAND_IN;
use kinds::{Field, Kind, Tables, tables};
use tree_sitter::{Node, Tree, TreeCursor};

/// The state of lowering one parse unit.
pub(super) struct Lower<'t> {
    text: &'t str,
    tables: &'static Tables,
    cursor: TreeCursor<'t>,
    nodes: u32,
    /// Type parameter lists that a repair took out, by the end of the method's name.
    generic_methods: Vec<(u32, String)>,
}

/// A child with its field and kind.
#[derive(Clone, Copy)]
struct Child<'t> {
    field: Field,
    kind: Kind,
    node: Node<'t>,
}

pub(super) fn lower_outline<'t>(mut lower: Lower<'t>, tree: &'t Tree) -> Outline {
    let mut outline = lower.outline(tree.root_node());
    outline.broken |= tree.root_node().has_error();
    outline.nodes = lower.nodes;
    outline
}

pub(super) fn lower_body<'t>(mut lower: Lower<'t>, tree: &'t Tree) -> Body {
    let root = tree.root_node();
    let children = lower.named(root);
    let block = children
        .iter()
        .find(|child| child.kind == Kind::Block)
        .map(|child| lower.block(child.node));
    let broken = root.has_error() || block.is_none() || children.len() != 1;
    Body {
        block: block.unwrap_or_default(),
        nodes: lower.nodes,
        broken,
    }
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

fn field<'t>(children: &[Child<'t>], field: Field) -> Option<Node<'t>> {
    children
        .iter()
        .find(|child| child.field == field && child.node.is_named())
        .map(|child| child.node)
}

impl<'t> Lower<'t> {
    pub(super) fn new(text: &'t str, tree: &'t Tree, generic_methods: Vec<(u32, String)>) -> Self {
        Lower {
            text,
            tables: tables(),
            cursor: tree.walk(),
            nodes: 0,
            generic_methods,
        }
    }

    fn id(&mut self) -> NodeId {
        self.nodes += 1;
        NodeId(self.nodes - 1)
    }

    fn text_of(&self, node: Node<'_>) -> &'t str {
        &self.text[node.byte_range()]
    }

    fn name(&self, node: Node<'_>) -> Name {
        let text = self.text_of(node);
        Name::from(if text == NEW_STAND_IN { "new" } else { text })
    }

    fn ident(&mut self, node: Node<'_>) -> Ident {
        Ident {
            id: self.id(),
            name: self.name(node),
            span: span(node),
        }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.tables
            .kinds
            .get(node.kind_id() as usize)
            .copied()
            .unwrap_or(Kind::Error)
    }

    /// All children but comments; anonymous ones have kind `Other`.
    fn children(&mut self, node: Node<'t>) -> Vec<Child<'t>> {
        let count = node.child_count();
        let mut children = Vec::with_capacity(count as usize);
        self.cursor.reset(node);
        if count == 0 || !self.cursor.goto_first_child() {
            return children;
        }
        loop {
            let node = self.cursor.node();
            let kind = self.kind(node);
            if kind != Kind::Comment {
                let field = self
                    .cursor
                    .field_id()
                    .map_or(Field::Other, |id| self.tables.fields[id.get() as usize]);
                children.push(Child { field, kind, node });
            }
            if !self.cursor.goto_next_sibling() {
                return children;
            }
        }
    }

    fn named(&mut self, node: Node<'t>) -> Vec<Child<'t>> {
        let mut children = self.children(node);
        children.retain(|child| child.node.is_named());
        children
    }

    fn first_named(&mut self, node: Node<'t>) -> Option<Node<'t>> {
        self.named(node).first().map(|child| child.node)
    }

    fn has_token(&self, children: &[Child<'t>], token: &str) -> bool {
        children
            .iter()
            .any(|child| !child.node.is_named() && self.text_of(child.node) == token)
    }

    fn new_expr(&mut self, at: Span, kind: ExprKind) -> Expr {
        Expr {
            id: self.id(),
            span: at,
            kind,
        }
    }

    fn bad(&mut self, at: Span) -> Expr {
        self.new_expr(at, ExprKind::Bad)
    }

    /// The node's expression, or `Bad` at `around` when there is none.
    fn expr_or_bad(&mut self, node: Option<Node<'t>>, around: Node<'t>) -> Expr {
        match node {
            Some(node) => self.expr(node),
            None => self.bad(span(around)),
        }
    }

    fn boxed(&mut self, node: Option<Node<'t>>, around: Node<'t>) -> Box<Expr> {
        Box::new(self.expr_or_bad(node, around))
    }

    fn exprs(&mut self, node: Option<Node<'t>>) -> Vec<Expr> {
        let Some(node) = node else { return Vec::new() };
        if self.kind(node) != Kind::ExpressionList {
            return vec![self.expr(node)];
        }
        self.named(node)
            .into_iter()
            .map(|child| self.expr(child.node))
            .collect()
    }

    fn body_block(&mut self, children: &[Child<'t>]) -> Block {
        field(children, Field::Body)
            .map(|node| self.block(node))
            .unwrap_or_default()
    }
}
