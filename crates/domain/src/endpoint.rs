//! Webhook endpoints: where an application wants its events, and which of them.

use serde::{Deserialize, Serialize};

use crate::environment::Env;
use crate::event::Event;
use crate::event_type::Visibility;
use crate::id::{AppId, EndpointId};

/// The type of a test: for the endpoint it was asked for, whatever that one or others subscribed to.
pub const TEST: &str = "endpoint.test";

/// Whether an endpoint takes deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointStatus {
    /// Takes deliveries.
    Active,
    /// Its owner paused it.
    Paused,
    /// The server disabled it: gone (410) or failing for too long.
    Disabled,
}

impl EndpointStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Disabled];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// Reads the word; an unknown word takes no deliveries.
    pub fn from_word(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "paused" => Self::Paused,
            _ => Self::Disabled,
        }
    }
}

/// What publishing must know of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The endpoint.
    pub id: EndpointId,
    /// Environment.
    pub env: Env,
    /// The application that owns it.
    pub app: AppId,
    /// Public names of the event types it wants; `None` wants all.
    pub event_types: Option<Vec<String>>,
    /// Whether it takes deliveries.
    pub status: EndpointStatus,
}

impl Subscription {
    /// Whether the endpoint takes deliveries of this event's type.
    ///
    /// A subscription names types as they look outside; the name inside matches too, so that an owner may use either.
    pub fn wants(&self, event: &Event) -> bool {
        let wanted = |names: &Vec<String>| {
            names
                .iter()
                .any(|name| name == event.outside_kind() || **name == *event.kind)
        };
        self.status == EndpointStatus::Active
            && &*event.kind != TEST
            && event.visibility != Visibility::Internal
            && self.event_types.as_ref().is_none_or(wanted)
    }
}
