//! Polling: everything after N, with an `ETag` for those who ask often.

use serde_json::{Value, json};
use testkit::{Reply, TestServer, both};

both! {
    /// F19, live or polling: `after` brings exactly what was missed, an unchanged feed is 304.
    async fn polling_brings_what_was_missed(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let poll = async |query: &str, tag: &str| -> Reply {
            server.get(&format!("/api/v1/users/me/feed{query}")).key(&token).header("if-none-match", tag).await
        };
        let empty = poll("", "").await;
        let tag = empty.header("etag").unwrap().to_owned();
        let body = empty.ok(200);
        assert_eq!((&body["reset"], &body["items"], &body["seq"]), (&json!(false), &json!([]), &json!(0)));
        assert_eq!(poll("?after=0", &tag).await.status, 304);
        let (one, two) = (server.tell(&app, "ada", "one").await, server.tell(&app, "ada", "two").await);
        server.patch(&format!("/api/v1/notifications/{one}"), &json!({"status": "read"})).key(&token).await.ok(200);
        server.post("/api/v1/notifications/mark-all-read", &json!({"app": "desk"})).key(&token).await.ok(200);
        let reply = poll("?after=0", &tag).await;
        assert_ne!(reply.header("etag").unwrap(), tag);
        let body = reply.ok(200);
        let items: Vec<_> = body["items"].as_array().unwrap().iter().map(|item| (item["seq"].as_i64().unwrap(), item["id"].clone())).collect();
        // Each item once, where it stands now; the mark between them.
        assert_eq!(items, [(2, json!(two)), (3, json!(one))]);
        assert_eq!(body["marks"].as_array().unwrap().len(), 1);
        let mark = &body["marks"][0];
        assert_eq!((&mark["seq"], &mark["status"], &mark["app"], &mark["tenant"]), (&json!(4), &json!("read"), &json!(app.id), &Value::Null));
        assert_eq!((&body["through"], &body["seq"], &body["counters"]["unread"]), (&json!(4), &json!(4), &json!(0)));
        let body = poll("?after=3", "").await.ok(200);
        assert_eq!((body["items"].as_array().unwrap().len(), body["marks"].as_array().unwrap().len()), (0, 1));
        server.finish().await;
    }

    /// A tag is of one user's feed, and no answer may be kept on the way.
    async fn a_tag_is_one_users(database) {
        let server = TestServer::start_on(database).await;
        let poll = async |user: &str, tag: &str| -> Reply {
            server.get(&format!("/api/v1/users/{user}/feed")).header("if-none-match", tag).await
        };
        let ada = poll("ada", "").await;
        let tag = ada.header("etag").unwrap();
        for (user, status) in [("ada", 304), ("bob", 200)] {
            let reply = poll(user, tag).await;
            assert_eq!((reply.status, reply.header("cache-control")), (status, Some("no-store")), "{user}");
        }
        assert_eq!(server.get("/api/v1/nothing").await.header("cache-control"), Some("no-store"));
        // Pages are no answers of the API and say of themselves how long they hold.
        assert_ne!(server.get("/api/v1/docs").await.header("cache-control"), Some("no-store"));
        server.finish().await;
    }

    /// 304 is for those who would be told nothing, however they name the tag; whoever has something coming is told it, whatever tag they send.
    async fn a_tag_hides_nothing(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        for _ in 0..3 {
            server.tell(&app, "ada", "t").await;
        }
        let poll = async |query: &str, tag: &str| -> Reply {
            server.get(&format!("/api/v1/users/ada/feed{query}")).header("if-none-match", tag).await
        };
        let first = poll("", "").await;
        let tag = first.header("etag").unwrap();
        let ours = format!("?after=3&epoch={}", first.ok(200)["epoch"].as_str().unwrap());
        for query in ["", "?after=3", &ours] {
            for named in [tag, "*", &format!("W/{tag}"), &format!("\"other\", {tag}")] {
                assert_eq!(poll(query, named).await.status, 304, "{query} {named}");
            }
            assert_eq!(poll(query, "\"other\"").await.status, 200, "{query}");
        }
        assert_eq!(poll("?after=1", tag).await.ok(200)["items"].as_array().unwrap().len(), 2);
        for query in ["?after=4", "?epoch=another", "?after=3&epoch=another"] {
            assert_eq!(poll(query, tag).await.ok(200)["reset"], true, "{query}");
        }
        server.finish().await;
    }

    /// R3: above the head, of another epoch, below what was pruned: `reset`, never a part.
    async fn r3_reset_never_a_part(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        for _ in 0..3 {
            server.tell(&app, "ada", "t").await;
        }
        let poll = async |query: &str| server.get(&format!("/api/v1/users/ada/feed?{query}")).await.ok(200);
        let whole = poll("after=0").await;
        let epoch = whole["epoch"].as_str().unwrap();
        assert_eq!(whole["items"].as_array().unwrap().len(), 3);
        for query in ["after=4".to_owned(), "after=-1".to_owned(), "after=1&epoch=another".to_owned(), "after=9223372036854775807".to_owned()] {
            let body = poll(&query).await;
            assert_eq!((&body["reset"], &body["items"], &body["seq"]), (&json!(true), &json!([]), &json!(3)), "{query}");
        }
        assert_eq!(poll(&format!("after=1&epoch={epoch}")).await["reset"], false);
        server.get("/api/v1/users/ada/feed?after=x").await.refused(400, "query");
        // Pruned: the notifications are older than the environment keeps them.
        server.settings(&json!({"retention": {"notifications": 1}})).await;
        server.turn_and_settle(2 * 86_400_000).await;
        assert_eq!(server.feed("ada").await["data"], json!([]));
        assert_eq!(poll("after=1").await["reset"], true);
        let body = poll(&format!("after={}", poll("").await["seq"])).await;
        assert_eq!((&body["reset"], &body["counters"]["unread"]), (&json!(false), &json!(0)));
        server.finish().await;
    }

    /// More than one answer holds: `through` says how far it goes, and the next goes on there.
    async fn a_long_absence_is_told_in_parts(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        for n in 0..620 {
            server.post(&app.path("/notifications"), &json!({"users": ["ada"], "title": format!("n{n}")})).await.ok(201);
        }
        let (mut after, mut seen) = (0, Vec::new());
        loop {
            let body = server.get(&format!("/api/v1/users/ada/feed?after={after}")).await.ok(200);
            assert_eq!(body["reset"], false);
            seen.extend(body["items"].as_array().unwrap().iter().map(|item| item["seq"].as_i64().unwrap()));
            after = body["through"].as_i64().unwrap();
            if after == body["seq"] {
                break;
            }
        }
        assert_eq!(seen, (1..=620).collect::<Vec<i64>>());
        server.finish().await;
    }
}
