//! Posting: says what was not said before, in reviews of a size that GitHub takes, and takes back what is no longer true.
//! After every doubtful answer the pull request is read again, so nothing is said twice and nothing is lost.

use super::Error;
use super::client::{Answer, Client};
use super::event::Target;
use super::payload::{Note, Payload, Place};
use super::render;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// More comments in one review make GitHub answer 502 although it posts them.
const BATCH: usize = 30;
/// How often an answer that says nothing (5xx, or none) is asked about again.
const TRIES: usize = 4;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// Comments on lines and files.
    pub comments: usize,
    /// Findings told in the review's text.
    pub listed: usize,
    /// Said before, so not again.
    pub known: usize,
    /// Own comments that are no longer true, deleted.
    pub deleted: usize,
    /// The pull request has a newer head: its own run says the rest.
    pub moved: bool,
}

#[derive(Deserialize)]
struct Pull {
    head: Commit,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct Comment {
    id: u64,
    body: Option<String>,
    path: Option<String>,
    user: Option<User>,
    in_reply_to_id: Option<u64>,
}

/// Posts a review to the pull request that it is about, at most `budget` comments on lines and files.
pub fn post(
    client: &Client,
    target: &Target,
    payload: &Payload,
    budget: usize,
) -> Result<Posted, Error> {
    let base = format!(
        "/repos/{}/{}/pulls/{}",
        target.owner, target.repo, payload.number
    );
    let mut poster = Poster {
        client,
        base,
        payload,
        login: String::new(),
        said: BTreeSet::new(),
        posted: Posted::default(),
        summary: String::new(),
        refused: Vec::new(),
    };
    // Without a token a dry run says everything.
    if client.has_token() {
        if poster.moved()? {
            poster.posted.moved = true;
            return Ok(poster.posted);
        }
        poster.login = login(client)?;
        poster.read()?;
    } else if !client.is_dry() {
        return Err("no token: set GITHUB_TOKEN (or use --dry-run)".into());
    }
    poster.say(budget)?;
    if client.has_token() && !poster.posted.moved && !payload.scope.partial {
        poster.take_back()?;
    }
    Ok(poster.posted)
}

/// The login that the token acts as. The token of an Actions run may not ask; it is this application's.
fn login(client: &Client) -> Result<String, Error> {
    match client.get::<User>("/user")? {
        Ok(user) => Ok(user.login),
        Err(answer) if matches!(answer.status, 403 | 404) => Ok("github-actions[bot]".into()),
        Err(answer) => Err(client.describe("/user", &answer)),
    }
}

struct Poster<'a> {
    client: &'a Client,
    /// The pull request's path.
    base: String,
    payload: &'a Payload,
    login: String,
    /// Marks of everything that we have said.
    said: BTreeSet<String>,
    posted: Posted,
    /// The review's text; empty once it is posted.
    summary: String,
    /// Comments that GitHub does not take at their lines.
    refused: Vec<&'a Note>,
}

impl<'a> Poster<'a> {
    /// Whether the pull request has another head than the one that was analysed.
    fn moved(&self) -> Result<bool, Error> {
        match self.client.get::<Pull>(&self.base)? {
            Ok(pull) => Ok(pull.head.sha != self.payload.commit),
            Err(answer) => Err(self.client.describe(&self.base, &answer)),
        }
    }

    fn comments(&self) -> Result<Vec<Comment>, Error> {
        self.client.list(&format!("{}/comments", self.base))
    }

    /// Learns what was said: the marks of our own comments and reviews, nobody else's.
    fn read(&mut self) -> Result<(), Error> {
        let reviews: Vec<Comment> = self.client.list(&format!("{}/reviews", self.base))?;
        let mut said = BTreeSet::new();
        for comment in self.comments()?.iter().chain(&reviews) {
            if let Some((marks, _)) = self.own(comment) {
                said.extend(marks.into_iter().map(str::to_owned));
            }
        }
        self.said = said;
        Ok(())
    }

    fn own<'c>(&self, comment: &'c Comment) -> Option<(Vec<&'c str>, Vec<&'c str>)> {
        let user = comment.user.as_ref()?;
        let own = user.login == self.login;
        render::marked(comment.body.as_deref()?).filter(|_| own)
    }

    fn say(&mut self, budget: usize) -> Result<(), Error> {
        let new = |note: &&Note| !self.said.contains(&note.mark);
        let (new, known): (Vec<&Note>, Vec<&Note>) = self.payload.notes.iter().partition(new);
        self.posted.known = known.len();
        let (elsewhere, mut placed): (Vec<&Note>, Vec<&Note>) = new
            .into_iter()
            .partition(|note| note.place == Place::Summary);
        // What can be accepted with a click comes first when not everything has room.
        placed.sort_by_key(|note| note.suggestion.is_none());
        let over = placed.split_off(placed.len().min(budget));
        let mut listed: Vec<&Note> = over.into_iter().chain(elsewhere).collect();
        if self.is_told_as_set(&listed) {
            self.posted.known += listed.len();
            listed.clear();
        }
        self.summary = render::summary(self.payload, &listed);
        self.posted.listed = listed.len();
        let (mut lines, files): (Vec<&Note>, Vec<&Note>) = placed
            .into_iter()
            .partition(|note| matches!(note.place, Place::Lines { .. }));
        lines.sort_by(|a, b| a.place.cmp(&b.place));
        for batch in lines.chunks(BATCH) {
            if !self.review(batch.to_vec())? {
                return Ok(());
            }
        }
        if !self.summary.is_empty() && !self.review(Vec::new())? {
            return Ok(());
        }
        let mut last = Vec::new();
        for note in files.into_iter().chain(std::mem::take(&mut self.refused)) {
            if !self.file_comment(note)? {
                last.push(note);
            }
        }
        if !last.is_empty() && !self.is_told_as_set(&last) {
            self.summary = render::summary(self.payload, &last);
            self.posted.listed += last.len();
            self.review(Vec::new())?;
        }
        Ok(())
    }

    fn is_told_as_set(&self, notes: &[&Note]) -> bool {
        !notes.is_empty() && self.said.contains(&render::set(notes))
    }

    /// Posts these comments, all of them if GitHub lets us; false when the head has moved.
    fn review(&mut self, mut notes: Vec<&'a Note>) -> Result<bool, Error> {
        let path = format!("{}/reviews", self.base);
        for attempt in 0..TRIES {
            let body = self.body(&notes);
            let answer = self.client.post(&path, &body);
            match &answer {
                Ok(answer) if matches!(answer.status, 200 | 201) => {
                    self.posted.comments += notes.len();
                    self.summary.clear();
                    return Ok(true);
                }
                Ok(answer) if answer.status == 422 => return self.divide(notes, answer),
                Ok(answer) if answer.status < 500 => {
                    return Err(self.client.describe(&path, answer));
                }
                // It may have been posted all the same: what is there counts, not the answer.
                _ => {
                    self.read()?;
                    let before = notes.len();
                    notes.retain(|note| !self.said.contains(&note.mark));
                    self.posted.comments += before - notes.len();
                    let marks = render::marked(&self.summary);
                    if marks.is_some_and(|(marks, _)| {
                        marks.iter().all(|mark| self.said.contains(*mark))
                    }) {
                        self.summary.clear();
                    }
                    if notes.is_empty() && self.summary.is_empty() {
                        return Ok(true);
                    }
                }
            }
            if attempt + 1 == TRIES {
                return Err(match answer {
                    Ok(answer) => self.client.describe(&path, &answer),
                    Err(error) => format!("{path}: {error}"),
                });
            }
            if attempt > 0 && notes.len() > 1 {
                let rest = notes.split_off(notes.len() / 2);
                return Ok(self.review(notes)? && self.review(rest)?);
            }
        }
        Ok(true)
    }

    /// GitHub takes a review as a whole or not at all: halves are tried until the comment is found that it does not take.
    fn divide(&mut self, mut notes: Vec<&'a Note>, answer: &Answer) -> Result<bool, Error> {
        if self.moved()? {
            self.posted.moved = true;
            return Ok(false);
        }
        match notes.len() {
            0 => Err(self.client.describe(&self.base, answer)),
            1 => {
                self.refused.extend(notes);
                Ok(true)
            }
            length => {
                let rest = notes.split_off(length / 2);
                Ok(self.review(notes)? && self.review(rest)?)
            }
        }
    }

    fn body(&self, notes: &[&Note]) -> Value {
        let comments: Vec<Value> = notes.iter().filter_map(|note| at_lines(note)).collect();
        let text = match (self.summary.is_empty(), notes.len()) {
            (false, _) => self.summary.clone(),
            (true, 1) => "unleak found a leak.".into(),
            (true, number) => format!("unleak found leaks in {number} places."),
        };
        json!({
            "commit_id": self.payload.commit,
            "event": "COMMENT",
            "body": text,
            "comments": comments,
        })
    }

    /// A comment on a file; false when GitHub does not take it.
    fn file_comment(&mut self, note: &Note) -> Result<bool, Error> {
        let path = format!("{}/comments", self.base);
        let (Place::Lines { path: file, .. } | Place::File { path: file }) = &note.place else {
            return Ok(false);
        };
        // At its file a comment has no lines that a suggestion could replace.
        let mut note = note.clone();
        note.suggestion = None;
        note.place = Place::File { path: file.clone() };
        let body = json!({
            "commit_id": self.payload.commit,
            "path": file,
            "subject_type": "file",
            "body": render::comment(&note),
        });
        for attempt in 1..=TRIES {
            let answer = self.client.post(&path, &body);
            match answer {
                Ok(answer) if matches!(answer.status, 200 | 201) => {
                    self.posted.comments += 1;
                    return Ok(true);
                }
                Ok(answer) if matches!(answer.status, 404 | 422) => return Ok(false),
                Ok(answer) if answer.status < 500 || attempt == TRIES => {
                    return Err(self.client.describe(&path, &answer));
                }
                Err(error) if attempt == TRIES => return Err(format!("{path}: {error}")),
                _ => {
                    self.read()?;
                    if self.said.contains(&note.mark) {
                        self.posted.comments += 1;
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Deletes own comments that nobody answered and that this run, which looked at the same things, does not repeat.
    fn take_back(&mut self) -> Result<(), Error> {
        let current: BTreeSet<&str> = self
            .payload
            .notes
            .iter()
            .map(|note| note.mark.as_str())
            .collect();
        let comments = self.comments()?;
        let answered: BTreeSet<u64> = comments
            .iter()
            .filter_map(|one| one.in_reply_to_id)
            .collect();
        let scope = &self.payload.scope;
        let mut stale = Vec::new();
        for comment in &comments {
            let Some((marks, rules)) = self.own(comment) else {
                continue;
            };
            let path = comment.path.as_deref().unwrap_or_default();
            let looked_at = rules
                .iter()
                .all(|rule| scope.rules.iter().any(|one| one == rule))
                && scope.paths.iter().any(|one| below(path, one));
            let repeated = marks.iter().any(|mark| current.contains(mark));
            if looked_at
                && !repeated
                && !answered.contains(&comment.id)
                && comment.in_reply_to_id.is_none()
            {
                stale.push(comment.id);
            }
        }
        let comments = self.base.rsplit_once('/').map_or("", |(before, _)| before);
        for id in stale {
            let path = format!("{comments}/comments/{id}");
            let answer = self.client.delete(&path)?;
            if !matches!(answer.status, 204 | 404) {
                return Err(self.client.describe(&path, &answer));
            }
            self.posted.deleted += 1;
        }
        Ok(())
    }
}

fn at_lines(note: &Note) -> Option<Value> {
    let Place::Lines { path, start, end } = &note.place else {
        return None;
    };
    let mut comment = json!({
        "path": path,
        "body": render::comment(note),
        "line": end,
        "side": "RIGHT",
    });
    if start < end {
        comment["start_line"] = json!(start);
        comment["start_side"] = json!("RIGHT");
    }
    Some(comment)
}

/// Whether a path is `directory` or below it; the empty directory is everything.
fn below(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    directory.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
