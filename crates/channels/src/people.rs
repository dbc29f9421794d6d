//! The channels that reach people, behind one entry: check the settings, then send.
//!
//! A channel is a line in [`CHANNELS`] and a [`Carrier`]; whoever sends knows neither. Keep a [`Sender`] as long as its
//! settings stand: it holds connections and what is known of its providers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use egress::Client;
use futures_util::future::BoxFuture;
use serde_json::Value;

pub use crate::settings::SettingsError;

use crate::callback::{Call, CallError, Report};
use crate::email::Email;
use crate::outcome::{ErrorClass, Outcome};
use crate::slack::Slack;
use crate::teams::Teams;

/// By which way bytes leave: two clients, since who named the host makes a difference.
#[derive(Debug, Clone)]
pub struct Clients {
    /// For URLs that tenants and users give, such as an incoming webhook's.
    pub given: Client,
    /// For hosts that the operator configured, such as a mail server within the house.
    pub operated: Client,
}

impl Clients {
    /// One client for both.
    pub fn same(client: &Client) -> Self {
        Self {
            given: client.clone(),
            operated: client.clone(),
        }
    }
}

/// One message for one recipient.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The rendered content as it was stored: JSON of [`message`](crate::message).
    pub content: &'a [u8],
    /// The mail address; for Slack the channel or the webhook's URL, for Teams the webhook's URL, and empty where the
    /// settings name it.
    pub recipient: &'a str,
    /// The delivery's id: the same over every attempt.
    pub delivery_id: &'a str,
    /// The attempt after which somebody asked for it anew, by hand; 0 where nobody did.
    pub anew_after: i32,
    /// For the whole attempt; [`Channel::deadline`] is a good one.
    pub deadline: Duration,
    /// Milliseconds since the Unix epoch.
    pub now: i64,
}

/// How a provider is, as far as can be told without sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The provider, by the name it was configured with.
    pub provider: String,
    /// How it is.
    pub health: Health,
    /// Why, in a sentence.
    pub detail: Option<String>,
}

/// How a provider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers and knows us.
    Up,
    /// It answers, and does not want us as we are configured.
    Misconfigured,
    /// It does not answer, or not as it should.
    Down,
    /// Only a message would tell.
    Untold,
}

impl Health {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Misconfigured => "misconfigured",
            Self::Down => "down",
            Self::Untold => "untold",
        }
    }
}

/// What carries messages as it was configured.
pub trait Carrier: fmt::Debug + Send + Sync {
    /// Makes one attempt. Never fails but in its outcome.
    fn send<'a>(&'a self, outgoing: Outgoing<'a>) -> BoxFuture<'a, Outcome>;

    /// Asks each provider how it is, sending nothing to anybody.
    fn status(&self, deadline: Duration) -> BoxFuture<'_, Vec<Status>>;

    /// Checks and reads what a provider tells afterwards of what it took; `None` for what changes nothing.
    fn hear(&self, provider: &str, call: &Call<'_>) -> Result<Option<Report>, CallError> {
        let _ = (provider, call);
        Err(CallError::Nobody)
    }

    /// How many attempts there is room for at once, where that is known.
    fn at_once(&self) -> Option<usize> {
        None
    }

    /// Whether people can answer where they read it, so that their action comes back to us.
    fn supports_interactivity(&self) -> bool {
        false
    }

    /// What works today and should be changed all the same.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Closes what has been idle for too long.
    fn sweep(&self) {}
}

type Open = fn(&Value, &Clients) -> Result<Arc<dyn Carrier>, SettingsError>;

/// A channel that reaches people.
pub struct Channel {
    /// Its word in configuration, API and database.
    pub word: &'static str,
    /// How long an attempt may take.
    pub deadline: Duration,
    open: Open,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("word", &self.word)
            .finish_non_exhaustive()
    }
}

/// Every channel that reaches people.
pub static CHANNELS: [Channel; 3] = [
    Channel {
        word: "email",
        deadline: Duration::from_secs(30),
        open: |settings, clients| Ok(Arc::new(Email::new(settings, clients)?)),
    },
    Channel {
        word: "slack",
        deadline: Duration::from_secs(10),
        open: |settings, clients| Ok(Arc::new(Slack::new(settings, clients)?)),
    },
    Channel {
        word: "teams",
        deadline: Duration::from_secs(10),
        open: |settings, clients| Ok(Arc::new(Teams::new(settings, clients)?)),
    },
];

/// The channel of that word.
pub fn channel(word: &str) -> Option<&'static Channel> {
    CHANNELS.iter().find(|channel| channel.word == word)
}

/// A channel as it was configured. Cheap to clone; clones share connections and what is known of the providers.
#[derive(Debug, Clone)]
pub struct Sender {
    channel: &'static Channel,
    carrier: Arc<dyn Carrier>,
}

impl Sender {
    /// Checks the settings, secrets among them, and opens nothing. Serves as the check when a channel is declared.
    ///
    /// Settings that name no provider are [`SettingsError::Off`]: the channel is off, which is no mistake.
    pub fn new(channel_word: &str, settings: &Value, clients: &Clients) -> Result<Self, SettingsError> {
        let channel = channel(channel_word).ok_or(SettingsError::UnknownChannel)?;
        let carrier = (channel.open)(settings, clients)?;
        Ok(Self { channel, carrier })
    }

    /// Which channel it is.
    pub fn channel(&self) -> &'static Channel {
        self.channel
    }

    /// Makes one attempt within its deadline. Never panics over content; never fails but in its outcome.
    pub async fn send(&self, outgoing: Outgoing<'_>) -> Outcome {
        if outgoing.deadline.is_zero() {
            return Outcome::failed(
                crate::outcome::Verdict::Retry { throttle: false },
                ErrorClass::Timeout,
                "the deadline had passed before the attempt began",
                Duration::ZERO,
            );
        }
        self.carrier.send(outgoing).await
    }

    /// How each provider is. Nothing is sent to anybody.
    pub async fn status(&self, deadline: Duration) -> Vec<Status> {
        self.carrier.status(deadline).await
    }

    /// Checks and reads what a provider tells afterwards; `None` for what changes nothing.
    pub fn hear(&self, provider: &str, call: &Call<'_>) -> Result<Option<Report>, CallError> {
        self.carrier.hear(provider, call)
    }

    /// How many attempts there is room for at once, where that is known: more would only wait for each other.
    pub fn at_once(&self) -> Option<usize> {
        self.carrier.at_once()
    }

    /// Whether people can answer where they read it.
    pub fn supports_interactivity(&self) -> bool {
        self.carrier.supports_interactivity()
    }

    /// What works today and should be changed all the same, in sentences.
    pub fn warnings(&self) -> Vec<String> {
        self.carrier.warnings()
    }

    /// Closes what has been idle for too long. Traffic does so in passing.
    pub fn sweep(&self) {
        self.carrier.sweep();
    }
}
