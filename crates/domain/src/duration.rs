//! Lengths of time as people write them: `30s`, `5m`, `1h 30m`, `180d`, `1w`, or ISO 8601 such as `PT5M`.
//!
//! Every unit has one fixed length, so months and years are refused, and a day is 24 hours: what should happen at the same hour of the
//! day across daylight saving is written as a time of the day, not as a length.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Units from the largest down, with their milliseconds.
const UNITS: [(&str, i64); 6] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];
/// The longest length, in days: ten years.
const MOST_DAYS: i64 = 3_650;

/// A length of time in milliseconds: not negative, at most ten years.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    /// The longest there is.
    pub const MAX: Self = Self(MOST_DAYS * 86_400_000);

    /// So many milliseconds, or the nearest length there is.
    pub const fn from_ms(ms: i64) -> Self {
        if ms < 0 {
            Self(0)
        } else if ms > Self::MAX.0 {
            Self::MAX
        } else {
            Self(ms)
        }
    }

    /// The milliseconds.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Reads the text; the error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let ms = if text.starts_with('P') {
            iso(text)
        } else {
            sum(text)
        };
        let ms = ms.ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            format!(
                "`{shown}` is not a length of time: write it such as 30s, 5m, 2h, 1h 30m, 180d, 1w or PT5M"
            )
        })?;
        if ms > Self::MAX.0 {
            return Err(format!("a length of time is at most {MOST_DAYS}d"));
        }
        Ok(Self(ms))
    }
}

/// Adds up numbers with units, each unit once and the larger first.
fn sum(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total = 0i64;
    loop {
        let (number, after) = leading(rest, |c| c.is_ascii_digit());
        let (unit, after) = leading(after, |c| c.is_ascii_alphabetic());
        let (_, scale) = units.find(|(name, _)| *name == unit)?;
        total = add(total, number, *scale)?;
        if after.is_empty() {
            return Some(total);
        }
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
}

/// Reads `P1W`, `P1DT2H30M5.5S` and the like.
fn iso(text: &str) -> Option<i64> {
    let (days, times) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text.strip_prefix('P')?, ""),
    };
    if days.is_empty() && times.is_empty() {
        return None;
    }
    let days = designated(days, &[('W', 604_800_000), ('D', 86_400_000)])?;
    let times = designated(times, &[('H', 3_600_000), ('M', 60_000), ('S', 1_000)])?;
    days.checked_add(times)
}

/// Adds up numbers with ISO designators in their order; seconds may have up to three digits behind a point.
fn designated(mut rest: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut units = units.iter();
    let mut total = 0i64;
    while !rest.is_empty() {
        let (number, after) = leading(rest, |c| c.is_ascii_digit());
        let (fraction, after) = match after.strip_prefix(['.', ',']) {
            Some(after) => leading(after, |c| c.is_ascii_digit()),
            None => ("", after),
        };
        let pointed = after.len() + number.len() + fraction.len() < rest.len();
        let designator = after.chars().next()?;
        let (_, scale) = units.find(|(name, _)| *name == designator)?;
        total = add(total, number, *scale)?;
        if pointed {
            let fits = designator == 'S' && (1..=3).contains(&fraction.len());
            let thousandths = fits.then(|| format!("{fraction:0<3}"))?;
            total = add(total, &thousandths, 1)?;
        }
        rest = &after[1..];
    }
    Some(total)
}

fn add(total: i64, number: &str, scale: i64) -> Option<i64> {
    number.parse::<i64>().ok()?.checked_mul(scale)?.checked_add(total)
}

fn leading(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// In the largest unit up to days that divides it; what was written `1h 30m` is printed `90m`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fitting = UNITS[1..]
            .iter()
            .find(|(_, scale)| self.0 != 0 && self.0 % scale == 0);
        let (unit, scale) = fitting.unwrap_or(&("s", 1));
        write!(f, "{}{unit}", self.0 / scale)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpanText)
    }
}

struct SpanText;

impl de::Visitor<'_> for SpanText {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a length of time with its unit, such as 30s, 5m, 2h or 7d")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
        Span::parse(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, ms) in [
            ("30s", 30_000),
            ("500ms", 500),
            ("5m", 300_000),
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            ("180d", 15_552_000_000),
            ("1w", 604_800_000),
            ("0s", 0),
            ("PT5M", 300_000),
            ("P1DT2H", 93_600_000),
            ("P2W", 1_209_600_000),
            ("PT1.5S", 1_500),
            ("PT0,25S", 250),
            ("PT36H", 129_600_000),
            ("3650d", 315_360_000_000),
        ] {
            assert_eq!(Span::parse(text).map(Span::ms), Ok(ms), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_is_refused() {
        for text in [
            "",
            " ",
            "5",
            "m",
            "-5m",
            "5 m",
            "1.5h",
            "5M",
            "30 sec",
            "30m 1h",
            "1m 1m",
            "1h  30m",
            "1h ",
            " 1h",
            "P",
            "PT",
            "P1Y",
            "P1M",
            "PT5",
            "P5M",
            "P1DT",
            "PT1.5M",
            "PT.5",
            "PT1.S",
            "PT1.2345S",
            "PT5M1H",
            "-PT5M",
            "3651d",
            "99999999999999999999d",
            "9223372036854775807w",
            "P99999999999W",
            "٣s",
            "immediate",
        ] {
            assert!(Span::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_are_kept_as_text() {
        let span: Span = serde_json::from_str(r#""PT90M""#).unwrap();
        assert_eq!(serde_json::to_string(&span).unwrap(), r#""90m""#);
        assert_eq!(Span::from_ms(86_400_000 * 14).to_string(), "14d");
        assert_eq!(Span::from_ms(0).to_string(), "0s");
        let error = serde_json::from_str::<Span>("300").unwrap_err().to_string();
        assert!(error.contains("with its unit"), "{error}");
    }

    #[test]
    fn lengths_stay_in_their_bounds() {
        assert_eq!(Span::from_ms(-1), Span::default());
        assert_eq!(Span::from_ms(i64::MAX), Span::MAX);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(ms in 0..=Span::MAX.ms()) {
            let span = Span::from_ms(ms);
            prop_assert_eq!(Span::parse(&span.to_string()), Ok(span));
        }

        #[test]
        fn no_text_makes_reading_panic(text in "[P0-9TWDHMSmshdw., é-]{0,14}") {
            if let Ok(span) = Span::parse(&text) {
                prop_assert!(span <= Span::MAX && span.ms() >= 0);
            }
        }
    }
}
