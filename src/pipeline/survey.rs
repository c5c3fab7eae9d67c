//! The survey: what the files of a module declare decides which calls in others may concern a rule. A run over part of
//! a module surveys all of it: one file has the findings that it has in a run over everything.

use crate::analyse::transform::{Names, Rule, Survey};
use crate::parallel;
use crate::walk::{self, GoFile, LARGEST};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rules, with what they find in the modules of the files. A file that cannot be read offers nothing; reading it
/// again says why.
pub(super) fn survey(
    files: &[&GoFile],
    given: Option<&[u8]>,
    rules: &[Rule],
    paths: &[PathBuf],
    jobs: usize,
) -> Vec<Rule> {
    let mut rules = rules.to_vec();
    let surveys: Vec<Survey> = rules
        .iter()
        .filter_map(|rule| rule.transform.survey)
        .collect();
    if surveys.is_empty() {
        return rules;
    }
    let own = files.iter().map(|file| (*file, given));
    // What is given is one file of `paths`, whatever they name.
    let others = others(files, if given.is_some() { &[] } else { paths });
    let all: Vec<(&GoFile, Option<&[u8]>)> =
        own.chain(others.iter().map(|file| (file, None))).collect();
    let of_file = |(): &mut (), (file, given): &(&GoFile, Option<&[u8]>)| {
        let mut found = vec![Names::default(); surveys.len()];
        let text = text(file, *given).unwrap_or_default();
        for (survey, names) in surveys.iter().zip(&mut found) {
            survey(&text, &mut |name, what| match names.get_mut(name) {
                Some(known) => {
                    known.insert(what);
                }
                None => {
                    names.insert(name.to_owned(), [what].into());
                }
            });
        }
        found
    };
    let mut whole = vec![Names::default(); surveys.len()];
    for found in parallel::map(&all, jobs, || (), of_file) {
        for (whole, found) in whole.iter_mut().zip(found) {
            for (name, what) in found {
                whole.entry(name).or_default().extend(what);
            }
        }
    }
    let asking = rules.iter_mut();
    let asking = asking.filter(|rule| rule.transform.survey.is_some());
    for (rule, names) in asking.zip(whole) {
        rule.setup.names = names;
    }
    rules
}

/// The files of the same modules that are not among these. What `paths` names whole has no others.
fn others(files: &[&GoFile], paths: &[PathBuf]) -> Vec<GoFile> {
    let parents: BTreeSet<&Path> = files.iter().filter_map(|file| file.path.parent()).collect();
    let parents: BTreeMap<&Path, PathBuf> =
        parents.into_iter().map(|dir| (dir, real(dir))).collect();
    let whole: Vec<PathBuf> = paths.iter().map(|path| real(path)).collect();
    let mut roots: Vec<&Path> = Vec::new();
    for directory in parents.values() {
        let module = |above: &&Path| above.join("go.mod").is_file();
        if let Some(root) = directory.ancestors().find(module)
            && !roots.iter().any(|known| root.starts_with(known))
            && !whole.iter().any(|path| root.starts_with(path))
        {
            roots.push(root);
        }
    }
    let roots: Vec<PathBuf> = roots.into_iter().map(Path::to_owned).collect();
    let of_file = |file: &&GoFile| {
        Some(
            parents
                .get(file.path.parent()?)?
                .join(file.path.file_name()?),
        )
    };
    let asked: BTreeSet<PathBuf> = match roots.is_empty() {
        true => return Vec::new(),
        false => files.iter().filter_map(of_file).collect(),
    };
    let mut all = walk::walk(&roots, &[]).files;
    all.retain(|file| !asked.contains(&file.path));
    all
}

/// A directory without symbolic links; `dir/...` is all of `dir`.
fn real(path: &Path) -> PathBuf {
    let path = match path.file_name() {
        Some(name) if name == "..." => path.parent().unwrap_or(Path::new("")),
        _ => path,
    };
    let path = if path == Path::new("") {
        Path::new(".")
    } else {
        path
    };
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn text(file: &GoFile, given: Option<&[u8]>) -> Option<String> {
    let bytes = match given {
        Some(given) => given.to_vec(),
        None if fs::metadata(&file.path).ok()?.len() > LARGEST => return None,
        None => fs::read(&file.path).ok()?,
    };
    String::from_utf8(bytes).ok()
}
