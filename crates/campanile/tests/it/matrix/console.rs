//! Every route, asked by those who sit at the console or in a portal: each is answered what their role opens, and nothing else.

use http::Method;
use serde_json::json;
use testkit::{Browser, Call, Reply, TestServer, both};

use super::manners::whose;
use super::routes::{Route, Who};
use super::world::World;
use super::{hides, routes};

/// What governs: the team, and the environment's own keys.
fn governs(route: &Route) -> bool {
    let keys = ["/keys", "/token-keys", "/token-secret"];
    let of_environment = keys
        .iter()
        .any(|noun| route.path.starts_with(&format!("/api/v1{noun}")));
    route.method != Method::GET && (of_environment || route.path.starts_with("/api/v1/team"))
}

/// What a portal opens where it is a tenant's: its channels, and the webhooks of its application.
fn is_of_portal(route: &Route) -> bool {
    let of_webhooks = ["/api/v1/apps/{app}/webhooks", "/api/v1/apps/{app}/event-types"];
    route.who == Who::Admin || of_webhooks.iter().any(|path| route.path.starts_with(path))
}

fn call(server: &TestServer, world: &World, route: &Route, query: &str) -> Call {
    let path = format!("{}{query}", world.fill(route.path));
    let call = server.call(route.method.clone(), &path);
    match world.body(route) {
        Some(body) => call.json(&body),
        None => call,
    }
}

/// Nothing comes of it, and what was refused says why.
#[track_caller]
fn refused(reply: &Reply, codes: &[&str]) {
    let code = reply.json()["code"].clone();
    assert!(
        matches!(reply.status, 403 | 404) && codes.iter().any(|known| code == *known),
        "{reply}"
    );
}

both! {
    /// U06: an operator does all, a developer all but say who may do what, a viewer changes nothing.
    async fn each_role_does_what_it_may(database) {
        let server = TestServer::start_on(database).await;
        let own = World::first(&server).await;
        let invited = async |role: &str| {
            let invitation = json!({"email": format!("{role}@team.example"), "role": role});
            Browser::invited(&server, &invitation).await
        };
        let (viewer, developer, operator) = (invited("viewer").await, invited("developer").await, invited("operator").await);
        let mut routes = routes(&server).await;
        routes.sort_by_key(|route| (route.method == Method::DELETE, std::cmp::Reverse(route.path.matches('/').count())));
        for route in &routes {
            let query = whose(&own, route);
            let made = call(&server, &own, route, &query);
            let reply = viewer.makes(made.clone()).await;
            if route.who == Who::Stream {
                assert_eq!(reply.status, 426, "{reply}");
                continue;
            }
            // Whoever has that link may say what the user prefers.
            if route.path.ends_with("/preferences/link") {
                reply.refused(403, "read_only");
            } else if route.method == Method::GET {
                assert_eq!(reply.status, 200, "{reply}");
            } else {
                reply.refused(403, "read_only");
            }
            let reply = developer.makes(made.clone()).await;
            if governs(route) {
                reply.refused(403, "forbidden");
            } else if route.method != Method::DELETE {
                server.settle().await;
                assert!(reply.status < 300, "{reply}");
            }
            // Whom the developer did not take away already.
            let reply = operator.makes(made).await;
            server.settle().await;
            assert!(reply.status < 300 || (route.method == Method::DELETE && reply.status == 404), "{reply}");
        }
    }

    /// An admin of a tenant, its portal, and one that only shows: the tenant's own, and nothing of anybody else's.
    async fn a_portal_opens_what_is_the_tenants(database) {
        let server = TestServer::start_on(database).await;
        let own = World::first(&server).await;
        server.put("/api/v1/tenants/globex", &json!({"name": "Globex"})).await.ok(200);
        let admin = Browser::invited(&server, &json!({"email": "boss@globex.example", "role": "tenant_admin", "tenant": "globex"})).await;
        let open = async |body| {
            let fresh = server.post("/api/v1/tenants/globex/portal", &body).await.ok(201);
            fresh["token"].as_str().unwrap().to_owned()
        };
        let (portal, shows) = (open(json!({})).await, open(json!({"read_only": true})).await);
        let mut marks = own.marks();
        marks.extend(own.alpha_marks());
        for token in [&portal, &shows] {
            assert_eq!(server.sse("", token, None).await.err(), Some(403));
        }
        for route in routes(&server).await.into_iter().filter(|route| route.who != Who::Stream) {
            let made = call(&server, &own, &route, "");
            for (who, reply) in [
                ("an admin", admin.makes(made.clone()).await),
                ("a portal", made.clone().key(&portal).await),
                ("one that shows", made.clone().key(&shows).await),
            ] {
                hides(&reply, &marks, who);
                let own_list = route.who == Who::Admin && !route.path.contains("{config}") && !route.path.ends_with("/test");
                match &route {
                    route if who == "one that shows" && route.method != Method::GET => {
                        reply.refused(403, "read_only");
                    }
                    // Without a name it is the tenant's own.
                    _ if own_list => assert!(reply.status < 300, "{who}: {reply}"),
                    route if is_of_portal(route) => refused(&reply, &["not_found"]),
                    _ => refused(&reply, &["forbidden", "not_found"]),
                }
            }
            // Another tenant is not there.
            if route.who == Who::Admin {
                let reply = call(&server, &own, &route, "?tenant=acme").key(&portal).await;
                reply.refused(404, "not_found");
            }
        }
        // The portal of the tenant whose things were asked for does open them.
        let reply = server.get("/api/v1/notifications/configs").key(own.portal()).await.ok(200);
        assert_eq!(reply.as_array().map(Vec::len), Some(1));
    }
}
