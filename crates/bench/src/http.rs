//! A tiny HTTP client that says what became of a request.
//!
//! The torture must tell a request that was never sent from one whose answer was lost: the first did not happen, the
//! second may have. Common clients hide that difference, so this one is written by hand.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::wire;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing was sent: the request did not happen.
    NotSent(std::io::Error),
    /// It was sent, at least in part, and the answer never came whole: it may have happened.
    Lost(std::io::Error),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotSent(error) => write!(f, "not sent: {error}"),
            Self::Lost(error) => write!(f, "answer lost: {error}"),
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status code.
    pub(crate) status: u16,
    /// The bytes of the body.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Whether it was a 2xx.
    pub(crate) fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body's beginning, for a message.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body[..self.body.len().min(300)]).into_owned()
    }
}

/// One request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request<'a> {
    /// `GET`, `POST`, ...
    pub(crate) method: &'a str,
    /// Path and query, already encoded.
    pub(crate) path: &'a str,
    /// The bearer.
    pub(crate) key: &'a str,
    /// The `Idempotency-Key`.
    pub(crate) idempotency: Option<&'a str>,
    /// A JSON body, as the bytes to send.
    pub(crate) body: Option<&'a str>,
}

/// One connection, opened when first needed and again after it broke.
#[derive(Debug)]
pub(crate) struct Connection {
    addr: SocketAddr,
    stream: Option<TcpStream>,
    timeout: Duration,
}

impl Connection {
    /// A connection to be opened to `addr`; a request may take `timeout` in all.
    pub(crate) fn new(addr: SocketAddr, timeout: Duration) -> Self {
        Self {
            addr,
            stream: None,
            timeout,
        }
    }

    /// Sends one request and waits for its whole answer.
    pub(crate) async fn send(&mut self, request: &Request<'_>) -> Result<Reply, Failure> {
        let timeout = self.timeout;
        let answer = tokio::time::timeout(timeout, self.exchange(request)).await;
        answer.unwrap_or_else(|_| {
            self.stream = None;
            Err(Failure::Lost(std::io::ErrorKind::TimedOut.into()))
        })
    }

    async fn exchange(&mut self, request: &Request<'_>) -> Result<Reply, Failure> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.addr).await.map_err(Failure::NotSent)?,
        };
        stream
            .write_all(&bytes_of(request))
            .await
            .map_err(Failure::Lost)?;
        let (reply, reusable) = read_reply(&mut stream).await.map_err(Failure::Lost)?;
        self.stream = reusable.then_some(stream);
        Ok(reply)
    }
}

async fn connect(addr: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn bytes_of(request: &Request<'_>) -> Vec<u8> {
    let Request {
        method, path, key, ..
    } = request;
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: campanile\r\nauthorization: Bearer {key}\r\n");
    if let Some(key) = request.idempotency {
        text.extend(["idempotency-key: ", key, "\r\n"]);
    }
    if let Some(body) = request.body {
        text.extend([
            "content-type: application/json\r\ncontent-length: ",
            &body.len().to_string(),
            "\r\n",
        ]);
    }
    text.push_str("\r\n");
    text.push_str(request.body.unwrap_or_default());
    text.into_bytes()
}

async fn read_reply(stream: &mut TcpStream) -> std::io::Result<(Reply, bool)> {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        if let Some((reply, reusable)) = whole_reply(&buffer) {
            return Ok((reply, reusable));
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn whole_reply(buffer: &[u8]) -> Option<(Reply, bool)> {
    let head = wire::head_end(buffer)?;
    let status = wire::status(buffer);
    let body = if wire::header(&buffer[..head], b"transfer-encoding").is_some() {
        wire::unchunked(&buffer[head..])?
    } else {
        let (head, end) = wire::framed(buffer)?;
        buffer[head..end].to_vec()
    };
    let close = wire::header(&buffer[..head], b"connection")
        .is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
    Some((Reply { status, body }, !close))
}

/// The set-up calls: JSON in, JSON out, anything but a 2xx is an error.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    /// The server.
    pub(crate) addr: SocketAddr,
    /// The bearer of every call.
    pub(crate) key: String,
}

impl Api {
    /// One call on a connection of its own.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Reply> {
        let body = body.map(Value::to_string);
        let request = Request {
            method,
            path,
            key: &self.key,
            idempotency: None,
            body: body.as_deref(),
        };
        let mut connection = Connection::new(self.addr, Duration::from_secs(30));
        match connection.send(&request).await {
            Ok(reply) => Ok(reply),
            Err(failure) => bail!("{method} {path}: {failure}"),
        }
    }

    /// One call that must succeed.
    pub(crate) async fn expect(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let reply = self.call(method, path, body).await?;
        if !reply.ok() {
            bail!("{method} {path}: {} {}", reply.status, reply.text());
        }
        Ok(reply.json())
    }

    /// `POST`, and what it answered.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.expect("POST", path, Some(&body)).await
    }

    /// `GET`.
    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.expect("GET", path, None).await
    }

    /// The text found under `field` of an answer.
    pub(crate) async fn post_for(&self, path: &str, body: Value, field: &str) -> Result<String> {
        let answer = self.post(path, body).await?;
        let text = answer[field]
            .as_str()
            .with_context(|| format!("POST {path}: no `{field}` in {answer}"))?;
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_whole_or_nothing() {
        let bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        assert!(whole_reply(&bytes[..bytes.len() - 4]).is_none());
        let (reply, reusable) = whole_reply(bytes).expect("whole");
        assert!(reply.ok() && reusable);
        assert_eq!(reply.body, b"{}");
        let (_, reusable) =
            whole_reply(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").expect("whole");
        assert!(!reusable);
    }

    #[tokio::test]
    async fn a_refused_connection_is_not_sent_and_a_cut_one_is_lost() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let addr = listener.local_addr().expect("addr");
        let request = Request {
            method: "GET",
            path: "/",
            ..Request::default()
        };
        let mut connection = Connection::new(addr, Duration::from_secs(5));
        let cut = async {
            let (stream, _) = listener.accept().await.expect("accept");
            drop(stream);
        };
        let (answer, ()) = tokio::join!(connection.send(&request), cut);
        assert!(matches!(answer, Err(Failure::Lost(_))));
        // The connection is gone, and this port is nobody's: one that was free a moment ago may be another test's by now.
        let mut nobodys = Connection::new(([127, 0, 0, 1], 1).into(), Duration::from_secs(5));
        assert!(matches!(nobodys.send(&request).await, Err(Failure::NotSent(_))));
    }
}
