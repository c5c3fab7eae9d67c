//! `unleak github` against a server with state: nothing is said twice, nothing is lost, and the token goes nowhere else.

mod fuzz;
mod mock;
mod oracle;

use mock::{Fault, Mock, git, shortest_pause};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const TOKEN: &str = "ghs_SecretSecretSecret0123456789abcdef";

/// A function that leaks a file; its fix is one line.
fn leak(name: &str) -> String {
    format!(
        "func {name}(path string) string {{\n\tf, err := os.Open(path)\n\tif err != nil {{\n\t\treturn \"\"\n\t}}\n\treturn f.Name()\n}}\n"
    )
}

fn file(functions: &[&str]) -> String {
    let functions: Vec<String> = functions.iter().map(|name| leak(name)).collect();
    format!("package app\n\nimport \"os\"\n\n{}", functions.join("\n"))
}

/// A clone with a base commit and a head commit, and the pull request on a server.
struct PullRequest {
    clone: TempDir,
    base: String,
    head: String,
    mock: Mock,
}

struct Said {
    out: String,
    err: String,
    code: i32,
}

impl PullRequest {
    fn new(before: &[(&str, &str)], after: &[(&str, &str)]) -> PullRequest {
        let clone = tempfile::tempdir().unwrap();
        let dir = clone.path();
        git(dir, &["init", "-q", "-b", "main"]);
        write(dir, &[("go.mod", "module example.com/app\n\ngo 1.25\n")]);
        write(dir, before);
        let base = commit(dir);
        write(dir, after);
        let head = commit(dir);
        let mock = Mock::start(dir, &base, &head);
        PullRequest {
            clone,
            base,
            head,
            mock,
        }
    }

    /// One new file with `count` leaks.
    fn leaks(count: usize) -> PullRequest {
        let names: Vec<String> = (0..count).map(|at| format!("f{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        PullRequest::new(&[], &[("a.go", &file(&names))])
    }

    fn path(&self) -> &Path {
        self.clone.path()
    }

    fn push(&mut self, files: &[(&str, &str)]) {
        write(self.path(), files);
        self.head = commit(self.path());
        self.mock.state().head = self.head.clone();
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], env: &[(&str, &str)]) -> Said {
        let api = self.mock.state().address.clone();
        let output = Command::new(env!("CARGO_BIN_EXE_unleak"))
            .current_dir(self.path())
            .args(["github", "--repo", "o/r", "--pull", "7"])
            .args(if arguments.contains(&"--pace") {
                &[][..]
            } else {
                &["--pace", "0"]
            })
            .args(["--api-url", &api])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("HOME", self.path())
            .env("GITHUB_TOKEN", TOKEN)
            .env("http_proxy", "http://127.0.0.1:9")
            .envs(env.iter().copied())
            .output()
            .unwrap();
        let said = Said {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        };
        assert!(
            !said.out.contains(TOKEN) && !said.err.contains(TOKEN),
            "the token is shown"
        );
        said
    }

    fn bodies(&self) -> Vec<String> {
        let state = self.mock.state();
        let body = |comment: &Value| comment["body"].as_str().unwrap().to_owned();
        state.comments.iter().map(body).collect()
    }

    fn writes(&self) -> usize {
        self.mock
            .state()
            .seen
            .iter()
            .filter(|seen| seen.method != "GET")
            .count()
    }
}

fn write(directory: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn commit(directory: &Path) -> String {
    git(directory, &["add", "-A"]);
    git(directory, &["commit", "-q", "--allow-empty", "-m", "c"]);
    git(directory, &["rev-parse", "HEAD"]).trim().to_owned()
}

/// All comments are there once: each function's leak is told in exactly one.
fn told_once(request: &PullRequest, count: usize) {
    let bodies = request.bodies();
    assert_eq!(bodies.len(), count, "{bodies:#?}");
    let mut places: Vec<String> = request
        .mock
        .state()
        .comments
        .iter()
        .map(|one| format!("{} {}", one["path"], one["line"]))
        .collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), count);
}

#[test]
fn a_fix_of_one_place_is_a_suggestion() {
    let request = PullRequest::leaks(1);
    let said = request.run(&[]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err
            .contains("unleak: 1 comments posted, 0 listed, 0 known, 0 deleted"),
        "{}",
        said.err
    );
    let state = request.mock.state();
    let comment = &state.comments[0];
    assert_eq!(
        (&comment["path"], &comment["side"]),
        (&json!("a.go"), &json!("RIGHT"))
    );
    let body = comment["body"].as_str().unwrap();
    assert!(
        body.contains("```suggestion\n\t}\n\tdefer f.Close()\n```\n"),
        "{body}"
    );
    assert!(
        state
            .seen
            .iter()
            .all(|seen| seen.authorization.as_deref() == Some(&format!("Bearer {TOKEN}")))
    );
}

#[test]
fn accepted_suggestions_are_what_unleak_writes() {
    let request = PullRequest::leaks(5);
    request.run(&[]);
    let text = fs::read_to_string(request.path().join("a.go")).unwrap();
    let comments = request.mock.state().comments.clone();
    let accepted = oracle::accept(&text, &comments);
    let status = Command::new(env!("CARGO_BIN_EXE_unleak"))
        .current_dir(request.path())
        .args(["-w"])
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    assert_eq!(
        accepted,
        fs::read_to_string(request.path().join("a.go")).unwrap()
    );
}

#[test]
fn a_second_run_says_nothing_new() {
    let request = PullRequest::leaks(9);
    request.run(&[]);
    told_once(&request, 9);
    let before = request.writes();
    let said = request.run(&[]);
    assert!(
        said.err.contains("0 comments posted, 0 listed, 9 known"),
        "{}",
        said.err
    );
    assert_eq!(request.writes(), before);
}

#[test]
fn comments_of_others_are_not_ours() {
    let request = PullRequest::leaks(1);
    request.mock.state().login = "mallory".into();
    request.run(&[]);
    // The same marks, by somebody else.
    request.mock.state().login = "github-actions[bot]".into();
    request.run(&[]);
    assert_eq!(request.bodies().len(), 2);
    request.mock.state().user = Some("mallory".into());
    assert!(
        request.run(&[]).err.contains("1 known"),
        "now it is mallory who runs it"
    );
}

#[test]
fn many_comments_are_several_reviews() {
    let request = PullRequest::leaks(40);
    request.run(&["--max-comments", "100"]);
    told_once(&request, 40);
    let state = request.mock.state();
    assert!(
        state.seen.iter().any(|seen| seen.path.contains("page=2")),
        "there are pages"
    );
    let sizes = state.seen.iter().filter(|seen| seen.method == "POST");
    let sizes: Vec<usize> = sizes
        .map(|seen| seen.body["comments"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [30, 10]);
}

#[test]
fn what_is_over_the_budget_is_listed_once() {
    let request = PullRequest::leaks(12);
    let said = request.run(&["--max-comments", "5"]);
    assert!(
        said.err.contains("5 comments posted, 7 listed"),
        "{}",
        said.err
    );
    assert_eq!(request.bodies().len(), 5);
    let review = request.mock.state().reviews[0]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(review.contains("7 findings elsewhere"), "{review}");
    let before = request.writes();
    request.run(&["--max-comments", "5"]);
    assert_eq!(request.writes(), before);
}

#[test]
fn posted_although_502() {
    let request = PullRequest::leaks(6);
    request.mock.state().faults = [Fault::PostedAndLost].into();
    let said = request.run(&[]);
    assert_eq!(said.code, 0, "{}", said.err);
    told_once(&request, 6);
    assert_eq!(request.writes(), 1);
}

#[test]
fn lost_with_502_again_and_again() {
    let request = PullRequest::leaks(6);
    request.mock.state().faults = [Fault::Lost, Fault::Lost, Fault::PostedAndLost].into();
    let said = request.run(&[]);
    assert_eq!(said.code, 0, "{}", said.err);
    told_once(&request, 6);
    // A server that never answers well ends the run with an error, and a later run says the rest.
    let request = PullRequest::leaks(2);
    request.mock.state().faults = (0..40).map(|_| Fault::Lost).collect();
    let said = request.run(&[]);
    assert_eq!(said.code, 2, "{}", said.err);
    request.mock.state().faults.clear();
    request.run(&[]);
    told_once(&request, 2);
}

#[test]
fn a_limit_is_waited_for() {
    let request = PullRequest::leaks(2);
    request.mock.state().faults = [Fault::Limited(1)].into();
    let start = Instant::now();
    request.run(&[]);
    assert!(start.elapsed() >= Duration::from_secs(1));
    told_once(&request, 2);
}

#[test]
fn writes_are_paced() {
    let request = PullRequest::leaks(40);
    request.run(&["--max-comments", "100", "--pace", "300"]);
    assert!(shortest_pause(&request.mock.state().seen) >= Duration::from_millis(300));
}

#[test]
fn a_moved_head_ends_the_run_and_the_next_one_says_it() {
    let mut request = PullRequest::leaks(3);
    // Before the run.
    let old = request.head.clone();
    request.push(&[("b.go", "package app\n")]);
    let said = request.run(&["--commit", &old]);
    assert!(said.err.contains("newer head"), "{}", said.err);
    assert_eq!((said.code, request.writes()), (0, 0));
    // During the run.
    write(request.path(), &[("c.go", "package app\n")]);
    let pushed = commit(request.path());
    request.mock.state().faults = [Fault::Pushed(pushed.clone())].into();
    let said = request.run(&["--commit", &request.head]);
    assert!(said.err.contains("newer head"), "{}", said.err);
    assert_eq!(request.bodies().len(), 0);
    request.head = pushed;
    request.run(&[]);
    told_once(&request, 3);
}

#[test]
fn a_comment_that_github_does_not_take_at_its_line_goes_to_the_file() {
    let mut request = PullRequest::leaks(5);
    // The server sees another diff than we do: its base has already most of the file.
    let text = fs::read_to_string(request.path().join("a.go")).unwrap();
    let (before, _) = text.split_at(text.find("func f3").unwrap());
    git(
        request.path(),
        &["checkout", "-q", "-b", "other", &request.base],
    );
    write(request.path(), &[("a.go", before)]);
    let base = commit(request.path());
    git(request.path(), &["checkout", "-q", "main"]);
    git(
        request.path(),
        &["merge", "-q", "-s", "ours", "-m", "m", "other"],
    );
    request.head = git(request.path(), &["rev-parse", "HEAD"])
        .trim()
        .to_owned();
    let own_base = request.base.clone();
    let api = request.mock.address.clone();
    request.mock = Mock::start(request.path(), &base, &request.head);
    drop(api);
    let said = request.run(&["--base", &own_base]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("5 comments posted"), "{}", said.err);
    let state = request.mock.state();
    let on_file = state
        .comments
        .iter()
        .filter(|one| one["subject_type"] == "file");
    assert_eq!(on_file.count(), 3, "{:#?}", state.comments);
    assert_eq!(state.comments.len(), 5);
}

#[test]
fn what_the_diff_does_not_show_goes_to_the_file_or_the_summary() {
    let old = file(&["f", "g", "h", "i"]);
    let before = [("a.go", old.as_str()), ("sub/b.go", &file(&["x"]))];
    let request = PullRequest::new(&before, &[("a.go", &format!("{old}\n// The end.\n"))]);
    let said = request.run(&[]);
    assert!(
        said.err.contains("4 comments posted, 1 listed"),
        "{}",
        said.err
    );
    let state = request.mock.state();
    let files = state
        .comments
        .iter()
        .filter(|one| one["subject_type"] == "file")
        .count();
    assert!(files >= 3, "{:#?}", state.comments);
    assert!(
        state
            .reviews
            .iter()
            .any(|one| one["body"].as_str().unwrap().contains("sub/b.go:"))
    );
    drop(state);
    let before = request.writes();
    request.run(&[]);
    assert_eq!(request.writes(), before);
}

#[test]
fn own_comments_that_are_no_longer_true_go_unless_answered() {
    let mut request = PullRequest::leaks(3);
    request.run(&[]);
    let answered = request.mock.state().comments[1]["id"].clone();
    let reply = json!({ "id": 1, "body": "why?", "user": { "login": "reviewer" }, "in_reply_to_id": answered });
    request.mock.state().comments.push(reply);
    request.push(&[("a.go", &file(&["f2"]))]);
    let said = request.run(&["--ignore", "missing-close"]);
    assert!(
        said.err.contains("0 deleted"),
        "of a rule that did not run nothing is known: {}",
        said.err
    );
    let said = request.run(&["go.mod"]);
    assert!(
        said.err.contains("0 deleted"),
        "nor of a file that was not asked for: {}",
        said.err
    );
    let said = request.run(&[]);
    assert!(said.err.contains("1 known, 1 deleted"), "{}", said.err);
    assert_eq!(request.bodies().len(), 3);
}

#[test]
fn a_dry_run_prints_the_requests_and_sends_none() {
    let request = PullRequest::leaks(2);
    let said = request.run(&["--dry-run"]);
    assert_eq!(request.writes(), 0);
    let requests: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(requests[0]["path"], "/repos/o/r/pulls/7/reviews");
    assert_eq!(requests[0]["body"]["comments"].as_array().unwrap().len(), 2);
    request.run(&[]);
    let state = request.mock.state();
    let sent = state
        .seen
        .iter()
        .find(|seen| seen.method == "POST")
        .unwrap();
    assert_eq!(sent.body, requests[0]["body"]);
}

#[test]
fn a_fork_leaves_a_payload_that_another_run_posts() {
    let request = PullRequest::leaks(3);
    let event = request.path().join("event.json");
    let side = |sha: &str, repo: &str| json!({ "sha": sha, "repo": { "full_name": repo } });
    let fork = json!({ "pull_request": {
        "number": 7, "head": side(&request.head, "fork/r"), "base": side(&request.base, "o/r") } });
    fs::write(&event, fork.to_string()).unwrap();
    let actions = [
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
        ("GITHUB_EVENT_NAME", "pull_request"),
    ];
    let said = request.run_with(&["--payload", "review.json"], &actions);
    assert_eq!(
        (said.code, request.mock.state().seen.len()),
        (0, 0),
        "{}",
        said.err
    );
    let payload = fs::read_to_string(request.path().join("review.json")).unwrap();
    assert!(!payload.contains(TOKEN));
    // The run that may write knows the commit from its event, not from the file.
    let other = json!({ "workflow_run": { "head_sha": "ff" } });
    fs::write(&event, other.to_string()).unwrap();
    let actions = [
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
        ("GITHUB_EVENT_NAME", "workflow_run"),
    ];
    let said = request.run_with(&["--from-payload", "review.json"], &actions);
    assert_eq!((said.code, request.writes()), (2, 0), "{}", said.err);
    let right = json!({ "workflow_run": { "head_sha": request.head } });
    fs::write(&event, right.to_string()).unwrap();
    let said = request.run_with(&["--from-payload", "review.json"], &actions);
    assert_eq!(said.code, 0, "{}", said.err);
    told_once(&request, 3);
}

#[test]
fn a_token_that_may_not_write_is_an_error_that_says_what_to_do() {
    let request = PullRequest::leaks(1);
    request.mock.state().faults = [Fault::Forbidden].into();
    let said = request.run(&[]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("pull-requests: write"), "{}", said.err);
}

#[test]
fn the_token_does_not_follow_a_redirect_to_another_host() {
    let request = PullRequest::leaks(1);
    let other = Mock::start(request.path(), &request.base, &request.head);
    // By another name it is another host.
    let elsewhere = other.address.replace("127.0.0.1", "localhost");
    request.mock.state().redirect = Some(format!("{elsewhere}/repos/o/r/pulls/7"));
    let said = request.run(&[]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("redirects to another host"),
        "{}",
        said.err
    );
    assert_eq!(other.state().seen.len(), 0);
}

#[test]
fn names_of_files_and_code_do_not_become_markup() {
    let name = "a`b/<details>@team/::set-output name=x::y.go";
    let text = file(&["f"]).replace(
        "return f.Name()",
        "return f.Name() // ``` </details> @team \x1b[31m",
    );
    let request = PullRequest::new(&[], &[(name, text.as_str())]);
    let said = request.run(&[]);
    assert_eq!(said.code, 0, "{}", said.err);
    let bodies = request.bodies();
    assert_eq!(bodies.len(), 1);
    let prose: String = bodies[0].split("```suggestion").next().unwrap().to_owned();
    for bad in ["<details>@", "@team", "a`b", "\n::set"] {
        assert!(!prose.contains(bad), "{bad}: {prose}");
    }
}

/// A checkout with `eol=crlf` has other bytes than the commit: what is suggested are the commit's.
#[test]
fn a_checkout_with_other_line_breaks_gets_suggestions_in_the_commits() {
    let request = PullRequest::new(&[], &[("a.go", &file(&["f"]))]);
    let crlf = file(&["f"]).replace('\n', "\r\n");
    write(request.path(), &[("a.go", &crlf)]);
    request.run(&[]);
    let bodies = request.bodies();
    assert!(
        bodies[0].contains("```suggestion\n\t}\n\tdefer f.Close()\n```\n"),
        "{}",
        bodies[0]
    );
    // Where the commit itself has carriage returns, nothing is clickable.
    let request = PullRequest::new(&[], &[("a.go", &crlf)]);
    request.run(&[]);
    assert!(!request.bodies()[0].contains("```suggestion"));
    assert!(request.bodies()[0].contains("<details>"));
}

/// What is analysed must be what is reviewed.
#[test]
fn a_file_that_differs_from_the_head_gets_no_lines() {
    let request = PullRequest::leaks(1);
    write(
        request.path(),
        &[("a.go", &format!("{}\n// Edited.\n", file(&["f0"])))],
    );
    let said = request.run(&[]);
    assert!(said.err.contains("check out the head"), "{}", said.err);
    assert_eq!(request.mock.state().comments[0]["subject_type"], "file");
}

/// With `UNLEAK_PRISM` (the program) and `UNLEAK_OPENAPI` (GitHub's description): every request is valid by it.
#[test]
#[ignore = "needs npm packages; tests/surfaces/check.py prism runs it"]
fn every_request_is_valid_by_githubs_description() {
    let (prism, description) = (
        std::env::var("UNLEAK_PRISM").unwrap(),
        std::env::var("UNLEAK_OPENAPI").unwrap(),
    );
    let mut request = PullRequest::new(
        &[("b.go", &file(&["x"]))],
        &[
            ("a.go", &file(&["f", "g"])),
            ("b.go", &format!("// B.\n\n\n\n\n\n\n\n{}", file(&["x"]))),
        ],
    );
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let log = fs::File::create(request.path().join("prism.log")).unwrap();
    let mut server = Command::new(prism)
        .args([
            "proxy",
            &description,
            &request.mock.address,
            "--port",
            &port.to_string(),
            "--host",
            "127.0.0.1",
        ])
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let address = format!("http://127.0.0.1:{port}");
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            start.elapsed() < Duration::from_secs(240),
            "prism does not start"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    request.mock.state().address = address;
    request.mock.state().user = Some("github-actions[bot]".into());
    let first = request.run(&[]);
    request.push(&[("a.go", &file(&["g"]))]);
    let second = request.run(&[]);
    let said = || fs::read_to_string(request.path().join("prism.log")).unwrap();
    let log = said();
    // It would have said so.
    let mut wrong = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    let body = r#"{"event": 5, "comments": [{"line": "x"}]}"#;
    let length = body.len();
    write!(
        wrong,
        "POST /repos/o/r/pulls/7/reviews HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    wrong.read_exact(&mut [0; 12]).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let complaint = |log: &str| {
        let lines = log
            .lines()
            .filter(|line| line.contains("Violation: request"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(!complaint(&said()).is_empty(), "{}", said());
    assert_eq!(
        (first.code, second.code),
        (0, 0),
        "{}\n{}\n{log}",
        first.err,
        second.err
    );
    assert!(second.err.contains("1 deleted"), "{}", second.err);
    assert_eq!(complaint(&log), Vec::<String>::new());
    assert!(log.contains("/repos/o/r/pulls/7/reviews"), "{log}");
}
