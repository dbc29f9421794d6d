//! "Mark all" is one change with a watermark.

use std::collections::BTreeMap;

use domain::effects::TimerKind;
use serde_json::json;
use testkit::{Receiver, TestServer, both};

use super::{badge, counters};

both! {
    /// F15: everything of the current user, and nobody else's; answers `{ok: true}`.
    async fn f15_mark_all_read(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        for n in 0..30 {
            server.tell(&app, "ada", &format!("n{n}")).await;
        }
        server.tell(&app, "bob", "his").await;
        let reply = server.call(http::Method::POST, "/api/v1/notifications/mark-all-read").key(&token).await;
        assert_eq!(reply.ok(200), json!({"ok": true}));
        assert_eq!(badge(&server, &token).await, 0);
        assert_eq!((counters(&server, "ada").await, counters(&server, "bob").await), ((0, 0), (1, 1)));
        // At once, before any row was rewritten, and ever after.
        for _ in 0..2 {
            let feed = server.feed("ada").await;
            assert!(feed["data"].as_array().unwrap().iter().all(|item| item["status"] == "read" && item["is_read"] == true));
            server.settle().await;
        }
        // What comes later is unread; what was marked may be unread again.
        let late = server.tell(&app, "ada", "late").await;
        assert_eq!(badge(&server, &token).await, 1);
        let first = server.feed("ada").await["data"][1]["id"].as_str().unwrap().to_owned();
        server.patch(&format!("/api/v1/notifications/{first}"), &json!({"status": "unread"})).key(&token).await.ok(200);
        assert_eq!(badge(&server, &token).await, 2);
        server.settle().await;
        assert_eq!(server.item("ada", &first).await["status"], "unread");
        server.patch(&format!("/api/v1/notifications/{late}/read"), &json!(null)).key(&token).await.ok(200);
        assert_eq!(badge(&server, &token).await, 1);
        server.finish().await;
    }

    /// F15: within an application, a tenant, or both; by a key for its own application only.
    async fn f15_within_a_scope(database) {
        let server = TestServer::start_on(database).await;
        let (desk, shop) = (server.app("desk").await, server.app("shop").await);
        let token = server.token("ada").await;
        let fill = async || {
            for app in [&desk, &shop] {
                for tenant in [None, Some("acme")] {
                    server.notify(app, &json!({"users": ["ada"], "title": "t", "tenant": tenant})).await;
                }
            }
        };
        let left = async || {
            let mut left = BTreeMap::new();
            for item in server.feed("ada").await["data"].as_array().unwrap() {
                if item["status"] == "unread" {
                    let place = format!("{}/{}", item["app"]["uid"].as_str().unwrap(), item["tenant"].as_str().unwrap_or("-"));
                    *left.entry(place).or_insert(0) += 1;
                }
            }
            let sum: i64 = left.values().sum();
            assert_eq!(badge(&server, &token).await, sum);
            left.into_keys().collect::<Vec<_>>()
        };
        let table: [(serde_json::Value, &[&str]); 4] = [
            (json!({"app": "desk"}), &["shop/-", "shop/acme"]),
            (json!({"tenant": "acme"}), &["desk/-", "shop/-"]),
            (json!({"app": shop.id, "tenant": "acme"}), &["desk/-", "desk/acme", "shop/-"]),
            (json!({}), &[]),
        ];
        for (scope, expected) in table {
            fill().await;
            server.post("/api/v1/notifications/mark-all-read", &scope).key(&token).await.ok(200);
            assert_eq!(left().await, expected, "{scope}");
            server.settle().await;
            assert_eq!(left().await, expected, "{scope}, settled");
            server.post("/api/v1/notifications/mark-all-read", &json!({})).key(&token).await.ok(200);
        }
        // An application's key marks what that application created.
        fill().await;
        server.post("/api/v1/notifications/mark-all-read?user=ada", &json!({})).key(&desk.key).await.ok(200);
        assert_eq!(left().await, ["shop/-", "shop/acme"]);
        let reply = server.post("/api/v1/notifications/mark-all-read?user=ada", &json!({"app": "shop"})).key(&desk.key).await;
        reply.refused(404, "not_found");
        server.post("/api/v1/notifications/mark-all-read", &json!({"app": "nobody"})).key(&token).await.refused(404, "not_found");
        for body in [json!({"x": 1}), json!({"tenant": ""}), json!({"tenant": "\u{0}"})] {
            server.post("/api/v1/notifications/mark-all-read", &body).key(&token).await.refused(422, "invalid");
        }
        server.finish().await;
    }

    /// Seen is not read: the bell was opened.
    async fn mark_all_seen(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        for _ in 0..3 {
            server.tell(&app, "ada", "t").await;
        }
        assert_eq!(counters(&server, "ada").await, (3, 3));
        server.post("/api/v1/notifications/mark-all-seen", &json!({})).key(&token).await.ok(200);
        assert_eq!(counters(&server, "ada").await, (3, 0));
        let feed = server.feed("ada").await;
        assert!(feed["data"].as_array().unwrap().iter().all(|item| item["status"] == "unread" && item["seen_at"].is_string()));
        server.tell(&app, "ada", "t").await;
        assert_eq!(counters(&server, "ada").await, (4, 1));
        server.settle().await;
        assert_eq!(counters(&server, "ada").await, (4, 1));
        server.finish().await;
    }

    /// F28: the applications are told of every notification that was marked, once.
    async fn f28_every_application_is_told_once(database) {
        let server = TestServer::start_on(database).await;
        let (desk, shop) = (server.app("desk").await, server.app("shop").await);
        let token = server.token("ada").await;
        let mut hooks = Vec::new();
        for app in [&desk, &shop] {
            let receiver = Receiver::start().await;
            server.webhook(app, &receiver.url(), &json!({"event_types": ["notification.read"]})).await;
            let mut ids = Vec::new();
            for n in 0..7 {
                ids.push(server.tell(app, "ada", &format!("n{n}")).await);
            }
            ids.sort();
            hooks.push((receiver, ids));
        }
        server.post("/api/v1/notifications/mark-all-read", &json!({})).key(&token).await.ok(200);
        server.settle().await;
        server.post("/api/v1/notifications/mark-all-read", &json!({})).key(&token).await.ok(200);
        server.finish().await;
        for (receiver, ids) in hooks {
            let received = receiver.received();
            let mut told: Vec<_> = received.iter().map(|sent| sent.json()["data"]["notification_id"].as_str().unwrap().to_owned()).collect();
            told.sort();
            assert_eq!(told, ids);
            assert!(received.iter().all(|sent| sent.json()["data"]["user_id"] == "ada"));
        }
    }

    /// F28: a timer whose mark another timer came to the end of begins the next mark at its beginning.
    async fn f28_two_marks_and_their_timers(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        for n in 0..3 {
            server.tell(&app, "ada", &format!("n{n}")).await;
        }
        server.post("/api/v1/notifications/mark-all-read", &json!({})).key(&token).await.ok(200);
        server.settle().await;
        let told = "SELECT count(*) FROM events WHERE type = 'notification.read'";
        assert_eq!(server.number(told).await, 3);
        // As if nobody had settled it yet but a timer that comes from an earlier mark.
        server.execute("UPDATE states SET read_at = NULL; UPDATE marks SET settled = 0").await;
        server.timer(TimerKind::Settle, &json!({"user": "ada", "mark": 1, "after": 2}).to_string()).await;
        server.settle().await;
        assert_eq!(server.number(told).await, 6);
        assert_eq!(server.number("SELECT count(*) FROM states WHERE read_at IS NULL").await, 0);
        server.finish().await;
    }
}
