//! Statements (Go spec "Statements").

use super::exprs::binary_op;
use super::kinds::{Field, Kind};
use super::{Lower, Node};
use crate::syntax::ast::{
    Assign, AssignOp, Block, CaseClause, CommClause, For, Ident, If, Range, Span, Stmt, StmtKind,
    Switch, TypeSwitch,
};

impl<'t> Lower<'t> {
    pub(super) fn block(&mut self, node: Node<'t>) -> Block {
        Block {
            stmts: self.statements(node),
            span: node.span(),
        }
    }

    pub(super) fn block_or_empty(&mut self, node: Option<Node<'t>>) -> Block {
        node.map(|node| self.block(node)).unwrap_or_default()
    }

    /// The statements of the node's list; of none, when it has no list.
    fn statements(&mut self, node: Node<'t>) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        for part in node.named() {
            match part.kind() {
                Kind::StatementList => {
                    let list = part
                        .named()
                        .filter(|stmt| stmt.kind() != Kind::EmptyStatement);
                    stmts.extend(list.map(|stmt| self.stmt(stmt)));
                }
                Kind::Error => stmts.push(self.stmt(part)),
                _ => {}
            }
        }
        stmts
    }

    fn stmt(&mut self, node: Node<'t>) -> Stmt {
        let kind = match node.kind() {
            Kind::ExpressionStatement => StmtKind::Expr(self.expr(node)),
            Kind::GoStatement => StmtKind::Go(self.expr_or_bad(node.first(), node)),
            Kind::DeferStatement => StmtKind::Defer(self.expr_or_bad(node.first(), node)),
            Kind::IncStatement | Kind::DecStatement => {
                StmtKind::IncDec(self.expr_or_bad(node.first(), node))
            }
            Kind::SendStatement => {
                let channel = self.expr_or_bad(node.get(Field::Channel), node);
                StmtKind::Send(channel, self.expr_or_bad(node.get(Field::Value), node))
            }
            Kind::ReceiveStatement if node.get(Field::Left).is_none() => {
                StmtKind::Expr(self.expr_or_bad(node.get(Field::Right), node))
            }
            Kind::ReceiveStatement | Kind::AssignmentStatement | Kind::ShortVarDeclaration => {
                self.assign(node)
            }
            Kind::LabeledStatement => self.labeled(node),
            Kind::ReturnStatement => StmtKind::Return(self.exprs(node.first())),
            Kind::BreakStatement => StmtKind::Break(self.label(node)),
            Kind::ContinueStatement => StmtKind::Continue(self.label(node)),
            Kind::GotoStatement => self.label(node).map_or(StmtKind::Bad, StmtKind::Goto),
            Kind::FallthroughStatement => StmtKind::Fallthrough,
            Kind::Block => StmtKind::Block(self.block(node)),
            Kind::IfStatement => StmtKind::If(Box::new(If {
                init: self.part(node, Field::Initializer),
                cond: self.expr_or_bad(node.get(Field::Condition), node),
                then: self.block_or_empty(node.get(Field::Consequence)),
                els: self.part(node, Field::Alternative),
            })),
            Kind::ForStatement => self.for_loop(node),
            Kind::ExpressionSwitch => StmtKind::Switch(Box::new(Switch {
                init: self.part(node, Field::Initializer),
                tag: node.get(Field::Value).map(|tag| self.expr(tag)),
                cases: self.cases(node),
                body: self.braces(node),
            })),
            Kind::TypeSwitch => StmtKind::TypeSwitch(Box::new(TypeSwitch {
                init: self.part(node, Field::Initializer),
                bind: self.bind(node),
                subject: self.expr_or_bad(node.get(Field::Value), node),
                cases: self.cases(node),
                body: self.braces(node),
            })),
            Kind::SelectStatement => StmtKind::Select(self.comm_clauses(node)),
            Kind::VarDeclaration | Kind::ConstDeclaration | Kind::TypeDeclaration => {
                let mut decls = Vec::new();
                self.decls(node, &mut decls);
                StmtKind::Decl(decls)
            }
            Kind::EmptyStatement => StmtKind::Empty,
            _ => StmtKind::Bad,
        };
        Stmt {
            span: node.span(),
            kind,
        }
    }

    fn part(&mut self, node: Node<'t>, field: Field) -> Option<Stmt> {
        node.get(field).map(|part| self.stmt(part))
    }

    fn label(&mut self, node: Node<'t>) -> Option<Ident> {
        node.first().map(|label| self.ident(label))
    }

    fn assign(&mut self, node: Node<'t>) -> StmtKind {
        let op = match self.operator(node) {
            "=" => AssignOp::Assign,
            ":=" => AssignOp::Define,
            op => match binary_op(op.strip_suffix('=').unwrap_or_default()) {
                Some(op) => AssignOp::Op(op),
                None => return StmtKind::Bad,
            },
        };
        StmtKind::Assign(Assign {
            lhs: self.exprs(node.get(Field::Left)),
            op,
            rhs: self.exprs(node.get(Field::Right)),
        })
    }

    fn labeled(&mut self, node: Node<'t>) -> StmtKind {
        let Some(label) = node.get(Field::Label) else {
            return StmtKind::Bad;
        };
        let label = self.ident(label);
        let stmt = node.named().find(|part| part.field() != Field::Label);
        let end = node.span().end;
        let stmt = match stmt {
            Some(stmt) => self.stmt(stmt),
            None => Stmt {
                span: Span { start: end, end },
                kind: StmtKind::Empty,
            },
        };
        StmtKind::Labeled(label, Box::new(stmt))
    }

    fn for_loop(&mut self, node: Node<'t>) -> StmtKind {
        let header = node.named().find(|part| part.field() != Field::Body);
        let (mut init, mut cond, mut post) = (None, None, None);
        match header.map(|header| (header.kind(), header)) {
            Some((Kind::RangeClause, clause)) => {
                let mut left = self.exprs(clause.get(Field::Left)).into_iter();
                return StmtKind::Range(Box::new(Range {
                    key: left.next(),
                    value: left.next(),
                    define: self.operator(clause) == ":=",
                    subject: self.expr_or_bad(clause.get(Field::Right), clause),
                    body: self.block_or_empty(node.get(Field::Body)),
                }));
            }
            Some((Kind::ForClause, clause)) => {
                init = self.part(clause, Field::Initializer);
                cond = clause.get(Field::Condition).map(|cond| self.expr(cond));
                post = self.part(clause, Field::Update);
            }
            Some((_, condition)) => cond = Some(self.expr(condition)),
            None => {}
        }
        StmtKind::For(Box::new(For {
            init,
            cond,
            post,
            body: self.block_or_empty(node.get(Field::Body)),
        }))
    }

    /// `x` of `switch x := y.(type)`.
    fn bind(&mut self, node: Node<'t>) -> Option<Ident> {
        let alias = self.exprs(node.get(Field::Alias));
        alias.first().and_then(|name| name.as_ident())
    }

    /// From the `{` of a switch to its `}`.
    fn braces(&self, node: Node<'t>) -> Span {
        let mut tokens = node.children().filter(|child| child.kind() == Kind::Open);
        let open = tokens.find(|token| self.text_of(*token) == "{");
        Span {
            start: open.map_or(node.span().start, |open| open.span().start),
            end: node.span().end,
        }
    }

    fn cases(&mut self, node: Node<'t>) -> Vec<CaseClause> {
        let mut cases = Vec::new();
        for clause in node.named() {
            let exprs = match clause.kind() {
                Kind::ExpressionCase => self.exprs(clause.get(Field::Value)),
                Kind::TypeCase => clause.all(Field::Type).map(|ty| self.expr(ty)).collect(),
                Kind::DefaultCase => Vec::new(),
                _ => continue,
            };
            let body = self.clause_body(clause);
            cases.push(CaseClause {
                exprs,
                default: clause.kind() == Kind::DefaultCase,
                span: Span {
                    start: clause.span().start,
                    end: body.span.end,
                },
                body,
            });
        }
        cases
    }

    fn comm_clauses(&mut self, node: Node<'t>) -> Vec<CommClause> {
        let mut clauses = Vec::new();
        for clause in node.named() {
            if !matches!(clause.kind(), Kind::CommunicationCase | Kind::DefaultCase) {
                continue;
            }
            let comm = self.part(clause, Field::Communication);
            let body = self.clause_body(clause);
            clauses.push(CommClause {
                comm,
                span: Span {
                    start: clause.span().start,
                    end: body.span.end,
                },
                body,
            });
        }
        clauses
    }

    /// The statements after a clause's colon.
    fn clause_body(&mut self, clause: Node<'t>) -> Block {
        let colon = clause.children().find(|child| child.kind() == Kind::Colon);
        let start = colon.map_or(clause.span(), Node::span).end;
        let stmts = self.statements(clause);
        let end = stmts.last().map_or(start, |stmt| stmt.span.end);
        Block {
            stmts,
            span: Span { start, end },
        }
    }
}
