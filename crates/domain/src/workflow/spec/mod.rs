//! What an author writes: a workflow as it is declared, in YAML or JSON.

mod flow;
mod message;
mod step;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::condition::Condition;
use crate::notification::Role;
use crate::path::Path;

pub use flow::{
    Arm, AwaitedEvent, Batch, Branch, Delay, Fetch, FetchMethod, Limit, Shown, Trigger, WaitFor, Webhook,
};
pub use message::{ActionSource, Email, InApp, Locales, Post, Source, translated};
pub use step::{Does, Step};

/// A declared workflow: what happens for an event or a trigger.
#[expect(
    clippy::struct_excessive_bools,
    reason = "an author says yes or no to each by itself"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// The name it is triggered by.
    pub key: String,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether it can be started.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// Events that start it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventTrigger>,
    /// Whom it reaches when an event starts it, or a trigger that names nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<Selector>,
    /// Whom it reaches when those name nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<Selector>,
    /// Where in the data the tenant stands, for events that do not name theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_from: Option<Path>,
    /// Where in the data the user stands who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_from: Option<Path>,
    /// Whether the one who did it is told as well.
    #[serde(default, skip_serializing_if = "is_no")]
    pub include_actor: bool,
    /// Whether only members of the tenant it happens in are reached, whoever is named.
    #[serde(default, skip_serializing_if = "is_no")]
    pub members_only: bool,
    /// Words that preferences can name it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Whether preferences and quiet hours do not hold it up.
    #[serde(default, skip_serializing_if = "is_no")]
    pub critical: bool,
    /// JSON Schema that the data must satisfy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// How many of its starts with one key are worked on at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Concurrency>,
    /// What happens for each recipient, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What happens once for the tenant, through the channels that its admins set up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenant_steps: Vec<Step>,
}

impl Workflow {
    /// The name by which the tenant's own channels are turned on and off for what this event starts.
    pub fn config_name<'a>(&'a self, event: &'a str) -> &'a str {
        let is_trigger = event == super::TRIGGERED;
        if is_trigger { &self.key } else { event }
    }

    /// Every such name.
    pub fn config_names(&self) -> impl Iterator<Item = &str> {
        let own = self.events.is_empty().then_some(self.key.as_str());
        let of_events = self.events.iter().map(|trigger| trigger.kind.as_str());
        own.into_iter()
            .chain(of_events)
            .filter(|_| !self.tenant_steps.is_empty())
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_yes(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_no(flag: &bool) -> bool {
    !*flag
}

/// An event type that starts a workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventTrigger {
    /// The type as it is published.
    #[serde(rename = "type")]
    pub kind: String,
    /// What must hold of the event.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// Somebody a workflow reaches. Exactly one of the fields says who; `roles` narrows a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// These users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// The user, or the list of users, that stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users_from: Option<Path>,
    /// The members of this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The members of the tenant that stands there; `tenant` is the one the event happened in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_from: Option<Path>,
    /// Only members with one of these roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// The subscribers of this topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The subscribers of the topic that stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_from: Option<Path>,
}

/// How many starts with one key are worked on at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concurrency {
    /// Where the key stands; starts without one share the empty key.
    pub key: Path,
    /// How many.
    pub limit: u32,
}
