//! The portal of a tenant, or of an application.

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Receiver, TestServer, both, public_url};

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

both! {
    /// O09: whoever has the portal makes a webhook, tests it, sees what came of it and sends it again; under `me`, whatever the application is called.
    async fn o09_a_webhook_is_looked_after_in_the_portal(database) {
        let server = TestServer::start_on(database).await;
        let receiver = Receiver::start().await;
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme"})).await.ok(200);
        let fresh = server.post("/api/v1/tenants/acme/portal", &json!({})).await.ok(201);
        let portal = text(&fresh["token"]);
        assert_eq!(fresh["url"], format!("/portal/#token={portal}"));
        let seen = server.get("/api/v1/portal").key(portal).await.ok(200);
        assert_eq!((&seen["tenant"], &seen["read_only"]), (&json!({"id": "acme", "name": "Acme"}), &json!(false)));
        let hook = json!({"url": receiver.url(), "event_types": null});
        let made = server.post("/api/v1/apps/me/webhooks", &hook).key(portal).await.ok(201);
        let path = format!("/api/v1/apps/me/webhooks/{}", text(&made["id"]));
        receiver.answer(Answer::status(500));
        let test = server.post(&format!("{path}/test"), &json!({})).key(portal).await.ok(202);
        server.settle().await;
        let delivery = format!("{path}/deliveries/{}", text(&test["delivery_id"]));
        let failed = server.get(&delivery).key(portal).await.ok(200);
        assert_eq!((&failed["status"], &failed["status_code"]), (&json!("retrying"), &json!(500)));
        receiver.answer(Answer::status(200));
        server.post(&format!("{delivery}/retry"), &json!({})).key(portal).await.ok(202);
        server.settle().await;
        assert_eq!(server.get(&delivery).key(portal).await.ok(200)["status"], "sent");
        // It is the tenant's own application, which stands under its id too.
        let own = server.get("/api/v1/tenants/acme/application").await.ok(200);
        let by_id = format!("/api/v1/apps/{}/webhooks", text(&own["id"]));
        assert_eq!(server.get(&by_id).key(portal).await.ok(200)["data"][0]["id"], made["id"]);
        let lines = server.get("/api/v1/audit?action=webhook.create").await.ok(200);
        assert_eq!(lines["data"][0]["actor"], json!({"kind": "portal", "id": fresh["id"]}));
        assert!(!server.get("/api/v1/audit").await.text().contains(portal));
        server.finish().await;
    }

    /// A token opens until its time is over, or it is revoked, or the tenant is forgotten.
    async fn a_portal_closes(database) {
        let server = TestServer::start_on(database).await;
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme"})).await.ok(200);
        let open = async |body: Value| server.post("/api/v1/tenants/acme/portal", &body).await.ok(201);
        let look = async |fresh: &Value| server.get("/api/v1/portal").key(text(&fresh["token"])).await;
        let short = open(json!({"expires_in": 60})).await;
        let revoked = open(json!({})).await;
        let kept = open(json!({})).await;
        assert_eq!(look(&short).await.status, 200);
        server.turn(60_000).await;
        look(&short).await.refused(401, "portal_token_expired");
        let path = format!("/api/v1/portal-tokens/{}", text(&revoked["id"]));
        server.delete(&path).await.ok(204);
        look(&revoked).await.refused(401, "portal_token_unknown");
        server.delete(&path).await.ok(204);
        assert_eq!(look(&kept).await.status, 200);
        server.delete("/api/v1/tenants/acme").await.ok(204);
        server.put("/api/v1/tenants/acme", &json!({"name": "Another"})).await.ok(200);
        look(&kept).await.refused(401, "portal_token_unknown");
        for (body, status) in [(json!({"expires_in": 0}), 422), (json!({"expires_in": 604_801}), 422)] {
            let reply = server.post("/api/v1/tenants/acme/portal", &body).await;
            assert_eq!((reply.status, reply.faults()), (status, vec![("/expires_in".to_owned(), "range".to_owned())]));
        }
        server.post("/api/v1/tenants/none/portal", &json!({})).await.refused(404, "not_found");
        server.post("/api/v1/apps/none/portal", &json!({})).await.refused(404, "not_found");
        server.finish().await;
    }

    /// The portal of an application has its webhooks alone; a tenant's owner or admin needs no portal token, and a member has none of it.
    async fn each_has_what_is_theirs(database) {
        let server = TestServer::start_on(database).await;
        for uid in ["alpha", "beta"] {
            server.post("/api/v1/apps", &json!({"uid": uid, "name": uid})).await.ok(201);
        }
        let fresh = server.post("/api/v1/apps/alpha/portal", &json!({})).await.ok(201);
        let portal = text(&fresh["token"]);
        let seen = server.get("/api/v1/portal").key(portal).await.ok(200);
        assert_eq!((&seen["tenant"], &seen["app"]["uid"], &seen["parts"]), (&Value::Null, &json!("alpha"), &json!(["webhooks"])));
        let hook = json!({"url": "http://127.0.0.1:9/"});
        server.post("/api/v1/apps/alpha/webhooks", &hook).key(portal).await.ok(201);
        server.post("/api/v1/apps/beta/webhooks", &hook).key(portal).await.refused(404, "not_found");
        server.get("/api/v1/notifications/configs").key(portal).await.refused(403, "forbidden");
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme"})).await.ok(200);
        for (user, role) in [("ada", "owner"), ("bob", "member")] {
            server.put(&format!("/api/v1/tenants/acme/members/{user}"), &json!({"role": role})).await.ok(200);
        }
        let token = async |user: &str| {
            let made = server.post(&format!("/api/v1/users/{user}/token"), &json!({"tenant": "acme"})).await.ok(200);
            text(&made["token"]).to_owned()
        };
        let (ada, bob) = (token("ada").await, token("bob").await);
        server.post("/api/v1/apps/me/webhooks", &hook).key(&ada).await.ok(201);
        assert_eq!(server.get("/api/v1/apps/me/webhooks").key(&ada).await.ok(200)["data"].as_array().unwrap().len(), 1);
        assert_eq!(server.get("/api/v1/portal").key(&ada).await.ok(200)["tenant"]["id"], "acme");
        for path in ["/api/v1/apps/me/webhooks", "/api/v1/portal"] {
            server.get(path).key(&bob).await.refused(403, "forbidden");
            let tokenless = server.call(Method::GET, path).await;
            assert!(matches!(tokenless.status, 403 | 404), "{tokenless}");
        }
        server.finish().await;
    }
}

/// A portal's page stands where the server is reached.
#[tokio::test]
async fn a_portal_is_where_the_server_is_reached() {
    let server = TestServer::on(testkit::Database::Sqlite)
        .with(|config| config.server.public_url = Some(public_url("https://bells.example")))
        .start()
        .await;
    server
        .put("/api/v1/tenants/acme", &json!({"name": "Acme"}))
        .await
        .ok(200);
    let fresh = server
        .post("/api/v1/tenants/acme/portal", &json!({}))
        .await
        .ok(201);
    assert!(
        text(&fresh["url"]).starts_with("https://bells.example/portal/#token=pt_"),
        "{fresh}"
    );
}
