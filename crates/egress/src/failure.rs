//! What a request that brought no answer tells.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::refused::Refused;

/// At which point a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The policy denies every address of the destination.
    Refused,
    /// The host's name has no address, or no name server answered.
    Resolve,
    /// No connection came about.
    Connect,
    /// The TLS handshake failed, most often over the certificate.
    Tls,
    /// The deadline, or the shorter one for connecting, passed.
    Timeout,
    /// The peer answered something that is not HTTP/1.1 or is over the limits.
    Protocol,
    /// The peer closed or reset the connection before its answer was complete.
    Closed,
}

impl FailureKind {
    /// The kind as a stable word for storage and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request without a complete answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct Failure {
    /// At which point it failed.
    pub kind: FailureKind,
    /// Whether bytes of the request may have reached the peer: if so, it may have acted on it.
    pub sent: bool,
    /// The status line's code, where one arrived before the failure.
    pub status: Option<u16>,
    /// How long it took to fail.
    pub elapsed: Duration,
    /// What happened, in words that may be shown to the owner of the destination.
    pub detail: Cow<'static, str>,
}

/// A failure from within, before it is known what it means for the whole request.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FailureKind,
    pub(crate) detail: Cow<'static, str>,
}

impl Fault {
    pub(crate) fn new(kind: FailureKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// The failure of a request of which nothing was sent.
    pub(crate) fn before_sending(self, elapsed: Duration) -> Failure {
        Failure {
            kind: self.kind,
            sent: false,
            status: None,
            elapsed,
            detail: self.detail,
        }
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        Self::new(FailureKind::Refused, refused.to_string())
    }
}
