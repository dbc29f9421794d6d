//! How an event looks outside: envelope, dated version, public name, public fields.

use serde_json::json;
use testkit::{Receiver, TestServer, both};

both! {
    /// O06, O07: the envelope's members, in order, with the type's dated version.
    async fn o06_o07_the_envelope(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({})).await;
        server.event_type(&json!({"name": "dated", "category": "c", "version": "2026-05-01"})).await;
        let id = server.publish(&app, &json!({"type": "plain", "data": {"a": 1}})).await;
        let sent = receiver.nth(0).await;
        let expected = format!(
            r#"{{"id":"{id}","type":"plain","timestamp":"2026-02-07T10:00:00.000Z","version":"2026-02-07","data":{{"a":1}}}}"#
        );
        assert_eq!(String::from_utf8_lossy(&sent.body), expected);
        assert_eq!(sent.id(), id);
        server.publish(&app, &json!({"type": "dated", "data": {}, "occurred_at": "2026-01-01T00:00:00Z"})).await;
        let sent = receiver.nth(1).await.json();
        assert_eq!((&sent["version"], &sent["timestamp"]), (&json!("2026-05-01"), &json!("2026-01-01T00:00:00.000Z")));
        // The version of an event is the one of its day: a type that moves on changes nothing that was published.
        receiver.answer_next([testkit::Answer::status(500)]);
        server.publish(&app, &json!({"type": "dated", "data": {}})).await;
        receiver.wait(3).await;
        server.settle().await;
        server.patch("/api/v1/event-types/dated", &json!({"version": "2027-01-01"})).await.ok(200);
        server.turn_and_settle(10_000).await;
        assert_eq!(receiver.nth(3).await.json()["version"], "2026-05-01");
        server.finish().await;
    }

    /// O05: a type that another node changed a moment ago is obeyed by the very next event, whatever this node still has in memory.
    async fn o05_a_type_changed_elsewhere_is_obeyed(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({})).await;
        server.event_type(&json!({"name": "paid", "category": "c"})).await;
        let event = json!({"type": "paid", "data": {"total": 5, "margin": 4}});
        server.publish(&app, &event).await;
        assert_eq!(receiver.nth(0).await.json()["data"], event["data"]);
        // Past the count of changes, so that no look finds out before the commit does.
        let elsewhere = async |change: &str| {
            let bump = "UPDATE versions SET version = version + 1 WHERE part = 'environment'";
            server.execute(&format!("UPDATE event_types SET {change}; {bump}")).await;
        };
        elsewhere(r#"public_name = 'order.paid', public_fields = '["total"]'"#).await;
        let id = server.publish(&app, &event).await;
        let sent = receiver.nth(1).await;
        assert_eq!((sent.id(), sent.kind()), (id, "order.paid".into()));
        assert_eq!(sent.json()["data"], json!({"total": 5}));
        elsewhere(r#"data_schema = '{"required": ["currency"]}'"#).await;
        server.post(&app.path("/events"), &event).key(&app.key).await.refused(422, "invalid");
        server.finish().await;
    }

    /// O05: internal fields leave neither by webhook nor by stream nor by recovery, whoever follows.
    async fn o05_internal_fields_never_leave(database) {
        let server = TestServer::start_on(database).await;
        let (app, other, receiver) = (server.app("shop").await, server.app("bank").await, Receiver::start().await);
        server.put("/api/v1/tenants/acme", &json!({})).await.ok(200);
        let tenant_app = server.get("/api/v1/tenants/acme/application").await.ok(200)["id"].as_str().unwrap().to_owned();
        server.event_type(&json!({
            "name": "neural/observation.captured", "category": "observation", "visibility": "platform",
            "public_name": "observation.created", "public_fields": ["score", "topics"],
        })).await;
        let url = receiver.url();
        for path in [app.path("/webhooks"), other.path("/webhooks"), format!("/api/v1/apps/{tenant_app}/webhooks")] {
            server.post(&path, &json!({"url": url})).await.ok(201);
        }
        let mut lines = Vec::new();
        for key in [app.key.as_str(), other.key.as_str(), server.key()] {
            let mut socket = server.socket("").key(key).open().await;
            socket.expect("hello").await;
            lines.push(socket);
        }
        let mut source = server.sse("", &other.key, None).await.unwrap();
        let hello = source.expect("hello").await;
        let data = json!({"clerkOrgId": "org_secret", "topics": ["a"], "score": 85, "nested": {"score": "org_secret"}});
        let event = json!({"type": "neural/observation.captured", "tenant": "acme", "data": data});
        let id = server.publish(&app, &event).await;
        for mut line in lines {
            let frame = line.expect("event").await;
            assert_eq!(frame["event"]["type"], "observation.created");
            assert_eq!(frame["event"]["data"], json!({"topics": ["a"], "score": 85}));
            assert!(!frame.to_string().contains("org_secret"), "{frame}");
        }
        let told = source.expect("event").await;
        assert!(!told.data.to_string().contains("org_secret"), "{told:?}");
        // Resumed from the database it is the same.
        let after = hello.data["cursor"].as_str().unwrap();
        let mut resumed = server.socket(&format!("?after={after}")).key(&other.key).open().await;
        resumed.expect("hello").await;
        assert_eq!(resumed.expect("event").await["event"], told.data["event"]);
        server.settle().await;
        for sent in receiver.wait(3).await {
            assert_eq!(sent.kind(), "observation.created");
            assert_eq!(sent.json()["data"], json!({"topics": ["a"], "score": 85}));
            assert!(!String::from_utf8_lossy(&sent.body).contains("org_secret"));
        }
        assert_eq!(receiver.count(), 3, "each endpoint once");
        // Who published it reads it whole.
        let whole = server.get(&app.path(&format!("/events/{id}"))).key(&app.key).await.ok(200);
        assert_eq!(whole["data"], data);
        server.get(&other.path(&format!("/events/{id}"))).key(&other.key).await.refused(404, "not_found");
        server.finish().await;
    }

    /// Who gets an event: the publisher's endpoints, those of the tenant's application, and of everyone where the type is platform-visible.
    async fn who_gets_an_event(database) {
        let server = TestServer::start_on(database).await;
        let (app, other) = (server.app("shop").await, server.app("bank").await);
        for tenant in ["acme", "rival"] {
            server.put(&format!("/api/v1/tenants/{tenant}"), &json!({})).await.ok(200);
        }
        server.event_type(&json!({"name": "open", "category": "c", "visibility": "platform"})).await;
        let receiver = Receiver::start().await;
        let hook = async |path: &str, name: &str| {
            server.post(path, &json!({"url": receiver.url_at(name)})).await.ok(201);
        };
        hook(&app.path("/webhooks"), "/own").await;
        hook(&other.path("/webhooks"), "/other").await;
        for tenant in ["acme", "rival"] {
            let own = server.get(&format!("/api/v1/tenants/{tenant}/application")).await.ok(200)["id"].as_str().unwrap().to_owned();
            hook(&format!("/api/v1/apps/{own}/webhooks"), &format!("/{tenant}")).await;
        }
        let reached = async |event: serde_json::Value| {
            let before = receiver.count();
            server.publish(&app, &event).await;
            server.settle().await;
            let mut paths: Vec<_> = receiver.received()[before..].iter().map(|sent| sent.path.clone()).collect();
            paths.sort();
            paths
        };
        assert_eq!(reached(json!({"type": "closed", "data": {}})).await, ["/own"]);
        assert_eq!(reached(json!({"type": "closed", "tenant": "acme", "data": {}})).await, ["/acme", "/own"]);
        assert_eq!(reached(json!({"type": "open", "data": {}})).await, ["/other", "/own"]);
        assert_eq!(reached(json!({"type": "open", "tenant": "acme", "data": {}})).await, ["/acme", "/other", "/own"]);
        assert_eq!(reached(json!({"type": "closed", "tenant": "unknown", "data": {}})).await, ["/own"]);
        server.finish().await;
    }
}
