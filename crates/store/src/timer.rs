//! Timers: work with a due time, done in slices under a lease.

use domain::delivery::{Lease, Owner};
use domain::effects::{NewTimer, TimerKind};
use domain::environment::Env;
use domain::id::{Prefixed, TimerId};

use crate::error::{Error, Result};
use crate::node::GONE;
use crate::{Conn, Tx, app, on};

/// A timer this node may now fire.
#[derive(Debug, Clone)]
pub struct Timer {
    /// Its id.
    pub id: TimerId,
    /// Environment.
    pub env: Env,
    /// What it does.
    pub kind: TimerKind,
    /// What it concerns.
    pub subject: String,
    /// Where it stands, as JSON.
    pub state: String,
    /// When it was due, milliseconds since the Unix epoch.
    pub due_at: i64,
    /// The right to fire it.
    pub lease: Lease,
}

/// Writes a timer outside the group commit.
pub async fn insert(tx: &mut Tx, timer: &NewTimer, now: i64) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query("INSERT INTO timers (id, environment, kind, subject, state, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(timer.id.bare())
            .bind(env.0)
            .bind(timer.kind as i16)
            .bind(timer.subject.as_str())
            .bind(timer.state.as_str())
            .bind(timer.due_at)
            .bind(now)
            .execute(c)
            .await?;
    });
    Ok(())
}

/// Leases up to `limit` due timers to `owner`, the longest due first. Kinds that only a newer program knows are left to it.
pub async fn claim(tx: &mut Tx, (owner, turn): (Owner, i64), limit: i64, now: i64) -> Result<Vec<Timer>> {
    let known = TimerKind::ALL.map(|kind| (kind as i16).to_string()).join(", ");
    let skip = tx.skip_locked();
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH due AS MATERIALIZED (SELECT id FROM timers WHERE owner IS NULL AND due_at <= $2 AND kind IN ({known}) ORDER BY due_at LIMIT $3 {skip})
         UPDATE timers SET owner = $1, fence = fence + $4 WHERE owner IS NULL AND id IN (SELECT id FROM due)
         RETURNING id, environment, kind, subject, state, due_at, fence"
    ));
    let rows: Vec<(String, i64, i16, String, String, i64, i64)> = on!(&mut tx.conn, |c| sqlx::query_as(sql)
        .bind(owner.0)
        .bind(now)
        .bind(limit)
        .bind(turn)
        .fetch_all(c)
        .await?);
    rows.into_iter()
        .map(|(id, env, kind, subject, state, due_at, fence)| {
            Ok(Timer {
                id: app::id(&id)?,
                env: Env(env),
                kind: TimerKind::from_number(kind)
                    .ok_or_else(|| Error::corrupt("kind of timer", &kind.to_string()))?,
                subject,
                state,
                due_at,
                lease: Lease { owner, fence },
            })
        })
        .collect()
}

/// When the next timer is due after that time, be it leased or not, milliseconds since the Unix epoch.
pub async fn next_due(conn: &mut Conn, after: i64) -> Result<Option<i64>> {
    Ok(on!(conn, |c| sqlx::query_scalar(
        "SELECT min(due_at) FROM timers WHERE due_at > $1"
    )
    .bind(after)
    .fetch_one(c)
    .await?))
}

/// Moves a timer on: the next state and due time, or `None` when its work is done. `false` when the lease is lost; roll back then.
pub async fn advance(tx: &mut Tx, timer: &Timer, next: Option<(&str, i64)>) -> Result<bool> {
    let (state, due_at) = next.unwrap_or(("", 0));
    let sql = if next.is_some() {
        "UPDATE timers SET state = $4, due_at = $5, owner = NULL WHERE id = $1 AND owner = $2 AND fence = $3"
    } else {
        "DELETE FROM timers WHERE id = $1 AND owner = $2 AND fence = $3 AND $4 = $4 AND $5 = $5"
    };
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(sql)
            .bind(timer.id.bare())
            .bind(timer.lease.owner.0)
            .bind(timer.lease.fence)
            .bind(state)
            .bind(due_at)
            .execute(c)
            .await?
            .rows_affected()
    });
    Ok(rows == 1)
}

/// Frees the leases of processes that are no more. Answers how many.
pub async fn rescue(tx: &mut Tx) -> Result<u64> {
    let sql = sqlx::AssertSqlSafe(format!("UPDATE timers SET owner = NULL WHERE {GONE}"));
    Ok(on!(&mut tx.conn, |c| sqlx::query(sql)
        .execute(c)
        .await?
        .rows_affected()))
}
