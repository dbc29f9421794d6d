//! How ordinary types stand behind keys: numbers, switches, addresses, paths, and what may be left out or many.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use toml::Value;

use crate::keys::{Setting, quoted, shown};

/// Whole numbers; the range of the key says the rest.
macro_rules! number_setting {
    ($($type:ty),+) => { $(
        impl Setting for $type {
            fn accepts() -> String {
                "a whole number".to_owned()
            }

            fn from_text(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("{} is not a whole number", quoted(text)))
            }

            fn from_value(value: &Value) -> Result<Self, String> {
                let number = value.as_integer().and_then(|number| Self::try_from(number).ok());
                number.ok_or_else(|| format!("{} does not fit here", shown(value)))
            }

            fn to_value(&self) -> Option<Value> {
                i64::try_from(*self).ok().map(Value::Integer)
            }
        }
    )+ };
}

number_setting!(u32, usize);

impl Setting for bool {
    fn accepts() -> String {
        "true or false".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(format!("{} is neither", quoted(text))),
        }
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        value
            .as_bool()
            .ok_or_else(|| format!("{} is neither", shown(value)))
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Boolean(*self))
    }
}

impl Setting for SocketAddr {
    fn accepts() -> String {
        "an IP address and a port such as 127.0.0.1:8300, 0.0.0.0:8300 or [::]:8300".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| format!("{} is not an address to listen on", quoted(text)))
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

impl Setting for IpNet {
    fn accepts() -> String {
        "addresses or ranges such as 10.20.0.0/16 or ::1".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let range = text
            .parse::<Self>()
            .or_else(|_| text.parse::<IpAddr>().map(Self::from));
        range.map_err(|_| format!("{} is not an address range", quoted(text)))
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

impl Setting for PathBuf {
    fn accepts() -> String {
        "a path".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let fits = !text.is_empty() && !text.contains('\0');
        fits.then(|| Self::from(text))
            .ok_or_else(|| format!("{} is not a path", quoted(text)))
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::String(self.display().to_string()))
    }
}

/// A key that may be left out. An empty variable is left out too: that is how compose files unset one.
impl<T: Setting> Setting for Option<T> {
    const SECRET: bool = T::SECRET;

    fn accepts() -> String {
        T::accepts()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Ok(None)
        } else {
            T::from_text(text).map(Some)
        }
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        T::from_value(value).map(Some)
    }

    fn to_value(&self) -> Option<Value> {
        self.as_ref().and_then(T::to_value)
    }
}

/// A list in the file; separated by commas in a variable or flag.
impl<T: Setting> Setting for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn accepts() -> String {
        format!("a list of {}", T::accepts())
    }

    fn from_text(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(T::from_text)
            .collect()
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        let Value::Array(entries) = value else {
            return Err(format!("{} is not a list", shown(value)));
        };
        entries.iter().map(T::from_value).collect()
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Array(self.iter().filter_map(T::to_value).collect()))
    }
}
