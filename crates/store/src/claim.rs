//! Keys that may be used once, outside the group commit: the `Idempotency-Key` of a call that creates configuration.

use domain::effects::Claim;
use domain::environment::Env;

use crate::error::{Error, Result};
use crate::{Conn, Tx, on};

/// What a key was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody used it: it is ours now.
    Fresh,
    /// Somebody used it before.
    Used {
        /// Whether their request was the same.
        same: bool,
        /// What they were answered; empty while that is not known yet.
        answer: String,
    },
}

/// What a key was found to be, without taking it: a live one that was used, or `Fresh`.
pub async fn look(conn: &mut Conn, env: Env, claim: &Claim, now: i64) -> Result<Claimed> {
    let used: Option<(Vec<u8>, String)> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT hash, answer FROM claims WHERE environment = $1 AND scope = $2 AND key = $3 AND expires_at > $4",
        )
        .bind(env.0)
        .bind(claim.scope.as_str())
        .bind(claim.key.as_str())
        .bind(now)
        .fetch_optional(c)
        .await?
    });
    Ok(used.map_or(Claimed::Fresh, |(hash, answer)| Claimed::Used {
        same: hash == claim.hash,
        answer,
    }))
}

/// Takes a key, in the transaction of the work it stands for.
pub async fn take(tx: &mut Tx, claim: &Claim, now: i64) -> Result<Claimed> {
    let env = tx.env();
    let taken = on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO claims (environment, scope, key, hash, answer, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (environment, scope, key) DO UPDATE SET hash = $4, answer = $5, expires_at = $6
             WHERE claims.expires_at <= $7",
        )
        .bind(env.0)
        .bind(claim.scope.as_str())
        .bind(claim.key.as_str())
        .bind(claim.hash.as_slice())
        .bind(claim.answer.as_str())
        .bind(claim.expires_at)
        .bind(now)
        .execute(c)
        .await?
        .rows_affected()
    });
    if taken == 1 {
        return Ok(Claimed::Fresh);
    }
    match look(tx, env, claim, now).await? {
        // Over since it stood in the way: whoever took it is not known any more, and it is not ours.
        Claimed::Fresh => Err(Error::Unavailable("the key ended just now; try again".into())),
        used @ Claimed::Used { .. } => Ok(used),
    }
}

/// Writes what the next caller with this key is answered.
pub async fn answer(tx: &mut Tx, scope: &str, key: &str, answer: &str) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query("UPDATE claims SET answer = $4 WHERE environment = $1 AND scope = $2 AND key = $3")
            .bind(env.0)
            .bind(scope)
            .bind(key)
            .bind(answer)
            .execute(c)
            .await?;
    });
    Ok(())
}
