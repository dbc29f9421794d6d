//! The record of an endpoint.

use serde_json::{Value, json};
use testkit::{Receiver, TestServer, both};

both! {
    /// O10, O13: created with its secret once, listed, read, changed, deleted.
    async fn o10_o13_created_listed_changed_deleted(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let body = json!({
            "url": "http://127.0.0.1:9/hook?x=1", "event_types": ["a", "b/c"], "description": "mine", "rate_limit": 7,
            "retry_policy": "five",
        });
        let made = server.post(&app.path("/webhooks"), &body).key(&app.key).await.ok(201);
        let secret = made["secret"].as_str().unwrap();
        assert!((24..=64).contains(&testkit::secret_bytes(secret).len()), "{secret}");
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&made[name], value);
        }
        assert_eq!((&made["status"], &made["app_id"]), (&json!("active"), &json!(app.id)));
        let id = made["id"].as_str().unwrap();
        let path = app.path(&format!("/webhooks/{id}"));
        server.restart().await;
        // The secret was shown once.
        let read = server.get(&path).key(&app.key).await.ok(200);
        let list = server.get(&app.path("/webhooks")).key(&app.key).await.ok(200);
        assert_eq!((list["data"].as_array().unwrap().len(), &list["data"][0]["id"]), (1, &json!(id)));
        assert!(![&read, &list].into_iter().any(|shown| shown.to_string().contains("whsec_")));
        assert_eq!(read["health"], json!({"failures": 0, "first_failure_at": null, "last_failure_at": null}));
        // Only the fields sent change.
        let changed = server.patch(&path, &json!({"event_types": null, "description": "other"})).key(&app.key).await.ok(200);
        assert_eq!((&changed["event_types"], &changed["description"]), (&Value::Null, &json!("other")));
        assert_eq!((&changed["url"], &changed["rate_limit"], &changed["retry_policy"]), (&body["url"], &json!(7), &json!("five")));
        let changed = server.patch(&path, &json!({"rate_limit": null, "retry_policy": "short"})).key(&app.key).await.ok(200);
        assert_eq!((&changed["rate_limit"], &changed["retry_policy"]), (&Value::Null, &json!("short")));
        server.delete(&path).key(&app.key).await.ok(204);
        server.delete(&path).key(&app.key).await.ok(204);
        server.get(&path).key(&app.key).await.refused(404, "not_found");
        server.patch(&path, &json!({})).key(&app.key).await.refused(404, "not_found");
        for verb in ["rotate-secret", "test", "recover"] {
            let body = if verb == "recover" { json!({"since": "2026-01-01T00:00:00Z"}) } else { json!({}) };
            server.post(&format!("{path}/{verb}"), &body).key(&app.key).await.refused(404, "not_found");
        }
        server.finish().await;
    }

    /// O02, O10: an endpoint gets the types it asked for, by public or own name; changes count from the next event.
    async fn o02_an_endpoint_gets_what_it_asked_for(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.event_type(&json!({"name": "inner/b", "category": "c", "public_name": "b"})).await;
        let kinds = async |since: usize| {
            server.settle().await;
            let mut kinds: Vec<_> = receiver.received()[since..].iter().map(testkit::Received::kind).collect();
            kinds.sort();
            kinds
        };
        let publish = async || {
            for kind in ["a", "inner/b", "c"] {
                server.publish_kind(&app, kind).await;
            }
        };
        publish().await;
        let webhook = server.webhook(&app, &receiver.url(), &json!({"event_types": ["a", "b"]})).await;
        publish().await;
        assert_eq!(kinds(0).await, ["a", "b"]);
        server.patch(&webhook.path, &json!({"event_types": ["inner/b"]})).await.ok(200);
        publish().await;
        assert_eq!(kinds(2).await, ["b"]);
        server.patch(&webhook.path, &json!({"event_types": null})).await.ok(200);
        publish().await;
        assert_eq!(kinds(3).await, ["a", "b", "c"]);
        server.delete(&webhook.path).await.ok(204);
        publish().await;
        assert_eq!(kinds(6).await, [""; 0]);
        server.finish().await;
    }

    /// D05: a deleted endpoint gets nothing more: what waited for it has ended, and its log says why.
    async fn a_deleted_endpoint_gets_nothing_more(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        receiver.answer(testkit::Answer::status(500));
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        for n in 0..5 {
            server.publish_kind(&app, &format!("t{n}")).await;
        }
        server.settle().await;
        assert_eq!(receiver.count(), 5);
        server.delete(&webhook.path).await.ok(204);
        server.turn_and_settle(86_400_000).await;
        assert_eq!(receiver.count(), 5);
        let log = server.get(&format!("{}/deliveries", webhook.path)).key(&app.key).await.ok(200);
        let log = log["data"].as_array().unwrap();
        assert_eq!(log.len(), 5);
        for delivery in log {
            assert_eq!((&delivery["status"], &delivery["error"]), (&json!("exhausted"), &json!("Config deleted")));
        }
        let other = server.app("other").await;
        server.get(&format!("{}/deliveries", webhook.path.replace("shop", "other"))).key(&other.key).await.refused(404, "not_found");
        server.get(&webhook.path).await.refused(404, "not_found");
        server.finish().await;
    }

    /// O08: a test is sent whatever the endpoint asked for, and logged like any other delivery.
    async fn o08_a_test_is_sent(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"event_types": ["nothing.else"]})).await;
        let path = format!("{}/test", webhook.path);
        let sent = server.call(http::Method::POST, &path).key(&app.key).await.ok(202);
        let received = receiver.nth(0).await;
        assert!(received.is_signed_with(&webhook.secret));
        assert_eq!((received.kind().as_str(), &received.json()["data"]["webhook_id"]), ("endpoint.test", &json!(webhook.id)));
        server.settle().await;
        let log = server.only_delivery(&webhook).await;
        assert_eq!((&log["id"], &log["status"], &log["event_type"]), (&sent["delivery_id"], &json!("sent"), &json!("endpoint.test")));
        server.patch(&webhook.path, &json!({"status": "paused"})).await.ok(200);
        server.call(http::Method::POST, &path).await.refused(409, "webhook_inactive");
        server.finish().await;
    }
}

/// What cannot be an endpoint is refused with the field at fault.
#[tokio::test]
async fn o10_what_cannot_be_an_endpoint_is_refused() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let webhook = server.webhook(&app, "http://127.0.0.1:9/", &json!({})).await;
    let table = [
        (json!({"url": ""}), "/url"),
        (json!({"url": "not a url"}), "/url"),
        (json!({"url": "ftp://example.com/"}), "/url"),
        (
            json!({"url": format!("http://127.0.0.1/{}", "x".repeat(10_000))}),
            "/url",
        ),
        (json!({"event_types": []}), "/event_types"),
        (json!({"event_types": ["ok", "not ok"]}), "/event_types/1"),
        (json!({"event_types": vec!["t"; 501]}), "/event_types"),
        (json!({"event_types": "t"}), "/event_types"),
        (json!({"rate_limit": 0}), "/rate_limit"),
        (json!({"rate_limit": 100_001}), "/rate_limit"),
        (json!({"rate_limit": -1}), "/rate_limit"),
        (json!({"retry_policy": "never"}), "/retry_policy"),
        (json!({"description": "x".repeat(1_001)}), "/description"),
        (json!({"description": "\u{0}"}), "/description"),
        (json!({"secret": "mine"}), "/secret"),
    ];
    for (change, pointer) in table {
        let mut body = json!({"url": "http://127.0.0.1:9/"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let created = server.post(&app.path("/webhooks"), &body).key(&app.key).await;
        created.refused(422, "invalid");
        assert_eq!(created.faults()[0].0, pointer, "{created}");
        let patched = server.patch(&webhook.path, &change).key(&app.key).await;
        patched.refused(422, "invalid");
        assert_eq!(patched.faults()[0].0, pointer, "{patched}");
    }
    for (change, pointer) in [
        (json!({"status": "disabled"}), "/status"),
        (json!({"url": null}), "/url"),
        (json!({"id": "x"}), "/id"),
    ] {
        let reply = server.patch(&webhook.path, &change).key(&app.key).await;
        assert_eq!(
            (reply.status, reply.faults()[0].0.as_str()),
            (422, pointer),
            "{reply}"
        );
    }
    assert_eq!(
        server.get(&app.path("/webhooks")).await.ok(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    server.finish().await;
}
