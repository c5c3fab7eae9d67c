//! One run from arguments to report: the stages in their order, and nothing else.

mod load;
mod proof;
mod report;
mod rounds;
mod scope;
mod shard;
mod survey;

use crate::analyse::declined::Declined;
use crate::analyse::effort;
use crate::analyse::engine::{Analysed, Engine, Problem};
use crate::analyse::finding::Finding;
use crate::analyse::layout;
use crate::analyse::suppress::{self, Suppression};
use crate::analyse::transform::Rule;
use crate::config::Exported;
use crate::emit::{Report, ReportedRule};
use crate::index::{FileId, World, WorldOptions};
use crate::plan::fingerprint::{Fingerprint, Key};
use crate::plan::{self, Plan, Policy};
use crate::prove::When;
use crate::stats::{self, Stage};
use crate::syntax::check;
use crate::transforms;
use crate::verify;
use crate::walk::{self, Notice, Skip};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use scope::{Base, Baseline, Scope};
pub use shard::Shard;

/// What a run is asked to do.
pub struct Options {
    /// Files, directories and patterns.
    pub paths: Vec<PathBuf>,
    /// What to look for.
    pub rules: Vec<Rule>,
    /// Apply fixes that a person must agree to.
    pub unsafe_fixes: bool,
    /// What may become of exported functions that code outside the module may call.
    pub exported: Exported,
    /// Kinds of files that are not left out.
    pub include: Vec<Skip>,
    /// Number of threads.
    pub jobs: usize,
    /// What counts as new.
    pub scope: Scope,
    /// Each file and directory that is left out is named.
    pub verbose: bool,
    /// Whether the go command is asked about the new texts.
    pub verify: When,
    /// Leaves out what has none of the rules' literals; without it every body is looked at, and nothing else is found.
    pub prefilter: bool,
    /// The part of the files that is reported on.
    pub shard: Option<Shard>,
    /// A text that is analysed in the place of `paths`.
    pub given: Option<Given>,
    /// What other files hold in an editor; they are not analysed.
    pub unsaved: Vec<(PathBuf, Arc<str>)>,
    /// Directories in which a fix may change files that are not among `paths`.
    pub reach: Vec<PathBuf>,
}

/// A text that an editor has not saved, or that comes from a pipe.
#[derive(Debug)]
pub struct Given {
    /// The file that it would be. It need not exist.
    pub path: PathBuf,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// Hears how far a run is: files done, files in all.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Runs all stages but the last. The error is one of the program itself.
pub fn run(options: &Options, progress: Progress<'_>) -> Result<Report, String> {
    let given = options.given.as_ref();
    let walked = stats::stage(Stage::Walk, || match given {
        Some(given) => walk::one(&given.path, &options.include),
        None => walk::walk(&options.paths, &options.include),
    });
    let own = match options.shard {
        Some(shard) => shard.range(&walked.files),
        None => 0..walked.files.len(),
    };
    survey::survey(
        &walked.files,
        given.map(|given| &*given.bytes),
        &options.rules,
        &options.paths,
        options.jobs,
    );
    let engine = Engine::new(&options.rules, options.exported, options.prefilter)?;
    let mut run = Run {
        world: World::new(WorldOptions::from_environment()),
        shown: BTreeMap::new(),
        asked: BTreeSet::new(),
        others: BTreeSet::new(),
        reach: options.reach.iter().map(|path| real(path)).collect(),
        notices: walked.notices,
        skipped: walked.skipped,
        suppressed: 0,
        fingerprints: BTreeMap::new(),
        not_new: 0,
    };
    let mut left_out = walked.left_out;
    let include_generated = options.include.contains(&Skip::Generated);
    let loaded = load::load(
        &walked.files,
        given.map(|given| &*given.bytes),
        &engine,
        options.jobs,
        include_generated,
    );
    for (path, text) in &options.unsaved {
        let id = run.world.add_file(path, Some(Arc::clone(text)));
        run.shown.insert(id, path.clone());
    }
    let mut files = Vec::new();
    let mut analysed = 0;
    for (at, (file, loaded)) in walked.files.iter().zip(loaded).enumerate() {
        let counts = own.contains(&at);
        if !counts {
            run.others.insert(real(&file.path));
        }
        match loaded {
            load::Loaded::Text(text) => {
                analysed += usize::from(counts);
                run.asked.insert(real(&file.path));
                let id = run.world.add_file(&file.path, Some(text));
                run.shown.insert(id, file.path.clone());
                files.push(id);
            }
            load::Loaded::NoCandidate => {
                analysed += usize::from(counts);
                run.asked.insert(real(&file.path));
            }
            _ if !counts => {}
            load::Loaded::Skipped(skip) => {
                *run.skipped.entry(skip).or_default() += 1;
                if file.named {
                    run.notice(&file.path, walk::skipped(skip), false);
                } else {
                    left_out.push((file.path.clone(), skip));
                }
            }
            load::Loaded::Failed { text, error } => run.notice(&file.path, text, error),
        }
    }
    if options.verbose {
        left_out.sort();
        for (path, skip) in left_out {
            run.notice(&path, walk::skipped(skip), false);
        }
    }
    let count = std::sync::atomic::AtomicUsize::new(0);
    let done = || {
        let before = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        progress(before + 1, files.len());
    };
    let own = |file: FileId| run.is_own(file);
    let results = shard::analyse(&engine, &run.world, &files, &own, options.jobs, &done);
    let findings = run.collect(results, options);
    run.fingerprints = report::name(&run.world, &findings);
    let findings = run.new_ones(findings, &engine, options);
    let (plan, proof) = stats::stage(Stage::Plan, || {
        let plan = run.plan(&run.world, findings, options);
        let mut plan = run.rounds(plan, &engine, options);
        let proof = stats::stage(Stage::Verify, || run.prove(&mut plan, options));
        (plan, proof)
    });
    let mut report = stats::stage(Stage::Emit, || run.report(plan));
    report.proof = (options.verify != When::Never).then_some(proof);
    report.analysed = analysed;
    let rule = |rule: &Rule| ReportedRule {
        id: rule.transform.id,
        summary: rule.transform.summary,
        readme: rule.transform.readme,
    };
    report.rules = options.rules.iter().map(rule).collect();
    Ok(report)
}

/// The state of a run between its stages.
struct Run {
    world: World,
    /// How people see the path of a file that was asked for.
    shown: BTreeMap<FileId, PathBuf>,
    /// Files that may be changed, without symbolic links.
    asked: BTreeSet<PathBuf>,
    /// Directories whose files may be changed, without symbolic links.
    reach: Vec<PathBuf>,
    /// Files of other shards: nothing is said of them.
    others: BTreeSet<PathBuf>,
    notices: Vec<Notice>,
    skipped: BTreeMap<Skip, usize>,
    suppressed: usize,
    /// Of all findings, also those that are not new: equal ones are told apart by their order.
    fingerprints: BTreeMap<Key, Fingerprint>,
    not_new: usize,
}

impl Run {
    fn notice(&mut self, path: &Path, text: String, error: bool) {
        self.notices.push(Notice {
            path: path.to_owned(),
            text,
            error,
        });
    }

    /// Findings that no comment suppresses; problems and comments without use become notices.
    fn collect(&mut self, results: Vec<Analysed>, options: &Options) -> Vec<Finding> {
        let ids: Vec<&str> = transforms::ALL
            .iter()
            .map(|transform| transform.id)
            .collect();
        let ran = |rule: &str| {
            let mut rules = options.rules.iter();
            rules.any(|ran| ran.transform.id == rule)
        };
        let mut kept = Vec::new();
        for analysed in results {
            let path = self.path(analysed.file);
            let own = self.is_own(analysed.file);
            for problem in analysed.problems.iter().filter(|_| own) {
                let text = self.explain(analysed.file, problem);
                self.notice(&path, text, true);
            }
            let text = self.world.text(analysed.file);
            let suppressions = suppress::suppressions(&text, &ids);
            let mut used = vec![false; suppressions.len()];
            for finding in analysed.findings {
                let start = finding.at.span.start as usize;
                let covers = |one: &Suppression| one.covers(&text, finding.rule, start);
                match suppressions.iter().position(covers) {
                    Some(at) => {
                        used[at] = true;
                        self.suppressed += usize::from(own);
                    }
                    None => kept.push(finding),
                }
            }
            for (suppression, used) in suppressions.iter().zip(used) {
                // Of a rule that did not run nothing is known.
                let judged = match &suppression.rule {
                    Some(rule) => ran(rule),
                    None => options.rules.len() == transforms::ALL.len(),
                };
                if own && judged && !used && analysed.problems.is_empty() {
                    let (line, _) = layout::position(&text, suppression.span.start as usize);
                    self.notice(
                        &path,
                        format!("line {line}: the comment suppresses nothing"),
                        false,
                    );
                }
            }
        }
        kept
    }

    fn explain(&self, file: FileId, problem: &Problem) -> String {
        let text = self.world.text(file);
        match problem {
            Problem::NoPackage => "not analysed: it has no package clause".into(),
            Problem::BrokenOutline => {
                format!("{}; not all of it is analysed", load::syntax_error(&text))
            }
            Problem::BrokenBody(body) => {
                let errors = check::errors(&text);
                let inside = errors.into_iter().find(|error| body.contains(*error));
                let at = inside.unwrap_or(*body).start as usize;
                let (line, _) = layout::position(&text, at);
                format!("line {line} does not parse; the function is not analysed")
            }
            Problem::TooMuch => format!(
                "skipped: its analysis took more than {} million steps",
                effort::LIMIT / 1_000_000
            ),
            Problem::Candidate(transform, at, words) => {
                let (line, _) = layout::position(&text, at.start as usize);
                format!(
                    "line {line} is not looked at: {transform} panicked: {words} (a bug in unleak; please report it)"
                )
            }
            Problem::Panic(transform, text) => format!(
                "not analysed: {} panicked: {text} (a bug in unleak; please report it)",
                transform.unwrap_or("the engine")
            ),
        }
    }

    fn plan(&self, world: &World, findings: Vec<Finding>, options: &Options) -> Plan {
        let policy = Policy {
            unsafe_fixes: options.unsafe_fixes,
            fixed: &|file| self.may_not_change(world, file),
            text: &|file| world.text(file),
        };
        let mut plan = plan::plan(findings, &policy);
        stats::stage(Stage::Verify, || verify::verify(&mut plan, world));
        plan
    }

    /// Whether the file is not of another shard.
    fn is_own(&self, file: FileId) -> bool {
        self.others.is_empty() || !self.others.contains(&real(&self.world.path(file)))
    }

    fn may_not_change(&self, world: &World, file: FileId) -> Option<Declined> {
        let path = real(&world.path(file));
        if self.asked.contains(&path) {
            return None;
        }
        if check::is_generated(&world.text(file)) {
            return Some(Declined::FixedFile);
        }
        let reached = self
            .reach
            .iter()
            .any(|directory| path.starts_with(directory));
        (!reached).then_some(Declined::OutsidePaths)
    }

    fn path(&self, file: FileId) -> PathBuf {
        match self.shown.get(&file) {
            Some(shown) => shown.clone(),
            None => {
                let path = self.world.path(file);
                let here = std::env::current_dir().and_then(std::fs::canonicalize);
                let relative = here
                    .ok()
                    .and_then(|here| Some(real(&path).strip_prefix(here).ok()?.to_owned()));
                relative.unwrap_or(path)
            }
        }
    }
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
