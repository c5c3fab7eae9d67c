//! The report of a run, from the plan's outcomes.

use super::{Run, real};
use crate::analyse::finding::{Finding, Location, Verdict};
use crate::analyse::layout;
use crate::emit::{Part, Place, Report, ReportedFile, ReportedFinding, ReportedGroup, State};
use crate::index::{FileId, World};
use crate::plan::fingerprint::{Fingerprint, Key, fingerprints};
use crate::plan::{Outcome, Plan, Status, apply, by_file};
use crate::verify;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

impl Run<'_> {
    /// Everything that emitters need; the world is not needed after it.
    pub(super) fn report(mut self, plan: Plan) -> Report {
        let mut ids: BTreeSet<FileId> = plan.files();
        for outcome in &plan.outcomes {
            ids.insert(outcome.finding.at.file);
            ids.extend(outcome.finding.related.iter().map(|(at, _)| at.file));
        }
        let mut paths: Vec<(PathBuf, FileId)> = ids.iter().map(|&id| (self.path(id), id)).collect();
        paths.sort();
        let index: BTreeMap<FileId, usize> = paths
            .iter()
            .enumerate()
            .map(|(at, (_, id))| (*id, at))
            .collect();
        let changes = by_file(&plan.groups);
        let own = index.iter().filter(|(id, _)| self.is_own(**id));
        let own: BTreeSet<usize> = own.map(|(_, at)| *at).collect();
        let files: Vec<ReportedFile> = paths
            .into_iter()
            .map(|(path, id)| {
                let old = self.world.text(id);
                let groups = changes.get(&id).into_iter().flatten();
                let edits = verify::edits(groups.map(|(_, group)| *group), id, &old);
                let own = own.contains(&index[&id]);
                let new = edits.filter(|edits| own && !edits.is_empty());
                let new = new.and_then(|edits| apply(&old, &edits));
                ReportedFile { path, old, new }
            })
            .collect();
        // Groups that were dropped have no members and no edits: they keep their number out of the report.
        let mut numbers = BTreeMap::new();
        let mut groups = Vec::new();
        for (id, group) in plan.groups.iter().enumerate() {
            let Some(applicability) = plan.applicability(group) else {
                continue;
            };
            numbers.insert(id, groups.len());
            let edits = group.files().into_iter().filter_map(|file| {
                let text = self.world.text(file);
                let edits = verify::edits(std::slice::from_ref(group), file, &text)?;
                Some((index[&file], edits))
            });
            let parts = group.files().into_iter().map(|file| {
                let part = Part {
                    code: group.edits.get(&file).cloned().unwrap_or_default(),
                    imports: group.imports.get(&file).cloned().unwrap_or_default(),
                };
                (index[&file], part)
            });
            groups.push(ReportedGroup {
                applicability,
                edits: edits.collect(),
                parts: parts.collect(),
            });
        }
        let place = |at: Location| {
            let file = index[&at.file];
            place(file, &files[file].old, at)
        };
        // A later round's findings have no name yet.
        let mut fingerprints = std::mem::take(&mut self.fingerprints);
        let found = plan.outcomes.iter().map(|outcome| &outcome.finding);
        for (key, fingerprint) in name(&self.world, found) {
            fingerprints.entry(key).or_insert(fingerprint);
        }
        let reported = |outcome: Outcome| {
            let key = (outcome.finding.at, outcome.finding.rule);
            let fingerprint = fingerprints.get(&key).copied().unwrap_or_default();
            let state = state(&outcome, &numbers);
            let finding = outcome.finding;
            ReportedFinding {
                rule: finding.rule,
                severity: finding.severity,
                at: place(finding.at),
                message: finding.message,
                related: finding
                    .related
                    .into_iter()
                    .map(|(at, text)| (place(at), text))
                    .collect(),
                state,
                fingerprint,
            }
        };
        let mut findings: Vec<ReportedFinding> = plan.outcomes.into_iter().map(reported).collect();
        findings.sort_by(|a, b| (a.at, a.rule).cmp(&(b.at, b.rule)));
        // Of the files of other shards nothing is said.
        findings.retain(|finding| own.contains(&finding.at.file));
        Report {
            files,
            findings,
            groups,
            notices: std::mem::take(&mut self.notices),
            analysed: 0,
            skipped: BTreeMap::new(),
            proved: None,
            suppressed: self.suppressed,
            not_new: self.not_new,
            rules: Vec::new(),
            directory: PathBuf::new(),
        }
    }
}

/// The path of a file from the root of its repository (where `.git` is), else of its module, else as it is: the same
/// on every machine and from every directory. `roots` remembers what was looked up.
/// The findings' fingerprints.
pub(super) fn name<'f>(
    world: &World,
    findings: impl IntoIterator<Item = &'f Finding>,
) -> BTreeMap<Key, Fingerprint> {
    let roots = RefCell::default();
    fingerprints(
        findings
            .into_iter()
            .map(|finding| (finding.at, finding.rule)),
        &|id| in_repository(&world.path(id), &mut roots.borrow_mut()),
        &|id| world.text(id),
    )
}

fn in_repository(path: &Path, roots: &mut BTreeMap<PathBuf, PathBuf>) -> String {
    let path = real(path);
    let directory = path.parent().unwrap_or(Path::new("")).to_owned();
    let root = roots.entry(directory).or_insert_with_key(|directory| {
        let with = |name: &str| directory.ancestors().find(|up| up.join(name).exists());
        let root = with(".git").or_else(|| with("go.mod"));
        root.unwrap_or(Path::new("")).to_owned()
    });
    let below = path.strip_prefix(&*root).unwrap_or(&path);
    let parts = below.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

fn place(file: usize, text: &str, at: Location) -> Place {
    let (start, end) = (at.span.start as usize, at.span.end as usize);
    let (line, column) = layout::position(text, start);
    let (end_line, end_column) = layout::position(text, end);
    Place {
        file,
        start,
        end,
        line,
        column,
        end_line,
        end_column,
    }
}

fn state(outcome: &Outcome, numbers: &BTreeMap<usize, usize>) -> State {
    let title = match &outcome.finding.verdict {
        Verdict::Fix(fix) => fix.title.clone(),
        Verdict::Declined(_) => String::new(),
    };
    match outcome.status {
        Status::Offered(group) => State::Offered {
            title,
            group: numbers[&group.0],
        },
        Status::Unsafe => State::Unsafe { title },
        Status::Declined(reason) => State::Declined(reason),
    }
}
