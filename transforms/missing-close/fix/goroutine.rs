//! What only a goroutine uses, and does not release, is released when that goroutine ends.

use super::{Case, Rewrite};
use crate::analyse::declined::Declined;
use crate::analyse::finding::Applicability;
use crate::analyse::ownership::What;
use crate::syntax::ast::*;

impl Case<'_, '_> {
    /// `defer x.Close()` first in the literal, when nothing else uses the resource from there on.
    pub(super) fn release_in_goroutine(&self) -> Result<Rewrite, Declined> {
        let why = Declined::UsedByGoroutine;
        let &[lit] = self.flow.goroutines.as_slice() else {
            return Err(why);
        };
        let lit = self.tree.expr_of(lit).ok_or(why)?;
        let ExprKind::FuncLit(literal) = &lit.kind else {
            return Err(why);
        };
        let started = self.cfg.node_at(lit.span).ok_or(why)?;
        let elsewhere = self.flow.events.iter().any(|event| {
            let within = lit.span.contains(event.span);
            let later = || {
                let node = self.cfg.node_at(event.own);
                node.is_none_or(|node| self.cfg.reach(started, |_, _| true).contains(&node))
            };
            match event.what {
                What::Look | What::Use => !within && later(),
                _ => true,
            }
        });
        // Whoever leaves before the goroutine starts would need a release too.
        let mut exits = self.leak.exits.iter();
        let leaves_before = exits.any(|&exit| self.leak.avoids(started, exit))
            || (self.leak.in_loop() && self.leak.avoids(started, self.leak.node));
        if elsewhere
            || self.used_by_defer()
            || leaves_before
            || !self.stays_in_turn()
            || self.is_writable()
        {
            return Err(why);
        }
        let place = self.place()?;
        if lit.span.start < place.line.offset {
            return Err(why);
        }
        let (name, mut edits) = self.name()?;
        // After what is deferred already, so that it runs before a `wg.Done` tells that all is over.
        let leading = literal.body.stmts.iter();
        let line = match leading
            .take_while(|stmt| matches!(stmt.kind, StmtKind::Defer(_)))
            .count()
        {
            0 => self.search(|search| search.block_start(&literal.body))?,
            count => self.search(|search| search.line_between(&literal.body, count - 1))?,
        };
        let release = self.release_of(&name);
        edits.push(line.insert(&[format!("defer {release}")]));
        Ok((
            Applicability::Safe,
            format!("defer {release} in the goroutine"),
            edits,
        ))
    }
}
