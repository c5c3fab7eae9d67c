//! `missing-close`: something that must be released is not, on some path to the function's end.
//!
//! One acquisition at a time: [`acquire`] reads the statement, [`crate::analyse::ownership`] follows the variable,
//! [`leak`] finds the paths, [`fix`] decides on the rewrite and [`place`] on the line. What is a resource and what
//! callees do with it is data in [`table`].

mod acquire;
mod called;
mod context;
mod fix;
mod fresh;
mod knowledge;
mod leak;
mod place;
mod prefilter;
mod report;
mod survey;
mod table;
mod user;

use crate::analyse::cfg::Cfg;
use crate::analyse::finding::{Finding, Verdict};
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::ownership::{Effects, Flow, Release, Start, Tree, follow};
use crate::analyse::transform::{Extent, Setup, Subject, Transform};
use crate::syntax::ast::{Call, Decl, Expr, ExprKind, Span, StmtKind};
use crate::syntax::visit::Node;
use crate::types::Checker;
use acquire::{Acquisition, Bound};
use called::{Of, Written};
use context::Context;
use fix::Case;
use fresh::Suppliers;
use knowledge::Knowledge;
use leak::Leak;
use std::sync::OnceLock;
use table::{Disposition, FixKind, Resource, Tables};

/// The transform.
pub(super) const MISSING_CLOSE: Transform = Transform {
    id: "missing-close",
    summary: "a file, body, rows, connection, … that some path to the function's end does not release",
    readme: include_str!("README.md"),
    candidates,
    extent: Extent::File,
    literals: &[],
    decide,
    configure: user::configure,
    survey: Some(survey::names),
};

/// Since this Go version tickers and timers that nothing refers to are collected (release notes of Go 1.23).
const TIMERS_COLLECTED: (u32, u32) = (1, 23);

/// What the shipped tables and the module's own bodies say, for transforms that ask about the same resources.
pub(super) struct Known;

impl Known {
    fn tables() -> Option<&'static Tables> {
        static TABLES: OnceLock<Option<Tables>> = OnceLock::new();
        // The shipped tables are part of the program: a test loads them.
        TABLES.get_or_init(|| Tables::shipped().ok()).as_ref()
    }

    /// Asks about callees with one kind of release in mind.
    pub(super) fn with_callees<R>(
        types: &Checker<'_>,
        release: &Release,
        never: &NeverReturns,
        ask: &dyn Fn(&dyn Effects) -> R,
    ) -> Option<R> {
        let tables = Known::tables()?;
        Some(ask(&Knowledge::new(types, tables, release, never)))
    }

    /// The kind of resource that a call of `callee` hands out: `file`, `body`, `rows`, …
    pub(super) fn family(callee: &str) -> Option<&'static str> {
        let resource = Known::tables()?.resources(callee).first()?;
        Some(resource.family.as_str())
    }
}

/// Calls whose results are bound to names, or dropped, with a name that the tables have.
fn candidates(node: Node<'_>, text: &str, setup: &Setup, offer: &mut dyn FnMut(Span)) {
    let Node::Stmt(stmt) = node else { return };
    let Some(tables) = setup.get::<Tables>() else {
        return;
    };
    let mut call = |x: &Expr| {
        if let ExprKind::Call(call) = &x.kind
            && let Some(written) = written(call, text)
            && written.may_acquire(tables, setup)
        {
            offer(x.span);
        }
    };
    match &stmt.kind {
        StmtKind::Expr(x) => call(x),
        StmtKind::Assign(assign) => assign.rhs.iter().for_each(call),
        StmtKind::Decl(decls) => {
            let specs = decls.iter().filter_map(|decl| match decl {
                Decl::Var(spec) => Some(spec),
                _ => None,
            });
            specs.flat_map(|spec| &spec.values).for_each(call);
        }
        _ => {}
    }
}

fn decide(subject: &Subject<'_>, candidate: Span) -> Option<Finding> {
    let tables = subject.setup.get::<Tables>()?;
    let text = subject.world.text(subject.file);
    let tree = Tree::new(&subject.body);
    let call = tree.call_at(candidate)?;
    let never = NeverReturns::new();
    let resources = Suppliers::new(subject.types, tables, &never).of_call(&tree, call);
    let mut reported = resources
        .iter()
        .filter(|resource| is_reported(subject, resource));
    reported.find_map(|resource| examine(subject, tables, &text, &tree, call, resource))
}

fn written<'t>(call: &Call, text: &'t str) -> Option<Written<'t>> {
    let mut fun = call.fun.unparen();
    while let ExprKind::Index(generic, _) = &fun.kind {
        fun = generic.unparen();
    }
    let (of, name) = match &fun.kind {
        ExprKind::Ident(_) => (Of::Nothing, fun.span),
        ExprKind::Selector(x, member) => match &x.kind {
            ExprKind::Ident(_) => (Of::Name(text.get(x.span.range())?), member.span),
            _ => (Of::Value, member.span),
        },
        _ => return None,
    };
    // `f(g())` passes on as many values as g returns (Go spec "Calls").
    let passed_on =
        matches!(&*call.args, [only] if matches!(only.unparen().kind, ExprKind::Call(_)));
    Some(Written {
        text,
        of,
        name: text.get(name.range())?,
        arguments: (!passed_on).then_some(call.args.len()),
    })
}

fn is_reported(subject: &Subject<'_>, resource: &Resource) -> bool {
    resource.is_reported() && (resource.family != "timer" || !timers_collected(subject))
}

/// An unknown version counts as a new one: nothing is reported that may not leak.
fn timers_collected(subject: &Subject<'_>) -> bool {
    let package = subject.world.package_of(subject.file);
    let version = package.and_then(|package| subject.world.go_version(package));
    version.is_none_or(|version| version >= TIMERS_COLLECTED)
}

fn examine(
    subject: &Subject<'_>,
    tables: &Tables,
    text: &str,
    tree: &Tree<'_>,
    call: &Expr,
    resource: &Resource,
) -> Option<Finding> {
    let call = tree.expr_of(call.id)?;
    let acquisition = Acquisition::new(tree, call, resource)?;
    let never = NeverReturns::new();
    let info = &subject.body.info;
    let cfg = Cfg::new(tree.func(acquisition.func).block, &|call| {
        never.call(subject.types, info, call)
    });
    if cfg.broken() {
        return None;
    }
    let knowledge = Knowledge::new(subject.types, tables, &resource.release, &never);
    let flow = match acquisition.holder {
        Bound::Local(local, id, _) => follow(
            tree,
            subject.types,
            &knowledge,
            &resource.release,
            Start {
                owner: acquisition.func,
                local,
                acquired: Some(id),
                derived: false,
            },
        ),
        Bound::Blank(_) | Bound::Dropped => Flow::default(),
        Bound::Elsewhere => return None,
    };
    let context = match resource.family.as_str() {
        "cancel" | "iterator" => Context::new(tree, subject, &knowledge, &acquisition)?,
        _ => Context::default(),
    };
    let outlives = context.outlives && acquisition.holder.local().is_some();
    let leak = Leak::new(
        tree,
        &knowledge,
        &cfg,
        &acquisition,
        &flow,
        outlives.then_some(&context.flow),
    )?;
    if leak.ended_before(&flow) || is_flush_elsewhere(resource, &leak.flow) {
        return None;
    }
    if leak.is_none() && !leak.only_drained() {
        return None;
    }
    let case = Case {
        subject,
        text,
        tree,
        cfg: &cfg,
        acquisition: &acquisition,
        flow: &leak.flow,
        leak: &leak,
        knowledge: &knowledge,
        context: &context,
    };
    if case.expects_failure() {
        return None;
    }
    let finding = report::finding(&case);
    let drained = leak.is_none() && matches!(finding.verdict, Verdict::Declined(_));
    (!drained).then_some(finding)
}

/// Writers are closed where the data is complete, and what holds only memory where its author likes: only one that
/// is never closed is reported, an early return after an error needs no Close.
fn is_flush_elsewhere(resource: &Resource, flow: &Flow) -> bool {
    let by_hand = matches!(
        resource.fix,
        FixKind::Writer | FixKind::Explicit | FixKind::Report
    );
    let memory = resource.disposition == Disposition::Should;
    (by_hand || memory) && flow.ends().next().is_some()
}
