//! Channels: set up for an environment, by who carries them.

use channels::people::Sender;
use domain::channel::Channel;
use domain::effects::Part;
use domain::environment::Env;
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

/// How a channel of an environment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Nobody set it up.
    Off,
    /// The sandbox keeps what it is given.
    Keeps,
    /// A provider sends.
    Sends,
}

/// The provider that keeps what it is given.
const SANDBOX: &str = "sandbox";

impl Ctx {
    /// How a channel of an environment stands, as far as its settings tell.
    pub async fn channel_stands(&self, env: Env, channel: Channel) -> Result<Stands> {
        let row = store::channel::get(&mut *self.store.read(env).await?, env, channel).await?;
        let Some(settings) = row.map(|row| self.channel_settings(&row)).transpose()? else {
            return Ok(Stands::Off);
        };
        let listed = settings["providers"].as_array();
        let keeps = match listed {
            Some(providers) => providers.iter().all(|provider| provider["kind"] == SANDBOX),
            None => settings["provider"] == SANDBOX,
        };
        Ok(if keeps { Stands::Keeps } else { Stands::Sends })
    }

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
            keep_secrets(channel, &mut settings, &known);
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
            settings: hidden(channel, &settings).to_string(),
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
fn hidden(channel: Channel, settings: &Value) -> Value {
    let mut shown = hidden_within(settings);
    for name in secret_of_channel(channel) {
        if let Some(value) = shown.get_mut(name).filter(|value| value.is_string()) {
            *value = Value::from(HIDDEN);
        }
    }
    shown
}

/// Secrets that stand at the top: a webhook of Slack or Teams is a secret as a whole.
fn secret_of_channel(channel: Channel) -> &'static [&'static str] {
    match channel {
        Channel::Slack | Channel::Teams => &["url"],
        _ => &[],
    }
}

fn hidden_within(settings: &Value) -> Value {
    match settings {
        Value::Object(fields) => {
            let shown = fields.iter().map(|(name, value)| {
                let secret = SECRETS.contains(&name.as_str()) && value.is_string();
                let value = if secret {
                    Value::from(HIDDEN)
                } else {
                    hidden_within(value)
                };
                (name.clone(), value)
            });
            Value::Object(shown.collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(hidden_within).collect()),
        other => other.clone(),
    }
}

/// Where secrets go: somewhere else they are asked for anew.
const PLACES: [&str; 5] = ["kind", "host", "port", "tls", "base_url"];

/// Puts the secrets of before where none are said and they go where they went: at the top, and provider by provider.
fn keep_secrets(channel: Channel, settings: &mut Value, before: &Value) {
    let stays = |said: &Value, known: &Value| PLACES.iter().all(|place| said.get(place) == known.get(place));
    if stays(settings, before) {
        let top = SECRETS.iter().chain(secret_of_channel(channel));
        keep(settings, before, top.copied());
    }
    let called = |provider: &Value| provider.get("name").or_else(|| provider.get("kind")).cloned();
    let known = before.get("providers").and_then(Value::as_array);
    let said = settings.get_mut("providers").and_then(Value::as_array_mut);
    for provider in said.into_iter().flatten() {
        let own = called(provider);
        let same = |old: &&Value| own.is_some() && called(old) == own;
        let old = known.into_iter().flatten().find(same);
        let Some(old) = old.filter(|old| stays(provider, old)) else {
            continue;
        };
        keep(provider, old, SECRETS.into_iter());
    }
}

/// Puts those of these secrets that are not said, or said as they are shown.
fn keep(settings: &mut Value, before: &Value, secrets: impl Iterator<Item = &'static str>) {
    let Some(fields) = settings.as_object_mut() else {
        return;
    };
    for secret in secrets {
        let said = fields.get(secret).is_some_and(|value| *value != HIDDEN);
        if let (false, Some(value)) = (said, before.get(secret)) {
            fields.insert(secret.to_owned(), value.clone());
        }
    }
}
