//! One file: its new text is staged complete, then takes its place in one step, and what stood there before comes
//! out under the staged name.

use crate::walk::describe;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const CHANGED: &str = "not written: changed on disk while unleak ran";

/// A file in the tree that is to get a new text.
pub(super) struct Target {
    /// Its path without symbolic links: a link stays, what it points to is replaced.
    pub(super) path: PathBuf,
    metadata: Metadata,
}

impl Target {
    /// The file at `path`, when it may be replaced and still has the text that was analysed.
    pub(super) fn open(path: &Path, old: &str) -> Result<Target, String> {
        let io = |error: io::Error| format!("not written: {}", describe(&error));
        let path = fs::canonicalize(path).map_err(io)?;
        let metadata = fs::metadata(&path).map_err(io)?;
        if metadata.permissions().readonly() {
            return Err("not written: read-only".into());
        }
        if let names @ 2.. = names(&metadata) {
            // The other names would keep the old text.
            return Err(format!(
                "not written: it is one file under {names} names (hard links)"
            ));
        }
        if fs::read(&path).map_err(io)? != old.as_bytes() {
            return Err(CHANGED.into());
        }
        // Renaming asks for the directory's permission alone; people expect the file's to count.
        OpenOptions::new().append(true).open(&path).map_err(io)?;
        Ok(Target { path, metadata })
    }

    /// Writes the new text to `staged`, which must not exist, with the mode, owner and attributes of the target.
    pub(super) fn stage(&self, staged: &Path, new: &str) -> Result<(), String> {
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(staged)?;
            file.write_all(new.as_bytes())?;
            // Before the mode: a new owner takes the set-user-id bit away.
            keep_owner(&self.metadata, staged);
            keep_attributes(&self.path, &file);
            fs::set_permissions(staged, self.metadata.permissions())?;
            file.sync_all()
        };
        write().map_err(|error: io::Error| format!("not written: {}", describe(&error)))
    }

    /// Puts the staged text in its place. Afterwards `staged` is what stood there; on an error the file is as it was.
    pub(super) fn swap(&self, staged: &Path, old: &str, new: &str) -> Result<(), String> {
        let io = |error: io::Error| format!("not written: {}", describe(&error));
        if fs::read(&self.path).map_err(io)? != old.as_bytes() {
            return Err(CHANGED.into());
        }
        exchange(staged, &self.path).map_err(io)?;
        if fs::read(staged).is_ok_and(|bytes| bytes == old.as_bytes()) {
            return Ok(());
        }
        // Someone wrote between the comparison and the exchange: theirs is the newer text.
        put_back(&self.path, staged, &|bytes| bytes == new.as_bytes());
        Err(CHANGED.into())
    }
}

/// Undoes a swap: while `target` has what `ours` knows, it gets back what came out of the tree. A text that someone
/// wrote there since stays.
pub(super) fn put_back(target: &Path, staged: &Path, ours: &dyn Fn(&[u8]) -> bool) {
    let is_ours = |path: &Path| fs::read(path).is_ok_and(|bytes| ours(&bytes));
    if is_ours(target) && exchange(staged, target).is_ok() && !is_ours(staged) {
        // Someone wrote to the new text while it was taken back: it is newer than what was put there.
        let _ = exchange(staged, target);
    }
}

/// Removes what was staged; it may be gone.
pub(super) fn discard(staged: &Path) {
    let _ = fs::remove_file(staged);
}

/// Makes a rename last through a power failure. Best effort: not all systems open directories.
pub(super) fn sync_directory(file: &Path) {
    let directory = file.parent().map(File::open);
    if let Some(Ok(directory)) = directory {
        let _ = directory.sync_all();
    }
}

/// The name under which a file waits that is about to be replaced where two files cannot change places in one step.
pub(super) fn aside(staged: &Path) -> PathBuf {
    staged.with_extension("old")
}

/// Two files change places.
fn exchange(staged: &Path, target: &Path) -> io::Result<()> {
    match exchange_in_one_step(staged, target) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        done => return done,
    }
    // Another name of the same file sees what an editor still writes to it; a copy would not.
    let aside = aside(staged);
    if fs::hard_link(target, &aside).is_err() {
        fs::copy(target, &aside)?;
    }
    if let Err(error) = fs::rename(staged, target) {
        discard(&aside);
        return Err(error);
    }
    fs::rename(&aside, staged)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange_in_one_step(staged: &Path, target: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, staged, CWD, target, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // The file system (NFS, FAT) or the kernel does not know it.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Err(io::ErrorKind::Unsupported.into()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange_in_one_step(_staged: &Path, _target: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn names(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn names(_metadata: &Metadata) -> u64 {
    1
}

/// Best effort: only root may give a file away, and a file of one's own needs no giving.
#[cfg(unix)]
fn keep_owner(metadata: &Metadata, path: &Path) {
    use std::os::unix::fs::{MetadataExt, chown};
    let _ = chown(path, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_metadata: &Metadata, _path: &Path) {}

/// Access lists, security labels and the user's own attributes. Best effort: some only root may set.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn keep_attributes(from: &Path, to: &File) {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr, listxattr};
    let mut names = vec![0u8; 64 << 10];
    let Ok(length) = listxattr(from, &mut names[..]) else {
        return;
    };
    for name in names[..length].split(|byte| *byte == 0) {
        let mut value = vec![0u8; 64 << 10];
        if let (false, Ok(length)) = (name.is_empty(), getxattr(from, name, &mut value[..])) {
            let _ = fsetxattr(to, name, &value[..length], XattrFlags::empty());
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn keep_attributes(_from: &Path, _to: &File) {}
