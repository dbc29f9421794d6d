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
            let mut expired = 0;
            for (env, user, id) in due {
                if self.stopping.is_cancelled() {
                    return Ok(());
                }
                match self.expire_one(env, &user, id).await {
                    Ok(()) => expired += 1,
                    Err(error @ app::Error::Unavailable(_)) => return Err(error),
                    // One that cannot be read holds no other up.
                    Err(error) => {
                        tracing::warn!(%error, notification = %id, "a state could not expire; the next pass tries again");
                    }
                }
            }
            if !full || expired == 0 {
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
            .change(&viewer, id, Change::To(Status::Expired), None, None)
            .await
        {
            Ok(_) | Err(app::Error::NotFound(_) | app::Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
