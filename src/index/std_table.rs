//! The standard library's declarations, embedded: made by `tests/stdtable` from a GOROOT, read lazily.
//!
//! Layout of `std.bin`: the length of the index (4 bytes, little endian), the index, then one block a package; index
//! and blocks are raw deflate streams. The index is text: a line with the Go version and the toolchain's tags, then a
//! line a package: system, import path, package name, offset after the index, length.

use crate::syntax::ast::{Name, Outline};
use crate::syntax::parse_dependency;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

static BYTES: &[u8] = include_bytes!("std.bin");

/// Systems and architecture that the table was made for (`tests/stdtable`).
const SYSTEMS: &[&str] = &["linux", "windows", "darwin"];
const ARCH: &str = "amd64";

/// The package that has no source anywhere (Go spec "Package unsafe"); the checker knows its functions.
const UNSAFE: &str = "package unsafe\n\ntype ArbitraryType int\n\ntype IntegerType int\n\ntype Pointer *ArbitraryType\n\n\
    func Sizeof(x ArbitraryType) uintptr\n\nfunc Offsetof(x ArbitraryType) uintptr\n\n\
    func Alignof(x ArbitraryType) uintptr\n\nfunc Add(ptr Pointer, len IntegerType) Pointer\n\n\
    func Slice(ptr *ArbitraryType, len IntegerType) []ArbitraryType\n\nfunc SliceData(slice []ArbitraryType) *ArbitraryType\n\n\
    func String(ptr *byte, len IntegerType) string\n\nfunc StringData(str string) *byte\n";

/// A package of the table.
#[derive(Debug)]
pub(super) struct Entry {
    /// The operating system it is of; empty for those that are the same on every one the table was made for.
    goos: String,
    pub(super) path: Name,
    pub(super) name: Name,
    start: usize,
    len: usize,
}

/// The table's index.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The Go version that it was made from, as (major, minor).
    pub(super) go: (u32, u32),
    /// Tags of that toolchain (`goexperiment.…`).
    pub(super) tags: Vec<String>,
    pub(super) entries: Vec<Entry>,
    by_path: HashMap<Name, Vec<u32>>,
}

/// The embedded table.
pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| read(BYTES).unwrap_or_default())
}

impl Table {
    /// Nothing is embedded.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Import paths that the table has for a system, in order.
    pub(super) fn paths(&self, goos: &str) -> Vec<Name> {
        let of = |e: &&Entry| e.goos.is_empty() || e.goos == goos;
        self.entries.iter().filter(of).map(|e| e.path).collect()
    }

    /// The package under a configuration, and whether the table has all of it there.
    pub(super) fn find(&self, path: Name, goos: &str, goarch: &str) -> Option<(u32, bool)> {
        if path == "unsafe" {
            return Some((UNSAFE_ENTRY, true));
        }
        let entries = self.by_path.get(&path)?;
        let of = |goos: &str| {
            entries
                .iter()
                .copied()
                .find(|e| self.entries[*e as usize].goos == goos)
        };
        if let Some(entry) = of("") {
            return Some((entry, true));
        }
        // What is the system's own differs by architecture too, down to the fields of structs.
        if path == "syscall" && goarch != ARCH {
            return None;
        }
        if let Some(entry) = of(goos) {
            return Some((entry, true));
        }
        if path == "syscall" || SYSTEMS.contains(&goos) {
            return None;
        }
        // On a system that the table does not know, what linux has is right as far as it goes.
        of("linux").map(|entry| (entry, false))
    }
}

/// The number of package unsafe, which is no entry of the table.
pub(super) const UNSAFE_ENTRY: u32 = u32::MAX;

/// A package's name.
pub(super) fn name(entry: u32) -> Name {
    table()
        .entries
        .get(entry as usize)
        .map_or_else(|| Name::from("unsafe"), |e| e.name)
}

/// A package's declarations as Go text.
pub(super) fn text(entry: u32) -> Option<Arc<str>> {
    Some(Arc::clone(&read_once(entry)?.0))
}

/// Its declarations.
pub(super) fn outline(entry: u32) -> Option<Arc<Outline>> {
    Some(Arc::clone(&read_once(entry)?.1))
}

type Read = (Arc<str>, Arc<Outline>);

/// Read once in a process, which may make many runs (an editor's server, a fuzzer).
fn read_once(entry: u32) -> Option<Read> {
    static READ: OnceLock<Vec<OnceLock<Option<Read>>>> = OnceLock::new();
    let all = READ.get_or_init(|| {
        (0..=table().entries.len())
            .map(|_| OnceLock::new())
            .collect()
    });
    // `unsafe` is behind the table's own.
    let cell = all.get(entry as usize).or(all.last())?;
    let read = || {
        let text: Arc<str> = decode(entry)?.into();
        let outline = Arc::new(parse_dependency(&text));
        Some((text, outline))
    };
    cell.get_or_init(read).clone()
}

fn decode(entry: u32) -> Option<String> {
    if entry == UNSAFE_ENTRY {
        return Some(UNSAFE.to_owned());
    }
    let entry = table().entries.get(entry as usize)?;
    inflate(split(BYTES)?.1.get(entry.start..entry.start + entry.len)?)
}

/// The index and the blocks of a table.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*len) as usize)
}

fn inflate(bytes: &[u8]) -> Option<String> {
    String::from_utf8(miniz_oxide::inflate::decompress_to_vec(bytes).ok()?).ok()
}

fn read(bytes: &[u8]) -> Option<Table> {
    let index = inflate(split(bytes)?.0)?;
    let mut lines = index.lines();
    let mut head = lines.next()?.split_whitespace();
    let go = super::module::go_version(head.next()?)?;
    let mut table = Table {
        go,
        tags: head.map(str::to_string).collect(),
        ..Table::default()
    };
    for line in lines {
        let mut columns = line.split('\t');
        let mut column = || columns.next();
        let entry = Entry {
            goos: column()?.to_string(),
            path: Name::from(column()?),
            name: Name::from(column()?),
            start: column()?.parse().ok()?,
            len: column()?.parse().ok()?,
        };
        table
            .by_path
            .entry(entry.path)
            .or_default()
            .push(table.entries.len() as u32);
        table.entries.push(entry);
    }
    Some(table)
}
