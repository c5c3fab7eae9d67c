//! Files opened for writing: the error of their Close must not be lost.

use super::super::place::Place;
use super::super::table::FixKind;
use super::returns::is_nil;
use super::{Case, Rewrite};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit};
use crate::analyse::ownership::{Event, Parent, What};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};

/// Open flags that do not ask for writing (package os, constants).
const READ_FLAGS: &[&str] = &[
    "os.O_RDONLY",
    "syscall.O_RDONLY",
    "0",
    "os.O_SYNC",
    "syscall.O_CLOEXEC",
    "syscall.O_NOFOLLOW",
    "syscall.O_DIRECTORY",
];

/// Calls before which a written file has to be closed: its data must be there under the new name, and Windows moves
/// and removes no open file (package os).
const MOVES: &[&str] = &[
    "os.Rename",
    "os.Remove",
    "os.RemoveAll",
    "os.Link",
    "os.Symlink",
    "syscall.Rename",
    "golang.org/x/sys/unix.Rename",
];

/// Methods of a file that leave what is in it as it is (package os).
const WRITES_NOTHING: &[&str] = &[
    "Chmod", "Chown", "Fd", "Name", "Read", "ReadDir", "Readdir", "Stat",
];

impl Case<'_, '_> {
    /// Opened for writing and written: the error of its Close counts.
    pub(super) fn is_writable(&self) -> bool {
        self.opened_for_writing() && self.flow.events.iter().any(|event| self.may_write(event))
    }

    /// Made for its name alone, or to be there, it is asked only what it is.
    fn may_write(&self, event: &Event) -> bool {
        let asked = || {
            let used = self.tree.expr_of(event.expr)?;
            match self.tree.parent(used)? {
                Parent::Expr(outer) => match &outer.kind {
                    ExprKind::Selector(_, name) => Some(name.name),
                    _ => None,
                },
                _ => None,
            }
        };
        match event.what {
            What::Use | What::Look => {
                !asked().is_some_and(|name| WRITES_NOTHING.contains(&name.as_str()))
            }
            What::Transfer(_) => true,
            _ => false,
        }
    }

    pub(super) fn opened_for_writing(&self) -> bool {
        match self.acquisition.resource.fix {
            FixKind::Writable => true,
            FixKind::WritableFlag => asks_for_writing(self.acquisition.call, self.text),
            _ => false,
        }
    }

    /// A written file: its Close error goes into the function's error result.
    pub(super) fn defer_writable(&self) -> Result<Rewrite, Declined> {
        let place = self.place()?;
        let (name, mut edits) = self.name()?;
        let release = self.release_of(&name);
        if !self.flow.released() {
            if self.moves_after(place.line.offset) {
                return self.close_in_order();
            }
            if let Some(result) = self.error_result(place.line.offset) {
                edits.push(place.line.insert(&[
                    "defer func() {".to_owned(),
                    format!("\tif closeErr := {release}; closeErr != nil && {result} == nil {{"),
                    format!("\t\t{result} = closeErr"),
                    "\t}".to_owned(),
                    "}()".to_owned(),
                ]));
                let title = format!("defer {release} and return its error");
                return Ok((Applicability::Safe, title, edits));
            }
        }
        if self.error_last().is_none() {
            return self.defer_without_result(&place, &release, edits);
        }
        let mut checked = false;
        for &exit in &self.leak.exits {
            // Where the variable may hold another value than this acquisition's, that one is not ours to close.
            let dominated = self.leak.dominated(exit);
            let exit = self.exit_stmt(exit).ok_or(Declined::CloseError)?;
            if !self.is_error_exit(exit) {
                let ours = dominated && place.block.span.contains(exit.span);
                if !ours || self.used_by_defer() {
                    return Err(Declined::CloseError);
                }
                edits.push(self.close_at(exit, &release)?);
                checked = true;
            }
        }
        edits.push(place.line.insert(&[format!("defer {release}")]));
        let title = match checked {
            true => format!("defer {release} and return its error"),
            false => format!("defer {release}"),
        };
        Ok((
            self.trust(checked && !self.may_release_twice()),
            title,
            edits,
        ))
    }

    /// The file may be moved or removed once it is written.
    fn moves_after(&self, offset: u32) -> bool {
        let block = self.tree.func(self.acquisition.func).block;
        let mut found = false;
        walk_block(block, &mut |node| match node {
            Node::Stmt(stmt) => !matches!(stmt.kind, StmtKind::Defer(_)),
            Node::Expr(expr) => {
                let callee = self.tree.callee(expr).filter(|_| offset < expr.span.start);
                let name = callee.and_then(|callee| self.subject.types.callee_name(callee));
                let node = || self.cfg.node_at(expr.span);
                found |= name.is_some_and(|name| MOVES.contains(&name.as_str()))
                    && node().is_some_and(|node| self.leak.is_held(node));
                !matches!(expr.kind, ExprKind::FuncLit(_))
            }
        });
        found
    }

    /// Closed and checked after its last use, and by a `defer` for the returns before that.
    fn close_in_order(&self) -> Result<Rewrite, Declined> {
        if self.used_by_defer() {
            return Err(Declined::CloseError);
        }
        let (line, mut edits, release) = self.after_last_use(Declined::CloseError)?;
        edits.push(line.insert(&self.checked_release(&release)?));
        let place = self.place()?;
        if line != place.line {
            edits.push(place.line.insert(&[format!("defer {release}")]));
        }
        let trust = self.trust(!self.may_release_twice());
        Ok((trust, format!("call {release} after its last use"), edits))
    }

    /// The Close error becomes what this return reports, when nothing else failed.
    fn close_at(&self, exit: &Stmt, release: &str) -> Result<Edit, Declined> {
        let StmtKind::Return(values) = &exit.kind else {
            return Err(Declined::CloseError);
        };
        let (value, others) = values.split_last().ok_or(Declined::CloseError)?;
        let sole = others.is_empty() && self.returns_error_only();
        let is_error = self
            .tree
            .type_of(value)
            .is_some_and(|ty| self.subject.types.display(ty) == "error");
        let error = self.tree.local_of(value).filter(|_| is_error);
        if sole && is_nil(value) {
            return Ok(Edit {
                span: value.span,
                text: release.to_owned(),
            });
        }
        if error.is_some() && (sole || others.len() + 1 == self.result_count()) {
            let name = &self.text[value.span.range()];
            let lines = [
                format!("if closeErr := {release}; {name} == nil {{"),
                format!("\t{name} = closeErr"),
                "}".to_owned(),
            ];
            return self
                .lines_before(exit, &lines)
                .map_err(|_| Declined::CloseError);
        }
        let complete =
            (sole && is_error) || (is_nil(value) && others.len() + 1 == self.result_count());
        if complete && !self.uses_in(exit.span) {
            return self.lines_before(exit, &self.checked_release(release)?);
        }
        if !sole || !is_error {
            return Err(Declined::CloseError);
        }
        self.after_value(exit, value, release)
    }

    /// `return enc.Encode(v)` becomes a check of its own, and the Close is what is returned.
    fn after_value(&self, exit: &Stmt, value: &Expr, release: &str) -> Result<Edit, Declined> {
        let place = self.tree.place_of(exit).and_then(|place| place.list);
        let (block, ix) = place.ok_or(Declined::Layout)?;
        let line = self.search(|search| search.line_between(block, ix))?;
        let newline = format!("{}{}", line.newline, line.indent);
        let called = &self.text[value.span.range()];
        // A composite literal would be read as the block of the `if`.
        if called.contains('{') {
            return Err(Declined::CloseError);
        }
        Ok(Edit {
            span: exit.span,
            text: format!(
                "if err := {called}; err != nil {{{newline}\treturn err{newline}}}{newline}return {release}"
            ),
        })
    }

    /// There is no error result: a test fails, and elsewhere a reviewer has to agree that the error goes unseen, as it
    /// did before.
    fn defer_without_result(
        &self,
        place: &Place<'_>,
        release: &str,
        mut edits: Vec<Edit>,
    ) -> Result<Rewrite, Declined> {
        let title = format!("defer {release}");
        if let (Some(test), false) = (self.test_param(), self.flow.released()) {
            edits.push(place.line.insert(&[
                "defer func() {".to_owned(),
                format!("\tif err := {release}; err != nil {{"),
                format!("\t\t{test}.Error(err)"),
                "\t}".to_owned(),
                "}()".to_owned(),
            ]));
            return Ok((Applicability::Safe, title, edits));
        }
        edits.push(place.line.insert(&[format!("defer {release}")]));
        Ok((Applicability::Unsafe, title, edits))
    }
}

/// The flags of an `os.OpenFile` call ask for writing; those that are not spelled out may.
pub(in super::super) fn asks_for_writing(call: &Expr, text: &str) -> bool {
    let ExprKind::Call(call) = &call.kind else {
        return true;
    };
    let flags = call
        .args
        .get(1)
        .and_then(|flags| text.get(flags.span.range()));
    flags.is_none_or(|flags| {
        !flags
            .split('|')
            .all(|flag| READ_FLAGS.contains(&flag.trim()))
    })
}
