//! Only what is new: findings that were not there before a change, or that no baseline knows.

mod base;
mod baseline;

pub use base::Base;
pub use baseline::Baseline;

use super::run::{Run, Whole};
use crate::analyse::engine::Part;
use crate::analyse::finding::Finding;
use crate::index::{FileId, World, WorldOptions};
use crate::plan::fingerprint::Fingerprint;
use crate::walk::Notice;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// What of a run's findings counts as new; all of them by default.
#[derive(Debug, Default)]
pub struct Scope {
    /// Only findings that were not there before a change.
    pub base: Option<Base>,
    /// Only findings that are not in here.
    pub baseline: Option<Baseline>,
}

impl Whole<'_> {
    /// What is said of leaks that the baseline knows and that are there no more.
    pub(super) fn gone(&self) -> Option<Notice> {
        let baseline = self.options.scope.baseline.as_ref()?;
        let analysed = |path: &Path| !path.exists() || self.asked.contains(&super::real(path));
        let gone = baseline.gone(&self.names, &analysed);
        let what = match gone {
            0 => return None,
            1 => "leak that is",
            _ => "leaks that are",
        };
        Some(Notice {
            path: baseline.path.clone(),
            text: format!("knows {gone} {what} gone (--write-baseline makes it anew)"),
            error: false,
        })
    }
}

impl Run<'_> {
    /// Leaves out what is not new, and counts it.
    pub(super) fn new_ones(&mut self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let (scope, before) = (&self.options.scope, findings.len());
        if let Some(base) = &scope.base {
            let known = self.before(&findings, base);
            let name = |finding: &Finding| self.fingerprints.get(&(finding.at, finding.rule));
            findings.retain(|finding| name(finding).is_none_or(|name| !known.contains(name)));
        }
        if let Some(baseline) = &scope.baseline {
            let name = |finding: &Finding| {
                let key = (finding.at, finding.rule);
                self.fingerprints.get(&key).copied().unwrap_or_default()
            };
            findings.retain(|finding| !baseline.knows(name(finding)));
        }
        self.not_new = before - findings.len();
        findings
    }

    /// The names of what was found, before the change, in the files that have findings now. A finding in a file that
    /// did not change can be new too: when a helper elsewhere no longer closes what it is given.
    fn before(&self, findings: &[Finding], base: &Base) -> BTreeSet<Fingerprint> {
        let world = World::new(WorldOptions::from_environment());
        let files: BTreeSet<FileId> = findings.iter().map(|finding| finding.at.file).collect();
        let mut asked = Vec::new();
        for (path, text) in &base.texts {
            // Without a package clause a file is in no package.
            world.add_file(path, Some(text.clone().unwrap_or_default()));
        }
        for &file in &files {
            let path = self.world.path(file);
            let text = match base.texts.get(&super::real(&path)) {
                None => self.world.text(file),
                Some(Some(text)) => Arc::clone(text),
                Some(None) => continue,
            };
            asked.push((world.add_file(&path, Some(text)), Part::All));
        }
        let results = self
            .engine
            .analyse(&world, &asked, self.options.jobs, &|| ());
        let found: Vec<Finding> = results.into_iter().flat_map(|one| one.findings).collect();
        super::report::name(&world, &found).into_values().collect()
    }
}
