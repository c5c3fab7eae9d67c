//! What holds in the end, and who said so: the command line before the file before the default.

use super::choices::Include;
use super::choices::{Exported, FailOn};
use super::file::{File, Keys};
use crate::walk::Skip;
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use toml::Spanned;

/// Who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody.
    Default,
    /// The configuration file, at this line.
    File(PathBuf, usize),
    /// A flag.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => write!(f, "default"),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
            Origin::CommandLine => write!(f, "command line"),
        }
    }
}

/// A value and who set it.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// What holds.
    pub value: T,
    /// Who said so.
    pub origin: Origin,
}

/// What the command line says; none where no flag was given.
#[derive(Debug, Default)]
pub struct Flags {
    /// `--select`.
    pub select: Option<Vec<String>>,
    /// `--ignore`.
    pub ignore: Option<Vec<String>>,
    /// `--include`.
    pub include: Option<Vec<Skip>>,
    /// `--unsafe-fixes`, `--no-unsafe-fixes`.
    pub unsafe_fixes: Option<bool>,
    /// `--exported`.
    pub exported: Option<Exported>,
    /// `--require-clean`, `--no-require-clean`.
    pub require_clean: Option<bool>,
    /// `--fail-on`.
    pub fail_on: Option<FailOn>,
    /// `--jobs`.
    pub jobs: Option<usize>,
}

/// Everything that can be set.
#[derive(Debug)]
pub struct Settings {
    /// Rules to look for; empty for all.
    pub select: Setting<Vec<String>>,
    /// Rules not to look for.
    pub ignore: Setting<Vec<String>>,
    /// Kinds of files that are not skipped.
    pub include: Setting<Vec<Skip>>,
    /// Offer fixes that a person must agree to.
    pub unsafe_fixes: Setting<bool>,
    /// What may become of exported functions.
    pub exported: Setting<Exported>,
    /// Write only into a clean repository.
    pub require_clean: Setting<bool>,
    /// What makes the exit code 1; none for the mode's own default.
    pub fail_on: Setting<Option<FailOn>>,
    /// Number of threads; none for as many as the machine runs at once.
    pub jobs: Setting<Option<usize>>,
}

impl Settings {
    /// What holds for these flags and this file.
    pub fn new(flags: Flags, file: Option<&File>) -> Settings {
        let none = Keys::default();
        let keys = file.map_or(&none, |file| &file.keys);
        let layers = Layers { file };
        let ids = |ids: &Vec<Spanned<String>>| ids.iter().map(|id| id.get_ref().clone()).collect();
        let kinds = |kinds: &Vec<Include>| {
            let skips = kinds.iter().flat_map(|kind| kind.skips());
            skips.copied().collect()
        };
        Settings {
            select: layers.pick(flags.select, &keys.select, ids),
            ignore: layers.pick(flags.ignore, &keys.ignore, ids),
            include: layers.pick(flags.include, &keys.include, kinds),
            unsafe_fixes: layers.pick(flags.unsafe_fixes, &keys.unsafe_fixes, |on| *on),
            exported: layers.pick(flags.exported, &keys.exported, |what| *what),
            require_clean: layers.pick(flags.require_clean, &keys.require_clean, |on| *on),
            fail_on: layers.pick(flags.fail_on.map(Some), &keys.fail_on, |which| Some(*which)),
            jobs: layers.pick(flags.jobs.map(Some), &keys.jobs, |jobs| Some(jobs.get())),
        }
    }

    /// Whether the rule is looked for.
    pub fn selects(&self, id: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == id);
        (self.select.value.is_empty() || named(&self.select.value)) && !named(&self.ignore.value)
    }

    /// All settings as a configuration file, each with where it comes from. What nobody set and has no one value is
    /// a comment.
    pub fn show(&self, out: &mut dyn Write, file: Option<&File>) -> io::Result<()> {
        match file {
            Some(file) => writeln!(out, "# {}", file.source.path.display())?,
            None => writeln!(out, "# no configuration file")?,
        }
        let include: Vec<_> = self.include.value.iter().map(|skip| skip.id()).collect();
        let select = (!self.select.value.is_empty()).then_some(&self.select.value);
        line(out, "select", select, &self.select.origin, "all")?;
        line(
            out,
            "ignore",
            Some(&self.ignore.value),
            &self.ignore.origin,
            "",
        )?;
        line(out, "include", Some(include), &self.include.origin, "")?;
        let unsafe_fixes = &self.unsafe_fixes;
        line(
            out,
            "unsafe-fixes",
            Some(unsafe_fixes.value),
            &unsafe_fixes.origin,
            "",
        )?;
        line(
            out,
            "exported",
            Some(self.exported.value),
            &self.exported.origin,
            "",
        )?;
        let require_clean = &self.require_clean;
        line(
            out,
            "require-clean",
            Some(require_clean.value),
            &require_clean.origin,
            "",
        )?;
        let fail_on = "\"any\"; \"fixable\" with --write";
        line(
            out,
            "fail-on",
            self.fail_on.value,
            &self.fail_on.origin,
            fail_on,
        )?;
        let jobs = "as many as the machine runs at once";
        line(out, "jobs", self.jobs.value, &self.jobs.origin, jobs)?;
        for (id, section) in file.iter().flat_map(|file| &file.sections) {
            let path = file.map_or_else(PathBuf::new, |file| file.source.path.clone());
            let origin = Origin::File(path, section.line());
            writeln!(out, "\n# [{id}] {origin}")?;
        }
        Ok(())
    }
}

struct Layers<'a> {
    file: Option<&'a File>,
}

impl Layers<'_> {
    fn pick<K, T: Default>(
        &self,
        flag: Option<T>,
        key: &Option<Spanned<K>>,
        read: impl FnOnce(&K) -> T,
    ) -> Setting<T> {
        match (flag, key, self.file) {
            (Some(value), _, _) => Setting {
                value,
                origin: Origin::CommandLine,
            },
            (None, Some(key), Some(file)) => Setting {
                value: read(key.get_ref()),
                origin: Origin::File(
                    file.source.path.clone(),
                    file.source.position(key.span().start).0,
                ),
            },
            _ => Setting {
                value: T::default(),
                origin: Origin::Default,
            },
        }
    }
}

/// `key = value  # origin`, aligned.
fn line<T: Serialize>(
    out: &mut dyn Write,
    key: &str,
    value: Option<T>,
    origin: &Origin,
    unset: &str,
) -> io::Result<()> {
    let Some(value) = value else {
        return writeln!(out, "{:<36}# {origin}: {unset}", format!("# {key}"));
    };
    let mut text = String::new();
    let written = value.serialize(toml::ser::ValueSerializer::new(&mut text));
    written.map_err(io::Error::other)?;
    writeln!(out, "{:<36}# {origin}", format!("{key} = {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn shown(settings: &Settings, file: Option<&File>) -> String {
        let mut out = Vec::new();
        settings.show(&mut out, file).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_command_line_overrides_the_file_key_by_key() {
        let text = "jobs = 2\nunsafe-fixes = true\n\nignore = ['a']\n[a]\n";
        let file = File::parse(Path::new("unleak.toml"), text, &["a", "b"]).unwrap();
        let flags = Flags {
            unsafe_fixes: Some(false),
            select: Some(vec!["b".into()]),
            ..Flags::default()
        };
        let settings = Settings::new(flags, Some(&file));
        assert!(!settings.unsafe_fixes.value);
        assert!(!settings.selects("a") && settings.selects("b"));
        let expected = "\
# unleak.toml
select = [\"b\"]                      # command line
ignore = [\"a\"]                      # unleak.toml:4
include = []                        # default
unsafe-fixes = false                # command line
exported = \"change\"                 # default
require-clean = false               # default
# fail-on                           # default: \"any\"; \"fixable\" with --write
jobs = 2                            # unleak.toml:1

# [a] unleak.toml:5
";
        assert_eq!(shown(&settings, Some(&file)), expected);
    }

    #[test]
    fn what_is_shown_is_a_configuration_file() {
        let settings = Settings::new(Flags::default(), None);
        let text = shown(&settings, None);
        let again = File::parse(Path::new("x"), &text, &["a"]).unwrap();
        assert!(again.keys.select.is_none() && again.keys.jobs.is_none());
        assert!(settings.selects("a"));
    }
}
