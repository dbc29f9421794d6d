//! Puts the sources together: what each says, in order of strength, and everything that is wrong with it.

use std::ops::Range;

use serde::Deserialize as _;
use toml::{
    Spanned, Value,
    de::{DeString, DeTable, DeValue, ValueDeserializer},
};

use crate::{
    keys::{Key, Raw, VARIABLE_PREFIX},
    problem::{Problem, Source},
    relations,
    sections::{Config, KEYS, SECTIONS},
    sources::{File, Flag, Sources},
};

/// What one source says about one known key.
struct Said {
    key: &'static Key,
    raw: Raw,
    source: Source,
}

impl Config {
    /// The configuration that follows from the sources: flags over variables over the file over defaults.
    /// Everything that is wrong is reported, also what a stronger source would have covered.
    pub fn load(sources: Sources) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut said = Vec::new();
        for answer in file_says(sources.file.as_ref())
            .into_iter()
            .chain(variables_say(sources.env))
            .chain(flags_say(sources.flags))
        {
            match answer {
                Ok(one) => said.push(one),
                Err(problem) => problems.push(problem),
            }
        }
        let mut config = Self::default();
        for one in said {
            if let Err(problem) = config.apply(one) {
                problems.push(problem);
            }
        }
        problems.extend(relations::broken(&config, &problems));
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(problems)
        }
    }

    /// Where the value of a key (`section.key`) came from.
    pub fn source(&self, key: &str) -> Source {
        self.origins.get(key).cloned().unwrap_or_default()
    }

    fn apply(&mut self, Said { key, raw, source }: Said) -> Result<(), Problem> {
        if let Err(wrong) = (key.read)(self, &raw) {
            return Err(refused(key, source, wrong));
        }
        self.origins.insert(key.path(), source);
        Ok(())
    }
}

fn file_says(file: Option<&File>) -> Vec<Result<Said, Problem>> {
    let Some(file) = file else { return Vec::new() };
    let (table, mut errors) = DeTable::parse_recoverable(&file.text);
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span().map(|span| span.start));
        return errors.iter().map(|error| Err(malformed(file, error))).collect();
    }
    table
        .into_inner()
        .into_iter()
        .flat_map(|(name, value)| section_says(file, &name, value))
        .collect()
}

fn section_says(
    file: &File,
    name: &Spanned<DeString<'_>>,
    value: Spanned<DeValue<'_>>,
) -> Vec<Result<Said, Problem>> {
    let section = name.get_ref();
    let here = place(file, Some(name.span()));
    match value.into_inner() {
        DeValue::Table(keys) if SECTIONS.iter().any(|(known, _)| known == section) => keys
            .into_iter()
            .map(|(key, value)| key_says(file, section, &key, value))
            .collect(),
        DeValue::Table(_) => {
            let nearest = closest(section, SECTIONS.iter().map(|(known, _)| (*known, *known)));
            vec![Err(unknown(section, here, nearest.map(str::to_owned)))]
        }
        _ => vec![Err(unknown(section, here, nearest_key(section).map(Key::path)))],
    }
}

fn key_says(
    file: &File,
    section: &str,
    name: &Spanned<DeString<'_>>,
    value: Spanned<DeValue<'_>>,
) -> Result<Said, Problem> {
    let path = format!("{section}.{}", name.get_ref());
    let source = place(file, Some(name.span()));
    let Some(key) = find(&path) else {
        return Err(unknown(&path, source, nearest_key(&path).map(Key::path)));
    };
    match Value::deserialize(ValueDeserializer::from(value)) {
        Ok(value) => Ok(Said {
            key,
            raw: Raw::Value(value),
            source,
        }),
        // A number that no 64 bits hold parses and has no value.
        Err(error) => Err(refused(key, source, error.message().to_owned())),
    }
}

fn variables_say(env: Vec<(String, String)>) -> impl Iterator<Item = Result<Said, Problem>> {
    env.into_iter()
        .filter(|(name, _)| name.starts_with(VARIABLE_PREFIX))
        .map(|(name, value)| {
            let source = Source::Variable(name.clone());
            let Some(key) = KEYS.iter().find(|key| key.variable() == name) else {
                let path = name[VARIABLE_PREFIX.len()..].to_lowercase().replace("__", ".");
                return Err(unknown(&path, source, nearest_key(&path).map(Key::variable)));
            };
            Ok(Said {
                key,
                raw: Raw::Text(value),
                source,
            })
        })
}

fn flags_say(flags: Vec<Flag>) -> impl Iterator<Item = Result<Said, Problem>> {
    flags.into_iter().map(|flag| {
        let source = Source::Flag(flag.name);
        let Some(key) = find(&flag.key) else {
            return Err(unknown(&flag.key, source, nearest_key(&flag.key).map(Key::path)));
        };
        Ok(Said {
            key,
            raw: Raw::Text(flag.value),
            source,
        })
    })
}

fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path() == path)
}

/// The key somebody may have meant: spelled alike, or of the same name in another section.
fn nearest_key(path: &str) -> Option<&'static Key> {
    let name = path.rsplit('.').next().unwrap_or(path);
    let elsewhere = KEYS.iter().find(|key| key.name == name);
    let candidates: Vec<(String, &Key)> = KEYS.iter().map(|key| (key.path(), key)).collect();
    elsewhere.or_else(|| closest(path, candidates.iter().map(|(path, key)| (path.as_str(), *key))))
}

fn closest<'a, T>(wanted: &str, candidates: impl Iterator<Item = (&'a str, T)>) -> Option<T> {
    let most = (wanted.len() / 3).max(2);
    candidates
        .map(|(name, candidate)| (strsim::damerau_levenshtein(wanted, name), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn unknown(path: &str, source: Source, nearest: Option<String>) -> Problem {
    Problem {
        key: path.to_owned(),
        source,
        wrong: "nothing of this name is known".to_owned(),
        accepted: nearest.map(|name| format!("the nearest is {name}")),
    }
}

fn refused(key: &Key, source: Source, wrong: String) -> Problem {
    let accepted = Some(format!("accepted: {}", (key.accepts)()));
    Problem {
        key: key.path(),
        source,
        wrong,
        accepted,
    }
}

fn malformed(file: &File, error: &toml::de::Error) -> Problem {
    Problem {
        key: String::new(),
        source: place(file, error.span()),
        wrong: format!("this is not TOML: {}", error.message()),
        accepted: None,
    }
}

fn place(file: &File, span: Option<Range<usize>>) -> Source {
    let line = span
        .and_then(|span| file.text.get(..span.start))
        .map(|before| before.matches('\n').count() + 1);
    Source::File {
        path: file.path.clone(),
        line,
    }
}
