//! Channel configs of tenants.

use domain::channel_config::ConfigKind;
use domain::environment::Env;
use domain::id::{ConfigId, Prefixed};

use crate::error::{Error, Result};
use crate::{Conn, Tx, app, on};

/// A config as it is kept; where it leads is encrypted.
#[derive(Debug, Clone)]
pub struct ConfigRow {
    /// Its id, which is the destination of what goes to its webhook.
    pub id: ConfigId,
    /// Environment.
    pub env: Env,
    /// The tenant whose admins chose it.
    pub tenant: String,
    /// Its kind.
    pub kind: ConfigKind,
    /// Where it leads, encrypted.
    pub settings: Vec<u8>,
    /// Whether it is used.
    pub is_active: bool,
    /// The events it is for, as JSON.
    pub events: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub updated_at: i64,
}

/// Id, environment, tenant, channel, settings, whether it is active, events, times.
type Row = (String, i64, String, String, Vec<u8>, i64, String, i64, i64);

fn read(
    (id, env, tenant, kind, settings, is_active, events, created_at, updated_at): Row,
) -> Result<ConfigRow> {
    Ok(ConfigRow {
        id: app::id(&id)?,
        env: Env(env),
        tenant,
        kind: ConfigKind::from_word(&kind).ok_or_else(|| Error::corrupt("channel of config", &kind))?,
        settings,
        is_active: is_active == 1,
        events,
        created_at,
        updated_at,
    })
}

const SELECT: &str = "SELECT id, environment, tenant, channel, settings, is_active, events, created_at, updated_at FROM channel_configs";

/// Writes a config whole, new or not.
pub async fn put(tx: &mut Tx, row: &ConfigRow) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO channel_configs (id, environment, tenant, channel, settings, is_active, events, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (id) DO UPDATE SET settings = $5, is_active = $6, events = $7, updated_at = $9",
        )
        .bind(row.id.bare())
        .bind(row.env.0)
        .bind(row.tenant.as_str())
        .bind(row.kind.as_str())
        .bind(row.settings.as_slice())
        .bind(i64::from(row.is_active))
        .bind(row.events.as_str())
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// The configs of a tenant, in the order in which they were made.
pub async fn of_tenant(conn: &mut Conn, env: Env, tenant: &str) -> Result<Vec<ConfigRow>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE environment = $1 AND tenant = $2 ORDER BY created_at, id"
    ));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(tenant)
        .fetch_all(c)
        .await?);
    rows.into_iter().map(read).collect()
}

/// One config of a tenant.
pub async fn get(conn: &mut Conn, env: Env, tenant: &str, id: ConfigId) -> Result<Option<ConfigRow>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE environment = $1 AND tenant = $2 AND id = $3"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(tenant)
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    row.map(read).transpose()
}

/// A config, by id alone: for the engine, which has it from a delivery.
pub async fn find(conn: &mut Conn, id: ConfigId) -> Result<Option<ConfigRow>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1"));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    row.map(read).transpose()
}

/// Forgets a config; `false` when it was not there.
pub async fn delete(tx: &mut Tx, tenant: &str, id: ConfigId) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM channel_configs WHERE environment = $1 AND tenant = $2 AND id = $3")
            .bind(env.0)
            .bind(tenant)
            .bind(id.bare())
            .execute(c)
            .await?
            .rows_affected()
    });
    Ok(rows > 0)
}
