//! What follows from a fact: plain data that `store` commits in one transaction, all or nothing.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::delivery::{Lease, NewDelivery};
use crate::environment::Env;
use crate::event::Event;
use crate::feed::{Counters, FeedEffect};
use crate::id::{AccountId, AppId, AuditId, KeyId, PortalTokenId, TimerId};
use crate::notification::Notification;
use crate::run::{Close, RunEffect};

/// A piece of configuration that carries a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Settings and event types of the environment.
    Environment,
    /// The endpoints that platform-visible events may reach.
    Platform,
    /// One application and its endpoints.
    App(AppId),
}

/// The version of configuration a plan was made with; a stale one is planned again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uses {
    /// Which part.
    pub part: Part,
    /// Which version.
    pub version: i64,
}

/// A key that may be used once: the first writer wins, the others get its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What kind of key, and whose: keys of different scopes never meet.
    pub scope: String,
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the request, so that another request under the same key is noticed.
    pub hash: [u8; 32],
    /// What the first caller is answered.
    pub answer: String,
    /// Milliseconds since the Unix epoch.
    pub expires_at: i64,
}

/// A piece of work with a due time.
#[derive(Debug, Clone)]
pub struct NewTimer {
    /// Its id.
    pub id: TimerId,
    /// What it does.
    pub kind: TimerKind,
    /// What it concerns, such as a notification or an endpoint.
    pub subject: String,
    /// Where it stands, as JSON.
    pub state: String,
    /// Milliseconds since the Unix epoch.
    pub due_at: i64,
}

/// What a timer does when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum TimerKind {
    /// Bring a notification to the next slice of its audience.
    Expand = 0,
    /// Rewrite the next slice of states below a watermark, telling their applications.
    Settle = 1,
    /// Deliver again what an endpoint missed.
    Recover = 2,
    /// Withdraw what waits for an endpoint that takes no more.
    Withdraw = 3,
    /// Start a workflow for the next slice of its recipients.
    Start = 4,
    /// Let a run go on.
    Run = 5,
    /// Close a batch and let its run go on.
    Close = 6,
    /// Ask a program, and let the run go on with what it answers.
    Fetch = 7,
    /// Let those runs go on that wait for an event.
    Wake = 8,
    /// Send a mail of the server itself.
    Notice = 9,
}

impl TimerKind {
    /// Every kind this program knows.
    pub const ALL: [Self; 10] = [
        Self::Expand,
        Self::Settle,
        Self::Recover,
        Self::Withdraw,
        Self::Start,
        Self::Run,
        Self::Close,
        Self::Fetch,
        Self::Wake,
        Self::Notice,
    ];

    /// Reads the number in tables.
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as i16 == number)
    }
}

/// A timer that fired moves on, in the transaction of what it did. Refused when its lease is lost.
#[derive(Debug, Clone)]
pub struct TimerMove {
    /// The timer.
    pub id: TimerId,
    /// The lease it fired under.
    pub lease: Lease,
    /// Its next state and due time (milliseconds since the Unix epoch); `None` when its work is done.
    pub next: Option<(String, i64)>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A key.
    Key(KeyId),
    /// A user, by their own token.
    User(String),
    /// Somebody who signed in to the console.
    Account(AccountId),
    /// Whoever a portal token was given to.
    Portal(PortalTokenId),
    /// The operator, from the command line.
    Operator,
    /// The server itself.
    Server,
}

impl Actor {
    /// The word of every kind.
    pub const KINDS: [&'static str; 6] = ["key", "user", "account", "portal", "operator", "server"];

    /// The word of this kind, in tables and JSON.
    pub fn kind(&self) -> &'static str {
        let [key, user, account, portal, operator, server] = Self::KINDS;
        match self {
            Self::Key(_) => key,
            Self::User(_) => user,
            Self::Account(_) => account,
            Self::Portal(_) => portal,
            Self::Operator => operator,
            Self::Server => server,
        }
    }
}

/// One line of the audit log: who, what, when, from where.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Who.
    pub actor: Actor,
    /// What, such as `webhook.create`.
    pub action: &'static str,
    /// To what.
    pub subject: String,
    /// More, as JSON.
    pub detail: Option<String>,
    /// From where.
    pub origin: Option<String>,
}

/// Content on its way to feeds.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Content.
    pub content: Arc<Notification>,
    /// Whether this commit writes it; else it was written before and only arrives somewhere now.
    pub new: bool,
    /// Uid and name of the application that created it, for those who listen.
    pub app: (Option<String>, String),
}

/// Everything that one fact leads to. Written whole or not at all.
#[derive(Debug, Clone)]
pub struct Effects {
    /// Environment of every row.
    pub env: Env,
    /// When it was planned, milliseconds since the Unix epoch.
    pub now: i64,
    /// Configuration the plan relied on.
    pub uses: SmallVec<[Uses; 3]>,
    /// Keys that may be used once.
    pub claims: SmallVec<[Claim; 2]>,
    /// Events.
    pub events: SmallVec<[Event; 1]>,
    /// Deliveries.
    pub deliveries: Vec<NewDelivery>,
    /// Content that is written, or only shown to those it reaches now.
    pub shown: SmallVec<[Shown; 1]>,
    /// Changes of feeds, sorted by user.
    pub feed: Vec<FeedEffect>,
    /// Runs that begin or go on.
    pub runs: Vec<RunEffect>,
    /// A batch that closes.
    pub closes: Option<Close>,
    /// Counts that move on.
    pub tallies: Vec<Tally>,
    /// Work for later.
    pub timers: Vec<NewTimer>,
    /// The timer that all this comes from.
    pub fired: Option<TimerMove>,
    /// Lines for the audit log.
    pub audit: Vec<AuditEntry>,
}

/// A count that a plan read and moves on, such as a throttle's. Another one means that somebody else counted: the plan is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What is counted.
    pub name: String,
    /// The count as it was read; `None` where there was none.
    pub seen: Option<String>,
    /// The count from now on; `None` where it is only to be as it was read.
    pub becomes: Option<String>,
}

impl Effects {
    /// Nothing yet.
    pub fn new(env: Env, now: i64) -> Self {
        Self {
            env,
            now,
            uses: SmallVec::new(),
            claims: SmallVec::new(),
            events: SmallVec::new(),
            deliveries: Vec::new(),
            shown: SmallVec::new(),
            feed: Vec::new(),
            runs: Vec::new(),
            closes: None,
            tallies: Vec::new(),
            timers: Vec::new(),
            fired: None,
            audit: Vec::new(),
        }
    }
}

/// What a commit answers for one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is written.
    Written(Written),
    /// A key was used before.
    Duplicate {
        /// Index into the plan's claims.
        claim: usize,
        /// Whether the first request was the same.
        same: bool,
        /// What the first caller was answered.
        answer: String,
    },
    /// Configuration, a state of a feed or a timer moved since the plan was made; nothing is written: plan again.
    Stale,
}

/// What only the commit could decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The commit position of the first event; the others follow one by one.
    pub position: i64,
    /// For each feed effect, in order: what it became; `None` when it changed nothing.
    pub feed: Vec<Option<FeedWritten>>,
}

/// A feed effect after commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedWritten {
    /// The number it took in the user's sequence.
    pub seq: i64,
    /// The user's counters after it.
    pub counters: Counters,
}
