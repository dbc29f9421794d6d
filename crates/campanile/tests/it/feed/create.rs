//! Creating notifications: what they carry, what is refused, once.

use serde_json::json;
use testkit::{Receiver, TestServer, both};

use super::titles;

both! {
    /// F10, F24, F26: everything that was said arrives, in list and live, with its fields.
    async fn f10_f24_f26_a_notification_carries_what_was_said(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let mut socket = server.socket("").key(&token).open().await;
        socket.expect("hello").await;
        let actions = json!([{"id": "open", "label": "Open", "url": "/s/1"}, {"id": "later", "label": "Later"}]);
        let said = json!({
            "users": ["ada"], "title": "Escalated ⚠", "body": "Line one\nline two", "link": "https://desk.example/s/1",
            "actions": actions, "priority": "urgent", "metadata": {"k": [1, {"x": null}]}, "external_id": "s-1",
            "event": "session.escalated", "expires_at": "2026-02-08T10:00:00Z",
        });
        let created = server.post(&app.path("/notifications"), &said).key(&app.key).await.ok(201);
        assert_eq!((&created["recipients"], &created["duplicate"]), (&json!(1), &json!(false)));
        assert_eq!(created["id"], created["notification_id"]);
        let item = server.item("ada", created["id"].as_str().unwrap()).await;
        assert!(item["delivery_id"].as_str().unwrap().starts_with("dlv_"));
        let mut expected = json!({
            "id": created["id"], "delivery_id": item["delivery_id"], "seq": 1, "user_id": "ada",
            "app": {"id": app.id, "uid": "desk", "name": "The desk"}, "tenant": null, "event_id": null,
            "status": "unread", "is_read": false, "deleted": false, "created_at": "2026-02-07T10:00:00.000Z",
            "seen_at": null, "read_at": null, "clicked_at": null, "dismissed_at": null, "expired_at": null,
        });
        for (name, value) in said.as_object().unwrap().iter().filter(|(name, _)| *name != "users") {
            expected[name] = value.clone();
        }
        expected["expires_at"] = json!("2026-02-08T10:00:00.000Z");
        assert_eq!(item, expected);
        let change = socket.expect("change").await;
        assert_eq!((&change["seq"], &change["item"]), (&json!(1), &item));
        assert_eq!(change["counters"], json!({"unread": 1, "unseen": 1}));
        server.turn(86_400_000).await;
        server.finish().await;
    }

    /// F25, F11: texts are limited as the environment's settings say, in characters.
    async fn f25_f11_text_limits_are_the_environments(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        server.settings(&json!({"limits": {"title": 200, "body": 1_000, "link": 500}})).await;
        let link = |length: usize| format!("/{}", "x".repeat(length - 1));
        let note = |title: usize, body: usize, path: usize| {
            json!({"users": ["ada"], "title": "é".repeat(title), "body": "é".repeat(body), "link": link(path)})
        };
        for round in 0..2 {
            server.post(&app.path("/notifications"), &note(200, 1_000, 500)).await.ok(201);
            let reply = server.post(&app.path("/notifications"), &note(201, 1_001, 501)).await;
            reply.refused(422, "invalid");
            let too_long = |pointer: &str| (pointer.to_owned(), "too_long".to_owned());
            assert_eq!(reply.faults(), [too_long("/title"), too_long("/body"), too_long("/link")]);
            if round == 0 {
                server.restart().await;
            }
        }
        server.settings(&json!({"limits": null})).await;
        server.post(&app.path("/notifications"), &note(201, 1_001, 501)).await.ok(201);
        server.finish().await;
    }

    /// The creator's own id creates once, in its application; so does an `Idempotency-Key`.
    async fn external_ids_create_once(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, other, receiver) = (server.app("desk").await, server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({})).await;
        let note = |title: &str| json!({"users": ["ada"], "title": title, "external_id": "s-1"});
        let first = server.notify(&app, &note("one")).await;
        server.restart().await;
        // Whatever else is said of it: the id stands for the thing.
        let again = server.post(&app.path("/notifications"), &note("two")).key(&app.key).await.ok(200);
        assert_eq!((again["id"].as_str(), &again["duplicate"]), (Some(first.as_str()), &json!(true)));
        assert_ne!(server.notify(&other, &note("of another")).await, first);
        let keyed = json!({"users": ["ada"], "title": "keyed"});
        let once = server.post(&app.path("/notifications"), &keyed).key(&app.key).once("k").await.ok(201);
        let twice = server.post(&app.path("/notifications"), &keyed).key(&app.key).once("k").await.ok(200);
        assert_eq!(once["id"], twice["id"]);
        let other_body = json!({"users": ["ada"], "title": "other"});
        let reply = server.post(&app.path("/notifications"), &other_body).key(&app.key).once("k").await;
        reply.refused(409, "idempotency_key_reused");
        let titles = titles(&server.feed("ada").await);
        assert_eq!(titles.len(), 3, "{titles:?}");
        server.finish().await;
        let kinds: Vec<_> = receiver.received().iter().map(testkit::Received::kind).collect();
        assert_eq!(kinds, ["notification.created", "notification.created"]);
    }
}

/// F24..F26: what cannot be a notification is refused with every fault's place.
#[tokio::test]
async fn f24_what_cannot_be_a_notification_is_refused() {
    let server = TestServer::start().await;
    let app = server.app("desk").await;
    let action = |id: &str, label: &str, url: &str| json!([{"id": id, "label": label, "url": url}]);
    let many_users: Vec<_> = (0..10_001).map(|n| format!("u{n}")).collect();
    let many_actions = vec![json!({"id": "a", "label": "l"}); 11];
    let table = [
        (json!({"title": null}), "/title", "shape"),
        (json!({"title": ""}), "/title", "required"),
        (json!({"title": "two\nlines"}), "/title", "control_character"),
        (json!({"title": "\u{0}"}), "/title", "control_character"),
        (json!({"body": "\u{0}"}), "/body", "control_character"),
        (json!({"link": "javascript:alert(1)"}), "/link", "format"),
        (json!({"link": "//evil.example"}), "/link", "format"),
        (json!({"link": "data:text/html,x"}), "/link", "format"),
        (json!({"priority": "extreme"}), "/priority", "shape"),
        (json!({"metadata": [1]}), "/metadata", "type"),
        (
            json!({"metadata": {"a": "x".repeat(16_384)}}),
            "/metadata",
            "too_large",
        ),
        (json!({"metadata": {"a": "\u{0}"}}), "/metadata", "nul_character"),
        (json!({"expires_at": "soon"}), "/expires_at", "format"),
        (
            json!({"expires_at": "2026-02-07T10:00:00Z"}),
            "/expires_at",
            "past",
        ),
        (json!({"external_id": ""}), "/external_id", "required"),
        (json!({"users": []}), "/users", "required"),
        (json!({"users": [""]}), "/users/0", "required"),
        (json!({"users": many_users}), "/users", "too_many"),
        (json!({"users": null}), "", "recipients"),
        (json!({"topic": "x"}), "/topic", "conflict"),
        (json!({"role": "admin"}), "/role", "conflict"),
        (
            json!({"actions": action("", "l", "/")}),
            "/actions/0/id",
            "required",
        ),
        (
            json!({"actions": action("a", "", "/")}),
            "/actions/0/label",
            "required",
        ),
        (
            json!({"actions": action("a", "l", "vbscript:x")}),
            "/actions/0/url",
            "format",
        ),
        (json!({"actions": many_actions}), "/actions", "too_many"),
        (json!({"event_id": "evt_nonsense"}), "/event_id", "shape"),
        (json!({"colour": "red"}), "/colour", "shape"),
    ];
    for (change, pointer, code) in table {
        let mut note = json!({"users": ["ada"], "title": "t"});
        for (name, value) in change.as_object().unwrap() {
            note[name] = value.clone();
        }
        let reply = server
            .post(&app.path("/notifications"), &note)
            .key(&app.key)
            .await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults(), [(pointer.to_owned(), code.to_owned())], "{reply}");
    }
    for link in [
        "/pilot/1",
        "#top",
        "?page=2",
        "https://a.example",
        "mailto:a@b.example",
    ] {
        server
            .notify(&app, &json!({"users": ["ada"], "title": "t", "link": link}))
            .await;
    }
    for priority in ["low", "normal", "high", "urgent"] {
        server
            .notify(
                &app,
                &json!({"users": ["ada"], "title": "t", "priority": priority}),
            )
            .await;
    }
    server.finish().await;
}
