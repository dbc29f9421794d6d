//! Our own check of a webhook's signature, written from the specification and not from the server.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The key inside `whsec_…`.
pub(crate) fn key(secret: &str) -> Result<Vec<u8>> {
    let text = secret
        .strip_prefix("whsec_")
        .context("a secret begins with whsec_")?;
    STANDARD.decode(text).context("a secret is base64")
}

/// Whether one of the space-separated signatures is the HMAC of `id.timestamp.body`.
pub(crate) fn verifies(key: &[u8], id: &str, timestamp: &str, body: &[u8], header: &str) -> bool {
    header
        .split(' ')
        .filter_map(|part| part.strip_prefix("v1,"))
        .any(|signature| {
            let Ok(given) = STANDARD.decode(signature) else {
                return false;
            };
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
                return false;
            };
            for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
                mac.update(part);
            }
            mac.verify_slice(&given).is_ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_verify_and_nothing_else() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("key");
        let (id, at, body) = (
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert!(verifies(&key, id, at, body, good));
        assert!(verifies(&key, id, at, body, &format!("v1,AAAA {good}")));
        assert!(!verifies(&key, id, "1614265331", body, good));
        assert!(!verifies(&key, id, at, br#"{"test": 2432232315}"#, good));
        assert!(!verifies(&key, id, at, body, ""));
        assert!(super::key("secret").is_err());
    }
}
