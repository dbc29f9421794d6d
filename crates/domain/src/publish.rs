//! Plans: what follows from a published event, a created notification, a changed state.
//!
//! Publishing reads no people. An event's webhook deliveries follow from configuration alone; a notification for few named users
//! reaches them at once, every other audience becomes one timer that the engine expands in slices.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::delivery::{Cause, NewDelivery};
use crate::effects::{Actor, AuditEntry, Effects, NewTimer, Part, Shown, TimerKind, Uses};
use crate::endpoint::Subscription;
use crate::environment::Env;
use crate::event::{Event, Outside};
use crate::event_type::{FIRST_VERSION, Visibility};
use crate::feed::{Change, FeedEffect, KnownState, Mark, NewState, NotAllowed, Scope, Status, Times};
use crate::id::{AppId, DestinationId, Ids, NotificationId};
use crate::notification::{Audience, Notification};
use crate::time::rfc3339;

/// Named users up to this number are reached in the publishing transaction.
pub const AT_ONCE: usize = 100;

/// The endpoints an application's events may reach, with the versions they were read at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reach<'a> {
    /// Endpoints of the publishing application.
    pub own: &'a [Arc<Subscription>],
    /// Endpoints of the application of the tenant the event names.
    pub tenant: &'a [Arc<Subscription>],
    /// Endpoints that platform-visible events reach.
    pub platform: &'a [Arc<Subscription>],
}

impl Reach<'_> {
    /// The endpoints that take this event, each once.
    fn of(&self, event: &Event) -> impl Iterator<Item = &Arc<Subscription>> {
        self.candidates(event)
            .filter(move |subscription| subscription.wants(event))
    }

    /// The endpoints that may take this event, each once, whether they want it or not.
    pub fn candidates(&self, event: &Event) -> impl Iterator<Item = &Arc<Subscription>> {
        let platform = if event.visibility == Visibility::Platform {
            self.platform
        } else {
            &[]
        };
        let own_app = event.app;
        // A platform list may hold the publisher's own endpoints again.
        let others = platform
            .iter()
            .filter(move |subscription| subscription.app != own_app);
        self.own.iter().chain(self.tenant).chain(others)
    }
}

/// Plans a published event: the event and a delivery for each endpoint that takes it.
pub fn event(event: Event, reach: Reach<'_>, uses: SmallVec<[Uses; 3]>, ids: &mut Ids) -> Effects {
    let mut effects = Effects::new(event.env, ids.now());
    effects.uses = uses;
    deliver(&event, reach, Cause::Published, ids, &mut effects.deliveries);
    effects.events.push(event);
    effects
}

/// Plans a delivery of an event to each endpoint that takes it.
pub fn deliver(
    event: &Event,
    reach: Reach<'_>,
    cause: Cause,
    ids: &mut Ids,
    deliveries: &mut Vec<NewDelivery>,
) {
    for subscription in reach.of(event) {
        deliveries.push(to_endpoint(event, subscription, cause, ids));
    }
}

/// A delivery of one event to one endpoint, whatever the endpoint subscribed to.
pub fn to_endpoint(event: &Event, subscription: &Subscription, cause: Cause, ids: &mut Ids) -> NewDelivery {
    NewDelivery {
        id: ids.fresh(),
        env: event.env,
        app: subscription.app,
        destination: DestinationId::of(&subscription.id),
        event: event.id,
        cause,
        message: None,
        skipped: None,
        lease: None,
        created_at: ids.now(),
    }
}

/// Where the expansion of an audience stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expansion {
    /// What is brought to them.
    pub notification: NotificationId,
    /// Whom it is for.
    pub audience: Audience,
    /// The last user reached.
    pub after: Option<String>,
    /// Users reached so far.
    pub reached: u64,
}

/// Plans a created notification. `reachable` are the named users who may be reached now; `None` when its audience is expanded later.
pub fn notification(
    shown: Shown,
    audience: Audience,
    reachable: Option<Vec<String>>,
    reach: Reach<'_>,
    uses: SmallVec<[Uses; 3]>,
    actor: Actor,
    ids: &mut Ids,
) -> Effects {
    let content = &shown.content;
    let mut effects = Effects::new(content.env, ids.now());
    effects.uses = uses;
    let created = created_event(content, &audience, ids);
    deliver(&created, reach, Cause::Published, ids, &mut effects.deliveries);
    effects.events.push(created);
    effects.audit.push(AuditEntry {
        id: ids.fresh(),
        actor,
        action: "notification.create",
        subject: content.id.to_string(),
        detail: None,
        origin: None,
    });
    match reachable {
        Some(users) => {
            effects.feed = users.into_iter().map(|user| arrive(content, user, ids)).collect();
        }
        None => effects.timers.push(expansion(content, audience, ids)),
    }
    effects.shown.push(shown);
    effects
}

fn expansion(notification: &Notification, audience: Audience, ids: &mut Ids) -> NewTimer {
    let state = Expansion {
        notification: notification.id,
        audience,
        after: None,
        reached: 0,
    };
    NewTimer {
        id: ids.fresh(),
        kind: TimerKind::Expand,
        subject: notification.id.to_string(),
        state: serde_json::to_string(&state).unwrap_or_default(),
        due_at: ids.now(),
    }
}

/// A notification's arrival in one feed.
pub fn arrive(notification: &Notification, user: String, ids: &mut Ids) -> FeedEffect {
    FeedEffect::Arrive(NewState {
        user,
        notification: notification.id,
        delivery: ids.fresh(),
        app: notification.app,
        tenant: notification.tenant.clone(),
        priority: notification.priority,
        expires_at: notification.expires_at,
        created_at: ids.now(),
    })
}

/// Plans a user's change of one state; `Ok(None)` when it is so already.
///
/// The application that created the notification learns of it by an event, in the same transaction.
pub fn change(
    (env, user): (Env, &str),
    known: KnownState,
    (change, action): (Change, Option<&str>),
    (reach, app_version): (Reach<'_>, i64),
    actor: Actor,
    ids: &mut Ids,
) -> Result<Option<Effects>, NotAllowed> {
    let Some(after) = known.times.apply(change, ids.now())? else {
        return Ok(None);
    };
    let mut effects = Effects::new(env, ids.now());
    effects.uses.push(Uses {
        part: Part::App(known.app),
        version: app_version,
    });
    let told = told_of(change, &known.times, &after);
    if let Some(status) = told {
        let event = state_event(env, &known, user, status, action, ids);
        deliver(&event, reach, Cause::Published, ids, &mut effects.deliveries);
        effects.events.push(event);
    }
    effects.audit.push(AuditEntry {
        id: ids.fresh(),
        actor,
        action: match change {
            Change::Delete => "notification.delete",
            Change::To(Status::Expired) => "notification.expire",
            Change::To(_) | Change::Read | Change::Follow => "notification.change",
        },
        subject: known.notification.to_string(),
        detail: Some(serde_json::json!({"user": user, "status": after.status().as_str()}).to_string()),
        origin: None,
    });
    effects.feed.push(FeedEffect::Change {
        user: user.to_owned(),
        before: Box::new(known),
        after,
    });
    Ok(Some(effects))
}

/// The status an application is told of; a deletion of what was put away already tells nothing new.
fn told_of(change: Change, before: &Times, after: &Times) -> Option<Status> {
    match change {
        Change::To(_) | Change::Read | Change::Follow => Some(after.status()),
        Change::Delete if matches!(before.status(), Status::Dismissed | Status::Expired) => None,
        Change::Delete => Some(Status::Dismissed),
    }
}

/// Where the settling of a user's "mark all read" stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settling {
    /// Whose feed.
    pub user: String,
    /// The mark that is being settled.
    #[serde(default)]
    pub mark: i64,
    /// The last change settled under it.
    pub after: i64,
}

/// Plans "mark all".
pub fn mark_all(env: Env, user: &str, mark: Mark, scope: Scope, actor: Actor, ids: &mut Ids) -> Effects {
    let mut effects = Effects::new(env, ids.now());
    if mark == Mark::Read {
        effects.audit.push(AuditEntry {
            id: ids.fresh(),
            actor,
            action: "notification.mark_all_read",
            subject: user.to_owned(),
            detail: serde_json::to_string(&scope).ok(),
            origin: None,
        });
        let settling = Settling {
            user: user.to_owned(),
            mark: 0,
            after: 0,
        };
        effects.timers.push(NewTimer {
            id: ids.fresh(),
            kind: TimerKind::Settle,
            subject: user.to_owned(),
            state: serde_json::to_string(&settling).unwrap_or_default(),
            due_at: ids.now(),
        });
    }
    effects.feed.push(FeedEffect::MarkAll {
        user: user.to_owned(),
        mark,
        scope,
        at: ids.now(),
    });
    effects
}

/// Plans one settled state: its row gets the times it has by the mark, and its application is told.
pub fn settle(
    env: Env,
    user: &str,
    known: &KnownState,
    reach: Reach<'_>,
    ids: &mut Ids,
    effects: &mut Effects,
) {
    let event = state_event(env, known, user, Status::Read, None, ids);
    deliver(&event, reach, Cause::Published, ids, &mut effects.deliveries);
    effects.events.push(event);
    effects.feed.push(FeedEffect::Settle {
        user: user.to_owned(),
        notification: known.notification,
        seq: known.seq,
        times: known.times,
    });
}

fn created_event(notification: &Notification, audience: &Audience, ids: &mut Ids) -> Event {
    let users: Vec<String> = match audience {
        Audience::Users(users) => users.iter().take(AT_ONCE).cloned().collect(),
        _ => Vec::new(),
    };
    let data = serde_json::json!({
        "notification_id": notification.id.to_string(),
        "external_id": notification.external_id,
        "title": notification.title,
        "priority": notification.priority,
        "audience": match audience {
            Audience::Users(users) => serde_json::json!({"users": users.len()}),
            Audience::Tenant { tenant, role } => serde_json::json!({"tenant": tenant, "role": role}),
            Audience::Topic(topic) => serde_json::json!({"topic": topic}),
        },
        "user_ids": users,
        "at": rfc3339(ids.now()),
    });
    own_event(
        (notification.env, notification.app),
        "notification.created",
        notification.tenant.clone(),
        users,
        &data,
        ids,
    )
}

fn state_event(
    env: Env,
    known: &KnownState,
    user: &str,
    status: Status,
    action: Option<&str>,
    ids: &mut Ids,
) -> Event {
    let data = serde_json::json!({
        "notification_id": known.notification.to_string(),
        "user_id": user,
        "status": status.as_str(),
        "action": action,
        "at": rfc3339(ids.now()),
    });
    let kind = format!("notification.{}", status.as_str());
    own_event(
        (env, known.app),
        &kind,
        known.tenant.clone(),
        vec![user.to_owned()],
        &data,
        ids,
    )
}

/// An event the server itself publishes in an application's name, seen by that application alone.
pub fn own_event(
    (env, app): (Env, AppId),
    kind: &str,
    tenant: Option<String>,
    users: Vec<String>,
    data: &serde_json::Value,
    ids: &mut Ids,
) -> Event {
    Event {
        id: ids.fresh(),
        env,
        app,
        kind: Arc::from(kind),
        category: Some(Arc::from(kind.split('.').next().unwrap_or(kind))),
        entity: None,
        tenant,
        users,
        data: Arc::from(data.to_string()),
        outside: Outside {
            kind: None,
            version: Arc::from(FIRST_VERSION),
            data: None,
        },
        visibility: Visibility::App,
        external_id: None,
        occurred_at: ids.now(),
        created_at: ids.now(),
    }
}
