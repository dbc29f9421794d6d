//! The group commit of published events: whole or not at all, plan by plan.

use std::sync::Arc;

use domain::delivery::Verdict;
use domain::effects::{Actor, AuditEntry, Effects, NewTimer, Part, Receipt, TimerKind, Uses};
use domain::event::{Entity, Outside};
use domain::event_type::Visibility;
use domain::id::{AppId, EndpointId, EventId};
use store::event::Position;
use store::{Error, audit, delivery, event, version};

use crate::database::{NOW, Test, completion, lease, on_both, page};

on_both!(
    a_plan_is_written_whole_and_read_back,
    a_stale_version_is_refused_alone,
    a_used_key_is_refused_before_the_first_write,
    one_of_two_used_keys_takes_nothing,
    w9_one_key_a_hundred_times_at_once_has_one_winner,
    a_key_may_be_used_again_when_its_time_is_over,
    keys_of_other_environments_and_scopes_never_meet,
    an_item_at_fault_fails_alone,
    positions_grow,
    a_closed_store_writes_what_it_was_given_and_refuses_the_rest,
);

/// A plan with everything that the one statement of a group can hold.
fn full(t: &Test, app: AppId, endpoint: EndpointId) -> Effects {
    let mut plan = t.publish(app);
    let event = &mut plan.events[0];
    event.entity = Some(Entity {
        kind: "session".into(),
        id: "s-1".into(),
    });
    event.tenant = Some("acme".into());
    event.users = vec!["ann".into(), "bob".into(), "ann".into()];
    event.data = Arc::from(r#"{"a": 1.0, "text": "é\"\\ 😀"}"#);
    event.outside = Outside {
        kind: Some(Arc::from("capture")),
        version: Arc::from("2025-02-02"),
        data: Some(Arc::from(r#"{"a":1.0}"#)),
    };
    event.visibility = Visibility::Platform;
    event.external_id = Some("x-1".into());
    event.occurred_at = NOW - 5;
    let id = event.id;
    plan.events.push(t.event(app));
    plan.deliveries
        .push(t.delivery(app, id, endpoint, Some(lease(3, 1))));
    plan.deliveries.push(t.delivery(app, id, t.id(), None));
    plan.claims.push(t.claim("k-1", "the answer"));
    plan.timers.push(NewTimer {
        id: t.id(),
        kind: TimerKind::Recover,
        subject: "ep".into(),
        state: "{}".into(),
        due_at: NOW + 5,
    });
    plan.audit.push(AuditEntry {
        id: t.id(),
        actor: Actor::Key(t.id()),
        action: "event.publish",
        subject: id.to_string(),
        detail: Some(r#"{"x":1}"#.into()),
        origin: Some("192.0.2.1".into()),
    });
    plan
}

async fn a_plan_is_written_whole_and_read_back(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let plan = full(t, app, endpoint);
    let written = t.commit(plan.clone()).await;
    assert!(written.position > 0);
    let mut reader = t.read().await;
    for expected in &plan.events {
        assert_eq!(
            event::find(&mut reader, t.env, expected.id)
                .await
                .unwrap()
                .as_ref(),
            Some(expected)
        );
    }
    let both: Vec<_> = plan.events.iter().map(|event| event.id).collect();
    assert_eq!(
        event::find_many(&mut reader, t.env, &both).await.unwrap().len(),
        2
    );
    assert_eq!(
        event::get(&mut reader, t.env, t.id(), both[0]).await.unwrap(),
        None,
        "of another application"
    );
    for expected in &plan.deliveries {
        let found = delivery::get(&mut reader, t.env, expected.destination.as_a(), expected.id)
            .await
            .unwrap()
            .expect("written");
        assert_eq!((found.app, found.event, found.attempts), (app, expected.event, 0));
        assert_eq!(found.event_type.as_deref(), Some("capture"));
        let state = if expected.lease.is_some() {
            "sending"
        } else {
            "pending"
        };
        assert_eq!(found.state.as_str(), state);
    }
    let lines = audit::list(&mut reader, t.env, &audit::Filter::default(), &page(10))
        .await
        .unwrap();
    assert_eq!(
        (
            lines.len(),
            lines[0].action.as_str(),
            lines[0].actor_kind.as_str()
        ),
        (1, "event.publish", "key")
    );
    drop(reader);
    assert_eq!(
        t.number("SELECT count(*) FROM event_users").await,
        2,
        "each user once"
    );
    assert_eq!(
        t.number("SELECT count(*) FROM timers WHERE due_at > 0 AND owner IS NULL")
            .await,
        1
    );
    assert_eq!(t.number("SELECT count(*) FROM claims").await, 1);
}

async fn a_stale_version_is_refused_alone(t: &Test) {
    let app: AppId = t.id();
    let mut tx = t.change().await;
    version::bump(&mut tx, Part::App(app)).await.unwrap();
    tx.commit().await.unwrap();
    let with = |version| {
        let mut plan = t.publish(app);
        plan.uses.push(Uses {
            part: Part::App(app),
            version,
        });
        plan.uses.push(Uses {
            part: Part::Environment,
            version: 0,
        });
        plan.claims.push(t.claim(&format!("v-{version}"), ""));
        plan
    };
    let answers = [with(1), with(0), with(2), t.publish(app)].map(|plan| t.queue(plan));
    let mut stale = Vec::new();
    for answer in answers {
        stale.push(answer.await.unwrap().unwrap() == Receipt::Stale);
    }
    assert_eq!(stale, [false, true, true, false]);
    assert_eq!(t.number("SELECT count(*) FROM events").await, 2);
    assert_eq!(
        t.number("SELECT count(*) FROM claims").await,
        1,
        "a refused plan takes no key"
    );
}

async fn a_used_key_is_refused_before_the_first_write(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    t.commit(full(t, app, endpoint)).await;
    let answer = "the answer".to_owned();
    let mut again = full(t, app, endpoint);
    assert_eq!(
        t.try_commit(again.clone()).await.unwrap(),
        Receipt::Duplicate {
            claim: 0,
            same: true,
            answer: answer.clone()
        }
    );
    again.claims[0].hash = [2; 32];
    assert_eq!(
        t.try_commit(again).await.unwrap(),
        Receipt::Duplicate {
            claim: 0,
            same: false,
            answer
        }
    );
    for (table, rows) in [
        ("events", 2),
        ("deliveries", 2),
        ("timers", 1),
        ("audit", 1),
        ("event_users", 2),
    ] {
        assert_eq!(
            t.number(&format!("SELECT count(*) FROM {table}")).await,
            rows,
            "{table}"
        );
    }
}

async fn one_of_two_used_keys_takes_nothing(t: &Test) {
    let app = t.id();
    let with = |keys: &[&str]| {
        let mut plan = t.publish(app);
        plan.claims.extend(keys.iter().map(|key| t.claim(key, key)));
        plan
    };
    t.commit(with(&["b"])).await;
    let duplicate = |claim, answer: &str| Receipt::Duplicate {
        claim,
        same: true,
        answer: answer.into(),
    };
    assert_eq!(t.try_commit(with(&["a", "b"])).await.unwrap(), duplicate(1, "b"));
    t.commit(with(&["a"])).await;
    assert_eq!(t.try_commit(with(&["a", "b"])).await.unwrap(), duplicate(0, "a"));
    t.commit(with(&["twice", "twice"])).await;
    // Many at once, whose keys overlap: each key is taken once, and a plan has both of its keys or none.
    let both: Vec<_> = (0..100)
        .map(|n| t.queue(with(&[&format!("p{}", n % 7), &format!("q{}", n % 11)])))
        .collect();
    let mut won = 0;
    for answer in both {
        won += i64::from(matches!(answer.await.unwrap().unwrap(), Receipt::Written(_)));
    }
    assert!((1..=7).contains(&won), "{won}");
    assert_eq!(
        t.number("SELECT count(*) FROM claims WHERE key LIKE 'p%'").await,
        won
    );
    assert_eq!(
        t.number("SELECT count(*) FROM claims WHERE key LIKE 'q%'").await,
        won
    );
}

async fn w9_one_key_a_hundred_times_at_once_has_one_winner(t: &Test) {
    let app = t.id();
    let plans: Vec<_> = (0..100)
        .map(|n| {
            let mut plan = t.publish(app);
            plan.claims.push(t.claim("same", &plan.events[0].id.to_string()));
            if n % 10 == 9 {
                plan.claims[0].hash = [9; 32];
            }
            plan
        })
        .collect();
    let (mut winners, mut answers, mut same) = (Vec::new(), Vec::new(), 0);
    let queued: Vec<_> = plans
        .into_iter()
        .map(|plan| (plan.events[0].id, t.queue(plan)))
        .collect();
    for (id, answer) in queued {
        match answer.await.unwrap().unwrap() {
            Receipt::Written(_) => winners.push(id.to_string()),
            Receipt::Duplicate {
                claim: 0,
                same: is_same,
                answer,
            } => {
                answers.push(answer);
                same += usize::from(is_same);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((winners.len(), answers.len()), (1, 99));
    assert!(answers.iter().all(|answer| *answer == winners[0]));
    assert!(same == 89 || same == 9, "{same} of the same hash as the winner");
    assert_eq!(t.number("SELECT count(*) FROM events").await, 1);
}

async fn a_key_may_be_used_again_when_its_time_is_over(t: &Test) {
    let app = t.id();
    let at = |now: i64, answer: &str| {
        let mut plan = t.publish(app);
        plan.now = now;
        plan.claims.push(t.claim("k", answer));
        plan.claims[0].expires_at = now + 1_000;
        plan
    };
    t.commit(at(NOW, "first")).await;
    assert!(matches!(
        t.try_commit(at(NOW + 999, "x")).await.unwrap(),
        Receipt::Duplicate { .. }
    ));
    t.commit(at(NOW + 1_000, "second")).await;
    let Receipt::Duplicate { answer, .. } = t.try_commit(at(NOW + 1_001, "x")).await.unwrap() else {
        panic!("free")
    };
    assert_eq!(answer, "second");
}

async fn keys_of_other_environments_and_scopes_never_meet(t: &Test) {
    let (app, other) = (t.id(), t.another_env().await);
    let mut plan = t.publish(app);
    plan.claims.push(t.claim("k", "a"));
    t.commit(plan.clone()).await;
    plan.events[0].id = t.id();
    plan.claims[0].scope = "call".into();
    t.commit(plan.clone()).await;
    plan.events[0].id = t.id();
    plan.events[0].env = other;
    plan.env = other;
    t.commit(plan).await;
    assert_eq!(t.number("SELECT count(*) FROM claims").await, 3);
    assert_eq!(
        t.number("SELECT count(*) FROM events WHERE environment = 2")
            .await,
        1
    );
}

/// A plan whose row is there already cannot be foreseen by a check: the group is rolled back and played again one by one.
async fn an_item_at_fault_fails_alone(t: &Test) {
    let (app, endpoint): (AppId, EndpointId) = (t.id(), t.id());
    let (_, open) = t.deliver(app, endpoint, Some(lease(1, 1))).await;
    let taken = t.publish(app);
    t.commit(taken.clone()).await;
    let mut double = t.publish(app);
    double
        .deliveries
        .push(t.delivery(app, double.events[0].id, endpoint, None));
    double.deliveries.push(double.deliveries[0].clone());
    // U+0000, which the domain lets nobody bring here, is a text to SQLite and none to PostgreSQL.
    let mut nul = t.publish(app);
    nul.events[0].tenant = Some("a\0b".into());
    let mut group: Vec<_> = (0..20).map(|_| t.publish(app)).collect();
    group.insert(7, double);
    group.insert(13, taken);
    group.insert(15, nul);
    let queued: Vec<_> = group.into_iter().map(|plan| t.queue(plan)).collect();
    assert!(
        t.complete(completion(t, endpoint, open, lease(1, 1), (1, Verdict::Sent)))
            .await
            .applied
    );
    for (n, answer) in queued.into_iter().enumerate() {
        match answer.await.unwrap() {
            Ok(Receipt::Written(_)) => assert!(![7, 13].contains(&n) && (n != 15 || !t.is_postgres())),
            Err(Error::Other(_)) => assert_eq!(n, 15),
            Err(Error::Conflict(_)) => assert!([7, 13].contains(&n), "{n}"),
            other => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!(
        t.number("SELECT count(*) FROM events").await,
        if t.is_postgres() { 22 } else { 23 }
    );
    assert_eq!(t.number("SELECT count(*) FROM deliveries").await, 1);
}

async fn positions_grow(t: &Test) {
    let app = t.id();
    let mut last = 0;
    for _ in 0..5 {
        let written = t.commit(t.publish(app)).await;
        assert!(written.position > last);
        last = written.position;
    }
    let mut plan = t.publish(app);
    plan.events.push(t.event(app));
    let ids: Vec<EventId> = plan.events.iter().map(|event| event.id).collect();
    let first = t.commit(plan).await.position;
    let visible = event::Visible {
        app: None,
        tenant: None,
        platform: false,
    };
    t.settle(first).await;
    let mut reader = t.read().await;
    let bounds = event::bounds(&mut reader, t.env).await.unwrap();
    let before = Position {
        commit: first - 1,
        id: "~".into(),
    };
    let stored = event::after(&mut reader, t.env, &visible, &before, &bounds.head, 10)
        .await
        .unwrap();
    let mut found: Vec<_> = stored.iter().map(|stored| stored.event.id).collect();
    found.sort_unstable();
    let mut expected = ids;
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(stored[0].position, first);
}

async fn a_closed_store_writes_what_it_was_given_and_refuses_the_rest(t: &Test) {
    let app = t.id();
    let queued: Vec<_> = (0..2_000).map(|_| t.queue(t.publish(app))).collect();
    let late = async {
        let mut refused = 0;
        for _ in 0..200 {
            match t.try_commit(t.publish(app)).await {
                Err(Error::Unavailable(_)) => refused += 1,
                Ok(Receipt::Written(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        refused
    };
    let ((), _) = tokio::join!(t.store.close(), late);
    for answer in queued {
        assert!(matches!(answer.await.unwrap(), Ok(Receipt::Written(_))));
    }
    assert!(matches!(
        t.try_commit(t.publish(app)).await,
        Err(Error::Unavailable(_))
    ));
    let refused = t
        .try_complete(completion(t, t.id(), t.id(), lease(1, 1), (1, Verdict::Sent)))
        .await;
    assert!(matches!(refused, Err(Error::Unavailable(_))));
    let again = store::Store::open(&t.place.settings())
        .await
        .expect("opens again");
    assert_eq!(again.epoch(), t.store.epoch());
    again.close().await;
}
