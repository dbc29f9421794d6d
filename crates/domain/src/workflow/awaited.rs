//! What runs wait for that others do: an event, or what becomes of something that a step sent.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::name_of;
use super::spec::{Does, Workflow};
use super::walk::text_at;
use crate::delivery::DeliveryState;
use crate::event::Event;
use crate::feed::Times;
use crate::id::EventId;
use crate::path::Path;
use crate::run::{RunState, StepOutcome};

/// What may become of something that a step sent. The number is a bit of what tables keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Becomes {
    /// A notification was shown.
    Seen = 1,
    /// A notification was read.
    Read = 2,
    /// A notification was clicked.
    Clicked = 4,
    /// A notification was dismissed.
    Dismissed = 8,
    /// A provider took the message.
    Sent = 16,
    /// The message arrived.
    Delivered = 32,
    /// The message reaches nobody: it failed, ran out of retries or was called off.
    Failed = 64,
}

impl Becomes {
    /// Everything that may become of it.
    pub const ALL: [Self; 7] = [
        Self::Seen,
        Self::Read,
        Self::Clicked,
        Self::Dismissed,
        Self::Sent,
        Self::Delivered,
        Self::Failed,
    ];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Read => "read",
            Self::Clicked => "clicked",
            Self::Dismissed => "dismissed",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Whether it is a notification that becomes so; else it is a message.
    pub fn is_of_notification(self) -> bool {
        matches!(self, Self::Seen | Self::Read | Self::Clicked | Self::Dismissed)
    }

    /// These, as tables keep them.
    pub fn mask(these: &[Self]) -> i16 {
        these.iter().fold(0, |mask, one| mask | *one as i16)
    }

    /// The furthest of those that something reached and somebody waits for, both as tables keep them.
    pub fn furthest(reached: i16, awaited: i16) -> Option<Self> {
        let came = |one: &&Self| reached & awaited & **one as i16 != 0;
        Self::ALL.iter().rev().find(came).copied()
    }
}

/// What has become of something that a step sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Became {
    /// The word for where it stands.
    pub state: &'static str,
    /// Everything it has become, as tables keep it.
    pub reached: i16,
}

impl Became {
    /// A message that stands so.
    pub fn message(state: DeliveryState) -> Self {
        let reached: &[Becomes] = match state {
            DeliveryState::Sent => &[Becomes::Sent],
            DeliveryState::Delivered => &[Becomes::Sent, Becomes::Delivered],
            DeliveryState::Failed | DeliveryState::Exhausted | DeliveryState::Cancelled => &[Becomes::Failed],
            _ => &[],
        };
        Self {
            state: state.as_str(),
            reached: Becomes::mask(reached),
        }
    }

    /// A notification with these times.
    pub fn notification(times: &Times) -> Self {
        let marks = [
            (times.seen_at, Becomes::Seen),
            (times.read_at, Becomes::Read),
            (times.clicked_at, Becomes::Clicked),
            (times.dismissed_at, Becomes::Dismissed),
        ];
        let reached = marks.into_iter().filter_map(|(at, becomes)| at.map(|_| becomes));
        Self {
            state: times.status().as_str(),
            reached: Becomes::mask(&reached.collect::<Vec<_>>()),
        }
    }
}

/// What a run waits for, as it is kept and looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaits {
    /// The name of the event, or the bare id of what was sent.
    pub what: String,
    /// What that is to become; 0 for an event.
    pub becomes: i16,
}

/// How far apart the clocks of two nodes may be, in milliseconds: so much later than an event a wait must begin for the event to be surely
/// earlier.
const CLOCKS_APART: i64 = 2_000;

/// Whether an event, by whose name it waits, lets a run go on: it is none that the run follows from, none that ended an earlier wait of it, and
/// none from before it waited. `speaks_for` is the tenant whose own application published the event: it speaks to no other tenant's runs. So does
/// an event that names a tenant; a run that happens in none hears every other event.
pub fn hears(run: (EventId, Option<&str>, &RunState), event: &Event, speaks_for: Option<&str>) -> bool {
    let (own, tenant, state) = run;
    let id = event.id.to_string();
    let used = |found: &Value| found["event"]["id"].as_str() == Some(id.as_str());
    if own == event.id || state.found.values().any(used) {
        return false;
    }
    let mut before = state.log.iter().rev();
    let waits = before.find(|entry| entry.outcome == StepOutcome::Waiting);
    if waits.is_some_and(|entry| entry.at > event.created_at.saturating_add(CLOCKS_APART)) {
        return false;
    }
    match (speaks_for, event.tenant.as_deref(), tenant) {
        (Some(speaks_for), _, tenant) => tenant == Some(speaks_for),
        (None, Some(named), Some(tenant)) => named == tenant,
        (None, _, _) => true,
    }
}

/// Which events somebody may wait for: a type, and where the values stand that tell one from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pattern {
    /// The type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The places, in order.
    pub paths: Vec<Path>,
}

impl Pattern {
    /// The patterns of a workflow's steps.
    pub fn of(workflow: &Workflow) -> Vec<Self> {
        let program = super::Program::new(&workflow.steps);
        let of_tenant = super::Program::new(&workflow.tenant_steps);
        let mut patterns: Vec<Self> = program
            .steps()
            .chain(of_tenant.steps())
            .filter_map(|step| match &step.does {
                Does::WaitFor(wait) => wait.event.as_ref(),
                _ => None,
            })
            .map(|event| Self {
                kind: event.kind.clone(),
                paths: event.matches.keys().cloned().collect(),
            })
            .collect();
        patterns.sort_unstable();
        patterns.dedup();
        patterns
    }

    /// The name under which an event is waited for, by what is known of it; `None` where a value is missing.
    pub fn name_in(&self, context: &Value) -> Option<String> {
        let values = self.paths.iter().map(|path| text_at(path, context));
        Some(named(
            &self.kind,
            &self.paths,
            &values.collect::<Option<Vec<_>>>()?,
        ))
    }
}

/// The name of events of a type with these values at these places, in a form of one length.
pub(super) fn named<'a>(
    kind: &'a str,
    paths: impl IntoIterator<Item = &'a Path>,
    values: &'a [String],
) -> String {
    let pairs = paths.into_iter().zip(values);
    let mut parts = vec!["awaited", kind];
    parts.extend(pairs.flat_map(|(path, value)| [path.as_str(), value]));
    name_of(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_furthest_that_came_is_told() {
        let awaited = Becomes::mask(&[Becomes::Read, Becomes::Clicked]);
        assert_eq!(Becomes::furthest(1, awaited), None, "seen is not read");
        assert_eq!(Becomes::furthest(3, awaited), Some(Becomes::Read));
        assert_eq!(Becomes::furthest(7, awaited), Some(Becomes::Clicked));
        for (index, one) in Becomes::ALL.into_iter().enumerate() {
            assert_eq!(one as i16, 1 << index, "{one:?} is a bit of its own");
        }
    }

    #[test]
    fn an_event_is_known_by_its_values_and_their_places() {
        let path = |text: &str| Path::parse(text).expect("a path");
        let pattern = Pattern {
            kind: "order.paid".to_owned(),
            paths: vec![path("data.order"), path("tenant.id")],
        };
        let name = |data: Value| pattern.name_in(&serde_json::json!({"data": data, "tenant": {"id": "t"}}));
        let seven = name(serde_json::json!({"order": 7, "more": 1}));
        assert_eq!(seven, name(serde_json::json!({"order": "7"})));
        assert_ne!(seven, name(serde_json::json!({"order": 8})));
        assert_eq!(name(serde_json::json!({})), None);
    }

    #[test]
    fn a_run_hears_what_happens_while_it_waits_and_is_meant_for_it() {
        let mut ids = crate::id::Ids::new(10_000, 1);
        let started: EventId = ids.fresh();
        let event = |tenant: Option<&str>| {
            let mut ids = crate::id::Ids::new(20_000, 2);
            let place = (crate::environment::Env(1), ids.fresh());
            let data = serde_json::json!({});
            let mut event = crate::publish::own_event(place, "order.paid", None, Vec::new(), &data, &mut ids);
            event.tenant = tenant.map(Into::into);
            event
        };
        let waits = |at: i64, found: Value| RunState {
            log: vec![
                serde_json::from_value(
                    serde_json::json!({"step": "paid", "does": "wait_for", "at": at, "outcome": "waiting"}),
                )
                .expect("an entry"),
            ],
            found: serde_json::from_value(found).expect("what was found"),
            ..RunState::default()
        };
        let paid = event(None);
        let used = serde_json::json!({"first": {"happened": true, "event": {"id": paid.id}}});
        let nothing = serde_json::json!({});
        for (own, at, found, hears_it) in [
            (started, 20_000, &nothing, true),
            (started, 21_999, &nothing, true),
            (started, 22_001, &nothing, false),
            (paid.id, 20_000, &nothing, false),
            (started, 20_000, &used, false),
        ] {
            let state = waits(at, found.clone());
            assert_eq!(hears((own, None, &state), &paid, None), hears_it, "{at} {found}");
        }
        let state = waits(20_000, nothing);
        for (speaks_for, named, tenant, hears_it) in [
            (None, None, Some("a"), true),
            (None, Some("a"), Some("a"), true),
            (None, Some("b"), Some("a"), false),
            (None, Some("b"), None, true),
            (Some("b"), Some("b"), Some("b"), true),
            (Some("b"), Some("b"), Some("a"), false),
            (Some("b"), Some("b"), None, false),
        ] {
            let told = hears((started, tenant, &state), &event(named), speaks_for);
            assert_eq!(told, hears_it, "{speaks_for:?} {named:?} {tenant:?}");
        }
    }
}
