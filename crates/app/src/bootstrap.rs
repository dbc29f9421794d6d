//! A new install: its first environment, and the key that a container names.

use domain::effects::Actor;
use domain::environment::{Env, Settings};
use domain::id::EnvironmentId;
use store::key::{Key, Kind};

use crate::auth::{hint, sha256};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::keys::new_token_secret;
use crate::snapshot::token_secret_place;
use crate::write::{hex, unhex};

/// The environment a new install has.
pub const DEFAULT: &str = "default";

/// Where the secret that tells master keys apart is kept, and what it says.
const SEAL: (&str, &str) = ("seal", "the secrets in this database open");

impl Ctx {
    /// Refuses a master key that is not the one this database's secrets are sealed with. The first to come decides.
    pub async fn check_master_key(&self) -> Result<()> {
        let (place, words) = SEAL;
        let sealed = hex(&self.cipher.seal(place, words.as_bytes())?);
        let mut tx = self.store.write_all().await?;
        let kept = store::meta::keep(&mut tx, place, &sealed).await?;
        tx.commit().await?;
        let opened = unhex(&kept).and_then(|kept| self.cipher.open(place, &kept).ok());
        if opened.as_deref() == Some(words.as_bytes()) {
            return Ok(());
        }
        let detail = "the secrets in this database are sealed with another master key: give every node the same one, \
                      as secrets.key or secrets.key_file";
        Err(Error::Conflict {
            code: "master_key",
            detail: detail.into(),
        })
    }

    /// Makes the environment `default` where there is none.
    pub async fn ensure_default(&self) -> Result<Env> {
        match self.find_environment(DEFAULT).await? {
            Some(env) => Ok(env),
            None => match self
                .create_environment(DEFAULT, self.limits.environment.clone())
                .await
            {
                // Another node was quicker.
                Err(Error::Conflict { .. }) => self
                    .find_environment(DEFAULT)
                    .await?
                    .ok_or(Error::NotFound("environment")),
                other => other,
            },
        }
    }

    /// The environment of a name or id.
    pub async fn find_environment(&self, name: &str) -> Result<Option<Env>> {
        let all = store::environment::list(&mut *self.store.read_all().await?).await?;
        Ok(all
            .into_iter()
            .find(|found| found.name == name || found.id.to_string() == name)
            .map(|found| found.env))
    }

    /// Makes an environment.
    pub async fn create_environment(&self, name: &str, settings: Settings) -> Result<Env> {
        let mut faults = domain::text::Faults::default();
        faults.line("/name", name, 100);
        faults.finish().map_err(Error::Invalid)?;
        self.check_master_key().await?;
        let id: EnvironmentId = self.ids().fresh();
        let secret = self
            .cipher
            .seal(&token_secret_place(&id), new_token_secret().as_bytes())?;
        let mut tx = self.store.change_all().await?;
        if !store::environment::insert(&mut tx, id, name, &settings, &secret, self.now()).await? {
            return Err(Error::Conflict {
                code: "name_taken",
                detail: "another environment has this name".into(),
            });
        }
        tx.commit().await?;
        self.find_environment(name)
            .await?
            .ok_or(Error::NotFound("environment"))
    }

    /// Makes `text` a secret key of an environment; nothing when it is one already.
    pub async fn ensure_key(&self, env: Env, text: &str) -> Result<()> {
        let well_formed = text.strip_prefix("sk_").is_some_and(|rest| {
            (8..=256).contains(&rest.len())
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        });
        if !well_formed {
            return Err(Error::invalid(
                "",
                "format",
                "the bootstrap key must begin with sk_ and go on with 8 to 256 letters, digits, underscores or hyphens",
            ));
        }
        let hash = sha256(text.as_bytes());
        if self.key_of(hash).await?.is_some() {
            return Ok(());
        }
        let id = self.ids().fresh();
        let key = Key {
            id,
            env,
            kind: Kind::Secret,
            app: None,
            hint: hint(text),
            name: Some("bootstrap".into()),
            created_at: self.now(),
            expires_at: None,
            revoked_at: None,
        };
        let mut tx = self.write(env).await?;
        if store::key::insert(&mut tx, &key, &hash).await? {
            self.audit(&mut tx, Actor::Operator, "key.create", id.to_string(), None)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}
