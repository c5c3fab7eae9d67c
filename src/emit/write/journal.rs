//! What a killed run leaves to the next: which files were to change together, and where what stood there waits.
//! The next run that may write takes a half-written group back; being the same command, it then does it again.

use super::room::{self, Room};
use super::swap;
use crate::plan::fingerprint::Fingerprint;
use crate::walk::{Notice, describe};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// One set of files that are written together or not at all.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Journal {
    entries: Vec<Entry>,
}

/// One file of the set.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Entry {
    /// The file in the tree.
    pub(super) target: OsString,
    /// Its new text until it is in its place, then what it replaced.
    pub(super) staged: OsString,
    /// [`fingerprint`] of the new text.
    pub(super) new: String,
}

/// A text's identity; empty when the bytes are no text.
pub(super) fn fingerprint(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes);
    text.map_or(String::new(), |text| Fingerprint::of(&[text]).to_string())
}

const NAME: &str = "journal.json";

impl Journal {
    pub(super) fn new(entries: Vec<Entry>) -> Journal {
        Journal { entries }
    }

    /// Makes it known before the first file of the set is staged. With `sync` it outlives a power failure.
    pub(super) fn write(&self, room: &Room, sync: bool) -> Result<(), String> {
        let write = || {
            // Renamed, so that a journal is whole or not there.
            let new = room.path().join("journal.new");
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            if sync {
                file.sync_all()?;
            }
            fs::rename(&new, room.path().join(NAME))
        };
        write().map_err(|error| format!("not written: no journal: {}", describe(&error)))
    }

    /// The set is done, one way or the other.
    pub(super) fn remove(self, room: &Room) {
        let _ = fs::remove_file(room.path().join(NAME));
    }

    fn read(room: &Path) -> Option<Journal> {
        serde_json::from_slice(&fs::read(room.join(NAME)).ok()?).ok()
    }

    /// Whether the set has a file at or below one of these paths.
    fn concerns(&self, paths: &[PathBuf]) -> bool {
        let mut targets = self.entries.iter().map(|entry| Path::new(&entry.target));
        targets.any(|target| paths.iter().any(|path| target.starts_with(path)))
    }

    /// Whether there is nothing left that it could speak of.
    fn is_stale(&self) -> bool {
        let exists = |entry: &Entry| {
            let parent = Path::new(&entry.target).parent();
            parent.is_some_and(Path::exists)
        };
        !self.entries.iter().any(exists)
    }

    /// Files get back what they had, unless all of the set was written; nothing that was staged stays. Returns the
    /// files that were put back.
    pub(super) fn take_back(&self) -> Vec<PathBuf> {
        let mut restored = Vec::new();
        for entry in &self.entries {
            // Killed between the two steps of an exchange that takes two.
            let aside = swap::aside(Path::new(&entry.staged));
            if aside.exists() && !Path::new(&entry.staged).exists() {
                let _ = fs::rename(&aside, &entry.staged);
            }
            swap::discard(&aside);
        }
        // What was replaced is discarded only once the whole set is in its place.
        let half_way = |entry: &Entry| Path::new(&entry.staged).exists();
        if self.entries.iter().all(half_way) {
            for entry in &self.entries {
                let target = Path::new(&entry.target);
                let is_new = |bytes: &[u8]| fingerprint(bytes) == entry.new;
                if fs::read(target).is_ok_and(|bytes| is_new(&bytes)) {
                    swap::put_back(target, Path::new(&entry.staged), &is_new);
                    restored.push(target.to_owned());
                }
            }
        }
        for entry in &self.entries {
            swap::discard(Path::new(&entry.staged));
        }
        restored
    }
}

/// Takes back what runs that were killed left half-written at or below `paths`, and says so.
pub fn recover(paths: &[PathBuf]) -> Vec<Notice> {
    let mut notices = Vec::new();
    let paths = real(paths);
    let Some(rooms) = room::rooms().filter(|rooms| rooms.is_dir()) else {
        return notices;
    };
    let Ok(_all) = room::lock_all(&rooms) else {
        return notices;
    };
    for room in room::abandoned(&rooms).unwrap_or_default() {
        if let Some(journal) = Journal::read(&room) {
            if !journal.concerns(&paths) && !journal.is_stale() {
                continue;
            }
            let restored = journal.take_back().into_iter().map(|path| Notice {
                path,
                text: "a run that was killed had changed it; it has its old text again".into(),
                error: false,
            });
            notices.extend(restored);
        }
        let _ = fs::remove_dir_all(&room);
    }
    notices
}

/// Says that runs that were killed left something half-written at or below `paths`; changes nothing.
pub fn pending(paths: &[PathBuf]) -> Vec<Notice> {
    let Some(rooms) = room::rooms().filter(|rooms| rooms.is_dir()) else {
        return Vec::new();
    };
    let Ok(_all) = room::lock_all(&rooms) else {
        return Vec::new();
    };
    let paths = real(paths);
    let abandoned = room::abandoned(&rooms).unwrap_or_default();
    let journals = abandoned.iter().filter_map(|room| Journal::read(room));
    let pending = journals.filter(|journal| journal.concerns(&paths));
    let first = pending.filter_map(|journal| journal.entries.into_iter().next());
    first
        .map(|entry| Notice {
            path: entry.target.into(),
            text: "a run that was killed may have left it half-done; `unleak -w` takes that back"
                .into(),
            error: false,
        })
        .collect()
}

/// The paths without symbolic links and patterns.
fn real(paths: &[PathBuf]) -> Vec<PathBuf> {
    let real = |path: &PathBuf| {
        let root = match path.ends_with("...") {
            true => path.parent().unwrap_or(Path::new(".")),
            false => path,
        };
        let root = if root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            root
        };
        fs::canonicalize(root).ok()
    };
    paths.iter().filter_map(real).collect()
}
