//! GitHub's part of a review, with state, over a real git repository: what the API refuses is refused here, by the rules
//! that its documentation and its users report. Ends with the test that started it.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tiny_http::{Header, Method, Request, Response, Server};

/// What goes wrong with the next request that writes.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It is posted, and the answer is 502.
    PostedAndLost,
    /// It is not posted, and the answer is 502.
    Lost,
    /// 429 with Retry-After of so many seconds.
    Limited(u64),
    /// 403, as a token of a fork gets it.
    Forbidden,
    /// Somebody pushes this commit before the request is looked at.
    Pushed(String),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) authorization: Option<String>,
    pub(crate) at: Instant,
}

/// The pull request.
pub(crate) struct State {
    repo: PathBuf,
    base: String,
    pub(crate) head: String,
    pub(crate) comments: Vec<Value>,
    pub(crate) reviews: Vec<Value>,
    pub(crate) faults: VecDeque<Fault>,
    pub(crate) seen: Vec<Seen>,
    /// Reading is answered by this redirect.
    pub(crate) redirect: Option<String>,
    /// What `GET /user` says; none is what an Actions token gets.
    pub(crate) user: Option<String>,
    /// Comments posted next are this user's.
    pub(crate) login: String,
    /// The address that links are made of.
    pub(crate) address: String,
    next: u64,
}

/// A running server.
pub(crate) struct Mock {
    state: Arc<Mutex<State>>,
    server: Arc<Server>,
    pub(crate) address: String,
}

/// Pages are short so that there are some.
const PAGE: usize = 4;

impl Mock {
    pub(crate) fn start(repo: &Path, base: &str, head: &str) -> Mock {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let address = format!("http://{}", server.server_addr().to_ip().unwrap());
        let state = Arc::new(Mutex::new(State {
            repo: repo.to_owned(),
            base: base.to_owned(),
            head: head.to_owned(),
            comments: Vec::new(),
            reviews: Vec::new(),
            faults: VecDeque::new(),
            seen: Vec::new(),
            redirect: None,
            user: None,
            login: "github-actions[bot]".into(),
            address: address.clone(),
            next: 100,
        }));
        let (serving, shared) = (server.clone(), state.clone());
        std::thread::spawn(move || {
            for request in serving.incoming_requests() {
                answer(request, &mut shared.lock().unwrap());
            }
        });
        Mock {
            state,
            server,
            address,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

fn answer(mut request: Request, state: &mut State) {
    let mut text = String::new();
    request.as_reader().read_to_string(&mut text).unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    let authorization = request
        .headers()
        .iter()
        .find(|header| header.field.equiv("Authorization"));
    let url = request.url().to_owned();
    state.seen.push(Seen {
        method: request.method().to_string(),
        path: url.clone(),
        body: body.clone(),
        authorization: authorization.map(|header| header.value.to_string()),
        at: Instant::now(),
    });
    let (status, body, headers) = respond(state, request.method(), &url, &body);
    let mut response = Response::from_string(body.to_string()).with_status_code(status);
    for (name, value) in headers
        .into_iter()
        .chain([("Content-Type", "application/json".to_owned())])
    {
        response.add_header(Header::from_bytes(name, value).unwrap());
    }
    // A client that went away is its own matter.
    let _ = request.respond(response);
}

type Reply = (u16, Value, Vec<(&'static str, String)>);

fn respond(state: &mut State, method: &Method, url: &str, body: &Value) -> Reply {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let plain = |status: u16, body: Value| (status, body, Vec::new());
    if *method == Method::Get {
        if let Some(to) = &state.redirect {
            return (302, json!({}), vec![("Location", to.clone())]);
        }
        return match path {
            "/user" => match &state.user {
                Some(login) => plain(200, user(login)),
                None => plain(
                    403,
                    json!({ "message": "Resource not accessible by integration" }),
                ),
            },
            "/repos/o/r/pulls/7" => plain(
                200,
                json!({ "number": 7, "head": { "sha": state.head }, "base": { "sha": state.base } }),
            ),
            "/repos/o/r/pulls/7/comments" => page(&state.comments, path, query, &state.address),
            "/repos/o/r/pulls/7/reviews" => page(&state.reviews, path, query, &state.address),
            _ => plain(404, json!({ "message": "Not Found" })),
        };
    }
    let fault = state.faults.pop_front().unwrap_or(Fault::None);
    match &fault {
        Fault::Limited(seconds) => {
            let wait = vec![("Retry-After", seconds.to_string())];
            return (429, json!({ "message": "secondary rate limit" }), wait);
        }
        Fault::Lost => return plain(502, json!({ "message": "Server Error" })),
        Fault::Forbidden => {
            return plain(
                403,
                json!({ "message": "Resource not accessible by integration" }),
            );
        }
        Fault::Pushed(head) => state.head = head.clone(),
        Fault::None | Fault::PostedAndLost => {}
    }
    let mut reply = match (method, path) {
        (Method::Post, "/repos/o/r/pulls/7/reviews") => review(state, body),
        (Method::Post, "/repos/o/r/pulls/7/comments") => comment(state, body),
        (Method::Delete, _) => delete(state, path),
        _ => plain(404, json!({ "message": "Not Found" })),
    };
    let many = body["comments"]
        .as_array()
        .is_some_and(|comments| comments.len() > 30);
    if reply.0 == 200 && (many || matches!(fault, Fault::PostedAndLost)) {
        reply = plain(502, json!({ "message": "Server Error" }));
    }
    reply
}

fn user(login: &str) -> Value {
    json!({ "login": login, "id": 1, "type": "Bot" })
}

fn page(all: &[Value], path: &str, query: &str, address: &str) -> Reply {
    let number = |name: &str| {
        let value = query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.and_then(|value| value.parse::<usize>().ok())
    };
    assert!(
        number("per_page").is_none_or(|size| size <= 100),
        "GitHub's pages have 100 at most"
    );
    let page = number("page").unwrap_or(1);
    let items: Vec<&Value> = all.iter().skip((page - 1) * PAGE).take(PAGE).collect();
    let mut headers = Vec::new();
    if all.len() > page * PAGE {
        headers.push((
            "Link",
            format!(
                "<{address}{path}?per_page=100&page={}>; rel=\"next\"",
                page + 1
            ),
        ));
    }
    (200, json!(items), headers)
}

fn unprocessable(why: &str) -> Reply {
    (
        422,
        json!({ "message": "Unprocessable Entity", "errors": [why] }),
        Vec::new(),
    )
}

fn review(state: &mut State, body: &Value) -> Reply {
    if body["event"] != "COMMENT" || body["body"].as_str().is_none_or(str::is_empty) {
        return unprocessable("a COMMENT has a body");
    }
    if too_long(&body["body"]) {
        return unprocessable("body is too long");
    }
    if body["commit_id"] != json!(state.head) {
        return unprocessable("commit_id is not the head");
    }
    let comments = body["comments"].as_array().cloned().unwrap_or_default();
    for comment in &comments {
        if let Err(why) = check_lines(state, comment) {
            return unprocessable(&why);
        }
    }
    let login = state.login.clone();
    for comment in comments {
        keep(state, comment);
    }
    state.next += 1;
    let review = json!({ "id": state.next, "body": body["body"], "user": user(&login) });
    state.reviews.push(review.clone());
    (200, review, Vec::new())
}

fn keep(state: &mut State, mut comment: Value) -> Value {
    state.next += 1;
    comment["id"] = json!(state.next);
    comment["user"] = user(&state.login);
    state.comments.push(comment.clone());
    comment
}

fn comment(state: &mut State, body: &Value) -> Reply {
    let hunks = hunks(state, body["path"].as_str().unwrap_or_default());
    if body["subject_type"] != "file" || hunks.is_none() || body["commit_id"] != json!(state.head) {
        return unprocessable("path is not part of the pull request");
    }
    if too_long(&body["body"]) || body.get("line").is_some() {
        return unprocessable("body is too long, or a line");
    }
    (201, keep(state, body.clone()), Vec::new())
}

fn delete(state: &mut State, path: &str) -> Reply {
    let id = path
        .strip_prefix("/repos/o/r/pulls/comments/")
        .and_then(|id| id.parse::<u64>().ok());
    let at = state
        .comments
        .iter()
        .position(|comment| comment["id"].as_u64() == id);
    match at {
        Some(at) => {
            state.comments.remove(at);
            (204, Value::Null, Vec::new())
        }
        None => (404, json!({ "message": "Not Found" }), Vec::new()),
    }
}

fn too_long(body: &Value) -> bool {
    body.as_str()
        .is_none_or(|body| body.is_empty() || body.chars().count() >= 65_536)
}

/// GitHub's rules for a comment of a review.
fn check_lines(state: &State, comment: &Value) -> Result<(), String> {
    if too_long(&comment["body"]) {
        return Err("body is too long".into());
    }
    let hunks = hunks(state, comment["path"].as_str().unwrap_or_default());
    let hunks = hunks.ok_or("path is not part of the pull request")?;
    if comment["side"] != "RIGHT" {
        return Err("side".into());
    }
    let line = comment["line"].as_u64().ok_or("no line")?;
    let hunk = hunks
        .iter()
        .find(|(first, last)| (*first..=*last).contains(&line));
    let hunk = hunk.ok_or("line must be part of the diff")?;
    if let Some(start) = comment.get("start_line") {
        let start = start.as_u64().ok_or("start_line")?;
        if start >= line {
            return Err("start_line must precede the end line".into());
        }
        if !(hunk.0..=hunk.1).contains(&start) {
            return Err("start_line must be part of the same hunk as the line".into());
        }
    }
    Ok(())
}

/// First and last right-side line of each hunk of a file; none for a file that is not in the diff.
fn hunks(state: &State, path: &str) -> Option<Vec<(u64, u64)>> {
    let range = format!("{}...{}", state.base, state.head);
    let names = git(&state.repo, &["diff", "--name-only", "-z", &range]);
    if !names.split('\0').any(|name| name == path) {
        return None;
    }
    let diff = git(&state.repo, &["diff", "-U3", &range, "--", path]);
    let mut hunks = Vec::new();
    for line in diff.lines().filter(|line| line.starts_with("@@ ")) {
        let right = line
            .split_whitespace()
            .nth(2)
            .unwrap()
            .trim_start_matches('+');
        let (first, count) = right.split_once(',').unwrap_or((right, "1"));
        let (first, count): (u64, u64) = (first.parse().unwrap(), count.parse().unwrap());
        hunks.push((first, first + count.max(1) - 1));
    }
    Some(hunks)
}

/// Runs git in a directory.
pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "core.autocrlf=false",
        ])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// How long the server had to wait between requests that write.
pub(crate) fn shortest_pause(seen: &[Seen]) -> Duration {
    let writes: Vec<&Seen> = seen.iter().filter(|one| one.method != "GET").collect();
    let pauses = writes.windows(2).map(|pair| pair[1].at - pair[0].at);
    pauses.min().unwrap_or_default()
}
