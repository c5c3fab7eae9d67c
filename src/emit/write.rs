//! Writing in place. A file is old or new at every moment, a file that changed on disk since it was read keeps what
//! it has, and files that one group changes together are written together or not at all.
//!
//! The new text is staged outside the tree where a rename can reach it from there ([`Room`]), so that a run that is
//! killed leaves nothing behind; a [`Journal`] says how to take a half-written group back. Where the system can, the
//! new file and the old one change places in one step ([`swap`]), and what came out is compared with what was
//! analysed: what an editor wrote at the last moment is put back, never lost.

mod journal;
mod room;
mod swap;

pub use journal::{pending, recover};

use super::{Report, State};
use crate::walk::Notice;
use journal::{Entry, Journal, fingerprint};
use room::Room;
use std::collections::BTreeSet;
use std::path::PathBuf;
use swap::Target;

/// Writes all changed files and marks what was fixed. Errors become notices of the report.
pub fn write(report: &mut Report) {
    let sets = together(report);
    if sets.is_empty() {
        return;
    }
    let mut writer = match Room::new() {
        Ok(room) => Writer {
            room,
            written: Vec::new(),
        },
        Err(text) => {
            let failed = sets.into_iter().flatten();
            failed.for_each(|file| notice(report, file, format!("not written: {text}")));
            return;
        }
    };
    for files in sets {
        if let Err((failed, text)) = writer.set(report, &files) {
            refuse(report, &files, failed, text);
        }
    }
    for (files, failed) in writer.recheck(report) {
        let text = "not written: changed on disk while unleak ran".to_owned();
        refuse(report, &files, failed, text);
    }
    let written: BTreeSet<usize> = writer
        .written
        .iter()
        .flatten()
        .map(|one| one.file)
        .collect();
    mark(report, &written);
}

/// An error when a file that would be written has changes that git does not know, or is in no repository: git could not
/// bring it back.
pub fn refuse_dirty(report: &Report) -> Result<(), String> {
    for (file, _) in report.changed() {
        let shown = crate::emit::name::shown(&file.path);
        let refuse = |why: &str| {
            Err(format!(
                "{shown}: {why} (require-clean; --allow-dirty writes all the same)"
            ))
        };
        let real = std::fs::canonicalize(&file.path);
        let real = real.map_err(|error| format!("{shown}: {}", crate::walk::describe(&error)))?;
        let (Some(directory), Some(name)) = (real.parent(), real.file_name()) else {
            continue;
        };
        let status = ["status", "--porcelain", "--ignored", "--"].map(std::ffi::OsStr::new);
        match crate::git::git(directory, &[&status[..], &[name]].concat()) {
            Ok(said) if said.is_empty() => {}
            Ok(_) => return refuse("it has uncommitted changes"),
            Err(_) => return refuse("git does not know it"),
        }
    }
    Ok(())
}

/// The new text of a report about one text that is in no file, which so is fixed; `old` when nothing changes.
pub fn to_stdout<'t>(report: &'t mut Report, old: &'t [u8]) -> &'t [u8] {
    mark(report, &(0..report.files.len()).collect());
    let new = report.files.iter().find_map(|file| file.new.as_deref());
    new.map_or(old, str::as_bytes)
}

/// Findings whose files are all written are fixed.
fn mark(report: &mut Report, written: &BTreeSet<usize>) {
    let groups = &report.groups;
    for finding in &mut report.findings {
        if let State::Offered { title, group } = &finding.state
            && groups[*group]
                .edits
                .keys()
                .all(|file| written.contains(file))
        {
            finding.state = State::Fixed {
                title: title.clone(),
                group: *group,
            };
        }
    }
}

/// Says of each file of a set why it is not written.
fn refuse(report: &mut Report, files: &BTreeSet<usize>, failed: usize, text: String) {
    let name = report.files[failed].path.display().to_string();
    notice(report, failed, text);
    for &other in files.iter().filter(|other| **other != failed) {
        let text = format!("not written: it changes together with {name}");
        notice(report, other, text);
    }
}

/// Changed files in sets that share groups.
fn together(report: &Report) -> Vec<BTreeSet<usize>> {
    let mut sets: Vec<BTreeSet<usize>> = Vec::new();
    let changed = |file: &usize| report.files[*file].new.is_some();
    for group in &report.groups {
        let mut set: BTreeSet<usize> = group.edits.keys().copied().filter(changed).collect();
        sets.retain(|other| {
            let apart = other.is_disjoint(&set);
            if !apart {
                set.extend(other);
            }
            apart
        });
        if !set.is_empty() {
            sets.push(set);
        }
    }
    sets.sort();
    sets
}

/// A file of a set: its number in the report, and where its texts are.
struct Planned {
    file: usize,
    target: Target,
    /// The new text until the swap, what stood in the tree after it.
    staged: PathBuf,
}

struct Writer {
    room: Room,
    /// Sets that are in their place.
    written: Vec<Vec<Planned>>,
}

impl Writer {
    /// Writes all files of a set, or none; the error names the file that failed.
    fn set(&mut self, report: &Report, files: &BTreeSet<usize>) -> Result<(), (usize, String)> {
        let mut set = Vec::new();
        for &file in files {
            let reported = &report.files[file];
            let target =
                Target::open(&reported.path, &reported.old).map_err(|text| (file, text))?;
            let staged = self.room.place(&target.path);
            set.push(Planned {
                file,
                target,
                staged,
            });
        }
        let entries = set.iter().map(|planned| Entry {
            target: planned.target.path.clone().into(),
            staged: planned.staged.clone().into(),
            new: fingerprint(new(report, planned).as_bytes()),
        });
        let journal = Journal::new(entries.collect());
        let several = set.len() > 1;
        let first = set.first().map_or(0, |planned| planned.file);
        journal
            .write(&self.room, several)
            .map_err(|text| (first, text))?;
        let done = set.iter().try_for_each(|planned| {
            let staged = planned.target.stage(&planned.staged, new(report, planned));
            staged.map_err(|text| (planned.file, text))
        });
        let done = done.and_then(|()| swap_all(report, &set));
        if done.is_err() {
            // Whatever is still there is the new text of a file that keeps its old one.
            set.iter()
                .for_each(|planned| swap::discard(&planned.staged));
        } else {
            if several {
                set.iter()
                    .for_each(|planned| swap::sync_directory(&planned.target.path));
            }
            // What stood in the tree before stays in the room until the run ends: see `recheck`.
            for planned in set
                .iter()
                .filter(|planned| !self.room.holds(&planned.staged))
            {
                swap::discard(&planned.staged);
            }
        }
        journal.remove(&self.room);
        done.map(|()| self.written.push(set))
    }

    /// An editor may have had a file open while it was replaced, and have written since to what came out of the tree:
    /// such a set is taken back. Returns those sets, each with the file that the editor wrote.
    fn recheck(&mut self, report: &Report) -> Vec<(BTreeSet<usize>, usize)> {
        let mut undone = Vec::new();
        let room = &self.room;
        self.written.retain(|set| {
            let edited = set.iter().find(|planned| {
                let old = report.files[planned.file].old.as_bytes();
                room.holds(&planned.staged)
                    && std::fs::read(&planned.staged).is_ok_and(|bytes| bytes != old)
            });
            let Some(edited) = edited else { return true };
            set.iter().for_each(|planned| put_back(report, planned));
            let files = set.iter().map(|planned| planned.file).collect();
            undone.push((files, edited.file));
            false
        });
        undone
    }
}

/// Puts each file's new text in its place; when one fails, those before it get back what they had.
fn swap_all(report: &Report, set: &[Planned]) -> Result<(), (usize, String)> {
    for (at, planned) in set.iter().enumerate() {
        let old = &report.files[planned.file].old;
        if let Err(text) = planned
            .target
            .swap(&planned.staged, old, new(report, planned))
        {
            set[..at].iter().for_each(|done| put_back(report, done));
            return Err((planned.file, text));
        }
    }
    Ok(())
}

/// Undoes the swap of a file that still has its new text.
fn put_back(report: &Report, planned: &Planned) {
    let new = new(report, planned).as_bytes();
    swap::put_back(&planned.target.path, &planned.staged, &|bytes| bytes == new);
}

fn new<'r>(report: &'r Report, planned: &Planned) -> &'r str {
    let reported = &report.files[planned.file];
    reported.new.as_deref().unwrap_or(&reported.old)
}

fn notice(report: &mut Report, file: usize, text: String) {
    report.notices.push(Notice {
        path: report.files[file].path.clone(),
        text,
        error: true,
    });
}

#[cfg(all(test, unix))]
mod tests;
