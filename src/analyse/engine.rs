//! The driver: files to findings, in parallel. Knows transforms only through [`Transform`].
//!
//! Every worker has a checker of its own; results come back in the order of the files asked for, so the output is
//! the same for any number of workers. A panic ends the analysis of one file, not of the run.

use super::finding::Finding;
use super::prefilter;
use super::transform::{Subject, Transform};
use crate::index::{BodyRef, FileId, FuncRef, Package, World};
use crate::parallel;
use crate::syntax::ast::Span;
use crate::syntax::parse_body_tree;
use crate::syntax::query::CandidateQuery;
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

/// Why a file, or a function of it, was not analysed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The package clause is missing or no build configuration includes the file.
    NoPackage,
    /// A declaration outside the function bodies did not parse; the others were analysed.
    BrokenOutline,
    /// The body at this range did not parse; the other bodies were analysed.
    BrokenBody(Span),
    /// The analysis of the file panicked: a bug of the transform, or of the engine when there is none.
    Panic(Option<&'static str>, String),
}

/// Transforms with their queries compiled: what a run needs of them.
pub struct Engine {
    rules: Vec<(&'static Transform, CandidateQuery)>,
}

impl Engine {
    /// Compiles the transforms' queries. The error names the transform whose query does not compile.
    pub fn new(transforms: &[&'static Transform]) -> Result<Engine, String> {
        let compile = |&transform: &&'static Transform| {
            let query = CandidateQuery::new(transform.query)
                .map_err(|error| format!("{}/match.scm: {error}", transform.id))?;
            Ok((transform, query))
        };
        let rules = transforms
            .iter()
            .map(compile)
            .collect::<Result<_, String>>()?;
        Ok(Engine { rules })
    }

    /// Whether the text of a file may contain a candidate of some transform.
    pub fn may_concern(&self, text: &str) -> bool {
        self.rules
            .iter()
            .any(|(transform, _)| prefilter::may_concern(transform, text))
    }

    /// Analyses files of the world on `jobs` threads. `done` is called after each file.
    pub fn analyse(
        &self,
        world: &World,
        files: &[FileId],
        jobs: usize,
        done: &(dyn Fn() + Sync),
    ) -> Vec<Analysed> {
        let fresh = || Checker::new(world);
        parallel::map(files, jobs, fresh, |checker, &file| {
            let analysed = self.analyse_file(checker, file);
            if analysed.panicked() {
                // Its caches may be half-written.
                *checker = fresh();
            }
            done();
            analysed
        })
    }

    fn analyse_file(&self, checker: &Checker<'_>, file: FileId) -> Analysed {
        let mut analysed = Analysed {
            file,
            findings: Vec::new(),
            problems: Vec::new(),
        };
        // What ran when a panic came.
        let culprit = Cell::new(None);
        let run = AssertUnwindSafe(|| self.analyse_bodies(checker, &mut analysed, &culprit));
        if let Err(panic) = catch_unwind(run) {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            // Findings of a file whose analysis failed half-way are not trusted.
            analysed.findings.clear();
            analysed.problems = vec![Problem::Panic(culprit.get(), text.unwrap_or_default())];
        }
        let order =
            |a: &Finding, b: &Finding| (a.at, a.rule, &a.message).cmp(&(b.at, b.rule, &b.message));
        analysed.findings.sort_by(order);
        analysed
    }

    fn analyse_bodies(
        &self,
        checker: &Checker<'_>,
        analysed: &mut Analysed,
        culprit: &Cell<Option<&'static str>>,
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
        for unit in units(&package, file) {
            let Some(source) = text.get(unit.span.range()) else {
                continue;
            };
            let mut rules = self.rules.iter();
            if !rules.any(|(transform, _)| prefilter::may_concern(transform, source)) {
                continue;
            }
            let Some(tree) = parse_body_tree(&text, unit.span) else {
                analysed.problems.push(Problem::BrokenBody(unit.span));
                continue;
            };
            for (transform, query) in &self.rules {
                if !prefilter::may_concern(transform, source) {
                    continue;
                }
                let candidates = query.candidates(&tree);
                if candidates.is_empty() {
                    continue;
                }
                culprit.set(Some(transform.id));
                let Some(body) = checker.body(unit.body) else {
                    break;
                };
                if body.body.broken {
                    analysed.problems.push(Problem::BrokenBody(unit.span));
                    break;
                }
                let subject = Subject {
                    world,
                    types: checker,
                    body_ref: unit.body,
                    file,
                    body,
                };
                let found = candidates
                    .into_iter()
                    .filter_map(|candidate| (transform.decide)(&subject, candidate));
                analysed.findings.extend(found);
                culprit.set(None);
            }
        }
    }
}

impl Analysed {
    fn panicked(&self) -> bool {
        let panic = |problem: &Problem| matches!(problem, Problem::Panic(..));
        self.problems.iter().any(panic)
    }
}

/// What is parsed as one: a function's body, or one value of a variable.
struct Unit {
    body: BodyRef,
    span: Span,
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
            let values = var.decl.values.iter();
            units.extend(values.map(|value| Unit {
                body,
                span: value.span,
            }));
        }
    }
    units.sort_by_key(|unit| unit.span);
    units
}
