//! Migrations: forward only, run at start, never lose a row. And the epoch, which tells a restored backup from the database it was taken of.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::{PgPool, SqlitePool};

use crate::error::{Error, Result};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long the others go before a migration that waits for a lock.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

fn failed(error: sqlx::migrate::MigrateError) -> Error {
    match error {
        sqlx::migrate::MigrateError::VersionMissing(version) => Error::Other(format!(
            "the database was written by a newer version (migration {version} is unknown here); use that version or newer"
        )),
        other => Error::Other(format!("migration failed: {other}")),
    }
}

pub(crate) async fn sqlite(pool: &SqlitePool) -> Result<()> {
    SQLITE.run(pool).await.map_err(failed)
}

/// Tries until it gets its locks: others wait behind whoever waits for a whole table, so it waits for a moment at a time.
pub(crate) async fn postgres(pool: &PgPool) -> Result<()> {
    loop {
        match POSTGRES.run(pool).await {
            Err(error) if waited_long_enough(&error) => {
                tracing::info!("a migration waits until the others let go of its tables");
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            done => return done.map_err(failed),
        }
    }
}

/// Whether it is `lock_timeout` that ended this.
fn waited_long_enough(error: &(dyn std::error::Error + 'static)) -> bool {
    let database = error
        .downcast_ref::<sqlx::Error>()
        .and_then(sqlx::Error::as_database_error);
    database.is_some_and(|error| error.code().as_deref() == Some("55P03"))
        || error.source().is_some_and(waited_long_enough)
}

/// Makes the two roles of row-level security and grants them what they need; `false` where this login may not.
pub(crate) async fn postgres_roles(pool: &PgPool) -> Result<bool> {
    // Another database of the same server may be doing the same: roles are the server's. Then once more.
    for _ in 0..20 {
        match make_roles(pool).await {
            Ok(()) => return Ok(true),
            Err(sqlx::Error::Database(error))
                if matches!(
                    error.code().as_deref(),
                    Some("XX000" | "23505" | "40P01" | "42704")
                ) => {}
            Err(sqlx::Error::Database(error)) => {
                tracing::warn!(%error, "the roles of row-level security could not be made; isolation rests on the queries alone");
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Unavailable(
        "the roles of row-level security are being made elsewhere".into(),
    ))
}

/// In one transaction, one node of a database at a time.
async fn make_roles(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "SELECT pg_advisory_xact_lock(7305102215);
         DO $$ BEGIN
           IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'campanile_reader') THEN CREATE ROLE campanile_reader NOLOGIN; END IF;
           IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'campanile_writer') THEN CREATE ROLE campanile_writer NOLOGIN; END IF;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         GRANT USAGE ON SCHEMA public TO campanile_reader, campanile_writer;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO campanile_reader;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO campanile_writer;
         GRANT campanile_reader, campanile_writer TO CURRENT_USER;",
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Reads the epoch, making one for a new database. The random part comes from the database.
pub(crate) async fn sqlite_epoch(pool: &SqlitePool) -> Result<String> {
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES ('epoch', lower(hex(randomblob(8)))) ON CONFLICT DO NOTHING",
    )
    .execute(pool)
    .await?;
    Ok(sqlx::query_scalar("SELECT value FROM meta WHERE name = 'epoch'")
        .fetch_one(pool)
        .await?)
}

/// As on `SQLite`, with the cluster's own identity and timeline: a restored or promoted server is another life.
pub(crate) async fn postgres_epoch(pool: &PgPool) -> Result<String> {
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES ('epoch', substr(replace(gen_random_uuid()::text, '-', ''), 1, 16))
         ON CONFLICT DO NOTHING",
    )
    .execute(pool)
    .await?;
    let own: String = sqlx::query_scalar("SELECT value FROM meta WHERE name = 'epoch'")
        .fetch_one(pool)
        .await?;
    let cluster: Result<String, _> = sqlx::query_scalar(
        "SELECT to_hex(system_identifier) || '-' || (SELECT timeline_id FROM pg_control_checkpoint()) FROM pg_control_system()",
    )
    .fetch_one(pool)
    .await;
    // Some logins may not look at the control file; the stored epoch alone then has to do.
    Ok(cluster.map_or_else(|_| own.clone(), |cluster| format!("{own}-{cluster}")))
}
