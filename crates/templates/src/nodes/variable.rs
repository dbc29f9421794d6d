//! Tags that give a value a name.

use std::io::Write;
use std::sync::Arc;

use liquid_core::model::{KString, Value, ValueView};
use liquid_core::parser::{FilterChain, TagBlock, TagTokenIter};
use liquid_core::{Language, Renderable, Result, Runtime, Template};

use super::{Node, Sink, Source, body, chain, hidden_number, name, nothing_more, sign, write};
use crate::meter::{meter, weight};

#[derive(Debug)]
struct Assign {
    source: Arc<Source>,
    at: usize,
    name: String,
    value: FilterChain,
}

pub(super) fn assign(arguments: &mut TagTokenIter<'_>, language: &Language, source: &Arc<Source>) -> Node {
    let at = hidden_number(arguments)?;
    let name = name(arguments, "`assign` names its variable: `assign name = value`")?;
    sign(arguments, "=")?;
    Ok(Box::new(Assign {
        source: source.clone(),
        at,
        name,
        value: chain(arguments, language)?,
    }))
}

impl Assign {
    fn evaluate(&self, runtime: &dyn Runtime) -> Result<Value> {
        let meter = meter(runtime);
        meter.step()?;
        let value = self.value.evaluate(runtime)?;
        meter.spend(weight(value.as_view()))?;
        Ok(value.into_owned())
    }
}

impl Renderable for Assign {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let value = self.source.noting(runtime, self.at, self.evaluate(runtime))?;
        runtime.set_global(KString::from_ref(&self.name), value);
        Ok(())
    }
}

/// Gives what its body prints a name. It is escaped already: print it with `raw`.
#[derive(Debug)]
struct Capture {
    source: Arc<Source>,
    at: usize,
    name: String,
    shown: Template,
}

pub(super) fn capture(
    arguments: &mut TagTokenIter<'_>,
    block: &mut TagBlock<'_, '_>,
    language: &Language,
    source: &Arc<Source>,
) -> Node {
    let at = hidden_number(arguments)?;
    let name = name(arguments, "`capture` names its variable")?;
    nothing_more(arguments)?;
    let (shown, _) = body(block, language, &[])?;
    Ok(Box::new(Capture {
        source: source.clone(),
        at,
        name,
        shown,
    }))
}

impl Renderable for Capture {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let meter = meter(runtime);
        let mut sink = Sink::kept(&meter);
        let shown = self.shown.render_to(&mut sink, runtime);
        self.source.noting(runtime, self.at, shown)?;
        runtime.set_global(KString::from_ref(&self.name), Value::scalar(sink.into_text()));
        Ok(())
    }
}

/// `increment` prints and then counts up, `decrement` counts down and then prints.
#[derive(Debug)]
struct Counter {
    name: String,
    up: bool,
}

pub(super) fn increment(arguments: &mut TagTokenIter<'_>, _: &Language, _: &Arc<Source>) -> Node {
    counter(arguments, true)
}

pub(super) fn decrement(arguments: &mut TagTokenIter<'_>, _: &Language, _: &Arc<Source>) -> Node {
    counter(arguments, false)
}

fn counter(arguments: &mut TagTokenIter<'_>, up: bool) -> Node {
    let name = name(arguments, "the name of the counter is missing")?;
    Ok(Box::new(Counter { name, up }))
}

impl Renderable for Counter {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        meter(runtime).step()?;
        let held = runtime
            .get_index(&self.name)
            .and_then(|value| value.as_scalar()?.to_integer());
        let held = held.unwrap_or(0);
        let (shown, next) = if self.up {
            (held, held.saturating_add(1))
        } else {
            (held.saturating_sub(1), held.saturating_sub(1))
        };
        runtime.set_index(KString::from_ref(&self.name), Value::scalar(next));
        write(writer, &shown.to_string())
    }
}

/// Hands a value out to whoever renders. No author can write this tag.
#[derive(Debug)]
struct Take {
    source: Arc<Source>,
    at: usize,
    value: FilterChain,
}

/// The value that was handed out.
#[derive(Debug, Default)]
pub(crate) struct Taken(pub(crate) Option<Value>);

pub(super) fn value(arguments: &mut TagTokenIter<'_>, language: &Language, source: &Arc<Source>) -> Node {
    Ok(Box::new(Take {
        source: source.clone(),
        at: hidden_number(arguments)?,
        value: chain(arguments, language)?,
    }))
}

impl Take {
    fn evaluate(&self, runtime: &dyn Runtime) -> Result<Value> {
        let value = self.value.evaluate(runtime)?;
        meter(runtime).spend(weight(value.as_view()))?;
        Ok(value.into_owned())
    }
}

impl Renderable for Take {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let value = self.source.noting(runtime, self.at, self.evaluate(runtime))?;
        runtime.registers().get_mut::<Taken>().0 = Some(value);
        Ok(())
    }
}
