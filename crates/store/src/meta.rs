//! Facts about the database itself.

use crate::error::Result;
use crate::{Tx, on};

/// Keeps a value under a name that has none yet, and answers the one that is kept.
pub async fn keep(tx: &mut Tx, name: &str, value: &str) -> Result<String> {
    Ok(on!(&mut tx.conn, |c| {
        sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(value)
            .execute(&mut *c)
            .await?;
        sqlx::query_scalar("SELECT value FROM meta WHERE name = $1")
            .bind(name)
            .fetch_one(c)
            .await?
    }))
}
