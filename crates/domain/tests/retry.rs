//! Schedules to the millisecond, `Retry-After`, judgements and circuits.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use domain::retry::{
    Breaker, Circuit, Judgement, Next, Policy, RETRY_AFTER_CAP_MS, Reaction, judge, judge_unanswered, next,
    parse_retry_after,
};
use proptest::prelude::*;

/// 2026-02-07T10:00:00Z.
const NOW: i64 = 1_770_458_400_000;
const HOUR: i64 = 3_600_000;

/// The waits between attempts that each take `attempt_ms`, until the policy is exhausted.
fn waits(policy: Policy, random: f64, attempt_ms: i64) -> Vec<i64> {
    let mut starts = vec![NOW];
    loop {
        let attempt = u32::try_from(starts.len()).unwrap();
        let ended = starts[starts.len() - 1] + attempt_ms;
        match next(policy, attempt, NOW, ended, random, None) {
            Next::At(at) => starts.push(at),
            Next::Exhausted => {
                return starts
                    .windows(2)
                    .map(|pair| pair[1] - pair[0] - attempt_ms)
                    .collect();
            }
        }
    }
}

fn seconds(list: &[i64]) -> Vec<i64> {
    list.iter().map(|s| s * 1000).collect()
}

#[test]
fn schedules_are_exact() {
    assert_eq!(waits(Policy::Short, 0.9, 700), seconds(&[30, 120, 600]));
    assert_eq!(waits(Policy::Five, 0.5, 700), seconds(&[5, 20, 80, 320]));
    assert_eq!(
        waits(Policy::Long, 0.5, 700),
        seconds(&[5, 300, 1800, 7200, 18_000, 36_000, 36_000])
    );
}

#[test]
fn incident_counts_from_the_first_attempt() {
    let starts = |attempt_ms: i64| -> Vec<i64> {
        let waits = waits(Policy::Incident, 0.9, attempt_ms);
        waits
            .iter()
            .scan(0, |at, wait| {
                *at += wait + attempt_ms;
                Some(*at)
            })
            .collect()
    };
    assert_eq!(starts(0), seconds(&[30, 120, 300, 600]));
    assert_eq!(starts(10_000), seconds(&[30, 120, 300, 600]));
    // An attempt that outlasts an offset: the next one follows at once, never before.
    assert_eq!(starts(100_000), seconds(&[100, 200, 300, 600]));
}

#[test]
fn policies_end() {
    let attempts = [
        (Policy::Short, 4),
        (Policy::Incident, 5),
        (Policy::Five, 5),
        (Policy::Long, 8),
    ];
    for (policy, max) in attempts {
        assert_eq!(policy.max_attempts(), max);
        assert!(matches!(next(policy, max - 1, NOW, NOW, 0.0, None), Next::At(_)));
        for attempt in [max, max + 1, u32::MAX] {
            assert_eq!(next(policy, attempt, NOW, NOW, 0.0, Some(1)), Next::Exhausted);
        }
        assert_eq!(
            next(policy, 0, NOW, NOW, 0.5, None),
            next(policy, 1, NOW, NOW, 0.5, None)
        );
    }
}

#[test]
fn policies_have_names() {
    for policy in Policy::ALL {
        assert_eq!(Policy::parse(policy.name()), Some(policy));
        assert_eq!(serde_json::to_value(policy).unwrap(), policy.name());
        assert_eq!(
            serde_json::from_value::<Policy>(policy.name().into()).unwrap(),
            policy
        );
    }
    assert_eq!(Policy::parse("LONG"), None);
    assert_eq!(Policy::default(), Policy::Long);
}

#[test]
fn retry_after_only_delays() {
    let at = |retry_after| next(Policy::Long, 2, NOW, NOW, 0.5, retry_after);
    assert_eq!(at(None), Next::At(NOW + 300_000));
    assert_eq!(at(Some(0)), Next::At(NOW + 300_000));
    assert_eq!(at(Some(299_999)), Next::At(NOW + 300_000));
    assert_eq!(at(Some(300_001)), Next::At(NOW + 300_001));
    assert_eq!(at(Some(i64::MAX)), Next::At(NOW + 24 * HOUR));
    assert_eq!(at(Some(i64::MIN)), Next::At(NOW + 300_000));
    assert_eq!(
        next(Policy::Incident, 1, NOW, NOW + 5, 0.0, Some(60_000)),
        Next::At(NOW + 60_005)
    );
}

#[test]
fn retry_after_headers() {
    let table = [
        ("0", Some(0)),
        ("1", Some(1000)),
        ("120", Some(120_000)),
        (" 120\t", Some(120_000)),
        ("007", Some(7000)),
        ("86400", Some(24 * HOUR)),
        ("86401", Some(24 * HOUR)),
        ("1000000000000", Some(24 * HOUR)),
        ("9223372036854775807", Some(24 * HOUR)),
        ("99999999999999999999999999999999", Some(24 * HOUR)),
        ("Sat, 07 Feb 2026 10:02:00 GMT", Some(120_000)),
        ("Saturday, 07-Feb-26 10:02:00 GMT", Some(120_000)),
        ("Sat Feb  7 10:02:00 2026", Some(120_000)),
        ("Sat, 07 Feb 2026 10:00:00 GMT", Some(0)),
        ("Sat, 07 Feb 2026 09:00:00 GMT", Some(0)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Some(24 * HOUR)),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("1e3", None),
        ("0x10", None),
        ("1 2", None),
        ("1, 2", None),
        ("120s", None),
        ("\u{0661}", None),
        ("", None),
        (" ", None),
        ("soon", None),
        ("NaN", None),
        ("Sat, 07 Feb 2026 10:02:00 CET", None),
        ("Sat, 31 Feb 2026 10:02:00 GMT", None),
        ("2026-02-07T10:02:00Z", None),
    ];
    for (header, expected) in table {
        assert_eq!(parse_retry_after(header, NOW), expected, "{header:?}");
    }
    assert_eq!(
        parse_retry_after("Sat, 07 Feb 2026 10:02:00 GMT", i64::MIN),
        Some(24 * HOUR)
    );
}

#[test]
fn judgements() {
    for status in 0..=u16::MAX {
        let expected = match status {
            200..300 => Judgement::Sent,
            410 => Judgement::Gone,
            429 | 502 | 503 | 504 => Judgement::Retry { throttle: true },
            _ => Judgement::Retry { throttle: false },
        };
        assert_eq!(judge(status), expected, "{status}");
    }
    assert_eq!(judge_unanswered(true), Judgement::Unknown);
    assert_eq!(judge_unanswered(false), Judgement::Retry { throttle: false });
}

const PAUSE: i64 = 30_000;
const BREAKER: Breaker = Breaker {
    strain: 10,
    pause: PAUSE,
};

/// A circuit that ten failures have just opened.
fn open() -> Circuit {
    let mut circuit = Circuit::default();
    for _ in 0..10 {
        assert!(circuit.may_start(BREAKER, NOW));
        circuit.record(BREAKER, Reaction::Failed, NOW);
    }
    circuit
}

#[test]
fn ten_failures_or_three_timeouts_open_a_circuit() {
    assert_eq!(open(), Circuit::Open { until: NOW + PAUSE });
    let mut nine = Circuit::default();
    for _ in 0..9 {
        nine.record(BREAKER, Reaction::Failed, NOW);
    }
    assert!(nine.may_start(BREAKER, NOW));
    nine.record(BREAKER, Reaction::Took, NOW);
    assert_eq!(nine, Circuit::default());
    let mut slow = Circuit::default();
    slow.record(BREAKER, Reaction::TimedOut, NOW);
    slow.record(BREAKER, Reaction::TimedOut, NOW);
    assert_eq!(slow.blocked_until(BREAKER, NOW), None);
    slow.record(BREAKER, Reaction::TimedOut, NOW);
    assert_eq!(slow.blocked_until(BREAKER, NOW), Some(NOW + PAUSE));
}

#[test]
fn an_open_circuit_lets_one_probe_through() {
    let mut circuit = open();
    let later = NOW + PAUSE;
    assert!(!circuit.may_start(BREAKER, NOW) && !circuit.may_start(BREAKER, later - 1));
    assert_eq!(circuit.blocked_until(BREAKER, later), None);
    assert!(circuit.may_start(BREAKER, later));
    assert!(!circuit.may_start(BREAKER, later) && !circuit.may_start(BREAKER, later + 1));
    circuit.record(BREAKER, Reaction::Failed, later + 10);
    assert_eq!(
        circuit.blocked_until(BREAKER, later + 10),
        Some(later + 10 + PAUSE)
    );
    assert!(circuit.may_start(BREAKER, later + 10 + PAUSE));
    circuit.record(BREAKER, Reaction::Took, later + 20 + PAUSE);
    assert_eq!(circuit, Circuit::default());
    assert!(circuit.may_start(BREAKER, later) && circuit.may_start(BREAKER, later));
}

#[test]
fn a_lost_probe_holds_a_circuit_no_longer_than_a_pause() {
    let mut circuit = open();
    let later = NOW + PAUSE;
    assert!(circuit.may_start(BREAKER, later));
    assert!(!circuit.may_start(BREAKER, later + PAUSE - 1));
    assert!(circuit.may_start(BREAKER, later + PAUSE));
}

#[test]
fn late_answers_of_attempts_from_before() {
    let mut circuit = open();
    circuit.record(BREAKER, Reaction::TimedOut, NOW + 9000);
    assert_eq!(circuit.blocked_until(BREAKER, NOW + 9000), Some(NOW + PAUSE));
    circuit.record(BREAKER, Reaction::Took, NOW + 9001);
    assert!(circuit.may_start(BREAKER, NOW + 9001));
}

#[test]
fn a_clock_set_back_does_not_hold_a_circuit() {
    let mut circuit = open();
    assert!(!circuit.may_start(BREAKER, NOW + 1));
    assert!(circuit.may_start(BREAKER, NOW - HOUR));
    assert!(!circuit.may_start(BREAKER, NOW - HOUR));
}

proptest! {
    #[test]
    fn jitter_stays_within_a_fifth(attempt in 1..8u32, random in 0.0..1.0f64, long in any::<bool>()) {
        let policy = if long { Policy::Long } else { Policy::Five };
        let Next::At(middle) = next(policy, attempt, NOW, NOW, 0.5, None) else { return Ok(()) };
        let Next::At(at) = next(policy, attempt, NOW, NOW, random, None) else { panic!("exhausted") };
        let (base, wait) = (middle - NOW, at - NOW);
        prop_assert!(wait * 10 >= base * 8 && wait * 10 <= base * 12, "{} of {}", wait, base);
    }

    #[test]
    fn jitter_reaches_both_ends(attempt in 1..4u32) {
        let wait = |random| match next(Policy::Five, attempt, NOW, NOW, random, None) {
            Next::At(at) => at - NOW,
            Next::Exhausted => 0,
        };
        prop_assert_eq!(wait(0.0) * 10, wait(0.5) * 8);
        prop_assert!(wait(0.999_999) * 1000 > wait(0.5) * 1199);
    }

    #[test]
    fn next_is_never_in_the_past_and_never_too_far(
        policy in prop::sample::select(&Policy::ALL[..]),
        attempt in any::<u32>(),
        first in any::<i64>(),
        now in any::<i64>(),
        random in any::<f64>(),
        retry_after in any::<Option<i64>>(),
    ) {
        if let Next::At(at) = next(policy, attempt, first, now, random, retry_after) {
            prop_assert!(at >= now);
            if first <= now {
                prop_assert!(at <= now.saturating_add(RETRY_AFTER_CAP_MS));
            }
        }
    }

    #[test]
    fn any_retry_after_is_read_calmly(header in ".{0,40}", now in any::<i64>()) {
        if let Some(wait) = parse_retry_after(&header, now) {
            prop_assert!((0..=RETRY_AFTER_CAP_MS).contains(&wait));
        }
    }

    #[test]
    fn retry_after_dates_agree_with_jiff(wait in 0..86_400i64) {
        let at = jiff::Timestamp::from_millisecond(NOW + wait * 1000).unwrap();
        let header = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap();
        prop_assert_eq!(parse_retry_after(&header, NOW), Some(wait * 1000));
    }

    /// A destination that never succeeds gets at most one attempt in any thirty seconds once its circuit is open, whatever the
    /// attempts' ends and the order of things.
    #[test]
    fn a_dead_destination_costs_one_probe_in_thirty_seconds(
        steps in prop::collection::vec((0..20_000i64, 0..3u8), 1..300),
    ) {
        let (mut circuit, mut now, mut probes) = (open(), NOW, Vec::new());
        for (pause, action) in steps {
            now += pause;
            match action {
                0 => circuit.record(BREAKER, Reaction::Failed, now),
                1 => circuit.record(BREAKER, Reaction::TimedOut, now),
                _ if circuit.may_start(BREAKER, now) => probes.push(now),
                _ => prop_assert!(circuit.blocked_until(BREAKER, now).is_some_and(|until| until > now && until <= now + PAUSE)),
            }
        }
        prop_assert!(probes.windows(2).all(|pair| pair[1] - pair[0] >= PAUSE));
        prop_assert!(probes.first().is_none_or(|first| *first >= NOW + PAUSE));
    }
}
