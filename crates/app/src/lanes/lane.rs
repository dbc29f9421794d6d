//! One lane: what waits and runs for a destination, and what it may start next.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use bytes::Bytes;
use channels::people::Sender;
use domain::channel::Channel;
use domain::delivery::{Lease, NewDelivery, Owner};
use domain::endpoint::EndpointStatus;
use domain::environment::Env;
use domain::id::{AppId, DeliveryId, DestinationId, EventId};
use domain::retry::{Circuit, Policy, Reaction};
use domain::signature::{Secrets, Signer};
use parking_lot::Mutex;

use super::{LaneLimits, Shared};

/// Attempts under way that a lane begins with; it earns more by success.
const FIRST_LIMIT: usize = 16;
/// Bytes of waiting bodies beyond which a lane takes no more, and all lanes together only what they start at once: so much does not wait.
/// What a plan or a claim brings at once may go beyond by its own size.
const LANE_BYTES: usize = 4 << 20;
const ALL_BYTES: usize = 128 << 20;
/// Deliveries claimed for a lane whose bodies' size is not known yet.
const FIRST_CLAIM: usize = 16;
/// A clock that is set back by more is believed, in milliseconds.
const SET_BACK: i64 = 2_000;

/// What sending to a destination takes.
#[derive(Debug)]
pub struct Destination {
    /// The endpoint, the channel, or the tenant's channel config.
    pub id: DestinationId,
    /// Environment.
    pub env: Env,
    /// Who carries what is sent there.
    pub carrier: Carrier,
    /// When to try again.
    pub policy: Policy,
    /// Attempts a second.
    pub rate_limit: Option<u32>,
    /// Attempts at once, where there is room for fewer than a lane may make.
    pub at_once: Option<usize>,
    /// Whether it takes deliveries.
    pub status: EndpointStatus,
}

/// Who carries what is sent to a destination.
#[derive(Debug)]
pub enum Carrier {
    /// The server itself, as a signed request.
    Webhook(Box<Webhook>),
    /// The providers of a channel.
    Channel(Sender),
    /// Nobody: what a channel was set up with may not be used any more, for this reason.
    Nobody(String),
}

impl Carrier {
    /// The channel it carries, where it carries anything.
    pub fn channel(&self) -> Option<Channel> {
        match self {
            Self::Webhook(_) => Some(Channel::Webhook),
            Self::Channel(sender) => Channel::from_word(sender.channel().word),
            Self::Nobody(_) => None,
        }
    }

    /// Whether it carries messages to people.
    pub fn is_of_people(&self) -> bool {
        !matches!(self, Self::Webhook(_))
    }

    /// A channel's providers, where its settings may be used: the policy may have changed since they were checked.
    pub(crate) fn of(sender: Result<Sender, channels::people::SettingsError>) -> Self {
        match sender {
            Ok(sender) => Self::Channel(sender),
            Err(error) => Self::Nobody(format!("its settings are not usable: {error}")),
        }
    }
}

/// What a signed request takes.
#[derive(Debug)]
pub struct Webhook {
    /// The application that owns the endpoint.
    pub app: AppId,
    /// Where to; `Err` says why this address is not one that may be reached.
    pub target: Result<egress::Target, String>,
    /// Signs with every live secret.
    pub signer: Signer,
    /// When the signer must be made anew because an old secret's grace ends, milliseconds since the Unix epoch.
    pub signer_until: Option<i64>,
    /// The secrets it was made from.
    pub secrets: Secrets,
}

/// A leased delivery in memory.
#[derive(Debug, Clone)]
pub struct Job {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Environment.
    pub env: Env,
    /// The destination.
    pub destination: DestinationId,
    /// What is delivered, or what the message follows from.
    pub event: EventId,
    /// The right to attempt it.
    pub lease: Lease,
    /// Attempts made before.
    pub attempts: i32,
    /// Of these, attempts before the last retry by hand.
    pub spent_before: i32,
    /// The first of them, milliseconds since the Unix epoch.
    pub first_attempt_at: Option<i64>,
    /// When it was planned, milliseconds since the Unix epoch.
    pub created_at: i64,
    /// The bytes to sign and send, or the message as JSON.
    pub body: Bytes,
}

impl Job {
    /// The job of a delivery that is born leased.
    pub fn born(delivery: &NewDelivery, lease: Lease, body: Bytes) -> Self {
        Self {
            delivery: delivery.id,
            env: delivery.env,
            destination: delivery.destination,
            event: delivery.event,
            lease,
            attempts: 0,
            spent_before: 0,
            first_attempt_at: None,
            created_at: delivery.created_at,
            body,
        }
    }
}
/// The deliveries of one destination that are in memory.
pub struct Lane {
    id: DestinationId,
    destination: ArcSwap<Destination>,
    /// The generation of configuration that the destination was read in.
    known: AtomicU64,
    state: Mutex<State>,
    limits: LaneLimits,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lane({})", self.id)
    }
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Job>,
    /// Of the bodies in the queue.
    bytes: usize,
    /// What the last bodies weighed each; 0 before the first.
    size: usize,
    /// The last moment it was told of.
    latest: i64,
    /// Room promised to deliveries that are being committed or claimed.
    reserved: usize,
    running: usize,
    /// Attempts that may be under way now.
    limit: usize,
    circuit: Circuit,
    /// Deliveries wait in the database; new ones go behind them.
    backlog: bool,
    /// Attempts the rate still allows, and when that was reckoned.
    allowance: f64,
    reckoned_at: i64,
    waiting: bool,
}

impl State {
    fn held(&self) -> usize {
        self.queue.len() + self.reserved + self.running
    }

    /// Now. What is told may lie a little in the past, as a plan's moment does after its commit.
    fn moment(&mut self, now: i64) -> i64 {
        if now > self.latest || self.latest - now > SET_BACK {
            self.latest = now;
        }
        self.latest
    }

    /// Takes one attempt from the rate, or tells how many milliseconds until there is one.
    fn take_allowance(&mut self, rate: Option<u32>, now: i64) -> Result<(), u64> {
        let Some(rate) = rate else { return Ok(()) };
        let rate = f64::from(rate.max(1));
        let passed = (now - self.reckoned_at).clamp(0, 1_000);
        self.allowance = (self.allowance + rate * passed as f64 / 1_000.0).min(rate.max(1.0));
        self.reckoned_at = now;
        if self.allowance >= 1.0 {
            self.allowance -= 1.0;
            return Ok(());
        }
        Err((((1.0 - self.allowance) / rate * 1_000.0).ceil() as u64).max(1))
    }
}

impl Lane {
    pub(super) fn new(
        destination: Arc<Destination>,
        generation: u64,
        limits: LaneLimits,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            id: destination.id,
            known: AtomicU64::new(generation),
            state: Mutex::new(State {
                limit: FIRST_LIMIT.min(most(&destination, limits)),
                ..State::default()
            }),
            destination: ArcSwap::from(destination),
            limits,
            shared,
        }
    }

    /// What is known of the destination, read in this generation. What was read later stands.
    pub(super) fn learn(&self, destination: Arc<Destination>, generation: u64) {
        let _one_at_a_time = self.state.lock();
        if self.known.load(Ordering::SeqCst) <= generation {
            self.destination.store(destination);
            self.known.store(generation, Ordering::SeqCst);
        }
    }

    /// The destination.
    pub fn id(&self) -> DestinationId {
        self.id
    }

    /// Whether configuration changed since its destination was read.
    pub fn is_stale(&self) -> bool {
        self.known.load(Ordering::SeqCst) < self.shared.generation.load(Ordering::SeqCst)
    }

    /// What is now known of it.
    pub fn destination(&self) -> Arc<Destination> {
        self.destination.load_full()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.state.lock().held() == 0
    }

    /// Deliveries in memory, waiting.
    pub(super) fn queued(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Deliveries that were promised room and are being committed or claimed.
    pub(super) fn promised(&self) -> usize {
        self.state.lock().reserved
    }

    /// A job that room was promised to.
    pub(super) fn put(&self, job: Job) {
        let mut state = self.state.lock();
        state.reserved = state.reserved.saturating_sub(1);
        self.enqueue(&mut state, job);
    }

    /// Takes every waiting job out of memory.
    pub(super) fn drain(&self) -> Vec<Job> {
        self.empty(&mut self.state.lock())
    }

    fn enqueue(&self, state: &mut State, job: Job) {
        state.size = match state.size {
            0 => job.body.len(),
            size => (size * 3 + job.body.len()) / 4,
        };
        state.bytes += job.body.len();
        self.shared.bytes.fetch_add(job.body.len(), Ordering::Relaxed);
        state.queue.push_back(job);
    }

    fn dequeue(&self, state: &mut State) -> Option<Job> {
        let job = state.queue.pop_front()?;
        state.bytes -= job.body.len();
        self.shared.bytes.fetch_sub(job.body.len(), Ordering::Relaxed);
        Some(job)
    }

    fn empty(&self, state: &mut State) -> Vec<Job> {
        self.shared
            .bytes
            .fetch_sub(std::mem::take(&mut state.bytes), Ordering::Relaxed);
        std::mem::take(&mut state.queue).into()
    }

    /// How many more deliveries there is room for. Whatever the others hold, each lane goes on.
    fn room(&self, state: &State) -> usize {
        let most = if state.bytes + state.reserved * state.size >= LANE_BYTES {
            1
        } else if self.shared.bytes.load(Ordering::Relaxed) >= ALL_BYTES {
            state.limit
        } else {
            self.limits.memory
        };
        most.saturating_sub(state.held())
    }

    /// Whether it can take nothing now. What waits in the database is looked for when it has room again, or its circuit closes.
    pub fn is_full(&self, now: i64) -> bool {
        let mut state = self.state.lock();
        let now = state.moment(now);
        self.room(&state) == 0 || state.circuit.blocked_until(self.limits.breaker, now).is_some()
    }

    /// Promises room for a delivery that is about to be committed; `None` when it must wait in the database.
    pub fn reserve(&self, owner: Owner, now: i64) -> Option<Lease> {
        let active = self.destination.load().status == EndpointStatus::Active;
        let mut state = self.state.lock();
        let now = state.moment(now);
        let room = self.room(&state) > 0
            && !state.backlog
            && state.circuit.blocked_until(self.limits.breaker, now).is_none();
        if owner.0 == 0 || !active || !room {
            state.backlog = true;
            return None;
        }
        state.reserved += 1;
        Some(Lease { owner, fence: 1 })
    }

    /// Takes back a promise: the commit did not happen.
    pub fn give_back(&self) {
        let mut state = self.state.lock();
        state.reserved = state.reserved.saturating_sub(1);
    }

    /// Promises room for up to `most` claimed deliveries; 0 while the circuit is open.
    pub fn reserve_for_claim(&self, most: usize, now: i64) -> usize {
        let mut state = self.state.lock();
        let now = state.moment(now);
        let room = match state.circuit {
            _ if state.circuit.blocked_until(self.limits.breaker, now).is_some() => 0,
            Circuit::Closed { .. } => self.room(&state),
            // A probe is one delivery.
            _ => 1usize.saturating_sub(state.held()),
        };
        // As many as fit if they are as big as the last one.
        let fit = match state.size {
            0 => FIRST_CLAIM,
            size => (LANE_BYTES.saturating_sub(state.bytes) / size).max(1),
        };
        let granted = room.min(most).min(fit);
        state.reserved += granted;
        state.backlog = true;
        granted
    }

    /// What was claimed of what was promised; `more` tells whether more waits in the database.
    pub fn claimed(self: &Arc<Self>, promised: usize, jobs: Vec<Job>, more: bool, now: i64) {
        {
            let mut state = self.state.lock();
            state.reserved = state.reserved.saturating_sub(promised);
            for job in jobs {
                self.enqueue(&mut state, job);
            }
            state.backlog = more;
        }
        self.advance(now);
    }

    /// When the circuit lets the next attempt pass; `None` for now.
    pub fn blocked_until(&self, now: i64) -> Option<i64> {
        self.state.lock().circuit.blocked_until(self.limits.breaker, now)
    }

    /// Starts what may start.
    pub fn advance(self: &Arc<Self>, now: i64) {
        let Some(runner) = self.shared.runner.get() else {
            return;
        };
        loop {
            let step = self.step(now);
            match step {
                Step::Start(job, _) => runner.run(Arc::clone(self), job),
                Step::Release(jobs, from) => return runner.release(jobs, from),
                Step::Wait(after) => return runner.wait(Arc::clone(self), after),
                Step::Rest => return,
            }
        }
    }

    /// The next job for a sender that has just finished one, sparing a new task. Where success has earned the lane more than that, the
    /// others are started.
    pub fn next(self: &Arc<Self>, now: i64) -> Option<Job> {
        match self.step(now) {
            Step::Start(job, more) => {
                if more {
                    self.advance(now);
                }
                Some(job)
            }
            Step::Release(jobs, from) => {
                if let Some(runner) = self.shared.runner.get() {
                    runner.release(jobs, from);
                }
                None
            }
            Step::Wait(after) => {
                if let Some(runner) = self.shared.runner.get() {
                    runner.wait(Arc::clone(self), after);
                }
                None
            }
            Step::Rest => None,
        }
    }

    fn step(&self, now: i64) -> Step {
        let rate = self.destination.load().rate_limit;
        let mut state = self.state.lock();
        let now = state.moment(now);
        if state.queue.is_empty() {
            return Step::Rest;
        }
        if let Some(until) = state.circuit.blocked_until(self.limits.breaker, now) {
            state.backlog = true;
            return Step::Release(self.empty(&mut state), until);
        }
        let crowded = self.shared.in_flight.load(Ordering::Relaxed) >= self.limits.in_flight;
        if state.running >= if crowded { 1 } else { state.limit } {
            return Step::Rest;
        }
        if let Err(after) = state.take_allowance(rate, now) {
            let first = !std::mem::replace(&mut state.waiting, true);
            return if first { Step::Wait(after) } else { Step::Rest };
        }
        if !state.circuit.may_start(self.limits.breaker, now) {
            return Step::Rest;
        }
        let Some(job) = self.dequeue(&mut state) else {
            return Step::Rest;
        };
        state.running += 1;
        self.shared.in_flight.fetch_add(1, Ordering::Relaxed);
        let more = !state.queue.is_empty() && state.running < state.limit;
        Step::Start(job, more)
    }

    /// The wait that [`Runner::wait`] was asked for is over.
    pub fn waited(self: &Arc<Self>, now: i64) {
        self.state.lock().waiting = false;
        self.advance(now);
    }

    /// Notes how an attempt went. `reaction` is `None` when it was not made. Answers whether the database should be looked at, because
    /// deliveries wait there and this lane has room again.
    pub fn done(&self, reaction: Option<Reaction>, throttled: bool, now: i64) -> bool {
        self.shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        let mut state = self.state.lock();
        let now = state.moment(now);
        state.running = state.running.saturating_sub(1);
        if let Some(reaction) = reaction {
            state.circuit.record(self.limits.breaker, reaction, now);
            state.limit = match reaction {
                Reaction::Took => (state.limit + 1).min(most(&self.destination.load(), self.limits)),
                Reaction::TimedOut => (state.limit / 2).max(1),
                Reaction::Failed if throttled => (state.limit / 2).max(1),
                Reaction::Failed => state.limit,
            };
        }
        state.backlog
            && state.held() * 2 < self.limits.memory
            && (state.bytes * 2 < LANE_BYTES || state.queue.is_empty())
            && self.room(&state) > 0
            && state.circuit.blocked_until(self.limits.breaker, now).is_none()
    }
}

/// Attempts that a lane makes at once, at most.
fn most(destination: &Destination, limits: LaneLimits) -> usize {
    destination
        .at_once
        .map_or(limits.concurrency, |most| most.min(limits.concurrency))
}

enum Step {
    /// This one, and whether another may follow at once.
    Start(Job, bool),
    Release(Vec<Job>, i64),
    Wait(u64),
    Rest,
}
