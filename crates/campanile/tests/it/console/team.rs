//! Invitations and roles.

use http::Method;
use serde_json::{Value, json};
use testkit::{Browser, TestServer, both};

const DAY: i64 = 24 * 3_600_000;

async fn invite(server: &TestServer, body: Value) -> Value {
    server.post("/api/v1/team/invitations", &body).await.ok(201)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

both! {
    /// Who is invited accepts once; who is invited again keeps their account, and an invitation before counts no more.
    async fn an_invitation_is_accepted_once(database) {
        let server = TestServer::start_on(database).await;
        let before = invite(&server, json!({"email": "Eve@Team.example", "role": "viewer"})).await;
        let made = invite(&server, json!({"email": "eve@team.example", "role": "developer"})).await;
        Browser::enter(&server, text(&before["link"])).await.unwrap_err().refused(401, "code_unknown");
        let listed = server.get("/api/v1/team/invitations").await.ok(200);
        assert_eq!(listed["data"].as_array().unwrap().len(), 1);
        assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["link"]), (&made["id"], &Value::Null));
        let eve = Browser::enter(&server, text(&made["link"])).await.unwrap();
        Browser::enter(&server, text(&made["link"])).await.unwrap_err().refused(401, "code_unknown");
        assert_eq!(eve.session()["account"]["email"], "eve@team.example");
        let part = |browser: &Browser| browser.session()["environments"][0]["role"].clone();
        assert_eq!(part(&eve), "developer");
        assert!(server.get("/api/v1/team/invitations").await.ok(200)["data"].as_array().unwrap().is_empty());
        let again = invite(&server, json!({"email": "EVE@team.example", "role": "viewer"})).await;
        let eve_again = Browser::enter(&server, text(&again["link"])).await.unwrap();
        assert_eq!((eve_again.account(), part(&eve_again)), (eve.account(), json!("viewer")));
        let team = server.get("/api/v1/team").await.ok(200);
        assert_eq!(team["data"].as_array().unwrap().len(), 1);
        assert_eq!((&team["data"][0]["account_id"], &team["data"][0]["role"]), (&json!(eve.account()), &json!("viewer")));
        server.finish().await;
    }

    /// Roles change and end with the next call; an invitation that was taken back or is a week old counts no more.
    async fn a_team_is_governed(database) {
        let server = TestServer::start_on(database).await;
        let made = invite(&server, json!({"email": "eve@team.example", "role": "developer"})).await;
        let eve = Browser::enter(&server, text(&made["link"])).await.unwrap();
        let path = format!("/api/v1/team/{}", eve.account());
        let change = || eve.makes(server.put("/api/v1/users/ada", &json!({"name": "Ada"})));
        change().await.ok(200);
        server.patch(&path, &json!({"role": "viewer"})).await.ok(204);
        change().await.refused(403, "read_only");
        server.patch(&path, &json!({"role": "operator"})).await.ok(204);
        change().await.ok(200);
        let reply = server.patch(&path, &json!({"role": "tenant_admin"})).await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults(), [("/role".to_owned(), "unfitting".to_owned())]);
        server.patch(&path, &json!({"role": "king"})).await.refused(422, "invalid");
        server.delete(&path).await.ok(204);
        change().await.refused(403, "forbidden");
        assert_eq!(eve.call(&server, Method::GET, "/api/v1/session").await.ok(200)["environments"], json!([]));
        server.patch(&path, &json!({"role": "viewer"})).await.refused(404, "not_found");
        let made = invite(&server, json!({"email": "ben@team.example", "role": "viewer"})).await;
        server.delete(&format!("/api/v1/team/invitations/{}", text(&made["id"]))).await.ok(204);
        Browser::enter(&server, text(&made["link"])).await.unwrap_err().refused(401, "code_unknown");
        let made = invite(&server, json!({"email": "ben@team.example", "role": "viewer"})).await;
        server.turn(7 * DAY).await;
        Browser::enter(&server, text(&made["link"])).await.unwrap_err().refused(401, "code_unknown");
        server.finish().await;
    }

    /// An admin of a tenant has that tenant, until it is forgotten; one of several says which.
    async fn an_admin_of_tenants_enters_each(database) {
        let server = TestServer::start_on(database).await;
        let invitation = |tenant: &str| json!({"email": "eve@team.example", "role": "tenant_admin", "tenant": tenant});
        let reply = server.post("/api/v1/team/invitations", &invitation("acme")).await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults(), [("/tenant".to_owned(), "unknown".to_owned())]);
        for tenant in ["acme", "globex"] {
            server.put(&format!("/api/v1/tenants/{tenant}"), &json!({"name": tenant})).await.ok(200);
        }
        Browser::invited(&server, &invitation("acme")).await;
        let eve = Browser::invited(&server, &invitation("globex")).await;
        let tenants = eve.session()["environments"].as_array().unwrap().iter().map(|open| open["tenant"].clone());
        assert_eq!(tenants.collect::<Vec<_>>(), ["acme", "globex"]);
        for tenant in ["acme", "globex"] {
            let seen = eve.call(&server, Method::GET, "/api/v1/portal").header("campanile-tenant", tenant).await.ok(200);
            assert_eq!((&seen["tenant"]["id"], &seen["parts"]), (&json!(tenant), &json!(["channels", "webhooks"])));
        }
        eve.call(&server, Method::GET, "/api/v1/portal").header("campanile-tenant", "initech").await.refused(403, "forbidden");
        eve.call(&server, Method::GET, "/api/v1/users").await.refused(403, "forbidden");
        // The page of the portal has a token for its elements.
        let fresh = eve.call(&server, Method::POST, "/api/v1/session/portal").header("campanile-tenant", "globex").await.ok(201);
        assert_eq!(server.get("/api/v1/portal").key(text(&fresh["token"])).await.ok(200)["tenant"]["id"], "globex");
        Browser::operator(&server).await.call(&server, Method::POST, "/api/v1/session/portal").await.refused(403, "forbidden");
        server.delete("/api/v1/tenants/acme").await.ok(204);
        let left = eve.call(&server, Method::GET, "/api/v1/session").await.ok(200);
        assert_eq!(left["environments"].as_array().unwrap().len(), 1);
        server.finish().await;
    }
}

/// What is wrong with an invitation is told.
#[tokio::test]
async fn what_is_wrong_with_an_invitation_is_told() {
    let server = TestServer::start().await;
    for (body, pointer, code) in [
        (json!({"email": "eve", "role": "viewer"}), "/email", "format"),
        (json!({"email": "", "role": "viewer"}), "/email", "required"),
        (
            json!({"email": "a@b.example", "role": "tenant_admin"}),
            "/tenant",
            "required",
        ),
        (
            json!({"email": "a@b.example", "role": "viewer", "tenant": "acme"}),
            "/tenant",
            "unfitting",
        ),
    ] {
        let reply = server.post("/api/v1/team/invitations", &body).await;
        reply.refused(422, "invalid");
        let faults = reply.faults();
        assert!(faults.contains(&(pointer.to_owned(), code.to_owned())), "{reply}");
    }
    server.finish().await;
}
