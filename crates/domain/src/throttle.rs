//! Throttles: at most so many in so long, as a pure step from one state to the next.
//!
//! A `window` opens with the first that is taken and lets so many through until it closes; a `bucket` lets as many through at once and then one after the
//! other, evenly. Both are counted in whole numbers, so that no rounding lets one more through. A clock that goes back
//! neither opens nor locks anything for longer than one window.

use serde::{Deserialize, Serialize};

use crate::duration::Span;
use crate::text::Faults;

/// Most that can be let through in one span.
const MOST: u32 = 1_000_000;
/// The longest span.
pub const LONGEST: Span = Span::from_ms(31 * 86_400_000);

/// At most so many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// How many.
    pub limit: u32,
    /// In how long.
    pub per: Span,
    /// How they are spread.
    #[serde(default, skip_serializing_if = "By::is_default")]
    pub by: By,
}

/// How what a throttle lets through is spread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// As it comes, until the window is full.
    #[default]
    Window,
    /// As it comes up to the limit, then evenly.
    Bucket,
}

impl By {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::Window
    }
}

/// What a throttle remembers of one key. The default remembers nothing: it is that of a key never seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// When the window opened, or when the bucket was last looked at; milliseconds since the Unix epoch.
    pub at: i64,
    /// What was taken in the window; or, in a bucket, what was taken and has not run off, in units of 1/`per` each.
    pub level: i64,
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// What is remembered from now on.
    pub state: State,
    /// Whether it may go.
    pub allowed: bool,
    /// When the next one may go (milliseconds since the Unix epoch); not later than `now` when it may go at once.
    pub next_free_at: i64,
}

impl Throttle {
    /// Asks for one at `now` (milliseconds since the Unix epoch).
    pub fn take(&self, state: State, now: i64) -> Taken {
        match self.by {
            By::Window => self.of_window(state, now),
            By::Bucket => self.of_bucket(state, now),
        }
    }

    /// Whether a state says no more than the default at `now`, so that it can be forgotten.
    pub fn is_spent(&self, state: State, now: i64) -> bool {
        match self.by {
            By::Window => now.saturating_sub(state.at) >= self.per.ms(),
            By::Bucket => self.run_off(state, now) == 0,
        }
    }

    fn of_window(&self, state: State, now: i64) -> Taken {
        // Where the clock went back, the window moves with it, so that it closes one span from now at the latest.
        let at = state.at.min(now);
        let mut state = State { at, ..state };
        if state.level <= 0 || self.is_spent(state, now) {
            state = State { at: now, level: 0 };
        }
        let limit = i64::from(self.limit);
        let allowed = state.level < limit;
        state.level = (state.level + i64::from(allowed)).min(limit);
        let is_full = state.level >= limit;
        Taken {
            state,
            allowed,
            next_free_at: if is_full {
                state.at.saturating_add(self.per.ms())
            } else {
                now
            },
        }
    }

    fn of_bucket(&self, state: State, now: i64) -> Taken {
        let (one, whole) = (self.per.ms(), self.whole());
        let level = self.run_off(state, now);
        let allowed = level.saturating_add(one) <= whole;
        let level = if allowed { level + one } else { level };
        let over = level.saturating_add(one).saturating_sub(whole);
        // Rounded up: a part of a millisecond early would be one too many.
        let wait = if over > 0 {
            over.unsigned_abs().div_ceil(u64::from(self.limit.max(1)))
        } else {
            0
        };
        Taken {
            state: State { at: now, level },
            allowed,
            next_free_at: now.saturating_add_unsigned(wait),
        }
    }

    /// What a bucket still holds at `now`: in every millisecond `limit` units run off.
    fn run_off(&self, state: State, now: i64) -> i64 {
        let elapsed = now.saturating_sub(state.at).max(0);
        let gone = elapsed.saturating_mul(i64::from(self.limit));
        state.level.clamp(0, self.whole()).saturating_sub(gone).max(0)
    }

    /// What a bucket holds at most.
    fn whole(&self) -> i64 {
        self.per.ms().saturating_mul(i64::from(self.limit))
    }

    /// Checks what its form alone does not say.
    pub fn check(&self, pointer: &str, faults: &mut Faults) {
        faults.require(
            (1..=MOST).contains(&self.limit),
            &format!("{pointer}/limit"),
            "range",
            "must be 1 to 1000000",
        );
        faults.require(
            (Span::from_ms(1)..=LONGEST).contains(&self.per),
            &format!("{pointer}/per"),
            "range",
            "must be 1ms to 31d",
        );
    }
}
