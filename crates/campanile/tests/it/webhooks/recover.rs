//! What was missed can be delivered on request.

use serde_json::{Value, json};
use testkit::{Answer, Receiver, TestServer, both};

both! {
    /// What was published while an endpoint was disabled is delivered on request, each exactly once, with its own id.
    async fn w11_what_was_missed_is_delivered_once(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"event_types": ["t"]})).await;
        let publish = async |n: usize| server.publish(&app, &json!({"type": "t", "data": n})).await;
        let too_old = publish(100).await;
        server.settle().await;
        server.turn(60_000).await;
        let sent = publish(101).await;
        server.settle().await;
        receiver.answer(Answer::status(410));
        let failed = publish(102).await;
        server.settle().await;
        receiver.answer(Answer::status(200));
        let mut missed = Vec::new();
        for n in 0..250 {
            missed.push(publish(n).await);
        }
        server.publish_kind(&app, "not.wanted").await;
        let path = format!("{}/recover", webhook.path);
        let since = json!({"since": "2026-02-07T10:00:30Z"});
        server.post(&path, &since).key(&app.key).await.refused(409, "webhook_inactive");
        server.patch(&webhook.path, &json!({"status": "active"})).await.ok(200);
        server.settle().await;
        assert_eq!(receiver.count(), 3, "nothing is delivered unasked");
        server.turn(1_000).await;
        server.post(&path, &since).key(&app.key).await.ok(202);
        server.settle().await;
        let mut ids: Vec<_> = receiver.received()[3..].iter().map(testkit::Received::id).collect();
        ids.sort();
        missed.push(failed);
        missed.sort();
        assert_eq!(ids, missed);
        assert!(!ids.contains(&too_old) && !ids.contains(&sent));
        assert!(receiver.received().iter().all(|sent| sent.is_signed_with(&webhook.secret)));
        // Asked again, nothing is missing.
        server.post(&path, &since).await.ok(202);
        server.finish().await;
        assert_eq!(receiver.count(), 3 + 251);
    }

    /// W11: a recovery goes on after a restart, with full retries.
    async fn w11_a_recovery_survives_a_restart(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"event_types": ["t"], "retry_policy": "short"})).await;
        server.patch(&webhook.path, &json!({"status": "paused"})).await.ok(200);
        let events: Vec<Value> = (0..600).map(|n| json!({"type": "t", "data": n})).collect();
        server.post(&app.path("/events/batch"), &json!({"events": events})).await.ok(200);
        server.turn(10).await;
        receiver.answer_next([Answer::status(500)]);
        server.patch(&webhook.path, &json!({"status": "active"})).await.ok(200);
        server.post(&format!("{}/recover", webhook.path), &json!({"since": "2026-02-07T09:00:00Z"})).await.ok(202);
        server.restart().await;
        server.settle().await;
        server.turn_and_settle(30_000).await;
        let numbers: std::collections::HashSet<_> = receiver.received().iter().map(|sent| sent.json()["data"].as_u64().unwrap()).collect();
        assert_eq!((numbers.len(), receiver.count()), (600, 601), "every event, and the one that failed twice");
        server.finish().await;
    }

    /// Tests are for the endpoint they were asked for: they are nothing that it, or another, missed.
    async fn tests_are_not_recovered(database) {
        let server = TestServer::start_on(database).await;
        let (app, tested, other) = (server.app("shop").await, Receiver::start().await, Receiver::start().await);
        let webhook = server.webhook(&app, &tested.url(), &json!({})).await;
        server.post(&format!("{}/test", webhook.path), &json!({})).await.ok(202);
        server.settle().await;
        assert_eq!(tested.count(), 1);
        let published = server.publish_kind(&app, "t").await;
        let webhook = server.webhook(&app, &other.url(), &json!({})).await;
        server.turn(1_000).await;
        server.post(&format!("{}/recover", webhook.path), &json!({"since": "2026-02-07T09:00:00Z"})).await.ok(202);
        server.finish().await;
        let received: Vec<_> = other.received().iter().map(testkit::Received::id).collect();
        assert_eq!(received, [published]);
    }
}

/// A range that is none is refused.
#[tokio::test]
async fn a_range_that_is_none_is_refused() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let webhook = server.webhook(&app, "http://127.0.0.1:9/", &json!({})).await;
    let table = [
        (json!({}), 422),
        (json!({"since": "yesterday"}), 422),
        (json!({"since": "2026-02-07T11:00:00Z"}), 422),
        (
            json!({"since": "2026-02-07T09:00:00Z", "until": "2026-02-07T08:00:00Z"}),
            422,
        ),
        (json!({"since": "2026-02-07T09:00:00Z", "until": 7}), 422),
        (
            json!({"since": "2026-02-07T09:00:00Z", "until": "2026-02-07T09:30:00Z"}),
            202,
        ),
    ];
    for (body, status) in table {
        let reply = server.post(&format!("{}/recover", webhook.path), &body).await;
        assert_eq!(reply.status, status, "{reply}");
    }
    server.finish().await;
}
