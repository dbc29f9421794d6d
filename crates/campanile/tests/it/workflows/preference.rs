//! What people prefer is obeyed, and said.

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::{declare, mails, person, quiet, runs, sandbox, trigger};

const HOUR: i64 = 3_600_000;

/// A bell and a mail, in this order.
fn both_channels() -> Value {
    json!({
        "categories": ["observations"],
        "steps": [
            {"name": "mail", "email": {
                "subject": "{{ total_activities }}: {% for activity in activities %}{{ activity.data.n }} {% endfor %}",
                "text": "Hello",
            }},
            {"name": "bell", "in_app": {"title": "Hello {{ data.n }}"}},
        ],
    })
}

async fn world(database: testkit::Database) -> TestServer {
    let server = TestServer::start_on(database).await;
    person(&server, "ada").await;
    sandbox(&server).await;
    declare(&server, "hello", both_channels()).await;
    server
}

async fn prefer(server: &TestServer, path: &str, document: Value) {
    let read = server.put(&format!("/api/v1/{path}"), &document).await.ok(200);
    assert_eq!(server.get(&format!("/api/v1/{path}")).await.ok(200), read);
}

async fn go(server: &TestServer, n: u32) -> String {
    let event = trigger(server, "hello", json!({"recipients": ["ada"], "data": {"n": n}})).await;
    server.settle().await;
    event
}

/// What became of the mail and of the bell in the run of an event, and why the mail did not go.
async fn outcomes(server: &TestServer, event: &str) -> (String, String, Value) {
    let all = runs(server, event).await;
    let run = all.iter().find(|run| run["part"].is_null()).expect("a run");
    let step = |name: &str| {
        let mut steps = run["steps"].as_array().unwrap().iter();
        steps.find(|step| step["step"] == name).unwrap().clone()
    };
    let word = |step: &Value| step["outcome"].as_str().unwrap().to_owned();
    let mail = step("mail");
    (word(&mail), word(&step("bell")), mail["why"].clone())
}

async fn bells(server: &TestServer) -> usize {
    server.feed("ada").await["data"].as_array().unwrap().len()
}

/// What the subjects of the mails say, oldest first.
async fn subjects(server: &TestServer) -> Vec<String> {
    let sent = mails(server, "&status=sent").await;
    let subject = |mail: &Value| mail["content"]["subject"].as_str().unwrap().trim().to_owned();
    sent.iter().rev().map(subject).collect()
}

both! {
    /// P02, P03, P04, P06: what a user may choose is told as it stands with all defaults, and changed one thing at a time.
    async fn p02_p03_p06_what_may_be_chosen_is_told(database) {
        let server = world(database).await;
        declare(&server, "alarm", json!({"name": "Alarm", "critical": true, "steps": [{"name": "b", "in_app": {"title": "!"}}]})).await;
        for uid in ["crm", "erp"] {
            server.post("/api/v1/apps", &json!({"uid": uid, "name": uid.to_uppercase()})).await.ok(201);
        }
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme"})).await.ok(200);
        server.put("/api/v1/users/ada", &json!({"name": "Ada", "email": "ada@example.com", "time_zone": "Europe/Berlin"})).await.ok(200);
        prefer(&server, "preferences", json!({"apps": {"erp": {"send": "on", "required": true}}, "digest": {"email": "1h"}})).await;
        let ada = server.token("ada").await;
        let choices = async |query: &str| server.get(&format!("/api/v1/users/me/preferences/choices{query}")).key(&ada).await.ok(200);
        let patch = async |query: &str, body: Value| {
            server.patch(&format!("/api/v1/users/me/preferences{query}"), &body).key(&ada).await
        };
        let told = choices("").await;
        let on = |channel: &str, label: &str, on: bool| json!({"channel": channel, "label": label, "on": on, "fixed": false});
        assert_eq!(told["channels"], json!([on("in_app", "In-app", true), on("email", "Email", true)]));
        let keys: Vec<_> = told["workflows"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["hello"], "what is critical is not for them to say");
        assert_eq!(told["categories"], json!([{"name": "observations", "on": true, "fixed": false}]));
        assert_eq!(told["apps"], json!([
            {"uid": "erp", "name": "ERP", "on": true, "fixed": true}, {"uid": "crm", "name": "CRM", "on": true, "fixed": false},
        ]));
        assert_eq!((&told["digest"], &told["digest_channels"], &told["time_zone"]), (&json!({"email": "1h"}), &json!(["email"]), &json!("Europe/Berlin")));
        let said = patch("", json!({"channels": {"email": "off"}, "digest": {"email": "daily at 09:00"}, "quiet_hours": {"windows": [{"during": "22:00-07:00"}]}})).await.ok(200);
        assert_eq!(said, server.get("/api/v1/users/ada/preferences").await.ok(200));
        let told = choices("").await;
        assert_eq!(told["channels"][1], on("email", "Email", false));
        assert_eq!(told["workflows"][0]["channels"], json!([on("in_app", "In-app", true), on("email", "Email", false)]));
        assert_eq!((&told["digest"]["email"], &told["quiet_hours"]), (&json!("daily at 09:00"), &json!({"windows": [{"during": "22:00-07:00"}]})));
        // One thing at a time: what is not said stays, null takes away.
        patch("", json!({"workflows": {"hello": {"channels": {"in_app": "off"}}}, "digest": {"email": null}})).await.ok(200);
        let told = choices("").await;
        assert_eq!(told["workflows"][0]["channels"][0], on("in_app", "In-app", false));
        assert_eq!((&told["digest"], &told["channels"][1]["on"]), (&json!({"email": "1h"}), &json!(false)));
        // In one tenant they prefer otherwise.
        patch("?tenant=acme", json!({"channels": {"email": "on"}})).await.ok(200);
        assert_eq!((choices("?tenant=acme").await["channels"][1]["on"].clone(), choices("").await["channels"][1]["on"].clone()), (json!(true), json!(false)));
        let reply = patch("", json!({"channels": {"email": "sometimes"}})).await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults()[0].0, "/channels");
        patch("", json!({"channels": {"email": {"send": "off", "required": true}}})).await.refused(422, "invalid");
        patch("", json!([])).await.refused(422, "invalid");
        server.finish().await;
    }

    /// What is said at once in several places is all kept.
    async fn what_is_said_at_once_is_kept(database) {
        let server = world(database).await;
        let says = (0..12).map(|n| {
            let body = json!({"workflows": {format!("w{n}"): "off"}});
            server.patch("/api/v1/users/ada/preferences", &body)
        });
        for reply in futures_util::future::join_all(says.map(std::future::IntoFuture::into_future)).await {
            reply.ok(200);
        }
        let said = server.get("/api/v1/users/ada/preferences").await.ok(200);
        assert_eq!(said["workflows"].as_object().map(serde_json::Map::len), Some(12));
        server.finish().await;
    }

    /// P02 P03 P05: what is off is not sent, and says which rule withheld it; the other channel is not touched.
    async fn p05_email_that_is_off_is_not_sent(database) {
        let server = world(database).await;
        for (n, (document, rule)) in (1..).zip([
            (json!({"channels": {"email": "off"}}), "/channels/email"),
            (json!({"workflows": {"hello": {"channels": {"email": "off"}}}}), "/workflows/hello/channels/email"),
            (json!({"categories": {"observations": {"channels": {"email": "off"}}}}), "/categories/observations/channels/email"),
            (json!({"channels": {"email": {"if": {"path": "data.n", "is": "above", "value": 100}}}}), "/channels/email"),
        ]) {
            prefer(&server, "users/ada/preferences", document).await;
            let event = go(&server, n).await;
            let (mail, bell, why) = outcomes(&server, &event).await;
            assert_eq!((mail.as_str(), bell.as_str()), ("skipped", "done"));
            assert_eq!((&why["reason"], &why["layer"], &why["rule"]), (&json!("preference"), &json!("user"), &json!(rule)));
        }
        assert_eq!(subjects(&server).await, [""; 0]);
        assert_eq!(mails(&server, "&status=skipped").await[0]["error"], "preference");
        assert_eq!(bells(&server).await, 4);
        go(&server, 101).await;
        assert_eq!(subjects(&server).await, ["1: 101"], "its condition holds");
        prefer(&server, "users/ada/preferences", json!({"workflows": {"hello": "off"}})).await;
        go(&server, 6).await;
        assert_eq!((subjects(&server).await.len(), bells(&server).await), (1, 5), "off as a whole");
        server.finish().await;
    }

    /// Defaults of the environment and of the tenant stand behind what the user says; what is required holds, and so does what is critical.
    async fn p02_defaults_stand_behind_what_the_user_says(database) {
        let server = world(database).await;
        prefer(&server, "preferences", json!({"channels": {"email": "off"}})).await;
        let event = go(&server, 1).await;
        assert_eq!(outcomes(&server, &event).await.2["layer"], "environment");
        prefer(&server, "users/ada/preferences", json!({"channels": {"email": "on"}})).await;
        go(&server, 2).await;
        assert_eq!(subjects(&server).await, ["1: 2"]);
        prefer(&server, "preferences", json!({"channels": {"email": {"send": "off", "required": true}}})).await;
        let event = go(&server, 3).await;
        let why = outcomes(&server, &event).await.2;
        assert_eq!((&why["layer"], &why["required"]), (&json!("environment"), &json!(true)));
        let mut critical = both_channels();
        critical["critical"] = json!(true);
        declare(&server, "hello", critical).await;
        go(&server, 4).await;
        assert_eq!(subjects(&server).await, ["1: 2", "1: 4"]);
        server.finish().await;
    }

    /// M13: audiences are categories: who leaves one still gets the others.
    async fn m13_an_audience_is_left_by_itself(database) {
        let server = world(database).await;
        for audience in ["product-updates", "notification-digest"] {
            let mail = json!({"name": "mail", "email": {"subject": audience, "text": "Hello"}});
            declare(&server, audience, json!({"categories": [audience], "steps": [mail]})).await;
        }
        prefer(&server, "users/ada/preferences", json!({"categories": {"product-updates": {"channels": {"email": "off"}}}})).await;
        for audience in ["product-updates", "notification-digest"] {
            trigger(&server, audience, json!({"recipients": ["ada"]})).await;
            server.settle().await;
        }
        assert_eq!(subjects(&server).await, ["notification-digest"]);
        server.finish().await;
    }

    /// What a user prefers for one tenant holds there and nowhere else.
    async fn p03_a_user_prefers_something_else_in_a_tenant(database) {
        let server = world(database).await;
        server.put("/api/v1/tenants/acme", &json!({"name": "Acme"})).await;
        prefer(&server, "users/ada/preferences?tenant=acme", json!({"channels": {"email": "off"}})).await;
        go(&server, 1).await;
        trigger(&server, "hello", json!({"recipients": ["ada"], "tenant": "acme", "data": {"n": 2}})).await;
        server.settle().await;
        assert_eq!(subjects(&server).await, ["1: 1"]);
        prefer(&server, "users/ada/preferences?tenant=acme", json!({})).await;
        prefer(&server, "tenants/acme/preferences", json!({"workflows": {"hello": "off"}})).await;
        trigger(&server, "hello", json!({"recipients": ["ada"], "tenant": "acme", "data": {"n": 3}})).await;
        server.settle().await;
        assert_eq!((subjects(&server).await.len(), bells(&server).await), (1, 2));
        server.finish().await;
    }

    /// Quiet hours hold what they cover and deliver it when they end; what they do not cover goes on meanwhile.
    async fn quiet_hours_hold_and_then_deliver(database) {
        let server = world(database).await;
        prefer(&server, "users/ada/preferences", quiet(&server, false)).await;
        let event = go(&server, 1).await;
        go(&server, 2).await;
        let (mail, bell, why) = outcomes(&server, &event).await;
        assert_eq!((mail.as_str(), bell.as_str(), &why["reason"]), ("held", "done", &json!("quiet_hours")));
        let all = runs(&server, &event).await;
        let held = all.iter().find(|run| run["part"] == "mail").unwrap();
        assert_eq!(held["status"], "waiting");
        assert_eq!((subjects(&server).await.len(), bells(&server).await), (0, 2));
        server.turn_and_settle(HOUR).await;
        assert_eq!(subjects(&server).await.len(), 0);
        server.turn_and_settle(2 * HOUR).await;
        let mut sent = subjects(&server).await;
        sent.sort_unstable();
        assert_eq!(sent, ["1: 1", "1: 2"]);
        server.finish().await;
    }

    /// A step that is held up still knows what came before it, is not asked its condition again, and tells of itself alone.
    async fn what_is_held_up_knows_what_came_before(database) {
        let server = world(database).await;
        let bell = json!({"name": "bell", "in_app": {"title": "Hello"}});
        let text = "{{ steps.bell.state }} {{ activities.size }} of {{ total_activities }}";
        let mail = json!({"name": "mail", "if": {"steps.bell.state": "sent"}, "email": {"subject": text, "text": "Hello"}});
        let window = json!({"name": "gather", "batch": {"window": {"fixed": {"for": "5m"}}, "render": {"last": 1}}});
        prefer(&server, "users/ada/preferences", quiet(&server, false)).await;
        declare(&server, "hello", json!({"steps": [window, bell, mail]})).await;
        let event = go(&server, 2).await;
        go(&server, 3).await;
        server.turn_and_settle(300_000).await;
        assert_eq!(outcomes(&server, &event).await.0, "held");
        server.turn_and_settle(3 * HOUR).await;
        let all = runs(&server, &event).await;
        let held = all.iter().find(|run| run["part"] == "mail").unwrap();
        let steps: Vec<_> = held["steps"].as_array().unwrap().iter().map(|entry| entry["step"].as_str().unwrap()).collect();
        assert_eq!((steps, &held["status"]), (vec!["mail"; 2], &json!("completed")));
        assert_eq!(subjects(&server).await, ["unread 1 of 2"]);
        server.finish().await;
    }

    /// What was held comes as one digest where that is asked for, and asks again: who turned the channel off meanwhile gets nothing.
    async fn quiet_hours_end_in_a_digest_and_ask_again(database) {
        let server = world(database).await;
        prefer(&server, "users/ada/preferences", quiet(&server, true)).await;
        for n in 1..=3 {
            go(&server, n).await;
        }
        server.turn_and_settle(3 * HOUR).await;
        assert_eq!(subjects(&server).await, ["3: 1 2 3"]);
        prefer(&server, "users/ada/preferences", quiet(&server, true)).await;
        go(&server, 4).await;
        prefer(&server, "users/ada/preferences", json!({"channels": {"email": "off"}})).await;
        server.turn_and_settle(3 * HOUR).await;
        assert_eq!(subjects(&server).await, ["3: 1 2 3"]);
        assert_eq!(mails(&server, "&status=skipped").await[0]["error"], "preference");
        server.finish().await;
    }

    /// P04: how often a channel may ring is the user's choice. What a step gathered before is gathered on, each activity once.
    async fn p04_a_digest_gathers_what_batches_gathered(database) {
        let server = world(database).await;
        let mut gathering = both_channels();
        let window = json!({"name": "gather", "batch": {"window": {"fixed": {"for": "5m"}}}});
        gathering["steps"].as_array_mut().unwrap().insert(0, window);
        declare(&server, "hello", gathering).await;
        prefer(&server, "users/ada/preferences", json!({"digest": {"email": "1h"}})).await;
        for n in 1..=5 {
            go(&server, n).await;
            server.turn_and_settle(200_000).await;
        }
        // Batches of 1 and 2, of 3 and 4; 5 waits.
        assert_eq!((subjects(&server).await.len(), bells(&server).await), (0, 2));
        server.turn_and_settle(300_000).await;
        server.turn_and_settle(HOUR).await;
        assert_eq!(subjects(&server).await, ["5: 1 2 3 4 5"]);
        assert_eq!(bells(&server).await, 3);
        go(&server, 6).await;
        server.turn_and_settle(300_000).await;
        prefer(&server, "users/ada/preferences", json!({})).await;
        server.turn_and_settle(HOUR).await;
        assert_eq!(subjects(&server).await[1], "1: 6");
        server.finish().await;
    }

    /// A user says it with their own token, for themselves alone; an application has no say; what is wrong is told by its place.
    async fn p01_who_may_say_what_a_user_prefers(database) {
        let server = world(database).await;
        let app = server.app("console").await;
        let token = server.post("/api/v1/users/ada/token", &json!({})).await.ok(200);
        let token = token["token"].as_str().unwrap();
        let off = json!({"channels": {"email": "off"}});
        server.put("/api/v1/users/me/preferences", &off).key(token).await.ok(200);
        assert_eq!(server.get("/api/v1/users/me/preferences").key(token).await.ok(200), off);
        server.put("/api/v1/users/bob/preferences", &off).key(token).await.refused(404, "not_found");
        server.put("/api/v1/users/ada/preferences", &off).key(&app.key).await.refused(403, "forbidden");
        server.put("/api/v1/preferences", &off).key(token).await.refused(403, "forbidden");
        let required = json!({"channels": {"email": {"send": "off", "required": true}}});
        let refused = server.put("/api/v1/users/me/preferences", &required).key(token).await;
        assert_eq!((refused.status, refused.faults()[0].0.as_str()), (422, "/channels/email/required"));
        for wrong in [json!({"channels": {"fax": "off"}}), json!({"channels": {"email": "never"}}), json!({"quiet": 1})] {
            let refused = server.put("/api/v1/users/me/preferences", &wrong).key(token).await;
            assert!(matches!(refused.status, 400 | 422), "{wrong}: {}", refused.text());
        }
        server.finish().await;
    }
}
