//! `campanile tail`: the live stream in a terminal. Comes back by itself, without a gap.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use egress::{Dialer, Dns, Host, Policy};
use futures_util::{Stream, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};
use url::Url;

use super::{Remote, Unread, answer, note};

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

/// How long a server may take to answer, and how much longer than its heartbeat it may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a stream was left.
#[derive(Debug)]
struct Place {
    after: Option<String>,
    epoch: Option<String>,
    /// Whether this connection was let in.
    greeted: bool,
    /// How long this connection may be silent before it counts as dead: nobody need say that a link is gone.
    patience: Duration,
}

impl Place {
    fn new(after: Option<String>) -> Self {
        Self {
            after,
            epoch: None,
            greeted: false,
            patience: PATIENCE,
        }
    }

    /// The same place, to be reached over another connection.
    fn again(&mut self) {
        (self.greeted, self.patience) = (false, PATIENCE);
    }
}

/// The server does not want to see these credentials again: coming back would be refused as well.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

/// Close codes that say so: expired, revoked.
const REFUSED: [u16; 2] = [4001, 4003];

/// Follows until interrupted.
pub(super) async fn run(command: Tail, json: bool) -> anyhow::Result<()> {
    let mut place = Place::new(command.after.clone());
    let mut wait = Duration::from_millis(500);
    loop {
        place.again();
        let Err(error) = follow(&command, &mut place, json).await;
        if place.epoch.is_none() || error.is::<Refused>() || error.is::<Unread>() {
            return Err(error);
        }
        note(format_args!("{error:#}; coming back"));
        if place.greeted {
            wait = Duration::from_millis(500);
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(10));
    }
}

async fn follow(command: &Tail, place: &mut Place, json: bool) -> anyhow::Result<Infallible> {
    let opened = timeout(place.patience, open(command, place)).await;
    let mut socket = opened.context("the server does not answer")??;
    listen(&mut socket, place, json).await
}

/// Where the stream is, and from where on it is wanted.
fn stream_url(command: &Tail, place: &Place) -> anyhow::Result<Url> {
    let mut url = Url::parse(&command.remote.url).context("the URL of the server")?;
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme)
        .map_err(|()| anyhow::anyhow!("the URL must be http or https"))?;
    let path = format!("{}/api/v1/events/stream", url.path().trim_end_matches('/'));
    url.set_path(&path);
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
    Ok(url)
}

async fn open(command: &Tail, place: &Place) -> anyhow::Result<WebSocketStream<MaybeTlsStream<TcpStream>>> {
    let url = stream_url(command, place)?;
    let host = url.host_str().context("the URL names no host")?;
    let port = url.port_or_known_default().unwrap_or(80);
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
    let host = Host::parse(host).map_err(|refused| anyhow::anyhow!("{refused}"))?;
    let stream = dialer
        .dial(&host, port, Instant::now() + PATIENCE)
        .await
        .map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let tls = Connector::Rustls(egress::tls_client_config(&[], &["http/1.1"])?);
    let (socket, _) = tokio_tungstenite::client_async_tls_with_config(request, stream, None, Some(tls))
        .await
        .map_err(explain)?;
    Ok(socket)
}

/// Shows what comes, until nothing does.
async fn listen<S>(socket: &mut S, place: &mut Place, json: bool) -> anyhow::Result<Infallible>
where
    S: Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    loop {
        let next = timeout(place.patience, socket.next()).await;
        let next = next.with_context(|| format!("nothing came for {:?}", place.patience))?;
        match next.context("the stream ended")?? {
            Message::Text(text) => show(&text, place, json)?,
            Message::Close(frame) => return Err(parted(frame)),
            _ => {}
        }
    }
}

/// Why the server closed the stream.
fn parted(frame: Option<CloseFrame>) -> anyhow::Error {
    let code = frame.as_ref().map_or(0, |frame| u16::from(frame.code));
    let reason = frame.map_or_else(String::new, |frame| format!("{}: {}", frame.code, frame.reason));
    let text = format!("the server closed the stream {reason}");
    if REFUSED.contains(&code) {
        Refused(text).into()
    } else {
        anyhow::anyhow!(text)
    }
}

/// A refused upgrade carries a problem that says why.
fn explain(error: tungstenite::Error) -> anyhow::Error {
    if let tungstenite::Error::Http(response) = &error {
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
    if greeting {
        let heartbeat = value["heartbeat"].as_u64().unwrap_or(0);
        place.greeted = true;
        place.patience = PATIENCE.saturating_add(Duration::from_secs(heartbeat));
    }
    if let Some(cursor) = cursor.filter(|_| !greeting || place.after.is_none()) {
        place.after = Some(
            cursor
                .as_str()
                .map_or_else(|| cursor.to_string(), ToOwned::to_owned),
        );
    }
    if json {
        return answer(text);
    }
    tell(&value)
}

/// Shows a message to people.
fn tell(value: &Value) -> anyhow::Result<()> {
    match value["type"].as_str() {
        Some("event") => {
            let event = &value["event"];
            answer(format_args!(
                "{}  {}  {}  {}",
                text_of(event, "timestamp"),
                text_of(event, "id"),
                text_of(event, "type"),
                event["data"]
            ))
        }
        Some("change") => {
            let item = &value["item"];
            answer(format_args!(
                "#{}  {:9}  {}  {}",
                value["seq"],
                text_of(item, "status"),
                text_of(item, "id"),
                text_of(item, "title")
            ))
        }
        Some("mark") => answer(format_args!(
            "#{}  everything {}",
            value["seq"],
            text_of(value, "status")
        )),
        Some("hello") => {
            note("following; Ctrl-C ends");
            Ok(())
        }
        Some("reset") => {
            note("what was missed cannot be told any more; going on from here");
            Ok(())
        }
        _ => Ok(()),
    }
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn remote(url: String) -> Tail {
        let remote = Remote {
            url,
            key: "sk_x".to_owned(),
        };
        Tail {
            remote,
            user: None,
            after: None,
        }
    }

    #[test]
    fn the_path_of_the_server_is_kept() {
        for url in ["https://a.example/notify", "https://a.example/notify/"] {
            let url = stream_url(&remote(url.to_owned()), &Place::new(Some("7".to_owned())));
            let expected = "wss://a.example/notify/api/v1/events/stream?after=7";
            assert_eq!(url.expect("a URL").as_str(), expected);
        }
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_left() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let command = remote(format!("http://{}", silent.local_addr().expect("an address")));
        let mut place = Place::new(None);
        place.patience = Duration::from_millis(50);
        let error = follow(&command, &mut place, true)
            .await
            .expect_err("nobody answers");
        assert_eq!(error.to_string(), "the server does not answer");
    }

    #[tokio::test]
    async fn a_link_that_died_silently_is_left() {
        let mut place = Place::new(None);
        show(
            r#"{"type":"hello","epoch":"e","heartbeat":30}"#,
            &mut place,
            false,
        )
        .expect("a greeting");
        assert_eq!(place.patience, Duration::from_secs(40));
        place.patience = Duration::from_millis(50);
        let mut dead = stream::iter([Ok(Message::Ping(Vec::new().into()))]).chain(stream::pending());
        let error = listen(&mut dead, &mut place, true)
            .await
            .expect_err("nothing comes");
        assert_eq!(error.to_string(), "nothing came for 50ms");
        place.again();
        assert_eq!((place.patience, place.epoch.as_deref()), (PATIENCE, Some("e")));
    }
}
