//! A `PostgreSQL` that goes away, hangs, or takes the connection in the moment of a commit (Q10): what was acknowledged is there, what was
//! refused is not, nothing is written twice, and nobody waits for long.

use std::time::{Duration, Instant};

use domain::delivery::{Owner, Verdict};
use domain::effects::Receipt;
use domain::id::{AppId, EndpointId, Prefixed};
use sqlx::{ConnectOptions, Connection};
use store::{Error, Settled, Store, feed};

use crate::database::{NOW, Place, READERS, Test, completion, lease};
use crate::line::{Line, Proxy};

/// A test whose store reaches its database through a line that can be broken.
async fn through_proxy() -> (Test, Proxy) {
    let place = Place::postgres().await;
    let options = place.options();
    let (port, proxy) = Proxy::before(options.get_host(), options.get_port()).await;
    let mut settings = place.settings();
    settings.url = Some(options.port(port).to_url_lossy().to_string());
    let store = Store::open(&settings).await.expect("opens");
    let t = Test::over(store, place).await;
    // Both writers know every statement.
    for _ in 0..20 {
        let many: Vec<_> = (0..4)
            .map(|n| t.queue(t.show(t.notification(t.id(), None), &[&format!("w{n}")], NOW)))
            .collect();
        let more: Vec<_> = (0..4).map(|_| t.queue(t.publish(t.id()))).collect();
        for answer in many.into_iter().chain(more) {
            answer.await.unwrap().unwrap();
        }
    }
    t.execute("DELETE FROM events").await;
    (t, proxy)
}

fn is_written(receipt: &Result<Receipt, Error>) -> bool {
    matches!(receipt, Ok(Receipt::Written(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn q10_postgres_an_answer_lost_after_the_commit_is_read_back() {
    let (t, line) = through_proxy().await;
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    for round in 0..5 {
        let (_, leased) = t.deliver(app, endpoint, Some(lease(1, 1))).await;
        let mut plan = t.publish(app);
        plan.claims
            .push(t.claim(&format!("k{round}"), &plan.events[0].id.to_string()));
        line.set(Line::LosesAnswer);
        let receipt = t.try_commit(plan.clone()).await;
        assert!(line.is(Line::Fine), "the answer was lost");
        let Ok(Receipt::Written(written)) = receipt else {
            panic!("{receipt:?}")
        };
        let position = format!(
            "SELECT position FROM events WHERE id = '{}'",
            plan.events[0].id.bare()
        );
        assert_eq!(t.number(&position).await, written.position);
        line.set(Line::LosesAnswer);
        let outcome = completion(&t, endpoint, leased, lease(1, 1), (1, Verdict::Retry(NOW + 1)));
        assert_eq!(
            t.complete(outcome).await,
            Settled {
                applied: true,
                failures: round + 1
            }
        );
        assert!(line.is(Line::Fine), "the answer was lost");
        // What was refused is found out again.
        line.set(Line::LosesAnswer);
        plan.events[0].id = t.id();
        assert!(matches!(
            t.try_commit(plan).await,
            Ok(Receipt::Duplicate { same: true, .. })
        ));
        let late = completion(&t, endpoint, leased, lease(1, 1), (2, Verdict::Sent));
        line.set(Line::LosesAnswer);
        assert!(!t.complete(late).await.applied);
    }
    assert_eq!(t.number("SELECT count(*) FROM events").await, 10);
    assert_eq!(t.number("SELECT count(*) FROM attempts").await, 5);
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn q10_postgres_a_transaction_whose_commit_got_lost_is_found_out() {
    let (t, line) = through_proxy().await;
    for round in 1..=5 {
        for lost in [Line::LosesCommit, Line::LosesAnswer] {
            line.set(lost);
            let content = t.notification(t.id(), None);
            let receipt = t.try_commit(t.show(content, &["ann"], NOW)).await;
            assert!(is_written(&receipt), "{receipt:?}");
            assert!(line.is(Line::Fine), "the line broke");
        }
        let head = feed::head(&mut *t.read().await, t.env, "ann").await.unwrap();
        assert_eq!(
            (head.seq, head.unread, head.unseen),
            (2 * round, 2 * round, 2 * round)
        );
    }
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn q10_postgres_connections_taken_away_are_not_noticed() {
    let t = Test::postgres().await;
    let app = t.id();
    for _ in 0..5 {
        t.commit_event(app).await;
        t.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'campanile'",
        )
        .await;
        let both: Vec<_> = (0..8).map(|_| t.queue(t.publish(app))).collect();
        for answer in both {
            assert!(is_written(&answer.await.unwrap()));
        }
        t.commit(t.show(t.notification(app, None), &["ann"], NOW)).await;
    }
    assert_eq!(t.number("SELECT count(*) FROM events").await, 45);
    assert_eq!(t.number("SELECT seq FROM feeds").await, 5);
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn q10_postgres_while_it_is_away_everybody_is_told_at_once() {
    let (t, line) = through_proxy().await;
    let app = t.id();
    line.set(Line::Cut);
    let started = Instant::now();
    let (mut refused, mut unknown) = (0, 0);
    while started.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        let many: Vec<_> = (0..50).map(|_| t.queue(t.publish(app))).collect();
        for answer in many {
            match answer.await.unwrap() {
                Err(Error::Unavailable(_)) => refused += 1,
                Err(Error::Unknown(_)) => unknown += 1,
                answer => panic!("{answer:?}"),
            }
        }
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(refused > 500);
    // Of each writer, what it had sent when the line broke.
    assert!(unknown <= 100, "{unknown}");
    line.set(Line::Fine);
    let back = Instant::now();
    while t.try_commit(t.publish(app)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(back.elapsed() < Duration::from_secs(4), "{:?}", back.elapsed());
    assert_eq!(
        t.number("SELECT count(*) FROM events").await,
        1,
        "what was refused is not there"
    );
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn q10_postgres_when_it_hangs_nobody_waits_for_long() {
    let (t, line) = through_proxy().await;
    let app = t.id();
    line.set(Line::Silent);
    let started = Instant::now();
    let many: Vec<_> = (0..20).map(|_| t.queue(t.publish(app))).collect();
    let rich: Vec<_> = (0..20)
        .map(|_| t.queue(t.show(t.notification(app, None), &["ann"], NOW)))
        .collect();
    for answer in many.into_iter().chain(rich) {
        assert!(matches!(
            answer.await.unwrap(),
            Err(Error::Unknown(_) | Error::Unavailable(_))
        ));
    }
    assert!(
        started.elapsed() < Duration::from_secs(25),
        "{:?}",
        started.elapsed()
    );
    line.set(Line::Fine);
    while t.try_commit(t.publish(app)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    t.end().await;
}

/// Somebody else holds a feed: who wants that feed is told to come back, everybody else goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_held_feed_holds_up_nobody_else() {
    let t = Test::postgres().await;
    let app = t.id();
    t.commit(t.show(t.notification(app, None), &["ann"], NOW)).await;
    let mut raw = t.raw().await;
    let mut open = raw.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM feeds FOR UPDATE")
        .execute(&mut *open)
        .await
        .unwrap();
    let held = t.queue(t.show(t.notification(app, None), &["ann"], NOW));
    let started = Instant::now();
    for _ in 0..50 {
        t.commit_event(app).await;
    }
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
    assert!(matches!(held.await.unwrap(), Err(Error::Unavailable(_))));
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    open.rollback().await.unwrap();
    t.commit(t.show(t.notification(app, None), &["ann"], NOW)).await;
    assert_eq!(t.number("SELECT seq FROM feeds").await, 2);
    t.end().await;
}

/// A group with a poisoned item behind a held key: only that one fails, and the key's end decides the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_key_taken_elsewhere_at_the_same_moment_decides() {
    let t = Test::postgres().await;
    let app: AppId = t.id();
    for commits in [true, false] {
        let key = format!("k-{commits}");
        let mut raw = t.raw().await;
        let mut open = raw.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO claims (environment, scope, key, hash, answer, expires_at) VALUES (1, 'event', $1, $2, 'theirs', $3)",
        )
        .bind(&key)
        .bind([1u8; 32].as_slice())
        .bind(NOW + 10)
        .execute(&mut *open)
        .await
        .unwrap();
        let mut plan = t.publish(app);
        // With a second key, which is free: either both are taken or none.
        plan.claims
            .extend([t.claim(&format!("free-{commits}"), "ours"), t.claim(&key, "ours")]);
        let answer = t.queue(plan);
        tokio::time::sleep(Duration::from_millis(200)).await;
        if commits {
            open.commit().await.unwrap();
            let expected = Receipt::Duplicate {
                claim: 1,
                same: true,
                answer: "theirs".into(),
            };
            assert_eq!(answer.await.unwrap().unwrap(), expected);
            assert_eq!(t.number("SELECT count(*) FROM claims").await, 1);
        } else {
            open.rollback().await.unwrap();
            assert!(is_written(&answer.await.unwrap()));
            assert_eq!(t.number("SELECT count(*) FROM claims").await, 3);
        }
    }
    assert_eq!(t.number("SELECT count(*) FROM events").await, 1);
    t.end().await;
}

/// A node that stands still in the middle of its work keeps the others waiting for seconds, not for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_nobody_waits_for_a_node_that_stands_still() {
    let t = Test::postgres().await;
    let mut tx = t.store.write_all().await.unwrap();
    let owner = store::node::register(&mut tx, "here", NOW + 30_000, NOW)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut still = t.store.write_all().await.unwrap();
    assert!(store::node::heartbeat(&mut still, owner, NOW).await.unwrap());
    let mut tx = t.store.write_all().await.unwrap();
    // The server takes the row away from whoever does nothing with it.
    assert!(store::node::heartbeat(&mut tx, owner, NOW).await.unwrap());
    tx.commit().await.unwrap();
    assert!(matches!(still.commit().await, Err(Error::Unavailable(_))));
    t.end().await;
}

/// A host that is gone without a word: whoever waits for its answer is told in the end, and its successor serves everybody, though every
/// connection was in use.
#[tokio::test]
async fn q10_postgres_nobody_waits_for_ever_for_an_answer() {
    let (t, line) = through_proxy().await;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = t.store.read_all().await.unwrap();
        store::node::clock(&mut reader).await.unwrap();
        readers.push(reader);
    }
    let mut tx = t.store.write_all().await.unwrap();
    line.set(Line::Silent);
    tokio::time::pause();
    let mut asked = vec![
        store::node::heartbeat(&mut tx, Owner(1), NOW).await.map(drop),
        tx.commit().await,
        t.store.read_all().await.map(drop),
        t.store.write_all().await.map(drop),
    ];
    for reader in &mut readers {
        asked.push(store::node::clock(reader).await.map(drop));
    }
    for answer in asked {
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    }
    tokio::time::resume();
    line.strand();
    drop(readers);
    let mut tries = 0;
    while t.store.read_all().await.is_err() {
        tries += 1;
        assert!(tries < 4, "the pool waits for what is gone");
    }
    t.commit(t.publish(t.id())).await;
    t.end().await;
}
