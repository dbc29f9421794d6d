//! Calling a running server; and `campanile publish`.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use clap::Args;
use egress::{Answer, Client, Failure, Policy};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};

use super::{Remote, say, text};
use crate::path::segment;

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
        answer
            .map_err(anyhow::Error::from)
            .and_then(|answer| read(&answer))
            .with_context(|| url)
    }
}

/// The JSON of an answer, or its problem as an error in its own words.
fn read(answer: &Answer) -> anyhow::Result<Value> {
    let good = (200..300).contains(&answer.status);
    if good && answer.body.is_empty() {
        return Ok(Value::Null);
    }
    match serde_json::from_slice::<Value>(&answer.body) {
        Ok(value) if good => Ok(value),
        Ok(problem) if problem["code"].is_string() => Err(refusal(answer.status, &problem)),
        // A proxy in between has pages of its own.
        _ => bail!(
            "{} came back, not from Campanile: {}",
            answer.status,
            excerpt(&answer.body)
        ),
    }
}

/// A refusal in the server's own words: what was asked for was not done.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct Refused {
    text: String,
    /// What was wrong with the body: each fault's place and sentence.
    pub(super) faults: Vec<(String, String)>,
}

/// Whether a failed call certainly did nothing: it was refused, or never got there.
fn did_nothing(error: &anyhow::Error) -> bool {
    let unsent = error
        .downcast_ref::<Failure>()
        .is_some_and(|failure| !failure.sent);
    unsent || error.is::<Refused>()
}

fn refusal(status: u16, problem: &Value) -> anyhow::Error {
    let word = |name: &str| problem[name].as_str().unwrap_or("").to_owned();
    let faults = problem["errors"].as_array().into_iter().flatten();
    let faults: Vec<_> = faults
        .filter_map(|fault| {
            Some((
                fault["pointer"].as_str()?.to_owned(),
                fault["detail"].as_str()?.to_owned(),
            ))
        })
        .collect();
    let more = if faults.len() > 1 {
        let details: Vec<_> = faults.iter().map(|(_, detail)| detail.as_str()).collect();
        format!(" ({})", details.join("; "))
    } else {
        String::new()
    };
    let text = format!("{status} {}: {}{more}", word("code"), word("detail"));
    if status < 500 {
        Refused { text, faults }.into()
    } else {
        anyhow::Error::msg(text)
    }
}

/// The beginning of a body, on one line.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(1_000)]);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "an empty page".to_owned();
    }
    line.chars().take(200).collect()
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
    /// Also notify the users, or where none is named the members of the tenant: the title of the notification.
    #[arg(long, value_name = "TITLE")]
    notify: Option<String>,
}

/// Publishes an event, and a notification beside it if asked.
pub(super) async fn publish(command: Publish, json: bool) -> anyhow::Result<()> {
    if command.notify.is_some() && command.user.is_empty() && command.tenant.is_none() {
        bail!("--notify needs --user or --tenant: who is to be notified; nothing was published");
    }
    let caller = Caller::new(&command.remote)?;
    let data: Value = serde_json::from_str(&command.data).context("DATA must be JSON")?;
    let mut event = json!({"type": command.kind, "data": data});
    if let Some(id) = &command.id {
        event["id"] = json!(id);
    }
    let app = format!("/api/v1/apps/{}", segment(&command.app));
    let path = format!("{app}/events");
    let mut answer = caller.call(Method::POST, &path, &command.among(event)).await?;
    let id = text(&answer, "event_id")?.to_owned();
    if let Some(title) = &command.notify {
        let body = json!({"title": title, "event": command.kind, "event_id": id});
        let path = format!("{app}/notifications");
        let notified = caller.call(Method::POST, &path, &command.among(body)).await;
        let notified = notified.map_err(|error| {
            let what = if did_nothing(&error) {
                "but nobody is notified"
            } else {
                "whether anybody is notified is not known"
            };
            error.context(format!("{id} is published, {what}"))
        })?;
        answer["notification_id"] = notified["notification_id"].clone();
    }
    say(json, &answer, || id)
}

impl Publish {
    /// With the users and the tenant that were named.
    fn among(&self, mut body: Value) -> Value {
        if !self.user.is_empty() {
            body["users"] = json!(self.user);
        }
        if let Some(tenant) = &self.tenant {
            body["tenant"] = json!(tenant);
        }
        body
    }
}
