//! Incoming webhooks: one URL, one channel, and one word as the answer.

use std::time::Duration;

use egress::{Answer, Client, Target};
use serde_json::{Value, json};

use crate::message;
use crate::outcome::{ErrorClass, Outcome, Refusal, Verdict};
use crate::people::Outgoing;
use crate::post;

/// Posts to the URL that is the recipient, or else to the usual one.
pub(super) async fn send(
    client: &Client,
    usual: Option<&Target>,
    content: &message::Slack,
    outgoing: Outgoing<'_>,
) -> Outcome {
    let target = match (outgoing.recipient, usual) {
        ("", None) => {
            let error = "neither the delivery nor the settings name a webhook of Slack";
            return Outcome::failed(
                Verdict::Refused(Refusal::Configuration),
                ErrorClass::Validation,
                error,
                Duration::ZERO,
            );
        }
        ("", Some(usual)) => usual.clone(),
        (url, _) => match client.policy().check_url(url) {
            Ok(target) => target,
            Err(refused) => {
                return Outcome::failed(
                    Verdict::Refused(Refusal::Configuration),
                    ErrorClass::Security,
                    refused.to_string(),
                    Duration::ZERO,
                );
            }
        },
    };
    let mut body = json!({"text": content.text});
    if let Value::Array(_) = &content.blocks {
        body["blocks"] = content.blocks.clone();
    }
    match post::json(client, &target, post::headers(None), &body, outgoing.deadline).await {
        Ok(answer) => read(&answer).answered(&answer, outgoing.now),
        Err(outcome) => outcome,
    }
}

/// Taken is what was answered with 200 and with `ok`: a page of something in between answers with 200 too.
fn read(answer: &Answer) -> Outcome {
    let body = &answer.body[..];
    if answer.status == 200 && body == b"ok" && !answer.truncated {
        return Outcome::taken(Verdict::Sent, answer.elapsed);
    }
    let word = std::str::from_utf8(body).unwrap_or_default().trim();
    let (verdict, class) = judge(answer.status, word);
    let said = if is_word(word) { word } else { "something else" };
    let error = match answer.status {
        200..=299 => format!("Slack answered {} and {said} instead of `ok`", answer.status),
        status if is_word(word) => format!("Slack answered {status} {word}"),
        status => format!("Slack answered {status}"),
    };
    Outcome::failed(verdict, class, error, answer.elapsed)
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The word says more than the status, where there is one.
fn judge(status: u16, word: &str) -> (Verdict, ErrorClass) {
    let refused = Verdict::Refused;
    match word {
        "invalid_payload" | "no_text" | "too_many_attachments" | "invalid_blocks" | "invalid_attachments" => {
            (refused(Refusal::Permanent), ErrorClass::Validation)
        }
        "user_not_found"
        | "channel_not_found"
        | "channel_is_archived"
        | "no_service"
        | "no_team"
        | "no_active_hooks"
        | "team_disabled" => (refused(Refusal::RecipientGone), ErrorClass::Recipient),
        "action_prohibited" | "posting_to_general_channel_denied" => {
            (refused(Refusal::Configuration), ErrorClass::Security)
        }
        "invalid_token" => (refused(Refusal::Configuration), ErrorClass::Auth),
        "rollup_error" => (Verdict::Retry { throttle: false }, ErrorClass::Provider),
        _ => match status {
            // It may be in the channel, and may not.
            200..=299 => (Verdict::Unknown, ErrorClass::Provider),
            404 | 410 => (refused(Refusal::RecipientGone), ErrorClass::Recipient),
            status => post::by_status(status),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s09_every_answer_of_an_incoming_webhook_has_its_class() {
        use ErrorClass as C;
        let refused = Verdict::Refused;
        let retry = |throttle| Verdict::Retry { throttle };
        let (gone, wrong) = (refused(Refusal::RecipientGone), refused(Refusal::Permanent));
        let configuration = refused(Refusal::Configuration);
        for (status, word, verdict, class) in [
            (400, "invalid_payload", wrong, C::Validation),
            (400, "no_text", wrong, C::Validation),
            (400, "too_many_attachments", wrong, C::Validation),
            (400, "user_not_found", gone, C::Recipient),
            (403, "action_prohibited", configuration, C::Security),
            (403, "invalid_token", configuration, C::Auth),
            (404, "channel_not_found", gone, C::Recipient),
            (404, "no_service", gone, C::Recipient),
            (404, "no_team", gone, C::Recipient),
            (410, "channel_is_archived", gone, C::Recipient),
            (500, "rollup_error", retry(false), C::Provider),
            (429, "rate_limited", retry(true), C::RateLimit),
            (503, "<html>", retry(true), C::Provider),
            (404, "", gone, C::Recipient),
            (403, "", configuration, C::Auth),
            (302, "", configuration, C::Validation),
            (200, "no_text", wrong, C::Validation),
            (200, "<html>", Verdict::Unknown, C::Provider),
            (204, "", Verdict::Unknown, C::Provider),
        ] {
            assert_eq!(judge(status, word), (verdict, class), "{status} {word}");
        }
    }
}
