//! Keys: shown once, stored hashed, scoped, revoked, ended.

use serde_json::json;
use testkit::{TestServer, both};

both! {
    /// A03: an application's key is for its own application; it manages nothing.
    async fn a03_an_applications_key_is_for_its_application(database) {
        let server = TestServer::start_on(database).await;
        let (desk, shop) = (server.app("desk").await, server.app("shop").await);
        server.get(&desk.path("")).key(&desk.key).await.ok(200);
        server.get("/api/v1/apps/desk").key(&desk.key).await.ok(200);
        for path in [shop.path(""), shop.path("/events"), shop.path("/webhooks"), "/api/v1/apps/nobody".to_owned()] {
            server.get(&path).key(&desk.key).await.refused(404, "not_found");
        }
        for path in ["/api/v1/apps", "/api/v1/keys", "/api/v1/users", "/api/v1/tenants", "/api/v1/audit", "/api/v1/environment", "/api/v1/event-types"] {
            server.get(path).key(&desk.key).await.refused(403, "forbidden");
        }
        server.get(&desk.path("/keys")).key(&desk.key).await.refused(403, "forbidden");
        server.post(&desk.path("/keys"), &json!({})).key(&desk.key).await.refused(403, "forbidden");
        server.post("/api/v1/users/ada/token", &json!({})).key(&desk.key).await.refused(403, "forbidden");
        // The environment's key may do what any application may.
        server.post(&shop.path("/events"), &json!({"type": "t", "data": 1})).await.ok(200);
        server.finish().await;
    }

    /// Shown once, kept as a hash; listed with a hint; revoked at once.
    async fn keys_are_shown_once_and_revoked_at_once(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let made = server.post(&app.path("/keys"), &json!({"name": "ci"})).await.ok(201);
        let text = made["key"].as_str().unwrap().to_owned();
        assert!(text.starts_with("ak_") && text.len() > 40);
        assert!(made["hint"].as_str().unwrap().ends_with(&text[text.len() - 4..]));
        let list = server.get(&app.path("/keys")).await.ok(200);
        assert_eq!(list["data"].as_array().unwrap().len(), 2);
        assert!(!list.to_string().contains(&text));
        assert_eq!((&list["data"][0]["kind"], &list["data"][0]["app_id"]), (&json!("application"), &json!(app.id)));
        for column in ["hint", "name", "id"] {
            let sql = format!("SELECT count(*) FROM keys WHERE {column} LIKE '%{}%'", &text[11..]);
            assert_eq!(server.number(&sql).await, 0);
        }
        server.get(&app.path("")).key(&text).await.ok(200);
        server.get("/api/v1/keys").await.ok(200)["data"].as_array().unwrap().iter().for_each(|key| assert_eq!(key["kind"], "secret"));
        let path = app.path(&format!("/keys/{}", made["id"].as_str().unwrap()));
        server.delete(&path).await.ok(204);
        let reply = server.get(&app.path("")).key(&text).await;
        reply.refused(401, "key_revoked");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        server.delete(&path).await.ok(204);
        server.restart().await;
        server.get(&app.path("")).key(&text).await.refused(401, "key_revoked");
        server.get(&app.path("")).key(&app.key).await.ok(200);
        // A second environment key, revoked by the first.
        let second = server.post("/api/v1/keys", &json!({"kind": "secret"})).await.ok(201);
        let second_text = second["key"].as_str().unwrap();
        server.get("/api/v1/apps").key(second_text).await.ok(200);
        server.delete(&format!("/api/v1/keys/{}", second["id"].as_str().unwrap())).await.ok(204);
        server.get("/api/v1/apps").key(second_text).await.refused(401, "key_revoked");
        server.finish().await;
    }

    /// A key ends at its time.
    async fn keys_end_at_their_time(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let key = server.post(&app.path("/keys"), &json!({"expires_in": 60})).await.ok(201);
        assert_eq!(key["expires_at"], "2026-02-07T10:01:00.000Z");
        let get = || server.get(&app.path("")).key(key["key"].as_str().unwrap());
        server.turn(59_999).await;
        get().await.ok(200);
        server.turn(1).await;
        get().await.refused(401, "key_expired");
        for expires_in in [json!(0), json!(-1), json!(315_360_001), json!("soon"), json!(1.5)] {
            server.post(&app.path("/keys"), &json!({"expires_in": expires_in})).await.refused(422, "invalid");
        }
        server.finish().await;
    }
}

/// A03: what is no credential, each told apart where that helps and not where it would tell too much.
#[tokio::test]
async fn a03_what_is_no_credential() {
    let server = TestServer::start().await;
    let app = server.app("desk").await;
    let public = server
        .post("/api/v1/keys", &json!({"kind": "public"}))
        .await
        .ok(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = "/api/v1/apps";
    server
        .get(path)
        .anonymous()
        .await
        .refused(401, "credentials_missing");
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "bearer",
        app.key.as_str(),
        "Token x",
    ] {
        server
            .get(path)
            .header("authorization", value)
            .await
            .refused(401, "credentials_malformed");
    }
    server
        .get(path)
        .header("authorization", &format!("bEARER {}", server.key()))
        .await
        .ok(200);
    for key in [
        "sk_",
        "sk_unknown",
        "ak_unknown_key_of_nobody",
        &format!("{}x", server.key()),
        &server.key().to_uppercase().replace("SK_", "sk_"),
    ] {
        server.get(path).key(key).await.refused(401, "key_unknown");
    }
    server.get(path).key(&public).await.refused(401, "key_public");
    server
        .get(path)
        .key(&format!("sk_{}", "x".repeat(2_000)))
        .await
        .refused(401, "key_unknown");
    // A raw user id is no token.
    for raw in ["ada", "user:ada", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."] {
        assert_eq!(
            server.get("/api/v1/notifications").key(raw).await.status,
            401,
            "{raw}"
        );
    }
    server.finish().await;
}
