//! Event types: what may be published, who may see it, and how it looks from outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::text::{Fault, Faults};

/// Version that a type has until it is given one.
pub const FIRST_VERSION: &str = "2026-02-07";

/// Who may see events of a type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The publishing application, and the application of the tenant the event names.
    #[default]
    App,
    /// Every application of the environment.
    Platform,
    /// Nobody: it starts workflows and stands in the log, and is sent to no endpoint and no stream.
    Internal,
}

impl Visibility {
    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Platform => "platform",
            Self::Internal => "internal",
        }
    }

    /// Reads the word; unknown words see least.
    pub fn from_word(word: &str) -> Self {
        match word {
            "platform" => Self::Platform,
            "internal" => Self::Internal,
            _ => Self::App,
        }
    }
}

fn first_version() -> String {
    FIRST_VERSION.to_owned()
}

/// A registered event type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventType {
    /// The name it is published under, such as `observation.captured`.
    pub name: String,
    /// The category it belongs to.
    pub category: String,
    /// What people call such an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// JSON Schema that `data` must satisfy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<serde_json::Value>,
    /// Dated version, in every envelope.
    #[serde(default = "first_version")]
    pub version: String,
    /// Who may see it.
    #[serde(default)]
    pub visibility: Visibility,
    /// The name it has outside; `None` is the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_name: Option<String>,
    /// The top-level fields of `data` that leave; `None` lets all leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_fields: Option<Vec<String>>,
    /// Milliseconds since the Unix epoch.
    #[serde(skip)]
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    #[serde(skip)]
    pub updated_at: i64,
}

impl EventType {
    /// What is wrong with this type.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::default();
        check_name(&mut faults, "/name", &self.name);
        faults.line("/category", &self.category, 100);
        if let Some(title) = &self.title {
            faults.line("/title", title, 100);
        }
        faults.text("/description", &self.description, 2_000);
        faults.line("/version", &self.version, 50);
        if let Some(name) = &self.public_name {
            check_name(&mut faults, "/public_name", name);
        }
        if is_reserved(&self.name) {
            faults.push("/name", "reserved", RESERVED);
        }
        if let Some(Err(error)) = self.schema.as_ref().map(jsonschema::validator_for) {
            faults.push(
                "/schema",
                "schema",
                format!("is not a valid JSON Schema: {error}"),
            );
        }
        faults.finish()
    }

    /// The name receivers see.
    pub fn outside_name(&self) -> &str {
        self.public_name.as_deref().unwrap_or(&self.name)
    }

    /// What people call such an event, where nobody said it: `session.high_priority` is `Session high priority`.
    pub fn label(&self) -> String {
        self.title.clone().unwrap_or_else(|| readable(&self.name))
    }

    /// What `data` looks like outside: the schema without the fields that stay inside.
    pub fn outside_schema(&self) -> Option<Value> {
        let mut schema = self.schema.clone()?;
        let (Some(fields), Some(object)) = (&self.public_fields, schema.as_object_mut()) else {
            return Some(schema);
        };
        let leaves = |name: &str| fields.iter().any(|field| field == name);
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
            properties.retain(|name, _| leaves(name));
        }
        if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str().is_some_and(leaves));
        }
        if let Some(examples) = object.get_mut("examples").and_then(Value::as_array_mut) {
            let examples = examples.iter_mut().filter_map(Value::as_object_mut);
            examples.for_each(|example| example.retain(|name, _| leaves(name)));
        }
        Some(schema)
    }

    /// An example of `data` as it looks outside, where the schema has one.
    pub fn sample(&self) -> Option<Value> {
        self.outside_schema()?.get("examples")?.get(0).cloned()
    }
}

/// A name in words.
pub fn readable(name: &str) -> String {
    let words = name.replace(['.', '_', '-', '/'], " ");
    let mut letters = words.trim().chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Names that only the server itself publishes.
pub fn is_reserved(name: &str) -> bool {
    ["notification.", "endpoint.", "workflow."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// What is said of such a name.
pub const RESERVED: &str =
    "names beginning with `notification.`, `endpoint.` or `workflow.` belong to the server";

/// Checks the form of an event type's name.
pub fn check_name(faults: &mut Faults, pointer: &str, name: &str) {
    faults.line(pointer, name, 200);
    if name
        .chars()
        .any(|c| c.is_whitespace() || matches!(c, '?' | '#' | '%' | '\\' | '"'))
    {
        faults.push(pointer, "format", "must not contain spaces or any of ? # % \\ \"");
    }
}

/// A type made ready for publishing: its schema is compiled once.
#[derive(Debug, Clone)]
pub struct ReadyType {
    /// The registered type.
    pub spec: Arc<EventType>,
    validator: Option<Arc<jsonschema::Validator>>,
}

impl ReadyType {
    /// Compiles the schema. A schema that does not compile was refused at registration; here it counts as absent.
    pub fn new(spec: EventType) -> Self {
        let validator = spec
            .schema
            .as_ref()
            .and_then(|schema| jsonschema::validator_for(schema).ok())
            .map(Arc::new);
        Self {
            spec: Arc::new(spec),
            validator,
        }
    }

    /// Checks `data` against the schema, reporting at most ten faults with pointers below `/data`.
    pub fn check_data(&self, raw: &RawValue) -> Result<(), Vec<Fault>> {
        let Some(validator) = &self.validator else {
            return Ok(());
        };
        let Ok(value) = serde_json::from_str::<serde_json::Value>(raw.get()) else {
            return Err(vec![Fault::new("/data", "json", "is not valid JSON")]);
        };
        let faults: Vec<_> = validator
            .iter_errors(&value)
            .take(10)
            .map(|error| {
                Fault::new(
                    format!("/data{}", error.instance_path()),
                    "schema",
                    error.to_string(),
                )
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The part of `data` that may leave, or `None` when all of it may.
    ///
    /// The kept values stay the bytes they were; their order is that of the payload.
    pub fn public_data(&self, raw: &RawValue) -> Option<String> {
        let fields = self.spec.public_fields.as_ref()?;
        let members: Members<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
        let mut out = String::from("{");
        for (name, value) in members.0.iter().filter(|(name, _)| fields.contains(name)) {
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(&serde_json::Value::from(name.as_str()).to_string());
            out.push(':');
            out.push_str(value.get());
        }
        out.push('}');
        Some(out)
    }
}

/// An object's members in their order, values untouched.
#[derive(Default)]
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> serde::de::Visitor<'de> for Visit {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

/// The registered types of an environment.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    types: BTreeMap<String, ReadyType>,
}

impl Catalogue {
    /// Makes every type ready.
    pub fn new(types: impl IntoIterator<Item = EventType>) -> Self {
        Self {
            types: types
                .into_iter()
                .map(|spec| (spec.name.clone(), ReadyType::new(spec)))
                .collect(),
        }
    }

    /// The type of this name.
    pub fn get(&self, name: &str) -> Option<&ReadyType> {
        self.types.get(name)
    }

    /// Every registered type, by name.
    pub fn iter(&self) -> impl Iterator<Item = &ReadyType> {
        self.types.values()
    }

    /// The categories in use, each once.
    pub fn categories(&self) -> Vec<&str> {
        let mut all: Vec<_> = self
            .types
            .values()
            .map(|ready| ready.spec.category.as_str())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether any type reaches every application.
    pub fn has_platform_types(&self) -> bool {
        self.types
            .values()
            .any(|ready| ready.spec.visibility == Visibility::Platform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> EventType {
        EventType {
            name: "neural/observation.captured".into(),
            title: None,
            category: "observation".into(),
            description: String::new(),
            schema: Some(serde_json::json!({"type": "object", "required": ["score"]})),
            version: FIRST_VERSION.into(),
            visibility: Visibility::App,
            public_name: Some("observation.created".into()),
            public_fields: Some(vec!["score".into(), "topics".into()]),
            created_at: 0,
            updated_at: 0,
        }
    }

    #[test]
    fn o05_only_public_fields_leave_and_their_bytes_stay() {
        let ready = ReadyType::new(spec());
        let raw = RawValue::from_string(r#"{"clerkOrgId":"secret", "topics":[ "a" ],"score":85.0}"#.into());
        assert_eq!(
            ready.public_data(&raw.expect("json")).as_deref(),
            Some(r#"{"topics":[ "a" ],"score":85.0}"#)
        );
    }

    #[test]
    fn data_is_checked_against_the_schema() {
        let ready = ReadyType::new(spec());
        let raw = RawValue::from_string("{}".into()).expect("json");
        let faults = ready.check_data(&raw).expect_err("score is missing");
        assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/data", "schema"));
    }

    #[test]
    fn names_of_the_server_are_reserved() {
        let reserved = EventType {
            name: "notification.created".into(),
            ..spec()
        };
        assert_eq!(reserved.check().expect_err("reserved")[0].code, "reserved");
        spec().check().expect("a slash is welcome");
    }

    #[test]
    fn outside_a_type_shows_what_leaves() {
        let mut spec = spec();
        spec.schema = Some(serde_json::json!({
            "type": "object", "required": ["n", "secret"], "properties": {"n": {}, "secret": {}},
            "examples": [{"n": 1, "secret": "s"}],
        }));
        spec.public_fields = None;
        assert_eq!(spec.outside_schema(), spec.schema);
        spec.public_fields = Some(vec!["n".into()]);
        let seen = spec.outside_schema().unwrap_or_default();
        assert_eq!(
            seen,
            serde_json::json!({"type": "object", "required": ["n"], "properties": {"n": {}}, "examples": [{"n": 1}]})
        );
        assert_eq!(spec.sample(), Some(serde_json::json!({"n": 1})));
        spec.name = "session.high_priority".into();
        assert_eq!(spec.label(), "Session high priority");
        spec.title = Some("High Priority Session".into());
        assert_eq!(spec.label(), "High Priority Session");
    }
}
