//! Clients that may reach loopback, and HTTP servers that answer as they are told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use channels::outcome::Outcome;
use channels::people::{Clients, Outgoing, Sender};
use egress::{Client, Lookup, LookupError, Policy, Resolve, Settings};
use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Long enough that a test on a busy machine does not meet it by chance.
pub(crate) const AMPLE: Duration = Duration::from_secs(20);
/// For tests that wait for the deadline to pass.
pub(crate) const SHORT: Duration = Duration::from_millis(400);
/// 15 January 2027, 08:00:00 UTC.
pub(crate) const NOW: i64 = 1_800_000_000_000;

struct Names;

impl Resolve for Names {
    fn lookup<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        let found = match name {
            "mail.example" => Ok(vec!["127.0.0.1".parse().unwrap()]),
            _ => Err(LookupError::NotFound),
        };
        Box::pin(async move { found })
    }
}

pub(crate) fn client(roots: Vec<CertificateDer<'static>>) -> Client {
    Client::new(Settings {
        policy: Policy::new(["127.0.0.0/8".parse().unwrap()], []),
        resolver: Some(Arc::new(Names)),
        extra_roots: roots,
        ..Settings::default()
    })
    .unwrap()
}

pub(crate) fn clients() -> Clients {
    Clients::same(&client(Vec::new()))
}

/// A mail channel with these providers.
pub(crate) fn mail_settings(providers: &Value) -> Value {
    json!({
        "from": {"address": "noreply@lightfast.ai", "name": "Lightfast"},
        "reply_to": "support@lightfast.ai",
        "providers": providers,
    })
}

pub(crate) fn content() -> Value {
    json!({"subject": "Up again", "html": "<p>It is up.</p>", "text": "It is up."})
}

/// One attempt with the usual recipient.
pub(crate) async fn send(sender: &Sender, content: &Value) -> Outcome {
    send_to(sender, content, "ann@customer.example", AMPLE).await
}

pub(crate) async fn send_to(
    sender: &Sender,
    content: &Value,
    recipient: &str,
    deadline: Duration,
) -> Outcome {
    send_at(sender, content, (recipient, deadline), NOW).await
}

/// One attempt at another time.
pub(crate) async fn send_at(
    sender: &Sender,
    content: &Value,
    (recipient, deadline): (&str, Duration),
    now: i64,
) -> Outcome {
    sender
        .send(Outgoing {
            content: content.to_string().as_bytes(),
            recipient,
            delivery_id: "dlv_2abc",
            anew_after: 0,
            deadline,
            now,
        })
        .await
}

/// What an HTTP server got.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    /// Request line and headers, names in lower case.
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// What an HTTP server does with a request.
#[derive(Clone)]
pub(crate) enum Act {
    /// Status, further headers, body.
    Answer(u16, &'static str, String),
    /// Closes without an answer.
    Close,
    /// Never answers.
    Hang,
}

pub(crate) fn answer(status: u16, body: impl Into<String>) -> Act {
    Act::Answer(status, "", body.into())
}

/// An HTTP server that does one thing after the other, and the last one for ever.
pub(crate) struct Http {
    pub(crate) addr: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Http {
    pub(crate) async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let got = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&got);
        let count = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, count, acts) = (Arc::clone(&seen), Arc::clone(&count), acts.clone());
                tokio::spawn(async move {
                    let _ = serve(stream, &seen, &count, &acts).await;
                });
            }
        });
        Self { addr, got }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Got>>,
    count: &AtomicUsize,
    acts: &[Act],
) -> Option<()> {
    loop {
        let got = read_request(&mut stream).await?;
        seen.lock().push(got);
        let at = count.fetch_add(1, Ordering::SeqCst).min(acts.len() - 1);
        match &acts[at] {
            Act::Answer(status, headers, body) => {
                let head = format!(
                    "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(head.as_bytes()).await.ok()?;
                stream.write_all(body.as_bytes()).await.ok()?;
            }
            Act::Close => return None,
            Act::Hang => std::future::pending::<()>().await,
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head: String = String::from_utf8_lossy(&bytes[..end])
                .lines()
                .map(|line| match line.split_once(": ") {
                    Some((name, value)) => format!("{}: {value}\n", name.to_ascii_lowercase()),
                    None => format!("{line}\n"),
                })
                .collect();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                let body = serde_json::from_slice(&bytes[end + 4..]).unwrap_or(Value::Null);
                return Some(Got { head, body });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
