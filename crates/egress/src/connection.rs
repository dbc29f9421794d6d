//! One HTTP/1.1 connection, driven by whoever uses it.
//!
//! hyper splits a connection into a handle and a future that does the IO, and expects the future to run in a task of
//! its own; then every request costs two wake-ups across tasks. Here the task that sends polls both. That makes the
//! order of events local and therefore simple: the driver is polled with the task's own waker, and what depends on
//! the driver alone (the reply, the next frame) is polled right after it, and needs no waker at all.

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::{Duration, Instant};

use crate::failure::{FailureKind, Fault};
use crate::wire::Wire;

/// What is sent: everything in memory, so that it can be handed back unsent.
pub(crate) type Outgoing = Request<Full<Bytes>>;

/// The head and the bounded body of an answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) truncated: bool,
}

/// Why an exchange brought no reply.
pub(crate) enum Broken {
    /// The connection was dead and the request never left: it may be sent over another.
    Unsent(Box<Outgoing>),
    /// Something happened on the way; see [`Connection::wrote`].
    Failed(Fault),
}

/// Limits of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) head: usize,
    pub(crate) body: usize,
}

/// An open connection, idle or in the middle of one exchange.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    wrote: Arc<AtomicBool>,
    status: Option<u16>,
    keep_alive: Option<Duration>,
    /// When it was opened.
    pub(crate) born: Instant,
}

impl Connection {
    /// Speaks HTTP/1.1 over a connected stream. Boxed, for it is moved in and out of the pool.
    pub(crate) async fn open(wire: Wire, wrote: Arc<AtomicBool>, limits: Limits) -> Result<Box<Self>, Fault> {
        let (sender, io) = http1::Builder::new()
            .max_buf_size(limits.head.max(SMALLEST_BUFFER))
            .max_header_size(limits.head)
            .handshake(TokioIo::new(wire))
            .await
            .map_err(|error| fault_of(&error))?;
        Ok(Box::new(Self {
            sender,
            driver: Driver(Some(io)),
            wrote,
            status: None,
            keep_alive: None,
            born: Instant::now(),
        }))
    }

    /// Whether the last exchange is complete on both sides and the peer has not closed, so that there can be a next one.
    ///
    /// This polls the driver a last time with no waker, so that the task which used the connection is not woken for it
    /// any more.
    pub(crate) fn is_ready(&mut self) -> bool {
        self.driver.poll(&mut quiet());
        self.driver.0.is_some() && self.sender.is_ready()
    }

    /// How long the peer said it keeps an idle connection, less a second for the way.
    pub(crate) fn keep_alive(&self) -> Option<Duration> {
        self.keep_alive
    }

    /// Whether a byte of the last request was handed to the system.
    pub(crate) fn wrote(&self) -> bool {
        self.wrote.load(Ordering::Relaxed)
    }

    /// The status of the last answer, as soon as its head has arrived.
    pub(crate) fn status(&self) -> Option<u16> {
        self.status
    }

    /// Sends a request and reads its answer up to the limit. Dropped half-way, the connection is of no more use.
    pub(crate) async fn exchange(&mut self, request: Outgoing, limits: Limits) -> Result<Reply, Broken> {
        self.wrote.store(false, Ordering::Relaxed);
        self.status = None;
        let (head, mut body) = self.head_of(request).await?.into_parts();
        self.status = Some(head.status.as_u16());
        self.keep_alive = head.headers.get("keep-alive").and_then(keep_alive_limit);
        let (body, truncated) = self
            .collect(&mut body, limits.body)
            .await
            .map_err(Broken::Failed)?;
        Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            truncated,
        })
    }

    /// The driver reads before it takes up the request: a connection that died while idle gives the request back.
    async fn head_of(&mut self, request: Outgoing) -> Result<Response<Incoming>, Broken> {
        let Self { sender, driver, .. } = self;
        let mut reply = pin!(sender.try_send_request(request));
        poll_fn(|cx| {
            driver.poll(cx);
            reply.as_mut().poll(&mut quiet())
        })
        .await
        .map_err(|mut error| match error.take_message() {
            Some(request) => Broken::Unsent(Box::new(request)),
            None => Broken::Failed(fault_of(error.error())),
        })
    }

    /// Reads at most `limit` bytes of a body and says whether there was more. The bytes are copied, so that hyper
    /// can use its read buffer again.
    async fn collect(&mut self, body: &mut Incoming, limit: usize) -> Result<(Bytes, bool), Fault> {
        let mut kept = Vec::new();
        while let Some(frame) = self.frame_of(body).await {
            let Ok(data) = frame.map_err(|error| fault_of(&error))?.into_data() else {
                continue;
            };
            let room = limit - kept.len();
            kept.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() > room {
                return Ok((kept.into(), true));
            }
        }
        Ok((kept.into(), false))
    }

    async fn frame_of(&mut self, body: &mut Incoming) -> Option<hyper::Result<Frame<Bytes>>> {
        if body.is_end_stream() {
            return None;
        }
        poll_fn(|cx| {
            // Asking for a frame is what lets the driver read on, so a second round often has one already.
            for _ in 0..2 {
                self.driver.poll(cx);
                if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(&mut quiet()) {
                    return Poll::Ready(frame);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// hyper's half of a connection that does the IO, gone once it has ended: dropping it is what makes hyper answer
/// whoever still waits for a reply or a frame.
struct Driver(Option<http1::Connection<TokioIo<Wire>, Full<Bytes>>>);

impl Driver {
    fn poll(&mut self, cx: &mut Context<'_>) {
        if let Some(io) = &mut self.0
            && Pin::new(io).poll(cx).is_ready()
        {
            self.0 = None;
        }
    }
}

/// hyper takes no smaller read buffer.
const SMALLEST_BUFFER: usize = 8192;

/// A context for futures that cannot progress unless the driver was polled.
fn quiet() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// Reads `Keep-Alive: timeout=5, max=100`. Node closes after five idle seconds; a request sent at that very moment
/// is lost with its outcome unknown, so we let go first.
fn keep_alive_limit(value: &http::HeaderValue) -> Option<Duration> {
    let seconds = value
        .to_str()
        .ok()?
        .split(',')
        .find_map(|part| part.trim().strip_prefix("timeout="))?
        .parse::<u64>()
        .ok()?;
    Some(Duration::from_secs(seconds.saturating_sub(1)))
}

fn fault_of(error: &hyper::Error) -> Fault {
    if error.is_parse() {
        return Fault::new(
            FailureKind::Protocol,
            "the answer's head is not HTTP/1.1, or too large",
        );
    }
    let io = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>());
    let tls = io
        .and_then(io::Error::get_ref)
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(tls) = tls {
        return Fault::new(FailureKind::Tls, format!("the TLS connection failed: {tls}"));
    }
    match io.map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => Fault::new(
            FailureKind::Protocol,
            "the answer's body is not framed as HTTP/1.1 says",
        ),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            Fault::new(FailureKind::Closed, "the peer reset the connection")
        }
        _ => Fault::new(
            FailureKind::Closed,
            "the peer closed the connection before its answer was complete",
        ),
    }
}
