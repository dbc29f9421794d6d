//! Delivering: one attempt after the other, as the lanes allow, each outcome through the group commit.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::Duration;

use app::lanes::{Carrier, Destination, Job, Lane, Runner, Webhook};
use channels::outcome::{Refusal, Verdict as People};
use channels::people::{Outgoing, Sender};
use channels::webhook::{self, Outcome};
use domain::delivery::{Attempt, Carried, Completion, HealthEffect, Verdict};
use domain::endpoint::EndpointStatus;
use domain::id::EndpointId;
use domain::retry::{self, Judgement, Next, Reaction};
use domain::signature::Signer;
use domain::statistics::Counted;
use futures_util::FutureExt;

use crate::Result;
use crate::run::Engine;
use crate::unsure::Leased;

/// Acts for the lanes.
#[derive(Debug)]
pub struct Delivery(pub(crate) Weak<Engine>);

impl Runner for Delivery {
    fn run(&self, lane: Arc<Lane>, job: Job) {
        if let Some(engine) = self.0.upgrade() {
            Arc::clone(&engine).spawn(engine.work(lane, job));
        }
    }

    fn release(&self, jobs: Vec<Job>, from: i64) {
        if let Some(engine) = self.0.upgrade() {
            engine.give_back(jobs, from);
        }
    }

    fn doubt(&self, jobs: Vec<Job>) {
        if let Some(engine) = self.0.upgrade() {
            let now = engine.ctx.now();
            let back = |job| Leased::Delivery(Box::new(release(&job, now, now)));
            engine.doubt(jobs.into_iter().map(back));
        }
    }

    fn wait(&self, lane: Arc<Lane>, after: u64) {
        let Some(engine) = self.0.upgrade() else { return };
        Arc::clone(&engine).spawn(async move {
            tokio::select! {
                () = engine.stopping.cancelled() => {}
                () = tokio::time::sleep(Duration::from_millis(after)) => lane.waited(engine.ctx.now()),
            }
        });
    }

    fn look(&self) {
        if let Some(engine) = self.0.upgrade() {
            engine.look.wakes.notify_one();
        }
    }

    fn fire(&self) {
        if let Some(engine) = self.0.upgrade() {
            engine.fire.wakes.notify_one();
        }
    }
}

impl Engine {
    /// Works through a lane until it has nothing to start.
    async fn work(self: Arc<Self>, lane: Arc<Lane>, first: Job) {
        let mut next = Some(first);
        while let Some(job) = next {
            let attempted = AssertUnwindSafe(self.attempt(&lane, &job)).catch_unwind().await;
            let (reaction, throttled) = if let Ok(attempted) = attempted {
                attempted
            } else {
                // A defect of ours: the destination is not blamed, and the lane goes on whatever comes of this.
                let _ = AssertUnwindSafe(self.panicked(&lane, &job)).catch_unwind().await;
                (None, false)
            };
            let now = self.ctx.now();
            if lane.done(reaction, throttled, now) {
                self.look.wakes.notify_one();
            }
            if self.stopping.is_cancelled() {
                return;
            }
            next = lane.next(now);
        }
    }

    /// Makes one attempt and hands its outcome to the group commit.
    async fn attempt(self: &Arc<Self>, lane: &Lane, job: &Job) -> (Option<Reaction>, bool) {
        let known = !lane.is_stale() || matches!(self.ctx.lane(lane.id()).await, Ok(Some(_)));
        let destination = lane.destination();
        let started_at = self.ctx.now();
        let free = known
            && destination.status == EndpointStatus::Active
            && self.node.may_attempt(self.settings.deadline)
            && job.lease.owner == self.node.owner();
        if !free {
            self.write(release(job, started_at, started_at)).await;
            return (None, false);
        }
        let Sent {
            outcome,
            carried,
            is_gone,
        } = self.send(&destination, job, started_at).await;
        let throttled = matches!(outcome.judgement, Judgement::Retry { throttle: true });
        let reaction = outcome.reaction;
        metrics::counter!("campanile_attempts_total", "outcome" => word(outcome.judgement)).increment(1);
        metrics::histogram!("campanile_attempt_seconds").record(outcome.elapsed.as_secs_f64());
        let completion = self.judge(&destination, job, outcome, started_at);
        self.write(Completion {
            carried,
            ..completion
        })
        .await;
        if is_gone {
            self.suppress(job);
        }
        (Some(reaction), throttled)
    }

    /// Remembers that there is nobody at the address of a delivery. What is forgotten here by a crash, the next delivery finds out again.
    fn suppress(self: &Arc<Self>, job: &Job) {
        let (engine, env, delivery) = (Arc::clone(self), job.env, job.delivery);
        self.spawn(async move {
            if let Err(error) = engine.ctx.suppress_refused(env, delivery).await {
                tracing::warn!(%error, %delivery, "an address that is no more could not be noted; the next delivery tries again");
            }
        });
    }

    /// Ends an attempt that panicked, so that its delivery does not stay leased to a process that has forgotten it.
    async fn panicked(self: &Arc<Self>, lane: &Lane, job: &Job) {
        tracing::error!(endpoint = %lane.id(), delivery = %job.delivery, "an attempt panicked; its outcome is unknown");
        let outcome = Outcome {
            judgement: Judgement::Unknown,
            ..failed("the server failed while it was sending".to_owned())
        };
        metrics::counter!("campanile_attempts_total", "outcome" => word(outcome.judgement)).increment(1);
        let completion = self.judge(&lane.destination(), job, outcome, self.ctx.now());
        self.write(Completion {
            health: HealthEffect::None,
            ..completion
        })
        .await;
    }

    /// Makes the attempt; for a message also says who carried it.
    async fn send(&self, destination: &Destination, job: &Job, now: i64) -> Sent {
        if let Some(pretend) = &self.settings.pretend {
            let (outcome, carried) = pretend.send(job.attempts);
            return Sent {
                outcome,
                carried,
                is_gone: false,
            };
        }
        match &destination.carrier {
            Carrier::Webhook(webhook) => Sent {
                outcome: self.send_event(webhook, job, now).await,
                carried: None,
                is_gone: false,
            },
            Carrier::Channel(sender) => {
                let deadline = self.node.within(sender.channel().deadline);
                send_message(sender, job, deadline, now).await
            }
            Carrier::Nobody(why) => Sent {
                outcome: Outcome {
                    judgement: Judgement::Refused,
                    ..failed(why.clone())
                },
                carried: None,
                is_gone: false,
            },
        }
    }

    async fn send_event(&self, webhook: &Webhook, job: &Job, now: i64) -> Outcome {
        let target = match &webhook.target {
            Ok(target) => target,
            // One that may not be reached any more: the policy changed since the endpoint was made.
            Err(why) => return failed(why.clone()),
        };
        let fresh;
        let signer = if webhook.signer_until.is_some_and(|until| until <= now) {
            fresh = Signer::new(webhook.secrets.live(now));
            &fresh
        } else {
            &webhook.signer
        };
        let request = webhook::Request {
            target,
            signer,
            id: &job.event.to_string(),
            timestamp: now.div_euclid(1_000),
            body: job.body.clone(),
            user_agent: self.settings.user_agent.clone(),
            deadline: self.settings.deadline,
        };
        webhook::send(&self.client, request, now).await
    }

    /// What an outcome means: the rules are `domain`'s.
    fn judge(&self, destination: &Destination, job: &Job, outcome: Outcome, started_at: i64) -> Completion {
        let mut ids = self.ctx.ids();
        let now = ids.now();
        let attempts = job.attempts + 1;
        let first = job.first_attempt_at.unwrap_or(started_at);
        let verdict = match outcome.judgement {
            Judgement::Sent => Verdict::Sent,
            Judgement::Gone | Judgement::Refused => Verdict::Failed,
            Judgement::Retry { .. } | Judgement::Unknown => {
                let number = u32::try_from(attempts - job.spent_before).unwrap_or(u32::MAX);
                match retry::next(
                    destination.policy,
                    number,
                    first,
                    now,
                    ids.unit(),
                    outcome.retry_after,
                ) {
                    Next::At(due) => Verdict::Retry(due),
                    Next::Exhausted => Verdict::Exhausted,
                }
            }
        };
        let counted = match verdict {
            Verdict::Sent => Counted::Sent,
            Verdict::Exhausted => Counted::Exhausted,
            Verdict::Retry(_) => Counted::Retried,
            _ => Counted::Failed,
        };
        if let Some(channel) = destination.carrier.channel() {
            let milliseconds = i64::try_from(outcome.elapsed.as_millis()).unwrap_or(i64::MAX);
            self.ctx
                .statistics
                .attempted(job.env, channel, counted, milliseconds);
        }
        let health = match outcome.judgement {
            // A channel has no failures to count: its providers' breakers do.
            _ if destination.carrier.is_of_people() => HealthEffect::None,
            Judgement::Sent => HealthEffect::Success,
            Judgement::Gone => HealthEffect::Gone,
            _ => HealthEffect::Failure,
        };
        let attempt = Attempt {
            id: ids.fresh(),
            number: attempts,
            started_at,
            duration_ms: i32::try_from(outcome.elapsed.as_millis()).unwrap_or(i32::MAX),
            status_code: outcome.status.and_then(|status| i16::try_from(status).ok()),
            response: outcome.response,
            error: match (outcome.error, verdict) {
                // People read it in their channel's log.
                (Some(error), Verdict::Exhausted) if destination.carrier.is_of_people() => {
                    let retries = attempts - job.spent_before - 1;
                    Some(format!("Exhausted after {retries} retries: {error}"))
                }
                (error, _) => error,
            },
            unknown: outcome.judgement == Judgement::Unknown,
        };
        Completion {
            delivery: job.delivery,
            env: job.env,
            destination: job.destination,
            lease: job.lease,
            attempts,
            log_attempt: attempts > 1 || verdict != Verdict::Sent,
            attempt: Some(attempt),
            verdict,
            reason: None,
            health,
            carried: None,
            at: now,
        }
    }

    /// Hands an outcome to the group commit; one that cannot be written is kept until it can.
    pub(crate) async fn write(self: &Arc<Self>, completion: Completion) {
        let engine = Arc::clone(self);
        // Whoever waits for what is under way waits for the answer too.
        let under_way = self.tasks.token();
        let kept = Box::new(completion);
        let copy = kept.clone();
        self.ctx
            .store
            .complete(
                kept,
                Box::new(move |settled| {
                    match settled {
                        Ok(settled) => engine.written(&copy, settled.applied, settled.failures),
                        Err(error) => {
                            tracing::debug!(%error, delivery = %copy.delivery, "an outcome could not be written yet");
                            engine.unwritten.lock().push(*copy);
                        }
                    }
                    drop(under_way);
                }),
            )
            .await;
    }

    /// Writes again what the database would not take.
    pub(crate) async fn rewrite(self: &Arc<Self>) -> Result<()> {
        let kept = std::mem::take(&mut *self.unwritten.lock());
        if !kept.is_empty() {
            tracing::warn!(
                outcomes = kept.len(),
                "outcomes could not be written yet; trying again"
            );
        }
        for completion in kept {
            self.write(completion).await;
        }
        Ok(())
    }

    /// Runs on the writer's thread.
    fn written(self: &Arc<Self>, completion: &Completion, applied: bool, failures: i64) {
        if !applied {
            metrics::counter!("campanile_stale_completions_total").increment(1);
            return;
        }
        let gone = completion.health == HealthEffect::Gone;
        if !gone && failures < self.settings.disable_after {
            return;
        }
        let reason = if gone {
            "the receiver answered 410 Gone".to_owned()
        } else {
            format!("{failures} failures in a row")
        };
        // Only an endpoint counts its failures, so this is one.
        let (engine, endpoint) = (Arc::clone(self), completion.destination.as_a::<EndpointId>());
        self.spawn(async move {
            if let Err(error) = engine.ctx.disable_endpoint(endpoint, &reason).await {
                tracing::warn!(%error, %endpoint, "an endpoint could not be disabled; its next failure tries again");
            }
        });
    }

    /// Gives jobs back untried; they may be claimed again from `from` on.
    pub(crate) fn give_back(self: &Arc<Self>, jobs: Vec<Job>, from: i64) {
        if jobs.is_empty() {
            return;
        }
        let engine = Arc::clone(self);
        self.spawn(async move {
            let now = engine.ctx.now();
            for job in jobs {
                engine.write(release(&job, from, now)).await;
            }
        });
    }
}

/// What came of an attempt.
struct Sent {
    outcome: Outcome,
    /// Who carried a message.
    carried: Option<Carried>,
    /// Whether there is nobody at its address.
    is_gone: bool,
}

/// Sends a message through the providers of its channel.
async fn send_message(sender: &Sender, job: &Job, deadline: Duration, now: i64) -> Sent {
    let content: serde_json::Value = serde_json::from_slice(&job.body).unwrap_or_default();
    let outcome = sender
        .send(Outgoing {
            content: &job.body,
            recipient: content["to"].as_str().unwrap_or_default(),
            delivery_id: &job.delivery.to_string(),
            anew_after: job.spent_before,
            deadline,
            now,
        })
        .await;
    let error = outcome.explanation();
    let carried = outcome.provider.map(|provider| Carried {
        provider,
        id: outcome.provider_id,
    });
    let is_gone = outcome.verdict == People::Refused(Refusal::RecipientGone);
    let outcome = Outcome {
        judgement: outcome.verdict.judgement().unwrap_or(Judgement::Refused),
        reaction: outcome.reaction,
        status: outcome.status,
        response: outcome.response,
        error,
        retry_after: outcome.retry_after,
        elapsed: outcome.elapsed,
    };
    Sent {
        outcome,
        carried,
        is_gone,
    }
}

fn release(job: &Job, from: i64, now: i64) -> Completion {
    Completion {
        delivery: job.delivery,
        env: job.env,
        destination: job.destination,
        lease: job.lease,
        attempts: job.attempts,
        attempt: None,
        verdict: Verdict::Released(from),
        reason: None,
        log_attempt: false,
        health: HealthEffect::None,
        carried: None,
        at: now,
    }
}

/// An attempt that got no answer.
fn failed(why: String) -> Outcome {
    Outcome {
        judgement: Judgement::Retry { throttle: false },
        reaction: Reaction::Failed,
        status: None,
        response: None,
        error: Some(why),
        retry_after: None,
        elapsed: Duration::ZERO,
    }
}

fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Sent => "sent",
        Judgement::Gone => "gone",
        Judgement::Refused => "refused",
        Judgement::Retry { .. } => "retry",
        Judgement::Unknown => "unknown",
    }
}
