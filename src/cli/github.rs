//! `unleak github`.

use super::args::Github;
use super::{CLEAN, ERROR, Failure, analyse, fails, tell};
use crate::config::FailOn;
use crate::emit::{Report, name};
use crate::github::checkout::Checkout;
use crate::github::client::{Client, PACE, Token};
use crate::github::event::{Flags, Target};
use crate::github::payload::{Payload, Scope, VERSION};
use crate::github::{Error, place, post};
use crate::pipeline::Options;
use serde::Deserialize;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// Finds, places and posts, or what of it was asked for.
pub(super) fn run(asked: &Github, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Failure> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let flags = Flags {
        repo: asked.repo.clone(),
        pull: asked.pull,
        commit: asked.commit.clone(),
        base: asked.base.clone(),
        api: asked.api_url.clone(),
    };
    let target = Target::find(&flags, &variable)?;
    let pace = asked.pace.map_or(PACE, Duration::from_millis);
    let token = Token::find(&variable);
    let client = Client::new(&target.api, token, pace, asked.dry_run)?;
    let (payload, code) = match &asked.from_payload {
        Some(path) => (loaded(path, &target)?, CLEAN),
        None => analysed(asked, &client, &target, err)?,
    };
    if let (Some(path), true) = (&asked.payload, target.read_only) {
        payload.save(path)?;
        let path = name::shown(path);
        writeln!(
            err,
            "unleak: a pull request from a fork: the review is in {path}"
        )?;
        return Ok(code);
    }
    let posted = post::post(&client, &target, &payload, asked.max_comments)?;
    if client.is_dry() {
        serde_json::to_writer_pretty(&mut *out, &client.noted()).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    let would = if client.is_dry() { "would be " } else { "" };
    let post::Posted {
        comments,
        listed,
        known,
        deleted,
        moved,
    } = posted;
    writeln!(
        err,
        "unleak: {comments} comments {would}posted, {listed} listed, {known} known, {deleted} {would}deleted"
    )?;
    if moved {
        writeln!(
            err,
            "unleak: the pull request has a newer head, whose own run says the rest"
        )?;
    }
    Ok(code)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Message(error)
    }
}

/// A payload that is about the commit that the event is about.
fn loaded(path: &Path, target: &Target) -> Result<Payload, Failure> {
    let payload = Payload::load(path)?;
    let differs = |wanted: &String| *wanted != payload.commit;
    if target.commit.as_ref().is_some_and(differs)
        || target.number.is_some_and(|number| number != payload.number)
    {
        let path = name::shown(path);
        return Err(
            format!("{path}: it is about another commit or pull request than the event").into(),
        );
    }
    Ok(payload)
}

#[derive(Deserialize)]
struct Pull {
    head: Commit,
    base: Commit,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
}

fn analysed(
    asked: &Github,
    client: &Client,
    target: &Target,
    err: &mut dyn Write,
) -> Result<(Payload, u8), Failure> {
    let number = target
        .number
        .ok_or_else(|| "which pull request? --pull NUMBER".to_owned())?;
    let (commit, base) = match (&target.commit, &target.base) {
        (Some(commit), Some(base)) => (commit.clone(), base.clone()),
        (commit, base) => {
            let path = format!("/repos/{}/{}/pulls/{number}", target.owner, target.repo);
            let pull: Pull = client
                .get(&path)?
                .map_err(|answer| client.describe(&path, &answer))?;
            (
                commit.clone().unwrap_or(pull.head.sha),
                base.clone().unwrap_or(pull.base.sha),
            )
        }
    };
    let options = asked.analysis.asked(None)?.options;
    let report = analyse(&options)?;
    tell(&report, err)?;
    let checkout = Checkout::open(&report.directory, &base, &commit)?;
    let files = place::files(&report, &checkout)?;
    let other = files
        .iter()
        .filter(|file| file.changed && file.hunks.is_empty())
        .count();
    if other > 0 {
        writeln!(
            err,
            "unleak: {other} files differ from those of commit {commit}: their comments have no lines (check out the head)"
        )?;
    }
    let payload = Payload {
        version: VERSION,
        number,
        commit,
        scope: scope(&report, &options, &checkout),
        notes: place::notes(&report, &files),
    };
    let code = match report.failed() {
        true => ERROR,
        false if asked.fail_on == FailOn::Never => CLEAN,
        false => fails(&report, asked.fail_on),
    };
    Ok((payload, code))
}

fn scope(report: &Report, options: &Options, checkout: &Checkout) -> Scope {
    let path = |path: &std::path::PathBuf| {
        // `./...` is everything below `.`.
        let path = path.to_string_lossy();
        let path = path.strip_suffix("...").unwrap_or(&path);
        checkout.path(&report.directory.join(path))
    };
    Scope {
        rules: report.rules.iter().map(|rule| rule.id.to_owned()).collect(),
        paths: options.paths.iter().filter_map(path).collect(),
        partial: report.failed(),
    }
}
