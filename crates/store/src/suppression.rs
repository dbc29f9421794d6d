//! Suppressions: addresses that get nothing any more.

use domain::callback::{Suppressed, compared};
use domain::channel::Channel;
use domain::environment::Env;
use domain::id::{DeliveryId, Prefixed};

use crate::error::{Error, Result};
use crate::{Conn, Page, Tx, app, on};

/// An address that gets nothing any more.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// The channel it is an address of.
    pub channel: Channel,
    /// The address, as it is compared.
    pub address: String,
    /// Why.
    pub why: String,
    /// The delivery that showed it.
    pub delivery: Option<DeliveryId>,
    /// Since when, milliseconds since the Unix epoch.
    pub created_at: i64,
}

/// Suppresses an address; one that is suppressed stays so for the reason it was. `true` when it was not before.
pub async fn put(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
    why: Suppressed,
    delivery: Option<DeliveryId>,
    now: i64,
) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO suppressions (environment, channel, address, why, delivery, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (environment, channel, address) DO NOTHING",
        )
        .bind(env.0)
        .bind(channel as i16)
        .bind(compared(address))
        .bind(why.as_str())
        .bind(delivery.as_ref().map(Prefixed::bare))
        .bind(now)
        .execute(c)
        .await?
        .rows_affected()
    });
    Ok(rows > 0)
}

/// Lets an address get something again; `false` when it is not suppressed.
pub async fn delete(tx: &mut Tx, channel: Channel, address: &str) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM suppressions WHERE environment = $1 AND channel = $2 AND address = $3")
            .bind(env.0)
            .bind(channel as i16)
            .bind(compared(address))
            .execute(c)
            .await?
            .rows_affected()
    });
    Ok(rows > 0)
}

/// Of these addresses, as they are compared, those that are suppressed.
pub async fn among(conn: &mut Conn, env: Env, channel: Channel, addresses: &[String]) -> Result<Vec<String>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT address FROM suppressions WHERE environment = $1 AND channel = $2 AND address {}",
        conn.among("$3")
    ));
    let list = serde_json::json!(addresses).to_string();
    Ok(on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(channel as i16)
        .bind(list)
        .fetch_all(c)
        .await?))
}

/// Channel, address, why, delivery, time.
type Row = (i16, String, String, Option<String>, i64);

fn read((channel, address, why, delivery, created_at): Row) -> Result<Suppression> {
    Ok(Suppression {
        channel: Channel::from_number(channel)
            .ok_or_else(|| Error::corrupt("channel of suppression", &channel.to_string()))?,
        address,
        why,
        delivery: delivery.as_deref().map(app::id).transpose()?,
        created_at,
    })
}

/// The suppressed addresses of a channel, by address.
pub async fn list(conn: &mut Conn, env: Env, channel: Channel, page: &Page) -> Result<Vec<Suppression>> {
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT channel, address, why, delivery, created_at FROM suppressions
             WHERE environment = $1 AND channel = $2 AND ($3 IS NULL OR address > $3) ORDER BY address LIMIT $4",
        )
        .bind(env.0)
        .bind(channel as i16)
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?
    });
    rows.into_iter().map(read).collect()
}

/// Whether an address gets nothing any more. What goes to none is not held up.
pub async fn holds(conn: &mut Conn, env: Env, channel: Channel, address: Option<&str>) -> Result<bool> {
    match address {
        Some(address) => Ok(get(conn, env, channel, address).await?.is_some()),
        None => Ok(false),
    }
}

/// One suppressed address.
pub async fn get(conn: &mut Conn, env: Env, channel: Channel, address: &str) -> Result<Option<Suppression>> {
    let row: Option<Row> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT channel, address, why, delivery, created_at FROM suppressions
             WHERE environment = $1 AND channel = $2 AND address = $3",
        )
        .bind(env.0)
        .bind(channel as i16)
        .bind(compared(address))
        .fetch_optional(c)
        .await?
    });
    row.map(read).transpose()
}
