//! The channels of an environment that were set up: who carries them, and how.

use domain::channel::Channel;
use domain::effects::Part;
use domain::environment::Env;
use domain::id::{ChannelId, Prefixed};

use crate::error::{Error, Result};
use crate::{Change, Conn, app, on, version};

/// A channel as it is kept; what its providers need in secret is encrypted.
#[derive(Debug, Clone)]
pub struct ChannelRow {
    /// Its id, which is the destination of what goes through it.
    pub id: ChannelId,
    /// Environment.
    pub env: Env,
    /// Which one.
    pub channel: Channel,
    /// Its settings without secrets, as JSON.
    pub settings: String,
    /// The secrets, encrypted.
    pub secrets: Vec<u8>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub updated_at: i64,
}

/// Id, environment, channel, settings, secrets, times.
type Row = (String, i64, String, String, Vec<u8>, i64, i64);

fn read((id, env, channel, settings, secrets, created_at, updated_at): Row) -> Result<ChannelRow> {
    Ok(ChannelRow {
        id: app::id(&id)?,
        env: Env(env),
        channel: Channel::from_word(&channel).ok_or_else(|| Error::corrupt("channel", &channel))?,
        settings,
        secrets,
        created_at,
        updated_at,
    })
}

const SELECT: &str =
    "SELECT id, environment, channel, settings, secrets, created_at, updated_at FROM channels";

/// Writes a channel whole, new or not.
pub async fn put(tx: &mut Change, row: &ChannelRow) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO channels (id, environment, channel, settings, secrets, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (id) DO UPDATE SET settings = $4, secrets = $5, updated_at = $7",
        )
        .bind(row.id.bare())
        .bind(row.env.0)
        .bind(row.channel.as_str())
        .bind(row.settings.as_str())
        .bind(row.secrets.as_slice())
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(c)
        .await?;
    });
    version::bump(tx, Part::Environment).await
}

/// Every channel of an environment.
pub async fn all(conn: &mut Conn, env: Env) -> Result<Vec<ChannelRow>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE environment = $1 ORDER BY channel"));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql).bind(env.0).fetch_all(c).await?);
    rows.into_iter().map(read).collect()
}

/// One channel of an environment.
pub async fn get(conn: &mut Conn, env: Env, channel: Channel) -> Result<Option<ChannelRow>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE environment = $1 AND channel = $2"));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(channel.as_str())
        .fetch_optional(c)
        .await?);
    row.map(read).transpose()
}

/// A channel, by id alone: for the engine, which has it from a delivery.
pub async fn find(conn: &mut Conn, id: ChannelId) -> Result<Option<ChannelRow>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1"));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    row.map(read).transpose()
}

/// Forgets a channel; `false` when it was not set up.
pub async fn delete(tx: &mut Change, channel: Channel) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM channels WHERE environment = $1 AND channel = $2")
            .bind(env.0)
            .bind(channel.as_str())
            .execute(c)
            .await?
            .rows_affected()
    });
    version::bump(tx, Part::Environment).await?;
    Ok(rows > 0)
}
