//! Runs and batches: read, listed. (They are written by the group commit.)
//!
//! `+environment` keeps `SQLite` from an index that begins with it where a better one stands ready: most rows have the same.

use domain::environment::Env;
use domain::id::{BatchId, EventId, Prefixed, RunId};
use domain::run::{Join, RunState, RunStatus};
use domain::workflow::Awaits;

use crate::error::{Error, Result};
use crate::{Conn, Page, Tx, app, on};

/// A batch that more may join.
#[derive(Debug)]
pub(crate) struct OpenBatch {
    pub(crate) id: String,
    pub(crate) timer: String,
    pub(crate) items: i64,
    pub(crate) opened_at: i64,
    pub(crate) closes_at: i64,
}

impl OpenBatch {
    /// Takes one more in; `false` when none may follow.
    pub(crate) fn join(&mut self, join: &Join, now: i64) -> bool {
        self.items += 1;
        if let Some((by, most)) = join.slides {
            let end = self.opened_at.saturating_add(most);
            self.closes_at = now.saturating_add(by).min(end).max(self.closes_at);
        }
        let full = join.close_at.is_some_and(|items| self.items >= i64::from(items));
        if full {
            self.closes_at = self.closes_at.min(now);
        }
        !full
    }
}

/// Subject and state of the timer that closes a batch.
pub(crate) fn close_timer(batch: BatchId) -> (String, String) {
    (batch.to_string(), format!(r#"{{"batch":"{batch}"}}"#))
}

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
    /// What it waits for that others do.
    pub awaits: Option<Awaits>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub finished_at: Option<i64>,
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

const COLUMNS: &str = "id, environment, workflow, version, event, user_id, tenant, actor, part, status, revision, cancellation_key, batch, gathers, state, awaits, becomes, created_at, finished_at";

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

/// These runs, and those that go on for these batches.
pub async fn also(conn: &mut Conn, env: Env, runs: &[RunId], batches: &[BatchId]) -> Result<Vec<Run>> {
    let bare = |ids: Vec<&str>| serde_json::json!(ids).to_string();
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM runs WHERE +environment = $1 AND (id {} OR id IN (
           SELECT min(id) FROM runs WHERE +environment = $1 AND batch {} GROUP BY batch)) ORDER BY id",
        conn.among("$2"),
        conn.among("$3")
    ));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(bare(runs.iter().map(Prefixed::bare).collect()))
        .bind(bare(batches.iter().map(Prefixed::bare).collect()))
        .fetch_all(c)
        .await?);
    rows.into_iter().map(Run::try_from).collect()
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

/// Of these groups, those with an open batch.
pub async fn open_groups(conn: &mut Conn, env: Env, groups: &[String]) -> Result<Vec<String>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT grouped FROM batches WHERE environment = $1 AND is_open = 1 AND grouped {}",
        conn.among("$2")
    ));
    let list = serde_json::json!(groups).to_string();
    Ok(on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(list)
        .fetch_all(c)
        .await?))
}

/// What was counted under these names.
pub async fn tallies(conn: &mut Conn, env: Env, names: &[String]) -> Result<Vec<(String, String)>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT name, state FROM tallies WHERE environment = $1 AND name {}",
        conn.among("$2")
    ));
    let list = serde_json::json!(names).to_string();
    Ok(on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(list)
        .fetch_all(c)
        .await?))
}

/// Runs that are called off together: those of a workflow that were started by a key.
#[derive(Debug, Clone, Copy)]
pub struct Off<'a> {
    /// Key of the workflow.
    pub workflow: &'a str,
    /// What they were started by.
    pub cancellation_key: &'a str,
    /// Only those of this application (its bare id), where one is named.
    pub app: &'a str,
    /// Only those of these users, where some are named.
    pub users: &'a [String],
}

impl Off<'_> {
    /// The condition on a run, with `$1` to `$5` as [`Off::users`] and the others are bound.
    fn wanted(conn: &Conn) -> String {
        format!(
            "environment = $1 AND workflow = $2 AND cancellation_key = $3 AND ($4 = '[]' OR user_id {})
             AND ($5 = '' OR EXISTS (SELECT 1 FROM events e WHERE e.environment = $1 AND e.id = runs.event AND e.app = $5))",
            conn.among("$4")
        )
    }

    fn list(&self) -> String {
        serde_json::json!(self.users).to_string()
    }
}

/// Ends the runs that wait. Answers how many.
pub async fn cancel_waiting(tx: &mut Tx, off: Off<'_>, now: i64) -> Result<u64> {
    cancel(tx, off, (RunStatus::Waiting, None), now).await
}

/// Ends those runs that stand so; with a batch those whose activity is in it, which leaves it.
async fn cancel(
    tx: &mut Tx,
    off: Off<'_>,
    (status, batch): (RunStatus, Option<&str>),
    now: i64,
) -> Result<u64> {
    let env = tx.env();
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE runs SET status = $6, revision = revision + 1, finished_at = $7, awaits = NULL, becomes = NULL,
           batch = CASE WHEN $9 IS NULL THEN batch END
         WHERE {} AND status = $8 AND ($9 IS NULL OR batch = $9)",
        Off::wanted(tx)
    ));
    Ok(on!(&mut tx.conn, |c| sqlx::query(sql)
        .bind(env.0)
        .bind(off.workflow)
        .bind(off.cancellation_key)
        .bind(off.list())
        .bind(off.app)
        .bind(RunStatus::Cancelled as i16)
        .bind(now)
        .bind(status as i16)
        .bind(batch)
        .execute(c)
        .await?
        .rows_affected()))
}

/// Takes the activities out of batches that are not closed yet, and ends their runs. Answers how many.
pub async fn cancel_batched(tx: &mut Tx, off: Off<'_>, now: i64) -> Result<u64> {
    let (env, wanted) = (tx.env(), Off::wanted(tx));
    // Batches first and in order, as the group commit locks them.
    let batches = sqlx::AssertSqlSafe(format!(
        "SELECT id FROM batches WHERE environment = $1 AND closed_at IS NULL AND id IN (
           SELECT batch FROM runs WHERE {wanted} AND status = $6 AND batch IS NOT NULL) {}",
        tx.for_update()
    ));
    let open: Vec<String> = on!(&mut tx.conn, |c| sqlx::query_scalar(batches)
        .bind(env.0)
        .bind(off.workflow)
        .bind(off.cancellation_key)
        .bind(off.list())
        .bind(off.app)
        .bind(RunStatus::Batched as i16)
        .fetch_all(c)
        .await?);
    let mut cancelled = 0;
    for batch in open {
        let left = cancel(tx, off, (RunStatus::Batched, Some(&batch)), now).await?;
        on!(&mut tx.conn, |c| {
            sqlx::query("UPDATE batches SET items = items - $3 WHERE environment = $1 AND id = $2")
                .bind(env.0)
                .bind(batch.as_str())
                .bind(i64::try_from(left).unwrap_or(0))
                .execute(c)
                .await?;
        });
        cancelled += left;
    }
    Ok(cancelled)
}

/// Runs that wait for an event of one of these names: so many.
pub async fn awaiting(conn: &mut Conn, env: Env, names: &[String], limit: i64) -> Result<Vec<RunId>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id FROM runs WHERE +environment = $1 AND becomes = 0 AND awaits {} AND status = 0 LIMIT $3",
        conn.among("$2")
    ));
    let list = serde_json::json!(names).to_string();
    let rows: Vec<String> = on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(list)
        .bind(limit)
        .fetch_all(c)
        .await?);
    rows.iter().map(|id| app::id(id)).collect()
}

/// A run for which something has become what it waits for.
#[derive(Debug, Clone)]
pub struct Come {
    /// Environment.
    pub env: Env,
    /// The run.
    pub run: RunId,
    /// What it waits for.
    pub awaits: Awaits,
    /// What that has become, as [`domain::workflow::Becomes`] has it.
    pub reached: i16,
}

/// Runs, of every environment, for which a notification or a message has become what they wait for: so many, by id, after this bare one. Looks at all that wait so.
pub async fn come(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<Come>> {
    // As `Becomes` has them: of a notification 1 seen, 2 read, 4 clicked, 8 dismissed; of a message 16 sent, 32 delivered, 64 failed.
    let notifications = "SELECT r.environment, r.id, r.awaits, r.becomes,
           CASE WHEN s.seen_at IS NULL THEN 0 ELSE 1 END + CASE WHEN s.read_at IS NULL THEN 0 ELSE 2 END
             + CASE WHEN s.clicked_at IS NULL THEN 0 ELSE 4 END + CASE WHEN s.dismissed_at IS NULL THEN 0 ELSE 8 END AS reached
         FROM runs r JOIN states s ON s.environment = r.environment AND s.user_id = r.user_id AND s.notification = r.awaits
         WHERE r.becomes BETWEEN 1 AND 15 AND r.awaits IS NOT NULL AND r.status = 0";
    let messages = "SELECT r.environment, r.id, r.awaits, r.becomes,
           CASE d.state WHEN 3 THEN 16 WHEN 4 THEN 48 WHEN 5 THEN 64 WHEN 6 THEN 64 WHEN 7 THEN 64 ELSE 0 END AS reached
         FROM runs r JOIN messages m ON m.environment = r.environment AND m.delivery = r.awaits
         JOIN deliveries d ON d.destination = m.destination AND d.id = m.delivery
         WHERE r.becomes BETWEEN 16 AND 127 AND r.awaits IS NOT NULL AND r.status = 0";
    let sql = format!(
        "SELECT environment, id, awaits, CAST(becomes AS BIGINT), CAST(reached AS BIGINT) FROM ({notifications} UNION ALL {messages}) AS waits
         WHERE (becomes & reached) <> 0 AND id > $2 ORDER BY id LIMIT $1"
    );
    let rows: Vec<(i64, String, String, i64, i64)> = on!(conn, |c| sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(limit)
        .bind(after)
        .fetch_all(c)
        .await?);
    rows.into_iter()
        .map(|(env, run, what, becomes, reached)| {
            let becomes = i16::try_from(becomes).unwrap_or(0);
            Ok(Come {
                env: Env(env),
                run: app::id(&run)?,
                awaits: Awaits { what, becomes },
                reached: i16::try_from(reached).unwrap_or(0),
            })
        })
        .collect()
}

/// A batch that is to be closed.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// Activities in it.
    pub items: i64,
    /// When it closes, milliseconds since the Unix epoch.
    pub closes_at: i64,
}

/// A batch that is not closed yet.
pub async fn batch(conn: &mut Conn, env: Env, id: BatchId) -> Result<Option<Batch>> {
    let row: Option<(i64, i64)> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT items, closes_at FROM batches WHERE environment = $1 AND id = $2 AND closed_at IS NULL",
        )
        .bind(env.0)
        .bind(id.bare())
        .fetch_optional(c)
        .await?
    });
    Ok(row.map(|(items, closes_at)| Batch { id, items, closes_at }))
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

/// The activities of a batch in the order in which they came, so many from the beginning or up to the end, and how many there are. Where
/// a run went into it that itself goes on for a batch, the activities of that one are among them.
pub async fn activities(
    conn: &mut Conn,
    env: Env,
    id: BatchId,
    limit: i64,
    last: bool,
) -> Result<(Vec<EventId>, i64)> {
    let order = if last { "DESC" } else { "ASC" };
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH RECURSIVE gathered (event, gathers) AS (
           SELECT event, gathers FROM runs WHERE environment = $1 AND batch = $2
           UNION
           SELECT r.event, r.gathers FROM gathered g JOIN runs r ON r.batch = g.gathers WHERE r.environment = $1)
         SELECT event, count(*) OVER () FROM (SELECT DISTINCT event FROM gathered) AS activities ORDER BY event {order} LIMIT $3"
    ));
    let mut rows: Vec<(String, i64)> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(id.bare())
        .bind(limit)
        .fetch_all(c)
        .await?);
    if last {
        rows.reverse();
    }
    let total = rows.first().map_or(0, |(_, total)| *total);
    let events: Result<_> = rows.iter().map(|(event, _)| app::id(event)).collect();
    Ok((events?, total))
}
