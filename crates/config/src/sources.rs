//! Where a configuration comes from, and the only two places that go and look: the file and the environment.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    keys::VARIABLE_PREFIX,
    problem::{Problem, Source},
};

/// Everything that is said about the configuration, from the weakest to the strongest.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file.
    pub file: Option<File>,
    /// The environment; what does not begin with `CAMPANILE__` is passed over.
    pub env: Vec<(String, String)>,
    /// The flags of the command line.
    pub flags: Vec<Flag>,
}

/// A configuration file that has been read.
#[derive(Debug, Clone)]
pub struct File {
    /// Where it lies, as messages name it.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// A flag that speaks for a key.
#[derive(Debug, Clone)]
pub struct Flag {
    /// The flag as it was typed, for messages: `--listen`.
    pub name: String,
    /// The key it stands for: `server.listen`.
    pub key: String,
    /// What it says, as a variable would.
    pub value: String,
}

const PLACES: [&str; 2] = ["campanile.toml", "/etc/campanile/campanile.toml"];

impl File {
    /// Reads the named file, else the first that exists of `campanile.toml` in the working directory and
    /// `/etc/campanile/campanile.toml`. A named file must exist; one that cannot be read is a problem.
    pub fn find(named: Option<&Path>) -> Result<Option<Self>, Problem> {
        match named {
            Some(path) => Self::read(path)
                .map(Some)
                .map_err(|error| unreadable(path, &error)),
            None => Self::first_of(&PLACES.map(Path::new)),
        }
    }

    fn first_of(places: &[&Path]) -> Result<Option<Self>, Problem> {
        for path in places {
            match Self::read(path) {
                Ok(file) => return Ok(Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(path, &error)),
            }
        }
        Ok(None)
    }

    fn read(path: &Path) -> io::Result<Self> {
        fs::read_to_string(path).map(|text| Self {
            path: path.to_owned(),
            text,
        })
    }
}

impl Flag {
    /// A flag with one value.
    pub fn new(name: &str, key: &str, value: &(impl ToString + ?Sized)) -> Self {
        Self {
            name: name.to_owned(),
            key: key.to_owned(),
            value: value.to_string(),
        }
    }

    /// A flag that may be given several times, for a key that holds a list.
    pub fn list(name: &str, key: &str, values: &[impl ToString]) -> Self {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        Self::new(name, key, &values.join(","))
    }
}

/// The variables of this process that are meant for the configuration.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .filter(|(name, _)| name.starts_with(VARIABLE_PREFIX))
        .collect()
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem {
        key: String::new(),
        source: Source::File {
            path: path.to_owned(),
            line: None,
        },
        wrong: format!("the file cannot be read: {error}"),
        accepted: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_file_must_exist_and_others_need_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let (absent, present) = (dir.path().join("absent.toml"), dir.path().join("present.toml"));
        fs::write(&present, "[demo]\n").expect("written");
        let problem = File::find(Some(&absent)).expect_err("refused");
        assert!(
            problem
                .to_string()
                .contains("absent.toml: the file cannot be read"),
            "{problem}"
        );
        let found = File::first_of(&[&absent, &present])
            .expect("looked")
            .expect("found");
        assert_eq!(found.path, present);
        assert!(File::first_of(&[&absent]).expect("looked").is_none());
    }

    #[test]
    fn a_directory_in_the_way_is_a_problem() {
        let dir = tempfile::tempdir().expect("a directory");
        assert!(File::first_of(&[dir.path()]).is_err());
    }
}
