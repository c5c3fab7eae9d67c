//! Files opened for writing: the error of their Close must not be lost.

use super::super::table::FixKind;
use super::returns::is_nil;
use super::{Case, Rewrite};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit};
use crate::syntax::ast::*;

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

impl Case<'_, '_> {
    /// Opened for writing: the error of its Close counts.
    pub(super) fn is_writable(&self) -> bool {
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
        let exits: Vec<&Stmt> = self
            .leak
            .exits
            .iter()
            .filter_map(|&exit| self.exit_stmt(exit))
            .collect();
        let returns_all = exits.len() == self.leak.exits.len();
        if self.flow.released() {
            // The author closes it by hand where it counts; only the error paths lack it.
            if returns_all && exits.iter().all(|exit| self.is_error_exit(exit)) {
                edits.push(place.line.insert(&[format!("defer {release}")]));
                return Ok((Applicability::Safe, format!("defer {release}"), edits));
            }
            return Err(Declined::CloseError);
        }
        if let Some(result) = self.error_result(place.line.offset) {
            edits.push(place.line.insert(&[
                "defer func() {".to_owned(),
                format!("\tif closeErr := {release}; closeErr != nil && {result} == nil {{"),
                format!("\t\t{result} = closeErr"),
                "\t}".to_owned(),
                "}()".to_owned(),
            ]));
            return Ok((
                Applicability::Safe,
                format!("defer {release} and return its error"),
                edits,
            ));
        }
        if !returns_all {
            return Err(Declined::CloseError);
        }
        let mut checked = false;
        for exit in exits {
            if self.is_error_exit(exit) {
                continue;
            }
            let StmtKind::Return(values) = &exit.kind else {
                return Err(Declined::CloseError);
            };
            match values.as_slice() {
                // The sole result is nil: an error, as nothing else is returned from a function that checks one.
                [value] if is_nil(value) && self.returns_error_only() => {
                    edits.push(Edit {
                        span: value.span,
                        text: release.clone(),
                    });
                    checked = true;
                }
                _ => return Err(Declined::CloseError),
            }
        }
        if !checked {
            return Err(Declined::CloseError);
        }
        edits.push(place.line.insert(&[format!("defer {release}")]));
        Ok((
            Applicability::Safe,
            format!("defer {release} and return its error"),
            edits,
        ))
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
