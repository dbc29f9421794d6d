//! What is sent on request: a test, one delivery again, everything an endpoint missed.

use std::sync::Arc;

use domain::delivery::{Cause, DeliveryState};
use domain::effects::{Effects, Receipt, TimerKind};
use domain::endpoint::{EndpointStatus, Subscription, TEST};
use domain::environment::Env;
use domain::id::{AppId, DeliveryId, DestinationId, EndpointId, Ksuid, Prefixed};
use domain::publish;
use serde::{Deserialize, Serialize};
use store::Tx;
use store::message::Filter;

use crate::auth::Caller;
use crate::ctx::{Bodies, Ctx};
use crate::error::{Error, Result};
use crate::snapshot::AppSnapshot;
use crate::webhook::known;
use crate::write::{Once, managed, once};

/// Where the recovery of what an endpoint missed stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The application that owns it.
    pub app: AppId,
    /// Bare id of the last event looked at.
    pub after: String,
    /// Bare id that ends the range.
    pub until: String,
    /// Deliveries made so far.
    pub delivered: u64,
}

/// What came of retrying many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Many {
    /// How many were meant.
    pub matched: usize,
    /// How many are on their way again.
    pub retried: usize,
    /// Whether there may be more: one call looks at so many.
    pub more: bool,
}

/// Deliveries that are made due again in one transaction: publishers wait no longer than for these.
const SLICE: i64 = 20;
/// Deliveries that one call looks at.
const MOST: usize = 10_000;

/// Nothing is sent to an endpoint that takes nothing, also not on request.
fn must_be_active(subscription: &Subscription) -> Result<()> {
    if subscription.status == EndpointStatus::Active {
        return Ok(());
    }
    let detail = format!(
        "this webhook is {}; make it active first",
        subscription.status.as_str()
    );
    Err(Error::Conflict {
        code: "webhook_inactive",
        detail,
    })
}

fn sending() -> Error {
    Error::Conflict {
        code: "delivery_sending",
        detail: "this delivery is being sent now".into(),
    }
}

impl Ctx {
    /// Sends an endpoint a test event, whatever it subscribed to.
    pub async fn test_endpoint(
        self: &Arc<Self>,
        caller: &Caller,
        app: &Arc<AppSnapshot>,
        id: EndpointId,
        key: Option<&Once>,
    ) -> Result<DeliveryId> {
        let first = |answer: &str| <DeliveryId as Prefixed>::parse(answer).ok_or(Error::NotFound("delivery"));
        if let Some(answer) = self.first_answer(app.app.env, key).await? {
            return first(&answer);
        }
        let subscription = app
            .subscriptions
            .iter()
            .find(|subscription| subscription.id == id);
        let subscription = subscription.ok_or(Error::NotFound("webhook"))?;
        must_be_active(subscription)?;
        let mut ids = self.ids();
        let data = serde_json::json!({"message": "This is a test.", "webhook_id": id});
        let event = publish::own_event((app.app.env, app.app.id), TEST, None, Vec::new(), &data, &mut ids);
        let mut effects = Effects::new(app.app.env, ids.now());
        let delivery = publish::to_endpoint(&event, subscription, Cause::Test, &mut ids);
        let answer = delivery.id;
        effects.deliveries.push(delivery);
        effects.events.push(event);
        effects.audit.push(domain::effects::AuditEntry {
            id: ids.fresh(),
            actor: caller.actor(),
            action: "webhook.test",
            subject: id.to_string(),
            detail: None,
            origin: None,
        });
        effects
            .claims
            .extend(key.map(|key| key.claim(answer.to_string(), effects.now)));
        let bodies = Bodies::of_plan(&effects);
        match self.commit(effects, bodies).await? {
            Receipt::Duplicate {
                same: true, answer, ..
            } => first(&answer),
            Receipt::Duplicate { .. } => Err(Error::key_reused()),
            _ => Ok(answer),
        }
    }

    /// Makes a delivery due at once, with a fresh set of retries.
    pub async fn retry_delivery(
        &self,
        caller: &Caller,
        env: Env,
        app: AppId,
        endpoint: EndpointId,
        id: DeliveryId,
        key: Option<&Once>,
    ) -> Result<()> {
        let mut tx = self.write(env).await?;
        if once(&mut tx, key, self.now()).await?.is_some() {
            return Ok(());
        }
        let found = known(&mut tx, (env, app), endpoint).await?;
        if store::delivery::get(&mut tx, env, endpoint, id).await?.is_none() {
            return Err(Error::NotFound("delivery"));
        }
        must_be_active(&found.subscription)?;
        // What is refused uses no key up: it is not committed.
        if !store::delivery::retry(&mut tx, DestinationId::of(&endpoint), id, self.now()).await? {
            return Err(sending());
        }
        self.audited(tx, caller.actor(), "delivery.retry", id.to_string(), None)
            .await?;
        self.lanes.look();
        Ok(())
    }

    /// Makes a message due again in a transaction, where it may be sent.
    async fn send_again(&self, tx: &mut Tx, env: Env, id: DeliveryId) -> Result<()> {
        let found = store::message::get(tx, env, id).await?;
        let message = found.ok_or(Error::NotFound("delivery"))?;
        if message.state == DeliveryState::Skipped
            || !store::endpoint::takes_deliveries(tx, message.destination).await?
        {
            return Err(Error::Conflict {
                code: "not_sendable",
                detail: "this delivery was never meant to be sent, or its channel is gone".into(),
            });
        }
        if !store::message::without_config(tx, env, &[id]).await?.is_empty() {
            return Err(Error::Conflict {
                code: "not_sendable",
                detail: "the tenant's config that it was for is gone".into(),
            });
        }
        let address = message.recipient.as_deref();
        if store::suppression::holds(tx, env, message.channel, address).await? {
            return Err(Error::Conflict {
                code: "suppressed",
                detail: "its address gets nothing more; take it off the channel's suppressions first".into(),
            });
        }
        if !store::delivery::retry(tx, message.destination, id, self.now()).await? {
            return Err(sending());
        }
        Ok(())
    }

    /// Makes deliveries to people due at once that failed or used their retries up, in slices; with `dry_run` it only counts them. Those that
    /// may not be sent any more are passed over.
    pub async fn retry_many(&self, caller: &Caller, filter: &Filter, dry_run: bool) -> Result<Many> {
        let env = managed(caller)?;
        let mut many = Many::default();
        let states = [DeliveryState::Failed, DeliveryState::Exhausted];
        for state in states
            .into_iter()
            .filter(|state| filter.state.is_none_or(|only| only == *state))
        {
            let filter = Filter {
                state: Some(state),
                ..filter.clone()
            };
            self.retry_each(caller, (env, &filter), dry_run, &mut many)
                .await?;
        }
        Ok(many)
    }

    async fn retry_each(
        &self,
        caller: &Caller,
        (env, filter): (Env, &Filter),
        dry_run: bool,
        many: &mut Many,
    ) -> Result<()> {
        let mut page = store::Page {
            limit: SLICE,
            after: None,
        };
        loop {
            many.more = many.matched >= MOST;
            if many.more {
                return Ok(());
            }
            let mut reader = self.store.read(env).await?;
            let ids = store::message::ids(&mut reader, env, filter, &page).await?;
            drop(reader);
            let Some(last) = ids.last() else { return Ok(()) };
            page.after = Some(last.bare().to_owned());
            many.matched += ids.len();
            if !dry_run {
                many.retried += self.send_slice_again(caller, env, &ids).await?;
            }
        }
    }

    async fn send_slice_again(&self, caller: &Caller, env: Env, ids: &[DeliveryId]) -> Result<usize> {
        let mut tx = self.write(env).await?;
        let mut sent = 0;
        for id in ids {
            match self.send_again(&mut tx, env, *id).await {
                Ok(()) => {
                    sent += 1;
                    self.audit(&mut tx, caller.actor(), "delivery.retry", id.to_string(), None)
                        .await?;
                }
                // Somebody else sends it, or it may not be sent any more.
                Err(Error::Conflict { .. } | Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        tx.commit().await?;
        self.lanes.look();
        Ok(sent)
    }

    /// Makes a delivery to a person due at once, with a fresh set of retries.
    pub async fn retry_message(&self, caller: &Caller, id: DeliveryId, key: Option<&Once>) -> Result<()> {
        let env = managed(caller)?;
        let mut tx = self.write(env).await?;
        if once(&mut tx, key, self.now()).await?.is_some() {
            return Ok(());
        }
        // What is refused uses no key up: it is not committed.
        self.send_again(&mut tx, env, id).await?;
        self.audited(tx, caller.actor(), "delivery.retry", id.to_string(), None)
            .await?;
        self.lanes.look();
        Ok(())
    }

    /// Delivers again, in the background, what an endpoint missed in a time range (milliseconds since the Unix epoch).
    pub async fn recover(
        &self,
        caller: &Caller,
        env: Env,
        app: AppId,
        endpoint: EndpointId,
        (since, until): (i64, Option<i64>),
        key: Option<&Once>,
    ) -> Result<()> {
        let until = until.unwrap_or_else(|| self.now());
        if since >= until {
            return Err(Error::invalid(
                "/since",
                "range",
                "must be before `until`, or before now",
            ));
        }
        let mut tx = self.write(env).await?;
        if once(&mut tx, key, self.now()).await?.is_some() {
            return Ok(());
        }
        let found = known(&mut tx, (env, app), endpoint).await?;
        must_be_active(&found.subscription)?;
        let state = Recovery {
            endpoint,
            app,
            after: Ksuid::floor(since).as_str().to_owned(),
            until: Ksuid::floor(until + 4).as_str().to_owned(),
            delivered: 0,
        };
        self.start(&mut tx, TimerKind::Recover, &endpoint, &state).await?;
        self.audited(tx, caller.actor(), "webhook.recover", endpoint.to_string(), None)
            .await?;
        self.lanes.fire();
        Ok(())
    }
}
