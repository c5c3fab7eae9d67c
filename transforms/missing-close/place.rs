//! Where a release may be inserted: after the acquisition succeeded for certain, on a line of its own.

use super::acquire::{Acquisition, Bound};
use super::leak::nil_check;
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::analyse::ownership::{Flow, Tree};
use crate::syntax::ast::*;
use crate::types::LocalId;

/// Where new lines go: the end of a line, before its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Offset at which the new lines are inserted.
    pub(super) offset: u32,
    /// White space that the new lines start with.
    pub(super) indent: String,
    /// The file's line break there.
    pub(super) newline: &'static str,
}

impl Line {
    /// Inserts lines (their own further indentation included) after this one.
    pub(super) fn insert(&self, lines: &[String]) -> Edit {
        let mut text = String::new();
        for line in lines {
            text.push_str(self.newline);
            text.push_str(&self.indent);
            text.push_str(line);
        }
        Edit {
            span: Span {
                start: self.offset,
                end: self.offset,
            },
            text,
        }
    }
}

/// A place from which on the resource is certainly there.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    /// The line that it begins after.
    pub(super) line: Line,
    /// The block in which the resource is there from this place on.
    pub(super) block: &'a Block,
    /// The index of the first statement after the place.
    pub(super) next: usize,
    /// It is the start of a block that runs only on success.
    pub(super) in_check: bool,
}

/// What is needed to find the place.
pub(super) struct Search<'a, 's> {
    pub(super) tree: &'s Tree<'a>,
    pub(super) text: &'s str,
    pub(super) acquisition: &'s Acquisition<'a>,
    pub(super) flow: &'s Flow,
    /// Whether a call expression never returns.
    pub(super) never: &'s dyn Fn(&Expr) -> bool,
    /// Whether a call statement leaves when this error is not nil (`require.NoError(t, err)`).
    pub(super) guards: &'s dyn Fn(&Expr, LocalId) -> bool,
}

/// What an `if` after the acquisition says about its error.
enum Check<'a> {
    /// Not about it.
    None,
    /// `err != nil` leaves: the code after the `if` runs on success only.
    After,
    /// This block runs on success only.
    Inside(&'a Block),
}

impl<'a> Search<'a, '_> {
    /// The place after which the resource is certainly there, or why there is none.
    pub(super) fn place(&self) -> Result<Place<'a>, Declined> {
        let stmt = self.acquisition.stmt;
        let place = self.tree.place_of(stmt).ok_or(Declined::Layout)?;
        let error = match self.acquisition.error {
            None => None,
            Some(Bound::Local(error, ..)) => Some(error),
            Some(_) => return Err(Declined::ErrorIgnored),
        };
        match (place.list, error) {
            (Some((block, ix)), None) => self.after(block, ix),
            (Some((block, ix)), Some(error)) => self.after_check(block, ix, error),
            (None, Some(error)) => match place.outer.map(|outer| &outer.kind) {
                Some(StmtKind::If(it)) => match self.check(it, error)? {
                    Check::Inside(block) => self.inside(block),
                    Check::After if !self.acquisition.defines => {
                        let outer = place.outer.and_then(|outer| self.tree.place_of(outer));
                        let (block, ix) = outer.and_then(|it| it.list).ok_or(Declined::Layout)?;
                        self.after(block, ix)
                    }
                    // The variable's scope ends with the `if`.
                    Check::After | Check::None => Err(Declined::Layout),
                },
                _ => Err(Declined::Layout),
            },
            (None, None) => Err(Declined::Layout),
        }
    }

    /// Looks for the check of the error in the statements after the acquisition; others may stand between as long
    /// as they touch neither the error nor the resource and do not leave.
    fn after_check(
        &self,
        block: &'a Block,
        ix: usize,
        error: LocalId,
    ) -> Result<Place<'a>, Declined> {
        for (at, stmt) in block.stmts.iter().enumerate().skip(ix + 1) {
            match &stmt.kind {
                StmtKind::If(it) if it.init.is_none() => match self.check(it, error)? {
                    Check::None => {}
                    Check::After => return self.after(block, at),
                    Check::Inside(block) => return self.inside(block),
                },
                StmtKind::Expr(call) if (self.guards)(call, error) => return self.after(block, at),
                _ => {}
            }
            let touched = self
                .tree
                .uses(error)
                .iter()
                .any(|x| stmt.span.contains(x.span))
                || self
                    .flow
                    .events
                    .iter()
                    .any(|event| stmt.span.contains(event.own));
            if touched || !straight(stmt) {
                return Err(Declined::ErrorGoesOn);
            }
        }
        Err(Declined::ErrorGoesOn)
    }

    fn check(&self, it: &'a If, error: LocalId) -> Result<Check<'a>, Declined> {
        let asks = self
            .tree
            .uses(error)
            .iter()
            .any(|x| it.cond.span.contains(x.span));
        if !asks {
            return Ok(Check::None);
        }
        match nil_check(self.tree, &it.cond) {
            Some((local, true)) if local == error => Ok(Check::Inside(&it.then)),
            Some((local, false)) if local == error => match &it.els {
                Some(Stmt {
                    kind: StmtKind::Block(block),
                    ..
                }) => Ok(Check::Inside(block)),
                Some(_) => Err(Declined::CombinedCheck),
                None if self.leaves(&it.then) => Ok(Check::After),
                None => Err(Declined::ErrorGoesOn),
            },
            _ => Err(match &it.cond.unparen().kind {
                ExprKind::Binary(BinaryOp::LogicalOr, ..) => Declined::CombinedCheck,
                _ => Declined::ErrorGoesOn,
            }),
        }
    }

    /// Control never comes to the end of the block.
    pub(super) fn leaves(&self, block: &Block) -> bool {
        block
            .stmts
            .last()
            .is_some_and(|stmt| self.stmt_leaves(stmt))
    }

    fn stmt_leaves(&self, stmt: &Stmt) -> bool {
        match &stmt.kind {
            StmtKind::Return(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Goto(_) => true,
            StmtKind::Expr(call) => (self.never)(call),
            StmtKind::Block(block) => self.leaves(block),
            StmtKind::If(it) => {
                self.leaves(&it.then) && it.els.as_ref().is_some_and(|els| self.stmt_leaves(els))
            }
            _ => false,
        }
    }

    /// After the statement at `ix`, and after deferred removals of the same file, which must run later.
    pub(super) fn after(&self, block: &'a Block, ix: usize) -> Result<Place<'a>, Declined> {
        let mut at = ix;
        while let Some(next) = block.stmts.get(at + 1) {
            match &next.kind {
                StmtKind::Defer(call) if self.removes(call) => at += 1,
                _ => break,
            }
        }
        Ok(Place {
            line: self.line_between(block, at)?,
            block,
            next: at + 1,
            in_check: false,
        })
    }

    /// The end of the statement at `ix`, when the next one begins on a later line.
    pub(super) fn line_between(&self, block: &Block, ix: usize) -> Result<Line, Declined> {
        let line = self.line_after(block.stmts[ix].span)?;
        let next = block.stmts.get(ix + 1);
        match next.is_some_and(|next| next.span.start < line.offset) {
            true => Err(Declined::Layout),
            false => Ok(line),
        }
    }

    /// `defer os.Remove(f.Name())`: by its text, as it only moves the insertion further down.
    fn removes(&self, call: &Expr) -> bool {
        let text = &self.text[call.span.range()];
        let about_it = self
            .flow
            .events
            .iter()
            .any(|event| call.span.contains(event.span));
        about_it && (text.starts_with("os.Remove(") || text.starts_with("os.RemoveAll("))
    }

    /// At the start of a block, before its first statement.
    fn inside(&self, block: &'a Block) -> Result<Place<'a>, Declined> {
        Ok(Place {
            line: self.block_start(block)?,
            block,
            next: 0,
            in_check: true,
        })
    }

    /// After the opening brace, indented as the block's first statement.
    pub(super) fn block_start(&self, block: &Block) -> Result<Line, Declined> {
        let first = block.stmts.first().ok_or(Declined::Layout)?;
        let brace = Span {
            start: block.span.start,
            end: block.span.start + 1,
        };
        let line = self.line_end(brace)?;
        if first.span.start < line.offset {
            return Err(Declined::Layout);
        }
        let indent = self.indent(first.span.start).ok_or(Declined::Layout)?;
        Ok(Line { indent, ..line })
    }

    /// The end of the line that `span` ends on, indented as the line it starts on.
    pub(super) fn line_after(&self, span: Span) -> Result<Line, Declined> {
        let line = self.line_end(span)?;
        let indent = self.indent(span.start).ok_or(Declined::Layout)?;
        // gofmt aligns the comments of neighbouring lines: a line between them would spoil that.
        let rest = &self.text[span.end as usize..line.offset as usize];
        let following = self.text[line.offset as usize..]
            .lines()
            .nth(1)
            .unwrap_or("");
        if rest.contains("//")
            && following.contains("//")
            && !following.trim_start().starts_with("//")
        {
            return Err(Declined::Layout);
        }
        Ok(Line { indent, ..line })
    }

    /// The end of the line that `span` ends on; nothing but a comment may follow on it.
    fn line_end(&self, span: Span) -> Result<Line, Declined> {
        let rest = &self.text[span.end as usize..];
        let line = rest.split('\n').next().unwrap_or("");
        let newline = if line.ends_with('\r') { "\r\n" } else { "\n" };
        let line = line.trim_end_matches('\r');
        let tail = line.trim_start();
        if !(tail.is_empty() || tail.starts_with("//")) {
            return Err(Declined::Layout);
        }
        Ok(Line {
            offset: span.end + line.len() as u32,
            indent: String::new(),
            newline,
        })
    }

    /// The white space before `offset` on its line; none when something else stands there.
    pub(super) fn indent(&self, offset: u32) -> Option<String> {
        let before = &self.text[..offset as usize];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let indent = &before[start..];
        indent
            .chars()
            .all(|c| c == ' ' || c == '\t')
            .then(|| indent.to_owned())
    }
}

/// A statement that goes on to the next one.
fn straight(stmt: &Stmt) -> bool {
    matches!(
        stmt.kind,
        StmtKind::Empty
            | StmtKind::Expr(_)
            | StmtKind::Send(..)
            | StmtKind::IncDec(_)
            | StmtKind::Assign(_)
            | StmtKind::Go(_)
            | StmtKind::Defer(_)
            | StmtKind::Decl(_)
    )
}
