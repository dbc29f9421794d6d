//! Writing configuration: one transaction, one audit line, once for an `Idempotency-Key`.

use domain::effects::{Actor, AuditEntry, Claim, NewTimer, TimerKind};
use domain::environment::Env;
use domain::id::EndpointId;
use serde::Serialize;
use store::Tx;
use store::claim::{self, Claimed};

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Milliseconds that a key used once is remembered: 24 hours.
pub(crate) const REMEMBERED: i64 = 24 * 3_600_000;

/// A caller's wish that a call be done once.
#[derive(Debug, Clone)]
pub struct Once {
    /// Whose key and for which route: keys of different scopes never meet.
    pub scope: String,
    /// The `Idempotency-Key`.
    pub key: String,
    /// SHA-256 of the request.
    pub hash: [u8; 32],
}

impl Once {
    /// As a claim that is answered with `answer`.
    pub fn claim(&self, answer: String, now: i64) -> Claim {
        Claim {
            scope: self.scope.clone(),
            key: self.key.clone(),
            hash: self.hash,
            answer,
            expires_at: now + REMEMBERED,
        }
    }
}

/// Takes the key in the transaction of the work; `Some` is what the first caller was answered.
pub(crate) async fn once(tx: &mut Tx, once: Option<&Once>, now: i64) -> Result<Option<String>> {
    let Some(once) = once else { return Ok(None) };
    first(claim::take(tx, &once.claim(String::new(), now), now).await?)
}

fn first(claimed: Claimed) -> Result<Option<String>> {
    match claimed {
        Claimed::Fresh => Ok(None),
        Claimed::Used { same: true, answer } => Ok(Some(answer)),
        Claimed::Used { same: false, .. } => Err(Error::key_reused()),
    }
}

/// Notes what the next caller with the key is answered.
pub(crate) async fn answered(tx: &mut Tx, once: Option<&Once>, answer: &str) -> Result<()> {
    if let Some(once) = once {
        claim::answer(tx, &once.scope, &once.key, answer).await?;
    }
    Ok(())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

fn place(once: &Once) -> String {
    format!("claims/{}/{}", once.scope, once.key)
}

impl Ctx {
    /// Notes a secret that the next caller with the key is answered; it is kept encrypted, and no longer than the key.
    pub(crate) async fn answered_secret(&self, tx: &mut Tx, key: Option<&Once>, secret: &str) -> Result<()> {
        let Some(once) = key else { return Ok(()) };
        let sealed = self.cipher.seal(&place(once), secret.as_bytes())?;
        answered(tx, key, &hex(&sealed)).await
    }

    /// The secret that the first caller with the key was answered.
    pub(crate) fn first_secret(&self, once: &Once, answer: &str) -> Result<String> {
        let broken = || Error::Internal("a kept answer is not a sealed secret".into());
        let secret = self
            .cipher
            .open(&place(once), &unhex(answer).ok_or_else(broken)?)?;
        String::from_utf8(secret).map_err(|_| broken())
    }

    /// What the first caller with the key was answered. Asked before anything is checked that may have changed since; the key itself is taken
    /// with the work.
    pub(crate) async fn first_answer(&self, env: Env, key: Option<&Once>) -> Result<Option<String>> {
        let Some(once) = key else { return Ok(None) };
        let (mut reader, now) = (self.store.read(env).await?, self.now());
        first(claim::look(&mut reader, env, &once.claim(String::new(), now), now).await?)
    }

    /// Opens a write transaction in a caller's environment.
    pub(crate) async fn write(&self, env: Env) -> Result<Tx> {
        Ok(self.store.write(env).await?)
    }

    /// Starts a timer that is due now, in the transaction of the fact that causes it.
    pub(crate) async fn start(
        &self,
        tx: &mut Tx,
        kind: TimerKind,
        subject: &EndpointId,
        state: &impl Serialize,
    ) -> Result<()> {
        let now = self.now();
        let timer = NewTimer {
            id: self.ids().fresh(),
            kind,
            subject: subject.to_string(),
            state: serde_json::to_string(state).map_err(|error| Error::Internal(error.to_string()))?,
            due_at: now,
        };
        Ok(store::timer::insert(tx, &timer, now).await?)
    }

    /// Writes an audit line.
    pub(crate) async fn audit(
        &self,
        tx: &mut Tx,
        actor: Actor,
        action: &'static str,
        subject: impl Into<String>,
        detail: Option<serde_json::Value>,
    ) -> Result<()> {
        let entry = AuditEntry {
            id: self.ids().fresh(),
            actor,
            action,
            subject: subject.into(),
            detail: detail.map(|detail| detail.to_string()),
            origin: crate::origin::current(),
        };
        Ok(store::audit::insert(tx, &entry, self.now()).await?)
    }

    /// Commits, with an audit line of who did what.
    pub(crate) async fn audited(
        &self,
        tx: impl Into<Tx>,
        actor: Actor,
        action: &'static str,
        subject: impl Into<String>,
        detail: Option<serde_json::Value>,
    ) -> Result<()> {
        let mut tx = tx.into();
        self.audit(&mut tx, actor, action, subject, detail).await?;
        Ok(tx.commit().await?)
    }
}

impl Ctx {
    /// Commits what was written above the environments, with an audit line in the one it is about.
    pub(crate) async fn note(
        &self,
        tx: Tx,
        actor: Actor,
        env: Env,
        action: &'static str,
        subject: impl std::fmt::Display,
        detail: Option<serde_json::Value>,
    ) -> Result<()> {
        self.audited(tx.within(env), actor, action, subject.to_string(), detail)
            .await
    }
}

/// A caller's environment, when they may manage it.
pub(crate) fn managed(caller: &Caller) -> Result<Env> {
    match caller {
        Caller::Environment { env, .. } => Ok(*env),
        _ => Err(Error::Forbidden("this needs an environment key (sk_)".into())),
    }
}
