//! Row-level security on `PostgreSQL`: the second line of isolation holds by itself, whatever a query says.

use domain::delivery::Verdict;
use domain::id::AppId;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use store::tenant::Tenant;
use store::{Store, tenant};

use crate::database::{NOW, Place, Test, completion, lease, page};

/// Every table that has an environment.
async fn tables(c: &mut PgConnection) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'environment'
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    .fetch_all(c)
    .await
    .unwrap();
    assert!(tables.len() >= 24, "{tables:?}");
    tables
}

async fn run(c: &mut PgConnection, sql: &str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(c)
        .await?
        .rows_affected())
}

async fn count(c: &mut PgConnection, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(c).await.unwrap()
}

/// A row in every table that has an environment, of environment 1: made up by type, past every rule.
async fn fill(t: &Test, c: &mut PgConnection) {
    for table in tables(c).await {
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT column_name::text, data_type::text FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = $1 AND is_nullable = 'NO'",
        )
        .bind(&table)
        .fetch_all(&mut *c)
        .await
        .unwrap();
        let value = |(name, kind): &(String, String)| match (name.as_str(), kind.as_str()) {
            ("environment", _) => "1".to_owned(),
            ("kind", "text") => "'secret'".to_owned(),
            ("role", _) => "'owner'".to_owned(),
            ("status", "text") => "'active'".to_owned(),
            (_, "bytea") => r"'\x01'".to_owned(),
            (_, "text") => "'filled'".to_owned(),
            _ => "1".to_owned(),
        };
        let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<_> = columns.iter().map(value).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            names.join(", "),
            values.join(", ")
        );
        run(c, &sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    assert_eq!(t.store.row_level_security(), Some(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_every_table_with_an_environment_has_a_policy() {
    let t = Test::postgres().await;
    let mut c = t.raw().await;
    for table in tables(&mut c).await {
        let held: bool = sqlx::query_scalar(
            "SELECT relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)
               AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd <> '*')
             FROM pg_class c WHERE oid = $1::text::regclass",
        )
        .bind(&table)
        .fetch_one(&mut c)
        .await
        .unwrap();
        assert!(held, "{table}");
    }
    let bypass: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'campanile_%' AND (rolsuper OR rolbypassrls OR rolcanlogin)",
    )
    .fetch_one(&mut c)
    .await
    .unwrap();
    assert_eq!(bypass, 0);
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_session_sees_its_environments_and_nothing_else() {
    let t = Test::postgres().await;
    let mut c = t.raw().await;
    fill(&t, &mut c).await;
    for role in ["campanile_reader", "campanile_writer"] {
        run(&mut c, &format!("SET ROLE {role}")).await.unwrap();
        for table in tables(&mut c).await {
            for (environments, seen) in [
                ("RESET", 0),
                ("", 0),
                ("2", 0),
                ("1", 1),
                ("2,1,3", 1),
                ("11", 0),
                ("2,3", 0),
                ("*", 1),
            ] {
                let set = match environments {
                    "RESET" => "RESET campanile.environments".to_owned(),
                    list => format!("SET campanile.environments = '{list}'"),
                };
                run(&mut c, &set).await.unwrap();
                let rows = count(&mut c, &table).await;
                assert_eq!(rows, seen, "{role} with {environments:?} in {table}");
            }
        }
        run(&mut c, "RESET ROLE; RESET campanile.environments")
            .await
            .unwrap();
    }
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_nobody_writes_into_another_environment() {
    let t = Test::postgres().await;
    let mut c = t.raw().await;
    run(
        &mut c,
        "INSERT INTO tenants VALUES (1, 'one', NULL, NULL, 0, 0), (2, 'two', NULL, NULL, 0, 0)",
    )
    .await
    .unwrap();
    run(
        &mut c,
        "SET ROLE campanile_writer; SET campanile.environments = '1'",
    )
    .await
    .unwrap();
    let denied = |result: Result<u64, sqlx::Error>| match result {
        Err(sqlx::Error::Database(error)) => error.code().as_deref() == Some("42501"),
        _ => false,
    };
    assert!(denied(
        run(&mut c, "INSERT INTO tenants VALUES (2, 'x', NULL, NULL, 0, 0)").await
    ));
    assert!(denied(run(&mut c, "UPDATE tenants SET environment = 2").await));
    let over = "INSERT INTO tenants VALUES (2, 'two', 'mine', NULL, 0, 0)
        ON CONFLICT (environment, id) DO UPDATE SET name = 'mine'";
    assert!(denied(run(&mut c, over).await));
    assert_eq!(
        run(&mut c, "UPDATE tenants SET name = 'mine' WHERE environment = 2")
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        run(&mut c, "DELETE FROM tenants WHERE id = 'two'").await.unwrap(),
        0
    );
    assert_eq!(run(&mut c, "UPDATE tenants SET name = 'mine'").await.unwrap(), 1);
    run(&mut c, "SET ROLE campanile_reader").await.unwrap();
    for sql in [
        "UPDATE tenants SET name = 'x'",
        "DELETE FROM tenants",
        "INSERT INTO meta VALUES ('x', 'y')",
    ] {
        assert!(denied(run(&mut c, sql).await), "{sql}");
    }
    t.end().await;
}

/// Even a query that names the wrong environment, and a plan that smuggles a row of another one, get nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_the_store_stays_inside_its_environment() {
    let t = Test::postgres().await;
    let env = t.another_env().await;
    let acme = Tenant {
        id: "acme".into(),
        name: None,
        metadata: None,
        created_at: NOW,
        updated_at: NOW,
    };
    let mut tx = t.store.write(env).await.unwrap();
    tenant::put(&mut tx, &acme).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        tenant::list(&mut *t.read().await, env, &page(10)).await.unwrap(),
        []
    );
    assert_eq!(
        tenant::list(&mut t.store.read(env).await.unwrap(), env, &page(10))
            .await
            .unwrap(),
        [acme]
    );
    let app: AppId = t.id();
    let mut plan = t.publish(app);
    plan.events[0].env = env;
    assert!(t.try_commit(plan).await.is_err());
    assert_eq!(t.number("SELECT count(*) FROM events").await, 0);
    // The writer goes from one environment to another, and takes both in one group.
    for _ in 0..3 {
        let mut elsewhere = t.publish(app);
        (elsewhere.env, elsewhere.events[0].env) = (env, env);
        let both = [t.queue(elsewhere), t.queue(t.publish(app))];
        for answer in both {
            answer.await.unwrap().unwrap();
        }
    }
    assert_eq!(
        t.number("SELECT count(*) FROM events WHERE environment = 2")
            .await,
        3
    );
    t.end().await;
}

/// A login that is nobody special: with the right to make roles everything works under them, without it everything works all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_an_ordinary_login_is_enough() {
    for (right, roles) in [("CREATEROLE", true), ("NOCREATEROLE", false)] {
        let place = Place::postgres().await;
        let (Place::Database { server, name }, login) =
            (&place, format!("login_{right}_{}", std::process::id()))
        else {
            panic!("a database")
        };
        let login = login.to_lowercase();
        let mut admin = PgConnection::connect(server).await.unwrap();
        let sql = format!("CREATE ROLE {login} LOGIN {right}; ALTER DATABASE {name} OWNER TO {login}");
        run(&mut admin, &sql).await.unwrap();
        let options: PgConnectOptions = place.options().username(&login);
        let mut settings = place.settings();
        settings.url = Some(options.to_url_lossy().to_string());
        let store = Store::open(&settings).await.expect("opens");
        assert_eq!(store.row_level_security(), Some(roles));
        let t = Test::over(store, place).await;
        let endpoint = t.id();
        let (_, id) = t.deliver(t.id(), endpoint, Some(lease(1, 1))).await;
        assert!(
            t.complete(completion(&t, endpoint, id, lease(1, 1), (1, Verdict::Sent)))
                .await
                .applied
        );
        t.commit(t.show(t.notification(t.id(), None), &["ann"], NOW))
            .await;
        t.store.close().await;
        drop(t);
        run(&mut admin, &format!("DROP ROLE {login}")).await.unwrap();
    }
}
