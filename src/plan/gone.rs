//! What had to be put off because another fix changes the same lines, and is not found in the text which that fix makes:
//! two transforms saw one leak, and one fix ends it.

use super::outcome::{Outcome, Plan, Status};
use super::rounds::is_same;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Edit, Finding, Verdict};
use crate::index::FileId;
use std::collections::BTreeSet;

/// Findings of `plan` in the files that were `analysed` again, and that are none of those `found` there, become members
/// of the group which ended them. Where something of the same rule is found that nothing was known of, it could be the
/// old leak in another place, so that nothing is said to have ended.
pub(super) fn fixed_too(
    plan: &Plan,
    joined: &mut Plan,
    analysed: &BTreeSet<FileId>,
    found: &[Finding],
) {
    let is_known = |finding: &Finding| {
        let mut known = plan.outcomes.iter();
        known.any(|known| is_same(&known.finding, finding))
    };
    let is_found = |wanted: &Finding| {
        let mut found = found.iter();
        found.any(|one| {
            let of_file = one.rule == wanted.rule && one.at.file == wanted.at.file;
            of_file && (is_same(one, wanted) || !is_known(one))
        })
    };
    for (member, outcome) in plan.outcomes.iter().enumerate() {
        let finding = &outcome.finding;
        if outcome.status != Status::Declined(Declined::Overlap)
            || !analysed.contains(&finding.at.file)
            || is_found(finding)
        {
            continue;
        }
        let Some(group) = in_its_way(plan, outcome) else {
            continue;
        };
        let first = plan.groups[group].members.first();
        if let Some(&first) = first {
            joined.outcomes[member].finding.verdict = plan.outcomes[first].finding.verdict.clone();
            joined.groups[group].members.push(member);
        }
    }
}

/// Fixes that are right one by one and wrong together may touch without overlapping.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.start <= b.span.end && b.span.start <= a.span.end
}

/// The only group that changes the text which the finding's fix wanted to change.
fn in_its_way(plan: &Plan, outcome: &Outcome) -> Option<usize> {
    let Verdict::Fix(fix) = &outcome.finding.verdict else {
        return None;
    };
    let meets = |number: &usize| {
        fix.edits.iter().any(|(file, edit)| {
            let edits = plan.groups[*number].edits.get(file);
            edits.is_some_and(|edits| edits.iter().any(|other| touch(other, edit)))
        })
    };
    let mut groups = (0..plan.groups.len()).filter(meets);
    let group = groups.next()?;
    groups.next().is_none().then_some(group)
}
