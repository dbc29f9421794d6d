//! SMTP as a client: one mail server, a few kept connections, one deadline, and the stage at which something went wrong.
//!
//! Own code on the wire, for what a caller must know is at which stage an attempt ended: before the end of the message it
//! may be tried again, after it the mail may have been taken. It also lets TLS be the one of this crate, and keeps what a
//! stranger between us and the server says in plain text out of the encrypted session. What a message looks like is not
//! known here.
//!
//! Deliberately absent: several recipients in one transaction, since each would need an outcome of its own; pipelining,
//! since then an answer no longer belongs to one command at a glance.

mod failure;
mod reply;
mod session;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::pki_types::ServerName;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

pub use failure::{Cause, Failure, Lacking, Stage};
pub use reply::Reply;

use crate::dial::Dialer;
use crate::refused::Refused;
use crate::target::{Host, server_name};
use failure::Halt;
use session::Session;

/// Longest wait to hear that a kept connection still lives; after it another is opened.
const STILL_THERE: Duration = Duration::from_secs(3);

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// In plain text at first, then encrypted, or given up.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all.
    None,
}

/// How the server is told who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// User name and password in one line.
    Plain,
    /// User name and password, each asked for.
    Login,
    /// An OAuth access token in the password's place.
    Xoauth2,
}

impl Mechanism {
    /// The word in the server's `AUTH` line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::Xoauth2 => "XOAUTH2",
        }
    }
}

/// Who we are to the server.
#[derive(Clone)]
pub struct Login {
    /// The user name.
    pub username: String,
    /// The password, or the access token.
    pub password: String,
    /// The mechanism; where it is `None`, `PLAIN` or else `LOGIN`, as the server offers.
    pub mechanism: Option<Mechanism>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("mechanism", &self.mechanism)
            .finish_non_exhaustive()
    }
}

/// A mail server and how it is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its host.
    pub host: Host,
    /// Its port: usually 587, 465 with [`Security::Tls`].
    pub port: u16,
    /// How the connection is encrypted.
    pub security: Security,
    /// How we call ourselves: a host name, or an address in brackets.
    pub hello: String,
    /// Who we are; `None` where the server does not ask.
    pub login: Option<Login>,
    /// Most connections at one time.
    pub max_connections: usize,
    /// Longest time a connection waits for its next mail.
    pub idle_timeout: Duration,
    /// Most mails over one connection.
    pub max_mails: u32,
}

impl Settings {
    /// A server with encryption required, nobody logged in, and a small pool.
    pub fn new(host: Host, port: u16, hello: impl Into<String>) -> Self {
        Self {
            host,
            port,
            security: Security::StartTls,
            hello: hello.into(),
            login: None,
            max_connections: 4,
            idle_timeout: Duration::from_secs(30),
            max_mails: 100,
        }
    }
}

/// Who sends to whom.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Where bounces go.
    pub from: &'a str,
    /// The recipient.
    pub to: &'a str,
}

/// A mail the server took.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it answered at the end, most often with its own id of the mail.
    pub reply: Reply,
    /// From the call to the answer.
    pub elapsed: Duration,
}

/// One mail server. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    settings: Settings,
    dialer: Dialer,
    tls: TlsConnector,
    name: ServerName<'static>,
    idle: Mutex<Vec<Idle>>,
    open: Semaphore,
}

struct Idle {
    session: Box<Session>,
    until: Instant,
}

impl Relay {
    /// Opens nothing yet. Refuses a host that no certificate could name, and a greeting that is not one word.
    pub(crate) fn new(settings: Settings, dialer: Dialer, tls: TlsConnector) -> Result<Self, Refused> {
        let hello = settings.hello.as_bytes();
        if hello.is_empty() || !hello.iter().all(u8::is_ascii_graphic) {
            return Err(Refused::new(
                "hello",
                "the name in the greeting is one word in ASCII",
            ));
        }
        Ok(Self(Arc::new(Inner {
            name: server_name(&settings.host)?,
            open: Semaphore::new(settings.max_connections.max(1)),
            settings,
            dialer,
            tls,
            idle: Mutex::new(Vec::new()),
        })))
    }

    /// Hands one mail over, all of it before `deadline`: waiting for a free connection, connecting, TLS, login, message.
    ///
    /// A kept connection that proves dead before the transaction begins gives way to a new one. Nothing else is tried
    /// twice.
    pub async fn submit(
        &self,
        envelope: Envelope<'_>,
        message: &[u8],
        deadline: Instant,
    ) -> Result<Taken, Failure> {
        let start = Instant::now();
        let done = |halt: Halt| halt.after(start.elapsed());
        let _slot = self.slot(deadline).await.map_err(done)?;
        let mut session = match self.kept(deadline).await {
            Some(session) => session,
            None => self.open(deadline).await.map_err(done)?,
        };
        let outcome = session.submit(envelope, message, deadline).await;
        let usable = match &outcome {
            Ok(_) => true,
            Err(halt) => halt.leaves_the_connection_usable(),
        };
        if usable {
            self.keep(session).await;
        }
        match outcome {
            Ok(reply) => Ok(Taken {
                reply,
                elapsed: start.elapsed(),
            }),
            Err(halt) => Err(done(halt)),
        }
    }

    /// Connects, encrypts and logs in, and leaves: whether a mail could be handed over now.
    pub async fn probe(&self, deadline: Instant) -> Result<(), Failure> {
        let start = Instant::now();
        let done = |halt: Halt| halt.after(start.elapsed());
        let _slot = self.slot(deadline).await.map_err(done)?;
        self.open(deadline).await.map_err(done)?.leave().await;
        Ok(())
    }

    /// How many connections wait for a next mail.
    pub fn idle_connections(&self) -> usize {
        self.0.idle.lock().len()
    }

    /// Closes connections that have waited for too long. Traffic does so in passing.
    pub fn sweep(&self) {
        let now = Instant::now();
        self.0.idle.lock().retain(|idle| idle.until > now);
    }

    async fn slot(&self, deadline: Instant) -> Result<tokio::sync::SemaphorePermit<'_>, Halt> {
        match timeout_at(deadline, self.0.open.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Halt::busy()),
        }
    }

    /// The most recently used connection that still answers.
    async fn kept(&self, deadline: Instant) -> Option<Box<Session>> {
        loop {
            let idle = self.0.idle.lock().pop()?;
            let now = Instant::now();
            if idle.until <= now {
                continue;
            }
            let mut session = idle.session;
            if session.reset(deadline.min(now + STILL_THERE)).await {
                return Some(session);
            }
        }
    }

    async fn open(&self, deadline: Instant) -> Result<Box<Session>, Halt> {
        let inner = &self.0;
        let tcp = inner
            .dialer
            .connect(&inner.settings.host, inner.settings.port, deadline)
            .await
            .map_err(|fault| Halt::broken(Stage::Connect, fault))?;
        Session::open(tcp, &inner.settings, &inner.tls, &inner.name, deadline).await
    }

    async fn keep(&self, session: Box<Session>) {
        if session.mails() >= self.0.settings.max_mails {
            session.leave().await;
            return;
        }
        let now = Instant::now();
        let mut idle = self.0.idle.lock();
        idle.retain(|idle| idle.until > now);
        if idle.len() < self.0.settings.max_connections {
            let until = now + self.0.settings.idle_timeout;
            idle.push(Idle { session, until });
        }
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("settings", &self.0.settings)
            .field("idle", &self.idle_connections())
            .finish_non_exhaustive()
    }
}
