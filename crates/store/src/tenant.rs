//! Tenants and their members.

use domain::environment::Env;

use crate::error::Result;
use crate::{Conn, Page, Tx, on};

/// An organisation of users, by the caller's own id.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Tenant {
    /// The caller's id.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// The caller's metadata, as JSON.
    pub metadata: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub updated_at: i64,
}

/// A user's part in a tenant.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Member {
    /// The user.
    pub user_id: String,
    /// `owner`, `admin` or `member`.
    pub role: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
}

const COLUMNS: &str = "id, name, metadata, created_at, updated_at";

/// Writes a tenant whole; `created_at` of one that exists stays.
pub async fn put(tx: &mut Tx, tenant: &Tenant) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO tenants (environment, id, name, metadata, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (environment, id) DO UPDATE SET name = $3, metadata = $4, updated_at = $6",
        )
        .bind(env.0)
        .bind(tenant.id.as_str())
        .bind(tenant.name.as_deref())
        .bind(tenant.metadata.as_deref())
        .bind(tenant.created_at)
        .bind(tenant.updated_at)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// One tenant.
pub async fn get(conn: &mut Conn, env: Env, id: &str) -> Result<Option<Tenant>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM tenants WHERE environment = $1 AND id = $2"
    ));
    Ok(on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(id)
        .fetch_optional(c)
        .await?))
}

/// Tenants by id.
pub async fn list(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<Tenant>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM tenants WHERE environment = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3"
    ));
    Ok(on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(page.after.as_deref())
            .bind(page.limit)
            .fetch_all(c)
            .await?
    }))
}

/// Forgets a tenant and who belonged to it; `false` when there was none.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<bool> {
    let env = tx.env();
    let mut rows = 0;
    for sql in [
        "DELETE FROM members WHERE environment = $1 AND tenant = $2",
        "DELETE FROM preferences WHERE environment = $1 AND tenant = $2",
        "DELETE FROM access WHERE environment = $1 AND tenant = $2",
        "DELETE FROM invitations WHERE environment = $1 AND tenant = $2",
        "DELETE FROM portal_tokens WHERE environment = $1 AND tenant = $2",
        "DELETE FROM tenants WHERE environment = $1 AND id = $2",
    ] {
        rows = on!(&mut tx.conn, |c| sqlx::query(sql)
            .bind(env.0)
            .bind(id)
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(rows > 0)
}

/// Writes a membership; its role changes when it exists.
pub async fn put_member(tx: &mut Tx, tenant: &str, member: &Member) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO members (environment, tenant, user_id, role, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (environment, tenant, user_id) DO UPDATE SET role = $4",
        )
        .bind(env.0)
        .bind(tenant)
        .bind(member.user_id.as_str())
        .bind(member.role.as_str())
        .bind(member.created_at)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Ends a membership.
pub async fn delete_member(tx: &mut Tx, tenant: &str, user: &str) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM members WHERE environment = $1 AND tenant = $2 AND user_id = $3")
            .bind(env.0)
            .bind(tenant)
            .bind(user)
            .execute(c)
            .await?;
    });
    Ok(())
}

/// One membership.
pub async fn member(conn: &mut Conn, env: Env, tenant: &str, user: &str) -> Result<Option<Member>> {
    Ok(on!(conn, |c| {
        sqlx::query_as("SELECT user_id, role, created_at FROM members WHERE environment = $1 AND tenant = $2 AND user_id = $3")
            .bind(env.0)
            .bind(tenant)
            .bind(user)
            .fetch_optional(c)
            .await?
    }))
}

/// Of these users, those who are members of a tenant.
pub async fn members_among(conn: &mut Conn, env: Env, tenant: &str, users: &[String]) -> Result<Vec<String>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT user_id FROM members WHERE environment = $1 AND tenant = $2 AND user_id {}",
        conn.among("$3")
    ));
    let list = serde_json::json!(users).to_string();
    Ok(on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(tenant)
        .bind(list)
        .fetch_all(c)
        .await?))
}

/// Members by user id, those of one role if named.
pub async fn members(
    conn: &mut Conn,
    env: Env,
    tenant: &str,
    roles: &[&str],
    page: &Page,
) -> Result<Vec<Member>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT user_id, role, created_at FROM members
         WHERE environment = $1 AND tenant = $2 AND ($3 = '[]' OR role {}) AND ($4 IS NULL OR user_id > $4)
         ORDER BY user_id LIMIT $5",
        conn.among("$3")
    ));
    let roles = serde_json::json!(roles).to_string();
    Ok(on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(tenant)
            .bind(roles)
            .bind(page.after.as_deref())
            .bind(page.limit)
            .fetch_all(c)
            .await?
    }))
}
