//! The text of a configuration file, and errors that point into it.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A configuration file's path and text.
#[derive(Clone, Debug)]
pub struct Source {
    /// As people see it.
    pub path: PathBuf,
    /// All of it.
    pub text: Arc<str>,
}

impl Source {
    /// Line and column of an offset, both from 1; columns count characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// An error about what stands at `span`.
    pub fn error(&self, span: Range<usize>, problem: impl Into<String>) -> ConfigError {
        ConfigError {
            path: self.path.clone(),
            at: Some(self.position(span.start)),
            problem: problem.into(),
        }
    }

    pub(super) fn toml_error(&self, error: &toml::de::Error) -> ConfigError {
        // The parser's own words, but for what this program's users call a field.
        let problem = error.message().replace("unknown field", "unknown key");
        let problem = problem.replace("missing field", "missing key");
        let problem = problem.replace("unknown variant", "unknown value");
        self.error(error.span().unwrap_or(0..0), problem)
    }
}

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// Line and column, from 1; none when it is about the file as a whole.
    pub at: Option<(usize, usize)>,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some((line, column)) = self.at {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source {
            path: "unleak.toml".into(),
            text: "a = 1\né = 2\n".into(),
        };
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position("a = 1\né".len()), (2, 2));
        let error = source.error(6..8, "what");
        assert_eq!(error.to_string(), "unleak.toml:2:1: what");
    }
}
