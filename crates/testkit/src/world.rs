//! The nouns most tests begin with, made through the API.

use serde_json::{Value, json};

use crate::TestServer;

/// An application with a key of its own.
#[derive(Debug, Clone)]
pub struct App {
    /// `app_…`.
    pub id: String,
    /// The uid it was made with.
    pub uid: String,
    /// `ak_…`.
    pub key: String,
}

impl App {
    /// A path below this application.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/apps/{}{rest}", self.id)
    }
}

/// A webhook of an application.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// `ep_…`.
    pub id: String,
    /// `whsec_…`.
    pub secret: String,
    /// `/api/v1/apps/{app}/webhooks/{id}`.
    pub path: String,
    /// The key of its application.
    pub key: String,
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not text: {value}"))
        .to_owned()
}

impl TestServer {
    /// Makes an application and a key of it.
    pub async fn app(&self, uid: &str) -> App {
        let made = self
            .post("/api/v1/apps", &json!({"uid": uid, "name": format!("The {uid}")}))
            .await
            .ok(201);
        let id = text(&made["id"]);
        let key = self
            .post(&format!("/api/v1/apps/{id}/keys"), &json!({}))
            .await
            .ok(201);
        App {
            id,
            uid: uid.to_owned(),
            key: text(&key["key"]),
        }
    }

    /// Mints a token of a user, valid for an hour.
    pub async fn token(&self, user: &str) -> String {
        let minted = self
            .post(&format!("/api/v1/users/{user}/token"), &json!({}))
            .await
            .ok(200);
        text(&minted["token"])
    }

    /// Mints a token of a user that ends soon.
    pub async fn short_token(&self, user: &str, seconds: i64) -> String {
        let minted = self
            .post(
                &format!("/api/v1/users/{user}/token"),
                &json!({"expires_in": seconds}),
            )
            .await
            .ok(200);
        text(&minted["token"])
    }

    /// Publishes as an application; answers the event's id.
    pub async fn publish(&self, app: &App, event: &Value) -> String {
        let published = self.post(&app.path("/events"), event).key(&app.key).await.ok(200);
        assert_eq!(published["duplicate"], false);
        text(&published["event_id"])
    }

    /// Publishes an event that says no more than its type.
    pub async fn publish_kind(&self, app: &App, kind: &str) -> String {
        self.publish(app, &json!({"type": kind, "data": {}})).await
    }

    /// Creates a notification as an application; answers its id.
    pub async fn notify(&self, app: &App, notification: &Value) -> String {
        let created = self
            .post(&app.path("/notifications"), notification)
            .key(&app.key)
            .await
            .ok(201);
        text(&created["id"])
    }

    /// Creates a notification for one user, with this title.
    pub async fn tell(&self, app: &App, user: &str, title: &str) -> String {
        self.notify(app, &json!({"users": [user], "title": title})).await
    }

    /// Makes a webhook for every event type; `more` is merged into the body.
    pub async fn webhook(&self, app: &App, url: &str, more: &Value) -> Webhook {
        let mut body = json!({"url": url});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let made = self
            .post(&app.path("/webhooks"), &body)
            .key(&app.key)
            .await
            .ok(201);
        let id = text(&made["id"]);
        let path = app.path(&format!("/webhooks/{id}"));
        Webhook {
            id,
            secret: text(&made["secret"]),
            path,
            key: app.key.clone(),
        }
    }

    /// A webhook as it is now.
    pub async fn webhook_now(&self, webhook: &Webhook) -> Value {
        self.get(&webhook.path).key(&webhook.key).await.ok(200)
    }

    /// The log of a webhook, newest first.
    pub async fn deliveries(&self, webhook: &Webhook) -> Vec<Value> {
        let list = self
            .get(&format!("{}/deliveries?limit=100", webhook.path))
            .key(&webhook.key)
            .await
            .ok(200);
        list["data"].as_array().expect("a list").clone()
    }

    /// The only delivery of a webhook, with its attempts.
    pub async fn only_delivery(&self, webhook: &Webhook) -> Value {
        let all = self.deliveries(webhook).await;
        assert_eq!(all.len(), 1, "{all:#?}");
        self.delivery(webhook, all[0]["id"].as_str().expect("an id"))
            .await
    }

    /// One delivery, with its attempts.
    pub async fn delivery(&self, webhook: &Webhook, id: &str) -> Value {
        self.get(&format!("{}/deliveries/{id}", webhook.path))
            .key(&webhook.key)
            .await
            .ok(200)
    }

    /// A user's feed, newest first, with everything around it.
    pub async fn feed(&self, user: &str) -> Value {
        self.get(&format!("/api/v1/users/{user}/notifications?limit=100"))
            .await
            .ok(200)
    }

    /// One item of a user's feed.
    pub async fn item(&self, user: &str, id: &str) -> Value {
        let feed = self.feed(user).await;
        let found = feed["data"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|item| item["id"] == id);
        found
            .unwrap_or_else(|| panic!("{id} is not in the feed of {user}: {feed:#}"))
            .clone()
    }

    /// Changes settings of the environment.
    pub async fn settings(&self, settings: &Value) -> Value {
        self.patch("/api/v1/environment", &json!({"settings": settings}))
            .await
            .ok(200)
    }

    /// Registers an event type.
    pub async fn event_type(&self, spec: &Value) {
        self.post("/api/v1/event-types", spec).await.ok(201);
    }
}
