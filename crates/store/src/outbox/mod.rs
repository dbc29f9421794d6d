//! Outboxes: events that a product's own transactions left in the product's own database. What is read is taken away with the transaction that read it.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Transaction};

use crate::conn::answered;
use crate::error::{Error, Result};
use crate::open::{LIMITS, limit};

/// Longest wait for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// An event as it was left.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Left {
    /// Its place.
    pub number: i64,
    /// The id under which it is published once.
    pub id: String,
    /// The application in whose name it is published, where it says one.
    pub application: Option<String>,
    /// Its type.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// Its category.
    pub category: Option<String>,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// Users it concerns.
    pub users: Vec<String>,
    /// What kind of thing it is about.
    pub entity_type: Option<String>,
    /// Which one.
    pub entity_id: Option<String>,
    /// Payload.
    pub data: String,
    /// When it happened, milliseconds since the Unix epoch.
    pub occurred_at: i64,
}

/// How an outbox stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// Events that wait.
    pub waiting: i64,
    /// When the first of them happened, milliseconds since the Unix epoch.
    pub oldest: Option<i64>,
    /// Events that were refused.
    pub refused: i64,
    /// Of those the last ones: number, type, id, why.
    pub last: Vec<(i64, String, String, String)>,
}

/// A product's database, to be read again and again.
#[derive(Debug, Clone)]
pub struct Outbox(PgPool);

/// What a transaction of the product's database reads.
#[derive(Debug)]
pub struct Slice {
    transaction: Transaction<'static, sqlx::Postgres>,
    /// The events, in the order in which they were left.
    pub events: Vec<Left>,
}

fn options(url: &str) -> Result<PgConnectOptions> {
    let unfit = |why: &str| Error::Other(format!("the URL of the outbox cannot be read: {why}"));
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(unfit("it begins with postgres://"));
    }
    let options = PgConnectOptions::from_str(url).map_err(|error| unfit(&error.to_string()))?;
    Ok(options.application_name("campanile outbox"))
}

async fn connect(url: &str) -> Result<PgConnection> {
    let options = options(url)?;
    let connecting = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options));
    let mut connection = connecting
        .await
        .map_err(|_| Error::Unavailable("the product's database does not answer".into()))??;
    limit(&mut connection, LIMITS).await?;
    Ok(connection)
}

impl Outbox {
    /// Reads the URL; connects when something is read.
    pub fn new(url: &str) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(PATIENCE)
            .after_connect(|connection, _| Box::pin(limit(connection, LIMITS)))
            .connect_lazy_with(options(url)?);
        Ok(Self(pool))
    }

    /// Takes the first events, up to so many. One reads at a time, so that they stay in their order: for another there is nothing
    /// meanwhile. What a transaction of the product's holds is passed over.
    pub async fn take(&self, limit: i64) -> Result<Slice> {
        answered(Box::pin(async {
            // Whatever the product's own transactions are used to: what committed before the turn came is seen.
            let mut transaction = self.0.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
            let turn = "SELECT pg_try_advisory_xact_lock(hashtextextended('campanile.outbox', 0))";
            let has_turn: bool = sqlx::query_scalar(turn).fetch_one(&mut *transaction).await?;
            let limit = if has_turn { limit } else { 0 };
            let events = sqlx::query_as(
                "SELECT number, id, application, type, category, tenant,
                   ARRAY(SELECT u FROM unnest(users) AS u WHERE u IS NOT NULL) AS users, entity_type, entity_id, data::text AS data,
                   (extract(epoch FROM CASE WHEN isfinite(occurred_at) THEN occurred_at ELSE now() END) * 1000)::bigint AS occurred_at
                 FROM campanile.outbox WHERE failed_at IS NULL ORDER BY number LIMIT $1 FOR UPDATE SKIP LOCKED",
            )
            .bind(limit)
            .fetch_all(&mut *transaction)
            .await?;
            Ok::<_, Error>(Slice {
                transaction,
                events,
            })
        }))
        .await
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

impl Slice {
    /// Takes what was published out of the outbox, and notes why others were refused. What is neither is read again.
    pub async fn end(mut self, published: &[i64], refused: &[(i64, String)]) -> Result<()> {
        let (numbers, errors): (Vec<i64>, Vec<String>) = refused.iter().cloned().unzip();
        answered(Box::pin(async {
            sqlx::query("DELETE FROM campanile.outbox WHERE number = ANY ($1)")
                .bind(published)
                .execute(&mut *self.transaction)
                .await?;
            if !numbers.is_empty() {
                sqlx::query(
                    "UPDATE campanile.outbox o SET failed_at = now(), error = r.error
                     FROM unnest($1::bigint[], $2::text[]) AS r (number, error) WHERE o.number = r.number",
                )
                .bind(numbers)
                .bind(errors)
                .execute(&mut *self.transaction)
                .await?;
            }
            self.transaction.commit().await?;
            Ok::<_, Error>(())
        }))
        .await
    }
}

/// Puts the schema into a product's database, or brings it up to date.
pub async fn install(url: &str) -> Result<()> {
    let mut connection = connect(url).await?;
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(include_str!("install.sql"))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(connection.close().await?)
}

/// Takes the schema out of a product's database. Refused, unless it is forced, while events are in it. `false` when it was not there.
pub async fn remove(url: &str, force: bool) -> Result<bool> {
    let mut connection = connect(url).await?;
    let mut transaction = connection.begin().await?;
    let is_there: bool = sqlx::query_scalar("SELECT to_regclass('campanile.outbox') IS NOT NULL")
        .fetch_one(&mut *transaction)
        .await?;
    if !is_there {
        return Ok(false);
    }
    // Whoever publishes waits until this is decided.
    sqlx::raw_sql("LOCK TABLE campanile.outbox IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *transaction)
        .await?;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM campanile.outbox")
        .fetch_one(&mut *transaction)
        .await?;
    if left > 0 && !force {
        return Err(Error::Conflict(format!(
            "{left} events are in it; with --force they are lost"
        )));
    }
    sqlx::raw_sql("DROP FUNCTION campanile.publish; DROP TABLE campanile.outbox; DROP SCHEMA campanile")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    connection.close().await?;
    Ok(true)
}

/// How an outbox stands, with so many of those that were refused last.
pub async fn status(url: &str, last: i64) -> Result<Status> {
    let mut connection = connect(url).await?;
    let (waiting, oldest, refused): (i64, Option<i64>, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE failed_at IS NULL),
           (extract(epoch FROM min(occurred_at) FILTER (WHERE failed_at IS NULL AND isfinite(occurred_at))) * 1000)::bigint,
           count(*) FILTER (WHERE failed_at IS NOT NULL) FROM campanile.outbox",
    )
    .fetch_one(&mut connection)
    .await?;
    let last = sqlx::query_as(
        "SELECT number, type, id, coalesce(error, '') FROM campanile.outbox WHERE failed_at IS NOT NULL ORDER BY failed_at DESC, number DESC LIMIT $1",
    )
    .bind(last)
    .fetch_all(&mut connection)
    .await?;
    connection.close().await?;
    Ok(Status {
        waiting,
        oldest,
        refused,
        last,
    })
}

/// Lets what was refused be read again. Answers how many.
pub async fn retry(url: &str) -> Result<u64> {
    let mut connection = connect(url).await?;
    let rows =
        sqlx::query("UPDATE campanile.outbox SET failed_at = NULL, error = NULL WHERE failed_at IS NOT NULL")
            .execute(&mut connection)
            .await?
            .rows_affected();
    connection.close().await?;
    Ok(rows)
}
