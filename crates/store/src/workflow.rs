//! Workflows and their versions. A version is never changed: runs keep the one they began with.

use std::collections::BTreeMap;

use domain::effects::Part;
use domain::environment::Env;
use domain::workflow::{Pattern, Workflow};

use crate::error::{Error, Result};
use crate::{Change, Conn, Page, on, version};

/// A version of a workflow.
#[derive(Debug, Clone)]
pub struct Version {
    /// Counts from 1.
    pub version: i64,
    /// What it says.
    pub spec: Workflow,
    /// The templates that its texts name, by their names, as they were when it was declared.
    pub templates: BTreeMap<String, String>,
    /// When the workflow was declared first, milliseconds since the Unix epoch.
    pub created_at: i64,
    /// When this version was, milliseconds since the Unix epoch.
    pub updated_at: i64,
}

/// Version, text, templates, first declaration, this one.
type Row = (i64, String, Option<String>, i64, i64);

fn read((version, spec, templates, created_at, updated_at): Row) -> Result<Version> {
    let templates =
        templates.map(|text| serde_json::from_str(&text).map_err(|_| Error::corrupt("templates", &text)));
    Ok(Version {
        version,
        spec: serde_json::from_str(&spec).map_err(|_| Error::corrupt("workflow", &spec))?,
        templates: templates.transpose()?.unwrap_or_default(),
        created_at,
        updated_at,
    })
}

const SELECT: &str = "SELECT v.version, v.spec, v.templates, w.created_at, v.created_at FROM workflows w
    JOIN workflow_versions v ON v.environment = w.environment AND v.key = w.key";

/// Adds a version and makes it the current one. Answers its number.
pub async fn put(
    tx: &mut Change,
    spec: &Workflow,
    templates: &BTreeMap<String, String>,
    now: i64,
) -> Result<i64> {
    let env = tx.env();
    let text = serde_json::to_string(spec).map_err(|error| Error::Other(error.to_string()))?;
    let templates = (!templates.is_empty()).then(|| serde_json::json!(templates).to_string());
    let version: i64 = on!(&mut tx.conn, |c| {
        sqlx::query_scalar(
            "INSERT INTO workflows (environment, key, version, created_at, updated_at) VALUES ($1, $2, 1, $3, $3)
             ON CONFLICT (environment, key) DO UPDATE SET version = workflows.version + 1, deleted_at = NULL, updated_at = $3
             RETURNING version",
        )
        .bind(env.0)
        .bind(spec.key.as_str())
        .bind(now)
        .fetch_one(c)
        .await?
    });
    on!(&mut tx.conn, |c| {
        sqlx::query("INSERT INTO workflow_versions (environment, key, version, spec, templates, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(env.0)
            .bind(spec.key.as_str())
            .bind(version)
            .bind(text)
            .bind(templates)
            .bind(now)
            .execute(c)
            .await?;
    });
    for pattern in Pattern::of(spec) {
        let text = serde_json::to_string(&pattern).map_err(|error| Error::Other(error.to_string()))?;
        on!(&mut tx.conn, |c| {
            sqlx::query("INSERT INTO awaited (environment, pattern) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(env.0)
                .bind(text)
                .execute(c)
                .await?;
        });
    }
    version::bump(tx, Part::Environment).await?;
    Ok(version)
}

/// Which events a version of some workflow may wait for, be it the current one or not.
pub async fn awaited(conn: &mut Conn, env: Env) -> Result<Vec<Pattern>> {
    let rows: Vec<String> = on!(conn, |c| sqlx::query_scalar(
        "SELECT pattern FROM awaited WHERE environment = $1"
    )
    .bind(env.0)
    .fetch_all(c)
    .await?);
    let read = |text: &String| serde_json::from_str(text);
    rows.iter()
        .map(|text| read(text).map_err(|_| Error::corrupt("pattern", text)))
        .collect()
}

/// The current version of a workflow.
pub async fn get(conn: &mut Conn, env: Env, key: &str) -> Result<Option<Version>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE w.environment = $1 AND w.key = $2 AND w.deleted_at IS NULL AND v.version = w.version"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(key)
        .fetch_optional(c)
        .await?);
    row.map(read).transpose()
}

/// A version that was current once.
pub async fn version(conn: &mut Conn, env: Env, key: &str, version: i64) -> Result<Option<Version>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE w.environment = $1 AND w.key = $2 AND v.version = $3"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(key)
        .bind(version)
        .fetch_optional(c)
        .await?);
    row.map(read).transpose()
}

/// The versions of a workflow, newest first; a page goes on after the number of its last row.
pub async fn versions(conn: &mut Conn, env: Env, key: &str, page: &Page) -> Result<Vec<Version>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE w.environment = $1 AND w.key = $2 AND w.deleted_at IS NULL AND ($3 IS NULL OR v.version < $3)
         ORDER BY v.version DESC LIMIT $4"
    ));
    let after = page.after.as_deref().map(|after| after.parse().unwrap_or(0_i64));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(key)
        .bind(after)
        .bind(page.limit)
        .fetch_all(c)
        .await?);
    rows.into_iter().map(read).collect()
}

/// The current version of every workflow, by key.
pub async fn all(conn: &mut Conn, env: Env) -> Result<Vec<Version>> {
    list(conn, env, &Page::whole()).await
}

/// How many there are.
pub async fn count(conn: &mut Conn, env: Env) -> Result<i64> {
    let sql = "SELECT count(*) FROM workflows WHERE environment = $1 AND deleted_at IS NULL";
    Ok(on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .fetch_one(c)
        .await?))
}

/// The current versions, by key.
pub async fn list(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<Version>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE w.environment = $1 AND w.deleted_at IS NULL AND v.version = w.version AND ($2 IS NULL OR w.key > $2)
         ORDER BY w.key LIMIT $3"
    ));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?);
    rows.into_iter().map(read).collect()
}

/// Ends a workflow; `false` when there is none. Its versions stay: runs that began with one go on.
pub async fn delete(tx: &mut Change, key: &str, now: i64) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "UPDATE workflows SET deleted_at = $3 WHERE environment = $1 AND key = $2 AND deleted_at IS NULL",
        )
        .bind(env.0)
        .bind(key)
        .bind(now)
        .execute(c)
        .await?
        .rows_affected()
    });
    version::bump(tx, Part::Environment).await?;
    Ok(rows > 0)
}
