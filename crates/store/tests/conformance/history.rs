//! Random histories of feeds against a small model: status, counters, numbers, and what a client that was away is told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::effects::{Effects, Receipt};
use domain::environment::Retention;
use domain::feed::{Change, FeedEffect, KnownState, Mark, Scope, Status, Times};
use domain::id::{AppId, NotificationId, Prefixed};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use store::feed::{self, Filter};

use tokio::runtime::Handle;

use crate::database::{DAY, NOW, Test, on_both, page};

on_both!(counters_equal_counted_items_after_any_history);

const TENANTS: [Option<&str>; 2] = [None, Some("acme")];
const USERS: usize = 2;

#[derive(Debug, Clone)]
enum Step {
    Arrive {
        users: u8,
        app: usize,
        tenant: usize,
    },
    Change {
        user: usize,
        which: usize,
        change: Change,
    },
    /// A change that is planned now and committed by a later `Late`.
    Plan {
        user: usize,
        which: usize,
        change: Change,
    },
    Late,
    MarkAll {
        user: usize,
        mark: Mark,
        app: Option<usize>,
        tenant: bool,
    },
    Settle {
        user: usize,
    },
    Prune {
        keep: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![
        Just(Status::Unread),
        Just(Status::Read),
        Just(Status::Dismissed),
        Just(Status::Clicked),
        Just(Status::Expired)
    ];
    let change = prop_oneof![4 => status.prop_map(Change::To), 1 => Just(Change::Delete)];
    let mark = prop_oneof![Just(Mark::Read), Just(Mark::Seen)];
    let which = (0..USERS, 0usize..20, change);
    prop_oneof![
        6 => (1u8..4, 0usize..2, 0usize..2).prop_map(|(users, app, tenant)| Step::Arrive { users, app, tenant }),
        8 => which.clone().prop_map(|(user, which, change)| Step::Change { user, which, change }),
        3 => which.prop_map(|(user, which, change)| Step::Plan { user, which, change }),
        3 => Just(Step::Late),
        3 => (0..USERS, mark, proptest::option::of(0usize..2), any::<bool>())
            .prop_map(|(user, mark, app, tenant)| Step::MarkAll { user, mark, app, tenant }),
        1 => (0..USERS).prop_map(|user| Step::Settle { user }),
        1 => (0usize..12).prop_map(|keep| Step::Prune { keep }),
    ]
}

/// One state as a reader of the design would keep it.
#[derive(Debug, Clone)]
struct Kept {
    id: NotificationId,
    app: usize,
    tenant: usize,
    seq: i64,
    times: Times,
}

/// One user's feed.
#[derive(Debug, Default)]
struct Model {
    states: Vec<Kept>,
    seq: i64,
    floor: i64,
    marks: Vec<i64>,
}

impl Model {
    fn kept(&mut self, id: NotificationId) -> Option<&mut Kept> {
        self.states.iter_mut().find(|kept| kept.id == id)
    }

    fn unread(&self, within: impl Fn(&Kept) -> bool) -> i64 {
        self.states
            .iter()
            .filter(|kept| within(kept) && kept.times.counts_unread())
            .count() as i64
    }

    fn unseen(&self, within: impl Fn(&Kept) -> bool) -> i64 {
        self.states
            .iter()
            .filter(|kept| within(kept) && kept.times.counts_unseen())
            .count() as i64
    }

    fn mark(&mut self, mark: Mark, within: impl Fn(&Kept) -> bool, at: i64) {
        let moves = self.unseen(&within)
            + if mark == Mark::Read {
                self.unread(&within)
            } else {
                0
            };
        if moves == 0 {
            return;
        }
        self.seq += 1;
        self.marks.push(self.seq);
        for kept in self.states.iter_mut().filter(|kept| within(kept)) {
            kept.times.seen_at = kept.times.seen_at.or(Some(at));
            if mark == Mark::Read && kept.times.expired_at.is_none() {
                kept.times.read_at = kept.times.read_at.or(Some(at));
            }
        }
    }
}

/// A change as it was planned.
#[derive(Debug, Clone)]
struct Held {
    user: usize,
    before: KnownState,
    after: Times,
    plan: Effects,
}

/// The world of one history.
struct World<'a> {
    t: &'a Test,
    users: [String; USERS],
    apps: [AppId; 2],
    models: [Model; USERS],
    /// Every notification, oldest first.
    all: Vec<NotificationId>,
    held: Option<Held>,
    now: i64,
}

/// What can be told from outside about the times of a state: an older mark's time gives way to a newer one's until it is settled.
fn shape(times: &Times) -> (Status, bool, bool, bool) {
    (
        times.status(),
        times.read_at.is_some(),
        times.seen_at.is_some(),
        times.deleted_at.is_some(),
    )
}

impl World<'_> {
    async fn step(&mut self, step: &Step) {
        self.now += 1_000;
        match step {
            Step::Arrive { users, app, tenant } => self.arrive(*users, *app, *tenant).await,
            Step::Change { user, which, change } => self.change(*user, *which, *change).await,
            Step::Plan { user, which, change } => self.held = self.plan(*user, *which, *change).await,
            Step::Late => self.late().await,
            Step::MarkAll {
                user,
                mark,
                app,
                tenant,
            } => {
                let scope = Scope {
                    app: app.map(|app| self.apps[app]),
                    tenant: tenant.then(|| "acme".to_owned()),
                };
                let mut plan = Effects::new(self.t.env, self.now);
                let name = self.users[*user].clone();
                plan.feed.push(FeedEffect::MarkAll {
                    user: name,
                    mark: *mark,
                    scope,
                    at: self.now,
                });
                let written = self.t.commit(plan).await.feed[0];
                let model = &mut self.models[*user];
                let before = model.seq;
                let within = |kept: &Kept| {
                    app.is_none_or(|app| app == kept.app) && (!tenant || TENANTS[kept.tenant].is_some())
                };
                model.mark(*mark, within, self.now);
                assert_eq!(
                    written.map(|written| written.seq),
                    (model.seq > before).then_some(model.seq)
                );
            }
            Step::Settle { user } => self.settle(*user).await,
            Step::Prune { keep } => self.prune(*keep).await,
        }
    }

    async fn arrive(&mut self, users: u8, app: usize, tenant: usize) {
        let mut content = self.t.notification(self.apps[app], TENANTS[tenant]);
        content.id = self.t.id_at(self.now);
        let to: Vec<usize> = (0..USERS).filter(|user| users & (1 << user) != 0).collect();
        let names: Vec<_> = to.iter().map(|user| self.users[*user].as_str()).collect();
        let written = self
            .t
            .commit(self.t.show(content.clone(), &names, self.now))
            .await;
        for (user, written) in to.into_iter().zip(written.feed) {
            let model = &mut self.models[user];
            model.seq += 1;
            model.states.push(Kept {
                id: content.id,
                app,
                tenant,
                seq: model.seq,
                times: Times::default(),
            });
            assert_eq!(written.expect("arrived").seq, model.seq);
        }
        self.all.push(content.id);
    }

    async fn plan(&self, user: usize, which: usize, change: Change) -> Option<Held> {
        let states = &self.models[user].states;
        let kept = states.get(which % states.len().max(1))?;
        let mut reader = self.t.read().await;
        let name = &self.users[user];
        let item = feed::item(&mut reader, self.t.env, name, kept.id)
            .await
            .unwrap()
            .expect("there");
        let head = feed::head(&mut reader, self.t.env, name).await.unwrap();
        drop(reader);
        assert_eq!(shape(&item.times), shape(&kept.times));
        let after = item.times.apply(change, self.now).ok()??;
        let before = feed::known(&item, &head);
        let mut plan = Effects::new(self.t.env, self.now);
        plan.feed.push(FeedEffect::Change {
            user: name.clone(),
            before: Box::new(before.clone()),
            after,
        });
        Some(Held {
            user,
            before,
            after,
            plan,
        })
    }

    /// Commits a planned change; answers whether it held.
    async fn commit(&mut self, held: &Held) -> bool {
        let receipt = self.t.try_commit(held.plan.clone()).await.unwrap();
        let Receipt::Written(written) = receipt else {
            assert_eq!(receipt, Receipt::Stale);
            return false;
        };
        let written = written.feed[0].expect("a change");
        let model = &mut self.models[held.user];
        model.seq += 1;
        let kept = model.kept(held.before.notification).expect("still there");
        assert_eq!(
            (kept.seq, shape(&kept.times)),
            (held.before.seq, shape(&held.before.times))
        );
        kept.times = held.after;
        kept.seq = written.seq;
        assert_eq!(written.seq, model.seq);
        assert_eq!(written.counters.unread, model.unread(|_| true));
        true
    }

    async fn change(&mut self, user: usize, which: usize, change: Change) {
        if let Some(held) = self.plan(user, which, change).await {
            assert!(self.commit(&held).await);
            assert!(!self.commit(&held).await, "once");
        }
    }

    /// What happens to other items is no reason to refuse a change.
    async fn late(&mut self) {
        let Some(held) = self.held.take() else { return };
        let model = &mut self.models[held.user];
        let marked = model.marks.last().is_some_and(|mark| *mark > held.before.head);
        let same = model
            .kept(held.before.notification)
            .is_some_and(|kept| kept.seq == held.before.seq);
        let holds = self.commit(&held).await;
        assert!(holds || marked || !same);
    }

    async fn settle(&mut self, user: usize) {
        let name = &self.users[user];
        while let Some(mark) = feed::unsettled(&mut *self.t.read().await, self.t.env, name)
            .await
            .unwrap()
        {
            let below = feed::below(&mut *self.t.read().await, self.t.env, name, 0, &mark, 1_000)
                .await
                .unwrap();
            let mut plan = Effects::new(self.t.env, self.now);
            for item in below {
                assert!(item.times.read_at.is_some(), "below a mark is what it read");
                plan.feed.push(FeedEffect::Settle {
                    user: name.clone(),
                    notification: item.notification.id,
                    seq: item.seq,
                    times: item.times,
                });
            }
            plan.feed.push(FeedEffect::Settled {
                user: name.clone(),
                mark: mark.seq,
            });
            self.t.commit(plan).await;
        }
    }

    /// Keeps the newest notifications.
    async fn prune(&mut self, keep: usize) {
        let Some(cut) = self.all.len().checked_sub(keep).filter(|cut| *cut > 0) else {
            return;
        };
        let gone: Vec<_> = self.all.drain(..cut).collect();
        for id in &gone {
            let old: NotificationId = self.t.id_at(NOW - 40 * DAY);
            self.rename(*id, old).await;
        }
        let retention = Retention {
            events: 0,
            notifications: 30,
            deliveries: 0,
            audit: 0,
        };
        loop {
            let mut tx = self.t.write().await;
            let pruned = store::prune::slice(&mut tx, &retention, 3, NOW).await.unwrap();
            tx.commit().await.unwrap();
            if pruned.rows == 0 {
                break;
            }
        }
        for model in &mut self.models {
            let floor = model
                .states
                .iter()
                .filter(|kept| gone.contains(&kept.id))
                .map(|kept| kept.seq)
                .max();
            model.floor = model.floor.max(floor.unwrap_or(0));
            // What was unread takes a number, below which nobody can catch up any more.
            let unread = model.unread(|kept| gone.contains(&kept.id));
            if unread > 0 {
                model.seq += unread;
                model.floor = model.seq;
            }
            model.states.retain(|kept| !gone.contains(&kept.id));
        }
    }

    /// Makes a notification old: its age is in its id. At once, for another history may be pruning.
    async fn rename(&self, id: NotificationId, old: NotificationId) {
        let (id, old) = (id.bare(), old.bare());
        let states = format!("UPDATE states SET notification = '{old}' WHERE notification = '{id}'");
        let notifications = format!("UPDATE notifications SET id = '{old}' WHERE id = '{id}'");
        self.t
            .execute(&format!("BEGIN; {states}; {notifications}; COMMIT"))
            .await;
    }

    async fn check(&self) {
        for (name, model) in self.users.iter().zip(&self.models) {
            let mut reader = self.t.read().await;
            let head = feed::head(&mut reader, self.t.env, name).await.unwrap();
            assert_eq!((head.seq, head.floor), (model.seq, model.floor));
            assert_eq!(
                (head.unread, head.unseen),
                (model.unread(|_| true), model.unseen(|_| true))
            );
            for app in [None, Some(0), Some(1)] {
                for tenant in [None, Some("acme")] {
                    let within = |kept: &Kept| {
                        app.is_none_or(|app| app == kept.app)
                            && tenant.is_none_or(|t| TENANTS[kept.tenant] == Some(t))
                    };
                    let asked = app.map(|app: usize| self.apps[app]);
                    let counters = feed::counters(&mut reader, self.t.env, name, asked, tenant)
                        .await
                        .unwrap();
                    assert_eq!(
                        (counters.unread, counters.unseen),
                        (model.unread(within), model.unseen(within))
                    );
                }
            }
            let listed = feed::list(&mut reader, self.t.env, name, &Filter::default(), &page(1_000), 0)
                .await
                .unwrap();
            let mut listed: Vec<_> = listed
                .into_iter()
                .map(|item| (item.seq, shape(&item.times)))
                .collect();
            listed.sort_unstable_by_key(|(seq, _)| *seq);
            let mut expected: Vec<_> = model
                .states
                .iter()
                .map(|kept| (kept.seq, shape(&kept.times)))
                .collect();
            expected.retain(|(_, shape)| !shape.3);
            expected.sort_unstable_by_key(|(seq, _)| *seq);
            assert_eq!(listed, expected);
            for status in [
                Status::Unread,
                Status::Read,
                Status::Dismissed,
                Status::Clicked,
                Status::Expired,
            ] {
                let filter = Filter {
                    status: Some(status),
                    ..Filter::default()
                };
                let found = feed::list(&mut reader, self.t.env, name, &filter, &page(1_000), 0)
                    .await
                    .unwrap()
                    .len();
                assert_eq!(
                    found,
                    expected.iter().filter(|(_, shape)| shape.0 == status).count(),
                    "{status:?}"
                );
            }
            drop(reader);
            self.check_changes(name, model).await;
        }
    }

    /// A client that was away since any number at or above the floor is told exactly what it missed, in parts or at once.
    async fn check_changes(&self, name: &str, model: &Model) {
        for since in [model.floor, i64::midpoint(model.floor, model.seq), model.seq] {
            let (mut at, mut told) = (since, BTreeMap::new());
            while at < model.seq {
                let mut reader = self.t.read().await;
                let part = feed::changes(&mut reader, self.t.env, name, at, model.seq, 3)
                    .await
                    .unwrap();
                assert!(part.through > at, "it moves on");
                for item in part.items {
                    assert!(told.insert(item.seq, shape(&item.times).0).is_none());
                }
                for mark in part.marks {
                    assert!(mark.seq <= part.through && model.marks.contains(&mark.seq));
                    assert!(
                        told.insert(mark.seq, Status::Read).is_none(),
                        "a number belongs to one change"
                    );
                }
                at = part.through;
            }
            for kept in model.states.iter().filter(|kept| kept.seq > since) {
                assert_eq!(told.remove(&kept.seq), Some(kept.times.status()));
            }
            let rest: Vec<_> = told.into_keys().collect();
            let marks: Vec<_> = model.marks.iter().copied().filter(|seq| *seq > since).collect();
            assert_eq!(rest, marks);
        }
    }
}

/// Histories run side by side, so that the group commit sees several at once.
async fn counters_equal_counted_items_after_any_history(t: &Test) {
    let runtime = Handle::current();
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            for side in 0..4 {
                let runtime = runtime.clone();
                scope.spawn(move || run_side(t, side, &runtime));
            }
        });
    });
}

fn run_side(t: &Test, side: u8, runtime: &Handle) {
    let config = Config {
        cases: 12,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[side; 32]);
    let run = AtomicU32::new(0);
    let ran = TestRunner::new_with_rng(config, rng).run(&proptest::collection::vec(step(), 1..40), |steps| {
        let run = run.fetch_add(1, Ordering::Relaxed);
        runtime.block_on(history(t, format!("{side}-{run}"), &steps));
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}

async fn history(t: &Test, name: String, steps: &[Step]) {
    let mut world = World {
        t,
        users: std::array::from_fn(|user| format!("{name}-{user}")),
        apps: [t.id(), t.id()],
        models: std::array::from_fn(|_| Model::default()),
        all: Vec::new(),
        held: None,
        now: NOW,
    };
    for step in steps {
        world.step(step).await;
    }
    world.check().await;
}
