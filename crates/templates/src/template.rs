//! A template: read once, rendered many times.

use std::rc::Rc;
use std::sync::Arc;

use liquid_core::model::{KString, Object, Value};
use liquid_core::{Renderable, Runtime};

use crate::compile::{As, Compiler, Program};
use crate::error::{Cause, RenderError, SyntaxError};
use crate::escape::Escape;
use crate::filters::to_json;
use crate::meter::{Limits, Meter};
use crate::nodes::{Sink, Taken};
use crate::partials::Partials;
use crate::scope::Scope;

/// A text with outputs (`{{ data.title }}`) and tags (`{% if … %}`), checked whole.
///
/// What it prints is escaped for its channel, unless the last filter is `raw`. Text that was captured is escaped already:
/// `{% capture card %}<b>{{ data.title }}</b>{% endcapture %}{{ card | raw }}`.
#[derive(Debug, Clone)]
pub struct Template(Arc<Program>);

impl Template {
    /// Reads a source. Everything that can be wrong with it by itself is found here, never when it is rendered.
    pub fn parse(source: &str, escape: Escape, partials: &Partials) -> Result<Self, SyntaxError> {
        let program = Compiler::new(partials, escape).compile(source, As::Text)?;
        Ok(Self(Arc::new(program)))
    }

    pub(crate) fn of(program: Arc<Program>) -> Self {
        Self(program)
    }

    /// Renders with a context, a JSON object. What it lacks is empty.
    pub fn render(&self, context: &serde_json::Value, limits: &Limits) -> Result<String, RenderError> {
        let run = Run::new(context, limits)?;
        run.render(self, &run.scope)
    }

    /// The paths it reads, in their order: `data.title`, `activities[].data.type`. Names it assigns itself are not among them.
    pub fn variables(&self) -> Vec<String> {
        self.0.variables.iter().cloned().collect()
    }
}

/// A condition as `if` takes it: `data.score > 70 and data.kind == "pull_request"`.
#[derive(Debug, Clone)]
pub struct Condition(Arc<Program>);

impl Condition {
    /// Reads a condition.
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        let partials = Partials::default();
        let program = Compiler::new(&partials, Escape::Plain).compile(source, As::Condition)?;
        Ok(Self(Arc::new(program)))
    }

    /// Whether it holds.
    pub fn holds(&self, context: &serde_json::Value, limits: &Limits) -> Result<bool, RenderError> {
        let run = Run::new(context, limits)?;
        run.holds(self, &run.scope)
    }

    /// The paths it reads.
    pub fn variables(&self) -> Vec<String> {
        self.0.variables.iter().cloned().collect()
    }
}

/// A value with its filters: `activities | slice: 0, 5`.
#[derive(Debug, Clone)]
pub struct Expression(Arc<Program>);

impl Expression {
    /// Reads a value with its filters.
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        let partials = Partials::default();
        let program = Compiler::new(&partials, Escape::Plain).compile(source, As::Value)?;
        Ok(Self(Arc::new(program)))
    }

    /// What it is, as JSON. What is missing is null.
    pub fn evaluate(
        &self,
        context: &serde_json::Value,
        limits: &Limits,
    ) -> Result<serde_json::Value, RenderError> {
        let run = Run::new(context, limits)?;
        let value = run.value(self, &run.scope)?;
        Ok(to_json(value.as_view()))
    }

    /// The paths it reads.
    pub fn variables(&self) -> Vec<String> {
        self.0.variables.iter().cloned().collect()
    }
}

/// One render, or several that share a context and its limits.
pub(crate) struct Run {
    pub(crate) meter: Rc<Meter>,
    pub(crate) scope: Scope,
}

impl Run {
    pub(crate) fn new(context: &serde_json::Value, limits: &Limits) -> Result<Self, RenderError> {
        let serde_json::Value::Object(entries) = context else {
            return Err(unfit("the context of a template is a JSON object"));
        };
        let context = object(entries, 1).ok_or_else(|| unfit("the context is nested too deeply"))?;
        let meter = Rc::new(Meter::new(*limits));
        let scope = Scope::new(Rc::new(context), meter.clone());
        Ok(Self { meter, scope })
    }

    pub(crate) fn render(&self, template: &Template, scope: &dyn Runtime) -> Result<String, RenderError> {
        self.print(&template.0, scope)
    }

    pub(crate) fn holds(&self, condition: &Condition, scope: &dyn Runtime) -> Result<bool, RenderError> {
        Ok(!self.print(&condition.0, scope)?.is_empty())
    }

    pub(crate) fn value(&self, expression: &Expression, scope: &dyn Runtime) -> Result<Value, RenderError> {
        self.print(&expression.0, scope)?;
        let taken = scope.registers().get_mut::<Taken>().0.take();
        Ok(taken.unwrap_or(Value::Nil))
    }

    /// Counts one turn of a loop.
    pub(crate) fn turn(&self) -> Result<(), RenderError> {
        self.meter
            .turn(Limits::STEP)
            .map_err(|over| self.meter.told(&liquid_core::Error::from(over)))
    }

    fn print(&self, program: &Program, scope: &dyn Runtime) -> Result<String, RenderError> {
        let mut sink = Sink::output(&self.meter);
        program
            .body()
            .render_to(&mut sink, scope)
            .and_then(|()| Ok(self.meter.within()?))
            .map_err(|error| self.meter.told(&error))?;
        Ok(sink.into_text())
    }
}

fn unfit(message: &str) -> RenderError {
    RenderError {
        cause: Cause::Context,
        message: message.to_owned(),
        line: 0,
        column: 0,
        partial: None,
    }
}

/// Deeper contexts are refused: values are walked by recursion.
const MAX_DEPTH: usize = 128;

fn object(entries: &serde_json::Map<String, serde_json::Value>, depth: usize) -> Option<Object> {
    entries
        .iter()
        .map(|(key, value)| Some((KString::from_ref(key), value_of(value, depth)?)))
        .collect()
}

fn value_of(value: &serde_json::Value, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match value {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(yes) => Value::scalar(*yes),
        serde_json::Value::String(text) => Value::scalar(text.clone()),
        serde_json::Value::Number(number) => number_of(number),
        serde_json::Value::Array(items) => {
            let items: Option<Vec<Value>> = items.iter().map(|item| value_of(item, depth + 1)).collect();
            Value::Array(items?)
        }
        serde_json::Value::Object(entries) => Value::Object(object(entries, depth + 1)?),
    })
}

/// Whole numbers that no `i64` holds stay readable as text.
fn number_of(number: &serde_json::Number) -> Value {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(number), ..) => Value::scalar(number),
        (_, Some(number), _) => Value::scalar(number.to_string()),
        (.., Some(number)) => Value::scalar(number),
        _ => Value::scalar(number.to_string()),
    }
}

/// A context with one more name in it.
pub(crate) fn add_to(context: &serde_json::Value, name: &str, text: &str) -> serde_json::Value {
    let mut context = context.clone();
    if let serde_json::Value::Object(entries) = &mut context {
        entries.insert(name.to_owned(), text.into());
    }
    context
}
