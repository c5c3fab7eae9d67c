//! One run from arguments to report: the stages in their order, batch by batch, and nothing else.

mod batch;
mod collect;
mod load;
mod proof;
mod report;
mod rounds;
mod run;
mod scope;
mod shard;
mod survey;

use crate::analyse::transform::Rule;
use crate::config::Exported;
use crate::emit::{Report, ReportedRule};
use crate::prove::{self, When};
use crate::stats::{self, Stage};
use crate::walk::{self, Notice, Skip};
use run::{Run, Whole};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    let done = AtomicUsize::new(0);
    let mut whole = Whole {
        options,
        files: &walked.files,
        own,
        done: &|| {
            let before = done.fetch_add(1, Ordering::Relaxed);
            progress(before + 1, walked.files.len());
        },
        left_out: walked.left_out,
        names: Default::default(),
        asked: Default::default(),
        patience: prove::patience(options.verify),
    };
    let mut parts = vec![Report {
        notices: walked.notices,
        skipped: walked.skipped,
        ..Report::default()
    }];
    for batch in batch::batches(&walked.files) {
        if whole.concerns(&batch) {
            parts.push(run::batch(&mut whole, &batch)?);
        }
    }
    let mut report = stats::stage(Stage::Emit, || Report::join(parts));
    report.notices.extend(whole.gone());
    if options.verbose {
        whole.left_out.sort();
        let skipped = whole.left_out.into_iter();
        report.notices.extend(skipped.map(|(path, skip)| Notice {
            path,
            text: walk::skipped(skip),
            error: false,
        }));
    }
    let rule = |rule: &Rule| ReportedRule {
        id: rule.transform.id,
        summary: rule.transform.summary,
        readme: rule.transform.readme,
    };
    report.rules = options.rules.iter().map(rule).collect();
    report.directory = std::env::current_dir().unwrap_or_default();
    Ok(report)
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
