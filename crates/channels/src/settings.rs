//! Reading a channel's settings, with every fault at its JSON pointer.

use domain::text::{Fault, Faults};
use serde_json::{Map, Value};

/// Why a channel cannot be used as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Nothing is configured: the channel is off.
    #[error("the channel is not configured")]
    Off,
    /// There is no channel of that name.
    #[error("there is no channel of that name")]
    UnknownChannel,
    /// What is configured is wrong.
    #[error("the channel's settings are wrong: {}", sentence(.0))]
    Faulty(Vec<Fault>),
}

impl SettingsError {
    /// The faults, also where there are no settings to point into.
    pub fn faults(self) -> Vec<Fault> {
        let detail = self.to_string();
        match self {
            Self::Off => vec![Fault::new("", "required", detail)],
            Self::UnknownChannel => vec![Fault::new("", "unknown_channel", detail)],
            Self::Faulty(faults) => faults,
        }
    }
}

fn sentence(faults: &[Fault]) -> String {
    let said: Vec<_> = faults
        .iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.detail))
        .collect();
    said.join("; ")
}

/// An object of the settings. Reading notes what is wrong and goes on, so that all of it is said at once.
pub(crate) struct Reader<'a> {
    fields: Option<&'a Map<String, Value>>,
    at: String,
    faults: &'a mut Faults,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(value: &'a Value, at: impl Into<String>, faults: &'a mut Faults) -> Self {
        let at = at.into();
        let fields = value.as_object();
        if fields.is_none() {
            faults.push(at.clone(), "type", "must be an object");
        }
        Self { fields, at, faults }
    }

    pub(crate) fn pointer(&self, field: &str) -> String {
        format!("{}/{field}", self.at)
    }

    /// The value of a field, `null` being none.
    pub(crate) fn value(&self, field: &str) -> Option<&'a Value> {
        self.fields?.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn fault(&mut self, field: &str, code: &'static str, detail: impl Into<String>) {
        let pointer = self.pointer(field);
        self.faults.push(pointer, code, detail);
    }

    /// A line of text of at most `max` characters; an empty one is none.
    pub(crate) fn line(&mut self, field: &str, max: usize) -> Option<&'a str> {
        let value = self.value(field)?;
        let Some(text) = value.as_str() else {
            self.fault(field, "type", "must be a text");
            return None;
        };
        if text.is_empty() {
            return None;
        }
        let pointer = self.pointer(field);
        self.faults.line(&pointer, text, max);
        Some(text)
    }

    pub(crate) fn required_line(&mut self, field: &str, max: usize) -> Option<&'a str> {
        let missing = self.value(field).is_none_or(|value| value == "");
        if missing && self.fields.is_some() {
            self.fault(field, "required", "is missing");
        }
        self.line(field, max)
    }

    /// A whole number within bounds.
    pub(crate) fn number(&mut self, field: &str, least: u64, most: u64) -> Option<u64> {
        let number = self.value(field)?.as_u64();
        if number.is_none_or(|number| !(least..=most).contains(&number)) {
            self.fault(
                field,
                "range",
                format!("must be a whole number from {least} to {most}"),
            );
            return None;
        }
        number
    }

    /// One of some words.
    pub(crate) fn word<T: Copy>(&mut self, field: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.line(field, 64)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.fault(field, "choice", format!("must be one of {}", known.join(", ")));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Notes every field that is not one of these: most often a name that was mistyped.
    pub(crate) fn only(&mut self, known: &[&str]) {
        let Some(fields) = self.fields else { return };
        for field in fields.keys().filter(|field| !known.contains(&field.as_str())) {
            self.fault(field, "unknown", "is not a setting");
        }
    }
}
