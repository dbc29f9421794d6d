//! Durations, sizes and days: written the way people write them, kept as plain numbers.

use std::{fmt, time::Duration};

use toml::Value;

use crate::keys::{Setting, quoted, shown};

/// A length of time in milliseconds, written as `500ms`, `30s`, `1h 30m` or a bare number of milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub u64);

/// A size in bytes, written as `256 KiB`, `1 MB` or a bare number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bytes(pub u64);

/// A number of days, written as `90` or `90d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Days(pub u32);

type Units = [(&'static str, u64)];

/// Units from the largest down; the first that divides a value without a rest is the one it is written in.
const TIMES: &Units = &[
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];
const SIZES: &Units = &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
const DECIMAL_SIZES: &Units = &[("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000)];

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many seconds.
    pub const fn seconds(n: u64) -> Self {
        Self(n * 1000)
    }

    /// So many minutes.
    pub const fn minutes(n: u64) -> Self {
        Self::seconds(n * 60)
    }

    /// So many hours.
    pub const fn hours(n: u64) -> Self {
        Self::minutes(n * 60)
    }

    /// So many days.
    pub const fn days(n: u64) -> Self {
        Self::hours(n * 24)
    }

    /// The number of milliseconds.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The same for timers.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl Bytes {
    /// So many times 1,024 bytes.
    pub const fn kib(n: u64) -> Self {
        Self(n << 10)
    }

    /// So many times 1,048,576 bytes.
    pub const fn mib(n: u64) -> Self {
        Self(n << 20)
    }

    /// The number of bytes, as lengths are counted.
    pub fn get(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Days {
    /// The number of days.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = written(self.0, TIMES, "s");
        write!(f, "{number}{unit}")
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = written(self.0, SIZES, "B");
        write!(f, "{number} {unit}")
    }
}

impl Setting for Millis {
    fn accepts() -> String {
        "a duration such as 500ms, 30s, 15m, 12h or 7d".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        amount(text, &[TIMES])
            .map(Self)
            .ok_or_else(|| format!("{} is not a duration", quoted(text)))
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        Self::from_text(&text_or_number(value, "a duration")?)
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

impl Setting for Bytes {
    fn accepts() -> String {
        "a size such as 512 B, 256 KiB, 1 MiB or 1 MB".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        amount(text, &[SIZES, DECIMAL_SIZES])
            .map(Self)
            .ok_or_else(|| format!("{} is not a size", quoted(text)))
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        Self::from_text(&text_or_number(value, "a size")?)
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

impl Setting for Days {
    fn accepts() -> String {
        "a number of days".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        amount(text, &[&[("d", 1)]])
            .and_then(|days| u32::try_from(days).ok())
            .map(Self)
            .ok_or_else(|| format!("{} is not a number of days", quoted(text)))
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        Self::from_text(&text_or_number(value, "a number of days")?)
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Integer(self.0.into()))
    }
}

/// The text a variable would carry for a value of the file, so that both are read by the same rule.
fn text_or_number(value: &Value, wanted: &str) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        other => Err(format!("{} is not {wanted}", shown(other))),
    }
}

/// A bare number, or a sum of numbers with units: `1h 30m`. `None` for anything else and for what overflows.
fn amount(text: &str, units: &[&Units]) -> Option<u64> {
    let mut rest = text.trim();
    if let Ok(bare) = rest.parse() {
        return Some(bare);
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !c.is_ascii_digit());
        let (unit, after) = split_where(after.trim_start(), |c| !c.is_ascii_alphabetic());
        let (_, scale) = units.concat().into_iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(scale)?)?;
        rest = after.trim_start();
    }
    (!text.is_empty()).then_some(total)
}

fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// A value in the largest unit that divides it; `zero` is the unit nothing is written in.
fn written(value: u64, units: &Units, zero: &'static str) -> (u64, &'static str) {
    let fitting = units
        .iter()
        .find(|(_, scale)| value != 0 && value.is_multiple_of(*scale));
    fitting.map_or((value, zero), |(unit, scale)| (value / scale, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, millis) in [
            ("30s", 30_000),
            ("500ms", 500),
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            ("7d", 604_800_000),
            ("1500", 1500),
            ("2 s", 2000),
            ("0", 0),
        ] {
            assert_eq!(Millis::from_text(text), Ok(Millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "s",
            "-1s",
            "1.5h",
            "30 sec",
            "1h30",
            "30S",
            "18446744073709551615d",
            "1e3",
        ] {
            assert!(Millis::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("1 MiB", 1 << 20),
            ("1MiB", 1 << 20),
            ("1 MB", 1_000_000),
            ("512 B", 512),
            ("4096", 4096),
        ] {
            assert_eq!(Bytes::from_text(text), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "1 mib", "1 M", "a lot", "99999999999 GiB"] {
            assert!(Bytes::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for millis in [0, 1, 500, 1000, 90_000, 3_600_000, 86_400_000, 86_400_001] {
            assert_eq!(Millis::from_text(&Millis(millis).to_string()), Ok(Millis(millis)));
        }
        for bytes in [0, 1, 1024, 1025, 1 << 20, 3 << 30] {
            assert_eq!(Bytes::from_text(&Bytes(bytes).to_string()), Ok(Bytes(bytes)));
        }
    }
}
