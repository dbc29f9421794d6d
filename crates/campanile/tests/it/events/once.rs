//! Published once, however often it is said.

use std::collections::HashSet;
use std::future::IntoFuture as _;

use serde_json::{Value, json};
use testkit::{App, Receiver, TestServer, both};

async fn count(server: &TestServer, app: &App) -> usize {
    server.get(&app.path("/events?limit=100")).await.ok(200)["data"]
        .as_array()
        .unwrap()
        .len()
}

both! {
    /// W9: a hundred parallel calls with one key make one event and get one answer.
    async fn w9_a_hundred_parallel_calls_with_one_key(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({})).await;
        let event = json!({"type": "paid", "data": {"amount": 5}});
        let call = || server.post(&app.path("/events"), &event).key(&app.key).once("pay-1");
        let answers = futures_util::future::join_all((0..100).map(|_| call().into_future())).await;
        let answers: Vec<Value> = answers.iter().map(|answer| answer.ok(200)).collect();
        let ids: HashSet<_> = answers.iter().map(|answer| answer["event_id"].to_string()).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(answers.iter().filter(|answer| answer["duplicate"] == false).count(), 1);
        assert_eq!(count(&server, &app).await, 1);
        server.finish().await;
        assert_eq!(receiver.count(), 1);
    }

    /// W9: the same key with another body is refused; another application or route has keys of its own.
    async fn w9_the_same_key_with_another_body_is_a_conflict(database) {
        let server = TestServer::start_on(database).await;
        let (app, other) = (server.app("shop").await, server.app("bank").await);
        let path = app.path("/events");
        let event = |n: i64| json!({"type": "paid", "data": n});
        let first = server.post(&path, &event(1)).key(&app.key).once("k").await.ok(200);
        server.post(&path, &event(2)).key(&app.key).once("k").await.refused(409, "idempotency_key_reused");
        let again = server.post(&path, &event(1)).key(&app.key).once("k").await.ok(200);
        assert_eq!((&again["event_id"], &again["duplicate"]), (&first["event_id"], &json!(true)));
        server.post(&other.path("/events"), &event(2)).key(&other.key).once("k").await.ok(200);
        let note = json!({"users": ["ada"], "title": "t"});
        server.post(&app.path("/notifications"), &note).key(&app.key).once("k").await.ok(201);
        // A refused call uses no key up.
        server.post(&path, &json!({"type": "bad type", "data": 1})).key(&app.key).once("k2").await.ok(422);
        server.post(&path, &event(3)).key(&app.key).once("k2").await.ok(200);
        for key in ["", " ", &"x".repeat(256)] {
            server.post(&path, &event(4)).key(&app.key).once(key).await.refused(400, "idempotency_key");
        }
        server.finish().await;
    }

    /// W9: keys are remembered across restarts, for 24 hours.
    async fn w9_keys_are_remembered_across_restarts_for_a_day(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let event = json!({"type": "paid", "data": 1});
        let first = server.post(&app.path("/events"), &event).key(&app.key).once("k").await.ok(200);
        server.restart().await;
        let again = server.post(&app.path("/events"), &event).key(&app.key).once("k").await.ok(200);
        assert_eq!(again["event_id"], first["event_id"]);
        server.crash().await;
        server.start_again().await;
        server.turn_and_settle(24 * 3_600_000 - 1).await;
        let again = server.post(&app.path("/events"), &event).key(&app.key).once("k").await.ok(200);
        assert_eq!(again["event_id"], first["event_id"]);
        server.turn_and_settle(2).await;
        let later = server.post(&app.path("/events"), &event).key(&app.key).once("k").await.ok(200);
        assert_ne!(later["event_id"], first["event_id"]);
        assert_eq!(count(&server, &app).await, 2);
        server.finish().await;
    }

    /// A caller's own event id deduplicates within its application, across restarts.
    async fn a_callers_own_id_deduplicates(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, other) = (server.app("shop").await, server.app("bank").await);
        let event = |data: i64| json!({"type": "paid", "id": "order-7", "data": data});
        let post = |app: &App, data: i64| server.post(&app.path("/events"), &event(data)).key(&app.key);
        let first = post(&app, 1).await.ok(200);
        let again = post(&app, 1).await.ok(200);
        assert_eq!((&again["event_id"], &again["duplicate"]), (&first["event_id"], &json!(true)));
        post(&app, 2).await.refused(409, "event_id_reused");
        assert_ne!(post(&other, 1).await.ok(200)["event_id"], first["event_id"]);
        server.restart().await;
        let again = server.post(&app.path("/events"), &event(1)).key(&app.key).await.ok(200);
        assert_eq!((&again["event_id"], &again["duplicate"]), (&first["event_id"], &json!(true)));
        // Under a fresh key it is the same event as well.
        let again = server.post(&app.path("/events"), &event(1)).key(&app.key).once("fresh").await.ok(200);
        assert_eq!(again["event_id"], first["event_id"]);
        server.finish().await;
    }

    /// An `Idempotency-Key` on every POST that creates: the same answer, the same object.
    async fn every_creating_post_takes_a_key(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let receiver = Receiver::start().await;
        let hook = server.webhook(&app, &receiver.url(), &json!({})).await;
        server.publish_kind(&app, "t").await;
        server.settle().await;
        let delivery = server.only_delivery(&hook).await["id"].as_str().unwrap().to_owned();
        let table = [
            (format!("{}/deliveries/{delivery}/retry", hook.path), json!({}), "ok"),
            ("/api/v1/token-secret/rotate".to_owned(), json!({}), "secret"),
            (format!("{}/rotate-secret", hook.path), json!({}), "secret"),
            (format!("{}/test", hook.path), json!({}), "delivery_id"),
            (format!("{}/recover", hook.path), json!({"since": "2026-02-07T09:00:00Z"}), "ok"),
            ("/api/v1/apps".to_owned(), json!({"name": "one"}), "id"),
            (app.path("/keys"), json!({"name": "k"}), "key"),
            ("/api/v1/keys".to_owned(), json!({"kind": "public"}), "key"),
            (app.path("/webhooks"), json!({"url": "http://127.0.0.1:9/"}), "secret"),
            (app.path("/notifications"), json!({"users": ["ada"], "title": "t"}), "id"),
            (app.path("/events"), json!({"type": "t", "data": 1}), "event_id"),
            ("/api/v1/event-types".to_owned(), json!({"name": "t", "category": "c"}), "name"),
        ];
        for (path, body, member) in table {
            let first = server.post(&path, &body).once("same").await;
            let again = server.post(&path, &body).once("same").await;
            assert!(first.status / 100 == 2 && again.status / 100 == 2, "{first} {again}");
            assert_eq!(first.json()[member], again.json()[member], "{path}");
            let mut other = body.clone();
            other.as_object_mut().unwrap().insert("surplus".into(), json!(1));
            let other = server.post(&path, &other).once("same").await;
            assert!(matches!(other.status, 409 | 422), "{other}");
        }
        assert_eq!(server.get(&app.path("/webhooks")).await.ok(200)["data"].as_array().unwrap().len(), 2);
        let done = "SELECT count(*) FROM audit WHERE action IN
            ('webhook.recover', 'webhook.test', 'webhook.rotate_secret', 'delivery.retry', 'token_secret.rotate')";
        assert_eq!(server.number(done).await, 5);
    }

    /// A key is used by an answer that made nothing as well, and is asked before anything that has changed since.
    async fn a_key_counts_whatever_has_changed_since(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        server.event_type(&json!({"name": "t", "category": "c"})).await;
        let known = [
            ("/api/v1/apps", json!({"uid": "shop", "name": "shop"})),
            ("/api/v1/event-types", json!({"name": "t", "category": "c"})),
        ];
        for (path, body) in known {
            server.post(path, &body).once("known").await.ok(200);
            server.post(path, &body).once("known").await.ok(200);
            let other = json!({"name": "another", "category": "c"});
            let other = if path.ends_with("apps") { json!({"name": "another"}) } else { other };
            server.post(path, &other).once("known").await.refused(409, "idempotency_key_reused");
        }
        let receiver = Receiver::start().await;
        let hook = json!({"url": receiver.url(), "event_types": ["t"]});
        let first = server.post(&app.path("/webhooks"), &hook).once("hook").await.ok(201);
        let path = app.path(&format!("/webhooks/{}", first["id"].as_str().unwrap()));
        let test = async || server.post(&format!("{path}/test"), &json!({})).once("test").await.ok(202);
        let sent = test().await;
        server.patch(&path, &json!({"status": "paused"})).await.ok(200);
        assert_eq!(test().await, sent, "paused or not");
        server.delete("/api/v1/event-types/t").await.ok(204);
        let again = server.post(&app.path("/webhooks"), &hook).once("hook").await.ok(201);
        assert_eq!((&again["id"], &again["secret"]), (&first["id"], &first["secret"]));
        // What is refused is refused before it is looked at.
        let nowhere = json!({"url": "http://nowhere.invalid/"});
        server.post(&app.path("/webhooks"), &nowhere).once("hook").await.refused(409, "idempotency_key_reused");
        server.finish().await;
    }
}
