//! A09: who did what, when, from where.

use serde_json::{Value, json};
use testkit::{TestServer, both};

fn actions(lines: &Value) -> Vec<String> {
    lines["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["action"].as_str().unwrap().to_owned())
        .collect()
}

both! {
    /// A09: every administrative action, every creation and every change of state leaves a line.
    async fn a09_everything_leaves_a_line(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let webhook = server.webhook(&app, "http://127.0.0.1:9/", &json!({})).await;
        let token = server.token("ada").await;
        let done: Vec<(&str, u16)> = vec![
            ("app.update", server.patch(&app.path(""), &json!({"name": "N"})).await.status),
            ("event_type.create", server.post("/api/v1/event-types", &json!({"name": "t", "category": "c"})).await.status),
            ("event_type.update", server.patch("/api/v1/event-types/t", &json!({"category": "d"})).await.status),
            ("event_type.delete", server.delete("/api/v1/event-types/t").await.status),
            ("user.put", server.put("/api/v1/users/ada", &json!({})).await.status),
            ("tenant.put", server.put("/api/v1/tenants/acme", &json!({})).await.status),
            ("member.put", server.put("/api/v1/tenants/acme/members/ada", &json!({"role": "owner"})).await.status),
            ("member.delete", server.delete("/api/v1/tenants/acme/members/ada").await.status),
            ("topic.subscribe", server.post("/api/v1/topics/x/subscribers", &json!({"users": ["ada"]})).await.status),
            ("topic.unsubscribe", server.delete("/api/v1/topics/x/subscribers/ada").await.status),
            ("installation.create", server.put(&app.path("/installations/me"), &json!(null)).key(&token).await.status),
            ("installation.delete", server.delete(&app.path("/installations/me")).key(&token).await.status),
            ("webhook.update", server.patch(&webhook.path, &json!({"description": "d"})).key(&app.key).await.status),
            ("webhook.rotate_secret", server.post(&format!("{}/rotate-secret", webhook.path), &json!({})).await.status),
            ("webhook.recover", server.post(&format!("{}/recover", webhook.path), &json!({"since": "2026-01-01T00:00:00Z"})).await.status),
            ("webhook.delete", server.delete(&webhook.path).await.status),
            ("environment.update", server.patch("/api/v1/environment", &json!({"settings": {}})).await.status),
            ("token_secret.rotate", server.call(http::Method::POST, "/api/v1/token-secret/rotate").await.status),
            ("user.delete", server.delete("/api/v1/users/ada").await.status),
            ("tenant.delete", server.delete("/api/v1/tenants/acme").await.status),
        ];
        for (action, status) in &done {
            assert!((200..300).contains(status), "{action}: {status}");
            let lines = server.get(&format!("/api/v1/audit?action={action}")).await.ok(200);
            let line = &lines["data"][0];
            assert_eq!(line["action"], *action, "no line for {action}");
            assert_eq!(line["at"], "2026-02-07T10:00:00.000Z");
            assert!(line["subject"].is_string() && line["actor"]["kind"].is_string(), "{line}");
            assert!(line["origin"].is_string(), "from where: {line}");
        }
        let all = server.get("/api/v1/audit?limit=100").await.ok(200);
        assert!(!all.to_string().contains("whsec_") && !all.to_string().contains(&app.key), "no secret is logged");
        server.finish().await;
    }

    /// A09: by whom: a key, a user, the server itself; what was changed stands beside it.
    async fn a09_by_whom(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let id = server.notify(&app, &json!({"users": ["ada"], "title": "t", "expires_at": "2026-02-07T10:01:00Z"})).await;
        server.patch(&format!("/api/v1/notifications/{id}"), &json!({"status": "read"})).key(&token).await.ok(200);
        server.patch(&format!("/api/v1/notifications/{id}?user=ada"), &json!({"status": "unread"})).key(&app.key).await.ok(200);
        server.post("/api/v1/notifications/mark-all-read", &json!({})).key(&token).await.ok(200);
        server.turn_and_settle(60_000).await;
        let keys = server.get(&app.path("/keys")).await.ok(200);
        let key = keys["data"][0]["id"].as_str().unwrap();
        let lines = server.get(&format!("/api/v1/audit?subject={id}")).await.ok(200);
        let seen: Vec<_> = lines["data"].as_array().unwrap().iter().rev()
            .map(|line| (line["action"].as_str().unwrap(), line["actor"]["kind"].as_str().unwrap(), line["actor"]["id"].as_str()))
            .collect();
        let mut expected = vec![
            ("notification.create", "key", Some(key)), ("notification.change", "user", Some("ada")), ("notification.change", "key", Some(key)),
            ("notification.expire", "server", None),
        ];
        let mut sorted = seen.clone();
        sorted.sort();
        expected.sort();
        assert_eq!(sorted, expected, "{lines:#}");
        assert_eq!(actions(&server.get(&format!("/api/v1/audit?actor={key}&limit=100")).await.ok(200)).len(), 2);
        assert!(actions(&server.get("/api/v1/audit?actor=ada").await.ok(200)).contains(&"notification.mark_all_read".to_owned()));
        assert_eq!(actions(&server.get("/api/v1/audit?from=2026-02-07T10:01:00Z").await.ok(200)), ["notification.expire"]);
        assert!(!actions(&server.get("/api/v1/audit?to=2026-02-07T10:01:00Z").await.ok(200)).contains(&"notification.expire".to_owned()));
        server.finish().await;
    }

    /// A09: exported line by line, whole; kept so many days.
    async fn a09_exported_and_kept_so_many_days(database) {
        let server = TestServer::start_on(database).await;
        for n in 0..130 {
            server.put(&format!("/api/v1/users/u{n}"), &json!({})).await.ok(200);
        }
        let export = server.get("/api/v1/audit?format=ndjson&action=user.put").await;
        assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
        let subjects: std::collections::HashSet<_> = export.text().lines().map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["subject"].as_str().unwrap().to_owned()
        }).collect();
        assert_eq!(subjects.len(), 130);
        assert_eq!(export.header("next-cursor"), None);
        // An export goes on where the one before ended.
        let (mut parts, mut cursor) = (Vec::new(), String::new());
        loop {
            let part = server.get(&format!("/api/v1/audit?format=ndjson&action=user.put&limit=65{cursor}")).await;
            parts.push(part.text().lines().count());
            match part.header("next-cursor") {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(parts, [65, 65]);
        server.get("/api/v1/audit?format=ndjson&limit=10001").await.refused(400, "range");
        let (mut seen, mut cursor) = (0, String::new());
        loop {
            let page = server.get(&format!("/api/v1/audit?action=user.put&limit=50{cursor}")).await.ok(200);
            seen += page["data"].as_array().unwrap().len();
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, 130);
        for query in ["format=xml", "from=now", "limit=0", "actor=%00"] {
            assert_eq!(server.get(&format!("/api/v1/audit?{query}")).await.status, 400, "{query}");
        }
        server.settings(&json!({"retention": {"audit": 1}})).await;
        server.turn_and_settle(2 * 86_400_000).await;
        assert_eq!(server.get("/api/v1/audit").await.ok(200)["data"], json!([]));
        server.finish().await;
    }
}
