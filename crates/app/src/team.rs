//! Who else may do what in an environment: invitations, roles.

use domain::access::{Access, Role};
use domain::effects::Actor;
use domain::environment::Env;
use domain::id::{AccountId, InvitationId};
use domain::text::Faults;
use serde_json::json;
use store::Tx;
use store::account::Account;
use store::invitation::Invitation;

use crate::account::secret;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::notice::Words;

/// Milliseconds that an invitation stands.
const STANDS: i64 = 7 * 86_400_000;

/// An invitation that was just made, with its code: the only time it is known.
#[derive(Debug, Clone)]
pub struct FreshInvitation {
    /// What is kept of it.
    pub invitation: Invitation,
    /// What signs in whoever was invited.
    pub code: String,
    /// Whether it was mailed to them.
    pub mailed: bool,
}

impl Ctx {
    /// Invites somebody. An invitation before to the same address, for the same part, counts no more.
    pub async fn invite(
        &self,
        actor: Actor,
        env: Env,
        email: &str,
        access: Access,
    ) -> Result<FreshInvitation> {
        let mut faults = Faults::default();
        faults.address("/email", email);
        access.check(&mut faults);
        faults.finish().map_err(Error::Invalid)?;
        let now = self.now();
        let (code, hash) = secret("code");
        let invitation = Invitation {
            id: self.ids().fresh(),
            env,
            email: email.to_lowercase(),
            access,
            created_at: now,
            expires_at: now + STANDS,
        };
        let mailed = self.sends_notices(env).await?;
        let mut tx = self.write(env).await?;
        if let Some(tenant) = &invitation.access.tenant {
            let known = store::tenant::get(&mut tx, env, tenant).await?;
            known.ok_or_else(|| Error::invalid("/tenant", "unknown", "there is no such tenant"))?;
        }
        store::invitation::put(&mut tx, &invitation, &hash).await?;
        if mailed {
            let words = Words {
                title: "You are invited",
                text: "You are invited to look after notifications. The invitation stands for seven days.",
                label: "Accept the invitation",
                url: &self.sign_in_link(&code),
            };
            self.write_notice(&mut tx, &invitation.email, words).await?;
        }
        let detail = json!({"role": invitation.access.role.as_str(), "tenant": invitation.access.tenant});
        let subject = invitation.id.to_string();
        self.audited(tx, actor, "invitation.create", subject, Some(detail))
            .await?;
        self.lanes.fire();
        Ok(FreshInvitation {
            invitation,
            code,
            mailed,
        })
    }

    /// Takes an invitation back.
    pub async fn uninvite(&self, actor: Actor, env: Env, id: InvitationId) -> Result<()> {
        let mut tx = self.write(env).await?;
        if !store::invitation::delete(&mut tx, id).await? {
            return Err(Error::NotFound("invitation"));
        }
        self.audited(tx, actor, "invitation.delete", id.to_string(), None)
            .await
    }

    /// Gives who was invited what they were invited to, and an account where they have none.
    pub(crate) async fn accept(&self, tx: &mut Tx, hash: &[u8; 32], now: i64) -> Result<Option<Account>> {
        let Some(invitation) = store::invitation::accept(tx, hash, now).await? else {
            return Ok(None);
        };
        let account = self.account_of(tx, &invitation.email, now).await?;
        store::account::give(tx, invitation.env, account.id, &invitation.access, now).await?;
        Ok(Some(account))
    }

    /// The account of a mail address, made where there is none.
    async fn account_of(&self, tx: &mut Tx, email: &str, now: i64) -> Result<Account> {
        let made = Account {
            id: self.ids().fresh(),
            email: Some(email.to_owned()),
            name: None,
            is_operator: false,
            created_at: now,
            seen_at: None,
        };
        if store::account::insert(tx, &made).await? {
            return Ok(made);
        }
        let known = store::account::by_email(tx, email).await?;
        known.ok_or(Error::NotFound("account"))
    }

    /// Gives somebody of the team another role in the whole environment.
    pub async fn change_role(&self, actor: Actor, env: Env, account: AccountId, role: Role) -> Result<()> {
        let access = Access { role, tenant: None };
        let mut faults = Faults::default();
        faults.require(
            role != Role::TenantAdmin,
            "/role",
            "unfitting",
            "an admin of a tenant is invited for it",
        );
        faults.finish().map_err(Error::Invalid)?;
        let mut tx = self.store.write_all().await?;
        let given = store::account::given(&mut tx, account).await?;
        if !given.iter().any(|given| given.env == env) {
            return Err(Error::NotFound("account"));
        }
        store::account::give(&mut tx, env, account, &access, self.now()).await?;
        self.note(
            tx,
            actor,
            env,
            "team.update",
            account,
            Some(json!({"role": role.as_str()})),
        )
        .await
    }

    /// Takes everything from somebody that they may do in an environment; obeyed with their next call.
    pub async fn dismiss(&self, actor: Actor, env: Env, account: AccountId) -> Result<()> {
        let mut tx = self.store.write_all().await?;
        if !store::account::take(&mut tx, env, account).await? {
            return Err(Error::NotFound("account"));
        }
        self.note(tx, actor, env, "team.delete", account, None).await
    }
}
