//! A rule's own table of the configuration file, handed to the rule as it stands.

use super::source::{ConfigError, Source};
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::de::{DeTable, ValueDeserializer};

/// One rule's table.
#[derive(Clone, Debug)]
pub struct Section {
    pub(super) source: Source,
    pub(super) rule: String,
    pub(super) span: Range<usize>,
}

impl Section {
    /// The table as a `T`. Types should refuse keys that they do not know.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        let parsed = DeTable::parse(&self.source.text);
        let table = parsed.map(|mut tables| tables.get_mut().remove(self.rule.as_str()));
        let table = table.map(|table| table.ok_or_else(|| self.refuse("the table is gone")));
        let table = table.map_err(|error| self.source.toml_error(&error))??;
        let read = T::deserialize(ValueDeserializer::from(table));
        read.map_err(|error| self.source.toml_error(&error))
    }

    /// An error about what stands at `span` of the file.
    pub fn error(&self, span: Range<usize>, problem: impl Into<String>) -> ConfigError {
        self.source.error(span, problem)
    }

    /// An error about the whole table.
    pub fn refuse(&self, problem: impl Into<String>) -> ConfigError {
        self.source.error(self.span.clone(), problem)
    }

    /// Line of the table in the file.
    pub fn line(&self) -> usize {
        self.source.position(self.span.start).0
    }
}
