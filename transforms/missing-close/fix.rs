//! Which rewrite mends the leak, or why none does.

mod checked;
mod deferred;
mod dropped;
mod exits;
mod goroutine;
mod guarded;
mod last_use;
mod later;
mod naming;
mod overwritten;
mod returns;
mod writable;

use super::acquire::{Acquisition, Bound};
use super::knowledge::Knowledge;
use super::leak::{Leak, nil_check};
use super::place::{Place, Search};
use super::table::{Disposition, FixKind};
use crate::analyse::cfg::{Cfg, Step};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Fix};
use crate::analyse::ownership::{Event, Flow, Parent, Tree, What};
use crate::analyse::transform::Subject;
use crate::syntax::ast::*;
use crate::types::{Answer, Lookup, TypeId, TypeView};

pub(super) use returns::{MAKES_ERROR, under_any_check, under_check};
pub(super) use writable::asks_for_writing;

/// What assertion packages call it that there is an error, whichever package it is. (`Error` alone is also what
/// package testing reports with.)
const ASSERTS_ERROR: &[&str] = &[
    "EqError",
    "EqualError",
    "ErrorAs",
    "ErrorContains",
    "ErrorIs",
    "ErrorMatches",
    "ErrorType",
    "NotNil",
];

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
    /// The context that the resource cancels.
    pub(super) context: &'s super::context::Context,
}

/// Edits with their trust.
type Rewrite = (Applicability, String, Vec<Edit>);

impl<'a> Case<'a, '_> {
    /// The rewrite for this leak.
    pub(super) fn fix(&self) -> Result<Fix, Declined> {
        let (applicability, title, edits) = self.rewrite()?;
        let file = self.subject.file;
        Ok(Fix {
            applicability: match self.context.unknown {
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
            return self.release_at_once();
        }
        if self.acquisition.resource.fix == FixKind::Report {
            return Err(Declined::ByHand);
        }
        if !self.release_is_written_so() {
            return Err(Declined::Unknown);
        }
        if self.acquisition.resource.context && self.release_context().is_none() {
            return Err(Declined::ReleaseContext);
        }
        if self.context.outlives && self.acquisition.holder.local().is_none() {
            return Err(Declined::ContextOutlives);
        }
        let events = &self.flow.events;
        if events
            .iter()
            .any(|event| event.what == What::AliasReassigned)
        {
            return Err(Declined::Reassigned);
        }
        if self.serves_in_test() {
            return Err(Declined::PeerInTest);
        }
        if !self.flow.goroutines.is_empty() {
            return self.release_in_goroutine();
        }
        if self.acquisition.resource.may_be_nil && !self.releases_nil() {
            return Err(Declined::ErrorGoesOn);
        }
        let in_order = matches!(
            self.acquisition.resource.fix,
            FixKind::Writer | FixKind::Explicit
        );
        let reassigned = events.iter().any(|event| event.what == What::Reassigned);
        let kept = self.flow.transfers().next().is_some() || self.context.outlives;
        if kept {
            return match in_order {
                true => Err(Declined::KeptElsewhere),
                false => self.release_what_is_not_kept(),
            };
        }
        if self.is_one_of_several() && (reassigned || self.leak.in_loop()) {
            return Err(match reassigned {
                true => Declined::Reassigned,
                false => Declined::InLoop,
            });
        }
        if in_order && !self.is_one_of_several() {
            return self.release_after_last_use(Declined::ReleaseOrder);
        }
        if !self.stays_in_turn() || (reassigned && self.leak.in_loop()) {
            return self.release_before_overwriting();
        }
        if reassigned {
            let before = self.release_before_overwriting();
            return before.or_else(|_| self.defer_this_value());
        }
        if self.leak.in_loop() {
            return self.release_after_last_use(Declined::InLoop);
        }
        match self.is_writable() {
            true => self.defer_writable(),
            false => self.defer(),
        }
    }

    /// The call hands out more than this (the two ends of a pipe, a terminal and its other side): closing one is seen
    /// at the other, which may be in use up to the end.
    fn is_one_of_several(&self) -> bool {
        let resource = &self.acquisition.resource;
        let call = self.tree.type_of(self.acquisition.call);
        let results = match call.map(|ty| self.subject.types.view(ty)) {
            // The context of a span or a task is no second end of it.
            Some(TypeView::Tuple(results)) => {
                let other = |ty: &&TypeId| self.subject.types.display(**ty) != "context.Context";
                results.iter().filter(other).count()
            }
            _ => self.acquisition.results.len().max(1),
        };
        let errors = usize::from(matches!(resource.error, super::table::ErrorResult::At(_)));
        let pair = matches!(resource.family.as_str(), "cancel" | "iterator");
        !pair && results > 1 + errors
    }

    /// A test's goroutine accepts a connection: its end is not the test's, and the other side sees the connection end.
    fn serves_in_test(&self) -> bool {
        let called = self.called_by_name(self.acquisition.call);
        let func = self.tree.func(self.acquisition.func);
        let started = func.lit.is_some_and(|lit| {
            let call = match self.tree.parent(lit) {
                Some(Parent::Expr(call)) => call,
                _ => return false,
            };
            matches!(self.tree.parent(call), Some(Parent::Stmt(stmt)) if matches!(stmt.kind, StmtKind::Go(_)))
        });
        let path = self.subject.world.path(self.subject.file);
        let test = path.to_string_lossy().ends_with("_test.go");
        started && test && called.starts_with("Accept") && !self.leak.in_loop()
    }

    /// Each turn of the loop around the acquisition has a variable of its own.
    fn stays_in_turn(&self) -> bool {
        !self.leak.in_loop() || self.acquisition.declares_holder(self.tree)
    }

    /// What the table says of the release's parameters agrees with the type, as far as that is known.
    fn release_is_written_so(&self) -> bool {
        let resource = &self.acquisition.resource;
        let types = self.subject.types;
        let package = self.subject.world.package_of(self.subject.file);
        let (Some(&method), Some(package)) = (resource.release.methods.first(), package) else {
            return true;
        };
        let result = self
            .tree
            .type_of(self.acquisition.call)
            .map(|ty| (ty, types.view(ty)));
        let held = match result {
            Some((_, TypeView::Tuple(results))) => results.get(resource.result).copied(),
            Some((ty, _)) => Some(ty),
            None => None,
        };
        let held = match (held, resource.release.accessor) {
            (Some(held), Some(field)) => match types.lookup(held, field, package) {
                Lookup::Field(ty) => Some(ty),
                _ => None,
            },
            (held, _) => held,
        };
        let signature = match held.map(|held| types.lookup(held, method, package)) {
            Some(Lookup::Method(_, signature) | Lookup::Interface(_, signature)) => signature,
            Some(Lookup::No) => return false,
            _ => return true,
        };
        match types.view(signature) {
            TypeView::Func(params, variadic, _) => {
                params.len() - usize::from(variadic) == usize::from(resource.context)
            }
            _ => true,
        }
    }

    /// The result is not even named and only success is asked for (`if err == nil { t.Error("no error") }`): nobody
    /// expects a resource. Nor is one that holds only memory worth a defer inside such a block.
    pub(super) fn expects_failure(&self) -> bool {
        let blank = matches!(self.acquisition.holder, Bound::Blank(_));
        let memory = self.acquisition.resource.disposition == Disposition::Should;
        (blank || memory) && self.place().is_ok_and(|place| place.in_check)
            || blank && self.failure_asserted()
    }

    /// The first that looks at the error says that there is one: `assert.Error(t, err)`, `if err != ErrClosed`.
    fn failure_asserted(&self) -> bool {
        let looks = || {
            let error = self.acquisition.error?.local()?;
            let place = self.tree.place_of(self.acquisition.stmt)?;
            let uses = self.tree.uses(error).iter();
            let first = match place.list {
                None => place.outer?,
                Some((block, ix)) => block.stmts[ix + 1..]
                    .iter()
                    .find(|stmt| uses.clone().any(|x| stmt.span.contains(x.span)))?,
            };
            Some((first, error))
        };
        looks().is_some_and(|(first, error)| match &first.kind {
            StmtKind::Expr(call) => {
                self.knowledge.asserts_error(self.tree, call, error)
                    || ASSERTS_ERROR.contains(&self.called_by_name(call))
                    || self.asserts_kind(call)
            }
            StmtKind::If(it) => {
                let mut uses = self.tree.uses(error).iter();
                uses.any(|x| it.cond.span.contains(x.span))
                    && nil_check(self.tree, &it.cond) != Some((error, false))
            }
            _ => false,
        })
    }

    /// `requireTrue(t, errors.Is(err, ErrDenied))`, by the name of the call, whichever package it is.
    fn asserts_kind(&self, call: &Expr) -> bool {
        let ExprKind::Call(it) = &call.kind else {
            return false;
        };
        self.called_by_name(call).ends_with("True")
            && it.args.iter().any(|arg| self.leak.asks_kind(arg))
    }

    /// `EqError` of `must.EqError(t, err, "…")`.
    fn called_by_name(&self, call: &Expr) -> &str {
        let ExprKind::Call(it) = &call.kind else {
            return "";
        };
        match &it.fun.kind {
            ExprKind::Selector(_, name) => &self.text[name.span.range()],
            ExprKind::Ident(_) => &self.text[it.fun.span.range()],
            _ => "",
        }
    }

    /// The place where the resource is certainly there.
    fn place(&self) -> Result<Place<'a>, Declined> {
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

    /// The file's line break.
    fn newline(&self) -> &'static str {
        match self.text.contains("\r\n") {
            true => "\r\n",
            false => "\n",
        }
    }

    /// Whether a statement uses the resource in a way that must come before its release.
    fn uses_in(&self, span: Span) -> bool {
        self.uses().any(|event| span.contains(event.own))
    }

    /// Something deferred uses it when the function ends, when a release in the middle would have been.
    fn used_by_defer(&self) -> bool {
        self.uses().any(|event| {
            let node = self.cfg.node_at(event.own);
            let step = node.map(|node| self.cfg.node(node).step);
            event.what == What::Use
                && matches!(step, Some(Step::Stmt(stmt)) if matches!(stmt.kind, StmtKind::Defer(_)))
        })
    }

    /// Uses that must come before the release, those of the context included.
    fn uses(&self) -> impl Iterator<Item = &Event> {
        let events = self.flow.events.iter().chain(&self.context.flow.events);
        events.filter(|event| !matches!(event.what, What::Look | What::Reassigned))
    }

    /// A second release does no harm: known of the standard library, and where a row says so.
    fn may_release_twice(&self) -> bool {
        self.acquisition.resource.std || self.acquisition.resource.twice
    }

    /// The context for a release that takes one: the first argument of the acquiring call, when it means the same
    /// wherever the release may come.
    fn release_context(&self) -> Option<&str> {
        let ExprKind::Call(call) = &self.acquisition.call.kind else {
            return None;
        };
        let context = call.args.first()?;
        if self.subject.types.is_context(self.tree.type_of(context)?) != Answer::Yes {
            return None;
        }
        let text = self.text.get(context.span.range())?;
        if matches!(text, "context.Background()" | "context.TODO()") {
            return Some(text);
        }
        let local = self.tree.local_of(context)?;
        let locals = &self.tree.info.locals;
        let name = locals[local.0 as usize].name;
        let alone = locals.iter().filter(|other| other.name == name).count() == 1;
        let assigned = |at: &&&Expr| self.tree.is_assigned(at);
        let declared = locals[local.0 as usize].decl;
        let mut assignments = self.tree.uses(local).iter().filter(assigned);
        (alone && assignments.all(|at| at.span == declared)).then_some(text)
    }

    fn release_of(&self, name: &str) -> String {
        let resource = &self.acquisition.resource;
        let field = resource
            .release
            .accessor
            .map_or(String::new(), |field| format!(".{field}"));
        match resource.release.methods.first() {
            Some(method) if resource.context => {
                let context = self.release_context().unwrap_or_default();
                format!("{name}{field}.{method}({context})")
            }
            Some(method) => format!("{name}{field}.{method}()"),
            None if resource.nil_argument => format!("{name}(nil)"),
            None => format!("{name}()"),
        }
    }
}
