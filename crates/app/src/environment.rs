//! What an environment's operator chooses.

use domain::effects::Part;
use domain::environment::Settings;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::write::managed;

impl Ctx {
    /// Puts settings in force: what `change` makes of those that hold, read and written in one transaction.
    pub async fn update_settings<F>(&self, caller: &Caller, change: F) -> Result<Settings>
    where
        F: FnOnce(Settings) -> Result<Settings> + Send,
    {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        let before = store::environment::get(&mut tx, env)
            .await?
            .ok_or(Error::NotFound("environment"))?;
        let settings = change(before.settings)?;
        settings.check().map_err(Error::Invalid)?;
        store::environment::update(&mut tx, &settings).await?;
        let detail = serde_json::to_value(&settings).ok();
        self.audited(
            tx,
            caller.actor(),
            "environment.update",
            before.id.to_string(),
            detail,
        )
        .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(settings)
    }
}
