//! The hand that tests turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use app::Clock;

/// Where every test begins: 2026-02-07T10:00:00Z, in milliseconds since the Unix epoch.
pub(crate) const BEGINNING: i64 = 1_770_458_400_000;

/// A clock that stands still until it is turned.
#[derive(Debug, Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(BEGINNING)))
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock::Turned(Arc::clone(&self.0))
    }
}
