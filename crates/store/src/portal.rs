//! Tokens that open a portal for a while.

use domain::access::Door;
use domain::environment::Env;
use domain::id::{PortalTokenId, Prefixed};

use crate::error::{Error, Result};
use crate::{Conn, Tx, app, on};

/// A token as it is kept: what it opens, never what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalToken {
    /// Its id.
    pub id: PortalTokenId,
    /// Environment.
    pub env: Env,
    /// What it opens.
    pub door: Door,
    /// Whether it only shows.
    pub read_only: bool,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    environment: i64,
    tenant: Option<String>,
    app: Option<String>,
    read_only: i64,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<Row> for PortalToken {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let door = match (row.tenant, row.app) {
            (Some(tenant), _) => Door::Tenant(tenant),
            (None, Some(app)) => Door::App(app::id(&app)?),
            (None, None) => return Err(Error::corrupt("portal token", &row.id)),
        };
        Ok(Self {
            id: app::id(&row.id)?,
            env: Env(row.environment),
            door,
            read_only: row.read_only != 0,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

/// The token of this SHA-256, in whatever environment: this is how a caller's environment is found.
pub async fn find(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<PortalToken>> {
    let row: Option<Row> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, environment, tenant, app, read_only, created_at, expires_at FROM portal_tokens WHERE hash = $1",
        )
        .bind(hash.as_slice())
        .fetch_optional(c)
        .await?
    });
    row.map(PortalToken::try_from).transpose()
}

/// Keeps a token.
pub async fn insert(tx: &mut Tx, token: &PortalToken, hash: &[u8; 32]) -> Result<()> {
    let (tenant, app) = match &token.door {
        Door::Tenant(tenant) => (Some(tenant.as_str()), None),
        Door::App(app) => (None, Some(app.bare())),
    };
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO portal_tokens (id, environment, hash, tenant, app, read_only, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(token.id.bare())
        .bind(token.env.0)
        .bind(hash.as_slice())
        .bind(tenant)
        .bind(app)
        .bind(i64::from(token.read_only))
        .bind(token.created_at)
        .bind(token.expires_at)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Forgets a token: it opens nothing any more. `false` when there is none.
pub async fn delete(tx: &mut Tx, id: PortalTokenId) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM portal_tokens WHERE environment = $1 AND id = $2")
            .bind(env.0)
            .bind(id.bare())
            .execute(c)
            .await?
            .rows_affected()
    });
    Ok(rows > 0)
}
