//! Environments and their settings.

use domain::effects::Part;
use domain::environment::{Env, Settings};
use domain::id::{EnvironmentId, Prefixed};

use crate::error::{Error, Result};
use crate::{Change, Conn, on, version};

/// An environment as it is kept. Its token secrets are encrypted.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its number in this database.
    pub env: Env,
    /// Its id.
    pub id: EnvironmentId,
    /// Its name.
    pub name: String,
    /// What its operator chose.
    pub settings: Settings,
    /// Encrypted secret that user tokens are signed with.
    pub token_secret: Vec<u8>,
    /// The secret before that, which still counts.
    pub previous_token_secret: Option<Vec<u8>>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    id: String,
    name: String,
    settings: String,
    token_secret: Vec<u8>,
    previous_token_secret: Option<Vec<u8>>,
    created_at: i64,
}

impl TryFrom<Row> for Environment {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            env: Env(row.number),
            id: crate::app::id(&row.id)?,
            name: row.name,
            settings: serde_json::from_str(&row.settings)
                .map_err(|_| Error::corrupt("settings", &row.settings))?,
            token_secret: row.token_secret,
            previous_token_secret: row.previous_token_secret,
            created_at: row.created_at,
        })
    }
}

const COLUMNS: &str = "number, id, name, settings, token_secret, previous_token_secret, created_at";

/// Every environment, oldest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<Environment>> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM environments ORDER BY number"));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql).fetch_all(c).await?);
    rows.into_iter().map(Environment::try_from).collect()
}

/// One environment.
pub async fn get(conn: &mut Conn, env: Env) -> Result<Option<Environment>> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM environments WHERE number = $1"));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .fetch_optional(c)
        .await?);
    row.map(Environment::try_from).transpose()
}

/// Makes an environment; `false` when the name is taken.
pub async fn insert(
    tx: &mut Change,
    id: EnvironmentId,
    name: &str,
    settings: &Settings,
    token_secret: &[u8],
    now: i64,
) -> Result<bool> {
    let settings = serde_json::to_string(settings).map_err(|error| Error::Other(error.to_string()))?;
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO environments (number, id, name, settings, token_secret, created_at)
             VALUES ((SELECT coalesce(max(number), 0) + 1 FROM environments), $1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING",
        )
        .bind(id.bare())
        .bind(name)
        .bind(settings)
        .bind(token_secret)
        .bind(now)
        .execute(c)
        .await?
        .rows_affected()
    });
    Ok(rows == 1)
}

/// Writes the settings.
pub async fn update(tx: &mut Change, settings: &Settings) -> Result<()> {
    let env = tx.env();
    let settings = serde_json::to_string(settings).map_err(|error| Error::Other(error.to_string()))?;
    on!(&mut tx.conn, |c| {
        sqlx::query("UPDATE environments SET settings = $2 WHERE number = $1")
            .bind(env.0)
            .bind(settings)
            .execute(c)
            .await?;
    });
    version::bump(tx, Part::Environment).await
}

/// Puts a new token secret in force; the one before still counts until the next change.
pub async fn update_token_secret(tx: &mut Change, secret: &[u8]) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query("UPDATE environments SET previous_token_secret = token_secret, token_secret = $2 WHERE number = $1")
            .bind(env.0)
            .bind(secret)
            .execute(c)
            .await?;
    });
    version::bump(tx, Part::Environment).await
}
