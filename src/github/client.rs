//! The API by HTTP: the token goes to the configured host and nowhere else, limits are respected, and what is only
//! looked at in a dry run is never sent.

use super::Error;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use ureq::http::Response;
use ureq::{Agent, Body};

/// GitHub asks for a second between requests that make content
/// (docs.github.com, "Best practices for using the REST API").
pub const PACE: Duration = Duration::from_secs(1);
/// A run does not wait longer than this in all for limits to end.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Answers longer than this are an error.
const LARGEST: u64 = 64 << 20;
/// Reading is tried so often.
const TRIES: usize = 4;

/// The token, which is never shown: it has no `Debug` and no `Display`.
pub struct Token(String);

impl Token {
    /// From the environment: `GITHUB_TOKEN`, else `GH_TOKEN`.
    pub fn find(variable: &dyn Fn(&str) -> Option<String>) -> Option<Token> {
        let token = variable("GITHUB_TOKEN").or_else(|| variable("GH_TOKEN"))?;
        let token = token.trim().to_owned();
        (!token.is_empty()).then_some(Token(token))
    }
}

/// What the API answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub text: String,
}

/// A connection to one API.
pub struct Client {
    agent: Agent,
    api: String,
    token: Option<Token>,
    pace: Duration,
    last_write: Cell<Option<Instant>>,
    waited: Cell<Duration>,
    /// What would have been sent, in a dry run.
    dry: Option<RefCell<Vec<Value>>>,
}

impl Client {
    /// For the API at this address. It must be `https`, but for a server on this machine.
    pub fn new(
        api: &str,
        token: Option<Token>,
        pace: Duration,
        dry: bool,
    ) -> Result<Client, Error> {
        let local = origin(api).and_then(|origin| origin.strip_prefix("http://"));
        let local = local.map(|host| host.rsplit_once(':').map_or(host, |(host, _)| host));
        let local = local.is_some_and(|host| matches!(host, "127.0.0.1" | "localhost" | "[::1]"));
        if !api.starts_with("https://") && !local {
            return Err(format!(
                "{api:?}: the address of an API begins with https://"
            ));
        }
        let mut config = Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .user_agent(concat!("unleak/", env!("CARGO_PKG_VERSION")));
        if local {
            // Without TLS a proxy would see the token.
            config = config.proxy(None);
        }
        Ok(Client {
            agent: config.build().into(),
            api: api.to_owned(),
            token,
            pace,
            last_write: Cell::new(None),
            waited: Cell::new(Duration::ZERO),
            dry: dry.then(RefCell::default),
        })
    }

    /// Whether requests that change something are only noted down.
    pub fn is_dry(&self) -> bool {
        self.dry.is_some()
    }

    /// Whether anything can be read.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// What a dry run would have sent.
    pub fn noted(&self) -> Vec<Value> {
        self.dry
            .as_ref()
            .map_or(Vec::new(), |noted| noted.borrow().clone())
    }

    /// Reads one object; the inner error is an answer that is none.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Result<T, Answer>, Error> {
        let (answer, _) = self.read(&format!("{}{path}", self.api))?;
        if answer.status != 200 {
            return Ok(Err(answer));
        }
        Ok(Ok(self.parse(path, &answer.text)?))
    }

    /// Reads a list with all its pages.
    pub fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Error> {
        let mut url = format!("{}{path}?per_page=100", self.api);
        let mut all = Vec::new();
        loop {
            let (answer, next) = self.read(&url)?;
            if answer.status != 200 {
                return Err(self.describe(path, &answer));
            }
            all.extend(self.parse::<Vec<T>>(path, &answer.text)?);
            let Some(next) = next else {
                return Ok(all);
            };
            if origin(&next) != origin(&self.api) {
                return Err(format!("{path}: the next page is on another host"));
            }
            url = next;
        }
    }

    fn parse<T: DeserializeOwned>(&self, path: &str, text: &str) -> Result<T, Error> {
        serde_json::from_str(text)
            .map_err(|error| format!("{path}: not what was expected: {error}"))
    }

    /// Posts a body. Limits are waited for; every other answer is the caller's to judge. The error says that no answer
    /// came.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, Error> {
        if let Some(noted) = &self.dry {
            noted
                .borrow_mut()
                .push(json!({ "method": "POST", "path": path, "body": body }));
            return Ok(Answer {
                status: 200,
                text: "{}".into(),
            });
        }
        let url = format!("{}{path}", self.api);
        let text = body.to_string();
        self.write(|| {
            let request = self.authorised(self.agent.post(&url));
            request
                .header("Content-Type", "application/json")
                .send(&text)
        })
    }

    /// Deletes.
    pub fn delete(&self, path: &str) -> Result<Answer, Error> {
        if let Some(noted) = &self.dry {
            noted
                .borrow_mut()
                .push(json!({ "method": "DELETE", "path": path }));
            return Ok(Answer {
                status: 204,
                text: String::new(),
            });
        }
        let url = format!("{}{path}", self.api);
        self.write(|| self.authorised(self.agent.delete(&url)).call())
    }

    fn write(
        &self,
        send: impl Fn() -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Answer, Error> {
        loop {
            if let Some(last) = self.last_write.get() {
                std::thread::sleep(self.pace.saturating_sub(last.elapsed()));
            }
            let response = send().map_err(|error| self.hide(&error.to_string()));
            self.last_write.set(Some(Instant::now()));
            let mut response = response?;
            if let Some(wait) = limit(&response) {
                self.wait(wait)?;
                continue;
            }
            return self.answer(&mut response);
        }
    }

    fn read(&self, url: &str) -> Result<(Answer, Option<String>), Error> {
        let mut url = url.to_owned();
        let mut failed = 0;
        let mut redirects = 0;
        loop {
            let response = self.authorised(self.agent.get(&url)).call();
            let mut response = match response {
                Ok(response) if response.status().is_server_error() && failed + 1 < TRIES => {
                    failed += 1;
                    std::thread::sleep(self.pace * failed as u32);
                    continue;
                }
                Ok(response) => response,
                Err(_) if failed + 1 < TRIES => {
                    failed += 1;
                    std::thread::sleep(self.pace * failed as u32);
                    continue;
                }
                Err(error) => return Err(self.hide(&error.to_string())),
            };
            if let Some(wait) = limit(&response) {
                self.wait(wait)?;
                continue;
            }
            if response.status().is_redirection() {
                // A renamed repository. The token stays with its host.
                let to = header(&response, "location").unwrap_or_default();
                let to = if to.starts_with('/') {
                    format!("{}{to}", origin(&self.api).unwrap_or_default())
                } else {
                    to
                };
                redirects += 1;
                if origin(&to).is_none() || origin(&to) != origin(&self.api) || redirects > 5 {
                    return Err(
                        "the API redirects to another host; the token is not sent there".into(),
                    );
                }
                url = to;
                continue;
            }
            let next = header(&response, "link").and_then(|link| next_page(&link));
            return Ok((self.answer(&mut response)?, next));
        }
    }

    fn authorised<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        let request = request
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", "2022-11-28");
        match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {}", token.0)),
            None => request,
        }
    }

    fn answer(&self, response: &mut Response<Body>) -> Result<Answer, Error> {
        let status = response.status().as_u16();
        let text = response
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_string();
        Ok(Answer {
            status,
            text: text.map_err(|error| self.hide(&error.to_string()))?,
        })
    }

    fn wait(&self, wait: Duration) -> Result<(), Error> {
        let waited = self.waited.get() + wait;
        if waited > PATIENCE {
            return Err(format!(
                "rate limit: it ends in {} s, too late",
                wait.as_secs()
            ));
        }
        self.waited.set(waited);
        std::thread::sleep(wait);
        Ok(())
    }

    /// An answer for people: its status and GitHub's message.
    pub fn describe(&self, path: &str, answer: &Answer) -> Error {
        let message = serde_json::from_str::<Value>(&answer.text).ok();
        let message = message.and_then(|body| Some(body.get("message")?.as_str()?.to_owned()));
        let message = message
            .unwrap_or_default()
            .chars()
            .take(300)
            .collect::<String>();
        let hint = match answer.status {
            401 => " (is the token right?)",
            403 if message.contains("not accessible") => {
                " (the token may not write: permissions: pull-requests: write; for forks --payload)"
            }
            _ => "",
        };
        let message = crate::emit::name::plain(&message);
        self.hide(&format!("{path}: HTTP {} {message}{hint}", answer.status))
    }

    /// A text without the token, should a server or a library have put it there.
    fn hide(&self, text: &str) -> String {
        match &self.token {
            Some(token) => text.replace(&token.0, "***"),
            None => text.to_owned(),
        }
    }
}

/// How long a limit lasts: `Retry-After`, or until the time that the primary limit is reset.
fn limit(response: &Response<Body>) -> Option<Duration> {
    if !matches!(response.status().as_u16(), 403 | 429) {
        return None;
    }
    let number = |name| header(response, name)?.parse::<u64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let reset = Duration::from_secs(number("x-ratelimit-reset")? + 1);
        return Some(reset.saturating_sub(now));
    }
    // GitHub: "wait at least a minute" when a secondary limit says nothing else.
    (response.status().as_u16() == 429).then(|| Duration::from_secs(60))
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    response
        .headers()
        .get(name)?
        .to_str()
        .ok()
        .map(str::to_owned)
}

/// `scheme://host:port` of an address.
fn origin(url: &str) -> Option<&str> {
    let start = url.find("://")? + 3;
    let end = url[start..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| start + at);
    // `https://host@elsewhere` is elsewhere: no origin of ours has a user in it.
    (!url[start..end].contains('@') && end > start).then(|| &url[..end])
}

/// The address with `rel="next"` of a `Link` header (RFC 8288).
fn next_page(link: &str) -> Option<String> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let url = next.split_once('<')?.1.split_once('>')?.0;
    Some(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin("https://a.b:1/c?d"), Some("https://a.b:1"));
        assert_eq!(origin("https://a.b"), Some("https://a.b"));
        assert_eq!(origin("https://a.b@evil/c"), None);
        assert_eq!(origin("/repos"), None);
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        let link = r#"<https://a/x?page=1>; rel="prev", <https://a/x?page=3>; rel="next""#;
        assert_eq!(next_page(link).as_deref(), Some("https://a/x?page=3"));
        assert_eq!(next_page(r#"<https://a/x?page=1>; rel="first""#), None);
    }

    #[test]
    fn without_tls_only_on_this_machine() {
        for (api, right) in [
            ("https://api.github.com", true),
            ("http://127.0.0.1:80", true),
            ("http://api.github.com", false),
            ("http://127.0.0.1.evil.com", false),
            ("http://127.0.0.1@evil.com", false),
            ("ftp://x", false),
        ] {
            assert_eq!(Client::new(api, None, PACE, false).is_ok(), right, "{api}");
        }
    }

    #[test]
    fn the_token_is_hidden_in_what_a_server_says() {
        let token = Token::find(&|name| (name == "GITHUB_TOKEN").then(|| "secret-1\n".into()));
        let client = Client::new("https://x", token, PACE, false).unwrap();
        let text = r#"{"message": "bad token secret-1"}"#.to_owned();
        let said = client.describe("/user", &Answer { status: 400, text });
        assert_eq!(said, "/user: HTTP 400 bad token ***");
    }
}
