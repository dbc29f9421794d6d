//! Callbacks: what providers tell afterwards of what they took, and the addresses that get nothing any more because of it.

use std::collections::HashSet;

pub use channels::callback::Call;
use channels::callback::{CallError, Report};
use domain::callback::{Aftermath, Suppressed, compared};
use domain::channel::Channel;
use domain::delivery::DeliveryState;
use domain::effects::{Actor, Effects};
use domain::environment::Env;
use domain::id::{ChannelId, DeliveryId, DestinationId, Prefixed};
use domain::signature::VerifyError;
use store::message::Message;
use store::suppression::Suppression;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::lanes::Carrier;
use crate::write::managed;

/// Most characters of a provider's words that are kept.
const MOST_DETAIL: usize = 1_000;

impl Ctx {
    /// Takes a provider's call about something it was given through a channel. What it tells of somebody else's mails is nobody's business.
    pub async fn hear(&self, channel: ChannelId, provider: &str, call: &Call<'_>) -> Result<()> {
        let (env, heard) = self.heard(channel, provider, call).await?;
        let Some(report) = heard.map_err(|error| refused(&error))? else {
            return Ok(());
        };
        self.told(env, provider, &report).await
    }

    /// Whether a call with these headers is worth listening to: somebody is called there, and it is signed.
    pub async fn would_hear(&self, channel: ChannelId, provider: &str, call: &Call<'_>) -> Result<()> {
        match self.heard(channel, provider, call).await?.1 {
            Err(error @ (CallError::Nobody | CallError::Forged(VerifyError::MissingHeader(_)))) => {
                Err(refused(&error))
            }
            _ => Ok(()),
        }
    }

    async fn heard(
        &self,
        channel: ChannelId,
        provider: &str,
        call: &Call<'_>,
    ) -> Result<(Env, Result<Option<Report>, CallError>)> {
        let lane = self.lane(DestinationId::of(&channel)).await?;
        let destination = lane.ok_or(Error::NotFound("provider"))?.destination();
        let Carrier::Channel(sender) = &destination.carrier else {
            return Err(Error::NotFound("provider"));
        };
        Ok((destination.env, sender.hear(provider, call)))
    }

    async fn told(&self, env: Env, provider: &str, report: &Report) -> Result<()> {
        let mut tx = self.write(env).await?;
        let tagged = report
            .delivery
            .as_deref()
            .and_then(<DeliveryId as Prefixed>::parse);
        let found = match tagged {
            Some(id) => store::message::get(&mut tx, env, id).await?,
            None => store::message::carried(&mut tx, env, provider, &report.provider_id).await?,
        };
        let Some(message) = found else { return Ok(()) };
        // The call may overtake the answer that it is about; the provider calls again.
        if !message.state.is_final() {
            return Err(again());
        }
        let detail = report.detail.as_deref().map(plain);
        let (aftermath, detail) = (report.aftermath, detail.as_deref());
        let noted = (report.id.as_str(), aftermath, detail);
        if !store::callback::insert(&mut tx, message.delivery, noted, self.now()).await? {
            return Ok(());
        }
        if let Some(state) = aftermath.moves(message.state) {
            let error = (state == DeliveryState::Failed).then(|| sentence(aftermath, detail));
            let place = (message.destination, message.delivery);
            if !store::delivery::moved(&mut tx, place, (message.state, state), error.as_deref()).await? {
                return Err(again());
            }
        }
        if let Some(why) = aftermath.suppresses() {
            self.note_suppressed(&mut tx, &message, report.address.as_deref(), why)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Suppresses the address of a message. The one it was sent to: what a call names is only told where that is not known.
    async fn note_suppressed(
        &self,
        tx: &mut store::Tx,
        message: &Message,
        told: Option<&str>,
        why: Suppressed,
    ) -> Result<()> {
        let Some(address) = message.recipient.as_deref().or(told) else {
            return Ok(());
        };
        let (channel, delivery) = (message.channel, Some(message.delivery));
        if store::suppression::put(tx, channel, address, why, delivery, self.now()).await? {
            let detail = serde_json::json!({"why": why.as_str(), "delivery": message.delivery});
            let subject = subject(channel, address);
            self.audit(tx, Actor::Server, "suppression.put", subject, Some(detail))
                .await?;
        }
        Ok(())
    }

    /// Suppresses the address of a delivery that its own server refused for good. Again is as once.
    pub async fn suppress_refused(&self, env: Env, delivery: DeliveryId) -> Result<()> {
        let mut tx = self.write(env).await?;
        let Some(message) = store::message::get(&mut tx, env, delivery).await? else {
            return Ok(());
        };
        self.note_suppressed(&mut tx, &message, None, Suppressed::Refused)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Suppresses an address by hand. The flag tells whether it was not before.
    pub async fn suppress(
        &self,
        caller: &Caller,
        channel: Channel,
        address: &str,
    ) -> Result<(Suppression, bool)> {
        let env = managed(caller)?;
        let mut tx = self.write(env).await?;
        let manual = Suppressed::Manual;
        let is_new = store::suppression::put(&mut tx, channel, address, manual, None, self.now()).await?;
        let found = store::suppression::get(&mut tx, env, channel, address).await?;
        let subject = subject(channel, address);
        self.audited(tx, caller.actor(), "suppression.put", subject, None)
            .await?;
        Ok((found.ok_or(Error::NotFound("suppression"))?, is_new))
    }

    /// Lets an address get something again; again is as once.
    pub async fn unsuppress(&self, caller: &Caller, channel: Channel, address: &str) -> Result<()> {
        let env = managed(caller)?;
        let mut tx = self.write(env).await?;
        if store::suppression::delete(&mut tx, channel, address).await? {
            let subject = subject(channel, address);
            self.audit(&mut tx, caller.actor(), "suppression.delete", subject, None)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Of the addresses that a plan's mails go to, those that get nothing, as they are compared.
    pub(crate) async fn suppressed(
        &self,
        reader: &mut store::Reader,
        effects: &Effects,
    ) -> Result<HashSet<String>> {
        let sent = effects
            .deliveries
            .iter()
            .filter(|delivery| delivery.skipped.is_none());
        let mails = sent
            .filter_map(|delivery| delivery.message.as_deref())
            .filter(|message| message.channel == Channel::Email);
        let addresses: HashSet<String> = mails
            .filter_map(|message| message.recipient.as_deref())
            .map(compared)
            .collect();
        if addresses.is_empty() {
            return Ok(addresses);
        }
        let addresses: Vec<String> = addresses.into_iter().collect();
        let found = store::suppression::among(reader, effects.env, Channel::Email, &addresses).await?;
        Ok(found.into_iter().collect())
    }
}

/// An address as the audit log has it, which outlives the list: of a mail address only where it is.
fn subject(channel: Channel, address: &str) -> String {
    let address = compared(address);
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    format!("{}:*@{domain}", channel.as_str())
}

/// A provider's words on one line, as every database keeps them.
fn plain(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(MOST_DETAIL).collect()
}

/// Why a call is not taken.
fn refused(error: &CallError) -> Error {
    match error {
        CallError::Nobody => Error::NotFound("provider"),
        CallError::Forged(_) => Error::Unauthenticated {
            code: "signature",
            detail: error.to_string(),
        },
        CallError::Malformed => {
            Error::BadRequest(vec![domain::text::Fault::new("", "shape", error.to_string())])
        }
    }
}

/// What this is about stands otherwise by now.
fn again() -> Error {
    Error::Unavailable("what this is about is being changed; tell it again later".into())
}

/// What the delivery says of it.
fn sentence(aftermath: Aftermath, detail: Option<&str>) -> String {
    match detail {
        Some(detail) => format!("{}: {detail}", aftermath.as_str()),
        None => aftermath.as_str().to_owned(),
    }
}
