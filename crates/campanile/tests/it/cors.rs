//! What pages of other origins may do.

use http::Method;
use testkit::{Database, TestServer};

/// A05: browsers of configured origins may call, of others not; what they need to read is exposed.
#[tokio::test]
async fn a05_cors() {
    let origins = |config: &mut config::Config| {
        let variables = vec![(
            "CAMPANILE__SERVER__CORS_ORIGINS".to_owned(),
            "https://app.example".to_owned(),
        )];
        let sources = config::Sources {
            env: variables,
            ..config::Sources::default()
        };
        config.server.cors_origins = config::Config::load(sources).unwrap().server.cors_origins;
    };
    let server = TestServer::on(Database::Sqlite).with(origins).start().await;
    let preflight = |origin: &str| {
        server
            .call(Method::OPTIONS, "/api/v1/notifications")
            .anonymous()
            .header("origin", origin)
            .header("access-control-request-method", "PATCH")
            .header(
                "access-control-request-headers",
                "authorization,campanile-key,content-type,idempotency-key,last-event-id",
            )
    };
    let allowed = preflight("https://app.example").await;
    assert_eq!(allowed.status, 200);
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        Some("https://app.example")
    );
    assert!(
        allowed
            .header("access-control-allow-methods")
            .unwrap()
            .contains("PATCH")
    );
    for name in [
        "authorization",
        "campanile-key",
        "content-type",
        "idempotency-key",
        "last-event-id",
    ] {
        assert!(
            allowed
                .header("access-control-allow-headers")
                .unwrap()
                .contains(name),
            "{name}"
        );
    }
    assert_eq!(
        preflight("https://evil.example")
            .await
            .header("access-control-allow-origin"),
        None
    );
    // Refusals can be read by the page as well.
    let refused = server
        .get("/api/v1/apps")
        .anonymous()
        .header("origin", "https://app.example")
        .await;
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (401, Some("https://app.example"))
    );
    for name in [
        "ratelimit-remaining",
        "retry-after",
        "etag",
        "next-cursor",
        "x-request-id",
    ] {
        assert!(
            refused
                .header("access-control-expose-headers")
                .unwrap()
                .contains(name),
            "{name}"
        );
    }
    server.finish().await;
}
