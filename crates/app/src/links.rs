//! Links for people who are not signed in: each is sealed, so that it speaks for its recipient and for nobody else.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::environment::Env;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cipher::Cipher;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::preference_sheet::SheetLink;
use crate::unsubscribe::Unsubscription;

/// What a link leads to: the first segment of its path, and the place it is sealed for.
pub(crate) trait Leads: Serialize + DeserializeOwned {
    /// Such as `unsubscribe`.
    const TO: &'static str;
}

/// Makes links.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    cipher: Cipher,
    public_url: Arc<str>,
}

impl Links {
    fn url<L: Leads>(&self, link: &L) -> Option<String> {
        Some(self.at(&sealed(&self.cipher, link).ok()?))
    }

    /// A path at the address where this server is reached.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.trim_end_matches('/'))
    }

    /// Where one click ends a workflow's mails for a user.
    pub(crate) fn unsubscribe(&self, env: Env, user: &str, workflow: &str) -> Option<String> {
        self.url(&Unsubscription::new(env, user, workflow))
    }

    /// Where a user says what they prefer.
    pub(crate) fn preferences(&self, env: Env, user: &str) -> Option<String> {
        self.url(&SheetLink::new(env, user))
    }
}

impl Ctx {
    /// What makes links; `None` where nobody said where this server is reached.
    pub(crate) fn links(&self) -> Option<Links> {
        let public_url = self.limits.public_url.as_deref()?;
        Some(Links {
            cipher: self.cipher.clone(),
            public_url: public_url.into(),
        })
    }

    /// The path of a link.
    pub(crate) fn link_path<L: Leads>(&self, link: &L) -> Result<String> {
        sealed(&self.cipher, link)
    }

    /// What a link leads to. One that was not made here is not found.
    pub(crate) fn open_link<L: Leads>(&self, token: &str) -> Result<L> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok();
        let text = sealed.and_then(|sealed| self.cipher.open(L::TO, &sealed).ok());
        let read = text.and_then(|text| serde_json::from_slice(&text).ok());
        read.ok_or(Error::NotFound("link"))
    }
}

fn sealed<L: Leads>(cipher: &Cipher, link: &L) -> Result<String> {
    let text = serde_json::to_vec(link).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(format!(
        "/{}/{}",
        L::TO,
        URL_SAFE_NO_PAD.encode(cipher.seal(L::TO, &text)?)
    ))
}
