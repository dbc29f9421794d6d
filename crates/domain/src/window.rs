//! Windows: how long activities are gathered before what follows happens once for all of them.
//!
//! `{fixed: {for: 5m}}` (or just `5m`) closes so long after it opened; `{sliding: {for: 5m, at_most: 1h}}` so long after the last
//! activity, but not later than `at_most` after it opened; `{until: {at: "09:00", on: mon-fri}}` at that time of the day. How many
//! activities close it early is not said here.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::duration::Span;
use crate::local::{self, Days, TimeOfDay};
use crate::text::Faults;

/// The shortest window.
const LEAST: Span = Span::from_ms(1_000);
/// The longest window.
const MOST: Span = Span::from_ms(31 * 86_400_000);

/// When a batch closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// So long after it opened.
    Fixed(Fixed),
    /// So long after the last activity.
    Sliding(Sliding),
    /// At a time of the day.
    Until(Until),
}

/// Closes so long after it opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// How long.
    #[serde(rename = "for")]
    pub span: Span,
}

/// Closes when nothing came for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sliding {
    /// How long after the last activity.
    #[serde(rename = "for")]
    pub span: Span,
    /// At most how long after it opened: otherwise a busy source would keep it open for ever.
    pub at_most: Span,
}

/// Closes when it is that time next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Until {
    /// The time of the day.
    pub at: TimeOfDay,
    /// The days; every day when absent.
    #[serde(default, skip_serializing_if = "Days::is_all")]
    pub on: Days,
    /// By whose clock.
    #[serde(default, skip_serializing_if = "Clock::is_default")]
    pub zone: Clock,
}

/// By whose clock a time of the day is meant: `recipient`, `tenant` or a named time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Clock {
    /// The recipient's.
    #[default]
    Recipient,
    /// The tenant's.
    Tenant,
    /// That of an IANA time zone.
    Named(String),
}

impl Clock {
    fn is_default(&self) -> bool {
        *self == Self::Recipient
    }
}

impl From<String> for Clock {
    fn from(text: String) -> Self {
        match text.as_str() {
            "recipient" => Self::Recipient,
            "tenant" => Self::Tenant,
            _ => Self::Named(text),
        }
    }
}

impl From<Clock> for String {
    fn from(clock: Clock) -> Self {
        match clock {
            Clock::Recipient => "recipient".to_owned(),
            Clock::Tenant => "tenant".to_owned(),
            Clock::Named(name) => name,
        }
    }
}

impl Window {
    /// When it closes, by when it opened and when the last activity came (milliseconds since the Unix epoch). `zone` is that of
    /// whoever [`Window::clock`] names; a window with a time zone of its own goes by that one.
    pub fn closes_at(&self, opened_at: i64, last_item_at: i64, zone: &str) -> i64 {
        match self {
            Self::Fixed(Fixed { span }) => opened_at.saturating_add(span.ms()),
            Self::Sliding(Sliding { span, at_most }) => {
                let slid = last_item_at.max(opened_at).saturating_add(span.ms());
                slid.min(opened_at.saturating_add(at_most.ms()))
            }
            Self::Until(until) => {
                let name = match &until.zone {
                    Clock::Named(name) => name,
                    Clock::Recipient | Clock::Tenant => zone,
                };
                // No calendar goes that far: what came in is not kept waiting for it.
                local::next(&local::zone(name), until.at, until.on, opened_at).unwrap_or(opened_at)
            }
        }
    }

    /// By how much a sliding window moves from the last activity, and at most how long from its beginning, in milliseconds.
    pub fn slides(&self) -> Option<(i64, i64)> {
        match self {
            Self::Sliding(Sliding { span, at_most }) => Some((span.ms(), at_most.ms())),
            Self::Fixed(_) | Self::Until(_) => None,
        }
    }

    /// By whose clock it closes; `None` when it closes by no clock on a wall.
    pub fn clock(&self) -> Option<&Clock> {
        match self {
            Self::Until(until) => Some(&until.zone),
            Self::Fixed(_) | Self::Sliding(_) => None,
        }
    }

    /// Checks what its form alone does not say.
    pub fn check(&self, pointer: &str, faults: &mut Faults) {
        let mut length = |field: &str, span: Span| {
            let detail = format!("must be {LEAST} to {MOST}");
            faults.require(
                (LEAST..=MOST).contains(&span),
                &format!("{pointer}/{field}"),
                "range",
                &detail,
            );
        };
        match self {
            Self::Fixed(Fixed { span }) => length("fixed/for", *span),
            Self::Sliding(Sliding { span, at_most }) => {
                length("sliding/for", *span);
                length("sliding/at_most", *at_most);
                faults.require(
                    span <= at_most,
                    &format!("{pointer}/sliding/at_most"),
                    "range",
                    "must not be shorter than `for`",
                );
            }
            Self::Until(until) => {
                if let Clock::Named(name) = &until.zone {
                    faults.require(
                        local::is_zone(name),
                        &format!("{pointer}/until/zone"),
                        "unknown",
                        "must be recipient, tenant or an IANA time zone, such as Europe/Berlin",
                    );
                }
            }
        }
    }
}

/// The long form.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    Fixed(Fixed),
    Sliding(Sliding),
    Until(Until),
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WindowForm)
    }
}

struct WindowForm;

impl<'de> de::Visitor<'de> for WindowForm {
    type Value = Window;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a window: a length such as 5m, or one of fixed, sliding, until with its fields")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Window, E> {
        let span = Span::parse(text).map_err(E::custom)?;
        Ok(Window::Fixed(Fixed { span }))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Window, A::Error> {
        Ok(
            match Form::deserialize(de::value::MapAccessDeserializer::new(map))? {
                Form::Fixed(fixed) => Window::Fixed(fixed),
                Form::Sliding(sliding) => Window::Sliding(sliding),
                Form::Until(until) => Window::Until(until),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::time::{parse_rfc3339, rfc3339};

    const NOW: i64 = 1_770_458_400_000;
    const MINUTE: i64 = 60_000;

    fn window(form: serde_json::Value) -> Window {
        serde_json::from_value(form).unwrap()
    }

    fn faults(form: serde_json::Value) -> Vec<(String, &'static str)> {
        let mut faults = Faults::default();
        window(form).check("/window", &mut faults);
        let faults = faults.finish().err().unwrap_or_default();
        faults
            .into_iter()
            .map(|fault| (fault.pointer, fault.code))
            .collect()
    }

    #[test]
    fn m03_a_fixed_window_closes_so_long_after_it_opened() {
        for form in [
            json!("5m"),
            json!({"fixed": {"for": "5m"}}),
            json!({"fixed": {"for": "PT5M"}}),
        ] {
            let window = window(form);
            assert_eq!(window.closes_at(NOW, NOW + 4 * MINUTE, "UTC"), NOW + 5 * MINUTE);
            assert_eq!(window.slides(), None);
            assert_eq!(
                serde_json::to_value(window).unwrap(),
                json!({"fixed": {"for": "5m"}})
            );
        }
    }

    #[test]
    fn a_sliding_window_moves_with_its_last_activity_and_not_for_ever() {
        let window = window(json!({"sliding": {"for": "5m", "at_most": "12m"}}));
        assert_eq!(window.slides(), Some((5 * MINUTE, 12 * MINUTE)));
        for (last, closes) in [(0, 5), (3, 8), (7, 12), (11, 12), (40, 12)] {
            assert_eq!(
                window.closes_at(NOW, NOW + last * MINUTE, "UTC"),
                NOW + closes * MINUTE,
                "{last}"
            );
        }
        // An activity that was stamped before the window opened does not shorten it.
        assert_eq!(window.closes_at(NOW, NOW - MINUTE, "UTC"), NOW + 5 * MINUTE);
    }

    #[test]
    fn a_window_until_a_time_goes_by_the_right_clock() {
        let closes = |form: serde_json::Value, zone: &str| {
            let opened = parse_rfc3339("2026-02-07T10:00:00Z").unwrap();
            rfc3339(window(form).closes_at(opened, opened, zone)).replace(":00.000Z", "Z")
        };
        let until = |more: serde_json::Value| {
            let mut until = json!({"at": "09:00"});
            until
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            json!({"until": until})
        };
        assert_eq!(closes(until(json!({})), "Asia/Kathmandu"), "2026-02-08T03:15Z");
        assert_eq!(
            closes(until(json!({"zone": "tenant"})), "Asia/Kathmandu"),
            "2026-02-08T03:15Z"
        );
        assert_eq!(
            closes(until(json!({"zone": "Europe/Berlin"})), "Asia/Kathmandu"),
            "2026-02-08T08:00Z"
        );
        assert_eq!(
            closes(until(json!({"on": "mon-fri"})), "UTC"),
            "2026-02-09T09:00Z"
        );
        assert_eq!(
            closes(until(json!({"on": ["tue"]})), "nowhere"),
            "2026-02-10T09:00Z"
        );
    }

    #[test]
    fn windows_keep_one_form() {
        for form in [
            json!({"sliding": {"for": "30s", "at_most": "10m"}}),
            json!({"until": {"at": "09:00"}}),
            json!({"until": {"at": "09:00", "on": ["mon", "fri"], "zone": "tenant"}}),
            json!({"until": {"at": "09:00", "zone": "Europe/Berlin"}}),
        ] {
            assert_eq!(serde_json::to_value(window(form.clone())).unwrap(), form);
        }
    }

    #[test]
    fn what_is_no_window_is_refused_in_words() {
        for (form, why) in [
            (json!(5), "a window: a length such as 5m"),
            (json!("soon"), "not a length of time"),
            (json!({}), "expected"),
            (json!({"rolling": {"for": "5m"}}), "sliding"),
            (json!({"sliding": {"for": "5m"}}), "at_most"),
            (json!({"fixed": {"for": "5m", "on": "mon"}}), "unknown field `on`"),
            (json!({"until": {"at": "9am"}}), "not a time of the day"),
            (json!({"until": {"at": "09:00", "on": []}}), "at least one"),
            (json!({"fixed": {"for": "5m"}, "until": {"at": "09:00"}}), ""),
        ] {
            let error = serde_json::from_value::<Window>(form.clone())
                .unwrap_err()
                .to_string();
            assert!(error.contains(why), "{form}: {error}");
        }
    }

    #[test]
    fn windows_are_bounded() {
        assert_eq!(faults(json!("5m")), []);
        assert_eq!(faults(json!("31d")), []);
        assert_eq!(faults(json!("0s")), [("/window/fixed/for".to_owned(), "range")]);
        assert_eq!(faults(json!("32d")), [("/window/fixed/for".to_owned(), "range")]);
        assert_eq!(
            faults(json!({"sliding": {"for": "5m", "at_most": "4m"}})),
            [("/window/sliding/at_most".to_owned(), "range")]
        );
        assert_eq!(
            faults(json!({"until": {"at": "09:00", "zone": "Mars/Olympus"}})),
            [("/window/until/zone".to_owned(), "unknown")]
        );
    }

    proptest! {
        #[test]
        fn no_window_closes_before_it_opened(
            opened in any::<i64>(),
            last in any::<i64>(),
            form in prop::sample::select(vec![
                json!("5m"),
                json!({"sliding": {"for": "5m", "at_most": "12m"}}),
                json!({"until": {"at": "02:30", "on": "sun"}}),
            ]),
        ) {
            prop_assert!(window(form).closes_at(opened, last, "Europe/Berlin") >= opened);
        }
    }
}
