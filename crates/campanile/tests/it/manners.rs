//! The API's manners: limits, problems, methods, settings.

use http::Method;
use serde_json::json;
use testkit::{Client, Database, TestServer, both};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

both! {
    /// A04: the 1,001st call in 15 minutes is 429 with `Retry-After`; the environment's key is exempt; a batch counts its events.
    async fn a04_the_1001st_call(database) {
        let server = TestServer::start_on(database).await;
        let (app, other) = (server.app("desk").await, server.app("shop").await);
        let limit = |limit: u32| json!({"limit": limit, "window": 900});
        server.settings(&json!({"rate_limits": {"events": limit(1_000), "notifications": limit(3), "webhooks": limit(2)}})).await;
        let publish = |key: &str| server.post(&app.path("/events"), &json!({"type": "t", "data": 1})).key(key);
        let batch = |count: usize| {
            server.post(&app.path("/events/batch"), &json!({"events": vec![json!({"type": "t", "data": 1}); count]})).key(&app.key)
        };
        for n in 0..7 {
            let reply = publish(&app.key).await;
            reply.ok(200);
            let headers = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map(|name| reply.number(name));
            assert_eq!(headers[..2], [Some(1_000), Some(999 - n)]);
            assert!((1..=901).contains(&headers[2].unwrap()));
        }
        assert_eq!(batch(990).await.number("ratelimit-remaining"), Some(3));
        let refused = batch(4).await;
        refused.refused(429, "rate_limited");
        for n in 0..3 {
            assert_eq!(publish(&app.key).await.number("ratelimit-remaining"), Some(2 - n));
        }
        let reply = publish(&app.key).await;
        reply.refused(429, "rate_limited");
        assert_eq!(reply.number("ratelimit-remaining"), Some(0));
        assert!((899..=901).contains(&reply.number("retry-after").unwrap()));
        // Another class, another key, the environment's key, and reading: not affected.
        let note = |n: i64| server.post(&app.path("/notifications"), &json!({"users": ["ada"], "title": format!("{n}")})).key(&app.key);
        for n in 0..3 {
            note(n).await.ok(201);
        }
        note(3).await.refused(429, "rate_limited");
        server.post(&other.path("/events"), &json!({"type": "t", "data": 1})).key(&other.key).await.ok(200);
        for _ in 0..5 {
            publish(server.key()).await.ok(200);
            server.get(&app.path("/events")).key(&app.key).await.ok(200);
        }
        for _ in 0..2 {
            server.get(&app.path("/webhooks")).key(&app.key).await.ok(200);
        }
        server.get(&app.path("/webhooks")).key(&app.key).await.refused(429, "rate_limited");
        // The window's end brings a new one.
        server.turn(900_000).await;
        assert_eq!(publish(&app.key).await.number("ratelimit-remaining"), Some(999));
        // No limit unless configured.
        server.settings(&json!({"rate_limits": {"events": null}})).await;
        assert_eq!(publish(&app.key).await.number("ratelimit-limit"), None);
        server.finish().await;
    }

    /// Settings are merged, checked by name, and obeyed at once.
    async fn settings_are_merged_and_checked(database) {
        let mut server = TestServer::start_on(database).await;
        let before = server.get("/api/v1/environment").await.ok(200);
        assert_eq!(before["name"], "default");
        let after = server.settings(&json!({"limits": {"title": 80}, "require_installation": true})).await;
        assert_eq!((&after["settings"]["limits"]["title"], &after["settings"]["limits"]["body"]), (&json!(80), &before["settings"]["limits"]["body"]));
        server.restart().await;
        assert_eq!(server.get("/api/v1/environment").await.ok(200), after);
        let wrong = [
            json!({"colour": 1}), json!({"limits": {"titel": 1}}), json!({"limits": {"title": 0}}), json!({"limits": {"title": 1_001}}),
            json!({"limits": 5}), json!({"rate_limits": {"logins": {"limit": 1, "window": 1}}}), json!({"rate_limits": {"events": {"limit": 0, "window": 1}}}),
            json!({"rate_limits": {"events": {"limit": 1}}}), json!({"retention": {"events": -1}}), json!({"require_installation": "yes"}),
        ];
        for settings in wrong {
            let reply = server.patch("/api/v1/environment", &json!({"settings": settings})).await;
            reply.refused(422, "invalid");
            assert!(reply.faults()[0].0.starts_with("/settings"), "{reply}");
        }
        assert_eq!(server.get("/api/v1/environment").await.ok(200), after);
        assert_eq!(server.settings(&json!({"limits": null, "require_installation": null})).await, before);
        server.finish().await;
    }
}

/// Whatever is asked in whatever way, the answer is a problem and never a server error.
#[tokio::test]
async fn odd_requests_are_problems_and_never_server_errors() {
    let server = TestServer::start().await;
    let app = server.app("desk").await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/apps",
        "/api/v1/nothing",
        "/api/v1/apps/desk/nothing",
        "/api/v1/apps//events",
        "/api/v1/APPS",
    ] {
        let reply = server.get(path).await;
        assert_eq!(reply.status, 404, "{reply}");
    }
    let events = app.path("/events");
    for (method, path) in [
        (Method::DELETE, "/api/v1/apps"),
        (Method::PUT, events.as_str()),
        (Method::PATCH, "/api/v1/notifications"),
        (Method::POST, "/api/v1/environment"),
        (Method::TRACE, "/api/v1/apps"),
        (Method::from_bytes(b"BREW").unwrap(), "/api/v1/apps"),
    ] {
        let reply = server.call(method, path).await;
        reply.refused(405, "method_not_allowed");
        assert!(reply.header("allow").is_some(), "{reply}");
    }
    // JSON is what is read, whatever the header calls it.
    let event = br#"{"type":"t","data":{}}"#;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-8",
        "image/png",
    ] {
        let reply = server
            .post(&events, &json!(null))
            .header("content-type", kind)
            .bytes(&event[..])
            .await;
        assert!(matches!(reply.status, 200 | 415), "{reply}");
    }
    for path in [
        "/api/v1/apps/%00",
        "/api/v1/apps/%FF",
        "/api/v1/apps/%ED%A0%80",
        "/api/v1/apps/..%2F..",
        "/api/v1/apps/%27%3B--",
    ] {
        let reply = server.get(path).await;
        assert!(matches!(reply.status, 400 | 404), "{reply}");
    }
    for query in [
        "?limit=9223372036854775808",
        "?limit=&cursor=",
        "?%FF=1",
        "?a=1&a=2",
        "?cursor=%00",
        &format!("?x={}", "y".repeat(9_000)),
    ] {
        let reply = server.get(&format!("/api/v1/apps{query}")).await;
        assert!(matches!(reply.status, 200 | 400), "{reply}");
    }
    // A large body is answered before it is a broken connection, on every kind of route.
    for (method, path) in [
        (Method::POST, "/api/v1/apps".to_owned()),
        (Method::PUT, "/api/v1/users/ada".to_owned()),
        (
            Method::PATCH,
            "/api/v1/notifications/ntf_2x4Kq1Zr0mVh8YbS3nTfWc7Ld9e?user=ada".to_owned(),
        ),
        (
            Method::POST,
            "/api/v1/notifications/mark-all-read?user=ada".to_owned(),
        ),
        (Method::POST, app.path("/webhooks")),
    ] {
        server
            .call(method, &path)
            .bytes(vec![b' '; 3 << 20])
            .await
            .refused(413, "too_large");
    }
    // The caller's own request id comes back where it is a decent one.
    assert_eq!(
        server
            .get("/api/v1/apps")
            .header("x-request-id", "mine-7")
            .await
            .header("x-request-id"),
        Some("mine-7")
    );
    let long = "x".repeat(65);
    let given = server.get("/api/v1/apps").header("x-request-id", &long).await;
    assert!(given.header("x-request-id").unwrap().starts_with("req_"));
    server.finish().await;
}

/// Heads that are too large, methods that are none, half a request: nothing breaks, the next caller is served.
#[tokio::test]
async fn requests_that_are_hardly_http() {
    let server = TestServer::start().await;
    let huge = format!(
        "GET /api/v1/apps HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n",
        "y".repeat(200_000)
    );
    let many = format!(
        "GET /api/v1/apps HTTP/1.1\r\nhost: x\r\n{}\r\n",
        "a: b\r\n".repeat(2_000)
    );
    let two = format!(
        "GET /api/v1/apps HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {k}\r\nauthorization: Bearer {k}\r\nconnection: close\r\n\r\n",
        k = server.key()
    );
    let table: [(&str, &[u16]); 8] = [
        (&huge, &[431]),
        (&many, &[431, 400]),
        (&two, &[401]),
        ("nonsense\r\n\r\n", &[400]),
        (
            "GET /api/v1/apps HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
            &[400],
        ),
        (
            "POST /api/v1/apps HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nzz\r\n",
            &[400, 401],
        ),
        ("GET http://[::1 HTTP/1.1\r\n\r\n", &[400]),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[400, 404, 405]),
    ];
    for (request, expected) in table {
        let mut stream = connect(&server).await;
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(testkit::PATIENCE, stream.read_to_end(&mut answer))
            .await
            .unwrap();
        let text = String::from_utf8_lossy(&answer);
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        // A connection that was cut while the caller still wrote may lose the answer; it never carries another one.
        assert!(
            status.is_none_or(|status: u16| expected.contains(&status)),
            "{request:.60}: {text}"
        );
    }
    server.get("/api/v1/apps").await.ok(200);
    server.finish().await;
}

/// A body that may be left out may be sent without a byte in it, in chunks as well.
#[tokio::test]
async fn no_bytes_in_chunks_are_no_body() {
    let server = TestServer::start().await;
    let mut caller = BufStream::new(connect(&server).await);
    let call = format!(
        "POST /api/v1/token-secret/rotate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        server.key()
    );
    caller.write_all(call.as_bytes()).await.unwrap();
    caller.flush().await.unwrap();
    let (status, head) = answer(&mut caller).await;
    assert_eq!(status, 200, "{head}");
    server.finish().await;
}

/// A refusal that did not need the body reads it all the same: the answer arrives, and the connection can be used again. What is
/// far too much is refused without being read.
#[tokio::test]
async fn refused_before_it_was_read() {
    let server = TestServer::start().await;
    let head = |length: usize| {
        let key = server.key();
        format!(
            "POST /api/v1/apps/nobody/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let mut caller = BufStream::new(connect(&server).await);
    for length in [10, 200_000, 3_000_000] {
        caller.write_all(head(length).as_bytes()).await.unwrap();
        caller.flush().await.unwrap();
        // The head alone arrives first, as many clients send it.
        tokio::task::yield_now().await;
        caller.write_all(&vec![b' '; length]).await.unwrap();
        caller.flush().await.unwrap();
        let (status, head) = answer(&mut caller).await;
        assert!([404, 413].contains(&status), "{length}: {head}");
        assert!(!head.contains("connection: close"), "{length}: {head}");
    }
    caller.write_all(head(1 << 40).as_bytes()).await.unwrap();
    caller.flush().await.unwrap();
    let (status, head) = answer(&mut caller).await;
    assert!(
        [404, 413].contains(&status) && head.contains("connection: close"),
        "{head}"
    );
    server.finish().await;
}

/// Reads one answer: its status and its head.
async fn answer(caller: &mut BufStream<TcpStream>) -> (u16, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let line = caller.read_line(&mut head);
        let read = tokio::time::timeout(testkit::PATIENCE, line)
            .await
            .unwrap()
            .unwrap();
        assert!(read > 0, "the connection ended: {head}");
    }
    let head = head.to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let mut body = vec![0; length.lines().next().unwrap().parse().unwrap()];
    caller.read_exact(&mut body).await.unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head)
}

#[allow(clippy::disallowed_methods, reason = "a caller whose every byte is chosen")]
async fn connect(server: &TestServer) -> TcpStream {
    TcpStream::connect(server.address()).await.unwrap()
}

/// A caller who was asked for its body, and will be answered when that comes.
async fn waiting_for_a_body(server: &TestServer, path: &str, key: &str) -> BufStream<TcpStream> {
    let mut caller = BufStream::new(connect(server).await);
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nexpect: 100-continue\r\ncontent-length: 20\r\n\r\n"
    );
    caller.write_all(head.as_bytes()).await.unwrap();
    caller.flush().await.unwrap();
    let mut line = String::new();
    caller.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");
    caller
}

/// Beyond the configured number of requests at a time a caller is told to come back, at once and in words.
#[tokio::test]
async fn too_many_requests_at_the_same_time() {
    let server = TestServer::on(Database::Sqlite)
        .with(|config| config.limits.in_flight = 16)
        .start()
        .await;
    let mut slow = Vec::new();
    for _ in 0..16 {
        slow.push(waiting_for_a_body(&server, "/api/v1/apps", server.key()).await);
    }
    let refused = server.get("/api/v1/apps").await;
    refused.refused(503, "unavailable");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(server.get("/health/live").anonymous().await.status, 200);
    drop(slow);
    while server.get("/api/v1/apps").await.status == 503 {}
    server.finish().await;
}

/// A user's token in many hands at once, each with a body that never comes, keeps only its user out, and not for long.
#[tokio::test]
async fn bodies_that_never_come_keep_nobody_else_out() {
    let server = TestServer::on(Database::Sqlite)
        .with(|config| {
            config.limits.in_flight = 16;
            config.limits.waiting_bodies_per_user = 4;
            config.limits.body_timeout = config::Millis(500);
        })
        .start()
        .await;
    let (ada, bob) = (server.token("ada").await, server.token("bob").await);
    let mut slow = Vec::new();
    for _ in 0..4 {
        slow.push(waiting_for_a_body(&server, "/api/v1/notifications/mark-all-read", &ada).await);
    }
    let mark = server.post("/api/v1/notifications/mark-all-read", &json!({}));
    let refused = mark.key(&ada).await;
    refused.refused(429, "too_many_at_once");
    assert!(refused.header("retry-after").is_some());
    for key in [&*bob, server.key()] {
        let mark = server.post("/api/v1/notifications/mark-all-read?user=bob", &json!({}));
        mark.key(key).await.ok(200);
    }
    for mut caller in slow {
        assert_eq!(answer(&mut caller).await.0, 408);
    }
    let mark = server.post("/api/v1/notifications/mark-all-read", &json!({}));
    mark.key(&ada).await.ok(200);
    server.finish().await;
}

/// Metrics on an address of their own are nowhere else.
#[tokio::test]
async fn metrics_apart() {
    let server = TestServer::on(Database::Sqlite)
        .with(|config| config.metrics.listen = Some(([127, 0, 0, 1], 0).into()))
        .start()
        .await;
    assert_eq!(server.get("/metrics").anonymous().await.status, 404);
    let apart = Client::new(
        &format!("http://{}", server.metrics_address().unwrap()),
        "sk_nobody",
    );
    assert!(apart.get("/metrics").await.text().contains("# TYPE"));
    assert_eq!(
        apart.get("/health/live").await.status,
        404,
        "metrics and nothing else"
    );
    server.finish().await;
}

/// A page has as many rows as the operator allows.
#[tokio::test]
async fn pages_are_bounded_by_the_operator() {
    let server = TestServer::on(Database::Sqlite)
        .with(|config| config.limits.page_max = 10)
        .start()
        .await;
    for n in 0..12 {
        server
            .post("/api/v1/apps", &json!({"name": format!("n{n}")}))
            .await
            .ok(201);
    }
    server.get("/api/v1/apps?limit=11").await.refused(400, "range");
    assert_eq!(
        server.get("/api/v1/apps").await.ok(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
    server.finish().await;
}
