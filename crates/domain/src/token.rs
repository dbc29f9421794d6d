//! User tokens: a JWT in which a host product says who its user is.
//!
//! One reader, as strict as the standards allow, made of primitives rather than of a JWT library: a library decides too
//! much by what the token says. Here the key named by `kid` fixes the algorithm, header parameters that bring their own key are
//! refused, every text has one accepted spelling, and nothing in the claims is looked at before the signature holds. A token
//! has an end, and not a far one, because it cannot be taken back one by one.

mod json;
mod keys;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::text::ME;

pub use keys::{Algorithm, KeyError, Keyring, PublicKey, check_kid};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// The longest user or tenant id, in characters.
pub const MAX_ID_CHARS: usize = 256;
/// What every environment answers to in `aud`, beside its own id.
pub const AUDIENCE: &str = "campanile";
/// The last second of the year 9999: later than any time, earlier than milliseconds taken for seconds.
const MAX_SECONDS: i64 = 253_402_300_799;
const MAX_AUDIENCES: usize = 16;

/// Why a token is refused. Each has a stable [`code`](Self::code) and a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a signed JWT in compact form, or a header that must not be followed.
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// An algorithm that is unknown, or not the key's.
    #[error("the token's algorithm is refused: {0}")]
    Algorithm(&'static str),
    /// No key of that id.
    #[error("the token's key is unknown: {0}")]
    KeyUnknown(&'static str),
    /// The signature does not fit.
    #[error("the token's signature is not valid for its key")]
    Signature,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies ahead.
    #[error("the token is not valid yet: {0}")]
    NotYet(&'static str),
    /// Valid for too long.
    #[error("the token is valid for longer than the environment allows: `exp` is too late")]
    Lifetime,
    /// `aud` names others.
    #[error(
        "the token is meant for another audience: `aud` must contain `campanile` or the environment's id"
    )]
    Audience,
    /// `env` names another environment.
    #[error("the token belongs to another environment")]
    Environment,
    /// A claim is missing or of the wrong kind.
    #[error("the token's claims are refused: {0}")]
    Claims(&'static str),
}

impl TokenError {
    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "token_malformed",
            Self::Algorithm(_) => "token_algorithm",
            Self::KeyUnknown(_) => "token_key_unknown",
            Self::Signature => "token_signature",
            Self::Expired => "token_expired",
            Self::NotYet(_) => "token_not_yet",
            Self::Lifetime => "token_lifetime",
            Self::Audience => "token_audience",
            Self::Environment => "token_environment",
            Self::Claims(_) => "token_claims",
        }
    }
}

/// What an environment asks of its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The longest time between `iat` and `exp` (without `iat`: between now and `exp`), in milliseconds.
    pub max_lifetime_ms: i64,
    /// How far the host's clock may be off, in milliseconds.
    pub leeway_ms: i64,
}

impl Default for Rules {
    /// Seven days, five seconds.
    fn default() -> Self {
        Self {
            max_lifetime_ms: 7 * 24 * 3_600_000,
            leeway_ms: 5_000,
        }
    }
}

/// What a token says about itself before anything is verified: enough to find the environment, not to be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHeader {
    /// The algorithm it claims.
    pub alg: Algorithm,
    /// The key it names: an environment's id with prefix, or the id of a registered public key.
    pub kid: String,
}

impl TokenHeader {
    /// Reads the header of a token whose shape is right.
    pub fn peek(token: &str) -> Result<Self, TokenError> {
        Parts::split(token)?.header()
    }

    fn read(members: &Map<String, Value>) -> Result<Self, TokenError> {
        check_header_members(members)?;
        let alg = members
            .get("alg")
            .and_then(Value::as_str)
            .and_then(Algorithm::parse);
        let alg = alg.ok_or(TokenError::Algorithm("`alg` must be HS256, RS256 or EdDSA"))?;
        let kid = match members.get("kid") {
            Some(Value::String(kid)) if keys::is_kid(kid) => kid.clone(),
            Some(_) => return Err(TokenError::KeyUnknown("`kid` is not a key id")),
            None => {
                return Err(TokenError::KeyUnknown(
                    "the header has no `kid`; set it to the environment's id or to the id of a registered key",
                ));
            }
        };
        Ok(Self { alg, kid })
    }
}

/// Refuses parameters by which a token would bring its own key, change what is signed, or be something else than a user token.
fn check_header_members(members: &Map<String, Value>) -> Result<(), TokenError> {
    const KEYS: [&str; 4] = ["jku", "jwk", "x5u", "x5c"];
    const OTHERS: [&str; 5] = ["crit", "b64", "cty", "zip", "enc"];
    if KEYS.iter().any(|name| members.contains_key(*name)) {
        return Err(TokenError::Malformed(
            "a header must not bring a key (`jku`, `jwk`, `x5u`, `x5c`)",
        ));
    }
    if OTHERS.iter().any(|name| members.contains_key(*name)) {
        return Err(TokenError::Malformed(
            "the header parameters `crit`, `b64`, `cty`, `zip` and `enc` are not supported",
        ));
    }
    let known = |typ: &str| typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("at+jwt");
    match members.get("typ") {
        None => Ok(()),
        Some(Value::String(typ)) if known(typ) => Ok(()),
        Some(_) => Err(TokenError::Malformed("`typ` must be JWT, at+jwt or absent")),
    }
}

/// The three parts of a token in compact form, still encoded.
struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Header, dot and payload as they were signed.
    signed: &'a [u8],
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Malformed("it is longer than 8 KiB"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed(
                "it must have three parts separated by dots",
            ));
        };
        let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
        Ok(Self {
            header,
            payload,
            signature,
            signed,
        })
    }

    fn header(&self) -> Result<TokenHeader, TokenError> {
        let members = json::object(&decode(self.header)?).ok_or(TokenError::Malformed(
            "the header is not one JSON object with each member once",
        ))?;
        TokenHeader::read(&members)
    }

    fn claims(&self) -> Result<Claims, TokenError> {
        let members = json::object(&decode(self.payload)?).ok_or(TokenError::Malformed(
            "the claims are not one JSON object with each member once",
        ))?;
        Claims::read(&members)
    }
}

/// Takes the one canonical spelling: the URL alphabet, no padding, no white space, no bits left over.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed("a part is not base64url without padding"))
}

/// Checks a token of the environment that the keyring belongs to, at `now_ms` (milliseconds since the Unix epoch).
pub fn verify(token: &str, keyring: &Keyring, now_ms: i64, rules: &Rules) -> Result<Claims, TokenError> {
    let parts = Parts::split(token)?;
    let header = parts.header()?;
    let key = keyring.key(&header.kid).ok_or(TokenError::KeyUnknown(
        "no key with this `kid` is registered in the environment",
    ))?;
    if key.algorithm() != header.alg {
        return Err(TokenError::Algorithm(
            "`alg` is not the algorithm of the key that `kid` names",
        ));
    }
    if !key.accepts(parts.signed, &decode(parts.signature)?) {
        return Err(TokenError::Signature);
    }
    let claims = parts.claims()?;
    claims.check(keyring.environment(), now_ms, rules)?;
    Ok(claims)
}

/// Signs claims with the environment's current secret.
///
/// The claims are not checked again: make them with [`Claims::new`].
pub fn mint(claims: &Claims, keyring: &Keyring) -> String {
    let header = serde_json::json!({ "alg": "HS256", "kid": keyring.environment(), "typ": "JWT" });
    let payload = serde_json::to_vec(claims).unwrap_or_default();
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = keyring.sign(token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

/// What a verified token says. Times are whole seconds since the Unix epoch; fractions are cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// The user's id, as the host product calls them: 1 to 256 characters, no control characters.
    pub sub: String,
    /// The tenant on whose behalf the user acts; the same limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// When it ends.
    pub exp: i64,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// When it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Its own id, by which it could be revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Whom it is meant for; empty where it does not say.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "audience")]
    pub aud: Vec<String>,
    /// The environment's id, with prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
}

impl Claims {
    /// Claims for a token made at `now_ms` that lasts `lifetime_s` seconds, for [`mint`].
    pub fn new(
        sub: &str,
        tenant: Option<&str>,
        keyring: &Keyring,
        now_ms: i64,
        lifetime_s: i64,
    ) -> Result<Self, TokenError> {
        let iat = now_ms.div_euclid(1000);
        Ok(Self {
            sub: checked_user(sub)?,
            tenant: tenant.map(|tenant| checked_id(tenant, TENANT)).transpose()?,
            exp: iat.saturating_add(lifetime_s),
            iat: Some(iat),
            nbf: None,
            jti: None,
            aud: vec![AUDIENCE.to_owned()],
            env: Some(keyring.environment().to_owned()),
        })
    }

    fn read(members: &Map<String, Value>) -> Result<Self, TokenError> {
        let sub = text(members, "sub", SUB)?.ok_or(TokenError::Claims(SUB))?;
        let tenant = text(members, "tenant", TENANT)?;
        Ok(Self {
            sub: checked_user(sub)?,
            tenant: tenant.map(|tenant| checked_id(tenant, TENANT)).transpose()?,
            exp: seconds(members, "exp", EXP)?.ok_or(TokenError::Claims(EXP))?,
            iat: seconds(members, "iat", "`iat` must be a time in seconds")?,
            nbf: seconds(members, "nbf", "`nbf` must be a time in seconds")?,
            jti: text(members, "jti", JTI)?
                .map(|jti| checked_id(jti, JTI))
                .transpose()?,
            aud: audiences(members)?,
            env: text(members, "env", "`env` must be a text")?.map(str::to_owned),
        })
    }

    fn check(&self, environment: &str, now_ms: i64, rules: &Rules) -> Result<(), TokenError> {
        if self.env.as_deref().is_some_and(|env| env != environment) {
            return Err(TokenError::Environment);
        }
        let is_us = |name: &String| name == AUDIENCE || name == environment;
        if !self.aud.is_empty() && !self.aud.iter().any(is_us) {
            return Err(TokenError::Audience);
        }
        self.check_times(now_ms, rules)
    }

    fn check_times(&self, now_ms: i64, rules: &Rules) -> Result<(), TokenError> {
        let latest_start = now_ms.saturating_add(rules.leeway_ms);
        let exp_ms = self.exp * 1000;
        if exp_ms.saturating_add(rules.leeway_ms) <= now_ms {
            return Err(TokenError::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf * 1000 > latest_start) {
            return Err(TokenError::NotYet("`nbf` lies in the future"));
        }
        if self.iat.is_some_and(|iat| iat * 1000 > latest_start) {
            return Err(TokenError::NotYet("`iat` lies in the future"));
        }
        if self.iat.is_some_and(|iat| iat >= self.exp) {
            return Err(TokenError::Claims("`exp` must be later than `iat`"));
        }
        // Without `iat` the host's clock stands in for it, and may be ahead of ours by the leeway.
        let start = self.iat.map_or(latest_start, |iat| iat * 1000);
        if exp_ms.saturating_sub(start) > rules.max_lifetime_ms {
            return Err(TokenError::Lifetime);
        }
        Ok(())
    }
}

const SUB: &str = "`sub` must be the user's id: a text of 1 to 256 characters without control characters";
const TENANT: &str = "`tenant` must be a text of 1 to 256 characters without control characters";
const JTI: &str = "`jti` must be a text of 1 to 256 characters without control characters";
const EXP: &str = "`exp` must be there, a time in seconds";
const AUD: &str = "`aud` must be a text or a list of 1 to 16 texts";

fn checked_user(sub: &str) -> Result<String, TokenError> {
    if sub == ME {
        return Err(TokenError::Claims(
            "`sub` must not be `me`: that is whoever a token speaks for",
        ));
    }
    checked_id(sub, SUB)
}

fn checked_id(id: &str, complaint: &'static str) -> Result<String, TokenError> {
    let length = id.chars().take(MAX_ID_CHARS + 1).count();
    if id.trim().is_empty() || length > MAX_ID_CHARS || id.chars().any(char::is_control) {
        return Err(TokenError::Claims(complaint));
    }
    Ok(id.to_owned())
}

fn text<'a>(
    members: &'a Map<String, Value>,
    name: &str,
    complaint: &'static str,
) -> Result<Option<&'a str>, TokenError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenError::Claims(complaint)),
    }
}

/// Reads a `NumericDate`. Some hosts write fractions, which the standard allows; they are cut off.
fn seconds(
    members: &Map<String, Value>,
    name: &str,
    complaint: &'static str,
) -> Result<Option<i64>, TokenError> {
    let Some(value) = members.get(name) else {
        return Ok(None);
    };
    let whole = value.as_i64().or_else(|| value.as_f64().and_then(whole_seconds));
    match whole.filter(|whole| (0..=MAX_SECONDS).contains(whole)) {
        Some(whole) => Ok(Some(whole)),
        None => Err(TokenError::Claims(complaint)),
    }
}

fn whole_seconds(value: f64) -> Option<i64> {
    let whole = std::time::Duration::try_from_secs_f64(value).ok()?;
    i64::try_from(whole.as_secs()).ok()
}

fn audiences(members: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
    match members.get("aud") {
        None => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(list)) if (1..=MAX_AUDIENCES).contains(&list.len()) => {
            let texts = list.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or(TokenError::Claims(AUD))
        }
        Some(_) => Err(TokenError::Claims(AUD)),
    }
}

/// One audience is written as a text, several as a list.
fn audience<S: Serializer>(aud: &[String], out: S) -> Result<S::Ok, S::Error> {
    match aud {
        [one] => out.serialize_str(one),
        several => out.collect_seq(several),
    }
}
