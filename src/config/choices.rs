//! Settings with a few named values, spelled alike on the command line and in the file.

use crate::walk::Skip;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Which findings make the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// None
    Never,
    /// Those with a fix that this run offers
    Fixable,
    /// All
    Any,
}

/// What may become of an exported function whose signature a fix would have to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exported {
    /// Nothing: the finding is reported
    Keep,
    /// It calls a variant (`FooContext`) that takes the context
    Variant,
    /// Its signature changes, with --unsafe-fixes
    #[default]
    Change,
}

/// [`Skip`] by name, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Include {
    /// `// Code generated … DO NOT EDIT.`
    Generated,
    /// vendor directories
    Vendor,
    /// testdata directories
    Testdata,
    /// Names that start with `_` or `.`
    Hidden,
    /// What git ignores
    Ignored,
    /// All of these
    All,
}

impl Include {
    /// What it stands for.
    pub fn skips(self) -> &'static [Skip] {
        match self {
            Include::Generated => &[Skip::Generated],
            Include::Vendor => &[Skip::Vendor],
            Include::Testdata => &[Skip::Testdata],
            Include::Hidden => &[Skip::Hidden],
            Include::Ignored => &[Skip::Ignored],
            Include::All => &Skip::ALL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn include_all_means_all() {
        for skip in Skip::ALL {
            assert!(Include::All.skips().contains(&skip));
            let one = Include::from_str(skip.id(), false).unwrap();
            assert_eq!(one.skips(), [skip]);
        }
    }
}
