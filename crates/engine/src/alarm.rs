//! Alarms: a pass that looks once a second is woken for what is due before that.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::run::Engine;

/// How far ahead an alarm is set, milliseconds: what is due later, the next look still sees coming.
const AHEAD: i64 = 1_000;

/// When a pass is woken next.
#[derive(Debug)]
pub(crate) struct Alarm {
    /// Milliseconds since the Unix epoch.
    at: AtomicI64,
    /// The pass.
    pub(crate) wakes: Notify,
}

impl Alarm {
    /// An alarm that nobody set.
    pub(crate) fn new() -> Self {
        Self {
            at: AtomicI64::new(0),
            wakes: Notify::new(),
        }
    }

    /// Whether to wait until then: nobody waits for an earlier moment that is still to come.
    fn is_first(&self, due: i64, now: i64) -> bool {
        let earlier = |at: i64| (at <= now || at > due).then_some(due);
        self.at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, earlier)
            .is_ok()
    }
}

impl Engine {
    /// Wakes a pass when something is due, milliseconds since the Unix epoch, if that is before it looks again by itself.
    pub(crate) fn wake_at(self: &Arc<Self>, due: i64, alarm: fn(&Self) -> &Alarm) {
        let now = self.ctx.now();
        let wait = due.saturating_sub(now);
        if !(1..=AHEAD).contains(&wait) || !alarm(self).is_first(due, now) {
            return;
        }
        let engine = Arc::clone(self);
        self.spawn(async move {
            let slept = tokio::time::sleep(Duration::from_millis(wait.unsigned_abs()));
            tokio::select! {
                () = engine.stopping.cancelled() => {}
                () = slept => alarm(&engine).wakes.notify_one(),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_moment_is_waited_for() {
        let alarm = Alarm::new();
        assert!(alarm.is_first(500, 100), "nobody waits");
        assert!(!alarm.is_first(600, 100), "somebody waits for an earlier one");
        assert!(!alarm.is_first(500, 100), "or for the same");
        assert!(alarm.is_first(300, 100));
        assert!(alarm.is_first(900, 300), "what was waited for is over");
    }
}
