//! `campanile tail`: the live stream in a terminal. Comes back by itself, without a gap.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use egress::{Dialer, Dns, Host, Policy};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::Instant;
use tokio_tungstenite::Connector;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use url::Url;

use super::Remote;

#[derive(Debug, Args)]
pub(super) struct Tail {
    #[command(flatten)]
    remote: Remote,
    /// Follow this user's feed instead of events (with an environment key).
    #[arg(long)]
    user: Option<String>,
    /// Begin behind this cursor or number.
    #[arg(long)]
    after: Option<String>,
}

/// Where a stream was left.
#[derive(Debug, Default)]
struct Place {
    after: Option<String>,
    epoch: Option<String>,
    /// Whether this connection was let in.
    greeted: bool,
}

/// The server does not want to see these credentials again: coming back would be refused as well.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

/// Close codes that say so: expired, revoked.
const REFUSED: [u16; 2] = [4001, 4003];

/// Follows until interrupted.
pub(super) async fn run(command: Tail, json: bool) -> anyhow::Result<()> {
    let mut place = Place {
        after: command.after.clone(),
        ..Place::default()
    };
    let mut wait = Duration::from_millis(500);
    loop {
        place.greeted = false;
        let Err(error) = follow(&command, &mut place, json).await;
        if place.epoch.is_none() || error.is::<Refused>() {
            return Err(error);
        }
        eprintln!("campanile: {error:#}; coming back");
        if place.greeted {
            wait = Duration::from_millis(500);
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(10));
    }
}

async fn follow(command: &Tail, place: &mut Place, json: bool) -> anyhow::Result<Infallible> {
    let mut url = Url::parse(&command.remote.url).context("the URL of the server")?;
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    let host = url.host_str().context("the URL names no host")?.to_owned();
    let port = url.port_or_known_default().unwrap_or(80);
    url.set_scheme(scheme)
        .map_err(|()| anyhow::anyhow!("the URL must be http or https"))?;
    url.set_path("/api/v1/events/stream");
    let parameters = [
        ("user", &command.user),
        ("after", &place.after),
        ("epoch", &place.epoch),
    ];
    for (name, value) in parameters {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    let mut request = url.as_str().into_client_request()?;
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {}", command.remote.key).parse()?);
    let everywhere = ["0.0.0.0/0".parse()?, "::/0".parse()?];
    let dialer = Dialer::new(
        Policy::new(everywhere, []),
        Arc::new(Dns::system()?),
        Duration::from_secs(5),
    );
    let host = Host::parse(&host).map_err(|refused| anyhow::anyhow!("{refused}"))?;
    let deadline = Instant::now() + Duration::from_secs(10);
    let stream = dialer
        .dial(&host, port, deadline)
        .await
        .map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let tls = Connector::Rustls(egress::tls_client_config(&[], &["http/1.1"])?);
    let (mut socket, _) = tokio_tungstenite::client_async_tls_with_config(request, stream, None, Some(tls))
        .await
        .map_err(explain)?;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => show(&text, place, json)?,
            Message::Close(frame) => {
                let code = frame.as_ref().map_or(0, |frame| u16::from(frame.code));
                let reason =
                    frame.map_or_else(String::new, |frame| format!("{}: {}", frame.code, frame.reason));
                let text = format!("the server closed the stream {reason}");
                return Err(if REFUSED.contains(&code) {
                    Refused(text).into()
                } else {
                    anyhow::anyhow!(text)
                });
            }
            _ => {}
        }
    }
    anyhow::bail!("the stream ended")
}

/// A refused upgrade carries a problem that says why.
fn explain(error: tokio_tungstenite::tungstenite::Error) -> anyhow::Error {
    if let tokio_tungstenite::tungstenite::Error::Http(response) = &error {
        let body = response.body().as_deref().unwrap_or_default();
        let status = response.status();
        if let Ok(problem) = serde_json::from_slice::<Value>(body) {
            let text = format!(
                "{} {}",
                problem["status"],
                problem["detail"].as_str().unwrap_or("")
            );
            return match status.as_u16() {
                401 | 403 | 404 => Refused(text).into(),
                _ => anyhow::anyhow!(text),
            };
        }
    }
    error.into()
}

fn show(text: &str, place: &mut Place, json: bool) -> anyhow::Result<()> {
    let value: Value = serde_json::from_str(text)?;
    if let Some(epoch) = value["epoch"].as_str() {
        place.epoch = Some(epoch.to_owned());
    }
    let cursor = [&value["cursor"], &value["seq"], &value["through"]]
        .into_iter()
        .find(|value| !value.is_null());
    // A greeting names the end of the stream: who comes back has not got there yet.
    let greeting = value["type"] == "hello";
    place.greeted |= greeting;
    if let Some(cursor) = cursor.filter(|_| !greeting || place.after.is_none()) {
        place.after = Some(
            cursor
                .as_str()
                .map_or_else(|| cursor.to_string(), ToOwned::to_owned),
        );
    }
    if json {
        println!("{text}");
        return Ok(());
    }
    match value["type"].as_str() {
        Some("event") => {
            let event = &value["event"];
            println!(
                "{}  {}  {}  {}",
                text_of(event, "timestamp"),
                text_of(event, "id"),
                text_of(event, "type"),
                event["data"]
            );
        }
        Some("change") => {
            let item = &value["item"];
            println!(
                "#{}  {:9}  {}  {}",
                value["seq"],
                text_of(item, "status"),
                text_of(item, "id"),
                text_of(item, "title")
            );
        }
        Some("mark") => println!("#{}  everything {}", value["seq"], text_of(&value, "status")),
        Some("hello") => eprintln!("following; Ctrl-C ends"),
        Some("reset") => eprintln!("what was missed cannot be told any more; going on from here"),
        _ => {}
    }
    Ok(())
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}
