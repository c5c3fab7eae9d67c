//! `goroutine-global`: goroutines put things into a package-level variable, and nothing takes them out again.
//!
//! One growing statement at a time: [`growth`] reads it, [`keys`] tells whether what it adds is new each time, [`uses`] asks whether anything in the module makes the
//! variable smaller, [`runs`] finds the goroutine that runs the statement again and again, [`narrow`] makes the
//! variable a local one where that is what was meant.

mod growth;
mod kept;
mod keys;
mod narrow;
mod runs;
mod survey;
mod uses;

use crate::analyse::finding::{Finding, Location, Severity, Verdict};
use crate::analyse::layout;
use crate::analyse::ownership::Tree;
use crate::analyse::transform::{Extent, Setup, Subject, Transform};
use crate::config::{ConfigError, Section};
use crate::syntax::ast::*;
use crate::syntax::visit::Node;
use growth::Growth;
use uses::Uses;

/// The transform.
pub(super) const GOROUTINE_GLOBAL: Transform = Transform {
    id: "goroutine-global",
    summary: "goroutines fill a package-level slice or map, and nothing in the module empties it",
    readme: include_str!("README.md"),
    candidates,
    extent: Extent::File,
    literals: survey::LITERALS,
    decide,
    configure,
    survey: Some(survey::names),
};

fn configure(section: Option<&Section>) -> Result<Setup, ConfigError> {
    match section {
        None => Ok(Setup {
            narrow: Some(survey::may_be_candidate),
            ..Setup::default()
        }),
        Some(section) => Err(section.refuse("this rule has no settings of its own")),
    }
}

/// Statements that may put something into a variable that some file of the module declares at package level.
fn candidates(node: Node<'_>, _: &str, setup: &Setup, offer: &mut dyn FnMut(Span)) {
    if let Node::Stmt(stmt) = node
        && let Some(name) = growth::name(stmt)
        && setup.surveyed(&name).next().is_some()
    {
        offer(stmt.span);
    }
}

fn decide(subject: &Subject<'_>, candidate: Span) -> Option<Finding> {
    let path = subject.world.path(subject.file);
    if path.to_string_lossy().ends_with("_test.go") {
        // It ends with the test.
        return None;
    }
    let tree = Tree::new(&subject.body);
    let growth = Growth::new(subject, &tree, candidate)?;
    let run = runs::run(subject, &tree, &growth)?;
    let uses = Uses::new(subject.types, &growth)?;
    let verdict = match narrow::fix(subject, &growth, &uses, &run) {
        Ok(fix) => Verdict::Fix(fix),
        Err(reason) => Verdict::Declined(reason),
    };
    Some(finding(subject, &tree, &growth, &run, verdict))
}

fn finding(
    subject: &Subject<'_>,
    tree: &Tree<'_>,
    growth: &Growth<'_>,
    run: &runs::Run,
    verdict: Verdict,
) -> Finding {
    let text = subject.world.text(subject.file);
    let (line, column) = layout::position(&text, growth.stmt.span.start as usize);
    let what = match run.keeps {
        true => "keeps what each goroutine works on",
        false => "is filled by goroutines",
    };
    Finding {
        rule: GOROUTINE_GLOBAL.id,
        at: Location {
            file: subject.file,
            span: growth.stmt.span,
        },
        message: format!(
            "{} {what} at {line}:{column}, {}, and nothing in the module removes anything from it",
            growth.shown, run.often
        ),
        severity: match growth.guarded {
            true => Severity::Info,
            false => Severity::Warning,
        },
        related: [
            (run.start, run.started.to_owned()),
            (growth.declared, "it is declared here".to_owned()),
        ]
        .into_iter()
        .chain(kept::by_closure(subject, tree, growth))
        .collect(),
        verdict,
    }
}
