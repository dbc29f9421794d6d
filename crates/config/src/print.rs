//! The effective configuration, with the source of each value: the answer to "why does it do that?".

use serde::Serialize;
use toml::Value;

use crate::{
    keys::Key,
    problem::Source,
    sections::{Config, KEYS, SECTIONS},
};

/// One key of an effective configuration.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// `section.key`.
    pub key: String,
    /// Its value, `None` where it is left out, `"[hidden]"` where it is secret.
    pub value: Option<Value>,
    /// Where it came from.
    pub source: Source,
}

/// Every key with its effective value and where it came from, in the order of the reference.
pub fn entries(config: &Config) -> Vec<Entry> {
    KEYS.iter()
        .map(|key| Entry {
            key: key.path(),
            value: (key.write)(config),
            source: config.source(&key.path()),
        })
        .collect()
}

/// The effective configuration as TOML, each line with its source.
pub fn print(config: &Config) -> String {
    let sections = SECTIONS.iter().map(|(section, _)| {
        let keys = KEYS.iter().filter(|key| key.section == *section);
        let lines: Vec<String> = keys.map(|key| line(config, key)).collect();
        format!("[{section}]\n{}", lines.concat())
    });
    sections.collect::<Vec<_>>().join("\n")
}

fn line(config: &Config, key: &Key) -> String {
    let source = config.source(&key.path());
    match (key.write)(config) {
        Some(value) => format!("{} = {value} # {source}\n", key.name),
        None => format!("# {} is left out # {source}\n", key.name),
    }
}
