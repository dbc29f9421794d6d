//! Standard Webhooks: secrets, signatures and the envelope around an event's data.
//!
//! Own code, because the reference crate knows only the symmetric `v1` and refuses bodies that are not UTF-8; it serves as an
//! oracle in the tests. What is signed is `id.timestamp.body` with the bytes of the body as they are sent, so neither the id nor
//! the timestamp may contain a dot. Secrets are never printed by `Debug`; [`Secret::expose`] is the one way to their text.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use smallvec::SmallVec;
use subtle::ConstantTimeEq as _;

const SYMMETRIC_PREFIX: &str = "whsec_";
const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";
/// How far a timestamp may be from the receiver's clock, in seconds, in either direction.
pub const TOLERANCE_S: i64 = 300;
/// How many replaced secrets may still sign at one time.
pub const MAX_OLD_SECRETS: usize = 10;
/// Signatures looked at in one header. More than a sender with all its old secrets makes; a bound for strangers.
const MAX_SIGNATURES: usize = 32;

/// Why a text is not a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Unknown prefix, or not base64.
    #[error("a secret is `whsec_` or `whsk_` followed by base64")]
    Encoding,
    /// Too few or too many bytes.
    #[error("a symmetric secret has 24 to 75 bytes, an ed25519 key 32 or 64")]
    Length,
    /// The private and the public half belong to different keys, or the key is weak.
    #[error("the ed25519 key is not valid")]
    Key,
}

/// What an endpoint's deliveries are signed with.
#[derive(Clone)]
pub struct Secret(Kind);

#[derive(Clone)]
enum Kind {
    Symmetric(Vec<u8>),
    Ed25519(Box<SigningKey>),
}

impl Secret {
    /// Makes a symmetric secret of 32 random bytes.
    pub fn generate(random: [u8; 32]) -> Self {
        Self(Kind::Symmetric(random.to_vec()))
    }

    /// Makes an ed25519 key pair from 32 random bytes.
    pub fn generate_ed25519(random: [u8; 32]) -> Self {
        Self(Kind::Ed25519(Box::new(SigningKey::from_bytes(&random))))
    }

    /// Reads `whsec_…`, `whsk_…`, or bare base64, which is symmetric.
    ///
    /// Secrets of other senders are taken up to 75 bytes long; our own have 32.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        if let Some(encoded) = text.strip_prefix(PRIVATE_PREFIX) {
            return signing_key(&decode(encoded)?).map(|key| Self(Kind::Ed25519(Box::new(key))));
        }
        let bytes = decode(text.strip_prefix(SYMMETRIC_PREFIX).unwrap_or(text))?;
        if !(24..=75).contains(&bytes.len()) {
            return Err(SecretError::Length);
        }
        Ok(Self(Kind::Symmetric(bytes)))
    }

    /// The text that [`parse`](Self::parse) reads. To be shown once and stored encrypted.
    pub fn expose(&self) -> String {
        match &self.0 {
            Kind::Symmetric(bytes) => encode(SYMMETRIC_PREFIX, bytes),
            Kind::Ed25519(key) => encode(PRIVATE_PREFIX, &key.to_keypair_bytes()),
        }
    }

    /// The public key of an ed25519 secret as `whpk_…`; a symmetric secret has none.
    pub fn public_text(&self) -> Option<String> {
        match &self.0 {
            Kind::Symmetric(_) => None,
            Kind::Ed25519(key) => Some(encode(PUBLIC_PREFIX, key.verifying_key().as_bytes())),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Symmetric(_) => "whsec_[redacted]",
            Kind::Ed25519(_) => "whsk_[redacted]",
        })
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Symmetric(a), Kind::Symmetric(b)) => a.ct_eq(b).into(),
            (Kind::Ed25519(a), Kind::Ed25519(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Secret {}

fn encode(prefix: &str, bytes: &[u8]) -> String {
    let mut text = prefix.to_owned();
    STANDARD.encode_string(bytes, &mut text);
    text
}

fn decode(encoded: &str) -> Result<Vec<u8>, SecretError> {
    STANDARD_PAD_INDIFFERENT
        .decode(encoded)
        .map_err(|_| SecretError::Encoding)
}

/// Reads a seed of 32 bytes, or a seed and the public key that must belong to it.
fn signing_key(bytes: &[u8]) -> Result<SigningKey, SecretError> {
    if let Ok(pair) = bytes.try_into() {
        return SigningKey::from_keypair_bytes(pair).map_err(|_| SecretError::Key);
    }
    let seed = bytes.try_into().map_err(|_| SecretError::Length)?;
    Ok(SigningKey::from_bytes(seed))
}

/// Signs one endpoint's deliveries. Built once per endpoint: the keyed state of the HMAC is kept and copied, not derived again.
#[derive(Clone)]
pub struct Signer {
    keys: SmallVec<[SigningState; 1]>,
}

#[derive(Clone)]
enum SigningState {
    Symmetric(Hmac<Sha256>),
    Ed25519(Box<SigningKey>),
}

impl Signer {
    /// Takes every secret that signs, the current one first.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        Self {
            keys: secrets.into_iter().map(SigningState::new).collect(),
        }
    }

    /// The value of `webhook-signature`: one signature for each secret, separated by spaces.
    ///
    /// `id` is the value of `webhook-id` and must not contain a dot; `timestamp_s` is that of `webhook-timestamp`.
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        debug_assert!(
            !id.contains('.'),
            "a dot in the id would make the signed text ambiguous"
        );
        let head = format!("{id}.{timestamp_s}.");
        let mut header = String::with_capacity(self.keys.len() * 48);
        for key in &self.keys {
            if !header.is_empty() {
                header.push(' ');
            }
            key.push_signature(head.as_bytes(), body, &mut header);
        }
        header
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} keys)", self.keys.len())
    }
}

impl SigningState {
    fn new(secret: &Secret) -> Self {
        match &secret.0 {
            Kind::Symmetric(bytes) => Self::Symmetric(keyed(bytes)),
            Kind::Ed25519(key) => Self::Ed25519(key.clone()),
        }
    }

    fn push_signature(&self, head: &[u8], body: &[u8], out: &mut String) {
        match self {
            Self::Symmetric(state) => {
                out.push_str("v1,");
                STANDARD.encode_string(tag(state, head, body), out);
            }
            Self::Ed25519(key) => {
                out.push_str("v1a,");
                STANDARD.encode_string(key.sign(&[head, body].concat()).to_bytes(), out);
            }
        }
    }
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("an HMAC takes a key of any length")
}

fn tag(state: &Hmac<Sha256>, head: &[u8], body: &[u8]) -> [u8; 32] {
    state
        .clone()
        .chain_update(head)
        .chain_update(body)
        .finalize()
        .into_bytes()
        .into()
}

/// Signs with one secret: `v1,…` or `v1a,…`. For many deliveries keep a [`Signer`].
pub fn sign(secret: &Secret, id: &str, timestamp_s: i64, body: &[u8]) -> String {
    Signer::new([secret]).sign(id, timestamp_s, body)
}

/// Signs with every secret given, separated by spaces.
pub fn sign_all(secrets: &[Secret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    Signer::new(secrets).sign(id, timestamp_s, body)
}

/// What a receiver checks signatures with: a symmetric secret or a public key.
#[derive(Clone)]
pub struct Verifier(VerifyingState);

#[derive(Clone)]
enum VerifyingState {
    Symmetric(Hmac<Sha256>),
    Ed25519(Box<VerifyingKey>),
}

impl Verifier {
    /// Reads `whpk_…`, or whatever [`Secret::parse`] reads.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let Some(encoded) = text.strip_prefix(PUBLIC_PREFIX) else {
            return Secret::parse(text).map(|secret| Self::from(&secret));
        };
        let bytes = decode(encoded)?.try_into().map_err(|_| SecretError::Length)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| SecretError::Key)?;
        if key.is_weak() {
            return Err(SecretError::Key);
        }
        Ok(Self(VerifyingState::Ed25519(Box::new(key))))
    }

    fn accepts(&self, head: &[u8], body: &[u8], signatures: &str) -> bool {
        match &self.0 {
            VerifyingState::Symmetric(state) => {
                let expected = tag(state, head, body);
                candidates(signatures, "v1,").any(|given| given.ct_eq(&expected[..]).into())
            }
            VerifyingState::Ed25519(key) => {
                let content = [head, body].concat();
                candidates(signatures, "v1a,")
                    .filter_map(|given| Signature::from_slice(&given).ok())
                    .any(|given| key.verify_strict(&content, &given).is_ok())
            }
        }
    }
}

impl From<&Secret> for Verifier {
    fn from(secret: &Secret) -> Self {
        Self(match &secret.0 {
            Kind::Symmetric(bytes) => VerifyingState::Symmetric(keyed(bytes)),
            Kind::Ed25519(key) => VerifyingState::Ed25519(Box::new(key.verifying_key())),
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            VerifyingState::Symmetric(_) => "Verifier(v1)",
            VerifyingState::Ed25519(_) => "Verifier(v1a)",
        })
    }
}

/// The decoded signatures of one version in a header; what is not base64 is passed over.
fn candidates<'a>(signatures: &'a str, version: &'a str) -> impl Iterator<Item = Vec<u8>> + 'a {
    signatures
        .split(' ')
        .take(MAX_SIGNATURES)
        .filter_map(move |one| STANDARD.decode(one.strip_prefix(version)?).ok())
}

/// The three headers of a signed request, as received.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignedHeaders<'a> {
    /// `webhook-id`
    pub id: Option<&'a str>,
    /// `webhook-timestamp`
    pub timestamp: Option<&'a str>,
    /// `webhook-signature`
    pub signature: Option<&'a str>,
}

/// Why a request is not taken for genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A header is absent or empty.
    #[error("the header `{0}` is missing")]
    MissingHeader(&'static str),
    /// The timestamp is not a whole number of seconds.
    #[error("the header `webhook-timestamp` is not a whole number of seconds")]
    InvalidTimestamp,
    /// The timestamp lies too far back: a replay, or a clock that is wrong.
    #[error("the timestamp is too old")]
    TooOld,
    /// The timestamp lies ahead.
    #[error("the timestamp is too far in the future")]
    TooNew,
    /// No signature fits any of the keys.
    #[error("no signature matches")]
    NoMatch,
}

/// Checks a received request: one of the signatures must fit one of the keys.
///
/// `tolerance_s` is usually [`TOLERANCE_S`]. Tags are compared in constant time. With no keys nothing matches.
pub fn verify(
    keys: &[Verifier],
    headers: &SignedHeaders<'_>,
    body: &[u8],
    now_s: i64,
    tolerance_s: i64,
) -> Result<(), VerifyError> {
    let id = present(headers.id, "webhook-id")?;
    let timestamp = present(headers.timestamp, "webhook-timestamp")?;
    let signature = present(headers.signature, "webhook-signature")?;
    let sent_s = whole_seconds(timestamp).ok_or(VerifyError::InvalidTimestamp)?;
    if now_s.saturating_sub(sent_s) > tolerance_s {
        return Err(VerifyError::TooOld);
    }
    if sent_s.saturating_sub(now_s) > tolerance_s {
        return Err(VerifyError::TooNew);
    }
    let head = format!("{id}.{timestamp}.");
    let genuine = keys
        .iter()
        .any(|key| key.accepts(head.as_bytes(), body, signature));
    if genuine {
        Ok(())
    } else {
        Err(VerifyError::NoMatch)
    }
}

fn present<'a>(value: Option<&'a str>, name: &'static str) -> Result<&'a str, VerifyError> {
    value
        .filter(|text| !text.is_empty())
        .ok_or(VerifyError::MissingHeader(name))
}

/// Digits only, in the one spelling that a sender writes: no sign, no leading zero, no space.
fn whole_seconds(text: &str) -> Option<i64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    plain.then(|| text.parse().ok())?
}

/// An endpoint's secrets: the current one, and replaced ones that still sign for a while so that a receiver can change over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Signs until it is rotated.
    pub current: Secret,
    /// Replaced secrets with the time until which they sign, milliseconds since the Unix epoch; newest first.
    pub old: Vec<(Secret, i64)>,
}

/// Why a rotation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// [`MAX_OLD_SECRETS`] replaced secrets are alive.
    #[error("ten replaced secrets are still valid: wait until one expires, or rotate with no grace")]
    TooMany,
    /// The new secret is the current one.
    #[error("the new secret is the current one")]
    Unchanged,
}

impl Secrets {
    /// Starts with one secret.
    pub fn new(current: Secret) -> Self {
        Self {
            current,
            old: Vec::new(),
        }
    }

    /// Makes `new` the current secret. The one it replaces signs for `grace_ms` more; with a grace of 0 it stops at once.
    pub fn rotate(&self, new: Secret, grace_ms: i64, now_ms: i64) -> Result<Self, RotateError> {
        if new == self.current {
            return Err(RotateError::Unchanged);
        }
        let alive = self
            .old
            .iter()
            .filter(|(secret, until)| *until > now_ms && *secret != new);
        let mut old: Vec<_> = alive.cloned().collect();
        if grace_ms > 0 {
            if old.len() >= MAX_OLD_SECRETS {
                return Err(RotateError::TooMany);
            }
            old.insert(0, (self.current.clone(), now_ms.saturating_add(grace_ms)));
        }
        Ok(Self { current: new, old })
    }

    /// Ends every replaced secret now.
    #[must_use]
    pub fn expire_old(&self) -> Self {
        Self::new(self.current.clone())
    }

    /// The secrets that sign at `now_ms`, the current one first.
    pub fn live(&self, now_ms: i64) -> impl Iterator<Item = &Secret> {
        let old = self
            .old
            .iter()
            .filter(move |(_, until)| *until > now_ms)
            .map(|(secret, _)| secret);
        std::iter::once(&self.current).chain(old)
    }

    /// When the set of live secrets next changes by itself: the time until which a [`Signer`] built now may be kept.
    pub fn next_expiry(&self, now_ms: i64) -> Option<i64> {
        self.old
            .iter()
            .map(|(_, until)| *until)
            .filter(|until| *until > now_ms)
            .min()
    }

    /// The text to be encrypted and stored. Holds every secret.
    pub fn expose(&self) -> String {
        let old = self
            .old
            .iter()
            .map(|(secret, until)| (secret.expose(), *until))
            .collect();
        serde_json::to_string(&StoredSecrets {
            current: self.current.expose(),
            old,
        })
        .unwrap_or_default()
    }

    /// Reads what [`expose`](Self::expose) wrote.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let stored: StoredSecrets = serde_json::from_str(text).map_err(|_| SecretError::Encoding)?;
        let old = stored
            .old
            .into_iter()
            .map(|(secret, until)| Ok((Secret::parse(&secret)?, until)));
        Ok(Self {
            current: Secret::parse(&stored.current)?,
            old: old.collect::<Result<_, _>>()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct StoredSecrets {
    current: String,
    old: Vec<(String, i64)>,
}

/// Wraps an event's data for the outside: `{"id","type","timestamp","version","data"}`.
///
/// `data_json` goes in byte for byte, so that what a publisher sent is what a receiver checks; it must be JSON already.
/// `timestamp_ms` is when the event was published, milliseconds since the Unix epoch.
pub fn envelope(id: &str, type_: &str, timestamp_ms: i64, version: &str, data_json: &str) -> String {
    let fixed = r#"{"id":"","type":"","timestamp":"","version":"","data":}"#.len() + 24;
    let mut out = String::with_capacity(fixed + id.len() + type_.len() + version.len() + data_json.len());
    out.push_str(r#"{"id":"#);
    push_json_string(id, &mut out);
    out.push_str(r#","type":"#);
    push_json_string(type_, &mut out);
    out.push_str(r#","timestamp":""#);
    crate::time::push_rfc3339(timestamp_ms, &mut out);
    out.push_str(r#"","version":"#);
    push_json_string(version, &mut out);
    out.push_str(r#","data":"#);
    out.push_str(data_json);
    out.push('}');
    out
}

fn push_json_string(text: &str, out: &mut String) {
    let plain = text
        .bytes()
        .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}
