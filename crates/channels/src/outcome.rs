//! What an attempt to reach a person found out, in one form for every channel and provider.
//!
//! | what the provider did | verdict |
//! |---|---|
//! | confirmed the message | [`Verdict::Sent`] |
//! | took the message, which proves no more than that | [`Verdict::Accepted`] |
//! | did not take it, and may another time | [`Verdict::Retry`] |
//! | will never take it | [`Verdict::Refused`], and whose fault that is |
//! | went silent after it had everything | [`Verdict::Unknown`] |

use std::fmt;
use std::time::Duration;

use domain::retry::{Judgement, Reaction, parse_retry_after};
use egress::{Answer, Failure, FailureKind};

use crate::answer;

/// What an attempt meant for its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The provider took it on itself to deliver it.
    Sent,
    /// The provider took it, and what follows is not known: it may still be dropped without a word.
    Accepted,
    /// It was not taken; try again.
    Retry {
        /// The provider is overloaded or we are over a limit: send fewer for a while.
        throttle: bool,
    },
    /// Trying again cannot help.
    Refused(Refusal),
    /// It may have been taken without our knowing. Counts as an attempt and is tried again.
    Unknown,
}

/// Why trying again cannot help, and so what has to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// This message will not be taken: the delivery fails, nothing else follows.
    Permanent,
    /// The recipient is no more: the delivery fails and the address is not to be used again.
    RecipientGone,
    /// What was configured is wrong: whoever configured it has to know. The address is not to blame.
    Configuration,
}

impl Verdict {
    /// The word in storage and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Retry { .. } => "retry",
            Self::Refused(Refusal::Permanent) => "permanent",
            Self::Refused(Refusal::RecipientGone) => "recipient_gone",
            Self::Refused(Refusal::Configuration) => "configuration",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the provider has the message.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Sent | Self::Accepted)
    }

    /// The same in the words that deliveries of every kind share; `None` for a refusal, for which they have no word but
    /// "gone", and that one disables an endpoint.
    pub fn judgement(self) -> Option<Judgement> {
        match self {
            Self::Sent | Self::Accepted => Some(Judgement::Sent),
            Self::Retry { throttle } => Some(Judgement::Retry { throttle }),
            Self::Unknown => Some(Judgement::Unknown),
            Self::Refused(_) => None,
        }
    }
}

/// What kind of error it was, for statistics and for whoever has to mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Too many requests in too short a time.
    RateLimit,
    /// What was paid for, or what a mailbox holds, is used up.
    Quota,
    /// The message is not one the provider takes.
    Validation,
    /// Key, password or token are not accepted.
    Auth,
    /// Refused for safety: a policy, a certificate, an attempt to smuggle something in.
    Security,
    /// The recipient's address, mailbox or channel.
    Recipient,
    /// No connection, or one that broke.
    Network,
    /// No answer in time.
    Timeout,
    /// The provider's own trouble.
    Provider,
}

impl ErrorClass {
    /// The word in storage, API and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::Quota => "quota",
            Self::Validation => "validation",
            Self::Auth => "auth",
            Self::Security => "security",
            Self::Recipient => "recipient",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Provider => "provider",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an attempt found out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What it means for the delivery.
    pub verdict: Verdict,
    /// What it means for the destination's circuit. A recipient or a message that is refused says nothing against it.
    pub reaction: Reaction,
    /// What kind of error it was; `None` where the provider has the message.
    pub class: Option<ErrorClass>,
    /// Status of the answer: of HTTP or of SMTP.
    pub status: Option<u16>,
    /// The beginning of the answer.
    pub response: Option<String>,
    /// Why it failed, in a sentence.
    pub error: Option<String>,
    /// The wait the provider asked for, in milliseconds.
    pub retry_after: Option<i64>,
    /// How long it took.
    pub elapsed: Duration,
    /// The provider that spoke last, by the name it was configured with.
    pub provider: Option<String>,
    /// The provider's own id of the message.
    pub provider_id: Option<String>,
    /// Whether another provider may have the message at once: this one has nothing of it, for reasons of its own.
    pub elsewhere: bool,
    /// What the providers said that were tried before, in their order.
    pub before: Vec<Outcome>,
}

impl Outcome {
    /// The provider has it.
    pub(crate) fn taken(verdict: Verdict, elapsed: Duration) -> Self {
        Self {
            verdict,
            reaction: Reaction::Took,
            class: None,
            status: None,
            response: None,
            error: None,
            retry_after: None,
            elapsed,
            provider: None,
            provider_id: None,
            elsewhere: false,
            before: Vec::new(),
        }
    }

    /// The provider does not have it, or nobody knows.
    pub(crate) fn failed(
        verdict: Verdict,
        class: ErrorClass,
        error: impl Into<String>,
        elapsed: Duration,
    ) -> Self {
        Self {
            reaction: reaction(verdict, class),
            class: Some(class),
            error: Some(error.into()),
            ..Self::taken(verdict, elapsed)
        }
    }

    /// Nothing was sent, since the message or its recipient is not one that can be.
    pub(crate) fn unsendable(class: ErrorClass, error: impl Into<String>) -> Self {
        let verdict = match class {
            ErrorClass::Recipient => Refusal::RecipientGone,
            _ => Refusal::Permanent,
        };
        Self::failed(Verdict::Refused(verdict), class, error, Duration::ZERO)
    }

    /// What an HTTP request without an answer means.
    pub(crate) fn unanswered(failure: &Failure) -> Self {
        let (verdict, class) = match failure.kind {
            FailureKind::Refused => (Verdict::Refused(Refusal::Configuration), ErrorClass::Security),
            kind if failure.sent => (Verdict::Unknown, unanswered_class(kind)),
            kind => (Verdict::Retry { throttle: false }, unanswered_class(kind)),
        };
        let mut outcome = Self::failed(verdict, class, failure.to_string(), failure.elapsed);
        outcome.status = failure.status;
        outcome.elsewhere = !failure.sent;
        outcome
    }

    /// Fills in what an HTTP answer carried. `now` is in milliseconds since the Unix epoch.
    pub(crate) fn answered(mut self, answer: &Answer, now: i64) -> Self {
        self.status = Some(answer.status);
        self.response = answer::text(&answer.body, answer.truncated);
        if !self.verdict.is_success() {
            let wait = answer.retry_after.as_ref().and_then(|value| value.to_str().ok());
            self.retry_after = wait.and_then(|value| parse_retry_after(value, now));
        }
        self
    }

    /// Everything that failed on the way, one provider after the other, in one sentence.
    pub fn explanation(&self) -> Option<String> {
        let mut said = Vec::new();
        for outcome in self.before.iter().chain([self]) {
            if let Some(error) = &outcome.error {
                said.push(match &outcome.provider {
                    Some(provider) => format!("{provider}: {error}"),
                    None => error.clone(),
                });
            }
        }
        (!said.is_empty()).then(|| said.join("; "))
    }
}

/// The class of a request that brought no answer.
pub(crate) fn unanswered_class(kind: FailureKind) -> ErrorClass {
    match kind {
        FailureKind::Timeout => ErrorClass::Timeout,
        FailureKind::Tls | FailureKind::Refused => ErrorClass::Security,
        FailureKind::Protocol => ErrorClass::Provider,
        FailureKind::Resolve | FailureKind::Connect | FailureKind::Closed => ErrorClass::Network,
    }
}

fn reaction(verdict: Verdict, class: ErrorClass) -> Reaction {
    match verdict {
        Verdict::Sent | Verdict::Accepted | Verdict::Refused(Refusal::Permanent | Refusal::RecipientGone) => {
            Reaction::Took
        }
        // Who is put off for one recipient's sake has answered as it should.
        Verdict::Retry { .. } if class == ErrorClass::Recipient => Reaction::Took,
        _ if class == ErrorClass::Timeout => Reaction::TimedOut,
        _ => Reaction::Failed,
    }
}
