//! `defer x.Close()`, and what becomes of the releases that were written by hand.

use super::super::acquire::Bound;
use super::{Case, Rewrite};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit};
use crate::analyse::ownership::What;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};

impl Case<'_, '_> {
    /// `defer x.Close()`, and hand-written releases right before an end of the function removed.
    pub(super) fn defer(&self) -> Result<Rewrite, Declined> {
        self.deferred(true)
    }

    /// The variable holds something else later: a `defer` is about the value of now (Go spec, Defer statements: "the
    /// function value and parameters to the call are evaluated as usual"), a `defer` of a literal is not.
    pub(super) fn defer_this_value(&self) -> Result<Rewrite, Declined> {
        match self.is_writable() {
            true => Err(Declined::Reassigned),
            false => self.deferred(false),
        }
    }

    fn deferred(&self, replace: bool) -> Result<Rewrite, Declined> {
        let place = match self.place() {
            // Not even named, and a check that asks for more than the error: the call is expected to fail.
            Err(Declined::CombinedCheck) if matches!(self.acquisition.holder, Bound::Blank(_)) => {
                return Err(Declined::CombinedCheck);
            }
            Err(Declined::ErrorGoesOn | Declined::Layout)
                if matches!(self.acquisition.holder, Bound::Blank(_)) =>
            {
                return self.release_at_once();
            }
            Err(Declined::CombinedCheck) => return self.split_check(),
            Err(why @ (Declined::ErrorGoesOn | Declined::ErrorIgnored)) => {
                match self.later_place() {
                    Some(place) => place,
                    None => return self.defer_guarded(why),
                }
            }
            place => place?,
        };
        let (name, mut edits) = self.name()?;
        let release = self.release_of(&name);
        edits.push(place.line.insert(&[format!("defer {release}")]));
        let replaced = match replace || !self.flow.released() {
            true => self.replaced_releases(place.line.offset),
            false => None,
        };
        // Only of the standard library is it known that a second release does no harm.
        let twice = replaced.is_none() && !self.may_release_twice();
        edits.extend(replaced.into_iter().flatten());
        Ok((self.trust(twice), format!("defer {release}"), edits))
    }

    /// A release that may be the second of two, or that waits for others, is for a reviewer to agree to.
    pub(super) fn trust(&self, twice: bool) -> Applicability {
        match twice || self.acquisition.resource.waits {
            true => Applicability::Unsafe,
            false => Applicability::Safe,
        }
    }

    /// Edits that remove each hand-written release, when all of them stand right before an end of the function,
    /// where the `defer` runs at the same moment, or are a `defer` that comes too late. None when one has to stay.
    pub(super) fn replaced_releases(&self, place: u32) -> Option<Vec<Edit>> {
        let releases = self
            .flow
            .events
            .iter()
            .filter(|event| matches!(event.what, What::Release { .. }));
        releases
            .map(|event| self.removed(event.expr, place))
            .collect()
    }

    fn removed(&self, call: NodeId, place: u32) -> Option<Edit> {
        let call = self.tree.expr_of(call)?;
        let stmt = self.tree.stmt_of(call)?;
        let (StmtKind::Expr(whole) | StmtKind::Defer(whole)) = &stmt.kind else {
            return None;
        };
        if whole.id != call.id
            || self.tree.func_of(call)? != self.acquisition.func
            || !self.is_usual(call)
        {
            return None;
        }
        // It may be about another value that the variable can hold there.
        let node = self.cfg.node_at(stmt.span)?;
        if !self.leak.dominated(node) {
            return None;
        }
        let (block, ix) = self.tree.place_of(stmt)?.list?;
        if matches!(stmt.kind, StmtKind::Defer(_)) {
            let alone = !self.defers_between(place, stmt.span.start);
            return alone.then(|| self.line_removed(stmt.span)).flatten();
        }
        let ends = match block.stmts.get(ix + 1) {
            Some(next) => {
                matches!(&next.kind, StmtKind::Return(values) if values.iter().all(is_plain))
            }
            None => block.span == self.tree.func(self.acquisition.func).block.span,
        };
        ends.then(|| self.line_removed(stmt.span)).flatten()
    }

    /// Whether another `defer` stands between: deferred calls run last in, first out, and their order may matter.
    fn defers_between(&self, start: u32, end: u32) -> bool {
        let block = self.tree.func(self.acquisition.func).block;
        let mut found = false;
        walk_block(block, &mut |node| match node {
            Node::Stmt(stmt) => {
                let between = start <= stmt.span.start && stmt.span.end <= end;
                found |= between && matches!(stmt.kind, StmtKind::Defer(_));
                true
            }
            Node::Expr(expr) => !matches!(expr.kind, ExprKind::FuncLit(_)),
        });
        found
    }

    /// The release is the method that the `defer` calls (`Commit` is no Rollback).
    fn is_usual(&self, call: &Expr) -> bool {
        let usual = self.acquisition.resource.release.methods.first();
        match &call.kind {
            ExprKind::Call(it) => match &it.fun.kind {
                ExprKind::Selector(_, name) => Some(&name.name) == usual,
                _ => usual.is_none(),
            },
            _ => false,
        }
    }

    /// Removes the statement's line, with a blank line that would then be one too many.
    fn line_removed(&self, span: Span) -> Option<Edit> {
        let text = self.text;
        let start = text[..span.start as usize].rfind('\n')? + 1;
        let end = span.end as usize + text[span.end as usize..].find('\n')? + 1;
        let alone = text[start..span.start as usize].trim().is_empty()
            && text[span.end as usize..end].trim().is_empty();
        let before_start = text[..start - 1].rfind('\n').map_or(0, |at| at + 1);
        let before = &text[before_start..start];
        let after = text[end..].lines().next().unwrap_or("");
        let doubled = before.trim().is_empty()
            && (after.trim().is_empty() || after.trim_start().starts_with('}'));
        // A comment above speaks of the release; a blank line would open the block.
        let commented = before.trim_start().starts_with("//");
        let opens = before.trim_end().ends_with('{') && after.trim().is_empty();
        let from = if doubled { before_start } else { start };
        (alone && !commented && !opens).then(|| Edit {
            span: Span::new(from, end),
            text: String::new(),
        })
    }
}

/// Evaluated in no time and without looking at a resource: the release may come after it.
fn is_plain(expr: &Expr) -> bool {
    matches!(
        expr.unparen().kind,
        ExprKind::Ident(_) | ExprKind::Literal(_)
    )
}
