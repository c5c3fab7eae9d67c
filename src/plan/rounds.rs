//! A plan made on the new texts of another plan joins it, in terms of the original texts.
//!
//! A fix that lay on another one's lines, or that another one made possible, is found when the new texts are analysed
//! again; what a person sees is still one diff on what is on disk.

use super::compose::{Owner, Trail, compose};
use super::outcome::{GroupId, Outcome, Plan, Status, by_file};
use super::{Group, add_imports, apply, gone};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Edit, Finding, Location};
use crate::analyse::layout;
use crate::index::FileId;
use crate::syntax::ast::Span;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The texts of two rounds.
pub struct Texts<'a> {
    /// The original text of a file of the earlier plan.
    pub original: &'a dyn Fn(FileId) -> Arc<str>,
    /// The text that the later plan is about, of a file of its own.
    pub later: &'a dyn Fn(FileId) -> Arc<str>,
    /// The file of the earlier plan for one of the later plan.
    pub file: &'a dyn Fn(FileId) -> FileId,
}

/// Joins to `plan` what is offered by `next`, a plan on the texts that `plan` makes. A group of the later plan and the groups that changed one of its files
/// before are one: it was judged on their text. None when the two do not fit together.
///
/// `analysed` are the later plan's files.
pub fn join(
    plan: &Plan,
    next: &Plan,
    analysed: &BTreeSet<FileId>,
    texts: &Texts<'_>,
) -> Option<Plan> {
    let (text, file) = (texts.original, texts.file);
    let mut joined = plan.clone();
    let base = joined.groups.len();
    let mut trails = BTreeMap::new();
    let mut sets = Sets((0..base + next.groups.len()).collect());
    for group in &next.groups {
        joined.groups.push(Group {
            imports: group
                .imports
                .iter()
                .map(|(at, paths)| (file(*at), paths.clone()))
                .collect(),
            ..Group::default()
        });
    }
    let (earlier, after) = (by_file(&plan.groups), by_file(&next.groups));
    for (&later, changes) in &after {
        let id = file(later);
        let old = text(id);
        let before = touching(&earlier, id);
        let first = owned(before, id, &old)?;
        let mut second = Vec::new();
        for &(number, group) in changes {
            let edits = group.edits.get(&later).into_iter().flatten();
            second.extend(edits.map(|edit| (edit.clone(), Owner::Group(base + number))));
            let before = before.iter();
            before.for_each(|(other, _)| sets.unite(*other, base + number));
        }
        trails.insert(later, Trail::new(first.iter().map(|(edit, _)| edit)));
        for (number, _) in before {
            joined.groups[*number].edits.remove(&id);
        }
        for composed in compose(&old, &first, &second)? {
            let mut owners = composed.owners.iter();
            match owners.next()? {
                // An edit of the import block would be lost when imports are made anew.
                Owner::Imports if composed.owners.len() > 1 => return None,
                Owner::Imports => {}
                Owner::Group(owner) => {
                    for other in owners {
                        match other {
                            Owner::Group(other) => sets.unite(*owner, *other),
                            Owner::Imports => return None,
                        }
                    }
                    let edits = joined.groups[*owner].edits.entry(id).or_default();
                    edits.push(composed.edit);
                }
            }
        }
    }
    let mut found = Vec::new();
    for (number, group) in next.groups.iter().enumerate() {
        for &member in &group.members {
            let finding = moved(&next.outcomes[member].finding, &trails, texts);
            found.push(finding.clone());
            let member = enter(&mut joined, finding);
            joined.groups[base + number].members.push(member);
        }
    }
    for outcome in &next.outcomes {
        if !matches!(outcome.status, Status::Offered(_)) {
            let later = outcome.finding.at.file;
            if let Entry::Vacant(unchanged) = trails.entry(later) {
                let id = file(later);
                let first = owned(touching(&earlier, id), id, &text(id))?;
                unchanged.insert(Trail::new(first.iter().map(|(edit, _)| edit)));
            }
            let finding = moved(&outcome.finding, &trails, texts);
            if let Status::Declined(reason) = outcome.status {
                explain(&mut joined, &finding, reason);
            }
            found.push(finding);
        }
    }
    let analysed = analysed.iter().map(|&later| file(later)).collect();
    gone::fixed_too(plan, &mut joined, &analysed, &found);
    unite(&mut joined, &mut sets);
    let united = by_file(&joined.groups);
    let same = after.iter().all(|(&later, changes)| {
        let id = file(later);
        let old = text(id);
        let both = |groups: &ByFile<'_>| {
            let first = owned(touching(groups, id), id, &old)?;
            apply(&old, first.iter().map(|(edit, _)| edit))
        };
        let middle = both(&earlier).unwrap_or_default();
        let second = owned(changes, later, &middle);
        let second = second.and_then(|edits| apply(&middle, edits.iter().map(|(edit, _)| edit)));
        second.is_some() && second == both(&united)
    });
    same.then_some(joined)
}

type ByFile<'p> = BTreeMap<FileId, Vec<(usize, &'p Group)>>;

fn touching<'g, 'p>(groups: &'g ByFile<'p>, file: FileId) -> &'g [(usize, &'p Group)] {
    groups.get(&file).map_or(&[], Vec::as_slice)
}

/// The edits that groups make in a file, with their owners, and the imports.
fn owned(groups: &[(usize, &Group)], file: FileId, text: &str) -> Option<Vec<(Edit, Owner)>> {
    let mut edits = Vec::new();
    let mut imports: BTreeSet<&str> = BTreeSet::new();
    for &(number, group) in groups {
        let own = group.edits.get(&file).into_iter().flatten();
        edits.extend(own.map(|edit| (edit.clone(), Owner::Group(number))));
        imports.extend(group.imports.get(&file).into_iter().flatten());
    }
    let imports = add_imports(text, &imports).ok()?;
    edits.extend(imports.into_iter().map(|edit| (edit, Owner::Imports)));
    Some(edits)
}

/// The finding with places of the original texts; its message names them by line and column.
fn moved(finding: &Finding, trails: &BTreeMap<FileId, Trail>, texts: &Texts<'_>) -> Finding {
    let mut finding = finding.clone();
    let mut places = BTreeMap::new();
    let mut back = |at: Location| {
        let (file, mut span) = ((texts.file)(at.file), at.span);
        if let Some(trail) = trails.get(&at.file) {
            let start = trail.back(at.span.start as usize);
            span = Span::new(start, trail.back(at.span.end as usize).max(start));
            let later = place(&(texts.later)(at.file), at.span);
            places.insert(later, place(&(texts.original)(file), span));
        }
        Location { file, span }
    };
    finding.at = back(finding.at);
    for (at, _) in &mut finding.related {
        *at = back(*at);
    }
    let words = |text: &str| -> String {
        let word = |word: &str| {
            let bare = word.trim_end_matches([',', ';', ')']);
            match places.get(bare) {
                Some(place) => format!("{place}{}", &word[bare.len()..]),
                None => word.to_owned(),
            }
        };
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    finding.message = words(&finding.message);
    for (_, text) in &mut finding.related {
        *text = words(text);
    }
    finding
}

fn place(text: &str, span: Span) -> String {
    let (line, column) = layout::position(text, span.start as usize);
    format!("{line}:{column}")
}

/// The outcome that a finding of the later plan is: one that the earlier plan had to put off, or would not offer as the
/// code was, or a new one.
fn enter(plan: &mut Plan, finding: Finding) -> usize {
    let put_off = |outcome: &Outcome| {
        !matches!(outcome.status, Status::Offered(_)) && is_same(&outcome.finding, &finding)
    };
    // Replaced when groups are united.
    let status = Status::Declined(Declined::Overlap);
    match plan.outcomes.iter().position(put_off) {
        Some(known) => {
            // The message keeps the lines of the text on disk.
            plan.outcomes[known].finding.verdict = finding.verdict;
            known
        }
        None => {
            plan.outcomes.push(Outcome { finding, status });
            plan.outcomes.len() - 1
        }
    }
}

/// What was put off because another fix changes the same lines is told why it cannot be fixed beside that one.
fn explain(plan: &mut Plan, finding: &Finding, reason: Declined) {
    let known = plan.outcomes.iter_mut().find(|outcome| {
        outcome.status == Status::Declined(Declined::Overlap) && is_same(&outcome.finding, finding)
    });
    if let Some(known) = known {
        known.status = Status::Declined(reason);
    }
}

pub(super) fn is_same(a: &Finding, b: &Finding) -> bool {
    a.rule == b.rule && a.at.file == b.at.file && a.at.span.start == b.at.span.start
}

/// Moves what belongs to each set into its first group.
fn unite(plan: &mut Plan, sets: &mut Sets) {
    for number in 0..plan.groups.len() {
        let root = sets.root(number);
        if root != number {
            let group = std::mem::take(&mut plan.groups[number]);
            let into = &mut plan.groups[root];
            into.members.extend(group.members);
            for (file, edits) in group.edits {
                into.edits.entry(file).or_default().extend(edits);
            }
            for (file, paths) in group.imports {
                into.imports.entry(file).or_default().extend(paths);
            }
        }
    }
    for (number, group) in plan.groups.iter_mut().enumerate() {
        group.members.sort_unstable();
        group.edits.retain(|_, edits| !edits.is_empty());
        group.edits.values_mut().for_each(|edits| edits.sort());
        for &member in &group.members {
            plan.outcomes[member].status = Status::Offered(GroupId(number));
        }
    }
}

/// Union-find; the root of a set is its smallest number.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, mut number: usize) -> usize {
        while self.0[number] != number {
            number = self.0[number];
        }
        number
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}
