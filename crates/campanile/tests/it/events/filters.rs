//! Reading events: filters, pages.

use serde_json::{Value, json};
use testkit::{App, TestServer, both};

async fn numbers(server: &TestServer, app: &App, query: &str) -> Vec<i64> {
    let list = server
        .get(&app.path(&format!("/events?limit=100&{query}")))
        .key(&app.key)
        .await
        .ok(200);
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["data"]["n"].as_i64().unwrap())
        .collect()
}

both! {
    /// E23, A01: by type, category, entity, tenant, user and time; newest first.
    async fn e23_each_filter_finds_what_it_names(database) {
        let server = TestServer::start_on(database).await;
        let (app, other) = (server.app("shop").await, server.app("bank").await);
        let publish = async |n: i64, more: Value| {
            let mut event = json!({"type": "t", "data": {"n": n}});
            for (name, value) in more.as_object().unwrap() {
                event[name] = value.clone();
            }
            server.publish(&app, &event).await;
            server.turn(1_000).await;
        };
        publish(1, json!({"type": "a"})).await;
        publish(2, json!({"category": "orders"})).await;
        publish(3, json!({"entity": {"type": "order", "id": "1"}})).await;
        publish(4, json!({"entity": {"type": "invoice", "id": "1"}})).await;
        publish(5, json!({"tenant": "acme"})).await;
        publish(6, json!({"users": ["ada", "bob"]})).await;
        publish(7, json!({"users": ["ada"], "tenant": "acme"})).await;
        server.publish(&other, &json!({"type": "a", "data": {"n": 99}, "tenant": "acme", "users": ["ada"]})).await;
        let table: [(&str, &[i64]); 15] = [
            ("", &[7, 6, 5, 4, 3, 2, 1]),
            ("type=a", &[1]),
            ("category=orders", &[2]),
            ("entity_type=order", &[3]),
            ("entity_id=1", &[4, 3]),
            ("entity_type=invoice&entity_id=1", &[4]),
            ("tenant=acme", &[7, 5]),
            ("user=ada", &[7, 6]),
            ("user=bob", &[6]),
            ("user=ada&tenant=acme", &[7]),
            ("type=nothing", &[]),
            ("from=2026-02-07T10:00:05Z", &[7, 6]),
            ("to=2026-02-07T10:00:02Z", &[2, 1]),
            ("from=2026-02-07T10:00:02Z&to=2026-02-07T10:00:04Z", &[4, 3]),
            ("user=%27%20OR%201%3D1", &[]),
        ];
        for (query, expected) in table {
            assert_eq!(numbers(&server, &app, query).await, expected, "{query}");
        }
        server.finish().await;
    }

    /// E23: by a path inside `data`, within a time range.
    async fn e23_a_path_inside_data(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let data = [
            json!({"n": 1, "user": {"name": "Ada", "vip": true}, "tags": ["x", "y"], "total": 12}),
            json!({"n": 2, "user": {"name": "Bob", "vip": false}, "tags": ["y"], "total": 13}),
            json!({"n": 3, "user": "Ada", "a\"b": "quoted", "total": null}),
            json!({"n": 4, "total": "12", "with space": "yes"}),
        ];
        for data in &data {
            server.publish(&app, &json!({"type": "t", "data": data})).await;
            server.turn(10).await;
        }
        server.post(&app.path("/events"), &json!({"type": "t", "data": "Ada"})).await.ok(200);
        let table: [(&str, &[i64]); 10] = [
            ("data.user.name=Ada", &[1]),
            ("data.user=Ada", &[3]),
            ("data.user.vip=true", &[1]),
            ("data.user.vip=false", &[2]),
            ("data.total=12", &[4, 1]),
            ("data.total=13", &[2]),
            ("data.tags.0=y", &[2]),
            ("data.user.name=Ada&data.total=12", &[1]),
            ("data.nowhere.at.all=x", &[]),
            ("data.with%20space=yes", &[4]),
        ];
        for (query, expected) in table {
            assert_eq!(numbers(&server, &app, query).await, expected, "{query}");
        }
        // A filter inside data looks at a day unless told otherwise, and at 31 days at most.
        server.turn(2 * 86_400_000).await;
        assert_eq!(numbers(&server, &app, "data.total=13").await, [0_i64; 0]);
        assert_eq!(numbers(&server, &app, "data.total=13&from=2026-02-07T00:00:00Z").await, [2]);
        let list = |query: &str| server.get(&app.path(&format!("/events?{query}")));
        list("data.n=1&from=2025-12-01T00:00:00Z").await.refused(400, "range");
        for query in ["data.=1", "data.a..b=1", "data.a%22b=1", "data.a%00=1", &["data.a=1"; 6].join("&")] {
            assert_eq!(list(query).await.status, 400, "{query}");
        }
        server.finish().await;
    }

    /// A cursor walks the whole list once, while new events arrive.
    async fn e23_pages_are_complete_and_stable(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let many: Vec<Value> = (0..95).map(|n| json!({"type": "t", "data": {"n": n}})).collect();
        server.post(&app.path("/events/batch"), &json!({"events": many})).await.ok(200);
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let list = server.get(&app.path(&format!("/events?limit=20{cursor}"))).key(&app.key).await.ok(200);
            seen.extend(list["data"].as_array().unwrap().iter().map(|event| event["data"]["n"].as_i64().unwrap()));
            pages += 1;
            // What arrives meanwhile is newer than everything on later pages, even in the same tick.
            server.publish(&app, &json!({"type": "late", "data": {"n": -1}})).await;
            match list["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (95, 5));
        assert_eq!(seen, (0..95).rev().collect::<Vec<_>>(), "newest first, each once");
        server.finish().await;
    }
}

/// Pages have 1 to 100 rows; what is no cursor, number or time is a bad request.
#[tokio::test]
async fn lists_refuse_what_they_cannot_read() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let table = [
        ("limit=0", "range"),
        ("limit=101", "range"),
        ("limit=-1", "range"),
        ("limit=many", "query"),
        ("cursor=%21%21", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("from=yesterday", "format"),
        ("to=2026-13-01T00:00:00Z", "format"),
        ("type=a%00b", "nul_character"),
    ];
    for (query, code) in table {
        server
            .get(&app.path(&format!("/events?{query}")))
            .await
            .refused(400, code);
    }
    for limit in [1, 100] {
        server
            .get(&app.path(&format!("/events?limit={limit}")))
            .await
            .ok(200);
    }
    server
        .get(&app.path("/events/evt_nonsense"))
        .await
        .refused(404, "not_found");
    server
        .get(&app.path("/events/evt_2x4Kq1Zr0mVh8YbS3nTfWc7Ld9e"))
        .await
        .refused(404, "not_found");
    server.finish().await;
}
