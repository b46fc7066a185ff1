//! A small client of the HTTP API, for one officer at one party.
//!
//! It knows the frame of the contract (bearer token, JSON, receipts, RFC 9457 problems); bodies are written by whoever
//! tells the story.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use tongcha_domain::time::Instant;

/// Longer than any deadline of the service itself, so that its own answer is seen.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What a command answers.
#[derive(Clone, Debug, Deserialize)]
pub struct Receipt {
    /// The thing commanded.
    pub id: String,
    /// Whose log.
    pub party: String,
    /// Position in it.
    pub seq: u64,
    /// Leaf hash of the entry, hexadecimal.
    pub leaf: String,
    /// When it was recorded, ISO 8601.
    pub recorded_at: String,
    /// The event's class.
    pub kind: String,
    /// Whether it is the first result of a repeated command.
    pub replayed: bool,
    /// The consent token, with the receipt of a countersignature.
    #[serde(default)]
    pub token: Option<String>,
}

/// Title and next step in one language.
#[derive(Clone, Debug, Deserialize)]
pub struct ProblemText {
    /// What is wrong.
    pub title: String,
    /// What to do.
    pub next_step: String,
}

/// A refusal or failure as the API tells it.
#[derive(Clone, Debug, Deserialize)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// Title, in the language asked for.
    pub title: String,
    /// What is wrong, in a sentence.
    #[serde(default)]
    pub detail: String,
    /// The rule it comes from.
    #[serde(default)]
    pub rule: String,
    /// What to do.
    #[serde(default)]
    pub next_step: String,
    /// What offends; never personal data.
    #[serde(default)]
    pub offending: Vec<String>,
    /// Since when or until when.
    #[serde(default)]
    pub effective_at: Option<String>,
    /// Title and next step by language.
    #[serde(default)]
    pub text: BTreeMap<String, ProblemText>,
}

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, without parameters.
    pub content_type: String,
    /// `X-Request-Id`.
    pub request_id: String,
    /// The body, as it came.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Reads the body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// Reads the body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Reads the body as a problem.
    ///
    /// # Errors
    /// When it is none, or its status is not that of the answer.
    pub fn problem(&self) -> Result<Problem> {
        let problem: Result<Problem, _> = serde_json::from_slice(&self.bytes);
        let problem = problem.with_context(|| format!("no problem document in {} {}", self.status, self.text()))?;
        if self.content_type != "application/problem+json" || problem.status != self.status {
            bail!("{} as {} with {}", problem.code, self.content_type, self.status);
        }
        Ok(problem)
    }

    /// Reads the body of a success.
    ///
    /// # Errors
    /// When it is none, or has another form.
    pub fn success<T: serde::de::DeserializeOwned>(&self, asked: &str) -> Result<T> {
        if !(200..300).contains(&self.status) {
            bail!("{asked} was answered with {}: {}", self.status, self.text());
        }
        serde_json::from_slice(&self.bytes).with_context(|| format!("{asked} was answered with {}", self.text()))
    }
}

/// An officer at their desk: a base URL and a token.
#[derive(Clone, Debug)]
pub struct Desk {
    http: reqwest::Client,
    url: String,
    token: String,
    officer: String,
}

/// Makes the HTTP client that desks share.
///
/// # Errors
/// When it can't be made.
pub fn http() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().timeout(TIMEOUT).build()?)
}

impl Desk {
    /// Sits an officer down.
    #[must_use]
    pub fn new(http: reqwest::Client, url: String, officer: String, token: String) -> Self {
        Self { http, url, token, officer }
    }

    /// Returns the officer.
    #[must_use]
    pub fn officer(&self) -> &str {
        &self.officer
    }

    /// Returns the officer's token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns the same desk with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Begins a request with the officer's token.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply> {
        let response = request.send().await.with_context(|| format!("{} got no answer", self.officer))?;
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            value.split(';').next().unwrap_or_default().to_owned()
        };
        let (content_type, request_id) = (header("content-type"), header("x-request-id"));
        let status = response.status().as_u16();
        Ok(Reply { status, content_type, request_id, bytes: response.bytes().await?.to_vec() })
    }

    /// Reads a path.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> Result<Reply> {
        self.send(self.request(reqwest::Method::GET, path)).await
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply> {
        self.send(self.request(reqwest::Method::POST, path).json(body)).await
    }

    /// Reads a path that must be there.
    ///
    /// # Errors
    /// When it is answered with anything but success.
    pub async fn read(&self, path: &str) -> Result<Value> {
        self.get(path).await?.success(&format!("GET {path} of {}", self.officer))
    }

    /// Reads personal data, for a reason that the service records first.
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub async fn read_for(&self, path: &str, reason: &str) -> Result<Value> {
        self.read(&with_reason(path, reason)).await
    }

    /// Gives a command that must be accepted.
    ///
    /// # Errors
    /// When it is answered with anything but a receipt.
    pub async fn command(&self, path: &str, body: &Value) -> Result<Receipt> {
        self.post(path, body).await?.success(&format!("POST {path} of {}", self.officer))
    }

    /// Posts what must be accepted and answers something else than a bare receipt.
    ///
    /// # Errors
    /// When it is answered with anything but success.
    pub async fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        self.post(path, body).await?.success(&format!("POST {path} of {}", self.officer))
    }

    /// Gives a command that must be refused with a code.
    ///
    /// # Errors
    /// When it is accepted, or refused for another reason.
    pub async fn refused(&self, path: &str, body: &Value, code: &str) -> Result<Problem> {
        let reply = self.post(path, body).await?;
        expect_code(&reply, code).with_context(|| format!("POST {path} of {}", self.officer))
    }

    /// Reads personal data, which must be refused with a code.
    ///
    /// # Errors
    /// When it is answered, or refused for another reason.
    pub async fn refused_to_read(&self, path: &str, reason: &str, code: &str) -> Result<Problem> {
        let reply = self.get(&with_reason(path, reason)).await?;
        expect_code(&reply, code).with_context(|| format!("GET {path} of {}", self.officer))
    }
}

/// Checks that an answer is the problem with a code.
///
/// # Errors
/// When it is not.
pub fn expect_code(reply: &Reply, code: &str) -> Result<Problem> {
    if (200..300).contains(&reply.status) {
        bail!("expected {code}, was accepted: {}", reply.text());
    }
    let problem = reply.problem()?;
    if problem.code != code {
        bail!("expected {code}, was refused with {} ({})", problem.code, problem.detail);
    }
    Ok(problem)
}

/// Puts a reason into a query.
#[must_use]
pub fn with_reason(path: &str, reason: &str) -> String {
    let mut query = String::with_capacity(reason.len() * 3);
    for byte in reason.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            query.push(char::from(byte));
        } else {
            query.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{path}?reason={query}")
}

/// How many seconds the drill's clock stands before the real one; one cluster runs in a process.
static AHEAD_S: AtomicI64 = AtomicI64::new(0);

/// How long after it is said a drill's clock counts: ten times as long as a service takes to read it.
const CHANGE_OVER_MS: i64 = 500;

/// Sets the drill's clock, for what the test bed calls now and for all services at one instant: none is told of what
/// happened at a time it has not come to.
pub(crate) fn move_clocks(root: &std::path::Path, ahead_s: i64) -> Result<()> {
    let from_ms = jiff::Timestamp::now().as_millisecond() + CHANGE_OVER_MS;
    std::fs::write(root.join("drill-clock"), format!("{ahead_s} {from_ms}"))?;
    AHEAD_S.store(ahead_s, Ordering::Relaxed);
    Ok(())
}

/// Returns how many seconds the drill's clock stands before the real one.
pub(crate) fn ahead() -> i64 {
    AHEAD_S.load(Ordering::Relaxed)
}

/// Returns the instant `seconds` from now, by the drill's clock, in the form the API takes.
#[must_use]
pub fn iso_in(seconds: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let us = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
    Instant(us).plus_us((seconds + ahead()).saturating_mul(1_000_000)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, content_type: &str, body: &str) -> Reply {
        let request_id = String::new();
        Reply { status, content_type: content_type.into(), request_id, bytes: body.into() }
    }

    #[test]
    fn only_the_expected_refusal_passes() {
        let body = r#"{"status":403,"code":"OVER_SCOPE","title":"Too much"}"#;
        let refused = reply(403, "application/problem+json", body);
        assert_eq!(expect_code(&refused, "OVER_SCOPE").unwrap().title, "Too much");
        assert!(expect_code(&refused, "NO_CONSENT").is_err());
        assert!(expect_code(&reply(200, "application/json", "{}"), "OVER_SCOPE").is_err());
        assert!(expect_code(&reply(403, "application/json", body), "OVER_SCOPE").is_err());
        assert!(expect_code(&reply(404, "application/problem+json", body), "OVER_SCOPE").is_err());
    }

    #[test]
    fn reasons_of_any_script_fit_a_query() {
        assert_eq!(with_reason("/v1/batches/1", "核 a&b"), "/v1/batches/1?reason=%E6%A0%B8%20a%26b");
    }

    #[test]
    fn instants_are_utc() {
        assert!(iso_in(0).ends_with('Z') && iso_in(0) < iso_in(5));
    }
}
