//! Where a template finds its variables. What is missing is nil, as people expect of Liquid, never an error.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use liquid_core::Runtime;
use liquid_core::model::{KString, KStringCow, KStringRef, Object, ScalarCow, Value, ValueCow, ValueView};
use liquid_core::runtime::{PartialStore, Registers, Renderable};

use crate::meter::{Meter, Shared, weight};

type Path<'p> = &'p [ScalarCow<'p>];

/// The grammar of `liquid_core` reads `nullable` as `null` and `able`. Such names are written with this before them.
pub(crate) const GUARD: &str = "_root_";

/// A variable's name as its author wrote it.
pub(crate) fn plain(name: &str) -> &str {
    name.strip_prefix(GUARD).unwrap_or(name)
}

/// The outermost scope of a template or a partial: the context, and what the template assigned.
pub(crate) struct Scope {
    shared: Shared,
    assigned: RefCell<HashMap<String, Value>>,
    counters: RefCell<HashMap<String, Value>>,
    registers: Registers,
}

impl Scope {
    pub(crate) fn new(context: Rc<Object>, meter: Rc<Meter>) -> Self {
        Self::with(Shared { meter, context }, HashMap::new())
    }

    /// The scope of a partial that sees the context and its arguments.
    pub(crate) fn apart(parent: &dyn Runtime, arguments: HashMap<String, Value>) -> Self {
        Self::with(parent.registers().get_mut::<Shared>().clone(), arguments)
    }

    fn with(shared: Shared, assigned: HashMap<String, Value>) -> Self {
        let registers = Registers::default();
        *registers.get_mut::<Shared>() = shared.clone();
        Self {
            shared,
            assigned: RefCell::new(assigned),
            counters: RefCell::default(),
            registers,
        }
    }

    /// A copy of what was assigned, which must be paid for like everything that is made.
    fn copied(
        &self,
        values: &RefCell<HashMap<String, Value>>,
        path: Path<'_>,
        name: &str,
    ) -> Option<Option<Value>> {
        let values = values.borrow();
        let found = find(values.get(name)?, &path[1..]);
        Some(found.and_then(|value| {
            self.shared.meter.spend(weight(value.as_view())).ok()?;
            Some(value.into_owned())
        }))
    }
}

impl Runtime for Scope {
    fn partials(&self) -> &dyn PartialStore {
        &NoPartials
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        None
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        self.shared
            .context
            .keys()
            .map(|key| key.as_ref().into())
            .collect()
    }

    fn try_get(&self, path: Path<'_>) -> Option<ValueCow<'_>> {
        let first = path.first()?.to_kstr();
        let name = plain(first.as_str());
        for values in [&self.assigned, &self.counters] {
            if let Some(value) = self.copied(values, path, name) {
                return value.map(ValueCow::Owned);
            }
        }
        find(self.shared.context.get(name)?, &path[1..])
    }

    fn get(&self, path: Path<'_>) -> liquid_core::Result<ValueCow<'_>> {
        Ok(self.try_get(path).unwrap_or(ValueCow::Owned(Value::Nil)))
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.assigned
            .borrow_mut()
            .insert(plain(name.as_str()).to_owned(), value)
    }

    fn set_index(&self, name: KString, value: Value) -> Option<Value> {
        self.counters
            .borrow_mut()
            .insert(plain(name.as_str()).to_owned(), value)
    }

    fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
        let counters = self.counters.borrow();
        counters.get(plain(name)).cloned().map(ValueCow::Owned)
    }

    fn registers(&self) -> &Registers {
        &self.registers
    }
}

/// Partials are bound when a template is read: there is nothing to look up later.
#[derive(Debug)]
struct NoPartials;

impl PartialStore for NoPartials {
    fn contains(&self, _: &str) -> bool {
        false
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn try_get(&self, _: &str) -> Option<std::sync::Arc<dyn Renderable>> {
        None
    }

    fn get(&self, name: &str) -> liquid_core::Result<std::sync::Arc<dyn Renderable>> {
        Err(liquid_core::Error::with_msg(format!(
            "there is no partial `{name}`"
        )))
    }
}

/// Names that lie over a scope: a loop's item, a partial's arguments.
pub(crate) trait Names {
    /// The value of a path whose first name this layer knows, or nothing where it does not know it.
    fn look_up(&self, name: &str, rest: Path<'_>, parent: &dyn Runtime) -> Option<Option<ValueCow<'_>>>;
}

/// A layer of names over a parent, which keeps everything else.
pub(crate) struct Layer<'a, N> {
    pub(crate) parent: &'a dyn Runtime,
    pub(crate) names: N,
}

impl<N: Names> Runtime for Layer<'_, N> {
    fn partials(&self) -> &dyn PartialStore {
        self.parent.partials()
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        None
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        self.parent.roots()
    }

    fn try_get(&self, path: Path<'_>) -> Option<ValueCow<'_>> {
        let first = path.first()?.to_kstr();
        match self.names.look_up(plain(first.as_str()), &path[1..], self.parent) {
            Some(value) => value,
            None => self.parent.try_get(path),
        }
    }

    fn get(&self, path: Path<'_>) -> liquid_core::Result<ValueCow<'_>> {
        Ok(self.try_get(path).unwrap_or(ValueCow::Owned(Value::Nil)))
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.parent.set_global(name, value)
    }

    fn set_index(&self, name: KString, value: Value) -> Option<Value> {
        self.parent.set_index(name, value)
    }

    fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
        self.parent.get_index(name)
    }

    fn registers(&self) -> &Registers {
        self.parent.registers()
    }
}

/// The arguments of a partial that otherwise sees what its template sees.
pub(crate) struct Arguments(pub(crate) HashMap<String, Value>);

impl Names for Arguments {
    fn look_up(&self, name: &str, rest: Path<'_>, _: &dyn Runtime) -> Option<Option<ValueCow<'_>>> {
        Some(find(self.0.get(name)?, rest))
    }
}

/// One turn of a loop.
pub(crate) struct Turn<'a> {
    pub(crate) name: &'a str,
    pub(crate) item: &'a dyn ValueView,
    /// From 0.
    pub(crate) index: usize,
    pub(crate) length: usize,
}

impl Names for Turn<'_> {
    fn look_up(&self, name: &str, rest: Path<'_>, parent: &dyn Runtime) -> Option<Option<ValueCow<'_>>> {
        if name == self.name {
            return Some(find(self.item, rest));
        }
        if name != "forloop" {
            return None;
        }
        let property = rest.first().map(ValueView::to_kstr);
        let property = property.as_ref().map_or("", |name| name.as_str());
        if property == "parentloop" {
            let mut path = vec![ScalarCow::new("forloop")];
            path.extend(rest[1..].iter().cloned());
            return Some(
                parent
                    .try_get(&path)
                    .map(|value| ValueCow::Owned(value.into_owned())),
            );
        }
        Some(self.property(property).map(ValueCow::Owned))
    }
}

impl Turn<'_> {
    fn property(&self, name: &str) -> Option<Value> {
        let number = |number: usize| Some(Value::scalar(i64::try_from(number).unwrap_or(i64::MAX)));
        match name {
            "index" => number(self.index + 1),
            "index0" => number(self.index),
            "rindex" => number(self.length - self.index),
            "rindex0" => number(self.length - self.index - 1),
            "length" => number(self.length),
            "first" => Some(Value::scalar(self.index == 0)),
            "last" => Some(Value::scalar(self.index + 1 == self.length)),
            _ => None,
        }
    }
}

/// What lies below `path` in a value.
pub(crate) fn find<'v>(value: &'v dyn ValueView, path: Path<'_>) -> Option<ValueCow<'v>> {
    let Some((key, rest)) = path.split_first() else {
        return Some(ValueCow::Borrowed(value));
    };
    let name = key.to_kstr();
    if let Some(object) = value.as_object() {
        if let Some(below) = object.get(name.as_str()) {
            return find(below, rest);
        }
    } else if let Some(list) = value.as_array() {
        let below = match (key.to_integer(), name.as_str()) {
            (Some(at), _) => list.get(at),
            (None, "first") => list.first(),
            (None, "last") => list.last(),
            _ => None,
        };
        if let Some(below) = below {
            return find(below, rest);
        }
    }
    let size = match (name.as_str(), value.type_name()) {
        ("size", "string") => value.to_kstr().as_str().chars().count(),
        ("size", _) => match (value.as_array(), value.as_object()) {
            (Some(list), _) => usize::try_from(list.size()).ok()?,
            (_, Some(object)) => usize::try_from(object.size()).ok()?,
            _ => return None,
        },
        _ => return None,
    };
    rest.is_empty()
        .then(|| ValueCow::Owned(Value::scalar(i64::try_from(size).unwrap_or(i64::MAX))))
}
