//! Stopped, crashed, started again: nothing that was acknowledged is lost.

use serde_json::json;
use testkit::{Answer, Client, Database, Receiver, TestServer, both};

both! {
    /// A restart keeps everything.
    async fn a19_a_restart_keeps_everything(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        server.event_type(&json!({"name": "t", "category": "c"})).await;
        server.put("/api/v1/users/ada", &json!({"name": "Ada"})).await.ok(200);
        server.put("/api/v1/tenants/acme", &json!({})).await.ok(200);
        server.put("/api/v1/tenants/acme/members/ada", &json!({"role": "owner"})).await.ok(200);
        server.post("/api/v1/topics/x/subscribers", &json!({"users": ["ada"]})).await.ok(204);
        server.publish_kind(&app, "t").await;
        server.tell(&app, "ada", "t").await;
        server.settle().await;
        let everything = async |server: &TestServer| {
            let mut all = Vec::new();
            for path in [
                "/api/v1/apps", "/api/v1/apps/shop/events", "/api/v1/apps/shop/keys", "/api/v1/apps/shop/webhooks", "/api/v1/keys",
                "/api/v1/event-types", "/api/v1/users", "/api/v1/tenants/acme/members", "/api/v1/topics/x/subscribers", "/api/v1/audit?limit=100",
                "/api/v1/users/ada/notifications", "/api/v1/environment",
            ] {
                all.push(server.get(path).await.ok(200));
            }
            all.push(server.deliveries(&webhook).await.into());
            all
        };
        let before = everything(&server).await;
        server.restart().await;
        assert_eq!(everything(&server).await, before);
        server.crash().await;
        server.start_again().await;
        assert_eq!(everything(&server).await, before);
        server.finish().await;
    }

    /// A graceful stop finishes what is in flight.
    async fn a_stop_finishes_what_is_in_flight(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        let (held, release) = Answer::status(200).held();
        receiver.answer_next([held]);
        server.publish_kind(&app, "t").await;
        receiver.wait(1).await;
        let (address, stopping) = (server.address(), server.stop());
        tokio::join!(stopping, async {
            // New callers are not taken any more once it is stopping; what is being sent is waited for.
            let deadline = std::time::Instant::now() + testkit::PATIENCE;
            #[allow(clippy::disallowed_methods, reason = "whether anybody still listens")]
            while tokio::net::TcpStream::connect(address).await.is_ok() {
                assert!(std::time::Instant::now() < deadline);
                tokio::task::yield_now().await;
            }
            release.send_replace(true);
        });
        server.start_again().await;
        server.settle().await;
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("sent"), &json!(1)));
        server.finish().await;
        assert_eq!(receiver.count(), 1);
    }

    /// A clean stop leaves nothing leased, whatever is published at that moment: the next start counts no attempt that was none.
    async fn a_clean_stop_leaves_nothing_leased(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({})).await;
        for round in 1..=5 {
            let client = Client::new(&format!("http://{}", server.address()), server.key());
            let mut callers = tokio::task::JoinSet::new();
            for _ in 0..8 {
                let (client, path) = (client.clone(), app.path("/events"));
                // Ends by itself: with the server.
                callers.spawn(async move {
                    while client.post(&path, &json!({"type": "t", "data": 1})).await.status == 200 {}
                });
            }
            receiver.wait(round * 50).await;
            server.stop().await;
            while callers.join_next().await.is_some() {}
            assert_eq!(server.number("SELECT count(*) FROM deliveries WHERE owner IS NOT NULL").await, 0, "round {round}");
            server.start_again().await;
            server.settle().await;
        }
        assert_eq!(server.number("SELECT count(*) FROM attempts WHERE outcome = 'unknown'").await, 0);
        server.finish().await;
    }

    /// W12: a crash in the middle of an attempt: sent again under the same id, the lost attempt counted as unknown.
    async fn w12_a_crash_while_sending(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        let (held, release) = Answer::status(200).held();
        receiver.answer_next([held]);
        let id = server.publish_kind(&app, "t").await;
        receiver.wait(1).await;
        server.crash().await;
        server.start_again().await;
        // On PostgreSQL a lease ends by itself when its node misses its heartbeats.
        server.turn_and_settle(36_000).await;
        let received = receiver.wait(2).await;
        assert_eq!((received[1].id(), &received[1].body), (id, &received[0].body));
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("sent"), &json!(2)));
        assert_eq!(delivery["attempts_log"][0]["outcome"], "unknown");
        drop(release);
        server.finish().await;
        assert_eq!(receiver.count(), 2);
    }

    /// W12: whatever kills the process again and again does not run for ever.
    async fn w12_what_kills_the_process_runs_out_of_retries(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        let (held, _release) = Answer::status(200).held();
        receiver.answer(held);
        server.publish_kind(&app, "t").await;
        for (attempt, wait) in (1..=4).zip(domain::retry::AFTER_RESCUE) {
            receiver.wait(attempt).await;
            server.crash().await;
            server.start_again().await;
            server.turn(36_000).await;
            server.run_due().await;
            server.turn(wait).await;
            server.run_due().await;
        }
        server.settle().await;
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("exhausted"), &json!(4)), "{delivery}");
        server.finish().await;
        assert_eq!(receiver.count(), 4);
    }

    /// W12: a crash between the commit and the background work: the audience is reached, each once.
    async fn w12_a_crash_while_expanding(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let users: Vec<_> = (0..900).map(|n| format!("u{n:04}")).collect();
        server.post("/api/v1/topics/x/subscribers", &json!({"users": users})).await.ok(204);
        for round in 0..3 {
            server.notify(&app, &json!({"topic": "x", "title": format!("t{round}")})).await;
            server.crash().await;
            server.start_again().await;
        }
        server.turn_and_settle(36_000).await;
        assert_eq!(server.number("SELECT count(*) FROM states").await, 2_700);
        assert_eq!(server.number("SELECT count(*) FROM feeds WHERE unread = 3 AND seq = 3").await, 900);
        server.finish().await;
    }

    /// What is acknowledged while the program is taken away from under its callers is stored and delivered.
    async fn w12_acknowledged_is_stored_and_delivered(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({})).await;
        let mut acknowledged = Vec::new();
        for round in 0..4 {
            for n in 0..25 {
                acknowledged.push(server.publish(&app, &json!({"type": "t", "data": [round, n]})).await);
            }
            server.crash().await;
            server.start_again().await;
        }
        server.turn_and_settle(36_000).await;
        acknowledged.sort();
        let mut received: Vec<_> = receiver.received().iter().map(testkit::Received::id).collect();
        received.sort();
        received.dedup();
        assert_eq!(received, acknowledged);
        server.finish().await;
    }
}

/// One process uses a data directory at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_on_the_same_directory_is_refused() {
    let server = TestServer::start_on(Database::Sqlite).await;
    let config = server.config().clone();
    let second = server
        .inside(async move {
            campanile::Server::start(&config, campanile::Options::default())
                .await
                .map(drop)
        })
        .await;
    let error = second.expect_err("refused").to_string();
    assert!(
        error.contains("another process uses the data directory"),
        "{error}"
    );
    server.get("/api/v1/apps").await.ok(200);
    server.finish().await;
}

/// Live, ready, metrics: what operators look at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_and_metrics() {
    let server = TestServer::start().await;
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(server.get(path).anonymous().await.status, 200, "{path}");
    }
    let (app, receiver) = (server.app("shop").await, Receiver::start().await);
    server.webhook(&app, &receiver.url(), &json!({})).await;
    // The recorder is the process's, and so are the other tests' attempts: it counts on.
    let before = sent(&server).await;
    server.publish_kind(&app, "t").await;
    server.settle().await;
    assert!(sent(&server).await > before);
    server.get("/api/v1/nothing").await.refused(404, "not_found");
    let metrics = server.get("/metrics").anonymous().await;
    assert_eq!(metrics.status, 200);
    let text = metrics.text();
    for line in [
        "route=\"/api/v1/apps/{app}/events\"",
        "campanile_commit_seconds_bucket",
        "campanile_http_seconds_count",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    // Labels carry routes, never what callers write into paths.
    assert!(
        !text.contains("shop") && !text.contains(&app.id) && !text.contains("/api/v1/nothing"),
        "{text}"
    );
    server.finish().await;
}

/// Attempts that this process counted as sent.
async fn sent(server: &TestServer) -> u64 {
    let text = server.get("/metrics").anonymous().await.text();
    let mut values = text
        .lines()
        .filter_map(|line| line.strip_prefix("campanile_attempts_total{outcome=\"sent\"} "));
    values.next().map_or(0, |value| value.parse().unwrap())
}
