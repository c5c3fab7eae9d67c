//! A release that asks first whether there is something to release: where the error is ignored, where its check
//! goes on, and where the check also asks something else.

use super::super::acquire::Bound;
use super::super::leak::nil_check;
use super::{Case, Rewrite};
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::syntax::ast::*;
use crate::types::TypeView;

/// Types whose Close returns an error when it is called on nil (package os, File.Close: `if f == nil { return
/// ErrInvalid }`).
const RELEASES_NIL: &[&str] = &["*os.File"];

impl<'a> Case<'a, '_> {
    /// `if err == nil { defer x.Close() }` right after the call, for want of a place where success is certain.
    pub(super) fn defer_guarded(&self, why: Declined) -> Result<Rewrite, Declined> {
        let place = self.tree.place_of(self.acquisition.stmt).ok_or(why)?;
        let (block, ix) = place.list.ok_or(why)?;
        let (name, mut edits) = self.name()?;
        let release = self.release_of(&name);
        let guard = match self.acquisition.error {
            Some(Bound::Local(_, _, span)) => Some(format!("{} == nil", &self.text[span.range()])),
            _ if self.releases_nil() => None,
            _ if self.holds_nil_on_failure() => Some(format!("{name} != nil")),
            _ => return Err(why),
        };
        let line = self.search(|search| search.line_between(block, ix))?;
        let deferred = format!("defer {release}");
        edits.push(line.insert(&match guard {
            Some(guard) => vec![
                format!("if {guard} {{"),
                format!("\t{deferred}"),
                "}".to_owned(),
            ],
            None => vec![deferred.clone()],
        }));
        let twice = self.flow.released() && !self.may_release_twice();
        Ok((self.trust(twice), deferred, edits))
    }

    /// `if err != nil || resp.StatusCode != 200 { return e }` becomes two checks with the `defer` between them; when
    /// the body is too long to stand there twice, the `defer` is guarded.
    pub(super) fn split_check(&self) -> Result<Rewrite, Declined> {
        let why = Declined::CombinedCheck;
        self.split().map_or_else(|| self.defer_guarded(why), Ok)
    }

    /// `if err != nil { return e } else if …`: what follows the first check becomes a statement of its own.
    fn split_else(&self, check: &Stmt, it: &If) -> Option<Rewrite> {
        let rest = it.els.as_ref()?;
        let leaves = self.search(|search| search.leaves(&it.then));
        let between = Span {
            start: it.then.span.end,
            end: rest.span.start,
        };
        let plain = self.text.get(between.range())?.trim() == "else";
        if !leaves || !plain || !matches!(rest.kind, StmtKind::If(_)) {
            return None;
        }
        let indent = self.search(|search| search.indent(check.span.start))?;
        let newline = self.newline();
        let (name, mut edits) = self.name().ok()?;
        let deferred = format!("defer {}", self.release_of(&name));
        edits.push(Edit {
            span: between,
            text: format!("{newline}{indent}{deferred}{newline}{indent}"),
        });
        let replaced = self.replaced_releases(check.span.start);
        let twice = replaced.is_none() && !self.may_release_twice();
        edits.extend(replaced.into_iter().flatten());
        Some((self.trust(twice), deferred, edits))
    }

    fn split(&self) -> Option<Rewrite> {
        let error = self.acquisition.error?.local()?;
        let (block, ix) = self.tree.place_of(self.acquisition.stmt)?.list?;
        let check = block.stmts.get(ix + 1)?;
        let StmtKind::If(it) = &check.kind else {
            return None;
        };
        if it.init.is_none() && nil_check(self.tree, &it.cond) == Some((error, false)) {
            return self.split_else(check, it);
        }
        let first = leftmost(&it.cond)?;
        let leaves =
            matches!(it.then.stmts.as_slice(), [only] if matches!(only.kind, StmtKind::Return(_)));
        let body = self.text.get(it.then.span.range())?;
        let fits = body.lines().count() == 3 && !body.contains("//") && !body.contains("/*");
        if it.init.is_some()
            || it.els.is_some()
            || nil_check(self.tree, first.operand) != Some((error, false))
            || !leaves
            || !fits
        {
            return None;
        }
        let indent = self.search(|search| search.indent(check.span.start))?;
        let newline = self.newline();
        let asked = &self.text[first.operand.span.range()];
        let (name, mut edits) = self.name().ok()?;
        let deferred = format!("defer {}", self.release_of(&name));
        edits.push(Edit {
            span: Span::new(check.span.start as usize, check.span.start as usize),
            text: format!("if {asked} {body}{newline}{indent}{deferred}{newline}{indent}"),
        });
        edits.push(Edit {
            span: Span {
                start: first.operand.span.start,
                end: first.next,
            },
            text: String::new(),
        });
        let replaced = self.replaced_releases(check.span.start);
        let twice = replaced.is_none() && !self.may_release_twice();
        edits.extend(replaced.into_iter().flatten());
        Some((self.trust(twice), deferred, edits))
    }

    /// `if x != nil { x.Close() }`.
    pub(super) fn guarded(&self, name: &str, release: &str) -> Option<Vec<String>> {
        self.holds_nil_on_failure().then(|| {
            vec![
                format!("if {name} != nil {{"),
                format!("\t{release}"),
                "}".to_owned(),
            ]
        })
    }

    /// Releasing nil does no harm.
    pub(super) fn releases_nil(&self) -> bool {
        let local = self.acquisition.holder.local();
        local.is_some_and(|local| {
            let ty = self.tree.info.locals[local.0 as usize].ty;
            RELEASES_NIL.contains(&self.subject.types.display(ty).as_str())
        })
    }

    /// The variable is a pointer or a function, or an interface that the standard library fills: nil when the call
    /// has failed.
    fn holds_nil_on_failure(&self) -> bool {
        let Some(local) = self.acquisition.holder.local() else {
            return false;
        };
        let ty = self.tree.info.locals[local.0 as usize].ty;
        match self.subject.types.view(ty) {
            TypeView::Pointer(_) | TypeView::Func(..) => true,
            TypeView::Named(..) => {
                let under = self.subject.types.underlying(ty);
                match self.subject.types.view(under) {
                    TypeView::Interface => self.may_release_twice(),
                    TypeView::Func(..) => true,
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

/// The first operand of a chain of `||`, and where the next one starts.
struct First<'a> {
    operand: &'a Expr,
    next: u32,
}

fn leftmost(cond: &Expr) -> Option<First<'_>> {
    let ExprKind::Binary(BinaryOp::LogicalOr, left, right) = &cond.kind else {
        return None;
    };
    leftmost(left).or(Some(First {
        operand: left,
        next: right.span.start,
    }))
}
