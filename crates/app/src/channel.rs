//! Channels: set up for an environment, by who carries them.

use channels::people::Sender;
use domain::channel::Channel;
use domain::effects::Part;
use domain::text::Fault;
use serde_json::Value;
use store::Change;
use store::channel::ChannelRow;
use templates::email::Branding;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::write::managed;

/// Fields of settings that are secret: they are kept encrypted and never shown.
const SECRETS: [&str; 5] = ["password", "key", "secret", "token", "webhook_secret"];
/// What stands in the place of a secret.
const HIDDEN: &str = "[hidden]";

impl Ctx {
    /// Sets a channel up, whole. A secret that is left out, or shown hidden, stays the one of the provider of that name.
    pub async fn put_channel(
        &self,
        caller: &Caller,
        channel: Channel,
        settings: Value,
    ) -> Result<ChannelRow> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        let row = self.write_channel(&mut tx, channel, settings).await?;
        let (row, _) = row.map_err(Error::Invalid)?;
        self.audited(tx, caller.actor(), "channel.put", channel.as_str(), None)
            .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(row)
    }

    /// Sets a channel up as part of a change; the flag tells whether anything is otherwise than before. What is wrong with it comes as its
    /// faults.
    pub(crate) async fn write_channel(
        &self,
        tx: &mut Change,
        channel: Channel,
        mut settings: Value,
    ) -> Result<Result<(ChannelRow, bool), Vec<Fault>>> {
        let (env, now) = (tx.env(), self.now());
        let before = store::channel::get(tx, env, channel).await?;
        if let Some(before) = &before {
            let known = self.channel_settings(before)?;
            keep_secrets(&mut settings, &known);
            if settings == known {
                return Ok(Ok((before.clone(), false)));
            }
        }
        if let Err(wrong) = Sender::new(channel.as_str(), &settings, &self.clients) {
            return Ok(Err(wrong.faults()));
        }
        let branding = settings
            .get("branding")
            .map(<Branding as serde::Deserialize>::deserialize);
        if let Some(Err(error)) = branding {
            return Ok(Err(vec![Fault::new("/branding", "shape", error.to_string())]));
        }
        let id = before
            .as_ref()
            .map_or_else(|| self.ids().fresh(), |before| before.id);
        let mut row = ChannelRow {
            id,
            env,
            channel,
            settings: hidden(&settings).to_string(),
            secrets: Vec::new(),
            created_at: before.map_or(now, |before| before.created_at),
            updated_at: now,
        };
        row.secrets = self.cipher.seal(&place(&row), settings.to_string().as_bytes())?;
        store::channel::put(tx, &row).await?;
        Ok(Ok((row, true)))
    }

    /// Takes a channel away: what goes through it is skipped from then on, and what waits for it is withdrawn.
    pub async fn delete_channel(&self, caller: &Caller, channel: Channel) -> Result<()> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        if store::channel::delete(&mut tx, channel).await? {
            self.audit(&mut tx, caller.actor(), "channel.delete", channel.as_str(), None)
                .await?;
        }
        tx.commit().await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(())
    }

    /// A channel's settings, secrets included.
    pub(crate) fn channel_settings(&self, row: &ChannelRow) -> Result<Value> {
        let text = self.cipher.open(&place(row), &row.secrets)?;
        serde_json::from_slice(&text)
            .map_err(|_| Error::Internal("settings of a channel are not JSON".into()))
    }
}

/// The place a channel's settings are sealed for.
fn place(row: &ChannelRow) -> String {
    format!("channels/{}/settings", domain::id::Prefixed::bare(&row.id))
}

/// Settings as they may be shown.
fn hidden(settings: &Value) -> Value {
    match settings {
        Value::Object(fields) => {
            let shown = fields.iter().map(|(name, value)| {
                let secret = SECRETS.contains(&name.as_str()) && value.is_string();
                let value = if secret {
                    Value::from(HIDDEN)
                } else {
                    hidden(value)
                };
                (name.clone(), value)
            });
            Value::Object(shown.collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(hidden).collect()),
        other => other.clone(),
    }
}

/// Puts the secrets of before where none are said, provider by provider.
fn keep_secrets(settings: &mut Value, before: &Value) {
    let named = |list: &Value, name: &Value| {
        let mut providers = list["providers"].as_array().into_iter().flatten();
        providers.find(|provider| provider["name"] == *name).cloned()
    };
    let Some(providers) = settings["providers"].as_array_mut() else {
        return;
    };
    for provider in providers {
        let Some(old) = named(before, &provider["name"]) else {
            continue;
        };
        for secret in SECRETS {
            let said = provider.get(secret).is_some_and(|value| *value != HIDDEN);
            if let (false, Some(value)) = (said, old.get(secret)) {
                provider[secret] = value.clone();
            }
        }
    }
}
