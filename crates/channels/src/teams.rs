//! Microsoft Teams: to a Workflows webhook ("When a Teams webhook request is received").
//!
//! The settings of the channel: `url`, the webhook where the recipient names none (it is a secret as a whole and is never
//! taken apart), and `provider`: `sandbox` for taking messages and not sending them. Nothing has to be set: then every
//! recipient is a webhook's URL.
//!
//! A success means that the flow began, not that anybody sees the card: flows belong to a person and end with their
//! account. So nothing sent here is ever more than accepted.

use std::time::Duration;

use domain::text::Faults;
use egress::{Answer, Client, Host, Target};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::cut;
use crate::message;
use crate::outcome::{ErrorClass, Outcome, Refusal, Verdict};
use crate::people::{Carrier, Clients, Health, Outgoing, Status};
use crate::post;
use crate::sandbox;
use crate::settings::{Reader, SettingsError};

/// Most bytes of a message.
pub const MAX_BYTES: usize = 28 << 10;
/// Most bytes of a simple message's title and body: together they leave room for the rest, however much is escaped.
const TITLE_BYTES: usize = 1 << 10;
const BODY_BYTES: usize = 12 << 10;
const LABEL_CHARS: usize = 100;

const RETIRED: &str = "the URL is one of an Office 365 connector, which Microsoft has retired: make a Workflows webhook \
                       in the channel and use its URL";

/// The card of requirement S10: a title, the body, and a button where there is a link.
pub fn simple(title: &str, body: &str, link: Option<&str>, link_label: &str) -> message::Teams {
    let mut blocks = vec![json!({
        "type": "TextBlock",
        "text": cut::to_bytes(title, TITLE_BYTES),
        "weight": "Bolder",
        "size": "Medium",
        "wrap": true,
    })];
    if !body.trim().is_empty() {
        blocks.push(json!({"type": "TextBlock", "text": cut::to_bytes(body, BODY_BYTES), "wrap": true}));
    }
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    });
    if let Some(link) = link.filter(|link| !link.is_empty()) {
        let label = cut::to_chars(link_label, LABEL_CHARS);
        card["actions"] = json!([{"type": "Action.OpenUrl", "title": label, "url": link}]);
    }
    message::Teams { card }
}

/// Why a URL should be replaced, where it leads to a connector that Microsoft has retired.
pub fn retired(target: &Target) -> Option<&'static str> {
    let Host::Name(name) = target.host() else {
        return None;
    };
    let connector = name.ends_with(".webhook.office.com") || **name == *"outlook.office.com";
    connector.then_some(RETIRED)
}

/// The message around a card. A whole message is taken as it is.
fn wrapped(card: &Value) -> Value {
    if card["type"] == "message" {
        return card.clone();
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

/// A Teams channel, ready to send.
#[derive(Debug)]
pub struct Teams {
    client: Client,
    usual: Option<Target>,
    sandbox: bool,
}

impl Teams {
    /// Reads the settings. Opens no connection.
    pub fn new(settings: &Value, clients: &Clients) -> Result<Self, SettingsError> {
        let mut faults = Faults::default();
        let empty = json!({});
        let settings = if settings.is_null() { &empty } else { settings };
        let mut reader = Reader::new(settings, "", &mut faults);
        let sandbox = reader.word("provider", &[("sandbox", ())]).is_some();
        let url = reader.line("url", 2048);
        let usual = url.and_then(|url| match clients.given.policy().check_url(url) {
            Ok(target) => Some(target),
            Err(refused) => {
                reader.fault("url", refused.code(), refused.to_string());
                None
            }
        });
        faults.finish().map_err(SettingsError::Faulty)?;
        Ok(Self {
            client: clients.given.clone(),
            usual,
            sandbox,
        })
    }

    async fn attempt(&self, outgoing: Outgoing<'_>) -> Outcome {
        let body = match read_card(outgoing.content) {
            Ok(body) => body,
            Err(error) => return Outcome::unsendable(ErrorClass::Validation, error),
        };
        if self.sandbox {
            return sandbox::send(outgoing.delivery_id);
        }
        let target = match self.target(outgoing.recipient) {
            Ok(target) => target,
            Err(outcome) => return *outcome,
        };
        let headers = post::headers(None);
        match post::json(&self.client, &target, headers, &body, outgoing.deadline).await {
            Ok(answer) => read(&answer).answered(&answer, outgoing.now),
            Err(outcome) => outcome,
        }
    }

    fn target(&self, recipient: &str) -> Result<Target, Box<Outcome>> {
        let configuration = |class, error: String| {
            let verdict = Verdict::Refused(Refusal::Configuration);
            Box::new(Outcome::failed(verdict, class, error, Duration::ZERO))
        };
        match (recipient, &self.usual) {
            ("", Some(usual)) => Ok(usual.clone()),
            ("", None) => {
                let error = "neither the delivery nor the settings name a webhook of Teams";
                Err(configuration(ErrorClass::Validation, error.to_owned()))
            }
            (url, _) => self
                .client
                .policy()
                .check_url(url)
                .map_err(|refused| configuration(ErrorClass::Security, refused.to_string())),
        }
    }
}

impl Carrier for Teams {
    fn send<'a>(&'a self, outgoing: Outgoing<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let outcome = self.attempt(outgoing).await;
            Outcome {
                provider: outcome.provider.or_else(|| Some("teams".to_owned())),
                ..outcome
            }
        })
    }

    fn status(&self, _deadline: Duration) -> BoxFuture<'_, Vec<Status>> {
        let health = if self.sandbox { Health::Up } else { Health::Untold };
        let status = Status {
            provider: "teams".to_owned(),
            health,
            detail: self.warnings().pop(),
        };
        Box::pin(std::future::ready(vec![status]))
    }

    fn warnings(&self) -> Vec<String> {
        self.usual.iter().filter_map(retired).map(str::to_owned).collect()
    }
}

/// The message of a delivery's content, if Teams can take it at all.
fn read_card(content: &[u8]) -> Result<Value, String> {
    let content: message::Teams = serde_json::from_slice(content)
        .map_err(|error| format!("the content is not a message for Teams: {error}"))?;
    if !content.card.is_object() {
        return Err("the content has no card".to_owned());
    }
    let body = wrapped(&content.card);
    let size = body.to_string().len();
    if size > MAX_BYTES {
        return Err(format!(
            "the message has {size} bytes, and Teams takes {MAX_BYTES} at most"
        ));
    }
    Ok(body)
}

fn read(answer: &Answer) -> Outcome {
    let body = String::from_utf8_lossy(&answer.body);
    // The old connectors pass an error on within a success.
    let inner = body
        .split_once("returned HTTP error ")
        .and_then(|(_, rest)| rest.get(..3)?.parse().ok());
    match (answer.status, inner) {
        (200 | 202, None) => Outcome::taken(Verdict::Accepted, answer.elapsed),
        (200 | 202, Some(status)) => {
            let (verdict, class) = judge(status);
            let error = format!("Teams passed on that its channel answered {status}");
            Outcome::failed(verdict, class, error, answer.elapsed)
        }
        (status, _) => {
            let (verdict, class) = judge(status);
            Outcome::failed(verdict, class, format!("Teams answered {status}"), answer.elapsed)
        }
    }
}

fn judge(status: u16) -> (Verdict, ErrorClass) {
    match status {
        // Taken by somebody, but not as a flow says it.
        200..=299 => (Verdict::Unknown, ErrorClass::Provider),
        404 | 410 => (Verdict::Refused(Refusal::RecipientGone), ErrorClass::Recipient),
        status => post::by_status(status),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use egress::Policy;

    use super::*;

    fn answered(status: u16, body: &str) -> Outcome {
        read(&Answer {
            status,
            retry_after: None,
            content_type: None,
            body: Bytes::copy_from_slice(body.as_bytes()),
            truncated: false,
            elapsed: Duration::ZERO,
        })
    }

    #[test]
    fn s10_a_simple_card_has_title_body_and_button() {
        let message = simple(
            "Down",
            "It is down.",
            Some("https://a.example"),
            "Open in ResolutionFlow",
        );
        assert_eq!(
            wrapped(&message.card),
            json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "contentUrl": null,
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [
                            {"type": "TextBlock", "text": "Down", "weight": "Bolder", "size": "Medium", "wrap": true},
                            {"type": "TextBlock", "text": "It is down.", "wrap": true},
                        ],
                        "actions": [
                            {"type": "Action.OpenUrl", "title": "Open in ResolutionFlow", "url": "https://a.example"},
                        ],
                    },
                }],
            })
        );
        assert!(simple("t", "b", None, "Open").card.get("actions").is_none());
    }

    #[test]
    fn s10_a_card_that_is_too_big_is_said_to_be() {
        let content =
            |text: &str| serde_json::to_vec(&json!({"card": {"type": "AdaptiveCard", "x": text}})).unwrap();
        assert!(read_card(&content("x")).is_ok());
        let error = read_card(&content(&"x".repeat(MAX_BYTES))).unwrap_err();
        assert!(error.contains("28672 at most"), "{error}");
        for content in [&b"{}"[..], b"[]", b"null", br#"{"card": "text"}"#] {
            assert!(read_card(content).is_err());
        }
        let long = "\"".repeat(50_000);
        let simple = serde_json::to_vec(&simple(&long, &long, Some("https://a.example"), &long)).unwrap();
        assert!(read_card(&simple).is_ok(), "a simple card is cut to fit");
    }

    #[test]
    fn s10_success_is_200_or_202_and_never_more_than_accepted() {
        let refused = Verdict::Refused;
        let retry = |throttle| Verdict::Retry { throttle };
        for (status, body, verdict) in [
            (202, "", Verdict::Accepted),
            (200, "1", Verdict::Accepted),
            (204, "", Verdict::Unknown),
            (
                200,
                "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with",
                retry(true),
            ),
            (400, "", refused(Refusal::Permanent)),
            (401, "", refused(Refusal::Configuration)),
            (403, "", refused(Refusal::Configuration)),
            (404, "", refused(Refusal::RecipientGone)),
            (410, "", refused(Refusal::RecipientGone)),
            (413, "", refused(Refusal::Permanent)),
            (429, "", retry(true)),
            (500, "", retry(false)),
            (502, "", retry(true)),
        ] {
            assert_eq!(answered(status, body).verdict, verdict, "{status} {body}");
        }
    }

    #[test]
    fn retired_connectors_are_known() {
        let policy = Policy::default();
        for (url, warned) in [
            ("https://contoso.webhook.office.com/webhookb2/x", true),
            ("https://outlook.office.com/webhook/x", true),
            ("https://prod-01.westeurope.logic.azure.com/workflows/x", false),
            ("https://webhook.office.com.evil.example/x", false),
            ("https://192.0.1.1/x", false),
        ] {
            let target = policy.check_url(url).unwrap();
            assert_eq!(retired(&target).is_some(), warned, "{url}");
        }
    }
}
