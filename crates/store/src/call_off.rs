//! What is called off by the key it was started under.

use std::collections::{BTreeSet, HashMap};

use domain::run::RunStatus;

use crate::error::Result;
use crate::{Conn, Tx, app, batch, on};

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

/// Ends the runs that wait, all but those that go on for others too. Answers how many.
pub async fn waiting(tx: &mut Tx, off: Off<'_>, now: i64) -> Result<u64> {
    end(tx, off, (RunStatus::Waiting, None), now).await
}

/// Ends those runs that stand so and go on for nobody else; with a batch those whose activity is in it, which leaves it.
async fn end(tx: &mut Tx, off: Off<'_>, (status, batch): (RunStatus, Option<&str>), now: i64) -> Result<u64> {
    let env = tx.env();
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE runs SET status = $6, revision = revision + 1, finished_at = $7, awaits = NULL, becomes = NULL,
           batch = CASE WHEN $9 IS NULL THEN batch END
         WHERE {} AND status = $8 AND gathers IS NULL AND ($9 IS NULL OR batch = $9)",
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
pub async fn batched(tx: &mut Tx, off: Off<'_>, now: i64) -> Result<u64> {
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
        let left = end(tx, off, (RunStatus::Batched, Some(&batch)), now).await?;
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

/// Marks the activities of closed batches with which somebody goes on yet: who does goes on without them, and ends where none is left. Answers
/// how many.
pub async fn gathered(tx: &mut Tx, off: Off<'_>, now: i64) -> Result<u64> {
    let (env, wanted) = (tx.env(), Off::wanted(tx));
    let found = sqlx::AssertSqlSafe(format!(
        "SELECT id, CAST(status AS BIGINT), batch, gathers FROM runs WHERE {wanted} AND called_off = 0
           AND (status = $6 AND batch IS NOT NULL OR status = $7 AND gathers IS NOT NULL) {}",
        tx.for_update()
    ));
    let found: Vec<(String, i64, Option<String>, Option<String>)> =
        on!(&mut tx.conn, |c| sqlx::query_as(found)
            .bind(env.0)
            .bind(off.workflow)
            .bind(off.cancellation_key)
            .bind(off.list())
            .bind(off.app)
            .bind(RunStatus::Batched as i16)
            .bind(RunStatus::Waiting as i16)
            .fetch_all(c)
            .await?);
    let mut looked = HashMap::new();
    let (mut marked, mut leading) = (Vec::new(), BTreeSet::new());
    for (id, status, batch, gathers) in found {
        if let Some(gathers) = gathers.filter(|_| status == RunStatus::Waiting as i64) {
            leading.insert((id.clone(), gathers));
            marked.push(id);
        } else if let Some(batch) = batch {
            if !looked.contains_key(&batch) {
                let found = batch::going_on(&mut tx.conn, env, &batch).await?;
                looked.insert(batch.clone(), found.is_open || !found.runs.is_empty());
                leading.extend(found.runs);
            }
            marked.extend(looked[&batch].then_some(id));
        }
    }
    // A plan that was made before is refused.
    let mark = sqlx::AssertSqlSafe(format!(
        "UPDATE runs SET called_off = 1, revision = revision + 1 WHERE +environment = $1 AND id {}",
        tx.conn.among("$2")
    ));
    let list = serde_json::json!(marked).to_string();
    on!(&mut tx.conn, |c| {
        sqlx::query(mark).bind(env.0).bind(list).execute(c).await?;
    });
    for (id, gathers) in leading {
        let place = (app::id(&gathers)?, app::id(&id)?);
        let (_, left) = batch::activities(&mut tx.conn, env, place, 1, false).await?;
        if left > 0 {
            continue;
        }
        let end = "UPDATE runs SET status = $3, revision = revision + 1, finished_at = $4, awaits = NULL, becomes = NULL
          WHERE environment = $1 AND id = $2 AND finished_at IS NULL";
        on!(&mut tx.conn, |c| {
            sqlx::query(end)
                .bind(env.0)
                .bind(&id)
                .bind(RunStatus::Cancelled as i16)
                .bind(now)
                .execute(c)
                .await?;
        });
    }
    Ok(marked.len() as u64)
}
