//! Applications, by id or by the caller's own uid.

use serde_json::json;
use testkit::{Receiver, TestServer, both};

both! {
    /// Event types, token keys and installations come in pages like everything else; an application's key is told of its own alone.
    async fn what_is_configured_comes_in_pages(database) {
        let server = TestServer::start_on(database).await;
        let (one, two) = (server.app("one").await, server.app("two").await);
        for name in ["c", "a", "b"] {
            server.event_type(&json!({"name": name, "category": "c"})).await;
        }
        let pem = include_str!("../../../../domain/tests/keys/ed25519.pub.pem");
        for name in ["first", "second", "third"] {
            let key = json!({"algorithm": "EdDSA", "public_key": pem, "name": name});
            server.post("/api/v1/token-keys", &key).await.ok(201);
        }
        for app in [&one, &two] {
            server.put(&app.path("/installations/ada"), &json!(null)).await.ok(204);
        }
        let mut apps = [one.id.as_str(), two.id.as_str()];
        apps.sort_unstable();
        let table = [
            ("/api/v1/event-types", "name", vec!["a", "b", "c"]),
            ("/api/v1/token-keys", "name", vec!["third", "second", "first"]),
            ("/api/v1/users/ada/installations", "app_id", apps.to_vec()),
        ];
        for (path, member, expected) in table {
            let (mut told, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = server.get(&format!("{path}?limit=1{cursor}")).await.ok(200);
                told.extend(page["data"].as_array().unwrap().iter().map(|row| row[member].as_str().unwrap().to_owned()));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(told, expected, "{path}");
        }
        let own = server.get("/api/v1/users/ada/installations?limit=1").key(&two.key).await.ok(200);
        assert_eq!((&own["data"][0]["app_id"], &own["next_cursor"]), (&json!(two.id), &json!(null)));
        server.finish().await;
    }

    /// A07: a tenant's own application speaks for its tenant and to its members, and to nobody else.
    async fn a07_a_tenants_application_stays_within_its_tenant(database) {
        let server = TestServer::start_on(database).await;
        server.event_type(&json!({"name": "for.all", "category": "c", "visibility": "platform"})).await;
        let (everybody, theirs) = (Receiver::start().await, Receiver::start().await);
        let shop = server.app("shop").await;
        server.webhook(&shop, &everybody.url(), &json!({})).await;
        for (tenant, user) in [("acme", "ada"), ("globex", "gus")] {
            server.put(&format!("/api/v1/tenants/{tenant}"), &json!({})).await.ok(200);
            server.put(&format!("/api/v1/users/{user}"), &json!({})).await.ok(200);
            server.put(&format!("/api/v1/tenants/{tenant}/members/{user}"), &json!({"role": "member"})).await.ok(200);
        }
        let globex = server.get("/api/v1/tenants/globex/application").await.ok(200)["id"].as_str().unwrap().to_owned();
        server.post(&format!("/api/v1/apps/{globex}/webhooks"), &json!({"url": theirs.url()})).await.ok(201);
        let acme = server.get("/api/v1/tenants/acme/application").await.ok(200)["id"].as_str().unwrap().to_owned();
        let key = server.post(&format!("/api/v1/apps/{acme}/keys"), &json!({})).await.ok(201)["key"].as_str().unwrap().to_owned();
        let post = |path: &str, body: serde_json::Value| server.post(&format!("/api/v1/apps/{acme}{path}"), &body).key(&key);
        post("/events", json!({"type": "t", "tenant": "globex", "data": {}})).await.refused(422, "invalid");
        post("/events", json!({"type": "for.all", "data": {}})).await.ok(200);
        let event = post("/events", json!({"type": "t", "data": {}})).await.ok(200);
        let kept = server.get(&format!("/api/v1/apps/{acme}/events/{}", event["event_id"].as_str().unwrap())).await.ok(200);
        assert_eq!(kept["tenant"], "acme");
        post("/notifications", json!({"tenant": "globex", "title": "t"})).await.refused(422, "invalid");
        post("/notifications", json!({"users": ["gus"], "title": "t"})).await.refused(422, "invalid");
        post("/notifications", json!({"topic": "all", "title": "t"})).await.refused(422, "invalid");
        post("/notifications", json!({"title": "t"})).await.ok(201);
        server.settle().await;
        assert_eq!((everybody.count(), theirs.count()), (0, 0));
        let feeds = (server.feed("ada").await, server.feed("gus").await);
        assert_eq!((&feeds.0["counters"]["unread"], &feeds.1["counters"]["unread"]), (&json!(1), &json!(0)));
        server.finish().await;
    }

    /// O01: created once, however often asked; deleted with its webhooks; its uid is free again.
    async fn o01_created_once_and_deleted_with_all_it_has(database) {
        let mut server = TestServer::start_on(database).await;
        let body = json!({"uid": "workspace-1", "name": "One", "metadata": {"plan": "gold"}});
        let made = server.post("/api/v1/apps", &body).await.ok(201);
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!((&made["uid"], &made["name"], &made["metadata"]), (&body["uid"], &body["name"], &body["metadata"]));
        // The same uid answers the same object, whatever else is said.
        let again = server.post("/api/v1/apps", &json!({"uid": "workspace-1", "name": "Other"})).await.ok(200);
        assert_eq!(again, made);
        for name in [id.as_str(), "workspace-1"] {
            assert_eq!(server.get(&format!("/api/v1/apps/{name}")).await.ok(200), made);
        }
        let key = server.post(&format!("/api/v1/apps/{id}/keys"), &json!({})).await.ok(201)["key"].as_str().unwrap().to_owned();
        let receiver = Receiver::start().await;
        server.post(&format!("/api/v1/apps/{id}/webhooks"), &json!({"url": receiver.url()})).await.ok(201);
        for _ in 0..2 {
            server.delete("/api/v1/apps/workspace-1").await.ok(204);
        }
        server.delete(&format!("/api/v1/apps/{id}")).await.ok(204);
        for name in [id.as_str(), "workspace-1"] {
            server.get(&format!("/api/v1/apps/{name}")).await.refused(404, "not_found");
            server.post(&format!("/api/v1/apps/{name}/events"), &json!({"type": "t", "data": 1})).await.refused(404, "not_found");
        }
        assert_eq!(server.get(&format!("/api/v1/apps/{id}/events")).key(&key).await.status, 401, "its keys are revoked");
        let new = server.post("/api/v1/apps", &body).await.ok(201);
        assert_ne!(new["id"], made["id"]);
        assert_eq!(server.get("/api/v1/apps/workspace-1").await.ok(200)["id"], new["id"]);
        server.post("/api/v1/apps/workspace-1/events", &json!({"type": "t", "data": 1})).await.ok(200);
        server.settle().await;
        server.restart().await;
        assert_eq!(server.get("/api/v1/apps/workspace-1").await.ok(200)["id"], new["id"]);
        assert_eq!(server.get("/api/v1/apps").await.ok(200)["data"].as_array().unwrap().len(), 1);
        server.finish().await;
        assert_eq!(receiver.count(), 0);
    }

    /// A hundred callers make one application.
    async fn o01_made_by_many_at_once(database) {
        use std::future::IntoFuture as _;
        let server = TestServer::start_on(database).await;
        let body = json!({"uid": "w", "name": "W"});
        let answers = futures_util::future::join_all((0..40).map(|_| server.post("/api/v1/apps", &body).into_future())).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        let ids: std::collections::HashSet<_> = answers.iter().map(|answer| answer.json()["id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
        server.finish().await;
    }

    /// Changed field by field; a uid is moved, freed, and not shared.
    async fn changed_field_by_field(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("one").await;
        server.app("two").await;
        let patch = |body: serde_json::Value| server.patch(&app.path(""), &body);
        let changed = patch(json!({"name": "New"})).await.ok(200);
        assert_eq!((&changed["name"], &changed["uid"]), (&json!("New"), &json!("one")));
        patch(json!({"uid": "two"})).await.refused(409, "uid_taken");
        assert_eq!(patch(json!({"uid": "three", "metadata": {"a": 1}})).await.ok(200)["uid"], "three");
        server.get("/api/v1/apps/one").await.refused(404, "not_found");
        assert_eq!(server.get("/api/v1/apps/three").await.ok(200)["id"], json!(app.id));
        let bare = patch(json!({"uid": null, "metadata": null})).await.ok(200);
        assert_eq!((&bare["uid"], &bare["metadata"]), (&json!(null), &json!(null)));
        server.get("/api/v1/apps/three").await.refused(404, "not_found");
        server.app("three").await;
        let wrong = [
            json!({"name": ""}), json!({"name": null}), json!({"uid": ""}), json!({"uid": "app_x"}), json!({"uid": "a/b"}),
            json!({"uid": "a\u{0}"}), json!({"metadata": []}), json!({"metadata": "x"}), json!({"tenant": "acme"}),
        ];
        for body in wrong {
            patch(body).await.refused(422, "invalid");
        }
        server.finish().await;
    }

    /// A tenant has one application, made when first asked for, gone with the tenant.
    async fn o01_a_tenants_application(database) {
        let server = TestServer::start_on(database).await;
        let path = "/api/v1/tenants/acme/application";
        server.get(path).await.refused(404, "not_found");
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme"})).await.ok(200);
        let own = server.get(path).await.ok(200);
        assert_eq!((&own["tenant"], &own["uid"], &own["name"]), (&json!("acme"), &json!("acme"), &json!("Acme")));
        assert_eq!(server.get("/api/v1/apps/acme").await.ok(200), own);
        // A uid that somebody has already stays theirs.
        server.app("globex").await;
        server.put("/api/v1/tenants/globex", &json!({})).await.ok(200);
        assert_eq!(server.get("/api/v1/tenants/globex/application").await.ok(200)["uid"], json!(null));
        assert_eq!(server.get(path).await.ok(200), own);
        server.delete("/api/v1/tenants/acme").await.ok(204);
        server.get(&format!("/api/v1/apps/{}", own["id"].as_str().unwrap())).await.refused(404, "not_found");
        server.get(path).await.refused(404, "not_found");
        server.put("/api/v1/tenants/acme", &json!({})).await.ok(200);
        assert_ne!(server.get(path).await.ok(200)["id"], own["id"]);
        server.finish().await;
    }
}
