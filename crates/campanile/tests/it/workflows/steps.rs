//! Steps that reach programs: webhooks, other workflows, answers that are fetched; and what is called off.

use domain::time::rfc3339;
use serde_json::{Value, json};
use testkit::{Answer, Receiver, TestServer, both};

use super::{declare, mails, person, runs, sandbox, trigger};

const MINUTE: i64 = 60_000;

fn bell(name: &str, title: &str) -> Value {
    json!({"name": name, "in_app": {"title": title}})
}

async fn titles(server: &TestServer, user: &str) -> Vec<String> {
    let feed = server.feed(user).await;
    let rows = feed["data"].as_array().unwrap().iter();
    rows.map(|row| row["title"].as_str().unwrap().to_owned())
        .collect()
}

/// What became of a step of an event's only run.
async fn step(server: &TestServer, event: &str, name: &str) -> Value {
    let runs = runs(server, event).await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    let id = runs[0]["id"].as_str().unwrap();
    let run = server.get(&format!("/api/v1/runs/{id}")).await.ok(200);
    let steps = run["steps"].as_array().unwrap().iter();
    steps
        .rev()
        .find(|step| step["step"] == name)
        .unwrap_or_else(|| panic!("{name}: {run}"))
        .clone()
}

both! {
    /// O03 O05: an internal event becomes a public one, mapped as declared, for those who subscribed to that; it starts no workflow.
    async fn o03_an_internal_event_becomes_a_public_one(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("console").await;
        server.put("/api/v1/tenants/org_1", &json!({"name": "Acme"})).await.ok(200);
        server.event_type(&json!({"name": "neural/observation.captured", "category": "neural", "visibility": "internal"})).await;
        server.event_type(&json!({"name": "observation.created", "category": "observation"})).await;
        let (own, tenants) = (Receiver::start().await, Receiver::start().await);
        let hook = server.webhook(&app, &own.url(), &json!({"event_types": ["observation.created"]})).await;
        let of_tenant = server.get("/api/v1/tenants/org_1/application").await.ok(200)["id"].as_str().unwrap().to_owned();
        server.post(&format!("/api/v1/apps/{of_tenant}/webhooks"), &json!({"url": tenants.url()})).await.ok(201);
        declare(&server, "public", json!({
            "events": [{"type": "neural/observation.captured"}], "tenant_from": "data.clerkOrgId",
            "tenant_steps": [{"name": "out", "webhook": {"event": "observation.created", "data": {
                "observationId": "{{ data.observationId }}", "significanceScore": "{{ data.significanceScore }}",
                "topics": "{{ data.topics }}", "label": "score {{ data.significanceScore }}", "fixed": 1}}}],
        })).await;
        declare(&server, "echo", json!({"events": [{"type": "observation.created"}], "recipients": [{"users": ["ada"]}], "steps": [bell("b", "never")]})).await;
        let data = json!({"observationId": "o1", "significanceScore": 85, "topics": ["a", "b"], "clerkOrgId": "org_1"});
        server.publish(&app, &json!({"type": "neural/observation.captured", "data": data})).await;
        server.settle().await;
        for receiver in [&own, &tenants] {
            let got = &receiver.wait(1).await[0];
            assert_eq!(got.kind(), "observation.created");
            assert_eq!(got.json()["data"], json!({"observationId": "o1", "significanceScore": 85, "topics": ["a", "b"], "label": "score 85", "fixed": 1}));
            assert!(!got.json().to_string().contains("org_1"));
        }
        assert!(own.wait(1).await[0].is_signed_with(&hook.secret));
        assert!(titles(&server, "ada").await.is_empty());
        assert_eq!((own.count(), tenants.count()), (1, 1));
    }

    /// O03: an event about a source happened in the source's tenant, which an earlier event named: also for its webhooks and its workflows.
    async fn o03_an_event_finds_its_tenant_through_its_source(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("console").await;
        server.settings(&json!({"tenant_entities": ["source"]})).await;
        server.put("/api/v1/tenants/org_1", &json!({"name": "Acme"})).await.ok(200);
        let tenants = Receiver::start().await;
        let of_tenant = server.get("/api/v1/tenants/org_1/application").await.ok(200)["id"].as_str().unwrap().to_owned();
        server.post(&format!("/api/v1/apps/{of_tenant}/webhooks"), &json!({"url": tenants.url(), "event_types": ["sync.completed"]})).await.ok(201);
        declare(&server, "public", json!({"events": [{"type": "github.sync.completed"}], "tenant_steps": [{"name": "out", "webhook": {"event": "sync.completed", "data": {
            "sourceId": "{{ data.sourceId }}", "success": "{{ data.success }}"}}}]})).await;
        let about = |kind: &str, source: &str, more: Value| {
            let mut event = json!({"type": kind, "entity": {"type": "source", "id": source}, "data": {"sourceId": source, "success": true}});
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        server.publish(&app, &about("source.connected.github", "src_1", json!({"tenant": "org_1"}))).await;
        let known = server.publish(&app, &about("github.sync.completed", "src_1", json!({}))).await;
        let unknown = server.publish(&app, &about("github.sync.completed", "src_2", json!({}))).await;
        server.settle().await;
        let tenant = async |id: &str| server.get(&app.path(&format!("/events/{id}"))).await.ok(200)["tenant"].clone();
        assert_eq!((tenant(&known).await, tenant(&unknown).await), (json!("org_1"), json!(null)));
        let got = tenants.wait(1).await;
        assert_eq!((got.len(), &got[0].json()["data"]), (1, &json!({"sourceId": "src_1", "success": true})));
    }

    /// E17: a tenant's own application starts workflows in that tenant alone, and reaches nobody outside it.
    async fn e17_an_application_of_a_tenant_triggers_within_it(database) {
        let server = TestServer::start_on(database).await;
        for (tenant, user) in [("acme", "ada"), ("other", "zoe")] {
            person(&server, user).await;
            server.put(&format!("/api/v1/tenants/{tenant}"), &json!({"name": tenant})).await;
            server.put(&format!("/api/v1/tenants/{tenant}/members/{user}"), &json!({"role": "admin"})).await;
        }
        declare(&server, "hello", json!({"steps": [{"name": "bell", "in_app": {"title": "{{ tenant.id }}"}}]})).await;
        let own = server.get("/api/v1/tenants/acme/application").await.ok(200);
        let made = server.post(&format!("/api/v1/apps/{}/keys", own["id"].as_str().unwrap()), &json!({"name": "k"})).await.ok(201);
        let key = made["key"].as_str().unwrap();
        let go = async |body: Value| server.post("/api/v1/workflows/hello/trigger", &body).key(key).await;
        let refused = go(json!({"tenant": "other", "recipients": ["ada"]})).await;
        assert_eq!((refused.status, refused.faults()[0].0.as_str()), (422, "/tenant"), "{refused}");
        let refused = go(json!({"recipients": ["ada", {"tenant": "other"}]})).await;
        assert_eq!((refused.status, refused.faults()[0].0.as_str()), (422, "/recipients/1"), "{refused}");
        go(json!({"recipients": ["ada", "zoe", "other"]})).await.ok(200);
        server.settle().await;
        assert_eq!(server.feed("ada").await["data"][0]["title"], "acme");
        assert_eq!(server.feed("zoe").await["data"], json!([]));
        server.finish().await;
    }

    /// E17: who is named and belongs to another tenant, or to none, is not reached; the trace says so.
    async fn e17_nobody_of_another_tenant_is_reached(database) {
        let server = TestServer::start_on(database).await;
        for (tenant, user) in [("acme", "ada"), ("other", "zoe")] {
            server.put(&format!("/api/v1/tenants/{tenant}"), &json!({"name": tenant})).await.ok(200);
            server.put(&format!("/api/v1/tenants/{tenant}/members/{user}"), &json!({"role": "member"})).await.ok(200);
        }
        declare(&server, "hello", json!({"members_only": true, "recipients": [{"users_from": "data.target_user_ids"}], "steps": [bell("b", "Hello")]})).await;
        let event = trigger(&server, "hello", json!({"tenant": "acme", "data": {"target_user_ids": ["ada", "zoe", "nobody"]}})).await;
        let nowhere = trigger(&server, "hello", json!({"data": {"target_user_ids": ["ada"]}})).await;
        server.settle().await;
        assert_eq!(titles(&server, "ada").await.len(), 1);
        assert!(titles(&server, "zoe").await.is_empty() && titles(&server, "nobody").await.is_empty());
        for (event, user) in [(&event, "zoe"), (&event, "nobody"), (&nowhere, "ada")] {
            let trace = server.get(&format!("/api/v1/users/{user}/trace?event={event}")).await.ok(200);
            assert_eq!(trace["runs"][0]["steps"][0]["why"]["reason"], "not_member", "{trace}");
        }
    }

    /// A workflow starts another one, for its own recipient or for others; a circle ends.
    async fn a_workflow_triggers_another(database) {
        let server = TestServer::start_on(database).await;
        declare(&server, "second", json!({"schema": {"required": ["n"]}, "steps": [bell("b", "Second {{ data.n }}")]})).await;
        declare(&server, "first", json!({"steps": [
            {"name": "go", "trigger": {"workflow": "second", "data": {"n": "{{ data.n }}"}}},
            {"name": "others", "trigger": {"workflow": "second", "recipients": [{"users_from": "data.also"}]}},
            {"name": "bad", "trigger": {"workflow": "second", "data": {}}},
            {"name": "none", "trigger": {"workflow": "nothing"}},
        ]})).await;
        let event = trigger(&server, "first", json!({"recipients": ["ada"], "data": {"n": 7, "also": ["bob", "eve"]}})).await;
        server.settle().await;
        for user in ["ada", "bob", "eve"] {
            assert_eq!(titles(&server, user).await, ["Second 7"], "{user}");
        }
        assert_eq!(step(&server, &event, "go").await["outcome"], "done");
        assert!(step(&server, &event, "bad").await.to_string().contains("required property"));
        assert!(step(&server, &event, "none").await.to_string().contains("no active workflow nothing"));
        declare(&server, "circle", json!({"steps": [bell("b", "Round"), {"name": "again", "trigger": {"workflow": "circle"}}]})).await;
        trigger(&server, "circle", json!({"recipients": ["carl"]})).await;
        server.settle().await;
        assert_eq!(titles(&server, "carl").await.len(), 9, "eight times further, then it ends");
    }

    /// What a program answers is seen by later steps; what fails is tried again, and the run goes on in the end.
    async fn an_answer_is_fetched(database) {
        let server = TestServer::start_on(database).await;
        let receiver = Receiver::start().await;
        declare(&server, "asks", json!({"steps": [
            {"name": "who", "fetch": {"url": format!("{}?id={{{{ data.id }}}}", receiver.url()), "method": "POST",
                "headers": {"X-Key": "k {{ data.id }}"}, "body": {"id": "{{ data.id }}"}, "timeout": "5s"}},
            {"name": "b", "in_app": {"title": "{{ found.who.body.name | default: 'nobody' }} {{ found.who.status }}"},
                "if": {"path": "data.id", "is": "exists"}},
            {"name": "c", "in_app": {"title": "found"}, "if": {"path": "found.who.body.level", "is": "at_least", "value": 3}},
        ]})).await;
        receiver.answer(Answer::status(200).body(r#"{"name": "Ada", "level": 3}"#));
        trigger(&server, "asks", json!({"recipients": ["ada"], "data": {"id": 7}})).await;
        server.settle().await;
        assert_eq!(titles(&server, "ada").await, ["found", "Ada 200"]);
        let asked = receiver.nth(0).await;
        assert_eq!((asked.header("x-key"), asked.json()), ("k 7", json!({"id": 7})));
        // It fails once, and is asked again.
        receiver.answer_next([Answer::status(503)]);
        trigger(&server, "asks", json!({"recipients": ["bob"], "data": {"id": 8}})).await;
        server.settle().await;
        assert!(titles(&server, "bob").await.is_empty());
        server.turn_and_settle(5_000).await;
        assert_eq!(titles(&server, "bob").await, ["found", "Ada 200"]);
        // What no database can keep is left out.
        receiver.answer_next([Answer::status(200).body("{\"name\": \"A\\u0000da\", \"le\\u0000vel\": 3}")]);
        trigger(&server, "asks", json!({"recipients": ["amy"], "data": {"id": 8}})).await;
        server.settle().await;
        assert_eq!(titles(&server, "amy").await, ["found", "Ada 200"]);
        // It says no: the step failed, the run goes on and sees what came.
        receiver.answer(Answer::status(404).body("gone"));
        let event = trigger(&server, "asks", json!({"recipients": ["eve"], "data": {"id": 9}})).await;
        server.settle().await;
        assert_eq!(titles(&server, "eve").await, ["nobody 404"]);
        assert_eq!(step(&server, &event, "who").await["outcome"], "failed");
        // It never answers well: after the last attempt the run goes on.
        receiver.answer(Answer::hang_up());
        trigger(&server, "asks", json!({"recipients": ["joe"], "data": {"id": 10}})).await;
        server.settle().await;
        for pause in [5_000, 30_000, 120_000] {
            assert!(titles(&server, "joe").await.is_empty());
            server.turn_and_settle(pause).await;
        }
        assert_eq!(titles(&server, "joe").await, ["nobody "]);
    }

    /// A plan that was overtaken is made again with what was answered: nobody is asked twice.
    async fn what_was_answered_is_kept(database) {
        let server = TestServer::start_on(database).await;
        let receiver = Receiver::start().await;
        declare(&server, "asks", json!({"steps": [{"name": "who", "fetch": {"url": receiver.url()}}, bell("b", "{{ found.who.status }}")]})).await;
        // The look that finds the declaration is over.
        server.settle().await;
        let (held, release) = Answer::status(200).held();
        receiver.answer_next([held]);
        trigger(&server, "asks", json!({"recipients": ["ada"]})).await;
        receiver.wait(1).await;
        // Past the count of changes, so that no look finds out before the commit does.
        server.execute("UPDATE versions SET version = version + 1 WHERE part = 'environment'").await;
        drop(release);
        server.settle().await;
        assert_eq!(titles(&server, "ada").await, ["200"]);
        assert_eq!(receiver.count(), 1);
        server.finish().await;
    }

    /// Where a workflow asks is subject to the policy of addresses, as every URL is.
    async fn what_is_fetched_stays_outside(database) {
        let server = TestServer::on(database).with(|config| config.egress.allow.clear()).start().await;
        declare(&server, "asks", json!({"steps": [{"name": "who", "fetch": {"url": "http://127.0.0.1:1/"}}, bell("b", "on")]})).await;
        let event = trigger(&server, "asks", json!({"recipients": ["ada"]})).await;
        server.settle().await;
        assert_eq!(titles(&server, "ada").await, ["on"]);
        let who = step(&server, &event, "who").await;
        assert_eq!(who["outcome"], "failed", "{who}");
    }

    /// What was triggered under a key is called off: runs that wait, activities in open batches; of some users, or of all.
    async fn what_was_triggered_is_called_off(database) {
        let server = TestServer::start_on(database).await;
        sandbox(&server).await;
        for user in ["ada", "bob"] {
            person(&server, user).await;
        }
        declare(&server, "later", json!({"steps": [{"name": "wait", "delay": {"for": "10m"}}, bell("b", "Late")]})).await;
        declare(&server, "digest", json!({"steps": [
            {"name": "gather", "batch": {"window": {"fixed": {"for": "5m"}}}},
            {"name": "mail", "email": {"subject": "{{ total_activities }}", "text": "{% for a in activities %}{{ a.data.n }} {% endfor %}"}},
        ]})).await;
        for key in ["one", "two"] {
            trigger(&server, "later", json!({"recipients": ["ada", "bob"], "cancellation_key": key})).await;
        }
        for (n, key) in ["x", "y", "x"].into_iter().enumerate() {
            trigger(&server, "digest", json!({"recipients": ["ada"], "data": {"n": n}, "cancellation_key": key})).await;
        }
        trigger(&server, "digest", json!({"recipients": ["bob"], "data": {"n": 9}, "cancellation_key": "x"})).await;
        server.settle().await;
        let cancel = async |workflow: &str, body: Value| {
            server.post(&format!("/api/v1/workflows/{workflow}/cancel"), &body).await.ok(200)["cancelled"].as_u64().unwrap()
        };
        assert_eq!(cancel("later", json!({"cancellation_key": "one", "users": ["bob"]})).await, 1);
        assert_eq!(cancel("digest", json!({"cancellation_key": "x"})).await, 3);
        assert_eq!(cancel("digest", json!({"cancellation_key": "x"})).await, 0);
        assert_eq!(cancel("digest", json!({"cancellation_key": "unknown"})).await, 0);
        server.turn_and_settle(10 * MINUTE).await;
        assert_eq!((titles(&server, "ada").await.len(), titles(&server, "bob").await.len()), (2, 1));
        let sent = mails(&server, "").await;
        assert_eq!(sent.len(), 1, "bob's batch is empty");
        assert_eq!((sent[0]["content"]["subject"].as_str(), sent[0]["content"]["text"].as_str().map(str::trim)), (Some("1"), Some("1")));
        // What comes after it under the same key is another matter.
        server.turn(1).await;
        trigger(&server, "digest", json!({"recipients": ["bob"], "data": {"n": 1}, "cancellation_key": "x"})).await;
        server.settle().await;
        server.turn_and_settle(5 * MINUTE).await;
        assert_eq!(mails(&server, "").await.len(), 2);
        server.post("/api/v1/workflows/none/cancel", &json!({"cancellation_key": "x"})).await.refused(404, "not_found");
    }

    /// A start that is not done begins nothing more for whom it is called off. What is started after the call is another matter.
    async fn a_start_that_is_not_done_is_called_off(database) {
        let server = TestServer::start_on(database).await;
        declare(&server, "hello", json!({"concurrency": {"key": "data.workspaceId", "limit": 1}, "steps": [bell("b", "Hello")]})).await;
        let users: Vec<_> = (0..120).map(|n| format!("user-{n}")).collect();
        let start = async |workspace: &str, key: &str| {
            let body = json!({"recipients": users, "cancellation_key": key, "data": {"workspaceId": workspace}});
            trigger(&server, "hello", body).await
        };
        let call_off = async |body: Value| {
            server.post("/api/v1/workflows/hello/cancel", &body).await.ok(200);
        };
        // One that stands still holds the place of its key, so that those after it have not begun yet.
        let holder = start("w", "holder").await;
        server.settle().await;
        assert_eq!(runs(&server, &holder).await.len(), 100, "a page of them");
        let places = format!(r#"{{"{holder}":{}}}"#, server.now());
        server.execute(&format!("UPDATE tallies SET state = '{places}'")).await;
        let all = start("w", "all").await;
        let some = start("w", "some").await;
        server.settle().await;
        for event in [&all, &some] {
            assert!(runs(&server, event).await.is_empty());
        }
        call_off(json!({"cancellation_key": "all"})).await;
        call_off(json!({"cancellation_key": "some", "users": ["user-3", "user-77"]})).await;
        let after = start("w", "all").await;
        server.turn(10 * MINUTE).await;
        for _ in 0..4 {
            server.turn_and_settle(1_000).await;
        }
        assert!(runs(&server, &all).await.is_empty());
        for user in ["user-3", "user-77"] {
            assert_eq!(titles(&server, user).await.len(), 2, "the holder and what came after the call");
        }
        assert_eq!(titles(&server, "user-4").await.len(), 3);
        assert_eq!(runs(&server, &after).await.len(), 100);
    }

    /// A run that is woken before its time goes on waiting: a delay of half a year fires when the clock is turned, and no earlier.
    async fn a_delay_of_half_a_year_fires_in_its_time(database) {
        let server = TestServer::start_on(database).await;
        declare(&server, "later", json!({"steps": [{"name": "wait", "delay": {"for": "180d"}}, bell("b", "At last")]})).await;
        declare(&server, "until", json!({"steps": [{"name": "wait", "delay": {"until_from": "data.at"}}, bell("b", "Then")]})).await;
        trigger(&server, "later", json!({"recipients": ["ada"]})).await;
        let at = rfc3339(server.now() + 180 * 24 * 60 * MINUTE);
        trigger(&server, "until", json!({"recipients": ["bob"], "data": {"at": at}})).await;
        server.settle().await;
        server.turn_and_settle(180 * 24 * 60 * MINUTE - 1_000).await;
        assert!(titles(&server, "ada").await.is_empty() && titles(&server, "bob").await.is_empty());
        server.turn_and_settle(1_000).await;
        assert_eq!((titles(&server, "ada").await, titles(&server, "bob").await), (vec!["At last".to_owned()], vec!["Then".to_owned()]));
    }

    /// E06: of one key no more starts are worked on at a time than the workflow says; the others have their turn, and what stood still for long holds
    /// no place.
    async fn e06_so_many_of_a_key_at_a_time(database) {
        let server = TestServer::start_on(database).await;
        declare(&server, "hello", json!({"concurrency": {"key": "data.workspaceId", "limit": 2}, "steps": [bell("b", "{{ data.n }}")]})).await;
        let users: Vec<_> = (0..60).map(|n| format!("user-{n:02}")).collect();
        let mut begun = Vec::new();
        for n in 0..2 {
            begun.push(trigger(&server, "hello", json!({"recipients": users, "data": {"workspaceId": "w1", "n": n}})).await);
        }
        server.settle().await;
        // As if these two were still on their way, on a node that stands still.
        let places = format!(r#"{{"{}":{now},"{}":{now}}}"#, begun[0], begun[1], now = server.now());
        server.execute(&format!("UPDATE tallies SET state = '{places}'")).await;
        trigger(&server, "hello", json!({"recipients": users, "data": {"workspaceId": "w1", "n": 2}})).await;
        trigger(&server, "hello", json!({"recipients": ["eve"], "data": {"workspaceId": "w2", "n": 9}})).await;
        server.settle().await;
        assert_eq!(titles(&server, "eve").await, ["9"], "another key has places of its own");
        assert_eq!(titles(&server, &users[0]).await.len(), 2, "no place is left");
        server.turn_and_settle(5 * MINUTE).await;
        assert_eq!(titles(&server, &users[0]).await.len(), 2, "no place is left yet");
        server.turn_and_settle(5 * MINUTE + 1_000).await;
        for user in [&users[0], &users[59]] {
            let mut got = titles(&server, user).await;
            got.sort();
            assert_eq!(got, ["0", "1", "2"], "{user}");
        }
    }
}

/// What is wrong with such a step is told when it is declared.
#[tokio::test]
async fn what_is_wrong_with_a_step_is_told_by_its_place() {
    let server = TestServer::start().await;
    for (step, place) in [
        (
            json!({"webhook": {"event": "notification.x"}}),
            "/steps/0/webhook/event",
        ),
        (json!({"webhook": {"event": "a b"}}), "/steps/0/webhook/event"),
        (
            json!({"webhook": {"event": "a", "data": [1]}}),
            "/steps/0/webhook/data",
        ),
        (
            json!({"webhook": {"event": "a", "data": {"x": ["{{ y"]}}}),
            "/steps/0/webhook/data/x/0",
        ),
        (json!({"trigger": {"workflow": " "}}), "/steps/0/trigger/workflow"),
        (
            json!({"trigger": {"workflow": "x", "recipients": [{}]}}),
            "/steps/0/trigger/recipients/0",
        ),
        (json!({"fetch": {"url": " "}}), "/steps/0/fetch/url"),
        (json!({"fetch": {"url": "{% x %}"}}), "/steps/0/fetch/url"),
        (
            json!({"fetch": {"url": "x", "timeout": "5m"}}),
            "/steps/0/fetch/timeout",
        ),
        (
            json!({"fetch": {"url": "x", "headers": {"a b": "x"}}}),
            "/steps/0/fetch/headers/a b",
        ),
    ] {
        let mut step = step;
        step["name"] = json!("x");
        let refused = server
            .put("/api/v1/workflows/hello", &json!({"steps": [step]}))
            .await;
        let faults = refused.faults();
        assert!(
            faults.iter().any(|(pointer, _)| pointer == place),
            "{place}: {}",
            refused.text()
        );
    }
}
