//! E18: events exist exactly when the product's own transaction committed.

use std::process::Output;

use serde_json::{Value, json};
use testkit::{App, Database, Product, TestServer, both};

use crate::lifecycle::binary::{campanile, failed, good};

fn command(arguments: &[&str]) -> Output {
    campanile().arg("outbox").args(arguments).output().unwrap()
}

async fn installed() -> Product {
    let product = Product::new().await;
    good(&command(&["install", &product.url()]));
    product
        .execute("CREATE TABLE orders (number int PRIMARY KEY)")
        .await;
    product
}

async fn reading(database: Database, product: &Product) -> (TestServer, App) {
    let url = product.url();
    let server = TestServer::on(database)
        .with(move |config| {
            let settings = [
                ("OUTBOX__URL", &*url),
                ("OUTBOX__APPLICATION", "shop"),
                ("OUTBOX__EVERY", "50ms"),
            ];
            config.outbox = testkit::configured(&settings).outbox;
        })
        .start()
        .await;
    let app = server.app("shop").await;
    (server, app)
}

/// Leaves so many events, numbered from 1.
fn many(count: u32) -> String {
    format!(
        "SELECT campanile.publish('order.placed', id => 'order-' || n) FROM generate_series(1, {count}) AS n"
    )
}

/// Waits until nothing waits any more.
async fn read(product: &Product) {
    let waiting = "SELECT count(*) FROM campanile.outbox WHERE failed_at IS NULL";
    let until = std::time::Instant::now() + testkit::PATIENCE;
    while product.number(waiting).await > 0 {
        assert!(std::time::Instant::now() < until, "the outbox is not read");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// The events of an application, oldest first.
async fn events(server: &TestServer, app: &App) -> Vec<Value> {
    let list = server.get(&app.path("/events?limit=100")).await.ok(200);
    let mut events = list["data"].as_array().unwrap().clone();
    events.reverse();
    events
}

both! {
    /// What committed is published, with all that was said, once; what was rolled back is not.
    async fn e18_an_event_exists_when_its_transaction_committed(database) {
        let product = installed().await;
        let (server, app) = reading(database, &product).await;
        product.execute("BEGIN; INSERT INTO orders VALUES (1); SELECT campanile.publish('order.placed', '{\"n\": 1}', id => 'order-1'); COMMIT").await;
        product.execute("BEGIN; INSERT INTO orders VALUES (2); SELECT campanile.publish('order.placed', '{\"n\": 2}'); ROLLBACK").await;
        product.execute(
            "SELECT campanile.publish(type => 'order.paid', data => jsonb_build_object('text', 'ü \"quoted\"'), tenant => 'acme', users => '{ada,bob}',
               category => 'orders', entity_type => 'order', entity_id => '7', occurred_at => '2026-01-02T03:04:05Z')",
        ).await;
        read(&product).await;
        let events = events(&server, &app).await;
        assert_eq!(events.len(), 2, "{events:#?}");
        assert_eq!((&events[0]["type"], &events[0]["data"], &events[0]["external_id"]), (&json!("order.placed"), &json!({"n": 1}), &json!("order-1")));
        let paid = &events[1];
        assert_eq!((&paid["data"], &paid["tenant"], &paid["users"]), (&json!({"text": "ü \"quoted\""}), &json!("acme"), &json!(["ada", "bob"])));
        assert_eq!((&paid["category"], &paid["entity"]), (&json!("orders"), &json!({"type": "order", "id": "7"})));
        assert_eq!(paid["occurred_at"], "2026-01-02T03:04:05.000Z");
        assert_eq!(product.number("SELECT count(*) FROM orders").await, 1);
        server.finish().await;
    }

    /// Read twice, as after a kill between publishing and taking away, it is published once.
    async fn e18_read_twice_it_is_published_once(database) {
        let product = installed().await;
        let (mut server, app) = reading(database, &product).await;
        product.execute("SELECT campanile.publish('order.placed', '{\"n\": 1}', id => 'order-1')").await;
        read(&product).await;
        server.restart().await;
        product.execute("SELECT campanile.publish('order.placed', '{\"n\": 1}', id => 'order-1')").await;
        read(&product).await;
        assert_eq!(events(&server, &app).await.len(), 1);
        // The same id for something else is no repetition: it is refused, and stays.
        product.execute("SELECT campanile.publish('order.placed', '{\"n\": 2}', id => 'order-1')").await;
        read(&product).await;
        assert_eq!(product.number("SELECT count(*) FROM campanile.outbox WHERE error LIKE '%another type or data%'").await, 1);
        server.finish().await;
    }

    /// What is refused stays with its reason, holds nobody up, and is read again when asked.
    async fn e18_what_is_refused_stays_and_holds_nobody_up(database) {
        let product = installed().await;
        let (server, app) = reading(database, &product).await;
        product.execute("SELECT campanile.publish('order.placed', application => 'nobody'); SELECT campanile.publish('a b'); SELECT campanile.publish('order.paid')").await;
        read(&product).await;
        assert_eq!(events(&server, &app).await.len(), 1);
        let status = good(&command(&["status", &product.url()]));
        assert!(status.starts_with("0 wait; 2 refused") && status.contains("application not found"), "{status}");
        server.app("nobody").await;
        assert_eq!(good(&command(&["retry", &product.url(), "--json"])), r#"{"retried":2}"#);
        read(&product).await;
        assert_eq!(product.number("SELECT count(*) FROM campanile.outbox").await, 1);
        server.finish().await;
    }
}

/// What takes longer than a transaction may stand open is taken away piece by piece, not begun anew for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e18_what_takes_long_is_taken_away_in_pieces() {
    let product = installed().await;
    let (server, app) = reading(Database::Postgres, &product).await;
    // Of a repetition as well, which inserts nothing.
    server
        .execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$;
             CREATE TRIGGER slow BEFORE INSERT ON claims FOR EACH STATEMENT EXECUTE FUNCTION slow()",
        )
        .await;
    product.execute(&many(50)).await;
    read(&product).await;
    assert_eq!(events(&server, &app).await.len(), 50);
    server.finish().await;
}

/// Several nodes that read one outbox publish in the order in which it was left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e18_several_nodes_keep_the_order() {
    let product = installed().await;
    let (here, _) = reading(Database::Postgres, &product).await;
    let there = here.join().await;
    product.execute(&many(900)).await;
    read(&product).await;
    let events = "SELECT position, lag(position) OVER (ORDER BY CAST(substr(external_id, 7) AS bigint)) AS before FROM events WHERE external_id LIKE 'order-%'";
    assert_eq!(
        here.number(&format!("SELECT count(*) FROM ({events}) AS e"))
            .await,
        900
    );
    assert_eq!(
        here.number(&format!(
            "SELECT count(*) FROM ({events}) AS e WHERE position <= before"
        ))
        .await,
        0
    );
    drop(there);
    here.finish().await;
}

/// Whoever reads keeps the others waiting, so that events stay in their order; what was read and not published comes first again.
#[tokio::test]
async fn e18_one_reads_at_a_time_and_in_order() {
    let product = installed().await;
    product
        .execute("SELECT campanile.publish('a.b', '{}', id => 'n' || n) FROM generate_series(1, 3) AS n")
        .await;
    let outbox = store::outbox::Outbox::new(&product.url()).unwrap();
    let first = outbox.take(2).await.unwrap();
    let ids = |slice: &store::outbox::Slice| {
        slice
            .events
            .iter()
            .map(|event| event.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&first), ["n1", "n2"]);
    assert!(outbox.take(2).await.unwrap().events.is_empty(), "it is read");
    // One was published, and then the time was over.
    first.end(&[first_number(&product).await], &[]).await.unwrap();
    let next = outbox.take(10).await.unwrap();
    assert_eq!(ids(&next), ["n2", "n3"]);
    drop(next);
    outbox.close().await;
}

async fn first_number(product: &Product) -> i64 {
    product.number("SELECT min(number) FROM campanile.outbox").await
}

/// A role that owns nothing may publish, and touches nothing else.
#[tokio::test]
async fn e18_whoever_may_use_the_database_may_publish() {
    let product = installed().await;
    let role = format!("clerk_{}", std::process::id());
    product
        .execute(&format!("DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN"))
        .await;
    let publish = |sql: &str| format!("SET ROLE {role}; {sql}");
    product
        .execute(&publish("SELECT campanile.publish('order.placed')"))
        .await;
    assert_eq!(product.number("SELECT count(*) FROM campanile.outbox").await, 1);
    for sql in [
        "SELECT count(*) FROM campanile.outbox",
        "DELETE FROM campanile.outbox",
    ] {
        let check = format!(
            "DO $$ BEGIN SET LOCAL ROLE {role}; BEGIN EXECUTE $x${sql}$x$; RAISE 'allowed'; EXCEPTION WHEN insufficient_privilege THEN END; END $$"
        );
        product.execute(&check).await;
    }
    // What a caller puts into their own schema is not what the function sees.
    product
        .execute(&format!(
            "CREATE SCHEMA {role} AUTHORIZATION {role}; SET ROLE {role};
             CREATE FUNCTION {role}.gen_random_uuid() RETURNS uuid LANGUAGE sql AS $$ SELECT '00000000-0000-0000-0000-000000000000'::uuid $$;
             SET search_path = {role}; SELECT campanile.publish('order.placed')"
        ))
        .await;
    assert_eq!(
        product
            .number("SELECT count(*) FROM campanile.outbox WHERE id LIKE '00000000%'")
            .await,
        0
    );
    product
        .execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

/// Installing again keeps what waits; removing refuses while something does.
#[tokio::test]
async fn e18_installed_again_and_removed() {
    let product = installed().await;
    product.execute("SELECT campanile.publish('order.placed')").await;
    good(&command(&["install", &product.url()]));
    assert_eq!(product.number("SELECT count(*) FROM campanile.outbox").await, 1);
    assert!(good(&command(&["status", &product.url()])).starts_with("1 wait, since "));
    assert!(failed(&command(&["remove", &product.url()])).contains("1 events are in it"));
    assert_eq!(good(&command(&["remove", &product.url(), "--force"])), "removed");
    assert_eq!(good(&command(&["remove", &product.url()])), "there was none");
    assert!(failed(&command(&["status", &product.url()])).contains("campanile.outbox"));
    assert!(failed(&command(&["install", "mysql://x"])).contains("URL of the outbox"));
    assert!(failed(&command(&["install", "postgres://nobody@127.0.0.1:1/x"])).contains("refused"));
}
