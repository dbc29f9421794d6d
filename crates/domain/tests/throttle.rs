//! Throttles to the millisecond.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use domain::text::Faults;
use domain::throttle::{State, Taken, Throttle};
use proptest::prelude::*;
use serde_json::{Value, json};

/// 2026-02-07T10:00:00Z.
const NOW: i64 = 1_770_458_400_000;
const MINUTE: i64 = 60_000;

fn throttle(form: Value) -> Throttle {
    serde_json::from_value(form).unwrap()
}

/// Asks at each of these times after `NOW`; gives what was allowed and when the next is free.
fn ask(throttle: &Throttle, times: &[i64]) -> Vec<(bool, i64)> {
    let mut state = State::default();
    let asked = times.iter().map(|at| {
        let taken = throttle.take(state, NOW + at);
        state = taken.state;
        (taken.allowed, taken.next_free_at - NOW)
    });
    asked.collect()
}

#[test]
fn a_window_opens_with_the_first_and_closes_whole() {
    let throttle = throttle(json!({"limit": 2, "per": "1m"}));
    assert_eq!(
        ask(&throttle, &[0, 10, 20, 59_999, 60_000, 60_001, 60_002]),
        [
            (true, 0),
            (true, 60_000),
            (false, 60_000),
            (false, 60_000),
            (true, 60_000),
            (true, 120_000),
            (false, 120_000),
        ]
    );
}

#[test]
fn a_bucket_runs_off_evenly_and_never_early() {
    let throttle = throttle(json!({"limit": 3, "per": "1s", "by": "bucket"}));
    assert_eq!(
        ask(&throttle, &[0, 0, 0, 0, 333, 334, 667, 5_000]),
        [
            (true, 0),
            (true, 0),
            (true, 334),
            (false, 334),
            (false, 334),
            (true, 667),
            (true, 1_000),
            (true, 5_000),
        ]
    );
}

#[test]
fn a_clock_that_goes_back_locks_nothing_for_long() {
    for by in ["window", "bucket"] {
        let throttle = throttle(json!({"limit": 1, "per": "1m", "by": by}));
        let hour_ahead = throttle.take(State::default(), NOW + 60 * MINUTE).state;
        let refused = throttle.take(hour_ahead, NOW);
        assert!(!refused.allowed, "{by}");
        assert_eq!(refused.next_free_at, NOW + MINUTE, "{by}");
        assert!(throttle.take(refused.state, NOW + MINUTE).allowed, "{by}");
    }
}

#[test]
fn a_limit_that_was_lowered_is_obeyed() {
    for by in ["window", "bucket"] {
        let wide = throttle(json!({"limit": 100, "per": "1m", "by": by}));
        let narrow = throttle(json!({"limit": 1, "per": "1m", "by": by}));
        let mut state = State::default();
        for _ in 0..50 {
            state = wide.take(state, NOW).state;
        }
        let Taken {
            allowed,
            next_free_at,
            ..
        } = narrow.take(state, NOW + 1);
        assert!(!allowed, "{by}");
        assert!(next_free_at <= NOW + 1 + MINUTE, "{by}");
    }
}

#[test]
fn what_says_nothing_any_more_can_be_forgotten() {
    for (by, spent_after) in [("window", MINUTE), ("bucket", MINUTE / 2)] {
        let throttle = throttle(json!({"limit": 2, "per": "1m", "by": by}));
        let state = throttle.take(State::default(), NOW).state;
        assert!(!throttle.is_spent(state, NOW + spent_after - 1), "{by}");
        assert!(throttle.is_spent(state, NOW + spent_after), "{by}");
        assert!(throttle.is_spent(State::default(), NOW), "{by}");
    }
}

#[test]
fn throttles_are_bounded_and_kept_in_one_form() {
    for form in [
        json!({"limit": 5, "per": "1h"}),
        json!({"limit": 5, "per": "1h", "by": "bucket"}),
    ] {
        assert_eq!(serde_json::to_value(throttle(form.clone())).unwrap(), form);
    }
    let faults = |form: Value| {
        let mut faults = Faults::default();
        throttle(form).check("/t", &mut faults);
        let faults = faults.finish().err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
    };
    assert_eq!(faults(json!({"limit": 1, "per": "1ms"})), Vec::<String>::new());
    assert_eq!(faults(json!({"limit": 0, "per": "0s"})), ["/t/limit", "/t/per"]);
    assert_eq!(
        faults(json!({"limit": 1_000_001, "per": "32d"})),
        ["/t/limit", "/t/per"]
    );
    for form in [
        json!({"limit": 1}),
        json!({"limit": -1, "per": "1s"}),
        json!({"limit": 1, "per": "1s", "by": "luck"}),
    ] {
        assert!(
            serde_json::from_value::<Throttle>(form.clone()).is_err(),
            "{form}"
        );
    }
}

proptest! {
    /// Whoever asks at every moment gets, in any span, no more than the limit (a bucket: twice of it, once at once and once evenly).
    #[test]
    fn no_more_than_the_limit_goes_through(
        limit in 1u32..6,
        per in 1i64..50,
        bucket in any::<bool>(),
        waits in prop::collection::vec(0i64..20, 1..120),
    ) {
        let by = if bucket { "bucket" } else { "window" };
        let throttle = throttle(json!({"limit": limit, "per": format!("{per}ms"), "by": by}));
        let (mut state, mut now, mut gone) = (State::default(), NOW, Vec::new());
        for wait in waits {
            now += wait;
            let taken = throttle.take(state, now);
            state = taken.state;
            if taken.allowed {
                gone.push(now);
            } else {
                prop_assert!(taken.next_free_at > now);
                prop_assert!(throttle.take(state, taken.next_free_at).allowed);
                prop_assert!(!throttle.take(state, taken.next_free_at - 1).allowed);
            }
        }
        let most = 2 * usize::try_from(limit).unwrap() - usize::from(bucket);
        for (at, first) in gone.iter().enumerate() {
            let within = gone[at..].iter().take_while(|last| **last < first + per).count();
            prop_assert!(within <= most, "{} in {} ms", within, per);
        }
        if let (true, Some(first), Some(last)) = (bucket, gone.first(), gone.last()) {
            let evenly = (last - first) * i64::from(limit) / per + i64::from(limit);
            prop_assert!(i64::try_from(gone.len()).unwrap() <= evenly);
        }
    }

    #[test]
    fn no_state_makes_a_throttle_panic(
        at in any::<i64>(), level in any::<i64>(), now in any::<i64>(), limit in any::<u32>(), bucket in any::<bool>(),
    ) {
        let by = if bucket { "bucket" } else { "window" };
        let throttle = throttle(json!({"limit": limit, "per": "3650d", "by": by}));
        let taken = throttle.take(State { at, level }, now);
        prop_assert!(taken.state.level >= 0);
        throttle.is_spent(taken.state, now);
    }
}
