//! How fast the group commit is here, for comparison between two states of the code: `--run-ignored all figures --no-capture`.

#![expect(clippy::print_stdout, reason = "what is measured is told")]

use std::time::Instant;

use domain::delivery::Verdict;
use domain::environment::Retention;
use domain::id::{AppId, EndpointId, Ksuid};

use crate::database::{DAY, NOW, Test, completion, lease, on_both};

on_both!(
    #[ignore = "measures, checks nothing"]
    q6_events_and_outcomes,
    feeds,
    one_by_one,
    passes_over_much
);

const EVENTS: usize = 20_000;

fn print(what: &str, t: &Test, count: usize, started: Instant) {
    let rate = count as f64 / started.elapsed().as_secs_f64();
    println!(
        "{what} on {}: {rate:.0}/s",
        if t.is_postgres() { "PostgreSQL" } else { "SQLite" }
    );
}

/// 64 publishers; each event has one delivery, which is completed.
async fn q6_events_and_outcomes(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let started = Instant::now();
    futures_util::future::join_all((0..64).map(|n| async move {
        for round in 0..EVENTS / 64 {
            let mut plan = t.publish(app);
            plan.claims.push(t.claim(&format!("{n}-{round}"), "evt"));
            plan.deliveries
                .push(t.delivery(app, plan.events[0].id, endpoint, Some(lease(1, 1))));
            let id = plan.deliveries[0].id;
            t.commit(plan).await;
            assert!(
                t.complete(completion(t, endpoint, id, lease(1, 1), (1, Verdict::Sent)))
                    .await
                    .applied
            );
        }
    }))
    .await;
    print("events, each with a delivery and its outcome", t, EVENTS, started);
}

/// 32 notifications at a time, each for five of a thousand users.
async fn feeds(t: &Test) {
    let app: AppId = t.id();
    let names: Vec<String> = (0..1_000).map(|n| format!("user-{n:03}")).collect();
    let started = Instant::now();
    futures_util::future::join_all((0..32usize).map(|n| {
        let names = &names;
        async move {
            for round in 0..100usize {
                let mut users: Vec<_> = (0..5)
                    .map(|k| names[(n * 31 + round * 5 + k * 7) % 1_000].as_str())
                    .collect();
                users.sort_unstable();
                t.commit(t.show(t.notification(app, None), &users, NOW)).await;
            }
        }
    }))
    .await;
    print("arrivals", t, 32 * 100 * 5, started);
}

/// The wait of one who is alone.
async fn one_by_one(t: &Test) {
    let app: AppId = t.id();
    for _ in 0..50 {
        t.commit_event(app).await;
    }
    let started = Instant::now();
    for _ in 0..1_000 {
        t.commit_event(app).await;
    }
    print("events one by one", t, 1_000, started);
}

/// What the engine's passes cost beside a log of 300,000 deliveries and as many events and states, none of them old.
async fn passes_over_much(t: &Test) {
    let numbers = if t.is_postgres() {
        "(SELECT n FROM generate_series(1, 300000) n)"
    } else {
        "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 300000) SELECT n FROM s)"
    };
    let padded = |prefix: &str, what: &str, width: usize| {
        format!(
            "'{prefix}' || substr('{}' || {what}, length(CAST({what} AS TEXT)) + 1)",
            "0".repeat(width)
        )
    };
    let id = padded(&Ksuid::floor(NOW).as_str()[..18], "n", 9);
    let (app, user) = (padded("APP", "n % 20", 24), padded("user", "n % 5000", 8));
    let destination = padded("EP", "n % 200", 25);
    for sql in [
        format!(
            "INSERT INTO deliveries (destination, id, environment, app, event, cause, state, finished_at, created_at)
             SELECT {destination}, {id}, 1, {app}, {id}, 0, 3, 1, 1 FROM {numbers} s"
        ),
        format!(
            "INSERT INTO events (id, environment, app, type, data, version, visibility, occurred_at, created_at)
             SELECT {id}, 1, {app}, 'a.b', '{{}}', '1', 'app', {NOW}, {NOW} FROM {numbers} s"
        ),
        format!(
            "INSERT INTO states (environment, user_id, notification, id, app, priority, seq, created_at)
             SELECT 1, {user}, {id}, {id}, {app}, 1, n, 1 FROM {numbers} s"
        ),
    ] {
        t.execute(&sql).await;
    }
    t.commit_event(t.id()).await;
    let retention = Retention {
        events: 30,
        notifications: 30,
        deliveries: 30,
        audit: 30,
    };
    let timed = async |what: &str, now: i64| {
        let mut tx = t.write().await;
        for _ in 0..2 {
            let started = Instant::now();
            let gone = store::prune::slice(&mut tx, &retention, 100, now).await.unwrap();
            println!("{what}: {gone} rows in {:?}", started.elapsed());
        }
        tx.rollback().await.unwrap();
    };
    timed("a slice with nothing old", NOW).await;
    timed("a slice with everything old", NOW + 40 * DAY).await;
    let mut reader = t.store.read_all().await.unwrap();
    let started = Instant::now();
    let found = store::delivery::destinations(&mut reader, "", 256).await.unwrap();
    println!("{} open destinations in {:?}", found.len(), started.elapsed());
    let started = Instant::now();
    store::node::bury(&mut t.store.write_all().await.unwrap(), NOW, None)
        .await
        .unwrap();
    let mut tx = t.store.write_all().await.unwrap();
    let rescued = store::delivery::rescue(&mut tx, &[], NOW).await.unwrap();
    println!("{rescued} rescued in {:?}", started.elapsed());
    tx.rollback().await.unwrap();
}
