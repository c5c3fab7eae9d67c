//! Where new texts wait for their place: a directory of this run in the user's cache directory.
//!
//! Its lock tells a run that is alive from one that was killed. Where a rename cannot reach the tree from there
//! (another file system), a file is staged beside its target, and the journal knows its name.

use crate::walk::describe;
use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The directory of one run; removed when it is dropped.
pub(super) struct Room {
    directory: TempDir,
    /// Held as long as the run lives; the system lets go of it when the process ends, however it ends.
    _lock: File,
    volume: Option<Volume>,
    count: Cell<usize>,
}

/// All rooms of the user; none when there is no home directory.
pub(super) fn rooms() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let set = |name: &str| set(name).filter(|path| path.is_absolute());
    let cache = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| home.join("Library/Caches"))
    } else {
        // XDG Base Directory Specification: a relative path is to be ignored.
        set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))
    };
    Some(cache?.join("unleak").join("write"))
}

const LOCK: &str = "lock";

/// Held while rooms are made and while those of killed runs are looked at, so that neither sees the other half-way.
pub(super) fn lock_all(rooms: &Path) -> io::Result<File> {
    fs::create_dir_all(rooms)?;
    let lock = File::create(rooms.join(LOCK))?;
    lock.lock()?;
    Ok(lock)
}

/// The rooms of runs that are no longer alive. The lock of all must be held.
pub(super) fn abandoned(rooms: &Path) -> io::Result<Vec<PathBuf>> {
    let mut abandoned = Vec::new();
    for entry in fs::read_dir(rooms)? {
        let room = entry?.path();
        let dead = |lock: File| lock.try_lock().is_ok();
        if room.is_dir() && File::open(room.join(LOCK)).map_or(true, dead) {
            abandoned.push(room);
        }
    }
    abandoned.sort();
    Ok(abandoned)
}

impl Room {
    /// A new room. Without a cache directory that can be written it is one that no later run finds: then a kill in
    /// the middle of a group is not made good.
    pub(super) fn new() -> Result<Room, String> {
        let in_cache = rooms().and_then(|rooms| {
            let _all = lock_all(&rooms).ok()?;
            Room::within(tempfile::tempdir_in(rooms).ok()?).ok()
        });
        match in_cache {
            Some(room) => Ok(room),
            None => tempfile::tempdir()
                .and_then(Room::within)
                .map_err(|error| format!("no place for its new text: {}", describe(&error))),
        }
    }

    fn within(directory: TempDir) -> io::Result<Room> {
        let lock = File::create(directory.path().join(LOCK))?;
        lock.lock()?;
        Ok(Room {
            volume: Volume::of(directory.path()),
            directory,
            _lock: lock,
            count: Cell::new(0),
        })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A name, not yet taken, for the new text of `target`: here, or beside it when no rename reaches it from here.
    pub(super) fn place(&self, target: &Path) -> PathBuf {
        let number = self.count.replace(self.count.get() + 1);
        let beside = target.parent().unwrap_or(Path::new("."));
        if self.volume.is_some() && Volume::of(beside) == self.volume {
            return self.path().join(format!("{number}.go"));
        }
        let room = self
            .path()
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let room = room.trim_start_matches('.');
        beside.join(format!(".unleak-{room}-{number}"))
    }

    /// Whether a file is staged here and not in the tree.
    pub(super) fn holds(&self, staged: &Path) -> bool {
        staged.starts_with(self.path())
    }
}

/// What a rename cannot leave.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Volume {
    device: u64,
    /// A bind mount has the device of what it shows.
    mount: u64,
}

impl Volume {
    #[cfg(unix)]
    fn of(directory: &Path) -> Option<Volume> {
        use std::os::unix::fs::MetadataExt;
        let device = fs::metadata(directory).ok()?.dev();
        let mount = mount(directory)?;
        Some(Volume { device, mount })
    }

    #[cfg(not(unix))]
    fn of(_directory: &Path) -> Option<Volume> {
        None
    }
}

/// Since Linux 5.8; none before.
#[cfg(target_os = "linux")]
fn mount(directory: &Path) -> Option<u64> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    let stat = statx(CWD, directory, AtFlags::empty(), StatxFlags::MNT_ID).ok()?;
    let told = stat.stx_mask & StatxFlags::MNT_ID.bits() != 0;
    told.then_some(stat.stx_mnt_id)
}

/// Elsewhere a device is mounted once.
#[cfg(all(unix, not(target_os = "linux")))]
fn mount(_directory: &Path) -> Option<u64> {
    Some(0)
}
