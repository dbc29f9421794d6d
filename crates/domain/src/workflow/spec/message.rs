//! Steps that reach people: what they say.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::duration::Span;
use crate::notification::Priority;

/// A template's source.
pub type Source = String;

/// What a step says otherwise to those who read another language: fields in place of its own, by language tag.
pub type Locales = BTreeMap<String, Map<String, Value>>;

/// A step as it is for those who read this language: with these fields in place of its own.
pub fn translated<S: Serialize + DeserializeOwned>(step: &S, own: &Map<String, Value>) -> Result<S, String> {
    let mut form = serde_json::to_value(step).map_err(|error| error.to_string())?;
    if let Some(fields) = form.as_object_mut() {
        fields.remove("locales");
        fields.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    serde_json::from_value(form).map_err(|error| error.to_string())
}

/// A notification for the feed. Texts are templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InApp {
    /// Title.
    pub title: Source,
    /// Body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Source>,
    /// Where a click leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Source>,
    /// Buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionSource>,
    /// How much it matters.
    #[serde(default)]
    pub priority: Priority,
    /// Name of what happened, for icons and filters; the event's type when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Anything the product's own pages need; texts in it are templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// How long it is current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<Span>,
    /// Texts in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locales: Locales,
}

/// A button. Texts are templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionSource {
    /// Name that a click reports.
    pub id: String,
    /// What the button says.
    pub label: Source,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Source>,
}

/// A mail. Texts are templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// The address; the recipient's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Source>,
    /// Subject.
    pub subject: Source,
    /// What inboxes show behind the subject, where the body is made of blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preheader: Option<Source>,
    /// The body as blocks, from which both parts are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Value>,
    /// The body as HTML, in place of blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<Source>,
    /// The body as plain text; made from the blocks or the HTML when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Source>,
    /// Where answers go, instead of where the channel says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Source>,
    /// Files: `filename`, `content_type`, `content` in base64, and `content_id` for what the HTML shows. Texts in it are templates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Value>,
    /// The template that lies around `html`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// Mails with one thread key are shown together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Source>,
    /// Texts in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locales: Locales,
}

/// A message for a channel of many. Texts are templates; `blocks` in their place says it all in the channel's own form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Title. Beside `blocks` it is what a notification and a screen reader say.
    pub title: Source,
    /// Body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Source>,
    /// Where its button leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Source>,
    /// What its button says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_label: Option<Source>,
    /// Slack's blocks, or an Adaptive Card for Teams. Texts in it are templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Value>,
    /// Texts in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locales: Locales,
}
