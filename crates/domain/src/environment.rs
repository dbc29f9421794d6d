//! The isolation unit and what its operator chose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An environment's number inside one database: short in every row, the first word of every query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Env(pub i64);

/// Longest texts a notification may carry in this environment, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextLimits {
    /// Title.
    pub title: usize,
    /// Body.
    pub body: usize,
    /// Link.
    pub link: usize,
}

impl Default for TextLimits {
    fn default() -> Self {
        Self {
            title: 500,
            body: 10_000,
            link: 2_000,
        }
    }
}

/// Days that finished things are kept; 0 keeps them for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Events and their payloads.
    pub events: u32,
    /// Notifications and their states.
    pub notifications: u32,
    /// Finished deliveries and attempts.
    pub deliveries: u32,
    /// The audit log.
    pub audit: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            events: 90,
            notifications: 90,
            deliveries: 30,
            audit: 365,
        }
    }
}

/// So many calls of one class in a window, per application key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Calls (for batches: events) in a window.
    pub limit: u32,
    /// Length of the window in seconds.
    pub window: u32,
}

/// The route classes that can be limited.
pub const RATE_CLASSES: [&str; 3] = ["events", "notifications", "webhooks"];

/// What an environment's operator chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Longest texts of a notification.
    pub limits: TextLimits,
    /// How long things are kept.
    pub retention: Retention,
    /// Rate limits by route class (`events`, `notifications`, `webhooks`); absent means no limit.
    pub rate_limits: BTreeMap<String, RateLimit>,
    /// Only registered event types may be published.
    pub require_registered_types: bool,
    /// An application reaches only users who installed it.
    pub require_installation: bool,
    /// Kinds of entities that belong to a tenant: an event about one that names no tenant happened in the one that an earlier event about it named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenant_entities: Vec<String>,
}

impl Settings {
    /// What is wrong with these settings, by JSON pointer under `/settings`.
    pub fn check(&self) -> Result<(), Vec<crate::text::Fault>> {
        let mut faults = crate::text::Faults::default();
        let TextLimits { title, body, link } = self.limits;
        faults.require(
            (1..=1_000).contains(&title),
            "/settings/limits/title",
            "range",
            "must be 1 to 1000",
        );
        faults.require(
            (1..=100_000).contains(&body),
            "/settings/limits/body",
            "range",
            "must be 1 to 100000",
        );
        faults.require(
            (1..=4_096).contains(&link),
            "/settings/limits/link",
            "range",
            "must be 1 to 4096",
        );
        // What is retried is made from its event, and the longest retry policy goes on for 28 hours.
        faults.require(
            self.retention.events != 1,
            "/settings/retention/events",
            "range",
            "must be at least 2 days, or 0 for ever",
        );
        faults.require(
            self.tenant_entities.len() <= 50,
            "/settings/tenant_entities",
            "too_many",
            "must be at most 50",
        );
        for (index, kind) in self.tenant_entities.iter().take(50).enumerate() {
            faults.line(&format!("/settings/tenant_entities/{index}"), kind, 100);
        }
        for (class, rate) in &self.rate_limits {
            let pointer = format!("/settings/rate_limits/{class}");
            if !RATE_CLASSES.contains(&class.as_str()) {
                faults.push(
                    &pointer,
                    "unknown",
                    format!("is not a route class; known: {}", RATE_CLASSES.join(", ")),
                );
            }
            faults.require(
                rate.limit > 0 && rate.window > 0,
                &pointer,
                "range",
                "limit and window must be at least 1",
            );
        }
        faults.finish()
    }
}
