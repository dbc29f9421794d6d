//! What is not taken, and why, said to the letter.

use serde_json::{Value, json};
use testkit::{App, Reply, TestServer, both};

async fn publish(server: &TestServer, app: &App, event: &Value) -> Reply {
    server.post(&app.path("/events"), event).key(&app.key).await
}

both! {
    /// E24: a category that is not in use is refused with 400 and the known ones.
    async fn e24_an_unknown_category_names_the_known_ones(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        for (name, category) in [("order.placed", "orders"), ("user.joined", "people"), ("user.left", "people")] {
            server.event_type(&json!({"name": name, "category": category})).await;
        }
        let reply = publish(&server, &app, &json!({"type": "other", "category": "weather", "data": {}})).await;
        let problem = reply.refused(400, "unknown_category");
        assert!(problem["detail"].as_str().unwrap().contains("known: orders, people"), "{problem}");
        assert_eq!(problem["errors"][0]["pointer"], "/category");
        // A type of another category.
        let reply = publish(&server, &app, &json!({"type": "order.placed", "category": "people", "data": {}})).await;
        reply.refused(400, "wrong_category");
        // The right one, and none: taken from the type.
        publish(&server, &app, &json!({"type": "order.placed", "category": "orders", "data": {}})).await.ok(200);
        publish(&server, &app, &json!({"type": "order.placed", "data": {}})).await.ok(200);
        let list = server.get(&app.path("/events?category=orders")).await.ok(200);
        assert_eq!(list["data"].as_array().unwrap().len(), 2);
        server.finish().await;
    }

    /// E24: where registration is required, an unknown type is refused with 400 and the known ones.
    async fn e24_an_unknown_type_names_the_known_ones_where_registration_is_required(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        server.event_type(&json!({"name": "order.placed", "category": "orders"})).await;
        publish(&server, &app, &json!({"type": "unheard.of", "data": {}})).await.ok(200);
        server.settings(&json!({"require_registered_types": true})).await;
        let problem = publish(&server, &app, &json!({"type": "unheard.of", "data": {}})).await.refused(400, "unknown_type");
        assert!(problem["detail"].as_str().unwrap().contains("known: order.placed"), "{problem}");
        publish(&server, &app, &json!({"type": "order.placed", "data": {}})).await.ok(200);
        server.finish().await;
    }

    /// A payload is held against its type's JSON Schema; each fault has its pointer.
    async fn schema_faults_have_pointers(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let schema = json!({
            "type": "object", "required": ["score", "topics"],
            "properties": {"score": {"type": "integer", "maximum": 100}, "topics": {"type": "array", "items": {"type": "string"}}},
        });
        server.event_type(&json!({"name": "observation.captured", "category": "observation", "schema": schema})).await;
        let event = |data: Value| json!({"type": "observation.captured", "data": data});
        let reply = publish(&server, &app, &event(json!({"score": 101, "topics": ["a", 7]}))).await;
        reply.refused(422, "invalid");
        let mut faults = reply.faults();
        faults.sort();
        let schema = |pointer: &str| (pointer.to_owned(), "schema".to_owned());
        assert_eq!(faults, [schema("/data/score"), schema("/data/topics/1")]);
        let reply = publish(&server, &app, &event(json!({"topics": []}))).await;
        assert_eq!(reply.faults(), [schema("/data")]);
        publish(&server, &app, &event(json!({"score": 85, "topics": []}))).await.ok(200);
        // Without its schema the type takes anything.
        server.patch("/api/v1/event-types/observation.captured", &json!({"schema": null})).await.ok(200);
        publish(&server, &app, &event(json!({}))).await.ok(200);
        server.finish().await;
    }

    /// What either database could not keep is refused at the door.
    async fn what_a_database_cannot_keep_is_refused(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let table = [
            (r#"{"a":"\u0000"}"#.to_owned(), "nul_character"),
            (r#"{"\u0000":1}"#.to_owned(), "nul_character"),
            (r#"{"a":"\ud800"}"#.to_owned(), "lone_surrogate"),
            (r#"{"a":"\udc00"}"#.to_owned(), "lone_surrogate"),
            (r#"{"a":"\ud800\ud800"}"#.to_owned(), "lone_surrogate"),
            (r#"{"a":1e999}"#.to_owned(), "number_range"),
            (deep(65), "too_deep"),
        ];
        for (data, code) in table {
            let body = format!(r#"{{"type":"t","data":{data}}}"#);
            let reply = server.post(&app.path("/events"), &json!(null)).bytes(body).await;
            reply.ok(422);
            assert_eq!(reply.faults(), [("/data".to_owned(), code.to_owned())], "{data:.100}");
        }
        for data in [r#"{"a":"\ud83d\ude00 \\u0000"}"#.to_owned(), deep(64), "null".to_owned(), "\"text\"".to_owned()] {
            let body = format!(r#"{{"type":"t","data":{data}}}"#);
            server.post(&app.path("/events"), &json!(null)).bytes(body).await.ok(200);
        }
        // The same where it is not data.
        for member in ["type", "category", "tenant", "id"] {
            let mut event = json!({"type": "t", "data": {}});
            event[member] = json!("a\u{0}b");
            let reply = publish(&server, &app, &event).await;
            assert!(reply.status == 422 || reply.status == 400, "{member}: {reply}");
        }
        for (member, value) in [("users", json!(["a\u{0}"])), ("entity", json!({"type": "t", "id": "\u{0}"}))] {
            let mut event = json!({"type": "t", "data": {}});
            event[member] = value;
            publish(&server, &app, &event).await.refused(422, "invalid");
        }
        server.finish().await;
    }

    /// Sizes: of data, of a body, of lists and texts.
    async fn what_is_too_large_is_refused(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let event = |length: usize| json!({"type": "t", "data": "x".repeat(length)});
        publish(&server, &app, &event(256 * 1024 - 2)).await.ok(200);
        publish(&server, &app, &event(256 * 1024 - 1)).await.refused(413, "too_large");
        publish(&server, &app, &event(2 << 20)).await.refused(413, "too_large");
        let users: Vec<_> = (0..1_001).map(|n| format!("u{n}")).collect();
        let reply = publish(&server, &app, &json!({"type": "t", "data": {}, "users": users})).await;
        assert_eq!(reply.faults(), [("/users".to_owned(), "too_many".to_owned())]);
        for (member, length) in [("type", 201), ("category", 101), ("tenant", 257), ("id", 257)] {
            let mut event = json!({"type": "t", "data": {}});
            event[member] = json!("x".repeat(length));
            let reply = publish(&server, &app, &event).await;
            assert_eq!(reply.faults(), [(format!("/{member}"), "too_long".to_owned())], "{reply}");
        }
        server.finish().await;
    }
}

/// Malformed input is 400 or 422 with what was wrong, never 500.
#[tokio::test]
async fn malformed_input_says_what_was_wrong() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let table: [(&[u8], u16, &str); 14] = [
        (b"", 400, "json"),
        (b"{", 400, "json"),
        (b"\xff\xfe", 400, "json"),
        (b"nonsense", 400, "json"),
        (br#"{"type":"t","data":{}} x"#, 400, "json"),
        (br#"{"type":"t","data":{}}{}"#, 400, "json"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (br#"{"type":"t"}"#, 422, "invalid"),
        (br#"{"data":{}}"#, 422, "invalid"),
        (br#"{"type":7,"data":{}}"#, 422, "invalid"),
        (br#"{"type":"t","data":{},"colour":"red"}"#, 422, "invalid"),
        (br#"{"type":"t","type":"u","data":{}}"#, 422, "invalid"),
    ];
    for (body, status, code) in table {
        let reply = server
            .post(&app.path("/events"), &json!(null))
            .bytes(body)
            .key(&app.key)
            .await;
        assert_eq!(
            (reply.status, reply.json()["code"].as_str()),
            (status, Some(code)),
            "{reply}"
        );
    }
    let wrong = [
        (json!({"type": "", "data": {}}), "/type", "required"),
        (json!({"type": "has space", "data": {}}), "/type", "format"),
        (
            json!({"type": "notification.read", "data": {}}),
            "/type",
            "reserved",
        ),
        (
            json!({"type": "endpoint.disabled", "data": {}}),
            "/type",
            "reserved",
        ),
        (
            json!({"type": "t", "data": {}, "occurred_at": "yesterday"}),
            "/occurred_at",
            "format",
        ),
        (
            json!({"type": "t", "data": {}, "users": [""]}),
            "/users/0",
            "required",
        ),
        (
            json!({"type": "t", "data": {}, "users": ["a", "b", ""]}),
            "/users/2",
            "required",
        ),
        (
            json!({"type": "t", "data": {}, "entity": {"type": "x", "id": ""}}),
            "/entity/id",
            "required",
        ),
    ];
    for (event, pointer, code) in wrong {
        let reply = publish(&server, &app, &event).await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults(), [(pointer.to_owned(), code.to_owned())], "{reply}");
    }
    // Where the shape breaks inside, the pointer says where.
    let reply = publish(
        &server,
        &app,
        &json!({"type": "t", "data": {}, "entity": {"type": 1, "id": "x"}}),
    )
    .await;
    assert_eq!(reply.faults(), [("/entity/type".to_owned(), "shape".to_owned())]);
    // A slash and a prefix are welcome.
    server
        .publish_kind(&app, "apps-console/neural/observation.captured")
        .await;
    server.finish().await;
}
