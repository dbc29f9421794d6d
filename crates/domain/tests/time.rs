//! RFC 3339 against `jiff`, and the spellings that are not taken.

use domain::time::{MAX_MS, MIN_MS, parse_rfc3339, push_rfc3339, rfc3339};
use jiff::Timestamp;
use proptest::prelude::*;

#[test]
fn writes_milliseconds_in_utc() {
    let table = [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_770_458_400_000, "2026-02-07T10:00:00.000Z"),
        (951_782_400_001, "2000-02-29T00:00:00.001Z"),
        (951_868_799_999, "2000-02-29T23:59:59.999Z"),
        (4_107_542_399_000, "2100-02-28T23:59:59.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (MIN_MS, "0000-01-01T00:00:00.000Z"),
        (MAX_MS, "9999-12-31T23:59:59.999Z"),
        (i64::MIN, "0000-01-01T00:00:00.000Z"),
        (i64::MAX, "9999-12-31T23:59:59.999Z"),
    ];
    for (ms, text) in table {
        assert_eq!(rfc3339(ms), text);
    }
    let mut out = String::from("at ");
    push_rfc3339(0, &mut out);
    assert_eq!(out, "at 1970-01-01T00:00:00.000Z");
}

#[test]
fn reads_offsets_and_fractions() {
    let table = [
        ("2026-02-07T10:00:00Z", 1_770_458_400_000),
        ("2026-02-07T10:00:00.5Z", 1_770_458_400_500),
        ("2026-02-07T10:00:00.12Z", 1_770_458_400_120),
        ("2026-02-07T10:00:00.123456789Z", 1_770_458_400_123),
        ("2026-02-07T10:00:00.999999999Z", 1_770_458_400_999),
        ("2026-02-07T12:30:00+02:30", 1_770_458_400_000),
        ("2026-02-06T10:01:00.000-23:59", 1_770_458_400_000),
        ("2026-02-07T10:00:00-00:00", 1_770_458_400_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("0000-01-01T00:00:00Z", MIN_MS),
        ("9999-12-31T23:59:59.999Z", MAX_MS),
    ];
    for (text, ms) in table {
        assert_eq!(parse_rfc3339(text), Some(ms), "{text}");
    }
}

#[test]
fn refuses_every_other_spelling() {
    let table = [
        "",
        "2026-02-07",
        "2026-02-07T10:00:00",
        "2026-02-07T10:00Z",
        "2026-02-07 10:00:00Z",
        "2026-02-07t10:00:00Z",
        "2026-02-07T10:00:00z",
        " 2026-02-07T10:00:00Z",
        "2026-02-07T10:00:00Z ",
        "2026-02-07T10:00:00Zulu",
        "2026-02-07T10:00:00.Z",
        "2026-02-07T10:00:00,5Z",
        "2026-02-07T10:00:00.1234567890Z",
        "2026-02-07T10:00:00.-1Z",
        "2026-02-07T10:00:00+0200",
        "2026-02-07T10:00:00+2:00",
        "2026-02-07T10:00:00+02",
        "2026-02-07T10:00:00+24:00",
        "2026-02-07T10:00:00+02:60",
        "2026-02-07T10:00:00+-2:00",
        "2026-02-07T24:00:00Z",
        "2026-02-07T10:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-00-07T10:00:00Z",
        "2026-13-07T10:00:00Z",
        "2026-02-00T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2100-02-29T10:00:00Z",
        "2026-04-31T10:00:00Z",
        "2026-2-7T10:00:00.000Z",
        "+2026-02-07T10:00:00Z",
        "-026-02-07T10:00:00Z",
        "12026-02-07T10:00:00Z",
        "2026-02-07T1+:00:00Z",
        "２026-02-07T10:00:00Z",
        "2026-02-07T10:00:00.000000000+00:00:00",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "1770458400000",
    ];
    for text in table {
        assert_eq!(parse_rfc3339(text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn writes_what_jiff_writes(ms in prop_oneof![0..4_102_444_800_000i64, MIN_MS..MAX_MS - 86_400_000]) {
        let expected = Timestamp::from_millisecond(ms).unwrap();
        prop_assert_eq!(rfc3339(ms), format!("{expected:.3}"));
    }

    #[test]
    fn reads_what_it_writes(ms in MIN_MS..=MAX_MS) {
        prop_assert_eq!(parse_rfc3339(&rfc3339(ms)), Some(ms));
    }

    #[test]
    fn reads_what_jiff_reads(
        date in "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]",
        time in "[0-2][0-9]:[0-6][0-9]:[0-5][0-9]",
        fraction in "(\\.[0-9]{1,9})?",
        zone in "Z|[+-][0-2][0-9]:[0-6][0-9]",
    ) {
        let text = format!("{date}T{time}{fraction}{zone}");
        let expected = text.parse::<Timestamp>().ok().map(|at| at.as_nanosecond().div_euclid(1_000_000));
        let hours: u8 = zone.get(1..3).map_or(0, |hours| hours.parse().unwrap());
        // jiff takes offsets up to 25:59.
        prop_assume!(hours < 24);
        prop_assert_eq!(parse_rfc3339(&text).map(i128::from), expected);
    }

    #[test]
    fn any_text_is_read_calmly(text in ".{0,40}") {
        let _ = parse_rfc3339(&text);
    }
}
