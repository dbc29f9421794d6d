//! Expiry, on time.

use serde_json::json;
use testkit::{Receiver, TestServer, both};

use super::{badge, counters};

both! {
    /// F30: at its time and not before; read or not; final.
    async fn f30_expires_on_time(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("desk").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({"event_types": ["notification.expired"]})).await;
        let token = server.token("ada").await;
        let note = |title: &str| json!({"users": ["ada"], "title": title, "expires_at": "2026-02-07T10:10:00Z"});
        let mut ids = Vec::new();
        for title in ["unread", "read", "clicked", "dismissed", "deleted"] {
            let id = server.notify(&app, &note(title)).await;
            let path = format!("/api/v1/notifications/{id}");
            match title {
                "unread" => {}
                "deleted" => drop(server.delete(&path).key(&token).await.ok(204)),
                status => drop(server.patch(&path, &json!({"status": status})).key(&token).await.ok(200)),
            }
            ids.push(id);
        }
        let forever = server.tell(&app, "ada", "forever").await;
        let mut socket = server.socket("").key(&token).open().await;
        let head = socket.expect("hello").await["seq"].as_i64().unwrap();
        server.turn_and_settle(599_999).await;
        socket.quiet().await;
        assert_eq!(counters(&server, "ada").await, (2, 2));
        server.turn_and_settle(1).await;
        // Those that were read or not; what was clicked or put away stays so.
        let expected = [("unread", "expired"), ("read", "expired"), ("clicked", "clicked"), ("dismissed", "dismissed")];
        for ((title, status), id) in expected.into_iter().zip(&ids) {
            let item = server.item("ada", id).await;
            assert_eq!(item["status"], status, "{title}");
            assert_eq!(item["expired_at"].is_string(), status == "expired");
            assert_eq!(item["is_read"], json!(title != "unread"), "expired does not count as read");
        }
        assert_eq!(server.item("ada", &forever).await["status"], "unread");
        assert_eq!((badge(&server, &token).await, counters(&server, "ada").await), (1, (1, 1)));
        let mut told = Vec::new();
        for n in 1..=2 {
            let change = socket.expect("change").await;
            assert_eq!((&change["seq"], &change["item"]["status"]), (&json!(head + n), &json!("expired")));
            told.push(change["item"]["id"].as_str().unwrap().to_owned());
        }
        socket.quiet().await;
        told.sort();
        let mut gone = ids[..2].to_vec();
        gone.sort();
        assert_eq!(told, gone);
        // Final.
        let reply = server.patch(&format!("/api/v1/notifications/{}", ids[0]), &json!({"status": "read"})).key(&token).await;
        reply.refused(409, "status_conflict");
        server.finish().await;
        let mut sent: Vec<_> = receiver.received().iter().map(|sent| sent.json()["data"]["notification_id"].as_str().unwrap().to_owned()).collect();
        sent.sort();
        assert_eq!(sent, gone);
    }

    /// F30: what expired while the server was down expires at its start; what expires before it arrived reaches nobody.
    async fn f30_expired_while_the_server_was_down(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let id = server.notify(&app, &json!({"users": ["ada"], "title": "t", "expires_at": "2026-02-07T10:10:00Z"})).await;
        server.stop().await;
        server.turn(3_600_000).await;
        server.start_again().await;
        server.settle().await;
        assert_eq!(server.item("ada", &id).await["status"], "expired");
        server.finish().await;
    }

    /// F30: a mark that came first stands: expired, and read before.
    async fn f30_marked_read_and_then_expired(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let id = server.notify(&app, &json!({"users": ["ada"], "title": "t", "expires_at": "2026-02-07T10:10:00Z"})).await;
        server.post("/api/v1/notifications/mark-all-read", &json!({})).key(&token).await.ok(200);
        server.turn_and_settle(600_000).await;
        let item = server.item("ada", &id).await;
        assert_eq!((&item["status"], &item["is_read"]), (&json!("expired"), &json!(true)));
        assert_eq!(counters(&server, "ada").await, (0, 0));
        server.finish().await;
    }

    /// F30: one whose row cannot be read holds no other up.
    async fn f30_one_that_cannot_expire(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let note = |user: &str, at: &str| json!({"users": [user], "title": "t", "expires_at": at});
        let broken = server.notify(&app, &note("ada", "2026-02-07T10:10:00Z")).await;
        let fine = server.notify(&app, &note("bob", "2026-02-07T10:11:00Z")).await;
        let broken = &broken["ntf_".len()..];
        server.execute(&format!("UPDATE notifications SET event_id = 'no id' WHERE id = '{broken}'")).await;
        server.turn(660_000).await;
        server.run_due().await;
        assert_eq!(server.item("bob", &fine).await["status"], "expired");
        server.execute(&format!("UPDATE notifications SET event_id = NULL WHERE id = '{broken}'")).await;
        server.settle().await;
        assert_eq!(counters(&server, "ada").await, (0, 0));
        server.finish().await;
    }
}
