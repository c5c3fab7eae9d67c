//! The files of a run and of what it depends on: paths, texts, outlines. Texts of dependencies are read again when
//! they are asked for; texts of the run stay what they were when first read.

use super::FileId;
use super::words::Words;
use crate::stats::{self, Stage};
use crate::syntax::ast::Outline;
use crate::syntax::{parse_dependency, parse_outline};
use rustc_hash::{FxHashMap, FxHasher};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

/// A file.
#[derive(Debug)]
pub(super) struct File {
    /// Its id.
    pub(super) id: FileId,
    /// As it was given, or as it was found.
    pub(super) path: PathBuf,
    /// Absolute, without `.` and `..`.
    pub(super) absolute: PathBuf,
    /// Of the run: its text is kept.
    run: AtomicBool,
    text: OnceLock<Option<Arc<str>>>,
    /// A dependency's text while someone holds it.
    recent: Mutex<Option<Weak<str>>>,
    /// Hash of the text that was read first.
    fingerprint: OnceLock<u64>,
    outline: OnceLock<Option<Arc<Outline>>>,
    words: OnceLock<Option<Words>>,
    /// The entry of the embedded table that is its text.
    embedded: Option<u32>,
}

impl File {
    fn new(id: FileId, path: PathBuf, absolute: PathBuf, embedded: Option<u32>) -> File {
        File {
            id,
            path,
            absolute,
            run: AtomicBool::new(false),
            text: OnceLock::new(),
            recent: Mutex::new(None),
            fingerprint: OnceLock::new(),
            outline: OnceLock::new(),
            words: OnceLock::new(),
            embedded,
        }
    }

    /// Its text; none when it cannot be read, is not UTF-8 (no Go compiler takes that), or is no longer what was read
    /// first: offsets into it would be wrong.
    pub(super) fn text(&self) -> Option<Arc<str>> {
        if let Some(text) = self.text.get() {
            return text.clone();
        }
        if self.run.load(Ordering::Acquire) {
            return self.text.get_or_init(|| self.read()).clone();
        }
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = recent.as_ref().and_then(Weak::upgrade) {
            return Some(text);
        }
        let text = self.read()?;
        *recent = Some(Arc::downgrade(&text));
        Some(text)
    }

    fn read(&self) -> Option<Arc<str>> {
        match self.embedded {
            Some(entry) => super::std_table::text(entry),
            None => self.read_then(|text| Arc::from(text)),
        }
    }

    /// What `look` makes of its text, which need not be kept for that.
    fn look<R>(&self, look: impl FnOnce(&str) -> R) -> Option<R> {
        let kept = self.is_run() || self.embedded.is_some() || self.text.get().is_some();
        match kept {
            true => Some(look(&self.text()?)),
            false => self.read_then(look),
        }
    }

    fn read_then<R>(&self, look: impl FnOnce(&str) -> R) -> Option<R> {
        thread_local! {
            /// Most files of a run are read for this alone: one piece of memory does for all.
            static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        BYTES.with_borrow_mut(|bytes| {
            bytes.clear();
            let mut file = std::fs::File::open(&self.absolute).ok()?;
            file.read_to_end(bytes).ok()?;
            let text = std::str::from_utf8(bytes).ok()?;
            let mut hasher = FxHasher::default();
            text.hash(&mut hasher);
            let now = hasher.finish();
            (*self.fingerprint.get_or_init(|| now) == now).then(|| look(text))
        })
    }

    /// Its declarations; none when it cannot be read.
    pub(super) fn outline(&self) -> Option<Arc<Outline>> {
        let parse = || {
            if let Some(entry) = self.embedded {
                return super::std_table::outline(entry);
            }
            self.look(|text| self.parse(text))
        };
        self.outline.get_or_init(parse).clone()
    }

    fn parse(&self, text: &str) -> Arc<Outline> {
        // Data in Go syntax: parsing it would take longer than everything else together.
        if text.len() as u64 > crate::walk::LARGEST {
            let broken = true;
            return Arc::new(Outline {
                broken,
                ..Outline::default()
            });
        }
        stats::count(Stage::Index, text.len());
        let outline = match self.is_dependency() {
            true => parse_dependency(text),
            false => parse_outline(text),
        };
        Arc::new(outline)
    }

    /// Whether it is of a module in the module cache, whose directory has its version (Go modules reference, "Module
    /// cache"). What is there has compiled.
    fn is_dependency(&self) -> bool {
        let path = self.absolute.as_os_str().as_encoded_bytes();
        memchr::memmem::find(path, b"@v").is_some() && !self.is_run()
    }

    /// Whether its text may have this word. No when it cannot be read.
    pub(super) fn may_mention(&self, word: &str) -> bool {
        let words = || self.look(Words::of);
        let words = self.words.get_or_init(words);
        words.as_ref().is_some_and(|words| words.may_have(word))
    }

    /// The text if it is in memory or embedded: no look at the disk.
    pub(super) fn held_text(&self) -> Option<Arc<str>> {
        match self.text.get() {
            Some(text) => text.clone(),
            None if self.embedded.is_some() => self.text(),
            None => None,
        }
    }

    /// Whether it was given to the run.
    pub(super) fn is_run(&self) -> bool {
        self.run.load(Ordering::Acquire)
    }
}

/// All files by id and by path.
#[derive(Debug, Default)]
pub(super) struct Files {
    table: RwLock<Table>,
    /// Texts that were asked for lately, newest last, and how many bytes they are.
    recent: Mutex<(VecDeque<Arc<str>>, usize)>,
}

/// How many bytes of texts that are not of the run are kept for the next who asks: a module of usual size is searched
/// many times, and must not be read as often.
const RECENT: usize = 32 << 20;

#[derive(Clone, Debug, Default)]
struct Table {
    files: Vec<Arc<File>>,
    by_path: FxHashMap<PathBuf, FileId>,
    /// Files that were given to the run, by directory.
    given: FxHashMap<PathBuf, Vec<FileId>>,
    /// Texts of files that are not Go: go.mod and its like.
    overlay: FxHashMap<PathBuf, Arc<str>>,
}

impl Files {
    /// The same files under the same ids, some of them with another text.
    pub(super) fn with_texts(&self, texts: &[(FileId, Arc<str>)]) -> Files {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let mut table = table.clone();
        for (id, text) in texts {
            if let Some(slot) = table.files.get_mut(id.0 as usize) {
                let new = File::new(*id, slot.path.clone(), slot.absolute.clone(), slot.embedded);
                new.run.store(slot.is_run(), Ordering::Release);
                let _ = new.text.set(Some(Arc::clone(text)));
                *slot = Arc::new(new);
            }
        }
        Files {
            table: RwLock::new(table),
            recent: Mutex::default(),
        }
    }

    /// Registers a file of the run.
    pub(super) fn give(&self, path: &Path, text: Option<Arc<str>>) -> FileId {
        let absolute = normalize(path);
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let id = table.insert(path, absolute, None);
        let file = Arc::clone(&table.files[id.0 as usize]);
        if let Some(text) = text {
            // A second text for the same file comes too late: the first may have been analysed.
            let _ = file.text.set(Some(text));
        }
        if !file.run.swap(true, Ordering::AcqRel) {
            let dir = file
                .absolute
                .parent()
                .map(Path::to_path_buf)
                .unwrap_or_default();
            table.given.entry(dir).or_default().push(id);
        }
        id
    }

    /// Registers a file of a dependency. `absolute` must be normalized.
    pub(super) fn find(&self, absolute: PathBuf) -> Arc<File> {
        self.intern(absolute, None)
    }

    /// Registers a file of the embedded standard library.
    pub(super) fn embedded(&self, path: PathBuf, entry: u32) -> Arc<File> {
        self.intern(path, Some(entry))
    }

    fn intern(&self, absolute: PathBuf, embedded: Option<u32>) -> Arc<File> {
        if let Some(file) = self.known(&absolute) {
            return file;
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let id = table.insert(&absolute.clone(), absolute, embedded);
        Arc::clone(&table.files[id.0 as usize])
    }

    fn known(&self, absolute: &Path) -> Option<Arc<File>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table
            .by_path
            .get(absolute)
            .map(|id| Arc::clone(&table.files[id.0 as usize]))
    }

    /// A registered file.
    pub(super) fn get(&self, id: FileId) -> Option<Arc<File>> {
        self.table
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .files
            .get(id.0 as usize)
            .cloned()
    }

    /// A file's text, kept for a while.
    pub(super) fn text(&self, id: FileId) -> Option<Arc<str>> {
        let file = self.get(id)?;
        let text = file.text()?;
        // Somebody else's reference means that it is kept already.
        if !file.is_run() && Arc::strong_count(&text) == 1 {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            let (texts, size) = &mut *recent;
            *size += text.len();
            texts.push_back(Arc::clone(&text));
            while *size > RECENT {
                let Some(oldest) = texts.pop_front() else {
                    break;
                };
                *size -= oldest.len();
            }
        }
        Some(text)
    }

    /// The run's files in a directory, in order of registration.
    pub(super) fn given_in(&self, dir: &Path) -> Vec<FileId> {
        self.table
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .given
            .get(dir)
            .cloned()
            .unwrap_or_default()
    }

    /// Directories at or below `root` that hold files of the run.
    pub(super) fn given_below(&self, root: &Path) -> Vec<PathBuf> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table
            .given
            .keys()
            .filter(|dir| dir.starts_with(root))
            .cloned()
            .collect()
    }

    /// Sets the text of a file that is not Go source.
    pub(super) fn set_overlay(&self, path: &Path, text: Arc<str>) {
        let absolute = normalize(path);
        self.table
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .overlay
            .insert(absolute, text);
    }

    /// The text of a file that is not Go source.
    pub(super) fn read_other(&self, absolute: &Path) -> Option<String> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = table.overlay.get(absolute) {
            return Some(text.to_string());
        }
        drop(table);
        std::fs::read_to_string(absolute).ok()
    }
}

impl Table {
    fn insert(&mut self, path: &Path, absolute: PathBuf, embedded: Option<u32>) -> FileId {
        if let Some(id) = self.by_path.get(&absolute) {
            return *id;
        }
        let id = FileId(self.files.len() as u32);
        self.by_path.insert(absolute.clone(), id);
        let file = File::new(id, path.to_path_buf(), absolute, embedded);
        self.files.push(Arc::new(file));
        id
    }
}

/// Absolute, `.` and `..` removed without asking the file system (a link's parent is not followed).
pub(super) fn normalize(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut out = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
