//! Files as they are before and after a write.

use super::*;
use crate::analyse::finding::Applicability;
use crate::emit::{ReportedFile, ReportedGroup};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

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
        parts: BTreeMap::new(),
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

#[test]
fn a_file_with_several_names_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut report = report(dir.path(), 1);
    fs::hard_link(dir.path().join("0.go"), dir.path().join("other.go")).unwrap();
    write(&mut report);
    assert_eq!(read(dir.path(), 0), "old\n");
    let text = "not written: it is one file under 2 names (hard links)";
    assert_eq!(report.notices[0].text, text);
}

#[test]
fn a_file_that_was_deleted_stays_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let mut report = report(dir.path(), 2);
    fs::remove_file(dir.path().join("1.go")).unwrap();
    write(&mut report);
    assert_eq!(read(dir.path(), 0), "old\n");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    let said: Vec<_> = report.notices.iter().map(|notice| &*notice.text).collect();
    let because = format!(
        "not written: it changes together with {}",
        dir.path().join("1.go").display()
    );
    assert_eq!(said, ["not written: no such file or directory", &because]);
}

#[test]
fn the_attributes_of_a_file_are_kept() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let dir = tempfile::tempdir().unwrap();
    let mut report = report(dir.path(), 1);
    let path = dir.path().join("0.go");
    let set = setxattr(&path, "user.origin", b"here", XattrFlags::empty());
    assert_eq!(set, Ok(()), "TMPDIR is to have attributes");
    write(&mut report);
    assert_eq!(read(dir.path(), 0), "new\n");
    let mut value = [0; 8];
    assert_eq!(getxattr(&path, "user.origin", &mut value[..]), Ok(4));
}

/// A target, staged: the file, what is to take its place, and the staged name.
fn staged(directory: &Path) -> (Target, PathBuf) {
    let path = directory.join("0.go");
    fs::write(&path, "old\n").unwrap();
    let target = Target::open(&path, "old\n").unwrap();
    let staged = directory.join("staged");
    target.stage(&staged, "new\n").unwrap();
    (target, staged)
}

#[test]
fn what_an_editor_wrote_before_the_swap_is_still_there_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let (target, staged) = staged(dir.path());
    fs::write(&target.path, "edited\n").unwrap();
    assert!(target.swap(&staged, "old\n", "new\n").is_err());
    assert_eq!(read(dir.path(), 0), "edited\n");
}

#[test]
fn putting_back_leaves_what_was_written_since() {
    let dir = tempfile::tempdir().unwrap();
    let (target, staged) = staged(dir.path());
    target.swap(&staged, "old\n", "new\n").unwrap();
    assert_eq!(fs::read_to_string(&staged).unwrap(), "old\n");
    let ours = |bytes: &[u8]| bytes == b"new\n";
    fs::write(&target.path, "edited\n").unwrap();
    swap::put_back(&target.path, &staged, &ours);
    assert_eq!(read(dir.path(), 0), "edited\n");
    fs::write(&target.path, "new\n").unwrap();
    swap::put_back(&target.path, &staged, &ours);
    assert_eq!(read(dir.path(), 0), "old\n");
}

#[test]
fn an_editor_that_had_the_file_open_keeps_what_it_writes() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let report = report(dir.path(), 2);
    let mut editor = fs::OpenOptions::new();
    let mut editor = editor.write(true).open(dir.path().join("1.go")).unwrap();
    let mut writer = Writer {
        room: Room::new().unwrap(),
        written: Vec::new(),
    };
    writer.set(&report, &BTreeSet::from([0, 1])).unwrap();
    assert_eq!(read(dir.path(), 1), "new\n");
    editor.write_all(b"mine").unwrap();
    let undone = writer.recheck(&report);
    assert_eq!(undone, [(BTreeSet::from([0, 1]), 1)]);
    assert_eq!(read(dir.path(), 0), "old\n");
    assert_eq!(read(dir.path(), 1), "mine");
}

/// The journal of a run that was killed after the first of two files, and the files as it left them.
#[test]
fn a_half_written_set_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let report = report(dir.path(), 2);
    let entry = |at: usize| Entry {
        target: dir.path().join(format!("{at}.go")).into(),
        staged: dir.path().join(format!("staged{at}")).into(),
        new: fingerprint(b"new\n"),
    };
    let journal = Journal::new(vec![entry(0), entry(1)]);
    for at in [0, 1] {
        let file = &report.files[at];
        let target = Target::open(&file.path, &file.old).unwrap();
        let staged = dir.path().join(format!("staged{at}"));
        target.stage(&staged, "new\n").unwrap();
        if at == 0 {
            target.swap(&staged, "old\n", "new\n").unwrap();
        }
    }
    assert_eq!(read(dir.path(), 0), "new\n");
    assert_eq!(journal.take_back(), [dir.path().join("0.go")]);
    assert_eq!(
        (read(dir.path(), 0), read(dir.path(), 1)),
        ("old\n".into(), "old\n".into())
    );
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        2,
        "nothing else is left"
    );
    assert_eq!(
        journal.take_back(),
        [] as [PathBuf; 0],
        "once more changes nothing"
    );
}
