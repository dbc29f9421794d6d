//! Notifications and what people do with them.

mod audience;
mod back;
mod create;
mod expiry;
mod isolation;
mod lists;
mod mark_all;
mod states;
mod sync;

use serde_json::Value;
use testkit::TestServer;

/// Status and title of every item, in the order of an answer.
fn titles(list: &Value) -> Vec<String> {
    let items = list.as_array().or_else(|| list["data"].as_array()).unwrap();
    items
        .iter()
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

/// Unread and unseen of a user's whole feed.
async fn counters(server: &TestServer, user: &str) -> (i64, i64) {
    let feed = server.feed(user).await;
    (
        feed["counters"]["unread"].as_i64().unwrap(),
        feed["counters"]["unseen"].as_i64().unwrap(),
    )
}

/// The badge's number, as the user's own token gets it.
async fn badge(server: &TestServer, token: &str) -> i64 {
    server
        .get("/api/v1/notifications/unread-count")
        .key(token)
        .await
        .ok(200)["count"]
        .as_i64()
        .unwrap()
}
