//! At most so many in so long.

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::{declare, person, runs, trigger};

fn limited(throttle: &Value) -> Value {
    json!({"steps": [
        {"name": "limit", "throttle": throttle},
        {"name": "bell", "in_app": {"title": "{{ data.n }}"}},
    ]})
}

async fn bells(server: &TestServer, user: &str) -> usize {
    server.feed(user).await["data"].as_array().unwrap().len()
}

both! {
    /// Each recipient and key has a count of its own; who is over the limit is told when the next may go.
    async fn a_throttle_counts_by_recipient_and_key(database) {
        let server = TestServer::start_on(database).await;
        person(&server, "ada").await;
        declare(&server, "hello", limited(&json!({"limit": 2, "per": "1h", "key": "data.key"}))).await;
        let mut events = Vec::new();
        for n in 0..6 {
            let body = json!({"recipients": ["ada", "bob"], "data": {"n": n, "key": n / 4}});
            events.push(trigger(&server, "hello", body).await);
            server.settle().await;
        }
        assert_eq!((bells(&server, "ada").await, bells(&server, "bob").await), (4, 4));
        let run = &runs(&server, &events[2]).await[0];
        assert_eq!(run["status"], "completed");
        let step = &run["steps"][0];
        assert_eq!((&step["outcome"], &step["why"]["reason"]), (&json!("skipped"), &json!("throttle")));
        assert_eq!(step["why"]["next_at"], domain::time::rfc3339(server.now() + 3_600_000));
        server.turn_and_settle(3_600_000).await;
        trigger(&server, "hello", json!({"recipients": ["ada"], "data": {"n": 7, "key": 0}})).await;
        server.settle().await;
        assert_eq!(bells(&server, "ada").await, 5);
        server.finish().await;
    }

    /// However many come at once, and in however many slices, the limit is what all of them share.
    async fn a_shared_throttle_holds_under_concurrency(database) {
        let server = TestServer::start_on(database).await;
        declare(&server, "hello", limited(&json!({"limit": 25, "per": "1d", "by": "window", "shared": true}))).await;
        let calls = (0..12).map(|n| {
            let users: Vec<_> = (0..5).map(|user| format!("user-{n}-{user}")).collect();
            let body = json!({"recipients": users, "data": {"n": n}});
            server.post("/api/v1/workflows/hello/trigger", &body).into_future()
        });
        for answer in futures_util::future::join_all(calls).await {
            answer.ok(200);
        }
        server.settle().await;
        assert_eq!(server.number("SELECT count(*) FROM runs").await, 60);
        assert_eq!(server.number("SELECT count(*) FROM states").await, 25);
        server.finish().await;
    }
}
