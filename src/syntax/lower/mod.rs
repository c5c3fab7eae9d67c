//! Lowering: tree-sitter's concrete tree to [`super::ast`].
//!
//! The tree is flattened first; names are read from the file's text, which need not be the text that was parsed.

mod decls;
mod exprs;
mod flat;
mod kinds;
mod stmts;
mod types;

use super::ast::{Body, Expr, ExprKind, Ident, Name, NodeId, Span};
pub(super) use flat::Flat;
use flat::Node;
use kinds::Kind;

/// The state of lowering one parse unit.
pub(super) struct Lower<'t> {
    text: &'t str,
    flat: &'t Flat,
    nodes: u32,
}

impl<'t> Lower<'t> {
    /// Lowers what `flat` has of `text`; node ids begin with `nodes`.
    pub(super) fn new(text: &'t str, flat: &'t Flat, nodes: u32) -> Self {
        Lower { text, flat, nodes }
    }

    /// The body that was parsed.
    pub(super) fn body(mut self) -> Body {
        let mut parts = self.flat.root().named();
        let block = parts.next().filter(|part| part.kind() == Kind::Block);
        let alone = parts.next().is_none();
        Body {
            broken: self.flat.broken || block.is_none() || !alone,
            block: block.map(|block| self.block(block)).unwrap_or_default(),
            nodes: self.nodes,
        }
    }

    fn id(&mut self) -> NodeId {
        self.nodes += 1;
        NodeId(self.nodes - 1)
    }

    /// The text of a node; empty where broken text ended inside a character.
    fn text_of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.span().range()).unwrap_or_default()
    }

    fn name(&self, node: Node<'_>) -> Name {
        Name::from(self.text_of(node))
    }

    fn ident(&mut self, node: Node<'_>) -> Ident {
        Ident {
            id: self.id(),
            name: self.name(node),
            span: node.span(),
        }
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
            None => self.bad(around.span()),
        }
    }

    fn boxed(&mut self, node: Option<Node<'t>>, around: Node<'t>) -> Box<Expr> {
        Box::new(self.expr_or_bad(node, around))
    }

    fn exprs(&mut self, node: Option<Node<'t>>) -> Vec<Expr> {
        match node {
            None => Vec::new(),
            Some(list) if list.kind() == Kind::ExpressionList => {
                list.named().map(|node| self.expr(node)).collect()
            }
            Some(node) => vec![self.expr(node)],
        }
    }
}

impl Expr {
    fn as_ident(&self) -> Option<Ident> {
        match self.kind {
            ExprKind::Ident(name) => Some(Ident {
                id: self.id,
                name,
                span: self.span,
            }),
            _ => None,
        }
    }
}
