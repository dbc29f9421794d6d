//! The portal: what a tenant's admins or an application's owners set up themselves, opened by a token for a while.

use domain::access::Door;
use domain::effects::Actor;
use domain::environment::Env;
use domain::id::PortalTokenId;
use serde_json::json;
use store::portal::PortalToken;

use crate::account::secret;
use crate::auth::{Caller, sha256};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::write::{Once, once};

/// Seconds that a token opens when none are named: an hour.
const LIFETIME: i64 = 3_600;
/// Most seconds: a week.
const LONGEST: i64 = 7 * 86_400;
/// What a token begins with.
pub(crate) const PREFIX: &str = "pt";

/// A token that was just made: the only time its text is known.
#[derive(Debug, Clone)]
pub struct FreshPortalToken {
    /// What is kept of it.
    pub token: PortalToken,
    /// What its bearer shows.
    pub text: String,
}

impl Ctx {
    /// Makes a token that opens a portal.
    pub async fn open_portal(
        &self,
        actor: Actor,
        env: Env,
        door: Door,
        read_only: bool,
        expires_in: Option<i64>,
        key: Option<&Once>,
    ) -> Result<FreshPortalToken> {
        let lifetime = expires_in.unwrap_or(LIFETIME);
        if !(1..=LONGEST).contains(&lifetime) {
            return Err(Error::invalid(
                "/expires_in",
                "range",
                "must be 1 second to 7 days",
            ));
        }
        let now = self.now();
        let (text, hash) = secret(PREFIX);
        let token = PortalToken {
            id: self.ids().fresh(),
            env,
            door,
            read_only,
            created_at: now,
            expires_at: now + lifetime * 1_000,
        };
        let mut tx = self.write(env).await?;
        if let (Some(first), Some(key)) = (once(&mut tx, key, now).await?, key) {
            let text = self.first_secret(key, &first)?;
            let found = store::portal::find(&mut tx, &sha256(text.as_bytes())).await?;
            return found
                .map(|token| FreshPortalToken { token, text })
                .ok_or(Error::NotFound("portal token"));
        }
        store::portal::insert(&mut tx, &token, &hash).await?;
        self.answered_secret(&mut tx, key, &text).await?;
        let detail = match &token.door {
            Door::Tenant(tenant) => json!({"tenant": tenant, "read_only": read_only}),
            Door::App(app) => json!({"app": app, "read_only": read_only}),
        };
        self.audited(tx, actor, "portal.open", token.id.to_string(), Some(detail))
            .await?;
        Ok(FreshPortalToken { token, text })
    }

    /// Revokes a token; obeyed with its next call.
    pub async fn close_portal(&self, actor: Actor, env: Env, id: PortalTokenId) -> Result<()> {
        let mut tx = self.write(env).await?;
        if !store::portal::delete(&mut tx, id).await? {
            return Err(Error::NotFound("portal token"));
        }
        self.audited(tx, actor, "portal.close", id.to_string(), None)
            .await
    }

    /// Whoever shows a portal token. It is looked up each time: a portal is used by people, and a revoked token opens nothing at once.
    pub(crate) async fn portal_caller(&self, text: &str) -> Result<Caller> {
        let refused = |code, detail: &str| Error::Unauthenticated {
            code,
            detail: detail.into(),
        };
        let mut reader = self.store.read_all().await?;
        let found = store::portal::find(&mut reader, &sha256(text.as_bytes())).await?;
        let token = found.ok_or_else(|| refused("portal_token_unknown", "this portal token is not known"))?;
        if token.expires_at <= self.now() {
            return Err(refused("portal_token_expired", "this portal token has expired"));
        }
        Ok(Caller::Portal {
            env: token.env,
            by: Actor::Portal(token.id),
            door: token.door,
            read_only: token.read_only,
            expires_at: Some(token.expires_at),
        })
    }
}
