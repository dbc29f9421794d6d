//! Quiet hours: when a message waits because its recipient sleeps.
//!
//! A window begins on each of its days and may end on the next: `22:00-07:00` on `mon-fri` covers the night from Friday to Saturday and
//! not the one from Sunday to Monday. It goes by the recipient's clock; what daylight saving does to its ends is said in [`local`]: no
//! window is cut short by clocks that go back. Windows that touch or overlap are one.
//!
//! Quiet hours postpone, they do not refuse: nothing waits longer than [`LONGEST_MS`], whatever the windows are, and windows that leave no minute
//! of the week are refused when they are declared. Who wants no messages at all turns their channel off.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::channel::Channel;
use crate::local::{self, Days, TimeOfDay, Twice};
use crate::text::Faults;

/// The longest that anything is held back, in milliseconds: seven days.
pub const LONGEST_MS: i64 = 7 * 86_400_000;
/// Windows of one person.
const MOST_WINDOWS: usize = 20;
const DAY: u16 = 1_440;
const WEEK: usize = 7 * DAY as usize;

/// When somebody wants to be left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The windows; none means never, also where a layer below has some.
    pub windows: Vec<Quiet>,
    /// IANA time zone they are meant in; the recipient's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Whether what was held comes as one digest, not one by one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gather: bool,
}

/// One window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// From when to when, such as `22:00-07:00`.
    pub during: During,
    /// The days it begins on; every day when absent.
    #[serde(default, skip_serializing_if = "Days::is_all")]
    pub on: Days,
    /// The channels that are quiet; when absent, those that make themselves heard: all but the feed and webhooks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
}

/// From one time of the day to another, which may be on the next day; `00:00-24:00` is a whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct During {
    /// Minutes after midnight.
    from: u16,
    /// Minutes after the same midnight: more than 1440 where it ends on the next day.
    to: u16,
}

impl QuietHours {
    /// Until when (milliseconds since the Unix epoch) a message is held that would go through a channel now; `None` when it may go. `zone`
    /// counts where these quiet hours name none.
    pub fn held_until(&self, channel: Channel, zone: &str, now: i64) -> Option<i64> {
        let zone = local::zone(self.zone.as_deref().unwrap_or(zone));
        held_until(
            &zone,
            &self.windows.iter().filter(|window| window.covers(channel)),
            now,
        )
    }

    /// Checks what their form alone does not say.
    pub fn check(&self, pointer: &str, faults: &mut Faults) {
        let most = self.windows.len() <= MOST_WINDOWS;
        let windows = format!("{pointer}/windows");
        faults.require(most, &windows, "too_many", "must be at most 20 windows");
        if let Some(zone) = &self.zone {
            faults.require(
                local::is_zone(zone),
                &format!("{pointer}/zone"),
                "unknown",
                "must be an IANA time zone, such as Europe/Berlin",
            );
        }
        for (index, window) in self.windows.iter().take(MOST_WINDOWS).enumerate() {
            faults.require(
                !window.channels.contains(&Channel::Webhook),
                &format!("{windows}/{index}/channels"),
                "unfitting",
                "webhooks go to programs, which do not sleep",
            );
        }
        let always = Channel::ALL
            .into_iter()
            .find(|channel| most && self.is_always(*channel));
        if let Some(channel) = always {
            let channel = channel.as_str();
            let detail = format!("leave no time of the week for {channel}: turn that channel off instead");
            faults.push(windows, "always", detail);
        }
    }

    /// Whether the windows leave no minute of the week.
    fn is_always(&self, channel: Channel) -> bool {
        let mut quiet = vec![false; WEEK];
        for window in self.windows.iter().filter(|window| window.covers(channel)) {
            for day in window.on.numbers() {
                let start = day * usize::from(DAY);
                let minutes = usize::from(window.during.from)..usize::from(window.during.to);
                minutes.for_each(|minute| quiet[(start + minute) % WEEK] = true);
            }
        }
        quiet.into_iter().all(|quiet| quiet)
    }
}

/// The end of the quiet time that `now` lies in, all windows taken together, at most [`LONGEST_MS`] from now; `None` when it lies in none.
pub fn held_until<'a>(
    zone: &TimeZone,
    windows: &(impl Iterator<Item = &'a Quiet> + Clone),
    now: i64,
) -> Option<i64> {
    let longest = now.saturating_add(LONGEST_MS);
    let mut end = now;
    while let Some(later) = windows.clone().filter_map(|window| window.end(zone, end)).max() {
        if later >= longest {
            return Some(longest);
        }
        end = later;
    }
    (end > now).then_some(end)
}

impl Quiet {
    /// Whether it is quiet in this channel.
    pub fn covers(&self, channel: Channel) -> bool {
        if self.channels.is_empty() {
            !matches!(channel, Channel::InApp | Channel::Webhook)
        } else {
            self.channels.contains(&channel)
        }
    }

    /// When it ends, if `at` lies in it: then it began on that day or on the one before.
    fn end(&self, zone: &TimeZone, at: i64) -> Option<i64> {
        let today = local::date(zone, at)?;
        let days = [Some(today), today.yesterday().ok()];
        let began = days
            .into_iter()
            .flatten()
            .filter(|day| self.on.contain(day.weekday()));
        let spans = began.filter_map(|day| {
            let from = local::instant(zone, day, self.during.from, Twice::First)?;
            let (day, to) = match self.during.to.checked_sub(DAY) {
                Some(to) => (day.tomorrow().ok()?, to),
                None => (day, self.during.to),
            };
            Some((from, local::instant(zone, day, to, Twice::Last)?))
        });
        spans
            .filter(|(from, to)| (*from..*to).contains(&at))
            .map(|(_, to)| to)
            .max()
    }
}

impl During {
    /// Reads `HH:MM-HH:MM`; the error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown: String = text.chars().take(40).collect();
        let (from, to) = text
            .split_once('-')
            .ok_or_else(|| format!("`{shown}` is not a time from when to when, such as 22:00-07:00"))?;
        let from = TimeOfDay::parse(from.trim())?.minutes();
        let to = match to.trim() {
            "24:00" => DAY,
            to => TimeOfDay::parse(to)?.minutes(),
        };
        match to.cmp(&from) {
            std::cmp::Ordering::Less => Ok(Self { from, to: to + DAY }),
            std::cmp::Ordering::Greater => Ok(Self { from, to }),
            std::cmp::Ordering::Equal => Err(format!("`{shown}` has no length; a whole day is 00:00-24:00")),
        }
    }
}

impl fmt::Display for During {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = if self.to > DAY { self.to - DAY } else { self.to };
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            self.from / 60,
            self.from % 60,
            to / 60,
            to % 60
        )
    }
}

impl FromStr for During {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl Serialize for During {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for During {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}
