//! The reference: the default configuration as a file, explained by the comments of its declaration.

use std::iter;

use crate::{
    keys::Key,
    sections::{Config, KEYS, SECTIONS},
};

const PREFACE: &str = "\
# Every key of Campanile's configuration with its default.
#
# Read from the file named by --config, else from campanile.toml in the working directory, else from
# /etc/campanile/campanile.toml. A variable named beside a key is stronger than the file, a flag is stronger
# than both. In a variable the entries of a list are separated by commas.
#
# A bare number is milliseconds for a duration and bytes for a size.
# `campanile config check` finds what is wrong, `campanile config print` shows what is in effect and why.
#
# Made by: campanile config reference > docs/config.toml
";

/// The commented default configuration. It reads back as the defaults.
pub fn reference() -> String {
    let defaults = Config::default();
    let sections = SECTIONS.iter().map(|(section, docs)| {
        let keys = KEYS.iter().filter(|key| key.section == *section);
        let head = format!("{}[{section}]\n", comment(docs));
        let parts: Vec<String> = iter::once(head)
            .chain(keys.map(|key| describe(key, &defaults)))
            .collect();
        parts.join("\n")
    });
    let parts: Vec<String> = iter::once(PREFACE.to_owned()).chain(sections).collect();
    parts.join("\n")
}

fn describe(key: &Key, defaults: &Config) -> String {
    let line = match (key.write)(defaults) {
        Some(value) => format!("{} = {value}", key.name),
        None => format!("# {} = \"{}\"", key.name, key.example.unwrap_or("…")),
    };
    format!(
        "{}# Accepted: {}.\n# {}\n{line}\n",
        comment(key.docs),
        (key.accepts)(),
        key.variable()
    )
}

fn comment(docs: &[&str]) -> String {
    docs.iter().flat_map(|line| ["#", line, "\n"]).collect()
}
