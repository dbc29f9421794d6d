//! Lanes by themselves: how much they hold and how many they start.

use std::sync::Arc;

use app::lanes::{Carrier, Destination, Job, Lane, LaneLimits, Lanes, Runner, Webhook};
use bytes::Bytes;
use domain::delivery::{Lease, Owner};
use domain::endpoint::EndpointStatus;
use domain::environment::Env;
use domain::id::{DestinationId, Ids};
use domain::retry::{Breaker, Policy, Reaction};
use domain::signature::{Secret, Secrets, Signer};
use parking_lot::Mutex;

const NOW: i64 = 1_750_000_000_000;
const ME: Owner = Owner(1);

/// Notes what it is given to send.
#[derive(Default)]
struct Sender(Mutex<Vec<Job>>);

impl Runner for Sender {
    fn run(&self, _: Arc<Lane>, job: Job) {
        self.0.lock().push(job);
    }
    fn release(&self, _: Vec<Job>, _: i64) {}
    fn doubt(&self, _: Vec<Job>) {}
    fn wait(&self, _: Arc<Lane>, _: u64) {}
    fn look(&self) {}
    fn fire(&self) {}
}

struct World {
    lanes: Lanes,
    sender: Arc<Sender>,
    ids: Ids,
}

impl World {
    fn new() -> Self {
        let lanes = Lanes::new(LaneLimits {
            breaker: Breaker {
                strain: 1_000,
                pause: 30_000,
            },
            ..LaneLimits::default()
        });
        let sender = Arc::new(Sender::default());
        lanes.attach(Arc::clone(&sender) as Arc<dyn Runner>);
        lanes.set_owner(ME);
        let ids = Ids::new(NOW, 1);
        Self { lanes, sender, ids }
    }

    fn lane(&mut self) -> Arc<Lane> {
        self.lane_for(None)
    }

    fn lane_for(&mut self, at_once: Option<usize>) -> Arc<Lane> {
        let secrets = Secrets::new(Secret::generate([7; 32]));
        let destination = Destination {
            id: self.ids.fresh(),
            env: Env(1),
            carrier: Carrier::Webhook(Box::new(Webhook {
                app: self.ids.fresh(),
                target: Err("nowhere".into()),
                signer: Signer::new(secrets.live(NOW)),
                signer_until: None,
                secrets,
            })),
            policy: Policy::Short,
            rate_limit: None,
            at_once,
            status: EndpointStatus::Active,
        };
        self.lanes.learn(destination, 0)
    }

    fn job(&mut self, destination: DestinationId, lease: Lease, size: usize) -> Job {
        Job {
            delivery: self.ids.fresh(),
            env: Env(1),
            destination,
            event: self.ids.fresh(),
            lease,
            attempts: 0,
            spent_before: 0,
            first_attempt_at: None,
            created_at: NOW,
            body: Bytes::from(vec![0; size]),
        }
    }

    /// Fills a lane with bodies of this size until it takes no more; how many that were.
    fn fill(&mut self, lane: &Arc<Lane>, size: usize) -> usize {
        let mut taken = 0;
        while let Some(lease) = lane.reserve(ME, NOW) {
            let job = self.job(lane.id(), lease, size);
            self.lanes.put(lane, job, NOW);
            taken += 1;
        }
        taken
    }
}

/// Where there are only so many connections, no more attempts are made at once.
#[test]
fn a_lane_starts_no_more_than_there_is_room_for() {
    let mut world = World::new();
    let lane = world.lane_for(Some(4));
    // Four are under way and do not wait; of those that wait, four fill four megabytes.
    assert_eq!(world.fill(&lane, 1 << 20), 4 + 4);
}

#[test]
fn a_lane_holds_so_many_and_so_much() {
    let mut world = World::new();
    let (small, big) = (world.lane(), world.lane());
    assert_eq!(world.fill(&small, 100), 512);
    // Sixteen are under way and do not wait; of those that wait, four fill four megabytes.
    assert_eq!(world.fill(&big, 1 << 20), 16 + 4);
}

#[test]
fn all_lanes_together_hold_so_much_and_each_goes_on() {
    let mut world = World::new();
    for _ in 0..32 {
        let lane = world.lane();
        assert_eq!(world.fill(&lane, 1 << 20), 16 + 4);
    }
    let late = world.lane();
    assert_eq!(
        world.fill(&late, 1 << 20),
        16,
        "what starts at once does not wait"
    );
    assert_eq!(late.reserve_for_claim(128, NOW), 0, "and no more");
    let job = world.sender.0.lock().pop().expect("under way");
    assert_eq!(job.destination, late.id());
    assert!(
        late.done(Some(Reaction::Took), false, NOW),
        "what waits for it is looked for"
    );
    assert_eq!(
        late.reserve_for_claim(128, NOW),
        2,
        "one that ended, and one that it earned"
    );
    // What is taken out of memory makes room for all.
    assert_eq!(world.lanes.drain().len(), 32 * 4);
    let free = world.lane();
    assert_eq!(world.fill(&free, 1 << 20), 16 + 4);
}

#[test]
fn w8_a_lane_is_full_until_it_has_room_and_looks_by_itself_then() {
    let mut world = World::new();
    let lane = world.lane();
    assert!(!lane.is_full(NOW));
    world.fill(&lane, 10);
    assert!(lane.is_full(NOW), "nothing that waits for it need be told of");
    let mut ended = 0;
    while !lane.done(Some(Reaction::Took), false, NOW) {
        lane.next(NOW);
        ended += 1;
        assert!(ended < 512, "it looks before it is empty");
    }
    assert!(!lane.is_full(NOW));
    // One whose circuit is open takes nothing either, however little it holds.
    let hangs = world.lane();
    let lease = hangs.reserve(ME, NOW).expect("room");
    let job = world.job(hangs.id(), lease, 10);
    world.lanes.put(&hangs, job, NOW);
    for _ in 0..250 {
        hangs.done(Some(Reaction::TimedOut), false, NOW);
    }
    assert!(hangs.is_full(NOW));
    assert!(!hangs.is_full(NOW + 30_000), "a probe is due");
}

#[test]
fn a_claim_brings_as_many_as_fit() {
    let mut world = World::new();
    let lane = world.lane();
    for _ in 0..17 {
        let lease = lane.reserve(ME, NOW).expect("room");
        let job = world.job(lane.id(), lease, 1 << 20);
        world.lanes.put(&lane, job, NOW);
    }
    assert_eq!(lane.reserve_for_claim(128, NOW), 3, "one megabyte waits, of four");
    assert_eq!(
        world.lane().reserve_for_claim(128, NOW),
        16,
        "few, while nobody knows their size"
    );
}

#[test]
fn concurrency_that_success_earned_is_used() {
    let mut world = World::new();
    let lane = world.lane();
    world.fill(&lane, 10);
    let under_way = || world.sender.0.lock().len();
    assert_eq!(under_way(), 16);
    // Timeouts leave one attempt at a time, and the others end.
    for _ in 0..5 {
        lane.done(Some(Reaction::TimedOut), false, NOW);
    }
    for _ in 0..10 {
        lane.done(None, false, NOW);
        assert!(lane.next(NOW).is_none());
    }
    let before = under_way();
    for _ in 0..10 {
        lane.done(Some(Reaction::Took), false, NOW);
        assert!(lane.next(NOW).is_some());
    }
    assert_eq!(
        under_way() - before,
        10,
        "each success adds one beside the one that goes on"
    );
}
