//! Many events in one call.

use serde_json::{Value, json};
use testkit::{Receiver, TestServer, both};

both! {
    /// E25: the good ones are accepted, each bad one is reported by its index.
    async fn e25_good_and_bad_by_index(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({})).await;
        server.event_type(&json!({"name": "scored", "category": "c", "schema": {"type": "object", "required": ["score"]}})).await;
        let events = json!([
            {"type": "a", "data": 1},
            {"type": "notification.read", "data": {}},
            {"type": "b", "data": 2, "id": "b-1"},
            7,
            {"type": "b", "data": 2, "id": "b-1"},
            {"type": "scored", "data": {}},
            {"type": "c", "category": "nowhere", "data": {}},
            {"data": {}},
            {"type": "b", "data": 3, "id": "b-1"},
            {"type": "d", "data": "x".repeat(300_000)},
        ]);
        let answer = server.post(&app.path("/events/batch"), &json!({"events": events})).key(&app.key).await.ok(200);
        let good: Vec<_> = answer["data"].as_array().unwrap().iter().map(|one| (&one["index"], &one["duplicate"])).collect();
        assert_eq!(good, [(&json!(0), &json!(false)), (&json!(2), &json!(false)), (&json!(4), &json!(true))], "{answer:#}");
        assert_eq!(answer["data"][1]["event_id"], answer["data"][2]["event_id"]);
        let bad: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|one| {
            (one["index"].as_u64().unwrap(), one["status"].as_u64().unwrap(), one["code"].as_str().unwrap())
        }).collect();
        let expected = [
            (1, 422, "invalid"), (3, 422, "invalid"), (5, 422, "invalid"), (6, 400, "unknown_category"), (7, 422, "invalid"),
            (8, 409, "event_id_reused"), (9, 413, "too_large"),
        ];
        assert_eq!(bad, expected, "{answer:#}");
        assert_eq!(answer["errors"][2]["errors"][0]["pointer"], "/data");
        let mut kinds: Vec<_> = receiver.wait(2).await.iter().map(testkit::Received::kind).collect();
        kinds.sort();
        assert_eq!(kinds, ["a", "b"]);
        server.finish().await;
        assert_eq!(receiver.count(), 2);
    }

    /// E25: a thousand at once, each stored and delivered once.
    async fn e25_a_thousand_at_once(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        let events: Vec<Value> = (0..1_000).map(|n| json!({"type": "n", "data": n})).collect();
        let answer = server.post(&app.path("/events/batch"), &json!({"events": events})).key(&app.key).await.ok(200);
        assert_eq!((answer["data"].as_array().unwrap().len(), &answer["errors"]), (1_000, &json!([])));
        let indices: Vec<_> = answer["data"].as_array().unwrap().iter().map(|one| one["index"].as_u64().unwrap()).collect();
        assert_eq!(indices, (0..1_000).collect::<Vec<u64>>());
        server.settle().await;
        let received = receiver.wait(1_000).await;
        let mut numbers: Vec<_> = received.iter().map(|request| request.json()["data"].as_u64().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..1_000).collect::<Vec<u64>>());
        assert!(received.iter().all(|request| request.is_signed_with(&webhook.secret)));
        server.finish().await;
        assert_eq!(receiver.count(), 1_000);
    }

    /// E25: an `Idempotency-Key` covers a batch event by event.
    async fn e25_a_repeated_batch_publishes_nothing_twice(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let events = json!({"events": [{"type": "a", "data": 1}, {"type": "bad type", "data": 1}, {"type": "b", "data": 2}]});
        let first = server.post(&app.path("/events/batch"), &events).once("k1").await.ok(200);
        let again = server.post(&app.path("/events/batch"), &events).once("k1").await.ok(200);
        let ids = |answer: &Value| answer["data"].as_array().unwrap().iter().map(|one| one["event_id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&first), ids(&again));
        assert!(again["data"].as_array().unwrap().iter().all(|one| one["duplicate"] == true), "{again:#}");
        assert_eq!(server.get(&app.path("/events")).await.ok(200)["data"].as_array().unwrap().len(), 2);
        server.finish().await;
    }
}

/// E25: nothing of 1,001 events is taken, nor of none.
#[tokio::test]
async fn e25_a_batch_has_1_to_1000_events() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    for count in [0, 1_001] {
        let events: Vec<Value> = (0..count).map(|n| json!({"type": "n", "data": n})).collect();
        let reply = server
            .post(&app.path("/events/batch"), &json!({"events": events}))
            .await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults(), [("/events".to_owned(), "size".to_owned())]);
    }
    assert_eq!(server.get(&app.path("/events")).await.ok(200)["data"], json!([]));
    // A batch may be larger than a body elsewhere.
    let events: Vec<Value> = (0..20)
        .map(|_| json!({"type": "n", "data": "x".repeat(100_000)}))
        .collect();
    let answer = server
        .post(&app.path("/events/batch"), &json!({"events": events}))
        .await
        .ok(200);
    assert_eq!(answer["data"].as_array().unwrap().len(), 20);
    server
        .post(
            &app.path("/events/batch"),
            &json!({"events": ["x".repeat(17 << 20)]}),
        )
        .await
        .refused(413, "too_large");
    server.finish().await;
}

/// What no window has room for is not asked to wait for the next one, and takes nothing from this one.
#[tokio::test]
async fn a_batch_larger_than_the_rate_is_told_so() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let limit = json!({"rate_limits": {"events": {"limit": 3, "window": 60}}});
    server.settings(&limit).await;
    let publish = async |count: usize| {
        let events: Vec<Value> = (0..count).map(|n| json!({"type": "n", "data": n})).collect();
        let path = app.path("/events/batch");
        server.post(&path, &json!({"events": events})).key(&app.key).await
    };
    for _ in 0..2 {
        let reply = publish(4).await;
        let problem = reply.refused(422, "invalid");
        assert!(
            problem["detail"].as_str().unwrap().contains("3 in 60 seconds"),
            "{reply}"
        );
        assert_eq!(reply.faults(), [("/events".to_owned(), "rate_limit".to_owned())]);
        assert_eq!(
            (reply.header("retry-after"), reply.number("ratelimit-remaining")),
            (None, Some(3))
        );
    }
    publish(3).await.ok(200);
    publish(2).await.refused(429, "rate_limited");
    publish(4).await.refused(422, "invalid");
    server.turn(60_000).await;
    publish(2).await.ok(200);
    server.finish().await;
}
