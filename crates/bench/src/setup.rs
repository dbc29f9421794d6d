//! What every measure needs in the server before it begins: an application, event types, endpoints, people.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::clock;
use crate::http::Api;

/// Makes an application that is addressed by `uid`.
pub(crate) async fn app(api: &Api, uid: &str) -> Result<()> {
    api.post("/api/v1/apps", json!({ "uid": uid, "name": uid }))
        .await?;
    Ok(())
}

/// Registers an event type, `app` or `platform` visible. One that is there already is fine.
pub(crate) async fn event_type(api: &Api, name: &str, visibility: &str) -> Result<()> {
    let body = json!({ "name": name, "category": "bench", "visibility": visibility });
    let reply = api.call("POST", "/api/v1/event-types", Some(&body)).await?;
    anyhow::ensure!(
        reply.ok() || reply.status == 409,
        "event type {name}: {} {}",
        reply.status,
        reply.text()
    );
    Ok(())
}

/// A registered endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    /// Its id.
    pub(crate) id: String,
    /// Its signing secret.
    pub(crate) secret: String,
}

/// Registers an endpoint for these event types (all where none is named).
pub(crate) async fn webhook(
    api: &Api,
    app: &str,
    url: &str,
    types: &[&str],
    policy: Option<&str>,
) -> Result<Webhook> {
    let mut body = json!({ "url": url });
    if !types.is_empty() {
        body["event_types"] = json!(types);
    }
    if let Some(policy) = policy {
        body["retry_policy"] = policy.into();
    }
    let made = api.post(&format!("/api/v1/apps/{app}/webhooks"), body).await?;
    let text = |field: &str| {
        made[field]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("no {field} in {made}"))
    };
    Ok(Webhook {
        id: text("id")?,
        secret: text("secret")?,
    })
}

/// A fresh key of one application.
pub(crate) async fn app_key(api: &Api, app: &str) -> Result<String> {
    api.post_for(
        &format!("/api/v1/apps/{app}/keys"),
        json!({ "name": "bench" }),
        "key",
    )
    .await
}

/// Makes a user.
pub(crate) async fn user(api: &Api, user: &str) -> Result<()> {
    api.expect(
        "PUT",
        &format!("/api/v1/users/{user}"),
        Some(&json!({ "name": user })),
    )
    .await?;
    Ok(())
}

/// A token that speaks for a user.
pub(crate) async fn token(api: &Api, user: &str) -> Result<String> {
    api.post_for(
        &format!("/api/v1/users/{user}/token"),
        json!({ "expires_in": 3600 }),
        "token",
    )
    .await
}

/// The path events of an application are published on.
pub(crate) fn events_path(app: &str) -> String {
    format!("/api/v1/apps/{app}/events")
}

/// An event of ordinary size with a place for the moment it was due.
pub(crate) fn event_body(kind: &str) -> String {
    format!(
        r#"{{"type":"{kind}","data":{{"at":"{}","order":"ord_7781","customer":"cus_1182","currency":"EUR","amount":1290,"lines":[{{"sku":"A-100","count":2}},{{"sku":"B-7","count":1}}]}}}}"#,
        clock::empty_mark()
    )
}

/// A notification to one user with a place for the moment it was due.
pub(crate) fn notification_body(user: &str) -> String {
    format!(
        r#"{{"users":["{user}"],"title":"Order ord_7781 is paid","body":"{}","link":"/orders/7781"}}"#,
        clock::empty_mark()
    )
}
