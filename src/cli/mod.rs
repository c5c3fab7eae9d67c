//! The command line: arguments in, output and exit code out. All exit codes are made here.

mod args;
mod docs;
mod github;
mod interactive;
mod lsp;
mod progress;

use crate::config::FailOn;
use crate::emit::{
    Report, State, annotations, gitlab, html, json, name, rdjson, sarif, terminal, text, write,
};
use crate::pipeline::{self, Baseline};
use crate::prove::When;
use crate::stats::{self, Stage};
use args::{Args, Command, Format};
use clap::Parser;
use std::io::{self, Write};
use std::process::ExitCode;

/// Nothing was found, or all that was offered is applied.
const CLEAN: u8 = 0;
/// There are findings, or a diff to apply.
const FINDINGS: u8 = 1;
/// Part of what was asked for could not be done.
const ERROR: u8 = 2;

/// Runs the program on the process's arguments.
pub fn main() -> ExitCode {
    // clap prints usage errors itself and exits with 2, help and version with 0.
    let args = Args::parse();
    // Not locked: the progress bar writes to stderr from the workers.
    let mut err = anstream::stderr();
    match run(&args, &mut err) {
        Ok(code) => ExitCode::from(code),
        // The reader has seen enough: `unleak | head`.
        Err(Failure::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::from(CLEAN)
        }
        Err(failure) => {
            let _ = writeln!(err, "unleak: {failure}");
            ExitCode::from(ERROR)
        }
    }
}

/// Why a run has no report.
enum Failure {
    Io(io::Error),
    Message(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Io(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Io(error) => write!(f, "{}", crate::walk::describe(error)),
            Failure::Message(text) => write!(f, "{text}"),
        }
    }
}

fn run(args: &Args, err: &mut dyn Write) -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    match &args.command {
        Some(Command::Explain { id }) => {
            docs::explain(&mut out, id, args.colour())?.map_err(Failure::Message)?;
            return Ok(CLEAN);
        }
        Some(Command::Rules) => {
            docs::rules(&mut out)?;
            return Ok(CLEAN);
        }
        Some(Command::Completions { shell }) => {
            docs::completions(&mut out, *shell)?;
            return Ok(CLEAN);
        }
        Some(Command::Man { directory }) => {
            docs::man(&mut out, directory.as_deref())?;
            return Ok(CLEAN);
        }
        Some(Command::Github(asked)) => return github::run(asked, &mut out, err),
        Some(Command::Lsp) => {
            drop(out);
            return lsp::run(err);
        }
        None => {}
    }
    let asked = args.analysis.asked(args.fail_on);
    let mut asked = asked.map_err(Failure::Message)?;
    let writes = args.write || args.interactive;
    if writes && args.analysis.verify.is_none() {
        asked.options.verify = When::Auto;
    }
    let (options, settings) = (&asked.options, &asked.settings);
    if args.analysis.show_settings {
        settings.show(&mut out, asked.file.as_ref())?;
        out.flush()?;
        return Ok(CLEAN);
    }
    let interrupted = match (&options.given, args.write || args.interactive) {
        (Some(_), _) => Vec::new(),
        (None, true) => write::recover(&options.paths),
        (None, false) => write::pending(&options.paths),
    };
    let mut report = analyse(options)?;
    report.notices.splice(0..0, interrupted);
    match &options.given {
        // The text is on stdout, whole and nothing else.
        Some(given) if args.write => {
            out.write_all(write::to_stdout(&mut report, &given.bytes))?;
            emit(args, &report, err)?;
        }
        _ => {
            if args.interactive {
                let input = &mut io::stdin().lock();
                interactive::choose(&mut report, input, &mut out, args.view())?;
            }
            if writes {
                if settings.require_clean.value && !args.allow_dirty {
                    write::refuse_dirty(&report).map_err(Failure::Message)?;
                }
                write::write(&mut report);
            }
            stats::stage(Stage::Emit, || put(args, &report, &mut out))?;
        }
    }
    out.flush()?;
    tell(&report, err)?;
    if let Some(path) = &args.write_baseline {
        Baseline::write(path, &report).map_err(Failure::Message)?;
        return Ok(if report.failed() { ERROR } else { CLEAN });
    }
    if args.format == Format::Text && !args.diff && !args.list {
        if args.on_terminal() {
            terminal::write_table(err, &report, args.view())?;
        }
        writeln!(err, "unleak: {}", text::summary(&report))?;
    }
    if args.analysis.stats || args.analysis.verbose {
        writeln!(err, "{}", stats::Table)?;
    }
    Ok(exit_code(args, settings.fail_on.value, &report))
}

const DIFFS: text::Parts = text::Parts {
    findings: false,
    diffs: true,
};

/// Emits to the file of `--output`, or to `out`.
fn put(args: &Args, report: &Report, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.output {
        Some(path) => {
            let named = |error: io::Error| {
                Failure::Message(format!(
                    "{}: {}",
                    name::shown(path),
                    crate::walk::describe(&error)
                ))
            };
            let mut file = io::BufWriter::new(std::fs::File::create(path).map_err(named)?);
            emit(args, report, &mut file)
                .and_then(|()| file.flush())
                .map_err(named)?;
        }
        None => emit(args, report, out)?,
    }
    Ok(())
}

/// A run, with its bar.
fn analyse(options: &pipeline::Options) -> Result<Report, Failure> {
    let bar = progress::Bar::new();
    let report = pipeline::run(options, &|done, all| bar.show(done, all));
    bar.finish();
    report.map_err(Failure::Message)
}

/// Errors and remarks.
fn tell(report: &Report, err: &mut dyn Write) -> io::Result<()> {
    for notice in &report.notices {
        let path = name::shown(&notice.path);
        writeln!(err, "unleak: {path}: {}", notice.text)?;
    }
    Ok(())
}

fn emit(args: &Args, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if args.list {
        for (file, _) in report.changed() {
            writeln!(out, "{}", name::shown(&file.path))?;
        }
        if !args.diff {
            return Ok(());
        }
    }
    match args.format {
        _ if args.diff => text::write(out, report, DIFFS, args.colour()),
        Format::Json => json::write(out, report),
        Format::Jsonl => json::write_lines(out, report),
        Format::Rdjson => rdjson::write(out, report),
        Format::Rdjsonl => rdjson::write_lines(out, report),
        Format::Sarif => sarif::write(out, report),
        Format::Github => annotations::write(out, report),
        Format::Gitlab => gitlab::write(out, report),
        Format::Diff => text::write(out, report, DIFFS, args.colour()),
        Format::Html => html::write(out, report),
        // Each fix was shown when it was asked about.
        Format::Text if args.interactive => Ok(()),
        Format::Text if args.on_terminal() => terminal::write(out, report, args.view()),
        Format::Text => {
            let parts = text::Parts {
                findings: true,
                diffs: !args.write,
            };
            text::write(out, report, parts, args.colour())
        }
    }
}

fn exit_code(args: &Args, fail_on: Option<FailOn>, report: &Report) -> u8 {
    if report.failed() {
        return ERROR;
    }
    if args.exit_zero {
        return CLEAN;
    }
    // A run that writes has done its work when nothing it offered is left.
    let default = if args.write || args.interactive {
        FailOn::Fixable
    } else {
        FailOn::Any
    };
    fails(report, fail_on.unwrap_or(default))
}

/// [`FINDINGS`] when some finding is left that matters.
fn fails(report: &Report, fail_on: FailOn) -> u8 {
    let left = |state: &State| match (fail_on, state) {
        (FailOn::Never, _) | (_, State::Fixed { .. }) => false,
        (FailOn::Fixable, state) => matches!(state, State::Offered { .. }),
        (FailOn::Any, _) => true,
    };
    match report.findings.iter().any(|finding| left(&finding.state)) {
        true => FINDINGS,
        false => CLEAN,
    }
}
