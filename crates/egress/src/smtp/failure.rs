//! What a mail that was not taken tells.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::reply::Reply;
use crate::failure::{FailureKind, Fault};

/// How far an attempt had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Resolving the name, checking the address, connecting.
    Connect,
    /// Waiting for the server's first line.
    Greeting,
    /// Saying who we are and hearing what the server can do.
    Hello,
    /// Encrypting the connection.
    Tls,
    /// Proving who we are.
    Login,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Asking for leave to send the message.
    Data,
    /// Sending the message, the end of which has not been sent.
    Message,
    /// The end of the message was sent: from here on the server may have taken it.
    End,
}

impl Stage {
    /// The stage in words, to follow "while".
    pub fn doing(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Greeting => "waiting for the greeting",
            Self::Hello => "saying hello",
            Self::Tls => "encrypting the connection",
            Self::Login => "logging in",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Data => "beginning the message",
            Self::Message => "sending the message",
            Self::End => "waiting for the message to be taken",
        }
    }
}

/// What the server does not offer, or the mail does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// Encryption was required.
    StartTls,
    /// No mechanism of logging in that we may use.
    Login,
    /// Addresses or headers beyond ASCII.
    Internationalized,
    /// A body beyond ASCII.
    EightBit,
    /// A message so big.
    Size,
    /// An address that would break out of its command.
    Address,
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StartTls => "the server does not offer STARTTLS, and encryption is required",
            Self::Login => "the server offers no mechanism of logging in that is configured",
            Self::Internationalized => "the server takes no addresses beyond ASCII (SMTPUTF8)",
            Self::EightBit => "the server takes no text beyond ASCII (8BITMIME)",
            Self::Size => "the message is bigger than the server takes",
            Self::Address => "an address contains characters that no address may have",
        })
    }
}

/// Why a mail was not taken.
#[derive(Clone, Debug)]
pub enum Cause {
    /// The server said no.
    Answered(Reply),
    /// It was not even asked.
    Lacking(Lacking),
    /// Every connection of our own was in use until the deadline: the server was not asked.
    Busy,
    /// The connection did not come about, or broke, or was too slow.
    Broken {
        /// How.
        kind: FailureKind,
        /// In words.
        detail: Cow<'static, str>,
    },
}

/// A mail that was not taken, or of which it is not known.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How far it had come.
    pub stage: Stage,
    /// Why it went no further.
    pub cause: Cause,
    /// How long it took to fail.
    pub elapsed: Duration,
}

impl Failure {
    /// Whether the server may have taken the mail all the same: its end was sent and no answer came.
    pub fn may_have_been_taken(&self) -> bool {
        self.stage == Stage::End && matches!(self.cause, Cause::Broken { .. })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let doing = self.stage.doing();
        match &self.cause {
            Cause::Answered(reply) => write!(f, "while {doing} the server answered {}", reply.text()),
            Cause::Lacking(lacking) => lacking.fmt(f),
            Cause::Busy => f.write_str("every connection was busy until the deadline"),
            Cause::Broken { kind, detail } => write!(f, "while {doing}: {kind}: {detail}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A failure from within, before the time it took is known.
#[derive(Debug)]
pub(super) struct Halt {
    pub(super) stage: Stage,
    pub(super) cause: Cause,
}

impl Halt {
    pub(super) fn answered(stage: Stage, reply: Reply) -> Self {
        let cause = Cause::Answered(reply);
        Self { stage, cause }
    }

    pub(super) fn lacking(stage: Stage, lacking: Lacking) -> Self {
        let cause = Cause::Lacking(lacking);
        Self { stage, cause }
    }

    pub(super) fn broken(stage: Stage, fault: Fault) -> Self {
        let cause = Cause::Broken {
            kind: fault.kind,
            detail: fault.detail,
        };
        Self { stage, cause }
    }

    pub(super) fn busy() -> Self {
        Self {
            stage: Stage::Connect,
            cause: Cause::Busy,
        }
    }

    pub(super) fn late(stage: Stage, detail: &'static str) -> Self {
        Self::broken(stage, Fault::new(FailureKind::Timeout, detail))
    }

    pub(super) fn after(self, elapsed: Duration) -> Failure {
        Failure {
            stage: self.stage,
            cause: self.cause,
            elapsed,
        }
    }

    /// Whether a next mail may go over the connection: the server refused this one and goes on. With 421 it says that it
    /// is about to close.
    pub(super) fn leaves_the_connection_usable(&self) -> bool {
        match &self.cause {
            Cause::Answered(reply) => {
                reply.code != 421
                    && matches!(
                        self.stage,
                        Stage::Sender | Stage::Recipient | Stage::Data | Stage::End
                    )
            }
            Cause::Lacking(_) => self.stage == Stage::Sender,
            Cause::Busy | Cause::Broken { .. } => false,
        }
    }
}
