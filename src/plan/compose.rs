//! Two rounds of edits as one: edits on a text that earlier edits made become edits on the original text.

use super::apply;
use crate::analyse::finding::Edit;
use crate::syntax::ast::Span;
use std::collections::BTreeSet;

/// Whose an edit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A group, by its number.
    Group(usize),
    /// Imports that groups need: made anew from what all groups together need.
    Imports,
}

/// An edit of the original text, and everybody who has a part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Composed {
    /// The edit.
    pub(super) edit: Edit,
    /// Its owners; one unless edits of both rounds touch.
    pub(super) owners: BTreeSet<Owner>,
}

/// The edits `first` on `old`, then `second` on the text that they made, as edits on `old`. Edits that touch become
/// one; the others stay as they are. None when edits of one round overlap or do not fit their text.
pub(super) fn compose(
    old: &str,
    first: &[(Edit, Owner)],
    second: &[(Edit, Owner)],
) -> Option<Vec<Composed>> {
    let trail = Trail::new(first.iter().map(|(edit, _)| edit));
    let mut first: Vec<&(Edit, Owner)> = first.iter().collect();
    first.sort();
    let mut second: Vec<&(Edit, Owner)> = second.iter().collect();
    second.sort();
    let middle = apply(old, first.iter().map(|(edit, _)| edit))?;
    let mut composed = Vec::new();
    let (mut done, mut at) = (0, 0);
    while at < second.len() {
        // All that touches this edit, and what touches that, of both rounds.
        let mut cluster = second[at].0.span.range();
        let mut ends = (done, at + 1);
        let mut begin = done;
        loop {
            let before = ends;
            while begin < first.len() && trail.made[begin].end < cluster.start {
                begin += 1;
                ends.0 = ends.0.max(begin);
            }
            while ends.0 < first.len() && trail.made[ends.0].start <= cluster.end {
                let made = &trail.made[ends.0];
                cluster = cluster.start.min(made.start)..cluster.end.max(made.end);
                ends.0 += 1;
            }
            while ends.1 < second.len() && touches(&second[ends.1].0, &cluster, ends.0 > begin) {
                cluster.end = cluster.end.max(second[ends.1].0.span.end as usize);
                ends.1 += 1;
            }
            if ends == before {
                break;
            }
        }
        composed.extend(first[done..begin].iter().map(|one| alone(one)));
        let (own, new) = (&first[begin..ends.0], &second[at..ends.1]);
        composed.push(joined(&middle, &trail, cluster, own, new)?);
        (done, at) = ends;
    }
    composed.extend(first[done..].iter().map(|one| alone(one)));
    Some(composed)
}

/// Whether an edit of the second round belongs to a cluster: it does when it lies at text that the first round made.
fn touches(edit: &Edit, cluster: &std::ops::Range<usize>, made: bool) -> bool {
    let start = edit.span.start as usize;
    start < cluster.end || made && start == cluster.end
}

fn alone((edit, owner): &(Edit, Owner)) -> Composed {
    Composed {
        edit: edit.clone(),
        owners: BTreeSet::from([*owner]),
    }
}

fn joined(
    middle: &str,
    trail: &Trail,
    range: std::ops::Range<usize>,
    first: &[&(Edit, Owner)],
    second: &[&(Edit, Owner)],
) -> Option<Composed> {
    let moved = |(edit, _): &&(Edit, Owner)| Edit {
        span: Span::new(
            edit.span.start as usize - range.start,
            edit.span.end as usize - range.start,
        ),
        text: edit.text.clone(),
    };
    let moved: Vec<Edit> = second.iter().map(moved).collect();
    let text = apply(middle.get(range.clone())?, &moved)?;
    // The ends are those of an edit of the first round, or lie in text that it left alone.
    let start = match first.first() {
        Some((edit, _)) if trail.back(range.start) >= edit.span.start as usize => {
            edit.span.start as usize
        }
        _ => trail.back(range.start),
    };
    let end = match first.last() {
        Some((edit, _)) if trail.back(range.end) <= edit.span.end as usize => {
            edit.span.end as usize
        }
        _ => trail.back(range.end),
    };
    Some(Composed {
        edit: Edit {
            span: Span::new(start, end),
            text,
        },
        owners: first
            .iter()
            .chain(second)
            .map(|(_, owner)| *owner)
            .collect(),
    })
}

/// The way back from a text that edits made to the original.
pub(super) struct Trail {
    /// Ranges of the original, in order.
    old: Vec<std::ops::Range<usize>>,
    /// Where each one's new text is.
    made: Vec<std::ops::Range<usize>>,
}

impl Trail {
    /// Of edits that do not overlap, in any order.
    pub(super) fn new<'e>(edits: impl IntoIterator<Item = &'e Edit>) -> Trail {
        let mut edits: Vec<&Edit> = edits.into_iter().collect();
        edits.sort();
        let mut trail = Trail {
            old: Vec::new(),
            made: Vec::new(),
        };
        let (mut at_old, mut at_new) = (0, 0);
        for edit in edits {
            let start = at_new + (edit.span.start as usize).saturating_sub(at_old);
            trail.old.push(edit.span.range());
            trail.made.push(start..start + edit.text.len());
            (at_old, at_new) = (edit.span.end as usize, start + edit.text.len());
        }
        trail
    }

    /// The original offset; for an offset in text that an edit made, that of the edit.
    pub(super) fn back(&self, offset: usize) -> usize {
        let after = self.made.partition_point(|made| made.end <= offset);
        match self.made.get(after) {
            Some(made) if made.start < offset => self.old[after].start,
            _ => match after.checked_sub(1) {
                Some(last) => self.old[last].end + offset - self.made[last].end,
                None => offset,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, text: &str, owner: usize) -> (Edit, Owner) {
        let edit = Edit {
            span: Span::new(start, end),
            text: text.into(),
        };
        (edit, Owner::Group(owner))
    }

    /// Both rounds one after the other, and composed: the same text. Returns ranges, texts and owners.
    fn composed(
        old: &str,
        first: &[(Edit, Owner)],
        second: &[(Edit, Owner)],
    ) -> Vec<(usize, usize, String, Vec<usize>)> {
        let plain = |edits: &[(Edit, Owner)]| -> Vec<Edit> {
            edits.iter().map(|(edit, _)| edit.clone()).collect()
        };
        let middle = apply(old, &plain(first)).unwrap();
        let expected = apply(&middle, &plain(second)).unwrap();
        let composed = compose(old, first, second).unwrap();
        let new = apply(old, composed.iter().map(|one| &one.edit)).unwrap();
        assert_eq!(new, expected);
        let number = |owner: &Owner| match owner {
            Owner::Group(group) => *group,
            Owner::Imports => usize::MAX,
        };
        let shown = |one: Composed| {
            let span = one.edit.span.range();
            let owners = one.owners.iter().map(number).collect();
            (span.start, span.end, one.edit.text, owners)
        };
        composed.into_iter().map(shown).collect()
    }

    #[test]
    fn edits_apart_stay_apart() {
        let first = [edit(2, 3, "XYZ", 0)];
        let second = [edit(0, 1, "", 1), edit(6, 6, "!", 2)];
        assert_eq!(
            composed("abcdef", &first, &second),
            [
                (0, 1, String::new(), vec![1]),
                (2, 3, "XYZ".into(), vec![0]),
                (4, 4, "!".into(), vec![2]),
            ]
        );
    }

    #[test]
    fn an_edit_of_new_text_joins_the_edit_that_made_it() {
        let first = [edit(2, 2, "XYZ", 0), edit(5, 6, "", 3)];
        let second = [edit(3, 4, "y", 1)];
        assert_eq!(
            composed("abcdef", &first, &second),
            [
                (2, 2, "XyZ".into(), vec![0, 1]),
                (5, 6, String::new(), vec![3]),
            ]
        );
    }

    #[test]
    fn an_edit_that_touches_new_text_keeps_its_side() {
        let first = [edit(2, 2, "XY", 0)];
        assert_eq!(
            composed("abcd", &first, &[edit(4, 4, ">", 1)]),
            [(2, 2, "XY>".into(), vec![0, 1])]
        );
        assert_eq!(
            composed("abcd", &first, &[edit(2, 2, "<", 1)]),
            [(2, 2, "<XY".into(), vec![0, 1])]
        );
    }

    #[test]
    fn an_edit_over_several_joins_them_all() {
        let first = [edit(1, 1, "X", 0), edit(3, 4, "", 1), edit(6, 6, "Z", 2)];
        let second = [edit(3, 4, "--", 3)];
        assert_eq!(
            composed("abcdefg", &first, &second),
            [
                (1, 1, "X".into(), vec![0]),
                (2, 4, "--".into(), vec![1, 3]),
                (6, 6, "Z".into(), vec![2]),
            ]
        );
    }

    /// All pairs of rounds over a short text: composed and one after the other are the same.
    #[test]
    fn every_small_pair_of_rounds_composes() {
        let old = "abcd";
        let mut rounds = vec![Vec::new()];
        for start in 0..=4 {
            for end in start..=4 {
                for text in ["", "X", "YZ"] {
                    rounds.push(vec![edit(start, end, text, 0)]);
                    for second in end + 1..=4 {
                        rounds.push(vec![edit(start, end, text, 0), edit(second, 4, "W", 1)]);
                    }
                }
            }
        }
        let mut tried = 0;
        for first in &rounds {
            for second in &rounds {
                let fits = |round: &[(Edit, Owner)], text: &str| {
                    apply(text, round.iter().map(|(edit, _)| edit))
                };
                let middle = fits(first, old).unwrap();
                if fits(second, &middle).is_some() {
                    composed(old, first, second);
                    tried += 1;
                }
            }
        }
        assert!(tried > 5_000, "{tried}");
    }

    #[test]
    fn offsets_find_their_way_back() {
        let edits = [edit(2, 3, "XYZ", 0).0, edit(4, 5, "", 0).0];
        let trail = Trail::new(&edits);
        let back: Vec<usize> = (0..8).map(|offset| trail.back(offset)).collect();
        // a b X Y Z d f g
        assert_eq!(back, [0, 1, 2, 2, 2, 3, 5, 6]);
    }
}
