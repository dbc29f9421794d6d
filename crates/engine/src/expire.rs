//! Expiry: states whose time is over.

use app::notification::Viewer;
use domain::effects::Actor;
use domain::environment::Env;
use domain::feed::{Change, Status};
use domain::id::NotificationId;

use crate::Result;
use crate::run::Engine;

/// States expired in one step.
const SLICE: i64 = 200;

impl Engine {
    /// Expires every state whose time is over, telling its application.
    pub(crate) async fn expire(&self) -> Result<()> {
        // A machine whose clock is off must not decide whose time is over.
        while self.may_claim() {
            let due =
                store::feed::expired(&mut *self.ctx.store.read_all().await?, self.ctx.now(), SLICE).await?;
            let full = i64::try_from(due.len()).unwrap_or(0) >= SLICE;
            for (env, user, id) in due {
                if self.stopping.is_cancelled() {
                    return Ok(());
                }
                self.expire_one(env, &user, id).await?;
            }
            if !full {
                break;
            }
        }
        Ok(())
    }

    /// A state that changed meanwhile, or that somebody followed or put away, is left alone.
    async fn expire_one(&self, env: Env, user: &str, id: NotificationId) -> Result<()> {
        let viewer = Viewer {
            env,
            user: user.to_owned(),
            actor: Actor::Server,
            within: None,
        };
        match self
            .ctx
            .change(&viewer, id, Change::To(Status::Expired), None)
            .await
        {
            Ok(_) | Err(app::Error::NotFound(_) | app::Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
