//! A part of a run: the files in path order are cut, where the directory changes, into ranges of about equal length.
//! What the parts print, one after another, is what the whole run prints.

use crate::analyse::engine::{Analysed, Engine, Part};
use crate::analyse::finding::Verdict;
use crate::index::{FileId, World};
use crate::walk::GoFile;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::str::FromStr;

/// The part `number` of `of`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: usize,
    of: NonZeroUsize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parse = || {
            let (number, of) = text.split_once('/')?;
            let (number, of) = (number.parse().ok()?, of.parse::<NonZeroUsize>().ok()?);
            (1..=of.get())
                .contains(&number)
                .then_some(Shard { number, of })
        };
        parse().ok_or_else(|| "a shard is written I/N, with I from 1 to N".into())
    }
}

impl Shard {
    /// Which of the files, given in path order, are of this part.
    pub(super) fn range(self, files: &[GoFile]) -> Range<usize> {
        let cut = |number: usize| {
            let ideal = files.len() * number / self.of;
            let same = |at: &usize| {
                *at > 0
                    && *at < files.len()
                    && files[*at - 1].path.parent() == files[*at].path.parent()
            };
            // Monotonous in `number`, so parts do not overlap.
            (ideal..files.len())
                .find(|at| !same(at))
                .unwrap_or(files.len())
        };
        cut(self.number - 1)..cut(self.number)
    }
}

/// What the whole run would find in the files of `own`, and elsewhere what has to do with it: the findings of all rules
/// whose fixes reach other files, and of all rules in the files which those fixes change.
pub(super) fn analyse(
    engine: &Engine<'_>,
    world: &World,
    files: &[FileId],
    own: &dyn Fn(FileId) -> bool,
    jobs: usize,
    done: &(dyn Fn() + Sync),
) -> Vec<Analysed> {
    let part = |&file: &FileId| {
        let part = if own(file) { Part::All } else { Part::Reaching };
        (file, part)
    };
    let first: Vec<(FileId, Part)> = files.iter().map(part).collect();
    let mut analysed = engine.analyse(world, &first, jobs, done);
    let fixes = analysed.iter().flat_map(|one| &one.findings);
    let fixes = fixes.filter_map(|finding| match &finding.verdict {
        Verdict::Fix(fix) => Some(fix),
        Verdict::Declined(_) => None,
    });
    let changed = fixes.flat_map(|fix| fix.edits.iter().map(|(file, _)| *file));
    let changed: BTreeSet<FileId> = changed.filter(|file| !own(*file)).collect();
    let second = files.iter().filter(|file| changed.contains(file));
    let second: Vec<_> = second.map(|&file| (file, Part::Staying)).collect();
    let mut more: BTreeMap<FileId, Analysed> = BTreeMap::new();
    for one in engine.analyse(world, &second, jobs, &|| ()) {
        more.insert(one.file, one);
    }
    for one in &mut analysed {
        if let Some(more) = more.remove(&one.file) {
            one.join(more);
        }
    }
    analysed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn parts_are_whole_directories_and_together_everything() {
        let paths = ["a/1.go", "a/2.go", "a/3.go", "b/1.go", "c/1.go", "c/2.go"];
        let file = |path: &&str| GoFile {
            path: PathBuf::from(path),
            named: false,
        };
        let files: Vec<GoFile> = paths.iter().map(file).collect();
        for of in 1..9 {
            let ranges = (1..=of).map(|number| {
                let shard: Shard = format!("{number}/{of}").parse().expect("a shard");
                shard.range(&files)
            });
            let all: Vec<usize> = ranges.clone().flatten().collect();
            assert_eq!(all, [0, 1, 2, 3, 4, 5], "{of}");
            assert!(
                ranges
                    .clone()
                    .all(|range| !matches!(range.start, 1 | 2 | 5))
            );
        }
        assert_eq!("2/3".parse::<Shard>().expect("a shard").range(&files), 3..4);
    }

    #[test]
    fn what_is_no_shard() {
        for text in ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
