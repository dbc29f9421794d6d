//! Filters on lists. What is no list counts as one of a single item, nothing as an empty one.

use std::cmp::Ordering;
use std::collections::HashSet;

use liquid_core::model::{ScalarCow, State, Value, ValueView, ValueViewCmp};

use super::number::{Number, count};
use super::{Fault, made, text_at, text_of, to_json};
use crate::meter::{Meter, Over, weight};

type Made = Result<Value, Fault>;

/// The items of a list. They were paid for with the input.
fn items(input: &dyn ValueView) -> Vec<&dyn ValueView> {
    match input.as_array() {
        Some(list) => list.values().collect(),
        None if input.is_nil() => Vec::new(),
        None => vec![input],
    }
}

fn list<'v>(items: impl IntoIterator<Item = &'v dyn ValueView>) -> Value {
    Value::Array(items.into_iter().map(ValueView::to_value).collect())
}

/// The value below `path` (`data.type`) in an item.
pub(crate) fn property<'v>(item: &'v dyn ValueView, path: &str) -> Option<&'v dyn ValueView> {
    let step = |value: &'v dyn ValueView, key: &str| -> Option<&'v dyn ValueView> {
        if let Some(object) = value.as_object() {
            return object.get(key);
        }
        let list = value.as_array()?;
        list.get(ScalarCow::new(key).to_integer()?)
    };
    // A key may hold a full stop itself.
    item.as_object()
        .and_then(|object| object.get(path))
        .or_else(|| path.split('.').try_fold(item, step))
}

/// The item itself, or what lies below the path that was given.
fn looked_at<'v>(item: &'v dyn ValueView, path: Option<&str>) -> Option<&'v dyn ValueView> {
    match path {
        Some(path) => property(item, path),
        None => Some(item).filter(|item| !item.is_nil()),
    }
}

fn path(arguments: &[Value]) -> Option<String> {
    let first = arguments.first().filter(|value| !value.is_nil())?;
    Some(text_of(first.as_view()).into_owned())
}

pub(super) fn join(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    let glue = arguments
        .first()
        .map_or(" ".into(), |value| text_of(value.as_view()));
    let items = items(input);
    meter.spend(items.len().saturating_mul(glue.len()))?;
    let texts: Vec<_> = items.into_iter().map(text_of).collect();
    Ok(made(texts.join(&glue)))
}

pub(super) fn first(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(items(input)
        .first()
        .map_or(Value::Nil, liquid_core::ValueView::to_value))
}

pub(super) fn last(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(items(input)
        .last()
        .map_or(Value::Nil, liquid_core::ValueView::to_value))
}

/// Items of a list, keys of an object, characters of a text.
pub(super) fn size(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    let size = if let Some(list) = input.as_array() {
        list.size()
    } else if let Some(object) = input.as_object() {
        object.size()
    } else {
        i64::try_from(text_of(input).chars().count()).unwrap_or(i64::MAX)
    };
    Ok(Value::scalar(size))
}

pub(super) fn reverse(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(list(items(input).into_iter().rev()))
}

pub(super) fn concat(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let mut all = items(input);
    all.extend(arguments.iter().flat_map(|value| items(value.as_view())));
    Ok(list(all))
}

pub(super) fn compact(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let path = path(arguments);
    let there =
        |item: &&dyn ValueView| looked_at(*item, path.as_deref()).is_some_and(|value| !value.is_nil());
    Ok(list(items(input).into_iter().filter(there)))
}

/// What lies below a path in each item: `activities | map: "data.type"`.
pub(super) fn map(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let path = text_at(arguments, 0);
    let values = items(input)
        .into_iter()
        .map(|item| property(item, &path).map_or(Value::Nil, ValueView::to_value));
    Ok(Value::Array(values.collect()))
}

/// Whether what lies below the path equals the second argument, or, without one, counts as true.
fn fits(arguments: &[Value]) -> impl Fn(&&dyn ValueView) -> bool + '_ {
    let path = text_at(arguments, 0);
    move |item| {
        let Some(value) = property(*item, &path) else {
            return false;
        };
        match arguments.get(1).filter(|wanted| !wanted.is_nil()) {
            Some(wanted) => ValueViewCmp::new(value) == ValueViewCmp::new(wanted.as_view()),
            None => value.query_state(State::Truthy),
        }
    }
}

/// Every item is held against the second argument.
fn held_against(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Result<(), Over> {
    let wanted = arguments.get(1).map_or(0, |wanted| weight(wanted.as_view()));
    let items = input.as_array().map_or(1, liquid_core::model::ArrayView::size);
    meter.spend(wanted.saturating_mul(usize::try_from(items).unwrap_or(0)))
}

pub(super) fn filter_where(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    held_against(input, arguments, meter)?;
    Ok(list(items(input).into_iter().filter(fits(arguments))))
}

pub(super) fn reject(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    held_against(input, arguments, meter)?;
    let fits = fits(arguments);
    Ok(list(items(input).into_iter().filter(|item| !fits(item))))
}

pub(super) fn find(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    held_against(input, arguments, meter)?;
    let found = items(input).into_iter().find(fits(arguments));
    Ok(found.map_or(Value::Nil, ValueView::to_value))
}

pub(super) fn uniq(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let (path, mut seen) = (path(arguments), HashSet::new());
    let new = |item: &&dyn ValueView| {
        let key = looked_at(*item, path.as_deref()).map(to_json);
        seen.insert(key.map(|key| key.to_string()))
    };
    Ok(list(items(input).into_iter().filter(new)))
}

pub(super) fn sum(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let path = path(arguments);
    let numbers = items(input)
        .into_iter()
        .filter_map(|item| looked_at(item, path.as_deref()).map(Number::of));
    numbers.fold(Number::Whole(0), Number::plus).value()
}

pub(super) fn sort(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    sorted(input, arguments, meter, std::borrow::ToOwned::to_owned)
}

/// Large and small letters are the same.
pub(super) fn sort_natural(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    sorted(input, arguments, meter, str::to_lowercase)
}

/// What an item is sorted by: numbers before texts, nothing at the end.
#[derive(Debug, PartialEq, PartialOrd)]
enum Rank {
    Number(f64),
    Text(String),
    Nothing,
}

fn sorted(input: &dyn ValueView, arguments: &[Value], meter: &Meter, letters: fn(&str) -> String) -> Made {
    let path = path(arguments);
    let items = items(input);
    let comparisons = usize::try_from(items.len().max(1).ilog2()).unwrap_or(0) + 1;
    meter.spend(weight(input).saturating_mul(comparisons))?;
    let rank = |item: &dyn ValueView| match looked_at(item, path.as_deref()) {
        None => Rank::Nothing,
        Some(value) if value.is_nil() => Rank::Nothing,
        Some(value) if value.type_name().ends_with("number") => Rank::Number(Number::of(value).float()),
        Some(value) => Rank::Text(letters(&text_of(value))),
    };
    let mut ranked: Vec<_> = items.into_iter().map(|item| (rank(item), item)).collect();
    ranked.sort_by(|(one, _), (other, _)| one.partial_cmp(other).unwrap_or(Ordering::Equal));
    Ok(list(ranked.into_iter().map(|(_, item)| item)))
}

/// So many characters or items (1) from a place; a negative place counts from the end.
pub(super) fn slice(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let length = count(arguments, 1, 1)?;
    let from = |size: usize| {
        let from = Number::of(arguments[0].as_view()).float() as i64;
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let from = if from < 0 { size.saturating_add(from) } else { from };
        usize::try_from(from).unwrap_or(usize::MAX)
    };
    if input.is_array() {
        let items = items(input);
        let from = from(items.len());
        return Ok(list(items.into_iter().skip(from).take(length)));
    }
    let text = text_of(input);
    let from = from(text.chars().count());
    Ok(made(text.chars().skip(from).take(length).collect::<String>()))
}
