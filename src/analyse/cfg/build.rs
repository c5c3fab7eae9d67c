//! Builds the graph in one walk over the statements (Go spec "Statements").

use super::{Branch, Cfg, Edge, Node, NodeIx, Step};
use crate::analyse::effort;
use crate::syntax::ast::*;
use std::collections::HashMap;

/// An edge whose target is not known yet.
type Pending = (NodeIx, Branch);

/// What `break`, `continue` and `fallthrough` may target.
struct Frame {
    label: Option<Name>,
    breaks: Vec<Pending>,
    /// None for `switch` and `select`.
    continue_to: Option<NodeIx>,
    /// The next clause of a `switch`.
    fall_to: Option<NodeIx>,
}

struct Builder<'a, 'n> {
    nodes: Vec<Node<'a>>,
    pending: Vec<Pending>,
    frames: Vec<Frame>,
    labels: HashMap<Name, NodeIx>,
    defined: Vec<Name>,
    never: &'n dyn Fn(&'a Expr) -> bool,
    broken: bool,
}

pub(super) fn build<'a>(body: &'a Block, never: &dyn Fn(&'a Expr) -> bool) -> Cfg<'a> {
    let mut b = Builder {
        nodes: Vec::new(),
        pending: Vec::new(),
        frames: Vec::new(),
        labels: HashMap::new(),
        defined: Vec::new(),
        never,
        broken: false,
    };
    let start = Span {
        start: body.span.start,
        end: body.span.start,
    };
    for step in [Step::Entry, Step::Exit, Step::Halt] {
        b.add(step, start);
    }
    b.pending.push((Cfg::ENTRY, Branch::Always));
    b.block(body);
    let brace = Span {
        start: body.span.end.saturating_sub(1),
        end: body.span.end,
    };
    b.place(Step::End, brace);
    b.flow_to(Cfg::EXIT);
    let undefined = b.labels.keys().any(|name| !b.defined.contains(name));
    Cfg {
        broken: b.broken || undefined,
        nodes: b.nodes,
    }
}

impl<'a> Builder<'a, '_> {
    fn add(&mut self, step: Step<'a>, span: Span) -> NodeIx {
        effort::spend(1);
        self.nodes.push(Node {
            step,
            span,
            next: Vec::new(),
            prev: Vec::new(),
        });
        NodeIx(self.nodes.len() as u32 - 1)
    }

    fn join(&mut self) -> NodeIx {
        self.add(Step::Join, Span::default())
    }

    fn connect(&mut self, (from, branch): Pending, to: NodeIx) {
        self.nodes[from.0 as usize].next.push(Edge { branch, to });
        self.nodes[to.0 as usize].prev.push(from);
    }

    /// All open ends lead to `to`; what follows is unreachable.
    fn flow_to(&mut self, to: NodeIx) {
        for pending in std::mem::take(&mut self.pending) {
            self.connect(pending, to);
        }
    }

    /// All open ends lead to `node`, and the flow goes on from it.
    fn continue_from(&mut self, node: NodeIx) {
        self.flow_to(node);
        self.pending.push((node, Branch::Always));
    }

    fn place(&mut self, step: Step<'a>, span: Span) -> NodeIx {
        let node = self.add(step, span);
        self.continue_from(node);
        node
    }

    fn block(&mut self, block: &'a Block) {
        for stmt in &block.stmts {
            self.stmt(stmt, None);
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt, label: Option<Name>) {
        match &stmt.kind {
            StmtKind::Bad => {
                self.broken = true;
                self.place(Step::Stmt(stmt), stmt.span);
            }
            StmtKind::Empty => {}
            StmtKind::Send(..)
            | StmtKind::IncDec(_)
            | StmtKind::Assign(_)
            | StmtKind::Go(_)
            | StmtKind::Defer(_)
            | StmtKind::Decl(_) => {
                self.place(Step::Stmt(stmt), stmt.span);
            }
            StmtKind::Expr(expr) => {
                self.place(Step::Stmt(stmt), stmt.span);
                if (self.never)(expr) {
                    self.flow_to(Cfg::HALT);
                }
            }
            StmtKind::Return(_) => {
                self.place(Step::Stmt(stmt), stmt.span);
                self.flow_to(Cfg::EXIT);
            }
            StmtKind::Break(target) => self.jump(stmt, |b| b.break_frame(target.as_ref())),
            StmtKind::Continue(target) => {
                self.place(Step::Stmt(stmt), stmt.span);
                match self.continue_target(target.as_ref()) {
                    Some(to) => self.flow_to(to),
                    None => self.lost(),
                }
            }
            StmtKind::Goto(target) => {
                self.place(Step::Stmt(stmt), stmt.span);
                let to = self.label(target.name);
                self.flow_to(to);
            }
            StmtKind::Fallthrough => {
                self.place(Step::Stmt(stmt), stmt.span);
                match self.frames.last().and_then(|frame| frame.fall_to) {
                    Some(to) => self.flow_to(to),
                    None => self.lost(),
                }
            }
            StmtKind::Block(block) => self.block(block),
            StmtKind::If(it) => self.branch(it),
            StmtKind::Switch(it) => self.switch(it, label),
            StmtKind::TypeSwitch(it) => self.type_switch(it, label),
            StmtKind::Select(clauses) => self.select(stmt.span, clauses, label),
            StmtKind::For(it) => self.for_loop(it, label),
            StmtKind::Range(it) => self.range(it, stmt.span, label),
            StmtKind::Labeled(name, inner) => {
                let node = self.label(name.name);
                self.defined.push(name.name);
                self.continue_from(node);
                self.stmt(inner, Some(name.name));
            }
        }
    }

    fn lost(&mut self) {
        self.broken = true;
        self.pending.clear();
    }

    fn label(&mut self, name: Name) -> NodeIx {
        if let Some(&node) = self.labels.get(&name) {
            return node;
        }
        let node = self.join();
        self.labels.insert(name, node);
        node
    }

    fn jump(&mut self, stmt: &'a Stmt, frame: impl Fn(&Self) -> Option<usize>) {
        self.place(Step::Stmt(stmt), stmt.span);
        match frame(self) {
            Some(ix) => {
                let open = std::mem::take(&mut self.pending);
                self.frames[ix].breaks.extend(open);
            }
            None => self.lost(),
        }
    }

    fn break_frame(&self, target: Option<&Ident>) -> Option<usize> {
        match target {
            None => self.frames.len().checked_sub(1),
            Some(name) => self
                .frames
                .iter()
                .rposition(|frame| frame.label == Some(name.name)),
        }
    }

    fn continue_target(&self, target: Option<&Ident>) -> Option<NodeIx> {
        let fits = |frame: &&Frame| {
            frame.continue_to.is_some() && target.is_none_or(|name| frame.label == Some(name.name))
        };
        self.frames.iter().rev().find(fits)?.continue_to
    }

    /// Evaluates a condition; returns the open ends on which it holds and does not hold.
    fn cond(&mut self, expr: &'a Expr) -> (Vec<Pending>, Vec<Pending>) {
        match &expr.kind {
            ExprKind::Paren(inner) => self.cond(inner),
            ExprKind::Unary(UnaryOp::Not, inner) => {
                let (yes, no) = self.cond(inner);
                (no, yes)
            }
            ExprKind::Binary(op @ (BinaryOp::LogicalAnd | BinaryOp::LogicalOr), left, right) => {
                let (yes, no) = self.cond(left);
                let and = *op == BinaryOp::LogicalAnd;
                let (go_on, mut settled) = if and { (yes, no) } else { (no, yes) };
                self.pending = go_on;
                let (mut yes, mut no) = self.cond(right);
                let side = if and { &mut no } else { &mut yes };
                settled.append(side);
                *side = settled;
                (yes, no)
            }
            _ => {
                let node = self.place(Step::Cond(expr), expr.span);
                self.pending.clear();
                let constant = match &expr.kind {
                    ExprKind::Ident(name) => name.as_str().parse::<bool>().ok(),
                    _ => None,
                };
                let open = |branch, impossible| match constant == Some(impossible) {
                    true => Vec::new(),
                    false => vec![(node, branch)],
                };
                (open(Branch::True, false), open(Branch::False, true))
            }
        }
    }

    fn branch(&mut self, it: &'a If) {
        if let Some(init) = &it.init {
            self.stmt(init, None);
        }
        let (yes, no) = self.cond(&it.cond);
        self.pending = yes;
        self.block(&it.then);
        let after = std::mem::replace(&mut self.pending, no);
        if let Some(els) = &it.els {
            self.stmt(els, None);
        }
        self.pending.extend(after);
    }

    fn enter(&mut self, label: Option<Name>, continue_to: Option<NodeIx>) {
        self.frames.push(Frame {
            label,
            breaks: Vec::new(),
            continue_to,
            fall_to: None,
        });
    }

    /// Leaves the innermost frame: its breaks go on after it.
    fn leave(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.pending.extend(frame.breaks);
        }
    }

    fn for_loop(&mut self, it: &'a For, label: Option<Name>) {
        if let Some(init) = &it.init {
            self.stmt(init, None);
        }
        let head = self.place(Step::Join, Span::default());
        let (yes, no) = match &it.cond {
            Some(cond) => self.cond(cond),
            None => (std::mem::take(&mut self.pending), Vec::new()),
        };
        let post = self.join();
        self.enter(label, Some(post));
        self.pending = yes;
        self.block(&it.body);
        self.continue_from(post);
        if let Some(stmt) = &it.post {
            self.stmt(stmt, None);
        }
        self.flow_to(head);
        self.pending = no;
        self.leave();
    }

    fn range(&mut self, it: &'a Range, span: Span, label: Option<Name>) {
        self.place(Step::Value(&it.subject), it.subject.span);
        let header = Span {
            start: span.start,
            end: it.subject.span.end,
        };
        let head = self.place(Step::Range(it), header);
        self.enter(label, Some(head));
        self.pending = vec![(head, Branch::True)];
        self.block(&it.body);
        self.flow_to(head);
        self.pending = vec![(head, Branch::False)];
        self.leave();
    }

    fn switch(&mut self, it: &'a Switch, label: Option<Name>) {
        if let Some(init) = &it.init {
            self.stmt(init, None);
        }
        if let Some(tag) = &it.tag {
            self.place(Step::Value(tag), tag.span);
        }
        let entries: Vec<NodeIx> = it.cases.iter().map(|_| self.join()).collect();
        for (case, &entry) in it.cases.iter().zip(&entries) {
            for expr in &case.exprs {
                let (yes, no) = if it.tag.is_none() {
                    self.cond(expr)
                } else {
                    let node = self.place(Step::Value(expr), expr.span);
                    (vec![(node, Branch::True)], vec![(node, Branch::False)])
                };
                self.pending = yes;
                self.flow_to(entry);
                self.pending = no;
            }
        }
        self.clauses(&it.cases, &entries, label);
    }

    fn type_switch(&mut self, it: &'a TypeSwitch, label: Option<Name>) {
        if let Some(init) = &it.init {
            self.stmt(init, None);
        }
        let subject = self.place(Step::Value(&it.subject), it.subject.span);
        let entries: Vec<NodeIx> = it.cases.iter().map(|_| self.join()).collect();
        for (case, &entry) in it.cases.iter().zip(&entries) {
            if !case.default {
                self.connect((subject, Branch::True), entry);
            }
        }
        self.pending = vec![(subject, Branch::False)];
        self.clauses(&it.cases, &entries, label);
    }

    /// The bodies of a switch's clauses; the open ends are those on which no case matched.
    fn clauses(&mut self, cases: &'a [CaseClause], entries: &[NodeIx], label: Option<Name>) {
        if let Some(default) = cases.iter().position(|case| case.default) {
            self.flow_to(entries[default]);
        }
        self.enter(label, None);
        let mut after = std::mem::take(&mut self.pending);
        for (ix, case) in cases.iter().enumerate() {
            if let Some(frame) = self.frames.last_mut() {
                frame.fall_to = entries.get(ix + 1).copied();
            }
            self.pending = vec![(entries[ix], Branch::Always)];
            self.block(&case.body);
            after.append(&mut self.pending);
        }
        self.pending = after;
        self.leave();
    }

    fn select(&mut self, span: Span, clauses: &'a [CommClause], label: Option<Name>) {
        let wait = Span {
            start: span.start,
            end: span.start + "select".len() as u32,
        };
        let node = self.place(Step::Select, wait);
        self.enter(label, None);
        let mut after = Vec::new();
        for clause in clauses {
            self.pending = vec![(node, Branch::Always)];
            if let Some(comm) = &clause.comm {
                self.place(Step::Comm(comm), comm.span);
            }
            self.block(&clause.body);
            after.append(&mut self.pending);
        }
        self.pending = after;
        self.leave();
    }
}
