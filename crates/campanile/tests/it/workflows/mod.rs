//! Workflows: from an event to people.

mod batch;
mod callback;
mod config;
mod mail;
mod preference;
mod resource;
mod run;
mod simulation;
mod spec;
mod steps;
mod template;
mod throttle;
mod trace;
mod wait;

use serde_json::{Value, json};
use testkit::TestServer;

/// Declares a workflow; `more` is merged into it.
async fn declare(server: &TestServer, key: &str, more: Value) -> Value {
    let path = format!("/api/v1/workflows/{key}");
    let answer = server.put(&path, &more).await;
    assert!(
        matches!(answer.status, 200 | 201),
        "{} {}",
        answer.status,
        answer.text()
    );
    answer.json()
}

/// Sets the email channel up with the provider that keeps what it is given.
async fn sandbox(server: &TestServer) {
    let settings = json!({
        "from": {"address": "noreply@lightfast.ai", "name": "Lightfast"},
        "reply_to": "support@lightfast.ai",
        "providers": [{"name": "sandbox", "kind": "sandbox"}],
    });
    server.put("/api/v1/channels/email", &settings).await.ok(200);
}

/// Describes a user with a mail address.
async fn person(server: &TestServer, id: &str) {
    let user = json!({"name": id, "email": format!("{id}@example.com")});
    server.put(&format!("/api/v1/users/{id}"), &user).await;
}

/// Triggers a workflow; answers the event's id.
async fn trigger(server: &TestServer, key: &str, body: Value) -> String {
    let answer = server
        .post(&format!("/api/v1/workflows/{key}/trigger"), &body)
        .await
        .ok(200);
    answer["event_id"].as_str().expect("an id").to_owned()
}

/// The runs of an event.
async fn runs(server: &TestServer, event: &str) -> Vec<Value> {
    let list = server
        .get(&format!("/api/v1/runs?limit=100&event={event}"))
        .await
        .ok(200);
    list["data"].as_array().expect("a list").clone()
}

/// Mails, newest first, with what they say.
async fn mails(server: &TestServer, query: &str) -> Vec<Value> {
    let list = server
        .get(&format!("/api/v1/deliveries?limit=100&channel=email{query}"))
        .await
        .ok(200);
    let mut mails = Vec::new();
    for row in list["data"].as_array().expect("a list") {
        let id = row["id"].as_str().expect("an id");
        mails.push(server.get(&format!("/api/v1/deliveries/{id}")).await.ok(200));
    }
    mails
}

/// Quiet from an hour ago for two hours more, by the clock of a place five and a half hours ahead.
fn quiet(server: &TestServer, gather: bool) -> Value {
    let minutes = |at: i64| {
        let minute = (at / 60_000 + 330).rem_euclid(1_440);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    };
    let during = format!(
        "{}-{}",
        minutes(server.now() - 3_600_000),
        minutes(server.now() + 2 * 3_600_000)
    );
    json!({"quiet_hours": {"windows": [{"during": during}], "zone": "Asia/Kolkata", "gather": gather}})
}
