//! Pruning: what is older than an environment keeps goes, in bounded slices behind the publishers.

use std::collections::{BTreeMap, BTreeSet};

use domain::environment::{Env, Retention};
use domain::id::Ksuid;

use crate::conn::answered;
use crate::error::Result;
use crate::event::floor_name;
use crate::{Conn, Tx, on};

const DAY: i64 = 86_400_000;

/// The oldest id that is kept; `None` keeps everything.
fn floor(days: u32, now: i64) -> Option<String> {
    (days > 0).then(|| Ksuid::floor(now - i64::from(days) * DAY).as_str().to_owned())
}

/// What one slice did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Rows that went; 0 means that nothing is left to prune.
    pub rows: u64,
    /// Feeds that lost something unread, each with the number that this took: their listeners start anew with other counters.
    pub moved: Vec<(String, i64)>,
}

/// Deletes one slice of what an environment no longer keeps.
///
/// On `SQLite`, where the positions of events are counted from the last one, the newest always stays: none is given twice.
pub async fn slice(tx: &mut Tx, retention: &Retention, limit: i64, now: i64) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    if let Some(floor) = floor(retention.deliveries, now) {
        pruned.rows += deliveries(tx, &floor, limit).await?;
        pruned.rows += tallies(tx, limit, now).await?;
        pruned.rows += runs(tx, &floor, limit, now - i64::from(retention.deliveries) * DAY).await?;
    }
    if let Some(floor) = floor(retention.events, now) {
        pruned.rows += events(tx, &floor, limit).await?;
    }
    if let Some(floor) = floor(retention.notifications, now) {
        states(tx, &floor, limit, now, &mut pruned).await?;
    }
    if let Some(floor) = floor(retention.audit, now) {
        let sql = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE environment = $1 AND id < $2 LIMIT $3)";
        pruned.rows += run(tx, sql, &floor, limit).await?;
    }
    Ok(pruned)
}

async fn run(tx: &mut Tx, sql: &'static str, floor: &str, limit: i64) -> Result<u64> {
    let env = tx.env();
    Ok(on!(&mut tx.conn, |c| sqlx::query(sql)
        .bind(env.0)
        .bind(floor)
        .bind(limit)
        .execute(c)
        .await?
        .rows_affected()))
}

/// Counts that nothing was added to for so long that they say no more than none: no throttle spans longer. One that somebody adds to at this moment
/// stays.
async fn tallies(tx: &mut Tx, limit: i64, now: i64) -> Result<u64> {
    let env = tx.env();
    let sql = "DELETE FROM tallies WHERE environment = $1 AND +updated_at < $2 AND name IN (
      SELECT name FROM tallies WHERE environment = $1 AND updated_at < $2 ORDER BY updated_at LIMIT $3)";
    Ok(on!(&mut tx.conn, |c| sqlx::query(sql)
        .bind(env.0)
        .bind(now - domain::throttle::LONGEST.ms())
        .bind(limit)
        .execute(c)
        .await?
        .rows_affected()))
}

/// Runs that ended long ago, and batches that closed, the oldest first (`+environment` as in `run`). An activity stays while its batch is open,
/// and as long as what gathered it: who goes on may have done so in several batches, one behind the other. A step that was held up stays as long as
/// the run that it is of goes on.
async fn runs(tx: &mut Tx, floor: &str, limit: i64, before: i64) -> Result<u64> {
    let env = tx.env();
    let mut rows = 0;
    for sql in [
        "DELETE FROM runs WHERE id IN (
           SELECT r.id FROM runs r WHERE +r.environment = $1 AND r.id < $2 AND r.finished_at < $4
             AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.id = r.batch AND b.closed_at IS NULL)
             AND NOT EXISTS (SELECT 1 FROM runs g WHERE g.gathers = r.batch AND g.id <> r.id)
             AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.gathers = r.batch)
             AND (r.part = '' OR NOT EXISTS (SELECT 1 FROM runs w WHERE w.environment = $1 AND w.event = r.event
               AND w.workflow = r.workflow AND w.user_id = r.user_id AND w.finished_at IS NULL)) LIMIT $3)",
        "DELETE FROM batches WHERE id IN (
           SELECT b.id FROM batches b WHERE +b.environment = $1 AND b.id < $2 AND b.closed_at < $4
             AND NOT EXISTS (SELECT 1 FROM runs g WHERE g.gathers = b.id)
             AND NOT EXISTS (SELECT 1 FROM batches c WHERE c.gathers = b.id) LIMIT $3)",
    ] {
        rows += on!(&mut tx.conn, |c| sqlx::query(sql)
            .bind(env.0)
            .bind(floor)
            .bind(limit)
            .bind(before)
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(rows)
}

/// Old rows are found by skipping from destination to destination in the table's own order, so that neither an index more nor a look at
/// everything that is kept is needed. (`CROSS JOIN` lets `SQLite` skip no further than it must.) What a run sent stays while the run goes on, which
/// may ask what became of it.
async fn deliveries(tx: &mut Tx, floor: &str, limit: i64) -> Result<u64> {
    let env = tx.env();
    // The skip goes over the destinations of every environment; row by row it would be as long as their logs.
    see(tx, "*").await?;
    let old = "WITH RECURSIVE skip (destination) AS (
          SELECT min(destination) FROM deliveries
          UNION ALL
          SELECT (SELECT min(d.destination) FROM deliveries d WHERE d.destination > skip.destination)
          FROM skip WHERE skip.destination IS NOT NULL)
        SELECT d.destination, d.id FROM skip CROSS JOIN deliveries d
        WHERE d.destination = skip.destination AND d.id < $2 AND d.finished_at IS NOT NULL
          AND (SELECT o.environment FROM deliveries o WHERE o.destination = skip.destination LIMIT 1) = $1
          AND NOT EXISTS (SELECT 1 FROM messages m JOIN runs r ON r.id = m.run
            JOIN runs w ON w.environment = r.environment AND w.event = r.event AND w.workflow = r.workflow AND w.user_id = r.user_id
            WHERE m.environment = $1 AND m.delivery = d.id AND w.finished_at IS NULL)
        LIMIT $3";
    let rows: Vec<(String, String)> = on!(&mut tx.conn, |c| sqlx::query_as(old)
        .bind(env.0)
        .bind(floor)
        .bind(limit)
        .fetch_all(c)
        .await?);
    see(tx, &env.0.to_string()).await?;
    for (destination, id) in &rows {
        for sql in [
            "DELETE FROM attempts WHERE environment = $1 AND delivery = $2",
            "DELETE FROM messages WHERE environment = $1 AND delivery = $2",
            "DELETE FROM callbacks WHERE environment = $1 AND delivery = $2",
        ] {
            on!(&mut tx.conn, |c| {
                sqlx::query(sql).bind(env.0).bind(id).execute(c).await?;
            });
        }
        on!(&mut tx.conn, |c| {
            sqlx::query("DELETE FROM deliveries WHERE environment = $1 AND destination = $2 AND id = $3 AND finished_at IS NOT NULL")
                .bind(env.0)
                .bind(destination)
                .bind(id)
                .execute(c)
                .await?;
        });
    }
    Ok(rows.len() as u64)
}

/// Which environments the transaction sees from here on, where the database asks.
async fn see(tx: &mut Tx, environments: &str) -> Result<()> {
    if let Conn::Postgres(c) = &mut tx.conn {
        let set = sqlx::query("SELECT set_config('campanile.environments', $1, true)").bind(environments);
        answered(async { Ok(set.execute(&mut **c).await?) }).await?;
    }
    Ok(())
}

/// That nobody needs an event any more: no run of it goes on, no batch that it went into is open, and nothing is left that gathered it.
const UNUSED: &str = "NOT EXISTS (
      SELECT 1 FROM runs r WHERE r.environment = e.environment AND r.event = e.id AND (r.finished_at IS NULL
        OR EXISTS (SELECT 1 FROM batches b WHERE b.id = r.batch AND b.closed_at IS NULL)
        OR EXISTS (SELECT 1 FROM runs g WHERE g.gathers = r.batch AND g.id <> r.id)
        OR EXISTS (SELECT 1 FROM batches b WHERE b.gathers = r.batch)))";

/// Old events, by skipping from application to application.
async fn events(tx: &mut Tx, floor: &str, limit: i64) -> Result<u64> {
    let env = tx.env();
    let keep = if matches!(tx.conn, Conn::Sqlite(_)) {
        "AND e.position < (SELECT max(position) FROM events)"
    } else {
        ""
    };
    let old = sqlx::AssertSqlSafe(format!(
        "WITH RECURSIVE skip (app) AS (
          SELECT min(app) FROM events WHERE environment = $1
          UNION ALL
          SELECT (SELECT min(e.app) FROM events e WHERE e.environment = $1 AND e.app > skip.app) FROM skip WHERE skip.app IS NOT NULL)
        SELECT e.id, e.position, e.users FROM skip CROSS JOIN events e
        WHERE e.environment = $1 AND e.app = skip.app AND e.id < $2 AND {UNUSED} {keep} LIMIT $3"
    ));
    let rows: Vec<(String, i64, Option<String>)> = on!(&mut tx.conn, |c| sqlx::query_as(old)
        .bind(env.0)
        .bind(floor)
        .bind(limit)
        .fetch_all(c)
        .await?);
    for (id, _, users) in &rows {
        // By its users, whose index this is.
        for user in users
            .iter()
            .flat_map(|users| serde_json::from_str::<Vec<String>>(users).unwrap_or_default())
        {
            on!(&mut tx.conn, |c| {
                sqlx::query("DELETE FROM event_users WHERE environment = $1 AND user_id = $2 AND event = $3")
                    .bind(env.0)
                    .bind(user)
                    .bind(id)
                    .execute(c)
                    .await?;
            });
        }
        on!(&mut tx.conn, |c| {
            sqlx::query("DELETE FROM events WHERE environment = $1 AND id = $2")
                .bind(env.0)
                .bind(id)
                .execute(c)
                .await?;
        });
    }
    if let Some(position) = rows.iter().map(|(_, position, _)| *position).max() {
        // A stream that asks for what lies before is told to start anew.
        on!(&mut tx.conn, |c| {
            sqlx::query(
                "INSERT INTO meta (name, value) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET value = $2 WHERE CAST(meta.value AS BIGINT) < CAST($2 AS BIGINT)",
            )
            .bind(floor_name(env))
            .bind(position.to_string())
            .execute(c)
            .await?;
        });
    }
    Ok(rows.len() as u64)
}

/// Old notifications out of the feeds, and those that are in none any more out of the table.
async fn states(tx: &mut Tx, floor: &str, limit: i64, now: i64, pruned: &mut Pruned) -> Result<()> {
    let env = tx.env();
    let old = "SELECT notification, user_id FROM states WHERE environment = $1 AND notification < $2
        ORDER BY notification, user_id LIMIT $3";
    let rows: Vec<(String, String)> = on!(&mut tx.conn, |c| sqlx::query_as(old)
        .bind(env.0)
        .bind(floor)
        .bind(limit)
        .fetch_all(c)
        .await?);
    lock(tx, rows.iter().map(|(_, user)| user.clone()).collect()).await?;
    let mut moved = BTreeMap::new();
    for (notification, user) in &rows {
        if let Some(seq) = forget(tx, notification, user, now).await? {
            moved.insert(user.clone(), seq);
        }
    }
    pruned.moved.extend(moved);
    let left = limit - i64::try_from(rows.len()).unwrap_or(limit);
    let sql = "DELETE FROM notifications WHERE id IN (
        SELECT n.id FROM notifications n WHERE n.environment = $1 AND n.id < $2
          AND NOT EXISTS (SELECT 1 FROM states s WHERE s.environment = n.environment AND s.notification = n.id)
        ORDER BY n.id LIMIT $3)";
    pruned.rows += rows.len() as u64 + run(tx, sql, floor, left).await?;
    Ok(())
}

/// A feed's row is the lock of everything in it, taken in the order of the users as everywhere; on `SQLite` the whole database is this
/// transaction's.
async fn lock(tx: &mut Tx, users: BTreeSet<String>) -> Result<()> {
    let env = tx.env();
    if let Conn::Postgres(c) = &mut tx.conn {
        let users: Vec<String> = users.into_iter().collect();
        let sql =
            "SELECT 1 FROM feeds WHERE environment = $1 AND user_id = ANY ($2) ORDER BY user_id FOR UPDATE";
        let locking = sqlx::query(sql).bind(env.0).bind(users);
        answered(async { Ok(locking.execute(&mut **c).await?) }).await?;
    }
    Ok(())
}

/// A state that goes: in which scope, its last change, whether it counts as unread and as unseen.
type Going = (String, String, i64, i64, i64);

/// Takes a notification out of a feed: counters from the state as it stands, the feed's floor to the change that goes. Answers the number
/// that took, if it was unread.
async fn forget(tx: &mut Tx, notification: &str, user: &str, now: i64) -> Result<Option<i64>> {
    let env = tx.env();
    let state: Option<Going> = on!(&mut tx.conn, |c| {
        sqlx::query_as(
            "SELECT s.app, coalesce(s.tenant, ''), s.seq,
               CAST(CASE WHEN s.read_at IS NULL AND s.clicked_at IS NULL AND s.expired_at IS NULL AND s.dismissed_at IS NULL
                 AND s.deleted_at IS NULL AND s.seq >= coalesce(k.read_seq, 0) THEN 1 ELSE 0 END AS BIGINT),
               CAST(CASE WHEN s.seen_at IS NULL AND s.seq >= coalesce(k.seen_seq, 0) THEN 1 ELSE 0 END AS BIGINT)
             FROM states s LEFT JOIN counters k ON k.environment = s.environment AND k.user_id = s.user_id AND k.app = s.app
               AND k.tenant = coalesce(s.tenant, '')
             WHERE s.environment = $1 AND s.user_id = $2 AND s.notification = $3",
        )
        .bind(env.0)
        .bind(user)
        .bind(notification)
        .fetch_optional(c)
        .await?
    });
    match state {
        Some(state) => forget_state(tx, notification, user, &state, now).await,
        None => Ok(None),
    }
}

async fn forget_state(
    tx: &mut Tx,
    notification: &str,
    user: &str,
    (app, tenant, seq, unread, unseen): &Going,
    now: i64,
) -> Result<Option<i64>> {
    let env = tx.env();
    let unseen = unread * unseen;
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "UPDATE counters SET unread = unread - $5, unseen = unseen - $6
             WHERE environment = $1 AND user_id = $2 AND app = $3 AND tenant = $4",
        )
        .bind(env.0)
        .bind(user)
        .bind(app)
        .bind(tenant)
        .bind(unread)
        .bind(unseen)
        .execute(c)
        .await?;
    });
    // A counter never changes without a number. What lies below cannot be caught up with any more: whoever stands there starts anew.
    let head: Option<i64> = on!(&mut tx.conn, |c| {
        sqlx::query_scalar(
            "UPDATE feeds SET unread = unread - $3, unseen = unseen - $4, seq = seq + $3,
               floor = CASE WHEN $3 = 1 THEN seq + 1 WHEN floor < $5 THEN $5 ELSE floor END,
               changed_at = CASE WHEN $3 = 1 AND changed_at < $6 THEN $6 ELSE changed_at END
             WHERE environment = $1 AND user_id = $2 RETURNING seq",
        )
        .bind(env.0)
        .bind(user)
        .bind(unread)
        .bind(unseen)
        .bind(seq)
        .bind(now)
        .fetch_optional(c)
        .await?
    });
    on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM states WHERE environment = $1 AND user_id = $2 AND notification = $3")
            .bind(env.0)
            .bind(user)
            .bind(notification)
            .execute(c)
            .await?;
    });
    // Marks below the floor are told to nobody any more.
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "DELETE FROM marks WHERE environment = $1 AND user_id = $2 AND seq <= $3 AND settled = 1",
        )
        .bind(env.0)
        .bind(user)
        .bind(seq)
        .execute(c)
        .await?;
    });
    Ok(head.filter(|_| *unread == 1))
}

/// Forgets keys whose time is over, unless somebody just takes them anew.
pub async fn claims(tx: &mut Tx, limit: i64, now: i64) -> Result<u64> {
    let skip = tx.skip_locked();
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH over AS MATERIALIZED (
           SELECT environment, scope, key FROM claims WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 {skip})
         DELETE FROM claims WHERE expires_at <= $1 AND (environment, scope, key) IN (SELECT environment, scope, key FROM over)"
    ));
    Ok(on!(&mut tx.conn, |c| sqlx::query(sql)
        .bind(now)
        .bind(limit)
        .execute(c)
        .await?
        .rows_affected()))
}

/// Every environment with what it keeps.
pub async fn environments(conn: &mut crate::Conn) -> Result<Vec<(Env, Retention)>> {
    Ok(crate::environment::list(conn)
        .await?
        .into_iter()
        .map(|found| (found.env, found.settings.retention))
        .collect())
}
