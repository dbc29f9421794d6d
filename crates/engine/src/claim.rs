//! Claiming: deliveries that wait in the database come to their lanes, destination by destination.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use app::lanes::{Carrier, Job, Lane};
use app::withdrawal::CONFIG_DELETED;
use bytes::Bytes;
use domain::callback::compared;
use domain::channel::Channel;
use domain::delivery::{Completion, HealthEffect, Verdict};
use domain::endpoint::EndpointStatus;
use domain::environment::Env;
use domain::id::{DeliveryId, DestinationId, EventId, Prefixed};
use serde::Deserialize;
use store::delivery::Claimed;

use crate::Result;
use crate::run::Engine;
use crate::unsure::Leased;

/// Destinations looked at in one step.
const DESTINATIONS: i64 = 256;
/// Deliveries claimed for one destination in one step, and for all together: what one turn among the writers may take.
const EACH: usize = 128;
const TOGETHER: usize = 512;
/// Deliveries withdrawn in one turn where their destination takes no more.
const LEFT: i64 = 200;

/// Why a delivery is not tried any more, and how it ends.
type Ended = (Verdict, &'static str);

/// What is to be sent, or why it is not to be, by delivery.
#[derive(Default)]
struct Bodies {
    bytes: HashMap<DeliveryId, Bytes>,
    ended: HashMap<DeliveryId, Ended>,
}

/// Deliveries whose bytes are asked for, with their events, by environment.
type Asked = HashMap<Env, Vec<(EventId, DeliveryId)>>;

/// A destination with room for what is due.
struct Wanted {
    lane: Arc<Lane>,
    promised: usize,
}

impl Engine {
    /// Looks at every destination with open deliveries, each once, and claims what is due and has room.
    pub(crate) async fn claim(self: &Arc<Self>) -> Result<()> {
        let mut after = String::new();
        while self.may_claim() && !self.stopping.is_cancelled() {
            let due =
                store::delivery::destinations(&mut *self.ctx.store.read_all().await?, &after, DESTINATIONS)
                    .await?;
            let Some(last) = due.last() else { return Ok(()) };
            after = last.destination.bare().to_owned();
            let now = self.ctx.now();
            let mut wanted = Vec::new();
            if let Some(next) = due
                .iter()
                .filter_map(|due| due.due_at)
                .filter(|at| *at > now)
                .min()
            {
                self.wake_at(next, |engine| &engine.look);
            }
            for destination in due
                .iter()
                .filter(|due| due.due_at.is_some_and(|at| at <= now))
                .map(|due| due.destination)
            {
                match self.want(destination, now).await {
                    Ok(found) => wanted.extend(found),
                    // What the others were promised stays promised.
                    Err(error) => {
                        tracing::warn!(%error, %destination, "a destination could not be read; the next pass tries again");
                    }
                }
                if wanted.iter().map(|wanted| wanted.promised).sum::<usize>() >= TOGETHER {
                    self.take(std::mem::take(&mut wanted), now).await?;
                }
            }
            self.take(wanted, now).await?;
            if i64::try_from(due.len()).unwrap_or(0) < DESTINATIONS {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A destination that takes deliveries now, with the room it promised.
    async fn want(&self, destination: DestinationId, now: i64) -> Result<Option<Wanted>> {
        let lane = self.ctx.lane(destination).await?;
        let status = lane.as_ref().map(|lane| lane.destination().status);
        let (Some(lane), Some(EndpointStatus::Active)) = (lane, status) else {
            if status != Some(EndpointStatus::Paused) && self.ctx.withdraw_left(destination, LEFT).await? > 0
            {
                self.look.wakes.notify_one();
            }
            return Ok(None);
        };
        let promised = lane.reserve_for_claim(EACH, now);
        Ok((promised > 0).then_some(Wanted { lane, promised }))
    }

    /// Claims in one transaction, reads what is to be sent, and fills the lanes.
    async fn take(self: &Arc<Self>, wanted: Vec<Wanted>, now: i64) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        let claimed = self.claim_rows(&wanted, now).await;
        let rows = match claimed {
            Ok(rows) => rows,
            Err(error) => {
                for Wanted { lane, promised } in &wanted {
                    lane.claimed(*promised, Vec::new(), true, now);
                }
                return Err(error);
            }
        };
        let bodies = self.bodies(&wanted, &rows).await;
        for (Wanted { lane, promised }, rows) in wanted.into_iter().zip(rows) {
            // A full hand means that more may wait.
            let more = rows.len() >= promised;
            let mut jobs = Vec::with_capacity(rows.len());
            for row in rows {
                let Ok(bodies) = &bodies else {
                    let back = Verdict::Released(now + 1_000);
                    self.write(completion(&lane, &row, back, now)).await;
                    continue;
                };
                jobs.extend(self.job(&lane, row, bodies, now).await);
            }
            lane.claimed(promised, jobs, more, now);
            if more {
                self.look.wakes.notify_one();
            }
        }
        bodies.map(drop)
    }

    async fn claim_rows(&self, wanted: &[Wanted], now: i64) -> Result<Vec<Vec<Claimed>>> {
        let turn = self.turn();
        let mut tx = self.ctx.store.write_all().await?;
        let mut rows = Vec::with_capacity(wanted.len());
        for Wanted { lane, promised } in wanted {
            let limit = i64::try_from(*promised).unwrap_or(0);
            rows.push(store::delivery::claim(&mut tx, lane.id(), turn, limit, now).await?);
        }
        if let Err(error) = tx.commit().await {
            let released = |lane: &Lane, row| {
                let back = completion(lane, row, Verdict::Released(now), now);
                Leased::Delivery(Box::new(back))
            };
            for (Wanted { lane, .. }, rows) in wanted.iter().zip(&rows) {
                self.doubt(rows.iter().map(|row| released(lane, row)));
            }
            return Err(error.into());
        }
        Ok(rows)
    }

    /// The bytes to send, by delivery: the same on every attempt. An event's are made from it as it is kept, a message's are kept.
    async fn bodies(&self, wanted: &[Wanted], rows: &[Vec<Claimed>]) -> Result<Bodies> {
        let (mut events, mut messages) = (Asked::new(), Asked::new());
        for (Wanted { lane, .. }, rows) in wanted.iter().zip(rows) {
            let asked = match lane.destination().carrier {
                Carrier::Webhook(_) => &mut events,
                Carrier::Channel(_) | Carrier::Nobody(_) => &mut messages,
            };
            for row in rows {
                asked.entry(row.env).or_default().push((row.event, row.id));
            }
        }
        let mut bodies = Bodies {
            bytes: self.envelopes(events).await?,
            ..Bodies::default()
        };
        for (env, asked) in messages {
            self.messages(env, &asked, &mut bodies).await?;
        }
        Ok(bodies)
    }

    /// What messages carry, but for those that nobody is to get any more since they were planned.
    async fn messages(&self, env: Env, asked: &[(EventId, DeliveryId)], bodies: &mut Bodies) -> Result<()> {
        let ids: Vec<_> = asked.iter().map(|(_, delivery)| *delivery).collect();
        let mut reader = self.ctx.store.read(env).await?;
        let contents = store::message::contents(&mut reader, env, &ids).await?;
        let gone = store::message::without_config(&mut reader, env, &ids).await?;
        let deleted = (Verdict::Exhausted, CONFIG_DELETED);
        bodies.ended.extend(gone.into_iter().map(|id| (id, deleted)));
        let addresses = contents.iter().filter_map(|(id, content)| {
            let mail: Addressed = serde_json::from_str(content).ok()?;
            Some((*id, compared(&mail.to?)))
        });
        let addresses: HashMap<_, _> = addresses.collect();
        let all: Vec<_> = addresses.values().cloned().collect();
        let found: HashSet<_> = store::suppression::among(&mut reader, env, Channel::Email, &all)
            .await?
            .into_iter()
            .collect();
        let suppressed = addresses
            .into_iter()
            .filter(|(_, address)| found.contains(address));
        let ended = (Verdict::Failed, "suppressed: its address gets nothing more");
        bodies.ended.extend(suppressed.map(|(id, _)| (id, ended)));
        let bytes = contents
            .into_iter()
            .map(|(id, content)| (id, Bytes::from(content)));
        bodies.bytes.extend(bytes);
        Ok(())
    }

    async fn envelopes(&self, wanted: Asked) -> Result<HashMap<DeliveryId, Bytes>> {
        let mut bodies = HashMap::new();
        for (env, asked) in wanted {
            let mut events: Vec<_> = asked.iter().map(|(event, _)| *event).collect();
            events.sort_unstable();
            events.dedup();
            let mut reader = self.ctx.store.read(env).await?;
            let found = store::event::find_many(&mut reader, env, &events).await?;
            let envelopes: HashMap<EventId, Bytes> = found
                .iter()
                .map(|event| (event.id, Bytes::from(event.envelope())))
                .collect();
            for (event, delivery) in asked {
                bodies.extend(envelopes.get(&event).map(|body| (delivery, body.clone())));
            }
        }
        Ok(bodies)
    }

    /// A claimed row as a job, unless it ends here: its event is gone, or it was tried too often already.
    async fn job(self: &Arc<Self>, lane: &Lane, row: Claimed, bodies: &Bodies, now: i64) -> Option<Job> {
        let most = i32::try_from(lane.destination().policy.max_attempts()).unwrap_or(i32::MAX);
        let body = bodies.bytes.get(&row.id);
        let over = match bodies.ended.get(&row.id) {
            Some(ended) => Some(*ended),
            None if row.attempts - row.spent_before >= most => {
                Some((Verdict::Exhausted, "no attempt is left"))
            }
            None if body.is_none() => Some((Verdict::Exhausted, "its event is older than what is kept")),
            None => None,
        };
        let body = match (over, body) {
            (None, Some(body)) => body.clone(),
            (over, _) => {
                let (verdict, reason) = over?;
                let ended = Completion {
                    reason: Some(reason),
                    ..completion(lane, &row, verdict, now)
                };
                self.write(ended).await;
                return None;
            }
        };
        Some(Job {
            delivery: row.id,
            env: row.env,
            destination: lane.id(),
            event: row.event,
            lease: row.lease,
            attempts: row.attempts,
            spent_before: row.spent_before,
            first_attempt_at: row.first_attempt_at,
            created_at: row.created_at,
            body,
        })
    }
}

/// To whom a message goes.
#[derive(Deserialize)]
struct Addressed {
    to: Option<String>,
}

fn completion(lane: &Lane, row: &Claimed, verdict: Verdict, now: i64) -> Completion {
    Completion {
        delivery: row.id,
        env: row.env,
        destination: lane.id(),
        lease: row.lease,
        attempts: row.attempts,
        attempt: None,
        verdict,
        reason: None,
        log_attempt: false,
        health: HealthEffect::None,
        carried: None,
        at: now,
    }
}
