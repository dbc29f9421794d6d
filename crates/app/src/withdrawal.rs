//! Ending what waits for an endpoint that takes no more.

use std::sync::Arc;

use domain::delivery::DeliveryState;
use domain::effects::{Actor, Part, TimerKind};
use domain::endpoint::EndpointStatus;
use domain::id::{AppId, ConfigId, DestinationId, EndpointId};
use serde::{Deserialize, Serialize};
use store::Tx;

use crate::ctx::Ctx;
use crate::error::Result;

/// Why what waits for a destination that was deleted ends.
pub const CONFIG_DELETED: &str = "Config deleted";

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
    /// Only what this config of a tenant led there, where the lane is one that others use too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigId>,
}

impl Withdrawal {
    /// Of what waits for an endpoint that was deleted.
    pub(crate) fn deleted(endpoint: EndpointId) -> Self {
        Self {
            endpoint,
            ended: DeliveryState::Exhausted,
            reason: CONFIG_DELETED.to_owned(),
            tell: None,
            config: None,
        }
    }

    /// Of what waits for an endpoint that was disabled.
    fn disabled(endpoint: EndpointId, reason: &str) -> Self {
        Self {
            endpoint,
            ended: DeliveryState::Cancelled,
            reason: format!("webhook disabled: {reason}"),
            tell: None,
            config: None,
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

impl Ctx {
    /// Lets a timer withdraw, slice by slice, what waits for an endpoint.
    pub(crate) async fn withdraw_later(&self, tx: &mut Tx, state: Withdrawal) -> Result<()> {
        self.start(tx, TimerKind::Withdraw, &state.endpoint, &state).await
    }

    /// Withdraws up to `limit` of what is open for a destination that is no more, or disabled: what was published while it went, or by a node
    /// that had not heard of it yet, may be committed after its timer was done. Answers how many.
    pub async fn withdraw_left(&self, id: DestinationId, limit: i64) -> Result<u64> {
        let mut reader = self.store.read_all().await?;
        let found = store::endpoint::find(&mut reader, id.as_a()).await?;
        let env = match &found {
            Some(found) => Some(found.subscription.env),
            None => store::delivery::environment(&mut reader, id).await?,
        };
        drop(reader);
        let Some(env) = env else { return Ok(0) };
        let mut tx = self.write(env).await?;
        if store::endpoint::takes_deliveries(&mut tx, id).await? {
            return Ok(0);
        }
        let Withdrawal { ended, reason, .. } = match found.and_then(|found| found.disabled_reason) {
            Some(reason) if reason != store::app::DELETED => Withdrawal::disabled(id.as_a(), &reason),
            _ => Withdrawal::deleted(id.as_a()),
        };
        let gone = store::delivery::withdraw(&mut tx, (id, None), ended, &reason, limit, self.now()).await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Disables an endpoint that is gone or fails for too long, tells its application, and withdraws what waits for it.
    ///
    /// Once only: an endpoint that is not active any more is left as it is.
    pub async fn disable_endpoint(self: &Arc<Self>, id: EndpointId, reason: &str) -> Result<bool> {
        let Some(found) = store::endpoint::find(&mut *self.store.read_all().await?, id).await? else {
            return Ok(false);
        };
        let (env, app) = (found.subscription.env, found.subscription.app);
        let mut tx = self.store.change(env).await?;
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
            tell: Some(told),
            ..Withdrawal::disabled(id, reason)
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
