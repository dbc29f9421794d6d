//! Runs that wait for what others do.

use domain::effects::TimerKind;
use domain::environment::Env;
use domain::id::RunId;
use domain::workflow::Awaits;

use crate::error::Result;
use crate::{Conn, app, on};

/// Runs that wait for an event of one of these names, by id: so many after this bare one.
pub async fn awaiting(
    conn: &mut Conn,
    env: Env,
    names: &[String],
    after: &str,
    limit: i64,
) -> Result<Vec<RunId>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id FROM runs WHERE +environment = $1 AND becomes = 0 AND awaits {} AND status = 0 AND id > $4
         ORDER BY id LIMIT $3",
        conn.among("$2")
    ));
    let list = serde_json::json!(names).to_string();
    let rows: Vec<String> = on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(list)
        .bind(limit)
        .bind(after)
        .fetch_all(c)
        .await?);
    rows.iter().map(|id| app::id(id)).collect()
}

/// A run that waits for what becomes of something.
#[derive(Debug, Clone)]
pub struct Wait {
    /// Environment.
    pub env: Env,
    /// The run.
    pub run: RunId,
    /// What it waits for.
    pub awaits: Awaits,
    /// Whether it can go on: it has become that, or a step that was held up, for which it waits, has gone on.
    pub is_over: bool,
}

/// Runs that wait for what becomes of something, of every environment, by id: so many after this bare one.
pub async fn many(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<Wait>> {
    // As `Becomes` has them: of a notification 1 seen, 2 read, 4 clicked, 8 dismissed; of a message 16 sent, 32 delivered, 64 failed. What was
    // marked with all others of a feed is below its watermark.
    let sql = "SELECT w.environment, w.id, w.awaits, CAST(w.becomes AS BIGINT),
           CAST(CASE WHEN (w.becomes & CASE
             WHEN s.notification IS NOT NULL THEN
               CASE WHEN s.seen_at IS NULL AND s.seq >= coalesce(k.seen_seq, 0) AND s.seq >= coalesce(k.read_seq, 0) THEN 0 ELSE 1 END
               + CASE WHEN s.read_at IS NULL AND (s.expired_at IS NOT NULL OR s.seq >= coalesce(k.read_seq, 0)) THEN 0 ELSE 2 END
               + CASE WHEN s.clicked_at IS NULL THEN 0 ELSE 4 END + CASE WHEN s.dismissed_at IS NULL THEN 0 ELSE 8 END
             ELSE CASE d.state WHEN 3 THEN 16 WHEN 4 THEN 48 WHEN 5 THEN 64 WHEN 6 THEN 64 WHEN 7 THEN 64 ELSE 0 END END) <> 0 THEN 1
           WHEN p.finished_at IS NULL THEN 0 WHEN p.status <> 2 THEN 1
           WHEN EXISTS (SELECT 1 FROM runs g WHERE +g.environment = p.environment AND g.gathers = p.batch AND g.part = p.part
             AND g.finished_at IS NOT NULL) THEN 1 ELSE 0 END AS BIGINT)
         FROM (SELECT environment, id, user_id, awaits, becomes FROM runs WHERE becomes > 0 AND id > $1 ORDER BY id LIMIT $2) AS w
         LEFT JOIN states s ON s.environment = w.environment AND s.user_id = w.user_id AND s.notification = w.awaits
         LEFT JOIN counters k ON k.environment = s.environment AND k.user_id = s.user_id AND k.app = s.app AND k.tenant = coalesce(s.tenant, '')
         LEFT JOIN messages m ON m.environment = w.environment AND m.delivery = w.awaits
         LEFT JOIN deliveries d ON d.destination = m.destination AND d.id = m.delivery
         LEFT JOIN runs p ON +p.environment = w.environment AND p.id = w.awaits
         ORDER BY w.id";
    let rows: Vec<(i64, String, String, i64, i64)> = on!(conn, |c| sqlx::query_as(sql)
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await?);
    rows.into_iter()
        .map(|(env, run, what, becomes, is_over)| {
            let becomes = i16::try_from(becomes).unwrap_or(0);
            Ok(Wait {
                env: Env(env),
                run: app::id(&run)?,
                awaits: Awaits { what, becomes },
                is_over: is_over == 1,
            })
        })
        .collect()
}

/// Whether an event of this name has happened for whose sake nobody was let go on yet.
pub async fn is_on_its_way(conn: &mut Conn, env: Env, name: &str) -> Result<bool> {
    // The kind stands in the text, so that the index is found that has no others.
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM timers WHERE environment = $1 AND kind = {} AND state LIKE '%' || $2 || '%')",
        TimerKind::Wake as i16
    );
    Ok(on!(conn, |c| sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(env.0)
        .bind(name)
        .fetch_one(c)
        .await?))
}
