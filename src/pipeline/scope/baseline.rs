//! A baseline: findings that are known and not to be told again. Its file has no line numbers, one finding a line, so
//! that it survives edits and merges.

use crate::emit::Report;
use crate::plan::fingerprint::Fingerprint;
use crate::walk::describe;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Version of the file's form.
const VERSION: u32 = 1;

/// Findings by their fingerprint.
#[derive(Debug)]
pub struct Baseline {
    /// Where it was read from.
    pub path: PathBuf,
    known: BTreeMap<Fingerprint, Known>,
}

#[derive(Debug, Deserialize, Serialize)]
struct File<T> {
    version: u32,
    findings: Vec<T>,
}

/// What the file says of a finding; all but the fingerprint is for people.
#[derive(Debug, Deserialize, Serialize)]
struct Known {
    fingerprint: String,
    rule: String,
    path: String,
    message: String,
}

impl Baseline {
    /// Reads one.
    pub fn read(path: &Path) -> Result<Baseline, String> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| {
            format!("{shown}: {} (--write-baseline makes one)", describe(&error))
        })?;
        let file: File<Known> = serde_json::from_str(&text)
            .map_err(|error| format!("{shown}: not a baseline: {error}"))?;
        if file.version != VERSION {
            return Err(format!(
                "{shown}: version {} of a baseline is not known",
                file.version
            ));
        }
        let known = file.findings.into_iter().map(|known| {
            let fingerprint = known.fingerprint.parse();
            let fingerprint = fingerprint
                .map_err(|()| format!("{shown}: {:?} is no fingerprint", known.fingerprint))?;
            Ok((fingerprint, known))
        });
        Ok(Baseline {
            path: path.to_owned(),
            known: known.collect::<Result<_, String>>()?,
        })
    }

    /// Writes what a report has left: everything but what was fixed.
    pub fn write(path: &Path, report: &Report) -> Result<(), String> {
        let known = report.left().map(|finding| Known {
            fingerprint: finding.fingerprint.to_string(),
            rule: finding.rule.to_owned(),
            path: report.path(finding.at.file),
            message: finding.message.clone(),
        });
        let mut lines: Vec<String> = Vec::new();
        for known in known {
            lines.push(serde_json::to_string(&known).map_err(|error| error.to_string())?);
        }
        // By path, as they were reported: a change of one file changes lines that lie together.
        let text = format!(
            "{{\"version\": {VERSION}, \"findings\": [\n{}\n]}}\n",
            lines.join(",\n")
        );
        fs::write(path, text).map_err(|error| format!("{}: {}", path.display(), describe(&error)))
    }

    pub(super) fn knows(&self, fingerprint: Fingerprint) -> bool {
        self.known.contains_key(&fingerprint)
    }

    /// How many of its findings, in files that were analysed, were not found.
    pub(super) fn gone(
        &self,
        found: &BTreeSet<Fingerprint>,
        analysed: &dyn Fn(&Path) -> bool,
    ) -> usize {
        let gone = self.known.iter().filter(|(fingerprint, known)| {
            !found.contains(fingerprint) && analysed(Path::new(&known.path))
        });
        gone.count()
    }
}
