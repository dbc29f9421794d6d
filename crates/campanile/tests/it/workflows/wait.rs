//! Runs that wait for what others do: an event, or what becomes of something they sent.

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::{declare, mails, person, quiet, runs, sandbox, trigger};

const HOUR: i64 = 3_600_000;

/// A bell, a wait until it is read, and a mail for those who did not.
fn unless_read(becomes: &Value) -> Value {
    json!({"steps": [
        {"name": "bell", "in_app": {"title": "Look"}},
        {"name": "read", "if": {"path": "steps.bell.state", "is": "not_equals", "value": "read"}, "wait_for": {"step": "bell", "becomes": becomes, "for": "2h"}},
        {"name": "mail", "if": {"found.read.happened": false}, "email": {"subject": "You did not look", "text": "{{ steps.bell.state }}"}},
    ]})
}

async fn world(database: testkit::Database) -> TestServer {
    let server = TestServer::start_on(database).await;
    sandbox(&server).await;
    for user in ["ada", "ben"] {
        person(&server, user).await;
    }
    server
}

async fn found(server: &TestServer, event: &str, step: &str) -> Value {
    let mut all = runs(server, event).await;
    all.retain(|run| run["part"].is_null());
    let run = all.swap_remove(0);
    let id = run["id"].as_str().unwrap().to_owned();
    let run = server.get(&format!("/api/v1/runs/{id}")).await.ok(200);
    let mut steps = run["steps"].as_array().unwrap().iter().rev();
    let last = steps.find(|entry| entry["step"] == step).expect("the step");
    json!([last["outcome"], last["why"]])
}

async fn mark(server: &TestServer, user: &str, status: &str) {
    let feed = server.feed(user).await;
    let id = feed["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/notifications/{id}?user={user}");
    server.patch(&path, &json!({"status": status})).await.ok(200);
}

both! {
    /// Who reads it is not written to; who does not is, when the time is over.
    async fn who_reads_in_time_gets_no_mail(database) {
        let server = world(database).await;
        declare(&server, "look", unless_read(&json!(["read", "clicked"]))).await;
        let ada = trigger(&server, "look", json!({"recipients": ["ada"]})).await;
        let ben = trigger(&server, "look", json!({"recipients": ["ben"]})).await;
        server.settle().await;
        server.turn_and_settle(HOUR).await;
        assert_eq!(runs(&server, &ada).await[0]["status"], "waiting");
        mark(&server, "ada", "clicked").await;
        server.run_due().await;
        server.settle().await;
        assert_eq!(found(&server, &ada, "read").await, json!(["done", {"happened": true, "became": "clicked"}]));
        assert_eq!(runs(&server, &ada).await[0]["status"], "completed");
        server.turn_and_settle(HOUR).await;
        assert_eq!(found(&server, &ben, "read").await, json!(["done", {"happened": false}]));
        let sent = mails(&server, "").await;
        assert_eq!(sent.len(), 1);
        assert_eq!((&sent[0]["user_id"], &sent[0]["content"]["text"]), (&json!("ben"), &json!("unread\n")));
        // The timer of a wait that is over changes nothing.
        server.turn_and_settle(HOUR).await;
        assert_eq!(mails(&server, "").await.len(), 1);
        server.finish().await;
    }

    /// Marking everything as read counts as reading.
    async fn a_mark_of_everything_is_reading(database) {
        let server = world(database).await;
        declare(&server, "look", unless_read(&json!(["read"]))).await;
        let event = trigger(&server, "look", json!({"recipients": ["ada"]})).await;
        server.settle().await;
        server.post("/api/v1/notifications/mark-all-read?user=ada", &json!({})).await.ok(200);
        server.turn_and_settle(1_000).await;
        server.run_due().await;
        server.settle().await;
        assert_eq!(found(&server, &event, "read").await, json!(["done", {"happened": true, "became": "read"}]));
        // So does seeing everything, of which no row is rewritten; and though the time is over before anybody looks.
        declare(&server, "look", unless_read(&json!(["seen"]))).await;
        let event = trigger(&server, "look", json!({"recipients": ["ben"]})).await;
        server.settle().await;
        server.post("/api/v1/notifications/mark-all-seen?user=ben", &json!({})).await.ok(200);
        server.turn_and_settle(2 * HOUR).await;
        assert_eq!(found(&server, &event, "read").await, json!(["done", {"happened": true, "became": "seen"}]));
        assert_eq!(mails(&server, "").await.len(), 0);
        server.finish().await;
    }

    /// A message that is held up is waited for too: by itself, or gathered with others.
    async fn what_is_held_up_is_waited_for(database) {
        let server = world(database).await;
        declare(&server, "mail", json!({"steps": [
            {"name": "mail", "email": {"subject": "x", "text": "y"}},
            {"name": "gone", "wait_for": {"step": "mail", "becomes": ["sent", "failed"], "for": "1d"}},
            {"name": "bell", "in_app": {"title": "{{ found.gone.became }} {{ steps.mail.state }}"}},
        ]})).await;
        for (user, gather) in [("ada", false), ("ben", true)] {
            let path = format!("/api/v1/users/{user}/preferences");
            server.put(&path, &quiet(&server, gather)).await.ok(200);
            let mut events = Vec::new();
            for _ in 0..2 {
                events.push(trigger(&server, "mail", json!({"recipients": [user]})).await);
                server.settle().await;
            }
            server.run_due().await;
            assert_eq!(found(&server, &events[0], "gone").await[0], "waiting");
            server.turn_and_settle(2 * HOUR).await;
            for _ in 0..3 {
                server.run_due().await;
                server.settle().await;
            }
            for event in &events {
                assert_eq!(found(&server, event, "gone").await, json!(["done", {"happened": true, "became": "sent"}]), "{user}");
            }
            assert_eq!(server.feed(user).await["data"][0]["title"], "sent sent");
        }
        assert_eq!(mails(&server, "&status=sent").await.len(), 3, "two, and two in one");
        server.turn_and_settle(24 * HOUR).await;
        server.finish().await;
    }

    /// An event wakes those runs whose values it has, and no other; later steps see it.
    async fn an_event_wakes_those_who_wait_for_it(database) {
        let server = world(database).await;
        let app = server.app("shop").await;
        declare(&server, "cart", json!({"steps": [
            {"name": "paid", "wait_for": {"event": {"type": "order.paid", "match": {"data.order": "data.order"}}, "for": "1d"}},
            {"name": "thanks", "if": {"found.paid.happened": true}, "in_app": {"title": "Paid {{ found.paid.data.amount }}"}},
            {"name": "reminder", "if": {"found.paid.happened": false}, "in_app": {"title": "Your cart waits"}},
        ]})).await;
        // Before it waits, an event is nothing to it.
        server.publish(&app, &json!({"type": "order.paid", "data": {"order": 7, "amount": 1}})).await;
        server.settle().await;
        let ada = trigger(&server, "cart", json!({"recipients": ["ada"], "data": {"order": 7}})).await;
        let ben = trigger(&server, "cart", json!({"recipients": ["ben"], "data": {"order": 8}})).await;
        let without = trigger(&server, "cart", json!({"recipients": ["ben"], "data": {}})).await;
        server.settle().await;
        assert_eq!(found(&server, &without, "paid").await, json!(["skipped", {"reason": "no_value"}]));
        // A new version no longer waits for it; runs that began keep theirs.
        declare(&server, "cart", json!({"steps": [{"name": "bell", "in_app": {"title": "New"}}]})).await;
        server.publish(&app, &json!({"type": "order.paid", "data": {"order": "7", "amount": 12}})).await;
        server.settle().await;
        assert_eq!(server.feed("ada").await["data"][0]["title"], "Paid 12");
        assert_eq!(runs(&server, &ben).await[0]["status"], "waiting");
        server.turn_and_settle(24 * HOUR).await;
        assert_eq!(server.feed("ben").await["data"][0]["title"], "Your cart waits");
        assert_eq!(server.feed("ada").await["data"].as_array().unwrap().len(), 1);
        assert_eq!(runs(&server, &ada).await[0]["status"], "completed");
        server.finish().await;
    }

    /// What comes twice, or while configuration changes, ends one wait: never the next one as well, and never none.
    async fn each_wait_is_for_its_own(database) {
        let server = world(database).await;
        let app = server.app("shop").await;
        let wait = |name: &str, kind: &str| json!({"name": name, "wait_for": {"event": {"type": kind, "match": {"data.order": "data.order"}}, "for": "1d"}});
        declare(&server, "order", json!({"steps": [wait("paid", "order.paid"), wait("sent", "order.sent"), {"name": "bell", "in_app": {"title": "Sent"}}]})).await;
        let mut events = Vec::new();
        for order in 0..5 {
            events.push(trigger(&server, "order", json!({"recipients": ["ada"], "data": {"order": order}})).await);
        }
        server.settle().await;
        for order in 0..5 {
            for _ in 0..3 {
                server.publish(&app, &json!({"type": "order.paid", "data": {"order": order}})).await;
            }
            server.put("/api/v1/users/ada", &json!({"email": "ada@example.com", "name": format!("Ada {order}")})).await;
            declare(&server, "other", json!({"steps": [{"name": "bell", "in_app": {"title": format!("{order}")}}]})).await;
        }
        server.settle().await;
        for event in &events {
            assert_eq!(found(&server, event, "paid").await[0], "done");
            assert_eq!(found(&server, event, "sent").await[0], "waiting", "{event}");
        }
        for order in 0..5 {
            server.publish(&app, &json!({"type": "order.sent", "data": {"order": order}})).await;
        }
        server.settle().await;
        assert_eq!(server.feed("ada").await["data"].as_array().unwrap().len(), 5);
        server.turn_and_settle(24 * HOUR).await;
        server.finish().await;
    }

    /// The event that began a run is not the one it waits for; the next of its kind is, also where a step of another workflow publishes it.
    async fn its_own_event_ends_no_wait(database) {
        let server = world(database).await;
        let app = server.app("shop").await;
        let wait = json!({"name": "more", "wait_for": {"event": {"type": "cart.updated", "match": {"data.cart": "data.cart"}}, "for": "1d"}});
        declare(&server, "cart", json!({"events": [{"type": "cart.updated"}], "recipients": [{"users": ["ada"]}], "steps": [wait]})).await;
        declare(&server, "says", json!({"steps": [{"name": "say", "webhook": {"event": "cart.updated", "data": {"cart": 1}}}]})).await;
        let first = server.publish(&app, &json!({"type": "cart.updated", "data": {"cart": 1}})).await;
        server.settle().await;
        assert_eq!(found(&server, &first, "more").await[0], "waiting");
        // As if it had been let go on late: a timer that failed comes again.
        let (timer, late) = (server.ctx().ids().fresh::<domain::id::TimerId>(), server.now());
        let timer = domain::id::Prefixed::bare(&timer).to_owned();
        server.execute(&format!(
            r#"INSERT INTO timers (id, environment, kind, subject, state, due_at, created_at) SELECT '{timer}', 1, {}, 'a test',
               '{{"event":"{first}","names":["' || awaits || '"]}}', {late}, {late} FROM runs"#,
            domain::effects::TimerKind::Wake as i16
        )).await;
        server.run_due().await;
        server.settle().await;
        assert_eq!(found(&server, &first, "more").await[0], "waiting");
        trigger(&server, "says", json!({"recipients": ["ben"]})).await;
        server.settle().await;
        assert_eq!(found(&server, &first, "more").await[0], "done");
        server.turn_and_settle(24 * HOUR).await;
        server.finish().await;
    }

    /// A message is waited for as well; what was never sent is not.
    async fn a_message_is_waited_for(database) {
        let server = world(database).await;
        declare(&server, "mail", json!({"steps": [
            {"name": "mail", "email": {"subject": "x", "text": "y"}},
            {"name": "gone", "wait_for": {"step": "mail", "becomes": ["sent", "failed"], "for": "1h"}},
            {"name": "bell", "in_app": {"title": "{{ found.gone.became }} {{ steps.mail.state }}"}},
        ]})).await;
        let ada = trigger(&server, "mail", json!({"recipients": ["ada"]})).await;
        let nobody = trigger(&server, "mail", json!({"recipients": ["without-address"]})).await;
        server.settle().await;
        server.run_due().await;
        server.settle().await;
        assert_eq!(found(&server, &ada, "gone").await, json!(["done", {"happened": true, "became": "sent"}]));
        assert_eq!(server.feed("ada").await["data"][0]["title"], "sent sent");
        assert_eq!(found(&server, &nobody, "gone").await, json!(["skipped", {"reason": "nothing_sent"}]));
        server.turn_and_settle(HOUR).await;
        server.finish().await;
    }

    /// A run that waits is called off like any other, and waits through a crash.
    async fn a_wait_outlives_a_crash_and_is_called_off(database) {
        let mut server = world(database).await;
        declare(&server, "look", unless_read(&json!(["read"]))).await;
        let kept = trigger(&server, "look", json!({"recipients": ["ada"]})).await;
        let off = trigger(&server, "look", json!({"recipients": ["ben"], "cancellation_key": "k"})).await;
        server.settle().await;
        server.crash().await;
        server.start_again().await;
        server.post("/api/v1/workflows/look/cancel", &json!({"cancellation_key": "k"})).await.ok(200);
        mark(&server, "ada", "read").await;
        mark(&server, "ben", "read").await;
        server.run_due().await;
        server.settle().await;
        assert_eq!(runs(&server, &kept).await[0]["status"], "completed");
        assert_eq!(runs(&server, &off).await[0]["status"], "cancelled");
        server.turn_and_settle(2 * HOUR).await;
        assert!(mails(&server, "").await.is_empty());
        server.finish().await;
    }
}

/// What is wrong with a wait is told when it is declared.
#[tokio::test]
async fn a_wait_is_checked_when_it_is_declared() {
    let server = TestServer::start().await;
    let event = |matches: Value| json!({"event": {"type": "a.b", "match": matches}, "for": "1h"});
    for (wait, pointer) in [
        (json!({"for": "1h"}), ""),
        (event(json!({})), "/event/match"),
        (event(json!({"steps.a.b": "data.x"})), "/event/match/steps.a.b"),
        (event(json!({"data.x": "nothing.y"})), "/event/match/data.x"),
        (
            json!({"step": "later", "becomes": ["read"], "for": "1h"}),
            "/step",
        ),
        (
            json!({"step": "bell", "becomes": ["sent"], "for": "1h"}),
            "/becomes",
        ),
        (json!({"step": "bell", "for": "1h"}), "/becomes"),
    ] {
        let steps = json!([{"name": "bell", "in_app": {"title": "x"}}, {"name": "w", "wait_for": wait}, {"name": "later", "in_app": {"title": "x"}}]);
        let refused = server.put("/api/v1/workflows/w", &json!({"steps": steps})).await;
        assert_eq!(refused.status, 422, "{wait}");
        assert_eq!(
            refused.faults()[0].0,
            format!("/steps/1/wait_for{pointer}"),
            "{wait}"
        );
    }
    server.finish().await;
}
