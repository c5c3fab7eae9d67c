//! Verify: the new text keeps the promises made to users, or the group is dropped. Repairs nothing.
//!
//! The promises are those of README.md: no new syntax error, bytes outside the edits untouched, gofmt-clean where it
//! was, nothing unused, declared twice or out of scope. Each has a test with an edit that breaks it.

mod facts;
mod format;
mod names;
mod part;
mod scope;
mod shadow;

use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::index::{FileId, World};
use crate::plan::{Group, GroupId, Plan, add_imports, apply, by_file};
use facts::{Facts, Known};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A promise that a new text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The edits do not apply: out of range, overlapping, or no place for an import was found.
    Edits,
    /// A syntax error that the old text did not have.
    Syntax,
    /// A changed line ends in white space, or is not indented as gofmt indents it.
    Format,
    /// A name is declared and never used, declared again where it already is, or where old code means another by it; or
    /// used outside of the block that declares it.
    Names,
    /// An import that nothing uses, or one taken away that is used, or was not used before either.
    Imports,
    /// Checking it panicked: a bug of the engine.
    Panic,
}

/// How many bytes of new texts a file may have checked, group by group: about three seconds' worth. A file of 10 KB may
/// have 3,355 groups, one of 1 MB 33; what is beyond is left to the next round or run.
const MOST: usize = 32 << 20;

/// Drops each group whose new texts break a promise.
pub fn verify(plan: &mut Plan, world: &World) {
    let known = world.memo::<Known>();
    let wrong = |groups: &[&Group], file: FileId| {
        let old = world.text(file);
        check(&known, &old, edits(groups.iter().copied(), file, &old)).is_err()
    };
    let mut checked: BTreeMap<FileId, usize> = BTreeMap::new();
    for id in 0..plan.groups.len() {
        let group = &plan.groups[id];
        let too_much = |file: FileId| {
            let checked = checked.entry(file).or_default();
            *checked += world.text(file).len();
            *checked > MOST
        };
        if group.files().into_iter().any(too_much) {
            plan.drop_group(GroupId(id), Declined::TooMany);
            continue;
        }
        let broken = group.files().into_iter().any(|file| wrong(&[group], file));
        if broken {
            plan.drop_group(GroupId(id), Declined::Invariant);
        }
    }
    // Groups that are right one by one may be wrong together: two that declare one name at different places.
    let together = by_file(&plan.groups);
    let clash = |(file, groups): (FileId, Vec<(usize, &Group)>)| {
        let groups: Vec<&Group> = groups.iter().map(|(_, group)| *group).collect();
        (groups.len() > 1 && wrong(&groups, file)).then_some(file)
    };
    let clashes: Vec<FileId> = together.into_iter().filter_map(clash).collect();
    for file in clashes {
        for id in incompatible(plan, file, &wrong) {
            plan.drop_group(id, Declined::Overlap);
        }
    }
}

/// The groups of a file but each that is right together with those before it: safe ones before unsafe ones.
fn incompatible(
    plan: &Plan,
    file: FileId,
    wrong: &dyn Fn(&[&Group], FileId) -> bool,
) -> Vec<GroupId> {
    let groups = by_file(&plan.groups);
    let mut dropped = BTreeSet::new();
    let rank = |number: usize, group: &Group| (plan.applicability(group), number);
    let mut own = groups.get(&file).cloned().unwrap_or_default();
    own.sort_by_key(|(number, group)| rank(*number, group));
    for (number, group) in own {
        // What it is judged together with: of this file the groups before it, of its other files all.
        let beside = |other: FileId| {
            let others = groups.get(&other).into_iter().flatten();
            let kept = others.filter(|(at, other)| {
                let before = rank(*at, other) <= rank(number, group);
                !dropped.contains(at) && (before || !other.files().contains(&file))
            });
            kept.map(|(_, group)| *group).collect::<Vec<_>>()
        };
        if group
            .files()
            .into_iter()
            .any(|other| wrong(&beside(other), other))
        {
            dropped.insert(number);
        }
    }
    dropped.into_iter().map(GroupId).collect()
}

/// The edits that groups make in a file, imports included; none when imports cannot be added.
pub fn edits<'g>(
    groups: impl IntoIterator<Item = &'g Group>,
    file: FileId,
    text: &str,
) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut imports: BTreeSet<&str> = BTreeSet::new();
    for group in groups {
        edits.extend(group.edits.get(&file).into_iter().flatten().cloned());
        imports.extend(group.imports.get(&file).into_iter().flatten());
    }
    edits.extend(add_imports(text, &imports).ok()?);
    edits.sort();
    Some(edits)
}

/// Whether the edits keep every promise about the text. A panic on the way is a broken promise: it costs one group,
/// not the run.
fn check(known: &Known, old: &str, edits: Option<Vec<Edit>>) -> Result<(), Violation> {
    let checked = catch_unwind(AssertUnwindSafe(|| promises(known, old, edits)));
    checked.unwrap_or(Err(Violation::Panic))
}

fn promises(known: &Known, old: &str, edits: Option<Vec<Edit>>) -> Result<(), Violation> {
    let edits = edits.ok_or(Violation::Edits)?;
    known.judged(old, &edits, || {
        let (part, moved) = part::touched(old, &known.bodies(old), &edits);
        let judged = whole(&part, &moved, |text| Arc::new(Facts::of(text)));
        // Who else uses an import that is taken away, the part does not know.
        if judged == Ok(Imports::Kept) && apply(old, &edits).is_some() {
            return Ok(());
        }
        whole(old, &edits, |text| known.facts(text)).map(|_| ())
    })
}

/// What becomes of a text's imports.
#[derive(PartialEq)]
enum Imports {
    Kept,
    Lost,
}

/// The promises about all of a text; `facts` are those of it.
fn whole(
    old: &str,
    edits: &[Edit],
    facts: impl Fn(&str) -> Arc<Facts>,
) -> Result<Imports, Violation> {
    let new = apply(old, edits).ok_or(Violation::Edits)?;
    let (after, before) = (facts(&new), facts(old));
    after.since(&before)?;
    if shadow::captures(old, &new, edits) || scope::leaves(&new, edits) {
        return Err(Violation::Names);
    }
    format::check(old, &new, edits)?;
    Ok(match after.has_imports_of(&before) {
        true => Imports::Kept,
        false => Imports::Lost,
    })
}

#[cfg(test)]
mod tests;
