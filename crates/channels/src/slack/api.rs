//! The Web API, with a bot's token: `chat.postMessage`.
//!
//! A failure comes with HTTP 200 and `"ok": false`; only the limits have a status of their own.

use std::time::Duration;

use egress::{Answer, Client, Target};
use serde_json::{Value, json};

use crate::message;
use crate::outcome::{ErrorClass, Outcome, Refusal, Verdict};
use crate::people::{Health, Outgoing};
use crate::post;
use crate::settings::Reader;

const BASE_URL: &str = "https://slack.com/api";

/// A workspace that a bot may post to.
pub(super) struct Api {
    token: String,
    usual: Option<String>,
    post_message: Target,
    auth_test: Target,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api")
            .field("usual", &self.usual)
            .finish_non_exhaustive()
    }
}

impl Api {
    /// Reads `token`, `channel` and `base_url`; what is wrong is noted.
    pub(super) fn read(reader: &mut Reader<'_>, client: &Client) -> Option<Self> {
        let token = reader.required_line("token", 500);
        let is_token = |token: &str| {
            token.starts_with("xoxb-")
                && token.len() > 10
                && token.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if token.is_some_and(|token| !is_token(token)) {
            reader.fault("token", "token", "must be a bot's token: `xoxb-…`");
        }
        let usual = reader.line("channel", 100).map(str::to_owned);
        let base = reader
            .line("base_url", 1000)
            .unwrap_or(BASE_URL)
            .trim_end_matches('/');
        let mut target = |method: &str| match client.policy().check_url(&format!("{base}/{method}")) {
            Ok(target) => Some(target),
            Err(refused) => {
                reader.fault("base_url", refused.code(), refused.to_string());
                None
            }
        };
        Some(Self {
            post_message: target("chat.postMessage")?,
            auth_test: target("auth.test")?,
            token: token?.to_owned(),
            usual,
        })
    }

    /// Posts to the channel that is the recipient, or else to the usual one.
    pub(super) async fn send(
        &self,
        client: &Client,
        content: &message::Slack,
        outgoing: Outgoing<'_>,
    ) -> Outcome {
        let channel = match (outgoing.recipient, &self.usual) {
            ("", Some(usual)) => usual,
            ("", None) => {
                return Outcome::failed(
                    Verdict::Refused(Refusal::Configuration),
                    ErrorClass::Validation,
                    "neither the delivery nor the settings name a channel of Slack",
                    Duration::ZERO,
                );
            }
            (recipient, _) => recipient,
        };
        let mut body = json!({"channel": channel, "text": content.text});
        if let Value::Array(_) = &content.blocks {
            body["blocks"] = content.blocks.clone();
        }
        let headers = post::headers(Some(&self.token));
        match post::json(client, &self.post_message, headers, &body, outgoing.deadline).await {
            Ok(answer) => read(&answer).answered(&answer, outgoing.now),
            Err(outcome) => outcome,
        }
    }

    /// Asks whose token it is.
    pub(super) async fn health(&self, client: &Client, deadline: Duration) -> (Health, Option<String>) {
        let headers = post::headers(Some(&self.token));
        match post::json(client, &self.auth_test, headers, &json!({}), deadline).await {
            Ok(answer) if ok(&answer).is_some() => (Health::Up, None),
            Ok(answer) => match read(&answer) {
                outcome if matches!(outcome.verdict, Verdict::Refused(_)) => {
                    (Health::Misconfigured, outcome.error)
                }
                outcome => (Health::Down, outcome.error),
            },
            Err(outcome) => (Health::Down, outcome.error),
        }
    }
}

/// The answer where it says that it went well.
fn ok(answer: &Answer) -> Option<Value> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    (answer.status == 200 && body["ok"] == true).then_some(body)
}

/// What an answer of the Web API means. The id of a message is `channel/ts`.
pub fn read(answer: &Answer) -> Outcome {
    if let Some(body) = ok(answer) {
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        let id = [text("channel"), text("ts")].join("/");
        return Outcome {
            provider_id: Some(id),
            ..Outcome::taken(Verdict::Sent, answer.elapsed)
        };
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let word = body["error"].as_str().unwrap_or_default();
    let (verdict, class) = judge(answer.status, word);
    let error = match (answer.status, word) {
        (200, "") if answer.truncated => "Slack's answer is longer than what is read of it".to_owned(),
        (status, "") => format!("Slack answered {status} and no error it could be known by"),
        (_, word) => format!("Slack answered {word}"),
    };
    Outcome::failed(verdict, class, error, answer.elapsed)
}

fn judge(status: u16, word: &str) -> (Verdict, ErrorClass) {
    let refused = Verdict::Refused;
    let retry = |throttle| Verdict::Retry { throttle };
    match word {
        "invalid_auth"
        | "account_inactive"
        | "token_revoked"
        | "token_expired"
        | "not_authed"
        | "missing_scope"
        | "no_permission"
        | "not_allowed_token_type" => (refused(Refusal::Configuration), ErrorClass::Auth),
        "access_denied" | "ekm_access_denied" | "org_login_required" | "restricted_action" => {
            (refused(Refusal::Configuration), ErrorClass::Security)
        }
        "channel_not_found" | "is_archived" | "not_in_channel" | "user_disabled" | "user_not_found" => {
            (refused(Refusal::RecipientGone), ErrorClass::Recipient)
        }
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => (retry(true), ErrorClass::RateLimit),
        "internal_error" | "fatal_error" | "service_unavailable" => (retry(false), ErrorClass::Provider),
        "request_timeout" => (retry(false), ErrorClass::Timeout),
        "" if (200..300).contains(&status) => (Verdict::Unknown, ErrorClass::Provider),
        "" => post::by_status(status),
        _ if status == 429 => (retry(true), ErrorClass::RateLimit),
        _ if status >= 500 => post::by_status(status),
        // Everything else is about the message: `invalid_blocks`, `msg_too_long`, `no_text` and many more.
        _ => (refused(Refusal::Permanent), ErrorClass::Validation),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            retry_after: None,
            content_type: None,
            body: Bytes::copy_from_slice(body.as_bytes()),
            truncated: false,
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn a_failure_with_status_200_is_a_failure() {
        let refused = Verdict::Refused;
        let retry = |throttle| Verdict::Retry { throttle };
        for (status, body, verdict) in [
            (
                200,
                r#"{"ok":false,"error":"invalid_auth"}"#,
                refused(Refusal::Configuration),
            ),
            (
                200,
                r#"{"ok":false,"error":"token_revoked"}"#,
                refused(Refusal::Configuration),
            ),
            (
                200,
                r#"{"ok":false,"error":"missing_scope"}"#,
                refused(Refusal::Configuration),
            ),
            (
                200,
                r#"{"ok":false,"error":"is_archived"}"#,
                refused(Refusal::RecipientGone),
            ),
            (
                200,
                r#"{"ok":false,"error":"not_in_channel"}"#,
                refused(Refusal::RecipientGone),
            ),
            (
                200,
                r#"{"ok":false,"error":"invalid_blocks"}"#,
                refused(Refusal::Permanent),
            ),
            (
                200,
                r#"{"ok":false,"error":"msg_too_long"}"#,
                refused(Refusal::Permanent),
            ),
            (429, r#"{"ok":false,"error":"ratelimited"}"#, retry(true)),
            (200, r#"{"ok":false,"error":"internal_error"}"#, retry(false)),
            (503, "", retry(true)),
            (200, "<html>", Verdict::Unknown),
        ] {
            assert_eq!(read(&answer(status, body)).verdict, verdict, "{status} {body}");
        }
        let taken = read(&answer(200, r#"{"ok":true,"channel":"C1","ts":"1.2"}"#));
        assert_eq!(
            (taken.verdict, taken.provider_id.as_deref()),
            (Verdict::Sent, Some("C1/1.2"))
        );
    }
}
