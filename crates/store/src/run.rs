//! Runs: read, listed. (They are written by the group commit.)
//!
//! `+environment` keeps `SQLite` from an index that begins with it where a better one stands ready: most rows have the same.

use domain::environment::Env;
use domain::id::{BatchId, EventId, Prefixed, RunId};
use domain::run::{RunState, RunStatus, StepLog};
use domain::workflow::Awaits;

use crate::error::{Error, Result};
use crate::{Conn, Page, app, batch, on};

/// A run as it is kept.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Environment.
    pub env: Env,
    /// Key of its workflow.
    pub workflow: String,
    /// The version it began with.
    pub version: i64,
    /// The event it follows from.
    pub event: EventId,
    /// Its recipient.
    pub user: String,
    /// Tenant it happens in.
    pub tenant: Option<String>,
    /// Who caused it.
    pub actor: Option<String>,
    /// Where it stands.
    pub status: RunStatus,
    /// Grows with every move.
    pub revision: i64,
    /// The one step it takes, where that was held up in another run; else empty.
    pub part: String,
    /// What its caller calls it off by.
    pub cancellation_key: Option<String>,
    /// The batch its activity went into.
    pub batch: Option<BatchId>,
    /// The batch whose activities it goes on with.
    pub gathers: Option<BatchId>,
    /// What it remembers.
    pub state: RunState,
    /// Whether its own activity was called off, while it goes on for others.
    pub called_off: bool,
    /// What it waits for that others do.
    pub awaits: Option<Awaits>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub finished_at: Option<i64>,
}

impl Run {
    /// What became of its steps. Where it takes one step that was held up in another run, what came before it there is not among them.
    pub fn log(&self) -> &[StepLog] {
        let log = &self.state.log;
        let of_part = |entry: &StepLog| self.part.is_empty() || entry.step == self.part;
        &log[log.iter().position(of_part).unwrap_or(log.len())..]
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    environment: i64,
    workflow: String,
    version: i64,
    event: String,
    user_id: String,
    tenant: Option<String>,
    actor: Option<String>,
    part: String,
    status: i16,
    revision: i64,
    cancellation_key: Option<String>,
    batch: Option<String>,
    gathers: Option<String>,
    called_off: i64,
    state: String,
    awaits: Option<String>,
    becomes: Option<i16>,
    created_at: i64,
    finished_at: Option<i64>,
}

impl TryFrom<Row> for Run {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: app::id(&row.id)?,
            env: Env(row.environment),
            event: app::id(&row.event)?,
            status: RunStatus::from_number(row.status)
                .ok_or_else(|| Error::corrupt("status of run", &row.status.to_string()))?,
            batch: row.batch.as_deref().map(app::id).transpose()?,
            gathers: row.gathers.as_deref().map(app::id).transpose()?,
            part: row.part,
            called_off: row.called_off != 0,
            awaits: row
                .awaits
                .zip(row.becomes)
                .map(|(what, becomes)| Awaits { what, becomes }),
            state: serde_json::from_str(&row.state)
                .map_err(|_| Error::corrupt("state of run", &row.state))?,
            workflow: row.workflow,
            version: row.version,
            user: row.user_id,
            tenant: row.tenant,
            actor: row.actor,
            revision: row.revision,
            cancellation_key: row.cancellation_key,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}

const COLUMNS: &str = "id, environment, workflow, version, event, user_id, tenant, actor, part, status, revision, cancellation_key, batch, gathers, called_off, state, awaits, becomes, created_at, finished_at";

/// One run.
pub async fn get(conn: &mut Conn, env: Env, id: RunId) -> Result<Option<Run>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM runs WHERE environment = $1 AND id = $2"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    row.map(Run::try_from).transpose()
}

/// What a list of runs is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this workflow.
    pub workflow: Option<String>,
    /// Of this recipient.
    pub user: Option<String>,
    /// From this event.
    pub event: Option<EventId>,
    /// That stand so.
    pub status: Option<RunStatus>,
}

/// Runs, newest first.
pub async fn list(conn: &mut Conn, env: Env, filter: &Filter, page: &Page) -> Result<Vec<Run>> {
    // The runs of an event are few and have an index; all others are looked through from the newest on.
    let of = if filter.event.is_some() {
        "environment = $1 AND event = $5"
    } else {
        "+environment = $1 AND $5 IS NULL"
    };
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM runs WHERE {of} AND ($2 IS NULL OR id < $2) AND ($3 IS NULL OR workflow = $3)
           AND ($4 IS NULL OR user_id = $4) AND ($6 IS NULL OR status = $6) ORDER BY id DESC LIMIT $7"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(page.after.as_deref())
            .bind(filter.workflow.as_deref())
            .bind(filter.user.as_deref())
            .bind(filter.event.as_ref().map(Prefixed::bare))
            .bind(filter.status.map(|status| status as i16))
            .bind(page.limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Run::try_from).collect()
}

/// The runs of an event, or those of one recipient of it, in the order in which they began: so many after one.
pub async fn of_event(
    conn: &mut Conn,
    env: Env,
    (event, user): (EventId, Option<&str>),
    page: &Page,
) -> Result<Vec<Run>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM runs WHERE environment = $1 AND event = $2 AND ($3 IS NULL OR user_id = $3) AND ($4 IS NULL OR id > $4)
         ORDER BY id LIMIT $5"
    ));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(event.bare())
        .bind(user)
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?);
    rows.into_iter().map(Run::try_from).collect()
}

/// These runs, and those that go on for these batches, or will when they close.
pub async fn also(conn: &mut Conn, env: Env, runs: &[RunId], batches: &[BatchId]) -> Result<Vec<Run>> {
    let list = |ids: &[&str]| serde_json::json!(ids).to_string();
    let bare: Vec<&str> = batches.iter().map(Prefixed::bare).collect();
    let later = batch::later(conn, env, &bare).await?;
    let later: Vec<&str> = later.iter().map(String::as_str).collect();
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM runs WHERE +environment = $1 AND (id {} OR gathers {} OR id IN (
           SELECT min(r.id) FROM runs r JOIN batches b ON b.id = r.batch AND b.closed_at IS NULL
           WHERE +r.environment = $1 AND r.batch {} GROUP BY r.batch)) ORDER BY id",
        conn.among("$2"),
        conn.among("$3"),
        conn.among("$4")
    ));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(list(&runs.iter().map(Prefixed::bare).collect::<Vec<_>>()))
        .bind(list(&later))
        .bind(list(&bare))
        .fetch_all(c)
        .await?);
    rows.into_iter().map(Run::try_from).collect()
}

/// The run that goes on for a batch of what one step held; `None` while none does.
pub async fn of_held(conn: &mut Conn, env: Env, batch: BatchId, part: &str) -> Result<Option<Run>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM runs WHERE +environment = $1 AND gathers = $2 AND part = $3 ORDER BY id LIMIT 1"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(batch.bare())
        .bind(part)
        .fetch_optional(c)
        .await?);
    row.map(Run::try_from).transpose()
}

/// Of these users, those for whom an event started a workflow already.
pub async fn started(
    conn: &mut Conn,
    env: Env,
    event: EventId,
    workflow: &str,
    users: &[String],
) -> Result<Vec<String>> {
    let list = serde_json::json!(users).to_string();
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT user_id FROM runs WHERE environment = $1 AND event = $2 AND workflow = $3 AND part = '' AND user_id {}",
        conn.among("$4")
    ));
    Ok(on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(event.bare())
        .bind(workflow)
        .bind(list)
        .fetch_all(c)
        .await?))
}

/// The first run of a batch, which goes on for all.
pub async fn first(conn: &mut Conn, env: Env, id: BatchId) -> Result<Option<Run>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM runs WHERE environment = $1 AND batch = $2 ORDER BY id LIMIT 1"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    row.map(Run::try_from).transpose()
}
