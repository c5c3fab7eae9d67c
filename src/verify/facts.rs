//! What is wrong with a text as a whole, whoever wrote it: a rewrite may not add to it.

use super::Violation;
use super::names::Names;
use super::part;
use crate::analyse::finding::Edit;
use crate::plan::Imported;
use crate::syntax::ast::Span;
use crate::syntax::check;
use rustc_hash::FxHashMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// See the module.
#[derive(Debug)]
pub(super) struct Facts {
    /// Declarations and bodies that do not parse.
    errors: usize,
    imports: Imported,
    names: Names,
}

impl Facts {
    /// The facts of a text.
    pub(super) fn of(text: &str) -> Facts {
        Facts {
            errors: check::errors(text).len(),
            imports: Imported::of(text),
            names: Names::of(text),
        }
    }

    /// Nothing uses an import that was not there or was used.
    fn unused_import(&self, before: &Facts) -> bool {
        let (new, old) = (&self.imports, &before.imports);
        let unused = |(path, name): (&String, &String)| {
            !new.uses(name) && old.names.get(path).is_none_or(|name| old.uses(name))
        };
        new.names.iter().any(unused)
    }

    /// An import is gone that is used, or that was not used before either: the edits had no business with it.
    fn lost_import(&self, before: &Facts) -> bool {
        let (new, old) = (&self.imports, &before.imports);
        let mut gone = old
            .names
            .iter()
            .filter(|(path, _)| !new.names.contains_key(*path));
        gone.any(|(_, name)| new.uses(name) || !old.uses(name))
    }

    /// Nothing that was imported before is no longer.
    pub(super) fn has_imports_of(&self, before: &Facts) -> bool {
        let mut paths = before.imports.names.keys();
        paths.all(|path| self.imports.names.contains_key(path))
    }

    /// What is wrong here and was not before.
    pub(super) fn since(&self, before: &Facts) -> Result<(), Violation> {
        if self.errors > before.errors {
            return Err(Violation::Syntax);
        }
        if self.unused_import(before) || self.lost_import(before) {
            return Err(Violation::Imports);
        }
        if self.names.unused > before.names.unused || self.names.again > before.names.again {
            return Err(Violation::Names);
        }
        Ok(())
    }
}

/// What is known of texts that were looked at: a file's groups are checked one by one and together, round by round.
#[derive(Default)]
pub(super) struct Known {
    facts: Kept<Facts>,
    bodies: Kept<[Span]>,
    /// By the old text's digest and the edits'. A round leaves most files of the one before as they were.
    judged: Mutex<FxHashMap<(Digest, Digest), Judged>>,
}

type Judged = Result<(), Violation>;

type Kept<T> = Mutex<FxHashMap<Digest, Arc<T>>>;

/// What stands for a text: its length and two hashes. The texts themselves would be as many copies of a file as it has
/// groups.
type Digest = (usize, u64, u64);

fn digest(text: &str) -> Digest {
    let hash = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(salt);
        hasher.write(text.as_bytes());
        hasher.finish()
    };
    (text.len(), hash(0), hash(1))
}

impl Known {
    /// What `judge` says of the edits, asked once.
    pub(super) fn judged(
        &self,
        old: &str,
        edits: &[Edit],
        judge: impl FnOnce() -> Judged,
    ) -> Judged {
        let known = || self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = String::new();
        for Edit { span, text } in edits {
            let _ = write!(told, "{} {} {} {text}", span.start, span.end, text.len());
        }
        let key = (digest(old), digest(&told));
        if let Some(judged) = known().get(&key) {
            return *judged;
        }
        let judged = judge();
        known().insert(key, judged);
        judged
    }

    /// [`Facts::of`] a text, found once.
    pub(super) fn facts(&self, text: &str) -> Arc<Facts> {
        kept(&self.facts, text, |text| Arc::new(Facts::of(text)))
    }

    /// [`part::bodies`] of an old text.
    pub(super) fn bodies(&self, text: &str) -> Arc<[Span]> {
        kept(&self.bodies, text, |text| part::bodies(text).into())
    }
}

fn kept<T: ?Sized>(known: &Kept<T>, text: &str, find: impl FnOnce(&str) -> Arc<T>) -> Arc<T> {
    let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let digest = digest(text);
    if let Some(found) = known().get(&digest) {
        return Arc::clone(found);
    }
    let found = find(text);
    known().insert(digest, Arc::clone(&found));
    found
}
