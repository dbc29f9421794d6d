//! Lists: H's bare one, unread first; the paged one with its filters.

use serde_json::json;
use testkit::{TestServer, both};

use super::{badge, titles};

both! {
    /// F12, G04: a bare array, unread first and then newest first, with `skip` and `limit`.
    async fn f12_unread_first_then_newest(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        for n in 0..25 {
            // All within one tick of the clock: what came later is newer all the same.
            let id = server.tell(&app, "ada", &format!("n{n}")).await;
            if n % 2 == 0 {
                server.patch(&format!("/api/v1/notifications/{id}/read"), &json!(null)).key(&token).await.ok(200);
            }
        }
        server.tell(&app, "bob", "not hers").await;
        let list = async |query: &str| titles(&server.get(&format!("/api/v1/notifications{query}")).key(&token).await.ok(200));
        let unread: Vec<_> = (0..25).rev().filter(|n| n % 2 == 1).map(|n| format!("n{n}")).collect();
        let read: Vec<_> = (0..25).rev().filter(|n| n % 2 == 0).map(|n| format!("n{n}")).collect();
        let all = [unread, read].concat();
        assert_eq!(list("").await, all[..20]);
        assert_eq!(list("?limit=100").await, all);
        assert_eq!(list("?limit=1").await, all[..1]);
        assert_eq!(list("?skip=10&limit=5").await, all[10..15]);
        assert_eq!(list("?skip=24").await, all[24..]);
        assert_eq!(list("?skip=25").await, [""; 0]);
        assert_eq!(list("?skip=1000000").await, [""; 0]);
        for (query, pointer) in [("?skip=-1", "?skip"), ("?limit=0", "?limit"), ("?limit=101", "?limit"), ("?limit=-5", "?limit")] {
            let reply = server.get(&format!("/api/v1/notifications{query}")).key(&token).await;
            reply.refused(400, "range");
            assert_eq!(reply.faults(), [(pointer.to_owned(), "range".to_owned())], "{query}");
        }
        server.get("/api/v1/notifications?limit=many").key(&token).await.refused(400, "query");
        // F13: the badge.
        assert_eq!(badge(&server, &token).await, 12);
        server.finish().await;
    }

    /// F31: several applications in one centre; filters by status, application, priority, tenant; counters of what is filtered.
    async fn f31_filters_and_their_counters(database) {
        let server = TestServer::start_on(database).await;
        let (desk, shop) = (server.app("desk").await, server.app("shop").await);
        let token = server.token("ada").await;
        let table = [
            (&desk, "d1", json!({})), (&desk, "d2", json!({"priority": "high"})), (&desk, "d3", json!({"tenant": "acme"})),
            (&shop, "s1", json!({})), (&shop, "s2", json!({"tenant": "acme", "priority": "high"})),
        ];
        for (app, title, more) in table {
            let mut note = more;
            note["users"] = json!(["ada"]);
            note["title"] = json!(title);
            let id = server.notify(app, &note).await;
            server.turn(10).await;
            if title == "d1" || title == "s2" {
                server.patch(&format!("/api/v1/notifications/{id}/read"), &json!(null)).key(&token).await.ok(200);
            }
        }
        let cases: [(String, &[&str], i64); 9] = [
            (String::new(), &["s2", "s1", "d3", "d2", "d1"], 3),
            ("status=unread".into(), &["s1", "d3", "d2"], 3),
            ("status=read".into(), &["s2", "d1"], 3),
            ("status=dismissed".into(), &[], 3),
            ("app=desk".into(), &["d3", "d2", "d1"], 2),
            (format!("app={}", shop.id), &["s2", "s1"], 1),
            ("priority=high".into(), &["s2", "d2"], 3),
            ("tenant=acme".into(), &["s2", "d3"], 1),
            ("tenant=acme&app=shop&status=read&priority=high".into(), &["s2"], 0),
        ];
        for (query, expected, unread) in cases {
            let list = server.get(&format!("/api/v1/users/me/notifications?{query}")).key(&token).await.ok(200);
            assert_eq!(titles(&list), expected, "{query}");
            assert_eq!(list["counters"]["unread"], json!(unread), "{query}");
        }
        let bad = [("status=new", "unknown"), ("priority=9", "unknown"), ("limit=0", "range"), ("cursor=%00", "cursor"), ("tenant=%00", "control_character"), ("tenant=", "required")];
        for (query, code) in bad {
            server.get(&format!("/api/v1/users/me/notifications?{query}")).key(&token).await.refused(400, code);
        }
        server.get("/api/v1/users/me/notifications?app=nobody").key(&token).await.refused(404, "not_found");
        server.finish().await;
    }

    /// Pages walk the whole feed once, newest first.
    async fn pages_are_complete(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        for n in 0..23 {
            server.tell(&app, "ada", &format!("n{n}")).await;
            server.turn(10).await;
        }
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let list = server.get(&format!("/api/v1/users/ada/notifications?limit=5{cursor}")).await.ok(200);
            seen.extend(titles(&list));
            server.tell(&app, "ada", "meanwhile").await;
            match list["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, (0..23).rev().map(|n| format!("n{n}")).collect::<Vec<_>>());
        server.finish().await;
    }

    /// The paged list takes `skip` as well, with every filter, and goes on from there by its cursor.
    async fn pages_skip_rows(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        for n in 0..12 {
            let priority = if n % 3 == 0 { "high" } else { "normal" };
            server.notify(&app, &json!({"users": ["ada"], "title": format!("n{n}"), "priority": priority})).await;
        }
        let list = async |query: &str| server.get(&format!("/api/v1/users/me/notifications?{query}")).key(&token).await.ok(200);
        assert_eq!(titles(&list("skip=0&limit=2").await), ["n11", "n10"]);
        let page = list("skip=4&limit=3").await;
        assert_eq!(titles(&page), ["n7", "n6", "n5"]);
        let next = page["next_cursor"].as_str().unwrap();
        assert_eq!(titles(&list(&format!("limit=3&cursor={next}")).await), ["n4", "n3", "n2"]);
        assert_eq!(titles(&list("priority=high&skip=1&limit=2").await), ["n6", "n3"]);
        for beyond in ["skip=12", "skip=1000000"] {
            let page = list(beyond).await;
            assert_eq!((titles(&page).len(), &page["next_cursor"], &page["counters"]["unread"]), (0, &json!(null), &json!(12)));
        }
        let bad = [
            ("skip=-1".to_owned(), "range"), ("skip=1000001".to_owned(), "range"), ("skip=9223372036854775808".to_owned(), "query"),
            ("skip=many".to_owned(), "query"), ("skip=".to_owned(), "query"), (format!("skip=3&cursor={next}"), "conflict"),
        ];
        for (query, code) in bad {
            let reply = server.get(&format!("/api/v1/users/me/notifications?{query}")).key(&token).await;
            reply.refused(400, code);
            assert_eq!(reply.faults(), [("?skip".to_owned(), code.to_owned())], "{query}");
        }
        server.finish().await;
    }

    /// A feed survives a restart to the letter.
    async fn feeds_survive_a_restart(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        for n in 0..6 {
            let id = server.tell(&app, "ada", &format!("n{n}")).await;
            let status = ["read", "dismissed", "clicked"][n % 3];
            if n > 1 {
                server.patch(&format!("/api/v1/notifications/{id}"), &json!({"status": status})).key(&token).await.ok(200);
            }
        }
        let before = server.feed("ada").await;
        server.restart().await;
        assert_eq!(server.feed("ada").await, before);
        server.crash().await;
        server.start_again().await;
        assert_eq!(server.feed("ada").await, before);
        server.finish().await;
    }
}
