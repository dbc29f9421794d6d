//! What `make run` shows: a small product with the bell in it, a webhook receiver beside it, and commands to copy.
//!
//! Its keys and its data are made when the database is new. It serves the product's backend: it publishes with a key and mints tokens,
//! so it is for this machine only.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use app::Ctx;
use app::apps::NewApp;
use app::auth::Caller;
use app::snapshot::AppSnapshot;
use app::webhook::NewEndpoint;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::access::Role;
use domain::effects::Actor;
use domain::environment::Env;
use domain::event::EventInput;
use domain::event_type::{EventType, FIRST_VERSION, Visibility};
use domain::id::EndpointId;
use domain::notification::NotificationInput;
use domain::signature::{SignedHeaders, TOLERANCE_S, Verifier, verify};
use domain::time::rfc3339;
use http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Page;
use store::key::Kind;
use store::user::User;
use tokio::net::TcpListener;

/// The people of the demo.
const PEOPLE: [(&str, &str); 3] = [
    ("ada", "Ada Lovelace"),
    ("grace", "Grace Hopper"),
    ("alan", "Alan Turing"),
];
/// Requests the receiver remembers.
const REMEMBERED: usize = 50;

/// The demo beside a server.
#[derive(Debug)]
pub struct Demo {
    ctx: Arc<Ctx>,
    url: String,
    env: Env,
    app: Arc<AppSnapshot>,
    endpoint: EndpointId,
    key: String,
    verifier: Verifier,
    received: Mutex<VecDeque<Value>>,
}

impl Demo {
    /// Makes what is missing and starts the receiver, on a port of its own.
    pub(crate) async fn prepare(ctx: &Arc<Ctx>, address: SocketAddr) -> anyhow::Result<Arc<Self>> {
        let env = ctx.ensure_default().await?;
        let fresh = ctx
            .create_key(
                Actor::Operator,
                (env, None),
                Kind::Secret,
                Some("demo".into()),
                Some(30 * 86_400),
            )
            .await?;
        let caller = Caller::Environment {
            env,
            by: Actor::Key(fresh.key.id),
            role: Role::Operator,
            expires_at: fresh.key.expires_at,
        };
        let new = NewApp {
            uid: Some("belfry".into()),
            name: "Belfry".into(),
            metadata: None,
        };
        let (app, _) = ctx.create_app(&caller, new, None).await?;
        for (name, category, visibility) in [
            ("comment.created", "collaboration", Visibility::App),
            ("deploy.finished", "engineering", Visibility::Platform),
            ("incident.opened", "operations", Visibility::Platform),
            ("invoice.ready", "billing", Visibility::App),
        ] {
            ctx.put_event_type(&caller, event_type(name, category, visibility), true)
                .await?;
        }
        for (id, name) in PEOPLE {
            ctx.put_user(&caller, person(id, name)).await?;
        }
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("the demo's receiver cannot listen")?;
        let url = format!("http://{}/", listener.local_addr()?);
        let (endpoint, secret) = own_endpoint(ctx, &caller, env, app.id, &url).await?;
        let demo = Arc::new(Self {
            ctx: Arc::clone(ctx),
            url: format!("http://{address}"),
            env,
            app: ctx.named_app(env, "belfry").await?,
            endpoint,
            key: fresh.text,
            verifier: Verifier::parse(&secret).map_err(|error| anyhow::anyhow!("{error}"))?,
            received: Mutex::default(),
        });
        let receiver = Router::new()
            .route("/", post(receive))
            .with_state(Arc::clone(&demo));
        #[expect(
            clippy::disallowed_methods,
            reason = "lives as long as the process: the demo has nothing to finish"
        )]
        tokio::spawn(async move { axum::serve(listener, receiver).await });
        Ok(demo)
    }

    /// The routes of the product's own backend.
    pub(crate) fn routes(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/demo/config.json", get(configuration))
            .route("/demo/token", post(token))
            .route("/demo/publish", post(publish))
            .route("/demo/received", get(received))
            .route("/demo/deliveries", get(deliveries))
            .with_state(Arc::clone(self))
    }

    fn commands(&self) -> [Command; 3] {
        let program = std::env::current_exe().ok();
        let program = program
            .as_deref()
            .and_then(|path| path.to_str())
            .map_or_else(|| "campanile".into(), quoted);
        let remote = format!("--url {} --key {}", quoted(&self.url), self.key);
        let command = |title, command| Command { title, command };
        [
            command(
                "Publish an event and ring a bell",
                format!(
                    r#"{program} publish {remote} --app belfry --user ada --notify "Hello from the terminal" comment.created '{{"text":"hello"}}'"#
                ),
            ),
            command(
                "Receive webhooks, verified",
                format!("{program} listen {remote} --app belfry"),
            ),
            command("Follow the live stream", format!("{program} tail {remote}")),
        ]
    }

    /// Where to look, for programs.
    pub fn shown(&self) -> Value {
        json!({"demo": format!("{}/demo/", self.url), "commands": self.commands()})
    }

    /// Where to look, for people.
    pub fn explained(&self) -> String {
        let commands = self.commands();
        let commands = commands.map(|Command { title, command }| format!("\n  {title}:\n    {command}\n"));
        format!("\n  Open {}/demo/\n{}", self.url, commands.concat())
    }
}

/// A command to copy.
#[derive(Debug, Serialize)]
struct Command {
    title: &'static str,
    command: String,
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn event_type(name: &str, category: &str, visibility: Visibility) -> EventType {
    EventType {
        name: name.into(),
        category: category.into(),
        title: None,
        description: String::new(),
        schema: None,
        version: FIRST_VERSION.into(),
        visibility,
        public_name: None,
        public_fields: None,
        created_at: 0,
        updated_at: 0,
    }
}

fn person(id: &str, name: &str) -> User {
    User {
        id: id.into(),
        name: Some(name.into()),
        email: Some(format!("{id}@belfry.example")),
        phone: None,
        locale: None,
        time_zone: None,
        active: 1,
        metadata: None,
        created_at: 0,
        updated_at: 0,
    }
}

/// The receiver's endpoint: made once, and pointed at this start's port.
async fn own_endpoint(
    ctx: &Arc<Ctx>,
    caller: &Caller,
    env: Env,
    app: domain::id::AppId,
    url: &str,
) -> anyhow::Result<(EndpointId, String)> {
    let page = Page {
        limit: 1_000,
        after: None,
    };
    let all = store::endpoint::list(&mut *ctx.store.read(env).await?, env, app, &page).await?;
    if let Some(mut found) = all
        .into_iter()
        .find(|endpoint| endpoint.description == "demo receiver")
    {
        let patch = app::webhook::EndpointPatch {
            url: Some(url.into()),
            status: Some(domain::endpoint::EndpointStatus::Active),
            ..Default::default()
        };
        found = ctx.update_endpoint(caller, env, app, found.id(), patch).await?;
        let secret = ctx.open_secrets(&found)?.current.expose();
        return Ok((found.id(), secret));
    }
    let snapshot = ctx
        .app(env, app)
        .await?
        .context("the demo's application is gone")?;
    let new = NewEndpoint {
        url: url.into(),
        description: "demo receiver".into(),
        retry_policy: Some("short".into()),
        ..NewEndpoint::default()
    };
    let (endpoint, secret) = ctx.create_endpoint(caller, &snapshot, new, None).await?;
    Ok((endpoint.id(), secret))
}

type Shared = State<Arc<Demo>>;

async fn configuration(State(demo): Shared) -> Json<Value> {
    let users: Vec<_> = PEOPLE
        .iter()
        .map(|(id, name)| json!({"id": id, "name": name}))
        .collect();
    Json(json!({
        "url": "", "app_id": demo.app.app.id, "app_uid": "belfry", "user": PEOPLE[0].0, "users": users,
        "webhook_id": demo.endpoint, "commands": demo.commands(),
    }))
}

/// Whether the demo knows this person.
fn known(user: &str) -> bool {
    PEOPLE.iter().any(|(id, _)| *id == user)
}

#[derive(Debug, Deserialize)]
struct TokenBody {
    user: String,
}

async fn token(State(demo): Shared, Json(body): Json<TokenBody>) -> Response {
    if !known(&body.user) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match demo.ctx.mint_token(demo.env, &body.user, None, None).await {
        Ok((token, expires_at)) => {
            Json(json!({"token": token, "expires_at": rfc3339(expires_at)})).into_response()
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &app::Error) -> Response {
    tracing::warn!(%error, "the demo failed");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

#[derive(Debug, Deserialize)]
struct PublishBody {
    kind: String,
    user: String,
}

/// What a button does: an event, and a notification to whoever pressed it.
async fn publish(State(demo): Shared, Json(body): Json<PublishBody>) -> Response {
    let Some((event, mut notification)) = story(&body.kind).filter(|_| known(&body.user)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let done = async {
        notification["event"] = event["type"].clone();
        let event: EventInput =
            serde_json::from_value(event).map_err(|error| app::Error::Internal(error.to_string()))?;
        let published = demo.ctx.publish(&demo.app, event, None).await?;
        notification["event_id"] = json!(published.id);
        notification["users"] = json!([body.user]);
        let notification: NotificationInput =
            serde_json::from_value(notification).map_err(|error| app::Error::Internal(error.to_string()))?;
        let created = demo
            .ctx
            .notify(&demo.app, notification, Actor::Server, None)
            .await?;
        Ok::<_, app::Error>(json!({"event_id": published.id, "notification_id": created.id}))
    };
    match done.await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => failed(&error),
    }
}

/// The event and the notification that tell of something happening at the demo's product.
fn story(kind: &str) -> Option<(Value, Value)> {
    Some(match kind {
        "comment" => (
            json!({"type": "comment.created", "data": {"document": "Launch plan", "author": "Mara Lind", "comment": 42}}),
            json!({
                "title": "Mara Lind commented on “Launch plan”",
                "body": "Can we move the announcement to Thursday? Press is out on Wednesday and I would like them to have a day.",
                "link": "/demo/#launch-plan",
                "actions": [{"id": "reply", "label": "Reply", "url": "/demo/#reply"}],
            }),
        ),
        "deploy" => (
            json!({"type": "deploy.finished", "data": {"service": "web", "commit": "4f2c91a", "seconds": 72}}),
            json!({
                "title": "web was deployed to production",
                "body": "4f2c91a “Faster search” is live after 1 min 12 s.",
                "link": "/demo/#deploy-4f2c91a",
                "priority": "low",
            }),
        ),
        "incident" => (
            json!({"type": "incident.opened", "data": {"number": 118, "service": "checkout", "severity": "high", "p95_ms": 2140}}),
            json!({
                "title": "Checkout is answering slowly",
                "body": "p95 has been above 2 s for five minutes.\nSeverity: high",
                "link": "/demo/#incident-118",
                "priority": "urgent",
                "actions": [
                    {"id": "ack", "label": "Acknowledge"},
                    {"id": "open", "label": "Open incident", "url": "/demo/#incident-118"},
                ],
            }),
        ),
        "invoice" => (
            json!({"type": "invoice.ready", "data": {"number": "2026-118", "amount": "248.00", "currency": "EUR", "seats": 12}}),
            json!({
                "title": "Your invoice 2026-118 is ready",
                "body": "€ 248.00 for 12 seats, due in 14 days.",
                "link": "/demo/#invoice-2026-118",
            }),
        ),
        _ => return None,
    })
}

async fn received(State(demo): Shared) -> Json<Value> {
    let data: Vec<_> = demo.received.lock().iter().rev().cloned().collect();
    Json(json!({"data": data}))
}

async fn deliveries(State(demo): Shared) -> Response {
    let read = async {
        let mut reader = demo.ctx.store.read(demo.env).await?;
        let page = Page {
            limit: 50,
            after: None,
        };
        store::delivery::list(
            &mut reader,
            demo.env,
            demo.endpoint,
            &store::delivery::Filter::default(),
            &page,
        )
        .await
    };
    match read.await {
        Ok(rows) => {
            let data: Vec<_> = rows
                .iter()
                .map(|row| {
                    json!({
                        "id": row.id, "event_id": row.event, "event_type": row.event_type, "status": row.state.as_str(),
                        "attempts": row.attempts, "status_code": row.status_code, "duration_ms": row.duration_ms,
                        "response": row.response, "error": row.error, "created_at": rfc3339(row.created_at),
                        "next_attempt_at": row.due_at.filter(|_| row.finished_at.is_none()).map(rfc3339),
                        "finished_at": row.finished_at.map(rfc3339),
                    })
                })
                .collect();
            Json(json!({"data": data, "next_cursor": null})).into_response()
        }
        Err(error) => failed(&error.into()),
    }
}

/// Takes a webhook as a customer's program would: verifies first.
async fn receive(State(demo): Shared, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signed = SignedHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let now = demo.ctx.now();
    let verifiers = std::slice::from_ref(&demo.verifier);
    let verified = verify(verifiers, &signed, &body, now.div_euclid(1_000), TOLERANCE_S).is_ok();
    let text = String::from_utf8_lossy(&body).into_owned();
    let kind = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|value| value["type"].as_str().map(ToOwned::to_owned));
    let mut received = demo.received.lock();
    let before = received
        .iter()
        .filter(|entry| entry["webhook_id"].as_str() == signed.id);
    let attempt = before.count() + 1;
    if received.len() >= REMEMBERED {
        received.pop_front();
    }
    received.push_back(json!({
        "at": rfc3339(now), "webhook_id": signed.id, "type": kind, "verified": verified, "body": text, "attempt": attempt,
    }));
    if verified {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::UNAUTHORIZED
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them_otherwise() {
        assert_eq!(quoted("http://127.0.0.1:8300"), "http://127.0.0.1:8300");
        assert_eq!(quoted("http://[::1]:8300"), "'http://[::1]:8300'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
