//! Standard Webhooks signatures, computed here and not by the code under test.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The bytes behind `whsec_…`.
pub fn secret_bytes(secret: &str) -> Vec<u8> {
    let encoded = secret
        .strip_prefix("whsec_")
        .expect("a secret begins with whsec_");
    STANDARD.decode(encoded).expect("a secret is base64")
}

/// One signature, `v1,…`.
pub fn sign(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret_bytes(secret)).expect("a key of any length");
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}
