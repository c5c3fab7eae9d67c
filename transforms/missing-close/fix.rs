//! Which rewrite mends the leak, or why none does.

use super::acquire::{Acquisition, Bound};
use super::knowledge::Knowledge;
use super::leak::{Leak, nil_check};
use super::place::{Place, Search};
use super::table::{Disposition, FixKind};
use crate::analyse::cfg::{Cfg, NodeIx, Step};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Fix};
use crate::analyse::ownership::{Flow, Tree, What};
use crate::analyse::transform::Subject;
use crate::index::BodyRef;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::{LocalKind, Object};
use std::collections::BTreeSet;

/// A leak with everything that the decision needs.
pub(super) struct Case<'a, 's> {
    pub(super) subject: &'s Subject<'s>,
    pub(super) text: &'s str,
    pub(super) tree: &'s Tree<'a>,
    pub(super) cfg: &'s Cfg<'a>,
    pub(super) acquisition: &'s Acquisition<'a>,
    pub(super) flow: &'s Flow,
    pub(super) leak: &'s Leak<'a, 's>,
    pub(super) knowledge: &'s Knowledge<'s>,
    /// The ends of the function that are reached with the resource not released.
    pub(super) exits: &'s BTreeSet<NodeIx>,
    /// The context that the resource cancels is used after the function has returned.
    pub(super) context_outlives: bool,
    /// That context is passed to functions of which nothing is known.
    pub(super) context_unknown: bool,
}

/// Edits with their trust.
type Rewrite = (Applicability, String, Vec<Edit>);

impl<'a> Case<'a, '_> {
    /// The rewrite for this leak.
    pub(super) fn fix(&self) -> Result<Fix, Declined> {
        let (applicability, title, edits) = self.rewrite()?;
        let file = self.subject.file;
        Ok(Fix {
            applicability: match self.context_unknown {
                true => Applicability::Unsafe,
                false => applicability,
            },
            title,
            edits: edits.into_iter().map(|edit| (file, edit)).collect(),
            imports: Vec::new(),
        })
    }

    fn rewrite(&self) -> Result<Rewrite, Declined> {
        if self.acquisition.holder == Bound::Dropped {
            return Err(Declined::ResultDropped);
        }
        if self.context_outlives && self.acquisition.holder.local().is_none() {
            return Err(Declined::ContextOutlives);
        }
        if self
            .flow
            .events
            .iter()
            .any(|event| event.what == What::Reassigned)
        {
            return Err(Declined::Reassigned);
        }
        if matches!(
            self.acquisition.resource.fix,
            FixKind::Writer | FixKind::Explicit
        ) {
            return Err(Declined::ReleaseOrder);
        }
        let kept = self.flow.transfers().next().is_some() || self.context_outlives;
        if kept || (self.leak.in_loop() && self.flow.released()) {
            return self.release_on_exits();
        }
        if self.leak.in_loop() {
            return Err(Declined::InLoop);
        }
        match self.is_writable() {
            true => self.defer_writable(),
            false => self.defer(),
        }
    }

    /// The result is not even named and only success is asked for (`if err == nil { t.Error("no error") }`): nobody
    /// expects a resource. Nor is one that holds only memory worth a defer inside such a block.
    pub(super) fn expects_failure(&self) -> bool {
        let blank = matches!(self.acquisition.holder, Bound::Blank(_));
        let memory = self.acquisition.resource.disposition == Disposition::Should;
        (blank || memory) && self.place().is_ok_and(|place| place.in_check)
    }

    /// The place where the resource is certainly there.
    fn place(&self) -> Result<Place, Declined> {
        self.search(|search| search.place())
    }

    fn search<T>(&self, ask: impl FnOnce(&Search<'a, '_>) -> T) -> T {
        let info = &self.subject.body.info;
        let never = |call: &Expr| self.knowledge.never.call(self.subject.types, info, call);
        let guards = |call: &Expr, error| self.knowledge.guards(self.tree, call, error);
        ask(&Search {
            tree: self.tree,
            text: self.text,
            acquisition: self.acquisition,
            flow: self.flow,
            never: &never,
            guards: &guards,
        })
    }

    /// `defer x.Close()`, and hand-written releases right before an end of the function removed.
    fn defer(&self) -> Result<Rewrite, Declined> {
        let place = self.place()?;
        let (name, mut edits) = self.name()?;
        let release = self.release_of(&name);
        edits.push(place.insert(&[format!("defer {release}")]));
        let replaced = self.replaced_releases(place.offset);
        // Only of the standard library is it known that a second release does no harm.
        let twice = replaced.is_none() && !self.is_std();
        edits.extend(replaced.into_iter().flatten());
        let applicability = match twice || self.acquisition.resource.waits {
            true => Applicability::Unsafe,
            false => Applicability::Safe,
        };
        Ok((applicability, format!("defer {release}"), edits))
    }

    /// The first element of a standard library path has no dot (go command, "Import path syntax").
    fn is_std(&self) -> bool {
        let call = self
            .acquisition
            .resource
            .call
            .trim_start_matches(['(', '*']);
        match call.split_once('/') {
            Some((first, _)) => !first.contains('.'),
            None => true,
        }
    }

    /// The variable's name; a `_` gets one.
    fn name(&self) -> Result<(String, Vec<Edit>), Declined> {
        match self.acquisition.holder {
            Bound::Local(_, _, span) => Ok((self.text[span.range()].to_owned(), Vec::new())),
            Bound::Blank(span) if self.acquisition.defines => {
                let name = self.free_name(span).ok_or(Declined::ResultDropped)?;
                let edit = Edit {
                    span,
                    text: name.to_owned(),
                };
                Ok((name.to_owned(), vec![edit]))
            }
            Bound::Blank(_) | Bound::Dropped | Bound::Elsewhere => Err(Declined::ResultDropped),
        }
    }

    /// A usual name for the family that means nothing yet, here or anywhere in the body.
    fn free_name(&self, at: Span) -> Option<&'static str> {
        let usual: &[&str] = match self.acquisition.resource.family.as_str() {
            "cancel" => &["cancel", "cancelFunc"],
            "iterator" => &["stop", "stopNext"],
            "file" => &["f", "file"],
            "body" => &["resp", "response"],
            "rows" => &["rows", "resultRows"],
            "connection" => &["conn", "connection"],
            "listener" => &["ln", "listener"],
            _ => &["res", "resource"],
        };
        let body = &self.subject.body;
        let free = |name: &&&str| {
            let wanted = Name::from(name);
            let local = body.info.locals.iter().any(|local| local.name == wanted);
            !local && self.subject.types.name_at(body, at.start, wanted).is_none()
        };
        usual.iter().find(free).copied()
    }

    fn release_of(&self, name: &str) -> String {
        let resource = &self.acquisition.resource;
        let field = resource
            .release
            .accessor
            .map_or(String::new(), |field| format!(".{field}"));
        match resource.release.methods.first() {
            Some(method) => format!("{name}{field}.{method}()"),
            None if resource.nil_argument => format!("{name}(nil)"),
            None => format!("{name}()"),
        }
    }

    /// `x.Close()` right before each end of the function that leaks, when other paths keep it.
    fn release_on_exits(&self) -> Result<Rewrite, Declined> {
        let place = self.place()?;
        let (name, mut edits) = self.name()?;
        if !edits.is_empty() || self.exits.is_empty() {
            return Err(Declined::KeptElsewhere);
        }
        let release = self.release_of(&name);
        for &exit in self.exits {
            let Step::Stmt(stmt) = self.cfg.node(exit).step else {
                return Err(Declined::KeptElsewhere);
            };
            let certain = place.offset <= stmt.span.start
                && stmt.span.end <= place.until
                && self.leak.dominated(exit);
            let used = self
                .flow
                .events
                .iter()
                .any(|event| stmt.span.contains(event.own));
            let in_list = self
                .tree
                .place_of(stmt)
                .is_some_and(|place| place.list.is_some());
            if !certain || used || !in_list {
                return Err(Declined::KeptElsewhere);
            }
            if self.is_writable() && !self.is_error_exit(stmt) {
                return Err(Declined::CloseError);
            }
            let indent = self
                .search(|search| search.indent(stmt.span.start))
                .ok_or(Declined::Layout)?;
            let at = Span {
                start: stmt.span.start,
                end: stmt.span.start,
            };
            edits.push(Edit {
                span: at,
                text: format!("{release}{}{indent}", place.newline),
            });
        }
        Ok((
            Applicability::Safe,
            format!("call {release} before each return that leaks it"),
            edits,
        ))
    }

    /// Opened for writing: the error of its Close counts.
    fn is_writable(&self) -> bool {
        match self.acquisition.resource.fix {
            FixKind::Writable => true,
            FixKind::WritableFlag => match &self.acquisition.call.kind {
                // Flags that are not spelled out here may ask for writing.
                ExprKind::Call(call) => call.args.get(1).is_none_or(|flags| {
                    let flags = &self.text[flags.span.range()];
                    !flags
                        .split('|')
                        .all(|flag| READ_FLAGS.contains(&flag.trim()))
                }),
                _ => true,
            },
            _ => false,
        }
    }

    /// A written file: its Close error goes into the function's error result.
    fn defer_writable(&self) -> Result<Rewrite, Declined> {
        let place = self.place()?;
        let (name, mut edits) = self.name()?;
        let release = self.release_of(&name);
        let exits: Vec<&Stmt> = self
            .exits
            .iter()
            .filter_map(|&exit| self.exit_stmt(exit))
            .collect();
        let returns_all = exits.len() == self.exits.len();
        if self.flow.released() {
            // The author closes it by hand where it counts; only the error paths lack it.
            if returns_all && exits.iter().all(|exit| self.is_error_exit(exit)) {
                edits.push(place.insert(&[format!("defer {release}")]));
                return Ok((Applicability::Safe, format!("defer {release}"), edits));
            }
            return Err(Declined::CloseError);
        }
        if let Some(result) = self.error_result(place.offset) {
            edits.push(place.insert(&[
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
        edits.push(place.insert(&[format!("defer {release}")]));
        Ok((
            Applicability::Safe,
            format!("defer {release} and return its error"),
            edits,
        ))
    }

    fn exit_stmt(&self, exit: NodeIx) -> Option<&'a Stmt> {
        match self.cfg.node(exit).step {
            Step::Stmt(stmt) => Some(stmt),
            _ => None,
        }
    }

    /// A `return` of an error that is certainly not nil: inside `if err != nil`, or made on the spot.
    fn is_error_exit(&self, stmt: &Stmt) -> bool {
        let StmtKind::Return(values) = &stmt.kind else {
            return false;
        };
        let Some(last) = values.last().map(Expr::unparen) else {
            return false;
        };
        match &last.kind {
            ExprKind::Call(_) => {
                let callee = self
                    .tree
                    .callee(last)
                    .and_then(|callee| self.subject.types.callee_name(callee));
                callee.is_some_and(|name| MAKES_ERROR.contains(&name.as_str()))
            }
            ExprKind::Ident(_) => self
                .tree
                .local_of(last)
                .is_some_and(|local| self.under_check(stmt, local)),
            _ => false,
        }
    }

    /// The statement stands in the body of `if local != nil`.
    fn under_check(&self, stmt: &Stmt, local: crate::types::LocalId) -> bool {
        let mut at = stmt;
        while let Some(outer) = self.tree.place_of(at).and_then(|place| place.outer) {
            if let StmtKind::If(it) = &outer.kind
                && it.then.span.contains(at.span)
                && nil_check(self.tree, &it.cond) == Some((local, false))
            {
                return true;
            }
            at = outer;
        }
        false
    }

    fn signature(&self) -> Option<Results> {
        let func = self.tree.func(self.acquisition.func);
        let results = |signature: &Signature| {
            let last = signature.results.last()?;
            let is_error =
                matches!(&last.ty.kind, ExprKind::Ident(name) if name.as_str() == "error");
            Some(Results {
                sole: signature.results.len() == 1 && last.names.len() <= 1,
                error_named: last.names.last().map(|name| (name.name, name.span)),
                is_error,
            })
        };
        match (func.lit.map(|lit| &lit.kind), self.subject.body_ref) {
            (Some(ExprKind::FuncLit(lit)), _) => results(&lit.signature),
            (None, BodyRef::Func(func)) => {
                let package = self.subject.world.package(func.package)?;
                results(&package.funcs.get(func.index as usize)?.decl.signature)
            }
            _ => None,
        }
    }

    fn returns_error_only(&self) -> bool {
        self.signature()
            .is_some_and(|results| results.sole && results.is_error)
    }

    /// The named error result, when its name means it at `offset`.
    fn error_result(&self, offset: u32) -> Option<Name> {
        let results = self.signature().filter(|results| results.is_error)?;
        let (name, span) = results.error_named?;
        let Some(Object::Local(local)) =
            self.subject.types.name_at(&self.subject.body, offset, name)
        else {
            return None;
        };
        let local = &self.subject.body.info.locals[local.0 as usize];
        (name.as_str() != "_" && local.kind == LocalKind::Result && local.decl == span)
            .then_some(name)
    }

    /// Edits that remove each hand-written release, when all of them stand right before an end of the function,
    /// where the `defer` runs at the same moment, or are a `defer` that comes too late. None when one has to stay.
    fn replaced_releases(&self, place: u32) -> Option<Vec<Edit>> {
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

/// What a function returns, as far as writers care.
struct Results {
    sole: bool,
    error_named: Option<(Name, Span)>,
    is_error: bool,
}

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

/// Calls whose result is an error that is not nil (package errors and fmt).
const MAKES_ERROR: &[&str] = &["errors.New", "fmt.Errorf"];

fn is_nil(expr: &Expr) -> bool {
    matches!(&expr.unparen().kind, ExprKind::Ident(name) if name.as_str() == "nil")
}

/// Evaluated in no time and without looking at a resource: the release may come after it.
fn is_plain(expr: &Expr) -> bool {
    matches!(
        expr.unparen().kind,
        ExprKind::Ident(_) | ExprKind::Literal(_)
    )
}
