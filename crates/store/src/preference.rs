//! Preferences: a document for the environment, a tenant, a user, a user in a tenant.

use domain::environment::Env;

use crate::conn::answered;
use crate::error::Result;
use crate::{Conn, Tx, on};

/// Whose preferences. Empty is everybody's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whose<'a> {
    /// Of this tenant.
    pub tenant: &'a str,
    /// Of this user.
    pub user: &'a str,
}

/// Writes a document whole.
pub async fn put(tx: &mut Tx, whose: Whose<'_>, document: &str, now: i64) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO preferences (environment, tenant, user_id, document, updated_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (environment, tenant, user_id) DO UPDATE SET document = $4, updated_at = $5",
        )
        .bind(env.0)
        .bind(whose.tenant)
        .bind(whose.user)
        .bind(document)
        .bind(now)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Waits until nobody else changes what a user prefers, and keeps them out until the transaction ends: what is read now is not written over.
pub async fn lock(tx: &mut Tx, user: &str) -> Result<()> {
    let name = format!("preferences {} {user}", tx.env().0);
    if let Conn::Postgres(c) = &mut tx.conn {
        let lock = sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(name);
        answered(async { Ok(lock.execute(&mut **c).await?) }).await?;
    }
    Ok(())
}

/// One document.
pub async fn get(conn: &mut Conn, env: Env, whose: Whose<'_>) -> Result<Option<String>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT document FROM preferences WHERE environment = $1 AND tenant = $2 AND user_id = $3",
        )
        .bind(env.0)
        .bind(whose.tenant)
        .bind(whose.user)
        .fetch_optional(c)
        .await?
    }))
}

/// Tenant, user, document.
pub type Document = (String, String, String);

/// Everything that says something of these users: the environment's, the tenant's, their own, and their own for that tenant.
pub async fn of(conn: &mut Conn, env: Env, tenant: Option<&str>, users: &[String]) -> Result<Vec<Document>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT tenant, user_id, document FROM preferences
         WHERE environment = $1 AND tenant IN ('', $2) AND (user_id = '' OR user_id {})",
        conn.among("$3")
    ));
    let list = serde_json::to_string(users).unwrap_or_default();
    Ok(on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(tenant.unwrap_or_default())
        .bind(list)
        .fetch_all(c)
        .await?))
}
