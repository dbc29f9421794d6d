//! Connections: a reader sees one snapshot of one environment; a transaction writes.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use domain::environment::Env;
use sqlx::{Postgres, Sqlite, Transaction};
use tokio::sync::OwnedMutexGuard;

use crate::error::{Error, Result};

/// A little longer than the server gives a statement: who has not heard by then is connected to nobody any more.
const ANSWER: Duration = Duration::from_secs(35);

/// Bounds the wait for an answer of `PostgreSQL`. A host that is gone says nothing, not even that.
pub(crate) async fn answered<T>(asking: impl Future<Output = Result<T>>) -> Result<T> {
    let silent = |_| Err(Error::Unavailable("the database does not answer".into()));
    tokio::time::timeout(ANSWER, asking).await.unwrap_or_else(silent)
}

/// An open transaction of either database.
pub enum Conn {
    /// `SQLite`.
    Sqlite(Transaction<'static, Sqlite>),
    /// `PostgreSQL`.
    Postgres(Transaction<'static, Postgres>),
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Conn(SQLite)",
            Self::Postgres(_) => "Conn(PostgreSQL)",
        })
    }
}

impl Conn {
    /// Holds the rows that are read, in the order of their ids, until the end of the transaction.
    pub(crate) fn for_update(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => "ORDER BY id FOR UPDATE",
        }
    }

    /// How rows that somebody else holds are passed over, where somebody else can.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => "FOR UPDATE SKIP LOCKED",
        }
    }
}

impl Conn {
    /// The condition that a text is one of those in a parameter, which holds them as a JSON array.
    pub(crate) fn among(&self, parameter: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("IN (SELECT value FROM json_each({parameter}))"),
            Self::Postgres(_) => format!("= ANY (ARRAY(SELECT json_array_elements_text({parameter}::json)))"),
        }
    }
}

/// One snapshot of one environment; ends when dropped.
#[derive(Debug)]
pub struct Reader(pub(crate) Conn);

impl Deref for Reader {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// A write transaction; rolls back when dropped without [`Tx::commit`].
#[derive(Debug)]
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) env: Env,
    /// `SQLite` only: the turn among the writers, given back after commit or rollback.
    pub(crate) turn: Option<OwnedMutexGuard<()>>,
}

impl Tx {
    /// The environment it writes in.
    pub fn env(&self) -> Env {
        self.env
    }

    /// The same transaction, which writes in one environment from here on.
    #[must_use]
    pub fn within(self, env: Env) -> Self {
        Self { env, ..self }
    }

    /// Makes everything durable.
    pub async fn commit(self) -> Result<()> {
        match self.conn {
            Conn::Sqlite(transaction) => transaction.commit().await?,
            Conn::Postgres(transaction) => answered(async { Ok(transaction.commit().await?) }).await?,
        }
        drop(self.turn);
        Ok(())
    }

    /// Gives everything up.
    pub async fn rollback(self) -> Result<()> {
        match self.conn {
            Conn::Sqlite(transaction) => transaction.rollback().await?,
            Conn::Postgres(transaction) => answered(async { Ok(transaction.rollback().await?) }).await?,
        }
        drop(self.turn);
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
