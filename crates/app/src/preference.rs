//! Preferences: written whole, checked before.

use domain::environment::Env;
use domain::preference::{Layer, Preferences};
use domain::text::{Fault, Faults};
use store::preference::Whose;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use domain::effects::Actor;

impl Ctx {
    /// Writes what somebody prefers, in place of what they said before. It counts for the next message; what is held up asks again when
    /// its time comes.
    pub async fn put_preferences(
        &self,
        env: Env,
        actor: Actor,
        whose: Whose<'_>,
        document: &Preferences,
    ) -> Result<()> {
        faults(document, whose).map_err(Error::Invalid)?;
        let text = written(document)?;
        let mut tx = self.store.write(env).await?;
        store::preference::lock(&mut tx, whose.user).await?;
        if store::preference::get(&mut tx, env, whose).await?.as_ref() == Some(&text) {
            return Ok(tx.rollback().await?);
        }
        store::preference::put(&mut tx, whose, &text, self.now()).await?;
        let of = serde_json::json!({"tenant": whose.tenant, "user": whose.user});
        self.audited(tx, actor, "preferences.put", whose.user, Some(of))
            .await
    }

    /// What somebody prefers; empty when they said nothing.
    pub async fn preferences(&self, env: Env, whose: Whose<'_>) -> Result<Preferences> {
        let found = store::preference::get(&mut *self.store.read(env).await?, env, whose).await?;
        let read = found.map(|text| serde_json::from_str(&text)).transpose();
        Ok(read
            .map_err(|error| Error::Internal(format!("preferences cannot be read: {error}")))?
            .unwrap_or_default())
    }
}

/// A document as it is kept.
pub(crate) fn written(document: &Preferences) -> Result<String> {
    serde_json::to_string(document).map_err(|error| Error::Internal(error.to_string()))
}

/// What is wrong with what somebody says they prefer.
pub(crate) fn faults(document: &Preferences, whose: Whose<'_>) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::default();
    document.check("", layer(whose), &mut faults);
    faults.finish()
}

fn layer(whose: Whose<'_>) -> Layer {
    match (whose.tenant.is_empty(), whose.user.is_empty()) {
        (true, true) => Layer::Environment,
        (false, true) => Layer::Tenant,
        (true, false) => Layer::User,
        (false, false) => Layer::UserInTenant,
    }
}
