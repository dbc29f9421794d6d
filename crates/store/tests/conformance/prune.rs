//! Pruning: what is old goes in slices, what is open or young stays, and what is kept elsewhere stays exact.

use domain::delivery::Verdict;
use domain::effects::{Actor, AuditEntry};
use domain::environment::{Env, Retention};
use domain::feed::{FeedEffect, Mark, Scope};
use domain::id::{AppId, DeliveryId, EndpointId, EventId, Prefixed, RunId};
use store::{event, feed, prune};

use crate::database::{DAY, NOW, Test, completion, lease, on_both};

on_both!(
    old_events_go_and_the_newest_stays,
    a_position_is_never_given_twice,
    old_deliveries_go_when_they_are_finished,
    what_a_waiting_run_sent_stays,
    old_notifications_leave_every_feed_exact,
    a_notification_of_many_goes_in_slices,
    old_audit_lines_go,
    old_counts_and_runs_go_in_slices,
    keys_whose_time_is_over_go,
    nothing_goes_where_everything_is_kept,
);

const NEVER: Retention = Retention {
    events: 0,
    notifications: 0,
    deliveries: 0,
    audit: 0,
};

async fn all(t: &Test, env: Env, retention: Retention, limit: i64) -> Vec<u64> {
    let mut slices = Vec::new();
    loop {
        let mut tx = t.store.write(env).await.unwrap();
        let pruned = prune::slice(&mut tx, &retention, limit, NOW).await.unwrap();
        tx.commit().await.unwrap();
        if pruned.rows == 0 {
            return slices;
        }
        slices.push(pruned.rows);
    }
}

async fn published(t: &Test, env: Env, app: AppId, at: i64) -> i64 {
    let mut plan = t.publish(app);
    plan.env = env;
    plan.events[0].env = env;
    plan.events[0].id = t.id_at(at);
    plan.events[0].users = vec!["ann".into(), "bob \"b\"".into()];
    t.commit(plan).await.position
}

async fn old_events_go_and_the_newest_stays(t: &Test) {
    let (app, other, env): (AppId, AppId, Env) = (t.id(), t.id(), t.another_env().await);
    let mut last = 0;
    for day in [40, 39, 38, 37, 36, 10] {
        published(t, t.env, app, NOW - day * DAY).await;
        last = published(t, t.env, other, NOW - day * DAY).await;
        published(t, env, app, NOW - day * DAY).await;
    }
    let retention = Retention { events: 30, ..NEVER };
    assert_eq!(all(t, t.env, retention, 4).await, [4, 4, 2]);
    assert_eq!(
        t.number("SELECT count(*) FROM events WHERE environment = 1")
            .await,
        2
    );
    assert_eq!(
        t.number("SELECT count(*) FROM event_users WHERE environment = 1")
            .await,
        4
    );
    assert_eq!(
        t.number("SELECT count(*) FROM events WHERE environment = 2")
            .await,
        6
    );
    let bounds = event::bounds(&mut *t.read().await, t.env).await.unwrap();
    assert!(bounds.floor > 0 && bounds.floor < last, "{bounds:?}");
    let floor = async |env| event::bounds(&mut *t.read().await, env).await.unwrap().floor;
    assert_eq!(floor(env).await, 0, "of the other environment nothing went");
    all(t, env, retention, 100).await;
    assert!(floor(env).await > 0);
    assert_eq!(floor(t.env).await, bounds.floor);
    // A database that had one floor for all keeps it, and no floor falls.
    t.execute(&format!(
        "INSERT INTO meta (name, value) VALUES ('events_floor', '{last}')"
    ))
    .await;
    assert_eq!((floor(t.env).await, floor(env).await), (last, last));
    assert_eq!(t.number("SELECT count(*) FROM events").await, 3);
}

/// Where positions are counted, the last event stays however old it is.
async fn a_position_is_never_given_twice(t: &Test) {
    let app = t.id();
    for day in [50, 45, 40] {
        published(t, t.env, app, NOW - day * DAY).await;
    }
    let last = published(t, t.env, app, NOW - 39 * DAY).await;
    all(t, t.env, Retention { events: 30, ..NEVER }, 100).await;
    assert_eq!(
        t.number("SELECT count(*) FROM events").await,
        i64::from(!t.is_postgres())
    );
    assert!(published(t, t.env, app, NOW).await > last);
}

async fn old_deliveries_go_when_they_are_finished(t: &Test) {
    let (app, env): (AppId, Env) = (t.id(), t.another_env().await);
    let (one, two): (EndpointId, EndpointId) = (t.id(), t.id());
    let deliver = async |env: Env, endpoint, at, finished: bool| {
        let mut plan = t.publish(app);
        plan.env = env;
        plan.events[0].env = env;
        let mut new = t.delivery(app, plan.events[0].id, endpoint, Some(lease(1, 1)));
        let id: DeliveryId = t.id_at(at);
        (new.id, new.env) = (id, env);
        plan.deliveries.push(new);
        t.commit(plan).await;
        if finished {
            let mut outcome = completion(t, endpoint, id, lease(1, 1), (1, Verdict::Failed));
            outcome.env = env;
            assert!(t.complete(outcome).await.applied);
        }
    };
    for day in [40, 39, 38] {
        deliver(t.env, one, NOW - day * DAY, true).await;
        deliver(t.env, two, NOW - day * DAY, day != 38).await;
        deliver(env, t.id(), NOW - day * DAY, true).await;
    }
    deliver(t.env, two, NOW - DAY, true).await;
    let retention = Retention {
        deliveries: 30,
        ..NEVER
    };
    assert_eq!(all(t, t.env, retention, 2).await, [2, 2, 1]);
    assert_eq!(
        t.number("SELECT count(*) FROM deliveries WHERE environment = 1")
            .await,
        2,
        "the open and the young"
    );
    assert_eq!(
        t.number("SELECT count(*) FROM attempts WHERE environment = 1")
            .await,
        1
    );
    assert_eq!(
        t.number("SELECT count(*) FROM deliveries WHERE environment = 2")
            .await,
        3
    );
    assert_eq!(all(t, env, retention, 100).await, [3]);
}

/// What a run sent, and the steps of it that were held up, stay while it goes on: it may ask what became of them.
async fn what_a_waiting_run_sent_stays(t: &Test) {
    let (app, lane): (AppId, EndpointId) = (t.id(), t.id());
    let at = NOW - 40 * DAY;
    let event: EventId = t.id_at(at);
    let mut plan = t.publish(app);
    let (part, run): (RunId, RunId) = (t.id_at(at), t.id_at(at));
    let mut new = t.delivery(app, plan.events[0].id, lane, Some(lease(1, 1)));
    let id: DeliveryId = t.id_at(at);
    new.id = id;
    plan.deliveries.push(new);
    t.commit(plan).await;
    let outcome = completion(t, lane, id, lease(1, 1), (1, Verdict::Sent));
    assert!(t.complete(outcome).await.applied);
    let (env, event, part, run, id) = (t.env.0, event.bare(), part.bare(), run.bare(), id.bare());
    t.execute(&format!(
        "INSERT INTO runs (id, environment, workflow, version, event, user_id, part, status, state, created_at, finished_at)
         VALUES ('{part}', {env}, 'hello', 1, '{event}', 'ann', 'mail', 2, '{{}}', {at}, {at}), ('{run}', {env}, 'hello', 1, '{event}', 'ann', '', 0, '{{}}', {at}, NULL);
         INSERT INTO messages (environment, delivery, destination, channel, run, workflow, step, content, created_at)
         VALUES ({env}, '{id}', '{}', 2, '{part}', 'hello', 'mail', '{{}}', {at})",
        lane.bare()
    ))
    .await;
    let retention = Retention {
        deliveries: 30,
        ..NEVER
    };
    assert!(all(t, t.env, retention, 10).await.is_empty());
    t.execute(&format!("UPDATE runs SET finished_at = {NOW} WHERE id = '{run}'"))
        .await;
    let gone: u64 = all(t, t.env, retention, 10).await.iter().sum();
    assert_eq!(gone, 2, "the message's delivery, and the step that was held up");
    assert_eq!(t.number("SELECT count(*) FROM messages").await, 0);
}

async fn old_notifications_leave_every_feed_exact(t: &Test) {
    let app: AppId = t.id();
    let show = async |at, users: &[&str], tenant| {
        let mut content = t.notification(app, tenant);
        content.id = t.id_at(at);
        t.commit(t.show(content.clone(), users, NOW)).await;
        content
    };
    show(NOW - 50 * DAY, &["ann"], None).await; // 1: read by the mark below
    show(NOW - 45 * DAY, &["ann"], Some("acme")).await; // 2: left out of the mark's scope
    let mut mark = t.plan();
    let scope = Scope {
        app: None,
        tenant: Some(String::new()),
    };
    mark.feed.push(FeedEffect::MarkAll {
        user: "ann".into(),
        mark: Mark::Read,
        scope,
        at: NOW,
    });
    t.commit(mark).await; // 3
    show(NOW - 40 * DAY, &["ann", "bob"], None).await; // 4: unread
    show(NOW - DAY, &["ann", "bob"], None).await; // 5: young
    let head = async |user: &str| feed::head(&mut *t.read().await, t.env, user).await.unwrap();
    assert_eq!((head("ann").await.seq, head("ann").await.unread), (5, 3));
    all(
        t,
        t.env,
        Retention {
            notifications: 42,
            ..NEVER
        },
        100,
    )
    .await;
    let ann = head("ann").await;
    assert_eq!(
        (ann.seq, ann.floor, ann.unread, ann.unseen),
        (6, 6, 2, 2),
        "an unread one went"
    );
    all(
        t,
        t.env,
        Retention {
            notifications: 30,
            ..NEVER
        },
        100,
    )
    .await;
    for (user, seq, floor) in [("ann", 7, 7), ("bob", 3, 3)] {
        let head = head(user).await;
        assert_eq!(
            (head.seq, head.floor, head.unread, head.unseen),
            (seq, floor, 1, 1),
            "{user}"
        );
        let counters = feed::counters(&mut *t.read().await, t.env, user, Some(app), None)
            .await
            .unwrap();
        assert_eq!(counters, head.counters(), "{user}");
    }
    let acme = feed::counters(&mut *t.read().await, t.env, "ann", None, Some("acme"))
        .await
        .unwrap();
    assert_eq!((acme.unread, acme.unseen), (0, 0));
    assert_eq!(t.number("SELECT count(*) FROM notifications").await, 1);
    assert_eq!(t.number("SELECT count(*) FROM states").await, 2);
}

async fn a_notification_of_many_goes_in_slices(t: &Test) {
    let names: Vec<String> = (0..25).map(|n| format!("user-{n:02}")).collect();
    let users: Vec<&str> = names.iter().map(String::as_str).collect();
    for day in [40, 39] {
        let mut content = t.notification(t.id(), None);
        content.id = t.id_at(NOW - day * DAY);
        t.commit(t.show(content, &users, NOW)).await;
    }
    let slices = all(
        t,
        t.env,
        Retention {
            notifications: 30,
            ..NEVER
        },
        10,
    )
    .await;
    assert!(slices.iter().all(|gone| *gone <= 10), "{slices:?}");
    assert_eq!(slices.iter().sum::<u64>(), 52);
    assert_eq!(t.number("SELECT count(*) FROM states").await, 0);
    assert_eq!(
        t.number("SELECT CAST(sum(unread + unseen) AS BIGINT) FROM feeds")
            .await,
        0
    );
    assert_eq!(
        t.number("SELECT min(floor) FROM feeds").await,
        4,
        "two changes, and two unread that went"
    );
}

async fn old_counts_and_runs_go_in_slices(t: &Test) {
    let env = t.another_env().await;
    for (env, n, days) in [
        (t.env, 0, 40),
        (t.env, 1, 40),
        (t.env, 2, 40),
        (t.env, 3, 1),
        (env, 4, 40),
    ] {
        let (id, event, at): (RunId, EventId, i64) = (t.id_at(NOW - days * DAY), t.id(), NOW - days * DAY);
        t.execute(&format!(
            "INSERT INTO tallies (environment, name, state, updated_at) VALUES ({}, 'n{n}', '1', {at});
             INSERT INTO runs (id, environment, workflow, version, event, user_id, status, state, created_at, finished_at)
             VALUES ('{}', {}, 'hello', 1, '{}', 'ann', 2, '{{}}', {at}, CASE WHEN {n} = 2 THEN NULL ELSE {at} END)",
            env.0,
            id.bare(),
            env.0,
            event.bare(),
        ))
        .await;
    }
    let retention = Retention {
        deliveries: 30,
        ..NEVER
    };
    assert_eq!(all(t, t.env, retention, 2).await, [4, 1]);
    for table in ["tallies", "runs"] {
        let left = async |env: Env| {
            let sql = format!("SELECT count(*) FROM {table} WHERE environment = {}", env.0);
            t.number(&sql).await
        };
        let kept = if table == "runs" { 2 } else { 1 };
        assert_eq!((left(t.env).await, left(env).await), (kept, 1), "{table}");
    }
}

async fn old_audit_lines_go(t: &Test) {
    for day in [400, 370, 10] {
        let mut plan = t.plan();
        plan.audit.push(AuditEntry {
            id: t.id_at(NOW - day * DAY),
            actor: Actor::Server,
            action: "x.y",
            subject: "s".into(),
            detail: None,
            origin: None,
        });
        t.commit(plan).await;
    }
    assert_eq!(all(t, t.env, Retention { audit: 365, ..NEVER }, 1).await, [1, 1]);
    assert_eq!(t.number("SELECT count(*) FROM audit").await, 1);
}

async fn keys_whose_time_is_over_go(t: &Test) {
    for n in 0..5 {
        let mut plan = t.plan();
        plan.claims.push(t.claim(&n.to_string(), ""));
        plan.claims[0].expires_at = NOW + n;
        plan.now = NOW - 1;
        t.commit(plan).await;
    }
    let mut tx = t.store.write_all().await.unwrap();
    assert_eq!(prune::claims(&mut tx, 2, NOW + 2).await.unwrap(), 2);
    assert_eq!(prune::claims(&mut tx, 2, NOW + 2).await.unwrap(), 1);
    assert_eq!(prune::claims(&mut tx, 2, NOW + 2).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(t.number("SELECT count(*) FROM claims").await, 2);
}

async fn nothing_goes_where_everything_is_kept(t: &Test) {
    let app = t.id();
    published(t, t.env, app, NOW - 4_000 * DAY).await;
    published(t, t.env, app, NOW).await;
    assert!(all(t, t.env, NEVER, 10).await.is_empty());
    let known = prune::environments(&mut t.store.read_all().await.unwrap())
        .await
        .unwrap();
    assert_eq!(known, [(t.env, Retention::default())]);
}
