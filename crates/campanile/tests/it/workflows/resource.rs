//! An environment as documents: applied whole or not at all, read back, the same again changing nothing.

use serde_json::{Value, json};
use testkit::{TestServer, both};

fn documents() -> Vec<Value> {
    vec![
        json!({"kind": "workflow", "key": "hello", "events": [{"type": "user.joined"}],
            "steps": [{"name": "mail", "email": {"subject": "Hi", "html": "{% render 'card' %}"}}]}),
        json!({"kind": "template", "name": "card", "source": "<p>card</p>"}),
        json!({"kind": "event_type", "name": "user.joined", "category": "user", "schema": {"type": "object"}}),
        json!({"kind": "channel", "channel": "email", "from": "a@b.example",
            "providers": [{"name": "post", "kind": "smtp", "host": "127.0.0.1", "port": 2525, "tls": "none", "username": "u", "password": "secret-word"}]}),
        json!({"kind": "preferences", "channels": {"email": "off"}}),
        json!({"kind": "environment", "limits": {"title": 200, "body": 1000, "link": 500}}),
    ]
}

async fn apply(server: &TestServer, resources: &[Value], more: Value) -> testkit::Reply {
    let mut body = json!({"resources": resources});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    server.put("/api/v1/resources", &body).await
}

/// Kind, name, what became of it.
fn became(applied: &Value) -> Vec<String> {
    let rows = applied["data"].as_array().unwrap().iter();
    let words = rows.map(|row| format!("{} {} {}", row["kind"], row["name"], row["became"]).replace('"', ""));
    words.collect()
}

both! {
    /// Whatever their order, documents are applied together; the same again changes nothing.
    async fn what_documents_say_is_applied_once(database) {
        let server = TestServer::start_on(database).await;
        let tried = apply(&server, &documents(), json!({"dry_run": true})).await.ok(200);
        assert_eq!((&tried["dry_run"], tried["data"].as_array().unwrap().len()), (&json!(true), 6));
        server.get("/api/v1/workflows/hello").await.refused(404, "not_found");
        let first = apply(&server, &documents(), json!({})).await.ok(200);
        assert_eq!(became(&first), [
            "environment environment updated", "event_type user.joined created", "template card created",
            "channel email created", "preferences preferences created", "workflow hello created",
        ]);
        let again = apply(&server, &documents(), json!({})).await.ok(200);
        assert!(became(&again).iter().all(|line| line.ends_with("unchanged")), "{again}");
        assert_eq!(server.get("/api/v1/workflows/hello").await.ok(200)["version"], 1);
        let audit = server.get("/api/v1/audit?action=resources.apply").await.ok(200);
        assert_eq!(audit["data"].as_array().unwrap().len(), 1, "what changes nothing leaves no line");
        let title = server.get("/api/v1/environment").await.ok(200)["settings"]["limits"]["title"].clone();
        assert_eq!(title, 200);
    }

    /// A template may name one that comes behind it, and one that is there already; what is pruned cannot be named.
    async fn templates_are_read_among_all_there_will_be(database) {
        let server = TestServer::start_on(database).await;
        let template = |name: &str, source: &str| json!({"kind": "template", "name": name, "source": source});
        let both = [template("a", "{% render 'b' %}"), template("b", "b")];
        apply(&server, &both, json!({})).await.ok(200);
        apply(&server, &[template("c", "{% render 'b' %}")], json!({})).await.ok(200);
        let refused = apply(&server, &[template("c", "{% render 'b' %}!")], json!({"prune": true})).await;
        assert_eq!(refused.faults()[0].0, "/resources/0/source");
    }

    /// What is read can be applied: it changes nothing, and secrets that are hidden stay what they are.
    async fn what_is_read_can_be_applied(database) {
        let server = TestServer::start_on(database).await;
        apply(&server, &documents(), json!({})).await.ok(200);
        let read = server.get("/api/v1/resources").await.ok(200);
        assert!(!read.to_string().contains("secret-word"), "{read}");
        let list = read["resources"].as_array().unwrap();
        let again = apply(&server, list, json!({"prune": true})).await.ok(200);
        assert!(became(&again).iter().all(|line| line.ends_with("unchanged")), "{again}");
        // Another secret is a change, although it does not show.
        let mut others = documents();
        others[3]["providers"][0]["password"] = json!("another");
        let changed = apply(&server, &others, json!({})).await.ok(200);
        assert!(became(&changed).contains(&"channel email updated".to_owned()), "{changed}");
        assert!(!changed.to_string().contains("another"));
    }

    /// A difference is told by its place; what is not named goes only when asked.
    async fn what_is_otherwise_is_shown(database) {
        let server = TestServer::start_on(database).await;
        apply(&server, &documents(), json!({})).await.ok(200);
        let mut fewer = documents();
        fewer.truncate(2);
        fewer[0]["steps"][0]["email"]["subject"] = json!("Hello");
        let changed = apply(&server, &fewer, json!({})).await.ok(200);
        let workflow = changed["data"].as_array().unwrap().iter().find(|row| row["kind"] == "workflow").unwrap();
        assert_eq!(workflow["became"], "updated");
        assert_eq!(workflow["differences"], json!([{"pointer": "/steps/0/email/subject", "before": "Hi", "after": "Hello"}]));
        let pruned = apply(&server, &fewer[1..], json!({"prune": true})).await.ok(200);
        let gone: Vec<_> = became(&pruned).into_iter().filter(|line| line.ends_with("deleted")).collect();
        assert_eq!(gone, ["event_type user.joined deleted", "channel email deleted", "workflow hello deleted"]);
        server.get("/api/v1/channels/email").await.refused(404, "not_found");
    }

    /// One document that is wrong, and nothing is applied; all that is wrong is told at once, each at its place.
    async fn what_is_wrong_applies_nothing(database) {
        let server = TestServer::start_on(database).await;
        let mut wrong = documents();
        wrong[0]["steps"][0]["email"]["subject"] = json!("{{ data.x | nosuchfilter }}");
        wrong[1]["source"] = json!("{% if %}");
        wrong[2]["schema"] = json!({"type": "nothing"});
        wrong[3]["providers"][0]["kind"] = json!("pigeon");
        wrong[4]["channels"] = json!({"fax": "off"});
        wrong[5]["limits"] = json!({"title": 0});
        wrong.push(json!({"kind": "fax"}));
        wrong.push(json!({"name": "x"}));
        wrong.push(wrong[2].clone());
        wrong.push(json!("text"));
        wrong.push(json!({"kind": "template", "name": "x", "source": "x", "colour": "red"}));
        let refused = apply(&server, &wrong, json!({})).await;
        refused.refused(422, "invalid");
        let faults = refused.faults();
        for place in [
            "/resources/1/source", "/resources/2/schema", "/resources/3/providers/0", "/resources/4/channels",
            "/resources/5/settings/limits/title", "/resources/6/kind", "/resources/7/kind", "/resources/8", "/resources/9", "/resources/10/colour",
        ] {
            assert!(faults.iter().any(|(pointer, _)| pointer.starts_with(place)), "{place}: {faults:?}");
        }
        let left = server.get("/api/v1/resources").await.ok(200);
        assert_eq!(left["resources"].as_array().unwrap().len(), 1, "only the environment itself: {left}");
        // The workflow's own faults are told with line and column.
        let mut wrong = documents();
        wrong[0]["steps"][0]["email"]["subject"] = json!("{{ data.x | nosuchfilter }}");
        let refused = apply(&server, &wrong, json!({})).await;
        let (place, _) = &refused.faults()[0];
        assert_eq!(place, "/resources/0/steps/0/email/subject");
        assert!(refused.text().contains("line 1"), "{}", refused.text());
    }
}
