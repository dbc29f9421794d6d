//! Sources that lie in others, and one that lies around another.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::compile::{As, Compiler, named};
use crate::error::{RenderError, SyntaxError};
use crate::escape::Escape;
use crate::meter::Limits;
use crate::template::{Template, add_to};

/// Sources by name, for `{% render "name", title: data.title %}` and `{% include "name" %}`.
///
/// `render` sees the context and its arguments, `include` also what its template assigned and the items of its loops.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Partials(BTreeMap<String, String>);

impl Partials {
    /// Adds a source, or puts it in the place of one of the same name.
    pub fn insert(&mut self, name: impl Into<String>, source: impl Into<String>) {
        self.0.insert(name.into(), source.into());
    }

    /// The source of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Those of them that these sources name, and those that these name in turn. A source that cannot be read names none.
    #[must_use]
    pub fn named_by<'s>(&self, sources: impl IntoIterator<Item = &'s str>) -> Self {
        let mut found = Self::default();
        let mut open: Vec<String> = sources.into_iter().flat_map(named).collect();
        while let Some(name) = open.pop() {
            if let Some(source) = self.get(&name)
                && found.get(&name).is_none()
            {
                open.extend(named(source));
                found.insert(name, source);
            }
        }
        found
    }

    /// The sources by name.
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Reads every source, also those that nobody names yet.
    pub fn check(&self, escape: Escape) -> Result<(), SyntaxError> {
        let mut compiler = Compiler::new(self, escape);
        for (name, source) in &self.0 {
            compiler
                .compile_partial(name, source)
                .map_err(|error| error.within(name))?;
        }
        Ok(())
    }
}

impl<N: Into<String>, S: Into<String>> FromIterator<(N, S)> for Partials {
    fn from_iter<I: IntoIterator<Item = (N, S)>>(sources: I) -> Self {
        let sources = sources.into_iter();
        Self(
            sources
                .map(|(name, source)| (name.into(), source.into()))
                .collect(),
        )
    }
}

/// What lies around a body: a template with `{{ content }}` in it, where the body stands as it is.
#[derive(Debug, Clone)]
pub struct Layout(Template);

impl Layout {
    /// Reads a layout. One that shows no content is refused.
    pub fn parse(source: &str, escape: Escape, partials: &Partials) -> Result<Self, SyntaxError> {
        let program = Compiler::for_layout(partials, escape).compile(source, As::Text)?;
        if !program.variables.contains("content") {
            return Err(SyntaxError::at(source, 0, "a layout shows its `{{ content }}`"));
        }
        Ok(Self(Template::of(Arc::new(program))))
    }

    /// The layout around `content`, which must be escaped already.
    pub fn wrap(
        &self,
        content: &str,
        context: &serde_json::Value,
        limits: &Limits,
    ) -> Result<String, RenderError> {
        self.0.render(&add_to(context, "content", content), limits)
    }
}
