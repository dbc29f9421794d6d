//! `campanile listen`: a webhook receiver that verifies and prints. Makes an endpoint for itself and takes it away again.

use std::pin::pin;
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
use tokio::sync::mpsc::{self, Sender, channel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::call::Caller;
use super::{Remote, note, say, text};
use crate::listener::{Bounds, serve};
use crate::path::segment;

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
    /// Takes why nothing more can be written.
    unwritten: Sender<anyhow::Error>,
}

/// Ctrl-C, a request to end, or a terminal that was closed: heard from the moment this is made.
struct Interruption {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl Interruption {
    fn heard() -> std::io::Result<Self> {
        let hangup = (!outlives_its_terminal()).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: hangup.transpose()?,
        })
    }

    async fn wait(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }
}

/// Whether whoever started this had it ignore that the terminal is closed, as `nohup` does.
fn outlives_its_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let signals = ignored.and_then(|signals| u64::from_str_radix(signals.trim(), 16).ok());
    // SIGHUP is the first of them.
    signals.is_some_and(|signals| signals & 1 == 1)
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
    let making = caller.call(Method::POST, &webhooks, &body);
    let (made, interrupted) = made(making, &mut interruption).await?;
    let id = text(&made, "id")?;
    let verifier = Verifier::parse(text(&made, "secret")?).map_err(|error| anyhow::anyhow!("{error}"))?;
    let (unwritten, failed) = channel(1);
    let receiver = Receiver {
        verifier: Arc::from([verifier]),
        answer,
        json,
        unwritten,
    };
    let received = if interrupted {
        Ok(())
    } else {
        note(format_args!("receiving at {url}; Ctrl-C ends"));
        receive_all(listener, receiver, failed, &mut interruption).await
    };
    let endpoint = format!("{webhooks}/{id}");
    tokio::select! {
        gone = caller.call(Method::DELETE, &endpoint, &Value::Null) => gone.and(received),
        () = interruption.wait() => bail!("interrupted again; {id} is left behind"),
    }
}

/// What the server made, and whether this was interrupted meanwhile: only its answer says what is to be taken away again.
async fn made(
    making: impl Future<Output = anyhow::Result<Value>>,
    interruption: &mut Interruption,
) -> anyhow::Result<(Value, bool)> {
    let mut making = pin!(making);
    tokio::select! {
        made = &mut making => return Ok((made?, false)),
        () = interruption.wait() => note("waiting for the answer, to take the endpoint away again"),
    }
    tokio::select! {
        made = making => Ok((made?, true)),
        () = interruption.wait() => bail!("interrupted again; an endpoint may be left behind"),
    }
}

/// Receives until interrupted, or until nothing more can be written.
async fn receive_all(
    listener: TcpListener,
    receiver: Receiver,
    mut failed: mpsc::Receiver<anyhow::Error>,
    interruption: &mut Interruption,
) -> anyhow::Result<()> {
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
    let received = tokio::select! {
        () = interruption.wait() => Ok(()),
        Some(error) = failed.recv() => Err(error),
    };
    stopping.cancel();
    received
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
    if let Err(error) = said {
        // The first is enough.
        let _ = receiver.unwritten.try_send(error);
    }
    if verified.is_ok() {
        receiver.answer
    } else {
        StatusCode::UNAUTHORIZED
    }
}
