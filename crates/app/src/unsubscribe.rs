//! One click ends the mails of a workflow (RFC 8058): by the link in them.

use domain::channel::Channel;
use domain::effects::Actor;
use domain::environment::Env;
use domain::preference::{Choice, Preferences, Setting};
use serde::{Deserialize, Serialize};
use store::preference::Whose;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::links::Leads;

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

impl Leads for Unsubscription {
    const TO: &'static str = "unsubscribe";
}

impl Unsubscription {
    pub(crate) fn new(env: Env, user: &str, workflow: &str) -> Self {
        Self {
            env: env.0,
            user: user.to_owned(),
            workflow: workflow.to_owned(),
        }
    }
}

impl Ctx {
    /// What a link ends. One that was not made here is not found.
    pub fn read_unsubscription(&self, token: &str) -> Result<Unsubscription> {
        self.open_link(token)
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
