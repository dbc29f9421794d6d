//! One click ends the mails of a workflow (RFC 8058): by a link that is sealed, so that it speaks for its recipient and for nobody else.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::channel::Channel;
use domain::effects::Actor;
use domain::environment::Env;
use domain::preference::{Choice, Preferences, Setting};
use serde::{Deserialize, Serialize};
use store::preference::Whose;

use crate::cipher::Cipher;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// The place a link is sealed for.
const PLACE: &str = "unsubscribe";

/// Whose mails of which workflow a link ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscription {
    /// Environment.
    env: i64,
    /// The recipient.
    user: String,
    /// Key of the workflow.
    pub workflow: String,
}

/// Makes links.
#[derive(Debug, Clone)]
pub(crate) struct Unsubscribe {
    cipher: Cipher,
    public_url: Arc<str>,
}

impl Unsubscribe {
    /// The link that ends a workflow's mails for a user.
    pub(crate) fn url(&self, env: Env, user: &str, workflow: &str) -> Option<String> {
        let ends = Unsubscription {
            env: env.0,
            user: user.to_owned(),
            workflow: workflow.to_owned(),
        };
        let sealed = self.cipher.seal(PLACE, &serde_json::to_vec(&ends).ok()?).ok()?;
        let base = self.public_url.trim_end_matches('/');
        Some(format!("{base}/unsubscribe/{}", URL_SAFE_NO_PAD.encode(sealed)))
    }
}

impl Ctx {
    /// What makes links; `None` where nobody said where this server is reached.
    pub(crate) fn unsubscribe_links(&self) -> Option<Unsubscribe> {
        let public_url = self.limits.public_url.as_deref()?;
        Some(Unsubscribe {
            cipher: self.cipher.clone(),
            public_url: public_url.into(),
        })
    }

    /// What a link ends. One that was not made here is not found.
    pub fn read_unsubscription(&self, token: &str) -> Result<Unsubscription> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok();
        let text = sealed.and_then(|sealed| self.cipher.open(PLACE, &sealed).ok());
        let read = text.and_then(|text| serde_json::from_slice(&text).ok());
        read.ok_or(Error::NotFound("link"))
    }

    /// Ends a workflow's mails for the recipient of a link; again is as once.
    pub async fn end_mails(&self, ends: &Unsubscription) -> Result<()> {
        let env = Env(ends.env);
        let whose = Whose {
            tenant: "",
            user: &ends.user,
        };
        // Changes take turns: what somebody says meanwhile is not written over.
        let mut tx = self.store.change(env).await?;
        let before = store::preference::get(&mut tx, env, whose).await?;
        let read = before
            .map(|text| serde_json::from_str::<Preferences>(&text))
            .transpose();
        let mut document = read
            .map_err(|error| Error::Internal(format!("preferences cannot be read: {error}")))?
            .unwrap_or_default();
        let topic = document.workflows.entry(ends.workflow.clone()).or_default();
        let off = Setting {
            choice: Choice::Off,
            required: false,
        };
        topic.channels.insert(Channel::Email, off);
        let text = serde_json::to_string(&document).map_err(|error| Error::Internal(error.to_string()))?;
        store::preference::put(&mut tx, whose, &text, self.now()).await?;
        let detail = serde_json::json!({"workflow": ends.workflow});
        let actor = Actor::User(ends.user.clone());
        self.audited(
            tx,
            actor,
            "preferences.unsubscribe",
            ends.user.clone(),
            Some(detail),
        )
        .await
    }
}
