//! A writer's connection: opened when needed, opened again after a loss, quick to say that the database is away.
//!
//! Every statement of a writer finds its rows by key, so plans that scan or build hash tables are switched off and one plan per statement
//! is kept: a new database without statistics, and one that just grew, are read as fast as a settled one.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::{Trouble, Work};
use crate::error::{Error, Result};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// Longest wait for a rollback, after which the connection is given up.
const ROLLBACK: Duration = Duration::from_secs(2);
/// Pauses between tries to connect: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The server stops by itself what a writer no longer waits for, and frees the locks of a writer that was stopped in mid-work.
const SETTINGS: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET enable_material = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan; SET jit = off;
    SET lock_timeout = '2s'; SET statement_timeout = '4s'; SET idle_in_transaction_session_timeout = '10s'";

/// A process of the server, told from a later one of the same number by its start.
pub(super) type Backend = (i32, String);

/// What became of a connection's last work after it was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The server's process is gone: what is not to be seen now was never committed.
    Surely,
    /// It may still commit.
    Perhaps,
}

struct Open {
    connection: PgConnection,
    backend: Backend,
    /// What `campanile.environments` is set to.
    environments: BTreeSet<i64>,
}

pub(super) struct Session {
    options: PgConnectOptions,
    roles: bool,
    open: Option<Open>,
    lost: Option<Backend>,
    /// Not to be tried again before, and why.
    away: Option<(Instant, Duration, String)>,
}

impl Session {
    pub(super) fn new(options: &PgConnectOptions, roles: bool) -> Self {
        Self {
            options: options.clone(),
            roles,
            open: None,
            lost: None,
            away: None,
        }
    }

    /// The connection, allowed to write in these environments.
    pub(super) async fn connection(
        &mut self,
        environments: &BTreeSet<i64>,
    ) -> Result<&mut PgConnection, Trouble> {
        if self.open.is_none() {
            self.connect().await.map_err(Trouble::Away)?;
        }
        let Some(open) = &mut self.open else {
            return Err(Trouble::Away(unavailable("no connection")));
        };
        if !environments.is_subset(&open.environments) {
            let list: Vec<_> = environments.iter().map(i64::to_string).collect();
            sqlx::query("SELECT set_config('campanile.environments', $1, false)")
                .bind(list.join(","))
                .execute(&mut open.connection)
                .await?;
            open.environments.clone_from(environments);
        }
        Ok(&mut open.connection)
    }

    /// Gives a connection up that may have work under way.
    pub(super) fn lose(&mut self) {
        if let Some(open) = self.open.take() {
            self.lost = Some(open.backend);
        }
    }

    /// Ends a transaction that failed.
    pub(super) async fn roll_back(&mut self) {
        if let Some(open) = &mut self.open {
            let done =
                tokio::time::timeout(ROLLBACK, sqlx::raw_sql("ROLLBACK").execute(&mut open.connection)).await;
            if !matches!(done, Ok(Ok(_))) {
                self.lose();
            }
        }
    }

    /// After [`Session::lose`]: opens another connection, through which the end of the lost one is made sure of.
    pub(super) async fn recover(&mut self) -> Result<Ended> {
        let lost = self.lost.clone();
        self.open = None;
        let ended = self.connect().await?;
        Ok(if lost.is_none() { Ended::Surely } else { ended })
    }

    async fn connect(&mut self) -> Result<Ended> {
        if let Some((until, _, why)) = &self.away
            && Instant::now() < *until
        {
            return Err(unavailable(why));
        }
        let opened =
            match tokio::time::timeout(CONNECT, open(&self.options, self.roles, self.lost.as_ref())).await {
                Ok(opened) => opened.map_err(|error| error.to_string()),
                Err(_) => Err(format!("no connection within {} s", CONNECT.as_secs())),
            };
        match opened {
            Ok((open, ended)) => {
                (self.open, self.lost, self.away) = (Some(open), None, None);
                Ok(ended)
            }
            Err(why) => {
                let pause = self
                    .away
                    .take()
                    .map_or(PAUSE.0, |(_, pause, _)| (pause * 2).min(PAUSE.1));
                tracing::warn!(
                    why,
                    "a writer cannot reach the database; trying again in {} ms",
                    pause.as_millis()
                );
                let error = unavailable(&why);
                self.away = Some((Instant::now() + pause, pause, why));
                Err(error)
            }
        }
    }

    pub(super) async fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let _ = tokio::time::timeout(CONNECT, open.connection.close()).await;
        }
    }
}

fn unavailable(why: &str) -> Error {
    Error::Unavailable(why.to_owned())
}

async fn open(
    options: &PgConnectOptions,
    roles: bool,
    lost: Option<&Backend>,
) -> sqlx::Result<(Open, Ended)> {
    let mut connection = options.connect().await?;
    let ended = match lost {
        Some(lost) => end(&mut connection, lost).await?,
        None => Ended::Surely,
    };
    let backend =
        sqlx::query_as("SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()")
            .fetch_one(&mut connection)
            .await?;
    let role = if roles { "; SET ROLE campanile_writer" } else { "" };
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("{SETTINGS}{role}")))
        .execute(&mut connection)
        .await?;
    Ok((
        Open {
            connection,
            backend,
            environments: BTreeSet::new(),
        },
        ended,
    ))
}

/// Ends the process of a lost connection, which may not know yet that nobody listens.
async fn end(connection: &mut PgConnection, (pid, start): &Backend) -> sqlx::Result<Ended> {
    let gone: Option<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2",
    )
    .bind(pid)
    .bind(start)
    .fetch_optional(connection)
    .await?;
    Ok(if gone.unwrap_or(true) {
        Ended::Surely
    } else {
        Ended::Perhaps
    })
}

/// The environments that these lie in.
pub(super) fn environments(items: &[&Work]) -> BTreeSet<i64> {
    let environment = |item: &&Work| match item {
        Work::Plan(effects) => effects.env.0,
        Work::Outcome(completed) => completed.completion.env.0,
    };
    items.iter().map(environment).collect()
}
