//! What the document says of every route's parameters and headers is what the route does.

use serde_json::Value;
use testkit::TestServer;

use super::routes::Route;
use super::world::World;
use super::{ask, routes};

/// What the document says of a route.
fn operation<'a>(document: &'a Value, route: &Route) -> &'a Value {
    &document["paths"][route.path][route.method.as_str().to_lowercase()]
}

/// The parameters of a route that are sent in this place.
fn parameters<'a>(operation: &'a Value, place: &str) -> Vec<&'a str> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .filter(|parameter| parameter["in"] == place)
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect()
}

async fn document(server: &TestServer) -> Value {
    server.get("/api/v1/openapi.json").anonymous().await.ok(200)
}

/// A misspelt parameter is refused by name wherever any are taken, and the refusal says which those are.
#[tokio::test]
async fn unknown_parameters_are_refused_by_name() {
    let server = TestServer::start().await;
    let (own, document) = (World::first(&server).await, document(&server).await);
    let mut asked = 0;
    for route in routes(&server).await {
        let known = parameters(operation(&document, &route), "query");
        if known.is_empty() {
            continue;
        }
        let user = if known.contains(&"user") { "user=ada&" } else { "" };
        let query = format!("?{user}statsu=read&{}x=1&Limit=5", known[0]);
        let reply = ask(&server, &own, &route, &query, Some(&own.key)).await;
        let problem = reply.refused(400, "shape");
        let expected = [
            "?statsu".to_owned(),
            format!("?{}x", known[0]),
            "?Limit".to_owned(),
        ];
        let named: Vec<_> = reply.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(named, expected, "{reply}");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(known.iter().all(|name| detail.contains(name)), "{detail}");
        asked += 1;
    }
    assert!(asked > 20, "{asked}");
    // Names inside `data` are the caller's own.
    let events = own.fill("/api/v1/apps/{app}/events");
    server.get(&format!("{events}?data.any.name=1")).await.ok(200);
    server
        .get(&format!("{events}?data=1"))
        .await
        .refused(400, "shape");
    // Nothing is followed under a misspelt place to go on from.
    let misspelt = server.sse("?atfer=5", &own.key, None).await;
    assert_eq!(misspelt.err(), Some(400));
    server.finish().await;
}
