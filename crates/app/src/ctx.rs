//! The context every verb gets: database, clock, dice, secrets, configuration in memory, lanes, live line.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use channels::people::Clients;
use domain::delivery::NewDelivery;
use domain::effects::{Effects, Receipt};
use domain::environment::Env;
use domain::event::EventLimits;
use domain::id::{Ids, Ksuid};
use domain::token::Rules;
use store::Store;
use tokio::sync::{Notify, oneshot};

use crate::cipher::Cipher;
use crate::error::{Error, Result};
use crate::lanes::{Job, Lane, LaneLimits, Lanes};
use crate::live::Hub;
use crate::snapshot::Snapshots;
use crate::statistics::Statistics;

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's.
    System,
    /// A hand that tests turn, in milliseconds since the Unix epoch.
    Turned(Arc<AtomicI64>),
}

impl Clock {
    /// Milliseconds since the Unix epoch.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn now(&self) -> i64 {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
            Self::Turned(hand) => hand.load(Ordering::SeqCst),
        }
    }
}

/// Random bytes for secrets and seeds.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes[..]);
    bytes
}

/// What the operator's configuration says to the verbs.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Of an event.
    pub event: EventLimits,
    /// Of user tokens.
    pub token: Rules,
    /// Lifetime of a minted token that names none, in seconds.
    pub token_lifetime: i64,
    /// Of lanes.
    pub lanes: LaneLimits,
    /// Settings a new environment begins with.
    pub environment: domain::environment::Settings,
    /// Where this server is reached from outside: links in mails begin there.
    pub public_url: Option<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            event: EventLimits::default(),
            token: Rules::default(),
            token_lifetime: 3_600,
            lanes: LaneLimits::default(),
            environment: domain::environment::Settings::default(),
            public_url: None,
        }
    }
}

/// Everything the verbs work with.
#[derive(Debug)]
pub struct Ctx {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Secrets at rest.
    pub cipher: Cipher,
    /// Which addresses may be reached.
    pub dialer: egress::Dialer,
    /// What carries messages to people.
    pub(crate) clients: Clients,
    /// The operator's limits.
    pub limits: Limits,
    /// Configuration in memory.
    pub snapshots: Snapshots,
    /// Deliveries in memory.
    pub lanes: Lanes,
    /// Open sockets.
    pub live: Hub,
    /// What happened and is not written down yet.
    pub statistics: Statistics,
    /// Rings after a commit that listeners on another node wait for.
    pub wrote: Notify,
    /// Who changes which feed.
    pub(crate) turns: Turns,
    /// The last plan's tick and, in the low 20 bits, its turn within it.
    last_plan: AtomicU64,
}

impl Ctx {
    /// Puts a context together.
    pub fn new(store: Store, clock: Clock, cipher: Cipher, clients: Clients, limits: Limits) -> Arc<Self> {
        let lanes = Lanes::new(limits.lanes);
        Arc::new(Self {
            store,
            clock,
            cipher,
            dialer: clients.given.dialer().clone(),
            clients,
            limits,
            snapshots: Snapshots::new(),
            lanes,
            live: Hub::default(),
            statistics: Statistics::default(),
            wrote: Notify::new(),
            turns: Turns::default(),
            last_plan: AtomicU64::new(0),
        })
    }

    /// Milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// What requests to addresses that strangers name leave by.
    pub fn client(&self) -> egress::Client {
        self.clients.given.clone()
    }

    /// A stream of ids for a plan made now. What is asked one after the other gets ascending ids, within one tick as well: lists
    /// show it in the order in which it happened.
    pub fn ids(&self) -> Ids {
        let now = self.now();
        let first = Ksuid::tick(now) << 20;
        let next = |last: u64| {
            if last >> 20 == first >> 20 {
                last + 1
            } else {
                first
            }
        };
        let before = self
            .last_plan
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        let turn = next(before.unwrap_or(first)) - first;
        Ids::new(now, u128::from_be_bytes(random())).in_turn(u32::try_from(turn).unwrap_or(u32::MAX))
    }

    /// Commits a plan and, in the same breath, acts on it: leased deliveries go to their lanes, changes to the live line.
    ///
    /// The action hangs on the commit, not on the caller: a caller who goes away loses nothing.
    pub async fn commit(self: &Arc<Self>, mut effects: Effects, bodies: Bodies) -> Result<Receipt> {
        if !effects.audit.is_empty() {
            let origin = crate::origin::current();
            effects
                .audit
                .iter_mut()
                .for_each(|entry| entry.origin.clone_from(&origin));
        }
        let jobs = self.lease(&mut effects, &bodies);
        let (answer, answered) = oneshot::channel();
        let ctx = Arc::clone(self);
        self.store.commit(
            Box::new(effects),
            Box::new(move |effects, receipt| {
                ctx.act(effects, &receipt, jobs);
                let _ = answer.send(receipt);
            }),
        );
        let receipt = answered
            .await
            .map_err(|_| Error::Unavailable("the server is stopping".into()))?;
        Ok(receipt?)
    }

    /// Leases the deliveries whose lane has room now; the others are born unowned and wait for a claim.
    fn lease(&self, effects: &mut Effects, bodies: &Bodies) -> Vec<(Arc<Lane>, Job)> {
        let now = effects.now;
        let mut jobs = Vec::with_capacity(effects.deliveries.len());
        for delivery in effects
            .deliveries
            .iter_mut()
            .filter(|delivery| delivery.skipped.is_none())
        {
            let Some(lane) = self.lanes.get(delivery.destination) else {
                continue;
            };
            let Some(lease) = lane.reserve(self.lanes.owner(), now) else {
                continue;
            };
            let body = match &delivery.message {
                Some(message) => Some(bytes::Bytes::from_owner(Arc::<[u8]>::from(Arc::clone(
                    &message.content,
                )))),
                None => bodies.of(delivery.event),
            };
            let Some(body) = body else {
                lane.give_back();
                continue;
            };
            delivery.lease = Some(lease);
            jobs.push((lane, Job::born(delivery, lease, body)));
        }
        jobs
    }

    /// Runs on the writer's thread, after the commit.
    fn act(&self, effects: &Effects, receipt: &store::Result<Receipt>, jobs: Vec<(Arc<Lane>, Job)>) {
        let Ok(Receipt::Written(written)) = receipt else {
            let mut unsure = Vec::new();
            for (lane, job) in jobs {
                lane.give_back();
                unsure.push(job);
            }
            // The commit may hold all the same: its deliveries must not stay leased to a process that will not send them.
            if matches!(receipt, Err(store::Error::Unknown(_))) {
                self.lanes.doubt(unsure);
            }
            return;
        };
        let now = self.now();
        for (lane, job) in jobs {
            self.lanes.put(&lane, job, now);
        }
        // A full lane looks by itself when it has room again: a destination that hangs costs no look for each of its deliveries.
        let waiting = |delivery: &NewDelivery| {
            delivery.lease.is_none()
                && delivery.skipped.is_none()
                && self
                    .lanes
                    .get(delivery.destination)
                    .is_none_or(|lane| !lane.is_full(now))
        };
        if effects.deliveries.iter().any(waiting) {
            self.lanes.look();
        }
        if !effects.timers.is_empty() {
            self.lanes.fire();
        }
        self.statistics.written(effects);
        self.live.written(effects, written);
        if !effects.feed.is_empty() || !effects.events.is_empty() {
            self.wrote.notify_one();
        }
    }
}

/// Changes of one feed take turns on this node: each is planned on the feed as the one before left it. Many at once of one item would
/// otherwise be planned again and again, one of them winning each round. Feeds that share a turn wait for one another a little longer.
#[derive(Debug)]
pub(crate) struct Turns(Box<[tokio::sync::Mutex<()>]>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..256).map(|_| tokio::sync::Mutex::default()).collect())
    }
}

impl Turns {
    /// Waits for the turn of a user's feed.
    pub(crate) async fn take(&self, env: Env, user: &str) -> tokio::sync::MutexGuard<'_, ()> {
        let mut hasher = std::hash::DefaultHasher::new();
        (env, user).hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % 256).unwrap_or(0);
        self.0[at].lock().await
    }
}

/// The bytes to send, by event: made once, before the commit, and shared by every delivery.
#[derive(Debug, Default)]
pub struct Bodies(smallvec::SmallVec<[(domain::id::EventId, bytes::Bytes); 1]>);

impl Bodies {
    /// The envelopes of a plan's events, where anything is delivered.
    pub fn of_plan(effects: &Effects) -> Self {
        if effects.deliveries.is_empty() {
            return Self::default();
        }
        Self(
            effects
                .events
                .iter()
                .map(|event| (event.id, bytes::Bytes::from(event.envelope())))
                .collect(),
        )
    }

    fn of(&self, event: domain::id::EventId) -> Option<bytes::Bytes> {
        self.0
            .iter()
            .find(|(id, _)| *id == event)
            .map(|(_, body)| body.clone())
    }
}
