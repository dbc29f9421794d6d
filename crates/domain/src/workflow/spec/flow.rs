//! Steps that gather, wait, choose, and speak with programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Selector, Source, Step, is_no};
use crate::condition::Condition;
use crate::duration::Span;
use crate::path::Path;
use crate::throttle::{By, Throttle};
use crate::window::Window;
use crate::workflow::awaited::Becomes;

/// Gathering: activities with one key join the open window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// When it closes.
    pub window: Window,
    /// Where the key stands; everything of one recipient joins when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Path>,
    /// Whether the first goes on at once, and only what comes after it is gathered.
    #[serde(default, skip_serializing_if = "is_no")]
    pub first_at_once: bool,
    /// Closes with so many activities, before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_at: Option<u32>,
    /// Which activities are rendered, of all that are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub render: Option<Shown>,
}

/// Which activities of a batch are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Shown {
    /// So many from the beginning.
    First(u32),
    /// So many up to the end.
    Last(u32),
}

/// Waiting: for a time, or until one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// So long.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// Until the RFC 3339 time that stands there; at once when it has passed or there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_from: Option<Path>,
}

/// At most so many in so long: of each recipient and key, or of the key alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many.
    pub limit: u32,
    /// In how long.
    pub per: Span,
    /// How they are spread.
    #[serde(default, skip_serializing_if = "By::is_default")]
    pub by: By,
    /// Where the key stands; everything counts together when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Path>,
    /// Whether all recipients share it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub shared: bool,
}

impl Limit {
    /// The throttle that counts.
    pub fn throttle(&self) -> Throttle {
        Throttle {
            limit: self.limit,
            per: self.per,
            by: self.by,
        }
    }
}

/// An event for the webhooks that subscribed to its type: those of the application and of the tenant, as if the application had published it. It
/// starts no workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its type.
    pub event: String,
    /// Its data; that of the run's own event when absent. Texts in it are templates; one that is a single output is what it puts out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// The start of another workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Its key.
    pub workflow: String,
    /// Whom it reaches; the run's own recipient when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<Selector>,
    /// Its data; that of the run's own event when absent. Texts in it are templates; one that is a single output is what it puts out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// A request whose answer later steps see as `found.<name>.status` and `found.<name>.body`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// Where it goes. Texts are templates.
    pub url: Source,
    /// How.
    #[serde(default)]
    pub method: FetchMethod,
    /// With these headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Source>,
    /// With this body, as JSON. A text that is a single output is what it puts out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// How long an answer is waited for; 10 seconds when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
}

/// Waiting for what others do: an event, or what becomes of an earlier step. The run goes on when it has happened, or when it has waited so
/// long; later steps see which as `found.<name>.happened`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitFor {
    /// An event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<AwaitedEvent>,
    /// What an earlier step sent, by its name: the first of its messages, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What that is to become: one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub becomes: Vec<Becomes>,
    /// How long at most.
    #[serde(rename = "for")]
    pub span: Span,
}

/// An event that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwaitedEvent {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where its values stand and, for each, where the same value stands in what the run knows.
    #[serde(rename = "match")]
    pub matches: BTreeMap<Path, Path>,
}

/// How something is fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FetchMethod {
    /// Reads.
    #[default]
    Get,
    /// Asks with a body.
    Post,
    /// Writes whole.
    Put,
    /// Writes in part.
    Patch,
    /// Takes away.
    Delete,
}

impl FetchMethod {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The first arm whose condition holds; else `otherwise`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// The ways.
    pub arms: Vec<Arm>,
    /// What happens when no condition holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<Step>,
}

/// One way of a branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// What must hold.
    #[serde(rename = "if")]
    pub condition: Condition,
    /// What happens then.
    pub steps: Vec<Step>,
}
