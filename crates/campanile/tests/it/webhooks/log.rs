//! The delivery log.

use std::time::Duration;

use serde_json::json;
use testkit::{Answer, Receiver, TestServer, both};

use super::millis;

both! {
    /// O09: one delivery shows what was sent, as it was sent; the catalogue shows what there is to receive, as it looks from outside.
    async fn o09_what_was_sent_is_shown(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let schema = json!({
            "type": "object", "required": ["n", "clerkOrgId"], "properties": {"n": {"type": "integer"}, "clerkOrgId": {"type": "string"}},
            "examples": [{"n": 7, "clerkOrgId": "org_1"}],
        });
        let kind = json!({"name": "thing.captured", "category": "things", "public_name": "thing.created", "public_fields": ["n"], "schema": schema});
        server.post("/api/v1/event-types", &kind).await.ok(201);
        for (name, more) in [("thing.hidden", json!({"visibility": "internal"})), ("a.first", json!({"title": "First"}))] {
            let mut kind = json!({"name": name, "category": "things"});
            kind.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            server.post("/api/v1/event-types", &kind).await.ok(201);
        }
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        let event = json!({"type": "thing.captured", "data": {"n": 1, "clerkOrgId": "org_9"}});
        server.post(&format!("/api/v1/apps/{}/events", app.id), &event).await.ok(200);
        server.settle().await;
        let got = receiver.nth(0).await;
        let request = server.only_delivery(&webhook).await["request"].clone();
        assert_eq!((request["body"].as_str(), request["url"].as_str()), (std::str::from_utf8(&got.body).ok(), Some(receiver.url().as_str())));
        assert_eq!(request["headers"]["webhook-id"].as_str(), Some(got.header("webhook-id")));
        assert!(!request.to_string().contains("signature") && !request.to_string().contains("org_9"), "{request}");
        let path = format!("/api/v1/apps/{}/event-types", app.id);
        let first = server.get(&format!("{path}?limit=1")).await.ok(200);
        assert_eq!((&first["data"][0]["name"], &first["data"][0]["title"]), (&json!("a.first"), &json!("First")));
        let next = format!("{path}?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
        let second = server.get(&next).await.ok(200);
        let told = &second["data"][0];
        assert_eq!((&told["name"], &told["title"], &told["sample"]), (&json!("thing.created"), &json!("Thing captured"), &json!({"n": 7})));
        assert!(!second.to_string().contains("clerkOrgId") && second["next_cursor"].is_null(), "{second}");
        server.finish().await;
    }

    /// O12, D01, D06, D08: every attempt with its time, duration, status and bounded answer; what comes next.
    async fn o12_d01_d06_d08_attempts_and_answers(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        receiver.answer_next([
            Answer::status(500).body("x".repeat(100_000)).after(Duration::from_millis(60)),
            Answer::status(502).body(b"\xff\x00broken".to_vec()),
            Answer::hang_up(),
            Answer::status(201).body("thanks"),
        ]);
        let event = server.publish_kind(&app, "t").await;
        server.settle().await;
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["event_id"], &delivery["event_type"]), (&json!("retrying"), &json!(event), &json!("t")));
        assert_eq!(millis(&delivery["next_attempt_at"]), server.now() + 30_000);
        assert_eq!((&delivery["attempts"], &delivery["status_code"], &delivery["finished_at"]), (&json!(1), &json!(500), &json!(null)));
        assert!(delivery["duration_ms"].as_i64().unwrap() >= 60, "{delivery}");
        let kept = delivery["response"].as_str().unwrap();
        assert!((16_000..=16_384 + '…'.len_utf8()).contains(&kept.len()) && kept.ends_with('…'), "{} bytes", kept.len());
        for wait in [30_000, 120_000, 600_000] {
            server.turn_and_settle(wait).await;
        }
        server.restart().await;
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["attempts"], &delivery["response"]), (&json!("sent"), &json!(4), &json!("thanks")));
        assert_eq!((&delivery["next_attempt_at"], millis(&delivery["finished_at"])), (&json!(null), server.now()));
        let log = delivery["attempts_log"].as_array().unwrap();
        let seen: Vec<_> = log.iter().map(|one| (one["number"].as_i64().unwrap(), one["outcome"].as_str().unwrap(), one["status_code"].as_i64())).collect();
        assert_eq!(seen, [(1, "error", Some(500)), (2, "error", Some(502)), (3, "unknown", None), (4, "sent", Some(201))]);
        let begun: Vec<_> = log.iter().map(|one| millis(&one["started_at"]) - 1_770_458_400_000).collect();
        assert_eq!(begun, [0, 30_000, 150_000, 750_000]);
        assert_eq!(log[1]["response"], "\u{fffd}\u{fffd}broken");
        assert!(log[0]["error"].as_str().unwrap().contains("500") && log[2]["error"].is_string() && log[3]["error"].is_null());
        assert!(log.iter().all(|one| one["id"].as_str().unwrap().starts_with("atm_")));
        server.finish().await;
    }

    /// D07: what becomes of a delivery is none of the publisher's business; D04: what is due is sent within a second, by one of all who look.
    async fn d04_d07_failures_fail_no_publisher(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let mut webhooks = Vec::new();
        for (n, answer) in [Answer::hang_up(), Answer::status(500), Answer::status(410)].into_iter().enumerate() {
            let broken = Receiver::start().await;
            broken.answer(answer);
            webhooks.push((server.webhook(&app, &broken.url(), &json!({"description": format!("broken {n}")})).await, broken));
        }
        let wanted = json!({"retry_policy": "short", "event_types": ["t"]});
        let webhook = server.webhook(&app, &receiver.url(), &wanted).await;
        receiver.answer_next([Answer::status(503)]);
        for n in 0..3 {
            server.post(&app.path("/events"), &json!({"type": "t", "data": n})).await.ok(200);
        }
        server.settle().await;
        assert_eq!(receiver.count(), 3);
        for (broken, _) in &webhooks {
            assert!(server.deliveries(broken).await.iter().all(|delivery| delivery["status"] != "sent"));
        }
        // Passes that look at the same time send once.
        server.turn(30_000).await;
        tokio::join!(server.run_due(), server.run_due(), server.run_due());
        server.settle().await;
        assert_eq!(receiver.count(), 4);
        assert!(server.deliveries(&webhook).await.iter().all(|delivery| delivery["status"] == "sent"));
    }

    /// A first attempt that succeeds shows like any other.
    async fn a_first_success_has_its_attempt(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        receiver.answer(Answer::status(202).body("ok"));
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        server.publish_kind(&app, "t").await;
        server.settle().await;
        let delivery = server.only_delivery(&webhook).await;
        let log = delivery["attempts_log"].as_array().unwrap();
        assert_eq!(log.len(), 1);
        let one = &log[0];
        assert_eq!((&one["number"], &one["outcome"], &one["status_code"], &one["response"]), (&json!(1), &json!("sent"), &json!(202), &json!("ok")));
        assert_eq!(millis(&one["started_at"]), server.now());
        server.finish().await;
    }

    /// O09: a failed delivery can be sent again, with fresh retries and under the same id; a sent one too.
    async fn o09_sent_again_by_hand(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        receiver.answer(Answer::status(500));
        server.publish_kind(&app, "t").await;
        for wait in [0, 30_000, 120_000, 600_000] {
            server.turn_and_settle(wait).await;
        }
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("exhausted"), &json!(4)));
        let path = format!("{}/deliveries/{}/retry", webhook.path, delivery["id"].as_str().unwrap());
        let retry = || server.call(http::Method::POST, &path).key(&app.key);
        retry().await.ok(202);
        server.settle().await;
        let again = server.only_delivery(&webhook).await;
        assert_eq!((&again["status"], receiver.count()), (&json!("retrying"), 5), "{again}");
        receiver.answer(Answer::status(200));
        server.turn_and_settle(30_000).await;
        assert_eq!(server.only_delivery(&webhook).await["status"], "sent");
        retry().await.ok(202);
        server.settle().await;
        assert_eq!(server.only_delivery(&webhook).await["status"], "sent");
        let received = receiver.wait(7).await;
        assert!(received.iter().all(|sent| sent.id() == received[0].id() && sent.body == received[0].body));
        server.get(&format!("{}/deliveries/dlv_2x4Kq1Zr0mVh8YbS3nTfWc7Ld9e", webhook.path)).await.refused(404, "not_found");
        server.finish().await;
    }

    /// O12, D02: the log is filtered by state and event, and paged.
    async fn o12_d02_the_log_is_filtered_and_paged(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        let mut events = Vec::new();
        for n in 0..7 {
            receiver.answer_next([Answer::status(if n % 3 == 0 { 500 } else { 200 })]);
            events.push(server.publish_kind(&app, "t").await);
            server.settle().await;
            server.turn(10).await;
        }
        let list = async |query: &str| server.get(&format!("{}/deliveries?{query}", webhook.path)).key(&app.key).await.ok(200);
        let of = |list: &serde_json::Value| -> Vec<String> {
            list["data"].as_array().unwrap().iter().map(|one| one["event_id"].as_str().unwrap().to_owned()).collect()
        };
        let newest: Vec<_> = events.iter().rev().cloned().collect();
        assert_eq!(of(&list("").await), newest);
        assert_eq!(of(&list("status=retrying").await), [6, 3, 0].map(|n| events[n].clone()));
        assert_eq!(of(&list("status=sent").await).len(), 4);
        assert_eq!(of(&list("status=exhausted").await), [""; 0]);
        assert_eq!(of(&list(&format!("event={}", events[2])).await), [events[2].clone()]);
        let first = list("limit=4").await;
        let rest = list(&format!("limit=4&cursor={}", first["next_cursor"].as_str().unwrap())).await;
        assert_eq!([of(&first), of(&rest)].concat(), newest);
        assert_eq!(rest["next_cursor"], json!(null));
        for query in ["status=lost", "event=evt_x", "limit=0", "cursor=%21"] {
            let reply = server.get(&format!("{}/deliveries?{query}", webhook.path)).await;
            assert_eq!(reply.status, 400, "{reply}");
        }
    }

    /// D05's rule, retention: finished deliveries are kept so many days, open ones until they end.
    async fn the_log_is_pruned_by_the_environments_days(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        server.settings(&json!({"retention": {"deliveries": 2, "events": 3}})).await;
        let id = server.publish_kind(&app, "old").await;
        server.settle().await;
        server.turn_and_settle(2 * 86_400_000 - 1_000).await;
        assert_eq!(server.deliveries(&webhook).await.len(), 1);
        server.publish_kind(&app, "new").await;
        server.turn_and_settle(86_400_000).await;
        let log = server.deliveries(&webhook).await;
        assert_eq!((log.len(), &log[0]["event_type"]), (1, &json!("new")));
        server.turn_and_settle(86_400_000).await;
        server.get(&app.path(&format!("/events/{id}"))).await.refused(404, "not_found");
        server.finish().await;
    }
}
