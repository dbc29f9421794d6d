//! Rescue: what processes that are no more had leased is free again.

use domain::delivery::Owner;
use domain::id::{DestinationId, Prefixed};
use domain::retry::AFTER_RESCUE;

use crate::error::Result;
use crate::node::GONE;
use crate::{Conn, Tx, app, on};

/// Leases of a process that is no more: at which destination, and whose.
pub type Orphaned = (DestinationId, Owner);

/// Where processes that are no more left leases.
///
/// Looks at every open delivery. An index that knew of leases would spare that and cost every publish and every claim: as it is, a claim
/// changes no indexed column.
pub async fn orphaned(conn: &mut Conn) -> Result<Vec<Orphaned>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT DISTINCT destination, owner FROM deliveries WHERE finished_at IS NULL AND {GONE} ORDER BY destination, owner"
    ));
    let rows: Vec<(String, i64)> = on!(conn, |c| sqlx::query_as(sql).fetch_all(c).await?);
    rows.into_iter()
        .map(|(destination, owner)| Ok((app::id(&destination)?, Owner(owner))))
        .collect()
}

/// Frees leases that were found to be of processes that are no more, at least one. Answers how many.
///
/// Whether an attempt was under way is not known, so it counts as one of unknown outcome: nothing that kills the process runs for ever.
/// One that has attempts behind it waits, the longer the more they are ([`AFTER_RESCUE`]), so that a process that is killed again and
/// again cannot spend in seconds the attempts of what only waited in its memory.
pub async fn rescue(tx: &mut Tx, orphaned: &[Orphaned], now: i64) -> Result<u64> {
    let held = held(orphaned);
    let free = free(&held);
    let statements = match &tx.conn {
        // Nobody else writes between the two.
        Conn::Sqlite(_) => vec![log("attempts + 1", &format!("deliveries WHERE {held}")), free],
        // What is freed is logged and nothing else, though an outcome be written at the same time.
        Conn::Postgres(_) => vec![format!(
            "WITH freed AS ({free} RETURNING id, environment, attempts) {}",
            log("attempts", "freed")
        )],
    };
    let mut freed = 0;
    for sql in statements {
        let sql = sqlx::AssertSqlSafe(sql);
        freed = on!(&mut tx.conn, |c| sqlx::query(sql)
            .persistent(false)
            .bind(now)
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(freed)
}

/// The condition on a delivery leased by one of these owners. They never come back, so what others of them left at a destination goes along.
fn held(orphaned: &[Orphaned]) -> String {
    // Bare ids are letters and digits by their type, so they may stand in the text.
    let (destinations, owners): (Vec<_>, Vec<_>) = orphaned
        .iter()
        .map(|(destination, owner)| (format!("'{}'", destination.bare()), owner.0.to_string()))
        .unzip();
    format!(
        "finished_at IS NULL AND destination IN ({}) AND owner IN ({})",
        destinations.join(", "),
        owners.join(", ")
    )
}

fn free(held: &str) -> String {
    let waits: Vec<_> = (0i64..)
        .zip(AFTER_RESCUE)
        .map(|(spent, wait)| format!("WHEN attempts - spent_before <= {spent} THEN {wait}"))
        .collect();
    let (waits, longest) = (waits.join(" "), AFTER_RESCUE[AFTER_RESCUE.len() - 1]);
    format!(
        "UPDATE deliveries SET owner = NULL, state = 2, attempts = attempts + 1, due_at = $1 + CASE {waits} ELSE {longest} END,
           first_attempt_at = coalesce(first_attempt_at, created_at)
         WHERE {held}"
    )
}

fn log(number: &str, from: &str) -> String {
    format!(
        "INSERT INTO attempts (delivery, number, id, environment, started_at, duration_ms, outcome, error)
         SELECT id, {number}, id, environment, $1, 0, 'unknown', 'the process that sent it ended' FROM {from}
         ON CONFLICT DO NOTHING"
    )
}
