//! What follows from one try of a delivery: sent, again later, or never again; and when a destination is left alone.
//!
//! Everything here is a function of what happened, of the time and of one random number, all given from outside, so that a
//! schedule can be checked to the millisecond. Nothing here knows what is delivered, or keeps state.

use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The longest wait a receiver can ask for with `Retry-After`, in milliseconds.
pub const RETRY_AFTER_CAP_MS: i64 = 24 * 3_600_000;

/// A named schedule of attempts.
///
/// | name | attempts | waits |
/// |---|---|---|
/// | `short` | 4 | 30 s, 2 min, 10 min, each after a failure |
/// | `incident` | 5 | at 0, 30 s, 2 min, 5 min and 10 min from the first attempt |
/// | `five` | 5 | 5 s, 20 s, 80 s, 320 s, each after a failure, ±20 % |
/// | `long` | 8 | 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, each after a failure, ±20 % |
///
/// `five` grows by four, so that its last attempt comes about seven minutes after the first: a restart or a deployment of the
/// receiver fits in, and an outage does not keep work for hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// People's channels: quick, then give up.
    Short,
    /// Paging: offsets from the first attempt, so that slow answers do not move the later ones.
    Incident,
    /// Five attempts within minutes.
    Five,
    /// About a day; the default of webhooks.
    #[default]
    Long,
}

impl Policy {
    /// Every policy, for listings and for messages that name the known ones.
    pub const ALL: [Self; 4] = [Self::Short, Self::Incident, Self::Five, Self::Long];

    /// The name in configuration, API and database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Incident => "incident",
            Self::Five => "five",
            Self::Long => "long",
        }
    }

    /// The policy of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }

    /// How many attempts are made before a delivery is exhausted.
    pub fn max_attempts(self) -> u32 {
        u32::try_from(self.waits().len() + 1).unwrap_or(u32::MAX)
    }

    /// Seconds before each attempt but the first: from the failure before it, for `incident` from the first attempt.
    fn waits(self) -> &'static [u32] {
        match self {
            Self::Short => &[30, 120, 600],
            Self::Incident => &[30, 120, 300, 600],
            Self::Five => &[5, 20, 80, 320],
            Self::Long => &[5, 300, 1800, 7200, 18_000, 36_000, 36_000],
        }
    }

    fn is_jittered(self) -> bool {
        matches!(self, Self::Five | Self::Long)
    }
}

/// What a policy says after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again at this time, milliseconds since the Unix epoch.
    At(i64),
    /// No attempt is left.
    Exhausted,
}

/// When to try again after attempt `attempt` (the first is 1) failed at `now`.
///
/// `random` in [0, 1) spreads the jittered policies. `retry_after` is the wait the receiver asked for, in milliseconds: it can
/// only make the next attempt later than the schedule has it, and by no more than [`RETRY_AFTER_CAP_MS`] from now.
pub fn next(
    policy: Policy,
    attempt: u32,
    first_attempt_at: i64,
    now: i64,
    random: f64,
    retry_after: Option<i64>,
) -> Next {
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let Some(&wait) = policy.waits().get(index) else {
        return Next::Exhausted;
    };
    let wait = i64::from(wait) * 1000;
    let scheduled = match policy {
        Policy::Incident => first_attempt_at.saturating_add(wait).max(now),
        _ if policy.is_jittered() => now.saturating_add(jittered(wait, random)),
        _ => now.saturating_add(wait),
    };
    let asked = now.saturating_add(retry_after.unwrap_or(0).clamp(0, RETRY_AFTER_CAP_MS));
    Next::At(scheduled.max(asked))
}

/// Milliseconds until a delivery may be attempted again whose process ended while it held the lease: by the attempts it had behind it
/// then, none first; the last counts for all beyond.
pub const AFTER_RESCUE: [i64; 5] = [0, 5_000, 30_000, 120_000, 600_000];

/// `wait` less or more 20 %.
fn jittered(wait: i64, random: f64) -> i64 {
    let random = if random.is_finite() {
        random.clamp(0.0, 1.0)
    } else {
        0.5
    };
    let whole = Duration::from_millis(wait.unsigned_abs());
    i64::try_from(whole.mul_f64(0.4f64.mul_add(random, 0.8)).as_millis()).unwrap_or(wait)
}

/// The wait in milliseconds that a `Retry-After` header asks for, at most [`RETRY_AFTER_CAP_MS`].
///
/// Whole seconds or one of the three forms of an HTTP date; a date that has passed asks for no wait. `None` where the header
/// says nothing that can be followed: negative, fractional or other text.
pub fn parse_retry_after(header: &str, now_ms: i64) -> Option<i64> {
    let text = header.trim_matches([' ', '\t']);
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a number too long for an i64 fails here, and that is a wait beyond the cap.
        let seconds = text.parse().unwrap_or(i64::MAX);
        return Some(seconds.saturating_mul(1000).min(RETRY_AFTER_CAP_MS));
    }
    let at = httpdate::parse_http_date(text)
        .ok()?
        .duration_since(UNIX_EPOCH)
        .ok()?;
    let at = i64::try_from(at.as_millis()).ok()?;
    Some(at.saturating_sub(now_ms).clamp(0, RETRY_AFTER_CAP_MS))
}

/// What an attempt meant for its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The receiver took it.
    Sent,
    /// The receiver wants nothing more: the delivery fails and its endpoint is disabled.
    Gone,
    /// It will never be taken: the delivery fails, and its destination is not to blame.
    Refused,
    /// It was not taken; try again. `throttle` says that the receiver is overloaded and should get less.
    Retry {
        /// Send fewer requests to this destination for a while.
        throttle: bool,
    },
    /// The receiver may have got it without our knowing. Counts as an attempt and is tried again.
    Unknown,
}

/// Judges the status code a webhook receiver answered with. Redirects are not followed: they are failures.
pub fn judge(status: u16) -> Judgement {
    match status {
        200..=299 => Judgement::Sent,
        410 => Judgement::Gone,
        429 | 502 | 503 | 504 => Judgement::Retry { throttle: true },
        _ => Judgement::Retry { throttle: false },
    }
}

/// Judges an attempt that got no answer: unknown as soon as a part of the request may have left.
pub fn judge_unanswered(may_have_left: bool) -> Judgement {
    if may_have_left {
        Judgement::Unknown
    } else {
        Judgement::Retry { throttle: false }
    }
}

/// When a circuit opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// Strain at which it opens: a failure adds one, a timeout four, a success clears it.
    pub strain: u32,
    /// How long it stays open, and how long a probe may take before another is allowed, in milliseconds.
    pub pause: i64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            strain: 10,
            pause: 30_000,
        }
    }
}

const TIMEOUT_STRAIN: u32 = 4;

/// How a destination reacted to an attempt, as far as its circuit is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It took what was sent.
    Took,
    /// It refused, quickly enough: any answer that is not a success, or no connection.
    Failed,
    /// It held the attempt until its deadline. Costs more than a refusal, so fewer of them open the circuit.
    TimedOut,
}

/// Whether a destination is worth trying now: after so many failures in a row, or fewer timeouts, as its [`Breaker`] says, it
/// gets one attempt a pause until one succeeds.
///
/// Lives in a lane's memory. A new process starts closed and learns anew: ten attempts are a small price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// Attempts run.
    Closed {
        /// What the failures since the last success add up to.
        strain: u32,
    },
    /// Nothing runs until then, milliseconds since the Unix epoch.
    Open {
        /// The end of the pause.
        until: i64,
    },
    /// One attempt is out to see whether the destination is back.
    HalfOpen {
        /// When that attempt is given up as lost and another may start.
        until: i64,
    },
}

impl Default for Circuit {
    fn default() -> Self {
        Self::Closed { strain: 0 }
    }
}

impl Circuit {
    /// Asks for leave to start an attempt; on an open circuit whose pause is over this takes the place of the probe.
    ///
    /// Who is given leave must start, and [`record`](Self::record) how it went.
    pub fn may_start(&mut self, breaker: Breaker, now: i64) -> bool {
        if self.blocked_until(breaker, now).is_some() {
            return false;
        }
        if !matches!(self, Self::Closed { .. }) {
            *self = Self::HalfOpen {
                until: now.saturating_add(breaker.pause),
            };
        }
        true
    }

    /// When the next attempt may start: `None` for at once.
    ///
    /// No pause is longer than the breaker's: an end further away means that the clock was set back, and counts as over.
    pub fn blocked_until(&self, breaker: Breaker, now: i64) -> Option<i64> {
        match *self {
            Self::Closed { .. } => None,
            Self::Open { until } | Self::HalfOpen { until } => (1..=breaker.pause)
                .contains(&until.saturating_sub(now))
                .then_some(until),
        }
    }

    /// Notes how an attempt went that ended at `now`.
    ///
    /// Attempts that began before the circuit opened end while it is open: a success closes it, a failure changes nothing.
    pub fn record(&mut self, breaker: Breaker, reaction: Reaction, now: i64) {
        let open = Self::Open {
            until: now.saturating_add(breaker.pause),
        };
        *self = match (*self, reaction) {
            (_, Reaction::Took) => Self::default(),
            (Self::Open { until }, _) => Self::Open { until },
            (Self::HalfOpen { .. }, _) => open,
            (Self::Closed { strain }, _) => {
                let more = if reaction == Reaction::TimedOut {
                    TIMEOUT_STRAIN
                } else {
                    1
                };
                let strain = strain.saturating_add(more);
                if strain >= breaker.strain {
                    open
                } else {
                    Self::Closed { strain }
                }
            }
        };
    }
}
