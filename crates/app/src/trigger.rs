//! Workflows started by their key.

use std::sync::Arc;

use domain::effects::{Part, Receipt, Tally};
use domain::environment::Env;
use domain::event::{Event, EventInput};
use domain::id::EventId;
use domain::text::Faults;
use domain::workflow::{self, Recipient, Start, Workflow};
use serde_json::value::RawValue;

use crate::apps::NewApp;
use crate::auth::Caller;
use crate::ctx::{Bodies, Ctx};
use crate::error::{Error, Result};
use crate::event::{Published, REPLANS, within_tenant};
use crate::snapshot::AppSnapshot;
use crate::write::Once;

/// Most recipients a trigger names.
pub(crate) const MOST_RECIPIENTS: usize = 1_000;

/// What a caller triggers a workflow with.
#[derive(Debug)]
pub struct TriggerInput {
    /// Whom it reaches; the workflow says so when absent.
    pub recipients: Option<Vec<Recipient>>,
    /// Tenant it happens in.
    pub tenant: Option<String>,
    /// The user who caused it.
    pub actor: Option<String>,
    /// What texts and conditions see.
    pub data: Box<RawValue>,
    /// What its caller calls it off by.
    pub cancellation_key: Option<String>,
}

/// The application in whose name an environment's own key triggers.
pub(crate) const OWN_APP: &str = "workflows";

impl Ctx {
    /// Starts a workflow by its key: an event of the server's own, which nobody else is sent, and what follows from it.
    pub async fn trigger(
        self: &Arc<Self>,
        caller: &Caller,
        key: &str,
        mut input: TriggerInput,
        once: Option<&Once>,
    ) -> Result<Published> {
        let env = caller.env();
        let own = self.acting(caller, env).await?;
        within_tenant(&own, &mut input.tenant)?;
        within_own(&own, input.recipients.as_deref().unwrap_or_default())?;
        let mut ids = self.ids();
        let id: EventId = ids.fresh();
        for _ in 0..REPLANS {
            let environment = self.environment(env).await?;
            let ready = environment
                .workflows
                .get(key)
                .ok_or(Error::NotFound("workflow"))?;
            if !ready.spec.active {
                return Err(Error::Conflict {
                    code: "workflow_inactive",
                    detail: format!("the workflow {key} is not active"),
                });
            }
            let event = self.trigger_event(&own, id, key, &input)?;
            if let Some(why) = data_refused(&ready.spec, &event) {
                return Err(Error::invalid("/data", "schema", why));
            }
            let calls = self
                .calls_off(env, key, input.cancellation_key.as_deref())
                .await?;
            let last = |calls: &Tally| calls.seen.as_ref().and_then(|last| last.parse().ok());
            let start = Start {
                called_before: calls.as_ref().map(|calls| last(calls).unwrap_or(0)),
                recipients: input.recipients.clone(),
                actor: input.actor.clone(),
                cancellation_key: input.cancellation_key.clone(),
                ..Start::of(key.to_owned(), ready.version, id)
            };
            let mut effects = domain::effects::Effects::new(env, ids.now());
            effects.timers.push(start.timer(&mut ids));
            effects.events.push(event);
            effects.tallies.extend(calls);
            effects.uses.push(domain::effects::Uses {
                part: Part::Environment,
                version: environment.version,
            });
            effects
                .claims
                .extend(once.map(|once| once.claim(id.to_string(), ids.now())));
            let uses = effects.uses.clone();
            match self.commit(effects, Bodies::default()).await? {
                Receipt::Written(_) => return Ok(Published { id, duplicate: false }),
                Receipt::Duplicate {
                    same: true, answer, ..
                } => return crate::event::first(&answer),
                Receipt::Duplicate { .. } => return Err(Error::key_reused()),
                Receipt::Stale => self.stale(env, &uses).await,
            }
        }
        Err(Error::Unavailable(
            "configuration keeps changing; try again".into(),
        ))
    }

    /// The calls that called off something of a key until now; one that comes in between is seen by the commit.
    async fn calls_off(&self, env: Env, workflow: &str, key: Option<&str>) -> Result<Option<Tally>> {
        let Some(key) = key else {
            return Ok(None);
        };
        let name = workflow::calls_off(workflow, key);
        let mut reader = self.store.read(env).await?;
        let found = store::tally::many(&mut reader, env, std::slice::from_ref(&name)).await?;
        let seen = found.into_iter().next().map(|(_, last)| last);
        Ok(Some(Tally {
            name,
            seen,
            becomes: None,
        }))
    }

    /// The application in whose name a caller triggers: its own, or one that the environment has for this.
    async fn acting(&self, caller: &Caller, env: Env) -> Result<Arc<AppSnapshot>> {
        if let Caller::Application { app, .. } = caller {
            return self.app(env, *app).await?.ok_or(Error::NotFound("application"));
        }
        match self.named_app(env, OWN_APP).await {
            Err(Error::NotFound(_)) => {}
            found => return found,
        }
        let made = NewApp {
            uid: Some(OWN_APP.to_owned()),
            name: "Workflows".to_owned(),
            metadata: None,
        };
        self.create_app(caller, made, None).await?;
        self.named_app(env, OWN_APP).await
    }

    /// The event that a trigger is.
    fn trigger_event(
        &self,
        own: &AppSnapshot,
        id: EventId,
        key: &str,
        input: &TriggerInput,
    ) -> Result<Event> {
        let named = input.recipients.iter().flatten();
        let users = named.filter_map(|recipient| match recipient {
            Recipient::Id(user) | Recipient::User(user) => Some(user.clone()),
            Recipient::Tenant { .. } | Recipient::Topic(_) => None,
        });
        let event = EventInput {
            kind: workflow::TRIGGERED.to_owned(),
            category: None,
            entity: Some(domain::event::Entity {
                kind: "workflow".into(),
                id: key.to_owned(),
            }),
            tenant: input.tenant.clone(),
            users: users.collect(),
            data: input.data.clone(),
            id: None,
            occurred_at: None,
        };
        let mut faults = Faults::default();
        if let Some(key) = &input.cancellation_key {
            faults.key("/cancellation_key", key);
        }
        if let Some(actor) = &input.actor {
            faults.key("/actor", actor);
        }
        for (index, recipient) in input
            .recipients
            .iter()
            .flatten()
            .take(MOST_RECIPIENTS)
            .enumerate()
        {
            let (Recipient::Id(name)
            | Recipient::User(name)
            | Recipient::Tenant { tenant: name, .. }
            | Recipient::Topic(name)) = recipient;
            faults.key(&format!("/recipients/{index}"), name);
        }
        faults.require(
            input
                .recipients
                .as_ref()
                .is_none_or(|named| named.len() <= MOST_RECIPIENTS),
            "/recipients",
            "too_many",
            "must be at most 1000; subscribe more to a topic",
        );
        faults.finish().map_err(Error::Invalid)?;
        Ok(domain::event::accept_own(
            &event,
            (own.app.env, own.app.id),
            id,
            &self.limits.event,
            self.now(),
        )?)
    }
}

/// A tenant's own application names no other tenant; of whomever else it names, members are reached.
fn within_own(app: &AppSnapshot, recipients: &[Recipient]) -> Result<()> {
    let Some(own) = &app.app.tenant else { return Ok(()) };
    for (index, recipient) in recipients.iter().enumerate() {
        if matches!(recipient, Recipient::Tenant { tenant, .. } if tenant != own) {
            let detail = "this application belongs to another tenant";
            return Err(Error::invalid(
                &format!("/recipients/{index}"),
                "other_tenant",
                detail,
            ));
        }
    }
    Ok(())
}

fn data_refused(spec: &Workflow, event: &Event) -> Option<String> {
    spec.schema.as_ref()?;
    let data = serde_json::from_str(&event.data).ok()?;
    workflow::refused(spec, &data)
}
