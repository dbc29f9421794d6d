//! One click ends the mails of a workflow (RFC 8058): by the link in them.

use domain::channel::Channel;
use domain::environment::Env;
use domain::preference::sheet::Listed;
use serde::{Deserialize, Serialize};

use crate::ctx::Ctx;
use crate::error::Result;
use crate::links::Leads;

/// Whose mails of which workflow a link ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscription {
    /// Environment.
    env: i64,
    /// The recipient.
    user: String,
    /// The tenant of the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// Key of the workflow.
    workflow: String,
}

impl Leads for Unsubscription {
    const TO: &'static str = "unsubscribe";
}

impl Unsubscription {
    pub(crate) fn new(env: Env, user: &str, tenant: Option<&str>, workflow: &str) -> Self {
        Self {
            env: env.0,
            user: user.to_owned(),
            tenant: tenant.map(str::to_owned),
            workflow: workflow.to_owned(),
        }
    }
}

impl Ctx {
    /// What a link ends. One that was not made here is not found.
    pub fn read_unsubscription(&self, token: &str) -> Result<Unsubscription> {
        self.open_link(token)
    }

    /// Ends a workflow's mails for the recipient of a link; again is as once. `false` where that is not for them to say: the mails are required.
    pub async fn end_mails(&self, ends: &Unsubscription) -> Result<bool> {
        let env = Env(ends.env);
        let environment = self.environment(env).await?;
        let ready = environment.workflows.get(&ends.workflow);
        if ready.is_some_and(|ready| ready.spec.critical) {
            return Ok(false);
        }
        let workflow = Listed {
            key: &ends.workflow,
            categories: ready.map_or(&[][..], |ready| &ready.spec.categories),
            channels: &[Channel::Email],
        };
        let whose = (ends.user.as_str(), ends.tenant.as_deref());
        let detail = serde_json::json!({"workflow": ends.workflow, "tenant": ends.tenant});
        let mut is_theirs = false;
        self.say((env, "preferences.unsubscribe", Some(detail)), whose, |sheet| {
            let said = sheet.ended(&workflow, Channel::Email);
            is_theirs = said.is_some();
            said.unwrap_or_else(|| sheet.as_it_was())
        })
        .await?;
        Ok(is_theirs)
    }
}
