//! Which calls may be ones that acquire something, by what is written at them: the name, what stands before it, the
//! number of arguments. In doubt they may.

use super::table::{Tables, is_std};
use crate::analyse::imports::base_name;
use crate::analyse::transform::{Setup, Surveyed};
use memchr::memmem;
use std::collections::HashSet;

/// What the tables know under one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Called {
    /// Names of the packages of the standard library whose functions they are.
    std: HashSet<String>,
    /// Functions of others, whose packages' names their paths do not tell; and methods.
    others: bool,
}

impl Called {
    /// `os.Open`, `(*net/http.Client).Get`.
    pub(super) fn add(&mut self, call: &str) {
        match call.rsplit_once('.') {
            Some((path, _)) if is_std(call) && !path.starts_with('(') => {
                self.std.insert(base_name(path).to_owned());
            }
            _ => self.others = true,
        }
    }
}

/// A call as it is written.
pub(super) struct Written<'t> {
    /// The file.
    pub(super) text: &'t str,
    /// What stands before the name.
    pub(super) of: Of<'t>,
    /// `Open` of `os.Open(name)`.
    pub(super) name: &'t str,
    /// How many arguments it has; none when that is not known.
    pub(super) arguments: Option<usize>,
}

/// What a call's name is selected from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of<'t> {
    /// `open(name)`.
    Nothing,
    /// `os.Open(name)`, `f.Open(name)`.
    Name(&'t str),
    /// `s.fs.Open(name)`, `root().Open(name)`.
    Value,
}

impl Written<'_> {
    /// Whether the tables, or what the survey found, may mean this call.
    pub(super) fn may_acquire(&self, tables: &Tables, setup: &Setup) -> bool {
        let called = tables.called(self.name);
        called.is_some_and(|called| self.may_be_of_tables(called))
            || setup.surveyed(self.name).any(|found| self.may_be(found))
    }

    fn may_be_of_tables(&self, called: &Called) -> bool {
        called.others
            || match self.of {
                Of::Nothing => self.has_import("."),
                Of::Name(name) => called.std.contains(name) || self.has_import(name),
                Of::Value => false,
            }
    }

    fn may_be(&self, found: &Surveyed) -> bool {
        let (fits, arguments) = match (found, self.of) {
            (Surveyed::Function(_, arguments), Of::Nothing) => (true, arguments),
            (Surveyed::Function(package, arguments), Of::Name(name)) => {
                (package == name || self.has_import(name), arguments)
            }
            (Surveyed::Method(arguments), Of::Name(_) | Of::Value) => (true, arguments),
            _ => return false,
        };
        let enough = |count| (arguments.least..=arguments.most).contains(&count);
        fits && self.arguments.is_none_or(enough)
    }

    /// Whether the file may import a package under this name: `name "path"`.
    fn has_import(&self, name: &str) -> bool {
        let spec = format!("{name} \"");
        let found = memmem::find_iter(self.text.as_bytes(), &spec);
        let mut before = found.map(|at| self.text.as_bytes()[..at].last());
        before.any(|byte| matches!(byte, None | Some(b' ' | b'\t' | b'\n' | b';' | b'(')))
    }
}
