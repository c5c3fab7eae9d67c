//! What may be asked, and what it means.

use crate::pipeline::Options;
use crate::transforms;
use crate::walk::Skip;
use clap::{ColorChoice, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Finds leaks in Go programs and rewrites the source so that they are gone.
///
/// Prints each finding and one unified diff per file; changes nothing unless told to.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    #[command(flatten)]
    pub(super) analysis: Analysis,

    /// Write the fixes to the files
    #[arg(short, long)]
    pub(super) write: bool,

    /// Print the names of the files that have fixes
    #[arg(short, long)]
    pub(super) list: bool,

    /// Print the diffs alone
    #[arg(short, long)]
    pub(super) diff: bool,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,

    /// Print to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Exit with 1 for these findings [default: any; with --write: fixable]
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(super) fail_on: Option<FailOn>,

    /// Exit with 0 although there are findings
    #[arg(long)]
    pub(super) exit_zero: bool,

    /// Colours in the output (NO_COLOR and CLICOLOR_FORCE are honoured)
    #[arg(long, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

/// What is analysed, and what for: of every command that analyses.
#[derive(Debug, clap::Args)]
pub(super) struct Analysis {
    /// Go files, directories (with all below), or patterns such as ./...
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// Look for these only (see `unleak rules`)
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    select: Vec<String>,

    /// Do not look for these
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    ignore: Vec<String>,

    /// Offer fixes too that change what a reviewer must agree to, such as an exported signature
    #[arg(long)]
    unsafe_fixes: bool,

    /// Do not skip files of this kind
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    include: Vec<Include>,

    /// Number of threads; the output does not depend on it
    #[arg(short, long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
}

const EXAMPLES: &str = "\
Examples:
  unleak                      findings and diffs for everything below this directory
  unleak -w ./...             apply the safe fixes
  unleak | git apply          the same, by way of the diff
  unleak -l --select missing-close server/
  unleak explain goroutine-loop

Exit codes: 0 nothing found, or all fixes applied; 1 findings; 2 an error, which wins.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What a rule finds, what it rewrites it to, and when it declines
    Explain {
        /// The rule
        id: String,
    },
    /// All rules, one a line
    Rules,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Findings, each file's followed by its diff
    Text,
    /// Diffs alone
    Diff,
    /// One JSON document (docs/json.md)
    Json,
    /// The same, one object a line
    Jsonl,
    /// Reviewdog diagnostics, one document
    Rdjson,
    /// Reviewdog diagnostics, one a line
    Rdjsonl,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// GitHub Actions annotations
    Github,
    /// GitLab Code Quality
    Gitlab,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// None
    Never,
    /// Those with a fix that this run offers
    Fixable,
    /// All
    Any,
}

/// [`Skip`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Include {
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
    fn skips(self) -> &'static [Skip] {
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

impl Analysis {
    /// What the pipeline is asked to do. The error names a rule that does not exist.
    pub(super) fn options(&self) -> Result<Options, String> {
        for id in self.select.iter().chain(&self.ignore) {
            if transforms::find(id).is_none() {
                return Err(unknown_rule(id));
            }
        }
        let selected = |id: &str| {
            let named = |list: &[String]| list.iter().any(|name| name == id);
            (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
        };
        let transforms = transforms::ALL.iter().copied();
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        let include = self.include.iter().flat_map(|include| include.skips());
        Ok(Options {
            paths: self.paths.clone(),
            transforms: transforms
                .filter(|transform| selected(transform.id))
                .collect(),
            unsafe_fixes: self.unsafe_fixes,
            include: include.copied().collect(),
            jobs: self.jobs.map_or_else(available, usize::from),
        })
    }
}

impl Args {
    /// Whether stdout gets colours.
    pub(super) fn colour(&self) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.output.is_some() => false,
            ColorChoice::Auto => {
                let choice = anstream::AutoStream::choice(&std::io::stdout());
                choice != anstream::ColorChoice::Never
            }
        }
    }
}

/// What is said of an id that no transform has.
pub(super) fn unknown_rule(id: &str) -> String {
    let known: Vec<_> = transforms::ALL
        .iter()
        .map(|transform| transform.id)
        .collect();
    format!("no rule is called {id:?} (there are {})", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn include_all_means_all() {
        for skip in Skip::ALL {
            assert!(Include::All.skips().contains(&skip));
            let one = Include::from_str(skip.id(), false).unwrap();
            assert_eq!(one.skips(), [skip]);
        }
    }
}
