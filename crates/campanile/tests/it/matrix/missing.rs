//! What is not there, on every route.

use http::Method;
use serde_json::json;
use testkit::TestServer;

use super::manners::whose;
use super::routes;
use super::routes::Who;
use super::world::World;

/// What a path names by an id that is none is said by its own noun to be missing.
#[tokio::test]
async fn what_is_missing_is_called_by_its_noun() {
    let server = TestServer::start().await;
    let own = World::first(&server).await;
    for (path, noun) in [
        ("/api/v1/notifications/nothing?user=ada", "Notification"),
        (
            "/api/v1/notifications/ntf_2x4Kq1Zr0mVh8YbS3nTfWc7Ld9e?user=ada",
            "Notification",
        ),
        ("/api/v1/token-keys/nothing", "token key"),
        ("/api/v1/apps/{app}/webhooks/nothing", "webhook"),
        (
            "/api/v1/apps/{app}/webhooks/nothing/deliveries/nothing",
            "webhook",
        ),
        (
            "/api/v1/apps/{app}/webhooks/{webhook}/deliveries/nothing",
            "delivery",
        ),
        ("/api/v1/apps/{app}/events/nothing", "event"),
        ("/api/v1/apps/%FF/events", "application"),
        ("/api/v1/users/%00", "user"),
        ("/api/v1/tenants/%00", "tenant"),
        ("/api/v1/event-types/%00", "event type"),
    ] {
        let method = if matches!(noun, "Notification" | "token key") {
            Method::DELETE
        } else {
            Method::GET
        };
        let problem = server
            .call(method, &own.fill(path))
            .await
            .refused(404, "not_found");
        assert_eq!(problem["detail"], format!("{noun} not found"), "{path}");
    }
    let read = server
        .patch("/api/v1/notifications/nothing/read?user=ada", &json!(null))
        .await;
    assert_eq!(read.refused(404, "not_found")["detail"], "Notification not found");
    let ada = server.token("ada").await;
    for route in routes(&server).await {
        if let Some((before, after)) = route.path.rsplit_once('{') {
            let (_, after) = after.split_once('}').unwrap();
            let path = format!("{}%FF{after}{}", own.fill(before), whose(&own, &route));
            // A name that cannot be read is not the name of whoever asks.
            let own_feed = matches!(route.who, Who::Feed | Who::Leave);
            for key in [Some(&own.key), Some(&ada).filter(|_| own_feed)]
                .into_iter()
                .flatten()
            {
                let call = server.call(route.method.clone(), &path).key(key);
                let reply = call.json(&json!({})).await;
                let problem = reply.refused(404, "not_found");
                assert_ne!(problem["detail"], "object not found", "{reply}");
            }
        }
    }
    server.finish().await;
}
