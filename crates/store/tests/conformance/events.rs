//! Events as they are read: every filter, and the stream in the order of commits.

use std::sync::Arc;

use domain::event::{Entity, Event};
use domain::event_type::Visibility;
use domain::id::{AppId, EventId, Ksuid, Prefixed};
use sqlx::Connection;
use store::event::{self, DataFilter, Filter, Position, Visible};

use crate::database::{NOW, Test, after, on_both, page};

on_both!(
    every_filter_chooses,
    values_inside_data_are_compared_as_text,
    names_inside_data_may_be_nasty,
    lists_page_newest_first,
    a_stream_resumes_by_position,
    a_stream_carries_what_its_follower_may_see,
    a_slow_transaction_holds_the_head_back,
    what_was_published_in_a_time_is_found,
);

async fn publish(t: &Test, event: Event) -> EventId {
    let mut plan = t.plan();
    let id = event.id;
    plan.events.push(event);
    t.commit(plan).await;
    id
}

async fn found(t: &Test, app: AppId, filter: Filter) -> Vec<EventId> {
    let events = event::list(&mut *t.read().await, t.env, Some(app), &filter, &page(100))
        .await
        .unwrap();
    let mut ids: Vec<_> = events.into_iter().map(|event| event.id).collect();
    ids.sort_unstable();
    ids
}

async fn every_filter_chooses(t: &Test) {
    let app: AppId = t.id();
    let mut all = Vec::new();
    for n in 0..4i64 {
        let mut event = t.event(app);
        event.id = t.id_at(NOW + n * 1_000);
        event.kind = Arc::from(format!("kind.{}", n % 2));
        event.category = (n != 3).then(|| Arc::from("even"));
        event.entity = (n > 0).then(|| Entity {
            kind: format!("type-{}", n % 2),
            id: format!("id-{n}"),
        });
        event.tenant = (n == 2).then(|| "acme".to_owned());
        event.users = if n == 1 {
            vec!["ann".into(), "bob".into()]
        } else {
            Vec::new()
        };
        all.push(publish(t, event).await);
    }
    publish(t, t.event(t.id())).await;
    let text = |value: &str| Some(value.to_owned());
    assert_eq!(found(t, app, Filter::default()).await, all);
    let cases = [
        (
            Filter {
                kind: text("kind.1"),
                ..Filter::default()
            },
            vec![1, 3],
        ),
        (
            Filter {
                category: text("even"),
                ..Filter::default()
            },
            vec![0, 1, 2],
        ),
        (
            Filter {
                entity_type: text("type-1"),
                ..Filter::default()
            },
            vec![1, 3],
        ),
        (
            Filter {
                entity_id: text("id-2"),
                ..Filter::default()
            },
            vec![2],
        ),
        (
            Filter {
                tenant: text("acme"),
                ..Filter::default()
            },
            vec![2],
        ),
        (
            Filter {
                user: text("bob"),
                ..Filter::default()
            },
            vec![1],
        ),
        (
            Filter {
                user: text("bo"),
                ..Filter::default()
            },
            vec![],
        ),
        (
            Filter {
                from: Some(NOW + 1_000),
                ..Filter::default()
            },
            vec![1, 2, 3],
        ),
        (
            Filter {
                to: Some(NOW + 1_000),
                ..Filter::default()
            },
            vec![0],
        ),
        (
            Filter {
                from: Some(NOW + 1_000),
                to: Some(NOW + 3_000),
                ..Filter::default()
            },
            vec![1, 2],
        ),
        (
            Filter {
                kind: text("kind.1"),
                entity_id: text("id-3"),
                from: Some(NOW),
                ..Filter::default()
            },
            vec![3],
        ),
        (
            Filter {
                kind: text("x' OR '1' = '1"),
                ..Filter::default()
            },
            vec![],
        ),
    ];
    for (filter, expected) in cases {
        let expected: Vec<_> = expected.into_iter().map(|n: usize| all[n]).collect();
        assert_eq!(found(t, app, filter.clone()).await, expected, "{filter:?}");
    }
}

fn inside(path: &[&str], value: &str) -> Filter {
    let path = path.iter().map(|name| (*name).to_owned()).collect();
    Filter {
        data: vec![DataFilter {
            path,
            value: value.into(),
        }],
        ..Filter::default()
    }
}

async fn values_inside_data_are_compared_as_text(t: &Test) {
    let app: AppId = t.id();
    let mut event = t.event(app);
    event.data = Arc::from(
        r#"{"text":"it's","number":12,"negative":-3,"real":1.5,"big":9007199254740993,"huge":1e308,"yes":true,"no":false,
            "none":null,"nested":{"deep":{"er":"x"}},"list":["a",{"b":"c"}],"empty":"","wide":"é😀"}"#,
    );
    let id = publish(t, event).await;
    let mut other = t.event(app);
    other.data = Arc::from("[1,2]");
    publish(t, other).await;
    let mut scalar = t.event(app);
    scalar.data = Arc::from(r#""text""#);
    publish(t, scalar).await;
    let hits: [(&[&str], &str); 13] = [
        (&["text"], "it's"),
        (&["number"], "12"),
        (&["negative"], "-3"),
        (&["real"], "1.5"),
        (&["big"], "9007199254740993"),
        (&["yes"], "true"),
        (&["no"], "false"),
        (&["nested", "deep", "er"], "x"),
        (&["list", "0"], "a"),
        (&["list", "1", "b"], "c"),
        (&["empty"], ""),
        (&["wide"], "é😀"),
        (&["nested", "deep", "er"], "x"),
    ];
    for (path, value) in hits {
        assert_eq!(
            found(t, app, inside(path, value)).await,
            [id],
            "{path:?} = {value}"
        );
    }
    let misses: [(&[&str], &str); 10] = [
        (&["text"], "It's"),
        (&["number"], "1"),
        (&["none"], "null"),
        (&["none"], ""),
        (&["absent"], ""),
        (&["text", "deeper"], "it's"),
        (&["number", "deeper"], "12"),
        (&["list", "2"], "a"),
        (&["list", "b"], "c"),
        (&["nested", "er"], "x"),
    ];
    for (path, value) in misses {
        assert!(
            found(t, app, inside(path, value)).await.is_empty(),
            "{path:?} = {value}"
        );
    }
    let mut two = inside(&["number"], "12");
    two.data.extend(inside(&["yes"], "true").data);
    assert_eq!(found(t, app, two.clone()).await, [id]);
    two.data.extend(inside(&["yes"], "false").data);
    assert!(found(t, app, two).await.is_empty());
}

async fn names_inside_data_may_be_nasty(t: &Test) {
    let app: AppId = t.id();
    let names = [
        "a\"b", "a\\b", "a'b", "a.b", "a,b", "a{b}", "$", "[0]", "0", "01", "-1", " ", "", "null", "NULL",
        "é", "a\nb", "#", "?", "$1", "*", "a\\\"b", "😀",
    ];
    let mut all = Vec::new();
    for name in names {
        let mut event = t.event(app);
        event.data = Arc::from(serde_json::json!({ name: { "in": "x" }, "other": "x" }).to_string());
        all.push(publish(t, event).await);
    }
    for (name, id) in names.iter().zip(all) {
        assert_eq!(found(t, app, inside(&[name, "in"], "x")).await, [id], "{name:?}");
        assert!(
            found(t, app, inside(&[name, "in"], "y")).await.is_empty(),
            "{name:?}"
        );
    }
}

async fn lists_page_newest_first(t: &Test) {
    let app: AppId = t.id();
    let mut all = Vec::new();
    for _ in 0..7 {
        all.push(t.commit_event(app).await);
    }
    all.sort_unstable_by(|a, b| b.cmp(a));
    let list = async |page| {
        let events = event::list(&mut *t.read().await, t.env, Some(app), &Filter::default(), &page)
            .await
            .unwrap();
        events.into_iter().map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(list(page(3)).await, all[..3]);
    assert_eq!(list(after(3, all[2].bare())).await, all[3..6]);
    assert_eq!(list(after(3, all[5].bare())).await, all[6..]);
}

const EVERYTHING: Visible = Visible {
    app: None,
    tenant: None,
    platform: false,
};

/// Follows the stream in parts from a position to the head of now.
async fn follow(t: &Test, visible: &Visible, from: &mut Position) -> Vec<EventId> {
    let mut ids = Vec::new();
    loop {
        let mut reader = t.read().await;
        let head = event::bounds(&mut reader, t.env).await.unwrap().head;
        let part = event::after(&mut reader, t.env, visible, from, &head, 3)
            .await
            .unwrap();
        let Some(last) = part.last() else { return ids };
        assert!(part.len() <= 3);
        let id = if t.is_postgres() {
            last.event.id.bare().to_owned()
        } else {
            String::new()
        };
        *from = Position {
            commit: last.position,
            id,
        };
        ids.extend(part.into_iter().map(|stored| stored.event.id));
    }
}

fn origin() -> Position {
    Position {
        commit: 0,
        id: String::new(),
    }
}

async fn a_stream_resumes_by_position(t: &Test) {
    let app: AppId = t.id();
    let mut expected = Vec::new();
    let mut from = origin();
    assert!(follow(t, &EVERYTHING, &mut from).await.is_empty());
    for round in 0..3 {
        for n in 0..4 {
            let mut plan = t.publish(app);
            plan.events.extend((0..n).map(|_| t.event(app)));
            // In one transaction of PostgreSQL the order is that of the ids, on SQLite that of the plan.
            plan.events.sort_unstable_by_key(|event| event.id);
            expected.extend(plan.events.iter().map(|event| event.id));
            let position = t.commit(plan).await.position;
            t.settle(position).await;
        }
        let skip = expected.len() - 10;
        assert_eq!(
            follow(t, &EVERYTHING, &mut from).await,
            expected[skip..],
            "round {round}"
        );
    }
    assert_eq!(follow(t, &EVERYTHING, &mut origin()).await, expected);
    let other = t.another_env().await;
    let mut reader = t.store.read(other).await.unwrap();
    let head = event::bounds(&mut reader, t.env).await.unwrap().head;
    assert!(
        event::after(&mut reader, other, &EVERYTHING, &origin(), &head, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_stream_carries_what_its_follower_may_see(t: &Test) {
    let (app, other): (AppId, AppId) = (t.id(), t.id());
    let mut ids = Vec::new();
    let mut last = 0;
    for (publisher, tenant, visibility, kind, category) in [
        (app, None, Visibility::App, "a.b", None),
        (other, None, Visibility::App, "a.b", Some("a")),
        (other, None, Visibility::Platform, "a.b", None),
        (other, Some("acme"), Visibility::App, "a.b", None),
        (other, Some("acme"), Visibility::App, "a.b", Some("notification")),
        (
            other,
            Some("acme"),
            Visibility::App,
            "notification.read",
            Some("notification"),
        ),
        (
            other,
            Some("acme"),
            Visibility::App,
            "endpoint.disabled",
            Some("endpoint"),
        ),
        (other, Some("else"), Visibility::App, "a.b", Some("a")),
    ] {
        let mut event = t.event(publisher);
        (event.tenant, event.visibility) = (tenant.map(str::to_owned), visibility);
        (event.kind, event.category) = (Arc::from(kind), category.map(Arc::from));
        let mut plan = t.plan();
        plan.events.push(event.clone());
        last = t.commit(plan).await.position;
        ids.push(event);
    }
    t.settle(last).await;
    let views = [
        (EVERYTHING, 8),
        (
            Visible {
                app: Some(app),
                tenant: None,
                platform: false,
            },
            1,
        ),
        (
            Visible {
                app: Some(app),
                tenant: None,
                platform: true,
            },
            2,
        ),
        (
            Visible {
                app: Some(app),
                tenant: Some("acme".into()),
                platform: false,
            },
            3,
        ),
        (
            Visible {
                app: Some(app),
                tenant: Some("acme".into()),
                platform: true,
            },
            4,
        ),
        (
            Visible {
                app: Some(t.id()),
                tenant: None,
                platform: false,
            },
            0,
        ),
    ];
    for (visible, count) in views {
        let seen = follow(t, &visible, &mut origin()).await;
        let expected: Vec<_> = ids
            .iter()
            .filter(|event| visible.sees(event))
            .map(|event| event.id)
            .collect();
        assert_eq!((seen.len(), &seen), (count, &expected), "{visible:?}");
        let Some(_) = visible.app else { continue };
        let (from, to) = (Ksuid::floor(NOW), Ksuid::floor(NOW + 10));
        let mut reader = t.read().await;
        let found = event::published(&mut reader, t.env, &visible, from.as_str(), to.as_str(), 10)
            .await
            .unwrap();
        assert_eq!(found.len(), count, "{visible:?}");
    }
}

/// On `PostgreSQL` transactions end in another order than they began: what a slow one writes must not be passed by.
async fn a_slow_transaction_holds_the_head_back(t: &Test) {
    let app: AppId = t.id();
    if !t.is_postgres() {
        // One writer: the order of positions is the order of commits.
        return;
    }
    let first = t.commit_event(app).await;
    let slow: EventId = t.id();
    let mut raw = t.raw().await;
    let mut open = raw.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO events (id, environment, app, type, data, version, visibility, occurred_at, created_at)
         VALUES ($1, 1, $2, 'a.b', '{}', '1', 'app', 0, 0)",
    )
    .bind(slow.bare())
    .bind(app.bare())
    .execute(&mut *open)
    .await
    .unwrap();
    let mut later = Vec::new();
    for _ in 0..5 {
        later.push(t.commit_event(app).await);
    }
    let mut from = origin();
    let mut seen = Vec::new();
    for _ in 0..100 {
        seen.extend(follow(t, &EVERYTHING, &mut from).await);
        if !seen.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(seen, [first], "nothing behind the open transaction");
    open.commit().await.unwrap();
    for _ in 0..500 {
        seen.extend(follow(t, &EVERYTHING, &mut from).await);
        if seen.len() == 7 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let expected: Vec<_> = [vec![first, slow], later].concat();
    assert_eq!(seen, expected, "the slow one in its place, nothing skipped");
}

async fn what_was_published_in_a_time_is_found(t: &Test) {
    let app: AppId = t.id();
    let mut all = Vec::new();
    for n in 0..6 {
        let mut event = t.event(app);
        event.id = t.id_at(NOW + n * 1_000);
        all.push(publish(t, event).await);
    }
    let visible = Visible {
        app: Some(app),
        tenant: None,
        platform: false,
    };
    let published = async |after: &str, until: i64, limit| {
        let until = Ksuid::floor(until);
        let mut reader = t.read().await;
        let found = event::published(&mut reader, t.env, &visible, after, until.as_str(), limit)
            .await
            .unwrap();
        found.into_iter().map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(
        published(Ksuid::floor(NOW + 1_000).as_str(), NOW + 4_000, 10).await,
        all[1..4]
    );
    assert_eq!(
        published(Ksuid::floor(NOW).as_str(), NOW + 9_000, 2).await,
        all[..2]
    );
    assert_eq!(published(all[1].bare(), NOW + 9_000, 2).await, all[2..4]);
}
