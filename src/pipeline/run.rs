//! One batch, from its files to its report: what a run knows between its stages.

use super::load::Loaded;
use super::{Options, load, real, report, shard, survey};
use crate::analyse::declined::Declined;
use crate::analyse::engine::Engine;
use crate::analyse::finding::Finding;
use crate::emit::Report;
use crate::index::{FileId, World, WorldOptions};
use crate::plan::fingerprint::{Fingerprint, Key};
use crate::plan::{self, Plan, Policy};
use crate::stats::{self, Stage};
use crate::syntax::check;
use crate::verify;
use crate::walk::{self, GoFile, Notice, Skip};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What the batches of a run have in common, and what they find out for the others.
pub(super) struct Whole<'r> {
    pub(super) options: &'r Options,
    /// All files, in path order.
    pub(super) files: &'r [GoFile],
    /// Which of them are reported on.
    pub(super) own: Range<usize>,
    /// Called once a file.
    pub(super) done: &'r (dyn Fn() + Sync),
    /// What was left out, by path.
    pub(super) left_out: Vec<(PathBuf, Skip)>,
    /// Of all findings, also those that are not new.
    pub(super) names: BTreeSet<Fingerprint>,
    /// The files that were analysed, without symbolic links.
    pub(super) asked: BTreeSet<PathBuf>,
    /// How long the go command may still be asked; none when it is not to be asked.
    pub(super) patience: Option<Duration>,
}

impl Whole<'_> {
    /// Whether some of the batch is reported on.
    pub(super) fn concerns(&self, batch: &[usize]) -> bool {
        batch.iter().any(|at| self.own.contains(at))
    }
}

/// The state of a batch between its stages.
pub(super) struct Run<'r> {
    pub(super) options: &'r Options,
    pub(super) engine: &'r Engine<'r>,
    pub(super) world: World,
    /// How people see the path of a file that was asked for.
    shown: BTreeMap<FileId, PathBuf>,
    /// Files that may be changed, without symbolic links.
    pub(super) asked: BTreeSet<PathBuf>,
    /// Directories whose files may be changed, without symbolic links.
    reach: Vec<PathBuf>,
    /// Files of other shards: nothing is said of them.
    others: BTreeSet<PathBuf>,
    pub(super) notices: Vec<Notice>,
    pub(super) suppressed: usize,
    /// Of all findings, also those that are not new: equal ones are told apart by their order.
    pub(super) fingerprints: BTreeMap<Key, Fingerprint>,
    pub(super) not_new: usize,
}

/// The report of a batch: files by their numbers. The error is one of the program itself.
pub(super) fn batch(whole: &mut Whole<'_>, batch: &[usize]) -> Result<Report, String> {
    let options = whole.options;
    let listed: Vec<&GoFile> = batch.iter().map(|at| &whole.files[*at]).collect();
    let rules = survey::survey(
        &listed,
        options.given.as_ref().map(|given| &*given.bytes),
        &options.rules,
        &options.paths,
        options.jobs,
    );
    let engine = Engine::new(&rules, options.exported, options.prefilter)?;
    Ok(Run::of(options, whole, &engine, batch))
}

impl<'r> Run<'r> {
    fn of(
        options: &'r Options,
        whole: &mut Whole<'_>,
        engine: &'r Engine<'r>,
        batch: &[usize],
    ) -> Report {
        let mut run = Run {
            options,
            engine,
            world: World::new(WorldOptions::from_environment()),
            shown: BTreeMap::new(),
            asked: BTreeSet::new(),
            others: BTreeSet::new(),
            reach: options.reach.iter().map(|path| real(path)).collect(),
            notices: Vec::new(),
            suppressed: 0,
            fingerprints: BTreeMap::new(),
            not_new: 0,
        };
        for (path, text) in &options.unsaved {
            let id = run.world.add_file(path, Some(Arc::clone(text)));
            run.shown.insert(id, path.clone());
        }
        let mut skipped = BTreeMap::new();
        let (files, analysed) = run.load(whole, batch, &mut skipped);
        let own = |file: FileId| run.is_own(file);
        let (engine, jobs) = (run.engine, options.jobs);
        let results = shard::analyse(engine, &run.world, &files, &own, jobs, whole.done);
        let findings = run.collect(results);
        run.fingerprints = report::name(&run.world, &findings);
        let findings = run.new_ones(findings);
        let (plan, proof) = stats::stage(Stage::Plan, || {
            let plan = run.rounds(run.plan(&run.world, findings));
            stats::stage(Stage::Verify, || run.prove(plan, &mut whole.patience))
        });
        if options.scope.baseline.is_some() {
            whole.names.extend(run.fingerprints.values());
            whole.asked.append(&mut run.asked.clone());
        }
        let mut report = stats::stage(Stage::Emit, || run.report(plan));
        report.proved = proof;
        report.analysed = analysed;
        report.skipped = skipped;
        report
    }

    /// Gives the files to the world. Those that are to be analysed, and how many files count as analysed.
    fn load(
        &mut self,
        whole: &mut Whole<'_>,
        batch: &[usize],
        skipped: &mut BTreeMap<Skip, usize>,
    ) -> (Vec<FileId>, usize) {
        let options = self.options;
        let listed: Vec<&GoFile> = batch.iter().map(|at| &whole.files[*at]).collect();
        let loaded = load::load(
            &listed,
            options.given.as_ref().map(|given| &*given.bytes),
            self.engine,
            options.jobs,
            options.include.contains(&Skip::Generated),
        );
        let mut files = Vec::new();
        let mut analysed = 0;
        for ((at, file), loaded) in batch.iter().zip(listed).zip(loaded) {
            let counts = whole.own.contains(at);
            if !counts {
                self.others.insert(real(&file.path));
            }
            if !matches!(loaded, Loaded::Text(_)) {
                (whole.done)();
            }
            match loaded {
                Loaded::Text(text) => {
                    analysed += usize::from(counts);
                    self.asked.insert(real(&file.path));
                    let id = self.world.add_file(&file.path, Some(text));
                    self.shown.insert(id, file.path.clone());
                    files.push(id);
                }
                Loaded::NoCandidate => {
                    analysed += usize::from(counts);
                    self.asked.insert(real(&file.path));
                }
                _ if !counts => {}
                Loaded::Skipped(skip) => {
                    *skipped.entry(skip).or_default() += 1;
                    if file.named {
                        self.notice(&file.path, walk::skipped(skip), false);
                    } else {
                        whole.left_out.push((file.path.clone(), skip));
                    }
                }
                Loaded::Failed { text, error } => self.notice(&file.path, text, error),
            }
        }
        (files, analysed)
    }

    pub(super) fn notice(&mut self, path: &Path, text: String, error: bool) {
        self.notices.push(Notice {
            path: path.to_owned(),
            text,
            error,
        });
    }

    pub(super) fn plan(&self, world: &World, findings: Vec<Finding>) -> Plan {
        let policy = Policy {
            unsafe_fixes: self.options.unsafe_fixes,
            fixed: &|file| self.may_not_change(world, file),
            text: &|file| world.text(file),
        };
        let mut plan = plan::plan(findings, &policy);
        stats::stage(Stage::Verify, || verify::verify(&mut plan, world));
        plan
    }

    /// Whether the file is not of another shard.
    pub(super) fn is_own(&self, file: FileId) -> bool {
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

    pub(super) fn path(&self, file: FileId) -> PathBuf {
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
