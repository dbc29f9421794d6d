//! What is sent to people: the rendered content, as it is stored with a delivery and read again at each attempt.
//!
//! Reading is lenient: what is not known is passed over and what may be absent may be `null`, since a newer or an older
//! server may have written it. Whether it can be sent is judged when it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A mail, without sender and recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The subject, without the channel's prefix.
    #[serde(default, deserialize_with = "or_default")]
    pub subject: String,
    /// The body for whoever sees HTML.
    #[serde(default)]
    pub html: Option<String>,
    /// The body for everybody else. A mail has one of the two at least.
    #[serde(default)]
    pub text: Option<String>,
    /// Where answers go instead of where the channel says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Mailbox>,
    /// Mails with the same word here form one conversation, for instance the id of an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// Further headers.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub headers: BTreeMap<String, String>,
    /// Files.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub attachments: Vec<Attachment>,
    /// The URL that a mail program posts to when its user wants no more of these; `https` for the button to appear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_unsubscribe: Option<String>,
    /// Words for the provider's own statistics.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub tags: Vec<Tag>,
}

/// An address with the name people see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mailbox {
    /// `name@domain`.
    pub address: String,
    /// The name people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Mailbox {
    /// Reads `a@b.example` or `A Name <a@b.example>`. Whether the address is one shows when it is used.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let parts = text.strip_suffix('>').and_then(|text| text.rsplit_once('<'));
        match parts {
            Some((name, address)) => Self {
                address: address.trim().to_owned(),
                name: Some(name.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty()),
            },
            None => Self {
                address: text.to_owned(),
                name: None,
            },
        }
    }
}

impl<'de> Deserialize<'de> for Mailbox {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Parts {
                address: String,
                #[serde(default)]
                name: Option<String>,
            },
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Text(text) => Self::read(&text),
            Written::Parts { address, name } => Self { address, name },
        })
    }
}

/// A file that comes with a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub filename: String,
    /// Its media type.
    #[serde(default = "any_type")]
    pub content_type: String,
    /// Its bytes in base64.
    pub content: String,
    /// Where the HTML shows it as `cid:…`, the part after the colon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_id: Option<String>,
}

fn any_type() -> String {
    "application/octet-stream".to_owned()
}

/// A word and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The word.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A message for Slack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Slack {
    /// What a notification and a screen reader say; all there is where there are no blocks.
    #[serde(default, deserialize_with = "or_default")]
    pub text: String,
    /// Block Kit: a list of blocks.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub blocks: Value,
}

/// A message for Microsoft Teams.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Teams {
    /// An Adaptive Card.
    #[serde(default)]
    pub card: Value,
}

/// `null` is as good as nothing.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn content_is_read_leniently_and_round_trips() {
        let email: Email = serde_json::from_value(json!({
            "subject": "Up", "html": null, "text": "It is up.", "headers": null, "attachments": null,
            "reply_to": "Help <help@a.example>", "thread": "inc_1", "written_by": "a newer server",
        }))
        .unwrap();
        assert_eq!(email.reply_to, Some(Mailbox::read("Help <help@a.example>")));
        assert_eq!((email.thread.as_deref(), email.tags.len()), (Some("inc_1"), 0));
        let bytes = serde_json::to_vec(&email).unwrap();
        assert_eq!(serde_json::from_slice::<Email>(&bytes).unwrap(), email);

        let slack: Slack =
            serde_json::from_value(json!({"text": null, "blocks": [{"type": "divider"}]})).unwrap();
        let bytes = serde_json::to_vec(&slack).unwrap();
        assert_eq!(serde_json::from_slice::<Slack>(&bytes).unwrap(), slack);

        let teams: Teams =
            serde_json::from_value(json!({"card": {"type": "AdaptiveCard"}, "more": 1})).unwrap();
        let bytes = serde_json::to_vec(&teams).unwrap();
        assert_eq!(serde_json::from_slice::<Teams>(&bytes).unwrap(), teams);
    }

    #[test]
    fn mailboxes_are_read_with_and_without_a_name() {
        let read = |text: &str| {
            let mailbox = Mailbox::read(text);
            (mailbox.name, mailbox.address)
        };
        let named = |name: &str, address: &str| (Some(name.to_owned()), address.to_owned());
        assert_eq!(read("a@b.example"), (None, "a@b.example".to_owned()));
        assert_eq!(read(" Ann <a@b.example> "), named("Ann", "a@b.example"));
        assert_eq!(read("\"Ann, B\" <a@b.example>"), named("Ann, B", "a@b.example"));
        assert_eq!(read("<a@b.example>"), (None, "a@b.example".to_owned()));
    }
}
