//! W5: schedules to the millisecond, with the clock turned by hand.

use serde_json::json;
use testkit::{Answer, Receiver, TestServer, Webhook, both};

use super::millis;

/// Waits until the next attempt is due, makes it, and answers how long after the one before it was.
async fn next_wait(server: &TestServer, webhook: &Webhook, receiver: &Receiver) -> i64 {
    let delivery = server.only_delivery(webhook).await;
    assert_eq!(delivery["status"], "retrying", "{delivery}");
    let wait = millis(&delivery["next_attempt_at"]) - server.now();
    let before = receiver.count();
    server.turn_and_settle(wait - 1).await;
    assert_eq!(receiver.count(), before, "one millisecond early is early");
    server.turn_and_settle(1).await;
    assert_eq!(receiver.count(), before + 1, "on time");
    wait
}

/// The waits between the attempts of a delivery that always fails, to its end.
async fn waits(database: testkit::Database, policy: &str) -> Vec<i64> {
    let server = TestServer::start_on(database).await;
    let (app, receiver) = (server.app("shop").await, Receiver::start().await);
    receiver.answer(Answer::status(500));
    let webhook = server
        .webhook(&app, &receiver.url(), &json!({"retry_policy": policy}))
        .await;
    server.publish_kind(&app, "t").await;
    server.settle().await;
    let mut waits = Vec::new();
    while server.only_delivery(&webhook).await["status"] == "retrying" {
        waits.push(next_wait(&server, &webhook, &receiver).await);
    }
    let delivery = server.only_delivery(&webhook).await;
    assert_eq!(
        (&delivery["status"], &delivery["next_attempt_at"]),
        (&json!("exhausted"), &json!(null))
    );
    assert_eq!(delivery["attempts"], json!(waits.len() + 1));
    let ids: std::collections::HashSet<_> = receiver.received().iter().map(testkit::Received::id).collect();
    assert_eq!(ids.len(), 1, "the same id every time");
    server.turn_and_settle(7 * 86_400_000).await;
    assert_eq!(receiver.count(), waits.len() + 1, "and then never again");
    server.finish().await;
    waits
}

fn within(waits: &[i64], seconds: &[i64]) {
    assert_eq!(waits.len(), seconds.len(), "{waits:?}");
    for (wait, second) in waits.iter().zip(seconds) {
        assert!(
            (second * 800..=second * 1_200).contains(wait),
            "{wait} ms for {second} s ±20 %"
        );
    }
}

both! {
    /// W5, D03: `short` waits 30 s, 2 min, 10 min.
    async fn w5_d03_short(database) {
        assert_eq!(Box::pin(waits(database, "short")).await, [30_000, 120_000, 600_000]);
    }

    /// W5, I05: `incident` tries at 0, 30 s, 2 min, 5 min, 10 min.
    async fn w5_i05_incident(database) {
        assert_eq!(Box::pin(waits(database, "incident")).await, [30_000, 90_000, 180_000, 300_000]);
    }

    /// W5, O14: `five` tries five times, exponentially from 5 s, within ±20 %.
    async fn w5_o14_five(database) {
        within(&Box::pin(waits(database, "five")).await, &[5, 20, 80, 320]);
    }

    /// W5: `long` is what webhooks have unless they say otherwise.
    async fn w5_long(database) {
        within(&Box::pin(waits(database, "long")).await, &[5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]);
    }

    /// W5: `Retry-After` in seconds or as a date moves the next attempt back, never forth, by a day at most.
    async fn w5_retry_after(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        let table = [
            (503, "77", 77_000),
            (429, "Sat, 07 Feb 2026 10:05:00 GMT", 300_000),
            (500, "45", 45_000),
            (503, "1", 30_000),
            (503, "0", 30_000),
            (503, "-5", 30_000),
            (503, "soon", 30_000),
            (503, "Sat, 07 Feb 2026 09:00:00 GMT", 30_000),
            (503, "1000000000000", 86_400_000),
            (503, "99999999999999999999999999", 86_400_000),
        ];
        for (status, retry_after, expected) in table {
            receiver.answer(Answer::status(status).header("retry-after", retry_after));
            let event = server.publish_kind(&app, "t").await;
            server.settle().await;
            let list = server.get(&format!("{}/deliveries?event={event}", webhook.path)).await.ok(200);
            assert_eq!(millis(&list["data"][0]["next_attempt_at"]) - server.now(), expected, "{status} {retry_after}");
            // Successes in between keep the circuit closed.
            receiver.answer(Answer::status(204));
            server.publish_kind(&app, "ok").await;
            server.settle().await;
        }
    }

    /// Every 2xx is taken; everything else is tried again.
    async fn w5_what_counts_as_taken(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        let table = [
            (200, "sent"), (201, "sent"), (202, "sent"), (204, "sent"), (299, "sent"), (300, "retrying"), (301, "retrying"),
            (304, "retrying"), (400, "retrying"), (401, "retrying"), (404, "retrying"), (413, "retrying"), (429, "retrying"),
            (200, "sent"), (500, "retrying"), (501, "retrying"), (502, "retrying"), (504, "retrying"),
        ];
        for (status, expected) in table {
            receiver.answer_next([Answer::status(status)]);
            let event = server.publish_kind(&app, "t").await;
            server.settle().await;
            let list = server.get(&format!("{}/deliveries?event={event}", webhook.path)).await.ok(200);
            let delivery = &list["data"][0];
            assert_eq!((&delivery["status"], &delivery["status_code"]), (&json!(expected), &json!(status)));
        }
        server.turn_and_settle(30_000).await;
        server.finish().await;
    }

    /// An attempt whose outcome is unknown is logged as such and counts against the retries.
    async fn an_unknown_outcome_counts(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        receiver.answer(Answer::hang_up());
        server.publish_kind(&app, "t").await;
        for wait in [0, 30_000, 120_000, 600_000] {
            server.turn_and_settle(wait).await;
        }
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("exhausted"), &json!(4)));
        for attempt in delivery["attempts_log"].as_array().unwrap() {
            assert_eq!((&attempt["outcome"], &attempt["status_code"]), (&json!("unknown"), &json!(null)), "{attempt}");
        }
        server.finish().await;
        assert_eq!(receiver.count(), 4);
    }

    /// Retries survive a restart: they are rows, not timers in memory.
    async fn retries_survive_a_restart(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        receiver.answer_next([Answer::status(500), Answer::status(500)]);
        server.publish_kind(&app, "t").await;
        server.settle().await;
        server.restart().await;
        server.settle().await;
        assert_eq!(receiver.count(), 1, "a restart brings no retry forward");
        server.turn_and_settle(30_000).await;
        server.stop().await;
        server.turn(3_600_000).await;
        server.start_again().await;
        server.settle().await;
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("sent"), &json!(3)));
        server.finish().await;
        assert_eq!(receiver.count(), 3);
    }
}
