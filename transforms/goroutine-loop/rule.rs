//! `goroutine-loop`: a loop with no way out, in a goroutine or in a function that ignores its context.

mod cleanup;
mod exits;
mod fields;
mod fixed;
mod home;
mod layout;
mod lifecycle;
mod lifetime;
mod names;
mod nodes;
mod origin;
mod quick;
mod returns;
mod rewrite;
mod shapes;
mod signal;
mod spell;
mod started;
mod stopcase;
mod strand;
mod thread;
mod tight;

use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Finding, Fix, Location, Severity, Verdict};
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::transform::{Setup, Subject, Transform, no_table};
use crate::syntax::ast::{Span, StmtKind};
use crate::syntax::visit::Node;
use crate::types::Checker;
use home::{Home, Run, Unit};
use rewrite::{Rewrite, Words};
use shapes::{Judge, Kind, Loop};
use signal::{Reach, Signal};
use started::Start;
use thread::Threading;

/// The transform.
pub(crate) static TRANSFORM: Transform = Transform {
    id: "goroutine-loop",
    summary: "a goroutine's loop that nothing can end stops on cancellation",
    readme: include_str!("README.md"),
    candidates,
    literals: &["for {", "for{", "for true", "; ;", ";;", ".C", "Tick("],
    decide,
    configure: no_table,
};

/// Every loop.
fn candidates(node: Node<'_>, _: &str, _: &Setup, offer: &mut dyn FnMut(Span)) {
    if let Node::Stmt(stmt) = node
        && matches!(stmt.kind, StmtKind::For(_) | StmtKind::Range(_))
    {
        offer(stmt.span);
    }
}

/// Every loop is a candidate: endless ones without a way out are so rare that asking who starts them costs less than
/// asking each `go` statement what it starts.
fn decide(subject: &Subject<'_>, candidate: Span) -> Option<Finding> {
    let types = subject.types;
    let home = Home::of(types, subject.body_ref)?;
    let run = started::enclosing(&home, candidate);
    let unit = run.unit()?;
    let never = NeverReturns::new();
    let judge = Judge {
        types,
        never: &never,
    };
    let stuck = judge.stuck(unit, candidate)?;

    let starts = started::starts(types, &run);
    if starts.is_empty() && !signal::has_context(types, unit) {
        return None;
    }
    let severities = starts
        .iter()
        .map(|s| lifetime::severity(types, &s.home, s.site));
    let severity = severities.max().unwrap_or(Severity::Warning);
    let (verdict, mut related) = match fix(&judge, &run, unit, &stuck, &starts, severity) {
        Ok((fix, steps)) => (Verdict::Fix(fix), steps),
        Err(declined) => (Verdict::Declined(declined), Vec::new()),
    };
    let mut sites: Vec<Location> = starts.iter().map(|s| s.home.at(s.site)).collect();
    sites.sort_unstable();
    sites.dedup();
    let sites = sites
        .into_iter()
        .map(|at| (at, "the goroutine is started here".to_string()));
    related.splice(0..0, sites);
    Some(Finding {
        rule: TRANSFORM.id,
        at: home.at(Span {
            start: stuck.stmt.span.start,
            end: stuck.body.span.start + 1,
        }),
        message: message(starts.is_empty(), severity).to_string(),
        severity,
        related,
        verdict,
    })
}

fn message(ignored: bool, severity: Severity) -> &'static str {
    match (ignored, severity) {
        (true, _) => "this loop never ends: it ignores the function's context",
        (false, Severity::Info) => {
            "this goroutine lives as long as the process: nothing ends its loop"
        }
        (false, Severity::Warning) => "this goroutine leaks: nothing ends its loop",
    }
}

type Fixed = (Fix, Vec<(Location, String)>);

/// The rewrite of the loop, with the signal brought to it.
fn fix(
    judge: &Judge<'_, '_>,
    run: &Run,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
    starts: &[Start],
    severity: Severity,
) -> Result<Fixed, Declined> {
    let types = judge.types;
    let home = unit.home;
    if home.fixed() {
        return Err(Declined::FixedFile);
    }
    let breaks = stopcase::leaves_only_select(types, unit, stuck)?;
    if !breaks.is_empty() {
        let fix = Fix {
            applicability: Applicability::Safe,
            title: "leave the loop, not only the select, when the signal comes".into(),
            edits: breaks.into_iter().map(|edit| (home.file, edit)).collect(),
            imports: Vec::new(),
        };
        return Ok((fix, Vec::new()));
    }
    let waits = judge.waits(home, stuck.body)?;
    let spans: Vec<Span> = waits.iter().map(|w| w.stmt().span).collect();
    let header = !matches!(stuck.kind, Kind::Plain);
    let top = !header && shapes::way_round(stuck.body, &spans, stuck.label);
    clean(types, unit, stuck, &spans, header || top)?;
    if quick::blocks(types, home, stuck.body) || (top && !quick::all_quick(types, home, stuck.body))
    {
        return Err(Declined::BlockingCall);
    }

    let mut offsets: Vec<u32> = spans.iter().map(|s| s.start).collect();
    offsets.push(stuck.stmt.span.start);
    offsets.push(stuck.body.span.start + 1);
    let mut threading = Threading::new(types);
    let signal = bring(types, run, unit, starts, &offsets, &mut threading)?;
    let leave = returns::statement(types, unit, Some(&signal), &offsets)?;
    let words = Words {
        done: &signal.done(),
        leave: &leave,
    };
    let mut out = Rewrite::default();
    if header {
        rewrite::header(types, home, stuck, &words, &mut out)?;
    } else if top {
        rewrite::top(home, stuck, &words, &mut out)?;
    }
    for wait in &waits {
        rewrite::wait(types, unit, wait, &words, &mut out)?;
    }
    // A context that ends with the process does not help a goroutine that leaks per call.
    let late = threading.ends_with_process && severity == Severity::Warning;
    let strands = !threading.ends_with_process && strand::other_side_waits(unit, &waits);
    let doubt = match late || strands {
        true => Applicability::Unsafe,
        false => Applicability::Safe,
    };
    let own = out
        .edits
        .iter()
        .map(|edit: &Edit| (home.file, edit.clone()));
    let fix = Fix {
        applicability: threading.trust.max(rewrite::trust(&out)).max(doubt),
        title: format!("leave the loop when {}", signal.name()),
        edits: threading.edits.iter().cloned().chain(own).collect(),
        imports: threading.imports.iter().copied().collect(),
    };
    Ok((fix, threading.steps))
}

/// The loop holds nothing where it would be left.
fn clean(
    types: &Checker<'_>,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
    waits: &[Span],
    head: bool,
) -> Result<(), Declined> {
    if head {
        cleanup::locks(unit, stuck.body.span.start + 1)?;
    }
    cleanup::tokens(unit.home, stuck.body)?;
    for wait in waits {
        cleanup::locks(unit, wait.start)?;
        cleanup::releases(types, unit.home, stuck.body, *wait)?;
    }
    Ok(())
}

/// The signal in reach, or a context threaded to the function.
fn bring(
    types: &Checker<'_>,
    run: &Run,
    unit: Unit<'_>,
    starts: &[Start],
    offsets: &[u32],
    threading: &mut Threading<'_, '_>,
) -> Result<Signal, Declined> {
    match signal::reach(types, unit, offsets) {
        Reach::Found(signal, trust) => {
            threading.trust = trust;
            Ok(signal)
        }
        Reach::TooShort => Err(Declined::ShortContext),
        Reach::Nothing => {
            let safe = |start: &Start| {
                let (found, _) = signal::context(types, &start.home, &[start.site.start]);
                found.is_some_and(|(_, trust)| trust == Applicability::Safe)
            };
            let hooked =
                !starts.iter().all(safe) && lifecycle::hook(types, unit, starts, threading);
            threading.ends_with_process = !hooked;
            let name = threading.context_at(&run.home, offsets[0])?;
            Ok(Signal::Context(name))
        }
    }
}
