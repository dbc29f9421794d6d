//! Event types: registered, changed, forgotten; obeyed at once.

use serde_json::json;
use testkit::{TestServer, both};

both! {
    /// E24: the categories in use are those of registered types, from one call to the next.
    async fn e24_types_are_registered_changed_and_forgotten(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let spec = json!({
            "name": "neural/observation.captured", "category": "observation", "description": "seen", "version": "2026-03-01",
            "visibility": "platform", "public_name": "observation.created", "public_fields": ["score"],
            "schema": {"type": "object"},
        });
        let made = server.post("/api/v1/event-types", &spec).await.ok(201);
        for (name, value) in spec.as_object().unwrap() {
            assert_eq!(&made[name], value, "{name}");
        }
        // The same again is the same; another under the name is refused.
        server.post("/api/v1/event-types", &spec).await.ok(200);
        let other = json!({"name": "neural/observation.captured", "category": "other"});
        server.post("/api/v1/event-types", &other).await.refused(409, "event_type_exists");
        let path = "/api/v1/event-types/neural%2Fobservation.captured";
        assert_eq!(server.get(path).await.ok(200)["public_name"], "observation.created");
        let publish = |category: &str| {
            server.post(&app.path("/events"), &json!({"type": "free", "category": category, "data": {}})).key(&app.key)
        };
        publish("other").await.refused(400, "unknown_category");
        let changed = server.patch(path, &json!({"category": "other", "public_name": null, "public_fields": null})).await.ok(200);
        assert_eq!((&changed["category"], &changed["public_name"]), (&json!("other"), &json!(null)));
        assert_eq!(changed["version"], "2026-03-01");
        publish("other").await.ok(200);
        publish("observation").await.refused(400, "unknown_category");
        server.restart().await;
        assert_eq!(server.get("/api/v1/event-types").await.ok(200)["data"].as_array().unwrap().len(), 1);
        server.delete(path).await.ok(204);
        server.delete(path).await.ok(204);
        server.get(path).await.refused(404, "not_found");
        server.patch(path, &json!({"category": "x"})).await.refused(404, "not_found");
        // Without types there are no categories to be held to.
        let free = json!({"type": "free", "category": "anything", "data": {}});
        server.post(&app.path("/events"), &free).key(&app.key).await.ok(200);
        server.finish().await;
    }
}

/// A type that cannot be one is refused with what is wrong.
#[tokio::test]
async fn e24_types_that_cannot_be_are_refused() {
    let server = TestServer::start().await;
    let table = [
        (json!({"name": "", "category": "c"}), "/name"),
        (json!({"name": "a b", "category": "c"}), "/name"),
        (json!({"name": "notification.x", "category": "c"}), "/name"),
        (json!({"name": "a", "category": ""}), "/category"),
        (
            json!({"name": "a", "category": "c", "schema": {"type": "nothing"}}),
            "/schema",
        ),
        (
            json!({"name": "a", "category": "c", "schema": {"x": "y".repeat(70_000)}}),
            "/schema",
        ),
        (
            json!({"name": "a", "category": "c", "public_name": "endpoint.x"}),
            "/public_name",
        ),
        (
            json!({"name": "a", "category": "c", "public_fields": [""]}),
            "/public_fields/0",
        ),
        (
            json!({"name": "a", "category": "c", "visibility": "world"}),
            "/visibility",
        ),
        (json!({"name": "a", "category": "c", "version": ""}), "/version"),
    ];
    for (spec, pointer) in table {
        let reply = server.post("/api/v1/event-types", &spec).await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults()[0].0, pointer, "{reply}");
    }
    // A schema that asks for the network or the disk is no schema here.
    for reference in ["http://127.0.0.1:9/schema.json", "file:///etc/passwd"] {
        let reply = server
            .post(
                "/api/v1/event-types",
                &json!({"name": "r", "category": "c", "schema": {"$ref": reference}}),
            )
            .await;
        assert_eq!(reply.status, 422, "{reply}");
    }
    assert_eq!(server.get("/api/v1/event-types").await.ok(200)["data"], json!([]));
    server.finish().await;
}
