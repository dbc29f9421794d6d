//! Webhook endpoints and their health.

use domain::effects::Part;
use domain::endpoint::{EndpointStatus, Subscription};
use domain::environment::Env;
use domain::id::{AppId, DestinationId, EndpointId, Prefixed};

use crate::error::{Error, Result};
use crate::{Change, Conn, Page, Tx, app, on, version};

/// A webhook destination as it is kept; its secrets are encrypted.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// What publishing must know of it.
    pub subscription: Subscription,
    /// Where deliveries go.
    pub url: String,
    /// For people.
    pub description: String,
    /// Encrypted signing secrets, the current one and those in their grace.
    pub secrets: Vec<u8>,
    /// Name of the retry policy.
    pub retry_policy: String,
    /// Attempts a second, at most.
    pub rate_limit: Option<i64>,
    /// Why the server disabled it.
    pub disabled_reason: Option<String>,
    /// Since when it takes nothing, milliseconds since the Unix epoch.
    pub disabled_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub updated_at: i64,
}

impl Endpoint {
    /// Its id.
    pub fn id(&self) -> EndpointId {
        self.subscription.id
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    environment: i64,
    app: String,
    url: String,
    description: String,
    event_types: Option<String>,
    secrets: Vec<u8>,
    retry_policy: String,
    rate_limit: Option<i64>,
    status: String,
    disabled_reason: Option<String>,
    disabled_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Endpoint {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let event_types = row
            .event_types
            .map(|text| serde_json::from_str(&text).map_err(|_| Error::corrupt("event types", &text)))
            .transpose()?;
        Ok(Self {
            subscription: Subscription {
                id: app::id(&row.id)?,
                env: Env(row.environment),
                app: app::id(&row.app)?,
                event_types,
                status: EndpointStatus::from_word(&row.status),
            },
            url: row.url,
            description: row.description,
            secrets: row.secrets,
            retry_policy: row.retry_policy,
            rate_limit: row.rate_limit,
            disabled_reason: row.disabled_reason,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const COLUMNS: &str =
    "id, environment, app, url, description, event_types, secrets, retry_policy, rate_limit, status,
    disabled_reason, disabled_at, created_at, updated_at";

/// Writes an endpoint whole, new or not.
pub async fn put(tx: &mut Change, endpoint: &Endpoint) -> Result<()> {
    let subscription = &endpoint.subscription;
    let event_types = subscription
        .event_types
        .as_ref()
        .map(|names| serde_json::json!(names).to_string());
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO endpoints (id, environment, app, url, description, event_types, secrets, retry_policy, rate_limit, status,
               disabled_reason, disabled_at, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (id) DO UPDATE SET url = $4, description = $5, event_types = $6, secrets = $7, retry_policy = $8,
               rate_limit = $9, status = $10, disabled_reason = $11, disabled_at = $12, updated_at = $14",
        )
        .bind(subscription.id.bare())
        .bind(subscription.env.0)
        .bind(subscription.app.bare())
        .bind(endpoint.url.as_str())
        .bind(endpoint.description.as_str())
        .bind(event_types.as_deref())
        .bind(endpoint.secrets.as_slice())
        .bind(endpoint.retry_policy.as_str())
        .bind(endpoint.rate_limit)
        .bind(subscription.status.as_str())
        .bind(endpoint.disabled_reason.as_deref())
        .bind(endpoint.disabled_at)
        .bind(endpoint.created_at)
        .bind(endpoint.updated_at)
        .execute(c)
        .await?;
    });
    changed(tx, subscription.app).await
}

async fn changed(tx: &mut Change, app: AppId) -> Result<()> {
    version::bump(tx, Part::App(app)).await?;
    version::bump(tx, Part::Platform).await
}

/// One endpoint of an application.
pub async fn get(conn: &mut Conn, env: Env, app: AppId, id: EndpointId) -> Result<Option<Endpoint>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM endpoints WHERE environment = $1 AND app = $2 AND id = $3"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(app.bare())
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    row.map(Endpoint::try_from).transpose()
}

/// Whether a destination is there and not disabled. On `PostgreSQL` that stays so until the transaction ends.
pub async fn takes_deliveries(tx: &mut Tx, id: DestinationId) -> Result<bool> {
    let lock = if matches!(tx.conn, Conn::Postgres(_)) {
        "FOR SHARE"
    } else {
        ""
    };
    let env = tx.env();
    for table in [
        "SELECT status FROM endpoints",
        "SELECT 'active' AS status FROM channels",
        "SELECT 'active' AS status FROM channel_configs",
    ] {
        let sql = sqlx::AssertSqlSafe(format!("{table} WHERE environment = $1 AND id = $2 {lock}"));
        let status: Option<String> = on!(&mut tx.conn, |c| sqlx::query_scalar(sql)
            .bind(env.0)
            .bind(id.bare())
            .fetch_optional(c)
            .await?);
        if let Some(status) = status {
            return Ok(EndpointStatus::from_word(&status) != EndpointStatus::Disabled);
        }
    }
    Ok(false)
}

/// One endpoint, by id alone: for the engine, which has it from a delivery.
pub async fn find(conn: &mut Conn, id: EndpointId) -> Result<Option<Endpoint>> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM endpoints WHERE id = $1"));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    row.map(Endpoint::try_from).transpose()
}

/// Endpoints of an application, newest first.
pub async fn list(conn: &mut Conn, env: Env, app: AppId, page: &Page) -> Result<Vec<Endpoint>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM endpoints WHERE environment = $1 AND app = $2 AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(app.bare())
            .bind(page.after.as_deref())
            .bind(page.limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Endpoint::try_from).collect()
}

/// The active endpoints that platform-visible events may reach: those of every application that is not a tenant's own.
pub async fn platform(conn: &mut Conn, env: Env) -> Result<Vec<Endpoint>> {
    let columns: Vec<_> = COLUMNS
        .split(',')
        .map(|column| format!("e.{}", column.trim()))
        .collect();
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {} FROM endpoints e JOIN apps a ON a.environment = e.environment AND a.id = e.app
         WHERE e.environment = $1 AND e.status = 'active' AND a.tenant IS NULL AND a.deleted_at IS NULL ORDER BY e.id",
        columns.join(", ")
    ));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql).bind(env.0).fetch_all(c).await?);
    rows.into_iter().map(Endpoint::try_from).collect()
}

/// Forgets an endpoint and its health. Its deliveries stay in the log; those still open are withdrawn by a timer.
pub async fn delete(tx: &mut Change, app: AppId, id: EndpointId) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM endpoints WHERE environment = $1 AND app = $2 AND id = $3")
            .bind(env.0)
            .bind(app.bare())
            .bind(id.bare())
            .execute(c)
            .await?
            .rows_affected()
    });
    reset_health(tx, id).await?;
    changed(tx, app).await?;
    Ok(rows > 0)
}

/// Failures in a row, and since when.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub struct Health {
    /// Failed attempts since the last success.
    pub failures: i64,
    /// The first of them, milliseconds since the Unix epoch.
    pub first_failure_at: Option<i64>,
    /// The last failure, milliseconds since the Unix epoch.
    pub last_failure_at: Option<i64>,
}

/// An endpoint's health.
pub async fn health(conn: &mut Conn, env: Env, id: EndpointId) -> Result<Health> {
    let health: Option<Health> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT failures, first_failure_at, last_failure_at FROM endpoint_health WHERE environment = $1 AND endpoint = $2",
        )
        .bind(env.0)
        .bind(id.bare())
        .fetch_optional(c)
        .await?
    });
    Ok(health.unwrap_or_default())
}

/// Starts counting failures anew.
pub async fn reset_health(tx: &mut Tx, id: EndpointId) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM endpoint_health WHERE environment = $1 AND endpoint = $2")
            .bind(env.0)
            .bind(id.bare())
            .execute(c)
            .await?;
    });
    Ok(())
}
