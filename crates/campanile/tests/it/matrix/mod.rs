//! Every route of the served OpenAPI document, asked by everyone who must not be answered, and by those who must.
//!
//! Two environments, two applications and two users in each, all with data. Whoever asks for another's things learns nothing: no status
//! but 401, 403 and 404, and no id or text of theirs in any answer. A route that is in the document and not in `routes` fails the test.

mod console;
mod manners;
mod missing;
mod routes;
mod world;

use std::collections::BTreeSet;

use serde_json::Value;
use testkit::{Reply, TestServer, both};

use routes::{Route, Who};
use world::World;

/// The routes of the document, each with what a call needs.
async fn routes(server: &TestServer) -> Vec<Route> {
    let document = server.get("/api/v1/openapi.json").anonymous().await.ok(200);
    let mut served = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| ["get", "post", "put", "patch", "delete"].contains(&name.as_str()))
        {
            served.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let table = routes::table();
    let known: BTreeSet<_> = table
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let missing: Vec<_> = served.difference(&known).collect();
    let surplus: Vec<_> = known.difference(&served).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "not in the table: {missing:#?}; not in the document: {surplus:#?}"
    );
    table.into_iter().filter(|route| route.who != Who::Page).collect()
}

async fn ask(server: &TestServer, world: &World, route: &Route, query: &str, key: Option<&str>) -> Reply {
    let call = server.call(
        route.method.clone(),
        &format!("{}{query}", world.fill(route.path)),
    );
    let call = match key {
        Some(key) => call.key(key),
        None => call.anonymous(),
    };
    match world.body(route) {
        Some(body) => call.json(&body).await,
        None => call.await,
    }
}

/// Nothing of what belongs to somebody else is in an answer.
#[track_caller]
fn hides(reply: &Reply, marks: &[String], who: &str) {
    let text = reply.text();
    for mark in marks {
        assert!(!text.contains(mark.as_str()), "{who} learned {mark}: {reply}");
        for value in reply.headers.values() {
            assert!(
                !String::from_utf8_lossy(value.as_bytes()).contains(mark.as_str()),
                "{who} learned {mark} from a header"
            );
        }
    }
}

/// What the owner sees of everything that strangers reached for. (That the other user read their own is an event of its own.)
async fn picture(server: &TestServer, world: &World) -> Vec<Value> {
    let mut picture = Vec::new();
    for path in [
        "/api/v1/apps",
        "/api/v1/apps/{app}/events?type=kind",
        "/api/v1/apps/{app}/keys",
        "/api/v1/apps/{app}/webhooks",
        "/api/v1/apps/{app}/webhooks/{webhook}",
        "/api/v1/apps/{app}/webhooks/{webhook}/deliveries?event={event}",
        "/api/v1/apps/{app}/installations",
        "/api/v1/users",
        "/api/v1/tenants",
        "/api/v1/tenants/{tenant}/members",
        "/api/v1/topics",
        "/api/v1/topics/{topic}/subscribers",
        "/api/v1/event-types",
        "/api/v1/keys",
        "/api/v1/token-keys",
        "/api/v1/environment",
        "/api/v1/users/{user}/notifications?app={app}",
        "/api/v1/team",
        "/api/v1/team/invitations",
    ] {
        let answer = server.get(&world.fill(path)).key(&world.key).await.ok(200);
        // Where a feed stands in its sequence may move: the other application may mark its own.
        picture.push(if answer["data"].is_array() {
            answer["data"].clone()
        } else {
            answer
        });
    }
    picture
}

both! {
    /// Two environments, two applications, two users: the matrix of every route against those who must not be answered leaks nothing.
    async fn a07_nothing_leaks(database) {
        let server = TestServer::start_on(database).await;
        let (own, other) = (World::first(&server).await, World::second(&server).await);
        let routes = routes(&server).await;
        server.settle().await;
        let before = picture(&server, &own).await;
        let everything = own.marks();
        for route in &routes {
            let what = format!("{} {}", route.method, route.path);
            let whose = manners::whose(&own, route);
            let feed_query = whose.as_str();
            // Nobody, garbage, a public key alone.
            for (who, key) in [("nobody", None), ("garbage", Some("garbage")), ("a public key", Some(own.public.as_str()))] {
                let reply = ask(&server, &own, route, feed_query, key).await;
                assert_eq!(reply.status, 401, "{who}: {what}: {reply}");
                hides(&reply, &everything, who);
            }
            // Another environment's key: its own, or nothing.
            let reply = ask(&server, &own, route, feed_query, Some(&other.key)).await;
            hides(&reply, &everything, "another environment");
            if route.names_ours() {
                let gone = route.method == http::Method::DELETE && reply.status == 204;
                assert!(gone || matches!(reply.status, 403 | 404), "another environment: {what}: {reply}");
            } else {
                assert!(reply.status < 300 || matches!(reply.status, 404 | 426), "another environment: {what}: {reply}");
            }
            // Another application of the same environment.
            let reply = ask(&server, &own, route, feed_query, Some(&own.beta_key)).await;
            hides(&reply, &own.alpha_marks(), "another application");
            match route.who {
                Who::Manage | Who::Leave | Who::Admin => assert_eq!(reply.status, 403, "another application: {what}: {reply}"),
                Who::App => assert_eq!(reply.status, 404, "another application: {what}: {reply}"),
                Who::Feed if route.path.contains("{notification}") => assert_eq!(reply.status, 404, "another application: {what}: {reply}"),
                Who::Feed if route.is_a_sequence() => assert_eq!(reply.status, 403, "another application: {what}: {reply}"),
                Who::Feed | Who::Key => assert_eq!(reply.status, 200, "another application: {what}: {reply}"),
                Who::Stream => assert_eq!(reply.status, 426),
                Who::Page => unreachable!("asked elsewhere"),
            }
            // Another user of the same environment, naming the first and not.
            let reply = ask(&server, &own, route, feed_query, Some(&own.bobs_token)).await;
            hides(&reply, &own.adas_marks(), "another user");
            match route.who {
                Who::Manage | Who::App | Who::Admin | Who::Key => assert_eq!(reply.status, 403, "another user: {what}: {reply}"),
                Who::Feed | Who::Leave => assert_eq!(reply.status, 404, "another user: {what}: {reply}"),
                Who::Stream => assert_eq!(reply.status, 426),
                Who::Page => unreachable!("asked elsewhere"),
            }
            if route.who == Who::Feed && !route.path.contains("{user}") {
                let reply = ask(&server, &own, route, "", Some(&own.bobs_token)).await;
                hides(&reply, &own.adas_marks(), "another user");
                let expected = if route.path.contains("{notification}") { 404 } else { 200 };
                assert_eq!(reply.status, expected, "another user: {what}: {reply}");
            }
        }
        server.settle().await;
        for (after, before) in picture(&server, &own).await.iter().zip(&before) {
            assert_eq!(after, before, "nobody changed anything");
        }
    }

    /// And those who must be answered are: the same calls by the environment's key, the application's, the user's token.
    async fn a07_owners_are_answered(database) {
        let server = TestServer::start_on(database).await;
        let own = World::first(&server).await;
        let mut routes = routes(&server).await;
        // Deletions last, the innermost first.
        routes.sort_by_key(|route| (route.method == http::Method::DELETE, std::cmp::Reverse(route.path.matches('/').count())));
        for route in &routes {
            let whose = manners::whose(&own, route);
            let query = whose.as_str();
            let ada = server.token("ada").await;
            let mut callers = vec![("the environment", own.key.as_str(), query)];
            // A deletion is done once.
            if route.method != http::Method::DELETE {
                match route.who {
                    Who::App | Who::Key => callers.push(("the application", &own.alpha_key, "")),
                    Who::Feed if route.is_a_sequence() => callers.push(("the user", &ada, "")),
                    Who::Feed => callers.extend([("the application", own.alpha_key.as_str(), query), ("the user", ada.as_str(), "")]),
                    Who::Leave => callers.push(("the user", &ada, "")),
                    Who::Admin => callers.push(("the admin", &ada, query)),
                    Who::Manage | Who::Stream | Who::Page => {}
                }
            }
            for (who, key, query) in callers {
                server.settle().await;
                let reply = ask(&server, &own, route, query, Some(key)).await;
                let fine = if route.who == Who::Stream { reply.status == 426 } else { (200..300).contains(&reply.status) };
                assert!(fine, "{who}: {} {}: {reply}", route.method, route.path);
            }
        }
    }
}
