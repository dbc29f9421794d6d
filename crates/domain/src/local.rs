//! Times as people say them: an hour of the day, days of the week, in a time zone.
//!
//! Where clocks jump forward over a time, that time is the instant of the jump; where they go back and a time comes twice, a
//! beginning is the first of the two and an end the last. A name that is no IANA time zone is read as UTC: names are
//! checked where they come in, and a message must not be lost over one that a later release of the database dropped.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The time zone of that name, else UTC.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Whether a name is an IANA time zone.
pub fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// The first name that is a time zone: that of the recipient, of the tenant, and so on; else `UTC`.
pub fn first_zone<'a>(names: impl IntoIterator<Item = Option<&'a str>>) -> &'a str {
    let mut known = names.into_iter().flatten().filter(|name| is_zone(name));
    known.next().unwrap_or("UTC")
}

/// An hour and a minute of the day, from `00:00` to `23:59`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The hour and the minute; `None` when there is no such time.
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self(hour * 60 + minute))
    }

    /// Reads `HH:MM`; the error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let two = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        };
        let read = text
            .split_once(':')
            .and_then(|(hour, minute)| Self::new(two(hour)?, two(minute)?));
        read.ok_or_else(|| format!("`{}` is not a time of the day such as 09:00", short(text)))
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// The words for the days of the week, in their order.
const WORDS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Some days of the week, at least one. Written `mon-fri`, `sat,sun`, `daily` or as a list of words; kept as that list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days(u8);

impl Days {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);

    /// Whether they are all.
    pub fn is_all(&self) -> bool {
        *self == Self::ALL
    }

    /// Whether a date falls on one of them.
    pub fn contain(self, weekday: Weekday) -> bool {
        self.0 & (1 << weekday.to_monday_zero_offset()) != 0
    }

    /// Their numbers, Monday being 0.
    pub fn numbers(self) -> impl Iterator<Item = usize> {
        (0..WORDS.len()).filter(move |at| self.0 & (1 << at) != 0)
    }

    /// Reads `mon-fri`, `sat,sun`, `fri-mon,wed` or `daily`; the error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "daily" {
            return Ok(Self::ALL);
        }
        text.split(',').try_fold(Self(0), |days, part| {
            let more = match part.trim().split_once('-') {
                Some((from, to)) => Self::between(day(from.trim())?, day(to.trim())?),
                None => Self(1 << day(part.trim())?),
            };
            Ok(Self(days.0 | more.0))
        })
    }

    /// From one day to another, over the end of the week where that is the way.
    fn between(from: usize, to: usize) -> Self {
        let length = (to + 7 - from) % 7;
        Self((0..=length).fold(0, |days, step| days | 1 << ((from + step) % 7)))
    }

    fn words(self) -> impl Iterator<Item = &'static str> {
        self.numbers().map(|at| WORDS[at])
    }
}

fn day(word: &str) -> Result<usize, String> {
    let known = WORDS.iter().position(|known| *known == word);
    known.ok_or_else(|| {
        format!(
            "`{}` is not a day of the week; known: {}",
            short(word),
            WORDS.join(", ")
        )
    })
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

impl Default for Days {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("daily");
        }
        let words: Vec<_> = self.words().collect();
        // A run of three or more days is told by its ends.
        let (first, last) = (self.0.trailing_zeros(), 8 - self.0.leading_zeros());
        if words.len() > 2 && last - first == self.0.count_ones() {
            return write!(f, "{}-{}", words[0], words[words.len() - 1]);
        }
        f.write_str(&words.join(","))
    }
}

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl Serialize for Days {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.words())
    }
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DaysForm)
    }
}

struct DaysForm;

impl<'de> de::Visitor<'de> for DaysForm {
    type Value = Days;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("days such as mon-fri, or a list of days such as [mon, fri]")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Days, E> {
        Days::parse(text).map_err(E::custom)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Days, A::Error> {
        let mut days = Days(0);
        while let Some(text) = list.next_element::<String>()? {
            days.0 |= Days::parse(&text).map_err(de::Error::custom)?.0;
        }
        if days.0 == 0 {
            return Err(de::Error::custom("a list of days names at least one"));
        }
        Ok(days)
    }
}

/// Which of the two instants is meant where a time comes twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twice {
    /// The earlier.
    First,
    /// The later.
    Last,
}

/// The local date of an instant (milliseconds since the Unix epoch); `None` beyond the calendar.
pub fn date(zone: &TimeZone, at: i64) -> Option<Date> {
    let at = Timestamp::from_millisecond(at).ok()?;
    Some(zone.to_datetime(at).date())
}

/// When the clocks of a zone show that many minutes (up to 1440) after midnight of a date, in milliseconds since the Unix epoch.
pub fn instant(zone: &TimeZone, date: Date, minutes: u16, twice: Twice) -> Option<i64> {
    let time = clock(date, minutes)?;
    let found = zone.to_ambiguous_timestamp(time);
    let at = match (found.offset(), twice) {
        (AmbiguousOffset::Unambiguous { .. }, _) => found.compatible().ok()?,
        (AmbiguousOffset::Fold { .. }, Twice::First) => found.earlier().ok()?,
        (AmbiguousOffset::Fold { .. }, Twice::Last) => found.later().ok()?,
        (AmbiguousOffset::Gap { .. }, _) => zone.following(found.earlier().ok()?).next()?.timestamp(),
    };
    Some(at.as_millisecond())
}

fn clock(date: Date, minutes: u16) -> Option<DateTime> {
    let date = if minutes < 1440 {
        date
    } else {
        date.tomorrow().ok()?
    };
    let minutes = i8::try_from(minutes % 60)
        .ok()
        .zip(i8::try_from(minutes % 1440 / 60).ok());
    minutes.map(|(minute, hour)| date.at(hour, minute, 0, 0))
}

/// The first instant after `after` (milliseconds since the Unix epoch) at which it is that time of one of these days.
pub fn next(zone: &TimeZone, at: TimeOfDay, on: Days, after: i64) -> Option<i64> {
    let mut day = date(zone, after)?;
    // A week holds every day once; one more for a time that has passed today.
    for _ in 0..=7 {
        if on.contain(day.weekday()) {
            let found = instant(zone, day, at.minutes(), Twice::First)?;
            if found > after {
                return Some(found);
            }
        }
        day = day.tomorrow().ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::{parse_rfc3339, rfc3339};

    fn next_in(name: &str, at: &str, on: &str, after: &str) -> String {
        let after = parse_rfc3339(after).unwrap();
        let next = next(&zone(name), at.parse().unwrap(), on.parse().unwrap(), after);
        rfc3339(next.unwrap()).replace(":00.000Z", "Z")
    }

    #[test]
    fn times_come_around_in_their_zone() {
        let after = "2026-02-07T10:00:00Z";
        assert_eq!(next_in("UTC", "09:00", "daily", after), "2026-02-08T09:00Z");
        assert_eq!(next_in("UTC", "10:00", "daily", after), "2026-02-08T10:00Z");
        assert_eq!(next_in("UTC", "10:01", "daily", after), "2026-02-07T10:01Z");
        assert_eq!(next_in("UTC", "10:00", "sat", after), "2026-02-14T10:00Z");
        assert_eq!(
            next_in("Europe/Berlin", "09:00", "mon-fri", after),
            "2026-02-09T08:00Z"
        );
        assert_eq!(
            next_in("Asia/Kathmandu", "09:00", "daily", after),
            "2026-02-08T03:15Z"
        );
        assert_eq!(
            next_in("Mars/Olympus", "09:00", "daily", after),
            "2026-02-08T09:00Z"
        );
    }

    #[test]
    fn a_time_that_clocks_jump_over_is_the_jump() {
        // Berlin: 02:00 becomes 03:00 at 01:00Z.
        let before = "2026-03-28T12:00:00Z";
        assert_eq!(
            next_in("Europe/Berlin", "02:30", "daily", before),
            "2026-03-29T01:00Z"
        );
        assert_eq!(
            next_in("Europe/Berlin", "03:00", "daily", before),
            "2026-03-29T01:00Z"
        );
        assert_eq!(
            next_in("Europe/Berlin", "02:30", "daily", "2026-03-29T01:00:00Z"),
            "2026-03-30T00:30Z"
        );
        // Lord Howe: 02:00 becomes 02:30 at 15:30Z of the day before.
        assert_eq!(
            next_in("Australia/Lord_Howe", "02:15", "daily", "2026-10-03T12:00:00Z"),
            "2026-10-03T15:30Z"
        );
        // Apia had no 30 December 2011; the day after began at 10:00Z.
        assert_eq!(
            next_in("Pacific/Apia", "09:00", "fri", "2011-12-29T22:00:00Z"),
            "2011-12-30T10:00Z"
        );
    }

    #[test]
    fn a_time_that_comes_twice_comes_once() {
        // Berlin: 03:00 becomes 02:00 at 01:00Z.
        assert_eq!(
            next_in("Europe/Berlin", "02:30", "daily", "2026-10-24T12:00:00Z"),
            "2026-10-25T00:30Z"
        );
        assert_eq!(
            next_in("Europe/Berlin", "02:30", "daily", "2026-10-25T00:30:00Z"),
            "2026-10-26T01:30Z"
        );
        assert_eq!(
            next_in("Europe/Berlin", "02:30", "daily", "2026-10-25T01:00:00Z"),
            "2026-10-26T01:30Z"
        );
    }

    #[test]
    fn days_are_read_and_written() {
        for (text, printed, listed) in [
            ("mon-fri", "mon-fri", r#"["mon","tue","wed","thu","fri"]"#),
            ("sat,sun", "sat,sun", r#"["sat","sun"]"#),
            ("sun, sat", "sat,sun", r#"["sat","sun"]"#),
            ("fri-mon", "mon,fri,sat,sun", r#"["mon","fri","sat","sun"]"#),
            ("wed", "wed", r#"["wed"]"#),
            ("mon-tue", "mon,tue", r#"["mon","tue"]"#),
            ("daily", "daily", r#"["mon","tue","wed","thu","fri","sat","sun"]"#),
            ("fri-sun", "fri-sun", r#"["fri","sat","sun"]"#),
        ] {
            let days = Days::parse(text).unwrap();
            assert_eq!(days.to_string(), printed);
            assert_eq!(serde_json::to_string(&days).unwrap(), listed);
            assert_eq!(serde_json::from_str::<Days>(listed).unwrap(), days);
            assert_eq!(serde_json::from_value::<Days>(text.into()).unwrap(), days);
        }
        for text in ["", "mon-", "monday", "Mon", "mon--fri", "mon,,fri", "mon-tue-wed"] {
            assert!(Days::parse(text).is_err(), "{text}");
        }
        assert!(
            serde_json::from_str::<Days>("[]")
                .unwrap_err()
                .to_string()
                .contains("at least one")
        );
        assert!(
            serde_json::from_str::<Days>("3")
                .unwrap_err()
                .to_string()
                .contains("mon-fri")
        );
    }

    #[test]
    fn times_of_the_day_are_read_strictly() {
        assert_eq!(TimeOfDay::parse("07:05").unwrap().to_string(), "07:05");
        assert_eq!(TimeOfDay::parse("23:59").unwrap().minutes(), 1439);
        for text in [
            "",
            "24:00",
            "7:00",
            "07:60",
            "07:0",
            "0700",
            "07:00:00",
            "+7:00",
            "-1:00",
            "07:00 ",
            "٠٧:٠٠",
        ] {
            assert!(TimeOfDay::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_known_zone_is_taken() {
        assert_eq!(
            first_zone([None, Some("Mars/Olympus"), Some("Asia/Kathmandu"), Some("UTC")]),
            "Asia/Kathmandu"
        );
        assert_eq!(first_zone([None, None]), "UTC");
        assert!(!is_zone("") && !is_zone("../etc/passwd") && is_zone("Europe/Berlin"));
    }

    #[test]
    fn instants_beyond_the_calendar_are_none() {
        for at in [i64::MIN, i64::MAX] {
            assert_eq!(next(&TimeZone::UTC, TimeOfDay(0), Days::ALL, at), None);
        }
    }

    const ZONES: [&str; 5] = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Apia",
    ];

    proptest! {
        /// From 2010 to 2030, so that Apia's lost day lies in between.
        #[test]
        fn the_next_time_is_soon_and_on_the_clock(
            after in 1_262_304_000_000i64..1_893_456_000_000,
            minutes in 0u16..1440,
            name in prop::sample::select(&ZONES[..]),
        ) {
            let zone = zone(name);
            let found = next(&zone, TimeOfDay(minutes), Days::ALL, after).unwrap();
            prop_assert!(found > after);
            // Two days cover a day that is an hour longer, or is not there at all.
            prop_assert!(found - after <= 2 * 86_400_000);
            let shown = zone.to_datetime(Timestamp::from_millisecond(found).unwrap());
            let before = zone.to_datetime(Timestamp::from_millisecond(found - 1).unwrap());
            let of_day = u16::try_from(i64::from(shown.hour()) * 60 + i64::from(shown.minute())).unwrap();
            let jumped = before.duration_until(shown).as_secs() > 60;
            prop_assert!(of_day == minutes || jumped, "{} {} {}", shown, minutes, name);
            // Nothing between was that time for the first time.
            let between = next(&zone, TimeOfDay(minutes), Days::ALL, found - 1).unwrap();
            prop_assert_eq!(between, found);
        }
    }
}
