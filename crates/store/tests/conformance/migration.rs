//! Opening: migrations run once, newer databases are refused, and a database keeps its epoch.

use std::pin::pin;
use std::time::Duration;

use store::{Error, Settings, Store};

use crate::database::{NOW, Place, Test, on_both};

on_both!(
    opening_again_changes_nothing,
    a_newer_database_is_refused,
    a_changed_migration_is_refused,
    an_epoch_belongs_to_one_database,
);

async fn opening_again_changes_nothing(t: &Test) {
    let app = t.id();
    t.commit_event(app).await;
    t.commit(t.show(t.notification(app, None), &["ann"], NOW)).await;
    let tables = [
        "events",
        "notifications",
        "states",
        "feeds",
        "counters",
        "environments",
        "_sqlx_migrations",
        "meta",
    ];
    let count = async || {
        let mut counts = Vec::new();
        for table in tables {
            counts.push(t.number(&format!("SELECT count(*) FROM {table}")).await);
        }
        counts
    };
    let before = count().await;
    for _ in 0..2 {
        let again = Store::open(&t.place.settings()).await.expect("opens");
        assert_eq!(again.epoch(), t.store.epoch());
        again.close().await;
    }
    assert_eq!(count().await, before);
    // Both go on.
    t.commit_event(app).await;
}

async fn a_newer_database_is_refused(t: &Test) {
    let blob = if t.is_postgres() { r"'\x00'" } else { "x'00'" };
    t.execute(&format!(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'of the future', true, {blob}, 0)"
    ))
    .await;
    match Store::open(&t.place.settings()).await {
        Err(Error::Other(why)) => {
            assert!(why.contains("newer version") && why.contains("9999"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

async fn a_changed_migration_is_refused(t: &Test) {
    let blob = if t.is_postgres() { r"'\x00'" } else { "x'00'" };
    t.execute(&format!("UPDATE _sqlx_migrations SET checksum = {blob}"))
        .await;
    assert!(matches!(
        Store::open(&t.place.settings()).await,
        Err(Error::Other(_))
    ));
}

async fn an_epoch_belongs_to_one_database(t: &Test) {
    let other = if t.is_postgres() {
        Test::postgres().await
    } else {
        Test::sqlite().await
    };
    assert_ne!(other.store.epoch(), t.store.epoch());
    assert!(!t.store.epoch().is_empty());
    other.end().await;
}

/// Nodes that start together: one migrates, all get the roles of row-level security.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_nodes_that_start_together_all_open() {
    let place = Place::postgres().await;
    let settings = place.settings();
    let opened = futures_util::future::join_all((0..6).map(|_| Store::open(&settings))).await;
    let mut epochs = Vec::new();
    for store in opened {
        let store = store.expect("opens");
        assert_eq!(store.row_level_security(), Some(true));
        epochs.push(store.epoch().to_owned());
        store.close().await;
    }
    epochs.dedup();
    assert_eq!(epochs.len(), 1);
}

/// While somebody reads a table that a migration must change, as a dump does, the migration waits and everybody else goes on; and no
/// limit of the database's ends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_migration_waits_for_its_turn_and_holds_nobody_up() {
    let t = Test::postgres().await;
    let database = t
        .number("SELECT CAST(oid AS BIGINT) FROM pg_database WHERE datname = current_database()")
        .await;
    // From before the limit, with the patience of a node's writer.
    let (mut other, mut watch) = (t.raw().await, t.raw().await);
    sqlx::raw_sql("SET lock_timeout = '2s'")
        .execute(&mut other)
        .await
        .unwrap();
    t.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 100', current_database()); END $$").await;
    t.execute("ALTER TABLE deliveries DROP COLUMN packed").await;
    t.execute("ALTER TABLE attempts DROP COLUMN packed").await;
    t.execute("DELETE FROM _sqlx_migrations WHERE version = 2").await;
    let mut dump = t.raw().await;
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM deliveries")
        .execute(&mut dump)
        .await
        .unwrap();

    let settings = t.place.settings();
    let mut opening = pin!(Store::open(&settings));
    let waiting = format!(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' AND database = {database}"
    );
    let others = async {
        // It waits, gives way, and waits again.
        for wanted in [1, 0, 1] {
            let waits = || sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(waiting.clone()));
            while waits().fetch_one(&mut watch).await.unwrap() != wanted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            sqlx::raw_sql(
                "INSERT INTO deliveries (destination, id, environment, app, event, cause, state, created_at)
                 SELECT 'one', gen_random_uuid()::text, 1, 'a', 'e', 0, 0, 0",
            )
            .execute(&mut other)
            .await
            .expect("written before long");
        }
    };
    tokio::select! {
        opened = &mut opening => panic!("it did not wait: {opened:?}"),
        () = others => {}
    }
    sqlx::raw_sql("COMMIT").execute(&mut dump).await.unwrap();
    opening.await.expect("opens").close().await;
    t.end().await;
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let elsewhere = Settings {
        url: Some("postgres://nobody@127.0.0.1:1/none".into()),
        ..Place::sqlite().settings()
    };
    assert!(matches!(
        Store::open(&elsewhere).await,
        Err(Error::Unavailable(_))
    ));
    let nonsense = Settings {
        url: Some("not a url".into()),
        ..elsewhere
    };
    assert!(matches!(Store::open(&nonsense).await, Err(Error::Other(why)) if why.contains("URL")));
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = Settings {
        url: None,
        directory: file.path().join("x"),
        ..nonsense
    };
    assert!(matches!(Store::open(&below).await, Err(Error::Unavailable(_))));
    let junk = tempfile::tempdir().unwrap();
    std::fs::write(junk.path().join("campanile.db"), vec![b'x'; 8_192]).unwrap();
    assert!(
        Store::open(&Settings {
            directory: junk.path().into(),
            ..below
        })
        .await
        .is_err()
    );
}
