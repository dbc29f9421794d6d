//! A fresh database of either kind, gone when the test is over.
//!
//! On `PostgreSQL` the database's own clock is turned with the server's: a node whose clock is off the database's claims nothing.

use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;

/// The kind of database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// One file.
    Sqlite,
    /// A server, named by `CAMPANILE_TEST_POSTGRES`.
    Postgres,
}

/// One test's data.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) directory: TempDir,
    postgres: Option<Postgres>,
}

#[derive(Debug)]
struct Postgres {
    server: String,
    name: String,
}

/// A database that orders text as people of some country do: whatever is compared must say how.
const LANGUAGE: &str = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Place {
    pub(crate) async fn new(database: Database, now: i64) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let postgres = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(Postgres::create(now).await),
        };
        Self { directory, postgres }
    }

    /// The setting `database.url`.
    pub(crate) fn url(&self) -> Option<String> {
        self.postgres
            .as_ref()
            .map(|postgres| postgres.options().to_url_lossy().to_string())
    }

    /// Turns the database's clock, where it has one.
    pub(crate) async fn turn(&self, now: i64) {
        if self.postgres.is_some() {
            self.execute(&format!("UPDATE test_clock SET now = {now}")).await;
        }
    }

    /// One number, read past the server by plain SQL.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        if let Some(postgres) = &self.postgres {
            let found = sqlx::query_scalar(sql)
                .fetch_one(&mut postgres.connect().await)
                .await;
            return found.expect(NUMBER);
        }
        let mut file = self.file().connect().await.expect("the file opens");
        sqlx::query_scalar(sql).fetch_one(&mut file).await.expect(NUMBER)
    }

    /// Runs plain SQL past the server.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        if let Some(postgres) = &self.postgres {
            let done = sqlx::raw_sql(sql).execute(&mut postgres.connect().await).await;
            done.expect(RUNS);
            return;
        }
        let mut file = self.file().connect().await.expect("the file opens");
        sqlx::raw_sql(sql).execute(&mut file).await.expect(RUNS);
    }

    fn file(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(self.directory.path().join("campanile.db"))
            .busy_timeout(std::time::Duration::from_secs(10))
    }
}

/// A product's own `PostgreSQL`, beside the server's database.
#[derive(Debug)]
pub struct Product(Postgres);

impl Product {
    /// An empty one.
    pub async fn new() -> Self {
        Self(Postgres::create(0).await)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        self.0.options().to_url_lossy().to_string()
    }

    /// Where it is for another user of it.
    pub fn url_of(&self, user: &str) -> String {
        self.0.options().username(user).to_url_lossy().to_string()
    }

    /// Runs SQL, in one transaction where there are several statements.
    pub async fn execute(&self, sql: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.0.connect().await)
            .await;
        done.expect(RUNS);
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut self.0.connect().await)
            .await
            .expect(NUMBER)
    }
}

const NUMBER: &str = "a number";
const RUNS: &str = "the statement runs";

impl Postgres {
    async fn create(now: i64) -> Self {
        #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the test server is")]
        let server = std::env::var("CAMPANILE_TEST_POSTGRES").expect(
            "CAMPANILE_TEST_POSTGRES names the PostgreSQL server to test on; `scripts/with-postgres.sh COMMAND` starts one",
        );
        let name = format!(
            "it_{}_{}",
            std::process::id(),
            DATABASES.fetch_add(1, Ordering::Relaxed)
        );
        let mut admin = PgConnection::connect(&server)
            .await
            .expect("the test server answers");
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let create = format!("CREATE DATABASE {name} {LANGUAGE}");
        // Found before the catalogue's own, this `clock_timestamp` is the one the server asks.
        let path = format!("ALTER DATABASE {name} SET search_path = public, pg_catalog");
        for sql in [drop, create, path] {
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut admin)
                .await
                .expect("a database");
        }
        let made = Self { server, name };
        let clock = format!(
            "CREATE TABLE test_clock (now bigint NOT NULL); INSERT INTO test_clock VALUES ({now});
             GRANT SELECT ON test_clock TO PUBLIC;
             CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
               AS 'SELECT to_timestamp(now / 1000.0) FROM public.test_clock';"
        );
        sqlx::raw_sql(AssertSqlSafe(clock))
            .execute(&mut made.connect().await)
            .await
            .expect("a clock");
        made
    }

    fn options(&self) -> PgConnectOptions {
        PgConnectOptions::from_str(&self.server)
            .expect("CAMPANILE_TEST_POSTGRES is a URL")
            .database(&self.name)
    }

    async fn connect(&self) -> PgConnection {
        self.options().connect().await.expect("the test database opens")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        let drop = async move {
            let mut admin = PgConnection::connect(&server).await?;
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await
        };
        let dropped = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(drop)
        });
        if !matches!(dropped.join(), Ok(Ok(_))) {
            eprintln!("the database {} could not be dropped", self.name);
        }
    }
}
