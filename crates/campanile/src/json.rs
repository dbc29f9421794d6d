//! JSON that is only shown or handed on, read without a type of its own.

use serde_json::Value;

/// The items of a field that holds a list.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value[name].as_array().into_iter().flatten()
}
