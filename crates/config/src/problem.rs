//! What is wrong with a configuration, said so that it can be put right without looking anything up.

use std::{fmt, path::PathBuf};

use serde::{Serialize, Serializer};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// Nobody said anything.
    #[default]
    Default,
    /// A file, and the line where one is known.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// The line, counted from 1.
        line: Option<usize>,
    },
    /// An environment variable.
    Variable(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::File {
                path,
                line: Some(line),
            } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One thing to put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `section.key`, or empty where the whole source is meant.
    pub key: String,
    /// Where it was said.
    pub source: Source,
    /// What is wrong with it.
    pub wrong: String,
    /// What would be right, or the nearest known key.
    pub accepted: Option<String>,
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.source, self.wrong)?,
            key => write!(f, "{key} ({}): {}", self.source, self.wrong)?,
        }
        self.accepted
            .iter()
            .try_for_each(|accepted| write!(f, "; {accepted}"))
    }
}

/// All problems as one message, a line for each.
pub fn explain(problems: &[Problem]) -> String {
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    };
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    format!("{count} in the configuration:\n  {}", lines.join("\n  "))
}
