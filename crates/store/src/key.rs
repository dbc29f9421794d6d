//! API keys (hashed) and the public keys that user tokens are signed with.

use domain::effects::Part;
use domain::environment::Env;
use domain::id::{AppId, KeyId, Prefixed, TokenKeyId};

use crate::error::{Error, Result};
use crate::{Change, Conn, Page, Tx, app, on, version};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Everything in its environment (`sk_`).
    Secret,
    /// What its application may (`ak_`).
    Application,
    /// Nothing alone: it names the environment beside a user token (`pk_`).
    Public,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Secret, Self::Application, Self::Public];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Application => "application",
            Self::Public => "public",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A key as it is kept: what it opens, never what it says.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// Environment.
    pub env: Env,
    /// What it may do.
    pub kind: Kind,
    /// The application, for an application's key.
    pub app: Option<AppId>,
    /// Its last characters, to recognise it by.
    pub hint: String,
    /// For people.
    pub name: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub revoked_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    environment: i64,
    kind: String,
    app: Option<String>,
    hint: String,
    name: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl TryFrom<Row> for Key {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: app::id(&row.id)?,
            env: Env(row.environment),
            kind: Kind::from_word(&row.kind).ok_or_else(|| Error::corrupt("kind of key", &row.kind))?,
            app: row.app.as_deref().map(app::id).transpose()?,
            hint: row.hint,
            name: row.name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    }
}

const COLUMNS: &str = "id, environment, kind, app, hint, name, created_at, expires_at, revoked_at";

/// The key of this SHA-256, in whatever environment: this is how a caller's environment is found.
pub async fn find(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<Key>> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM keys WHERE hash = $1"));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(hash.as_slice())
        .fetch_optional(c)
        .await?);
    row.map(Key::try_from).transpose()
}

/// Writes a key; `false` when the same key is there already.
pub async fn insert(tx: &mut Tx, key: &Key, hash: &[u8; 32]) -> Result<bool> {
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO keys (id, environment, kind, app, hash, hint, name, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(key.id.bare())
        .bind(key.env.0)
        .bind(key.kind.as_str())
        .bind(key.app.as_ref().map(Prefixed::bare))
        .bind(hash.as_slice())
        .bind(key.hint.as_str())
        .bind(key.name.as_deref())
        .bind(key.created_at)
        .bind(key.expires_at)
        .execute(c)
        .await?
        .rows_affected()
    });
    Ok(rows == 1)
}

/// The keys of an application, or with `None` those of the environment itself; newest first.
pub async fn list(conn: &mut Conn, env: Env, app: Option<AppId>, page: &Page) -> Result<Vec<Key>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM keys WHERE environment = $1 AND (app = $2 OR ($2 IS NULL AND app IS NULL))
           AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(app.as_ref().map(Prefixed::bare))
            .bind(page.after.as_deref())
            .bind(page.limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Key::try_from).collect()
}

/// Revokes a key of an application (or of the environment itself); `false` when there is none.
pub async fn revoke(tx: &mut Change, app: Option<AppId>, id: KeyId, now: i64) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "UPDATE keys SET revoked_at = coalesce(revoked_at, $4)
             WHERE environment = $1 AND id = $2 AND (app = $3 OR ($3 IS NULL AND app IS NULL))",
        )
        .bind(env.0)
        .bind(id.bare())
        .bind(app.as_ref().map(Prefixed::bare))
        .bind(now)
        .execute(c)
        .await?
        .rows_affected()
    });
    if rows > 0 {
        version::bump(tx, Part::Environment).await?;
    }
    Ok(rows > 0)
}

/// A registered public key of a host product.
#[derive(Debug, Clone)]
pub struct TokenKey {
    /// Its id, which tokens name as `kid`.
    pub id: TokenKeyId,
    /// Environment.
    pub env: Env,
    /// `RS256` or `EdDSA`.
    pub algorithm: String,
    /// PEM.
    pub public_key: String,
    /// For people.
    pub name: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
}

#[derive(sqlx::FromRow)]
struct TokenKeyRow {
    id: String,
    environment: i64,
    algorithm: String,
    public_key: String,
    name: Option<String>,
    created_at: i64,
}

impl TryFrom<TokenKeyRow> for TokenKey {
    type Error = Error;
    fn try_from(row: TokenKeyRow) -> Result<Self> {
        Ok(Self {
            id: app::id(&row.id)?,
            env: Env(row.environment),
            algorithm: row.algorithm,
            public_key: row.public_key,
            name: row.name,
            created_at: row.created_at,
        })
    }
}

/// The registered public keys of an environment.
pub async fn token_keys(conn: &mut Conn, env: Env) -> Result<Vec<TokenKey>> {
    let rows: Vec<TokenKeyRow> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, environment, algorithm, public_key, name, created_at FROM token_keys WHERE environment = $1 ORDER BY id DESC",
        )
        .bind(env.0)
        .fetch_all(c)
        .await?
    });
    rows.into_iter().map(TokenKey::try_from).collect()
}

/// A page of an environment's registered public keys, newest first.
pub async fn list_token_keys(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<TokenKey>> {
    let rows: Vec<TokenKeyRow> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, environment, algorithm, public_key, name, created_at FROM token_keys
             WHERE environment = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        )
        .bind(env.0)
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?
    });
    rows.into_iter().map(TokenKey::try_from).collect()
}

/// The environment of a registered public key.
pub async fn find_token_key(conn: &mut Conn, id: TokenKeyId) -> Result<Option<Env>> {
    let env: Option<i64> = on!(conn, |c| {
        sqlx::query_scalar("SELECT environment FROM token_keys WHERE id = $1")
            .bind(id.bare())
            .fetch_optional(c)
            .await?
    });
    Ok(env.map(Env))
}

/// Registers a public key.
pub async fn insert_token_key(tx: &mut Change, key: &TokenKey) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query("INSERT INTO token_keys (id, environment, algorithm, public_key, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(key.id.bare())
            .bind(key.env.0)
            .bind(key.algorithm.as_str())
            .bind(key.public_key.as_str())
            .bind(key.name.as_deref())
            .bind(key.created_at)
            .execute(c)
            .await?;
    });
    version::bump(tx, Part::Environment).await
}

/// Forgets a public key; `false` when there is none.
pub async fn delete_token_key(tx: &mut Change, id: TokenKeyId) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM token_keys WHERE environment = $1 AND id = $2")
            .bind(env.0)
            .bind(id.bare())
            .execute(c)
            .await?
            .rows_affected()
    });
    version::bump(tx, Part::Environment).await?;
    Ok(rows > 0)
}
