//! `for`, and what belongs to loops. Each turn is paid for, and a range is never made into a list.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use liquid_core::model::{Value, ValueView};
use liquid_core::parser::{TagBlock, TagTokenIter, TryMatchToken};
use liquid_core::runtime::{Interrupt, InterruptRegister};
use liquid_core::{Error, Expression, Language, Renderable, Result, Runtime, Template};

use super::{Node, Source, body, expression, hidden_number, name, next, nothing_more, sign, write};
use crate::meter::{meter, weight};
use crate::scope::{Layer, Turn};

#[derive(Debug)]
struct For {
    source: Arc<Source>,
    at: usize,
    /// How many bytes of source a turn renders.
    bytes: usize,
    name: String,
    over: Over,
    limit: Option<Expression>,
    offset: Option<Expression>,
    reversed: bool,
    shown: Template,
    otherwise: Option<Template>,
}

/// What a loop goes over.
#[derive(Debug)]
enum Over {
    Value(Expression),
    Range(Expression, Expression),
}

pub(super) fn for_(
    arguments: &mut TagTokenIter<'_>,
    block: &mut TagBlock<'_, '_>,
    language: &Language,
    source: &Arc<Source>,
) -> Node {
    let (at, bytes) = (hidden_number(arguments)?, hidden_number(arguments)?);
    let name = name(arguments, "`for` names its item: `for item in list`")?;
    sign(arguments, "in")?;
    let over = over(arguments)?;
    let (mut limit, mut offset, mut reversed) = (None, None, false);
    while let Some(token) = arguments.next() {
        match token.as_str() {
            "," => {}
            "reversed" => reversed = true,
            "limit" => limit = Some(attribute(arguments)?),
            "offset" => offset = Some(attribute(arguments)?),
            word => {
                let message = format!("`{word}` cannot stand here; `limit:`, `offset:` or `reversed` can");
                return Err(token.raise_custom_error(&message));
            }
        }
    }
    let (shown, behind) = body(block, language, &["else"])?;
    let otherwise = behind.map(|_| body(block, language, &[])).transpose()?;
    Ok(Box::new(For {
        source: source.clone(),
        at,
        bytes,
        name,
        over,
        limit,
        offset,
        reversed,
        shown,
        otherwise: otherwise.map(|(otherwise, _)| otherwise),
    }))
}

fn over(arguments: &mut TagTokenIter<'_>) -> Result<Over> {
    let token = next(arguments, "what `for` goes over is missing")?;
    let message = format!("`for` cannot go over `{}`", token.as_str());
    match token.expect_value() {
        TryMatchToken::Matches(value) => Ok(Over::Value(value)),
        TryMatchToken::Fails(token) => {
            let (first, last) = token.expect_range().into_result_custom_msg(&message)?;
            Ok(Over::Range(first, last))
        }
    }
}

/// What it costs to lay a value out for a loop: a list is only looked at, an object's pairs are made.
fn walked(value: &dyn ValueView) -> usize {
    match value.as_array() {
        Some(list) => usize::try_from(list.size()).unwrap_or(0).saturating_mul(4),
        None if value.is_object() => weight(value),
        None => 0,
    }
}

fn attribute(arguments: &mut TagTokenIter<'_>) -> Result<Expression> {
    sign(arguments, ":")?;
    expression(arguments)
}

fn whole(value: &Expression, runtime: &dyn Runtime) -> Result<Option<i64>> {
    let value = value.evaluate(runtime)?;
    let number = value.as_scalar().and_then(|scalar| {
        let fraction = || scalar.to_float().map(|number| number as i64);
        scalar.to_integer().or_else(fraction)
    });
    Ok(number)
}

/// A number of items; nothing counts as not given.
fn count(value: Option<&Expression>, runtime: &dyn Runtime) -> Result<Option<usize>> {
    let Some(value) = value else { return Ok(None) };
    match whole(value, runtime)? {
        None => Ok(None),
        Some(number) => usize::try_from(number)
            .map(Some)
            .map_err(|_| Error::with_msg("`limit` and `offset` are whole numbers from 0")),
    }
}

/// The items of a value that a loop goes over: of an object, pairs of key and value in the order of the keys.
pub(crate) fn items(value: &dyn ValueView) -> Items<'_> {
    if let Some(list) = value.as_array() {
        return Items::Borrowed(list.values().collect());
    }
    if let Some(object) = value.as_object() {
        let mut pairs: Vec<_> = object.iter().collect();
        pairs.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        let pair = |(key, value): (liquid_core::model::KStringCow<'_>, &dyn ValueView)| {
            Value::Array(vec![Value::scalar(key.into_owned()), value.to_value()])
        };
        return Items::Made(pairs.into_iter().map(pair).collect());
    }
    if value.type_name() == "string" && !value.to_kstr().as_str().is_empty() {
        return Items::Borrowed(vec![value]);
    }
    Items::Made(Vec::new())
}

/// What a loop goes over, by its place.
pub(crate) enum Items<'v> {
    Borrowed(Vec<&'v dyn ValueView>),
    Made(Vec<Value>),
    Range(i64, usize),
}

impl Items<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Borrowed(items) => items.len(),
            Self::Made(items) => items.len(),
            Self::Range(_, length) => *length,
        }
    }

    /// Calls `then` with the item at a place below the length.
    pub(crate) fn with<T>(&self, at: usize, then: impl FnOnce(&dyn ValueView) -> T) -> T {
        match self {
            Self::Borrowed(items) => then(items[at]),
            Self::Made(items) => then(&items[at]),
            Self::Range(first, _) => then(&first.saturating_add(i64::try_from(at).unwrap_or(i64::MAX))),
        }
    }
}

impl For {
    fn turns(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let value;
        let items = match &self.over {
            Over::Value(over) => {
                value = over.evaluate(runtime)?;
                meter(runtime).spend(walked(value.as_view()))?;
                items(value.as_view())
            }
            Over::Range(first, last) => range(whole(first, runtime)?, whole(last, runtime)?),
        };
        let offset = count(self.offset.as_ref(), runtime)?
            .unwrap_or(0)
            .min(items.len());
        let limit = count(self.limit.as_ref(), runtime)?.unwrap_or(usize::MAX);
        let length = (items.len() - offset).min(limit);
        if length == 0 {
            let otherwise = self.otherwise.as_ref();
            return otherwise.map_or(Ok(()), |otherwise| otherwise.render_to(writer, runtime));
        }
        if length > meter(runtime).turns_left() {
            return Err(meter(runtime).too_many_turns().into());
        }
        for index in 0..length {
            let at = offset + if self.reversed { length - 1 - index } else { index };
            let turn = |item: &dyn ValueView| self.turn(writer, runtime, item, index, length);
            if items.with(at, turn)? {
                break;
            }
        }
        Ok(())
    }

    /// One turn; whether it was the last.
    fn turn(
        &self,
        writer: &mut dyn Write,
        runtime: &dyn Runtime,
        item: &dyn ValueView,
        index: usize,
        length: usize,
    ) -> Result<bool> {
        meter(runtime).turn(self.bytes)?;
        let turn = Layer {
            parent: runtime,
            names: Turn {
                name: &self.name,
                item,
                index,
                length,
            },
        };
        self.shown.render_to(writer, &turn)?;
        let interrupt = runtime.registers().get_mut::<InterruptRegister>().reset();
        Ok(matches!(interrupt, Some(Interrupt::Break)))
    }
}

/// An empty range where it runs backwards, or where an end is no number.
fn range(first: Option<i64>, last: Option<i64>) -> Items<'static> {
    let (Some(first), Some(last)) = (first, last) else {
        return Items::Made(Vec::new());
    };
    let length = last.checked_sub(first).and_then(|width| width.checked_add(1));
    let length = if first > last { Some(0) } else { length };
    Items::Range(
        first,
        length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(0)),
    )
}

impl Renderable for For {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let turned = meter(runtime)
            .step()
            .map_err(Error::from)
            .and_then(|()| self.turns(writer, runtime));
        self.source.noting(runtime, self.at, turned)
    }
}

/// `break` and `continue`.
#[derive(Debug)]
struct Leave(bool);

#[expect(clippy::unnecessary_wraps, reason = "all tags have one type")]
pub(super) fn break_(_: &mut TagTokenIter<'_>, _: &Language, _: &Arc<Source>) -> Node {
    Ok(Box::new(Leave(true)))
}

#[expect(clippy::unnecessary_wraps, reason = "all tags have one type")]
pub(super) fn continue_(_: &mut TagTokenIter<'_>, _: &Language, _: &Arc<Source>) -> Node {
    Ok(Box::new(Leave(false)))
}

impl Renderable for Leave {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let interrupt = if self.0 {
            Interrupt::Break
        } else {
            Interrupt::Continue
        };
        runtime.registers().get_mut::<InterruptRegister>().set(interrupt);
        Ok(())
    }
}

/// `cycle "odd", "even"`: the next of its values each time.
#[derive(Debug)]
struct Cycle {
    source: Arc<Source>,
    group: String,
    values: Vec<Expression>,
}

/// How often each group of `cycle` has been shown.
#[derive(Debug, Default)]
struct Cycles(HashMap<String, usize>);

pub(super) fn cycle(arguments: &mut TagTokenIter<'_>, _: &Language, source: &Arc<Source>) -> Node {
    let first = next(
        arguments,
        "`cycle` goes through values: `cycle \"odd\", \"even\"`",
    )?;
    let mut group = first.as_str().to_owned();
    let first = super::value_of(first)?;
    let mut values = Vec::new();
    match arguments.next() {
        None => values.push(first),
        Some(token) if token.as_str() == ":" => values.push(expression(arguments)?),
        Some(token) if token.as_str() == "," => {
            values.push(first);
            values.push(expression(arguments)?);
        }
        Some(token) => return Err(token.raise_custom_error("`,` is missing")),
    }
    while let Some(token) = arguments.next() {
        token.expect_str(",").into_result_custom_msg("`,` is missing")?;
        values.push(expression(arguments)?);
    }
    if values.len() > 1 {
        group = format!("{group} {values:?}");
    }
    nothing_more(arguments)?;
    Ok(Box::new(Cycle {
        source: source.clone(),
        group,
        values,
    }))
}

impl Renderable for Cycle {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        meter(runtime).step()?;
        let at = {
            let mut cycles = runtime.registers().get_mut::<Cycles>();
            let shown = cycles.0.entry(self.group.clone()).or_default();
            *shown += 1;
            (*shown - 1) % self.values.len()
        };
        let value = self.values[at].evaluate(runtime)?;
        write(writer, &self.source.escape.escape(value.to_kstr().as_str()))
    }
}
