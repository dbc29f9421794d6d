//! Channels: the ways something reaches somebody.

use serde::{Deserialize, Serialize};

/// A way to somebody. The number is what tables keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Channel {
    /// A signed request to a program.
    Webhook = 0,
    /// The feed behind the bell.
    InApp = 1,
    /// Mail.
    Email = 2,
    /// Slack.
    Slack = 3,
    /// Microsoft Teams.
    Teams = 4,
    /// Push to a browser or a phone.
    Push = 5,
    /// Text messages.
    Sms = 6,
    /// Telephone calls.
    Voice = 7,
}

impl Channel {
    /// Every channel, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Webhook,
        Self::InApp,
        Self::Email,
        Self::Slack,
        Self::Teams,
        Self::Push,
        Self::Sms,
        Self::Voice,
    ];

    /// The word in configuration, tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::InApp => "in_app",
            Self::Email => "email",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Push => "push",
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Webhook => "Webhooks",
            Self::InApp => "In-app",
            Self::Email => "Email",
            Self::Slack => "Slack",
            Self::Teams => "Microsoft Teams",
            Self::Push => "Push",
            Self::Sms => "SMS",
            Self::Voice => "Phone call",
        }
    }

    /// Whether messages go to addresses of single people.
    pub fn has_addresses(self) -> bool {
        matches!(self, Self::Email | Self::Push | Self::Sms | Self::Voice)
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }

    /// Reads the number.
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}
