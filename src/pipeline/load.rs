//! Reading: a file's bytes become a text to analyse, or a reason why not.

use crate::analyse::engine::Engine;
use crate::analyse::layout;
use crate::analyse::suppress;
use crate::parallel;
use crate::stats::{self, Stage};
use crate::syntax::{brackets_balance, check};
use crate::walk::{GoFile, LARGEST, Skip, describe};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// How much of a file that is too large is read to see whether it was generated.
const HEADER: u64 = 64 << 10;

/// What reading a file gave.
pub(super) enum Loaded {
    /// Its text, which may hold candidates.
    Text(Arc<str>),
    /// It parses, and holds none of the literals that candidates have.
    NoCandidate,
    /// It is of a kind that is left out.
    Skipped(Skip),
    /// It cannot be analysed.
    Failed {
        /// Why.
        text: String,
        /// Whether that is an error or as it should be.
        error: bool,
    },
}

/// Reads the files, in their order. `given` is what one of them is said to hold, whatever is on disk.
pub(super) fn load(
    files: &[&GoFile],
    given: Option<&[u8]>,
    engine: &Engine<'_>,
    jobs: usize,
    generated: bool,
) -> Vec<Loaded> {
    parallel::map(
        files,
        jobs,
        || (),
        |(), file| {
            stats::stage(Stage::Prefilter, || match given {
                Some(bytes) => text(bytes.to_vec(), engine, generated),
                None => load_one(&file.path, engine, generated),
            })
        },
    )
}

fn load_one(path: &Path, engine: &Engine<'_>, generated: bool) -> Loaded {
    let failed = |text: String| Loaded::Failed { text, error: true };
    match stats::stage(Stage::Read, || read(path)) {
        Ok(Contents::Whole(bytes)) => text(bytes, engine, generated),
        Ok(Contents::TooLarge(header)) => {
            let generated = check::is_generated(&String::from_utf8_lossy(&header));
            let kind = if generated { " of generated code" } else { "" };
            Loaded::Failed {
                text: format!("skipped: more than {} MiB{kind}", LARGEST >> 20),
                error: !generated,
            }
        }
        Err(error) => failed(describe(&error)),
    }
}

fn text(bytes: Vec<u8>, engine: &Engine<'_>, generated: bool) -> Loaded {
    let failed = |text: String| Loaded::Failed { text, error: true };
    stats::count(Stage::Read, bytes.len());
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let before = String::from_utf8_lossy(&error.as_bytes()[..offset]).into_owned();
            let (line, _) = layout::position(&before, offset);
            return failed(format!("line {line} is not UTF-8"));
        }
    };
    // Go spec "Source code representation": a compiler may refuse both, and Go's does.
    let nul = memchr::memrchr(0, text.as_bytes());
    let mark = memchr::memmem::rfind(text.as_bytes(), "\u{feff}".as_bytes());
    for (found, name) in [(nul, "a NUL character"), (mark, "a byte order mark")] {
        if let Some(offset) = found.filter(|at| *at > 0) {
            let (line, _) = layout::position(&text, offset);
            return failed(format!("line {line} has {name}, which Go refuses"));
        }
    }
    if !generated && check::is_generated(&text) {
        return Loaded::Skipped(Skip::Generated);
    }
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return failed("empty file".into());
    }
    if check::package_name(&text).is_none() {
        return failed(syntax_error(&text));
    }
    if engine.may_concern(&text) || suppress::may_concern(&text) {
        stats::count(Stage::Prefilter, text.len());
        return Loaded::Text(text.into());
    }
    // Brackets that balance are proof enough for a file in which nothing is looked for.
    if !brackets_balance(&text) && !check::errors(&text).is_empty() {
        return failed(syntax_error(&text));
    }
    Loaded::NoCandidate
}

enum Contents {
    Whole(Vec<u8>),
    TooLarge(Vec<u8>),
}

fn read(path: &Path) -> io::Result<Contents> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    if length > LARGEST {
        file.take(HEADER).read_to_end(&mut bytes)?;
        return Ok(Contents::TooLarge(bytes));
    }
    file.read_to_end(&mut bytes)?;
    Ok(Contents::Whole(bytes))
}

/// What is said of a text that does not parse.
pub(super) fn syntax_error(text: &str) -> String {
    if check::package_name(text).is_none() {
        return "does not parse: no package clause".into();
    }
    match check::errors(text).first() {
        Some(error) => {
            let (line, column) = layout::position(text, error.start as usize);
            format!("does not parse at line {line}, column {column}")
        }
        None => "does not parse".into(),
    }
}
