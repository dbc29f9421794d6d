//! A listener's session: what it has been told, and what comes next. The same for WebSocket and server-sent events.
//!
//! The rule is "never partial": a listener gets every change in order, or is told to start anew. The hub's signals only make it fast; whenever
//! one is not the very next, the database is read instead.

mod events;
mod feed;

use app::auth::Caller;
use app::live::{Listener, Signal};
use axum::extract::ws::Utf8Bytes;

use crate::extract::{feed_of, unnamed};
use crate::problem::Answer;
use crate::state::Api;
use events::EventSession;
use feed::FeedSession;

/// One message to a listener.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// JSON.
    pub text: Utf8Bytes,
    /// Its `type`, which is the event's name in SSE.
    pub kind: &'static str,
    /// What `Last-Event-ID` says to go on behind this one.
    pub id: Option<String>,
}

impl Frame {
    /// A message outside the sequence.
    pub(crate) fn new(text: String) -> Self {
        Self {
            text: text.into(),
            kind: "message",
            id: None,
        }
    }
}

/// Why a listener is parted from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Close {
    /// Close code of the WebSocket.
    pub code: u16,
    /// In words.
    pub reason: &'static str,
}

impl Close {
    pub(crate) const GONE: Self = Self {
        code: 1000,
        reason: "goodbye",
    };
    pub(crate) const AWAY: Self = Self {
        code: 1001,
        reason: "the server is going away; come back",
    };
    pub(crate) const LATER: Self = Self {
        code: 1013,
        reason: "try again later",
    };
    pub(crate) const PROTOCOL: Self = Self {
        code: 4000,
        reason: "a message could not be understood",
    };
    pub(crate) const EXPIRED: Self = Self {
        code: 4001,
        reason: "the token has expired",
    };
    pub(crate) const SLOW: Self = Self {
        code: 4002,
        reason: "too slow; resume from the last number",
    };
    pub(crate) const REFUSED: Self = Self {
        code: 4003,
        reason: "the credentials do not count any more",
    };
    pub(crate) const MALFORMED: Self = Self {
        code: 1002,
        reason: "this is not how WebSockets speak",
    };
    pub(crate) const NOT_TEXT: Self = Self {
        code: 1007,
        reason: "a message was not UTF-8",
    };
    pub(crate) const TOO_BIG: Self = Self {
        code: 1009,
        reason: "a message was too big",
    };
    pub(crate) const SILENT: Self = Self {
        code: 4004,
        reason: "no answer to a ping",
    };

    /// For credentials that were refused; `None` where they could not be looked at, which is no fault of theirs.
    pub(crate) fn of(error: &app::Error) -> Option<Self> {
        match error {
            app::Error::Unauthenticated {
                code: "token_expired" | "key_expired",
                ..
            } => Some(Self::EXPIRED),
            app::Error::Unavailable(_) | app::Error::Internal(_) => None,
            _ => Some(Self::REFUSED),
        }
    }
}

/// From where to go on.
#[derive(Debug, Clone)]
pub(crate) struct Resume {
    /// A number or a cursor, as the listener has it.
    pub after: String,
    /// The epoch it was known in.
    pub epoch: Option<String>,
}

impl Resume {
    pub(crate) fn from_query(after: Option<String>, epoch: Option<String>) -> Option<Self> {
        after.map(|after| Self { after, epoch })
    }

    /// From an SSE id, `epoch:place`.
    pub(crate) fn from_event_id(id: &str) -> Option<Self> {
        let (epoch, after) = id.rsplit_once(':')?;
        Some(Self {
            after: after.to_owned(),
            epoch: Some(epoch.to_owned()),
        })
    }
}

/// What happens next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send these.
    Frames(Vec<Frame>),
    /// Look whether the credentials still count.
    Check,
    /// Part.
    Close(Close),
}

/// A listener's session.
#[derive(Debug)]
pub(crate) enum Session {
    /// A user's feed.
    Feed(Box<FeedSession>),
    /// Events.
    Events(Box<EventSession>),
}

impl Session {
    /// Opens the session a caller may have: a user's own feed, a named user's for the environment's key, else events.
    pub(crate) async fn open(
        api: &Api,
        caller: &Caller,
        user: Option<String>,
        resume: Option<Resume>,
    ) -> Answer<Self> {
        let env = caller.env();
        let follows_feed = match caller {
            Caller::User { .. } => true,
            Caller::Environment { .. } => user.is_some(),
            Caller::Application { .. } if user.is_some() => {
                return Err(app::Error::Forbidden(
                    "an application's key follows events, not a user's feed".into(),
                )
                .into());
            }
            Caller::Application { .. } => false,
            Caller::Portal { .. } => {
                return Err(app::Error::Forbidden("the portal follows nothing".into()).into());
            }
        };
        if follows_feed {
            let feed = feed_of(caller, user, unnamed())?;
            return Ok(Self::Feed(Box::new(
                FeedSession::open(api, env, feed.user, resume).await?,
            )));
        }
        Ok(Self::Events(Box::new(
            EventSession::open(api, caller, resume).await?,
        )))
    }

    /// What to send next. May be dropped at any time: what was not answered yet is found again.
    pub(crate) async fn next(&mut self, api: &Api) -> Step {
        match self {
            Self::Feed(feed) => feed.next(api).await,
            Self::Events(events) => events.next(api).await,
        }
    }

    /// Goes on from elsewhere, because the listener asked.
    pub(crate) async fn resume(&mut self, api: &Api, resume: Resume) -> Answer<Vec<Frame>> {
        match self {
            Self::Feed(feed) => Box::pin(feed.resume(api, Some(resume))).await,
            Self::Events(events) => Box::pin(events.resume(api, Some(resume))).await,
        }
    }

    /// Whether a caller with fresh credentials is the one this session belongs to.
    pub(crate) fn is_of(&self, caller: &Caller) -> bool {
        match (self, caller) {
            (Self::Feed(feed), Caller::User { env, claims, .. }) => {
                feed.env == *env && feed.user == claims.sub
            }
            _ => false,
        }
    }
}

/// What a listener is told next, or why it is parted from.
async fn heard(listener: &mut Listener) -> Result<Signal, Close> {
    let signal = listener.signals.recv().await;
    signal.ok_or(if listener.was_slow() {
        Close::SLOW
    } else {
        Close::AWAY
    })
}
