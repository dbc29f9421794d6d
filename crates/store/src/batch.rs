//! Batches: what is gathered in them, and how one goes into another. (They are written by the group commit.)
//!
//! A run names the batch that its activity went into (`batch`), and the one whose activities it goes on with (`gathers`). Where a run went
//! into a batch that itself goes on for an earlier one, the activities of that one are among them. A closed batch names what the run that
//! goes on for it had gathered before.

use std::collections::BTreeSet;

use domain::environment::Env;
use domain::id::{BatchId, EventId, Prefixed, RunId};
use domain::run::Join;

use crate::error::Result;
use crate::{Conn, app, on};

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
    /// Whether its window is over: it is about to close, and what comes now goes into the next.
    pub(crate) fn is_over(&self, now: i64) -> bool {
        self.closes_at <= now
    }

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
pub async fn get(conn: &mut Conn, env: Env, id: BatchId) -> Result<Option<Batch>> {
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

/// Of these groups, those with an open batch whose window is not over.
pub async fn open_groups(conn: &mut Conn, env: Env, groups: &[String], now: i64) -> Result<Vec<String>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT grouped FROM batches WHERE environment = $1 AND is_open = 1 AND closes_at > $3 AND grouped {}",
        conn.among("$2")
    ));
    let list = serde_json::json!(groups).to_string();
    Ok(on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(list)
        .bind(now)
        .fetch_all(c)
        .await?))
}

/// The activities that a run goes on with, in the order in which they came, and how many there are: those of this batch and of all that went into
/// it, and its own. So many are read, from the beginning or up to the end. What was called off is not among them.
pub async fn activities(
    conn: &mut Conn,
    env: Env,
    (batch, run): (BatchId, RunId),
    limit: i64,
    last: bool,
) -> Result<(Vec<EventId>, i64)> {
    let batches = earlier(conn, env, batch).await?;
    let order = if last { "DESC" } else { "ASC" };
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT event, count(*) OVER () FROM (
           SELECT event, workflow, user_id, part, called_off FROM runs WHERE +environment = $1 AND batch {}
           UNION SELECT event, workflow, user_id, part, called_off FROM runs WHERE environment = $1 AND id = $3) AS r
         WHERE r.called_off = 0 AND (r.part = '' OR NOT EXISTS (SELECT 1 FROM runs w WHERE w.environment = $1 AND w.event = r.event
           AND w.workflow = r.workflow AND w.user_id = r.user_id AND w.part = '' AND w.called_off = 1))
         GROUP BY event ORDER BY event {order} LIMIT $4",
        conn.among("$2")
    ));
    let mut rows: Vec<(String, i64)> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(serde_json::json!(batches).to_string())
        .bind(run.bare())
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

/// Whether an event is among the activities of a batch, or of those that went into it.
pub async fn holds(conn: &mut Conn, env: Env, batch: BatchId, event: EventId) -> Result<bool> {
    let batches = earlier(conn, env, batch).await?;
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT EXISTS (SELECT 1 FROM runs WHERE environment = $1 AND event = $3 AND batch {})",
        conn.among("$2")
    ));
    Ok(on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(serde_json::json!(batches).to_string())
        .bind(event.bare())
        .fetch_one(c)
        .await?))
}

/// A batch and all that went into it, by their bare ids.
async fn earlier(conn: &mut Conn, env: Env, batch: BatchId) -> Result<BTreeSet<String>> {
    let sql = format!(
        "SELECT gathers FROM runs WHERE +environment = $1 AND batch {0} AND gathers IS NOT NULL
         UNION SELECT gathers FROM batches WHERE +environment = $1 AND id {0} AND gathers IS NOT NULL",
        conn.among("$2")
    );
    follow(conn, env, &[batch.bare()], sql).await
}

/// Batches and those whose runs had gathered them before, by their bare ids.
pub(crate) async fn later(conn: &mut Conn, env: Env, batches: &[&str]) -> Result<BTreeSet<String>> {
    let sql = format!(
        "SELECT id FROM batches WHERE +environment = $1 AND gathers {}",
        conn.among("$2")
    );
    follow(conn, env, batches, sql).await
}

/// These, and all that a query leads to from one to the next.
async fn follow(conn: &mut Conn, env: Env, from: &[&str], sql: String) -> Result<BTreeSet<String>> {
    let mut all: BTreeSet<String> = from.iter().map(|&id| id.to_owned()).collect();
    let mut new: Vec<String> = all.iter().cloned().collect();
    while !new.is_empty() {
        let (list, sql) = (
            serde_json::json!(new).to_string(),
            sqlx::AssertSqlSafe(sql.as_str()),
        );
        new = on!(conn, |c| sqlx::query_scalar(sql)
            .bind(env.0)
            .bind(list)
            .fetch_all(c)
            .await?);
        new.retain(|id| all.insert(id.clone()));
    }
    Ok(all)
}

/// Who goes on yet with what a batch gathered.
pub(crate) struct GoingOn {
    /// Runs, with what each gathers, by their bare ids.
    pub(crate) runs: Vec<(String, String)>,
    /// Of each batch that it went into and that is not closed yet, the run that goes on when it is, by its bare id.
    pub(crate) open: Vec<String>,
}

/// Who goes on yet with what a batch gathered.
pub(crate) async fn going_on(conn: &mut Conn, env: Env, batch: &str) -> Result<GoingOn> {
    // Upwards: into which batches those went that go on for it.
    let sql = format!(
        "SELECT id FROM batches WHERE +environment = $1 AND gathers {0}
         UNION SELECT batch FROM runs WHERE +environment = $1 AND gathers {0} AND batch IS NOT NULL",
        conn.among("$2")
    );
    let all = follow(conn, env, &[batch], sql).await?;
    let list = serde_json::json!(all).to_string();
    let runs = sqlx::AssertSqlSafe(format!(
        "SELECT id, gathers FROM runs WHERE +environment = $1 AND gathers {} AND finished_at IS NULL",
        conn.among("$2")
    ));
    let open = sqlx::AssertSqlSafe(format!(
        "SELECT (SELECT min(r.id) FROM runs r WHERE r.batch = b.id) FROM batches b
         WHERE +b.environment = $1 AND b.id {} AND b.closed_at IS NULL",
        conn.among("$2")
    ));
    Ok(on!(conn, |c| GoingOn {
        runs: sqlx::query_as(runs)
            .bind(env.0)
            .bind(&list)
            .fetch_all(&mut *c)
            .await?,
        open: sqlx::query_scalar::<_, Option<String>>(open)
            .bind(env.0)
            .bind(&list)
            .fetch_all(c)
            .await?
            .into_iter()
            .flatten()
            .collect(),
    }))
}
