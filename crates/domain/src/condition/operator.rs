//! The operators: what each asks for on its right side, and when it holds.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use serde_json::{Number, Value};

use crate::duration::Span;
use crate::time::parse_rfc3339;

/// Memory that a compiled pattern and its cache may take each, in bytes.
const PATTERN_BYTES: usize = 256 * 1024;
/// The longest text a pattern is tried on, in bytes.
const MATCHED_BYTES: usize = 64 * 1024;
/// Lists of up to so many values are searched one by one.
const FEW: usize = 16;

/// A way to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Is the same value; `70` and `70.0` are.
    Equals,
    /// Is another value.
    NotEquals,
    /// Is a larger number or a later time.
    Above,
    /// Is not less.
    AtLeast,
    /// Is a smaller number or an earlier time.
    Below,
    /// Is not more.
    AtMost,
    /// Is a text with this in it, or a list with this value.
    Contains,
    /// Is not.
    NotContains,
    /// Is a text that begins so.
    StartsWith,
    /// Is a text that ends so.
    EndsWith,
    /// Is a text of at most 64 KiB in which the regular expression is found.
    Matches,
    /// Is one of these values.
    In,
    /// Is none of them.
    NotIn,
    /// Is a list with one of these values, or a text with one of these texts in it.
    ContainsAny,
    /// Is a list with all of them, or a text with all of them in it.
    ContainsAll,
    /// Is a list, map or text with so many values, entries or characters.
    SizeIs,
    /// Has not fewer.
    SizeAtLeast,
    /// Has not more.
    SizeAtMost,
    /// Is there, and not `null`.
    Exists,
    /// Is not there, or `null`.
    Missing,
    /// Is missing, or a text, list or map with nothing in it.
    Empty,
    /// Has something in it.
    NotEmpty,
    /// Is a time before this one, or before `now`.
    Before,
    /// Is a time after this one, or after `now`.
    After,
    /// Is a time no farther from now than this length, on either side.
    Within,
}

/// What an operator asks for on its right side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Any,
    Ordered,
    Text,
    Pattern,
    List,
    Count,
    Time,
    Length,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 25] = [
        Self::Equals,
        Self::NotEquals,
        Self::Above,
        Self::AtLeast,
        Self::Below,
        Self::AtMost,
        Self::Contains,
        Self::NotContains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Matches,
        Self::In,
        Self::NotIn,
        Self::ContainsAny,
        Self::ContainsAll,
        Self::SizeIs,
        Self::SizeAtLeast,
        Self::SizeAtMost,
        Self::Exists,
        Self::Missing,
        Self::Empty,
        Self::NotEmpty,
        Self::Before,
        Self::After,
        Self::Within,
    ];

    /// The word it is written by.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEquals => "not_equals",
            Self::Above => "above",
            Self::AtLeast => "at_least",
            Self::Below => "below",
            Self::AtMost => "at_most",
            Self::Contains => "contains",
            Self::NotContains => "not_contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::Matches => "matches",
            Self::In => "in",
            Self::NotIn => "not_in",
            Self::ContainsAny => "contains_any",
            Self::ContainsAll => "contains_all",
            Self::SizeIs => "size_is",
            Self::SizeAtLeast => "size_at_least",
            Self::SizeAtMost => "size_at_most",
            Self::Exists => "exists",
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::NotEmpty => "not_empty",
            Self::Before => "before",
            Self::After => "after",
            Self::Within => "within",
        }
    }

    /// Reads the word, or one of the signs and short words for the comparisons.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "eq" | "=" | "==" => Self::Equals,
            "ne" | "!=" => Self::NotEquals,
            "gt" | ">" => Self::Above,
            "gte" | ">=" => Self::AtLeast,
            "lt" | "<" => Self::Below,
            "lte" | "<=" => Self::AtMost,
            _ => return Self::ALL.into_iter().find(|operator| operator.word() == word),
        })
    }

    pub(super) fn needs(self) -> Needs {
        match self {
            Self::Exists | Self::Missing | Self::Empty | Self::NotEmpty => Needs::Nothing,
            Self::Equals | Self::NotEquals | Self::Contains | Self::NotContains => Needs::Any,
            Self::Above | Self::AtLeast | Self::Below | Self::AtMost => Needs::Ordered,
            Self::StartsWith | Self::EndsWith => Needs::Text,
            Self::Matches => Needs::Pattern,
            Self::In | Self::NotIn | Self::ContainsAny | Self::ContainsAll => Needs::List,
            Self::SizeIs | Self::SizeAtLeast | Self::SizeAtMost => Needs::Count,
            Self::Before | Self::After => Needs::Time,
            Self::Within => Needs::Length,
        }
    }

    /// Whether upper and lower case can be told apart by it.
    pub(super) fn minds_case(self) -> bool {
        matches!(
            self.needs(),
            Needs::Any | Needs::Text | Needs::Pattern | Needs::List
        )
    }

    /// Of the operators that need nothing, the one that holds where this does not.
    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Exists => Self::Missing,
            Self::Missing => Self::Exists,
            Self::Empty => Self::NotEmpty,
            Self::NotEmpty => Self::Empty,
            other => other,
        }
    }

    /// Whether it holds. `left` is `None` for what is not there and for `null`.
    pub(super) fn holds(
        self,
        left: Option<&Value>,
        right: &Value,
        fold: bool,
        pattern: &Pattern,
        now: i64,
    ) -> bool {
        let value = left.unwrap_or(&Value::Null);
        let order = |wanted: fn(Ordering) -> bool| compare(value, right).is_some_and(wanted);
        let size = |wanted: fn(&u64, &u64) -> bool| sizes(value, right).is_some_and(|(a, b)| wanted(&a, &b));
        match self {
            Self::Equals => same(value, right, fold),
            Self::NotEquals => !same(value, right, fold),
            Self::Above => order(Ordering::is_gt),
            Self::AtLeast => order(Ordering::is_ge),
            Self::Below => order(Ordering::is_lt),
            Self::AtMost => order(Ordering::is_le),
            Self::Contains => contains(value, right, fold),
            Self::NotContains => !contains(value, right, fold),
            Self::StartsWith => texts(value, right, fold, |text, part| text.starts_with(part)),
            Self::EndsWith => texts(value, right, fold, |text, part| text.ends_with(part)),
            Self::Matches => value
                .as_str()
                .is_some_and(|text| pattern.is_in(text, right, fold)),
            Self::In => right.as_array().is_some_and(|list| has(list, value, fold)),
            Self::NotIn => right.as_array().is_some_and(|list| !has(list, value, fold)),
            Self::ContainsAny => shared(value, right, fold).is_some_and(|(found, _)| found > 0),
            Self::ContainsAll => shared(value, right, fold).is_some_and(|(found, asked)| found == asked),
            Self::SizeIs => size(u64::eq),
            Self::SizeAtLeast => size(u64::ge),
            Self::SizeAtMost => size(u64::le),
            Self::Exists => left.is_some(),
            Self::Missing => left.is_none(),
            Self::Empty => is_empty(value),
            Self::NotEmpty => !is_empty(value),
            Self::Before => times(value, right, now).is_some_and(|(left, right)| left < right),
            Self::After => times(value, right, now).is_some_and(|(left, right)| left > right),
            Self::Within => is_within(value, right, now),
        }
    }
}

/// A pattern, compiled when it is first needed and then kept. It is no part of what a condition says.
#[derive(Debug, Clone, Default)]
pub(super) struct Pattern(OnceLock<Option<Regex>>);

impl PartialEq for Pattern {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Pattern {
    /// Compiles a pattern. Matching takes time in proportion to the text, whatever the pattern.
    pub(super) fn compile(source: &str, fold: bool) -> Result<Regex, regex::Error> {
        RegexBuilder::new(source)
            .case_insensitive(fold)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .nest_limit(50)
            .build()
    }

    fn is_in(&self, text: &str, source: &Value, fold: bool) -> bool {
        let regex = self.0.get_or_init(|| {
            source
                .as_str()
                .and_then(|source| Self::compile(source, fold).ok())
        });
        text.len() <= MATCHED_BYTES && regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

fn same(left: &Value, right: &Value, fold: bool) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => order(a, b) == Some(Ordering::Equal),
        (Value::String(a), Value::String(b)) if fold => lower(a).eq(lower(b)),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, fold))
        }
        (Value::Object(a), Value::Object(b)) => {
            let equal = |(key, value)| b.get(key).is_some_and(|other| same(value, other, fold));
            a.len() == b.len() && a.iter().all(equal)
        }
        _ => left == right,
    }
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Numbers by their value, whole ones exactly.
fn order(a: &Number, b: &Number) -> Option<Ordering> {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// The integer that a number is, `70.0` being one.
fn whole(number: &Number) -> Option<i128> {
    let integer = number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from));
    let is_whole = |value: &f64| value.fract() == 0.0 && value.abs() < 1e30;
    integer.or_else(|| number.as_f64().filter(is_whole).map(|value| value as i128))
}

/// Numbers, or times where both sides are times; nothing else has an order.
fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => order(a, b),
        (Value::String(a), Value::String(b)) => Some(parse_rfc3339(a)?.cmp(&parse_rfc3339(b)?)),
        _ => None,
    }
}

fn contains(value: &Value, part: &Value, fold: bool) -> bool {
    match value {
        Value::Array(list) => has(list, part, fold),
        _ => texts(value, part, fold, |text, part| text.contains(part)),
    }
}

fn has(list: &[Value], value: &Value, fold: bool) -> bool {
    list.iter().any(|item| same(item, value, fold))
}

fn texts(left: &Value, right: &Value, fold: bool, holds: fn(&str, &str) -> bool) -> bool {
    match (left.as_str(), right.as_str()) {
        (Some(left), Some(right)) if fold => holds(&left.to_lowercase(), &right.to_lowercase()),
        (Some(left), Some(right)) => holds(left, right),
        _ => false,
    }
}

/// How many of the values asked for are contained, and how many were asked for.
fn shared(value: &Value, asked: &Value, fold: bool) -> Option<(usize, usize)> {
    let asked = asked.as_array()?;
    let found = match value {
        Value::Array(list) if list.len().min(asked.len()) > FEW => {
            let kept: HashSet<String> = list.iter().map(|value| name(value, fold)).collect();
            asked
                .iter()
                .filter(|value| kept.contains(&name(value, fold)))
                .count()
        }
        Value::Array(list) => asked.iter().filter(|value| has(list, value, fold)).count(),
        Value::String(text) => in_text(text, asked, fold),
        _ => return None,
    };
    Some((found, asked.len()))
}

fn in_text(text: &str, asked: &[Value], fold: bool) -> usize {
    let folded = fold.then(|| text.to_lowercase());
    let text = folded.as_deref().unwrap_or(text);
    let parts = asked.iter().filter_map(Value::as_str);
    let found = parts.filter(|part| {
        if fold {
            text.contains(&part.to_lowercase())
        } else {
            text.contains(part)
        }
    });
    found.count()
}

/// A text that is equal for values that are the same, and for no others.
fn name(value: &Value, fold: bool) -> String {
    let mut name = String::new();
    push_name(value, fold, &mut name);
    name
}

fn push_name(value: &Value, fold: bool, out: &mut String) {
    match value {
        Value::Number(number) => push_number(number, out),
        Value::String(text) => push_text(text, fold, out),
        Value::Array(list) => {
            out.push('[');
            for value in list {
                push_name(value, fold, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            for (key, value) in entries {
                push_text(key, false, out);
                push_name(value, fold, out);
            }
            out.push('}');
        }
        Value::Null => out.push('n'),
        Value::Bool(flag) => out.push(if *flag { 't' } else { 'f' }),
    }
}

/// Its length keeps a text from being taken for another value.
fn push_text(text: &str, fold: bool, out: &mut String) {
    let folded: Option<String> = fold.then(|| lower(text).collect());
    let text = folded.as_deref().unwrap_or(text);
    // Writing to a string cannot fail.
    let _ = write!(out, "\"{}:{text}", text.len());
}

fn push_number(number: &Number, out: &mut String) {
    let _ = match whole(number) {
        Some(whole) => write!(out, "#{whole}"),
        None => write!(out, "#{number}"),
    };
}

fn sizes(value: &Value, wanted: &Value) -> Option<(u64, u64)> {
    let size = match value {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        Value::String(text) => text.chars().count(),
        _ => return None,
    };
    Some((u64::try_from(size).ok()?, wanted.as_u64()?))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn times(left: &Value, right: &Value, now: i64) -> Option<(i64, i64)> {
    let right = match right.as_str()? {
        "now" => now,
        text => parse_rfc3339(text)?,
    };
    Some((parse_rfc3339(left.as_str()?)?, right))
}

fn is_within(value: &Value, length: &Value, now: i64) -> bool {
    let at = value.as_str().and_then(parse_rfc3339);
    let length = length.as_str().and_then(|text| Span::parse(text).ok());
    at.zip(length)
        .is_some_and(|(at, length)| now.abs_diff(at) <= length.ms().unsigned_abs())
}
