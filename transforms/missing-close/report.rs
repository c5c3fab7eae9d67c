//! The finding's words: what leaks, on which path, step by step.

use super::fix::Case;
use super::table::{Disposition, FixKind};
use crate::analyse::cfg::{Branch, NodeIx, Step};
use crate::analyse::finding::{Finding, Location, Severity, Verdict};
use crate::analyse::layout;
use crate::index::BodyRef;
use crate::syntax::ast::{ExprKind, Span};
use std::collections::BTreeSet;

/// More steps than this do not help a reader.
const STEPS: usize = 8;

/// A call that is written longer than this is called by its full name.
const WRITTEN: usize = 40;

/// The finding for a leak.
pub(super) fn finding(case: &Case<'_, '_>) -> Finding {
    let resource = &case.acquisition.resource;
    let shortest = |ends: &BTreeSet<NodeIx>| {
        let paths = ends.iter().map(|&end| case.leak.path_to(end));
        // A writer matters where the function succeeds.
        let fails = |path: &Vec<NodeIx>| {
            let exit = path.last().and_then(|&exit| case.exit_stmt(exit));
            let writer = resource.fix == FixKind::Writer;
            writer && exit.is_some_and(|exit| case.is_error_exit(exit))
        };
        paths
            .min_by_key(|path| (fails(path), path.len()))
            .unwrap_or_default()
    };
    let returns = shortest(&case.leak.exits);
    let overwrites = shortest(&case.leak.lost);
    let at = case.acquisition.call.span;
    let called = called(case);
    let at_position = position(case.text, at);
    let what = match (
        resource.release.methods.is_empty(),
        resource.family.as_str(),
    ) {
        (true, "iterator") => format!("the stop function of {called} at {at_position}"),
        (true, _) => format!("the cancel function of {called} at {at_position}"),
        (false, _) => format!("{called} at {at_position}"),
    };
    let done = participle(case);
    let (message, related) = match (returns.last(), overwrites.last()) {
        (None, None) => (
            format!(
                "{what} is {done} by reading it to the end alone: a panic on the way leaves it open"
            ),
            steps(case, &[], ""),
        ),
        (Some(&exit), _) => {
            let end = position(case.text, case.cfg.node(exit).span);
            (
                format!("{what} is not {done} when the function returns at {end}"),
                steps(case, &returns, "the function returns here"),
            )
        }
        (None, Some(&lost)) if lost == case.leak.node => (
            format!("{what} is not {done} before the loop acquires the next"),
            steps(case, &overwrites, "the next is acquired here"),
        ),
        (None, lost) => {
            let at = lost.map_or(at, |&lost| case.cfg.node(lost).span);
            (
                format!(
                    "{what} is not {done} before its variable is assigned again at {}",
                    position(case.text, at)
                ),
                steps(case, &overwrites, "the variable is assigned again here"),
            )
        }
    };
    Finding {
        rule: "missing-close",
        at: Location {
            file: case.subject.file,
            span: at,
        },
        message,
        severity: severity(case),
        related,
        verdict: match case.fix() {
            Ok(fix) => Verdict::Fix(fix),
            Err(why) => Verdict::Declined(why),
        },
    }
}

/// The call as its author wrote it, or its full name when that is long or has no name to show.
fn called(case: &Case<'_, '_>) -> String {
    let full = &case.acquisition.resource.call;
    let ExprKind::Call(call) = &case.acquisition.call.kind else {
        return full.clone();
    };
    let written = &case.text[call.fun.span.range()];
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    match written.len() <= WRITTEN && written.chars().all(plain) {
        true => written.to_owned(),
        false => full.clone(),
    }
}

fn participle(case: &Case<'_, '_>) -> &'static str {
    let release = &case.acquisition.resource.release;
    match release.methods.first().map(|name| name.as_str()) {
        None => "called",
        Some("Stop") => "stopped",
        Some("Rollback") => "committed or rolled back",
        Some("End") => "ended",
        Some("Release") => "released",
        Some("RemoveAll") => "removed",
        Some(_) => "closed",
    }
}

/// What is held by memory only, or until the process ends anyway, matters less.
fn severity(case: &Case<'_, '_>) -> Severity {
    let must = case.acquisition.resource.disposition == Disposition::Must;
    let held = must && !case.leak.is_none();
    let once = case.tree.func(case.acquisition.func).lit.is_none()
        && in_main(case)
        && !case.leak.in_loop();
    match held && !once {
        true => Severity::Warning,
        false => Severity::Info,
    }
}

/// The function is `main.main` or an `init`: it returns when the process ends, or runs once.
fn in_main(case: &Case<'_, '_>) -> bool {
    let BodyRef::Func(func) = case.subject.body_ref else {
        return false;
    };
    let name = case.subject.types.func_name(func);
    let package = case.subject.world.package(func.package);
    let is_main = package.is_some_and(|package| package.name.as_str() == "main");
    name.ends_with(".init") || (is_main && name.ends_with(".main"))
}

fn steps(case: &Case<'_, '_>, path: &[NodeIx], last: &str) -> Vec<(Location, String)> {
    let file = case.subject.file;
    let step = |span: Span, text: String| (Location { file, span }, text);
    let mut steps = vec![step(case.acquisition.call.span, "acquired here".to_owned())];
    for pair in path.windows(2) {
        let node = case.cfg.node(pair[0]);
        let edge = node.next.iter().find(|edge| edge.to == pair[1]);
        let held = match edge.map(|edge| edge.branch) {
            Some(Branch::True) => true,
            Some(Branch::False) => false,
            _ => continue,
        };
        let text = match (node.step, held) {
            (Step::Cond(_), true) => "this holds",
            (Step::Cond(_), false) => "this does not hold",
            (Step::Range(_), true) => "there is another element",
            (Step::Range(_), false) => "there is no other element",
            (_, true) => "this case matches",
            (_, false) => "this case does not match",
        };
        steps.push(step(node.span, text.to_owned()));
    }
    if steps.len() > STEPS {
        steps.drain(1..steps.len() - STEPS + 1);
    }
    if let Some(&exit) = path.last() {
        steps.push(step(case.cfg.node(exit).span, last.to_owned()));
    }
    steps
}

/// `line:column`.
fn position(text: &str, span: Span) -> String {
    let (line, column) = layout::position(text, span.start as usize);
    format!("{line}:{column}")
}
