//! The variable gets another value while it still holds the resource.

use super::{Case, Rewrite};
use crate::analyse::cfg::{NodeIx, Step};
use crate::analyse::declined::Declined;
use crate::analyse::finding::Applicability;
use crate::analyse::ownership::What;
use crate::syntax::ast::*;

impl<'a> Case<'a, '_> {
    /// `x.Close()` before the assignments that lose it; in a retry loop, before the next attempt.
    pub(super) fn release_before_overwriting(&self) -> Result<Rewrite, Declined> {
        let why = Declined::Reassigned;
        // A writer that is held as an interface may be a pipe: its other end sees it closed.
        let seen = self.opened_for_writing() && !self.releases_nil();
        if !self.leak.exits.is_empty() || self.is_writable() || seen || self.used_by_defer() {
            return Err(why);
        }
        let (name, mut edits) = self.name()?;
        let release = self.release_of(&name);
        for &lost in &self.leak.lost {
            // A decoder made from it goes on reading.
            if self.leak.lives_on(lost, self.uses()) || self.is_kept_at(lost) {
                return Err(why);
            }
            let stmt = match self.cfg.node(lost).step {
                Step::Stmt(stmt) => stmt,
                _ => return Err(why),
            };
            let lines = match lost == self.leak.node {
                true => self.guarded(&name, &release).ok_or(why)?,
                false if self.is_certain(stmt) && !self.leak.maybe_ended(lost) => {
                    vec![release.clone()]
                }
                false => return Err(why),
            };
            if stmt.span == self.acquisition.stmt.span && !self.starts_empty() {
                return Err(why);
            }
            edits.push(self.lines_before_overwriting(stmt, &lines)?);
        }
        if edits.is_empty() {
            return Err(why);
        }
        Ok((
            Applicability::Safe,
            format!("call {release} before the variable gets another value"),
            edits,
        ))
    }

    /// Someone else may have the value that is overwritten at `lost`.
    fn is_kept_at(&self, lost: NodeIx) -> bool {
        let into = |at: &NodeIx| self.cfg.node(*at).next.iter().any(|edge| edge.to == lost);
        let mut before = self.cfg.indices().filter(into);
        before.any(|at| self.leak.may_be_kept(at))
    }

    fn is_certain(&self, stmt: &Stmt) -> bool {
        self.place().is_ok_and(|place| {
            place.line.offset <= stmt.span.start && stmt.span.end <= place.block.span.end
        })
    }

    /// The variable is declared without a value and only this acquisition assigns it: it is nil, or holds one.
    fn starts_empty(&self) -> bool {
        let assigned = self
            .flow
            .events
            .iter()
            .any(|event| event.what == What::Reassigned);
        !assigned && self.declared_empty()
    }

    fn declared_empty(&self) -> bool {
        let Some(local) = self.acquisition.holder.local() else {
            return false;
        };
        let decl = self.tree.info.locals[local.0 as usize].decl;
        let block = self.tree.func(self.acquisition.func).block;
        let mut empty = false;
        crate::syntax::visit::walk_block(block, &mut |node| {
            if let crate::syntax::visit::Node::Stmt(stmt) = node
                && let StmtKind::Decl(decls) = &stmt.kind
            {
                let mut specs = decls.iter().filter_map(|it| match it {
                    Decl::Var(spec) if spec.values.is_empty() => Some(spec),
                    _ => None,
                });
                empty |= specs.any(|spec| spec.names.iter().any(|name| name.span == decl));
            }
            true
        });
        empty
    }

    fn lines_before_overwriting(
        &self,
        stmt: &'a Stmt,
        lines: &[String],
    ) -> Result<crate::analyse::finding::Edit, Declined> {
        self.lines_before(stmt, lines)
            .map_err(|_| Declined::Reassigned)
    }
}
