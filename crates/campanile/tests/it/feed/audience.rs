//! Who is reached: users, a tenant by role, a topic; the active and, where asked for, the installed.

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::titles;

async fn people(server: &TestServer) {
    server
        .put("/api/v1/tenants/acme", &json!({"name": "Acme"}))
        .await
        .ok(200);
    for (user, role, active) in [
        ("olga", "owner", true),
        ("amir", "admin", true),
        ("mia", "member", true),
        ("idle", "admin", false),
    ] {
        server
            .put(&format!("/api/v1/users/{user}"), &json!({"active": active}))
            .await
            .ok(200);
        server
            .put(
                &format!("/api/v1/tenants/acme/members/{user}"),
                &json!({"role": role}),
            )
            .await
            .ok(200);
    }
}

async fn reached(server: &TestServer, title: &str) -> Vec<&'static str> {
    let mut reached = Vec::new();
    for user in ["olga", "amir", "mia", "idle", "stranger"] {
        if titles(&server.feed(user).await).contains(&title.to_owned()) {
            reached.push(user);
        }
    }
    reached
}

both! {
    /// F31: named users, members by role; inactive ones are left out.
    async fn f31_users_tenants_and_roles(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        people(&server).await;
        let table: [(Value, &[&str]); 7] = [
            (json!({"users": ["mia", "idle", "stranger", "mia"]}), &["mia", "stranger"]),
            (json!({"tenant": "acme"}), &["olga", "amir", "mia"]),
            (json!({"tenant": "acme", "role": "admin"}), &["amir"]),
            (json!({"tenant": "acme", "role": "owner"}), &["olga"]),
            (json!({"tenant": "acme", "role": "member"}), &["mia"]),
            (json!({"tenant": "acme", "users": ["stranger"]}), &["stranger"]),
            (json!({"users": ["idle"]}), &[]),
        ];
        for (n, (audience, expected)) in table.into_iter().enumerate() {
            let mut note = audience.clone();
            note["title"] = json!(format!("n{n}"));
            server.notify(&app, &note).await;
            server.settle().await;
            assert_eq!(reached(&server, &format!("n{n}")).await, expected, "{audience}");
        }
        let unknown = json!({"tenant": "nobody", "title": "t"});
        let reply = server.post(&app.path("/notifications"), &unknown).await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults(), [("/tenant".to_owned(), "unknown_tenant".to_owned())]);
        server.finish().await;
    }

    /// A topic of a thousand is reached in chunks, each subscriber once, with exact counters.
    async fn a_topic_of_a_thousand(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let users: Vec<_> = (0..1_050).map(|n| format!("user-{n:04}")).collect();
        for part in users.chunks(1_000) {
            server.post("/api/v1/topics/outages/subscribers", &json!({"users": part})).await.ok(204);
        }
        server.post("/api/v1/topics/outages/subscribers", &json!({"users": users[..1_000]})).await.ok(204);
        server.put("/api/v1/users/user-0003", &json!({"active": false})).await.ok(200);
        let topics = server.get("/api/v1/topics").await.ok(200);
        assert_eq!(topics["data"], json!([{"topic": "outages", "subscribers": 1_050}]));
        server.notify(&app, &json!({"topic": "outages", "title": "down"})).await;
        server.settle().await;
        let count = "SELECT count(*) FROM states";
        assert_eq!(server.number(count).await, 1_049);
        let exact = "SELECT count(*) FROM feeds WHERE unread = 1 AND unseen = 1 AND seq = 1";
        assert_eq!(server.number(exact).await, 1_049);
        for user in ["user-0000", "user-0199", "user-0200", "user-0999", "user-1049"] {
            assert_eq!(titles(&server.feed(user).await), ["down"], "{user}");
        }
        assert_eq!(titles(&server.feed("user-0003").await), [""; 0]);
        server.delete("/api/v1/topics/outages/subscribers/user-0000").await.ok(204);
        server.notify(&app, &json!({"topic": "outages", "title": "up"})).await;
        server.notify(&app, &json!({"topic": "nobody-listens", "title": "x"})).await;
        server.settle().await;
        assert_eq!(server.number(count).await, 2 * 1_049 - 1);
        server.finish().await;
    }

    /// More named users than are reached at once: the rest in the background, each once.
    async fn many_named_users(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let users: Vec<_> = (0..450).map(|n| format!("user-{n:04}")).collect();
        let created = server.post(&app.path("/notifications"), &json!({"users": users, "title": "t"})).await.ok(201);
        assert_eq!(created["recipients"], json!(null));
        server.settle().await;
        assert_eq!(server.number("SELECT count(*) FROM states").await, 450);
        server.finish().await;
    }

    /// P06: where the environment asks for it, an application reaches only users who installed it.
    async fn p06_only_who_installed_the_application(database) {
        let server = TestServer::start_on(database).await;
        let (app, other) = (server.app("desk").await, server.app("shop").await);
        people(&server).await;
        let token = server.token("mia").await;
        server.put(&app.path("/installations/me"), &json!(null)).key(&token).await.ok(204);
        server.put(&app.path("/installations/olga"), &json!(null)).await.ok(204);
        server.put(&other.path("/installations/amir"), &json!(null)).await.ok(204);
        server.notify(&app, &json!({"users": ["amir"], "title": "before"})).await;
        assert_eq!(reached(&server, "before").await, ["amir"]);
        server.settings(&json!({"require_installation": true})).await;
        for (n, audience) in [json!({"users": ["olga", "amir", "mia", "stranger"]}), json!({"tenant": "acme"})].iter().enumerate() {
            let mut note = audience.clone();
            note["title"] = json!(format!("n{n}"));
            server.notify(&app, &note).await;
            server.settle().await;
            assert_eq!(reached(&server, &format!("n{n}")).await, ["olga", "mia"], "{audience}");
        }
        let own = server.get("/api/v1/users/me/installations").key(&token).await.ok(200);
        assert_eq!((own["data"].as_array().unwrap().len(), &own["data"][0]["app_id"]), (1, &json!(app.id)));
        server.delete(&app.path("/installations/me")).key(&token).await.ok(204);
        server.notify(&app, &json!({"tenant": "acme", "title": "after"})).await;
        server.settle().await;
        assert_eq!(reached(&server, "after").await, ["olga"]);
        // Nobody gives another's leave, and an application gives none to itself.
        server.put(&app.path("/installations/amir"), &json!(null)).key(&token).await.refused(404, "not_found");
        server.put(&app.path("/installations/amir"), &json!(null)).key(&app.key).await.refused(403, "forbidden");
        server.finish().await;
    }

    /// P06, F25: settings that another node changed a moment ago are obeyed by the very next notification.
    async fn p06_f25_settings_changed_elsewhere_are_obeyed(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        server.settings(&json!({"limits": {"title": 77}})).await;
        server.tell(&app, "olga", "before").await;
        assert_eq!(reached(&server, "before").await, ["olga"]);
        // Past the count of changes, so that no look finds out before the commit does.
        let elsewhere = async |from: &str, to: &str| {
            let change = format!("UPDATE environments SET settings = replace(settings, '{from}', '{to}')");
            let bump = "UPDATE versions SET version = version + 1 WHERE part = 'environment'";
            server.execute(&format!("{change}; {bump}")).await;
        };
        elsewhere(r#""require_installation":false"#, r#""require_installation":true"#).await;
        server.tell(&app, "olga", "after").await;
        assert_eq!(reached(&server, "after").await, [""; 0]);
        elsewhere(r#""title":77"#, r#""title":7"#).await;
        let long = json!({"users": ["olga"], "title": "too long"});
        server.post(&app.path("/notifications"), &long).await.refused(422, "invalid");
        server.finish().await;
    }
}
