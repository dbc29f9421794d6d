//! Two changes of one thing at once, made on two nodes that share a PostgreSQL: the later one is made on what the earlier one left.

use app::Ctx;
use domain::endpoint::EndpointStatus;
use domain::environment::Env;
use domain::id::{AppId, EndpointId, Prefixed};
use serde_json::json;
use store::endpoint::Endpoint;
use store::{Change, app as apps, endpoint, environment, event_type};
use testkit::{App, Call, Database, Receiver, TestServer, Webhook};

const ENV: Env = Env(1);

/// The other node's change, which is written and not committed.
async fn elsewhere(server: &TestServer) -> Change {
    server.ctx().store.change(ENV).await.unwrap()
}

/// Makes a call that has to wait for the other node's change, which is committed then. Answers the call's status.
async fn beside(server: &TestServer, other: Change, call: Call) -> u16 {
    let commit = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while server.number(waiting).await == 0 {
            tokio::task::yield_now().await;
        }
        other.commit().await.unwrap();
    };
    tokio::join!(call, commit).0.status
}

fn ids(app: &App, webhook: &Webhook) -> (AppId, EndpointId) {
    let app = AppId::parse(&app.id).unwrap();
    (app, EndpointId::parse(&webhook.id).unwrap())
}

async fn webhook_in(change: &mut Change, (app, id): (AppId, EndpointId)) -> Endpoint {
    endpoint::get(change, ENV, app, id).await.unwrap().unwrap()
}

/// A changed description beside a rotated secret, the server's own disabling, a deletion.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_changed_on_two_nodes_at_once() {
    let server = TestServer::start_on(Database::Postgres).await;
    let (app, receiver) = (server.app("desk").await, Receiver::start().await);
    let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
    let ids = ids(&app, &webhook);
    let describe = |text| server.patch(&webhook.path, &json!({"description": text}));

    let mut other = elsewhere(&server).await;
    let mut rotated = webhook_in(&mut other, ids).await;
    let ctx: &Ctx = server.ctx();
    let secrets = ctx.open_secrets(&rotated).unwrap();
    let fresh = domain::signature::Secret::generate([7; 32]);
    let secrets = secrets.rotate(fresh, 0, server.now()).unwrap();
    ctx.seal_secrets(&mut rotated, &secrets).unwrap();
    endpoint::put(&mut other, &rotated).await.unwrap();
    assert_eq!(beside(&server, other, describe("one")).await, 200);
    let mut other = elsewhere(&server).await;
    let mut found = webhook_in(&mut other, ids).await;
    assert_eq!(
        (found.secrets == rotated.secrets, found.description.as_str()),
        (true, "one")
    );

    found.subscription.status = EndpointStatus::Disabled;
    endpoint::put(&mut other, &found).await.unwrap();
    assert_eq!(beside(&server, other, describe("two")).await, 200);
    let now = server.webhook_now(&webhook).await;
    assert_eq!(
        (&now["status"], &now["description"]),
        (&json!("disabled"), &json!("two"))
    );

    let mut other = elsewhere(&server).await;
    endpoint::delete(&mut other, ids.0, ids.1).await.unwrap();
    assert_eq!(beside(&server, other, describe("three")).await, 404);
    server.get(&webhook.path).await.refused(404, "not_found");
    server.finish().await;
}

/// Settings, an application, an event type: of each two things are changed at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn configuration_is_changed_on_two_nodes_at_once() {
    let server = TestServer::start_on(Database::Postgres).await;

    let mut other = elsewhere(&server).await;
    let mut settings = environment::get(&mut other, ENV).await.unwrap().unwrap().settings;
    settings.limits.title = 77;
    environment::update(&mut other, &settings).await.unwrap();
    let body = json!({"settings": {"limits": {"body": 1_234}}});
    assert_eq!(
        beside(&server, other, server.patch("/api/v1/environment", &body)).await,
        200
    );
    let limits = &server.get("/api/v1/environment").await.ok(200)["settings"]["limits"];
    assert_eq!((&limits["title"], &limits["body"]), (&json!(77), &json!(1_234)));

    let app = server.app("desk").await;
    let mut other = elsewhere(&server).await;
    let mut renamed = apps::get(&mut other, ENV, AppId::parse(&app.id).unwrap())
        .await
        .unwrap()
        .unwrap();
    renamed.name = "Renamed".into();
    apps::update(&mut other, &renamed).await.unwrap();
    let body = json!({"metadata": {"a": 1}});
    assert_eq!(
        beside(&server, other, server.patch(&app.path(""), &body)).await,
        200
    );
    let now = server.get(&app.path("")).await.ok(200);
    assert_eq!(
        (&now["name"], &now["metadata"]),
        (&json!("Renamed"), &json!({"a": 1}))
    );

    server.event_type(&json!({"name": "paid", "category": "c"})).await;
    let path = "/api/v1/event-types/paid";
    let mut other = elsewhere(&server).await;
    let mut spec = event_type::get(&mut other, ENV, "paid").await.unwrap().unwrap();
    spec.public_fields = Some(vec!["total".into()]);
    event_type::put(&mut other, &spec).await.unwrap();
    let body = json!({"version": "2027-01-01"});
    assert_eq!(beside(&server, other, server.patch(path, &body)).await, 200);
    let now = server.get(path).await.ok(200);
    assert_eq!(
        (&now["public_fields"], &now["version"]),
        (&json!(["total"]), &json!("2027-01-01"))
    );

    let mut other = elsewhere(&server).await;
    event_type::delete(&mut other, "paid").await.unwrap();
    assert_eq!(beside(&server, other, server.patch(path, &body)).await, 404);
    server.get(path).await.refused(404, "not_found");
    server.finish().await;
}
