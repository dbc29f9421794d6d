//! How settings are written and read: short where they are short.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Choice, Setting, Topic};
use crate::channel::Channel;
use crate::condition::Condition;

/// The long form of a setting and, with channels, of a topic.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Form {
    #[serde(skip_serializing_if = "Option::is_none")]
    send: Option<Switch>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<Box<Condition>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    channels: BTreeMap<Channel, Setting>,
}

/// `on` or `off`; read from a boolean as well, since that is what `on` and `off` are in some YAML.
#[derive(Clone, Copy)]
struct Switch(bool);

impl Switch {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "on" => Ok(Self(true)),
            "off" => Ok(Self(false)),
            other => {
                let shown: String = other.chars().take(40).collect();
                Err(format!("`{shown}` is neither `on` nor `off`"))
            }
        }
    }

    fn choice(self) -> Choice {
        if self.0 { Choice::On } else { Choice::Off }
    }
}

impl Serialize for Switch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0 { "on" } else { "off" })
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form: Self = deserializer.deserialize_any(Short("on or off", PhantomData))?;
        Ok(form)
    }
}

/// What can be written short, and perhaps long.
trait Written: Sized {
    fn short(switch: Switch) -> Self;
    fn long<'de, A: de::MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

struct Short<T>(&'static str, PhantomData<T>);

impl<'de, T: Written> de::Visitor<'de> for Short<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<T, E> {
        Ok(T::short(Switch(on)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Switch::read(text).map(T::short).map_err(E::custom)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::long(map)
    }
}

impl Written for Switch {
    fn short(switch: Switch) -> Self {
        switch
    }

    fn long<'de, A: de::MapAccess<'de>>(_: A) -> Result<Self, A::Error> {
        Err(de::Error::invalid_type(de::Unexpected::Map, &"on or off"))
    }
}

impl Written for Setting {
    fn short(switch: Switch) -> Self {
        Self {
            choice: switch.choice(),
            required: false,
        }
    }

    fn long<'de, A: de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let form = Form::deserialize(de::value::MapAccessDeserializer::new(map))?;
        if !form.channels.is_empty() {
            return Err(de::Error::custom(
                "`channels` stand under a workflow or a category",
            ));
        }
        form.setting()
            .and_then(|setting| setting.ok_or_else(nothing_said))
            .map_err(de::Error::custom)
    }
}

impl Written for Topic {
    fn short(switch: Switch) -> Self {
        Self {
            setting: Some(Setting::short(switch)),
            channels: BTreeMap::new(),
        }
    }

    fn long<'de, A: de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let mut form = Form::deserialize(de::value::MapAccessDeserializer::new(map))?;
        let channels = std::mem::take(&mut form.channels);
        let setting = form.setting().map_err(de::Error::custom)?;
        if setting.is_none() && channels.is_empty() {
            return Err(de::Error::custom(nothing_said()));
        }
        Ok(Self { setting, channels })
    }
}

fn nothing_said() -> String {
    "a setting says `send`, which is `on` or `off`, or `if` with a condition".to_owned()
}

impl Form {
    fn setting(self) -> Result<Option<Setting>, String> {
        let choice = match (self.send, self.condition) {
            (Some(switch), None) => switch.choice(),
            (None, Some(condition)) => Choice::If(condition),
            (Some(_), Some(_)) => return Err("a setting says either `send` or `if`, not both".to_owned()),
            (None, None) if self.required => return Err(nothing_said()),
            (None, None) => return Ok(None),
        };
        Ok(Some(Setting {
            choice,
            required: self.required,
        }))
    }

    fn of(setting: Option<&Setting>) -> Self {
        let (send, condition) = match setting.map(|setting| &setting.choice) {
            Some(Choice::On) => (Some(Switch(true)), None),
            Some(Choice::Off) => (Some(Switch(false)), None),
            Some(Choice::If(condition)) => (None, Some(condition.clone())),
            None => (None, None),
        };
        Self {
            send,
            condition,
            required: setting.is_some_and(|setting| setting.required),
            channels: BTreeMap::new(),
        }
    }

    /// Writes it short where nothing else is said.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.send {
            Some(switch) if !self.required && self.channels.is_empty() => switch.serialize(serializer),
            _ => self.serialize(serializer),
        }
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form::of(Some(self)).write(serializer)
    }
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Short("on, off, or a map with send or if", PhantomData))
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = Form {
            channels: self.channels.clone(),
            ..Form::of(self.setting.as_ref())
        };
        form.write(serializer)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Short("on, off, or a map with send, if or channels", PhantomData))
    }
}
