//! W3: what is reached and what is not: addresses, redirects, neighbours.

use serde_json::json;
use testkit::{Answer, Receiver, TestServer, both};

/// W3: at creation, spelled every way there is. (What resolves to them and what happens at connect is `egress`'s own table.)
#[tokio::test]
async fn w3_addresses_that_are_not_public_are_refused_at_creation() {
    let server = TestServer::on(testkit::Database::Sqlite)
        .with(|config| config.egress.allow.clear())
        .start()
        .await;
    let app = server.app("shop").await;
    let hosts = [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[0000:0000:0000:0000:0000:ffff:7f00:0001]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::7f00:1]",
        "[100::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[2002:7f00:1::]",
        "[5f00::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001::1]",
        "[::7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "１２７.０.０.１",
        "127。0。0。1",
        "user@127.0.0.1",
        "1:2@[::1]",
        "example.com%00.evil",
        "[fe80::1%25eth0]",
    ];
    for host in hosts {
        for scheme in ["http", "https"] {
            let reply = server
                .post(
                    &app.path("/webhooks"),
                    &json!({"url": format!("{scheme}://{host}/hook")}),
                )
                .await;
            reply.refused(422, "invalid");
            assert_eq!(reply.faults()[0].0, "/url", "{reply}");
        }
    }
    for url in [
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "//example.com/",
        "http:/example.com:99999/",
    ] {
        let reply = server.post(&app.path("/webhooks"), &json!({"url": url})).await;
        reply.refused(422, "invalid");
    }
    assert_eq!(
        server.get(&app.path("/webhooks")).await.ok(200)["data"],
        json!([])
    );
    server.finish().await;
}

/// W3: the server does not send to itself, even where its own network is open.
#[tokio::test]
async fn w3_our_own_address_is_refused() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let own = server.address();
    for url in [
        format!("http://{own}/"),
        format!("http://localhost:{}/", own.port()),
        format!("http://127.1:{}/x", own.port()),
    ] {
        let reply = server.post(&app.path("/webhooks"), &json!({"url": url})).await;
        reply.refused(422, "invalid");
        let code = if url.contains("localhost") {
            "address_denied"
        } else {
            "address_own"
        };
        assert_eq!(reply.faults(), [("/url".to_owned(), code.to_owned())], "{reply}");
    }
    server.finish().await;
}

both! {
    /// W3: an endpoint from the days of a wider allow-list is not connected to.
    async fn w3_what_was_allowed_once_is_refused_at_connect(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let by_address = server.webhook(&app, &receiver.url(), &json!({})).await;
        let port = receiver.url().rsplit_once(':').unwrap().1.to_owned();
        let by_name = server.webhook(&app, &format!("http://localhost:{port}"), &json!({})).await;
        server.publish_kind(&app, "allowed").await;
        server.settle().await;
        assert_eq!(receiver.count(), 2);
        server.restart_with(|config| config.egress.allow.clear()).await;
        let event = server.publish_kind(&app, "refused").await;
        server.settle().await;
        assert_eq!(receiver.count(), 2, "not one byte");
        for webhook in [&by_address, &by_name] {
            let log = server.get(&format!("{}/deliveries?event={event}", webhook.path)).await.ok(200);
            let delivery = &log["data"][0];
            assert_eq!((&delivery["status"], &delivery["status_code"]), (&json!("retrying"), &json!(null)), "{delivery}");
            assert!(delivery["error"].as_str().is_some_and(|why| !why.is_empty()), "{delivery}");
        }
        server.restart_with(|config| config.egress.allow.push("127.0.0.0/8".parse().unwrap())).await;
        server.turn_and_settle(600_000).await;
        assert_eq!(receiver.count(), 4);
        server.finish().await;
    }

    /// W4: a redirect is a failure and is never followed.
    async fn w4_redirects_are_not_followed(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver, elsewhere) = (server.app("shop").await, Receiver::start().await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        for status in [301, 302, 303, 307, 308] {
            receiver.answer(Answer::status(status).header("location", &elsewhere.url()));
            server.publish_kind(&app, "t").await;
            server.settle().await;
            let delivery = server.deliveries(&webhook).await[0].clone();
            assert_eq!((&delivery["status"], &delivery["status_code"]), (&json!("retrying"), &json!(status)));
            server.turn(10).await;
        }
        assert_eq!((receiver.count(), elsewhere.count()), (5, 0));
    }

    /// W8: an endpoint that holds its requests delays no other.
    async fn w8_a_slow_endpoint_delays_no_other(database) {
        let server = TestServer::start_on(database).await;
        let (app, slow, quick) = (server.app("shop").await, Receiver::start().await, Receiver::start().await);
        let (answer, release) = Answer::status(200).held();
        slow.answer(answer);
        server.webhook(&app, &slow.url(), &json!({})).await;
        server.webhook(&app, &quick.url(), &json!({})).await;
        for part in 0..3 {
            let events: Vec<_> = (0..300).map(|n| json!({"type": "t", "data": part * 300 + n})).collect();
            server.post(&app.path("/events/batch"), &json!({"events": events})).await.ok(200);
        }
        quick.wait(900).await;
        assert!(slow.count() <= 64, "{} at once", slow.count());
        release.send_replace(true);
        server.finish().await;
        assert_eq!((slow.count(), quick.count()), (900, 900));
    }

    /// An endpoint's rate is kept to: so many in a second, then the next second.
    async fn a_rate_is_kept_to(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver, free) = (server.app("shop").await, Receiver::start().await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({"rate_limit": 5})).await;
        server.webhook(&app, &free.url(), &json!({})).await;
        let events = vec![json!({"type": "t", "data": {}}); 23];
        server.post(&app.path("/events/batch"), &json!({"events": events})).await.ok(200);
        free.wait(23).await;
        for second in 1..=4 {
            receiver.wait(second * 5).await;
            server.run_due().await;
            assert_eq!(receiver.count(), second * 5, "while the clock stands still there is no more");
            server.turn(1_000).await;
        }
        receiver.wait(23).await;
        server.finish().await;
        assert_eq!(receiver.count(), 23);
    }
}
