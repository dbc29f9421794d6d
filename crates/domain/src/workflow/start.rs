//! Starts: an event or a trigger begins a workflow for everybody it reaches, slice by slice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::awaited::Pattern;
use super::name_of;
use super::spec::{Selector, Workflow};
use super::walk::key;
use crate::effects::{NewTimer, TimerKind};
use crate::event::Event;
use crate::id::{EventId, Ids};
use crate::notification::Role;

/// Somebody to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Recipient {
    /// A user or, where no user is called that, a tenant.
    Id(String),
    /// A user.
    User(String),
    /// The members of a tenant, those with one of these roles where some are named.
    Tenant {
        /// The tenant.
        tenant: String,
        /// The roles.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<Role>,
    },
    /// The subscribers of a topic.
    Topic(String),
}

/// Where the start of a workflow stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Its key.
    pub workflow: String,
    /// The version that was current.
    pub version: i64,
    /// The event.
    pub event: EventId,
    /// Whom a trigger named; `None` leaves it to the workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipients: Option<Vec<Recipient>>,
    /// Who caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What its caller calls it off by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation_key: Option<String>,
    /// The number of the last call before it that called off something of that key, where its trigger looked: calls with a higher one are for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_before: Option<i64>,
    /// How many workflows triggered each other up to here.
    #[serde(default)]
    pub depth: u32,
    /// The recipient it is at.
    #[serde(default)]
    pub at: usize,
    /// The last user reached of that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Runs begun so far.
    #[serde(default)]
    pub begun: u64,
}

impl Start {
    /// The start of this version of a workflow for an event, for whomever the workflow says.
    pub fn of(workflow: String, version: i64, event: EventId) -> Self {
        Self {
            workflow,
            version,
            event,
            recipients: None,
            actor: None,
            cancellation_key: None,
            called_before: None,
            depth: 0,
            at: 0,
            after: None,
            begun: 0,
        }
    }

    /// As a timer that is due now.
    pub fn timer(&self, ids: &mut Ids) -> NewTimer {
        NewTimer {
            id: ids.fresh(),
            kind: TimerKind::Start,
            subject: self.event.to_string(),
            state: serde_json::to_string(self).unwrap_or_default(),
            due_at: ids.now(),
        }
    }
}

/// What conditions and selectors of a trigger see of an event.
pub fn context(event: &Event) -> Value {
    serde_json::json!({
        "data": serde_json::from_str::<Value>(&event.data).unwrap_or_default(),
        "event": {
            "id": event.id,
            "type": &*event.kind,
            "category": event.category.as_deref(),
            "entity": event.entity,
            "users": event.users,
            "occurred_at": crate::time::rfc3339(event.occurred_at),
        },
        "tenant": {"id": event.tenant},
    })
}

/// The starts of those of these workflows that an event starts. They were found by its type.
pub fn starts<'a>(
    event: &Event,
    workflows: impl Iterator<Item = (&'a Workflow, i64)>,
    ids: &mut Ids,
) -> Vec<NewTimer> {
    let mut seen = None;
    let mut timers = Vec::new();
    for (workflow, version) in workflows.filter(|(workflow, _)| workflow.active) {
        let starts = workflow.events.iter().any(|trigger| {
            *trigger.kind == *event.kind
                && trigger.condition.as_ref().is_none_or(|condition| {
                    let context = seen.get_or_insert_with(|| context(event));
                    condition.evaluate(context, ids.now()).holds
                })
        });
        if starts {
            timers.push(Start::of(workflow.key.clone(), version, event.id).timer(ids));
        }
    }
    timers
}

/// Wakes those who wait for an event, where somebody may: by these patterns of its type.
pub fn wakes<'a>(
    event: &Event,
    patterns: impl Iterator<Item = &'a Pattern>,
    ids: &mut Ids,
) -> Option<NewTimer> {
    let mut seen = None;
    let names: Vec<_> = patterns
        .filter_map(|pattern| pattern.name_in(seen.get_or_insert_with(|| context(event))))
        .collect();
    if names.is_empty() {
        return None;
    }
    let state = Waking {
        event: event.id,
        names,
        after: String::new(),
    };
    Some(NewTimer {
        id: ids.fresh(),
        kind: TimerKind::Wake,
        subject: event.id.to_string(),
        state: serde_json::to_string(&state).unwrap_or_default(),
        due_at: ids.now(),
    })
}

/// What the timer of an event that somebody may wait for remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Waking {
    /// The event.
    pub event: EventId,
    /// The names under which it is waited for.
    pub names: Vec<String>,
    /// The bare id of the last run that was looked at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
}

/// Everybody whom selectors name, by an event.
pub fn select(selectors: &[Selector], context: &Value) -> Vec<Recipient> {
    selectors
        .iter()
        .flat_map(|selector| named(selector, context))
        .collect()
}

fn named(selector: &Selector, context: &Value) -> Vec<Recipient> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let tenant = selector
        .tenant
        .clone()
        .or_else(|| text(selector.tenant_from.as_ref()?.get(context)));
    let topic = selector
        .topic
        .clone()
        .or_else(|| text(selector.topic_from.as_ref()?.get(context)));
    if let Some(tenant) = tenant {
        let roles = selector.roles.clone();
        return vec![Recipient::Tenant { tenant, roles }];
    }
    if let Some(topic) = topic {
        return vec![Recipient::Topic(topic)];
    }
    let mut users = selector.users.clone();
    match selector.users_from.as_ref().and_then(|path| path.get(context)) {
        Some(Value::String(user)) => users.push(user.clone()),
        Some(Value::Array(list)) => {
            users.extend(list.iter().filter_map(|user| user.as_str().map(str::to_owned)));
        }
        _ => {}
    }
    users.retain(|user| !user.is_empty());
    users.into_iter().map(Recipient::User).collect()
}

/// The tenant a workflow's runs happen in.
pub fn tenant(workflow: &Workflow, event: &Event, context: &Value) -> Option<String> {
    let from = workflow.tenant_from.as_ref().and_then(|path| path.get(context));
    event
        .tenant
        .clone()
        .or_else(|| from.and_then(Value::as_str).map(str::to_owned))
}

/// Who caused it, by the data.
pub fn actor(workflow: &Workflow, context: &Value) -> Option<String> {
    let from = workflow.actor_from.as_ref()?.get(context)?;
    from.as_str().map(str::to_owned)
}

/// The data of an event that a workflow's schema refuses, in words.
pub fn refused(workflow: &Workflow, data: &Value) -> Option<String> {
    let validator = jsonschema::validator_for(workflow.schema.as_ref()?).ok()?;
    let error = validator.iter_errors(data).next()?;
    Some(format!("data{}: {error}", error.instance_path()))
}

/// Starts that have gone on within this time are under way, milliseconds.
const UNDER_WAY: i64 = 600_000;

/// The starts of one key that are under way, by their events: a workflow's limit counts them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slots(BTreeMap<EventId, i64>);

impl Slots {
    /// Takes a place for a start, or keeps the one it has; `false` where none is left. One that has not gone on for long holds none.
    pub fn take(&mut self, event: EventId, limit: u32, now: i64) -> bool {
        self.0.retain(|_, at| now.saturating_sub(*at) < UNDER_WAY);
        let is_free = self.0.contains_key(&event) || self.0.len() < limit as usize;
        if is_free {
            self.0.insert(event, now);
        }
        is_free
    }

    /// Gives a start's place up.
    pub fn leave(&mut self, event: EventId) {
        self.0.remove(&event);
    }
}

/// The name under which the calls are counted that call off something of a key.
pub fn calls_off(workflow: &str, cancellation_key: &str) -> String {
    name_of(&["calls off", workflow, cancellation_key])
}

/// The name under which the number of the call is kept that last called off what was started by a key: by an application, or for all of them; for
/// one user, or for everybody.
pub fn cancelled(app: &str, workflow: &str, cancellation_key: &str, user: Option<&str>) -> String {
    let mut parts = vec!["cancelled", app, workflow, cancellation_key];
    parts.extend(user);
    name_of(&parts)
}

/// The name under which a workflow's limit counts a start, and how many it lets be under way.
pub fn slots(workflow: &Workflow, context: &Value) -> Option<(String, u32)> {
    let concurrency = workflow.concurrency.as_ref()?;
    let key = key(Some(&concurrency.key), context);
    Some((name_of(&["under way", &workflow.key, &key]), concurrency.limit))
}
