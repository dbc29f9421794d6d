//! Paths: where in what is known of a message a value stands, such as `data.topics[0]` or `steps.mail.state`.
//!
//! Conditions, batch keys and throttle keys are written with them. A segment behind a dot is a key or, in a list, a position;
//! a number in brackets is a position and nothing else; a quoted text in brackets is a key that could not be written
//! otherwise: `data["a.b"]`. Nothing is ever computed or searched.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::text::Faults;

/// What the first segment of a path can be.
pub const ROOTS: [&str; 10] = [
    "data",
    "recipient",
    "tenant",
    "actor",
    "event",
    "run",
    "steps",
    "found",
    "activities",
    "total_activities",
];
/// Longest path, in bytes.
const MOST_BYTES: usize = 500;
/// Most segments.
const MOST_SEGMENTS: usize = 32;

/// Where a value stands. Written and kept as its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Segment {
    Key(String),
    Position(usize),
}

impl Path {
    /// Reads the text; the error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err(format!(
                "a path has at most {MOST_BYTES} bytes, this one has {}",
                text.len()
            ));
        }
        let wrong = |what: &str| format!("`{text}` is not a path such as data.topics[0]: {what}");
        let segments = segments(text).map_err(|what| wrong(&what))?;
        if segments.len() > MOST_SEGMENTS {
            return Err(wrong(&format!("it has more than {MOST_SEGMENTS} segments")));
        }
        Ok(Self {
            text: text.to_owned(),
            segments,
        })
    }

    /// The text it was read from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value that stands there. JSON's `null` is a value; what is not there is `None`.
    pub fn get<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        self.segments
            .iter()
            .try_fold(root, |value, segment| match (segment, value) {
                (Segment::Key(key), Value::Object(map)) => map.get(key),
                (Segment::Key(key), Value::Array(list)) => list.get(position(key)?),
                (Segment::Position(at), Value::Array(list)) => list.get(*at),
                _ => None,
            })
    }

    /// Checks that it begins where something can stand, and that it names a field of a step.
    pub fn check(&self, pointer: &str, faults: &mut Faults) {
        let root = match self.segments.first() {
            Some(Segment::Key(root)) => root.as_str(),
            _ => "",
        };
        if !ROOTS.contains(&root) {
            let known = ROOTS.join(", ");
            faults.push(
                pointer,
                "unknown",
                format!(
                    "`{}` begins with nothing that is known here; known: {known}",
                    self.text
                ),
            );
        } else if root == "steps" && self.segments.len() < 3 {
            faults.push(
                pointer,
                "format",
                format!(
                    "`{}` must name a step and its field, such as steps.mail.state",
                    self.text
                ),
            );
        }
    }
}

/// A position as it is written: digits without a leading zero.
fn position(text: &str) -> Option<usize> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

fn segments(text: &str) -> Result<Vec<Segment>, String> {
    let (first, mut rest) = bare(text)?;
    let mut segments = vec![first];
    while !rest.is_empty() {
        let (segment, after) = if let Some(after) = rest.strip_prefix('.') {
            bare(after)?
        } else if let Some(after) = rest.strip_prefix("[\"") {
            quoted(after)?
        } else if let Some(after) = rest.strip_prefix('[') {
            bracketed(after)?
        } else {
            return Err("a `]` is followed by `.` or `[`".to_owned());
        };
        segments.push(segment);
        rest = after;
    }
    Ok(segments)
}

/// A key up to the next dot or bracket.
fn bare(text: &str) -> Result<(Segment, &str), String> {
    let (key, rest) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ']' | '"' | '\'' | '{' | '}');
    if key.is_empty() {
        return Err("a segment is empty".to_owned());
    }
    if let Some(odd) = key.chars().find(|c| odd(*c)) {
        return Err(format!(
            "the character {odd:?} can only stand in a quoted key, such as data[\"a b\"]"
        ));
    }
    Ok((Segment::Key(key.to_owned()), rest))
}

/// A key in quotes, behind the opening one: `\"` and `\\` stand for `"` and `\`.
fn quoted(text: &str) -> Result<(Segment, &str), String> {
    let mut key = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let rest = text[at + 1..].strip_prefix(']');
                let rest = rest.ok_or("a quoted key ends in `\"]`")?;
                return Ok((Segment::Key(key), rest));
            }
            '\\' => match chars.next() {
                Some((_, escaped @ ('"' | '\\'))) => key.push(escaped),
                _ => return Err("a `\\` stands before `\"` or `\\`".to_owned()),
            },
            c if c.is_control() => return Err("a quoted key has no control characters".to_owned()),
            c => key.push(c),
        }
    }
    Err("a quoted key ends in `\"]`".to_owned())
}

/// A position, behind the opening bracket.
fn bracketed(text: &str) -> Result<(Segment, &str), String> {
    let (inside, rest) = text.split_once(']').ok_or("a `[` has no `]`")?;
    let at = position(inside).ok_or("brackets hold a position, such as [0], or a quoted key")?;
    Ok((Segment::Position(at), rest))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn found(path: &str) -> Option<Value> {
        let root = json!({
            "data": {"topics": ["a", "b"], "a.b": 1, "0": "zero", "quo\"te": 2, "none": null, "ключ-1": 3},
            "total_activities": 4,
        });
        Path::parse(path).unwrap().get(&root).cloned()
    }

    #[test]
    fn values_are_found_where_they_stand() {
        assert_eq!(found("total_activities"), Some(json!(4)));
        assert_eq!(found("data.topics[1]"), Some(json!("b")));
        assert_eq!(found("data.topics.1"), Some(json!("b")));
        assert_eq!(found("data[\"a.b\"]"), Some(json!(1)));
        assert_eq!(found("data[\"quo\\\"te\"]"), Some(json!(2)));
        assert_eq!(found("data.0"), Some(json!("zero")));
        assert_eq!(found("data.ключ-1"), Some(json!(3)));
        assert_eq!(found("data.none"), Some(Value::Null));
    }

    #[test]
    fn what_is_not_there_is_none() {
        for path in [
            "data.gone",
            "data.topics[2]",
            "data.topics.01",
            "data.topics.-1",
            "data.topics.99999999999999999999999",
            "data[0]",
            "data.topics[0].deeper",
            "data.none.deeper",
            "gone.x",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_with_the_place() {
        for (text, why) in [
            ("", "empty"),
            (".data", "empty"),
            ("data..x", "empty"),
            ("data.", "empty"),
            ("data[", "no `]`"),
            ("data[]", "position"),
            ("data[-1]", "position"),
            ("data[01]", "position"),
            ("data[x]", "position"),
            ("data[0]x", "followed by"),
            ("data[\"x]", "ends in"),
            ("data[\"x\"", "ends in"),
            ("data[\"\\n\"]", "stands before"),
            ("data.a b", "quoted key"),
            ("data.a]", "quoted key"),
            ("data.a\u{0}", "quoted key"),
        ] {
            let error = Path::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(Path::parse(&"x".repeat(501)).is_err());
        assert!(Path::parse(&format!("data{}", ".a".repeat(31))).is_ok());
        assert!(Path::parse(&format!("data{}", ".a".repeat(32))).is_err());
    }

    #[test]
    fn paths_begin_at_a_known_root() {
        let code = |path: &str| {
            let mut faults = Faults::default();
            Path::parse(path).unwrap().check("/if/path", &mut faults);
            faults.finish().err().map(|faults| faults[0].clone())
        };
        for path in [
            "data",
            "recipient.email",
            "steps.mail.state",
            "activities[0].data.x",
            "tenant.id",
        ] {
            assert_eq!(code(path), None, "{path}");
        }
        let fault = code("user.email").unwrap();
        assert_eq!((fault.pointer.as_str(), fault.code), ("/if/path", "unknown"));
        assert!(fault.detail.contains("recipient"), "{}", fault.detail);
        assert_eq!(code("steps.mail").unwrap().code, "format");
    }

    #[test]
    fn paths_are_kept_as_their_text() {
        let path: Path = serde_json::from_str(r#""data.topics[0]""#).unwrap();
        assert_eq!(path.to_string(), "data.topics[0]");
        assert_eq!(serde_json::to_string(&path).unwrap(), r#""data.topics[0]""#);
        assert_eq!("data.topics[0]".parse(), Ok(path));
        assert!(serde_json::from_str::<Path>("[1]").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in ".{0,60}") {
            if let Ok(path) = Path::parse(&text) {
                prop_assert_eq!(path.as_str(), &text);
                let root = json!(1);
                prop_assert_eq!(path.get(&root), None);
            }
        }

        #[test]
        fn every_key_can_be_quoted(key in "[^\\p{C}]{1,20}") {
            let quoted = key.replace('\\', "\\\\").replace('"', "\\\"");
            let mut root = json!({"data": {}});
            root["data"][&key] = json!(7);
            let path = Path::parse(&format!("data[\"{quoted}\"]")).unwrap();
            prop_assert_eq!(path.get(&root), Some(&json!(7)));
        }
    }
}
