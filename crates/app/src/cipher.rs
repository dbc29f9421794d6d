//! Secrets at rest: XChaCha20-Poly1305 under the master key, bound to the place they are kept in.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::ctx::random;
use crate::error::{Error, Result};

const NONCE: usize = 24;
/// First byte of every blob, so that another way of keeping secrets can be told apart one day.
const FORMAT: u8 = 1;

/// Seals and opens secrets.
#[derive(Clone)]
pub struct Cipher(XChaCha20Poly1305);

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher([hidden])")
    }
}

impl Cipher {
    /// Uses this master key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Seals a secret for a place such as `endpoints/2x…/secrets`; moved elsewhere it does not open.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = random();
        let payload = Payload {
            msg: secret,
            aad: place.as_bytes(),
        };
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Internal("a secret could not be sealed".into()))?;
        Ok([&[FORMAT], nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Cipher::seal`] sealed for the same place.
    pub fn open(&self, place: &str, blob: &[u8]) -> Result<Vec<u8>> {
        let wrong = || {
            Error::Internal(format!(
                "the secret at {place} does not open: is this the master key it was sealed with?"
            ))
        };
        let (Some(&FORMAT), Some(rest)) = (blob.first(), blob.get(1..)) else {
            return Err(wrong());
        };
        let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or_else(wrong)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| wrong())?;
        self.0
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: sealed,
                    aad: place.as_bytes(),
                },
            )
            .map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_where_it_was_sealed() {
        let cipher = Cipher::new(&[7; 32]);
        let blob = cipher.seal("endpoints/a/secrets", b"whsec").expect("sealed");
        assert_eq!(
            cipher.open("endpoints/a/secrets", &blob).expect("opened"),
            b"whsec"
        );
        assert!(cipher.open("endpoints/b/secrets", &blob).is_err());
        assert!(Cipher::new(&[8; 32]).open("endpoints/a/secrets", &blob).is_err());
        assert!(cipher.open("endpoints/a/secrets", &blob[..10]).is_err());
        let mut bent = blob;
        let last = bent.len() - 1;
        bent[last] ^= 1;
        assert!(cipher.open("endpoints/a/secrets", &bent).is_err());
    }
}
