//! What a render may use, and what it has used. Everything that could grow without an end is paid for before it does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use liquid_core::model::{Object, ValueView};
use liquid_core::{Error, Runtime};

use crate::error::{Cause, Exceeded, Place, RenderError};

/// What one render may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of output.
    pub output: usize,
    /// Turns of all loops together, nested ones counted each time.
    pub iterations: usize,
    /// Work altogether: bytes read and made by filters, and [`Limits::STEP`] for each output, tag, filter and turn.
    /// It bounds time as well as memory.
    pub work: usize,
}

impl Limits {
    /// What an output, a tag, a filter or a turn of a loop costs besides what it reads and makes.
    pub const STEP: usize = 64;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            output: 256 * 1024,
            iterations: 100_000,
            work: 16 * 1024 * 1024,
        }
    }
}

/// A render went over a limit and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Over(pub(crate) Exceeded);

impl From<Over> for Error {
    fn from(Over(exceeded): Over) -> Self {
        Error::with_msg(told(exceeded))
    }
}

fn told(exceeded: Exceeded) -> &'static str {
    match exceeded {
        Exceeded::Output => "the output is longer than allowed",
        Exceeded::Iterations => "the loops take more turns than allowed",
        Exceeded::Work => "the template needs more work than allowed",
    }
}

/// Where an element of a template lies.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) source: Arc<str>,
    pub(crate) partial: Option<Arc<str>>,
}

/// A sentence, a place, and the partial it lies in.
type Failure = (String, Place, Option<Arc<str>>);

/// What one render has used.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    limits: Limits,
    output: Cell<usize>,
    iterations: Cell<usize>,
    work: Cell<usize>,
    /// The limit that was gone over first: Liquid's errors carry only text.
    over: Cell<Option<Exceeded>>,
    /// What an element failed with first, and where it lies.
    failed: RefCell<Option<Failure>>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    fn take(&self, used: &Cell<usize>, more: usize, limit: usize, kind: Exceeded) -> Result<(), Over> {
        // A render that is over stays over: looking up a variable cannot fail, it only finds nothing.
        if let Some(over) = self.over.get() {
            return Err(Over(over));
        }
        let sum = used.get().saturating_add(more);
        if sum > limit {
            self.over.set(Some(kind));
            return Err(Over(kind));
        }
        used.set(sum);
        Ok(())
    }

    /// Pays for bytes that are read or made.
    pub(crate) fn spend(&self, bytes: usize) -> Result<(), Over> {
        self.take(&self.work, bytes, self.limits.work, Exceeded::Work)
    }

    /// Pays for an element of the template.
    pub(crate) fn step(&self) -> Result<(), Over> {
        self.spend(Limits::STEP)
    }

    /// Pays for a turn of a loop whose body has so many bytes of source.
    pub(crate) fn turn(&self, body: usize) -> Result<(), Over> {
        self.take(&self.iterations, 1, self.limits.iterations, Exceeded::Iterations)?;
        self.spend(Limits::STEP + body / 4)
    }

    /// How many turns are left.
    pub(crate) fn turns_left(&self) -> usize {
        self.limits.iterations - self.iterations.get()
    }

    /// Refuses a loop that would take more turns than are left.
    pub(crate) fn too_many_turns(&self) -> Over {
        self.over.set(self.over.get().or(Some(Exceeded::Iterations)));
        Over(Exceeded::Iterations)
    }

    /// Refuses what was rendered although a limit was reached on the way.
    pub(crate) fn within(&self) -> Result<(), Over> {
        self.over.get().map_or(Ok(()), |over| Err(Over(over)))
    }

    /// Pays for bytes of output.
    pub(crate) fn print(&self, bytes: usize) -> Result<(), Over> {
        self.take(&self.output, bytes, self.limits.output, Exceeded::Output)
    }

    /// Remembers where the first failure lies.
    pub(crate) fn failed_at(&self, origin: &Origin, offset: usize, error: &Error) {
        self.failed.borrow_mut().get_or_insert_with(|| {
            let place = Place::of(&origin.source, offset);
            (first_line(error), place, origin.partial.clone())
        });
    }

    /// What a render failed with.
    pub(crate) fn told(&self, error: &Error) -> RenderError {
        let failed = self.failed.borrow_mut().take();
        let (message, place, partial) =
            failed.unwrap_or_else(|| (first_line(error), Place { line: 0, column: 0 }, None));
        let over = self.over.get();
        RenderError {
            cause: over.map_or(Cause::Value, Cause::Limit),
            message: over.map_or(message, |over| told(over).to_owned()),
            line: place.line,
            column: place.column,
            partial,
        }
    }
}

/// The sentence of an error. What follows shows values, which belong to no log.
fn first_line(error: &Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("liquid: ").to_owned()
}

/// Where the meter and the context are found from within a render.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    pub(crate) meter: Rc<Meter>,
    pub(crate) context: Rc<Object>,
}

/// The meter of the render under way.
pub(crate) fn meter(runtime: &dyn Runtime) -> Rc<Meter> {
    runtime.registers().get_mut::<Shared>().meter.clone()
}

/// What a value weighs in bytes, roughly.
pub(crate) fn weight(value: &dyn ValueView) -> usize {
    if let Some(list) = value.as_array() {
        return list
            .values()
            .fold(16, |sum, item| sum.saturating_add(weight(item) + 16));
    }
    if let Some(object) = value.as_object() {
        return object.iter().fold(16, |sum, (key, item)| {
            sum.saturating_add(weight(item) + key.as_str().len() + 32)
        });
    }
    match value.type_name() {
        "string" => value.to_kstr().as_str().len(),
        _ => 8,
    }
}
