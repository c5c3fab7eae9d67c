//! Releases right before each return that leaks, for what other paths keep.

use super::{Case, Rewrite};
use crate::analyse::cfg::Step;
use crate::analyse::declined::Declined;
use crate::analyse::finding::Applicability;

impl Case<'_, '_> {
    /// What other paths keep: released where this one leaves, or goes round.
    pub(super) fn release_what_is_not_kept(&self) -> Result<Rewrite, Declined> {
        let why = Declined::KeptElsewhere;
        if self.leak.lost.is_empty() {
            return self.release_on_exits();
        }
        match self.leak.in_loop() && self.stays_in_turn() {
            true if !self.is_writable() => self.release_after_last_use(why),
            false if self.leak.exits.is_empty() => self.release_before_overwriting(),
            _ => Err(why),
        }
    }

    /// `x.Close()` right before each end of the function that leaks, when other paths keep it.
    pub(super) fn release_on_exits(&self) -> Result<Rewrite, Declined> {
        let place = self.place()?;
        let (name, mut edits) = self.name()?;
        if !edits.is_empty() || self.leak.exits.is_empty() || self.used_by_defer() {
            return Err(Declined::KeptElsewhere);
        }
        let release = self.release_of(&name);
        for &exit in &self.leak.exits {
            let Step::Stmt(stmt) = self.cfg.node(exit).step else {
                return Err(Declined::KeptElsewhere);
            };
            let certain = place.line.offset <= stmt.span.start
                && stmt.span.end <= place.block.span.end
                && self.leak.dominated(exit)
                && !self.leak.maybe_ended(exit);
            if !certain {
                return Err(Declined::KeptElsewhere);
            }
            if self.is_writable() && !self.is_error_exit(stmt) {
                return Err(Declined::CloseError);
            }
            edits.push(self.before(stmt, &release)?);
        }
        Ok((
            Applicability::Safe,
            format!("call {release} before each return that leaks it"),
            edits,
        ))
    }
}
