//! What an author writes: a workflow as it is declared, in YAML or JSON.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::awaited::Becomes;
use crate::condition::Condition;
use crate::duration::Span;
use crate::notification::{Priority, Role};
use crate::path::Path;
use crate::throttle::{By, Throttle};
use crate::window::Window;

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

/// One step: its name, what must hold for it, and what it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StepForm", into = "StepForm")]
pub struct Step {
    /// Unique in its workflow: conditions and traces name it.
    pub name: String,
    /// What must hold, else the step is left out.
    pub condition: Option<Condition>,
    /// What it does.
    pub does: Does,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Does {
    /// Brings a notification to the recipient's feed.
    InApp(Box<InApp>),
    /// Sends a mail.
    Email(Box<Email>),
    /// Posts to Slack.
    Slack(Box<Post>),
    /// Posts to Teams.
    Teams(Box<Post>),
    /// Gathers activities until a window closes; what follows happens once for all of them.
    Batch(Batch),
    /// Waits.
    Delay(Delay),
    /// Lets at most so many go on in so long; for the others the run ends here.
    Throttle(Limit),
    /// Goes one of several ways.
    Branch(Branch),
    /// Publishes an event to the webhooks that subscribed to its type.
    Webhook(Box<Webhook>),
    /// Starts another workflow.
    Trigger(Box<Trigger>),
    /// Asks a program over HTTP, and remembers what it answers.
    Fetch(Box<Fetch>),
    /// Waits for what others do.
    WaitFor(Box<WaitFor>),
}

impl Does {
    /// The word it is declared by.
    pub fn word(&self) -> &'static str {
        match self {
            Self::InApp(_) => "in_app",
            Self::Email(_) => "email",
            Self::Slack(_) => "slack",
            Self::Teams(_) => "teams",
            Self::Batch(_) => "batch",
            Self::Delay(_) => "delay",
            Self::Throttle(_) => "throttle",
            Self::Branch(_) => "branch",
            Self::Webhook(_) => "webhook",
            Self::Trigger(_) => "trigger",
            Self::Fetch(_) => "fetch",
            Self::WaitFor(_) => "wait_for",
        }
    }

    /// Every word.
    const WORDS: &'static str =
        "in_app, email, slack, teams, batch, delay, throttle, branch, webhook, trigger, fetch, wait_for";
}

/// The form in which a step is written: its kind is the name of its one further field.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepForm {
    name: String,
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_app: Option<Box<InApp>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<Box<Email>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slack: Option<Box<Post>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    teams: Option<Box<Post>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    batch: Option<Batch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delay: Option<Delay>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    throttle: Option<Limit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    branch: Option<Branch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook: Option<Box<Webhook>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trigger: Option<Box<Trigger>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fetch: Option<Box<Fetch>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait_for: Option<Box<WaitFor>>,
}

impl TryFrom<StepForm> for Step {
    type Error = String;

    fn try_from(form: StepForm) -> Result<Self, String> {
        let kinds = [
            form.in_app.map(Does::InApp),
            form.email.map(Does::Email),
            form.slack.map(Does::Slack),
            form.teams.map(Does::Teams),
            form.batch.map(Does::Batch),
            form.delay.map(Does::Delay),
            form.throttle.map(Does::Throttle),
            form.branch.map(Does::Branch),
            form.webhook.map(Does::Webhook),
            form.trigger.map(Does::Trigger),
            form.fetch.map(Does::Fetch),
            form.wait_for.map(Does::WaitFor),
        ];
        let mut named = kinds.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(does), None) => Ok(Self {
                name: form.name,
                condition: form.condition,
                does,
            }),
            (None, _) => Err(format!(
                "the step `{}` must say what it does: one of {}",
                form.name,
                Does::WORDS
            )),
            (Some(first), Some(second)) => Err(format!(
                "the step `{}` says both {} and {}: make two steps of it",
                form.name,
                first.word(),
                second.word()
            )),
        }
    }
}

impl From<Step> for StepForm {
    fn from(step: Step) -> Self {
        let mut form = Self {
            name: step.name,
            condition: step.condition,
            ..Self::default()
        };
        match step.does {
            Does::InApp(in_app) => form.in_app = Some(in_app),
            Does::Email(email) => form.email = Some(email),
            Does::Slack(post) => form.slack = Some(post),
            Does::Teams(post) => form.teams = Some(post),
            Does::Batch(batch) => form.batch = Some(batch),
            Does::Delay(delay) => form.delay = Some(delay),
            Does::Throttle(limit) => form.throttle = Some(limit),
            Does::Branch(branch) => form.branch = Some(branch),
            Does::Webhook(webhook) => form.webhook = Some(webhook),
            Does::Trigger(trigger) => form.trigger = Some(trigger),
            Does::Fetch(fetch) => form.fetch = Some(fetch),
            Does::WaitFor(wait) => form.wait_for = Some(wait),
        }
        form
    }
}

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
