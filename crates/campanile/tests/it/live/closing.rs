//! R8, R9: how a line ends, each reason with its own code.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{TestServer, both};
use tokio_tungstenite::tungstenite::Message;

both! {
    /// R8: a key or token that counts no more closes the line within two seconds.
    async fn r8_a_revoked_key_closes_within_two_seconds(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let mut by_key = server.socket("").key(&app.key).open().await;
        by_key.expect("hello").await;
        let mut source = server.sse("", &app.key, None).await.unwrap();
        source.expect("hello").await;
        let pem = include_str!("../../../../domain/tests/keys/ed25519.pub.pem");
        let registered = server.post("/api/v1/token-keys", &json!({"algorithm": "EdDSA", "public_key": pem})).await.ok(201);
        let kid = registered["id"].as_str().unwrap().to_owned();
        let token = crate::people::tokens::eddsa(&kid, "ada", server.now());
        let mut by_token = server.socket("").key(&token).open().await;
        by_token.expect("hello").await;
        let keys = server.get(&app.path("/keys")).await.ok(200);
        let began = std::time::Instant::now();
        server.delete(&app.path(&format!("/keys/{}", keys["data"][0]["id"].as_str().unwrap()))).await.ok(204);
        server.delete(&format!("/api/v1/token-keys/{kid}")).await.ok(204);
        assert_eq!(by_key.code().await, 4003);
        assert_eq!(by_token.code().await, 4003);
        let last = source.expect("close").await;
        assert_eq!(last.data["code"], 4003);
        assert!(source.next().await.is_none());
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        server.finish().await;
    }

    /// R8: an application that is deleted is followed by nobody.
    async fn r8_a_deleted_application_is_followed_by_nobody(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let mut socket = server.socket("").key(&app.key).open().await;
        socket.expect("hello").await;
        server.delete(&app.path("")).await.ok(204);
        assert_eq!(socket.code().await, 4003);
        server.finish().await;
    }

    /// A server that stops sends its listeners elsewhere.
    async fn a_server_that_stops_says_so(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let mut socket = server.socket("").key(&token).open().await;
        let mut source = server.sse("", &app.key, None).await.unwrap();
        socket.expect("hello").await;
        source.expect("hello").await;
        let ((), code) = tokio::join!(server.stop(), async {
            assert_eq!(source.expect("close").await.data["code"], 1001);
            socket.code().await
        });
        assert_eq!(code, 1001);
    }
}

/// R8: a token that ends closes with its own code, unless it is refreshed on the line.
#[tokio::test]
async fn r8_a_token_ends_unless_refreshed() {
    let server = TestServer::start().await;
    let short = server.short_token("ada", 1).await;
    let mut ends = server.socket("").key(&short).open().await;
    let mut refreshed = server.socket("").key(&short).open().await;
    let mut source = server.sse("", &short, None).await.unwrap();
    for socket in [&mut ends, &mut refreshed] {
        socket.expect("hello").await;
    }
    source.expect("hello").await;
    let long = server.token("ada").await;
    refreshed.say(&json!({"type": "token", "token": long})).await;
    let answer = refreshed.expect("token_ok").await;
    assert_eq!(answer["expires_at"], "2026-02-07T11:00:00.000Z");
    server.turn(1_000).await;
    assert_eq!(ends.code().await, 4001);
    assert_eq!(source.expect("close").await.data["code"], 4001);
    refreshed.quiet().await;
    let app = server.app("desk").await;
    server.tell(&app, "ada", "still there").await;
    refreshed.expect("change").await;
    server.finish().await;
}

/// R8: a key that ends closes what it opened; so does a public key that came beside a token.
#[tokio::test]
async fn r8_a_key_ends() {
    let server = TestServer::start().await;
    let app = server.app("desk").await;
    let body = json!({"expires_in": 1});
    let key = server.post(&app.path("/keys"), &body).await.ok(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"kind": "public", "expires_in": 1});
    let public = server.post("/api/v1/keys", &body).await.ok(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut events = server.socket("").key(&key).open().await;
    let token = server.token("ada").await;
    let mut feed = server
        .socket("")
        .key(&token)
        .header("campanile-key", &public)
        .open()
        .await;
    events.expect("hello").await;
    feed.expect("hello").await;
    server.turn(1_000).await;
    assert_eq!(events.code().await, 4001);
    assert_eq!(feed.code().await, 4001);
    server.finish().await;
}

/// R8: a quiet line ends when its credential does, be that far away: neither before nor long after.
#[tokio::test]
async fn r8_a_quiet_line_lasts_as_long_as_its_key() {
    const DAY: i64 = 86_400_000;
    let server = TestServer::on(testkit::Database::Sqlite)
        .with(|config| config.stream.heartbeat = config::Millis(100))
        .start()
        .await;
    let app = server.app("desk").await;
    let body = json!({"expires_in": 3 * 86_400});
    let key = server.post(&app.path("/keys"), &body).await.ok(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    // Nobody looks at credentials again because configuration moved.
    server.run_due().await;
    let mut source = server.sse("", &key, None).await.unwrap();
    let mut socket = server.socket("").key(&key).open().await;
    source.expect("hello").await;
    socket.expect("hello").await;
    server.turn(2 * DAY).await;
    socket.quiet().await;
    server.publish_kind(&app, "t").await;
    source.expect("event").await;
    socket.expect("event").await;
    server.turn(DAY).await;
    // What keeps the line alive would be heard for ever.
    let close = tokio::time::timeout(testkit::PATIENCE, source.expect("close")).await;
    assert_eq!(close.expect("it ends").data["code"], 4001);
    assert_eq!(socket.code().await, 4001);
    server.finish().await;
}

/// A token that cannot be looked at now is not one that counts no more: whoever refreshed comes back with it.
#[tokio::test]
async fn a_refresh_while_the_database_is_away_is_for_later() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let mut socket = server.socket("").key(&token).open().await;
    socket.expect("hello").await;
    let fresh = server.token("ada").await;
    server.execute("ALTER TABLE environments RENAME TO away").await;
    server.ctx().snapshots.forget_all();
    socket.say(&json!({"type": "token", "token": fresh})).await;
    assert_eq!(socket.code().await, 1013);
    server.execute("ALTER TABLE away RENAME TO environments").await;
    server.finish().await;
}

/// R8: what is no token of the same user is no refresh.
#[tokio::test]
async fn r8_only_the_same_users_token_refreshes() {
    let server = TestServer::start().await;
    let app = server.app("desk").await;
    let token = server.token("ada").await;
    for credential in [
        server.token("bob").await,
        app.key.clone(),
        server.key().to_owned(),
        "nonsense".to_owned(),
    ] {
        let mut socket = server.socket("").key(&token).open().await;
        socket.expect("hello").await;
        socket.say(&json!({"type": "token", "token": credential})).await;
        assert_eq!(socket.code().await, 4003, "{credential}");
    }
    // One that has ended already.
    let ended = server.short_token("ada", 1).await;
    server.turn(10 * 60_000).await;
    let mut socket = server.socket("").key(&token).open().await;
    socket.expect("hello").await;
    socket.say(&json!({"type": "token", "token": ended})).await;
    assert_eq!(socket.code().await, 4001);
    server.finish().await;
}

/// R9: what cannot be understood closes with 4000, what is too large with 1009.
#[tokio::test]
async fn r9_protocol_abuse() {
    let server = TestServer::start().await;
    let token = server.token("ada").await;
    let said: Vec<Message> = vec![
        Message::text("hello"),
        Message::text(""),
        Message::text("{}"),
        Message::text("[]"),
        Message::text(r#"{"type":"subscribe"}"#),
        Message::text(r#"{"type":"token"}"#),
        Message::text(r#"{"type":"token","token":7}"#),
        Message::text("{\"type\":\"ping\""),
        Message::binary(vec![0, 1, 2]),
    ];
    for message in said {
        let mut socket = server.socket("").key(&token).open().await;
        socket.expect("hello").await;
        let shown = format!("{message:?}");
        socket.send(message).await;
        assert_eq!(socket.code().await, 4000, "{shown}");
    }
    let mut socket = server.socket("").key(&token).open().await;
    socket.expect("hello").await;
    socket
        .send(Message::text(
            json!({"type": "token", "token": "x".repeat(20_000)}).to_string(),
        ))
        .await;
    assert_eq!(socket.code().await, 1009);
    // Everything else goes on; goodbye is answered with goodbye.
    let mut socket = server.socket("").key(&token).open().await;
    socket.expect("hello").await;
    for _ in 0..200 {
        socket.say(&json!({"type": "ping"})).await;
    }
    for _ in 0..200 {
        socket.expect("pong").await;
    }
    socket.send(Message::Ping(vec![7].into())).await;
    assert_eq!(socket.message().await, Some(Message::Pong(vec![7].into())));
    socket.send(Message::Close(None)).await;
    assert!(matches!(socket.message().await, None | Some(Message::Close(_))));
    server.finish().await;
}

/// W03: a listener is asked whether it is there, and parted from when it does not answer.
#[tokio::test]
async fn w03_heartbeat() {
    let change = |config: &mut config::Config| {
        config.stream.heartbeat = config::Millis(200);
        config.stream.pong_timeout = config::Millis(300);
    };
    let server = TestServer::on(testkit::Database::Sqlite)
        .with(change)
        .start()
        .await;
    let token = server.token("ada").await;
    let mut silent = server.socket("").key(&token).open().await;
    let mut alive = server.socket("").key(&token).open().await;
    silent.expect("hello").await;
    alive.expect("hello").await;
    // Whoever reads answers pings: it lives through several.
    for _ in 0..5 {
        assert!(matches!(alive.message().await, Some(Message::Ping(_))));
    }
    alive.quiet().await;
    // Whoever does not is gone by now: the ping, and the reason.
    let (frames, code) = silent.ended().await;
    assert_eq!((frames.len(), code), (0, Some(4004)));
    server.finish().await;
}

/// No more listeners than there may be.
#[tokio::test]
async fn too_many_listeners() {
    let server = TestServer::on(testkit::Database::Sqlite)
        .with(|config| config.stream.max_connections = 2)
        .start()
        .await;
    let token = server.token("ada").await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut socket = server.socket("").key(&token).open().await;
        socket.expect("hello").await;
        open.push(socket);
    }
    assert_eq!(server.socket("").key(&token).await.err(), Some(503));
    open.pop().unwrap().close().await;
    // The place is free once the server has seen it go.
    let deadline = std::time::Instant::now() + testkit::PATIENCE;
    while server.ctx().live.count() > 1 {
        assert!(std::time::Instant::now() < deadline);
        tokio::task::yield_now().await;
    }
    let hello: Value = server.socket("").key(&token).open().await.expect("hello").await;
    assert_eq!(hello["seq"], 0);
    server.finish().await;
}
