//! Which pull request: from flags, and from what GitHub Actions says in the environment
//! (docs.github.com, "Variables reference", and the event's payload in `GITHUB_EVENT_PATH`).

use super::Error;
use serde::Deserialize;
use std::path::Path;

/// What the command line says of the pull request; all of it may come from the environment.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `owner/name`.
    pub repo: Option<String>,
    /// The pull request's number.
    pub pull: Option<u64>,
    /// The head commit that is reviewed.
    pub commit: Option<String>,
    /// The commit that the pull request is compared with.
    pub base: Option<String>,
    /// Where the API is.
    pub api: Option<String>,
}

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The API's address without a slash at its end.
    pub api: String,
    /// The repository's owner.
    pub owner: String,
    /// The repository's name.
    pub repo: String,
    /// The number; none when only the payload knows it.
    pub number: Option<u64>,
    /// The head commit; none when the pull request has to be asked.
    pub commit: Option<String>,
    /// The base commit; none when the pull request has to be asked.
    pub base: Option<String>,
    /// The head is in another repository, and the event is one whose token may only read.
    pub read_only: bool,
}

#[derive(Default, Deserialize)]
struct Event {
    number: Option<u64>,
    pull_request: Option<PullRequest>,
    issue: Option<Issue>,
    workflow_run: Option<WorkflowRun>,
}

#[derive(Deserialize)]
struct PullRequest {
    number: u64,
    head: Commit,
    base: Commit,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
    /// None when the fork was deleted.
    repo: Option<Repo>,
}

#[derive(Deserialize)]
struct Repo {
    full_name: String,
}

#[derive(Deserialize)]
struct Issue {
    number: u64,
}

#[derive(Deserialize)]
struct WorkflowRun {
    head_sha: String,
}

impl Target {
    /// From the flags, and for what they leave out from `variable`, the environment.
    pub fn find(flags: &Flags, variable: &dyn Fn(&str) -> Option<String>) -> Result<Target, Error> {
        let event = match variable("GITHUB_EVENT_PATH") {
            Some(path) => read(Path::new(&path))?,
            None => Event::default(),
        };
        let repo = flags.repo.clone().or_else(|| variable("GITHUB_REPOSITORY"));
        let repo = repo.ok_or("which repository? --repo OWNER/NAME, or GITHUB_REPOSITORY")?;
        let (owner, name) = repo
            .split_once('/')
            .filter(|(owner, name)| is_name(owner) && is_name(name))
            .ok_or_else(|| format!("{repo:?} is not OWNER/NAME"))?;
        let api = flags.api.clone().or_else(|| variable("GITHUB_API_URL"));
        let api = api.unwrap_or_else(|| "https://api.github.com".into());
        let pull = event.pull_request.as_ref();
        let full_name = |commit: &Commit| commit.repo.as_ref().map(|repo| repo.full_name.clone());
        let fork = pull.is_some_and(|pull| full_name(&pull.head) != full_name(&pull.base));
        let writes =
            variable("GITHUB_EVENT_NAME").is_some_and(|name| name == "pull_request_target");
        // The event speaks of its own pull request, not of one that a flag names.
        let same = |number: u64| flags.pull.is_none_or(|wanted| wanted == number);
        let pull = pull.filter(|pull| same(pull.number));
        let run = event.workflow_run.map(|run| run.head_sha);
        let number = flags.pull.or(pull.map(|pull| pull.number));
        Ok(Target {
            api: api.trim_end_matches('/').to_owned(),
            owner: owner.to_owned(),
            repo: name.to_owned(),
            number: number
                .or(event.number)
                .or(event.issue.map(|issue| issue.number)),
            commit: flags
                .commit
                .clone()
                .or(pull.map(|pull| pull.head.sha.clone()))
                .or(run),
            base: flags
                .base
                .clone()
                .or(pull.map(|pull| pull.base.sha.clone())),
            read_only: fork && !writes,
        })
    }
}

/// Whether a part of a repository's name has only what GitHub allows there: it becomes part of an address.
fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.bytes().all(allowed) && name != "." && name != ".."
}

fn read(path: &Path) -> Result<Event, Error> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str, event: &str) -> Target {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), event).unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        let variable = |wanted: &str| match wanted {
            "GITHUB_REPOSITORY" => Some("o/r".to_owned()),
            "GITHUB_EVENT_NAME" => Some(name.to_owned()),
            "GITHUB_EVENT_PATH" => Some(path.clone()),
            _ => None,
        };
        Target::find(&Flags::default(), &variable).unwrap()
    }

    fn pull_request(head: &str) -> String {
        format!(
            r#"{{"number": 7, "pull_request": {{"number": 7, "head": {{"sha": "aa", "repo": {head}}},
               "base": {{"sha": "bb", "repo": {{"full_name": "o/r"}}}}}}}}"#
        )
    }

    #[test]
    fn a_pull_request_of_the_same_repository_may_be_written_to() {
        let target = find("pull_request", &pull_request(r#"{"full_name": "o/r"}"#));
        assert_eq!(target.number, Some(7));
        assert_eq!(
            (target.commit.as_deref(), target.base.as_deref()),
            (Some("aa"), Some("bb"))
        );
        assert!(!target.read_only);
        assert_eq!(target.api, "https://api.github.com");
    }

    #[test]
    fn one_from_a_fork_may_not() {
        let fork = pull_request(r#"{"full_name": "x/r"}"#);
        assert!(find("pull_request", &fork).read_only);
        assert!(
            find("pull_request", &pull_request("null")).read_only,
            "a deleted fork"
        );
        assert!(!find("pull_request_target", &fork).read_only);
    }

    #[test]
    fn after_a_workflow_only_the_commit_is_known() {
        let target = find("workflow_run", r#"{"workflow_run": {"head_sha": "cc"}}"#);
        assert_eq!(
            (target.number, target.commit.as_deref()),
            (None, Some("cc"))
        );
    }

    #[test]
    fn a_repository_is_a_name_and_not_a_path() {
        for bad in ["o", "o/r/x", "o/..", "o/r?x", "/r"] {
            let flags = Flags {
                repo: Some(bad.into()),
                ..Flags::default()
            };
            assert!(Target::find(&flags, &|_| None).is_err(), "{bad}");
        }
    }
}
