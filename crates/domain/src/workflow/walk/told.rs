//! What a walk is told by those who know: texts, ways, leave.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::channel::Channel;
use crate::event::Event;
use crate::id::{ConfigId, DestinationId, EventId, RunId};
use crate::workflow::spec::{FetchMethod, Step};

/// A step's texts, rendered.
#[derive(Debug, Clone, PartialEq)]
pub enum Rendered {
    /// A notification's.
    InApp {
        /// Title.
        title: String,
        /// Body.
        body: Option<String>,
        /// Where a click leads.
        link: Option<String>,
        /// Buttons, as JSON.
        actions: Option<String>,
        /// Metadata, as JSON.
        metadata: Option<String>,
    },
    /// A message's.
    Message {
        /// The address, where the step names one of its own.
        to: Option<String>,
        /// The content as its channel reads it, all but the address.
        content: Value,
    },
    /// An event's data.
    Data(Value),
    /// A request.
    Request(Asked),
}

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Where it goes.
    pub url: String,
    /// How.
    pub method: FetchMethod,
    /// With these headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// With this body.
    #[serde(default)]
    pub body: Option<String>,
    /// How long an answer is waited for, milliseconds.
    pub timeout: i64,
}

/// What the timer of a fetch remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fetching {
    /// The run that waits for it.
    pub run: RunId,
    /// The step that asks.
    pub step: String,
    /// Attempts so far.
    #[serde(default)]
    pub attempts: u32,
    /// What is asked.
    pub asked: Asked,
    /// What was answered, where the run could not go on with it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
}

/// Where a channel leads for a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// To these.
    Open(Vec<Target>),
    /// Nowhere, for this reason.
    Closed(&'static str),
}

/// One place a channel leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whose lane carries it.
    pub destination: DestinationId,
    /// The address there; `None` where the recipient has none.
    pub address: Option<String>,
    /// The tenant's config that names it.
    pub config: Option<ConfigId>,
}

/// What preferences and quiet hours say of a message now.
#[derive(Debug, Clone, PartialEq)]
pub enum Leave {
    /// It may go.
    Send,
    /// It is not sent, for this reason.
    Skip(Value),
    /// It waits until then, milliseconds since the Unix epoch, for this reason.
    Hold(i64, Value),
    /// It is gathered with others, until then if it is the first of them, for this reason.
    Gather(i64, Value),
}

/// What preferences are asked about a message.
#[derive(Debug, Clone, Copy)]
pub struct Leaving<'a> {
    /// The channel it goes through.
    pub channel: Channel,
    /// Whether it stands for what was held up already.
    pub gathered: bool,
    /// When it was first asked for, milliseconds since the Unix epoch.
    pub asked_at: i64,
    /// What conditions see.
    pub known: &'a Value,
    /// Milliseconds since the Unix epoch.
    pub now: i64,
}

/// What a walk is told by those who know: templates, channels, preferences.
pub trait Told {
    /// Renders a step's texts.
    fn render(&self, step: &Step, context: &Value) -> Result<Rendered, String>;
    /// Where a channel leads. Channels of many have no address but their destination.
    fn way(&self, channel: Channel) -> Way;
    /// Whether an address gets nothing any more: what was sent there came back.
    fn is_suppressed(&self, channel: Channel, address: &str) -> bool;
    /// Whether a message may go now.
    fn leave(&self, leaving: &Leaving<'_>) -> Leave;
    /// An event of this type as the environment knows it, in the name of the run's application and tenant.
    fn event(&self, kind: &str, data: Value, id: EventId) -> Result<Event, String>;
    /// The event that triggers another workflow, and the version of that one that is current.
    fn trigger(&self, workflow: &str, data: Value, id: EventId) -> Result<(Event, i64), String>;
}
