//! Nodes: the processes that hold leases. One that missed its heartbeats holds none.

use domain::delivery::Owner;

use crate::conn::answered;
use crate::error::Result;
use crate::{Conn, Tx, on};

/// Enters a new incarnation. On `SQLite` it is the only one: those before are gone.
pub async fn register(tx: &mut Tx, name: &str, until: i64, now: i64) -> Result<Owner> {
    let last: i64 = on!(&mut tx.conn, |c| {
        // A number is never used twice, even when every row is gone: the counter is kept apart.
        sqlx::query_scalar(
            "INSERT INTO meta (name, value) VALUES ('last_owner', '1')
             ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)
             RETURNING CAST(value AS BIGINT)",
        )
        .fetch_one(c)
        .await?
    });
    on!(&mut tx.conn, |c| {
        sqlx::query("INSERT INTO nodes (owner, name, started_at, until) VALUES ($1, $2, $3, $4)")
            .bind(last)
            .bind(name)
            .bind(now)
            .bind(until)
            .execute(c)
            .await?;
    });
    Ok(Owner(last))
}

/// Lengthens the lease; `false` when others already counted this node as gone: it must not use its leases any more.
pub async fn heartbeat(tx: &mut Tx, owner: Owner, until: i64) -> Result<bool> {
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("UPDATE nodes SET until = $2 WHERE owner = $1")
            .bind(owner.0)
            .bind(until)
            .execute(c)
            .await?
            .rows_affected()
    });
    Ok(rows == 1)
}

/// Removes nodes whose time is over (or, with `all_but`, every other node). Answers how many.
///
/// A node that stands still within its own heartbeat holds its row: it is passed over, so that nobody waits for it.
pub async fn bury(tx: &mut Tx, now: i64, all_but: Option<Owner>) -> Result<u64> {
    let skip = tx.skip_locked();
    let sql = sqlx::AssertSqlSafe(format!(
        "DELETE FROM nodes WHERE owner IN (
           SELECT owner FROM nodes WHERE until < $1 OR ($2 IS NOT NULL AND owner <> $2) {skip})"
    ));
    Ok(on!(&mut tx.conn, |c| {
        sqlx::query(sql)
            .bind(now)
            .bind(all_but.map(|owner| owner.0))
            .execute(c)
            .await?
            .rows_affected()
    }))
}

/// The nodes that were not counted dead.
pub async fn living(conn: &mut Conn) -> Result<Vec<Owner>> {
    let owners: Vec<i64> = on!(conn, |c| {
        sqlx::query_scalar("SELECT owner FROM nodes ORDER BY owner")
            .fetch_all(c)
            .await?
    });
    Ok(owners.into_iter().map(Owner).collect())
}

/// What the nodes that were not counted dead are called.
pub async fn names(conn: &mut Conn) -> Result<Vec<String>> {
    Ok(on!(conn, |c| sqlx::query_scalar(
        "SELECT name FROM nodes ORDER BY owner"
    )
    .fetch_all(c)
    .await?))
}

/// The condition on a row leased by none of the living.
pub(crate) const GONE: &str = "owner IS NOT NULL AND owner NOT IN (SELECT owner FROM nodes)";

/// Leaves in good order: the others bury this node with their next look, and free what it may have left behind.
pub async fn leave(tx: &mut Tx, owner: Owner) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query("UPDATE nodes SET until = 0 WHERE owner = $1")
            .bind(owner.0)
            .execute(c)
            .await?;
    });
    Ok(())
}

/// The database's own clock, milliseconds since the Unix epoch; `None` where it is this machine's.
pub async fn clock(conn: &mut Conn) -> Result<Option<i64>> {
    match conn {
        Conn::Sqlite(_) => Ok(None),
        Conn::Postgres(c) => {
            let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
            answered(async { Ok(Some(sqlx::query_scalar(sql).fetch_one(&mut **c).await?)) }).await
        }
    }
}
