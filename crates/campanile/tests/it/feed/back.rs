//! What people do comes back to the application that created it.

use serde_json::{Value, json};
use testkit::{Receiver, TestServer, both};

both! {
    /// F28, F29: every change of state is an event of the creating application, with an id of its own that its webhook carries.
    async fn f28_f29_state_events_come_back_by_webhook(database) {
        let server = TestServer::start_on(database).await;
        let (app, other) = (server.app("desk").await, server.app("shop").await);
        let (receiver, others) = (Receiver::start().await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        server.webhook(&other, &others.url(), &json!({})).await;
        let token = server.token("ada").await;
        let id = server.notify(&app, &json!({"users": ["ada"], "title": "t", "external_id": "mine", "tenant": "acme"})).await;
        let path = format!("/api/v1/notifications/{id}");
        server.patch(&path, &json!({"status": "read"})).key(&token).await.ok(200);
        server.patch(&path, &json!({"status": "clicked", "action": "open"})).key(&token).await.ok(200);
        server.patch(&path, &json!({"status": "dismissed"})).key(&token).await.ok(200);
        server.patch(&path, &json!({"status": "unread"})).key(server.key()).header("x-none", "").await.ok(422);
        server.patch(&path, &json!({"status": "unread"})).key(&token).await.ok(200);
        // What changes nothing tells nothing.
        server.patch(&path, &json!({"status": "unread"})).key(&token).await.ok(200);
        server.delete(&path).key(&token).await.ok(204);
        server.settle().await;
        let received = receiver.wait(6).await;
        let mut kinds: Vec<_> = received.iter().map(testkit::Received::kind).collect();
        kinds.sort();
        let expected = ["clicked", "created", "dismissed", "dismissed", "read", "unread"].map(|word| format!("notification.{word}"));
        assert_eq!(kinds, expected);
        for sent in &received {
            assert!(sent.is_signed_with(&webhook.secret));
            let body = sent.json();
            assert_eq!((body["id"].as_str().unwrap(), &body["data"]["notification_id"]), (sent.id().as_str(), &json!(id)));
            // It is an event like any other: kept, and read by its id.
            let event = server.get(&app.path(&format!("/events/{}", sent.id()))).key(&app.key).await.ok(200);
            assert_eq!((&event["type"], &event["data"], &event["category"]), (&body["type"], &body["data"], &json!("notification")));
            if sent.kind() == "notification.created" {
                assert_eq!((&body["data"]["title"], &body["data"]["external_id"]), (&json!("t"), &json!("mine")));
            } else {
                let word = sent.kind().split_once('.').unwrap().1.to_owned();
                assert_eq!((&body["data"]["user_id"], &body["data"]["status"]), (&json!("ada"), &json!(word)));
            }
        }
        let clicked = received.iter().find(|sent| sent.kind() == "notification.clicked").unwrap().json();
        assert_eq!(clicked["data"]["action"], "open");
        let ids: std::collections::HashSet<_> = received.iter().map(testkit::Received::id).collect();
        assert_eq!(ids.len(), 6);
        server.finish().await;
        assert_eq!((receiver.count(), others.count()), (6, 0));
    }

    /// F29: each action that is followed is a click of its own, which the application is told of; a click on nothing in particular is one.
    async fn f29_every_action_that_is_followed_is_told(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("desk").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({"event_types": ["notification.clicked"]})).await;
        let token = server.token("ada").await;
        let id = server.notify(&app, &json!({"users": ["ada"], "title": "t"})).await;
        let path = format!("/api/v1/notifications/{id}");
        let click = async |action: Option<&str>| {
            server.turn(1_000).await;
            let body = action.map_or(json!({"status": "clicked"}), |action| json!({"status": "clicked", "action": action}));
            server.patch(&path, &body).key(&token).await.ok(200)
        };
        let first = click(None).await;
        assert_eq!(click(None).await, first, "it is so already");
        let (acknowledged, again) = (click(Some("ack")).await, click(Some("ack")).await);
        for (before, after) in [(&first, &acknowledged), (&acknowledged, &again)] {
            assert!(after["seq"].as_i64() > before["seq"].as_i64());
            assert!(after["clicked_at"].as_str() > before["clicked_at"].as_str());
        }
        server.settle().await;
        let mut actions: Vec<_> = receiver.wait(3).await.iter().map(|sent| sent.json()["data"]["action"].clone()).collect();
        actions.sort_by_key(Value::to_string);
        assert_eq!(actions, [json!("ack"), json!("ack"), Value::Null]);
        for (status, action) in [("read", "ack"), ("clicked", ""), ("clicked", &*"x".repeat(101))] {
            let body = json!({"status": status, "action": action});
            server.patch(&path, &body).key(&token).await.refused(422, "invalid");
        }
        server.finish().await;
        assert_eq!(receiver.count(), 3);
    }

    /// A08, design: the server's own events are for the application that created the notification, not for its tenant's.
    async fn state_events_are_for_their_creator_alone(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        server.put("/api/v1/tenants/acme", &json!({})).await.ok(200);
        let tenant_app = server.get("/api/v1/tenants/acme/application").await.ok(200)["id"].as_str().unwrap().to_owned();
        let receiver = Receiver::start().await;
        let path = format!("/api/v1/apps/{tenant_app}/webhooks");
        server.post(&path, &json!({"url": receiver.url()})).await.ok(201);
        let id = server.notify(&app, &json!({"users": ["ada"], "tenant": "acme", "title": "secret of desk"})).await;
        server.patch(&format!("/api/v1/notifications/{id}?user=ada"), &json!({"status": "read"})).await.ok(200);
        server.finish().await;
        let kinds: Vec<_> = receiver.received().iter().map(testkit::Received::kind).collect();
        assert_eq!(kinds, [""; 0]);
    }

    /// F28: and on the application's stream, in the order of their commits.
    async fn f28_state_events_come_back_by_stream(database) {
        let server = TestServer::start_on(database).await;
        let (app, other) = (server.app("desk").await, server.app("shop").await);
        let mut own = server.socket("").key(&app.key).open().await;
        let mut others = server.socket("").key(&other.key).open().await;
        own.expect("hello").await;
        others.expect("hello").await;
        let id = server.tell(&app, "ada", "t").await;
        for status in ["read", "dismissed"] {
            server.patch(&format!("/api/v1/notifications/{id}?user=ada"), &json!({"status": status})).await.ok(200);
        }
        for word in ["created", "read", "dismissed"] {
            let frame = own.expect("event").await;
            assert_eq!(frame["event"]["type"], format!("notification.{word}"), "{frame}");
            assert_eq!(frame["event"]["data"]["notification_id"], Value::from(id.as_str()));
        }
        others.quiet().await;
        server.finish().await;
    }
}
