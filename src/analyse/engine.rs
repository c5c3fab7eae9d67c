//! The driver: files to findings, in parallel. Knows transforms only through [`Transform`].
//!
//! Every worker has a checker of its own; results come back in the order of the files asked for, so the output is
//! the same for any number of workers. A panic costs the candidate it came at, too much work the file; not the run.

use super::effort;
use super::finding::Finding;
use super::prefilter::Prefilter;
use super::transform::{Extent, Rule, Subject};
use crate::config::Exported;
use crate::index::{BodyRef, FileId, FuncRef, Package, World};
use crate::parallel;
use crate::stats::{self, Stage};
use crate::syntax::ast::{Body, Span};
use crate::syntax::visit::{Node, walk_block, walk_expr};
use crate::syntax::{parse_body, parse_initialiser};
use crate::types::Checker;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What was found in one file.
#[derive(Debug)]
pub struct Analysed {
    /// The file.
    pub file: FileId,
    /// Findings in order of their offset.
    pub findings: Vec<Finding>,
    /// What kept (parts of) the file from being analysed.
    pub problems: Vec<Problem>,
}

/// Which rules a file is analysed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All.
    All,
    /// Those whose fixes may change other files.
    Reaching,
    /// The others.
    Staying,
}

/// At so many candidates of one file a transform may panic before the file is given up: each costs the file's analysis
/// once more.
pub const PANICS: usize = 8;

/// Why a file, or a function of it, was not analysed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The package clause is missing or no build configuration includes the file.
    NoPackage,
    /// A declaration outside the function bodies did not parse; the others were analysed.
    BrokenOutline,
    /// The body at this range did not parse; the other bodies were analysed.
    BrokenBody(Span),
    /// The analysis of the file took more than [`effort::LIMIT`] steps.
    TooMuch,
    /// A transform panicked at this candidate: a bug of it. The other candidates were looked at.
    Candidate(&'static str, Span, String),
    /// The analysis of the file panicked: a bug of the engine, or of a transform (when there is one) that panicked
    /// at [`PANICS`] other candidates already.
    Panic(Option<&'static str>, String),
}

/// The transforms of a run.
pub struct Engine<'r> {
    rules: &'r [Rule],
    prefilter: Prefilter<'r>,
    exported: Exported,
}

impl<'r> Engine<'r> {
    /// An engine for these transforms; without `prefilter` every body is parsed. The error is that of the prefilter.
    pub fn new(
        rules: &'r [Rule],
        exported: Exported,
        prefilter: bool,
    ) -> Result<Engine<'r>, String> {
        Ok(Engine {
            rules,
            prefilter: Prefilter::new(rules, prefilter)?,
            exported,
        })
    }

    /// Whether the text of a file may contain a candidate of some transform.
    pub fn may_concern(&self, text: &str) -> bool {
        self.prefilter.may_concern(text)
    }

    /// Analyses files of the world on `jobs` threads, each with some of the rules. `done` is called after each file.
    pub fn analyse(
        &self,
        world: &World,
        files: &[(FileId, Part)],
        jobs: usize,
        done: &(dyn Fn() + Sync),
    ) -> Vec<Analysed> {
        let fresh = || Checker::new(world);
        parallel::map(files, jobs, fresh, |checker, &(file, part)| {
            let analyse = || {
                let mut avoided = Vec::new();
                loop {
                    match self.analyse_file(checker, file, part, &avoided) {
                        Ok(mut analysed) => {
                            analysed.problems.extend(avoided);
                            analysed.sort();
                            return analysed;
                        }
                        Err(problem) => {
                            // Its caches may be half-written.
                            *checker = fresh();
                            match problem {
                                Problem::Candidate(..) if avoided.len() < PANICS => {
                                    avoided.push(problem);
                                }
                                Problem::Candidate(id, _, text) => {
                                    let problem = Problem::Panic(Some(id), text);
                                    return Analysed::without(file, problem);
                                }
                                problem => return Analysed::without(file, problem),
                            }
                        }
                    }
                }
            };
            let analysed = stats::stage(Stage::Analyse, analyse);
            done();
            analysed
        })
    }

    /// Analyses a file but for the candidates of the problems in `avoided`. The error is what ended it half-way:
    /// nothing found until then is trusted.
    fn analyse_file(
        &self,
        checker: &Checker<'_>,
        file: FileId,
        part: Part,
        avoided: &[Problem],
    ) -> Result<Analysed, Problem> {
        let mut analysed = Analysed {
            file,
            findings: Vec::new(),
            problems: Vec::new(),
        };
        // What ran when a panic came.
        let culprit = Cell::new(None);
        let run = || {
            let work = || self.analyse_bodies(checker, part, avoided, &mut analysed, &culprit);
            let (done, steps) = effort::counted(effort::LIMIT, work);
            stats::most_steps(steps);
            done
        };
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Some(())) => Ok(analysed),
            Ok(None) => Err(Problem::TooMuch),
            Err(panic) => {
                let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
                let text = text.unwrap_or_default();
                Err(match culprit.get() {
                    Some((id, span)) => Problem::Candidate(id, span, text),
                    None => Problem::Panic(None, text),
                })
            }
        }
    }

    fn analyse_bodies(
        &self,
        checker: &Checker<'_>,
        part: Part,
        avoided: &[Problem],
        analysed: &mut Analysed,
        culprit: &Cell<Option<(&'static str, Span)>>,
    ) {
        let world = checker.world();
        let file = analysed.file;
        let text = world.text(file);
        let package = world.package_of(file).and_then(|id| world.package(id));
        let Some(package) = package else {
            analysed.problems.push(Problem::NoPackage);
            return;
        };
        let mut files = package.files.iter();
        if files.any(|listed| listed.id == file && listed.outline.broken) {
            analysed.problems.push(Problem::BrokenOutline);
        }
        let hits = stats::stage(Stage::Prefilter, || self.prefilter.hits(&text));
        for unit in units(&package, file) {
            let concerned = hits.within(unit.span);
            let concerned = concerned.iter().map(|&at| &self.rules[at]);
            let concerned: Vec<_> = concerned.filter(|rule| part.has(rule)).collect();
            if concerned.is_empty() {
                continue;
            }
            stats::count(Stage::Parse, unit.span.range().len());
            let parsed = stats::stage(Stage::Parse, || unit.parse(&package, &text));
            if parsed.broken {
                analysed.problems.push(Problem::BrokenBody(unit.span));
                continue;
            }
            let candidates = candidates(&concerned, &parsed, &text);
            if candidates.is_empty() {
                continue;
            }
            let Some(body) = checker.parsed_body(unit.body, parsed) else {
                continue;
            };
            for (rule, candidate) in candidates {
                let id = rule.transform.id;
                let is_it = |problem: &Problem| matches!(problem, Problem::Candidate(of, at, _) if (*of, *at) == (id, candidate));
                if avoided.iter().any(is_it) {
                    continue;
                }
                culprit.set(Some((id, candidate)));
                let subject = Subject {
                    world,
                    types: checker,
                    exported: self.exported,
                    body_ref: unit.body,
                    file,
                    body: body.clone(),
                    setup: &rule.setup,
                };
                let found = (rule.transform.decide)(&subject, candidate);
                analysed.findings.extend(found);
                culprit.set(None);
            }
        }
    }
}

/// What the transforms want to look at in a body, each span once.
fn candidates<'r>(rules: &[&'r Rule], body: &Body, text: &str) -> Vec<(&'r Rule, Span)> {
    let mut found = Vec::new();
    for &rule in rules {
        let mut spans = Vec::new();
        let mut visit = |node: Node<'_>| {
            effort::spend(1);
            (rule.transform.candidates)(node, text, &rule.setup, &mut |span| spans.push(span));
            true
        };
        walk_block(&body.block, &mut visit);
        body.values
            .iter()
            .for_each(|value| walk_expr(value, &mut visit));
        spans.sort();
        spans.dedup();
        found.extend(spans.into_iter().map(|span| (rule, span)));
    }
    found
}

impl Part {
    fn has(self, rule: &Rule) -> bool {
        match self {
            Part::All => true,
            Part::Reaching => rule.transform.extent == Extent::Module,
            Part::Staying => rule.transform.extent == Extent::File,
        }
    }
}

impl Analysed {
    /// Adds what other rules found in the same file.
    pub fn join(&mut self, other: Analysed) {
        self.findings.extend(other.findings);
        let new = other.problems.into_iter();
        let new = new.filter(|problem| !self.problems.contains(problem));
        let new: Vec<Problem> = new.collect();
        self.problems.extend(new);
        self.sort();
    }

    fn sort(&mut self) {
        let order =
            |a: &Finding, b: &Finding| (a.at, a.rule, &a.message).cmp(&(b.at, b.rule, &b.message));
        self.findings.sort_by(order);
    }

    fn without(file: FileId, problem: Problem) -> Analysed {
        Analysed {
            file,
            findings: Vec::new(),
            problems: vec![problem],
        }
    }
}

/// What is parsed as one: a function's body, or the values of a variable.
struct Unit {
    body: BodyRef,
    span: Span,
}

impl Unit {
    fn parse(&self, package: &Package, text: &str) -> Body {
        match self.body {
            BodyRef::Func(_) => parse_body(text, self.span),
            BodyRef::Var(_, index) => parse_initialiser(text, &package.vars[index as usize].decl),
        }
    }
}

/// The units of a file in source order.
fn units(package: &Package, file: FileId) -> Vec<Unit> {
    let Some(index) = package.files.iter().position(|listed| listed.id == file) else {
        return Vec::new();
    };
    let index = index as u32;
    let mut units = Vec::new();
    for (at, func) in package.funcs.iter().enumerate() {
        if let (true, Some(span)) = (func.file == index, func.decl.body) {
            let body = BodyRef::Func(FuncRef {
                package: package.id,
                index: at as u32,
            });
            units.push(Unit { body, span });
        }
    }
    for (at, var) in package.vars.iter().enumerate() {
        if var.file == index && var.index == 0 {
            let body = BodyRef::Var(package.id, at as u32);
            if let [first, .., last] | [first @ last] = var.decl.values.as_slice() {
                let (start, end) = (first.span.start, last.span.end);
                units.push(Unit {
                    body,
                    span: Span { start, end },
                });
            }
        }
    }
    units.sort_by_key(|unit| unit.span);
    units
}
