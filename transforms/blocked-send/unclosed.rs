//! A goroutine that ranges over a channel which its only sender never closes: it waits for one value more for ever.

use super::channel::bound;
use crate::analyse::cfg::Cfg;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Fix, Verdict};
use crate::analyse::layout;
use crate::analyse::ownership::{FuncIx, Parent, Tree};
use crate::analyse::transform::Subject;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_stmt};
use crate::types::LocalKind;

/// A channel of which only sends by one function and ranges by others are known.
pub(super) struct Unclosed<'a> {
    /// The channel's name.
    pub(super) name: Name,
    make: &'a Stmt,
    /// The function that makes it.
    owner: FuncIx,
    /// The function that sends.
    pub(super) sender: FuncIx,
    sends: Vec<&'a Stmt>,
    /// The first range over it, with the function that it is in.
    pub(super) range: &'a Stmt,
    reader: FuncIx,
}

impl<'a> Unclosed<'a> {
    /// None when the channel is used in any other way, or when nobody waits for ever.
    pub(super) fn new(tree: &Tree<'a>, make: &Expr) -> Option<Unclosed<'a>> {
        let (stmt, local, name) = bound(tree, make)?;
        let owner = tree.func_of(make)?;
        if tree.info.locals.get(local.0 as usize)?.kind != LocalKind::Var {
            return None;
        }
        let mut sends = Vec::new();
        let mut ranges = Vec::new();
        for used in tree.uses(local) {
            if stmt.span.contains(used.span) {
                continue;
            }
            let Parent::Stmt(by) = tree.parent(used)? else {
                return None;
            };
            let func = tree.func_of(used)?;
            match &by.kind {
                StmtKind::Send(to, _) if to.id == used.id => sends.push((by, func)),
                StmtKind::Range(it) if it.subject.id == used.id => ranges.push((by, func)),
                _ => return None,
            }
        }
        let ((_, sender), (range, reader)) = (*sends.first()?, *ranges.first()?);
        let alone = sends.iter().all(|(_, func)| *func == sender);
        // One goroutine each: a loop around `go` would start several senders, of which the first would close for all.
        let placed = |func: FuncIx| func == owner || starts_once(tree, owner, func, stmt);
        let apart = ranges
            .iter()
            .all(|(_, func)| *func != sender && placed(*func));
        // Who knows otherwise when to leave does not wait for the end.
        let ends = ranges.iter().any(|(range, _)| {
            any(range, &|node| match node {
                Node::Stmt(stmt) => matches!(
                    stmt.kind,
                    StmtKind::Return(_) | StmtKind::Break(_) | StmtKind::Goto(_)
                ),
                Node::Expr(_) => false,
            })
        });
        (alone && apart && placed(sender) && !ends).then(|| Unclosed {
            name,
            make: stmt,
            owner,
            sender,
            sends: sends.into_iter().map(|(send, _)| send).collect(),
            range,
            reader,
        })
    }

    /// What is done about it. None when the sender never comes to its end.
    pub(super) fn verdict(
        &self,
        subject: &Subject<'_>,
        tree: &Tree<'a>,
        cfg: &Cfg<'a>,
    ) -> Option<Verdict> {
        let first = cfg.node_at(self.sends.first()?.span)?;
        if cfg.broken() || !cfg.reach(first, |_, _| true).contains(&Cfg::EXIT) {
            return None;
        }
        let text = subject.world.text(subject.file);
        let edit = match self.sender == self.owner {
            true => self.by_owner(tree, &text),
            false => self.by_goroutine(tree, &text).ok_or(Declined::Layout),
        };
        Some(match edit {
            Err(reason) => Verdict::Declined(reason),
            Ok(edit) => Verdict::Fix(Fix {
                applicability: match self.is_last(tree) {
                    true => Applicability::Safe,
                    false => Applicability::Unsafe,
                },
                title: format!("close {} when all is sent", self.name),
                edits: vec![(subject.file, edit)],
                imports: Vec::new(),
            }),
        })
    }

    /// What comes after the range has never run: nothing does, or a reviewer has to see it.
    fn is_last(&self, tree: &Tree<'_>) -> bool {
        let block = tree.func(self.reader).block;
        let last = block.stmts.last();
        self.reader != self.owner && last.is_some_and(|last| last.span == self.range.span)
    }

    fn by_goroutine(&self, tree: &Tree<'_>, text: &str) -> Option<Edit> {
        let block = tree.func(self.sender).block;
        let first = block.stmts.first()?;
        let start = first.span.start as usize;
        let line = layout::line_start(text, start);
        let own_line = text[line..start].trim().is_empty();
        own_line.then(|| self.insert(text, start, start, "defer "))
    }

    /// With a `defer` below the `make`; when something is waited for after the last send, right below that.
    fn by_owner(&self, tree: &Tree<'_>, text: &str) -> Result<Edit, Declined> {
        let place = tree.place_of(self.make).ok_or(Declined::Layout)?;
        let (block, at) = place.list.ok_or(Declined::Layout)?;
        let after = &block.stmts[at + 1..];
        let sends = |stmt: &&Stmt| {
            let mut sends = self.sends.iter();
            sends.any(|send| stmt.span.contains(send.span))
        };
        let all = self.sends.iter().all(|send| {
            let mut after = after.iter();
            after.any(|stmt| stmt.span.contains(send.span))
        });
        let last = after.iter().rposition(|stmt| sends(&stmt));
        let (true, Some(last)) = (all, last) else {
            return Err(Declined::NoClosePlace);
        };
        let top = place.outer.is_none();
        let later = &after[last + 1..];
        // A deferred wait comes before a deferred close that is registered earlier.
        let deferred = after.iter().any(|stmt| {
            let words = &text[stmt.span.range()];
            matches!(stmt.kind, StmtKind::Defer(_))
                && (words.contains("Wait") || words.contains("<-"))
        });
        if top && !deferred && !later.iter().any(waits) {
            let end = layout::line_end(text, self.make.span.end as usize);
            if !text[self.make.span.end as usize..end].trim().is_empty() {
                return Err(Declined::Layout);
            }
            return Ok(self.insert(text, end, self.make.span.start as usize, "defer "));
        }
        if after[..=last].iter().any(leaves) {
            return Err(Declined::NoClosePlace);
        }
        let span = after[last].span;
        let end = layout::line_end(text, span.end as usize);
        match text[span.end as usize..end].trim().is_empty() {
            true => Ok(self.insert(text, end, span.start as usize, "")),
            false => Err(Declined::Layout),
        }
    }

    /// The call on a line of its own, indented like `like`: below the line that ends at `at`, or above what starts there.
    fn insert(&self, text: &str, at: usize, like: usize, defer: &str) -> Edit {
        let (newline, indent) = (layout::newline(text, like), layout::indent(text, like));
        let call = format!("{defer}close({})", self.name);
        Edit {
            span: Span::new(at, at),
            text: match at == like {
                true => format!("{call}{newline}{indent}"),
                false => format!("{newline}{indent}{call}"),
            },
        }
    }
}

/// Whether the function is a literal that the owner starts as a goroutine, once for each channel.
fn starts_once(tree: &Tree<'_>, owner: FuncIx, func: FuncIx, make: &Stmt) -> bool {
    let found = || {
        if tree.func(func).outer != Some(owner) {
            return None;
        }
        let Parent::Expr(call) = tree.parent(tree.func(func).lit?)? else {
            return None;
        };
        let Parent::Stmt(stmt) = tree.parent(call)? else {
            return None;
        };
        if !matches!(stmt.kind, StmtKind::Go(_)) {
            return None;
        }
        let mut outer = tree.place_of(stmt)?.outer;
        while let Some(around) = outer {
            let turns = matches!(around.kind, StmtKind::For(_) | StmtKind::Range(_));
            if turns && !around.span.contains(make.span) {
                return None;
            }
            outer = tree.place_of(around)?.outer;
        }
        Some(())
    };
    found().is_some()
}

/// Whether a statement may wait for the goroutines: a receive, a `select`, a method
/// called `Wait…`.
fn waits(stmt: &Stmt) -> bool {
    any(stmt, &|node| match node {
        Node::Stmt(stmt) => matches!(stmt.kind, StmtKind::Select(_) | StmtKind::Send(..)),
        Node::Expr(x) => match &x.kind {
            ExprKind::Unary(UnaryOp::Receive, _) => true,
            ExprKind::Call(call) => match &call.fun.kind {
                ExprKind::Selector(_, name) => name.name.as_str().contains("Wait"),
                _ => false,
            },
            _ => false,
        },
    })
}

/// Whether control may leave the function, or jump, from within.
fn leaves(stmt: &Stmt) -> bool {
    any(stmt, &|node| match node {
        Node::Stmt(stmt) => matches!(
            stmt.kind,
            StmtKind::Return(_) | StmtKind::Goto(_) | StmtKind::Labeled(..)
        ),
        Node::Expr(x) => {
            matches!(&x.kind, ExprKind::Call(call) if matches!(&call.fun.kind, ExprKind::Ident(name) if *name == "panic"))
        }
    })
}

/// Whether some node outside of function literals is like that.
fn any(stmt: &Stmt, wanted: &dyn Fn(Node<'_>) -> bool) -> bool {
    let mut found = false;
    walk_stmt(stmt, &mut |node| {
        found |= wanted(node);
        !found && !matches!(node, Node::Expr(x) if matches!(x.kind, ExprKind::FuncLit(_)))
    });
    found
}
