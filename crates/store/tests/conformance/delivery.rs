//! Deliveries: leases that one holds at a time, outcomes that apply only under them, rescue, fairness.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::delivery::{Cause, Completion, DeliveryState, HealthEffect, Lease, NewDelivery, Owner, Verdict};
use domain::id::{AppId, DeliveryId, DestinationId, EndpointId, EventId, Prefixed};
use parking_lot::Mutex;
use store::delivery::{self, Claimed, Delivery, Filter};
use store::{Settled, endpoint, node};

use crate::database::{DAY, NOW, Test, after, completion, lease, on_both, page};

on_both!(
    an_outcome_is_written_and_read_back,
    a_first_attempt_that_succeeds_has_no_row_of_its_own,
    q3_a_late_outcome_changes_nothing,
    a_lease_given_back_untried_counts_no_attempt,
    failures_in_a_row_are_counted_per_endpoint,
    failures_of_one_group_are_counted_exactly,
    claims_take_what_is_due_oldest_first,
    q2_one_delivery_has_one_lease_at_a_time,
    q4_q5_rescue_frees_every_lease_of_the_dead_and_counts_an_unknown_attempt,
    q5_each_rescue_waits_longer,
    q5_a_rescue_logs_only_what_it_frees,
    no_lease_is_given_out_twice,
    what_ends_untried_says_why,
    a_process_that_enters_while_others_are_rescued_keeps_its_leases,
    what_waits_is_withdrawn_in_slices,
    a_retry_makes_it_due_again,
    a_dead_destination_hides_no_other,
    the_log_filters_and_pages,
    what_an_endpoint_was_not_sent_is_found,
);

pub(crate) async fn claim(t: &Test, endpoint: EndpointId, owner: i64, limit: i64, now: i64) -> Vec<Claimed> {
    let mut tx = t.store.write_all().await.unwrap();
    let claimed = delivery::claim(
        &mut tx,
        DestinationId::of(&endpoint),
        (Owner(owner), 1),
        limit,
        now,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    claimed
}

/// What is given back because its claim may not have held never takes a later lease along.
async fn no_lease_is_given_out_twice(t: &Test) {
    let endpoint = t.id();
    t.deliver(t.id(), endpoint, None).await;
    let lease = async |turn: i64, commits: bool| {
        let mut tx = t.store.write_all().await.unwrap();
        let claimed = delivery::claim(&mut tx, DestinationId::of(&endpoint), (Owner(3), turn), 1, NOW)
            .await
            .unwrap();
        if commits {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
        claimed[0].lease
    };
    let (lost, held) = (lease(1, false).await, lease(2, true).await);
    assert_ne!(lost, held);
}

/// Frees what every owner had leased that is no node.
pub(crate) async fn rescue(t: &Test, now: i64) -> u64 {
    let orphaned = delivery::orphaned(&mut t.store.read_all().await.unwrap())
        .await
        .unwrap();
    let mut tx = t.store.write_all().await.unwrap();
    let mut freed = 0;
    for one in &orphaned {
        freed += delivery::rescue(&mut tx, std::slice::from_ref(one), now)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    freed
}

pub(crate) async fn get(t: &Test, endpoint: EndpointId, id: DeliveryId) -> Delivery {
    delivery::get(&mut *t.read().await, t.env, endpoint, id)
        .await
        .unwrap()
        .expect("there")
}

async fn an_outcome_is_written_and_read_back(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let (event, id) = t.deliver(app, endpoint, Some(lease(7, 1))).await;
    let fails = completion(t, endpoint, id, lease(7, 1), (1, Verdict::Retry(NOW + 500)));
    assert_eq!(
        t.complete(fails.clone()).await,
        Settled {
            applied: true,
            failures: 1
        }
    );
    let found = get(t, endpoint, id).await;
    assert_eq!(
        (found.state, found.attempts, found.due_at),
        (DeliveryState::Retrying, 1, Some(NOW + 500))
    );
    assert_eq!(
        (found.first_attempt_at, found.last_attempt_at),
        (Some(NOW + 10), Some(NOW + 10))
    );
    assert_eq!(
        (found.duration_ms, found.status_code, found.finished_at),
        (Some(5), Some(500), None)
    );
    assert_eq!(
        (found.response.as_deref(), found.error.as_deref()),
        (Some("body"), Some("answered 500"))
    );
    assert_eq!((found.app, found.endpoint, found.event), (app, endpoint, event));
    let again = claim(t, endpoint, 8, 10, NOW + 500).await;
    assert_eq!(
        (again[0].id, again[0].attempts, again[0].lease),
        (id, 1, lease(8, 2))
    );
    assert_eq!(
        (again[0].first_attempt_at, again[0].event),
        (Some(NOW + 10), event)
    );
    let mut lost = completion(t, endpoint, id, lease(8, 2), (2, Verdict::Exhausted));
    let attempt = lost.attempt.as_mut().unwrap();
    (
        attempt.status_code,
        attempt.response,
        attempt.unknown,
        attempt.started_at,
    ) = (None, None, true, NOW + 600);
    lost.at = NOW + 900;
    assert!(t.complete(lost).await.applied);
    let found = get(t, endpoint, id).await;
    assert_eq!(
        (found.state, found.finished_at, found.due_at),
        (DeliveryState::Exhausted, Some(NOW + 900), None)
    );
    assert_eq!(
        (found.first_attempt_at, found.last_attempt_at),
        (Some(NOW + 10), Some(NOW + 600))
    );
    assert_eq!((found.status_code, found.response), (None, None));
    let attempts = delivery::attempts(&mut *t.read().await, t.env, id).await.unwrap();
    let words: Vec<_> = attempts
        .iter()
        .map(|a| (a.number, a.outcome.as_str(), a.status_code))
        .collect();
    assert_eq!(words, [(1, "error", Some(500)), (2, "unknown", None)]);
    assert_eq!(attempts[0].error.as_deref(), Some("answered 500"));
    assert_eq!((attempts[0].started_at, attempts[0].duration_ms), (NOW + 10, 5));
}

async fn a_first_attempt_that_succeeds_has_no_row_of_its_own(t: &Test) {
    let endpoint = t.id();
    let (_, id) = t.deliver(t.id(), endpoint, Some(lease(1, 1))).await;
    let sent = completion(t, endpoint, id, lease(1, 1), (1, Verdict::Sent));
    assert_eq!(
        t.complete(sent).await,
        Settled {
            applied: true,
            failures: 0
        }
    );
    assert!(
        delivery::attempts(&mut *t.read().await, t.env, id)
            .await
            .unwrap()
            .is_empty()
    );
    let found = get(t, endpoint, id).await;
    assert_eq!(
        (found.state, found.attempts, found.status_code),
        (DeliveryState::Sent, 1, Some(200))
    );
    let health = endpoint::health(&mut *t.read().await, t.env, endpoint)
        .await
        .unwrap();
    assert_eq!((health.failures, health.first_failure_at), (0, None));
}

async fn q3_a_late_outcome_changes_nothing(t: &Test) {
    let endpoint = t.id();
    let (_, id) = t.deliver(t.id(), endpoint, Some(lease(1, 1))).await;
    assert_eq!(rescue(t, NOW).await, 1);
    assert_eq!(claim(t, endpoint, 2, 1, NOW).await[0].lease, lease(2, 2));
    let before = format!("{:?}", get(t, endpoint, id).await);
    let none = Settled {
        applied: false,
        failures: 0,
    };
    for old in [lease(1, 1), lease(2, 1), lease(1, 2), lease(2, 3)] {
        for verdict in [Verdict::Sent, Verdict::Retry(NOW), Verdict::Failed] {
            assert_eq!(
                t.complete(completion(t, endpoint, id, old, (1, verdict))).await,
                none
            );
        }
    }
    let mut elsewhere = completion(t, endpoint, id, lease(2, 2), (2, Verdict::Sent));
    elsewhere.env = t.another_env().await;
    assert_eq!(t.complete(elsewhere).await, none);
    assert_eq!(format!("{:?}", get(t, endpoint, id).await), before);
    assert_eq!(
        t.number("SELECT count(*) FROM attempts").await,
        1,
        "only the rescue's"
    );
    let health = endpoint::health(&mut *t.read().await, t.env, endpoint)
        .await
        .unwrap();
    assert_eq!(health.failures, 0, "what changes nothing does not count");
    assert!(
        t.complete(completion(t, endpoint, id, lease(2, 2), (2, Verdict::Sent)))
            .await
            .applied
    );
    // The same outcome a second time.
    assert_eq!(
        t.complete(completion(t, endpoint, id, lease(2, 2), (2, Verdict::Sent)))
            .await,
        none
    );
}

async fn a_lease_given_back_untried_counts_no_attempt(t: &Test) {
    let endpoint = t.id();
    let (_, id) = t.deliver(t.id(), endpoint, Some(lease(1, 1))).await;
    let back = |attempts, fence| Completion {
        attempt: None,
        log_attempt: false,
        health: HealthEffect::None,
        ..completion(
            t,
            endpoint,
            id,
            lease(1, fence),
            (attempts, Verdict::Released(NOW + 50)),
        )
    };
    assert_eq!(
        t.complete(back(0, 1)).await,
        Settled {
            applied: true,
            failures: 0
        }
    );
    let found = get(t, endpoint, id).await;
    assert_eq!(
        (found.state, found.attempts, found.due_at),
        (DeliveryState::Pending, 0, Some(NOW + 50))
    );
    assert_eq!((found.first_attempt_at, found.last_attempt_at), (None, None));
    assert!(claim(t, endpoint, 1, 1, NOW + 49).await.is_empty());
    claim(t, endpoint, 1, 1, NOW + 50).await;
    t.complete(completion(
        t,
        endpoint,
        id,
        lease(1, 2),
        (1, Verdict::Retry(NOW + 60)),
    ))
    .await;
    claim(t, endpoint, 1, 1, NOW + 60).await;
    assert!(t.complete(back(1, 3)).await.applied);
    let found = get(t, endpoint, id).await;
    assert_eq!(
        (found.state, found.attempts, found.status_code),
        (DeliveryState::Retrying, 1, Some(500))
    );
}

async fn failures_in_a_row_are_counted_per_endpoint(t: &Test) {
    let (app, endpoint, other): (AppId, EndpointId, EndpointId) = (t.id(), t.id(), t.id());
    let one = async |endpoint, verdict, at| {
        let (_, id) = t.deliver(app, endpoint, Some(lease(1, 1))).await;
        let mut outcome = completion(t, endpoint, id, lease(1, 1), (1, verdict));
        outcome.at = at;
        t.complete(outcome).await.failures
    };
    assert_eq!(one(endpoint, Verdict::Retry(NOW), NOW + 1).await, 1);
    assert_eq!(one(endpoint, Verdict::Exhausted, NOW + 2).await, 2);
    assert_eq!(one(other, Verdict::Retry(NOW), NOW + 3).await, 1);
    let health = endpoint::health(&mut *t.read().await, t.env, endpoint)
        .await
        .unwrap();
    assert_eq!(
        (health.failures, health.first_failure_at, health.last_failure_at),
        (2, Some(NOW + 1), Some(NOW + 2))
    );
    assert_eq!(one(endpoint, Verdict::Sent, NOW + 4).await, 0);
    let health = endpoint::health(&mut *t.read().await, t.env, endpoint)
        .await
        .unwrap();
    assert_eq!(
        (health.failures, health.first_failure_at, health.last_failure_at),
        (0, None, Some(NOW + 2))
    );
    assert_eq!(one(endpoint, Verdict::Failed, NOW + 5).await, 1);
    let health = endpoint::health(&mut *t.read().await, t.env, endpoint)
        .await
        .unwrap();
    assert_eq!((health.failures, health.first_failure_at), (1, Some(NOW + 5)));
    let mut tx = t.write().await;
    endpoint::reset_health(&mut tx, endpoint).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(one(endpoint, Verdict::Failed, NOW + 6).await, 1);
}

/// Many outcomes at once: however they are grouped, what remains is what one by one would leave.
async fn failures_of_one_group_are_counted_exactly(t: &Test) {
    let app: AppId = t.id();
    let endpoints: [EndpointId; 3] = [t.id(), t.id(), t.id()];
    let mut open = Vec::new();
    for n in 0..60 {
        open.push((
            endpoints[n % 3],
            t.deliver(app, endpoints[n % 3], Some(lease(1, 1))).await.1,
        ));
    }
    let finish = |(n, (endpoint, id)): (usize, &(EndpointId, DeliveryId))| {
        // The second succeeds once in the middle, the third at the end.
        let sent = (n % 3 == 1 && n / 3 == 10) || (n % 3 == 2 && n / 3 == 19);
        let verdict = if sent {
            Verdict::Sent
        } else {
            Verdict::Retry(NOW + 5_000)
        };
        t.complete(completion(t, *endpoint, *id, lease(1, 1), (1, verdict)))
    };
    // In order, without waiting in between: the queue keeps it, and groups are cut as they come. Two writers may take their groups at the
    // same time, so on PostgreSQL the order of a group with a success is only kept inside it.
    let settled = futures_util::future::join_all(open.iter().enumerate().map(finish)).await;
    assert!(settled.iter().all(|settled| settled.applied));
    let mut failures = Vec::new();
    for endpoint in endpoints {
        failures.push(
            endpoint::health(&mut *t.read().await, t.env, endpoint)
                .await
                .unwrap()
                .failures,
        );
    }
    assert_eq!(failures[0], 20);
    if !t.is_postgres() {
        assert_eq!(failures, [20, 9, 0]);
    }
    assert_eq!(settled.iter().map(|settled| settled.failures).max(), Some(20));
    assert_eq!(t.number("SELECT count(*) FROM attempts").await, 58);
}

async fn claims_take_what_is_due_oldest_first(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let mut ids = Vec::new();
    for n in 0..6i64 {
        let mut plan = t.publish(app);
        let mut new = t.delivery(app, plan.events[0].id, endpoint, None);
        new.created_at = NOW + n * 10;
        ids.push(new.id);
        plan.deliveries.push(new);
        t.commit(plan).await;
    }
    t.deliver(app, endpoint, Some(lease(9, 1))).await;
    let taken = |claimed: Vec<Claimed>| {
        claimed
            .into_iter()
            .map(|claimed| claimed.id)
            .collect::<HashSet<_>>()
    };
    assert!(claim(t, endpoint, 1, 10, NOW - 1).await.is_empty());
    assert_eq!(
        taken(claim(t, endpoint, 1, 2, NOW + 100).await),
        HashSet::from([ids[0], ids[1]])
    );
    let rest = claim(t, endpoint, 1, 10, NOW + 40).await;
    assert!(
        rest.iter()
            .all(|claimed| claimed.lease == lease(1, 1) && claimed.attempts == 0 && claimed.env == t.env)
    );
    assert!(rest.is_sorted_by_key(|claimed| claimed.id));
    assert_eq!(taken(rest), HashSet::from([ids[2], ids[3], ids[4]]));
    assert_eq!(
        taken(claim(t, endpoint, 2, 10, NOW + 50).await),
        HashSet::from([ids[5]])
    );
    assert!(claim(t, t.id(), 1, 10, NOW + 100).await.is_empty());
    assert_eq!(get(t, endpoint, ids[0]).await.state, DeliveryState::Sending);
}

/// Svix's shape: 20 producers, 20 workers, 200 each. Nothing is lost, and nothing is held by two at a time.
async fn q2_one_delivery_has_one_lease_at_a_time(t: &Test) {
    let app: AppId = t.id();
    let endpoints: Vec<EndpointId> = (0..10).map(|_| t.id()).collect();
    let made = Arc::new(Mutex::new(HashSet::new()));
    let held: Arc<Mutex<HashMap<DeliveryId, u32>>> = Arc::default();
    let produce = futures_util::future::join_all((0..20usize).map(|producer| {
        let (made, endpoints) = (Arc::clone(&made), &endpoints);
        async move {
            for n in 0..200usize {
                let mut plan = t.publish(app);
                let new = t.delivery(app, plan.events[0].id, endpoints[(producer + n) % 10], None);
                made.lock().insert(new.id);
                plan.deliveries.push(new);
                t.commit(plan).await;
            }
        }
    }));
    let work = futures_util::future::join_all((0..20usize).map(|worker| {
        let (held, endpoints) = (Arc::clone(&held), &endpoints);
        async move {
            let mut sent = 0;
            for round in 0usize.. {
                let endpoint = endpoints[(worker + round) % 10];
                let claimed = claim(t, endpoint, worker as i64, 40, NOW).await;
                for claimed in &claimed {
                    assert_eq!(claimed.lease.owner, Owner(worker as i64));
                    *held.lock().entry(claimed.id).or_default() += 1;
                }
                let finished = claimed.iter().map(|claimed| {
                    t.complete(completion(
                        t,
                        endpoint,
                        claimed.id,
                        claimed.lease,
                        (1, Verdict::Sent),
                    ))
                });
                for settled in futures_util::future::join_all(finished).await {
                    assert!(settled.applied);
                    sent += 1;
                }
                if claimed.is_empty() && held.lock().len() == 4_000 {
                    return sent;
                }
            }
            sent
        }
    }));
    let (_, sent) = tokio::join!(produce, work);
    assert_eq!(sent.into_iter().sum::<usize>(), 4_000);
    let held = std::mem::take(&mut *held.lock());
    assert!(held.values().all(|times| *times == 1), "nothing was leased twice");
    assert_eq!(held.keys().copied().collect::<HashSet<_>>(), *made.lock());
    assert_eq!(
        t.number("SELECT count(*) FROM deliveries WHERE state = 3 AND owner IS NULL AND attempts = 1")
            .await,
        4_000
    );
}

async fn q4_q5_rescue_frees_every_lease_of_the_dead_and_counts_an_unknown_attempt(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let mut tx = t.store.write_all().await.unwrap();
    let living = node::register(&mut tx, "a", NOW + 30_000, NOW).await.unwrap();
    let dead = node::register(&mut tx, "b", NOW + 10_000, NOW).await.unwrap();
    tx.commit().await.unwrap();
    // Ten thousand of the living stand before those of the dead.
    for _ in 0..20 {
        let mut plan = t.publish(app);
        for _ in 0..500 {
            let lease = Lease {
                owner: living,
                fence: 1,
            };
            plan.deliveries
                .push(t.delivery(app, plan.events[0].id, endpoint, Some(lease)));
        }
        t.commit(plan).await;
    }
    let (_, first) = t
        .deliver(
            app,
            endpoint,
            Some(Lease {
                owner: dead,
                fence: 1,
            }),
        )
        .await;
    let (_, free) = t.deliver(app, endpoint, None).await;
    let (_, second) = t
        .deliver(
            app,
            endpoint,
            Some(Lease {
                owner: dead,
                fence: 1,
            }),
        )
        .await;
    let outcome = completion(
        t,
        endpoint,
        second,
        Lease {
            owner: dead,
            fence: 1,
        },
        (1, Verdict::Retry(NOW)),
    );
    t.complete(outcome).await;
    // The same row a second time, with one attempt behind it.
    let again = claim(t, endpoint, dead.0, 10, NOW).await;
    assert_eq!(again.len(), 2);
    let mut tx = t.store.write_all().await.unwrap();
    assert_eq!(node::bury(&mut tx, NOW + 10_001, None).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(rescue(t, NOW + 10_001).await, 3);
    assert_eq!(rescue(t, NOW + 10_001).await, 0, "it may run twice");
    // One that had an attempt behind it waits.
    for (id, attempts, wait) in [(first, 1, 0), (second, 2, 5_000), (free, 1, 0)] {
        let found = get(t, endpoint, id).await;
        assert_eq!((found.state, found.attempts), (DeliveryState::Retrying, attempts));
        assert_eq!(found.due_at, Some(NOW + 10_001 + wait));
        assert!(found.first_attempt_at.is_some());
        let log = delivery::attempts(&mut *t.read().await, t.env, id).await.unwrap();
        assert_eq!(
            log.last().map(|a| (a.number, a.outcome.as_str())),
            Some((i64::from(attempts), "unknown"))
        );
    }
    assert_eq!(claim(t, endpoint, 77, 100, NOW + 10_001).await.len(), 2);
    let held = format!("SELECT count(*) FROM deliveries WHERE owner = {}", living.0);
    assert_eq!(t.number(&held).await, 10_000);
}

/// A process that is killed again and again must not spend in seconds the attempts of what only waited in its memory.
async fn q5_each_rescue_waits_longer(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let (_, id) = t.deliver(app, endpoint, Some(lease(7, 1))).await;
    let mut now = NOW;
    for wait in [0, 5_000, 30_000, 120_000, 600_000, 600_000] {
        assert_eq!(rescue(t, now).await, 1);
        assert_eq!(get(t, endpoint, id).await.due_at, Some(now + wait));
        assert!(claim(t, endpoint, 7, 1, now + wait - 1).await.is_empty());
        now += wait;
        assert_eq!(claim(t, endpoint, 7, 1, now).await.len(), 1);
    }
}

async fn what_ends_untried_says_why(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let (_, id) = t.deliver(app, endpoint, Some(lease(7, 1))).await;
    let mut ended = completion(t, endpoint, id, lease(7, 1), (0, Verdict::Exhausted));
    (ended.attempt, ended.reason, ended.health) = (None, Some("its event is gone"), HealthEffect::None);
    assert!(t.complete(ended).await.applied);
    let found = get(t, endpoint, id).await;
    assert_eq!(
        (found.state, found.attempts, found.error.as_deref()),
        (DeliveryState::Exhausted, 0, Some("its event is gone"))
    );
}

async fn a_process_that_enters_while_others_are_rescued_keeps_its_leases(t: &Test) {
    let endpoint = t.id();
    let (_, id) = t.deliver(t.id(), endpoint, Some(lease(7, 1))).await;
    let found = delivery::orphaned(&mut t.store.read_all().await.unwrap())
        .await
        .unwrap();
    assert_eq!(found, [(DestinationId::of(&endpoint), Owner(7))]);
    // Between the look and the rescue, on another node: it frees the same lease, enters and claims.
    assert_eq!(rescue(t, NOW).await, 1);
    let mut tx = t.store.write_all().await.unwrap();
    let young = node::register(&mut tx, "young", NOW + 30_000, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(t, endpoint, young.0, 1, NOW).await[0].id, id);
    let mut tx = t.store.write_all().await.unwrap();
    assert_eq!(delivery::rescue(&mut tx, &found, NOW).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(rescue(t, NOW).await, 0);
}

/// Q5: an outcome that is being written while its lease is taken away stands, and no attempt is logged beside it that did not happen.
async fn q5_a_rescue_logs_only_what_it_frees(t: &Test) {
    let endpoint = t.id();
    let (_, id) = t.deliver(t.id(), endpoint, Some(lease(7, 1))).await;
    let sent = format!(
        "UPDATE deliveries SET state = 3, owner = NULL, attempts = 1, finished_at = {NOW} WHERE id = '{}'",
        id.bare()
    );
    let freed = if t.is_postgres() {
        let mut late = t.raw().await;
        let outcome = format!("BEGIN; {sent}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(outcome))
            .execute(&mut late)
            .await
            .unwrap();
        let commits = async {
            let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            while t.number(waits).await == 0 {
                tokio::task::yield_now().await;
            }
            sqlx::raw_sql("COMMIT").execute(&mut late).await.unwrap();
        };
        tokio::join!(rescue(t, NOW), commits).0
    } else {
        t.execute(&sent).await;
        rescue(t, NOW).await
    };
    assert_eq!(freed, 0);
    assert_eq!(get(t, endpoint, id).await.state, DeliveryState::Sent);
    assert_eq!(t.number("SELECT count(*) FROM attempts").await, 0);
}

async fn what_waits_is_withdrawn_in_slices(t: &Test) {
    let (app, endpoint, other): (AppId, EndpointId, EndpointId) = (t.id(), t.id(), t.id());
    let (_, sent) = t.deliver(app, endpoint, Some(lease(1, 1))).await;
    t.complete(completion(t, endpoint, sent, lease(1, 1), (1, Verdict::Sent)))
        .await;
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(t.deliver(app, endpoint, None).await.1);
    }
    t.deliver(app, other, None).await;
    let mut gone = Vec::new();
    for _ in 0..3 {
        let mut tx = t.store.write_all().await.unwrap();
        let state = DeliveryState::Cancelled;
        gone.push(
            delivery::withdraw(
                &mut tx,
                (DestinationId::of(&endpoint), None),
                state,
                "endpoint disabled",
                3,
                NOW + 7,
            )
            .await
            .unwrap(),
        );
        tx.commit().await.unwrap();
    }
    assert_eq!(gone, [3, 2, 0]);
    for id in open {
        let found = get(t, endpoint, id).await;
        assert_eq!(
            (found.state, found.finished_at),
            (DeliveryState::Cancelled, Some(NOW + 7))
        );
        assert_eq!(found.error.as_deref(), Some("endpoint disabled"));
    }
    assert_eq!(get(t, endpoint, sent).await.state, DeliveryState::Sent);
    assert_eq!(claim(t, other, 1, 10, NOW).await.len(), 1);
}

async fn a_retry_makes_it_due_again(t: &Test) {
    let endpoint = t.id();
    let (_, id) = t.deliver(t.id(), endpoint, Some(lease(1, 1))).await;
    let retry = async |endpoint, id, now| {
        let mut tx = t.write().await;
        let done = delivery::retry(&mut tx, endpoint, id, now).await.unwrap();
        tx.commit().await.unwrap();
        done
    };
    assert!(
        !retry(DestinationId::of(&endpoint), id, NOW + 1).await,
        "it is being sent"
    );
    t.complete(completion(t, endpoint, id, lease(1, 1), (1, Verdict::Exhausted)))
        .await;
    assert!(retry(DestinationId::of(&endpoint), id, NOW + 2).await);
    assert!(!retry(t.id(), id, NOW + 2).await);
    assert!(!retry(DestinationId::of(&endpoint), t.id(), NOW + 2).await);
    let found = get(t, endpoint, id).await;
    assert_eq!(
        (found.state, found.due_at, found.finished_at),
        (DeliveryState::Retrying, Some(NOW + 2), None)
    );
    let claimed = claim(t, endpoint, 2, 10, NOW + 2).await;
    assert_eq!(
        (claimed.len(), claimed[0].first_attempt_at, claimed[0].lease),
        (1, None, lease(2, 2))
    );
}

/// One destination with ten thousand open rows, many with one: each is named once, in steps, and quickly.
async fn a_dead_destination_hides_no_other(t: &Test) {
    let app: AppId = t.id();
    let dead: EndpointId = t.id();
    for _ in 0..20 {
        let mut plan = t.publish(app);
        for _ in 0..500 {
            plan.deliveries
                .push(t.delivery(app, plan.events[0].id, dead, None));
        }
        t.commit(plan).await;
    }
    let mut expected = vec![dead];
    for n in 0..50 {
        let endpoint = t.id();
        let (_, id) = t
            .deliver(app, endpoint, (n % 2 == 0).then_some(lease(1, 1)))
            .await;
        match n % 4 {
            // Finished: not named. Leased: named, with nothing due.
            0 => drop(
                t.complete(completion(t, endpoint, id, lease(1, 1), (1, Verdict::Sent)))
                    .await,
            ),
            _ => expected.push(endpoint),
        }
    }
    expected.sort_unstable();
    let started = std::time::Instant::now();
    let (mut found, mut after, mut due) = (Vec::new(), String::new(), 0);
    loop {
        let mut reader = t.store.read_all().await.unwrap();
        let part = delivery::destinations(&mut reader, &after, 10).await.unwrap();
        assert!(part.len() <= 10);
        let Some(last) = part.last() else { break };
        last.destination.bare().clone_into(&mut after);
        due += part
            .iter()
            .filter(|due| due.due_at.is_some_and(|at| at <= NOW))
            .count();
        found.extend(part.into_iter().map(|due| due.destination.as_a::<EndpointId>()));
    }
    assert_eq!(found, expected);
    assert_eq!(due, 26, "the dead one and those that wait");
    assert!(started.elapsed().as_millis() < 1_000, "{:?}", started.elapsed());
    let mut claims = 0;
    for endpoint in found {
        claims += claim(t, endpoint, 1, 4, NOW).await.len();
    }
    assert_eq!(claims, 25 + 4);
}

async fn the_log_filters_and_pages(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let mut all = Vec::new();
    for n in 0..6 {
        let (event, id) = t.deliver(app, endpoint, Some(lease(1, 1))).await;
        if n % 2 == 0 {
            t.complete(completion(t, endpoint, id, lease(1, 1), (1, Verdict::Sent)))
                .await;
        }
        all.push((id, event));
    }
    t.deliver(app, t.id(), None).await;
    all.sort_unstable_by(|a, b| b.cmp(a));
    let list = async |filter: Filter, page| {
        let rows = delivery::list(&mut *t.read().await, t.env, endpoint, &filter, &page)
            .await
            .unwrap();
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let ids: Vec<_> = all.iter().map(|(id, _)| *id).collect();
    assert_eq!(list(Filter::default(), page(4)).await, ids[..4]);
    assert_eq!(list(Filter::default(), after(4, ids[3].bare())).await, ids[4..]);
    let sent = Filter {
        state: Some(DeliveryState::Sent),
        event: None,
    };
    assert_eq!(list(sent, page(10)).await.len(), 3);
    let of_event = Filter {
        state: None,
        event: Some(all[2].1),
    };
    assert_eq!(list(of_event, page(10)).await, [all[2].0]);
    let gone = delivery::get(&mut *t.read().await, t.env, t.id(), ids[0])
        .await
        .unwrap();
    assert!(gone.is_none(), "of another endpoint");
    t.execute("DELETE FROM events").await;
    assert_eq!(
        get(t, endpoint, ids[0]).await.event_type,
        None,
        "its event is pruned"
    );
}

async fn what_an_endpoint_was_not_sent_is_found(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let (waiting, _) = t.deliver(app, endpoint, None).await;
    let (failed, id) = t.deliver(app, endpoint, Some(lease(1, 1))).await;
    t.complete(completion(t, endpoint, id, lease(1, 1), (1, Verdict::Failed)))
        .await;
    let (sent, id) = t.deliver(app, endpoint, Some(lease(1, 1))).await;
    t.complete(completion(t, endpoint, id, lease(1, 1), (1, Verdict::Sent)))
        .await;
    let never: EventId = t.commit_event(app).await;
    let (elsewhere, _) = t.deliver(app, t.id(), None).await;
    // Asked for a day later: its delivery does not lie in the event's time.
    let later = t.commit_event(app).await;
    let mut plan = t.plan();
    plan.deliveries.push(NewDelivery {
        id: t.id_at(NOW + DAY),
        cause: Cause::Recovered,
        ..t.delivery(app, later, endpoint, None)
    });
    t.commit(plan).await;
    let asked = [waiting, failed, sent, never, elsewhere, later];
    let unsent = delivery::unsent(&mut *t.read().await, t.env, endpoint, &asked)
        .await
        .unwrap();
    assert_eq!(unsent, [failed, never, elsewhere]);
    assert!(
        delivery::unsent(&mut *t.read().await, t.env, endpoint, &[])
            .await
            .unwrap()
            .is_empty()
    );
}
