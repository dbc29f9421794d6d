//! What the tests stand on: receivers whose every byte is scripted, a name server, and clients that may reach them.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use egress::{Answer, Client, Failure, Lookup, LookupError, Policy, Resolve, Settings, Target};
use http::HeaderMap;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// Long enough that a test on a busy machine does not meet it by chance.
pub(crate) const AMPLE: Duration = Duration::from_secs(20);
/// For tests that wait for the deadline to pass.
pub(crate) const SHORT: Duration = Duration::from_millis(400);

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A listening peer and the number of connections it has accepted.
pub(crate) struct Peer {
    pub(crate) addr: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Peer {
    /// Listens on `ip` and runs `behave` on every connection.
    pub(crate) async fn on<F>(
        addr: impl Into<SocketAddr>,
        behave: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(addr.into()).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                stream.set_nodelay(true).unwrap();
                tokio::spawn(behave(stream));
            }
        });
        Self { addr, connections }
    }

    /// Listens on 127.0.0.1.
    pub(crate) async fn start<F>(behave: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::on(([127, 0, 0, 1], 0), behave).await
    }

    /// Answers every request with the same bytes, on as many connections as are made.
    pub(crate) async fn answering(answer: &'static [u8]) -> Self {
        Self::start(move |stream| answer_all(stream, answer)).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?a=1", self.addr)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Keeps a connection open and does nothing with it.
pub(crate) async fn hold(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

pub(crate) async fn answer_all(mut stream: TcpStream, answer: &'static [u8]) {
    use tokio::io::AsyncWriteExt;
    while read_request(&mut stream).await.is_some() {
        if stream.write_all(answer).await.is_err() {
            break;
        }
    }
}

/// Reads one request with a `content-length`, as text.
pub(crate) async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
}

/// Settings that open all of loopback and know no name.
pub(crate) fn settings() -> Settings {
    Settings {
        policy: policy(&["127.0.0.0/8"]),
        resolver: Some(Names::none()),
        ..Settings::default()
    }
}

pub(crate) fn client() -> Client {
    Client::new(settings()).unwrap()
}

pub(crate) fn policy(allow: &[&str]) -> Policy {
    Policy::new(allow.iter().map(|network| network.parse().unwrap()), [])
}

pub(crate) fn target(client: &Client, url: &str) -> Target {
    client.policy().check_url(url).unwrap()
}

/// Posts a small body to `url` within `time`.
pub(crate) async fn post(client: &Client, url: &str, time: Duration) -> Result<Answer, Failure> {
    post_to(client, &target(client, url), time).await
}

pub(crate) async fn post_to(client: &Client, target: &Target, time: Duration) -> Result<Answer, Failure> {
    let body = Bytes::from_static(b"{\"a\":1}");
    client
        .post(target, HeaderMap::new(), body, Instant::now() + time)
        .await
}

/// A resolver with a fixed table.
pub(crate) struct Names(HashMap<&'static str, Vec<IpAddr>>);

impl Names {
    pub(crate) fn none() -> Arc<dyn Resolve> {
        Arc::new(Self(HashMap::new()))
    }

    pub(crate) fn one(name: &'static str, addresses: Vec<IpAddr>) -> Arc<dyn Resolve> {
        Arc::new(Self(HashMap::from([(name, addresses)])))
    }
}

impl Resolve for Names {
    fn lookup<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        let found = self.0.get(name).cloned().ok_or(LookupError::NotFound);
        Box::pin(async move { found })
    }
}
