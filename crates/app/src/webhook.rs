//! Webhook endpoints: made, changed, tested, disabled, recovered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::delivery::{Cause, DeliveryState};
use domain::effects::{Actor, Effects, NewTimer, Part, Receipt, TimerKind};
use domain::endpoint::{EndpointStatus, Subscription};
use domain::environment::Env;
use domain::event_type::check_name;
use domain::id::{AppId, DeliveryId, EndpointId, Ksuid, Prefixed};
use domain::publish;
use domain::retry::Policy;
use domain::signature::{Secret, Secrets};
use domain::text::Faults;
use serde::{Deserialize, Serialize};
use store::Tx;
use store::endpoint::Endpoint;

use crate::auth::Caller;
use crate::ctx::{Bodies, Ctx, random};
use crate::error::{Error, Result};
use crate::snapshot::AppSnapshot;
use crate::write::{Once, answered, once};

/// What a caller says of a new endpoint.
#[derive(Debug, Clone, Default)]
pub struct NewEndpoint {
    /// Where deliveries go.
    pub url: String,
    /// Public names of the event types it wants; `None` wants all.
    pub event_types: Option<Vec<String>>,
    /// For people.
    pub description: String,
    /// Attempts a second, at most.
    pub rate_limit: Option<u32>,
    /// Name of the retry policy.
    pub retry_policy: Option<String>,
}

/// Changes; `None` leaves things as they are.
#[derive(Debug, Clone, Default)]
pub struct EndpointPatch {
    /// Where deliveries go.
    pub url: Option<String>,
    /// `Some(None)` wants all.
    pub event_types: Option<Option<Vec<String>>>,
    /// For people.
    pub description: Option<String>,
    /// `Some(None)` lifts the limit.
    pub rate_limit: Option<Option<u32>>,
    /// Name of the retry policy.
    pub retry_policy: Option<String>,
    /// `active` or `paused`.
    pub status: Option<EndpointStatus>,
}

/// Where the withdrawal of what waits for an endpoint stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The state in which its deliveries end: who deletes a destination ends its retries, who disables it may want them back.
    pub ended: DeliveryState,
    /// Why.
    pub reason: String,
    /// What its application is told first, if anything.
    pub tell: Option<Told>,
}

impl Withdrawal {
    /// Of what waits for an endpoint that was deleted.
    pub(crate) fn deleted(endpoint: EndpointId) -> Self {
        Self {
            endpoint,
            ended: DeliveryState::Exhausted,
            reason: "Config deleted".to_owned(),
            tell: None,
        }
    }
}

/// An operational event that is yet to be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// To whom.
    pub app: AppId,
    /// Its type.
    pub kind: String,
    /// Its payload.
    pub data: serde_json::Value,
}

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

/// Most endpoints an application may have.
const MOST_ENDPOINTS: usize = 1_000;

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

impl Ctx {
    /// Makes an endpoint and answers its secret, the only time it is shown unasked.
    pub async fn create_endpoint(
        &self,
        caller: &Caller,
        app: &AppSnapshot,
        new: NewEndpoint,
        key: Option<&Once>,
    ) -> Result<(Endpoint, String)> {
        let env = app.app.env;
        if app.subscriptions.len() >= MOST_ENDPOINTS {
            return Err(Error::Conflict {
                code: "too_many_endpoints",
                detail: "an application may have at most 1000".into(),
            });
        }
        let now = self.now();
        let secrets = Secrets::new(Secret::generate(random()));
        let mut endpoint = Endpoint {
            subscription: Subscription {
                id: self.ids().fresh(),
                env,
                app: app.app.id,
                event_types: new.event_types,
                status: EndpointStatus::Active,
            },
            url: new.url,
            description: new.description,
            secrets: Vec::new(),
            retry_policy: new
                .retry_policy
                .unwrap_or_else(|| Policy::default().name().to_owned()),
            rate_limit: new.rate_limit.map(i64::from),
            disabled_reason: None,
            disabled_at: None,
            created_at: now,
            updated_at: now,
        };
        self.check_endpoint(&endpoint).await?;
        self.seal_secrets(&mut endpoint, &secrets)?;
        let mut tx = self.write(env).await?;
        if let Some(first) = once(&mut tx, key, now).await? {
            let id = <EndpointId as domain::id::Prefixed>::parse(&first).ok_or(Error::NotFound("webhook"))?;
            let first = store::endpoint::get(&mut tx, env, app.app.id, id)
                .await?
                .ok_or(Error::NotFound("webhook"))?;
            let secret = self.open_secrets(&first)?.current.expose();
            return Ok((first, secret));
        }
        store::endpoint::put(&mut tx, &endpoint).await?;
        answered(&mut tx, key, &endpoint.id().to_string()).await?;
        self.audited(
            tx,
            caller.actor(),
            "webhook.create",
            endpoint.id().to_string(),
            None,
        )
        .await?;
        self.changed(env, &[Part::App(app.app.id), Part::Platform]).await;
        Ok((endpoint, secrets.current.expose()))
    }

    /// Checks what a caller says of an endpoint; its address is checked again whenever it is connected to.
    async fn check_endpoint(&self, endpoint: &Endpoint) -> Result<()> {
        let mut faults = Faults::default();
        faults.text("/description", &endpoint.description, 1_000);
        if let Some(names) = &endpoint.subscription.event_types {
            faults.require(
                names.len() <= 500,
                "/event_types",
                "too_many",
                "must name at most 500 event types",
            );
            faults.require(
                !names.is_empty(),
                "/event_types",
                "required",
                "must name at least one event type, or be absent",
            );
            for (index, name) in names.iter().take(500).enumerate() {
                check_name(&mut faults, &format!("/event_types/{index}"), name);
            }
        }
        if Policy::parse(&endpoint.retry_policy).is_none() {
            let known: Vec<_> = Policy::ALL.iter().map(|policy| policy.name()).collect();
            faults.push(
                "/retry_policy",
                "unknown",
                format!("must be one of {}", known.join(", ")),
            );
        }
        faults.require(
            endpoint
                .rate_limit
                .is_none_or(|rate| (1..=100_000).contains(&rate)),
            "/rate_limit",
            "range",
            "must be 1 to 100000 a second",
        );
        match self.dialer.policy().check_url(&endpoint.url) {
            Err(refused) => faults.push("/url", refused.code(), refused.to_string()),
            Ok(target) => {
                let deadline = Instant::now() + Duration::from_secs(3);
                if let Err(refused) = self.dialer.check_resolved(&target, deadline.into()).await {
                    faults.push("/url", refused.code(), refused.to_string());
                }
            }
        }
        faults.finish().map_err(Error::Invalid)
    }

    /// Changes an endpoint. Made active again, its failures are forgotten.
    pub async fn update_endpoint(
        &self,
        caller: &Caller,
        env: Env,
        app: AppId,
        id: EndpointId,
        patch: EndpointPatch,
    ) -> Result<Endpoint> {
        let now = self.now();
        // The check may ask a name server: it is made on a copy, before the writers' turn is taken.
        let mut copy = store::endpoint::get(&mut *self.store.read(env).await?, env, app, id)
            .await?
            .ok_or(Error::NotFound("webhook"))?;
        apply(&mut copy, patch.clone(), now);
        self.check_endpoint(&copy).await?;
        let mut tx = self.write(env).await?;
        let mut endpoint = store::endpoint::get(&mut tx, env, app, id)
            .await?
            .ok_or(Error::NotFound("webhook"))?;
        let before = endpoint.subscription.status;
        apply(&mut endpoint, patch, now);
        store::endpoint::put(&mut tx, &endpoint).await?;
        if endpoint.subscription.status == EndpointStatus::Active && before != EndpointStatus::Active {
            store::endpoint::reset_health(&mut tx, id).await?;
        }
        self.audited(tx, caller.actor(), "webhook.update", id.to_string(), None)
            .await?;
        self.changed(env, &[Part::App(app), Part::Platform]).await;
        self.lanes.look();
        Ok(endpoint)
    }

    /// Forgets an endpoint; what waits for it is withdrawn, its log stays.
    pub async fn delete_endpoint(&self, caller: &Caller, env: Env, app: AppId, id: EndpointId) -> Result<()> {
        let mut tx = self.write(env).await?;
        if store::endpoint::delete(&mut tx, app, id).await? {
            self.withdraw_later(&mut tx, Withdrawal::deleted(id)).await?;
            self.audit(&mut tx, caller.actor(), "webhook.delete", id.to_string(), None)
                .await?;
        }
        tx.commit().await?;
        self.changed(env, &[Part::App(app), Part::Platform]).await;
        self.lanes.fire();
        Ok(())
    }

    /// Lets a timer withdraw, slice by slice, what waits for an endpoint.
    pub(crate) async fn withdraw_later(&self, tx: &mut Tx, state: Withdrawal) -> Result<()> {
        let timer = NewTimer {
            id: self.ids().fresh(),
            kind: TimerKind::Withdraw,
            subject: state.endpoint.to_string(),
            state: serde_json::to_string(&state).map_err(|error| Error::Internal(error.to_string()))?,
            due_at: self.now(),
        };
        Ok(store::timer::insert(tx, &timer, self.now()).await?)
    }

    /// Puts a new signing secret in force; the one before signs as well for `grace` seconds.
    pub async fn rotate_secret(
        &self,
        caller: &Caller,
        env: Env,
        app: AppId,
        id: EndpointId,
        grace: i64,
        key: Option<&Once>,
    ) -> Result<String> {
        if !(0..=604_800).contains(&grace) {
            return Err(Error::invalid(
                "/grace_seconds",
                "range",
                "must be 0 to 604800 seconds",
            ));
        }
        let now = self.now();
        let mut tx = self.write(env).await?;
        if let (Some(key), Some(first)) = (key, once(&mut tx, key, now).await?) {
            return self.first_secret(key, &first);
        }
        let mut endpoint = store::endpoint::get(&mut tx, env, app, id)
            .await?
            .ok_or(Error::NotFound("webhook"))?;
        let secrets = self
            .open_secrets(&endpoint)?
            .rotate(Secret::generate(random()), grace * 1_000, now);
        let secrets = secrets.map_err(|error| Error::Conflict {
            code: "too_many_secrets",
            detail: error.to_string(),
        })?;
        self.seal_secrets(&mut endpoint, &secrets)?;
        endpoint.updated_at = now;
        store::endpoint::put(&mut tx, &endpoint).await?;
        self.audit(
            &mut tx,
            caller.actor(),
            "webhook.rotate_secret",
            id.to_string(),
            None,
        )
        .await?;
        let secret = secrets.current.expose();
        self.answered_secret(&mut tx, key, &secret).await?;
        tx.commit().await?;
        self.changed(env, &[Part::App(app), Part::Platform]).await;
        Ok(secret)
    }

    /// Sends an endpoint a test event, whatever it subscribed to.
    pub async fn test_endpoint(
        self: &Arc<Self>,
        caller: &Caller,
        app: &Arc<AppSnapshot>,
        id: EndpointId,
        key: Option<&Once>,
    ) -> Result<DeliveryId> {
        let subscription = app
            .subscriptions
            .iter()
            .find(|subscription| subscription.id == id);
        let subscription = subscription.ok_or(Error::NotFound("webhook"))?;
        must_be_active(subscription)?;
        let mut ids = self.ids();
        let data = serde_json::json!({"message": "This is a test.", "webhook_id": id});
        let event = publish::own_event(
            (app.app.env, app.app.id),
            "endpoint.test",
            None,
            Vec::new(),
            &data,
            &mut ids,
        );
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
            } => <DeliveryId as Prefixed>::parse(&answer).ok_or(Error::NotFound("delivery")),
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
        let found = store::endpoint::get(&mut tx, env, app, endpoint)
            .await?
            .ok_or(Error::NotFound("webhook"))?;
        let delivery = store::delivery::get(&mut tx, env, endpoint, id)
            .await?
            .ok_or(Error::NotFound("delivery"))?;
        must_be_active(&found.subscription)?;
        let entry = domain::effects::AuditEntry {
            id: self.ids().fresh(),
            actor: caller.actor(),
            action: "delivery.retry",
            subject: id.to_string(),
            detail: None,
            origin: None,
        };
        let due = store::delivery::retry(&mut tx, endpoint, id, &entry, self.now()).await?;
        // What is refused uses no key up: it is not committed.
        if !due && delivery.state == DeliveryState::Sending {
            return Err(Error::Conflict {
                code: "delivery_sending",
                detail: "this delivery is being sent now".into(),
            });
        }
        tx.commit().await?;
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
        let found = store::endpoint::get(&mut tx, env, app, endpoint)
            .await?
            .ok_or(Error::NotFound("webhook"))?;
        must_be_active(&found.subscription)?;
        let state = Recovery {
            endpoint,
            app,
            after: Ksuid::floor(since).as_str().to_owned(),
            until: Ksuid::floor(until + 4).as_str().to_owned(),
            delivered: 0,
        };
        let timer = NewTimer {
            id: self.ids().fresh(),
            kind: TimerKind::Recover,
            subject: state.endpoint.to_string(),
            state: serde_json::to_string(&state).map_err(|error| Error::Internal(error.to_string()))?,
            due_at: self.now(),
        };
        store::timer::insert(&mut tx, &timer, self.now()).await?;
        self.audited(tx, caller.actor(), "webhook.recover", endpoint.to_string(), None)
            .await?;
        self.lanes.fire();
        Ok(())
    }

    /// Disables an endpoint that is gone or fails for too long, tells its application, and withdraws what waits for it.
    ///
    /// Once only: an endpoint that is not active any more is left as it is.
    pub async fn disable_endpoint(self: &Arc<Self>, id: EndpointId, reason: &str) -> Result<bool> {
        let Some(found) = store::endpoint::find(&mut *self.store.read_all().await?, id).await? else {
            return Ok(false);
        };
        let (env, app) = (found.subscription.env, found.subscription.app);
        let mut tx = self.write(env).await?;
        let Some(mut endpoint) = store::endpoint::get(&mut tx, env, app, id).await? else {
            return Ok(false);
        };
        if endpoint.subscription.status != EndpointStatus::Active {
            return Ok(false);
        }
        let now = self.now();
        endpoint.subscription.status = EndpointStatus::Disabled;
        endpoint.disabled_reason = Some(reason.to_owned());
        endpoint.disabled_at = Some(now);
        endpoint.updated_at = now;
        store::endpoint::put(&mut tx, &endpoint).await?;
        let data = serde_json::json!({"webhook_id": id, "url": endpoint.url, "reason": reason});
        let told = Told {
            app,
            kind: "endpoint.disabled".into(),
            data,
        };
        let withdrawal = Withdrawal {
            endpoint: id,
            ended: DeliveryState::Cancelled,
            reason: format!("webhook disabled: {reason}"),
            tell: Some(told),
        };
        self.withdraw_later(&mut tx, withdrawal).await?;
        self.audited(
            tx,
            Actor::Server,
            "webhook.disable",
            id.to_string(),
            Some(serde_json::json!({"reason": reason})),
        )
        .await?;
        self.changed(env, &[Part::App(app), Part::Platform]).await;
        self.lanes.fire();
        Ok(true)
    }
}

fn apply(endpoint: &mut Endpoint, patch: EndpointPatch, now: i64) {
    if let Some(url) = patch.url {
        endpoint.url = url;
    }
    if let Some(event_types) = patch.event_types {
        endpoint.subscription.event_types = event_types;
    }
    if let Some(description) = patch.description {
        endpoint.description = description;
    }
    if let Some(rate_limit) = patch.rate_limit {
        endpoint.rate_limit = rate_limit.map(i64::from);
    }
    if let Some(retry_policy) = patch.retry_policy {
        endpoint.retry_policy = retry_policy;
    }
    if let Some(status) = patch.status {
        if status == EndpointStatus::Active {
            (endpoint.disabled_reason, endpoint.disabled_at) = (None, None);
        } else if endpoint.subscription.status == EndpointStatus::Active {
            endpoint.disabled_at = Some(now);
        }
        endpoint.subscription.status = status;
    }
    endpoint.updated_at = now;
}
