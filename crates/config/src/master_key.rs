//! The master key: read from the configuration, from a file, or made on the first start.
//!
//! A made key is on the disk, flushed, before it is handed out: what is encrypted under a key that a power
//! cut takes away can never be read again.

use std::{
    fmt, fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use toml::Value;

use crate::{keys::Setting, sections::Secrets};

/// The key under which secrets are encrypted at rest. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey([u8; 32]);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the key file {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("cannot make the key file {}: {source}", path.display())]
    Make {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} does not hold a key; accepted: {}", path.display(), MasterKey::accepts())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

const GENERATED_NAME: &str = "campanile.key";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl MasterKey {
    /// The bytes, for the cipher alone.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }

    fn decode(text: &str) -> Option<Self> {
        BASE64.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([hidden])")
    }
}

impl Setting for MasterKey {
    const SECRET: bool = true;

    fn accepts() -> String {
        "32 bytes in base64, as from `openssl rand -base64 32`".to_owned()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        Self::decode(text).ok_or_else(|| "the value is not a key".to_owned())
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::String("[hidden]".to_owned()))
    }
}

/// The key of this installation: the configured one, the one in the configured file, or the one in the data
/// directory, which is made from `fresh` (32 random bytes) where there is none. The directory must exist.
pub fn master_key(secrets: &Secrets, data: &Path, fresh: [u8; 32]) -> Result<MasterKey, KeyError> {
    if let Some(key) = &secrets.key {
        return Ok(key.clone());
    }
    if let Some(path) = &secrets.key_file {
        return read(path);
    }
    let path = data.join(GENERATED_NAME);
    match read(&path) {
        Err(KeyError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            make(&path, fresh).map_err(|source| KeyError::Make {
                path: path.clone(),
                source,
            })?;
            read(&path)
        }
        found => found,
    }
}

fn read(path: &Path) -> Result<MasterKey, KeyError> {
    let text = fs::read_to_string(path).map_err(|source| KeyError::Read {
        path: path.to_owned(),
        source,
    })?;
    MasterKey::decode(&text).ok_or_else(|| KeyError::Malformed {
        path: path.to_owned(),
    })
}

/// Puts the file in place whole or not at all; of two starts at the same time the first one's key stays.
fn make(path: &Path, fresh: [u8; 32]) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(format!("{}\n", BASE64.encode(fresh)).as_bytes())?;
    file.sync_all()?;
    let placed = match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    };
    fs::remove_file(&draft)?;
    placed?;
    fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let data = tempfile::tempdir().expect("a directory");
        let made = master_key(&Secrets::default(), data.path(), [7; 32]).expect("made");
        let again = master_key(&Secrets::default(), data.path(), [8; 32]).expect("read");
        assert_eq!(made.reveal(), &[7; 32]);
        assert_eq!(again, made);
        let file = data.path().join(GENERATED_NAME);
        assert_eq!(
            fs::metadata(file).expect("the file").permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::read_dir(data.path()).expect("a listing").count(),
            1,
            "no draft is left"
        );
    }

    #[test]
    fn a_configured_file_is_never_made() {
        let data = tempfile::tempdir().expect("a directory");
        let path = data.path().join("absent");
        let secrets = Secrets {
            key_file: Some(path.clone()),
            ..Secrets::default()
        };
        let error = master_key(&secrets, data.path(), [7; 32]).expect_err("refused");
        assert!(matches!(error, KeyError::Read { .. }), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_damaged_file_is_refused_and_kept() {
        let data = tempfile::tempdir().expect("a directory");
        let path = data.path().join(GENERATED_NAME);
        fs::write(&path, "half a k").expect("written");
        let error = master_key(&Secrets::default(), data.path(), [7; 32]).expect_err("refused");
        assert!(matches!(error, KeyError::Malformed { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("kept"), "half a k");
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = MasterKey([65; 32]);
        assert_eq!(
            format!("{key:?} {:?}", key.to_value()),
            "MasterKey([hidden]) Some(String(\"[hidden]\"))"
        );
    }
}
