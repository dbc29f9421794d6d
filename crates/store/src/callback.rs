//! Callbacks: what providers told of deliveries afterwards.

use domain::callback::Aftermath;
use domain::environment::Env;
use domain::id::{DeliveryId, Prefixed};

use crate::error::Result;
use crate::{Conn, Tx, on};

/// What a provider told.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Callback {
    /// What became of it, in a word.
    pub aftermath: String,
    /// Why, in the provider's words.
    pub detail: Option<String>,
    /// When it was told, milliseconds since the Unix epoch.
    pub created_at: i64,
}

/// Notes a callback; `false` when the one of this id was noted before.
pub async fn insert(
    tx: &mut Tx,
    delivery: DeliveryId,
    (id, aftermath, detail): (&str, Aftermath, Option<&str>),
    now: i64,
) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO callbacks (environment, delivery, id, aftermath, detail, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (environment, delivery, id) DO NOTHING",
        )
        .bind(env.0)
        .bind(delivery.bare())
        .bind(id)
        .bind(aftermath.as_str())
        .bind(detail)
        .bind(now)
        .execute(c)
        .await?
        .rows_affected()
    });
    Ok(rows > 0)
}

/// What was told of a delivery, in the order in which it came.
pub async fn of(conn: &mut Conn, env: Env, delivery: DeliveryId) -> Result<Vec<Callback>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT aftermath, detail, created_at FROM callbacks WHERE environment = $1 AND delivery = $2 ORDER BY created_at, id",
        )
        .bind(env.0)
        .bind(delivery.bare())
        .fetch_all(c)
        .await?
    }))
}
