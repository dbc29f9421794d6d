//! One request, one deadline, one bounded answer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, RETRY_AFTER, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::Full;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use crate::connection::{Broken, Connection, Limits, Outgoing, Reply};
use crate::dial::Dialer;
use crate::failure::{Failure, FailureKind, Fault};
use crate::policy::Policy;
use crate::pool::{Pool, PoolLimits};
use crate::refused::Refused;
use crate::resolve::{Dns, Resolve};
use crate::smtp;
use crate::target::Target;
use crate::tls;
use crate::wire::{Stream, Wire};

/// How a [`Client`] behaves.
#[derive(Clone)]
pub struct Settings {
    /// Which addresses may be reached.
    pub policy: Policy,
    /// Who resolves names; the system's name servers where it is `None`.
    pub resolver: Option<Arc<dyn Resolve>>,
    /// Longest time for resolving, and again for connecting, within the deadline of the request.
    pub connect_timeout: Duration,
    /// Longest time a connection waits for its next request. A peer that says less (`Keep-Alive: timeout=5`) gets less.
    pub pool_idle_timeout: Duration,
    /// Most idle connections to one host and port.
    pub pool_idle_per_host: usize,
    /// Most idle connections in all.
    pub pool_idle_total: usize,
    /// Longest life of a connection, so that none outlives a move of its host's name for ever.
    pub max_connection_age: Duration,
    /// Most bytes kept of an answer's body. What comes after them is not read.
    pub max_body: usize,
    /// Most bytes of an answer's head. There may be a hundred headers in it.
    pub max_head: usize,
    /// Certificate authorities trusted beside the public and the system's.
    pub extra_roots: Vec<CertificateDer<'static>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            resolver: None,
            connect_timeout: Duration::from_secs(5),
            pool_idle_timeout: Duration::from_secs(30),
            pool_idle_per_host: 64,
            pool_idle_total: 1024,
            max_connection_age: Duration::from_mins(5),
            max_body: 16 * 1024,
            max_head: 16 * 1024,
            extra_roots: Vec::new(),
        }
    }
}

/// Why a client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The resolver could not be made.
    #[error("name resolution cannot be set up: {0}")]
    Resolver(String),
    /// An extra root certificate is unusable.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// A complete answer, whatever its status: what a 503 means is the caller's to say.
#[derive(Clone)]
pub struct Answer {
    /// The status line's code.
    pub status: u16,
    /// The `Retry-After` header, unparsed.
    pub retry_after: Option<HeaderValue>,
    /// The `Content-Type` header.
    pub content_type: Option<HeaderValue>,
    /// The body as sent, up to [`Settings::max_body`] bytes.
    pub body: Bytes,
    /// Whether the body was longer.
    pub truncated: bool,
    /// From the call to the last byte.
    pub elapsed: Duration,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("truncated", &self.truncated)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}

/// An HTTP/1.1 client for destinations that strangers name. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    dialer: Dialer,
    tls: TlsConnector,
    pool: Pool,
    pool_limits: PoolLimits,
    limits: Limits,
}

impl Client {
    /// Sets a client up. Reads the system's certificates and, without a resolver in the settings, its DNS
    /// configuration; opens nothing.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let resolver = match settings.resolver {
            Some(resolver) => resolver,
            None => Arc::new(Dns::system().map_err(|error| SetupError::Resolver(error.to_string()))?),
        };
        let tls = tls::client_config(&settings.extra_roots, &["http/1.1"])?;
        let pool_limits = PoolLimits {
            idle_timeout: settings.pool_idle_timeout,
            max_age: settings.max_connection_age,
            per_origin: settings.pool_idle_per_host,
            total: settings.pool_idle_total,
        };
        Ok(Self(Arc::new(Inner {
            dialer: Dialer::new(settings.policy, resolver, settings.connect_timeout),
            tls: TlsConnector::from(tls),
            pool: Pool::new(pool_limits),
            pool_limits,
            limits: Limits {
                head: settings.max_head,
                body: settings.max_body,
            },
        })))
    }

    /// A client like this one under another policy, with connections of its own: one for the hosts an operator configures
    /// beside one for the URLs of strangers.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self(Arc::new(Inner {
            dialer: self.0.dialer.with_policy(policy),
            tls: self.0.tls.clone(),
            pool: Pool::new(self.0.pool_limits),
            pool_limits: self.0.pool_limits,
            limits: self.0.limits,
        }))
    }

    /// A mail server that is reached under this client's policy and must show a certificate this client trusts. Opens
    /// nothing.
    pub fn relay(&self, settings: smtp::Settings) -> Result<smtp::Relay, Refused> {
        let mut tls = ClientConfig::clone(self.0.tls.config());
        tls.alpn_protocols.clear();
        let tls = TlsConnector::from(Arc::new(tls));
        smtp::Relay::new(settings, self.0.dialer.clone(), tls)
    }

    /// The policy of this client, for checking URLs when they are stored.
    pub fn policy(&self) -> &Policy {
        self.0.dialer.policy()
    }

    /// The dialer this client connects with, for resolving names by the same rules and for other protocols.
    pub fn dialer(&self) -> &Dialer {
        &self.0.dialer
    }

    /// How many connections wait for a next request.
    pub fn idle_connections(&self) -> usize {
        self.0.pool.len()
    }

    /// Closes connections that have been idle for too long. Traffic does so in passing; call it now and then for the
    /// hours without any.
    pub fn sweep(&self) {
        self.0.pool.sweep(Instant::now());
    }

    /// Sends a POST; see [`request`](Self::request).
    pub async fn post(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        self.request(Method::POST, target, headers, body, deadline).await
    }

    /// Sends one request and reads its answer, all of it before `deadline`: name resolution, connecting, TLS, writing,
    /// reading head and body.
    ///
    /// `Host` and `Content-Length` are set here; headers that speak about the connection are dropped. Redirects are
    /// answers like any other. The request is written at most once, except that one for which a kept connection
    /// proved dead before any byte was written goes over another.
    pub async fn request(
        &self,
        method: Method,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let start = Instant::now();
        if deadline <= start {
            let fault = Fault::new(
                FailureKind::Timeout,
                "the deadline had passed before the request began",
            );
            return Err(fault.before_sending(Duration::ZERO));
        }
        let mut request = compose(method, target, headers, body);
        loop {
            let (mut connection, reused) = match self.0.pool.take(target.origin(), Instant::now()) {
                Some(connection) => (connection, true),
                None => (self.open(target, start, deadline).await?, false),
            };
            match timeout_at(deadline, connection.exchange(request, self.0.limits)).await {
                Ok(Ok(reply)) => return Ok(self.finish(target, connection, reply, start)),
                Ok(Err(Broken::Unsent(unsent))) if reused => request = *unsent,
                Ok(Err(broken)) => return Err(failure(&connection, broken.into(), start)),
                Err(_) => return Err(failure(&connection, late(&connection), start)),
            }
        }
    }

    async fn open(
        &self,
        target: &Target,
        start: Instant,
        deadline: Instant,
    ) -> Result<Box<Connection>, Failure> {
        self.connect(target, deadline)
            .await
            .map_err(|fault| fault.before_sending(start.elapsed()))
    }

    async fn connect(&self, target: &Target, deadline: Instant) -> Result<Box<Connection>, Fault> {
        let tcp = self
            .0
            .dialer
            .connect(target.host(), target.port(), deadline)
            .await?;
        let stream = match &target.origin().tls {
            None => Stream::Plain(tcp),
            Some(name) => Stream::Tls(Box::new(
                tls::handshake(&self.0.tls, name.clone(), tcp, deadline).await?,
            )),
        };
        let wrote = Arc::new(AtomicBool::new(false));
        Connection::open(Wire::new(stream, Arc::clone(&wrote)), wrote, self.0.limits).await
    }

    /// Turns a reply into an answer, and keeps the connection if the reply was read to its end.
    fn finish(&self, target: &Target, connection: Box<Connection>, reply: Reply, start: Instant) -> Answer {
        let now = Instant::now();
        if !reply.truncated {
            self.0.pool.put(target.origin(), connection, now);
        }
        Answer {
            status: reply.status,
            retry_after: kept(&reply.headers, &RETRY_AFTER),
            content_type: kept(&reply.headers, &CONTENT_TYPE),
            body: reply.body,
            truncated: reply.truncated,
            elapsed: now - start,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("dialer", &self.0.dialer)
            .field("idle", &self.idle_connections())
            .finish_non_exhaustive()
    }
}

/// Headers about the connection or the framing. A caller's would at best contradict ours.
const OURS: [HeaderName; 10] = [
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    HOST,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

fn compose(method: Method, target: &Target, mut headers: HeaderMap, body: Bytes) -> Outgoing {
    for name in &OURS {
        headers.remove(name);
    }
    headers.insert(HOST, target.host_header().clone());
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = target.path().clone();
    *request.headers_mut() = headers;
    request
}

/// A copy of a header that does not hold on to the buffer the whole head was read into.
fn kept(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    HeaderValue::from_bytes(headers.get(name)?.as_bytes()).ok()
}

fn failure(connection: &Connection, fault: Fault, start: Instant) -> Failure {
    let status = connection.status();
    let detail = match status {
        Some(status) => format!("{} (status {status} had arrived)", fault.detail).into(),
        None => fault.detail,
    };
    Failure {
        kind: fault.kind,
        sent: connection.wrote(),
        status,
        elapsed: start.elapsed(),
        detail,
    }
}

fn late(connection: &Connection) -> Fault {
    let detail = match (connection.status(), connection.wrote()) {
        (Some(_), _) => "the answer's body did not end before the deadline",
        (None, true) => "no answer came before the deadline",
        (None, false) => "the deadline passed before the request was sent",
    };
    Fault::new(FailureKind::Timeout, detail)
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Failed(fault) => fault,
            Broken::Unsent(_) => Self::new(FailureKind::Closed, "the peer closed the connection at once"),
        }
    }
}
