//! Makes tokens, good and otherwise, with primitives of its own rather than with the code under test.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::token::{Algorithm, Keyring, PublicKey};
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair};
use serde_json::{Value, json};
use sha2::Sha256;

/// 2026-02-07T10:00:00Z.
pub(crate) const NOW: i64 = 1_770_458_400;
pub(crate) const NOW_MS: i64 = NOW * 1000;
pub(crate) const ENV: &str = "env_2ZbT1gQmV0c8F7n3YpLxKdWuR4s";
pub(crate) const OTHER_ENV: &str = "env_2ZbT1gQmV0c8F7n3YpLxKdWuR4t";
pub(crate) const SECRET: &[u8] = b"test-only-secret-of-the-environment-0001";
pub(crate) const OLD_SECRET: &[u8] = b"test-only-secret-of-the-environment-0000";
pub(crate) const OTHER_SECRET: &[u8] = b"test-only-secret-of-another-environment";
pub(crate) const RSA: &str = include_str!("../keys/rsa.pem");
pub(crate) const RSA_PUBLIC: &str = include_str!("../keys/rsa.pub.pem");
pub(crate) const ED: &str = include_str!("../keys/ed25519.pem");
pub(crate) const ED_PUBLIC: &str = include_str!("../keys/ed25519.pub.pem");

pub(crate) fn keyring() -> Keyring {
    Keyring::new(ENV, SECRET)
        .and_then(|ring| ring.with_previous(OLD_SECRET))
        .and_then(|ring| ring.with_public_key("host-rsa", PublicKey::parse(Algorithm::Rs256, RSA_PUBLIC)?))
        .and_then(|ring| ring.with_public_key("host-ed", PublicKey::parse(Algorithm::EdDsa, ED_PUBLIC)?))
        .unwrap()
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The DER inside a PEM text, whatever its label.
pub(crate) fn der(pem: &str) -> Vec<u8> {
    let body = pem.split("-----").nth(2).unwrap();
    STANDARD
        .decode(body.split_whitespace().collect::<String>())
        .unwrap()
}

pub(crate) fn with_signature(signed: &str, signature: impl AsRef<[u8]>) -> String {
    format!("{signed}.{}", b64(signature))
}

pub(crate) fn hs(secret: &[u8], header: &str, claims: impl AsRef<[u8]>) -> String {
    let signed = format!("{}.{}", b64(header), b64(claims));
    let tag = Hmac::<Sha256>::new_from_slice(secret)
        .unwrap()
        .chain_update(&signed)
        .finalize()
        .into_bytes();
    with_signature(&signed, tag)
}

pub(crate) fn rs(header: &str, claims: &str) -> String {
    rs_with(&RSA_PKCS1_SHA256, header, claims)
}

/// RSA over another digest than the algorithm has.
pub(crate) fn rs_sha512(header: &str, claims: &str) -> String {
    rs_with(&RSA_PKCS1_SHA512, header, claims)
}

fn rs_with(encoding: &'static dyn RsaEncoding, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", b64(header), b64(claims));
    let pair = RsaKeyPair::from_pkcs8(&der(RSA)).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    pair.sign(encoding, &random, signed.as_bytes(), &mut signature)
        .unwrap();
    with_signature(&signed, signature)
}

pub(crate) fn ed(header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", b64(header), b64(claims));
    let key = ed25519_dalek::SigningKey::from_pkcs8_der(&der(ED)).unwrap();
    let signature = key.sign(signed.as_bytes()).to_bytes();
    with_signature(&signed, signature)
}

pub(crate) fn header(alg: &str, kid: &str) -> String {
    json!({ "alg": alg, "kid": kid, "typ": "JWT" }).to_string()
}

pub(crate) fn good_claims() -> Value {
    json!({
        "sub": "user-1", "tenant": "org-1", "exp": NOW + 3600, "iat": NOW, "nbf": NOW, "jti": "j1",
        "aud": ["campanile"], "env": ENV, "name": "Ada", "roles": [{ "of": ["x"] }],
    })
}

/// The good claims with one member set, or taken away by `null`.
pub(crate) fn claims(name: &str, value: Value) -> String {
    let mut claims = good_claims();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims.to_string()
}

/// A well-signed HS256 token whose claims differ from good ones in one member.
pub(crate) fn but(name: &str, value: Value) -> String {
    hs(SECRET, &header("HS256", ENV), claims(name, value))
}

/// The same with two times set.
pub(crate) fn but_two(a: (&str, i64), b: (&str, i64)) -> String {
    let mut claims = good_claims();
    claims[a.0] = json!(a.1);
    claims[b.0] = json!(b.1);
    verbatim(claims.to_string())
}

/// A well-signed HS256 token with these claims, verbatim.
pub(crate) fn verbatim(claims: impl AsRef<[u8]>) -> String {
    hs(SECRET, &header("HS256", ENV), claims)
}

/// A well-signed HS256 token with one more header member, verbatim.
pub(crate) fn headed(member: &str) -> String {
    hs(
        SECRET,
        &format!(r#"{{"alg":"HS256","kid":"{ENV}",{member}}}"#),
        good_claims().to_string(),
    )
}

pub(crate) fn good_hs() -> String {
    hs(SECRET, &header("HS256", ENV), good_claims().to_string())
}

pub(crate) fn good_rs() -> String {
    rs(&header("RS256", "host-rsa"), &good_claims().to_string())
}

pub(crate) fn good_ed() -> String {
    ed(&header("EdDSA", "host-ed"), &good_claims().to_string())
}

pub(crate) fn parts(token: &str) -> (String, String, String) {
    let mut parts = token.split('.').map(str::to_owned);
    (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    )
}
