//! Versions of configuration: every change bumps its part, every plan names what it used.

use std::ops::{Deref, DerefMut};

use domain::effects::Part;
use domain::environment::Env;
use domain::id::Prefixed;

use crate::error::Result;
use crate::{Conn, Store, Tx, on};

/// A write transaction that changes configuration. Whoever makes one queues before anything else: what it reads is what the change
/// before it left, nobody's change is written over, and nobody waits in a ring.
#[derive(Debug)]
pub struct Change(Tx);

impl Store {
    /// Begins a change in one environment, when its turn has come.
    pub async fn change(&self, env: Env) -> Result<Change> {
        queue(self.write(env).await?).await
    }

    /// The same in every environment: for what makes one.
    pub async fn change_all(&self) -> Result<Change> {
        queue(self.write_all().await?).await
    }
}

impl Change {
    /// Makes everything durable.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await
    }
}

impl From<Change> for Tx {
    fn from(change: Change) -> Self {
        change.0
    }
}

impl Deref for Change {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        &self.0
    }
}

impl DerefMut for Change {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.0
    }
}

/// Counts the change. The count is one row, which stays locked until the end of the transaction: it is what everybody queues at.
async fn queue(mut tx: Tx) -> Result<Change> {
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO meta (name, value) VALUES ('changes', '1')
             ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)",
        )
        .execute(c)
        .await?;
    });
    Ok(Change(tx))
}

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
pub async fn bump(tx: &mut Change, part: Part) -> Result<()> {
    let env = tx.env();
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

/// Grows with every change of configuration anywhere: a node that sees it move forgets what it holds in memory.
pub async fn changes(conn: &mut Conn) -> Result<i64> {
    let changes: Option<String> = on!(conn, |c| sqlx::query_scalar(
        "SELECT value FROM meta WHERE name = 'changes'"
    )
    .fetch_optional(c)
    .await?);
    Ok(changes.and_then(|changes| changes.parse().ok()).unwrap_or(0))
}
