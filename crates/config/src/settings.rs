//! The types made for single keys: what each accepts and how it is shown.

use std::fmt;

use toml::Value;

use crate::keys::{Setting, quoted};

/// When a commit on SQLite counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// After a flush to the disk.
    Full,
    /// After a write; the last ones can be lost when the power fails.
    Normal,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The URL of a PostgreSQL database. Its password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

/// Where the server is reached: scheme and host, perhaps a path, no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// An origin as browsers send it, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// What is logged: a level, or levels by room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

/// The name of something that is kept: an environment, an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// A `User-Agent` that can stand in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

impl DatabaseUrl {
    /// The whole URL with its password, for the driver alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    /// Everything but the password, in either place it can stand.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base, query) = self
            .0
            .split_once('?')
            .map_or((&*self.0, None), |(b, q)| (b, Some(q)));
        let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
        match rest.rsplit_once('@') {
            Some((who, place)) => {
                let user = who
                    .split_once(':')
                    .map_or(who.to_owned(), |(user, _)| format!("{user}:[hidden]"));
                write!(f, "{scheme}://{user}@{place}")?;
            }
            None => write!(f, "{scheme}://{rest}")?,
        }
        let Some(query) = query else { return Ok(()) };
        let shown = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if name.contains("password") => format!("{name}=[hidden]"),
            _ => pair.to_owned(),
        });
        write!(f, "?{}", shown.collect::<Vec<_>>().join("&"))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl LogFilter {
    pub(crate) fn info() -> Self {
        Self("info".to_owned())
    }
}

impl Name {
    pub(crate) fn standard() -> Self {
        Self("default".to_owned())
    }
}

impl UserAgent {
    pub(crate) fn standard() -> Self {
        Self("Campanile".to_owned())
    }
}

impl Origin {
    /// Whether every origin is meant.
    pub fn is_any(&self) -> bool {
        self.0 == "*"
    }
}

/// A type made of checked text: how it is read from a part of it, and how it is read out again.
macro_rules! text_setting {
    ($type:ident, $accepts:literal, $wrong:literal, $check:expr) => {
        impl $type {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Setting for $type {
            fn accepts() -> String {
                $accepts.to_owned()
            }

            fn from_text(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> Option<String> = $check;
                check(text)
                    .map(Self)
                    .ok_or_else(|| format!("{} {}", quoted(text), $wrong))
            }

            fn to_value(&self) -> Option<Value> {
                Some(Value::String(self.0.clone()))
            }
        }
    };
}

text_setting!(
    BaseUrl,
    "an http or https URL such as https://notify.example.com",
    "is not the URL of a server",
    |text| {
        let text = text.trim_end_matches('/');
        let host = http_rest(text)?;
        (!host.starts_with('/') && !host.contains(['?', '#', '@'])).then(|| text.to_owned())
    }
);

text_setting!(
    Origin,
    "origins such as https://app.example.com, or * for every one",
    "is not an origin: scheme, host and perhaps a port, without a path",
    |text| {
        let fits =
            text == "*" || http_rest(text).is_some_and(|host| !host.contains(['/', '?', '#', '@', '*']));
        fits.then(|| text.to_ascii_lowercase())
    }
);

text_setting!(
    LogFilter,
    "error, warn, info, debug, trace or off, also by room: info,engine=debug",
    "is not a log level",
    |text| {
        let level = |part: &str| {
            ["off", "error", "warn", "info", "debug", "trace"].contains(&part.to_ascii_lowercase().as_str())
        };
        let room = |name: &str| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
        };
        let fits = text
            .split(',')
            .map(str::trim)
            .all(|part| match part.split_once('=') {
                Some((name, part)) => room(name) && level(part),
                None => level(part),
            });
        fits.then(|| text.to_owned())
    }
);

text_setting!(
    Name,
    "a name or id of at most 256 characters",
    "is no name",
    |text| {
        let fits = (1..=256).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned())
    }
);

text_setting!(
    UserAgent,
    "visible ASCII text of at most 200 characters",
    "cannot stand in a header",
    |text| {
        let fits = (1..=200).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        fits.then(|| text.to_owned())
    }
);

/// What follows the scheme, where there is something and nothing in it breaks a URL.
fn http_rest(text: &str) -> Option<&str> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let sound = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic());
    sound.then_some(rest)
}

impl Setting for DatabaseUrl {
    const SECRET: bool = true;

    fn accepts() -> String {
        "a URL such as postgres://user:password@host:5432/name; for SQLite in the data directory leave it out"
            .to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"));
        match rest {
            Some(rest) if !rest.is_empty() => Ok(Self(text.to_owned())),
            _ => Err("the value is not the URL of a PostgreSQL database".to_owned()),
        }
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

/// A closed choice of words.
macro_rules! choice_setting {
    ($type:ident { $($word:literal => $variant:ident),+ }) => {
        impl Setting for $type {
            fn accepts() -> String {
                [$(concat!("\"", $word, "\"")),+].join(" or ")
            }

            fn from_text(text: &str) -> Result<Self, String> {
                match text.to_ascii_lowercase().as_str() {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err(format!("{} is not one of them", quoted(text))),
                }
            }

            fn to_value(&self) -> Option<Value> {
                Some(Value::String(match self { $( Self::$variant => $word, )+ }.to_owned()))
            }
        }
    };
}

choice_setting!(Synchronous { "full" => Full, "normal" => Normal });
choice_setting!(LogFormat { "text" => Text, "json" => Json });
