//! Applications and installations.

use domain::effects::Part;
use domain::environment::Env;
use domain::id::{AppId, Ksuid, Prefixed};

use crate::error::{Error, Result};
use crate::{Change, Conn, Page, Tx, on, version};

/// Reads a bare id from a column.
pub(crate) fn id<T: From<Ksuid>>(text: &str) -> Result<T> {
    Ksuid::parse(text)
        .map(T::from)
        .ok_or_else(|| Error::corrupt("an id", text))
}

/// A program that publishes events and receives webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// Environment.
    pub env: Env,
    /// The caller's own id.
    pub uid: Option<String>,
    /// The tenant whose webhook application it is.
    pub tenant: Option<String>,
    /// For people.
    pub name: String,
    /// The caller's metadata, as JSON.
    pub metadata: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub updated_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    environment: i64,
    uid: Option<String>,
    tenant: Option<String>,
    name: String,
    metadata: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for App {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: id(&row.id)?,
            env: Env(row.environment),
            uid: row.uid,
            tenant: row.tenant,
            name: row.name,
            metadata: row.metadata,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const COLUMNS: &str = "id, environment, uid, tenant, name, metadata, created_at, updated_at";

/// Writes an application; `false` when its uid or tenant has one already.
pub async fn insert(tx: &mut Tx, app: &App) -> Result<bool> {
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO apps (id, environment, uid, tenant, name, metadata, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(app.id.bare())
        .bind(app.env.0)
        .bind(app.uid.as_deref())
        .bind(app.tenant.as_deref())
        .bind(app.name.as_str())
        .bind(app.metadata.as_deref())
        .bind(app.created_at)
        .bind(app.updated_at)
        .execute(c)
        .await?
        .rows_affected()
    });
    Ok(rows == 1)
}

async fn find(conn: &mut Conn, env: Env, column: &str, value: &str) -> Result<Option<App>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM apps WHERE environment = $1 AND {column} = $2 AND deleted_at IS NULL"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(value)
        .fetch_optional(c)
        .await?);
    row.map(App::try_from).transpose()
}

/// The application of this id.
pub async fn get(conn: &mut Conn, env: Env, id: AppId) -> Result<Option<App>> {
    find(conn, env, "id", id.bare()).await
}

/// The application of the caller's own id.
pub async fn get_by_uid(conn: &mut Conn, env: Env, uid: &str) -> Result<Option<App>> {
    find(conn, env, "uid", uid).await
}

/// The application a tenant owns.
pub async fn get_by_tenant(conn: &mut Conn, env: Env, tenant: &str) -> Result<Option<App>> {
    find(conn, env, "tenant", tenant).await
}

/// Applications, newest first.
pub async fn list(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<App>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM apps WHERE environment = $1 AND deleted_at IS NULL AND ($2 IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(page.after.as_deref())
            .bind(page.limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(App::try_from).collect()
}

/// Writes name, uid and metadata.
pub async fn update(tx: &mut Change, app: &App) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query("UPDATE apps SET uid = $3, name = $4, metadata = $5, updated_at = $6 WHERE environment = $1 AND id = $2")
            .bind(app.env.0)
            .bind(app.id.bare())
            .bind(app.uid.as_deref())
            .bind(app.name.as_str())
            .bind(app.metadata.as_deref())
            .bind(app.updated_at)
            .execute(c)
            .await?;
    });
    version::bump(tx, Part::App(app.id)).await
}

/// Why endpoints of a deleted application are disabled.
pub const DELETED: &str = "application deleted";

/// Deletes an application: its uid is free again, its keys are revoked, its endpoints take no more; its log stays.
pub async fn delete(tx: &mut Change, id: AppId, now: i64) -> Result<()> {
    let env = tx.env();
    let disable = format!(
        "UPDATE endpoints SET status = 'disabled', disabled_reason = '{DELETED}', disabled_at = $3
         WHERE environment = $1 AND app = $2 AND status <> 'disabled'"
    );
    for sql in [
        "UPDATE apps SET deleted_at = $3, updated_at = $3 WHERE environment = $1 AND id = $2",
        "UPDATE keys SET revoked_at = coalesce(revoked_at, $3) WHERE environment = $1 AND app = $2",
        &disable,
    ] {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        on!(&mut tx.conn, |c| {
            sqlx::query(sql)
                .bind(env.0)
                .bind(id.bare())
                .bind(now)
                .execute(c)
                .await?;
        });
    }
    version::bump(tx, Part::App(id)).await?;
    version::bump(tx, Part::Platform).await?;
    version::bump(tx, Part::Environment).await
}

/// Lets an application reach a user.
pub async fn install(tx: &mut Tx, app: AppId, user: &str, now: i64) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO installations (environment, app, user_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(env.0)
        .bind(app.bare())
        .bind(user)
        .bind(now)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Takes the leave back.
pub async fn uninstall(tx: &mut Tx, app: AppId, user: &str) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM installations WHERE environment = $1 AND app = $2 AND user_id = $3")
            .bind(env.0)
            .bind(app.bare())
            .bind(user)
            .execute(c)
            .await?;
    });
    Ok(())
}

/// An installation: user and time.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Installation {
    /// Bare id of the application.
    pub app: String,
    /// The user.
    pub user_id: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
}

/// Who installed an application, by user id.
pub async fn installations(conn: &mut Conn, env: Env, app: AppId, page: &Page) -> Result<Vec<Installation>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT app, user_id, created_at FROM installations WHERE environment = $1 AND app = $2 AND ($3 IS NULL OR user_id > $3)
             ORDER BY user_id LIMIT $4",
        )
        .bind(env.0)
        .bind(app.bare())
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?
    }))
}

/// A page of what a user installed, by application; `within` is the only one asked about.
pub async fn installed(
    conn: &mut Conn,
    env: Env,
    user: &str,
    within: Option<AppId>,
    page: &Page,
) -> Result<Vec<Installation>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT app, user_id, created_at FROM installations WHERE environment = $1 AND user_id = $2
               AND ($3 IS NULL OR app = $3) AND ($4 IS NULL OR app > $4) ORDER BY app LIMIT $5",
        )
        .bind(env.0)
        .bind(user)
        .bind(within.as_ref().map(Prefixed::bare))
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?
    }))
}
