//! The keys that user tokens of one environment are checked with, and what is refused when a key is registered.
//!
//! A key carries its algorithm; nothing in a token can change it. RSA signatures are checked by `ring`, which is in the program
//! for TLS anyway, rather than by the `rsa` crate, which has an open timing advisory (RUSTSEC-2023-0071).

use std::fmt;

use ed25519_dalek::VerifyingKey;
use ed25519_dalek::pkcs8::spki::der::asn1::UintRef;
use ed25519_dalek::pkcs8::spki::der::{self, Reader as _, SliceReader};
use ed25519_dalek::pkcs8::spki::{Document, ObjectIdentifier, SubjectPublicKeyInfoRef};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use sha2::Sha256;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// From the usual 2¹⁶+1, which the standards ask for, to what `ring` takes.
const RSA_EXPONENTS: std::ops::RangeInclusive<u64> = 65_537..=0x1_FFFF_FFFF;
const MIN_SECRET_BYTES: usize = 32;
const MAX_KID_BYTES: usize = 128;

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC-SHA-256 with the environment's own secret.
    Hs256,
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The name in a token's header and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of that exact name. `Ed25519` is what RFC 9864 calls `EdDSA` with this curve.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "RS256" => Some(Self::Rs256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// Why a key cannot be used for user tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// HS256 has no public half.
    #[error("only RS256 and EdDSA keys are registered; HS256 uses the environment's own secret")]
    Algorithm,
    /// The text holds a private key.
    #[error(
        "this is a private key: it must stay with the program that signs. Register the public key made from it"
    )]
    Private,
    /// A certificate or a PKCS #1 key.
    #[error("this is PEM of another kind: a public key starts with `-----BEGIN PUBLIC KEY-----`")]
    Label,
    /// No readable PEM with one public key.
    #[error("this is not a public key in PEM form (`-----BEGIN PUBLIC KEY-----`)")]
    Unreadable,
    /// A key of another algorithm than the one named.
    #[error("the key does not belong to the algorithm named: RS256 takes an RSA key, EdDSA an Ed25519 key")]
    Mismatch,
    /// RSA below 2048 or above 8192 bits.
    #[error("an RSA key must have 2048 to 8192 bits")]
    RsaSize,
    /// An RSA exponent below 65537, or numbers that no RSA key has.
    #[error("the RSA key is not sound: its modulus must be odd, its exponent odd and at least 65537")]
    RsaNumbers,
    /// A point of small order, or none of the curve.
    #[error("the Ed25519 key is not a sound point of the curve")]
    Ed25519,
    /// A key id that cannot be told from an environment's, or with unsafe characters.
    #[error(
        "a key id has 1 to 128 letters, digits, `-`, `_`, `.` or `:`, starts with a letter, a digit, `-` or `_`, has no `..` \
         and, for a registered key, does not start with `env_`"
    )]
    Kid,
    /// The same key id twice in one keyring.
    #[error("a key with this id is registered already")]
    KidTaken,
    /// A secret that could be guessed, or PEM text by mistake.
    #[error("an HS256 secret has at least 32 bytes and is not a PEM text")]
    Secret,
}

/// Whether a token may name a key like this at all. Keeps paths and fragments of SQL out of look-ups and logs.
pub(super) fn is_kid(kid: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=MAX_KID_BYTES).contains(&kid.len())
        && kid.bytes().all(plain)
        && !kid.starts_with(['.', ':'])
        && !kid.contains("..")
}

/// Checks the id under which a public key is to be registered.
pub fn check_kid(kid: &str) -> Result<(), KeyError> {
    if is_kid(kid) && !kid.starts_with("env_") {
        Ok(())
    } else {
        Err(KeyError::Kid)
    }
}

/// A registered public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Numbers);

#[derive(Clone, PartialEq, Eq)]
enum Numbers {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Ed25519(Box<VerifyingKey>),
}

impl PublicKey {
    /// Reads a PEM text with one public key (SPKI) of the algorithm.
    pub fn parse(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let pem = pem.trim();
        if pem.contains("PRIVATE KEY") {
            return Err(KeyError::Private);
        }
        match pem
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.split("-----").next())
        {
            Some("PUBLIC KEY") => {}
            Some(_) => return Err(KeyError::Label),
            None => return Err(KeyError::Unreadable),
        }
        let (_, document) = Document::from_pem(pem).map_err(|_| KeyError::Unreadable)?;
        let key = SubjectPublicKeyInfoRef::try_from(document.as_bytes()).map_err(|_| KeyError::Unreadable)?;
        let bytes = key.subject_public_key.as_bytes().ok_or(KeyError::Unreadable)?;
        match (algorithm, key.algorithm.oid) {
            (Algorithm::Hs256, _) => Err(KeyError::Algorithm),
            (Algorithm::Rs256, RSA_ENCRYPTION) => Self::rsa(bytes),
            (Algorithm::EdDsa, ED25519) => Self::ed25519(bytes),
            _ => Err(KeyError::Mismatch),
        }
    }

    fn rsa(bytes: &[u8]) -> Result<Self, KeyError> {
        let (modulus, exponent) = rsa_numbers(bytes).map_err(|_| KeyError::Unreadable)?;
        let first = modulus
            .as_bytes()
            .first()
            .map_or(8, |byte| byte.leading_zeros() as usize);
        if !RSA_BITS.contains(&(modulus.as_bytes().len() * 8).saturating_sub(first)) {
            return Err(KeyError::RsaSize);
        }
        let value = exponent.as_bytes().iter().try_fold(0u64, |sum, byte| {
            sum.checked_mul(256).map(|sum| sum + u64::from(*byte))
        });
        let sound = value.is_some_and(|value| value % 2 == 1 && RSA_EXPONENTS.contains(&value));
        if !sound || modulus.as_bytes().last().is_none_or(|byte| byte % 2 == 0) {
            return Err(KeyError::RsaNumbers);
        }
        let (modulus, exponent) = (modulus.as_bytes().to_vec(), exponent.as_bytes().to_vec());
        Ok(Self(Numbers::Rsa { modulus, exponent }))
    }

    fn ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Ed25519)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Ed25519)?;
        if key.is_weak() {
            Err(KeyError::Ed25519)
        } else {
            Ok(Self(Numbers::Ed25519(Box::new(key))))
        }
    }

    /// The one algorithm this key is for.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Numbers::Rsa { .. } => Algorithm::Rs256,
            Numbers::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Numbers::Rsa { modulus, exponent } => RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok(),
            Numbers::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.algorithm().name())
    }
}

/// Reads `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }`.
fn rsa_numbers(bytes: &[u8]) -> Result<(UintRef<'_>, UintRef<'_>), der::Error> {
    let mut reader = SliceReader::new(bytes)?;
    let numbers = reader.sequence(|inner| Ok::<_, der::Error>((inner.decode()?, inner.decode()?)))?;
    reader.finish()?;
    Ok(numbers)
}

/// Every key that signs user tokens of one environment. Built when the environment is loaded, then only read.
#[derive(Clone)]
pub struct Keyring {
    environment: String,
    current: Hmac<Sha256>,
    previous: Option<Hmac<Sha256>>,
    public: Vec<(String, PublicKey)>,
}

/// What a key id stands for.
pub(super) enum Key<'a> {
    Secrets(&'a Keyring),
    Public(&'a PublicKey),
}

impl Keyring {
    /// Starts with the environment's id, with prefix (it is also the key id of the secrets), and its current HS256 secret.
    pub fn new(environment: &str, secret: &[u8]) -> Result<Self, KeyError> {
        if !is_kid(environment) {
            return Err(KeyError::Kid);
        }
        Ok(Self {
            environment: environment.to_owned(),
            current: keyed(secret)?,
            previous: None,
            public: Vec::new(),
        })
    }

    /// Accepts tokens signed with a replaced secret as well. The caller leaves it out once its time is over.
    pub fn with_previous(mut self, secret: &[u8]) -> Result<Self, KeyError> {
        self.previous = Some(keyed(secret)?);
        Ok(self)
    }

    /// Accepts tokens signed with the private half of `key` that name `kid`.
    pub fn with_public_key(mut self, kid: &str, key: PublicKey) -> Result<Self, KeyError> {
        check_kid(kid)?;
        if kid == self.environment || self.public.iter().any(|(known, _)| known == kid) {
            return Err(KeyError::KidTaken);
        }
        self.public.push((kid.to_owned(), key));
        Ok(self)
    }

    /// The environment's id, with prefix.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    pub(super) fn key(&self, kid: &str) -> Option<Key<'_>> {
        if kid == self.environment {
            return Some(Key::Secrets(self));
        }
        self.public
            .iter()
            .find(|(known, _)| known == kid)
            .map(|(_, key)| Key::Public(key))
    }

    /// Signs with the current secret.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; 32] {
        self.current
            .clone()
            .chain_update(message)
            .finalize()
            .into_bytes()
            .into()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<_> = self.public.iter().map(|(kid, _)| kid).collect();
        f.debug_struct("Keyring")
            .field("environment", &self.environment)
            .field("public", &kids)
            .finish_non_exhaustive()
    }
}

impl Key<'_> {
    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Secrets(_) => Algorithm::Hs256,
            Self::Public(key) => key.algorithm(),
        }
    }

    /// Whether the signature was made with this key; HMAC tags are compared in constant time.
    pub(super) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        let matches = |state: &Hmac<Sha256>| {
            state
                .clone()
                .chain_update(message)
                .verify_slice(signature)
                .is_ok()
        };
        match self {
            Self::Secrets(ring) => matches(&ring.current) || ring.previous.as_ref().is_some_and(matches),
            Self::Public(key) => key.accepts(message, signature),
        }
    }
}

fn keyed(secret: &[u8]) -> Result<Hmac<Sha256>, KeyError> {
    if secret.len() < MIN_SECRET_BYTES || secret.starts_with(b"-----BEGIN") {
        return Err(KeyError::Secret);
    }
    Hmac::new_from_slice(secret).map_err(|_| KeyError::Secret)
}
