//! `render` and `include`: a source of its own within another.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use liquid_core::model::Value;
use liquid_core::parser::TagTokenIter;
use liquid_core::{Expression, Language, Renderable, Result, Runtime};

use super::{Node, Source, expression, hidden_number, name, next, sign};
use crate::compile::Program;
use crate::meter::{meter, weight};
use crate::scope::{Arguments, Layer, Scope};

#[derive(Debug)]
struct Partial {
    source: Arc<Source>,
    at: usize,
    program: Arc<Program>,
    arguments: Vec<(String, Expression)>,
    /// Whether it sees only the context and its arguments, or all that the template sees.
    apart: bool,
}

pub(super) fn render(arguments: &mut TagTokenIter<'_>, _: &Language, source: &Arc<Source>) -> Node {
    partial(arguments, source, true)
}

pub(super) fn include(arguments: &mut TagTokenIter<'_>, _: &Language, source: &Arc<Source>) -> Node {
    partial(arguments, source, false)
}

fn partial(arguments: &mut TagTokenIter<'_>, source: &Arc<Source>, apart: bool) -> Node {
    let at = hidden_number(arguments)?;
    let token = next(arguments, "the name of the partial is missing")?;
    let quoted = token.as_str().trim_matches(['"', '\'']).to_owned();
    let Some(program) = source.partials.get(&quoted).cloned() else {
        return Err(token.raise_custom_error("there is no such partial"));
    };
    let mut given = Vec::new();
    while let Some(token) = arguments.next() {
        token.expect_str(",").into_result_custom_msg("`,` is missing")?;
        let name = name(arguments, "an argument has a name: `title: data.title`")?;
        sign(arguments, ":")?;
        given.push((name, expression(arguments)?));
    }
    Ok(Box::new(Partial {
        source: source.clone(),
        at,
        program,
        arguments: given,
        apart,
    }))
}

impl Partial {
    fn arguments(&self, runtime: &dyn Runtime) -> Result<HashMap<String, Value>> {
        let meter = meter(runtime);
        let mut given = HashMap::with_capacity(self.arguments.len());
        for (name, value) in &self.arguments {
            let value = value.evaluate(runtime)?;
            meter.spend(weight(value.as_view()))?;
            given.insert(name.clone(), value.into_owned());
        }
        Ok(given)
    }

    fn show(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        meter(runtime).step()?;
        let given = self.arguments(runtime)?;
        let body = self.program.body();
        if self.apart {
            body.render_to(writer, &Scope::apart(runtime, given))
        } else {
            let names = Arguments(given);
            body.render_to(
                writer,
                &Layer {
                    parent: runtime,
                    names,
                },
            )
        }
    }
}

impl Renderable for Partial {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let shown = self.show(writer, runtime);
        self.source.noting(runtime, self.at, shown)
    }
}
