//! Several providers for one channel: the next one takes over where one cannot.
//!
//! Another provider is asked at once when nothing of the mail is with the one before, for a reason that lies with it: it
//! cannot be reached, its key is wrong, its quota is used up. Never when the mail may have been taken, and never when the
//! recipient or the mail itself was refused: the answer would be the same, or the mail would come twice. Who may have taken a mail is asked
//! first when it is tried again, whatever else failed there meanwhile; only where it stays unknown a second time, another one is asked too:
//! a mail that comes twice is better than one that does not come.

use std::collections::VecDeque;
use std::time::Duration;

use domain::retry::{Breaker, Circuit, Reaction};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::letter::Letter;
use super::resend::Resend;
use super::smtp::Smtp;
use crate::callback::{Call, CallError, Report};
use crate::outcome::{Outcome, Refusal, Verdict};
use crate::people::{Health, Status};
use crate::sandbox;

/// When a provider is left out: after fewer failures than a whole channel, since another one stands ready.
const BREAKER: Breaker = Breaker {
    strain: 4,
    pause: 60_000,
};

/// Mails that are remembered because somebody may have taken them.
const DOUBTS: usize = 1_000;
/// How often it may stay unknown before another provider is asked.
const UNKNOWN_TWICE: u32 = 2;

/// A mail that a provider may have taken.
#[derive(Debug)]
struct Doubt {
    delivery: String,
    provider: String,
    /// How often its outcome was unknown.
    times: u32,
}

/// One provider.
#[derive(Debug)]
pub(super) struct Provider {
    name: String,
    kind: Kind,
    circuit: Mutex<Circuit>,
}

#[derive(Debug)]
enum Kind {
    Smtp(Box<Smtp>),
    Resend(Box<Resend>),
    Sandbox,
}

impl Provider {
    pub(super) fn smtp(name: &str, smtp: Smtp) -> Self {
        Self::new(name, Kind::Smtp(Box::new(smtp)))
    }

    pub(super) fn resend(name: &str, resend: Resend) -> Self {
        Self::new(name, Kind::Resend(Box::new(resend)))
    }

    pub(super) fn sandbox(name: &str) -> Self {
        Self::new(name, Kind::Sandbox)
    }

    fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            circuit: Mutex::new(Circuit::default()),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, letter: &Letter, deadline: Duration, now: i64) -> Outcome {
        let outcome = match &self.kind {
            Kind::Smtp(smtp) => Box::pin(smtp.send(letter, deadline, now)).await,
            Kind::Resend(resend) => Box::pin(resend.send(letter, deadline, now)).await,
            Kind::Sandbox => sandbox::send(&letter.delivery_id),
        };
        Outcome {
            provider: Some(self.name.clone()),
            ..outcome
        }
    }

    async fn status(&self, deadline: Duration) -> Status {
        let (health, detail) = match &self.kind {
            Kind::Smtp(smtp) => Box::pin(smtp.health(deadline)).await,
            Kind::Resend(resend) => Box::pin(resend.health(deadline)).await,
            Kind::Sandbox => (Health::Up, None),
        };
        Status {
            provider: self.name.clone(),
            health,
            detail,
        }
    }
}

/// Providers in the order they are asked.
#[derive(Debug)]
pub(super) struct Failover {
    providers: Vec<Provider>,
    doubts: Mutex<VecDeque<Doubt>>,
}

impl Failover {
    /// Takes one provider at least.
    pub(super) fn new(providers: Vec<Provider>) -> Self {
        Self {
            providers,
            doubts: Mutex::default(),
        }
    }

    /// Reads what the provider of this name tells afterwards.
    pub(super) fn hear(&self, name: &str, call: &Call<'_>) -> Result<Option<Report>, CallError> {
        match self.providers.iter().find(|provider| provider.name == name) {
            Some(Provider {
                kind: Kind::Resend(resend),
                ..
            }) => resend.hear(call),
            _ => Err(CallError::Nobody),
        }
    }

    /// Sends by the first provider that takes it. Each has its share of the time that is left, so that one which hangs
    /// leaves some to the next.
    pub(super) async fn send(&self, letter: &Letter, deadline: Duration, now: i64) -> Outcome {
        let start = Instant::now();
        let order = self.order(&letter.delivery_id, now);
        let mut before: Vec<Outcome> = Vec::new();
        for (at, provider) in order.iter().enumerate() {
            let left = deadline.saturating_sub(start.elapsed());
            let others = u32::try_from(order.len() - at).unwrap_or(1);
            provider.circuit.lock().may_start(BREAKER, later(now, start));
            let outcome = provider.send(letter, left / others, later(now, start)).await;
            let reaction = blame(&outcome);
            provider
                .circuit
                .lock()
                .record(BREAKER, reaction, later(now, start));
            self.note(&letter.delivery_id, provider, outcome.verdict == Verdict::Unknown);
            let last = at + 1 == order.len();
            if last || !outcome.elsewhere {
                return finish(outcome, before, start.elapsed());
            }
            before.push(outcome);
        }
        Outcome::failed(
            Verdict::Refused(Refusal::Configuration),
            crate::outcome::ErrorClass::Provider,
            "nobody carries the mail",
            start.elapsed(),
        )
    }

    /// Who is asked, and in which order: those left out for their failures come last, so that an attempt is never spent
    /// without a try; who may have taken the mail already comes first, or last of all where that stayed unknown.
    fn order(&self, delivery: &str, now: i64) -> Vec<&Provider> {
        let stands_ready = |provider: &&Provider| {
            let circuit = *provider.circuit.lock();
            circuit.blocked_until(BREAKER, now).is_none()
        };
        let (mut order, left_out): (Vec<_>, Vec<_>) = self.providers.iter().partition(stands_ready);
        order.extend(left_out);
        let doubts = self.doubts.lock();
        let Some(doubt) = doubts.iter().find(|doubt| doubt.delivery == delivery) else {
            return order;
        };
        match order.iter().position(|provider| provider.name == doubt.provider) {
            Some(at) if doubt.times < UNKNOWN_TWICE => order[..=at].rotate_right(1),
            Some(at) => order[at..].rotate_left(1),
            None => {}
        }
        order
    }

    /// Remembers who may have taken a mail, until it is known.
    fn note(&self, delivery: &str, provider: &Provider, is_unknown: bool) {
        let mut doubts = self.doubts.lock();
        let known = doubts.iter().position(|doubt| doubt.delivery == delivery);
        let before = known.and_then(|at| doubts.remove(at));
        if !is_unknown {
            return;
        }
        if doubts.len() >= DOUBTS {
            doubts.pop_front();
        }
        let before = before.filter(|before| before.provider == provider.name);
        doubts.push_back(Doubt {
            delivery: delivery.to_owned(),
            provider: provider.name.clone(),
            times: before.map_or(0, |before| before.times) + 1,
        });
    }

    /// How many mails there is room for at once at the one that is asked first.
    pub(super) fn at_once(&self) -> Option<usize> {
        match &self.providers.first()?.kind {
            Kind::Smtp(smtp) => Some(smtp.connections),
            Kind::Resend(_) | Kind::Sandbox => None,
        }
    }

    /// How each provider is, asked one after the other within one deadline.
    pub(super) async fn status(&self, deadline: Duration) -> Vec<Status> {
        let start = Instant::now();
        let mut found = Vec::with_capacity(self.providers.len());
        for (at, provider) in self.providers.iter().enumerate() {
            let left = deadline.saturating_sub(start.elapsed());
            let others = u32::try_from(self.providers.len() - at).unwrap_or(1);
            found.push(provider.status(left / others).await);
        }
        found
    }

    pub(super) fn sweep(&self) {
        for provider in &self.providers {
            if let Kind::Smtp(smtp) = &provider.kind {
                smtp.sweep();
            }
        }
    }
}

fn later(now: i64, start: Instant) -> i64 {
    now.saturating_add(i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX))
}

/// What counts against a provider: not that it puts one recipient off.
fn blame(outcome: &Outcome) -> Reaction {
    let its_own = outcome.elsewhere || outcome.verdict == Verdict::Unknown;
    if its_own { outcome.reaction } else { Reaction::Took }
}

/// The last provider's answer for all of them. As long as one of them may take it another time, trying again is worth it.
fn finish(last: Outcome, before: Vec<Outcome>, elapsed: Duration) -> Outcome {
    let mut outcome = Outcome { elapsed, ..last };
    let hopeful = |outcome: &&Outcome| matches!(outcome.verdict, Verdict::Retry { .. });
    if outcome.verdict == Verdict::Refused(Refusal::Configuration)
        && let Some(other) = before.iter().find(hopeful)
    {
        (outcome.verdict, outcome.class) = (other.verdict, other.class);
        (outcome.reaction, outcome.retry_after) = (other.reaction, other.retry_after);
    }
    if hopeful(&&outcome) {
        let others = before.iter().filter(hopeful).map(|other| other.retry_after);
        let soonest = others
            .chain([outcome.retry_after])
            .map(Option::unwrap_or_default)
            .min();
        outcome.retry_after = soonest.filter(|wait| *wait > 0);
    }
    outcome.before = before;
    outcome
}
