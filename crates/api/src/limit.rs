//! Rate limits: so many calls of a class in a window, per application key. The environment's own keys are exempt, but
//! not from the limit that tests of a channel config have, whoever asks.
//!
//! Counted in this process: with several nodes behind a balancer each counts its share.

use std::cell::Cell;

use app::Error;
use app::auth::Caller;
use dashmap::DashMap;
use domain::environment::RateLimit;
use domain::id::{ConfigId, Ksuid, Prefixed};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::problem::{Answer, Problem};
use crate::state::Api;

/// Windows kept before those that are over are thrown out.
const MANY: usize = 10_000;

/// Test messages of one config.
const TESTS: RateLimit = RateLimit {
    limit: 10,
    window: 60,
};

/// Counts by class, of every key and config.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    windows: DashMap<(Ksuid, &'static str), Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    opened_at: i64,
    used: u32,
}

tokio::task_local! {
    static LEFT: Cell<Option<Left>>;
}

/// What is left of a limit; goes into the answer's headers.
#[derive(Debug, Clone, Copy)]
struct Left {
    limit: u32,
    remaining: u32,
    /// Seconds until the window ends.
    reset: i64,
}

impl Left {
    fn headers(self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("ratelimit-reset", HeaderValue::from(self.reset));
        headers
    }

    /// The answer to a call beyond the limit.
    fn refused(self, class: &str, rate: RateLimit) -> Problem {
        let detail = format!(
            "{} {class} calls in {} seconds are allowed",
            rate.limit, rate.window
        );
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from(self.reset))
    }
}

/// Runs a call, and answers beside it the headers that say what it left of a limit: those of a refusal as well.
pub(crate) async fn scope<F: Future>(call: F) -> (F::Output, HeaderMap) {
    let counted = async {
        let output = call.await;
        (
            output,
            LEFT.with(Cell::get).map(Left::headers).unwrap_or_default(),
        )
    };
    LEFT.scope(Cell::new(None), counted).await
}

impl Limiter {
    /// Takes `cost` from a window; `Err` when there is not as much left.
    fn take(
        &self,
        whose: Ksuid,
        class: &'static str,
        rate: RateLimit,
        cost: u32,
        now: i64,
    ) -> Result<Left, Left> {
        let length = i64::from(rate.window) * 1_000;
        if self.windows.len() > MANY {
            self.windows
                .retain(|_, window| now - window.opened_at < length.max(3_600_000));
        }
        let mut window = self.windows.entry((whose, class)).or_insert(Window {
            opened_at: now,
            used: 0,
        });
        if now - window.opened_at >= length || now < window.opened_at {
            *window = Window {
                opened_at: now,
                used: 0,
            };
        }
        let fits = window.used.saturating_add(cost) <= rate.limit;
        if fits {
            window.used += cost;
        }
        let reset = (window.opened_at + length - now).max(0).div_euclid(1_000) + 1;
        let left = Left {
            limit: rate.limit,
            remaining: rate.limit.saturating_sub(window.used),
            reset,
        };
        if fits { Ok(left) } else { Err(left) }
    }
}

impl Api {
    /// Takes `cost` calls of a class from a caller's rate, where the environment limits it.
    pub(crate) async fn count(&self, caller: &Caller, class: &'static str, cost: usize) -> Answer<()> {
        let Caller::Application { env, key, .. } = caller else {
            return Ok(());
        };
        let environment = self.ctx.environment(*env).await?;
        let Some(rate) = environment.settings.rate_limits.get(class) else {
            return Ok(());
        };
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        let Err(left) = self.take(*key.ksuid(), class, *rate, cost) else {
            return Ok(());
        };
        // Only a batch costs more than one. The class is what its body calls what it holds.
        if cost > rate.limit {
            let detail = format!(
                "are {cost} at once, and no more than {} in {} seconds are allowed: send fewer at a time",
                rate.limit, rate.window
            );
            return Err(Error::invalid(&format!("/{class}"), "rate_limit", detail).into());
        }
        Err(left.refused(class, *rate))
    }

    /// Takes a test of a config from what one may have: they send at once, and nobody waits for them.
    pub(crate) fn count_test(&self, config: ConfigId) -> Answer<()> {
        let taken = self.take(*config.ksuid(), "tests", TESTS, 1);
        taken.map_err(|left| left.refused("test", TESTS))
    }

    /// Takes from a window, and lets the answer say what is left of it.
    fn take(&self, whose: Ksuid, class: &'static str, rate: RateLimit, cost: u32) -> Result<(), Left> {
        let taken = self.limiter.take(whose, class, rate, cost, self.ctx.now());
        let (Ok(left) | Err(left)) = taken;
        // Outside of a request there is nobody to tell.
        let _ = LEFT.try_with(|told| told.set(Some(left)));
        taken.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::Ids;

    #[test]
    fn a04_the_call_beyond_the_limit_is_refused_until_the_window_ends() {
        let limiter = Limiter::default();
        let key: Ksuid = Ids::new(1, 1).fresh();
        let rate = RateLimit {
            limit: 3,
            window: 900,
        };
        let take = |cost, now| {
            limiter
                .take(key, "events", rate, cost, now)
                .map(|left| left.remaining)
                .map_err(|left| left.reset)
        };
        assert_eq!(take(1, 0), Ok(2));
        assert_eq!(take(2, 1), Ok(0));
        assert_eq!(take(1, 2), Err(900));
        assert_eq!(take(1, 900_000), Ok(2));
        assert_eq!(take(4, 900_001), Err(900));
    }
}
