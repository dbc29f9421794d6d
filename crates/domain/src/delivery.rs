//! Deliveries: one thing for one destination, and the rules by which it ends.

use serde::{Deserialize, Serialize};

use crate::environment::Env;
use crate::id::{AppId, AttemptId, DeliveryId, DestinationId, EventId};
use crate::message::NewMessage;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum DeliveryState {
    /// Waiting for its first attempt.
    Pending = 0,
    /// Leased by a node that is about to send it.
    Sending = 1,
    /// Failed, waiting for its next attempt.
    Retrying = 2,
    /// The receiver took it.
    Sent = 3,
    /// The provider confirmed that it arrived.
    Delivered = 4,
    /// Failed for good: retrying cannot mend it.
    Failed = 5,
    /// Every retry is spent.
    Exhausted = 6,
    /// Withdrawn before it was sent.
    Cancelled = 7,
    /// Not sent, for a reason that is kept with it.
    Skipped = 8,
}

impl DeliveryState {
    /// Every state, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Sending,
        Self::Retrying,
        Self::Sent,
        Self::Delivered,
        Self::Failed,
        Self::Exhausted,
        Self::Cancelled,
        Self::Skipped,
    ];

    /// The number in tables.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// Reads the number.
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Retrying => "retrying",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Exhausted => "exhausted",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Sending | Self::Retrying)
    }
}

/// Why a delivery exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum Cause {
    /// The event was published.
    Published = 0,
    /// Somebody asked for a test.
    Test = 1,
    /// Somebody asked for what was missed.
    Recovered = 2,
}

/// The incarnation of a process that holds leases: a new number at every start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner(pub i64);

/// The right to attempt a delivery. A writer with an old lease changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it.
    pub owner: Owner,
    /// Grows with every lease of the delivery.
    pub fence: i64,
}

/// A delivery about to be written.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// Environment.
    pub env: Env,
    /// The application that owns the destination or, for a message to a person, in whose name it is sent.
    pub app: AppId,
    /// The destination.
    pub destination: DestinationId,
    /// What is delivered, or what the message follows from.
    pub event: EventId,
    /// Why.
    pub cause: Cause,
    /// What is sent, where that is not the event itself.
    pub message: Option<Box<NewMessage>>,
    /// Why it is not sent, where that is known from the beginning.
    pub skipped: Option<String>,
    /// Present when it is born leased; else it waits for a claim.
    pub lease: Option<Lease>,
    /// When it was planned, milliseconds since the Unix epoch.
    pub created_at: i64,
}

/// What one try found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// 1 for the first.
    pub number: i32,
    /// Milliseconds since the Unix epoch.
    pub started_at: i64,
    /// Milliseconds.
    pub duration_ms: i32,
    /// Status of the answer, if one came.
    pub status_code: Option<i16>,
    /// The beginning of the answer's body.
    pub response: Option<String>,
    /// Why it failed, in a sentence.
    pub error: Option<String>,
    /// Whether the receiver may have taken it although no answer came.
    pub unknown: bool,
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver took it.
    Sent,
    /// Try again at this time, milliseconds since the Unix epoch.
    Retry(i64),
    /// Retrying cannot mend it.
    Failed,
    /// No retry is left.
    Exhausted,
    /// The lease is given back untried; it may be claimed again from this time on.
    Released(i64),
}

impl Verdict {
    /// The state it leads to; a released delivery is pending or retrying as its attempts say.
    pub fn state(self, attempts: i32) -> DeliveryState {
        match self {
            Self::Sent => DeliveryState::Sent,
            Self::Retry(_) => DeliveryState::Retrying,
            Self::Failed => DeliveryState::Failed,
            Self::Exhausted => DeliveryState::Exhausted,
            Self::Released(_) if attempts > 0 => DeliveryState::Retrying,
            Self::Released(_) => DeliveryState::Pending,
        }
    }
}

/// An attempt's outcome as it is written: it applies only while `lease` still holds.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Environment.
    pub env: Env,
    /// Its destination.
    pub destination: DestinationId,
    /// The lease it was attempted under.
    pub lease: Lease,
    /// Attempts made so far, this one included.
    pub attempts: i32,
    /// The attempt; `None` when the lease was given back untried.
    pub attempt: Option<Attempt>,
    /// What becomes of the delivery.
    pub verdict: Verdict,
    /// Why it ends without an attempt, in words.
    pub reason: Option<&'static str>,
    /// Whether to write a row of `attempts`: a first attempt that succeeds is kept in its delivery alone.
    pub log_attempt: bool,
    /// What it means for the endpoint.
    pub health: HealthEffect,
    /// Who carried it, where that is not known from the destination.
    pub carried: Option<Carried>,
    /// When it was learned, milliseconds since the Unix epoch.
    pub at: i64,
}

/// Who carried a message, and under which id it is known there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The provider's name in this environment.
    pub provider: String,
    /// The provider's own id of the message.
    pub id: Option<String>,
}

/// What an outcome means for the endpoint's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthEffect {
    /// Nothing.
    None,
    /// One more failure in a row.
    Failure,
    /// The row of failures ends.
    Success,
    /// The receiver says it is gone (410): disable at once.
    Gone,
}
