//! The trace of an event: who got what, who did not, and what decided it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::condition::Evaluation;
use domain::endpoint::Subscription;
use domain::environment::Env;
use domain::event::Event;
use domain::id::{DeliveryId, EventId};
use domain::workflow;
use store::Page;
use store::delivery::Delivery;
use store::message::Message;
use store::run::Run;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::event::Around;

/// How far a run is followed through batches that went into batches.
const DEPTH: usize = 4;

/// Everything that followed from an event.
#[derive(Debug)]
pub struct Trace {
    /// The event.
    pub event: Event,
    /// What its type could start, and why it did or did not.
    pub workflows: Vec<Considered>,
    /// The runs of its recipients, so many of them, first to last.
    pub runs: Vec<Run>,
    /// The runs that these were gathered into, or that their steps go on as.
    pub others: Vec<Run>,
    /// What all these runs sent, or did not.
    pub messages: HashMap<DeliveryId, Message>,
    /// The endpoints that may take the event, and what was delivered to each.
    pub webhooks: Vec<(Arc<Subscription>, Vec<Delivery>)>,
}

/// A workflow that an event could start.
#[derive(Debug)]
pub struct Considered {
    /// Its key.
    pub key: String,
    /// Its version now.
    pub version: i64,
    /// Whether it can be started at all.
    pub active: bool,
    /// Whether one of its triggers holds of the event.
    pub starts: bool,
    /// What the triggers found, one after the other.
    pub triggers: Vec<Evaluation>,
}

impl Ctx {
    /// What followed from an event, for everybody or for one user.
    pub async fn trace(&self, env: Env, id: EventId, user: Option<&str>, page: &Page) -> Result<Trace> {
        let found = store::event::find(&mut *self.store.read(env).await?, env, id).await?;
        let event = found.ok_or(Error::NotFound("event"))?;
        let workflows = self.considered(env, &event).await?;
        let subscriptions = match self.app(env, event.app).await? {
            Some(own) => {
                let around = Around::load(self, own, &event).await?;
                around.reach().candidates(&event).cloned().collect()
            }
            None => Vec::<Arc<Subscription>>::new(),
        };
        let mut reader = self.store.read(env).await?;
        let runs = store::run::of_event(&mut reader, env, (id, user), page).await?;
        let mut others: Vec<Run> = Vec::new();
        let mut known: HashSet<_> = runs.iter().map(|run| run.id).collect();
        for _ in 0..DEPTH {
            let all = || runs.iter().chain(&others);
            let parts = all().flat_map(|run| run.log().iter().filter_map(|entry| entry.run));
            let parts: Vec<_> = parts.filter(|run| !known.contains(run)).collect();
            let batches: HashSet<_> = all().filter_map(|run| run.batch).collect();
            let batches: Vec<_> = batches.into_iter().collect();
            let mut more = store::run::also(&mut reader, env, &parts, &batches).await?;
            more.retain(|run| known.insert(run.id));
            if more.is_empty() {
                break;
            }
            others.extend(more);
        }
        let logs = runs.iter().chain(&others).flat_map(Run::log);
        let deliveries: Vec<_> = logs.flat_map(|entry| entry.deliveries.iter().copied()).collect();
        let messages = store::message::many(&mut reader, env, &deliveries).await?;
        let mut webhooks = Vec::new();
        for subscription in subscriptions {
            let sent =
                store::delivery::of_event(&mut reader, env, subscription.id, (id, event.created_at)).await?;
            webhooks.push((subscription, sent));
        }
        Ok(Trace {
            event,
            workflows,
            runs,
            others,
            messages: messages
                .into_iter()
                .map(|message| (message.delivery, message))
                .collect(),
            webhooks,
        })
    }

    /// What an event's type could start, as it is declared now.
    async fn considered(&self, env: Env, event: &Event) -> Result<Vec<Considered>> {
        let environment = self.environment(env).await?;
        let context = workflow::context(event);
        let considered = environment
            .workflows
            .of_event(&event.kind)
            .map(|(spec, version)| {
                let triggers = spec.events.iter().filter(|trigger| *trigger.kind == *event.kind);
                let triggers: Vec<_> = triggers
                    .map(|trigger| match &trigger.condition {
                        Some(condition) => condition.evaluate(&context, event.created_at),
                        None => Evaluation {
                            holds: true,
                            because: Vec::new(),
                        },
                    })
                    .collect();
                Considered {
                    key: spec.key.clone(),
                    version,
                    active: spec.active,
                    starts: spec.active && triggers.iter().any(|found| found.holds),
                    triggers,
                }
            });
        Ok(considered.collect())
    }
}
