//! A review as data: what is told, where, not yet in Markdown. It can be written to a file by a run that may not post,
//! and posted by another. Who posts it trusts none of it: texts are made inert when they are rendered, the repository
//! comes from the environment, and the commit must be the pull request's head.

use super::Error;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the file's format.
pub const VERSION: u32 = 1;

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// [`VERSION`].
    pub version: u32,
    /// The pull request's number.
    pub number: u64,
    /// The head commit that was analysed.
    pub commit: String,
    /// What was looked at.
    pub scope: Scope,
    /// What is told.
    pub notes: Vec<Note>,
}

/// What a run looked at: comments on other things are none of its business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Rules.
    pub rules: Vec<String>,
    /// Paths from the root, each a file or a directory; the empty path is everything.
    pub paths: Vec<String>,
    /// Something could not be analysed: that nothing is told of a place does not mean that nothing is there.
    pub partial: bool,
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What the comment is called from run to run.
    pub mark: String,
    /// Where it stands.
    pub place: Place,
    /// What it tells; not empty.
    pub leaks: Vec<Leak>,
    /// The replacement of the lines of [`Place::Lines`], when that is the whole fix.
    pub suggestion: Option<String>,
    /// The fix as a unified diff, when it is no suggestion.
    pub diff: Option<String>,
}

/// Where a comment stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// On lines that one hunk of the pull request's diff shows, from 1, the last included.
    Lines {
        /// Path from the root.
        path: String,
        /// First line.
        start: usize,
        /// Last line.
        end: usize,
    },
    /// On a file of the pull request.
    File {
        /// Path from the root.
        path: String,
    },
    /// In the review's own text.
    Summary,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// The rule.
    pub rule: String,
    /// What leaks.
    pub message: String,
    /// What is done about it.
    pub outcome: String,
    /// Path from the root.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// The leaking path: `file.go:12: returns here`.
    pub steps: Vec<String>,
}

impl Payload {
    /// Writes the file.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        std::fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads a file of [`Payload::save`].
    pub fn load(path: &Path) -> Result<Payload, Error> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        let payload: Payload =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        match payload.version == VERSION && payload.is_sound() {
            true => Ok(payload),
            false => Err(format!("{}: not a payload of this version", path.display())),
        }
    }

    /// Whether everything that becomes part of an address or of a mark is what it should be.
    fn is_sound(&self) -> bool {
        let hex =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let rule = |rule: &str| {
            !rule.is_empty()
                && rule
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        hex(&self.commit)
            && self.scope.rules.iter().all(|one| rule(one))
            && self.notes.iter().all(|note| {
                hex(&note.mark)
                    && !note.leaks.is_empty()
                    && note.leaks.iter().all(|leak| rule(&leak.rule))
            })
    }
}
