//! Five states, their transitions and times, over HTTP.

use serde_json::{Value, json};
use testkit::{App, Database, Reply, TestServer, both};

use super::{counters, titles};

async fn set(server: &TestServer, token: &str, id: &str, status: &str) -> Reply {
    server
        .patch(&format!("/api/v1/notifications/{id}"), &json!({"status": status}))
        .key(token)
        .await
}

/// A fresh notification brought into a state.
async fn at(server: &TestServer, app: &App, token: &str, status: &str) -> String {
    let mut note = json!({"users": ["ada"], "title": status});
    if status == "expired" {
        note["expires_at"] = json!(domain_time(server.now() + 1_000));
    }
    let id = server.notify(app, &note).await;
    match status {
        "unread" => {}
        "expired" => server.turn_and_settle(1_000).await,
        _ => drop(set(server, token, &id, status).await.ok(200)),
    }
    assert_eq!(server.item("ada", &id).await["status"], status);
    id
}

fn domain_time(at: i64) -> String {
    format!("2026-02-07T10:00:{:02}Z", (at - 1_770_458_400_000) / 1_000)
}

both! {
    /// F23, A10: content is one row that nothing changes; states are a row for each user, and change. F32: both ways to a feed are keys.
    async fn f23_f32_a10_content_and_states(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let note = json!({"users": ["ada", "bob"], "title": "t", "body": "b", "metadata": {"k": 1}});
        let id = server.notify(&app, &note).await;
        let content = async || {
            let sql = "SELECT count(*) FROM notifications WHERE title = 't' AND body = 'b' AND metadata = '{\"k\":1}'";
            (server.number(sql).await, server.number("SELECT count(*) FROM notifications").await)
        };
        let bob = server.item("bob", &id).await;
        for status in ["read", "unread", "clicked", "dismissed"] {
            set(&server, &token, &id, status).await.ok(200);
            assert_eq!(content().await, (1, 1), "{status}");
        }
        server.delete(&format!("/api/v1/notifications/{id}")).key(&token).await.ok(204);
        assert_eq!((content().await, server.item("bob", &id).await), ((1, 1), bob));
        assert_eq!(server.number("SELECT count(*) FROM states").await, 2);
        let names = "'events', 'notifications', 'states', 'endpoints', 'deliveries'";
        let (tables, keys) = match database {
            Database::Sqlite => (
                format!("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ({names})"),
                "SELECT count(*) FROM pragma_table_info('states') WHERE pk > 0 AND name IN ('environment', 'user_id', 'notification')",
            ),
            Database::Postgres => (
                format!("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename IN ({names})"),
                "SELECT CAST(array_length(conkey, 1) AS BIGINT) FROM pg_constraint WHERE conname = 'states_pkey' AND connamespace = current_schema()::regnamespace",
            ),
        };
        assert_eq!((server.number(&tables).await, server.number(keys).await), (5, 3));
        server.finish().await;
    }

    /// F27, F29: exactly the decided transitions, each from each, and what `is_read` says afterwards.
    async fn f27_f29_the_table_of_transitions(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let table: [(&str, &[&str]); 5] = [
            ("unread", &["read", "dismissed", "clicked"]),
            ("read", &["unread", "dismissed", "clicked"]),
            ("clicked", &["unread", "dismissed"]),
            ("dismissed", &["unread", "read"]),
            ("expired", &[]),
        ];
        for (from, allowed) in table {
            for to in ["unread", "read", "clicked", "dismissed"] {
                let id = at(&server, &app, &token, from).await;
                let before = server.item("ada", &id).await;
                let reply = set(&server, &token, &id, to).await;
                let after = server.item("ada", &id).await;
                if from == to {
                    assert_eq!((reply.ok(200), &after), (before.clone(), &before), "{from} to itself changes nothing");
                } else if allowed.contains(&to) {
                    let answer = reply.ok(200);
                    assert_eq!(answer, after, "{from} to {to}");
                    assert_eq!(after["status"], to, "{from} to {to}");
                    assert_eq!(after["is_read"], json!(to != "unread"), "{from} to {to}");
                    assert!(after["seq"].as_i64() > before["seq"].as_i64(), "every change takes a number");
                } else {
                    reply.refused(409, "status_conflict");
                    assert_eq!(after, before, "{from} to {to}");
                }
            }
        }
        let feed = server.feed("ada").await;
        let unread = feed["data"].as_array().unwrap().iter().filter(|item| item["status"] == "unread").count();
        assert_eq!(feed["counters"]["unread"], json!(unread));
        server.finish().await;
    }

    /// F27: each state has its time, kept as the first; back to unread clears them.
    async fn f27_times(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let id = server.tell(&app, "ada", "t").await;
        let times = async |status: &str| {
            server.turn(1_000).await;
            let item = set(&server, &token, &id, status).await.ok(200);
            ["seen_at", "read_at", "clicked_at", "dismissed_at"].map(|name| item[name].as_str().map(|text| text[17..19].to_owned()))
        };
        let at = |second: &str| Some(second.to_owned());
        assert_eq!(times("read").await, [at("01"), at("01"), None, None]);
        assert_eq!(times("clicked").await, [at("01"), at("01"), at("02"), None]);
        assert_eq!(times("dismissed").await, [at("01"), at("01"), at("02"), at("03")]);
        assert_eq!(times("unread").await, [at("01"), None, None, None]);
        assert_eq!(times("dismissed").await, [at("01"), at("05"), None, at("05")]);
        assert_eq!(times("read").await, [at("01"), at("05"), None, None]);
        server.finish().await;
    }

    /// F14: mark one read; not found, whoever asks; read again is read.
    async fn f14_mark_one_read(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let (ada, bob) = (server.token("ada").await, server.token("bob").await);
        let id = server.tell(&app, "ada", "t").await;
        let path = format!("/api/v1/notifications/{id}/read");
        for stranger in [server.patch(&path, &json!(null)).key(&bob), server.patch(&path, &json!(null)).key(&bob)] {
            let problem = stranger.await.refused(404, "not_found");
            assert_eq!(problem["detail"], "Notification not found");
        }
        assert_eq!(counters(&server, "ada").await, (1, 1));
        for _ in 0..2 {
            assert_eq!(server.patch(&path, &json!(null)).key(&ada).await.ok(200), json!({"ok": true}));
            assert_eq!(counters(&server, "ada").await, (0, 0));
        }
        // One that says more than read stays what it is: a stale list brings back nothing that was put away.
        for status in ["clicked", "dismissed"] {
            let id = server.tell(&app, "ada", "t").await;
            set(&server, &ada, &id, status).await.ok(200);
            server.patch(&format!("/api/v1/notifications/{id}/read"), &json!(null)).key(&ada).await.ok(200);
            assert_eq!(server.item("ada", &id).await["status"], status);
        }
        for nonsense in ["ntf_2x4Kq1Zr0mVh8YbS3nTfWc7Ld9e", "ntf_x", "7", "%00"] {
            let reply = server.patch(&format!("/api/v1/notifications/{nonsense}/read"), &json!(null)).key(&ada).await;
            reply.refused(404, "not_found");
        }
        server.finish().await;
    }

    /// A deleted notification is out of the list and the counters, and out of reach.
    async fn a02_delete(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let (gone, stays) = (server.tell(&app, "ada", "gone").await, server.tell(&app, "ada", "stays").await);
        let path = format!("/api/v1/notifications/{gone}");
        server.delete(&path).key(&token).await.ok(204);
        assert_eq!(titles(&server.feed("ada").await), ["stays"]);
        assert_eq!(titles(&server.get("/api/v1/notifications").key(&token).await.ok(200)), ["stays"]);
        assert_eq!(counters(&server, "ada").await, (1, 1));
        server.delete(&path).key(&token).await.refused(404, "not_found");
        set(&server, &token, &gone, "read").await.refused(404, "not_found");
        // Followers are told that it is gone.
        let sync = server.get("/api/v1/users/me/feed?after=2").key(&token).await.ok(200);
        assert_eq!((&sync["items"][0]["id"], &sync["items"][0]["deleted"]), (&json!(gone), &json!(true)));
        set(&server, &token, &stays, "read").await.ok(200);
        server.delete(&format!("/api/v1/notifications/{stays}")).key(&token).await.ok(204);
        assert_eq!(counters(&server, "ada").await, (0, 0));
        server.finish().await;
    }

    /// Who changes a state: the user's own token, or a key that names the user.
    async fn who_changes_a_state(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let id = server.tell(&app, "ada", "t").await;
        let path = format!("/api/v1/notifications/{id}");
        let read = json!({"status": "read"});
        for key in [server.key(), &app.key] {
            let problem = server.patch(&path, &read).key(key).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["code"], "user_required");
            server.patch(&format!("{path}?user=bob"), &read).key(key).await.refused(404, "not_found");
            let item = server.patch(&format!("{path}?user=ada"), &read).key(key).await.ok(200);
            assert_eq!(item["status"], "read");
            server.patch(&format!("{path}?user=ada"), &json!({"status": "unread"})).key(key).await.ok(200);
        }
        // A token speaks for its own user only, whatever it names.
        server.patch(&format!("{path}?user=bob"), &read).key(&token).await.refused(404, "not_found");
        server.patch(&format!("{path}?user=ada"), &read).key(&token).await.ok(200);
        let bad = [
            json!({"status": "expired"}), json!({"status": "seen"}), json!({}), json!({"status": 1}), json!([]),
            json!({"status": "read", "action": "x".repeat(101)}), json!({"status": "read", "more": 1}),
        ];
        for body in bad {
            server.patch(&path, &body).key(&token).await.refused(422, "invalid");
        }
        server.finish().await;
    }

    /// A change with a key is made once: sent again, it is answered by the item as it is by then, and nobody is told anything.
    async fn a_change_is_made_once_for_a_key(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let (ada, bob) = (server.token("ada").await, server.token("bob").await);
        let id = server.notify(&app, &json!({"users": ["ada", "bob"], "title": "t"})).await;
        let path = format!("/api/v1/notifications/{id}");
        let follow = json!({"status": "clicked", "action": "reply"});
        let told = async || {
            let clicks = server.get(&app.path("/events?type=notification.clicked")).await.ok(200);
            clicks["data"].as_array().unwrap().len()
        };
        let first = server.patch(&path, &follow).key(&ada).once("k").await.ok(200);
        let again = server.patch(&path, &follow).key(&ada).once("k").await.ok(200);
        assert_eq!((told().await, again), (1, first));
        server.patch(&path, &json!({"status": "unread"})).key(&ada).once("k").await.refused(409, "idempotency_key_reused");
        // Keys of different callers never meet, nor those of one caller for different users.
        server.patch(&path, &follow).key(&bob).once("k").await.ok(200);
        for user in ["ada", "bob", "ada", "bob"] {
            server.patch(&format!("{path}?user={user}"), &follow).once("k").await.ok(200);
        }
        assert_eq!(told().await, 4);
        // Also what was so already uses a key up, and what was changed since stays as it is.
        for _ in 0..2 {
            set(&server, &ada, &id, "dismissed").await.ok(200);
            let read = server.patch(&path, &json!({"status": "dismissed"})).key(&ada).once("d").await;
            assert_eq!(read.ok(200)["status"], "dismissed");
        }
        set(&server, &ada, &id, "unread").await.ok(200);
        for (key, body) in [("k", &follow), ("d", &json!({"status": "dismissed"}))] {
            let kept = server.patch(&path, body).key(&ada).once(key).await.ok(200);
            assert_eq!(kept["status"], "unread");
        }
        server.patch(&path, &follow).key(&ada).once("d").await.refused(409, "idempotency_key_reused");
        assert_eq!(told().await, 4);
        server.turn(24 * 3_600_000).await;
        server.patch(&format!("{path}?user=bob"), &follow).once("k").await.ok(200);
        assert_eq!(told().await, 5);
        server.settle().await;
        server.finish().await;
    }
}

/// Two people and an application race over one notification: every answer is true, the counters stay exact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r11_changes_from_all_sides_leave_exact_counters() {
    use std::future::IntoFuture as _;
    let server = TestServer::start().await;
    let app = server.app("desk").await;
    let token = server.token("ada").await;
    let mut ids = Vec::new();
    for n in 0..10 {
        ids.push(server.tell(&app, "ada", &format!("n{n}")).await);
    }
    let mut calls = Vec::new();
    for round in 0..4_usize {
        for (n, id) in ids.iter().enumerate() {
            let status = ["read", "unread", "dismissed", "clicked"][(round + n) % 4];
            let call = server.patch(
                &format!("/api/v1/notifications/{id}?user=ada"),
                &json!({"status": status}),
            );
            calls.push(
                call.key([server.key(), &app.key, &token][(round * 3 + n) % 3])
                    .into_future(),
            );
        }
        calls.push(
            server
                .post("/api/v1/notifications/mark-all-read", &json!({}))
                .key(&token)
                .into_future(),
        );
        calls.push(
            server
                .post(
                    &app.path("/notifications"),
                    &json!({"users": ["ada"], "title": "more"}),
                )
                .into_future(),
        );
    }
    for reply in futures_util::future::join_all(calls).await {
        assert!(matches!(reply.status, 200 | 201 | 409), "{reply}");
    }
    server.settle().await;
    let feed = server.feed("ada").await;
    let items: Vec<&Value> = feed["data"].as_array().unwrap().iter().collect();
    assert_eq!(items.len(), 14);
    let unread = items.iter().filter(|item| item["status"] == "unread").count();
    let unseen = items
        .iter()
        .filter(|item| item["status"] == "unread" && item["seen_at"].is_null())
        .count();
    assert_eq!(feed["counters"], json!({"unread": unread, "unseen": unseen}));
    let mut seqs: Vec<_> = items.iter().map(|item| item["seq"].as_i64().unwrap()).collect();
    seqs.sort_unstable();
    seqs.dedup();
    assert_eq!(seqs.len(), 14, "no number is taken twice");
    server.finish().await;
}
