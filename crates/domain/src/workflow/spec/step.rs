//! A step, and the form in which it is written.

use serde::{Deserialize, Serialize};

use super::{Batch, Branch, Delay, Email, Fetch, InApp, Limit, Post, Trigger, WaitFor, Webhook};
use crate::condition::Condition;

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
