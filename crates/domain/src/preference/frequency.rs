//! How often a channel may ring.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::duration::Span;
use crate::local::{self, Days, TimeOfDay};
use crate::text::Faults;

/// The shortest and the longest span of a digest.
const SPANS: std::ops::RangeInclusive<Span> = Span::from_ms(60_000)..=Span::from_ms(31 * 86_400_000);

/// When what has gathered is sent. Written `immediate`, `5m`, `daily at 09:00`, `weekly mon at 09:00` or `mon-fri at 09:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Frequency {
    /// Each message as it comes.
    Immediate,
    /// So long after the first one.
    Every(Span),
    /// At that time of these days.
    At(Days, TimeOfDay),
}

impl Frequency {
    /// When a digest that opens at `now` closes, both in milliseconds since the Unix epoch; `None` when nothing is gathered.
    pub fn closes_at(self, now: i64, zone: &str) -> Option<i64> {
        match self {
            Self::Immediate => None,
            Self::Every(span) => Some(now.saturating_add(span.ms())),
            Self::At(days, at) => local::next(&local::zone(zone), at, days, now),
        }
    }

    /// Reads the text; the error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(span) = Span::parse(text) {
            return Ok(Self::Every(span));
        }
        let words: Vec<&str> = text
            .split(' ')
            .filter(|word| !word.is_empty() && *word != "at")
            .collect();
        match words.as_slice() {
            ["immediate"] => Ok(Self::Immediate),
            ["weekly", day, at] => {
                let days = Days::parse(day)?;
                if days.numbers().count() != 1 {
                    return Err(format!(
                        "`{day}` is more than one day of the week: write `{day} at {at}`"
                    ));
                }
                Ok(Self::At(days, TimeOfDay::parse(at)?))
            }
            [days, at] => Ok(Self::At(Days::parse(days)?, TimeOfDay::parse(at)?)),
            _ => {
                let shown: String = text.chars().take(40).collect();
                Err(format!(
                    "`{shown}` is no frequency such as immediate, 5m, daily at 09:00 or weekly mon at 09:00"
                ))
            }
        }
    }

    pub(super) fn check(self, pointer: &str, faults: &mut Faults) {
        if let Self::Every(span) = self {
            faults.require(SPANS.contains(&span), pointer, "range", "must be 1m to 31d");
        }
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Immediate => f.write_str("immediate"),
            Self::Every(span) => span.fmt(f),
            Self::At(days, at) if days.numbers().count() == 1 => write!(f, "weekly {days} at {at}"),
            Self::At(days, at) => write!(f, "{days} at {at}"),
        }
    }
}

impl FromStr for Frequency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl Serialize for Frequency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Frequency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}
