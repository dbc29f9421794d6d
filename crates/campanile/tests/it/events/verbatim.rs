//! What was published is what is kept, sent and read.

use serde_json::json;
use testkit::{Receiver, TestServer, both};

/// Odd spacing, repeated keys, order, escapes, numbers that no double holds, a trailing newline inside.
const ODD: &str = "{ \"z\" :1.0, \"a\":\t[ 1e2 , 12345678901234567890123 , -0.0 ],\n \"z\":2, \"text\":\"\\u00e9\\/\\ud83d\\ude00 é\" }";

both! {
    /// E23, A01: an event that was answered with 200 can be read, with everything it said.
    async fn e23_a01_what_was_published_can_be_read(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let published = json!({
            "type": "order.placed", "category": "orders", "entity": {"type": "order", "id": "o-1"}, "tenant": "acme",
            "users": ["ada", "bob"], "data": {"total": 12}, "id": "mine-1", "occurred_at": "2026-02-07T09:59:59.123+02:00",
        });
        let id = server.publish(&app, &published).await;
        assert!(id.starts_with("evt_") && id.len() == 31, "{id}");
        let event = server.get(&app.path(&format!("/events/{id}"))).key(&app.key).await.ok(200);
        assert_eq!(event, json!({
            "id": id, "app_id": app.id, "type": "order.placed", "category": "orders", "entity": {"type": "order", "id": "o-1"},
            "tenant": "acme", "users": ["ada", "bob"], "data": {"total": 12}, "external_id": "mine-1",
            "occurred_at": "2026-02-07T07:59:59.123Z", "created_at": "2026-02-07T10:00:00.000Z",
        }));
        // The same by the application's uid, and with the environment's key.
        assert_eq!(server.get(&format!("/api/v1/apps/shop/events/{id}")).await.ok(200), event);
        server.finish().await;
    }

    /// Payloads are kept as the bytes received: read, listed, delivered.
    async fn payload_bytes_are_kept_verbatim(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        let body = format!("{{\"type\":\"odd\",\"data\":{ODD} }}");
        let published = server.post(&app.path("/events"), &json!(null)).bytes(body).key(&app.key).await.ok(200);
        let id = published["event_id"].as_str().unwrap();
        let read = server.get(&app.path(&format!("/events/{id}"))).await;
        let listed = server.get(&app.path("/events")).await;
        let sent = receiver.nth(0).await;
        for text in [read.text(), listed.text(), String::from_utf8(sent.body.to_vec()).unwrap()] {
            assert!(text.contains(&format!("\"data\":{ODD}")), "{text}");
        }
        assert!(sent.is_signed_with(&webhook.secret));
        server.finish().await;
    }

    /// A restart keeps the bytes as well, and a delivery made from the database is the one made from memory.
    async fn payload_bytes_survive_a_restart_and_a_retry(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({})).await;
        receiver.answer_next([testkit::Answer::status(500)]);
        let body = format!("{{\"type\":\"odd\",\"data\":{ODD}}}");
        server.post(&app.path("/events"), &json!(null)).bytes(body).await.ok(200);
        receiver.wait(1).await;
        server.settle().await;
        server.restart().await;
        server.turn_and_settle(10_000).await;
        let received = receiver.wait(2).await;
        assert_eq!(received[0].body, received[1].body);
        assert_eq!(received[0].id(), received[1].id());
        server.finish().await;
    }
}
