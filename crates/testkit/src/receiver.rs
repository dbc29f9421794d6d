//! A webhook receiver whose answers can be changed mid-test, and which keeps what it was sent.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::{PATIENCE, sign};

/// What a receiver answers.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    delay: Duration,
    hang_up: bool,
    held: Option<watch::Receiver<bool>>,
}

impl Answer {
    /// This status, with an empty body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// No answer: the connection is closed after the request was read.
    pub fn hang_up() -> Self {
        Self {
            hang_up: true,
            ..Self::default()
        }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("the value of a header");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// After a while.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Not before the sender is set to `true` or dropped.
    #[must_use]
    pub fn held(mut self) -> (Self, watch::Sender<bool>) {
        let (release, held) = watch::channel(false);
        self.held = Some(held);
        (self, release)
    }
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// Path and query it was sent to.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// The raw bytes.
    pub body: Bytes,
    /// When, by the machine's clock.
    pub at: Instant,
}

impl Received {
    /// A header that must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.headers));
        value.to_str().expect("ASCII")
    }

    /// `webhook-id`.
    #[track_caller]
    pub fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }

    /// `webhook-timestamp`, in seconds.
    #[track_caller]
    pub fn timestamp(&self) -> i64 {
        self.header("webhook-timestamp").parse().expect("whole seconds")
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// `type` of the envelope.
    #[track_caller]
    pub fn kind(&self) -> String {
        self.json()["type"]
            .as_str()
            .expect("an envelope has a type")
            .to_owned()
    }

    /// Whether one of the signatures was made with this secret over the raw bytes.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let expected = sign(
            secret,
            self.header("webhook-id"),
            self.header("webhook-timestamp"),
            &self.body,
        );
        self.header("webhook-signature")
            .split(' ')
            .any(|signature| signature == expected)
    }

    /// How many signatures it carries.
    pub fn signatures(&self) -> usize {
        self.header("webhook-signature").split(' ').count()
    }
}

#[derive(Debug, Default)]
struct State {
    usual: Answer,
    next: VecDeque<Answer>,
    received: Vec<Received>,
}

/// A running receiver. Answers 200 until told otherwise.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    count: watch::Receiver<usize>,
}

impl Receiver {
    /// Listens on a port of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State {
            usual: Answer::status(200),
            ..State::default()
        }));
        let (counted, count) = watch::channel(0);
        let shared = Arc::clone(&state);
        #[expect(
            clippy::disallowed_methods,
            reason = "the receiver is not the server: it ends with the test"
        )]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, counted) = (Arc::clone(&shared), counted.clone());
                tokio::spawn(async move {
                    let service =
                        service_fn(move |request| take(Arc::clone(&state), counted.clone(), request));
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self {
            address,
            state,
            count,
        }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.url_at("/hook")
    }

    /// Where it listens, under another path.
    pub fn url_at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on answers this.
    pub fn answer(&self, answer: Answer) {
        self.state.lock().usual = answer;
    }

    /// Answers these first, in order.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.lock().next.extend(answers);
    }

    /// Everything that arrived, in order.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().received.clone()
    }

    /// How much arrived.
    pub fn count(&self) -> usize {
        self.state.lock().received.len()
    }

    /// Waits until this much arrived; answers everything.
    #[track_caller]
    pub fn wait(&self, count: usize) -> impl Future<Output = Vec<Received>> {
        let caller = std::panic::Location::caller();
        let (mut counter, state) = (self.count.clone(), Arc::clone(&self.state));
        async move {
            // What it answers is a lock, which must not be held while another is taken.
            let came = tokio::time::timeout(PATIENCE, counter.wait_for(|came| *came >= count))
                .await
                .is_ok();
            let received = state.lock().received.clone();
            let kinds: Vec<_> = received
                .iter()
                .map(|request| String::from_utf8_lossy(&request.body).into_owned())
                .collect();
            assert!(
                came,
                "{caller}: waited for {count} requests, {} came: {kinds:#?}",
                received.len()
            );
            received
        }
    }

    /// Waits for the request of this number, counted from 0.
    pub async fn nth(&self, index: usize) -> Received {
        self.wait(index + 1).await.swap_remove(index)
    }
}

async fn take(
    state: Arc<Mutex<State>>,
    counted: watch::Sender<usize>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let at = Instant::now();
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let path = parts
        .uri
        .path_and_query()
        .map_or_else(String::new, ToString::to_string);
    let answer = {
        let mut state = state.lock();
        state.received.push(Received {
            path,
            headers: parts.headers,
            body,
            at,
        });
        counted.send_replace(state.received.len());
        state.next.pop_front().unwrap_or_else(|| state.usual.clone())
    };
    if let Some(mut held) = answer.held {
        let _ = held.wait_for(|released| *released).await;
    }
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    if answer.hang_up {
        return Err(std::io::Error::other("hangs up"));
    }
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = http::StatusCode::from_u16(answer.status).expect("a status");
    *response.headers_mut() = answer.headers;
    Ok::<_, Infallible>(response).map_err(|never| match never {})
}
