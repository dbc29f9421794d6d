//! An application sees and changes only what it created.

use serde_json::json;
use testkit::{TestServer, both};

use super::titles;

both! {
    /// A07: lists, counters, changes and deletions of an application's key stop at what that application created.
    async fn a07_an_application_sees_only_what_it_created(database) {
        let server = TestServer::start_on(database).await;
        let (desk, shop) = (server.app("desk").await, server.app("shop").await);
        let (own, other) = (server.tell(&desk, "ada", "own").await, server.tell(&shop, "ada", "other").await);
        server.tell(&shop, "ada", "another").await;
        let get = |path: &str| server.get(path).key(&desk.key);
        assert_eq!(titles(&get("/api/v1/users/ada/notifications").await.ok(200)), ["own"]);
        assert_eq!(titles(&get("/api/v1/notifications?user=ada").await.ok(200)), ["own"]);
        assert_eq!(get("/api/v1/notifications/unread-count?user=ada").await.ok(200), json!({"count": 1}));
        let list = get("/api/v1/users/ada/notifications").await.ok(200);
        assert_eq!(list["counters"], json!({"unread": 1, "unseen": 1}));
        get("/api/v1/users/ada/notifications?app=shop").await.refused(404, "not_found");
        assert_eq!(titles(&get("/api/v1/users/ada/notifications?app=desk").await.ok(200)), ["own"]);
        // The whole sequence is not an application's to follow.
        get("/api/v1/users/ada/feed?after=0").await.refused(403, "forbidden");
        assert!(server.socket("?user=ada").key(&desk.key).await.is_err_and(|status| status == 403));
        let path = |id: &str| format!("/api/v1/notifications/{id}?user=ada");
        server.patch(&path(&other), &json!({"status": "read"})).key(&desk.key).await.refused(404, "not_found");
        server.delete(&path(&other)).key(&desk.key).await.refused(404, "not_found");
        server.patch(&format!("/api/v1/notifications/{other}/read?user=ada"), &json!(null)).key(&desk.key).await.refused(404, "not_found");
        assert_eq!(server.item("ada", &other).await["status"], "unread");
        server.patch(&path(&own), &json!({"status": "dismissed"})).key(&desk.key).await.ok(200);
        assert_eq!(server.item("ada", &own).await["status"], "dismissed");
        server.delete(&path(&own)).key(&desk.key).await.ok(204);
        // The environment's key and the user see all of it.
        assert_eq!(titles(&server.feed("ada").await).len(), 2);
        server.finish().await;
    }

    /// A deleted application's notifications stay for their user, who may tidy up.
    async fn notifications_outlive_their_application(database) {
        let server = TestServer::start_on(database).await;
        let desk = server.app("desk").await;
        let id = server.tell(&desk, "ada", "left behind").await;
        server.delete(&desk.path("")).await.ok(204);
        assert_eq!(titles(&server.feed("ada").await), ["left behind"]);
        let token = server.token("ada").await;
        server.patch(&format!("/api/v1/notifications/{id}"), &json!({"status": "read"})).key(&token).await.ok(200);
        server.delete(&format!("/api/v1/notifications/{id}")).key(&token).await.ok(204);
        server.finish().await;
    }

    /// A deleted user has no feed; one of the same name begins with nothing, and followers begin anew.
    async fn a_deleted_user_leaves_nothing(database) {
        let server = TestServer::start_on(database).await;
        let desk = server.app("desk").await;
        server.put("/api/v1/users/ada", &json!({"name": "Ada"})).await.ok(200);
        server.tell(&desk, "ada", "old").await;
        let before = server.feed("ada").await;
        let mut socket = server.socket("?user=ada").key(server.key()).open().await;
        socket.expect("hello").await;
        server.delete("/api/v1/users/ada").await.ok(204);
        server.delete("/api/v1/users/ada").await.ok(204);
        server.delete("/api/v1/users/nobody").await.ok(204);
        assert_eq!(socket.expect("reset").await["counters"]["unread"], 0);
        let after = server.feed("ada").await;
        assert_eq!((&after["data"], &after["counters"]["unread"]), (&json!([]), &json!(0)));
        let sync = server.get(&format!("/api/v1/users/ada/feed?after={}", before["seq"])).await.ok(200);
        assert_eq!(sync["reset"], true);
        server.tell(&desk, "ada", "new").await;
        assert_eq!(titles(&server.feed("ada").await), ["new"]);
        assert_eq!(socket.expect("change").await["item"]["title"], "new");
        assert_eq!(server.get("/api/v1/audit?action=user.delete").await.ok(200)["data"].as_array().unwrap().len(), 1, "once");
        server.finish().await;
    }
}
