//! Versions of configuration: every change bumps its part, every plan names what it used.

use domain::effects::Part;
use domain::environment::Env;
use domain::id::Prefixed;

use crate::error::Result;
use crate::{Conn, Tx, on};

/// The text a part is found under.
pub(crate) fn part_key(part: &Part) -> &str {
    match part {
        Part::App(app) => app.bare(),
        Part::Environment => "environment",
        Part::Platform => "platform",
    }
}

/// The version of a part; 0 before its first change.
pub async fn get(conn: &mut Conn, env: Env, part: Part) -> Result<i64> {
    let version: Option<i64> = on!(conn, |c| {
        sqlx::query_scalar("SELECT version FROM versions WHERE environment = $1 AND part = $2")
            .bind(env.0)
            .bind(part_key(&part))
            .fetch_optional(c)
            .await?
    });
    Ok(version.unwrap_or(0))
}

/// Bumps a part's version: every plan made with the old one is planned again.
pub async fn bump(tx: &mut Tx, part: Part) -> Result<()> {
    let env = tx.env();
    count(tx).await?;
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO versions (environment, part, version) VALUES ($1, $2, 1)
             ON CONFLICT (environment, part) DO UPDATE SET version = versions.version + 1",
        )
        .bind(env.0)
        .bind(part_key(&part))
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Counts a change of configuration. Whoever makes one queues here, before anything else, so that nobody waits in a ring.
pub(crate) async fn count(tx: &mut Tx) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO meta (name, value) VALUES ('changes', '1')
             ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)",
        )
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Grows with every change of configuration anywhere: a node that sees it move forgets what it holds in memory.
pub async fn changes(conn: &mut Conn) -> Result<i64> {
    let changes: Option<String> = on!(conn, |c| sqlx::query_scalar(
        "SELECT value FROM meta WHERE name = 'changes'"
    )
    .fetch_optional(c)
    .await?);
    Ok(changes.and_then(|changes| changes.parse().ok()).unwrap_or(0))
}
