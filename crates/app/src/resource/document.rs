//! Documents: read, checked by themselves, written.

use std::collections::HashSet;

use domain::channel::Channel;
use domain::environment::Settings;
use domain::event_type::EventType;
use domain::preference::Preferences;
use domain::text::{Fault, Faults};
use domain::workflow::Workflow;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::preference::Whose;
use templates::Partials;

use crate::workflow::{Ready, named_by};
use crate::{event_type, preference, template};

/// What kinds of resources there are, in the order in which they are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What the environment's operator chose.
    Environment,
    /// An event type.
    EventType,
    /// A template.
    Template,
    /// A channel with its providers.
    Channel,
    /// What everybody prefers who says nothing else.
    Preferences,
    /// A workflow.
    Workflow,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Environment,
        Self::EventType,
        Self::Template,
        Self::Channel,
        Self::Preferences,
        Self::Workflow,
    ];

    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::EventType => "event_type",
            Self::Template => "template",
            Self::Channel => "channel",
            Self::Preferences => "preferences",
            Self::Workflow => "workflow",
        }
    }

    /// Which field of a document names it; none where there is only one of the kind.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Environment | Self::Preferences => None,
            Self::EventType | Self::Template => Some("name"),
            Self::Channel => Some("channel"),
            Self::Workflow => Some("key"),
        }
    }

    /// Whether it is taken away when it is not named among all that there shall be.
    pub(super) fn is_pruned(self) -> bool {
        !matches!(self, Self::Environment | Self::Preferences)
    }
}

/// A template as a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateForm {
    pub(super) name: String,
    pub(super) source: String,
}

/// What a document says.
#[derive(Debug)]
pub(super) enum Said {
    Environment(Box<Settings>),
    EventType(EventType),
    Template(TemplateForm),
    Channel(Channel, Value),
    Preferences(Preferences),
    Workflow(Box<Workflow>),
}

impl Said {
    /// As it is read back; nothing for a channel, of which only the secrets may be new.
    pub(super) fn form(&self) -> Option<Value> {
        Some(match self {
            Self::Environment(settings) => json!(settings),
            Self::EventType(spec) => json!(spec),
            Self::Template(form) => json!(form),
            Self::Preferences(document) => json!(document),
            Self::Workflow(spec) => json!(spec),
            Self::Channel(..) => return None,
        })
    }

    /// What is wrong with it by itself, among these templates. A channel is looked at only when it is set up.
    pub(super) fn check(&self, partials: &Partials) -> Result<(), Vec<Fault>> {
        match self {
            Self::Environment(settings) => settings.check(),
            Self::EventType(spec) => event_type::faults(spec),
            Self::Preferences(document) => preference::faults(document, Whose::default()),
            Self::Template(form) => template::faults(&form.name, &form.source, partials),
            Self::Channel(..) => Ok(()),
            Self::Workflow(spec) => domain::workflow::check(spec).and_then(|()| {
                let mut faults = Faults::default();
                Ready::read((**spec).clone(), 0, &named_by(spec, partials), &mut faults);
                faults.finish()
            }),
        }
    }
}

/// The templates among resources, by name.
pub(super) fn declared(resources: &[Resource]) -> impl Iterator<Item = (&str, &str)> {
    resources.iter().filter_map(|resource| match &resource.said {
        Said::Template(form) => Some((form.name.as_str(), form.source.as_str())),
        _ => None,
    })
}

/// A document, read.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// Where it stands among its documents, as a JSON pointer.
    pub(super) pointer: String,
    pub(super) said: Said,
}

/// What is wrong with documents by themselves, told without an environment. Channels are looked at only when they are applied.
pub fn validate(documents: &[Value]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let resources = read(documents, &mut faults);
    let partials = declared(&resources).collect();
    for resource in &resources {
        let found = resource.said.check(&partials);
        faults.extend(at(&resource.pointer, found.err().unwrap_or_default()));
    }
    faults
}

/// Faults, as they stand within a document there.
pub(super) fn at(pointer: &str, faults: Vec<Fault>) -> impl Iterator<Item = Fault> {
    faults.into_iter().map(move |fault| Fault {
        pointer: format!("{pointer}{}", fault.pointer),
        ..fault
    })
}

/// Reads documents in the order in which they are applied, and notes what is wrong with them.
pub(super) fn read(documents: &[Value], faults: &mut Vec<Fault>) -> Vec<Resource> {
    let mut resources = Vec::new();
    let mut seen = HashSet::new();
    for (index, document) in documents.iter().enumerate() {
        let pointer = format!("/resources/{index}");
        match read_one(&pointer, document) {
            Ok(resource) if seen.insert((resource.kind, resource.name.clone())) => resources.push(resource),
            Ok(resource) => faults.push(Fault::new(
                pointer,
                "duplicate",
                format!("another {} is called `{}`", resource.kind.as_str(), resource.name),
            )),
            Err(fault) => faults.push(fault),
        }
    }
    resources.sort_by_key(|resource| resource.kind);
    resources
}

fn read_one(pointer: &str, document: &Value) -> Result<Resource, Fault> {
    let Some(fields) = document.as_object() else {
        return Err(Fault::new(pointer, "shape", "must be an object with a `kind`"));
    };
    let mut fields = fields.clone();
    let word = fields.remove("kind").unwrap_or_default();
    let known = || Kind::ALL.map(Kind::as_str).join(", ");
    let kind = serde_json::from_value::<Kind>(word).map_err(|_| {
        Fault::new(
            format!("{pointer}/kind"),
            "unknown",
            format!("must be one of {}", known()),
        )
    })?;
    let named = kind.name().and_then(|name| fields.get(name)?.as_str());
    let name = named.unwrap_or(kind.as_str()).to_owned();
    let said = match kind {
        Kind::Channel => {
            fields.remove("channel");
            let channel = Channel::from_word(&name).ok_or_else(|| {
                Fault::new(
                    format!("{pointer}/channel"),
                    "unknown",
                    "must name a channel, such as email",
                )
            })?;
            Said::Channel(channel, Value::Object(fields))
        }
        Kind::Environment => Said::Environment(Box::new(form(pointer, fields)?)),
        Kind::EventType => Said::EventType(form(pointer, fields)?),
        Kind::Template => Said::Template(form(pointer, fields)?),
        Kind::Preferences => Said::Preferences(form(pointer, fields)?),
        Kind::Workflow => Said::Workflow(Box::new(form(pointer, fields)?)),
    };
    Ok(Resource {
        kind,
        name,
        pointer: pointer.to_owned(),
        said,
    })
}

fn form<T: DeserializeOwned>(pointer: &str, fields: serde_json::Map<String, Value>) -> Result<T, Fault> {
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let place = crate::pointer(error.path());
        Fault::new(
            format!("{pointer}{place}"),
            "shape",
            error.into_inner().to_string(),
        )
    })
}

/// A document of this kind.
pub(super) fn document(kind: Kind, name: &str, said: &impl Serialize) -> Value {
    let mut document = json!({"kind": kind.as_str()});
    if let Some(field) = kind.name() {
        document[field] = json!(name);
    }
    let said = serde_json::to_value(said).unwrap_or_default();
    if let (Some(fields), Value::Object(said)) = (document.as_object_mut(), said) {
        fields.extend(said);
    }
    document
}
