//! Links for people who are not signed in: each is sealed, so that it speaks for its recipient and for nobody else.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cipher::Cipher;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// What a link leads to: the first segment of its path, and the place it is sealed for.
pub(crate) trait Leads: Serialize + DeserializeOwned {
    /// Such as `unsubscribe`.
    const TO: &'static str;
}

/// Makes links.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    cipher: Cipher,
    /// Where this server is reached; empty where nobody said so.
    base: Arc<str>,
}

impl Links {
    /// Whether they lead here from outside.
    pub(crate) fn are_public(&self) -> bool {
        !self.base.is_empty()
    }

    /// A link; its path alone where nobody said where this server is reached.
    pub(crate) fn to<L: Leads>(&self, link: &L) -> Result<String> {
        let text = serde_json::to_vec(link).map_err(|error| Error::Internal(error.to_string()))?;
        let token = URL_SAFE_NO_PAD.encode(self.cipher.seal(L::TO, &text)?);
        Ok(format!("{}/{}/{token}", self.base, L::TO))
    }
}

impl Ctx {
    /// What makes links.
    pub(crate) fn links(&self) -> Links {
        Links {
            cipher: self.cipher.clone(),
            base: self.base_url().into(),
        }
    }

    /// Where this server is reached from outside, without a slash at the end; empty where nobody said so.
    pub fn base_url(&self) -> &str {
        let url = self.limits.public_url.as_deref().unwrap_or_default();
        url.trim_end_matches('/')
    }

    /// What a link leads to. One that was not made here is not found.
    pub(crate) fn open_link<L: Leads>(&self, token: &str) -> Result<L> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok();
        let text = sealed.and_then(|sealed| self.cipher.open(L::TO, &sealed).ok());
        let read = text.and_then(|text| serde_json::from_slice(&text).ok());
        read.ok_or(Error::NotFound("link"))
    }
}
