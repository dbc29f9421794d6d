//! Users, tenants, members.

use serde_json::json;
use testkit::{TestServer, both};

both! {
    /// Put whole, read, listed, deleted; odd ids are ids.
    async fn users_are_put_whole(database) {
        let server = TestServer::start_on(database).await;
        let body = json!({
            "name": "Ada", "email": "ada@example.com", "phone": "+41 1", "locale": "de-CH", "time_zone": "Europe/Zurich", "active": true,
            "metadata": {"n": 1.0},
        });
        let user = server.put("/api/v1/users/ada", &body).await.ok(200);
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&user[name], value);
        }
        server.turn(1_000).await;
        let user = server.put("/api/v1/users/ada", &json!({"name": "Ada L"})).await.ok(200);
        assert_eq!((&user["email"], &user["name"], &user["active"]), (&json!(null), &json!("Ada L"), &json!(true)));
        assert_eq!((&user["created_at"], &user["updated_at"]), (&json!("2026-02-07T10:00:00.000Z"), &json!("2026-02-07T10:00:01.000Z")));
        // Ids are the caller's: with slashes, spaces, other alphabets.
        let app = server.app("desk").await;
        for id in ["auth0|5", "a b", "ärger", "a%2Fb", "ada@example.com", "Ünïcødé-✓"] {
            let encoded = id.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
            assert_eq!(server.put(&format!("/api/v1/users/{encoded}"), &json!({})).await.ok(200)["id"], id);
            server.tell(&app, id, "t").await;
            assert_eq!(server.feed(&encoded).await["data"][0]["user_id"], id);
            let token = server.token(&encoded).await;
            assert_eq!(server.get("/api/v1/notifications").key(&token).await.ok(200)[0]["user_id"], id);
        }
        let list = server.get("/api/v1/users?limit=100").await.ok(200);
        assert_eq!(list["data"].as_array().unwrap().len(), 7);
        for wrong in [
            json!({"email": "nobody"}), json!({"email": "a@b@c"}), json!({"locale": "not a locale"}), json!({"time_zone": "Mars/North"}),
            json!({"name": ""}), json!({"active": "yes"}), json!({"metadata": 1}), json!({"id": "other"}), json!([]),
        ] {
            server.put("/api/v1/users/ada", &wrong).await.refused(422, "invalid");
        }
        server.get("/api/v1/users/nobody").await.refused(404, "not_found");
        server.get("/api/v1/users/%00").await.refused(404, "not_found");
        server.put("/api/v1/users/%00", &json!({})).await.refused(422, "invalid");
        server.finish().await;
    }

    /// In paths `me` is whoever a token speaks for: nobody else is called so, wherever a user is named.
    async fn nobody_is_called_me(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        server.put("/api/v1/tenants/acme", &json!({})).await.ok(200);
        let (user, named) = ("/user".to_owned(), "/users/1".to_owned());
        let two = json!(["ada", "me"]);
        let refused = [
            (server.put("/api/v1/users/me", &json!({})), &user),
            (server.post("/api/v1/users/me/token", &json!({})), &user),
            (server.put("/api/v1/tenants/acme/members/me", &json!({"role": "owner"})), &user),
            (server.put(&app.path("/installations/me"), &json!(null)), &user),
            (server.post("/api/v1/topics/news/subscribers", &json!({"users": two})), &named),
            (server.post(&app.path("/events"), &json!({"type": "t", "data": {}, "users": two})), &named),
            (server.post(&app.path("/notifications"), &json!({"users": two, "title": "t"})), &named),
        ];
        for (call, pointer) in refused {
            let reply = call.await;
            assert!(reply.refused(422, "invalid")["detail"].as_str().unwrap().contains("`me`"), "{reply}");
            assert_eq!(reply.faults()[0].0, *pointer, "{reply}");
        }
        let pem = include_str!("../../../../domain/tests/keys/ed25519.pub.pem");
        let registered = server.post("/api/v1/token-keys", &json!({"algorithm": "EdDSA", "public_key": pem})).await.ok(201);
        let signed = crate::people::tokens::eddsa(registered["id"].as_str().unwrap(), "me", server.now());
        server.get("/api/v1/notifications").key(&signed).await.refused(401, "token_claims");
        assert_eq!(server.get("/api/v1/users").await.ok(200)["data"], json!([]));
        // Who was called so before can be forgotten.
        for path in ["/api/v1/users/me", "/api/v1/tenants/acme/members/me", "/api/v1/topics/news/subscribers/me", &app.path("/installations/me")] {
            server.delete(path).await.ok(204);
        }
        server.finish().await;
    }

    /// Members with roles, listed and filtered; gone with their tenant.
    async fn members_have_roles(database) {
        let server = TestServer::start_on(database).await;
        let member = |user: &str| format!("/api/v1/tenants/acme/members/{user}");
        server.put(&member("ada"), &json!({"role": "owner"})).await.refused(404, "not_found");
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme", "metadata": {}})).await.ok(200);
        for (user, role) in [("ada", "owner"), ("bob", "member"), ("cyd", "admin"), ("bob", "admin")] {
            let put = server.put(&member(user), &json!({"role": role})).await.ok(200);
            assert_eq!((&put["user_id"], &put["role"]), (&json!(user), &json!(role)));
        }
        let list = async |query: &str| {
            let list = server.get(&format!("/api/v1/tenants/acme/members{query}")).await.ok(200);
            list["data"].as_array().unwrap().iter().map(|one| one["user_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(list("").await, ["ada", "bob", "cyd"]);
        assert_eq!(list("?role=admin").await, ["bob", "cyd"]);
        assert_eq!(list("?limit=2").await, ["ada", "bob"]);
        server.put(&member("ada"), &json!({"role": "emperor"})).await.refused(422, "invalid");
        server.get("/api/v1/tenants/acme/members?role=emperor").await.refused(400, "query");
        for _ in 0..2 {
            server.delete(&member("cyd")).await.ok(204);
        }
        assert_eq!(list("").await, ["ada", "bob"]);
        server.delete("/api/v1/tenants/acme").await.ok(204);
        server.get("/api/v1/tenants/acme/members").await.refused(404, "not_found");
        server.put("/api/v1/tenants/acme", &json!({})).await.ok(200);
        assert_eq!(list("").await, [""; 0]);
        server.finish().await;
    }
}
