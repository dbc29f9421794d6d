//! From an event or a trigger through the steps.

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::{declare, mails, person, runs, sandbox, trigger};

const DAY: i64 = 86_400_000;
const CAPTURED: &str = "apps-console/neural/observation.captured";

/// O's workflow: in the feed at once, one mail for five minutes of a workspace.
fn observations() -> Value {
    json!({
        "events": [{"type": CAPTURED, "if": {"all": [
            {"path": "data.significanceScore", "is": "at_least", "value": 70},
            {"path": "data.clerkOrgId", "is": "exists"},
        ]}}],
        "tenant_from": "data.clerkOrgId",
        "recipients": [{"tenant_from": "data.clerkOrgId"}],
        "categories": ["observations"],
        "steps": [
            {"name": "bell", "in_app": {
                "title": "{{ data.observationType | capitalize }}",
                "body": "Score {{ data.significanceScore }}. Topics: {{ data.topics | join: \", \" }}{% if data.clusterId %} ({{ data.clusterId }}){% endif %}",
                "link": "https://lightfast.ai/workspace/{{ data.workspaceId }}",
            }},
            {"name": "gather", "batch": {"window": {"fixed": {"for": "5m"}}, "key": "data.workspaceId"}},
            {"name": "mail", "email": {
                "subject": "{{ total_activities }} new observations in {{ tenant.name }}",
                "html": "<h1>{{ total_activities }} new observations in {{ tenant.name }}</h1>{% for activity in activities %}<p><b>{{ activity.data.observationType | capitalize }}</b> (Score: {{ activity.data.significanceScore }}) Topics: {{ activity.data.topics | join: \", \" }}</p>{% endfor %}",
            }},
        ],
    })
}

fn captured(id: &str, score: u32, workspace: &str) -> Value {
    json!({"type": CAPTURED, "data": {
        "observationId": id, "observationType": "deployment", "significanceScore": score, "topics": ["build", "infra"],
        "clusterId": null, "workspaceId": workspace, "clerkOrgId": "org_1",
    }})
}

async fn organisation(server: &TestServer) {
    server
        .put("/api/v1/tenants/org_1", &json!({"name": "Acme & Sons"}))
        .await
        .ok(200);
    for user in ["ada", "bob"] {
        person(server, user).await;
        server
            .put(
                &format!("/api/v1/tenants/org_1/members/{user}"),
                &json!({"role": "member"}),
            )
            .await
            .ok(200);
    }
}

both! {
    /// E01 E03 E08 E09 F02 F03 M03 M04 M06 M07: the event reaches every member's bell at once, and one mail comes after five minutes.
    async fn m07_in_the_feed_at_once_and_one_mail_for_the_window(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("console").await;
        organisation(&server).await;
        sandbox(&server).await;
        declare(&server, "observation-captured", observations()).await;
        let event = server.publish(&app, &captured("o1", 85, "w1")).await;
        server.settle().await;
        for user in ["ada", "bob"] {
            let feed = server.feed(user).await;
            assert_eq!(feed["data"].as_array().unwrap().len(), 1, "{feed:#}");
            let item = &feed["data"][0];
            assert_eq!(item["title"], "Deployment");
            assert_eq!(item["body"], "Score 85. Topics: build, infra");
            assert_eq!(item["link"], "https://lightfast.ai/workspace/w1");
            assert_eq!(item["event_id"], *event);
        }
        server.publish(&app, &captured("o2", 70, "w1")).await;
        server.publish(&app, &captured("o3", 99, "w2")).await;
        server.settle().await;
        assert!(mails(&server, "").await.is_empty(), "the window is open");
        server.turn_and_settle(300_000).await;
        let mails = mails(&server, "&user=ada").await;
        let mut subjects: Vec<_> = mails.iter().map(|mail| mail["content"]["subject"].as_str().unwrap()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["1 new observations in Acme & Sons", "2 new observations in Acme & Sons"]);
        let both = mails.iter().find(|mail| mail["content"]["subject"].as_str().unwrap().starts_with('2')).unwrap();
        assert_eq!((&both["status"], &both["provider"], &both["recipient"]), (&json!("sent"), &json!("sandbox"), &json!("ada@example.com")));
        let html = both["content"]["html"].as_str().unwrap();
        assert!(html.contains("Acme &amp; Sons") && html.matches("<b>Deployment</b>").count() == 2, "{html}");
        let all = runs(&server, &event).await;
        assert_eq!(all.len(), 2, "one for each member: {all:#?}");
        assert!(all.iter().all(|run| run["tenant"] == "org_1" && run["workflow"] == "observation-captured"));
        server.finish().await;
    }

    /// E03 E05: below the threshold, or without an organisation, nothing begins.
    async fn e03_the_gate_lets_through_what_it_should(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("console").await;
        organisation(&server).await;
        declare(&server, "observation-captured", observations()).await;
        let low = server.publish(&app, &captured("o1", 69, "w1")).await;
        let mut without = captured("o2", 85, "w1");
        without["data"].as_object_mut().unwrap().remove("clerkOrgId");
        let without = server.publish(&app, &without).await;
        server.settle().await;
        assert!(runs(&server, &low).await.is_empty());
        assert!(runs(&server, &without).await.is_empty());
        assert_eq!(server.feed("ada").await["data"], json!([]));
        server.finish().await;
    }

    /// E04 A17: with no provider the channel is off, and says so.
    async fn a17_a_channel_that_is_off_says_so(database) {
        let server = TestServer::start_on(database).await;
        person(&server, "ada").await;
        declare(&server, "hello", json!({"steps": [
            {"name": "mail", "email": {"subject": "Hello", "text": "Hello"}},
            {"name": "bell", "in_app": {"title": "Hello"}},
        ]})).await;
        let event = trigger(&server, "hello", json!({"recipients": ["ada"]})).await;
        server.settle().await;
        let run = &runs(&server, &event).await[0];
        assert_eq!((&run["status"], &run["steps"][0]["outcome"]), (&json!("completed"), &json!("skipped")));
        assert_eq!(run["steps"][0]["why"]["reason"], "channel_off");
        assert_eq!(run["steps"][1]["outcome"], "done");
        let mail = &mails(&server, "&status=skipped").await[0];
        assert_eq!((&mail["error"], &mail["user_id"]), (&json!("channel_off"), &json!("ada")));
        server.finish().await;
    }

    /// E02 E08: a trigger names users, tenants and topics; each is reached once, with its own texts, and the one who did it is not.
    async fn e02_a_trigger_reaches_everybody_once(database) {
        let server = TestServer::start_on(database).await;
        organisation(&server).await;
        server.post("/api/v1/topics/news/subscribers", &json!({"users": ["bob", "eve"]})).await;
        declare(&server, "hello", json!({"steps": [
            {"name": "bell", "in_app": {"title": "Hello {{ recipient.name | default: recipient.id }} from {{ actor.id }}: {{ data.what }}"}},
        ]})).await;
        let recipients = json!(["zoe", {"id": "org_1"}, {"user": "ada"}, {"topic": "news"}, {"tenant": "org_1", "roles": ["owner"]}, "eve"]);
        let event = trigger(&server, "hello", json!({"recipients": recipients, "actor": "eve", "data": {"what": "<tea>"}})).await;
        server.settle().await;
        let mut reached: Vec<_> = runs(&server, &event).await.iter().map(|run| run["user_id"].as_str().unwrap().to_owned()).collect();
        reached.sort_unstable();
        assert_eq!(reached, ["ada", "bob", "eve", "zoe"]);
        assert_eq!(server.feed("ada").await["data"][0]["title"], "Hello ada from eve: <tea>");
        assert_eq!(server.feed("zoe").await["data"][0]["title"], "Hello zoe from eve: <tea>");
        assert_eq!(server.feed("eve").await["data"], json!([]));
        let eve = runs(&server, &event).await.into_iter().find(|run| run["user_id"] == "eve").unwrap();
        assert_eq!(eve["steps"][0]["why"]["reason"], "actor");
        server.finish().await;
    }

    /// Many subscribers are reached slice by slice, each once.
    async fn a_topic_of_many_is_reached_in_slices(database) {
        let server = TestServer::start_on(database).await;
        let users: Vec<String> = (0..237).map(|n| format!("user-{n:03}")).collect();
        server.post("/api/v1/topics/all/subscribers", &json!({"users": users})).await;
        declare(&server, "hello", json!({"steps": [{"name": "bell", "in_app": {"title": "Hello"}}]})).await;
        let body = json!({"recipients": [{"topic": "all"}, "user-100", "late"]});
        let event = trigger(&server, "hello", body).await;
        server.settle().await;
        assert_eq!(server.number("SELECT count(*) FROM runs").await, 238);
        assert_eq!(server.number("SELECT count(*) FROM states").await, 238);
        assert_eq!(server.feed("user-100").await["data"].as_array().unwrap().len(), 1);
        assert_eq!(runs(&server, &event).await.len(), 100);
        server.finish().await;
    }

    /// The same trigger under one Idempotency-Key happens once; what it is is shown to no webhook and no stream.
    async fn a_trigger_is_once_for_its_key_and_sent_to_nobody(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("console").await;
        let receiver = testkit::Receiver::start().await;
        server.webhook(&app, &receiver.url_at("/hook"), &json!({})).await;
        declare(&server, "hello", json!({"steps": [{"name": "bell", "in_app": {"title": "Hello"}}]})).await;
        let body = json!({"recipients": ["ada"], "data": {"secret": 1}});
        let path = "/api/v1/workflows/hello/trigger";
        let first = server.post(path, &body).key(&app.key).once("k1").await.ok(200);
        let again = server.post(path, &body).key(&app.key).once("k1").await.ok(200);
        assert_eq!((&again["event_id"], &again["duplicate"]), (&first["event_id"], &json!(true)));
        server.post(path, &json!({"recipients": ["bob"]})).key(&app.key).once("k1").await.refused(409, "idempotency_key_reused");
        server.settle().await;
        assert_eq!(server.feed("ada").await["data"].as_array().unwrap().len(), 1);
        assert!(receiver.received().is_empty(), "a trigger is nobody's event");
        server.finish().await;
    }

    /// A delay of half a year fires when its time has come, with the version the run began with.
    async fn a_delay_of_180_days_fires_with_the_version_it_began_with(database) {
        let server = TestServer::start_on(database).await;
        person(&server, "ada").await;
        let steps = |title: &str| json!({"steps": [
            {"name": "wait", "delay": {"for": "180d"}},
            {"name": "bell", "in_app": {"title": title}},
        ]});
        declare(&server, "later", steps("Then: {{ data.n }}")).await;
        let event = trigger(&server, "later", json!({"recipients": ["ada"], "data": {"n": 1}})).await;
        server.settle().await;
        let run = &runs(&server, &event).await[0];
        assert_eq!((&run["status"], &run["steps"][0]["outcome"]), (&json!("waiting"), &json!("waiting")));
        assert_eq!(declare(&server, "later", steps("Now")).await["version"], 2);
        // Longer than events are kept: those that a run needs stay.
        server.turn_and_settle(179 * DAY).await;
        assert_eq!(server.feed("ada").await["data"], json!([]));
        server.turn_and_settle(DAY).await;
        assert_eq!(server.feed("ada").await["data"][0]["title"], "Then: 1");
        assert_eq!(runs(&server, &event).await[0]["status"], "completed");
        server.finish().await;
    }

    /// A branch goes one way, and what follows it is taken by all.
    async fn a_branch_goes_one_way(database) {
        let server = TestServer::start_on(database).await;
        declare(&server, "fork", json!({"steps": [
            {"name": "size", "branch": {
                "arms": [
                    {"if": {"path": "data.n", "is": "at_least", "value": 100}, "steps": [{"name": "big", "in_app": {"title": "Big"}}]},
                    {"if": {"path": "data.n", "is": "at_least", "value": 10}, "steps": [{"name": "middle", "in_app": {"title": "Middle"}}]},
                ],
                "otherwise": [{"name": "small", "in_app": {"title": "Small"}}],
            }},
            {"name": "after", "if": {"path": "steps.big.state", "is": "missing"}, "in_app": {"title": "Not big"}},
        ]})).await;
        for (n, expected) in [(100, vec!["Big"]), (50, vec!["Not big", "Middle"]), (1, vec!["Not big", "Small"])] {
            let user = format!("user-{n}");
            let event = trigger(&server, "fork", json!({"recipients": [user], "data": {"n": n}})).await;
            server.settle().await;
            let feed = server.feed(&user).await;
            let titles: Vec<_> = feed["data"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect();
            assert_eq!(titles, expected, "{:#?}", runs(&server, &event).await);
        }
        server.finish().await;
    }
}
