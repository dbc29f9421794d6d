//! Batches neither lose nor double.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::{declare, mails, person, runs, sandbox, trigger};

fn digest(batch: &Value) -> Value {
    json!({"steps": [
        {"name": "gather", "batch": batch},
        {"name": "mail", "email": {
            "subject": "{{ total_activities }}",
            "text": "{% for activity in activities %}{{ activity.data.n }} {% endfor %}",
        }},
    ]})
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
