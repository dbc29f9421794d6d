//! API keys and the public keys that user tokens are signed with.

use domain::effects::{Actor, Part};
use domain::environment::Env;
use domain::id::{AppId, KeyId, TokenKeyId};
use domain::text::Faults;
use domain::token::{Algorithm, PublicKey};
use store::key::{Key, Kind, TokenKey};

use crate::auth::{Caller, new_key, sha256};
use crate::ctx::{Ctx, random};
use crate::error::{Error, Result};
use crate::snapshot::token_secret_place;
use crate::write::{Once, answered, managed, once};

/// A key that was just made: the only time its text is known.
#[derive(Debug, Clone)]
pub struct FreshKey {
    /// What is kept of it.
    pub key: Key,
    /// What its owner must keep.
    pub text: String,
}

/// Most seconds a key may be made for: ten years.
const LONGEST: i64 = 315_360_000;

impl Ctx {
    /// Makes a key: for an application, or with `None` for the environment itself.
    pub async fn create_key(
        &self,
        actor: Actor,
        place: (Env, Option<AppId>),
        kind: Kind,
        name: Option<String>,
        expires_in: Option<i64>,
    ) -> Result<FreshKey> {
        self.create_key_once(actor, place, kind, name, expires_in, None)
            .await
    }

    /// Makes a key, once for an `Idempotency-Key`: the second call is answered the same text.
    pub async fn create_key_once(
        &self,
        actor: Actor,
        (env, app): (Env, Option<AppId>),
        kind: Kind,
        name: Option<String>,
        expires_in: Option<i64>,
        key: Option<&Once>,
    ) -> Result<FreshKey> {
        let mut faults = Faults::default();
        if let Some(name) = &name {
            faults.line("/name", name, 200);
        }
        faults.require(
            expires_in.is_none_or(|seconds| (1..=LONGEST).contains(&seconds)),
            "/expires_in",
            "range",
            "must be 1 second to 10 years",
        );
        faults.finish().map_err(Error::Invalid)?;
        let now = self.now();
        let id = self.ids().fresh();
        let (text, hint, hash) = new_key(kind, id);
        let expires_at = expires_in.map(|seconds| now + seconds * 1_000);
        let made = Key {
            id,
            env,
            kind,
            app,
            hint,
            name,
            created_at: now,
            expires_at,
            revoked_at: None,
        };
        let mut tx = self.write(env).await?;
        if let (Some(first), Some(key)) = (once(&mut tx, key, now).await?, key) {
            let text = self.first_secret(key, &first)?;
            let found = store::key::find(&mut tx, &sha256(text.as_bytes())).await?;
            return found
                .map(|key| FreshKey { key, text })
                .ok_or(Error::NotFound("key"));
        }
        store::key::insert(&mut tx, &made, &hash).await?;
        self.answered_secret(&mut tx, key, &text).await?;
        self.audited(tx, actor, "key.create", id.to_string(), None)
            .await?;
        Ok(FreshKey { key: made, text })
    }

    /// Revokes a key: obeyed at once here, and within two seconds on every other node.
    pub async fn revoke_key(&self, actor: Actor, (env, app): (Env, Option<AppId>), id: KeyId) -> Result<()> {
        let mut tx = self.store.change(env).await?;
        if !store::key::revoke(&mut tx, app, id, self.now()).await? {
            return Err(Error::NotFound("key"));
        }
        self.audited(tx, actor, "key.revoke", id.to_string(), None)
            .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(())
    }

    /// Registers a public key of the host product.
    pub async fn create_token_key(
        &self,
        caller: &Caller,
        algorithm: &str,
        pem: String,
        name: Option<String>,
        key: Option<&Once>,
    ) -> Result<TokenKey> {
        let env = managed(caller)?;
        let mut faults = Faults::default();
        faults.text("/public_key", &pem, 16_384);
        if let Some(name) = &name {
            faults.line("/name", name, 200);
        }
        faults.finish().map_err(Error::Invalid)?;
        let parsed = Algorithm::parse(algorithm).filter(|algorithm| *algorithm != Algorithm::Hs256);
        let Some(parsed) = parsed else {
            return Err(Error::invalid("/algorithm", "unknown", "must be RS256 or EdDSA"));
        };
        PublicKey::parse(parsed, &pem)
            .map_err(|error| Error::invalid("/public_key", "format", error.to_string()))?;
        let made = TokenKey {
            id: self.ids().fresh(),
            env,
            algorithm: parsed.name().to_owned(),
            public_key: pem,
            name,
            created_at: self.now(),
        };
        let mut tx = self.store.change(env).await?;
        if let Some(first) = once(&mut tx, key, made.created_at).await? {
            let mut all = store::key::token_keys(&mut tx, env).await?.into_iter();
            return all
                .find(|found| found.id.to_string() == first)
                .ok_or(Error::NotFound("token key"));
        }
        store::key::insert_token_key(&mut tx, &made).await?;
        answered(&mut tx, key, &made.id.to_string()).await?;
        self.audited(tx, caller.actor(), "token_key.create", made.id.to_string(), None)
            .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(made)
    }

    /// Forgets a public key: tokens signed with it count no more.
    pub async fn delete_token_key(&self, caller: &Caller, id: TokenKeyId) -> Result<()> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        if !store::key::delete_token_key(&mut tx, id).await? {
            return Err(Error::NotFound("token key"));
        }
        self.audited(tx, caller.actor(), "token_key.delete", id.to_string(), None)
            .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(())
    }

    /// Puts a new token secret in force and answers it, once. The one before counts until the next rotation.
    pub async fn rotate_token_secret(&self, caller: &Caller, key: Option<&Once>) -> Result<String> {
        let env = managed(caller)?;
        let environment = self.environment(env).await?;
        let secret = new_token_secret();
        let sealed = self
            .cipher
            .seal(&token_secret_place(&environment.id), secret.as_bytes())?;
        let mut tx = self.store.change(env).await?;
        if let (Some(key), Some(first)) = (key, once(&mut tx, key, self.now()).await?) {
            return self.first_secret(key, &first);
        }
        store::environment::update_token_secret(&mut tx, &sealed).await?;
        self.audit(
            &mut tx,
            caller.actor(),
            "token_secret.rotate",
            environment.id.to_string(),
            None,
        )
        .await?;
        self.answered_secret(&mut tx, key, &secret).await?;
        tx.commit().await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(secret)
    }
}

/// Sixty-four hexadecimal digits. Their text is the key of the HMAC, as JWT libraries expect.
pub(crate) fn new_token_secret() -> String {
    use std::fmt::Write;
    random::<32>()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
