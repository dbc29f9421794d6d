//! What the console's pages read: statistics, events of everybody, versions; and what is sent again in one go.

use serde_json::{Value, json};
use testkit::{Answer, Receiver, TestServer, both};

const MINUTE: i64 = 60_000;

/// A workflow that mails through Resend, which answers as the test says.
async fn mails(server: &TestServer, receiver: &Receiver) {
    let provider =
        json!({"name": "resend", "kind": "resend", "key": "re_123456", "base_url": receiver.url_at("")});
    let settings = json!({"from": "a@b.example", "providers": [provider], "retry_policy": "short"});
    server.put("/api/v1/channels/email", &settings).await.ok(200);
    let mail = json!({"to": "someone@c.example", "subject": "t", "text": "t"});
    let steps = json!({"steps": [{"name": "mail", "email": mail}]});
    server.put("/api/v1/workflows/hello", &steps).await.ok(201);
}

fn of(series: &Value, name: &str, channel: Option<&str>) -> Vec<i64> {
    let mut all = series["series"].as_array().unwrap().iter();
    let found = all.find(|one| one["name"] == name && one["channel"].as_str() == channel);
    let points = found
        .map(|one| one["points"].as_array().unwrap().clone())
        .unwrap_or_default();
    points.iter().map(|point| point.as_i64().unwrap()).collect()
}

both! {
    /// How much happened is told step by step, by channel, with how long attempts took; and it outlives the process.
    async fn what_happened_is_counted(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short", "event_types": ["t"]})).await;
        receiver.answer_next([Answer::status(500), Answer::status(200)]);
        server.publish_kind(&app, "t").await;
        server.post(&format!("/api/v1/apps/{}/notifications", app.id), &json!({"users": ["ada", "bob"], "title": "t"})).await.ok(201);
        server.settle().await;
        server.turn_and_settle(MINUTE).await;
        server.publish_kind(&app, "t").await;
        server.settle().await;
        server.restart().await;
        let told = server.get("/api/v1/statistics?step=60").await.ok(200);
        assert_eq!((&told["step_seconds"], told["health"]["nodes"].as_array().map(Vec::len), &told["health"]["backlog"]), (&json!(60), Some(1), &json!(0)));
        let last = |points: Vec<i64>| points[points.len() - 2..].to_vec();
        assert_eq!(last(of(&told, "events", None)), [2, 1]);
        assert_eq!(last(of(&told, "notifications", None)), [2, 0]);
        assert_eq!(last(of(&told, "attempts.failed", Some("webhook"))), [1, 0]);
        assert_eq!(last(of(&told, "deliveries.sent", Some("webhook"))), [0, 2]);
        assert_eq!(told["latency"][0]["channel"], "webhook");
        assert!(told["latency"][0]["p99_ms"].as_f64() >= told["latency"][0]["p50_ms"].as_f64(), "{told}");
        assert_eq!(of(&told, "events", None).len(), 24 * 60);
        // A month later nothing is left of it.
        server.turn(32 * 24 * 60 * MINUTE).await;
        server.run_due().await;
        assert_eq!(server.number("SELECT count(*) FROM statistics").await, 0);
        for query in ["?step=59", "?step=90", "?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "?from=2020-01-01T00:00:00Z&step=60"] {
            server.get(&format!("/api/v1/statistics{query}")).await.refused(400, "range");
        }
        server.finish().await;
    }

    /// Those that failed are counted first and sent again then, all of one workflow, of a time.
    async fn many_are_sent_again(database) {
        let server = TestServer::start_on(database).await;
        let receiver = Receiver::start().await;
        mails(&server, &receiver).await;
        receiver.answer(Answer::status(422).body(r#"{"statusCode":422,"name":"validation_error","message":"no"}"#));
        for n in 0..45 {
            let body = json!({"recipients": [format!("user-{n}")]});
            server.post("/api/v1/workflows/hello/trigger", &body).await.ok(200);
        }
        server.settle().await;
        let retry = async |body: Value| server.post("/api/v1/deliveries/retry", &body).await.ok(200);
        let counted = retry(json!({"dry_run": true})).await;
        assert_eq!(counted, json!({"matched": 45, "retried": 0, "more": false}));
        for none in [json!({"workflow": "other"}), json!({"channel": "sms"}), json!({"status": "exhausted"}), json!({"to": "2020-01-01T00:00:00Z"})] {
            assert_eq!(retry(none).await["matched"], 0);
        }
        receiver.answer(Answer::status(200).body(r#"{"id":"x"}"#));
        let failed = server.get("/api/v1/deliveries?undelivered=true&limit=100").await.ok(200);
        assert_eq!(failed["data"].as_array().unwrap().len(), 45);
        assert_eq!(retry(json!({"workflow": "hello", "status": "failed"})).await, json!({"matched": 45, "retried": 45, "more": false}));
        server.settle().await;
        assert!(server.get("/api/v1/deliveries?undelivered=true").await.ok(200)["data"].as_array().unwrap().is_empty());
        assert_eq!(retry(json!({})).await["matched"], 0);
        server.finish().await;
    }

    /// The events of all applications stand in one list; a workflow's versions in another.
    async fn events_and_versions_are_listed(database) {
        let server = TestServer::start_on(database).await;
        let (one, two) = (server.app("one").await, server.app("two").await);
        let (first, second) = (server.publish_kind(&one, "a").await, server.publish_kind(&two, "b").await);
        let ids = async |query: &str| {
            let list = server.get(&format!("/api/v1/events{query}")).await.ok(200);
            list["data"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids("").await, [second.clone(), first.clone()]);
        assert_eq!(ids("?type=a").await, std::slice::from_ref(&first));
        assert_eq!(ids("?app=two").await, std::slice::from_ref(&second));
        let page = server.get("/api/v1/events?limit=1").await.ok(200);
        assert_eq!(ids(&format!("?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await, [first]);
        server.get("/api/v1/events?app=none").await.refused(404, "not_found");
        for n in 1..=3 {
            let steps = json!({"steps": [{"name": "b", "in_app": {"title": format!("v{n}")}}]});
            server.put("/api/v1/workflows/hello", &steps).await;
        }
        let list = server.get("/api/v1/workflows/hello/versions?limit=2").await.ok(200);
        let versions = |list: &Value| list["data"].as_array().unwrap().iter().map(|one| one["version"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!((versions(&list), &list["data"][0]["active"], &list["data"][1]["active"]), (vec![3, 2], &json!(true), &json!(false)));
        let next = format!("/api/v1/workflows/hello/versions?limit=2&cursor={}", list["next_cursor"].as_str().unwrap());
        assert_eq!(versions(&server.get(&next).await.ok(200)), [1]);
        let second = server.get("/api/v1/workflows/hello/versions/2").await.ok(200);
        assert_eq!(second["steps"][0]["in_app"]["title"], "v2");
        for path in ["none/versions", "none/versions/1", "hello/versions/4", "hello/versions/x"] {
            let reply = server.get(&format!("/api/v1/workflows/{path}")).await;
            reply.refused(404, "not_found");
        }
        server.finish().await;
    }
}
