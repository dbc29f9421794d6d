//! Templates: texts that others name, as a partial or as a layout around a mail.

use domain::effects::Part;
use domain::environment::Env;

use crate::error::Result;
use crate::{Change, Conn, Page, on, version};

/// A template as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// What it says, as its author wrote it.
    pub source: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub updated_at: i64,
}

/// Writes a template, new or not.
pub async fn put(tx: &mut Change, name: &str, source: &str, now: i64) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO templates (environment, name, source, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (environment, name) DO UPDATE SET source = $3, updated_at = $4",
        )
        .bind(env.0)
        .bind(name)
        .bind(source)
        .bind(now)
        .execute(c)
        .await?;
    });
    version::bump(tx, Part::Environment).await
}

/// One template.
pub async fn get(conn: &mut Conn, env: Env, name: &str) -> Result<Option<Template>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT name, source, created_at, updated_at FROM templates WHERE environment = $1 AND name = $2",
        )
        .bind(env.0)
        .bind(name)
        .fetch_optional(c)
        .await?
    }))
}

/// Every template, by name.
pub async fn all(conn: &mut Conn, env: Env) -> Result<Vec<Template>> {
    list(conn, env, &Page::whole()).await
}

/// Templates, by name.
pub async fn list(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<Template>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT name, source, created_at, updated_at FROM templates
             WHERE environment = $1 AND ($2 IS NULL OR name > $2) ORDER BY name LIMIT $3",
        )
        .bind(env.0)
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?
    }))
}

/// Forgets a template; `false` when there is none.
pub async fn delete(tx: &mut Change, name: &str) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM templates WHERE environment = $1 AND name = $2")
            .bind(env.0)
            .bind(name)
            .execute(c)
            .await?
            .rows_affected()
    });
    version::bump(tx, Part::Environment).await?;
    Ok(rows > 0)
}
