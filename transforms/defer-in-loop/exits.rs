//! The ways out of the rest of an iteration, from a statement to the end of its block.

use super::turn::{Turn, node_of};
use crate::analyse::cfg::{Cfg, NodeIx, Step};
use crate::syntax::ast::*;
use std::collections::HashSet;

/// How control leaves.
pub(super) struct Exits<'a> {
    /// `return`, `break` and `continue` statements that leave, in source order.
    pub(super) jumps: Vec<&'a Stmt>,
    /// The end of the block is reached.
    pub(super) end: bool,
    /// Calls that end the goroutine, or panic: they run what is deferred. Those that end the process do not.
    pub(super) unwinds: bool,
}

/// The ways out of `block` from statement `from` on. None when there is a `goto`.
pub(super) fn exits<'a>(
    turn: &Turn<'a, '_>,
    cfg: &Cfg<'_>,
    block: &'a Block,
    from: usize,
) -> Option<Exits<'a>> {
    let jumps = jumps(&block.stmts[from + 1..])?;
    let start = node_of(cfg, &block.stmts[from])?;
    // Not the whole block: in an endless loop the way back to its first statement is a way out of the iteration.
    let after = Span {
        start: block.stmts[from].span.end,
        end: block.span.end,
    };
    let end = falls_off(cfg, start, after, &jumps);
    let live = cfg.reach(start, |_, edge| edge.to != start);
    let halts = |ix: &NodeIx| {
        let node = cfg.node(*ix);
        after.contains(node.span) && node.next.iter().any(|edge| edge.to == Cfg::HALT)
    };
    let ends_process = |ix: NodeIx| match cfg.node(ix).step {
        Step::Stmt(Stmt {
            kind: StmtKind::Expr(call),
            ..
        }) => turn.ends_process(call),
        _ => false,
    };
    Some(Exits {
        jumps,
        end,
        unwinds: live.into_iter().filter(halts).any(|ix| !ends_process(ix)),
    })
}

/// The `return`, `break` and `continue` statements that leave a list of statements. None when there is a `goto`.
pub(super) fn jumps(stmts: &[Stmt]) -> Option<Vec<&Stmt>> {
    let mut walk = Walk {
        jumps: Vec::new(),
        inner: Vec::new(),
        gotos: false,
    };
    stmts.iter().for_each(|stmt| walk.stmt(stmt, None));
    (!walk.gotos).then_some(walk.jumps)
}

/// Whether control comes from `start` to the end of the block without a jump that leaves it.
fn falls_off(cfg: &Cfg<'_>, start: NodeIx, within: Span, jumps: &[&Stmt]) -> bool {
    let jump = |ix: NodeIx| match cfg.node(ix).step {
        Step::Stmt(stmt) => jumps.iter().any(|jump| std::ptr::eq(*jump, stmt)),
        _ => false,
    };
    let inside = |ix: NodeIx| within.contains(cfg.node(ix).span);
    let mut seen = HashSet::new();
    let mut stack = vec![start];
    while let Some(at) = stack.pop() {
        for edge in &cfg.node(at).next {
            let to = edge.to;
            let join = matches!(cfg.node(to).step, Step::Join);
            if to == Cfg::HALT || !seen.insert(to) {
                continue;
            }
            if !join && (to == Cfg::EXIT || !inside(to)) {
                return true;
            }
            if !jump(to) {
                stack.push(to);
            }
        }
    }
    false
}

struct Walk<'a> {
    jumps: Vec<&'a Stmt>,
    /// Statements around that `break` and `continue` may mean: label, whether it is a loop.
    inner: Vec<(Option<Name>, bool)>,
    gotos: bool,
}

impl<'a> Walk<'a> {
    fn block(&mut self, block: &'a Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt, None));
    }

    fn within(&mut self, label: Option<Name>, is_loop: bool, body: impl FnOnce(&mut Self)) {
        self.inner.push((label, is_loop));
        body(self);
        self.inner.pop();
    }

    fn stmt(&mut self, stmt: &'a Stmt, label: Option<Name>) {
        match &stmt.kind {
            StmtKind::Return(_) => self.jumps.push(stmt),
            StmtKind::Goto(_) => self.gotos = true,
            StmtKind::Break(to) => {
                let stays = match to {
                    Some(to) => self.inner.iter().any(|(name, _)| *name == Some(to.name)),
                    None => !self.inner.is_empty(),
                };
                if !stays {
                    self.jumps.push(stmt);
                }
            }
            StmtKind::Continue(to) => {
                let stays = match to {
                    Some(to) => self.inner.iter().any(|(name, _)| *name == Some(to.name)),
                    None => self.inner.iter().any(|(_, is_loop)| *is_loop),
                };
                if !stays {
                    self.jumps.push(stmt);
                }
            }
            StmtKind::Block(block) => self.block(block),
            StmtKind::If(it) => {
                self.block(&it.then);
                it.els.iter().for_each(|els| self.stmt(els, None));
            }
            StmtKind::Switch(it) => self.within(label, false, |walk| {
                it.cases.iter().for_each(|case| walk.block(&case.body));
            }),
            StmtKind::TypeSwitch(it) => self.within(label, false, |walk| {
                it.cases.iter().for_each(|case| walk.block(&case.body));
            }),
            StmtKind::Select(clauses) => self.within(label, false, |walk| {
                clauses.iter().for_each(|clause| walk.block(&clause.body));
            }),
            StmtKind::For(it) => self.within(label, true, |walk| walk.block(&it.body)),
            StmtKind::Range(it) => self.within(label, true, |walk| walk.block(&it.body)),
            StmtKind::Labeled(name, inner) => self.stmt(inner, Some(name.name)),
            _ => {}
        }
    }
}
