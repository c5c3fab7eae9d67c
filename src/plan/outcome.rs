//! What becomes of each finding; emitters receive this and decide nothing.

use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Finding};
use crate::index::FileId;
use std::collections::{BTreeMap, BTreeSet};

/// An atomic group: an index into [`Plan::groups`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub usize);

/// What is done about a finding in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its fix is in the diff, with the other members of its group.
    Offered(GroupId),
    /// It has a fix that a person must agree to; `--unsafe-fixes` was not given.
    Unsafe,
    /// Nothing, and why.
    Declined(Declined),
}

/// A finding with its end.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The finding.
    pub finding: Finding,
    /// What is done about it.
    pub status: Status,
}

/// Fixes that share an edit: all of it is applied, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its findings, as indices into [`Plan::outcomes`], in order.
    pub members: Vec<usize>,
    /// Edits by file, in order of their offset, none overlapping; imports not included.
    pub edits: BTreeMap<FileId, Vec<Edit>>,
    /// Packages whose import the new text needs.
    pub imports: BTreeMap<FileId, BTreeSet<&'static str>>,
}

/// The outcomes of a run and the groups they speak of.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// In the order of the findings.
    pub outcomes: Vec<Outcome>,
    /// Groups; one that was dropped has no members.
    pub groups: Vec<Group>,
}

impl Group {
    /// Files that it changes.
    pub fn files(&self) -> BTreeSet<FileId> {
        self.edits
            .keys()
            .chain(self.imports.keys())
            .copied()
            .collect()
    }
}

impl Plan {
    /// The applicability of a group: the least trusted of its fixes.
    pub fn applicability(&self, group: &Group) -> Option<Applicability> {
        use crate::analyse::finding::Verdict;
        let of = |&member: &usize| match &self.outcomes[member].finding.verdict {
            Verdict::Fix(fix) => Some(fix.applicability),
            Verdict::Declined(_) => None,
        };
        group.members.iter().filter_map(of).max()
    }

    /// Takes a group back: its findings are reported with this reason.
    pub fn drop_group(&mut self, id: GroupId, reason: Declined) {
        for member in std::mem::take(&mut self.groups[id.0]).members {
            self.outcomes[member].status = Status::Declined(reason);
        }
    }

    /// Files that some group changes.
    pub fn files(&self) -> BTreeSet<FileId> {
        self.groups.iter().flat_map(Group::files).collect()
    }
}

/// The groups that change each file, with their numbers, in order.
pub fn by_file(groups: &[Group]) -> BTreeMap<FileId, Vec<(usize, &Group)>> {
    let mut found: BTreeMap<FileId, Vec<(usize, &Group)>> = BTreeMap::new();
    for (number, group) in groups.iter().enumerate() {
        for file in group.files() {
            found.entry(file).or_default().push((number, group));
        }
    }
    found
}
