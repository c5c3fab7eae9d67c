//! Statements (Go spec "Statements").

use super::exprs::binary_op;
use super::kinds::{Field, Kind};
use super::{Child, Lower, field, span};
use crate::syntax::ast::{
    Assign, AssignOp, Block, CaseClause, CommClause, Decl, ExprKind, For, Ident, If, Range, Span,
    Stmt, StmtKind, Switch, TypeSwitch,
};
use tree_sitter::Node;

impl<'t> Lower<'t> {
    pub(super) fn block(&mut self, node: Node<'t>) -> Block {
        let children = self.named(node);
        let mut stmts = Vec::new();
        self.statements(&children, &mut stmts);
        Block {
            stmts,
            span: span(node),
        }
    }

    fn statements(&mut self, children: &[Child<'t>], stmts: &mut Vec<Stmt>) {
        for child in children {
            if child.kind == Kind::StatementList {
                let inner = self.named(child.node);
                self.statements(&inner, stmts);
            } else if child.kind != Kind::EmptyStatement {
                stmts.push(self.stmt(child.node));
            }
        }
    }

    fn stmt_box(&mut self, node: Option<Node<'t>>) -> Option<Stmt> {
        node.map(|node| self.stmt(node))
    }

    fn stmt(&mut self, node: Node<'t>) -> Stmt {
        let kind = self.kind(node);
        let children = self.children(node);
        let first = children
            .iter()
            .find(|child| child.node.is_named())
            .map(|child| child.node);
        let kind = match kind {
            Kind::ExpressionStatement => StmtKind::Expr(self.expr(node)),
            Kind::GoStatement => StmtKind::Go(self.expr_or_bad(first, node)),
            Kind::DeferStatement => StmtKind::Defer(self.expr_or_bad(first, node)),
            Kind::IncStatement | Kind::DecStatement => {
                StmtKind::IncDec(self.expr_or_bad(first, node))
            }
            Kind::SendStatement => {
                let channel = self.expr_or_bad(field(&children, Field::Channel), node);
                StmtKind::Send(
                    channel,
                    self.expr_or_bad(field(&children, Field::Value), node),
                )
            }
            Kind::ReceiveStatement => self.receive(node, &children),
            Kind::AssignmentStatement | Kind::ShortVarDeclaration => self.assign(&children),
            Kind::LabeledStatement => self.labeled(node, &children),
            Kind::ReturnStatement => StmtKind::Return(self.exprs(first)),
            Kind::BreakStatement => StmtKind::Break(self.label(first)),
            Kind::ContinueStatement => StmtKind::Continue(self.label(first)),
            Kind::GotoStatement => match self.label(first) {
                Some(label) => StmtKind::Goto(label),
                None => StmtKind::Bad,
            },
            Kind::FallthroughStatement => StmtKind::Fallthrough,
            Kind::Block => StmtKind::Block(self.block(node)),
            Kind::IfStatement => {
                let init = self.stmt_box(field(&children, Field::Initializer));
                let cond = self.expr_or_bad(field(&children, Field::Condition), node);
                let then = field(&children, Field::Consequence)
                    .map(|node| self.block(node))
                    .unwrap_or_default();
                let els = self.stmt_box(field(&children, Field::Alternative));
                StmtKind::If(Box::new(If {
                    init,
                    cond,
                    then,
                    els,
                }))
            }
            Kind::ForStatement => self.for_loop(node, &children),
            Kind::ExpressionSwitch => {
                let init = self.stmt_box(field(&children, Field::Initializer));
                let tag = field(&children, Field::Value).map(|node| self.expr(node));
                let cases = self.cases(&children);
                StmtKind::Switch(Box::new(Switch {
                    init,
                    tag,
                    cases,
                    body: self.braces(node, &children),
                }))
            }
            Kind::TypeSwitch => {
                let init = self.stmt_box(field(&children, Field::Initializer));
                let alias = field(&children, Field::Alias);
                let bind = self
                    .exprs(alias)
                    .into_iter()
                    .next()
                    .and_then(|expr| match expr.kind {
                        ExprKind::Ident(name) => Some(Ident {
                            id: expr.id,
                            name,
                            span: expr.span,
                        }),
                        _ => None,
                    });
                let subject = self.expr_or_bad(field(&children, Field::Value), node);
                let cases = self.cases(&children);
                let body = self.braces(node, &children);
                StmtKind::TypeSwitch(Box::new(TypeSwitch {
                    init,
                    bind,
                    subject,
                    cases,
                    body,
                }))
            }
            Kind::SelectStatement => StmtKind::Select(self.comm_clauses(&children)),
            Kind::VarDeclaration => StmtKind::Decl(
                self.var_specs(node)
                    .into_iter()
                    .map(|spec| Decl::Var(spec.into()))
                    .collect(),
            ),
            Kind::ConstDeclaration => StmtKind::Decl(
                self.const_specs(node)
                    .into_iter()
                    .map(|spec| Decl::Const(spec.into()))
                    .collect(),
            ),
            Kind::TypeDeclaration => StmtKind::Decl(
                self.type_decls(node)
                    .into_iter()
                    .map(|decl| Decl::Type(decl.into()))
                    .collect(),
            ),
            Kind::EmptyStatement => StmtKind::Empty,
            _ => StmtKind::Bad,
        };
        Stmt {
            span: span(node),
            kind,
        }
    }

    fn label(&mut self, node: Option<Node<'t>>) -> Option<Ident> {
        node.map(|node| self.ident(node))
    }

    fn receive(&mut self, node: Node<'t>, children: &[Child<'t>]) -> StmtKind {
        let define = self.has_token(children, ":=");
        let right = field(children, Field::Right);
        let Some(left) = field(children, Field::Left) else {
            return StmtKind::Expr(self.expr_or_bad(right, node));
        };
        let lhs = self.exprs(Some(left));
        let rhs = vec![self.expr_or_bad(right, node)];
        StmtKind::Assign(Assign {
            lhs,
            op: if define {
                AssignOp::Define
            } else {
                AssignOp::Assign
            },
            rhs,
        })
    }

    fn assign(&mut self, children: &[Child<'t>]) -> StmtKind {
        let lhs = self.exprs(field(children, Field::Left));
        let rhs = self.exprs(field(children, Field::Right));
        let operator = children
            .iter()
            .filter(|child| !child.node.is_named())
            .map(|child| self.text_of(child.node))
            .find(|text| text.ends_with('='));
        let op = match operator {
            Some("=") => AssignOp::Assign,
            Some(":=") => AssignOp::Define,
            Some(operator) => match binary_op(&operator[..operator.len() - 1]) {
                Some(op) => AssignOp::Op(op),
                None => return StmtKind::Bad,
            },
            None => return StmtKind::Bad,
        };
        StmtKind::Assign(Assign { lhs, op, rhs })
    }

    fn labeled(&mut self, node: Node<'t>, children: &[Child<'t>]) -> StmtKind {
        let Some(label) = field(children, Field::Label) else {
            return StmtKind::Bad;
        };
        let label = self.ident(label);
        let stmt = children
            .iter()
            .find(|child| child.field != Field::Label && child.node.is_named());
        let stmt = match stmt {
            Some(child) => self.stmt(child.node),
            None => Stmt {
                span: Span::new(node.end_byte(), node.end_byte()),
                kind: StmtKind::Empty,
            },
        };
        StmtKind::Labeled(label, Box::new(stmt))
    }

    fn for_loop(&mut self, node: Node<'t>, children: &[Child<'t>]) -> StmtKind {
        let clause = children
            .iter()
            .find(|child| child.field != Field::Body && child.node.is_named())
            .copied();
        let simple = |cond, body| {
            StmtKind::For(Box::new(For {
                init: None,
                cond,
                post: None,
                body,
            }))
        };
        let Some(clause) = clause else {
            let body = self.body_block(children);
            return simple(None, body);
        };
        let parts = self.children(clause.node);
        match clause.kind {
            Kind::ForClause => {
                let init = self.stmt_box(field(&parts, Field::Initializer));
                let cond = field(&parts, Field::Condition).map(|node| self.expr(node));
                let post = self.stmt_box(field(&parts, Field::Update));
                let body = self.body_block(children);
                StmtKind::For(Box::new(For {
                    init,
                    cond,
                    post,
                    body,
                }))
            }
            Kind::RangeClause => {
                let define = self.has_token(&parts, ":=");
                let mut left = self.exprs(field(&parts, Field::Left)).into_iter();
                let (key, value) = (left.next(), left.next());
                let subject = self.expr_or_bad(field(&parts, Field::Right), node);
                let body = self.body_block(children);
                StmtKind::Range(Box::new(Range {
                    key,
                    value,
                    define,
                    subject,
                    body,
                }))
            }
            _ => {
                let cond = Some(self.expr(clause.node));
                let body = self.body_block(children);
                simple(cond, body)
            }
        }
    }

    /// From the clause's `{` to its `}`.
    fn braces(&self, node: Node<'t>, children: &[Child<'t>]) -> Span {
        let open = children
            .iter()
            .find(|child| self.text_of(child.node) == "{");
        Span::new(
            open.map_or(node.start_byte(), |child| child.node.start_byte()),
            node.end_byte(),
        )
    }

    fn cases(&mut self, children: &[Child<'t>]) -> Vec<CaseClause> {
        let mut cases = Vec::new();
        for child in children {
            let parts = match child.kind {
                Kind::ExpressionCase | Kind::TypeCase | Kind::DefaultCase => {
                    self.children(child.node)
                }
                _ => continue,
            };
            let mut exprs = self.exprs(field(&parts, Field::Value));
            for part in parts
                .iter()
                .filter(|part| part.field == Field::Type && part.node.is_named())
            {
                exprs.push(self.expr(part.node));
            }
            let body = self.clause_body(child.node, &parts);
            cases.push(CaseClause {
                exprs,
                default: child.kind == Kind::DefaultCase,
                body,
                span: span(child.node),
            });
        }
        cases
    }

    fn comm_clauses(&mut self, children: &[Child<'t>]) -> Vec<CommClause> {
        let mut clauses = Vec::new();
        for child in children {
            let parts = match child.kind {
                Kind::CommunicationCase | Kind::DefaultCase => self.children(child.node),
                _ => continue,
            };
            let comm = self.stmt_box(field(&parts, Field::Communication));
            let body = self.clause_body(child.node, &parts);
            clauses.push(CommClause {
                comm,
                body,
                span: span(child.node),
            });
        }
        clauses
    }

    /// The statements after a clause's colon.
    fn clause_body(&mut self, node: Node<'t>, parts: &[Child<'t>]) -> Block {
        let colon = parts
            .iter()
            .position(|part| !part.node.is_named() && self.text_of(part.node) == ":");
        let start = colon.map_or(node.end_byte(), |at| parts[at].node.end_byte());
        let after = colon.map_or(&[][..], |at| &parts[at + 1..]);
        let after: Vec<_> = after
            .iter()
            .copied()
            .filter(|part| part.node.is_named())
            .collect();
        let mut stmts = Vec::new();
        self.statements(&after, &mut stmts);
        Block {
            stmts,
            span: Span::new(start, node.end_byte()),
        }
    }
}
