//! Lanes: the deliveries of one destination that are in memory, with its concurrency, rate and circuit.
//!
//! A lane holds a bounded number; the rest waits in the database and is claimed when there is room. While anything waits there, new
//! deliveries wait behind it. A destination that does not answer loses its concurrency first and then its circuit, so it costs others
//! nothing. The lane decides; the engine (the [`Runner`]) sends.

mod lane;

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use domain::delivery::Owner;
use domain::id::DestinationId;
use domain::retry::Breaker;

pub use lane::{Carrier, Destination, Job, Lane, Webhook};

/// What a lane may hold and do.
#[derive(Debug, Clone, Copy)]
pub struct LaneLimits {
    /// Deliveries of one lane kept in memory.
    pub memory: usize,
    /// Attempts of one lane under way at once.
    pub concurrency: usize,
    /// Attempts under way in all lanes beyond which a lane gets only one at a time.
    pub in_flight: usize,
    /// When a lane's circuit opens.
    pub breaker: Breaker,
}

impl Default for LaneLimits {
    fn default() -> Self {
        Self {
            memory: 512,
            concurrency: 64,
            in_flight: 2_048,
            breaker: Breaker::default(),
        }
    }
}
/// Lanes that are kept although they hold nothing: the next delivery finds what is known of its destination.
const MANY: usize = 10_000;
/// Who acts for the lanes: the engine.
pub trait Runner: Send + Sync + 'static {
    /// Sends a job, then asks the lane for the next.
    fn run(&self, lane: Arc<Lane>, job: Job);
    /// Gives jobs back untried; they may be claimed again from then on (milliseconds since the Unix epoch).
    fn release(&self, jobs: Vec<Job>, from: i64);
    /// Gives back jobs that may be leased or not: the database was lost before it said so.
    fn doubt(&self, jobs: Vec<Job>);
    /// Asks the lane again after so many milliseconds.
    fn wait(&self, lane: Arc<Lane>, after: u64);
    /// Something waits in the database for a lane.
    fn look(&self);
    /// A timer was written.
    fn fire(&self);
}

/// Every lane of this process.
pub struct Lanes {
    map: DashMap<DestinationId, Arc<Lane>>,
    owner: AtomicI64,
    limits: LaneLimits,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Lanes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lanes({})", self.map.len())
    }
}

#[derive(Default)]
struct Shared {
    runner: OnceLock<Arc<dyn Runner>>,
    in_flight: AtomicUsize,
    /// Of the bodies that wait in all lanes. One that waits in several counts in each.
    bytes: AtomicUsize,
    /// Counts changes of configuration.
    generation: AtomicU64,
}

impl Lanes {
    /// No lanes yet.
    pub fn new(limits: LaneLimits) -> Self {
        Self {
            map: DashMap::new(),
            owner: AtomicI64::new(0),
            limits,
            shared: Arc::default(),
        }
    }

    /// Lets the engine act.
    pub fn attach(&self, runner: Arc<dyn Runner>) {
        let _ = self.shared.runner.set(runner);
    }

    /// Leases are taken in this name from now on; 0 takes none.
    pub fn set_owner(&self, owner: Owner) {
        self.owner.store(owner.0, Ordering::Release);
    }

    /// Who leases.
    pub fn owner(&self) -> Owner {
        Owner(self.owner.load(Ordering::Acquire))
    }

    /// The lane of a destination that was met before.
    pub fn get(&self, id: DestinationId) -> Option<Arc<Lane>> {
        self.map.get(&id).map(|lane| Arc::clone(&lane))
    }

    /// The generation of configuration: to be asked before a destination is read.
    pub fn generation(&self) -> u64 {
        self.shared.generation.load(Ordering::SeqCst)
    }

    /// Configuration changed: what lanes know of their destinations is read again before it is used.
    pub fn distrust(&self) {
        self.shared.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Lets go of the lane of a destination that is no more.
    pub fn forget(&self, id: DestinationId) {
        self.map.remove(&id);
    }

    /// The lane of a destination, with what is known of it, read in this generation. What was read later stands.
    pub fn learn(&self, destination: Destination, generation: u64) -> Arc<Lane> {
        let id = destination.id;
        let destination = Arc::new(destination);
        let lane = self.map.entry(id).or_insert_with(|| {
            let shared = Arc::clone(&self.shared);
            Arc::new(Lane::new(
                Arc::clone(&destination),
                generation,
                self.limits,
                shared,
            ))
        });
        lane.learn(destination, generation);
        Arc::clone(&lane)
    }

    /// Forgets lanes that hold nothing once there are many, so that destinations of the past cost no memory for ever.
    pub fn sweep(&self) {
        if self.map.len() <= MANY {
            return;
        }
        self.map
            .retain(|_, lane| Arc::strong_count(lane) > 1 || !lane.is_idle());
    }

    /// Gives a leased job to its lane and lets it start what may start.
    pub fn put(&self, lane: &Arc<Lane>, job: Job, now: i64) {
        lane.put(job);
        lane.advance(now);
    }

    /// Tells the engine that something waits in the database.
    pub fn look(&self) {
        if let Some(runner) = self.shared.runner.get() {
            runner.look();
        }
    }

    /// Gives back jobs that may be leased or not.
    pub(crate) fn doubt(&self, jobs: Vec<Job>) {
        if let Some(runner) = self.shared.runner.get() {
            runner.doubt(jobs);
        }
    }

    /// Tells the engine that a timer was written.
    pub fn fire(&self) {
        if let Some(runner) = self.shared.runner.get() {
            runner.fire();
        }
    }

    /// Attempts under way.
    pub fn in_flight(&self) -> usize {
        self.shared.in_flight.load(Ordering::Relaxed)
    }

    /// Deliveries in memory, waiting.
    pub fn queued(&self) -> usize {
        self.map.iter().map(|lane| lane.queued()).sum()
    }

    /// Deliveries that were promised room and are being committed or claimed.
    pub fn promised(&self) -> usize {
        self.map.iter().map(|lane| lane.promised()).sum()
    }

    /// Takes every waiting job out of memory, to be given back.
    pub fn drain(&self) -> Vec<Job> {
        self.map.iter().flat_map(|lane| lane.drain()).collect()
    }
}
