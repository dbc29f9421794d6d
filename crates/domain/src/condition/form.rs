//! How conditions are written and read.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::operator::{Needs, Pattern};
use super::{Condition, Leaf, Node, Operator, Side, Written};
use crate::path::Path;

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.0 {
            Node::All(parts, _) => map.serialize_entry("all", parts)?,
            Node::Any(parts) => map.serialize_entry("any", parts)?,
            Node::Not(part) => map.serialize_entry("not", part)?,
            Node::Leaf(leaf) => {
                map.serialize_entry("path", &leaf.path)?;
                map.serialize_entry("is", leaf.word())?;
                match &leaf.value {
                    Some(Side::Literal(value)) => map.serialize_entry("value", value)?,
                    Some(Side::At(path)) => map.serialize_entry(
                        "value",
                        &Map::from_iter([("path".to_owned(), path.as_str().into())]),
                    )?,
                    None => {}
                }
                if leaf.ignore_case {
                    map.serialize_entry("ignore_case", &true)?;
                }
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ConditionForm)
    }
}

impl<'de> Deserialize<'de> for Side {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Side {
    /// `{path: …}` is a place, everything else stands for itself.
    fn read(value: Value) -> Result<Self, String> {
        let path = match &value {
            Value::Object(map) if map.len() == 1 => map.get("path").and_then(Value::as_str),
            _ => None,
        };
        match path.map(Path::parse) {
            None => Ok(Self::Literal(value)),
            Some(path) => path.map(Self::At),
        }
    }
}

struct ConditionForm;

impl<'de> de::Visitor<'de> for ConditionForm {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition: one of all, any, not, or path with is and value")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        let mut form = Form::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "all" => once(&mut form.all, "all", map.next_value()?)?,
                "any" => once(&mut form.any, "any", map.next_value()?)?,
                "not" => once(&mut form.not, "not", map.next_value()?)?,
                "path" => once(&mut form.path, "path", map.next_value()?)?,
                "is" => once(&mut form.is, "is", map.next_value()?)?,
                "value" => once(&mut form.value, "value", map.next_value()?)?,
                "ignore_case" => once(&mut form.ignore_case, "ignore_case", map.next_value()?)?,
                _ => short(&key, map.next_value()?, &mut form.short).map_err(de::Error::custom)?,
            }
        }
        form.condition().map_err(de::Error::custom)
    }
}

fn once<T, E: de::Error>(field: &mut Option<T>, name: &'static str, value: T) -> Result<(), E> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

#[derive(Default)]
struct Form {
    all: Option<Vec<Condition>>,
    any: Option<Vec<Condition>>,
    not: Option<Box<Condition>>,
    path: Option<Path>,
    is: Option<String>,
    value: Option<Side>,
    ignore_case: Option<bool>,
    short: Vec<Leaf>,
}

impl Form {
    fn condition(self) -> Result<Condition, String> {
        let leaf = [
            self.path.is_some(),
            self.is.is_some(),
            self.value.is_some(),
            self.ignore_case.is_some(),
        ];
        let said = [
            ("all", self.all.is_some()),
            ("any", self.any.is_some()),
            ("not", self.not.is_some()),
            ("a comparison", leaf.contains(&true)),
            ("a short comparison", !self.short.is_empty()),
        ];
        let said: Vec<_> = said
            .into_iter()
            .filter(|(_, said)| *said)
            .map(|(what, _)| what)
            .collect();
        match said.as_slice() {
            [] => {
                return Err(
                    "a condition says something: all, any, not, or path with is and value".to_owned(),
                );
            }
            [_] => {}
            several => {
                return Err(format!(
                    "a condition says one thing, this one says {}: put them into an `all`",
                    several.join(" and ")
                ));
            }
        }
        let node = match (self.all, self.any, self.not) {
            (Some(parts), _, _) => Node::All(parts, Written::Long),
            (_, Some(parts), _) => Node::Any(parts),
            (_, _, Some(part)) => Node::Not(part),
            _ if !self.short.is_empty() => return Ok(together(self.short)),
            _ => {
                let path = self
                    .path
                    .ok_or("a comparison says what it looks at: `path` is missing")?;
                let is = self
                    .is
                    .ok_or("a comparison says how it compares: `is` is missing")?;
                let fold = self.ignore_case.unwrap_or_default();
                Node::Leaf(Box::new(Leaf::new(path, is, self.value, fold, Written::Long)))
            }
        };
        Ok(Condition(node))
    }
}

/// Short comparisons of one map hold together.
fn together(mut leaves: Vec<Leaf>) -> Condition {
    let condition = |leaf| Condition(Node::Leaf(Box::new(leaf)));
    match (leaves.pop(), leaves.is_empty()) {
        (Some(only), true) => condition(only),
        (last, _) => {
            let parts = leaves.into_iter().chain(last).map(condition).collect();
            Condition(Node::All(parts, Written::Short(None)))
        }
    }
}

/// Reads `path: value` or `path: {operator: value, …}`.
fn short(path: &str, value: Value, leaves: &mut Vec<Leaf>) -> Result<(), String> {
    let path = Path::parse(path)?;
    let operators = match Side::read(value)? {
        Side::Literal(Value::Object(operators)) => operators,
        side => {
            leaves.push(Leaf::new(
                path,
                Operator::Equals.word().to_owned(),
                Some(side),
                false,
                Written::Short(None),
            ));
            return Ok(());
        }
    };
    let fold = operators
        .get("ignore_case")
        .is_some_and(|flag| *flag == Value::Bool(true));
    let before = leaves.len();
    for (word, value) in operators.into_iter().filter(|(word, _)| word != "ignore_case") {
        leaves.push(operation(path.clone(), word, value, fold)?);
    }
    if leaves.len() == before {
        return Err(format!(
            "`{path}` is compared with nothing: write {path}: {{at_least: 70}} or the like"
        ));
    }
    Ok(())
}

fn operation(path: Path, word: String, value: Value, fold: bool) -> Result<Leaf, String> {
    let written = Written::Short(Some(word.clone()));
    // `exists: false` is how people write `missing: true`.
    match (Operator::from_word(&word), value) {
        (Some(operator), Value::Bool(wanted)) if operator.needs() == Needs::Nothing => {
            let operator = if wanted { operator } else { operator.opposite() };
            Ok(Leaf::new(path, operator.word().to_owned(), None, fold, written))
        }
        (_, value) => Ok(Leaf::new(path, word, Some(Side::read(value)?), fold, written)),
    }
}

impl Leaf {
    fn new(path: Path, is: String, value: Option<Side>, ignore_case: bool, written: Written) -> Self {
        let operator = Operator::from_word(&is);
        Self {
            path,
            // Synonyms say the same.
            is: operator.map_or(is, |operator| operator.word().to_owned()),
            operator,
            value,
            ignore_case,
            written,
            pattern: Pattern::default(),
        }
    }
}
