//! Calling a running server; and `campanile publish`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use clap::Args;
use egress::{Client, Policy};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};

use super::{Remote, say, text};

/// A caller of one server, with one key.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    client: Client,
    url: String,
    headers: HeaderMap,
}

impl Caller {
    pub(super) fn new(remote: &Remote) -> anyhow::Result<Self> {
        // The operator at the keyboard may reach every address.
        let everywhere = ["0.0.0.0/0".parse()?, "::/0".parse()?];
        let policy = Policy::new(everywhere, []);
        let client = Client::new(egress::Settings {
            policy,
            max_body: 4 << 20,
            ..egress::Settings::default()
        })?;
        let mut headers = HeaderMap::new();
        let bearer =
            HeaderValue::from_str(&format!("Bearer {}", remote.key)).context("the key has odd characters")?;
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Self {
            client,
            url: remote.url.trim_end_matches('/').to_owned(),
            headers,
        })
    }

    /// Calls a route and reads its JSON; a problem becomes an error in its own words.
    pub(super) async fn call(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}{path}", self.url);
        let target = self
            .client
            .policy()
            .check_url(&url)
            .map_err(|refused| anyhow::anyhow!("{url}: {refused}"))?;
        let body = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let answer = self
            .client
            .request(method, &target, self.headers.clone(), body, deadline)
            .await;
        let answer = answer.map_err(|failure| anyhow::anyhow!("{url}: {failure}"))?;
        let value: Value = if answer.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&answer.body)?
        };
        if !(200..300).contains(&answer.status) {
            let faults: Vec<_> = value["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|fault| fault["detail"].as_str())
                .collect();
            bail!(
                "{} {}: {}{}",
                answer.status,
                value["code"].as_str().unwrap_or(""),
                value["detail"].as_str().unwrap_or(""),
                if faults.len() > 1 {
                    format!(" ({})", faults.join("; "))
                } else {
                    String::new()
                }
            );
        }
        Ok(value)
    }
}

#[derive(Debug, Args)]
pub(super) struct Publish {
    #[command(flatten)]
    remote: Remote,
    /// The application (id or uid).
    #[arg(long)]
    app: String,
    /// The event's type.
    #[arg(value_name = "TYPE")]
    kind: String,
    /// The payload, as JSON.
    #[arg(value_name = "DATA", default_value = "{}")]
    data: String,
    /// Tenant it happened in.
    #[arg(long)]
    tenant: Option<String>,
    /// User it concerns. May be given again.
    #[arg(long)]
    user: Vec<String>,
    /// Your own id: the same id is published once within 30 days.
    #[arg(long)]
    id: Option<String>,
    /// Also notify the users: the title of the notification.
    #[arg(long, value_name = "TITLE")]
    notify: Option<String>,
}

/// Publishes an event, and a notification beside it if asked.
pub(super) async fn publish(command: Publish, json: bool) -> anyhow::Result<()> {
    let caller = Arc::new(Caller::new(&command.remote)?);
    let data: Value = serde_json::from_str(&command.data).context("DATA must be JSON")?;
    let mut body = json!({"type": command.kind, "data": data, "users": command.user});
    if let Some(tenant) = &command.tenant {
        body["tenant"] = json!(tenant);
    }
    if let Some(id) = &command.id {
        body["id"] = json!(id);
    }
    let mut answer = caller
        .call(
            Method::POST,
            &format!("/api/v1/apps/{}/events", command.app),
            &body,
        )
        .await?;
    let id = text(&answer, "event_id")?.to_owned();
    if let Some(title) = &command.notify {
        let mut body = json!({"users": command.user, "title": title, "event": command.kind, "event_id": id});
        if let Some(tenant) = &command.tenant {
            body["tenant"] = json!(tenant);
        }
        let notified = caller
            .call(
                Method::POST,
                &format!("/api/v1/apps/{}/notifications", command.app),
                &body,
            )
            .await?;
        answer["notification_id"] = notified["notification_id"].clone();
    }
    say(json, &answer, || id);
    Ok(())
}
