//! Channel configs: what a tenant's admins chose for their own channels, and for which events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::text::Faults;

/// Longest URL of a webhook, in characters.
const MOST_URL: usize = 500;
/// Addresses of one config.
const MOST_ADDRESSES: usize = 50;

/// The kind of a config, by its word in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigKind {
    /// Mails to addresses.
    Email,
    /// A Slack incoming webhook.
    SlackWebhook,
    /// A Teams workflow's webhook.
    TeamsWebhook,
}

impl ConfigKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Email, Self::SlackWebhook, Self::TeamsWebhook];

    /// The word in the API and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::SlackWebhook => "slack_webhook",
            Self::TeamsWebhook => "teams_webhook",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The channel it configures.
    pub fn channel(self) -> Channel {
        match self {
            Self::Email => Channel::Email,
            Self::SlackWebhook => Channel::Slack,
            Self::TeamsWebhook => Channel::Teams,
        }
    }

    /// The channel's name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::SlackWebhook => "Slack",
            Self::TeamsWebhook => "Teams",
        }
    }
}

/// Where a config leads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leads {
    /// The webhook's URL: whoever knows it may post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// The addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub email_addresses: Vec<String>,
}

/// The events a config is for, each on or off.
pub type EventsEnabled = BTreeMap<String, bool>;

/// Checks a config as a whole: it leads somewhere, and speaks of events that there are.
pub fn check(kind: ConfigKind, leads: &Leads, events: &EventsEnabled, known: &[String], faults: &mut Faults) {
    if kind == ConfigKind::Email {
        faults.require(
            !leads.email_addresses.is_empty(),
            "/email_addresses",
            "required",
            "email_addresses required for email channel",
        );
    } else {
        let url = leads.webhook_url.as_deref().unwrap_or_default();
        let detail = format!("webhook_url is required for {}", kind.as_str());
        faults.require(!url.trim().is_empty(), "/webhook_url", "required", &detail);
    }
    if let Some(url) = leads.webhook_url.as_ref().filter(|url| !url.is_empty()) {
        faults.line("/webhook_url", url, MOST_URL);
    }
    faults.require(
        leads.email_addresses.len() <= MOST_ADDRESSES,
        "/email_addresses",
        "too_many",
        "must be at most 50 addresses",
    );
    for (index, address) in leads.email_addresses.iter().take(MOST_ADDRESSES).enumerate() {
        let pointer = format!("/email_addresses/{index}");
        faults.address(&pointer, address);
    }
    for event in events.keys().filter(|event| !known.contains(event)) {
        let detail = format!("unknown event `{event}`; known are {}", known.join(", "));
        faults.push("/events_enabled", "unknown_event", detail);
    }
}
