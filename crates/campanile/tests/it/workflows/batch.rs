//! Batches neither lose nor double.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::{declare, mails, person, quiet, runs, sandbox, trigger};

fn digest(batch: &Value) -> Value {
    json!({"steps": [
        {"name": "gather", "batch": batch},
        {"name": "mail", "email": {
            "subject": "{{ total_activities }}",
            "text": "{% for activity in activities %}{{ activity.data.n }} {% endfor %}",
        }},
    ]})
}

/// Two windows, one behind the other, a delay behind both, and a mail.
fn gathered_twice() -> Value {
    let mut twice = digest(&json!({"window": {"fixed": {"for": "5m"}}, "key": "data.key"}));
    let steps = twice["steps"].as_array_mut().unwrap();
    steps.insert(
        1,
        json!({"name": "again", "batch": {"window": {"fixed": {"for": "10m"}}}}),
    );
    steps.insert(2, json!({"name": "later", "delay": {"for": "1h"}}));
    twice
}

/// What each mail names, and the count it says.
async fn sent(server: &TestServer) -> Vec<(String, String)> {
    let mut sent: Vec<_> = mails(server, "")
        .await
        .iter()
        .map(|mail| {
            let text = |field: &str| {
                mail["content"][field]
                    .as_str()
                    .unwrap_or_default()
                    .trim()
                    .to_owned()
            };
            (text("subject"), text("text"))
        })
        .collect();
    sent.reverse();
    sent
}

async fn world(database: testkit::Database, batch: Value) -> TestServer {
    let server = TestServer::start_on(database).await;
    person(&server, "ada").await;
    sandbox(&server).await;
    declare(&server, "digest", digest(&batch)).await;
    server
}

async fn go(server: &TestServer, n: u32) -> String {
    trigger(
        server,
        "digest",
        json!({"recipients": ["ada"], "data": {"n": n, "key": n % 2}}),
    )
    .await
}

both! {
    /// A fixed window closes at its time, whatever comes in it; the next activity opens the next.
    async fn m03_a_fixed_window(database) {
        let server = world(database, json!({"window": {"fixed": {"for": "5m"}}})).await;
        let first = go(&server, 1).await;
        server.settle().await;
        server.turn_and_settle(299_000).await;
        go(&server, 2).await;
        server.settle().await;
        assert_eq!(sent(&server).await, []);
        server.turn_and_settle(1_000).await;
        assert_eq!(sent(&server).await, [("2".into(), "1 2".into())]);
        go(&server, 3).await;
        server.settle().await;
        server.turn_and_settle(300_000).await;
        assert_eq!(sent(&server).await[1], ("1".into(), "3".into()));
        let run = &runs(&server, &first).await[0];
        let outcomes: Vec<_> = run["steps"].as_array().unwrap().iter().map(|step| step["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["batched", "done"], "the first goes on for all: {run:#}");
        server.finish().await;
    }

    /// A sliding window moves on with every activity, but not for ever.
    async fn a_sliding_window_has_an_end(database) {
        let server = world(database, json!({"window": {"sliding": {"for": "1m", "at_most": "150s"}}})).await;
        for n in 1..=3 {
            go(&server, n).await;
            server.settle().await;
            server.turn_and_settle(50_000).await;
        }
        assert_eq!(sent(&server).await, [("3".into(), "1 2 3".into())], "after 150 s, not 160");
        server.finish().await;
    }

    /// Each key has batches of its own; a full one closes at once.
    async fn keys_part_and_a_full_batch_closes(database) {
        let server = world(database, json!({"window": {"fixed": {"for": "1h"}}, "key": "data.key", "close_at": 3})).await;
        for n in 1..=7 {
            go(&server, n).await;
            server.settle().await;
        }
        assert_eq!(sent(&server).await, [("3".into(), "1 3 5".into()), ("3".into(), "2 4 6".into())]);
        server.turn_and_settle(3_600_000).await;
        assert_eq!(sent(&server).await[2], ("1".into(), "7".into()));
        server.finish().await;
    }

    /// The first goes on at once; what comes after it is gathered, and nothing is sent when nothing came.
    async fn the_first_goes_on_at_once(database) {
        let server = world(database, json!({"window": {"fixed": {"for": "5m"}}, "first_at_once": true})).await;
        go(&server, 1).await;
        server.settle().await;
        assert_eq!(sent(&server).await, [("1".into(), "1".into())]);
        go(&server, 2).await;
        go(&server, 3).await;
        server.settle().await;
        assert_eq!(sent(&server).await.len(), 1);
        server.turn_and_settle(300_000).await;
        assert_eq!(sent(&server).await[1], ("2".into(), "2 3".into()));
        go(&server, 4).await;
        server.settle().await;
        assert_eq!(sent(&server).await[2], ("1".into(), "4".into()));
        server.turn_and_settle(300_000).await;
        assert_eq!(sent(&server).await.len(), 3);
        server.finish().await;
    }

    /// What was gathered in one batch, and then in another, is all there when the run has waited behind them.
    async fn what_is_gathered_twice_is_not_lost(database) {
        let server = TestServer::start_on(database).await;
        person(&server, "ada").await;
        sandbox(&server).await;
        declare(&server, "digest", gathered_twice()).await;
        for n in 1..=5 {
            go(&server, n).await;
            server.settle().await;
        }
        server.turn_and_settle(300_000).await;
        server.turn_and_settle(600_000).await;
        assert_eq!(sent(&server).await, []);
        server.turn_and_settle(3_600_000).await;
        assert_eq!(sent(&server).await, [("5".into(), "1 2 3 4 5".into())]);
        server.finish().await;
    }

    /// What is old is kept while somebody goes on with it, through every batch it went into; then it goes.
    async fn what_is_gathered_is_kept_while_it_is_needed(database) {
        let server = TestServer::start_on(database).await;
        person(&server, "ada").await;
        sandbox(&server).await;
        let mut late = gathered_twice();
        late["steps"][2]["delay"]["for"] = json!("50d");
        declare(&server, "digest", late).await;
        server.settings(&json!({"retention": {"events": 30, "deliveries": 30}})).await;
        for n in 1..=4 {
            go(&server, n).await;
            server.settle().await;
        }
        server.turn_and_settle(300_000).await;
        server.turn_and_settle(600_000).await;
        for _ in 0..7 {
            server.turn_and_settle(7 * 86_400_000).await;
        }
        let kept = async || server.get("/api/v1/runs?limit=100").await.ok(200)["data"].as_array().unwrap().len();
        assert_eq!(kept().await, 4);
        server.turn_and_settle(2 * 86_400_000).await;
        assert_eq!(sent(&server).await, [("4".into(), "1 2 3 4".into())]);
        server.turn_and_settle(32 * 86_400_000).await;
        assert_eq!(kept().await, 0);
        server.finish().await;
    }

    /// What is called off after its batch closed is left out, be it the first of it or another; the rest goes on, while there is one.
    async fn what_is_called_off_leaves_the_others(database) {
        let server = TestServer::start_on(database).await;
        person(&server, "ada").await;
        sandbox(&server).await;
        declare(&server, "digest", gathered_twice()).await;
        let keyed = async |n: u32| {
            let body = json!({"recipients": ["ada"], "data": {"n": n, "key": n % 2}, "cancellation_key": format!("c{n}")});
            let event = trigger(&server, "digest", body).await;
            server.settle().await;
            event
        };
        let cancel = async |n: u32| {
            let body = json!({"cancellation_key": format!("c{n}")});
            server.post("/api/v1/workflows/digest/cancel", &body).await.ok(200)["cancelled"].as_u64().unwrap()
        };
        let first = keyed(1).await;
        for n in 2..=6 {
            keyed(n).await;
        }
        // Before any batch closed; when the first ones closed into the second; when that one closed.
        assert_eq!(cancel(5).await, 1);
        server.turn_and_settle(300_000).await;
        assert_eq!((cancel(1).await, cancel(4).await), (1, 1), "one that goes on for others, and one of those");
        let first = &runs(&server, &first).await[0];
        assert_eq!((&first["called_off"], &first["status"]), (&json!(true), &json!("batched")), "{first:#}");
        server.turn_and_settle(600_000).await;
        assert_eq!((cancel(2).await, cancel(2).await), (1, 0));
        server.turn_and_settle(3_600_000).await;
        assert_eq!(sent(&server).await, [("2".into(), "3 6".into())]);
        assert_eq!(cancel(3).await, 0, "it was sent");
        let mut events = Vec::new();
        for n in 7..=9 {
            events.push(keyed(n).await);
        }
        server.turn_and_settle(300_000).await;
        server.turn_and_settle(600_000).await;
        for n in 7..=9 {
            assert_eq!(cancel(n).await, 1, "{n}");
        }
        assert_eq!(runs(&server, &events[0]).await[0]["status"], "cancelled", "nothing is left of it");
        server.turn_and_settle(3_600_000).await;
        assert_eq!(sent(&server).await.len(), 1);
        server.finish().await;
    }

    /// What is called off while the mail for all of a batch is held up is not in it: not the first activity, which is done with its own steps, nor
    /// another.
    async fn what_is_called_off_is_not_in_what_is_held_up(database) {
        let server = world(database, json!({"window": {"fixed": {"for": "5m"}}})).await;
        for gather in [false, true] {
            let before = sent(&server).await.len();
            server.put("/api/v1/users/ada/preferences", &quiet(&server, gather)).await.ok(200);
            for n in 1..=3 {
                trigger(&server, "digest", json!({"recipients": ["ada"], "data": {"n": n}, "cancellation_key": format!("{gather} {n}")})).await;
                server.settle().await;
            }
            server.turn_and_settle(300_000).await;
            let cancel = async |n: u32| {
                let body = json!({"cancellation_key": format!("{gather} {n}")});
                server.post("/api/v1/workflows/digest/cancel", &body).await.ok(200)["cancelled"].clone()
            };
            assert_eq!((cancel(1).await, cancel(3).await), (json!(1), json!(1)), "{gather}");
            server.turn_and_settle(3 * 3_600_000).await;
            assert_eq!(sent(&server).await[before..], [("1".to_owned(), "2".to_owned())], "{gather}");
        }
        server.put("/api/v1/users/ada/preferences", &quiet(&server, false)).await.ok(200);
        trigger(&server, "digest", json!({"recipients": ["ada"], "data": {"n": 4}, "cancellation_key": "last"})).await;
        server.turn_and_settle(300_000).await;
        let off = server.post("/api/v1/workflows/digest/cancel", &json!({"cancellation_key": "last"})).await.ok(200);
        assert_eq!(off["cancelled"], 1);
        server.turn_and_settle(3 * 3_600_000).await;
        assert_eq!(sent(&server).await.len(), 2, "nothing was left of it");
        server.finish().await;
    }

    /// What is started anew is not called off by the call before it, be it within the same millisecond.
    async fn what_is_started_anew_is_not_called_off(database) {
        let server = world(database, json!({"window": {"fixed": {"for": "5m"}}})).await;
        for n in 1..=2 {
            trigger(&server, "digest", json!({"recipients": ["ada"], "data": {"n": n}, "cancellation_key": "k"})).await;
            for users in [json!([]), json!(["ada"])] {
                server.post("/api/v1/workflows/digest/cancel", &json!({"cancellation_key": "k", "users": users})).await.ok(200);
            }
        }
        trigger(&server, "digest", json!({"recipients": ["ada"], "data": {"n": 3}, "cancellation_key": "k"})).await;
        server.settle().await;
        server.turn_and_settle(300_000).await;
        assert_eq!(sent(&server).await, [("1".to_owned(), "3".to_owned())]);
        server.finish().await;
    }

    /// A large audience is called off slice by slice, each batch left with what others brought.
    async fn a_large_audience_is_called_off(database) {
        let server = world(database, json!({"window": {"fixed": {"for": "5m"}}})).await;
        let users: Vec<_> = (0..450).map(|n| format!("u{n:03}")).collect();
        for some in users.chunks(100) {
            server.post("/api/v1/topics/all/subscribers", &json!({"users": some})).await;
        }
        trigger(&server, "digest", json!({"recipients": [{"topic": "all"}], "data": {"n": 1}, "cancellation_key": "k"})).await;
        trigger(&server, "digest", json!({"recipients": ["u007"], "data": {"n": 2}})).await;
        server.settle().await;
        let off = server.post("/api/v1/workflows/digest/cancel", &json!({"cancellation_key": "k"})).await.ok(200);
        assert_eq!(off["cancelled"], 450);
        assert_eq!(server.number("SELECT CAST(sum(items) AS BIGINT) FROM batches").await, 1);
        server.turn_and_settle(300_000).await;
        assert_eq!(mails(&server, "").await.len(), 1);
        server.finish().await;
    }

    /// Where the first of a batch goes on at once into another one, the batch it opened is there for those who follow.
    async fn the_first_opens_its_batch_and_goes_into_the_next(database) {
        let mut steps = digest(&json!({"window": {"fixed": {"for": "5m"}}, "first_at_once": true}));
        steps["steps"].as_array_mut().unwrap().insert(1, json!({"name": "again", "batch": {"window": {"fixed": {"for": "1m"}}}}));
        let server = world(database, json!({"window": {"fixed": {"for": "5m"}}})).await;
        declare(&server, "digest", steps).await;
        for n in 1..=3 {
            go(&server, n).await;
            server.settle().await;
        }
        server.turn_and_settle(60_000).await;
        assert_eq!(sent(&server).await, [("1".to_owned(), "1".to_owned())]);
        server.turn_and_settle(240_000).await;
        server.turn_and_settle(60_000).await;
        assert_eq!(sent(&server).await[1..], [("2".to_owned(), "2 3".to_owned())]);
        server.finish().await;
    }

    /// A batch outlives the application whose activity began it: it goes on in the name of the next.
    async fn a_batch_outlives_the_application_that_began_it(database) {
        let server = TestServer::start_on(database).await;
        person(&server, "ada").await;
        sandbox(&server).await;
        let mut of_events = digest(&json!({"window": {"fixed": {"for": "5m"}}}));
        of_events["events"] = json!([{"type": "doc.changed"}]);
        of_events["recipients"] = json!([{"users_from": "data.who"}]);
        declare(&server, "digest", of_events).await;
        let (first, second) = (server.app("first").await, server.app("second").await);
        for (n, app) in [(1, &first), (2, &second)] {
            server.publish(app, &json!({"type": "doc.changed", "data": {"who": "ada", "n": n}})).await;
            server.settle().await;
        }
        server.delete("/api/v1/apps/first").await.ok(204);
        server.turn_and_settle(300_000).await;
        assert_eq!(sent(&server).await, [("2".into(), "1 2".into())]);
        server.finish().await;
    }

    /// The same where the recipient took back the leave of the application that began it.
    async fn a_batch_outlives_the_installation_that_began_it(database) {
        let server = TestServer::start_on(database).await;
        server.settings(&json!({"require_installation": true})).await;
        person(&server, "ada").await;
        sandbox(&server).await;
        let mut of_events = digest(&json!({"window": {"fixed": {"for": "5m"}}}));
        of_events["events"] = json!([{"type": "doc.changed"}]);
        of_events["recipients"] = json!([{"users_from": "data.who"}]);
        declare(&server, "digest", of_events).await;
        let (first, second) = (server.app("first").await, server.app("second").await);
        for (n, app) in [(1, &first), (2, &second)] {
            server.put(&app.path("/installations/ada"), &json!(null)).await.ok(204);
            server.publish(app, &json!({"type": "doc.changed", "data": {"who": "ada", "n": n}})).await;
            server.settle().await;
        }
        server.delete(&first.path("/installations/ada")).await.ok(204);
        server.turn_and_settle(300_000).await;
        assert_eq!(sent(&server).await, [("2".into(), "1 2".into())]);
        server.finish().await;
    }

    /// Fifty at once into one key: every activity is in exactly one batch that was sent.
    async fn many_at_once_are_each_in_one_batch(database) {
        let server = world(database, json!({"window": {"fixed": {"for": "5m"}}, "close_at": 20, "render": {"first": 100}})).await;
        let calls = (0..150).map(|n| {
            let body = json!({"recipients": ["ada"], "data": {"n": n}});
            server.post("/api/v1/workflows/digest/trigger", &body).into_future()
        });
        for answer in futures_util::future::join_all(calls).await {
            answer.ok(200);
        }
        server.settle().await;
        server.turn_and_settle(300_000).await;
        let sent = sent(&server).await;
        let named: Vec<u32> = sent
            .iter()
            .flat_map(|(_, text)| text.split(' ').map(|n| n.parse().unwrap()).collect::<Vec<_>>())
            .collect();
        assert_eq!(named.len(), 150, "{sent:?}");
        assert_eq!(named.iter().collect::<BTreeSet<_>>().len(), 150);
        let counts: Vec<usize> = sent.iter().map(|(count, _)| count.parse().unwrap()).collect();
        assert!(counts.iter().all(|count| *count <= 20) && counts.iter().sum::<usize>() == 150, "{counts:?}");
        server.finish().await;
    }
}
