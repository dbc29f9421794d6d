//! What is called off by the key it was started under, slice by slice.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::run::RunStatus;

use crate::error::Result;
use crate::{Conn, Tx, app, batch, on};

/// Runs looked at in one transaction.
const SLICE: i64 = 200;

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

/// What became of a slice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slice {
    /// Runs, or activities, that were called off.
    pub cancelled: u64,
    /// The bare id of the last run looked at; `None` at the end.
    pub next: Option<String>,
}

impl Slice {
    fn of(found: &[Found], cancelled: u64) -> Self {
        let last = found
            .last()
            .filter(|_| found.len() as u64 >= SLICE.unsigned_abs());
        Self {
            cancelled,
            next: last.map(|last| last.id.clone()),
        }
    }
}

/// A run of the key.
#[derive(Debug, sqlx::FromRow)]
struct Found {
    id: String,
    status: i64,
    batch: Option<String>,
    gathers: Option<String>,
    called_off: i64,
}

/// The next runs of the key, by id.
async fn found(conn: &mut Conn, env: i64, off: Off<'_>, after: &str) -> Result<Vec<Found>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id, CAST(status AS BIGINT) AS status, batch, gathers, CAST(called_off AS BIGINT) AS called_off FROM runs
         WHERE environment = $1 AND workflow = $2 AND cancellation_key = $3 AND id > $6 AND ($4 = '[]' OR user_id {})
           AND ($5 = '' OR EXISTS (SELECT 1 FROM events e WHERE e.environment = $1 AND e.id = runs.event AND e.app = $5))
         ORDER BY id LIMIT $7",
        conn.among("$4")
    ));
    Ok(on!(conn, |c| sqlx::query_as(sql)
        .bind(env)
        .bind(off.workflow)
        .bind(off.cancellation_key)
        .bind(serde_json::json!(off.users).to_string())
        .bind(off.app)
        .bind(after)
        .bind(SLICE)
        .fetch_all(c)
        .await?))
}

/// Ends these runs where they still stand so, and go on for nobody else unless they lead; those in a batch leave it.
async fn end(tx: &mut Tx, runs: &[&str], (status, leads): (RunStatus, bool), now: i64) -> Result<u64> {
    let env = tx.env();
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE runs SET status = $3, revision = revision + 1, finished_at = $4, awaits = NULL, becomes = NULL,
           batch = CASE WHEN status = {} THEN NULL ELSE batch END
         WHERE +environment = $1 AND id {} AND status = $5 AND (gathers IS NULL OR $6 = 1)",
        RunStatus::Batched as i16,
        tx.among("$2")
    ));
    let list = serde_json::json!(runs).to_string();
    Ok(on!(&mut tx.conn, |c| sqlx::query(sql)
        .bind(env.0)
        .bind(list)
        .bind(RunStatus::Cancelled as i16)
        .bind(now)
        .bind(status as i16)
        .bind(i64::from(leads))
        .execute(c)
        .await?
        .rows_affected()))
}

/// Ends the runs that wait, all but those that go on for others too.
pub async fn waiting(tx: &mut Tx, off: Off<'_>, after: &str, now: i64) -> Result<Slice> {
    let env = tx.env();
    let found = found(tx, env.0, off, after).await?;
    let waits = |run: &&Found| run.status == RunStatus::Waiting as i64 && run.gathers.is_none();
    let runs: Vec<_> = found.iter().filter(waits).map(|run| run.id.as_str()).collect();
    lock(tx, &runs).await?;
    let cancelled = end(tx, &runs, (RunStatus::Waiting, false), now).await?;
    Ok(Slice::of(&found, cancelled))
}

/// Takes the activities out of batches that are not closed yet, and ends their runs.
pub async fn batched(tx: &mut Tx, off: Off<'_>, after: &str, now: i64) -> Result<Slice> {
    let env = tx.env();
    let found = found(tx, env.0, off, after).await?;
    let gathered = |run: &Found| {
        let batch = run
            .batch
            .clone()
            .filter(|_| run.status == RunStatus::Batched as i64 && run.gathers.is_none());
        batch.map(|batch| (run.id.clone(), batch))
    };
    let mut runs: HashMap<String, String> = found.iter().filter_map(gathered).collect();
    let batches: BTreeSet<_> = runs.values().cloned().collect();
    // Batches first and in order, as the group commit locks them: what is in one that is open stays there then.
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id FROM batches WHERE +environment = $1 AND id {} AND closed_at IS NULL {}",
        tx.among("$2"),
        tx.for_update()
    ));
    let list = serde_json::json!(batches).to_string();
    let open: Vec<String> = on!(&mut tx.conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(list)
        .fetch_all(c)
        .await?);
    runs.retain(|_, batch| open.contains(batch));
    // Somebody else may have called some off before the lock was had.
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id FROM runs WHERE +environment = $1 AND id {} AND status = $3 {}",
        tx.among("$2"),
        tx.for_update()
    ));
    let list = serde_json::json!(runs.keys().collect::<Vec<_>>()).to_string();
    let there: Vec<String> = on!(&mut tx.conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(list)
        .bind(RunStatus::Batched as i16)
        .fetch_all(c)
        .await?);
    let mut leaving: BTreeMap<&str, i64> = BTreeMap::new();
    for id in &there {
        *leaving.entry(&runs[id]).or_default() += 1;
    }
    let ids: Vec<_> = there.iter().map(String::as_str).collect();
    let cancelled = end(tx, &ids, (RunStatus::Batched, false), now).await?;
    for (batch, left) in leaving {
        on!(&mut tx.conn, |c| {
            sqlx::query("UPDATE batches SET items = items - $3 WHERE environment = $1 AND id = $2")
                .bind(env.0)
                .bind(batch)
                .bind(left)
                .execute(c)
                .await?;
        });
    }
    Ok(Slice::of(&found, cancelled))
}

/// Who is concerned where activities are called off that somebody goes on with.
#[derive(Debug, Default)]
struct Concerned {
    /// Runs whose activity is called off.
    marked: BTreeSet<String>,
    /// How many these were before those came that are done with theirs.
    count: u64,
    /// Runs that go on with such an activity, with what they gather.
    leading: BTreeSet<(String, String)>,
    /// Runs that are first in an open batch which such an activity went into.
    first: BTreeSet<String>,
}

impl Concerned {
    async fn by(tx: &mut Tx, found: &[Found]) -> Result<Self> {
        let env = tx.env();
        let (mut concerned, mut looked) = (Self::default(), HashMap::new());
        for run in found.iter().filter(|run| run.called_off == 0) {
            match (&run.gathers, &run.batch) {
                (Some(gathers), _) if run.status == RunStatus::Waiting as i64 => {
                    concerned.leading.insert((run.id.clone(), gathers.clone()));
                    concerned.marked.insert(run.id.clone());
                }
                (_, Some(batch)) if run.status == RunStatus::Batched as i64 => {
                    if !looked.contains_key(batch) {
                        let on = batch::going_on(&mut tx.conn, env, batch).await?;
                        looked.insert(batch.clone(), !on.open.is_empty() || !on.runs.is_empty());
                        concerned.leading.extend(on.runs);
                        concerned.first.extend(on.open);
                    }
                    concerned.marked.extend(looked[batch].then(|| run.id.clone()));
                }
                _ => {}
            }
        }
        // A step that was held up stands for the activity of the run it is of, which is done with it.
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT w.id FROM runs p JOIN runs w ON w.environment = p.environment AND w.event = p.event AND w.workflow = p.workflow
               AND w.user_id = p.user_id AND w.part = '' WHERE +p.environment = $1 AND p.id {} AND p.part <> ''",
            tx.among("$2")
        ));
        let list = serde_json::json!(concerned.marked).to_string();
        let whole: Vec<String> = on!(&mut tx.conn, |c| sqlx::query_scalar(sql)
            .bind(env.0)
            .bind(list)
            .fetch_all(c)
            .await?);
        concerned.count = concerned.marked.len() as u64;
        concerned.marked.extend(whole);
        Ok(concerned)
    }

    /// All of them.
    fn runs(&self) -> BTreeSet<&str> {
        let leading = self.leading.iter().map(|(id, _)| id);
        let all = self.marked.iter().chain(&self.first).chain(leading);
        all.map(String::as_str).collect()
    }
}

/// Holds these runs, in the order in which the group commit does.
async fn lock(tx: &mut Tx, runs: &[&str]) -> Result<()> {
    let env = tx.env();
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id FROM runs WHERE +environment = $1 AND id {} {}",
        tx.among("$2"),
        tx.for_update()
    ));
    let list = serde_json::json!(runs).to_string();
    on!(&mut tx.conn, |c| {
        sqlx::query(sql).bind(env.0).bind(list).execute(c).await?;
    });
    Ok(())
}

/// Marks the activities with which somebody goes on yet, for a closed batch or for what is gathered of several: who does goes on without them,
/// and ends where none is left.
pub async fn gathered(tx: &mut Tx, off: Off<'_>, after: &str, now: i64) -> Result<Slice> {
    let env = tx.env();
    let looked = found(tx, env.0, off, after).await?;
    let runs = Concerned::by(tx, &looked).await?;
    lock(tx, &runs.runs().into_iter().collect::<Vec<_>>()).await?;
    // As they stand now that they are held.
    let looked = found(tx, env.0, off, after).await?;
    let concerned = Concerned::by(tx, &looked).await?;
    // A plan that was made before is refused, whoever it is that goes on.
    let mark = sqlx::AssertSqlSafe(format!(
        "UPDATE runs SET revision = revision + 1, called_off = CASE WHEN id {} THEN 1 ELSE called_off END WHERE +environment = $1 AND id {}",
        tx.among("$3"),
        tx.among("$2")
    ));
    let all = serde_json::json!(concerned.runs()).to_string();
    let marked = serde_json::json!(concerned.marked).to_string();
    on!(&mut tx.conn, |c| {
        sqlx::query(mark)
            .bind(env.0)
            .bind(all)
            .bind(marked)
            .execute(c)
            .await?;
    });
    for (id, gathers) in &concerned.leading {
        let place = (app::id(gathers)?, app::id(id)?);
        let (_, left) = batch::activities(&mut tx.conn, env, place, 1, false).await?;
        if left == 0 {
            end(tx, &[id], (RunStatus::Waiting, true), now).await?;
        }
    }
    Ok(Slice::of(&looked, concerned.count))
}
