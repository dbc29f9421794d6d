//! Why: one call tells who got what, who did not, and what decided it.

use serde_json::{Value, json};
use testkit::{Answer, Receiver, TestServer, both};

use super::{declare, person, sandbox, trigger};

async fn trace(server: &TestServer, event: &str) -> Value {
    server.get(&format!("/api/v1/events/{event}/trace")).await.ok(200)
}

/// The step of a user's run.
fn step<'a>(trace: &'a Value, user: &str, name: &str) -> &'a Value {
    let mut runs = trace["runs"].as_array().unwrap().iter();
    let run = runs
        .find(|run| run["user_id"] == user && run["part"].is_null())
        .expect("a run");
    let mut steps = run["steps"].as_array().unwrap().iter();
    steps.find(|step| step["step"] == name).expect("a step")
}

both! {
    /// Delivered, withheld by preference, held by quiet hours, gathered: each is told with what decided it.
    async fn a_trace_tells_what_decided(database) {
        let server = TestServer::start_on(database).await;
        for user in ["ada", "bob", "eve"] {
            person(&server, user).await;
        }
        sandbox(&server).await;
        declare(&server, "hello", json!({"steps": [
            {"name": "mail", "email": {"subject": "Hello", "text": "Hello"}},
            {"name": "only", "if": {"path": "data.n", "is": "above", "value": 5}, "in_app": {"title": "Big"}},
            {"name": "gather", "batch": {"window": {"fixed": {"for": "5m"}}}},
            {"name": "later", "in_app": {"title": "{{ total_activities }}"}},
        ]})).await;
        server.put("/api/v1/users/bob/preferences", &json!({"channels": {"email": "off"}})).await.ok(200);
        let minutes = |at: i64| format!("{:02}:{:02}", at / 3_600_000 % 24, at / 60_000 % 60);
        let during = format!("{}-{}", minutes(server.now() - 3_600_000), minutes(server.now() + 3_600_000));
        let quiet = json!({"quiet_hours": {"windows": [{"during": during}]}});
        server.put("/api/v1/users/eve/preferences", &quiet).await.ok(200);
        let first = trigger(&server, "hello", json!({"recipients": ["ada", "bob", "eve"], "data": {"n": 1}})).await;
        server.settle().await;
        let second = trigger(&server, "hello", json!({"recipients": ["ada"], "data": {"n": 2}})).await;
        server.settle().await;
        let told = trace(&server, &first).await;
        assert_eq!(step(&told, "ada", "mail")["outcome"], "done");
        let ada = told["runs"].as_array().unwrap().iter().find(|run| run["user_id"] == "ada").unwrap();
        assert_eq!((&ada["deliveries"][0]["status"], &ada["deliveries"][0]["provider"]), (&json!("sent"), &json!("sandbox")));
        assert_eq!(step(&told, "bob", "mail")["why"]["rule"], "/channels/email");
        assert_eq!(step(&told, "ada", "only")["why"]["because"][0]["path"], "data.n");
        let held = step(&told, "eve", "mail");
        assert_eq!((&held["outcome"], &held["why"]["reason"]), (&json!("held"), &json!("quiet_hours")));
        let part = told["runs"].as_array().unwrap().iter().find(|run| run["part"] == "mail").unwrap();
        assert_eq!((&part["id"], &part["status"]), (&held["run_id"], &json!("waiting")));
        server.turn_and_settle(300_000).await;
        let gathered = trace(&server, &second).await;
        assert_eq!(step(&gathered, "ada", "gather")["outcome"], "batched");
        assert_eq!(gathered["other_runs"][0]["event_id"], *first, "it went on with the first of its batch");
        assert_eq!(gathered["other_runs"][0]["status"], "completed");
        let mine = server.get(&format!("/api/v1/users/bob/trace?event={first}")).await.ok(200);
        assert!(mine["runs"].as_array().unwrap().iter().all(|run| run["user_id"] == "bob"));
        let nothing = server.get(&format!("/api/v1/users/zoe/trace?event={first}")).await.ok(200);
        assert_eq!(nothing["runs"], json!([]));
        server.get("/api/v1/events/evt_000000000000000000000000000/trace").await.refused(404, "not_found");
        server.turn_and_settle(3_600_000).await;
        server.finish().await;
    }

    /// C03, D08: throttled, failed, exhausted, suppressed: each is told, the last two with what the provider said.
    async fn a_trace_tells_why_it_did_not_arrive(database) {
        let server = TestServer::start_on(database).await;
        let resend = Receiver::start().await;
        for user in ["ada", "bob"] {
            person(&server, user).await;
        }
        let settings = json!({"from": "noreply@lightfast.ai", "providers": [{"name": "resend", "kind": "resend", "key": "re_123456", "base_url": resend.url_at("")}]});
        server.put("/api/v1/channels/email", &settings).await.ok(200);
        declare(&server, "hello", json!({"steps": [
            {"name": "once", "throttle": {"limit": 1, "per": "1h"}},
            {"name": "mail", "email": {"subject": "Hello", "text": "Hello"}},
        ]})).await;
        let problem = |name: &str| json!({"name": name, "message": "in words"}).to_string();
        resend.answer_next([Answer::status(422).body(problem("missing_required_field"))]);
        let failed = trigger(&server, "hello", json!({"recipients": ["ada"]})).await;
        server.settle().await;
        let throttled = trigger(&server, "hello", json!({"recipients": ["ada"]})).await;
        server.settle().await;
        resend.answer(Answer::status(500).body(problem("internal_server_error")));
        let exhausted = trigger(&server, "hello", json!({"recipients": ["bob"]})).await;
        server.settle().await;
        for wait in [30_000, 120_000, 600_000] {
            server.turn_and_settle(wait).await;
        }

        let told = trace(&server, &failed).await;
        let sent = &told["runs"][0]["deliveries"][0];
        assert_eq!((&sent["status"], &sent["attempts"], &sent["provider"]), (&json!("failed"), &json!(1), &json!("resend")));
        assert_eq!(sent["error"], "resend: Resend answered 422 missing_required_field: in words");
        let told = trace(&server, &throttled).await;
        let once = step(&told, "ada", "once");
        assert_eq!((&once["outcome"], &once["why"]["reason"]), (&json!("skipped"), &json!("throttle")));
        assert!(once["why"]["next_at"].is_string() && told["runs"][0]["deliveries"] == json!([]), "{told}");
        let told = trace(&server, &exhausted).await;
        let sent = &told["runs"][0]["deliveries"][0];
        assert_eq!((&sent["status"], &sent["attempts"]), (&json!("exhausted"), &json!(4)));
        assert!(sent["error"].as_str().unwrap().starts_with("Exhausted after 3 retries: ") && sent["finished_at"].is_string(), "{sent}");

        server.put("/api/v1/channels/email/suppressions/bob@example.com", &json!({})).await.ok(201);
        server.turn_and_settle(3_600_000).await;
        let suppressed = trigger(&server, "hello", json!({"recipients": ["bob"]})).await;
        server.settle().await;
        let told = trace(&server, &suppressed).await;
        assert_eq!(step(&told, "bob", "mail")["why"]["reason"], "suppressed");
        assert_eq!(told["runs"][0]["deliveries"][0]["status"], "skipped");
        server.finish().await;
    }

    /// A workflow that was not started says which comparison kept it; a webhook that takes other types is named too.
    async fn a_trace_tells_what_did_not_begin(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("console").await;
        let receiver = Receiver::start().await;
        server.webhook(&app, &receiver.url_at("/all"), &json!({})).await;
        server.webhook(&app, &receiver.url_at("/other"), &json!({"event_types": ["other.happened"]})).await;
        declare(&server, "gate", json!({
            "events": [{"type": "thing.happened", "if": {"path": "data.score", "is": "at_least", "value": 70}}],
            "recipients": [{"users": ["ada"]}],
            "steps": [{"name": "bell", "in_app": {"title": "Hello"}}],
        })).await;
        let event = server.publish(&app, &json!({"type": "thing.happened", "data": {"score": 69}})).await;
        server.settle().await;
        let told = trace(&server, &event).await;
        let gate = &told["workflows"][0];
        assert_eq!((&gate["workflow"], &gate["starts"]), (&json!("gate"), &json!(false)));
        let compared = &gate["triggers"][0]["because"][0];
        assert_eq!((&compared["path"], &compared["actual"], &compared["expected"]), (&json!("data.score"), &json!(69), &json!(70)));
        let hooks = told["webhooks"].as_array().unwrap();
        let taken: Vec<_> = hooks.iter().map(|hook| (hook["wants"].as_bool().unwrap(), hook["deliveries"].as_array().unwrap().len())).collect();
        assert!(taken.contains(&(true, 1)) && taken.contains(&(false, 0)), "{taken:?}");
        server.finish().await;
    }
}
