//! What would happen, without its happening.

use serde_json::{Value, json};
use testkit::{Receiver, TestServer, both};

use super::{declare, mails, person, sandbox};

/// The words of a timeline: time after the beginning in seconds, who, step, outcome.
fn lines(told: &Value) -> Vec<String> {
    let at = |row: &Value| domain::time::parse_rfc3339(row["at"].as_str().unwrap()).unwrap();
    let from = domain::time::parse_rfc3339(told["from"].as_str().unwrap()).unwrap();
    let rows = told["timeline"].as_array().unwrap().iter();
    rows.map(|row| {
        let words =
            ["what", "user_id", "step", "outcome"].map(|name| row[name].as_str().unwrap_or("-").to_owned());
        format!("{} {}", (at(row) - from) / 1_000, words.join(" "))
    })
    .collect()
}

async fn preview(server: &TestServer, body: &Value) -> Value {
    server.post("/api/v1/workflows/preview", body).await.ok(200)
}

both! {
    /// A workflow that is not declared yet, on people of the environment: through a delay, a batch and quiet hours, with what is rendered; nothing is
    /// sent, nothing is left behind.
    async fn what_would_happen_is_told_and_does_not_happen(database) {
        let server = TestServer::start_on(database).await;
        sandbox(&server).await;
        server.put("/api/v1/users/ada", &json!({"email": "ada@example.com", "time_zone": "Europe/Berlin"})).await;
        server.put("/api/v1/users/ada/preferences", &json!({"quiet_hours": {"windows": [{"during": "22:00-07:00", "channels": ["email"]}]}})).await.ok(200);
        person(&server, "bob").await;
        let workflow = json!({"kind": "workflow", "key": "digest", "events": [{"type": "note.made"}], "recipients": [{"users": ["ada", "bob"]}], "steps": [
            {"name": "bell", "in_app": {"title": "Note {{ data.n }}"}},
            {"name": "gather", "batch": {"window": {"fixed": {"for": "5m"}}}},
            {"name": "mail", "email": {"subject": "{{ total_activities }} notes", "text": "{% for a in activities %}{{ a.data.n }} {% endfor %}"}},
        ]});
        let told = preview(&server, &json!({
            "resources": [workflow], "users": ["ada", "bob"], "from": "2026-03-02T21:00:00Z", "lasts": "1d",
            "events": [{"type": "note.made", "data": {"n": 1}}, {"after": "2m", "type": "note.made", "data": {"n": 2}}],
        })).await;
        let lines = lines(&told);
        for line in [
            "0 event - - -", "0 step ada bell done", "0 step ada gather batched", "120 step bob gather batched",
            "300 step bob mail done", "300 attempt - mail sent", "300 step ada mail held",
            // Seven o'clock in Berlin.
            "32400 step ada mail done", "32400 attempt - mail sent",
        ] {
            assert!(lines.iter().any(|other| other == line), "{line}: {lines:#?}");
        }
        let messages = told["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 2);
        for message in messages {
            assert_eq!((&message["content"]["subject"], &message["provider"]), (&json!("2 notes"), &json!("simulation")));
            assert_eq!(message["content"]["text"].as_str().unwrap().trim(), "1 2");
        }
        assert_eq!(told["notifications"].as_array().unwrap().len(), 4);
        server.settle().await;
        assert!(mails(&server, "").await.is_empty());
        server.get("/api/v1/workflows/digest").await.refused(404, "not_found");
        assert_eq!(server.feed("ada").await["data"], json!([]));
    }

    /// People and tenants of the environment come with all that decides what they get: what they prefer for a tenant, addresses that get nothing more,
    /// and the tenant's own channels, of which no secret is told.
    async fn people_come_as_they_are(database) {
        let server = TestServer::start_on(database).await;
        server.settings(&json!({"require_installation": true})).await;
        sandbox(&server).await;
        server.put("/api/v1/channels/slack", &json!({"provider": "sandbox"})).await.ok(200);
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme"})).await;
        for user in ["ada", "ben", "cleo"] {
            person(&server, user).await;
            server.put(&format!("/api/v1/tenants/acme/members/{user}"), &json!({"role": "member"})).await;
        }
        server.put("/api/v1/users/ada/preferences?tenant=acme", &json!({"channels": {"email": "off"}})).await.ok(200);
        server.put("/api/v1/channels/email/suppressions/ben@example.com", &json!({})).await.ok(201);
        let workflow = json!({
            "events": [{"type": "note.made"}], "recipients": [{"tenant_from": "tenant.id"}],
            "steps": [{"name": "mail", "email": {"subject": "Note", "text": "x"}}],
            "tenant_steps": [{"name": "slack", "slack": {"title": "Note"}}],
        });
        declare(&server, "notes", workflow).await;
        let config = json!({"channel": "slack_webhook", "webhook_url": "https://hooks.slack.com/services/T/B/secret"});
        server.post("/api/v1/notifications/configs?tenant=acme", &config).await.ok(201);
        let told = preview(&server, &json!({"tenants": ["acme"], "lasts": "1h", "events": [{"type": "note.made", "tenant": "acme", "data": {}}]})).await;
        let lines = lines(&told);
        for line in ["0 step ada mail skipped", "0 step ben mail skipped", "0 step cleo mail done", "0 step  slack done"] {
            assert!(lines.iter().any(|other| other == line), "{line}: {lines:#?}");
        }
        assert!(!told.to_string().contains("secret"), "{told:#}");
        server.finish().await;
    }

    /// Attempts that fail are tried again in their time; what programs would answer is said.
    async fn retries_and_answers_are_played(database) {
        let server = TestServer::start_on(database).await;
        let receiver = Receiver::start().await;
        sandbox(&server).await;
        declare(&server, "asks", json!({"steps": [
            {"name": "who", "fetch": {"url": receiver.url()}},
            {"name": "mail", "email": {"subject": "{{ found.who.body.name }}", "text": "x"}},
        ]})).await;
        let told = preview(&server, &json!({
            "users": [{"id": "ada", "email": "ada@example.com"}], "found": {"who": {"status": 200, "body": {"name": "Ada"}}}, "failing_attempts": 2,
            "events": [{"workflow": "asks", "recipients": ["ada"]}],
        })).await;
        let attempts: Vec<_> = lines(&told).into_iter().filter(|line| line.contains("attempt")).collect();
        assert_eq!(attempts, ["0 attempt - mail error", "30 attempt - mail error", "150 attempt - mail sent"], "{told:#}");
        assert_eq!(told["messages"][0]["content"]["subject"], "Ada");
        assert_eq!(receiver.count(), 0);
    }

    /// A tenant brings its members along; its own channels are played as well.
    async fn tenants_are_played(database) {
        let server = TestServer::start_on(database).await;
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme"})).await.ok(200);
        person(&server, "ada").await;
        server.put("/api/v1/tenants/acme/members/ada", &json!({"role": "admin"})).await.ok(200);
        let told = preview(&server, &json!({
            "tenants": ["acme", {"id": "other", "members": {"eve": "member"}, "configs": [
                {"channel": "slack_webhook", "webhook_url": "https://hooks.slack.com/services/T0/B0/x"}]}],
            "resources": [{"kind": "workflow", "key": "hi", "recipients": [{"tenant_from": "tenant.id"}], "steps": [{"name": "b", "in_app": {"title": "{{ tenant.name }}"}}],
                "tenant_steps": [{"name": "s", "slack": {"title": "Hi"}}]}],
            "events": [{"workflow": "hi", "tenant": "acme"}, {"workflow": "hi", "tenant": "other"}],
        })).await;
        let mut bells: Vec<_> = told["notifications"].as_array().unwrap().iter().map(|item| format!("{} {}", item["user_id"], item["title"]).replace('"', "")).collect();
        bells.sort();
        assert_eq!(bells, ["ada Acme", "eve other"]);
        let sent: Vec<_> = told["messages"].as_array().unwrap().iter().map(|message| message["status"].as_str().unwrap()).collect();
        assert_eq!(sent, ["skipped", "sent"], "{told:#}");
    }

    /// What people do and what happens meanwhile is waited for: who reads in time gets no mail, who does not does.
    async fn waits_are_played(database) {
        let server = TestServer::start_on(database).await;
        let workflow = json!({"kind": "workflow", "key": "look", "steps": [
            {"name": "bell", "in_app": {"title": "Look"}},
            {"name": "read", "wait_for": {"step": "bell", "becomes": ["read"], "for": "2h"}},
            {"name": "paid", "wait_for": {"event": {"type": "order.paid", "match": {"data.order": "data.order"}}, "for": "1h"}},
            {"name": "mail", "if": {"found.read.happened": false}, "email": {"subject": "You did not look", "text": "x"}},
        ]});
        let told = preview(&server, &json!({
            "resources": [workflow, {"kind": "channel", "channel": "email", "from": "a@b.example", "providers": []}],
            "users": [{"id": "ada", "email": "ada@example.com"}, {"id": "bob", "email": "bob@example.com"}], "lasts": "1d",
            "events": [
                {"workflow": "look", "recipients": ["ada", "bob"], "data": {"order": 7}},
                {"after": "30m", "mark": "read", "user": "ada"},
                {"after": "40m", "type": "order.paid", "data": {"order": 7}},
            ],
        })).await;
        let lines = lines(&told);
        for line in ["1800 step ada read done", "2400 step ada paid done", "2400 step ada mail skipped", "7200 step bob read done", "10800 step bob mail done"] {
            assert!(lines.iter().any(|other| other == line), "{line}: {lines:#?}");
        }
        let recipients: Vec<_> = told["messages"].as_array().unwrap().iter().filter(|mail| mail["status"] == "sent").map(|mail| mail["recipient"].clone()).collect();
        assert_eq!(recipients, [json!("bob@example.com")]);
        server.finish().await;
    }

    /// What is wrong with a script is told by its place, and what would never end ends.
    async fn what_is_wrong_with_a_script_is_told(database) {
        let server = TestServer::start_on(database).await;
        for (body, place) in [
            (json!({"events": []}), "/events"),
            (json!({"events": [{"workflow": "none"}]}), "/events/0"),
            (json!({"events": [{"type": "a b", "data": {}}]}), "/events/0/type"),
            (json!({"events": [{"type": "a", "data": {}, "after": "soon"}]}), "/events/0/after"),
            (json!({"events": ["x"]}), "/events/0"),
            (json!({"events": [{"type": "a", "data": {}}], "users": ["nobody"]}), "/users/0"),
            (json!({"events": [{"type": "a", "data": {}}], "users": [{"id": "a", "email": "x"}]}), "/users/0/email"),
            (json!({"events": [{"type": "a", "data": {}}], "tenants": ["none"]}), "/tenants/0"),
            (json!({"events": [{"type": "a", "data": {}}], "from": "now"}), "/from"),
            (json!({"events": [{"type": "a", "data": {}}], "resources": [{"kind": "workflow", "key": "x", "steps": []}]}), "/resources"),
        ] {
            let refused = server.post("/api/v1/workflows/preview", &body).await;
            assert!(matches!(refused.status, 400 | 422), "{body} {}", refused.text());
            assert!(refused.faults().iter().any(|(pointer, _)| pointer.starts_with(place)), "{place}: {}", refused.text());
        }
    }
}
