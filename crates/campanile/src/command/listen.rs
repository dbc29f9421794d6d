//! `campanile listen`: a webhook receiver that verifies and prints. Makes an endpoint for itself and takes it away again.

use std::sync::Arc;

use anyhow::{Context, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use clap::Args;
use domain::signature::{SignedHeaders, TOLERANCE_S, Verifier, verify};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::call::{Caller, segment};
use super::{Remote, note, say, text};
use crate::listener::{Bounds, serve};

#[derive(Debug, Args)]
pub(super) struct Listen {
    #[command(flatten)]
    remote: Remote,
    /// The application (id or uid) whose events to receive.
    #[arg(long)]
    app: String,
    /// Address to receive on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    at: String,
    /// The URL the server reaches this receiver at, where that is not the address itself.
    #[arg(long)]
    public_url: Option<String>,
    /// Only these event types. May be given again.
    #[arg(long, value_name = "TYPE")]
    event_type: Vec<String>,
    /// Answer this status, to see retries.
    #[arg(long, default_value_t = 204)]
    answer: u16,
}

#[derive(Debug, Clone)]
struct Receiver {
    verifier: Arc<[Verifier]>,
    answer: StatusCode,
    json: bool,
    /// Cancelled when nobody reads any more.
    unread: CancellationToken,
}

/// Ctrl-C, a request to end, or a terminal that was closed: heard from the moment this is made.
struct Interruption([Signal; 3]);

impl Interruption {
    fn heard() -> std::io::Result<Self> {
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn wait(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// Receives until interrupted, or until nobody reads what is received.
pub(super) async fn run(command: Listen, json: bool) -> anyhow::Result<()> {
    let caller = Caller::new(&command.remote)?;
    let answer = StatusCode::from_u16(command.answer).context("--answer is no status")?;
    let listener = TcpListener::bind(&command.at)
        .await
        .with_context(|| format!("{} cannot be listened on", command.at))?;
    let url = match &command.public_url {
        Some(url) => url.clone(),
        None => format!("http://{}/", listener.local_addr()?),
    };
    let mut body = json!({"url": url, "description": "campanile listen"});
    if !command.event_type.is_empty() {
        body["event_types"] = json!(command.event_type);
    }
    // From here on there is something to take away again.
    let mut interruption = Interruption::heard()?;
    let webhooks = format!("/api/v1/apps/{}/webhooks", segment(&command.app));
    let made = caller.call(Method::POST, &webhooks, &body).await?;
    let endpoint = format!("{webhooks}/{}", text(&made, "id")?);
    let verifier = Verifier::parse(text(&made, "secret")?).map_err(|error| anyhow::anyhow!("{error}"))?;
    note(format_args!("receiving at {url}; Ctrl-C ends"));
    let unread = CancellationToken::new();
    let receiver = Receiver {
        verifier: Arc::from([verifier]),
        answer,
        json,
        unread: unread.clone(),
    };
    // The public URL may have any path.
    let router = Router::new().fallback_service(post(receive).with_state(receiver));
    let stopping = CancellationToken::new();
    let tasks = TaskTracker::new();
    tasks.spawn(serve(
        listener,
        router,
        Bounds { head: 32 * 1024 },
        tasks.clone(),
        stopping.clone(),
    ));
    tokio::select! {
        () = interruption.wait() => {}
        () = unread.cancelled() => {}
    }
    stopping.cancel();
    tokio::select! {
        gone = caller.call(Method::DELETE, &endpoint, &Value::Null) => gone.map(drop),
        () = interruption.wait() => bail!("interrupted again; {} is left behind", text(&made, "id")?),
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signed = SignedHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let now = app::Clock::System.now().div_euclid(1_000);
    let verified = verify(&receiver.verifier, &signed, &body, now, TOLERANCE_S);
    let envelope: Value = serde_json::from_slice(&body).unwrap_or_default();
    let value = json!({"webhook_id": signed.id, "verified": verified.is_ok(), "body": envelope});
    let said = say(receiver.json, &value, || {
        let word = match &verified {
            Ok(()) => "verified".to_owned(),
            Err(error) => format!("NOT VERIFIED ({error})"),
        };
        let kind = envelope["type"].as_str().unwrap_or("?");
        format!(
            "{}  {word}  {kind}  {}",
            signed.id.unwrap_or("?"),
            envelope["data"]
        )
    });
    if said.is_err() {
        receiver.unread.cancel();
    }
    if verified.is_ok() {
        receiver.answer
    } else {
        StatusCode::UNAUTHORIZED
    }
}
