//! Who is calling: keys and user tokens.

use std::sync::Arc;

use domain::access::{Door, Role};
use domain::effects::Actor;
use domain::environment::Env;
use domain::id::{AppId, KeyId, Prefixed};
use domain::token::{self, Claims, TokenHeader};
use sha2::{Digest, Sha256};
use store::key::Kind;

use crate::ctx::{Ctx, random};
use crate::error::{Error, Result};

/// A caller who proved who they are.
#[derive(Debug, Clone)]
pub enum Caller {
    /// An environment's key, or somebody of its team: may do what any application may, and manage.
    Environment {
        /// Environment.
        env: Env,
        /// Who.
        by: Actor,
        /// What they may do; a key may do what an operator may.
        role: Role,
        /// When the credentials end, milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
    /// An application's key.
    Application {
        /// Environment.
        env: Env,
        /// The application.
        app: AppId,
        /// The key.
        key: KeyId,
        /// When it ends, milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
    /// A user, by a token.
    User {
        /// Environment.
        env: Env,
        /// What the token says.
        claims: Arc<Claims>,
        /// When the token ends, or the public key beside it; milliseconds since the Unix epoch.
        expires_at: i64,
    },
    /// Whoever looks after a tenant's channels and webhooks or an application's webhooks, and sees nothing else: by a portal token, or as somebody
    /// of the team.
    Portal {
        /// Environment.
        env: Env,
        /// Who.
        by: Actor,
        /// What is open to them.
        door: Door,
        /// Whether they only look.
        read_only: bool,
        /// When the credentials end, milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
}

impl Caller {
    /// The caller's environment.
    pub fn env(&self) -> Env {
        match self {
            Self::Environment { env, .. }
            | Self::Application { env, .. }
            | Self::User { env, .. }
            | Self::Portal { env, .. } => *env,
        }
    }

    /// When the credentials end, if they do; milliseconds since the Unix epoch.
    pub fn expires_at(&self) -> Option<i64> {
        match self {
            Self::Environment { expires_at, .. }
            | Self::Application { expires_at, .. }
            | Self::Portal { expires_at, .. } => *expires_at,
            Self::User { expires_at, .. } => Some(*expires_at),
        }
    }

    /// The caller as the audit log knows them.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Environment { by, .. } | Self::Portal { by, .. } => by.clone(),
            Self::Application { key, .. } => Actor::Key(*key),
            Self::User { claims, .. } => Actor::User(claims.sub.clone()),
        }
    }

    /// Whether they may change anything at all.
    pub fn may_change(&self) -> bool {
        match self {
            Self::Environment { role, .. } => role.may_change(),
            Self::Portal { read_only, .. } => !read_only,
            Self::Application { .. } | Self::User { .. } => true,
        }
    }
}

/// SHA-256, as keys are kept and found by.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Letters of a key behind its prefix that stay visible, to recognise it by.
const HINT: usize = 4;

/// A new key: what its owner is shown once, and what is kept of it.
pub fn new_key(kind: Kind, id: KeyId) -> (String, String, [u8; 32]) {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let prefix = prefix(kind);
    // Forty letters of 62 are 238 bits. A byte of 248 or more would favour some letters and is passed over.
    let mut secret = String::with_capacity(40);
    while secret.len() < 40 {
        for byte in random::<64>().into_iter().filter(|byte| *byte < 248) {
            if secret.len() < 40 {
                secret.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
    }
    let text = format!("{prefix}_{}_{secret}", &id.bare()[..8]);
    let hint = hint(&text);
    let hash = sha256(text.as_bytes());
    (text, hint, hash)
}

/// What a key is recognised by: its beginning and its end.
pub fn hint(key: &str) -> String {
    let end: String = key
        .chars()
        .rev()
        .take(HINT)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let begin: String = key.chars().take(3).collect();
    format!("{begin}…{end}")
}

/// The letters a kind of key begins with.
pub fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Secret => "sk",
        Kind::Application => "ak",
        Kind::Public => "pk",
    }
}

fn refused(code: &'static str, detail: impl Into<String>) -> Error {
    Error::Unauthenticated {
        code,
        detail: detail.into(),
    }
}

impl Ctx {
    /// Finds out who a bearer credential is. `public` is the public key that came beside a user token.
    pub async fn authenticate(&self, credential: &str, public: Option<&str>) -> Result<Caller> {
        if credential.starts_with("sk_") || credential.starts_with("ak_") {
            return self.key_caller(credential).await;
        }
        if credential.starts_with("pt_") {
            return self.portal_caller(credential).await;
        }
        if credential.starts_with("pk_") {
            return Err(refused(
                "key_public",
                "a public key opens nothing by itself; send a user token beside it",
            ));
        }
        self.token_caller(credential, public).await
    }

    /// A key that holds now.
    async fn living_key(&self, text: &str) -> Result<Arc<store::key::Key>> {
        if text.len() > 512 {
            return Err(refused("key_unknown", "this key is not known"));
        }
        let key = self.key_of(sha256(text.as_bytes())).await?;
        let key = key.ok_or_else(|| refused("key_unknown", "this key is not known"))?;
        if key.revoked_at.is_some() {
            return Err(refused("key_revoked", "this key was revoked"));
        }
        if key.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(refused("key_expired", "this key has expired"));
        }
        Ok(key)
    }

    async fn key_caller(&self, text: &str) -> Result<Caller> {
        let key = self.living_key(text).await?;
        match (key.kind, key.app) {
            (Kind::Secret, _) => Ok(Caller::Environment {
                env: key.env,
                by: Actor::Key(key.id),
                role: Role::Operator,
                expires_at: key.expires_at,
            }),
            (Kind::Application, Some(app)) => Ok(Caller::Application {
                env: key.env,
                app,
                key: key.id,
                expires_at: key.expires_at,
            }),
            _ => Err(refused("key_unknown", "this key is not known")),
        }
    }

    async fn token_caller(&self, token: &str, public: Option<&str>) -> Result<Caller> {
        let bad = |error: token::TokenError| refused(error.code(), error.to_string());
        let header = TokenHeader::peek(token).map_err(bad)?;
        let unknown = || {
            refused(
                "token_key_unknown",
                "this token is signed with a key that is not known",
            )
        };
        let env = self.environment_of_kid(&header.kid).await?.ok_or_else(unknown)?;
        let mut ends = i64::MAX;
        if let Some(public) = public {
            let key = self.living_key(public).await?;
            ends = key.expires_at.unwrap_or(ends);
            if key.kind != Kind::Public || key.env != env {
                return Err(refused(
                    "token_environment",
                    "the public key and the token belong to different environments",
                ));
            }
        }
        let environment = self.environment(env).await?;
        let claims =
            token::verify(token, &environment.keyring, self.now(), &self.limits.token).map_err(bad)?;
        Ok(Caller::User {
            env,
            expires_at: ends.min(claims.exp.saturating_mul(1_000)),
            claims: Arc::new(claims),
        })
    }

    /// Mints a token that speaks for a user. Lifetime in seconds.
    pub async fn mint_token(
        &self,
        env: Env,
        user: &str,
        tenant: Option<&str>,
        lifetime: Option<i64>,
    ) -> Result<(String, i64)> {
        let lifetime = lifetime.unwrap_or(self.limits.token_lifetime);
        let most = self.limits.token.max_lifetime_ms / 1_000;
        if lifetime < 1 || lifetime > most {
            return Err(Error::invalid(
                "/expires_in",
                "range",
                format!("must be 1 to {most} seconds"),
            ));
        }
        let environment = self.environment(env).await?;
        let claims = Claims::new(user, tenant, &environment.keyring, self.now(), lifetime)
            .map_err(|error| Error::invalid("/user", error.code(), error.to_string()))?;
        Ok((token::mint(&claims, &environment.keyring), claims.exp * 1_000))
    }
}
