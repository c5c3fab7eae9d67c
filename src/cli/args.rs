//! What may be asked, and what it means.

use crate::analyse::transform::Rule;
use crate::config::{self, Exported, FailOn, File, Flags, Include, Settings};
use crate::emit::terminal::View;
use crate::pipeline::{Base, Baseline, Given, Options, Scope, Shard};
use crate::prove::When;
use crate::transforms;
use crate::walk::describe;
use clap::{ColorChoice, Parser, Subcommand, ValueEnum};
use std::io::IsTerminal;
use std::io::Read;
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
    #[arg(short, long, conflicts_with = "shard")]
    pub(super) write: bool,

    /// Ask about each fix, and write those that are wanted
    #[arg(short, long, conflicts_with_all = ["write", "list", "diff", "format", "output"])]
    pub(super) interactive: bool,

    /// Write into files with uncommitted changes although the configuration file says require-clean
    #[arg(long)]
    pub(super) allow_dirty: bool,

    /// Write the findings to this file, which --baseline reads, and exit with 0
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "write"])]
    pub(super) write_baseline: Option<PathBuf>,

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

/// `unleak github`.
#[derive(Debug, clap::Args)]
pub(super) struct Github {
    #[command(flatten)]
    pub(super) analysis: Analysis,

    /// The repository [default: GITHUB_REPOSITORY]
    #[arg(long, value_name = "OWNER/NAME")]
    pub(super) repo: Option<String>,

    /// The pull request's number [default: the event's]
    #[arg(long, value_name = "NUMBER")]
    pub(super) pull: Option<u64>,

    /// The head commit, which must be what is analysed [default: the pull request's]
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Option<String>,

    /// What the pull request is compared with [default: its base]
    #[arg(long, value_name = "REV")]
    pub(super) base: Option<String>,

    /// Where the API is [default: GITHUB_API_URL, else https://api.github.com]
    #[arg(long, value_name = "URL")]
    pub(super) api_url: Option<String>,

    /// Print the requests instead of sending them
    #[arg(long)]
    pub(super) dry_run: bool,

    /// For a pull request from a fork, whose token may not write: write the review to this file
    #[arg(long, value_name = "FILE", conflicts_with = "from_payload")]
    pub(super) payload: Option<PathBuf>,

    /// Analyse nothing: post the review of this file
    #[arg(long, value_name = "FILE")]
    pub(super) from_payload: Option<PathBuf>,

    /// Comments on lines and files in one run; what is more is listed in the review's text
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(super) max_comments: usize,

    /// Exit with 1 for these findings
    #[arg(long, value_enum, value_name = "WHICH", default_value = "never")]
    pub(super) fail_on: FailOn,

    /// Milliseconds between requests that write
    #[arg(long, hide = true, value_name = "MS")]
    pub(super) pace: Option<u64>,
}

/// What is analysed, and what for: of every command that analyses.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Analysis {
    /// Go files, directories (with all below), or patterns such as ./...; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,

    /// Look for these only (see `unleak rules`)
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    select: Option<Vec<String>>,

    /// Do not look for these
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    ignore: Option<Vec<String>>,

    /// Offer fixes too that change what a reviewer must agree to, such as an exported signature
    #[arg(long, overrides_with = "no_unsafe_fixes")]
    unsafe_fixes: bool,

    /// Do not, whatever the configuration file says
    #[arg(long)]
    no_unsafe_fixes: bool,

    /// What a fix does with exported functions that code outside the module may call [default: change]
    #[arg(long, value_enum, value_name = "HOW")]
    exported: Option<Exported>,

    /// Do not skip files of this kind
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    include: Option<Vec<Include>>,

    /// Report only what was not there yet when this branch left REV
    #[arg(long, value_name = "REV", conflicts_with = "diff_file")]
    new_from_merge_base: Option<String>,

    /// Report only what was not there before this unified diff was applied; `-` is standard input
    #[arg(long, value_name = "FILE")]
    diff_file: Option<PathBuf>,

    /// Leave out the findings of this file, which --write-baseline made
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Name each file and directory that is skipped, and print what --stats does
    #[arg(long)]
    pub(super) verbose: bool,

    /// Ask the go command about the new code (go vet with an overlay), and drop the fixes that it refuses
    /// [default: auto with --write, else never; without a value: always]
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always")]
    pub(super) verify: Option<When>,

    /// The file that the text on standard input is of; with --write, its new text goes to standard output
    #[arg(long, value_name = "FILE")]
    stdin_filename: Option<PathBuf>,

    /// Number of threads; the output does not depend on it
    #[arg(short, long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,

    /// Report only the I-th of N parts of the files; the parts print, one after another, what the whole run prints
    #[arg(long, value_name = "I/N", conflicts_with = "stdin_filename")]
    pub(super) shard: Option<Shard>,

    /// Look at every body, for the test that this finds nothing else
    #[arg(long, hide = true)]
    no_prefilter: bool,

    /// Print where the time went, and how many files and bytes each stage has seen
    #[arg(long)]
    pub(super) stats: bool,

    /// Read this configuration file instead of the nearest unleak.toml or .unleak.toml
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,

    /// Read no configuration file
    #[arg(long)]
    no_config: bool,

    /// Print all settings and where each comes from, and do nothing else
    #[arg(long)]
    pub(super) show_settings: bool,
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
    /// A completion script: `unleak completions zsh > ~/.zfunc/_unleak`
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page: `unleak man | man -l -`
    Man {
        /// Write a page for each command into this directory
        directory: Option<PathBuf>,
    },
    /// Review a pull request on GitHub: suggestions to click on, comments for the rest
    ///
    /// In GitHub Actions the pull request is known from the environment, the token is GITHUB_TOKEN. The clone needs the
    /// history of both sides (`fetch-depth: 0`). What was said before is not said again; own comments that are no
    /// longer true and that nobody answered are deleted.
    Github(Box<Github>),
    /// A language server for editors, on standard input and output
    ///
    /// Findings while you type, each fix as a quick fix, and `source.fixAll.unleak` for when a file is saved. Settings
    /// are those of the nearest unleak.toml. docs/editors.md has the lines that an editor needs.
    Lsp,
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
    /// One self-contained page
    Html,
}

/// What the pipeline is asked to do, and why.
pub(super) struct Asked {
    pub(super) options: Options,
    pub(super) settings: Settings,
    pub(super) file: Option<File>,
}

impl Analysis {
    /// Everything that this run is asked to do. The error is one of the flags or of the configuration file.
    pub(super) fn asked(&self, fail_on: Option<FailOn>) -> Result<Asked, String> {
        self.asked_of(fail_on, self.given()?)
    }

    /// The same of a text that an editor holds.
    pub(super) fn of_editor(given: Given) -> Result<Asked, String> {
        let analysis = Analysis {
            stdin_filename: Some(given.path.clone()),
            ..Analysis::default()
        };
        analysis.asked_of(None, Some(given))
    }

    fn asked_of(&self, fail_on: Option<FailOn>, given: Option<Given>) -> Result<Asked, String> {
        let file = self.config()?;
        let settings = self.settings(fail_on, file.as_ref())?;
        let options = self.options(&settings, file.as_ref(), given)?;
        Ok(Asked {
            options,
            settings,
            file,
        })
    }

    fn config(&self) -> Result<Option<File>, String> {
        let found = match &self.config {
            Some(path) => Ok(Some(path.clone())),
            None if self.no_config => Ok(None),
            None => match &self.stdin_filename {
                Some(path) => config::discover::discover(std::slice::from_ref(path)),
                None => config::discover::discover(&self.paths),
            },
        };
        let Some(path) = found.map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let shown = config::discover::shown(&path);
        let file = File::read(&path, &shown, &transforms::ids());
        file.map(Some).map_err(|error| error.to_string())
    }

    fn settings(&self, fail_on: Option<FailOn>, file: Option<&File>) -> Result<Settings, String> {
        for id in [&self.select, &self.ignore].into_iter().flatten().flatten() {
            if transforms::find(id).is_none() {
                return Err(unknown_rule(id));
            }
        }
        let include = self.include.as_ref().map(|kinds| {
            let kinds = kinds.iter().flat_map(|include| include.skips());
            kinds.copied().collect()
        });
        let flags = Flags {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            include,
            unsafe_fixes: match (self.unsafe_fixes, self.no_unsafe_fixes) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            },
            exported: self.exported,
            fail_on,
            jobs: self.jobs.map(usize::from),
            ..Flags::default()
        };
        Ok(Settings::new(flags, file))
    }

    fn options(
        &self,
        settings: &Settings,
        file: Option<&File>,
        given: Option<Given>,
    ) -> Result<Options, String> {
        let mut rules = Vec::new();
        for transform in transforms::ALL {
            // What the file says of a rule is checked, also when the rule does not run.
            let section = file.and_then(|file| file.sections.get(transform.id));
            let rule = Rule::new(transform, section).map_err(|error| error.to_string())?;
            if settings.selects(transform.id) {
                rules.push(rule);
            }
        }
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Options {
            paths: self.paths.clone(),
            rules,
            unsafe_fixes: settings.unsafe_fixes.value,
            exported: settings.exported.value,
            include: settings.include.value.clone(),
            jobs: settings.jobs.value.unwrap_or_else(available),
            scope: self.scope()?,
            verbose: self.verbose,
            verify: self.verify.unwrap_or(When::Never),
            prefilter: !self.no_prefilter,
            shard: self.shard,
            given,
            unsaved: Vec::new(),
            reach: Vec::new(),
        })
    }

    /// What counts as new.
    fn scope(&self) -> Result<Scope, String> {
        let here = PathBuf::from(".");
        let base = match (&self.new_from_merge_base, &self.diff_file) {
            (Some(revision), _) => Some(Base::at_merge_base(&here, revision)?),
            (None, Some(path)) => {
                let mut diff = Vec::new();
                let read = match path.as_os_str() == "-" {
                    true => std::io::stdin().lock().read_to_end(&mut diff),
                    false => {
                        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut diff))
                    }
                };
                read.map_err(|error| format!("{}: {}", path.display(), describe(&error)))?;
                // git's names start at the repository's root, others where the diff was made.
                let roots: Vec<PathBuf> =
                    crate::git::root(&here).into_iter().chain([here]).collect();
                Some(Base::before_diff(&diff, &roots)?)
            }
            (None, None) => None,
        };
        let baseline = self.baseline.as_deref().map(Baseline::read).transpose()?;
        Ok(Scope { base, baseline })
    }

    /// What `-` asks for, read to its end.
    fn given(&self) -> Result<Option<Given>, String> {
        let asked = self.paths.iter().any(|path| path.as_os_str() == "-");
        match (&self.stdin_filename, asked, self.paths.len()) {
            (None, false, _) => Ok(None),
            (None, true, _) => Err("`-` needs --stdin-filename: which file is it?".into()),
            (Some(_), true, 2..) => Err("`-` cannot be mixed with other paths".into()),
            (Some(_), false, _) => Err("--stdin-filename is of use with `-` alone".into()),
            (Some(path), true, _) => {
                let mut bytes = Vec::new();
                let read = std::io::stdin().lock().read_to_end(&mut bytes);
                read.map_err(|error| format!("standard input: {}", describe(&error)))?;
                let path = path.clone();
                Ok(Some(Given { path, bytes }))
            }
        }
    }
}

impl Args {
    /// Whether a person looks at stdout.
    pub(super) fn on_terminal(&self) -> bool {
        self.output.is_none() && (self.colour() || std::io::stdout().is_terminal())
    }

    /// How it looks there.
    pub(super) fn view(&self) -> View {
        let size = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        let terminal = std::io::stdout().is_terminal();
        let links = supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout);
        View {
            colour: self.colour(),
            width: size.or(columns).unwrap_or(80),
            links: links && self.color != ColorChoice::Never && (terminal || self.colour()),
        }
    }

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
    format!(
        "no rule is called {id:?} (there are {})",
        transforms::ids().join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
