//! What the document says of every route's parameters and headers is what the route does.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use testkit::{Reply, TestServer};

use super::routes::{Route, Who};
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

/// Names the user, the tenant or the event to routes whose path does not.
pub(super) fn whose(world: &World, route: &Route) -> String {
    match route.who {
        Who::Feed if !route.path.contains("{user}") => "?user=ada".to_owned(),
        Who::Admin => "?tenant=acme".to_owned(),
        _ if route.path.ends_with("/users/{user}/trace") => world.fill("?event={event}"),
        _ => String::new(),
    }
}

async fn document(server: &TestServer) -> Value {
    server.get("/api/v1/openapi.json").anonymous().await.ok(200)
}

/// A misspelt parameter is refused by name on every route, and the refusal says which there are.
#[tokio::test]
async fn unknown_parameters_are_refused_by_name() {
    let server = TestServer::start().await;
    let (own, document) = (World::first(&server).await, document(&server).await);
    for route in routes(&server).await {
        let known = parameters(operation(&document, &route), "query");
        let almost = format!("{}x", known.first().unwrap_or(&"limit"));
        // The user is misspelt as well where one must be named.
        let query = format!("?statsu=read&{almost}=1&Limit=5&usr=ada");
        let reply = ask(&server, &own, &route, &query, Some(&own.key)).await;
        let problem = reply.refused(400, "shape");
        let expected = ["?statsu", &format!("?{almost}"), "?Limit", "?usr"];
        let named: Vec<_> = reply.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(named, expected, "{reply}");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(known.iter().all(|name| detail.contains(name)), "{detail}");
        // Whoever may not ask is not told what may be asked, nor how much of it is wrong.
        let stranger = ask(&server, &own, &route, &query, None).await;
        stranger.refused(401, "credentials_missing");
    }
    let many = server.get(&format!("/api/v1/apps?{}", "a&".repeat(1_000))).await;
    many.refused(400, "shape");
    assert_eq!(many.faults().len(), 10);
    assert_eq!(
        many.text().matches("cursor").count(),
        2,
        "in the detail and in the first fault: {many}"
    );
    // Credentials in the query count only where they are taken there.
    server.get("/api/v1/apps?token=stray").await.refused(400, "shape");
    // Names inside `data` are the caller's own.
    let events = own.fill("/api/v1/apps/{app}/events");
    server.get(&format!("{events}?data.any.name=1")).await.ok(200);
    server
        .get(&format!("{events}?data=1"))
        .await
        .refused(400, "shape");
    // A user who is not named is asked for in words that fit the path.
    for (path, pointer) in [
        ("/api/v1/notifications", "?user"),
        ("/api/v1/users/me/notifications", ""),
    ] {
        let reply = server.get(path).await;
        reply.refused(422, "invalid");
        assert_eq!(reply.faults(), [(pointer.to_owned(), "user_required".to_owned())]);
    }
    // Nothing is followed under a misspelt place to go on from.
    let misspelt = server.sse("?atfer=5", &own.key, None).await;
    assert_eq!(misspelt.err(), Some(400));
    server.finish().await;
}

/// A call with the route's own body in these bytes; routes that take none are sent an empty object.
async fn say(server: &TestServer, world: &World, route: &Route, key: &str, space: &str) -> Reply {
    let path = format!("{}{}", world.fill(route.path), whose(world, route));
    let call = server.call(route.method.clone(), &path).key(&world.key);
    let body = world
        .body(route)
        .map_or_else(|| "{}".to_owned(), |body| body.to_string());
    call.once(key).bytes(format!("{body}{space}")).await
}

/// Every call that documents an `Idempotency-Key` does its work once for it, and no other honours one.
#[tokio::test]
async fn calls_that_document_a_key_are_done_once() {
    let server = TestServer::start().await;
    let (own, document) = (World::first(&server).await, document(&server).await);
    let mut honoured = BTreeSet::new();
    for route in routes(&server).await {
        let documented = parameters(operation(&document, &route), "header").contains(&"Idempotency-Key");
        if matches!(route.method, Method::GET | Method::DELETE) {
            assert!(!documented, "{}", route.path);
            continue;
        }
        server.settle().await;
        let first = say(&server, &own, &route, "once", "").await;
        let again = say(&server, &own, &route, "once", "").await;
        let other = say(&server, &own, &route, "once", " ").await;
        assert!(first.status < 300 && again.status < 300, "{first} {again}");
        if documented {
            let answer = |reply: &Reply| {
                let mut answer = reply.json();
                // Some say of a call that it was made before, and no more whom it reached at once; else all is the same.
                for said in ["/duplicate", "/data/0/duplicate", "/recipients"] {
                    answer.pointer_mut(said).map(Value::take);
                }
                answer
            };
            assert_eq!(answer(&first), answer(&again), "{}", route.path);
            // A batch answers event by event, and so does its refusal.
            let refusal = other.json();
            let refusal = refusal
                .pointer("/errors/0")
                .filter(|_| other.status == 200)
                .unwrap_or(&refusal);
            assert_eq!(
                (&refusal["status"], &refusal["code"]),
                (&json!(409), &json!("idempotency_key_reused")),
                "{other}"
            );
            honoured.insert(route.path);
        } else {
            assert!(other.status < 300, "honoured and not documented: {other}");
        }
    }
    assert!(honoured.len() >= 15, "{honoured:?}");
}

/// A body that the document requires cannot be left out, and every other can.
#[tokio::test]
async fn bodies_that_are_not_required_may_be_left_out() {
    let server = TestServer::start().await;
    let (own, document) = (World::first(&server).await, document(&server).await);
    let mut optional = 0;
    for route in routes(&server).await {
        let body = &operation(&document, &route)["requestBody"];
        if route.method == Method::DELETE || route.who == Who::Stream {
            continue;
        }
        server.settle().await;
        let path = format!("{}{}", own.fill(route.path), whose(&own, &route));
        let reply = server.call(route.method.clone(), &path).key(&own.key).await;
        if body["required"] == true {
            reply.refused(400, "json");
        } else {
            assert!(reply.status < 300, "{reply}");
            optional += i32::from(body.is_object());
        }
    }
    assert_eq!(optional, 13);
}

/// Every route that documents a limit counts for one and refuses as it says, and no other does.
#[tokio::test]
async fn routes_that_document_a_limit_have_one() {
    const QUOTA: [&str; 3] = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
    // Of its own, whoever calls: `g07_a_test_says_what_came_of_it`.
    const OF_ITS_OWN: &str = "/api/v1/notifications/configs/test";
    let server = TestServer::start().await;
    let (own, document) = (World::first(&server).await, document(&server).await);
    let mut routes = routes(&server).await;
    // Deletions last: what is asked of a webhook is asked while there is one.
    routes.sort_by_key(|route| route.method == Method::DELETE);
    routes.retain(|route| route.path != OF_ITS_OWN);
    let headers = |route: &Route, status: &str| -> BTreeSet<String> {
        let headers = operation(&document, route)["responses"][status]["headers"].as_object();
        let names = headers.into_iter().flatten().map(|(name, _)| name);
        names.map(|name| name.to_ascii_lowercase()).collect()
    };
    let limits = |limit: u32| {
        let limit = json!({"limit": limit, "window": 900});
        json!({"rate_limits": {"events": limit, "notifications": limit, "webhooks": limit}})
    };
    let mut limited = 0;
    for (most, used_up) in [(10_000, false), (1, true)] {
        server.settings(&limits(most)).await;
        for route in &routes {
            let reply = ask(&server, &own, route, &whose(&own, route), Some(&own.alpha_key)).await;
            let documented = headers(route, "429");
            let sent: BTreeSet<String> = QUOTA
                .iter()
                .chain(&["retry-after"])
                .filter(|name| reply.header(name).is_some())
                .map(|name| (*name).to_owned())
                .collect();
            let said = match reply.status {
                status @ ..300 => headers(route, &status.to_string()),
                _ => headers(route, "4XX"),
            };
            if !used_up {
                assert!(reply.status < 300 || documented.is_empty(), "{reply}");
                assert_eq!(sent, headers_of_limits(&said), "{reply}");
            }
            match (documented.is_empty(), used_up) {
                (true, _) => assert!(
                    reply.status != 429 && sent.is_empty(),
                    "limited and not documented: {reply}"
                ),
                (false, false) => assert_ne!(reply.status, 429, "{reply}"),
                (false, true) => {
                    reply.refused(429, "rate_limited");
                    assert_eq!(sent, documented, "{reply}");
                    limited += 1;
                }
            }
        }
    }
    assert!(limited >= 14, "{limited}");
    // What was counted says so, whatever became of it.
    server.settings(&limits(100)).await;
    for (path, body, status) in [
        (
            "/api/v1/apps/{app}/notifications",
            json!({"users": [], "title": "t"}),
            422,
        ),
        ("/api/v1/apps/{app}/webhooks/{webhook}/test", json!({}), 404),
    ] {
        let reply = server.post(&own.fill(path), &body).key(&own.alpha_key).await;
        assert_eq!(reply.status, status, "{reply}");
        assert!(QUOTA.iter().all(|name| reply.number(name).is_some()), "{reply}");
    }
}

/// Of these headers, those that tell of a limit.
fn headers_of_limits(headers: &BTreeSet<String>) -> BTreeSet<String> {
    headers
        .iter()
        .filter(|name| name.starts_with("ratelimit-"))
        .cloned()
        .collect()
}

/// Every route that documents `If-None-Match` answers 304 to the tag it sent, and no other sends a tag.
#[tokio::test]
async fn routes_that_document_a_tag_take_it_back() {
    let server = TestServer::start().await;
    let (own, document) = (World::first(&server).await, document(&server).await);
    let mut tagged = 0;
    for route in routes(&server).await {
        if route.method != Method::GET {
            continue;
        }
        let documented = parameters(operation(&document, &route), "header").contains(&"If-None-Match");
        let reply = ask(&server, &own, &route, &whose(&own, &route), Some(&own.key)).await;
        let responses = &operation(&document, &route)["responses"];
        let said = ["200", "304"].map(|status| responses[status]["headers"]["ETag"].is_object());
        assert_eq!(said, [documented; 2], "{reply}");
        assert_eq!(reply.header("etag").is_some(), documented, "{reply}");
        if let Some(tag) = reply.header("etag") {
            let path = own.fill(route.path);
            let same = server.get(&path).key(&own.key).header("if-none-match", tag).await;
            assert_eq!((same.status, same.header("etag")), (304, Some(tag)));
            tagged += 1;
        }
    }
    assert_eq!(tagged, 1);
    server.finish().await;
}

/// Every page is bounded as the document says, which says what the operator chose.
#[tokio::test]
async fn documented_bounds_of_pages_hold() {
    let server = TestServer::on(testkit::Database::Sqlite)
        .with(|config| config.limits.page_max = 10)
        .start()
        .await;
    let (own, document) = (World::first(&server).await, document(&server).await);
    let mut asked = 0;
    for route in routes(&server).await {
        for parameter in operation(&document, &route)["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query" && parameter["schema"]["maximum"].is_number())
        {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            let user = whose(&own, &route).replace('?', "&");
            let (least, most) = (
                schema["minimum"].as_i64().unwrap(),
                schema["maximum"].as_i64().unwrap(),
            );
            // One route answers pages and exports: what is said holds for the larger, and its description says what a page takes.
            let bounds = match (name, route.path) {
                ("limit", "/api/v1/audit") => vec![(10, ""), (most, "&format=ndjson")],
                ("limit", _) => vec![(10, "")],
                _ => vec![(most, "")],
            };
            assert_eq!(
                bounds.iter().map(|(bound, _)| *bound).max(),
                Some(most),
                "{}",
                route.path
            );
            let described = parameter["description"].as_str().unwrap_or_default();
            assert!(
                bounds.len() == 1 || described.contains("at most 10 "),
                "{described}"
            );
            for (most, form) in bounds {
                let ask = async |value: i64| {
                    let query = format!("?{name}={value}{user}{form}");
                    ask(&server, &own, &route, &query, Some(&own.key)).await
                };
                assert_eq!(ask(least).await.status, 200);
                ask(least - 1).await.refused(400, "range");
                ask(most + 1).await.refused(400, "range");
                assert_eq!(ask(most).await.status, 200);
            }
            asked += 1;
        }
    }
    assert!(asked > 12, "{asked}");
    server.finish().await;
}

/// Closed sets are listed where they are taken and where they are answered: every word that is listed for a filter is taken, and what is
/// answered is among the listed.
#[tokio::test]
async fn closed_sets_are_listed() {
    let server = TestServer::start().await;
    let (own, document) = (World::first(&server).await, document(&server).await);
    let mut filters = BTreeSet::new();
    for route in routes(&server).await {
        for parameter in operation(&document, &route)["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let name = parameter["name"].as_str().unwrap();
            for word in words(&parameter["schema"]) {
                let query = format!("?{name}={word}");
                let reply = ask(&server, &own, &route, &query, Some(&own.key)).await;
                assert_eq!(reply.status, 200, "{reply}");
                filters.insert(format!("{} {name}", route.path));
            }
        }
    }
    let expected = [
        "/api/v1/apps/{app}/webhooks/{webhook}/deliveries status",
        "/api/v1/audit format",
        "/api/v1/deliveries channel",
        "/api/v1/deliveries status",
        "/api/v1/runs status",
        "/api/v1/tenants/{tenant}/members role",
        "/api/v1/users/{user}/notifications priority",
        "/api/v1/users/{user}/notifications status",
    ];
    assert_eq!(filters, expected.map(ToOwned::to_owned).into());
    let schemas = &document["components"]["schemas"];
    let answered = [
        ("/users/{user}/notifications", "ItemView", "status"),
        ("/users/{user}/notifications", "ItemView", "priority"),
        ("/apps/{app}/webhooks", "WebhookView", "status"),
        ("/apps/{app}/webhooks", "WebhookView", "retry_policy"),
        (
            "/apps/{app}/webhooks/{webhook}/deliveries",
            "DeliveryView",
            "status",
        ),
        ("/tenants/{tenant}/members", "MemberView", "role"),
        ("/apps/{app}/keys", "KeyView", "kind"),
        ("/token-keys", "TokenKeyView", "algorithm"),
        ("/event-types", "EventTypeView", "visibility"),
    ];
    for (path, view, field) in answered {
        let listed = schemas[view]["properties"][field]["$ref"].as_str();
        let listed = listed.or_else(|| schemas[view]["properties"][field]["allOf"][0]["$ref"].as_str());
        let name = listed
            .unwrap_or_else(|| panic!("{view}.{field} lists nothing"))
            .rsplit('/')
            .next()
            .unwrap();
        let path = own.fill(&format!("/api/v1{path}"));
        let rows = server.get(&path).key(&own.key).await.ok(200)["data"].clone();
        let words: Vec<_> = words(&schemas[name]);
        assert!(!rows.as_array().unwrap().is_empty(), "{path}");
        for row in rows.as_array().unwrap() {
            assert!(words.contains(&row[field].as_str().unwrap()), "{row}: {words:?}");
        }
    }
    let listed = |name: &str, word: &Value| {
        let words = words(&schemas[name]);
        assert!(
            words.contains(&word.as_str().unwrap()),
            "{name}: {word}, {words:?}"
        );
    };
    let get = async |path: &str| server.get(&own.fill(path)).key(&own.key).await.ok(200);
    let delivery = get("/api/v1/apps/{app}/webhooks/{webhook}/deliveries/{delivery}").await;
    listed("AttemptOutcome", &delivery["attempts_log"][0]["outcome"]);
    for line in get("/api/v1/audit").await["data"].as_array().unwrap() {
        listed("ActorKind", &line["actor"]["kind"]);
    }
    // Whatever is read is seen as well.
    for mark in ["seen", "read"] {
        let path = format!("/api/v1/notifications/mark-all-{mark}?user=ada");
        server.post(&path, &json!({})).key(&own.key).await.ok(200);
        let marks = get("/api/v1/users/{user}/feed?after=0").await["marks"].take();
        let marks = marks.as_array().unwrap();
        assert!(
            marks.iter().any(|told| told["status"] == mark),
            "{mark}: {marks:?}"
        );
        for told in marks {
            listed("MarkStatus", &told["status"]);
        }
    }
    // What may be given is what the feed is filtered by, but for what only time gives.
    let (any, given) = (
        words(&schemas["NotificationStatus"]),
        words(&schemas["NewStatus"]),
    );
    for word in any {
        let path = own.fill("/api/v1/notifications/{notification}?user=ada");
        let reply = server.patch(&path, &json!({"status": word})).key(&own.key).await;
        assert_eq!(reply.status != 422, given.contains(&word), "{word}: {reply}");
    }
    server.finish().await;
}

/// The words that a schema lists.
fn words(schema: &Value) -> Vec<&str> {
    let own = schema["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let one_of = schema["oneOf"].as_array().into_iter().flatten().flat_map(words);
    own.chain(one_of).collect()
}
