//! A tenant's own channels: its admins set them up, events reach them once, whoever is told in person.

use serde_json::{Value, json};
use testkit::{Answer, Receiver, TestServer, both};

use super::{declare, mails, person, runs, sandbox};

const CONFIGS: &str = "/api/v1/notifications/configs";

fn escalated() -> Value {
    json!({
        "events": [{"type": "session.escalated"}],
        "recipients": [{"users_from": "data.escalated_to_id"}],
        "otherwise": [{"tenant_from": "tenant.id", "roles": ["owner", "admin"]}],
        "steps": [{"name": "bell", "in_app": {"title": "Session escalated by {{ data.engineer_name | default: 'an engineer' }}"}}],
        "tenant_steps": [
            {"name": "mail", "email": {"subject": "Escalated", "text": "Reason: {{ data.reason }}"}},
            {"name": "slack", "slack": {
                "title": "Session escalated", "body": "Reason: {{ data.reason }}\nProblem: <none>",
                "link": "https://help.example/pilot/{{ data.session_id }}", "link_label": "View",
            }},
            {"name": "teams", "teams": {"title": "Session escalated", "body": "Reason: {{ data.reason }}"}},
        ],
    })
}

/// An account with an owner, an admin and an engineer; one other account with an owner.
async fn world(database: testkit::Database) -> TestServer {
    let server = TestServer::start_on(database).await;
    for (tenant, user, role) in [
        ("acme", "olga", "owner"),
        ("acme", "adam", "admin"),
        ("acme", "emil", "member"),
        ("other", "zoe", "owner"),
    ] {
        person(&server, user).await;
        server
            .put(&format!("/api/v1/tenants/{tenant}"), &json!({"name": tenant}))
            .await;
        server
            .put(
                &format!("/api/v1/tenants/{tenant}/members/{user}"),
                &json!({"role": role}),
            )
            .await;
    }
    declare(&server, "session-escalated", escalated()).await;
    server
}

async fn token(server: &TestServer, user: &str, tenant: &str) -> String {
    let minted = server
        .post(&format!("/api/v1/users/{user}/token"), &json!({"tenant": tenant}))
        .await
        .ok(200);
    minted["token"].as_str().unwrap().to_owned()
}

async fn config(server: &TestServer, body: Value) -> Value {
    server
        .post(&format!("{CONFIGS}?tenant=acme"), &body)
        .await
        .ok(201)
}

fn event(session: &str) -> Value {
    json!({"type": "session.escalated", "tenant": "acme", "data": {"session_id": session, "reason": "<urgent> & \"late\""}})
}

both! {
    /// G12: an admin is told what there is to choose: kinds of channels, and events by the names people call them.
    async fn g12_what_may_be_chosen_is_told(database) {
        let server = world(database).await;
        let adam = token(&server, "adam", "acme").await;
        let choices = async || server.get(&format!("{CONFIGS}/choices")).key(&adam).await.ok(200);
        let told = choices().await;
        let kinds: Vec<_> = told["channels"].as_array().unwrap().iter().map(|kind| (kind["channel"].as_str().unwrap(), kind["label"].as_str().unwrap(), kind["available"].as_bool().unwrap())).collect();
        assert_eq!(kinds, [("email", "Email", false), ("slack_webhook", "Slack", true), ("teams_webhook", "Microsoft Teams", true)]);
        assert_eq!(told["channels"][0]["reason"], "No provider is set up for email.");
        assert_eq!(told["events"], json!([{"event": "session.escalated", "label": "Session escalated"}]));
        sandbox(&server).await;
        let kind = json!({"name": "session.escalated", "category": "sessions", "title": "Session Escalated"});
        server.post("/api/v1/event-types", &kind).await.ok(201);
        let told = choices().await;
        assert_eq!((&told["channels"][0]["available"], &told["events"][0]["label"]), (&json!(true), &json!("Session Escalated")));
        let emil = token(&server, "emil", "acme").await;
        server.get(&format!("{CONFIGS}/choices")).key(&emil).await.refused(403, "forbidden");
        server.finish().await;
    }

    /// G01 G02 G03 G04 G05 G06 A15: set up, listed, changed and taken away by a team admin, in the shapes that the page expects.
    async fn g04_configs_are_kept_by_team_admins(database) {
        let server = world(database).await;
        let admin = token(&server, "adam", "acme").await;
        let slack = json!({"channel": "slack_webhook", "webhook_url": "https://hooks.slack.example/services/T/B/x"});
        let made = server.post(CONFIGS, &slack).key(&admin).await.ok(201);
        assert!(made["id"].as_str().unwrap().starts_with("chc_"));
        assert_eq!((&made["channel"], &made["is_active"], &made["account_id"]), (&json!("slack_webhook"), &json!(true), &json!("acme")));
        assert_eq!(made["events_enabled"], json!({"session.escalated": true}), "every one, when none are said");
        server.turn(1_000).await;
        let mail = json!({"channel": "email", "email_addresses": ["a@acme.example"], "events_enabled": {"session.escalated": false}});
        let second = server.post(CONFIGS, &mail).key(&admin).await.ok(201);
        let list = server.get(CONFIGS).key(&admin).await.ok(200);
        assert_eq!(list, json!([made, second]), "a bare list, by time");
        let path = format!("{CONFIGS}/{}", made["id"].as_str().unwrap());
        let changed = server.patch(&path, &json!({"is_active": false})).key(&admin).await.ok(200);
        assert_eq!((&changed["is_active"], &changed["webhook_url"], &changed["events_enabled"]),
            (&json!(false), &made["webhook_url"], &made["events_enabled"]));
        for (body, detail) in [
            (json!({"channel": "slack_webhook"}), "webhook_url is required for slack_webhook"),
            (json!({"channel": "teams_webhook", "webhook_url": ""}), "webhook_url is required for teams_webhook"),
            (json!({"channel": "email"}), "email_addresses required for email channel"),
            (json!({"channel": "email", "email_addresses": []}), "email_addresses required for email channel"),
        ] {
            let refused = server.post(CONFIGS, &body).key(&admin).await.refused(422, "invalid");
            assert!(refused["errors"][0]["detail"] == detail || refused["detail"] == detail, "{refused}");
        }
        let unknown = json!({"channel": "email", "email_addresses": ["a@b.example"], "events_enabled": {"nonsense": true}});
        let refused = server.post(CONFIGS, &unknown).key(&admin).await;
        assert_eq!(refused.faults()[0].0, "/events_enabled");
        let long = json!({"channel": "slack_webhook", "webhook_url": format!("https://a.example/{}", "x".repeat(490))});
        assert_eq!(server.post(CONFIGS, &long).key(&admin).await.status, 422);
        assert!(matches!(server.post(CONFIGS, &json!({"channel": "fax"})).key(&admin).await.status, 400 | 422));
        let gone = server.delete(&path).key(&admin).await;
        assert_eq!(gone.status, 204);
        let missing = server.delete(&path).key(&admin).await.refused(404, "not_found");
        assert_eq!(missing["detail"], "Config not found");
        assert_eq!(server.get(CONFIGS).key(&admin).await.ok(200).as_array().unwrap().len(), 1);
        server.finish().await;
    }

    /// G05: a member may not, another account's config is not there, and an application has no say.
    async fn g05_another_accounts_config_is_not_there(database) {
        let server = world(database).await;
        let app = server.app("console").await;
        let made = config(&server, json!({"channel": "email", "email_addresses": ["a@acme.example"]})).await;
        let path = format!("{CONFIGS}/{}", made["id"].as_str().unwrap());
        let member = token(&server, "emil", "acme").await;
        for answer in [server.get(CONFIGS).key(&member).await, server.delete(&path).key(&member).await, server.get(CONFIGS).key(&app.key).await] {
            answer.refused(403, "forbidden");
        }
        let other = token(&server, "zoe", "other").await;
        assert_eq!(server.get(CONFIGS).key(&other).await.ok(200), json!([]));
        server.patch(&path, &json!({"is_active": false})).key(&other).await.refused(404, "not_found");
        server.delete(&path).key(&other).await.refused(404, "not_found");
        server.post(&format!("{CONFIGS}/test"), &json!({"config_id": made["id"]})).key(&other).await.refused(404, "not_found");
        server.get(&format!("{CONFIGS}?tenant=acme")).key(&other).await.refused(404, "not_found");
        server.get(CONFIGS).await.refused(422, "invalid");
        server.get(&format!("{CONFIGS}?tenant=nobody")).await.refused(404, "not_found");
        server.finish().await;
    }

    /// E14 E16 E19 G08 S09 S10 M11: each active config with the event enabled gets it once; people get it by the rules for people.
    async fn g08_an_event_reaches_the_configs_it_is_enabled_for(database) {
        let server = world(database).await;
        sandbox(&server).await;
        let (slack, teams, off) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
        slack.answer(Answer::status(200).body("ok"));
        teams.answer(Answer::status(202));
        config(&server, json!({"channel": "slack_webhook", "webhook_url": slack.url_at("/services/1")})).await;
        config(&server, json!({"channel": "teams_webhook", "webhook_url": teams.url_at("/workflows/1")})).await;
        config(&server, json!({"channel": "slack_webhook", "webhook_url": off.url_at("/off"), "is_active": false})).await;
        config(&server, json!({"channel": "teams_webhook", "webhook_url": off.url_at("/off"), "events_enabled": {"session.escalated": false}})).await;
        config(&server, json!({"channel": "email", "email_addresses": ["a@acme.example", "b@acme.example"]})).await;
        let app = server.app("help").await;
        let event_id = server.publish(&app, &event("s1")).await;
        server.settle().await;
        let sent = slack.received();
        assert_eq!(sent.len(), 1);
        let body = sent[0].json();
        assert_eq!(body["blocks"][0]["text"], json!({"type": "plain_text", "text": "🔔 Session escalated", "emoji": true}));
        assert_eq!(body["blocks"][1]["text"]["text"], "Reason: &lt;urgent&gt; &amp; \"late\"\nProblem: &lt;none&gt;");
        assert_eq!(body["blocks"][2]["elements"][0]["url"], "https://help.example/pilot/s1");
        let card = teams.received()[0].json();
        assert_eq!(card["attachments"][0]["content"]["body"][0]["text"], "Session escalated");
        assert!(card["attachments"][0]["content"].get("actions").is_none(), "no button without a link");
        assert_eq!(off.count(), 0);
        let to: Vec<_> = mails(&server, "").await.iter().map(|mail| mail["recipient"].as_str().unwrap().to_owned()).collect();
        assert_eq!(to, ["b@acme.example", "a@acme.example"]);
        for (user, count) in [("olga", 1), ("adam", 1), ("emil", 0), ("zoe", 0)] {
            assert_eq!(server.feed(user).await["data"].as_array().unwrap().len(), count, "{user}");
        }
        let all = runs(&server, &event_id).await;
        let own = all.iter().find(|run| run["user_id"] == "").unwrap();
        assert_eq!((own["status"].as_str(), own["steps"].as_array().unwrap().len()), (Some("completed"), 3), "{own:#}");
        let mut named = event("s2");
        named["data"]["escalated_to_id"] = json!("emil");
        server.publish(&app, &named).await;
        server.settle().await;
        assert_eq!(server.feed("emil").await["data"].as_array().unwrap().len(), 1);
        assert_eq!(server.feed("olga").await["data"].as_array().unwrap().len(), 1, "a list with names means only those");
        assert_eq!(slack.count(), 2);
        server.finish().await;
    }

    /// D01 D02 D03 D05 D06: a failing webhook is tried again after 30 s, 2 min and 10 min; one whose config is deleted ends with it.
    async fn d03_a_failing_config_is_retried_and_exhausted(database) {
        let server = world(database).await;
        let slack = Receiver::start().await;
        slack.answer(Answer::status(200).body("invalid_payload"));
        let made = config(&server, json!({"channel": "slack_webhook", "webhook_url": slack.url_at("/services/1")})).await;
        let app = server.app("help").await;
        slack.answer(Answer::status(500));
        server.publish(&app, &event("s1")).await;
        server.settle().await;
        for wait in [30_000, 120_000, 600_000] {
            let list = server.get("/api/v1/deliveries?channel=slack").await.ok(200);
            assert_eq!(list["data"][0]["status"], "retrying");
            server.turn_and_settle(wait).await;
        }
        assert_eq!(slack.count(), 4);
        let list = server.get("/api/v1/deliveries?undelivered=true").await.ok(200);
        let last = &list["data"][0];
        assert_eq!((&last["status"], &last["attempts"]), (&json!("exhausted"), &json!(4)));
        assert_eq!(last["error"], "Exhausted after 3 retries: slack: Slack answered 500");
        server.publish(&app, &event("s2")).await;
        server.settle().await;
        server.delete(&format!("{CONFIGS}/{}?tenant=acme", made["id"].as_str().unwrap())).await.ok(204);
        server.settle().await;
        let list = server.get("/api/v1/deliveries?channel=slack").await.ok(200);
        assert_eq!((&list["data"][0]["status"], &list["data"][0]["error"]), (&json!("exhausted"), &json!("Config deleted")));
        server.finish().await;
    }

    /// D05: so do the mails of a config that share the lane of all mails; those of others go on.
    async fn d05_mails_of_a_deleted_config_end_with_it(database) {
        let server = world(database).await;
        let resend = Receiver::start().await;
        let provider = json!({"name": "resend", "kind": "resend", "key": "re_123456", "base_url": resend.url_at("")});
        server.put("/api/v1/channels/email", &json!({"from": "a@b.example", "providers": [provider]})).await.ok(200);
        resend.answer(Answer::status(503));
        let [gone, stays] = ["gone@acme.example", "stays@acme.example"].map(|address| json!({"channel": "email", "email_addresses": [address]}));
        let gone = config(&server, gone).await;
        config(&server, stays).await;
        let app = server.app("help").await;
        server.publish(&app, &event("s1")).await;
        server.settle().await;
        let of = async |to: &str| {
            let mails = mails(&server, "").await;
            mails.into_iter().find(|mail| mail["recipient"] == to).expect("a mail")
        };
        let mail = of("gone@acme.example").await;
        assert_eq!(mail["status"], "retrying");
        server.delete(&format!("{CONFIGS}/{}?tenant=acme", gone["id"].as_str().unwrap())).await.ok(204);
        server.settle().await;
        let mail = of("gone@acme.example").await;
        assert_eq!((&mail["status"], &mail["error"]), (&json!("exhausted"), &json!("Config deleted")), "{mail:#}");
        let retry = format!("/api/v1/deliveries/{}/retry", mail["id"].as_str().unwrap());
        server.post(&retry, &json!({})).await.refused(409, "not_sendable");
        resend.answer(Answer::status(200).body(r#"{"id":"x"}"#));
        let before = resend.count();
        server.turn_and_settle(600_000).await;
        assert_eq!(of("stays@acme.example").await["status"], "sent");
        assert_eq!(resend.count(), before + 1);
        server.finish().await;
    }

    /// A config whose address may not be reached any more fails its deliveries with the reason, instead of letting them wait for ever.
    async fn a_config_that_may_not_be_used_any_more_says_so(database) {
        let mut server = world(database).await;
        let slack = Receiver::start().await;
        config(&server, json!({"channel": "slack_webhook", "webhook_url": slack.url_at("/services/1")})).await;
        server.restart_with(|config| config.egress.allow.clear()).await;
        let app = server.app("help").await;
        server.publish(&app, &event("s1")).await;
        server.settle().await;
        let list = server.get("/api/v1/deliveries?channel=slack").await.ok(200);
        let row = &list["data"][0];
        assert_eq!(row["status"], "failed", "{row:#}");
        assert!(row["error"].as_str().unwrap().contains("not usable"), "{row:#}");
        assert_eq!(slack.count(), 0);
        server.finish().await;
    }

    /// S09: a 200 with anything but `ok` is a failure.
    async fn s09_slack_must_say_ok(database) {
        let server = world(database).await;
        let slack = Receiver::start().await;
        slack.answer(Answer::status(200).body("<html>hello</html>"));
        config(&server, json!({"channel": "slack_webhook", "webhook_url": slack.url_at("/services/1")})).await;
        let app = server.app("help").await;
        server.publish(&app, &event("s1")).await;
        server.settle().await;
        let list = server.get("/api/v1/deliveries?channel=slack").await.ok(200);
        assert_eq!((&list["data"][0]["status"], &list["data"][0]["attempts"]), (&json!("retrying"), &json!(1)), "{list:#}");
    }

    /// G07: a test says in words what came of it; a mail goes to the first address only.
    async fn g07_a_test_says_what_came_of_it(database) {
        let server = world(database).await;
        let test = async |id: &Value| {
            let told = server.post(&format!("{CONFIGS}/test?tenant=acme"), &json!({"config_id": id})).await.ok(200);
            (told["success"].as_bool().unwrap(), told["message"].as_str().unwrap().to_owned())
        };
        let (slack, teams) = (Receiver::start().await, Receiver::start().await);
        slack.answer(Answer::status(200).body("ok"));
        teams.answer(Answer::status(202));
        let on_slack = config(&server, json!({"channel": "slack_webhook", "webhook_url": slack.url_at("/s")})).await;
        let on_teams = config(&server, json!({"channel": "teams_webhook", "webhook_url": teams.url_at("/t")})).await;
        let on_mail = config(&server, json!({"channel": "email", "email_addresses": ["a@acme.example", "b@acme.example"]})).await;
        assert_eq!(test(&on_slack["id"]).await, (true, "Test message sent to Slack".into()));
        assert_eq!(test(&on_teams["id"]).await, (true, "Test message sent to Teams".into()));
        assert_eq!(slack.received()[0].json()["blocks"][0]["type"], "header");
        assert_eq!(test(&on_mail["id"]).await, (false, "Email delivery failed".into()), "no provider is set up");
        sandbox(&server).await;
        assert_eq!(test(&on_mail["id"]).await, (true, "Test email sent".into()));
        slack.answer(Answer::status(404).body("no_service"));
        teams.answer(Answer::status(400));
        assert_eq!(test(&on_slack["id"]).await, (false, "Slack webhook failed".into()));
        assert_eq!(test(&on_teams["id"]).await, (false, "Teams webhook failed".into()));
        let unknown = json!({"config_id": "chc_000000000000000000000000000"});
        server.post(&format!("{CONFIGS}/test?tenant=acme"), &unknown).await.refused(404, "not_found");
        // Ten a minute: it sends at once, and to whatever address an admin names.
        let again = async || server.post(&format!("{CONFIGS}/test?tenant=acme"), &json!({"config_id": on_mail["id"]})).await;
        while again().await.status == 200 {}
        let refused = again().await;
        assert_eq!((refused.status, refused.header("ratelimit-limit")), (429, Some("10")));
        assert!(refused.header("retry-after").is_some());
        test(&on_slack["id"]).await;
        server.turn(60_000).await;
        assert_eq!(again().await.status, 200);
        // Who sent it is known, and what came of it; what was refused sent nothing.
        let audit = server.get("/api/v1/audit?action=config.test&limit=100").await.ok(200);
        assert_eq!((&audit["data"][0]["subject"], &audit["data"][0]["detail"]), (&on_mail["id"], &json!({"success": true})));
        assert_eq!(audit["data"][1]["detail"], json!({"success": false}));
        let of_mail = server.get(&format!("/api/v1/audit?action=config.test&subject={}", on_mail["id"].as_str().unwrap())).await.ok(200);
        assert_eq!(of_mail["data"].as_array().unwrap().len(), 11);
        server.finish().await;
    }

    /// G01: a tenant's configs go with it.
    async fn g01_configs_go_with_their_tenant(database) {
        let server = world(database).await;
        config(&server, json!({"channel": "email", "email_addresses": ["a@acme.example"]})).await;
        server.delete("/api/v1/tenants/acme").await.ok(204);
        assert_eq!(server.number("SELECT count(*) FROM channel_configs").await, 0);
        server.finish().await;
    }
}
