//! Walk: which Go files a command line names. Reads directories and ignore files, no Go file.
//!
//! What Go's own patterns leave out is left out here (`vendor`, `testdata`, names that start with `_` or `.`), and
//! what git ignores; each is counted, and said aloud when it was named on the command line. Symbolic links to
//! directories are not followed, as the go command does not.

mod ignored;

use ignored::Ignored;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Larger files (in bytes) are not parsed. The largest file that people wrote in Kubernetes, etcd, Docker,
/// Prometheus and Go itself is below 1 MiB; what is above is data in Go syntax.
pub const LARGEST: u64 = 16 << 20;

/// Why a file or directory is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Skip {
    /// `// Code generated … DO NOT EDIT.` (found when the file is read).
    Generated,
    /// A `vendor` directory.
    Vendor,
    /// A `testdata` directory.
    Testdata,
    /// A name that starts with `_` or `.`.
    Hidden,
    /// Matched by a `.gitignore`, `.git/info/exclude` or the user's global ignore file.
    Ignored,
}

impl Skip {
    /// All reasons, as `--include` names them.
    pub const ALL: [Skip; 5] = [
        Skip::Generated,
        Skip::Vendor,
        Skip::Testdata,
        Skip::Hidden,
        Skip::Ignored,
    ];
    /// The value of `--include` that takes it in.
    pub fn id(self) -> &'static str {
        match self {
            Skip::Generated => "generated",
            Skip::Vendor => "vendor",
            Skip::Testdata => "testdata",
            Skip::Hidden => "hidden",
            Skip::Ignored => "ignored",
        }
    }
    /// For people, after `skipped: `.
    pub fn text(self) -> &'static str {
        match self {
            Skip::Generated => "generated code",
            Skip::Vendor => "in a vendor directory",
            Skip::Testdata => "in a testdata directory",
            Skip::Hidden => "its name, or its directory's, starts with `_` or `.`",
            Skip::Ignored => "ignored by git",
        }
    }
}

/// A Go file to analyse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GoFile {
    /// Its path as people see it: relative where the argument was, without `./`.
    pub path: PathBuf,
    /// It was itself an argument.
    pub named: bool,
}

/// Something said about a path on stderr.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The path as people see it.
    pub path: PathBuf,
    /// One line, no final full stop.
    pub text: String,
    /// Part of what was asked for could not be done: exit code 2.
    pub error: bool,
}

/// What the arguments name.
#[derive(Debug, Default)]
pub struct Walked {
    /// Files in path order, each once.
    pub files: Vec<GoFile>,
    /// How many files and whole directories were left out, by reason.
    pub skipped: BTreeMap<Skip, usize>,
    /// The same by path, but for those that `notices` speak of.
    pub left_out: Vec<(PathBuf, Skip)>,
    /// Errors and remarks, in order of the arguments.
    pub notices: Vec<Notice>,
}

/// Collects the Go files that `args` name: files, directories (with all below them), `dir/...`. Kinds in `include`
/// are not skipped.
pub fn walk(args: &[PathBuf], include: &[Skip]) -> Walked {
    let mut walker = Walker {
        include,
        walked: Walked::default(),
        seen: BTreeSet::new(),
    };
    for arg in args {
        walker.argument(arg);
    }
    walker.walked.files.sort();
    walker.walked
}

/// As [`walk`] of one Go file, which need not exist.
pub fn one(path: &Path, include: &[Skip]) -> Walked {
    let mut walker = Walker {
        include,
        walked: Walked::default(),
        seen: BTreeSet::new(),
    };
    let shown = tidy(path);
    let directory = shown.parent().filter(|parent| *parent != Path::new(""));
    let directory = std::fs::canonicalize(directory.unwrap_or(Path::new(".")));
    let real = directory
        .unwrap_or_default()
        .join(shown.file_name().unwrap_or_default());
    match walker.skip_above(&shown, &real, false, &Ignored::above(&real)) {
        Some(skip) => walker.skip_named(&shown, skip),
        None => walker.file(shown, real, true),
    }
    walker.walked
}

struct Walker<'a> {
    include: &'a [Skip],
    walked: Walked,
    seen: BTreeSet<PathBuf>,
}

impl Walker<'_> {
    fn argument(&mut self, arg: &Path) {
        let shown = match pattern_root(arg) {
            Ok(root) => tidy(&root),
            Err(text) => return self.error(arg, text),
        };
        let kind = match std::fs::metadata(&shown) {
            Ok(kind) => kind,
            Err(error) => return self.error(&shown, describe(&error)),
        };
        let real = match std::fs::canonicalize(&shown) {
            Ok(real) => real,
            Err(error) => return self.error(&shown, describe(&error)),
        };
        if !kind.is_dir() && shown.extension() != Some(OsStr::new("go")) {
            return self.error(&shown, "not a Go file".into());
        }
        let ignored = Ignored::above(&real);
        let skip = self.skip_above(&shown, &real, kind.is_dir(), &ignored);
        if let Some(skip) = skip {
            return self.skip_named(&shown, skip);
        }
        if kind.is_dir() {
            let before = (self.seen.len(), self.walked.skipped.clone());
            self.directory(&shown, &real, &ignored);
            let skipped = before.1 != self.walked.skipped;
            if before.0 == self.seen.len() && !self.saw_below(&real) {
                let why = if skipped {
                    "all of them are skipped"
                } else {
                    "none below it"
                };
                let text = format!("no Go files ({why})");
                self.notice(&shown, text, !skipped);
            }
        } else {
            self.file(shown, real, true);
        }
    }

    /// Whether the path, or a directory above it as it was written, is of a kind that is left out.
    fn skip_above(
        &self,
        shown: &Path,
        real: &Path,
        is_dir: bool,
        ignored: &Ignored,
    ) -> Option<Skip> {
        let written: &Path = if shown.is_absolute() {
            let root = module_root(real).unwrap_or(real);
            real.strip_prefix(root).unwrap_or(Path::new(""))
        } else {
            shown
        };
        let names = written.components().filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        let by_name = names.filter_map(skip_name).find(|skip| self.skips(*skip));
        by_name.or_else(|| {
            let skip = self.skips(Skip::Ignored) && ignored.itself(real, is_dir);
            skip.then_some(Skip::Ignored)
        })
    }

    fn skips(&self, skip: Skip) -> bool {
        !self.include.contains(&skip)
    }

    fn directory(&mut self, shown: &Path, real: &Path, above: &Ignored) {
        let ignored = above.within(real);
        let entries = std::fs::read_dir(real).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.error(shown, describe(&error)),
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let (shown, real) = (join(shown, &name), real.join(&name));
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    self.error(&shown, describe(&error));
                    continue;
                }
            };
            let go = Path::new(&name).extension() == Some(OsStr::new("go"));
            if !kind.is_dir() && !go {
                continue;
            }
            let by_name = name.to_str().and_then(|name| match skip_name(name) {
                Some(Skip::Vendor | Skip::Testdata) if !kind.is_dir() => None,
                other => other,
            });
            if let Some(skip) = by_name.filter(|skip| self.skips(*skip)) {
                if name != ".git" {
                    self.leave_out(shown, skip);
                }
                continue;
            }
            if self.skips(Skip::Ignored) && ignored.matches(&real, kind.is_dir()) {
                self.leave_out(shown, Skip::Ignored);
                continue;
            }
            if kind.is_dir() {
                self.directory(&shown, &real, &ignored);
            } else if kind.is_file() {
                self.file(shown, real, false);
            } else if kind.is_symlink() {
                match std::fs::canonicalize(&real) {
                    Ok(target) if target.is_file() => self.file(shown, target, false),
                    Ok(_directory) => {}
                    Err(error) => self.error(&shown, describe(&error)),
                }
            }
        }
    }

    fn file(&mut self, shown: PathBuf, real: PathBuf, named: bool) {
        if self.seen.insert(real) {
            self.walked.files.push(GoFile { path: shown, named });
        }
    }

    /// Whether an earlier argument already brought files of this directory.
    fn saw_below(&self, directory: &Path) -> bool {
        self.seen.iter().any(|file| file.starts_with(directory))
    }

    fn count(&mut self, skip: Skip) {
        *self.walked.skipped.entry(skip).or_default() += 1;
    }

    fn leave_out(&mut self, shown: PathBuf, skip: Skip) {
        self.count(skip);
        self.walked.left_out.push((shown, skip));
    }

    fn skip_named(&mut self, shown: &Path, skip: Skip) {
        self.count(skip);
        self.notice(shown, skipped(skip), false);
    }

    fn error(&mut self, path: &Path, text: String) {
        self.notice(path, text, true);
    }

    fn notice(&mut self, path: &Path, text: String, error: bool) {
        self.walked.notices.push(Notice {
            path: path.to_owned(),
            text,
            error,
        });
    }
}

/// What is said of a path that is left out although it was named.
pub fn skipped(skip: Skip) -> String {
    format!("skipped: {} (--include {})", skip.text(), skip.id())
}

/// An I/O error without Rust's `(os error 2)`, in the spelling of Go's tools.
pub fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "unknown error".into(),
    }
}

fn skip_name(name: &str) -> Option<Skip> {
    match name {
        "vendor" => Some(Skip::Vendor),
        "testdata" => Some(Skip::Testdata),
        _ if name.starts_with(['_', '.']) => Some(Skip::Hidden),
        _ => None,
    }
}

/// The directory of `dir/...`; other paths stay.
fn pattern_root(arg: &Path) -> Result<PathBuf, String> {
    let wild = |part: &Component<'_>| part.as_os_str().to_string_lossy().contains("...");
    let mut parts = arg.components().rev().peekable();
    if parts.peek().is_some_and(|last| last.as_os_str() == "...") {
        parts.next();
        let root: PathBuf = arg.components().take(parts.clone().count()).collect();
        if !parts.any(|part| wild(&part)) {
            return Ok(if root.as_os_str().is_empty() {
                ".".into()
            } else {
                root
            });
        }
    } else if !parts.any(|part| wild(&part)) {
        return Ok(arg.to_owned());
    }
    Err("only a last `/...` is understood in a pattern".into())
}

/// Without `./`, which neither git's nor Go's messages show.
fn tidy(path: &Path) -> PathBuf {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let tidy: PathBuf = parts.collect();
    if tidy.as_os_str().is_empty() {
        ".".into()
    } else {
        tidy
    }
}

fn join(directory: &Path, name: &OsStr) -> PathBuf {
    if directory == Path::new(".") {
        PathBuf::from(name)
    } else {
        directory.join(name)
    }
}

/// The nearest directory above with a `go.mod`.
fn module_root(real: &Path) -> Option<&Path> {
    real.ancestors()
        .find(|directory| directory.join("go.mod").is_file())
}

#[cfg(test)]
mod tests;
