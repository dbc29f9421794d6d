//! One key of the configuration as data, and the macro that makes it from its declaration.
//!
//! A proc macro could read the doc comments of ordinary structs; a declarative one needs no second crate and
//! shows in one place what belongs to a key.

use std::ops::RangeInclusive;

use toml::Value;

use crate::sections::Config;

/// A type that can stand behind a key.
///
/// `from_text` reads what a variable or a flag carries, `from_value` what the file does. Both say only what
/// was wrong; what is accepted is known from `accepts`.
pub(crate) trait Setting: Sized {
    /// Values that must not be printed, not even in a complaint about them.
    const SECRET: bool = false;

    /// What is accepted, as it follows "accepted: ".
    fn accepts() -> String;

    fn from_text(text: &str) -> Result<Self, String>;

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Self::from_text(text),
            _ if Self::SECRET => Err("the value is not text".to_owned()),
            other => Err(format!("{} does not fit here", shown(other))),
        }
    }

    /// The value as the file would say it, or `None` where it is not set.
    fn to_value(&self) -> Option<Value>;
}

/// What one source says about one key.
#[derive(Debug, Clone)]
pub(crate) enum Raw {
    Value(Value),
    Text(String),
}

/// One key: everything that loading, printing and the reference need to know about it.
pub(crate) struct Key {
    pub(crate) section: &'static str,
    pub(crate) name: &'static str,
    pub(crate) docs: &'static [&'static str],
    pub(crate) example: Option<&'static str>,
    pub(crate) accepts: fn() -> String,
    pub(crate) read: fn(&mut Config, &Raw) -> Result<(), String>,
    pub(crate) write: fn(&Config) -> Option<Value>,
}

impl Key {
    /// `section.key`.
    pub(crate) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// `CAMPANILE__SECTION__KEY`.
    pub(crate) fn variable(&self) -> String {
        format!("{VARIABLE_PREFIX}{}__{}", self.section, self.name).to_uppercase()
    }
}

pub(crate) const VARIABLE_PREFIX: &str = "CAMPANILE__";

/// Reads one value as its type.
pub(crate) fn read<T: Setting>(raw: &Raw) -> Result<T, String> {
    match raw {
        Raw::Value(value) => T::from_value(value),
        Raw::Text(text) => T::from_text(text.trim()),
    }
}

/// Holds a value against its range.
pub(crate) fn within<T: Setting + PartialOrd>(value: &T, range: &RangeInclusive<T>) -> Result<(), String> {
    if range.contains(value) {
        Ok(())
    } else {
        Err(format!("{} is out of range", shown_setting(value)))
    }
}

/// Adds the range to what is accepted.
pub(crate) fn with_range<T: Setting>(accepts: &str, range: &RangeInclusive<T>) -> String {
    format!(
        "{accepts}, from {} to {}",
        shown_setting(range.start()),
        shown_setting(range.end())
    )
}

/// A value as a complaint quotes it: short, and only its kind where it is long.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Table(_) => "a table".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// Text in quotes, cut where it would fill the screen.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    let cut: String = text.chars().take(SHOWN).collect();
    format!("{:?}", format!("{cut}…"))
}

fn shown_setting<T: Setting>(value: &T) -> String {
    match value.to_value() {
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => "nothing".to_owned(),
    }
}

/// Declares the sections: their structs, their defaults, and the list of keys.
macro_rules! sections {
    ($(
        $(#[doc = $section_doc:literal])+
        $section:ident: $Section:ident {
            $(
                $(#[doc = $doc:literal])+
                $key:ident: $type:ty = $default:expr $(, in $range:expr)? $(, example $example:literal)?;
            )+
        }
    )+) => {
        $(
            $(#[doc = $section_doc])+
            #[derive(Debug, Clone, PartialEq)]
            pub struct $Section {
                $( $(#[doc = $doc])+ pub $key: $type, )+
            }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $( $key: $default, )+ }
                }
            }
        )+

        /// The effective configuration, one field for each section, and where each value came from.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Config {
            $( $(#[doc = $section_doc])+ pub $section: $Section, )+
            pub(crate) origins: std::collections::BTreeMap<String, crate::problem::Source>,
        }

        /// Each section's name and documentation, in the order of the reference.
        pub(crate) static SECTIONS: &[(&str, &[&str])] = &[
            $( (stringify!($section), &[$( $section_doc ),+]), )+
        ];

        /// Every key, in the order of the reference.
        pub(crate) static KEYS: &[crate::keys::Key] = &[
            $($(
                crate::keys::Key {
                    section: stringify!($section),
                    name: stringify!($key),
                    docs: &[$( $doc ),+],
                    example: crate::keys::optional!($( $example )?),
                    accepts: || {
                        let accepts = <$type as crate::keys::Setting>::accepts();
                        $( let accepts = crate::keys::with_range::<$type>(&accepts, &$range); )?
                        accepts
                    },
                    read: |config, raw| {
                        let value = crate::keys::read::<$type>(raw)?;
                        $( crate::keys::within(&value, &$range)?; )?
                        config.$section.$key = value;
                        Ok(())
                    },
                    write: |config| crate::keys::Setting::to_value(&config.$section.$key),
                },
            )+)+
        ];
    };
}

macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

pub(crate) use {optional, sections};
