//! Mail by Resend's API.
//!
//! The delivery's id is the idempotency key, so that an attempt whose answer was lost can be made again: what was taken
//! once is not sent twice within a day, unless somebody asks for it by hand. Resend makes the `Message-ID` itself; conversations hold together by the
//! `References` of their mails.

mod event;

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::signature::Verifier;
use egress::{Answer, Client, Target};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::address::Address;
use super::letter::{File, Letter};
use crate::callback::{Call, CallError, Report};
use crate::outcome::{ErrorClass, Outcome, Refusal, Verdict};
use crate::people::Health;
use crate::post;
use crate::settings::Reader;

/// Where Resend is.
const BASE_URL: &str = "https://api.resend.com";
/// How every key begins.
const KEY_PREFIX: &str = "re_";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The tag that says in a webhook of Resend which delivery it is about: it may come before the answer that names Resend's own id.
const DELIVERY: &str = "delivery";

/// An account at Resend.
pub struct Resend {
    client: Client,
    key: String,
    emails: Target,
    domains: Target,
    /// What its webhooks are signed with; none where it tells nothing.
    secrets: Vec<Verifier>,
}

impl std::fmt::Debug for Resend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resend")
            .field("emails", &self.emails)
            .finish_non_exhaustive()
    }
}

impl Resend {
    /// Reads a provider of kind `resend`; what is wrong is noted.
    pub(super) fn read(reader: &mut Reader<'_>, client: &Client) -> Option<Self> {
        reader.only(&["name", "kind", "key", "base_url", "webhook_secret"]);
        let key = reader.required_line("key", 200);
        let is_key = |key: &str| {
            key.strip_prefix(KEY_PREFIX)
                .is_some_and(|rest| rest.len() >= 5 && rest.bytes().all(|byte| byte.is_ascii_graphic()))
        };
        if key.is_some_and(|key| !is_key(key)) {
            reader.fault(
                "key",
                "key",
                "must be a key of Resend: `re_` and at least five characters",
            );
        }
        let base = reader
            .line("base_url", 1000)
            .unwrap_or(BASE_URL)
            .trim_end_matches('/');
        let secrets = verifiers(reader);
        let mut target = |path: &str| match client.policy().check_url(&format!("{base}/{path}")) {
            Ok(target) => Some(target),
            Err(refused) => {
                reader.fault("base_url", refused.code(), refused.to_string());
                None
            }
        };
        Some(Self {
            emails: target("emails")?,
            domains: target("domains")?,
            client: client.clone(),
            secrets,
            key: key?.to_owned(),
        })
    }

    /// Sends one letter within `deadline`. `now` is in milliseconds since the Unix epoch.
    pub(super) async fn send(&self, letter: &Letter, deadline: Duration, now: i64) -> Outcome {
        let mut headers = post::headers(Some(&self.key));
        let mut key = letter.delivery_id.clone();
        if letter.anew_after > 0 {
            let _ = write!(key, "/{}", letter.anew_after);
        }
        match HeaderValue::from_str(&key) {
            Ok(key) => headers.insert(IDEMPOTENCY_KEY, key),
            Err(_) => return Outcome::unsendable(ErrorClass::Validation, "the delivery's id is not one"),
        };
        match post::json(&self.client, &self.emails, headers, &body(letter), deadline).await {
            Ok(answer) => read(&answer).answered(&answer, now),
            Err(outcome) => outcome,
        }
    }

    /// Reads one of its webhooks.
    pub(super) fn hear(&self, call: &Call<'_>) -> Result<Option<Report>, CallError> {
        if self.secrets.is_empty() {
            return Err(CallError::Nobody);
        }
        event::read(&self.secrets, call)
    }

    /// Asks for something that costs nothing. A key that may only send is refused there, by name.
    pub(super) async fn health(&self, deadline: Duration) -> (Health, Option<String>) {
        let until = Instant::now() + deadline;
        let headers: HeaderMap = post::headers(Some(&self.key));
        let body = bytes::Bytes::new();
        let answer = self
            .client
            .request(Method::GET, &self.domains, headers, body, until)
            .await;
        match answer {
            Err(failure) => (Health::Down, Some(failure.to_string())),
            Ok(answer) if (200..300).contains(&answer.status) => (Health::Up, None),
            Ok(answer) if Problem::read(&answer).name == "restricted_api_key" => (Health::Up, None),
            Ok(answer) => {
                let outcome = read(&answer);
                let health = match outcome.verdict {
                    Verdict::Refused(_) => Health::Misconfigured,
                    _ => Health::Down,
                };
                (health, outcome.error)
            }
        }
    }
}

/// The secrets of its webhooks, as Resend shows them: one or, while it is being changed, several with spaces between.
fn verifiers(reader: &mut Reader<'_>) -> Vec<Verifier> {
    let text = reader.line("webhook_secret", 1000).unwrap_or_default();
    let read: Result<Vec<_>, _> = text.split_whitespace().map(Verifier::parse).collect();
    read.unwrap_or_else(|error| {
        reader.fault("webhook_secret", "secret", error.to_string());
        Vec::new()
    })
}

fn body(letter: &Letter) -> Value {
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in &letter.headers {
        headers.insert(name.clone(), json!(value));
    }
    if let Some(thread) = &letter.thread {
        headers.insert("In-Reply-To".to_owned(), json!(thread));
        headers.insert("References".to_owned(), json!(thread));
    }
    let mut body = json!({
        "from": written(&letter.from),
        "to": [letter.to.1.as_str()],
        "subject": letter.subject,
        "headers": headers,
    });
    let mut add = |name: &str, value: Value| body[name] = value;
    if let Some(html) = &letter.html {
        add("html", json!(html));
    }
    if let Some(text) = &letter.text {
        add("text", json!(text));
    }
    if let Some(reply_to) = &letter.reply_to {
        add("reply_to", json!(written(reply_to)));
    }
    if !letter.files.is_empty() {
        add("attachments", letter.files.iter().map(attachment).collect());
    }
    let mut tags = json!([{"name": DELIVERY, "value": letter.delivery_id}]);
    if let Some(tags) = tags.as_array_mut() {
        tags.extend(letter.tags.iter().map(|tag| json!(tag)));
    }
    add("tags", tags);
    body
}

fn attachment(file: &File) -> Value {
    let mut attachment = json!({
        "filename": file.name,
        "content": STANDARD.encode(&file.bytes),
        "content_type": file.content_type.1,
    });
    if let Some(id) = &file.content_id {
        attachment["content_id"] = json!(id);
    }
    attachment
}

/// `Name <address>`, the name in quotes so that nothing in it counts.
fn written((name, address): &(Option<String>, Address)) -> String {
    match name {
        Some(name) => {
            let name = name.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{name}\" <{address}>")
        }
        None => address.to_string(),
    }
}

/// What Resend says when it says no.
#[derive(Default)]
struct Problem {
    name: String,
    message: String,
}

impl Problem {
    fn read(answer: &Answer) -> Self {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        Self {
            name: text("name"),
            message: text("message"),
        }
    }
}

fn read(answer: &Answer) -> Outcome {
    if (200..300).contains(&answer.status) {
        return taken(answer);
    }
    let problem = Problem::read(answer);
    let (verdict, class, elsewhere) = judge(answer.status, &problem.name);
    let error = match (problem.name.as_str(), problem.message.as_str()) {
        ("", _) => format!("Resend answered {}", answer.status),
        (name, message) => format!("Resend answered {} {name}: {message}", answer.status),
    };
    let mut outcome = Outcome::failed(verdict, class, error, answer.elapsed);
    outcome.elsewhere = elsewhere;
    outcome
}

/// A success names the mail. One that does not has most likely taken it; asking again under the same key tells.
fn taken(answer: &Answer) -> Outcome {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match body["id"].as_str().filter(|id| !id.is_empty()) {
        Some(id) => Outcome {
            provider_id: Some(id.to_owned()),
            ..Outcome::taken(Verdict::Sent, answer.elapsed)
        },
        None => Outcome::failed(
            Verdict::Unknown,
            ErrorClass::Provider,
            "Resend answered a success without the mail's id",
            answer.elapsed,
        ),
    }
}

/// Verdict, class, and whether another provider may have it at once.
fn judge(status: u16, name: &str) -> (Verdict, ErrorClass, bool) {
    let configuration = Verdict::Refused(Refusal::Configuration);
    let permanent = Verdict::Refused(Refusal::Permanent);
    let retry = |throttle| Verdict::Retry { throttle };
    match (status, name) {
        (429, "daily_quota_exceeded" | "monthly_quota_exceeded") => (retry(true), ErrorClass::Quota, true),
        (429, _) => (retry(true), ErrorClass::RateLimit, true),
        // The same mail is on its way in another request: nobody else may have it.
        (409, "concurrent_idempotent_requests") => (retry(false), ErrorClass::Provider, false),
        (409, "resource_locked") => (retry(false), ErrorClass::Provider, true),
        (409, _) => (permanent, ErrorClass::Validation, false),
        (451, _) | (_, "security_error") => (permanent, ErrorClass::Security, false),
        (403, "validation_error") => (configuration, ErrorClass::Validation, true),
        (401 | 403, _) => (configuration, ErrorClass::Auth, true),
        (404 | 405, _) => (configuration, ErrorClass::Provider, true),
        (400 | 413 | 422, _) => (permanent, ErrorClass::Validation, false),
        // It may have been taken before the time was up.
        (504, _) => (retry(true), ErrorClass::Provider, false),
        _ => {
            let (verdict, class) = post::by_status(status);
            let elsewhere = !matches!(verdict, Verdict::Refused(Refusal::Permanent));
            (verdict, class, elsewhere)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m09_answers_of_resend_have_their_class() {
        use ErrorClass as C;
        let configuration = Verdict::Refused(Refusal::Configuration);
        let permanent = Verdict::Refused(Refusal::Permanent);
        let retry = |throttle| Verdict::Retry { throttle };
        for (status, name, verdict, class, elsewhere) in [
            (400, "invalid_idempotency_key", permanent, C::Validation, false),
            (400, "validation_error", permanent, C::Validation, false),
            (401, "missing_api_key", configuration, C::Auth, true),
            (401, "restricted_api_key", configuration, C::Auth, true),
            (403, "invalid_api_key", configuration, C::Auth, true),
            (403, "suspended_api_key", configuration, C::Auth, true),
            (403, "validation_error", configuration, C::Validation, true),
            (404, "not_found", configuration, C::Provider, true),
            (405, "method_not_allowed", configuration, C::Provider, true),
            (
                409,
                "concurrent_idempotent_requests",
                retry(false),
                C::Provider,
                false,
            ),
            (409, "invalid_idempotent_request", permanent, C::Validation, false),
            (409, "resource_locked", retry(false), C::Provider, true),
            (422, "missing_required_field", permanent, C::Validation, false),
            (422, "invalid_attachment", permanent, C::Validation, false),
            (429, "rate_limit_exceeded", retry(true), C::RateLimit, true),
            (429, "daily_quota_exceeded", retry(true), C::Quota, true),
            (429, "monthly_quota_exceeded", retry(true), C::Quota, true),
            (451, "security_error", permanent, C::Security, false),
            (500, "internal_server_error", retry(false), C::Provider, true),
            (503, "service_unavailable", retry(true), C::Provider, true),
            (504, "", retry(true), C::Provider, false),
            (302, "", configuration, C::Validation, true),
        ] {
            assert_eq!(
                judge(status, name),
                (verdict, class, elsewhere),
                "{status} {name}"
            );
        }
    }

    #[test]
    fn names_are_quoted() {
        let address = Address::parse("a@b.example").unwrap();
        let name = Some("Ann \"A\" <c@d>".to_owned());
        assert_eq!(
            written(&(name, address.clone())),
            r#""Ann \"A\" <c@d>" <a@b.example>"#
        );
        assert_eq!(written(&(None, address)), "a@b.example");
    }
}
