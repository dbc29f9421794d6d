//! Ending what waits for an endpoint that takes no more.

use std::sync::Arc;

use domain::delivery::DeliveryState;
use domain::effects::{Actor, Part, TimerKind};
use domain::endpoint::EndpointStatus;
use domain::id::{AppId, EndpointId};
use serde::{Deserialize, Serialize};
use store::Tx;

use crate::ctx::Ctx;
use crate::error::Result;

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

impl Ctx {
    /// Lets a timer withdraw, slice by slice, what waits for an endpoint.
    pub(crate) async fn withdraw_later(&self, tx: &mut Tx, state: Withdrawal) -> Result<()> {
        self.start(tx, TimerKind::Withdraw, &state.endpoint, &state).await
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
