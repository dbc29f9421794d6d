//! Opening a database: pools, migrations, epoch, the group commit.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use domain::environment::Env;
use futures_util::future::BoxFuture;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::Mutex;

use crate::conn::{Conn, Reader, Tx, answered};
use crate::error::{Error, Result};
use crate::hot;
use crate::migrate;

/// How hard a commit on `SQLite` pushes for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// A flush each commit: what was acknowledged survives a power cut.
    Full,
    /// No flush at commit: a power cut may lose the last acknowledged writes.
    Normal,
}

/// Where the data lives.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `postgres://…`; `None` is `SQLite` in `directory`.
    pub url: Option<String>,
    /// Directory of `campanile.db`.
    pub directory: PathBuf,
    /// Connections that read.
    pub readers: u32,
    /// `SQLite` only.
    pub synchronous: Synchronous,
}

/// `PostgreSQL` ends by itself what nobody here waits for any more, and frees the locks of a node that stands still before others give up
/// waiting for them.
pub(crate) const LIMITS: &str =
    "SET lock_timeout = '5s'; SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '4s'";

/// `PostgreSQL` frees what a node holds whose host is gone before that node's leases end.
const KEEPALIVES: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// A migration takes the time it needs, whatever limits the login or the database was given, but waits for a lock no longer than others
/// can wait behind it; then it tries again.
const MIGRATING: &str = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'transaction_timeout');
    SET lock_timeout = '500ms'; SET idle_in_transaction_session_timeout = '10s'";

/// Longest wait for a sign of life of a connection that comes back to its pool.
const PING: Duration = Duration::from_secs(5);

/// An open database.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) turn: Arc<Mutex<()>>,
    pub(crate) hot: hot::Writer,
    pub(crate) epoch: Arc<str>,
    /// `PostgreSQL` only: whether the roles of row-level security are there.
    pub(crate) roles: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Db {
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres { read: PgPool, write: PgPool },
}

pub(crate) async fn limit(connection: &mut PgConnection, limits: &str) -> sqlx::Result<()> {
    let all = sqlx::AssertSqlSafe(format!("{KEEPALIVES}; {limits}"));
    sqlx::raw_sql(all).execute(connection).await.map(drop)
}

impl Store {
    /// Opens the database, making or migrating it as needed.
    pub async fn open(settings: &Settings) -> Result<Self> {
        match &settings.url {
            Some(url) => Self::open_postgres(settings, url).await,
            None => Self::open_sqlite(settings).await,
        }
    }

    async fn open_sqlite(settings: &Settings) -> Result<Self> {
        std::fs::create_dir_all(&settings.directory)
            .map_err(|error| Error::Unavailable(format!("{}: {error}", settings.directory.display())))?;
        let path = settings.directory.join("campanile.db");
        let synchronous = match settings.synchronous {
            Synchronous::Full => SqliteSynchronous::Full,
            Synchronous::Normal => SqliteSynchronous::Normal,
        };
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_secs(10))
            .pragma("wal_autocheckpoint", "0")
            .foreign_keys(false)
            .statement_cache_capacity(200);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        migrate::sqlite(&write).await?;
        let epoch = migrate::sqlite_epoch(&write).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(settings.readers.max(1))
            .idle_timeout(Duration::from_secs(300))
            .connect_with(options.read_only(true))
            .await?;
        let turn = Arc::new(Mutex::new(()));
        let hot = hot::sqlite::start(&path, settings.synchronous, Arc::clone(&turn))?;
        Ok(Self {
            db: Db::Sqlite { read, write },
            turn,
            hot,
            epoch: epoch.into(),
            roles: false,
        })
    }

    async fn open_postgres(settings: &Settings, url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| Error::Other(format!("the database URL cannot be read: {error}")))?
            .application_name("campanile")
            .statement_cache_capacity(200);
        let pool = |size: u32| {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(5))
        };
        let limited = |size: u32| {
            pool(size)
                .after_connect(|connection, _| Box::pin(limit(connection, LIMITS)))
                // The pool asks every connection that comes back whether it lives, and waits for ever for one whose host is gone.
                .after_release(|connection, _| {
                    Box::pin(async move {
                        let lives = tokio::time::timeout(PING, connection.ping()).await;
                        lives.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map(|()| true)
                    })
                })
                // A connection in steady use is not asked whether it lives: that would be one round trip more for every request.
                .test_before_acquire(false)
                .before_acquire(|connection, used| {
                    Box::pin(async move {
                        if used.idle_for > Duration::from_secs(1) {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
                .connect_with(options.clone())
        };
        // Migrations take the time they need, and wait for those of another node.
        let first = pool(1)
            .after_connect(|connection, _| Box::pin(limit(connection, MIGRATING)))
            .connect_with(options.clone())
            .await?;
        migrate::postgres(&first).await?;
        let roles = migrate::postgres_roles(&first).await?;
        let epoch = migrate::postgres_epoch(&first).await?;
        first.close().await;
        let write = limited(settings.readers.clamp(4, 16)).await?;
        let read = limited(settings.readers.max(2)).await?;
        let hot = hot::postgres::start(&options, roles);
        Ok(Self {
            db: Db::Postgres { read, write },
            turn: Arc::new(Mutex::new(())),
            hot,
            epoch: epoch.into(),
            roles,
        })
    }

    /// One snapshot of one environment.
    pub async fn read(&self, env: Env) -> Result<Reader> {
        self.reader(env.0.to_string()).await
    }

    /// One snapshot of every environment: for the engine's passes and for finding out who a caller is.
    pub async fn read_all(&self) -> Result<Reader> {
        self.reader("*".to_owned()).await
    }

    /// Boxed, as is the writer: the pool's futures have kilobytes, and would be part of every request's and every listener's.
    fn reader(&self, environments: String) -> BoxFuture<'_, Result<Reader>> {
        Box::pin(async move { self.begin_read(&environments).await })
    }

    async fn begin_read(&self, environments: &str) -> Result<Reader> {
        Ok(Reader(match &self.db {
            Db::Sqlite { read, .. } => Conn::Sqlite(read.begin().await?),
            Db::Postgres { read, .. } => {
                let begin = self.begin(
                    "ISOLATION LEVEL REPEATABLE READ READ ONLY",
                    "campanile_reader",
                    environments,
                );
                Conn::Postgres(
                    answered(async { Ok(read.begin_with(sqlx::AssertSqlSafe(begin)).await?) }).await?,
                )
            }
        }))
    }

    /// A write transaction in one environment.
    pub async fn write(&self, env: Env) -> Result<Tx> {
        self.writer(env, env.0.to_string()).await
    }

    /// A write transaction in every environment: for the passes that are the named exceptions.
    pub async fn write_all(&self) -> Result<Tx> {
        self.writer(Env(0), "*".to_owned()).await
    }

    fn writer(&self, env: Env, environments: String) -> BoxFuture<'_, Result<Tx>> {
        Box::pin(async move { self.begin_write(env, &environments).await })
    }

    async fn begin_write(&self, env: Env, environments: &str) -> Result<Tx> {
        Ok(match &self.db {
            Db::Sqlite { write, .. } => {
                let turn = Arc::clone(&self.turn).lock_owned().await;
                Tx {
                    conn: Conn::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
                    env,
                    turn: Some(turn),
                }
            }
            Db::Postgres { write, .. } => {
                let begin = self.begin("ISOLATION LEVEL READ COMMITTED", "campanile_writer", environments);
                Tx {
                    conn: Conn::Postgres(
                        answered(async { Ok(write.begin_with(sqlx::AssertSqlSafe(begin)).await?) }).await?,
                    ),
                    env,
                    turn: None,
                }
            }
        })
    }

    /// One round trip that opens a transaction, takes the role and names the environments. No part of it comes from outside.
    fn begin(&self, mode: &str, role: &str, environments: &str) -> String {
        let role = if self.roles {
            format!("SET LOCAL ROLE {role};")
        } else {
            String::new()
        };
        format!("BEGIN {mode}; {role} SET LOCAL campanile.environments = '{environments}'")
    }

    /// Marks one life of the database: another after a restored backup, so that no client trusts an old position.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Whether several nodes may share this database.
    pub fn is_shared(&self) -> bool {
        matches!(self.db, Db::Postgres { .. })
    }

    /// Whether row-level security stands behind every query: `None` where the database knows no such thing.
    pub fn row_level_security(&self) -> Option<bool> {
        self.is_shared().then_some(self.roles)
    }

    /// Closes every connection after the group commit has written what it was given.
    pub async fn close(&self) {
        self.hot.close().await;
        match &self.db {
            Db::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Db::Postgres { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}
