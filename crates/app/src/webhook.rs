//! Webhook endpoints: made, changed, deleted.

use std::time::{Duration, Instant};

use domain::effects::Part;
use domain::endpoint::{EndpointStatus, Subscription};
use domain::environment::Env;
use domain::event_type::check_name;
use domain::id::{AppId, EndpointId};
use domain::retry::Policy;
use domain::signature::{Secret, Secrets};
use domain::text::Faults;
use store::Conn;
use store::endpoint::Endpoint;

use crate::auth::Caller;
use crate::ctx::{Ctx, random};
use crate::error::{Error, Result};
use crate::snapshot::AppSnapshot;
use crate::withdrawal::Withdrawal;
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

/// Most endpoints an application may have.
const MOST_ENDPOINTS: usize = 1_000;

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
        if let Some(first) = self.first_answer(env, key).await? {
            return self
                .first_endpoint(&mut *self.store.read(env).await?, (env, app.app.id), &first)
                .await;
        }
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
        let mut tx = self.store.change(env).await?;
        if let Some(first) = once(&mut tx, key, now).await? {
            return self.first_endpoint(&mut tx, (env, app.app.id), &first).await;
        }
        // Another node may have deleted it since this one read it.
        if store::app::get(&mut tx, env, app.app.id).await?.is_none() {
            return Err(Error::NotFound("application"));
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

    /// What the first caller with a key made, as it is now.
    async fn first_endpoint(
        &self,
        conn: &mut Conn,
        of: (Env, AppId),
        first: &str,
    ) -> Result<(Endpoint, String)> {
        let id = <EndpointId as domain::id::Prefixed>::parse(first).ok_or(Error::NotFound("webhook"))?;
        let endpoint = known(conn, of, id).await?;
        let secret = self.open_secrets(&endpoint)?.current.expose();
        Ok((endpoint, secret))
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
        let mut copy = known(&mut *self.store.read(env).await?, (env, app), id).await?;
        apply(&mut copy, patch.clone(), now);
        self.check_endpoint(&copy).await?;
        let mut tx = self.store.change(env).await?;
        let mut endpoint = known(&mut tx, (env, app), id).await?;
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
        let mut tx = self.store.change(env).await?;
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
        let mut tx = self.store.change(env).await?;
        if let (Some(key), Some(first)) = (key, once(&mut tx, key, now).await?) {
            return self.first_secret(key, &first);
        }
        let mut endpoint = known(&mut tx, (env, app), id).await?;
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
}

/// An application's endpoint, which must be there.
pub(crate) async fn known(conn: &mut Conn, (env, app): (Env, AppId), id: EndpointId) -> Result<Endpoint> {
    store::endpoint::get(conn, env, app, id)
        .await?
        .ok_or(Error::NotFound("webhook"))
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
