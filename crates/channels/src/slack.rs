//! Slack: to an incoming webhook, or to a channel with a bot's token.
//!
//! The settings of the channel:
//!
//! | setting | meaning |
//! |---|---|
//! | `url` | the incoming webhook where the recipient names none; secret |
//! | `token` | a bot's token (`xoxb-…`): the recipient is then a channel's id, and messages are posted with `chat.postMessage` |
//! | `channel` | the channel where the recipient names none |
//! | `base_url` | where the Web API is (`https://slack.com/api`) |
//! | `provider` | `sandbox`: messages are taken and not sent |
//!
//! Nothing has to be set: then every recipient is a webhook's URL.

mod api;
mod blocks;
mod incoming;

use std::time::Duration;

use domain::text::Faults;
use egress::{Client, Target};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

pub use api::read as read_api_answer;
pub use blocks::fit;

use crate::cut;
use crate::message;
use crate::outcome::{ErrorClass, Outcome};
use crate::people::{Carrier, Clients, Health, Outgoing, Status};
use crate::sandbox;
use crate::settings::{Reader, SettingsError};
use api::Api;

/// The message of requirement S09: a header, the body, and a button where there is a link.
pub fn simple(title: &str, body: &str, link: Option<&str>, link_label: &str) -> message::Slack {
    let text = format!("🔔 {title}");
    let mut blocks = vec![json!({
        "type": "header",
        "text": {
            "type": "plain_text",
            "text": cut::to_chars(&text, blocks::HEADER),
            "emoji": true,
        },
    })];
    if !body.trim().is_empty() {
        let body = escape(body);
        blocks.push(json!({
            "type": "section",
            "text": {"type": "mrkdwn", "text": cut::to_mrkdwn(&body, blocks::SECTION)},
        }));
    }
    if let Some(link) = link.filter(|link| !link.is_empty()) {
        blocks.push(json!({
            "type": "actions",
            "elements": [{
                "type": "button",
                "text": {
                    "type": "plain_text",
                    "text": cut::to_chars(link_label, blocks::BUTTON),
                    "emoji": true,
                },
                "url": link,
            }],
        }));
    }
    message::Slack {
        text: escape(&text),
        blocks: Value::Array(blocks),
    }
}

/// Text in which nothing names a link, a person or everybody.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A Slack channel, ready to send.
#[derive(Debug)]
pub struct Slack {
    client: Client,
    way: Way,
}

/// How messages get there.
#[derive(Debug)]
enum Way {
    /// To an incoming webhook; the one of the settings where the recipient names none.
    Incoming(Option<Target>),
    Api(Api),
    Sandbox,
}

impl Slack {
    /// Reads the settings. Opens no connection.
    pub fn new(settings: &Value, clients: &Clients) -> Result<Self, SettingsError> {
        let mut faults = Faults::default();
        let empty = json!({});
        let settings = if settings.is_null() { &empty } else { settings };
        let mut reader = Reader::new(settings, "", &mut faults);
        let way = if reader.word("provider", &[("sandbox", ())]).is_some() {
            Some(Way::Sandbox)
        } else if reader.value("token").is_some() {
            Api::read(&mut reader, &clients.operated).map(Way::Api)
        } else {
            let url = reader.line("url", 2048);
            Some(Way::Incoming(url.and_then(
                |url| match clients.given.policy().check_url(url) {
                    Ok(target) => Some(target),
                    Err(refused) => {
                        reader.fault("url", refused.code(), refused.to_string());
                        None
                    }
                },
            )))
        };
        faults.finish().map_err(SettingsError::Faulty)?;
        let client = match &way {
            Some(Way::Api(_)) => clients.operated.clone(),
            _ => clients.given.clone(),
        };
        let way = way.ok_or(SettingsError::Off)?;
        Ok(Self { client, way })
    }

    async fn attempt(&self, outgoing: Outgoing<'_>) -> Outcome {
        let mut content: message::Slack = match serde_json::from_slice(outgoing.content) {
            Ok(content) => content,
            Err(error) => {
                let error = format!("the content is not a message for Slack: {error}");
                return Outcome::unsendable(ErrorClass::Validation, error);
            }
        };
        if let Err(faults) = fit(&mut content) {
            let said: Vec<_> = faults
                .iter()
                .map(|fault| format!("{} {}", fault.pointer, fault.detail))
                .collect();
            return Outcome::unsendable(ErrorClass::Validation, said.join("; "));
        }
        match &self.way {
            Way::Sandbox => sandbox::send(outgoing.delivery_id),
            Way::Incoming(usual) => incoming::send(&self.client, usual.as_ref(), &content, outgoing).await,
            Way::Api(api) => api.send(&self.client, &content, outgoing).await,
        }
    }
}

impl Carrier for Slack {
    fn send<'a>(&'a self, outgoing: Outgoing<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let outcome = self.attempt(outgoing).await;
            Outcome {
                provider: outcome.provider.or_else(|| Some("slack".to_owned())),
                ..outcome
            }
        })
    }

    fn status(&self, deadline: Duration) -> BoxFuture<'_, Vec<Status>> {
        Box::pin(async move {
            let (health, detail) = match &self.way {
                Way::Api(api) => api.health(&self.client, deadline).await,
                Way::Incoming(_) => (Health::Untold, None),
                Way::Sandbox => (Health::Up, None),
            };
            vec![Status {
                provider: "slack".to_owned(),
                health,
                detail,
            }]
        })
    }

    /// Buttons of an incoming webhook's message only open pages; a bot is told who pressed one.
    fn supports_interactivity(&self) -> bool {
        matches!(self.way, Way::Api(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s09_a_simple_message_has_header_section_and_button() {
        let message = simple(
            "Build <1>",
            "It *failed* & stopped",
            Some("https://a.example/1"),
            "Open",
        );
        assert_eq!(message.text, "🔔 Build &lt;1&gt;");
        assert_eq!(
            message.blocks,
            json!([
                {"type": "header", "text": {"type": "plain_text", "text": "🔔 Build <1>", "emoji": true}},
                {"type": "section", "text": {"type": "mrkdwn", "text": "It *failed* &amp; stopped"}},
                {"type": "actions", "elements": [{
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Open", "emoji": true},
                    "url": "https://a.example/1",
                }]},
            ])
        );
    }

    #[test]
    fn s09_no_link_no_button_and_nobody_is_called() {
        let message = simple("t", "<!channel> look", None, "Open");
        let blocks = message.blocks.as_array().unwrap();
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[1]["text"]["text"], "&lt;!channel&gt; look");
        assert_eq!(
            simple("t", "  ", Some(""), "Open")
                .blocks
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn s09_a_long_simple_message_is_within_every_limit() {
        let long = "ä&".repeat(4000);
        let mut message = simple(&long, &long, Some("https://a.example"), &long);
        let before = message.blocks.clone();
        fit(&mut message).unwrap();
        assert_eq!(message.blocks, before, "nothing was left to cut");
        let length = |value: &Value| value.as_str().unwrap().chars().count();
        assert_eq!(length(&before[0]["text"]["text"]), 150);
        assert!(length(&before[1]["text"]["text"]) <= 3000);
        assert_eq!(length(&before[2]["elements"][0]["text"]["text"]), 75);
    }
}
