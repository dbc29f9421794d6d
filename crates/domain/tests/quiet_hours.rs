//! Quiet hours on every clock: nights across midnight, days that are longer, shorter, or not there at all.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
#![allow(clippy::needless_pass_by_value, reason = "what `json!` makes is handed over")]

use domain::channel::Channel;
use domain::quiet_hours::{LONGEST_MS, QuietHours};
use domain::text::Faults;
use domain::time::{parse_rfc3339, rfc3339};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};

const ZONES: [&str; 5] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
];

fn quiet(windows: Value) -> QuietHours {
    serde_json::from_value(json!({"windows": windows})).unwrap()
}

fn at(text: &str) -> i64 {
    parse_rfc3339(text).unwrap()
}

/// Until when mail is held, or `-`.
fn held(quiet: &QuietHours, zone: &str, now: &str) -> String {
    let until = quiet.held_until(Channel::Email, zone, at(now));
    until.map_or("-".to_owned(), |until| rfc3339(until).replace(":00.000Z", "Z"))
}

#[test]
fn a_night_ends_on_the_next_day() {
    let nights = quiet(json!([{"during": "22:00-07:00", "on": "mon-fri"}]));
    for (now, until) in [
        // 2026-02-06 is a Friday.
        ("2026-02-06T21:59:59.999Z", "-"),
        ("2026-02-06T22:00:00Z", "2026-02-07T07:00Z"),
        ("2026-02-07T06:59:59.999Z", "2026-02-07T07:00Z"),
        ("2026-02-07T07:00:00Z", "-"),
        ("2026-02-07T23:00:00Z", "-"),
        ("2026-02-09T03:00:00Z", "-"),
        ("2026-02-10T03:00:00Z", "2026-02-10T07:00Z"),
    ] {
        assert_eq!(held(&nights, "UTC", now), until, "{now}");
    }
}

#[test]
fn the_recipients_clock_counts_unless_another_is_named() {
    let mut nights = quiet(json!([{"during": "22:00-07:00"}]));
    assert_eq!(
        held(&nights, "Asia/Kathmandu", "2026-02-06T20:00:00Z"),
        "2026-02-07T01:15Z"
    );
    assert_eq!(held(&nights, "Mars/Olympus", "2026-02-06T20:00:00Z"), "-");
    nights.zone = Some("America/New_York".to_owned());
    assert_eq!(
        held(&nights, "Asia/Kathmandu", "2026-02-07T11:00:00Z"),
        "2026-02-07T12:00Z"
    );
}

#[test]
fn windows_that_touch_are_one() {
    let weekend = quiet(json!([
        {"during": "18:00-24:00", "on": "fri"},
        {"during": "00:00-24:00", "on": "sat,sun"},
        {"during": "00:00-08:00", "on": "mon"},
        {"during": "07:30-08:30", "on": "mon"},
        {"during": "08:31-09:00", "on": "mon"},
    ]));
    assert_eq!(held(&weekend, "UTC", "2026-02-06T18:00:00Z"), "2026-02-09T08:30Z");
    assert_eq!(held(&weekend, "UTC", "2026-02-09T08:30:00Z"), "-");
}

#[test]
fn a_channel_is_quiet_when_it_is_named_or_makes_itself_heard() {
    let covered = |channels: Value| -> Vec<&str> {
        let quiet = quiet(json!([{"during": "00:00-12:00", "channels": channels}]));
        let now = at("2026-02-06T06:00:00Z");
        let channels = Channel::ALL.into_iter();
        let held = channels.filter(|channel| quiet.held_until(*channel, "UTC", now).is_some());
        held.map(Channel::as_str).collect()
    };
    assert_eq!(
        covered(json!([])),
        ["email", "slack", "teams", "push", "sms", "voice"]
    );
    assert_eq!(covered(json!(["in_app", "sms"])), ["in_app", "sms"]);
}

#[test]
fn clocks_that_go_forward_shorten_the_night() {
    let berlin = "Europe/Berlin";
    // 02:00 becomes 03:00 at 01:00Z on 29 March.
    let night = quiet(json!([{"during": "22:00-07:00"}]));
    assert_eq!(held(&night, berlin, "2026-03-28T21:00:00Z"), "2026-03-29T05:00Z");
    let ends_in_gap = quiet(json!([{"during": "22:00-02:30"}]));
    assert_eq!(
        held(&ends_in_gap, berlin, "2026-03-29T00:59:59Z"),
        "2026-03-29T01:00Z"
    );
    assert_eq!(held(&ends_in_gap, berlin, "2026-03-29T01:00:00Z"), "-");
    let starts_in_gap = quiet(json!([{"during": "02:30-04:00"}]));
    assert_eq!(held(&starts_in_gap, berlin, "2026-03-29T00:59:59Z"), "-");
    assert_eq!(
        held(&starts_in_gap, berlin, "2026-03-29T01:00:00Z"),
        "2026-03-29T02:00Z"
    );
    let lies_in_gap = quiet(json!([{"during": "02:10-02:50"}]));
    for now in [
        "2026-03-29T00:30:00Z",
        "2026-03-29T01:00:00Z",
        "2026-03-29T01:30:00Z",
    ] {
        assert_eq!(held(&lies_in_gap, berlin, now), "-", "{now}");
    }
}

#[test]
fn clocks_that_go_back_cut_no_night_short() {
    // 03:00 becomes 02:00 at 01:00Z on 25 October.
    let early = quiet(json!([{"during": "22:00-02:30"}]));
    assert_eq!(
        held(&early, "Europe/Berlin", "2026-10-24T20:00:00Z"),
        "2026-10-25T01:30Z"
    );
    assert_eq!(
        held(&early, "Europe/Berlin", "2026-10-25T00:45:00Z"),
        "2026-10-25T01:30Z"
    );
    let late = quiet(json!([{"during": "02:30-07:00"}]));
    assert_eq!(held(&late, "Europe/Berlin", "2026-10-25T00:15:00Z"), "-");
    assert_eq!(
        held(&late, "Europe/Berlin", "2026-10-25T01:15:00Z"),
        "2026-10-25T06:00Z"
    );
    // Half an hour: 02:00 becomes 01:30 at 15:00Z of the day before.
    let half = quiet(json!([{"during": "22:00-01:45"}]));
    assert_eq!(
        held(&half, "Australia/Lord_Howe", "2026-04-04T13:00:00Z"),
        "2026-04-04T15:15Z"
    );
}

#[test]
fn a_day_that_is_not_there_makes_one_night_of_two() {
    // Apia went from the end of 29 December 2011 to the beginning of the 31st, at 10:00Z on the 30th.
    let night = quiet(json!([{"during": "22:00-07:00"}]));
    assert_eq!(
        held(&night, "Pacific/Apia", "2011-12-30T09:00:00Z"),
        "2011-12-30T17:00Z"
    );
}

#[test]
fn nothing_is_held_for_longer_than_a_week() {
    let always = quiet(json!([{"during": "00:00-24:00"}]));
    let now = at("2026-02-06T06:00:00Z");
    assert_eq!(
        always.held_until(Channel::Email, "UTC", now),
        Some(now + LONGEST_MS)
    );
}

fn faults(form: Value) -> Vec<(String, &'static str)> {
    let quiet: QuietHours = serde_json::from_value(form).unwrap();
    let mut faults = Faults::default();
    quiet.check("/q", &mut faults);
    let faults = faults.finish().err().unwrap_or_default();
    faults
        .into_iter()
        .map(|fault| (fault.pointer, fault.code))
        .collect()
}

#[test]
fn windows_that_leave_no_time_are_refused() {
    for windows in [
        json!([{"during": "00:00-24:00"}]),
        json!([{"during": "22:00-07:00"}, {"during": "07:00-22:00"}]),
        json!([{"during": "12:00-11:59"}, {"during": "11:00-13:00"}]),
        json!([{"during": "00:00-24:00", "channels": ["in_app", "sms"]}]),
        json!([{"during": "00:00-24:00", "on": "mon-fri"}, {"during": "00:00-24:00", "on": "sat,sun", "channels": ["sms"]}]),
    ] {
        assert_eq!(
            faults(json!({"windows": windows})),
            [("/q/windows".to_owned(), "always")],
            "{windows}"
        );
    }
    for windows in [
        json!([]),
        json!([{"during": "22:00-07:00"}]),
        json!([{"during": "00:00-23:59"}]),
        json!([{"during": "00:00-24:00", "on": "mon-sat"}]),
        json!([{"during": "00:00-12:00", "channels": ["sms"]}, {"during": "12:00-24:00", "channels": ["email"]}]),
    ] {
        assert_eq!(faults(json!({"windows": windows})), [], "{windows}");
    }
}

#[test]
fn what_is_wrong_with_quiet_hours_is_told() {
    assert_eq!(
        faults(json!({"windows": [], "zone": "Mars/Olympus"})),
        [("/q/zone".to_owned(), "unknown")]
    );
    assert_eq!(
        faults(json!({"windows": [{"during": "01:00-02:00", "channels": ["webhook"]}]})),
        [("/q/windows/0/channels".to_owned(), "unfitting")]
    );
    let many = vec![json!({"during": "01:00-02:00"}); 21];
    assert_eq!(
        faults(json!({"windows": many})),
        [("/q/windows".to_owned(), "too_many")]
    );
    for (form, why) in [
        (json!({}), "windows"),
        (json!({"windows": [{"on": "mon"}]}), "during"),
        (json!({"windows": [{"during": "22:00"}]}), "from when to when"),
        (json!({"windows": [{"during": "22:00-22:00"}]}), "00:00-24:00"),
        (json!({"windows": [{"during": "24:00-07:00"}]}), "time of the day"),
        (json!({"windows": [{"during": "22:00-7:00"}]}), "time of the day"),
        (
            json!({"windows": [{"during": "22:00-07:00", "channels": ["mail"]}]}),
            "in_app",
        ),
        (
            json!({"windows": [{"during": "22:00-07:00", "days": "mon"}]}),
            "unknown field",
        ),
    ] {
        let error = serde_json::from_value::<QuietHours>(form.clone())
            .unwrap_err()
            .to_string();
        assert!(error.contains(why), "{form}: {error}");
    }
}

#[test]
fn quiet_hours_are_kept_as_they_are_written() {
    let form = json!({
        "windows": [
            {"during": "22:00-07:00", "on": ["mon", "fri"], "channels": ["email"]},
            {"during": "00:00-24:00", "on": ["sun"]},
        ],
        "zone": "Europe/Berlin",
        "gather": true,
    });
    let quiet: QuietHours = serde_json::from_value(form.clone()).unwrap();
    assert_eq!(serde_json::to_value(quiet).unwrap(), form);
}

/// Whether the clock on the wall shows a quiet time, as one would say by looking at it.
fn by_the_clock(zone: &TimeZone, now: i64, from: i64, to: i64, days: &[i64]) -> bool {
    let shown = zone.to_datetime(Timestamp::from_millisecond(now).unwrap());
    let minutes = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
    let today = i64::from(shown.weekday().to_monday_zero_offset());
    let begins_on = |day: i64| days.contains(&day.rem_euclid(7));
    if from < to {
        begins_on(today) && (from..to).contains(&minutes)
    } else {
        (minutes >= from && begins_on(today)) || (minutes < to && begins_on(today - 1))
    }
}

/// Whether the clocks change within two days.
fn is_unsettled(zone: &TimeZone, now: i64) -> bool {
    let offset = |days: i64| zone.to_offset(Timestamp::from_millisecond(now + days * 86_400_000).unwrap());
    offset(-2) != offset(0) || offset(0) != offset(2)
}

fn window(from: i64, to: i64, days: &[i64]) -> Value {
    let words = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let during = format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60);
    let on: Vec<_> = days
        .iter()
        .map(|day| words[usize::try_from(*day).unwrap()])
        .collect();
    json!({"during": during, "on": on})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// From 2010 to 2030: daylight saving of every kind, and Apia's lost day.
    #[test]
    fn the_end_is_the_end(
        now in 1_262_304_000_000i64..1_893_456_000_000,
        name in prop::sample::select(&ZONES[..]),
        parts in prop::collection::vec((0..1_440i64, 1..1_440i64, prop::collection::btree_set(0..7i64, 1..8)), 1..4),
        between in 0.0..1.0f64,
    ) {
        let windows = parts.iter().map(|(from, length, days)| {
            window(*from, (from + length) % 1_440, &days.iter().copied().collect::<Vec<_>>())
        });
        let quiet = quiet(windows.collect());
        let until = |now: i64| quiet.held_until(Channel::Sms, name, now);
        if let Some(end) = until(now) {
            prop_assert!(end > now && end <= now + LONGEST_MS);
            if end < now + LONGEST_MS {
                prop_assert_eq!(until(end), None, "it ends when it says so");
                let within = now + ((end - now) as f64 * between) as i64;
                prop_assert_eq!(until(within), Some(end), "there is no gap before");
                prop_assert_eq!(until(end - 1), Some(end));
            }
        }
    }

    #[test]
    fn on_settled_clocks_it_is_quiet_when_the_clock_says_so(
        now in 1_262_304_000_000i64..1_893_456_000_000,
        name in prop::sample::select(&ZONES[..]),
        from in 0..1_440i64,
        length in 1..1_440i64,
        days in prop::collection::btree_set(0..7i64, 1..8),
    ) {
        let zone = TimeZone::get(name).unwrap();
        prop_assume!(!is_unsettled(&zone, now));
        let days: Vec<_> = days.into_iter().collect();
        let to = (from + length) % 1_440;
        let held = quiet(json!([window(from, to, &days)])).held_until(Channel::Sms, name, now);
        prop_assert_eq!(held.is_some(), by_the_clock(&zone, now, from, to, &days));
    }
}
