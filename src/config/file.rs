//! One configuration file, read strictly: what is not understood is an error, never ignored.

use super::choices::{Exported, FailOn, Include};
use super::section::Section;
use super::source::{ConfigError, Source};
use crate::walk::describe;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use toml::Spanned;
use toml::de::DeTable;

/// What a configuration file says.
#[derive(Debug)]
pub struct File {
    /// The file.
    pub source: Source,
    /// The keys outside the rules' tables.
    pub keys: Keys,
    /// The rules' tables, by id.
    pub sections: BTreeMap<String, Section>,
}

/// The keys of the file; what the file does not say is none.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Keys {
    /// Rules to look for.
    pub select: Option<Spanned<Vec<Spanned<String>>>>,
    /// Rules not to look for.
    pub ignore: Option<Spanned<Vec<Spanned<String>>>>,
    /// Kinds of files that are not skipped.
    pub include: Option<Spanned<Vec<Include>>>,
    /// Offer fixes that a person must agree to.
    pub unsafe_fixes: Option<Spanned<bool>>,
    /// What may become of exported functions.
    pub exported: Option<Spanned<Exported>>,
    /// Write only into a clean repository.
    pub require_clean: Option<Spanned<bool>>,
    /// What makes the exit code 1.
    pub fail_on: Option<Spanned<FailOn>>,
    /// Number of threads.
    pub jobs: Option<Spanned<NonZeroUsize>>,
}

/// The keys, in the order in which people read of them.
pub const KEYS: [&str; 8] = [
    "select",
    "ignore",
    "include",
    "unsafe-fixes",
    "exported",
    "require-clean",
    "fail-on",
    "jobs",
];

impl File {
    /// Reads the file at `path`, which people see as `shown`. `rules` are the ids of all rules.
    pub fn read(path: &Path, shown: &Path, rules: &[&str]) -> Result<File, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => File::parse(shown, &text, rules),
            Err(error) => Err(ConfigError {
                path: shown.to_owned(),
                at: None,
                problem: describe(&error),
            }),
        }
    }

    /// Reads the text of the file that people see as `shown`.
    pub fn parse(shown: &Path, text: &str, rules: &[&str]) -> Result<File, ConfigError> {
        let source = Source {
            path: shown.to_owned(),
            text: text.into(),
        };
        let parsed = DeTable::parse(text).map_err(|error| source.toml_error(&error))?;
        let span = parsed.span();
        let mut general = DeTable::new();
        let mut sections = BTreeMap::new();
        for (key, value) in parsed.into_inner() {
            let name: &str = key.get_ref();
            if rules.contains(&name) {
                if !value.get_ref().is_table() {
                    let problem = format!("expected a table [{name}]");
                    return Err(source.error(value.span(), problem));
                }
                let section = Section {
                    source: source.clone(),
                    rule: name.to_owned(),
                    span: value.span(),
                };
                sections.insert(name.to_owned(), section);
            } else if KEYS.contains(&name) {
                general.insert(key, value);
            } else {
                let problem = format!(
                    "unknown key {name:?}, expected one of {}, or a rule's table ({})",
                    KEYS.join(", "),
                    rules.join(", ")
                );
                return Err(source.error(key.span(), problem));
            }
        }
        let keys = toml::de::Deserializer::from(Spanned::new(span, general));
        let keys = Keys::deserialize(keys).map_err(|error| source.toml_error(&error))?;
        let file = File {
            source,
            keys,
            sections,
        };
        file.check_ids(rules)?;
        Ok(file)
    }

    fn check_ids(&self, rules: &[&str]) -> Result<(), ConfigError> {
        let expected = || format!("expected one of {}", rules.join(", "));
        if let Some(select) = &self.keys.select
            && select.get_ref().is_empty()
        {
            let problem = "no rule is selected; leave the key out to select all";
            return Err(self.source.error(select.span(), problem));
        }
        let lists = [&self.keys.select, &self.keys.ignore];
        let ids = lists.into_iter().flatten().flat_map(Spanned::get_ref);
        for id in ids {
            if !rules.contains(&id.get_ref().as_str()) {
                let problem = format!("no rule is called {:?}, {}", id.get_ref(), expected());
                return Err(self.source.error(id.span(), problem));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &[&str] = &["some-rule", "other-rule"];

    fn parse(text: &str) -> Result<File, String> {
        File::parse(Path::new("unleak.toml"), text, RULES).map_err(|error| error.to_string())
    }

    fn refused(text: &str) -> String {
        parse(text).err().unwrap_or_default()
    }

    #[test]
    fn all_keys_are_read() {
        let text = "select = ['some-rule']\nignore = ['other-rule']\ninclude = ['vendor']\n\
            unsafe-fixes = true\nexported = 'variant'\nrequire-clean = true\nfail-on = 'never'\njobs = 3\n\
            [some-rule]\nanything = 1\n";
        let file = parse(text).unwrap();
        let keys = file.keys;
        assert_eq!(keys.select.unwrap().get_ref()[0].get_ref(), "some-rule");
        assert_eq!(keys.include.unwrap().get_ref()[..], [Include::Vendor]);
        assert_eq!(*keys.exported.unwrap().get_ref(), Exported::Variant);
        assert_eq!(*keys.fail_on.unwrap().get_ref(), FailOn::Never);
        assert_eq!(keys.jobs.unwrap().get_ref().get(), 3);
        assert_eq!(file.sections["some-rule"].line(), 9);
    }

    #[test]
    fn every_key_that_is_listed_exists() {
        for key in KEYS {
            let error = refused(&format!("{key} = {{}}\n"));
            assert!(error.starts_with("unleak.toml:1:"), "{key}: {error}");
            assert!(!error.contains("unknown key"), "{key}: {error}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_what_was_expected() {
        for (text, expected) in [
            (
                "\nselct = []\n",
                "unleak.toml:2:1: unknown key \"selct\", expected one of select, ignore, include, unsafe-fixes, \
                 exported, require-clean, fail-on, jobs, or a rule's table (some-rule, other-rule)",
            ),
            (
                "jobs = 1\n[othr-rule]\n",
                "unleak.toml:2:2: unknown key \"othr-rule\", expected",
            ),
            (
                "unsafe-fixes = 'yes'\n",
                "unleak.toml:1:16: invalid type: string \"yes\", expected a boolean",
            ),
            (
                "select = ['some-rule', 'sme-rule']\n",
                "unleak.toml:1:24: no rule is called \"sme-rule\", expected one of some-rule, other-rule",
            ),
            ("select = []\n", "unleak.toml:1:10: no rule is selected"),
            (
                "select = 'some-rule'\n",
                "unleak.toml:1:10: invalid type: string \"some-rule\", expected a sequence",
            ),
            (
                "include = ['vendored']\n",
                "unleak.toml:1:12: unknown value `vendored`, expected one of `generated`, `vendor`, `testdata`, `hidden`, \
                 `ignored`, `all`",
            ),
            (
                "fail-on = 'always'\n",
                "unleak.toml:1:11: unknown value `always`, expected one of `never`, `fixable`, `any`",
            ),
            (
                "jobs = 0\n",
                "unleak.toml:1:8: invalid value: integer `0`, expected a nonzero usize",
            ),
            (
                "jobs = -1\n",
                "unleak.toml:1:8: invalid value: integer `-1`, expected a nonzero usize",
            ),
            (
                "some-rule = 1\n",
                "unleak.toml:1:13: expected a table [some-rule]",
            ),
            ("jobs = 1\njobs = 2\n", "unleak.toml:2:1: duplicate key"),
            ("jobs = \n", "unleak.toml:1:"),
        ] {
            let error = refused(text);
            assert!(error.starts_with(expected), "{text}\n{error}");
        }
    }
}
