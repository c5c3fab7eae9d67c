//! The survey: what the files of a run declare decides which calls in others may concern a rule.

use crate::analyse::transform::Rule;
use crate::parallel;
use crate::walk::{GoFile, LARGEST};
use rustc_hash::FxHashSet;
use std::fs;

/// Surveys the files for each rule that asks for it. A file that cannot be read offers nothing; reading it again says
/// why.
pub(super) fn survey(files: &[GoFile], given: Option<&[u8]>, rules: &[Rule], jobs: usize) {
    for rule in rules {
        let Some(names_in) = rule.transform.survey else {
            continue;
        };
        let of_file = |(): &mut (), file: &GoFile| {
            let mut names = FxHashSet::default();
            if let Some(text) = text(file, given) {
                names_in(&text, &mut |name| {
                    if !names.contains(name) {
                        names.insert(name.to_owned());
                    }
                });
            }
            names
        };
        let found = parallel::map(files, jobs, || (), of_file);
        // Set before: the same files were surveyed by an earlier run of the same rules.
        let _ = rule.setup.names.set(found.into_iter().flatten().collect());
    }
}

fn text(file: &GoFile, given: Option<&[u8]>) -> Option<String> {
    let bytes = match given {
        Some(given) => given.to_vec(),
        None if fs::metadata(&file.path).ok()?.len() > LARGEST => return None,
        None => fs::read(&file.path).ok()?,
    };
    String::from_utf8(bytes).ok()
}
