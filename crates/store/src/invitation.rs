//! Invitations into an environment's team.

use domain::access::{Access, Role};
use domain::environment::Env;
use domain::id::{InvitationId, Prefixed};

use crate::error::{Error, Result};
use crate::{Conn, Page, Tx, app, on};

/// An invitation that nobody took yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Environment.
    pub env: Env,
    /// Who is invited, in small letters.
    pub email: String,
    /// What they will be allowed to do.
    pub access: Access,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    environment: i64,
    email: String,
    role: String,
    tenant: String,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<Row> for Invitation {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let role = Role::from_word(&row.role).ok_or_else(|| Error::corrupt("role", &row.role))?;
        let tenant = Some(row.tenant).filter(|tenant| !tenant.is_empty());
        Ok(Self {
            id: app::id(&row.id)?,
            env: Env(row.environment),
            email: row.email,
            access: Access { role, tenant },
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

const COLUMNS: &str = "id, environment, email, role, tenant, created_at, expires_at";

/// Writes an invitation. One before to the same address, for the same part, counts no more.
pub async fn put(tx: &mut Tx, invitation: &Invitation, hash: &[u8; 32]) -> Result<()> {
    let tenant = invitation.access.tenant.as_deref().unwrap_or("");
    on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM invitations WHERE environment = $1 AND email = $2 AND tenant = $3")
            .bind(invitation.env.0)
            .bind(invitation.email.as_str())
            .bind(tenant)
            .execute(c)
            .await?;
    });
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO invitations (id, environment, hash, email, role, tenant, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(invitation.id.bare())
        .bind(invitation.env.0)
        .bind(hash.as_slice())
        .bind(invitation.email.as_str())
        .bind(invitation.access.role.as_str())
        .bind(tenant)
        .bind(invitation.created_at)
        .bind(invitation.expires_at)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Takes the invitation of this SHA-256 away and answers it, if it still counts: of many who use it at once, one does.
pub async fn accept(tx: &mut Tx, hash: &[u8; 32], now: i64) -> Result<Option<Invitation>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "DELETE FROM invitations WHERE hash = $1 RETURNING {COLUMNS}"
    ));
    let row: Option<Row> = on!(&mut tx.conn, |c| sqlx::query_as(sql)
        .bind(hash.as_slice())
        .fetch_optional(c)
        .await?);
    let found = row.map(Invitation::try_from).transpose()?;
    Ok(found.filter(|invitation| invitation.expires_at > now))
}

/// The invitations of an environment that still count, newest first.
pub async fn list(conn: &mut Conn, env: Env, page: &Page, now: i64) -> Result<Vec<Invitation>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM invitations WHERE environment = $1 AND expires_at > $2 AND ($3 IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(now)
            .bind(page.after.as_deref())
            .bind(page.limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Invitation::try_from).collect()
}

/// Takes an invitation back; `false` when there is none.
pub async fn delete(tx: &mut Tx, id: InvitationId) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM invitations WHERE environment = $1 AND id = $2")
            .bind(env.0)
            .bind(id.bare())
            .execute(c)
            .await?
            .rows_affected()
    });
    Ok(rows > 0)
}
