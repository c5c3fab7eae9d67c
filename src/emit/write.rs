//! Writing in place. A file is old or new at every moment (written beside, then renamed), a file that changed on
//! disk since it was read is not touched, and files that one group changes together are written together or not at
//! all.

use super::{Report, State};
use crate::walk::{Notice, describe};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Writes all changed files and marks what was fixed. Errors become notices of the report.
pub fn write(report: &mut Report) {
    let mut written = BTreeSet::new();
    for files in together(report) {
        match stage(report, &files) {
            Ok(staged) => {
                for (file, staged) in staged {
                    match staged.commit() {
                        Ok(()) => {
                            written.insert(file);
                        }
                        Err(text) => notice(report, file, text),
                    }
                }
            }
            Err((failed, text)) => {
                let name = report.files[failed].path.display().to_string();
                notice(report, failed, text);
                for other in files.into_iter().filter(|other| *other != failed) {
                    notice(
                        report,
                        other,
                        format!("not written: it changes together with {name}"),
                    );
                }
            }
        }
    }
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

/// A file's new text, beside it, not yet in its place.
struct Staged {
    temporary: NamedTempFile,
    target: PathBuf,
}

impl Staged {
    fn commit(self) -> Result<(), String> {
        let persisted = self.temporary.persist(&self.target);
        persisted
            .map(|_| ())
            .map_err(|error| describe(&error.error))
    }
}

fn stage(
    report: &Report,
    files: &BTreeSet<usize>,
) -> Result<BTreeMap<usize, Staged>, (usize, String)> {
    let mut staged = BTreeMap::new();
    for &file in files {
        let reported = &report.files[file];
        let new = reported.new.as_deref().unwrap_or(&reported.old);
        let one = stage_one(&reported.path, &reported.old, new).map_err(|text| (file, text))?;
        staged.insert(file, one);
    }
    Ok(staged)
}

fn stage_one(path: &Path, old: &str, new: &str) -> Result<Staged, String> {
    let io = |error: std::io::Error| describe(&error);
    // Through a symbolic link: the link stays, its target is replaced.
    let target = fs::canonicalize(path).map_err(io)?;
    let metadata = fs::metadata(&target).map_err(io)?;
    if metadata.permissions().readonly() {
        return Err("not written: read-only".into());
    }
    if fs::read(&target).map_err(io)? != old.as_bytes() {
        return Err("not written: changed on disk while unleak ran".into());
    }
    let directory = target.parent().ok_or("has no directory")?;
    let mut temporary = tempfile::Builder::new()
        .prefix(".unleak-")
        .tempfile_in(directory)
        .map_err(io)?;
    temporary.write_all(new.as_bytes()).map_err(io)?;
    fs::set_permissions(temporary.path(), metadata.permissions()).map_err(io)?;
    keep_owner(&metadata, temporary.path());
    temporary.as_file().sync_all().map_err(io)?;
    Ok(Staged { temporary, target })
}

/// Best effort: only root may give a file away, and a file of one's own needs no giving.
#[cfg(unix)]
fn keep_owner(metadata: &fs::Metadata, path: &Path) {
    use std::os::unix::fs::{MetadataExt, chown};
    let _ = chown(path, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_metadata: &fs::Metadata, _path: &Path) {}

fn notice(report: &mut Report, file: usize, text: String) {
    report.notices.push(Notice {
        path: report.files[file].path.clone(),
        text,
        error: true,
    });
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::analyse::finding::Applicability;
    use crate::emit::{ReportedFile, ReportedGroup};
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// A report that changes files `0..count` of the directory, all in one group.
    fn report(directory: &Path, count: usize) -> Report {
        let file = |at: usize| {
            let path = directory.join(format!("{at}.go"));
            fs::write(&path, "old\n").unwrap();
            ReportedFile {
                path,
                old: "old\n".into(),
                new: Some("new\n".into()),
            }
        };
        let group = ReportedGroup {
            applicability: Applicability::Safe,
            edits: (0..count).map(|file| (file, Vec::new())).collect(),
        };
        Report {
            files: (0..count).map(file).collect(),
            groups: vec![group],
            ..Report::default()
        }
    }

    fn read(directory: &Path, at: usize) -> String {
        fs::read_to_string(directory.join(format!("{at}.go"))).unwrap()
    }

    #[test]
    fn the_mode_is_kept_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let mut report = report(dir.path(), 1);
        let path = dir.path().join("0.go");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).unwrap();
        write(&mut report);
        assert_eq!(report.notices, []);
        assert_eq!(read(dir.path(), 0), "new\n");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o751
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_changed_is_not_overwritten_and_neither_are_those_of_its_group() {
        let dir = tempfile::tempdir().unwrap();
        let mut report = report(dir.path(), 2);
        fs::write(dir.path().join("1.go"), "edited meanwhile\n").unwrap();
        write(&mut report);
        assert_eq!(read(dir.path(), 0), "old\n");
        assert_eq!(read(dir.path(), 1), "edited meanwhile\n");
        assert_eq!(report.notices.len(), 2);
        assert!(report.failed());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_read_only_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut report = report(dir.path(), 1);
        let path = dir.path().join("0.go");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        write(&mut report);
        assert_eq!(read(dir.path(), 0), "old\n");
        assert_eq!(report.notices[0].text, "not written: read-only");
    }

    #[test]
    fn a_symbolic_link_stays_one() {
        let dir = tempfile::tempdir().unwrap();
        let mut report = report(dir.path(), 1);
        let link = dir.path().join("link.go");
        symlink("0.go", &link).unwrap();
        report.files[0].path = link.clone();
        write(&mut report);
        assert_eq!(read(dir.path(), 0), "new\n");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
