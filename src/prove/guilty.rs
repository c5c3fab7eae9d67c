//! Bisection: which of many groups make a check fail.

use super::complaint::Complaint;
use crate::plan::GroupId;
use std::collections::BTreeSet;

/// What the check says against a set of groups; empty when it is content.
pub(super) type Ask<'a> = dyn Fn(&BTreeSet<GroupId>) -> Result<Vec<Complaint>, String> + 'a;

/// The groups among `suspects` that make the check fail, together with `base` and the suspects before them that do not,
/// each with what is said against it. Of groups that fail only together, the earlier one is innocent.
pub(super) fn search(
    suspects: &[GroupId],
    mut base: BTreeSet<GroupId>,
    ask: &Ask<'_>,
) -> Result<Vec<(GroupId, Vec<Complaint>)>, String> {
    let mut guilty = Vec::new();
    within(suspects, &mut base, &mut guilty, ask)?;
    Ok(guilty)
}

/// Adds the innocent ones to `base`.
fn within(
    suspects: &[GroupId],
    base: &mut BTreeSet<GroupId>,
    guilty: &mut Vec<(GroupId, Vec<Complaint>)>,
    ask: &Ask<'_>,
) -> Result<(), String> {
    let mut all = base.clone();
    all.extend(suspects);
    let said = ask(&all)?;
    if said.is_empty() {
        *base = all;
        return Ok(());
    }
    if let [one] = suspects {
        guilty.push((*one, said));
        return Ok(());
    }
    let (first, second) = suspects.split_at(suspects.len() / 2);
    if !first.is_empty() {
        within(first, base, guilty, ask)?;
        within(second, base, guilty, ask)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Which of `count` groups are found when `fails` says which sets fail, and how often that was asked.
    fn found(count: usize, fails: &dyn Fn(&BTreeSet<usize>) -> bool) -> (Vec<usize>, usize) {
        let asked = Cell::new(0);
        let ask = |groups: &BTreeSet<GroupId>| {
            asked.set(asked.get() + 1);
            let complaint = Complaint {
                package: "p".into(),
                words: "no".into(),
                compile: true,
                whole_run: false,
            };
            let fails = fails(&groups.iter().map(|id| id.0).collect());
            Ok(if fails { vec![complaint] } else { Vec::new() })
        };
        let suspects: Vec<GroupId> = (0..count).map(GroupId).collect();
        let guilty = search(&suspects, BTreeSet::new(), &ask).unwrap();
        (
            guilty.into_iter().map(|(id, _)| id.0).collect(),
            asked.get(),
        )
    }

    #[test]
    fn one_of_a_thousand_is_found_in_few_questions() {
        let (guilty, asked) = found(1000, &|groups| groups.contains(&717));
        assert_eq!(guilty, [717]);
        assert!(asked <= 21, "{asked}");
    }

    #[test]
    fn several_are_found_and_of_a_pair_the_later() {
        assert_eq!(
            found(9, &|groups| groups.contains(&2) || groups.contains(&7)).0,
            [2, 7]
        );
        assert_eq!(
            found(9, &|groups| groups.contains(&2) && groups.contains(&7)).0,
            [7]
        );
        assert_eq!(found(4, &|_| false).0, [0; 0]);
    }
}
