//! `defer-in-loop`: a release that is deferred in a loop runs when the function ends, not when the iteration does.
//!
//! One loop at a time: [`turn`] reads the loop and what is deferred in its body, [`outlive`] asks whether a resource is
//! needed after the iteration that acquired it, [`exits`] lists the ways out of the iteration, [`fix`] releases
//! before each, or has [`wrap`] put the iteration into a function literal.

mod exits;
mod fix;
mod outlive;
mod turn;
mod wrap;

use crate::analyse::cfg::Cfg;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Finding, Location, Severity, Verdict};
use crate::analyse::layout;
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::ownership::Tree;
use crate::analyse::transform::{Extent, Setup, Subject, Transform, no_table};
use crate::syntax::ast::{Span, StmtKind};
use crate::syntax::visit::{Node, walk_block};
use outlive::Life;
use turn::Turn;

/// The transform.
pub(super) const DEFER_IN_LOOP: Transform = Transform {
    id: "defer-in-loop",
    summary: "a deferred release in a loop: it runs when the function ends, once for every iteration at once",
    readme: include_str!("README.md"),
    candidates,
    extent: Extent::File,
    literals: &["defer "],
    decide,
    configure: no_table,
    survey: None,
};

/// Loops with a `defer` in their own body.
fn candidates(node: Node<'_>, _: &str, _: &Setup, offer: &mut dyn FnMut(Span)) {
    let Node::Stmt(stmt) = node else { return };
    let body = match &stmt.kind {
        StmtKind::For(it) => &it.body,
        StmtKind::Range(it) => &it.body,
        _ => return,
    };
    if !turn::defers_of(body).is_empty() {
        offer(stmt.span);
    }
}

fn decide(subject: &Subject<'_>, candidate: Span) -> Option<Finding> {
    let mut found = None;
    walk_block(&subject.body.body.block, &mut |node| {
        if let Node::Stmt(stmt) = node
            && stmt.span == candidate
            && matches!(stmt.kind, StmtKind::For(_) | StmtKind::Range(_))
        {
            found = Some(stmt);
        }
        found.is_none()
    });
    let text = subject.world.text(subject.file);
    let tree = Tree::new(&subject.body);
    let mut turn = Turn::new(subject, &tree, &text, found?)?;
    if turn.is_short() {
        return None;
    }
    let never = NeverReturns::new();
    let info = &subject.body.info;
    let cfg = Cfg::new(tree.func(turn.func).block, &|call| {
        never.call(subject.types, info, call)
    });
    if cfg.broken() || !turn.comes_round(&cfg) {
        return None;
    }
    let endless = cfg.ways_out(turn.stmt.span).is_empty();
    let mut applicability = Applicability::Safe;
    if !endless {
        turn.keep_passive()?;
    } else if turn.releases.iter().any(|release| !release.passive) {
        applicability = Applicability::Unsafe;
    }
    let mut outlives = false;
    for release in &turn.releases {
        match outlive::life(&turn, release, &never)? {
            Life::Iteration => {}
            Life::PassedOn => applicability = Applicability::Unsafe,
            // Held until the function returns because it is needed until then.
            Life::Longer if !endless => return None,
            Life::Longer => outlives = true,
            Life::ReleasedByHand => return None,
        }
    }
    let fix = match outlives {
        true => Err(Declined::OutlivesIteration),
        false => fix::fix(&turn, &cfg, applicability),
    };
    Some(finding(&turn, endless, fix))
}

fn finding(
    turn: &Turn<'_, '_>,
    endless: bool,
    fix: Result<crate::analyse::finding::Fix, Declined>,
) -> Finding {
    let file = turn.subject.file;
    let place = |span: Span| Location { file, span };
    let first = &turn.releases[0];
    let (line, column) = layout::position(turn.text, turn.stmt.span.start as usize);
    let when = match endless {
        true => "which never ends: it never runs",
        false => "and runs only when the function returns, once for every iteration",
    };
    let mut related = vec![(place(turn.stmt.span), "this is the loop".to_owned())];
    for other in &turn.releases[1..] {
        let text = format!("{} is deferred in it too", other.text);
        related.push((place(other.stmt.span), text));
    }
    Finding {
        rule: DEFER_IN_LOOP.id,
        at: place(first.stmt.span),
        message: format!(
            "{} is deferred in the loop at {line}:{column}, {when}",
            first.text
        ),
        severity: match endless || !turn.is_test() {
            true => Severity::Warning,
            false => Severity::Info,
        },
        related,
        verdict: match fix {
            Ok(fix) => Verdict::Fix(fix),
            Err(reason) => Verdict::Declined(reason),
        },
    }
}
