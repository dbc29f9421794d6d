//! What is wrong with a workflow is told when it is declared.

use serde_json::{Value, json};
use testkit::TestServer;

use super::declare;

fn bell() -> Value {
    json!({"name": "bell", "in_app": {"title": "Hello"}})
}

#[tokio::test]
async fn what_is_wrong_is_told_by_its_place() {
    let server = TestServer::start().await;
    let table = [
        (json!({"steps": []}), "/steps"),
        (json!({"steps": [bell(), bell()]}), "/steps/1/name"),
        (
            json!({"steps": [{"name": "a b", "in_app": {"title": "x"}}]}),
            "/steps/0/name",
        ),
        (
            json!({"steps": [{"name": "bell", "in_app": {"title": " "}}]}),
            "/steps/0/in_app/title",
        ),
        (
            json!({"steps": [{"name": "mail", "email": {"subject": "x"}}]}),
            "/steps/0/email",
        ),
        (
            json!({"steps": [{"name": "wait", "delay": {}}]}),
            "/steps/0/delay",
        ),
        (json!({"steps": [bell()], "recipients": [{}]}), "/recipients/0"),
        (
            json!({"steps": [bell()], "otherwise": [{"users": ["ada"]}]}),
            "/otherwise",
        ),
        (
            json!({"steps": [bell()], "schema": {"type": "no such type"}}),
            "/schema",
        ),
        (
            json!({"steps": [bell()], "concurrency": {"key": "data.a", "limit": 0}}),
            "/concurrency/limit",
        ),
        (
            json!({"steps": [{"name": "b", "batch": {"window": {"fixed": {"for": "5m"}}, "close_at": 1}}]}),
            "/steps/0/batch/close_at",
        ),
    ];
    for (body, pointer) in table {
        let refused = server.put("/api/v1/workflows/hello", &body).await;
        assert_eq!(refused.status, 422, "{body} {}", refused.text());
        let faults = refused.faults();
        assert!(
            faults.iter().any(|(place, _)| place == pointer),
            "{body}: {faults:?}"
        );
    }
    for body in [
        json!({"steps": [{"name": "x"}]}),
        json!({"steps": [{"name": "x", "in_app": {"title": "x"}, "delay": {"for": "5m"}}]}),
        json!({"steps": [{"name": "x", "fax": {}}]}),
        json!({"steps": [bell()], "colour": "red"}),
        json!({"steps": [{"name": "x", "delay": {"for": "soon"}}]}),
        json!({"steps": [bell()], "key": 1}),
    ] {
        let refused = server.put("/api/v1/workflows/hello", &body).await;
        assert!(matches!(refused.status, 400 | 422), "{body} {}", refused.text());
    }
    let other = json!({"key": "other", "steps": [bell()]});
    server
        .put("/api/v1/workflows/hello", &other)
        .await
        .refused(422, "invalid");
    server
        .get("/api/v1/workflows/hello")
        .await
        .refused(404, "not_found");
}

/// A syntax error is told with line and column when the workflow is declared.
#[tokio::test]
async fn an_error_in_a_text_is_told_with_line_and_column() {
    let server = TestServer::start().await;
    let body =
        json!({"steps": [{"name": "bell", "in_app": {"title": "one\n  {{ data.x | nosuchfilter }}"}}]});
    let refused = server.put("/api/v1/workflows/hello", &body).await;
    let problem = refused.refused(422, "invalid");
    let text = problem.to_string();
    assert!(text.contains("line 2") && text.contains("column"), "{text}");
}

/// The same again is no new version; another is, and is read back as it was written.
#[tokio::test]
async fn a_version_is_made_only_by_a_difference() {
    let server = TestServer::start().await;
    let first = declare(&server, "hello", json!({"steps": [bell()], "categories": ["a"]})).await;
    assert_eq!(first["version"], 1);
    assert_eq!(
        declare(&server, "hello", json!({"categories": ["a"], "steps": [bell()]})).await["version"],
        1
    );
    assert_eq!(
        declare(&server, "hello", json!({"steps": [bell()]})).await["version"],
        2
    );
    let read = server.get("/api/v1/workflows/hello").await.ok(200);
    assert_eq!(
        declare(&server, "hello", read["spec"].clone()).await["version"],
        2,
        "what is read can be written"
    );
    server.delete("/api/v1/workflows/hello").await.ok(204);
    server.delete("/api/v1/workflows/hello").await.ok(204);
    server
        .post("/api/v1/workflows/hello/trigger", &json!({"recipients": ["ada"]}))
        .await
        .refused(404, "not_found");
    assert_eq!(
        declare(&server, "hello", json!({"steps": [bell()]})).await["version"],
        3
    );
}
