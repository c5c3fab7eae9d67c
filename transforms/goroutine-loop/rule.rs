//! `goroutine-loop`: a loop with no way out, in a goroutine or in a function that ignores its context.

mod blocking;
mod byvalue;
mod cleanup;
mod closed;
mod construct;
mod directives;
mod ending;
mod exits;
mod fields;
mod fixed;
mod given;
mod halts;
mod header;
mod home;
mod interfaces;
mod layout;
mod lifecycle;
mod lifetime;
mod names;
mod nodes;
mod origin;
mod passed;
mod polling;
mod prefilter;
mod quick;
mod returns;
mod rewrite;
mod root;
mod shapes;
mod signal;
mod spell;
mod started;
mod stopcase;
mod strand;
mod thread;
mod tickers;
mod tight;
mod variant;
mod waited;

use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Finding, Fix, Location, Severity, Verdict};
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::transform::{Extent, Narrow, Setup, Subject, Transform, no_table};
use crate::index::BodyRef;
use crate::syntax::ast::{ExprKind, Span, StmtKind};
use crate::syntax::visit::Node;
use crate::types::Checker;
use home::{Home, Run, Unit};
use rewrite::{Rewrite, Words};
use shapes::{Judge, Kind, Loop, Wait};
use signal::{Reach, Signal};
use started::Start;
use thread::{Carries, Threading};

/// The transform.
pub(crate) static TRANSFORM: Transform = Transform {
    id: "goroutine-loop",
    summary: "a goroutine's loop that nothing can end stops on cancellation",
    readme: include_str!("README.md"),
    candidates,
    extent: Extent::Module,
    literals: &["for {", "for{", "for true", "; ;", ";;", prefilter::RANGE],
    decide,
    configure: |section| {
        let narrow = Some(prefilter::may_be_candidate as Narrow);
        Ok(Setup {
            narrow,
            ..no_table(section)?
        })
    },
    survey: None,
};

/// Loops that may have no end: those without a condition, and ranges that may be over a channel.
fn candidates(node: Node<'_>, text: &str, _: &Setup, offer: &mut dyn FnMut(Span)) {
    let Node::Stmt(stmt) = node else { return };
    let endless = match &stmt.kind {
        StmtKind::For(f) => match &f.cond {
            None => true,
            Some(cond) => matches!(cond.unparen().kind, ExprKind::Ident(name) if name == "true"),
        },
        StmtKind::Range(range) if range.value.is_none() => match &range.subject.unparen().kind {
            ExprKind::Selector(..) => true,
            ExprKind::Call(call) => {
                matches!(&call.fun.kind, ExprKind::Selector(_, sel) if sel.name == "Tick")
                    || matches!(&call.fun.kind, ExprKind::Ident(name) if *name == "Tick")
            }
            ExprKind::Ident(_) => text.contains("chan"),
            _ => false,
        },
        _ => false,
    };
    if endless {
        offer(stmt.span);
    }
}

/// Endless loops without a way out are so rare that asking who starts them costs less than asking each `go` statement
/// what it starts.
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
    let (verdict, mut related) = match fix(subject, &judge, &run, &stuck, &starts, severity) {
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
    subject: &Subject<'_>,
    judge: &Judge<'_, '_>,
    run: &Run,
    stuck: &Loop<'_>,
    starts: &[Start],
    severity: Severity,
) -> Result<Fixed, Declined> {
    let types = judge.types;
    let unit = run.unit().ok_or(Declined::Unknown)?;
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
    let mut waits = judge.waits(home, stuck.body)?;
    let interrupt = blocking::interrupt(types, unit, stuck)?;
    let header = !matches!(stuck.kind, Kind::Plain);
    let spans = |waits: &[Wait<'_>]| -> Vec<Span> {
        let interrupted = interrupt.iter().map(|found| found.stmt.span);
        let own = waits.iter().map(|w| w.stmt().span);
        own.chain(interrupted).collect()
    };
    let polls = waits
        .extract_if(.., |wait| wait.polls())
        .collect::<Vec<_>>();
    if !header && shapes::way_round(stuck.body, &spans(&waits), stuck.label) {
        waits.extend(polls);
    }
    let spans = spans(&waits);
    let top = !header && shapes::way_round(stuck.body, &spans, stuck.label);
    clean(types, unit, stuck, &spans, header || top)?;
    let comes_round = || {
        polling::sleeps_when_idle(home, stuck.body, &waits)
            || quick::all_quick(types, home, stuck.body)
    };
    if top && !comes_round() {
        return Err(Declined::BlockingCall);
    }

    let mut offsets: Vec<u32> = spans.iter().map(|s| s.start).collect();
    offsets.push(stuck.stmt.span.start);
    offsets.push(stuck.body.span.start + 1);
    let (signal, mut threading) = bring(subject, run, unit, starts, &offsets)?;
    if threading.made_at_root() || signal.of_test(types, home) {
        waited::nobody(types, unit, starts)?;
    }
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
    if let Some(found) = &interrupt
        && blocking::rewrite(types, unit, stuck, found, &signal, &words, &mut out)?
    {
        threading.imports.insert((home.file, "context"));
    }
    out.edits.extend(tickers::stops(types, unit, stuck));
    let own = out
        .edits
        .iter()
        .map(|edit: &Edit| (home.file, edit.clone()));
    let doubt = doubt(types, unit, stuck, &waits, &threading, starts, severity);
    let fix = Fix {
        applicability: threading.trust.max(rewrite::trust(&out)).max(doubt),
        title: format!("leave the loop when {}", signal.name()),
        edits: threading.edits.iter().cloned().chain(own).collect(),
        imports: threading.imports.iter().copied().collect(),
    };
    Ok((fix, threading.steps))
}

/// What a reviewer must agree to, whatever the parts of the fix are.
fn doubt(
    types: &Checker<'_>,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
    waits: &[Wait<'_>],
    threading: &Threading<'_, '_>,
    starts: &[Start],
    severity: Severity,
) -> Applicability {
    // A context that ends with the process does not help a goroutine that leaks per call, and one that lives as long
    // as the process anyway is not worth new parameters all over the module.
    let late = threading.made_at_root() && severity == Severity::Warning;
    let near = |func: BodyRef| {
        let starts = || starts.iter().any(|start| start.home.body_ref == func);
        unit.literal.is_none() && (func == unit.home.body_ref || starts())
    };
    let far = threading.far_from_root(near) && severity == Severity::Info;
    let strands = !threading.only_roots() && strand::other_side_waits(types, unit, stuck, waits);
    let handler = threading.made_at_root() && strand::hears_signals(types, unit, stuck, waits);
    let halts = halts::its_caller(types, unit, stuck, waits);
    match late || far || strands || handler || halts {
        true => Applicability::Unsafe,
        false => Applicability::Safe,
    }
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

/// The signal in reach, or one threaded to the function, with the edits that this needs.
fn bring<'a, 'w>(
    subject: &'a Subject<'w>,
    run: &Run,
    unit: Unit<'_>,
    starts: &[Start],
    offsets: &[u32],
) -> Result<(Signal, Threading<'a, 'w>), Declined> {
    let types = subject.types;
    let threading = |carries| Threading::new(types, subject.exported, carries);
    match signal::reach(types, unit, offsets) {
        Reach::Found(signal, trust) => {
            let mut none = threading(Carries::Context);
            none.trust = trust;
            Ok((signal, none))
        }
        Reach::TooShort => Err(Declined::ShortContext),
        Reach::Nothing => {
            let safe = |start: &Start| {
                let (found, _) = signal::context(types, &start.home, &[start.site.start]);
                found.is_some_and(|(_, trust)| trust == Applicability::Safe)
            };
            let mut contexts = threading(Carries::Context);
            let mut refused = None;
            if !starts.iter().all(safe) {
                let mut stop = threading(Carries::Stop);
                if let Ok(name) = stop.signal_at(&run.home, offsets[0]) {
                    return Ok((stop.signal(name), stop));
                }
                refused = lifecycle::hook(types, unit, starts, &mut contexts).err();
            }
            match contexts.signal_at(&run.home, offsets[0]) {
                Ok(name) => Ok((contexts.signal(name), contexts)),
                Err(Declined::NoSignal) => Err(refused.unwrap_or(Declined::NoSignal)),
                Err(declined) => Err(declined),
            }
        }
    }
}
