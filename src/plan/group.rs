//! Atomic groups. Fixes that make the same edit (two goroutines threaded into one `main`) become one group; a fix
//! that would change the same text in another way is declined.

use super::outcome::{Group, GroupId, Outcome, Plan, Status};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Finding, Fix, Verdict};
use crate::analyse::layout;
use crate::index::FileId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a run allows.
pub struct Policy<'a> {
    /// Fixes that a person must agree to are applied too.
    pub unsafe_fixes: bool,
    /// Why a file may not be changed; none when it may.
    pub fixed: &'a dyn Fn(FileId) -> Option<Declined>,
    /// A file's text.
    pub text: &'a dyn Fn(FileId) -> Arc<str>,
}

/// Sorts findings into outcomes and groups. Where two fixes are in conflict, a safe one wins over an unsafe one, and
/// then an earlier finding over a later one.
pub fn plan(findings: Vec<Finding>, policy: &Policy<'_>) -> Plan {
    let mut planner = Planner {
        policy,
        accepted: BTreeMap::new(),
        sets: Vec::new(),
        fixes: Vec::new(),
    };
    let status = |finding: &Finding| match &finding.verdict {
        Verdict::Declined(reason) => Status::Declined(*reason),
        // Of one that may be offered: until it is.
        Verdict::Fix(_) => Status::Unsafe,
    };
    let outcome = |finding: Finding| Outcome {
        status: status(&finding),
        finding,
    };
    let mut outcomes: Vec<Outcome> = findings.into_iter().map(outcome).collect();
    let mut allowed = vec![Applicability::Safe];
    allowed.extend(policy.unsafe_fixes.then_some(Applicability::Unsafe));
    for applicability in allowed {
        for (number, outcome) in outcomes.iter_mut().enumerate() {
            match &outcome.finding.verdict {
                Verdict::Fix(fix) if fix.applicability == applicability => {
                    if let Err(reason) = planner.accept(fix, number) {
                        outcome.status = Status::Declined(reason);
                    }
                }
                _ => {}
            }
        }
    }
    planner.finish(outcomes)
}

struct Planner<'a> {
    policy: &'a Policy<'a>,
    /// Edits so far, with the set they belong to: of each file in order, and none in conflict with another.
    accepted: BTreeMap<FileId, Vec<(Edit, usize)>>,
    /// Union-find over accepted fixes: each one's parent.
    sets: Vec<usize>,
    /// Accepted fixes: finding, edits, imports.
    fixes: Vec<Accepted>,
}

struct Accepted {
    finding: usize,
    edits: Vec<(FileId, Edit)>,
    imports: Vec<(FileId, &'static str)>,
}

impl Planner<'_> {
    fn accept(&mut self, fix: &Fix, finding: usize) -> Result<(), Declined> {
        let imported = fix.imports.iter().map(|(file, _)| *file);
        let files: BTreeSet<FileId> = fix
            .edits
            .iter()
            .map(|(file, _)| *file)
            .chain(imported)
            .collect();
        if let Some(reason) = files.into_iter().find_map(|file| (self.policy.fixed)(file)) {
            return Err(reason);
        }
        let edits = self.normalised(fix);
        let mut shared = BTreeSet::new();
        for (file, edit) in &edits {
            let accepted = self.accepted.get(file).map_or(&[][..], Vec::as_slice);
            let first = accepted.partition_point(|(other, _)| other.span.end < edit.span.start);
            for (other, set) in &accepted[first..] {
                if other.span.start > edit.span.end {
                    break;
                }
                if other == edit {
                    shared.insert(*set);
                } else if conflict(other, edit) {
                    return Err(Declined::Overlap);
                }
            }
        }
        let set = self.sets.len();
        self.sets.push(set);
        for other in shared {
            let root = self.root(other);
            self.sets[root] = set;
        }
        for (file, edit) in &edits {
            let accepted = self.accepted.entry(*file).or_default();
            if let Err(at) = accepted.binary_search_by(|(other, _)| other.cmp(edit)) {
                accepted.insert(at, (edit.clone(), set));
            }
        }
        self.fixes.push(Accepted {
            finding,
            edits,
            imports: fix.imports.clone(),
        });
        Ok(())
    }

    /// The edits with the line breaks of the place they go to.
    fn normalised(&self, fix: &Fix) -> Vec<(FileId, Edit)> {
        let normal = |(file, edit): &(FileId, Edit)| {
            let mut edit = edit.clone();
            if edit.text.contains('\n') {
                let text = (self.policy.text)(*file);
                let offset = (edit.span.start as usize).min(text.len());
                if layout::newline(&text, offset) == "\r\n" {
                    edit.text = edit.text.replace("\r\n", "\n").replace('\n', "\r\n");
                }
            }
            (*file, edit)
        };
        fix.edits.iter().map(normal).collect()
    }

    fn root(&self, mut set: usize) -> usize {
        while self.sets[set] != set {
            set = self.sets[set];
        }
        set
    }

    fn finish(self, mut outcomes: Vec<Outcome>) -> Plan {
        // Groups in order of their first finding, so that ids do not depend on how sets were joined.
        let mut ids = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        let mut fixes: Vec<(usize, &Accepted)> = self.fixes.iter().enumerate().collect();
        fixes.sort_by_key(|(_, fix)| fix.finding);
        for (set, fix) in fixes {
            let id = *ids.entry(self.root(set)).or_insert_with(|| {
                groups.push(Group::default());
                groups.len() - 1
            });
            let group = &mut groups[id];
            group.members.push(fix.finding);
            outcomes[fix.finding].status = Status::Offered(GroupId(id));
            for (file, edit) in &fix.edits {
                let edits = group.edits.entry(*file).or_default();
                if let Err(at) = edits.binary_search(edit) {
                    edits.insert(at, edit.clone());
                }
            }
            for (file, path) in &fix.imports {
                group.imports.entry(*file).or_default().insert(path);
            }
        }
        Plan { outcomes, groups }
    }
}

/// Whether two different edits change the same text: ranges that overlap, an insertion inside a range, or two
/// insertions at one place, whose order nobody knows.
fn conflict(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span, b.span);
    if a.start == a.end && b.start == b.end {
        return a.start == b.start;
    }
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests;
