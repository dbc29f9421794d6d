//! The filters: what stands behind `|`. Each is a pure function of its input and its arguments.
//!
//! They are Liquid's own, with limits: what a filter reads and makes is spent from the render's work before it is made.

#![expect(clippy::unnecessary_wraps, reason = "all filters have one type")]

mod list;
mod number;
mod text;
mod time;

use std::borrow::Cow;
use std::fmt;

use liquid_core::model::{Value, ValueView};
use liquid_core::parser::{FilterArguments, FilterReflection, ParameterReflection, ParseFilter};
use liquid_core::{Error, Expression, Runtime};

use crate::meter::{Meter, Over, meter, weight};

/// Why a filter gives no value.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The render went over a limit.
    Over(Over),
    /// The input or an argument is nothing it can work with.
    Value(String),
}

impl From<Over> for Fault {
    fn from(over: Over) -> Self {
        Self::Over(over)
    }
}

type Run = fn(&dyn ValueView, &[Value], &Meter) -> Result<Value, Fault>;

/// One filter, and how many arguments it takes.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) name: &'static str,
    pub(crate) least: usize,
    pub(crate) most: usize,
    run: Run,
}

const fn filter(name: &'static str, least: usize, most: usize, run: Run) -> Filter {
    Filter {
        name,
        least,
        most,
        run,
    }
}

/// Every filter, in the order of their names.
pub(crate) static FILTERS: [Filter; 59] = [
    filter("abs", 0, 0, number::abs),
    filter("append", 1, 1, text::append),
    filter("at_least", 1, 1, number::at_least),
    filter("at_most", 1, 1, number::at_most),
    filter("capitalize", 0, 0, text::capitalize),
    filter("ceil", 0, 0, number::ceil),
    filter("compact", 0, 1, list::compact),
    filter("concat", 1, 1, list::concat),
    filter("date", 1, 2, time::date),
    filter("default", 0, 1, default),
    filter("divided_by", 1, 1, number::divided_by),
    filter("downcase", 0, 0, text::downcase),
    filter("escape", 0, 0, text::escape),
    filter("escape_once", 0, 0, text::escape_once),
    filter("find", 1, 2, list::find),
    filter("first", 0, 0, list::first),
    filter("floor", 0, 0, number::floor),
    filter("join", 0, 1, list::join),
    filter("json", 0, 0, json),
    filter("last", 0, 0, list::last),
    filter("lstrip", 0, 0, text::lstrip),
    filter("map", 1, 1, list::map),
    filter("minus", 1, 1, number::minus),
    filter("modulo", 1, 1, number::modulo),
    filter("newline_to_br", 0, 0, text::newline_to_br),
    filter("pluralize", 2, 2, number::pluralize),
    filter("plus", 1, 1, number::plus),
    filter("prepend", 1, 1, text::prepend),
    filter("raw", 0, 0, raw),
    filter("reject", 1, 2, list::reject),
    filter("remove", 1, 1, text::remove),
    filter("remove_first", 1, 1, text::remove_first),
    filter("remove_last", 1, 1, text::remove_last),
    filter("replace", 1, 2, text::replace),
    filter("replace_first", 1, 2, text::replace_first),
    filter("replace_last", 1, 2, text::replace_last),
    filter("reverse", 0, 0, list::reverse),
    filter("round", 0, 1, number::round),
    filter("rstrip", 0, 0, text::rstrip),
    filter("size", 0, 0, list::size),
    filter("slice", 1, 2, list::slice),
    filter("sort", 0, 1, list::sort),
    filter("sort_natural", 0, 1, list::sort_natural),
    filter("split", 1, 1, text::split),
    filter("strip", 0, 0, text::strip),
    filter("strip_html", 0, 0, text::strip_html),
    filter("strip_newlines", 0, 0, text::strip_newlines),
    filter("sum", 0, 1, list::sum),
    filter("times", 1, 1, number::times),
    filter("titlecase", 0, 0, text::titlecase),
    filter("truncate", 0, 2, text::truncate),
    filter("truncatewords", 0, 2, text::truncatewords),
    filter("uniq", 0, 1, list::uniq),
    filter("upcase", 0, 0, text::upcase),
    filter("url_decode", 0, 0, text::url_decode),
    filter("url_encode", 0, 0, text::url_encode),
    filter("url_escape", 0, 0, text::url_escape),
    filter("where", 1, 2, list::filter_where),
    filter("words", 0, 0, text::words),
];

/// The filter of that name.
pub(crate) fn find(name: &str) -> Option<&'static Filter> {
    let at = FILTERS.binary_search_by(|filter| filter.name.cmp(name));
    at.ok().map(|at| &FILTERS[at])
}

/// A filter as the Liquid parser meets it.
#[derive(Debug, Clone)]
pub(crate) struct Plug(pub(crate) &'static Filter);

impl FilterReflection for Plug {
    fn name(&self) -> &str {
        self.0.name
    }

    fn description(&self) -> &'static str {
        ""
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl ParseFilter for Plug {
    fn parse(&self, arguments: FilterArguments<'_>) -> liquid_core::Result<Box<dyn liquid_core::Filter>> {
        Ok(Box::new(Call {
            filter: self.0,
            arguments: arguments.positional.collect(),
        }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

/// A filter with its arguments, as a template holds it.
#[derive(Debug)]
struct Call {
    filter: &'static Filter,
    arguments: Vec<Expression>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.filter.name)
    }
}

impl liquid_core::Filter for Call {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> liquid_core::Result<Value> {
        let meter = meter(runtime);
        let run = || -> Result<Value, Fault> {
            meter.step()?;
            meter.spend(weight(input))?;
            let mut arguments = Vec::with_capacity(self.arguments.len());
            for argument in &self.arguments {
                let value = argument
                    .evaluate(runtime)
                    .map_err(|error| Fault::Value(error.to_string()))?;
                meter.spend(weight(value.as_view()))?;
                arguments.push(value.into_owned());
            }
            let value = (self.filter.run)(input, &arguments, &meter)?;
            meter.spend(weight(value.as_view()))?;
            Ok(value)
        };
        run().map_err(|fault| match fault {
            Fault::Over(over) => over.into(),
            Fault::Value(message) => Error::with_msg(format!("`{}`: {message}", self.filter.name)),
        })
    }
}

/// A value as text.
fn text_of(value: &dyn ValueView) -> Cow<'_, str> {
    value.to_kstr().into_cow_str()
}

/// An argument as text; one that is not given is empty.
fn text_at(arguments: &[Value], at: usize) -> Cow<'_, str> {
    arguments
        .get(at)
        .map_or(Cow::Borrowed(""), |value| text_of(value.as_view()))
}

fn made(text: impl Into<String>) -> Value {
    let text: String = text.into();
    Value::scalar(text)
}

/// The input, unless it is nil, false or empty.
fn default(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Result<Value, Fault> {
    use liquid_core::model::State;
    let missing = input.is_nil() || input.query_state(State::DefaultValue) || input.query_state(State::Empty);
    Ok(if missing {
        arguments.first().cloned().unwrap_or(Value::Nil)
    } else {
        input.to_value()
    })
}

/// As last filter it keeps an output from being escaped, which is decided when the template is read.
fn raw(input: &dyn ValueView, _: &[Value], _: &Meter) -> Result<Value, Fault> {
    Ok(input.to_value())
}

fn json(input: &dyn ValueView, _: &[Value], _: &Meter) -> Result<Value, Fault> {
    Ok(made(to_json(input).to_string()))
}

/// A value as JSON; the keys of objects in their order.
pub(crate) fn to_json(value: &dyn ValueView) -> serde_json::Value {
    if let Some(list) = value.as_array() {
        return list.values().map(to_json).collect();
    }
    if let Some(object) = value.as_object() {
        let entries = object
            .iter()
            .map(|(key, value)| (key.as_str().to_owned(), to_json(value)));
        let sorted: std::collections::BTreeMap<_, _> = entries.collect();
        return serde_json::Value::Object(sorted.into_iter().collect());
    }
    let Some(scalar) = value.as_scalar() else {
        return serde_json::Value::Null;
    };
    match value.type_name() {
        "whole number" => scalar.to_integer().into(),
        "fractional number" => scalar.to_float().into(),
        "boolean" => scalar.to_bool().into(),
        _ => text_of(value).into_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_found_by_their_names() {
        for pair in FILTERS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{}", pair[1].name);
        }
        for filter in &FILTERS {
            assert_eq!(find(filter.name).map(|found| found.name), Some(filter.name));
            assert!(filter.least <= filter.most);
        }
        assert!(find("nope").is_none());
    }
}
