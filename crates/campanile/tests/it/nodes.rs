//! Several nodes on one PostgreSQL. (On SQLite there is one; see `lifecycle`.)

use std::time::Duration;

use serde_json::json;
use testkit::{Answer, Database, Receiver, TestServer};

use crate::line::{Line, Proxy};

/// A node that brings a master key of its own could read no secret and seal them so that no other could: it is refused, in words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_another_master_key_is_refused() {
    let here = TestServer::start_on(Database::Postgres).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut config = here.config().clone();
    elsewhere.path().clone_into(&mut config.server.data);
    let started = here
        .inside(async move {
            let options = campanile::Options::default();
            campanile::Server::start(&config, options).await.map(drop)
        })
        .await;
    let error = format!("{:#}", started.expect_err("refused"));
    assert!(error.contains("sealed with another master key"), "{error}");
    here.get("/api/v1/apps").await.ok(200);
    here.finish().await;
}

/// W04: what happens on one node is told to the listeners of the other, in order and without a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w04_listeners_of_another_node() {
    let here = TestServer::start_on(Database::Postgres).await;
    let there = here.join().await;
    let app = here.app("desk").await;
    let token = here.token("ada").await;
    let mut socket = there.socket("").key(&token).open().await;
    let mut events = there.socket("").key(&app.key).open().await;
    socket.expect("hello").await;
    events.expect("hello").await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(here.tell(&app, "ada", &format!("n{n}")).await);
    }
    here.patch(
        &format!("/api/v1/notifications/{}", ids[0]),
        &json!({"status": "read"}),
    )
    .key(&token)
    .await
    .ok(200);
    there
        .post("/api/v1/notifications/mark-all-read", &json!({}))
        .key(&token)
        .await
        .ok(200);
    // A follower may be told where an item stands now instead of each step, and then up to where that is all: the numbers never go back.
    let mut last = 0;
    while last < 7 {
        let frame = socket.frame().await;
        if frame["type"] == "synced" {
            let through = frame["through"].as_i64().unwrap();
            assert!(through >= last, "{frame}");
            last = through;
            continue;
        }
        let seq = frame["seq"].as_i64().unwrap();
        assert!(seq > last, "{frame}");
        last = seq;
    }
    for _ in 0..5 {
        assert_eq!(
            events.expect("event").await["event"]["type"],
            "notification.created"
        );
    }
    assert_eq!(events.expect("event").await["event"]["type"], "notification.read");
    there.settle().await;
    here.settle().await;
    assert_eq!(here.feed("ada").await["data"], there.feed("ada").await["data"]);
}

/// R8, W7: a revoked key, a paused endpoint, a changed setting are obeyed by the other node within two seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r8_changes_are_obeyed_by_the_other_node() {
    let here = TestServer::start_on(Database::Postgres).await;
    let there = here.join().await;
    let (app, receiver) = (here.app("desk").await, Receiver::start().await);
    let webhook = here
        .webhook(&app, &receiver.url(), &json!({"retry_policy": "short"}))
        .await;
    receiver.answer_next([Answer::status(500)]);
    there.publish_kind(&app, "t").await;
    there.settle().await;
    let mut socket = there.socket("").key(&app.key).open().await;
    socket.expect("hello").await;
    there.get(&app.path("")).key(&app.key).await.ok(200);
    here.patch(&webhook.path, &json!({"status": "paused"}))
        .await
        .ok(200);
    here.settings(&json!({"require_registered_types": true})).await;
    let keys = here.get(&app.path("/keys")).await.ok(200);
    let began = std::time::Instant::now();
    here.delete(&app.path(&format!("/keys/{}", keys["data"][0]["id"].as_str().unwrap())))
        .await
        .ok(204);
    assert_eq!(socket.code().await, 4003);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    there
        .get(&app.path(""))
        .key(&app.key)
        .await
        .refused(401, "key_revoked");
    there
        .post(&app.path("/events"), &json!({"type": "t", "data": 1}))
        .await
        .refused(400, "unknown_type");
    there.turn(60_000).await;
    for node in [&here, &there] {
        node.settle().await;
    }
    assert_eq!(receiver.count(), 1);
}

/// A node that dies is missed: after its lease the other one sends what it held, under the same id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w12_a_dead_nodes_work_is_taken_over() {
    let mut here = TestServer::start_on(Database::Postgres).await;
    let there = here.join().await;
    let (app, receiver) = (here.app("desk").await, Receiver::start().await);
    let webhook = here.webhook(&app, &receiver.url(), &json!({})).await;
    let (held, release) = Answer::status(200).held();
    receiver.answer_next([held]);
    let id = here.publish_kind(&app, "t").await;
    receiver.wait(1).await;
    here.crash().await;
    there.settle_others().await;
    assert_eq!(receiver.count(), 1, "while its lease holds nobody else sends");
    there.turn(36_000).await;
    there.settle().await;
    let received = receiver.wait(2).await;
    assert_eq!(
        (received[1].id(), received[1].body.clone()),
        (id, received[0].body.clone())
    );
    drop(release);
    let delivery = there.only_delivery(&webhook).await;
    assert_eq!(
        (&delivery["status"], &delivery["attempts"]),
        (&json!("sent"), &json!(2))
    );
    let log = delivery["attempts_log"].as_array().unwrap();
    assert_eq!(
        (log[0]["outcome"].as_str(), log[1]["outcome"].as_str()),
        (Some("unknown"), Some("sent"))
    );
}

/// A heartbeat depends on no delivery: however many are open, and whatever is done to them, it takes no longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w12_a_heartbeat_looks_at_no_delivery() {
    let server = TestServer::on(Database::Postgres)
        .with(|config| config.delivery.lease = config::Millis::seconds(6))
        .start()
        .await;
    server.execute("ALTER TABLE deliveries RENAME TO elsewhere").await;
    server.turn(1_000).await;
    let until = server.now() + 6_000;
    let beats = async {
        while server.number("SELECT until FROM nodes").await < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(testkit::PATIENCE, beats)
        .await
        .expect("it beats");
    server.execute("ALTER TABLE elsewhere RENAME TO deliveries").await;
    server.finish().await;
}

/// A node that was counted dead may yet commit what it leased: the others find it without anybody dying again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w12_leased_by_one_that_was_counted_dead() {
    let server = TestServer::start_on(Database::Postgres).await;
    let (app, receiver) = (server.app("desk").await, Receiver::start().await);
    let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
    receiver.answer_next([Answer::status(500)]);
    server.publish_kind(&app, "t").await;
    server.settle().await;
    server
        .execute("UPDATE deliveries SET state = 1, owner = 999, fence = fence + 1")
        .await;
    server.turn_and_settle(60_000).await;
    let delivery = server.only_delivery(&webhook).await;
    let log = delivery["attempts_log"].as_array().unwrap();
    assert_eq!(
        (delivery["status"].as_str(), log[1]["outcome"].as_str()),
        (Some("retrying"), Some("unknown"))
    );
    server.turn_and_settle(5_000).await;
    assert_eq!(server.only_delivery(&webhook).await["status"], "sent");
    server.finish().await;
}

/// Both nodes work on one backlog, and no delivery is made twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_a_backlog() {
    let here = TestServer::start_on(Database::Postgres).await;
    let there = here.join().await;
    let (app, receiver) = (here.app("desk").await, Receiver::start().await);
    for n in 0..4 {
        here.webhook(&app, &receiver.url_at(&format!("/{n}")), &json!({}))
            .await;
    }
    let publish = async |node: &TestServer| {
        for _ in 0..5 {
            let events = vec![json!({"type": "t", "data": {}}); 30];
            node.post(&app.path("/events/batch"), &json!({"events": events}))
                .await
                .ok(200);
        }
    };
    tokio::join!(publish(&here), publish(&there));
    here.settle().await;
    there.settle().await;
    let received = receiver.wait(1_200).await;
    let each: std::collections::HashSet<_> = received
        .iter()
        .map(|sent| (sent.path.clone(), sent.id()))
        .collect();
    assert_eq!((each.len(), receiver.count()), (1_200, 1_200));
}

/// Q10: a claim may hold although the database was lost before it said so: what nobody has is given back, and delivered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn q10_a_claim_whose_answer_is_lost_keeps_nothing() {
    let mut server = TestServer::start_on(Database::Postgres).await;
    let mut url = url::Url::parse(server.config().database.url.as_ref().unwrap().reveal()).unwrap();
    let (port, line) = Proxy::before(url.host_str().unwrap(), url.port().unwrap()).await;
    url.set_port(Some(port)).unwrap();
    server
        .restart_with(|config| config.database.url = Some(testkit::database_url(url.as_str())))
        .await;
    let (app, receiver) = (server.app("shop").await, Receiver::start().await);
    receiver.answer(Answer::status(500));
    let webhook = server
        .webhook(&app, &receiver.url(), &json!({"retry_policy": "short"}))
        .await;
    server.publish_kind(&app, "t").await;
    receiver.wait(1).await;
    while server.only_delivery(&webhook).await["status"] != "retrying" {}
    receiver.answer(Answer::status(200));
    line.lose_commit_of("UPDATE deliveries SET state = 1, owner");
    server.turn(30_000).await;
    while !line.is(Line::Fine) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    receiver.wait(2).await;
    server.settle().await;
    assert_eq!(server.only_delivery(&webhook).await["status"], "sent");
    server.finish().await;
}
