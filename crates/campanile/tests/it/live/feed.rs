//! W01, W02, W06: a user's feed, followed.

use serde_json::json;
use testkit::{TestServer, both};

both! {
    /// W01, W02, W06: a greeting, then every change with the next number; a second client stays in step.
    async fn w01_w06_every_change_in_order(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        server.tell(&app, "ada", "before").await;
        // By query and by header.
        let mut first = server.socket(&format!("?token={token}")).open().await;
        let mut second = server.socket("").key(&token).open().await;
        let hello = first.expect("hello").await;
        assert_eq!((&hello["seq"], &hello["counters"]), (&json!(1), &json!({"unread": 1, "unseen": 1})));
        assert_eq!((hello["epoch"].is_string(), &hello["heartbeat"]), (true, &json!(30)));
        assert_eq!(second.expect("hello").await, hello);
        let id = server.tell(&app, "ada", "live").await;
        server.patch(&format!("/api/v1/notifications/{id}"), &json!({"status": "clicked"})).key(&token).await.ok(200);
        server.delete(&format!("/api/v1/notifications/{id}")).key(&token).await.ok(204);
        server.tell(&app, "bob", "not hers").await;
        let expected = [("unread", false, 2), ("clicked", false, 1), ("clicked", true, 1)];
        for (n, (status, deleted, unread)) in expected.into_iter().enumerate() {
            let frame = first.expect("change").await;
            assert_eq!(frame["seq"], json!(n + 2), "{frame}");
            assert_eq!((&frame["item"]["status"], &frame["item"]["deleted"]), (&json!(status), &json!(deleted)), "{frame}");
            assert_eq!((&frame["item"]["id"], &frame["counters"]["unread"]), (&json!(id), &json!(unread)), "{frame}");
            assert_eq!(second.expect("change").await, frame);
        }
        first.quiet().await;
        second.quiet().await;
        server.finish().await;
    }

    /// W06: "mark all" is one frame, with its scope.
    async fn w06_marks(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        for _ in 0..3 {
            server.tell(&app, "ada", "t").await;
        }
        let mut socket = server.socket("").key(&token).open().await;
        socket.expect("hello").await;
        server.post("/api/v1/notifications/mark-all-seen", &json!({})).key(&token).await.ok(200);
        server.post("/api/v1/notifications/mark-all-read", &json!({"app": "desk"})).key(&token).await.ok(200);
        let frame = socket.expect("mark").await;
        assert_eq!((&frame["seq"], &frame["status"], &frame["app"]), (&json!(4), &json!("seen"), &json!(null)));
        assert_eq!(frame["counters"], json!({"unread": 3, "unseen": 0}));
        let frame = socket.expect("mark").await;
        assert_eq!((&frame["seq"], &frame["status"], &frame["app"], &frame["tenant"]), (&json!(5), &json!("read"), &json!(app.id), &json!(null)));
        assert_eq!(frame["counters"], json!({"unread": 0, "unseen": 0}));
        assert_eq!(frame["at"], "2026-02-07T10:00:00.000Z");
        server.settle().await;
        socket.quiet().await;
        server.finish().await;
    }

    /// R11: five tabs, changes from all sides: each hears of every change once, in order, and all end up with the same counters.
    async fn r11_five_tabs_agree(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let mut tabs = Vec::new();
        for _ in 0..5 {
            let mut tab = server.socket("").key(&token).open().await;
            tab.expect("hello").await;
            tabs.push(tab);
        }
        let work = async |lane: usize| {
            for n in 0..6 {
                let id = server.tell(&app, "ada", &format!("{lane}-{n}")).await;
                let status = ["read", "dismissed", "clicked"][n % 3];
                let path = format!("/api/v1/notifications/{id}?user=ada");
                server.patch(&path, &json!({"status": status})).key([server.key(), &app.key][lane % 2]).await.ok(200);
            }
        };
        futures_util::future::join_all((0..4).map(work)).await;
        let head = server.feed("ada").await["seq"].as_i64().unwrap();
        assert_eq!(head, 48);
        let feed = server.feed("ada").await;
        for tab in &mut tabs {
            // Of two quick changes of one item a tab may be told the second alone; the numbers never go back, and the last word is the same.
            let (mut last, mut items) = (0, std::collections::BTreeMap::new());
            while last < head {
                let frame = tab.expect("change").await;
                let seq = frame["seq"].as_i64().unwrap();
                assert!(seq > last, "{frame}");
                last = seq;
                items.insert(frame["item"]["id"].to_string(), frame["item"].clone());
                if seq == head {
                    assert_eq!(frame["counters"], json!({"unread": 0, "unseen": 0}));
                }
            }
            tab.quiet().await;
            for item in feed["data"].as_array().unwrap() {
                assert_eq!(&items[&item["id"].to_string()], item);
            }
        }
        server.finish().await;
    }
}

/// An environment key follows a named user's feed; whoever may not follow is told so before the upgrade.
#[tokio::test]
async fn w02_who_may_follow_what() {
    let server = TestServer::start().await;
    let app = server.app("desk").await;
    let token = server.token("ada").await;
    server.tell(&app, "ada", "t").await;
    let mut socket = server.socket("?user=ada").key(server.key()).open().await;
    assert_eq!(socket.expect("hello").await["seq"], 1);
    let public = server
        .post("/api/v1/keys", &json!({"kind": "public"}))
        .await
        .ok(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    server
        .socket(&format!("?token={token}&key={public}"))
        .open()
        .await
        .expect("hello")
        .await;
    server
        .socket(&format!("?token={token}"))
        .header("campanile-key", &public)
        .open()
        .await
        .expect("hello")
        .await;
    let refused = [
        (String::new(), None, 401),
        ("?token=".to_owned(), None, 401),
        ("?token=ada".to_owned(), None, 401),
        ("?user=ada".to_owned(), None, 401),
        (format!("?token={public}"), None, 401),
        ("?token=sk_unknown_key_of_nobody".to_owned(), None, 401),
        (format!("?token={token}&key=pk_unknown"), None, 401),
        (format!("?token={token}&user=bob"), None, 404),
        ("?user=ada".to_owned(), Some(app.key.as_str()), 403),
        (String::new(), Some("nonsense"), 401),
    ];
    for (query, key, status) in refused {
        let mut call = server.socket(&query);
        if let Some(key) = key {
            call = call.key(key);
        }
        assert_eq!(call.await.err(), Some(status), "{query}");
        assert_eq!(
            server.sse(&query, key.unwrap_or(""), None).await.err(),
            Some(status),
            "{query}"
        );
    }
    // Neither one nor the other.
    server
        .get("/api/v1/events/stream")
        .key(&token)
        .await
        .refused(426, "upgrade_required");
    server.finish().await;
}
