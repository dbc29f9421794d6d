//! An environment with two applications, two users, and one of everything.

use std::collections::BTreeMap;

use domain::effects::Actor;
use domain::environment::Settings;
use serde_json::{Value, json};
use store::key::Kind;
use testkit::{Browser, Receiver, Reply, TestServer};

use super::routes::Route;

/// An address that gets nothing any more. Everybody may suppress one.
const GONE: &str = "gone@e.example";

/// One environment: what is named in paths is the first application's and the first user's.
#[derive(Debug)]
pub(super) struct World {
    /// `sk_…`.
    pub(super) key: String,
    /// `pk_…`.
    pub(super) public: String,
    pub(super) alpha_key: String,
    pub(super) beta_key: String,
    pub(super) bobs_token: String,
    /// What stands for each name in a path.
    names: BTreeMap<&'static str, String>,
    /// Texts and ids of what belongs to the environment, to the first application, to the first user.
    environments: Vec<String>,
    alphas: Vec<String>,
    adas: Vec<String>,
    _receiver: Receiver,
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not text: {value}"))
        .to_owned()
}

/// What was made, or nothing where the answer is empty.
#[track_caller]
fn made(reply: &Reply) -> Value {
    assert!(reply.status < 300, "{reply}");
    if reply.body.is_empty() {
        Value::Null
    } else {
        reply.json()
    }
}

impl World {
    /// In the default environment.
    pub(super) async fn first(server: &TestServer) -> Self {
        Self::fill_environment(server, server.key().to_owned(), "first").await
    }

    /// In an environment of its own.
    pub(super) async fn second(server: &TestServer) -> Self {
        let ctx = std::sync::Arc::clone(server.ctx());
        let key = server.inside(async move {
            let env = ctx
                .create_environment("second", Settings::default())
                .await
                .unwrap();
            ctx.create_key(Actor::Operator, (env, None), Kind::Secret, None, None)
                .await
                .unwrap()
                .text
        });
        Self::fill_environment(server, key.await, "second").await
    }

    async fn fill_environment(server: &TestServer, key: String, label: &str) -> Self {
        let receiver = Receiver::start().await;
        let post = async |path: &str, body: Value| made(&server.post(path, &body).key(&key).await);
        let put = async |path: &str, body: Value| server.put(path, &body).key(&key).await.status;
        let mark = |what: &str| format!("mark-{label}-{what}");
        for user in ["ada", "bob"] {
            put(
                &format!("/api/v1/users/{user}"),
                json!({"name": mark(user), "email": format!("{}@example.com", mark(user))}),
            )
            .await;
        }
        put(
            "/api/v1/tenants/acme",
            json!({"name": mark("acme"), "metadata": {"text": mark("acme")}}),
        )
        .await;
        put("/api/v1/tenants/acme/members/ada", json!({"role": "admin"})).await;
        post(
            "/api/v1/topics/news/subscribers",
            json!({"users": ["ada", mark("subscriber")]}),
        )
        .await;
        let kind = json!({"name": "kind", "category": mark("category"), "description": mark("kind"), "visibility": "app"});
        post("/api/v1/event-types", kind).await;
        let public = post("/api/v1/keys", json!({"kind": "public", "name": mark("public")})).await;
        let spare = post("/api/v1/keys", json!({"kind": "secret", "name": mark("spare")})).await;
        let pem = include_str!("../../../../domain/tests/keys/rsa.pub.pem");
        let token_key = post(
            "/api/v1/token-keys",
            json!({"algorithm": "RS256", "public_key": pem, "name": mark("token key")}),
        )
        .await;
        let to_people = Self::workflow(server, &key, &mark("workflow")).await;
        let team = Self::team(server, &key, &mark("team")).await;
        let environment = server.get("/api/v1/environment").key(&key).await.ok(200);
        let mut apps = Vec::new();
        for uid in ["alpha", "beta"] {
            apps.push(Self::application(server, &key, uid, &mark(uid), &receiver).await);
        }
        let bobs_token = text(&post("/api/v1/users/bob/token", json!({})).await["token"]);
        let beta = apps.pop().unwrap();
        let alpha = apps.pop().unwrap();
        let mut names = alpha.names.clone();
        names.extend([
            ("user", "ada".to_owned()),
            ("tenant", "acme".to_owned()),
            ("topic", "news".to_owned()),
            ("name", "kind".to_owned()),
        ]);
        names.extend([
            ("environment key", text(&spare["id"])),
            ("token_key", text(&token_key["id"])),
            ("workflow", "hello".to_owned()),
            ("version", "1".to_owned()),
            ("channel", "email".to_owned()),
            ("address", GONE.to_owned()),
            ("template", "card".to_owned()),
        ]);
        names.extend(to_people.iter().chain(&team).cloned());
        let mut environments = vec![
            format!("mark-{label}"),
            text(&environment["id"]),
            text(&spare["key"]),
        ];
        environments.extend([text(&spare["id"]), text(&token_key["id"]), text(&public["id"])]);
        environments.extend(to_people.into_iter().chain(team).map(|(_, id)| id));
        environments.extend(alpha.marks.iter().chain(&beta.marks).cloned());
        Self {
            public: text(&public["key"]),
            alpha_key: alpha.key,
            beta_key: beta.key,
            bobs_token,
            names,
            environments,
            alphas: [alpha.marks, vec![mark("alpha")]].concat(),
            adas: vec![alpha.for_ada, beta.for_ada, "for ada".to_owned()],
            key,
            _receiver: receiver,
        }
    }

    /// A workflow that reached somebody: its run, its message, and a config of the tenant.
    async fn workflow(server: &TestServer, key: &str, mark: &str) -> Vec<(&'static str, String)> {
        let put = async |path: &str, body: Value| made(&server.put(path, &body).key(key).await);
        put(
            "/api/v1/channels/email",
            json!({"from": format!("{mark}@b.example"), "providers": [{"name": "sandbox", "kind": "sandbox"}]}),
        )
        .await;
        put("/api/v1/templates/card", json!({"source": mark})).await;
        let mail = json!({"name": "mail", "email": {"to": format!("{mark}@c.example"), "subject": mark, "text": mark}});
        put("/api/v1/workflows/hello", json!({"name": mark, "steps": [mail]})).await;
        let trigger = json!({"recipients": ["bob"], "tenant": "acme", "data": {"text": mark}});
        made(
            &server
                .post("/api/v1/workflows/hello/trigger", &trigger)
                .key(key)
                .await,
        );
        server.settle().await;
        put(
            &format!("/api/v1/channels/email/suppressions/{GONE}"),
            json!(null),
        )
        .await;
        let first = async |path: &str| text(&server.get(path).key(key).await.ok(200)["data"][0]["id"]);
        let config = json!({"channel": "email", "email_addresses": [format!("{mark}@d.example")]});
        let config = made(
            &server
                .post("/api/v1/notifications/configs?tenant=acme", &config)
                .key(key)
                .await,
        );
        vec![
            ("run", first("/api/v1/runs").await),
            ("message", first("/api/v1/deliveries").await),
            ("config", text(&config["id"])),
        ]
    }

    /// Somebody of the team, somebody who is invited, and an open portal.
    async fn team(server: &TestServer, key: &str, mark: &str) -> Vec<(&'static str, String)> {
        let post = async |path: &str, body: Value| made(&server.post(path, &body).key(key).await);
        let invite = async |who: &str| {
            let body = json!({"email": format!("{mark}-{who}@f.example"), "role": "developer"});
            post("/api/v1/team/invitations", body).await
        };
        let link = text(&invite("mate").await["link"]);
        let mate = Browser::enter(server, &link).await.expect("signed in");
        let portal = post("/api/v1/tenants/acme/portal", json!({})).await;
        vec![
            ("account", mate.account().to_owned()),
            ("invitation", text(&invite("guest").await["id"])),
            ("portal_token", text(&portal["id"])),
            ("portal token's text", text(&portal["token"])),
        ]
    }

    async fn application(
        server: &TestServer,
        key: &str,
        uid: &str,
        mark: &str,
        receiver: &Receiver,
    ) -> Application {
        let post = async |path: String, body: Value| made(&server.post(&path, &body).key(key).await);
        let app = text(
            &post(
                "/api/v1/apps".into(),
                json!({"uid": uid, "name": mark, "metadata": {"text": mark}}),
            )
            .await["id"],
        );
        let path = |rest: &str| format!("/api/v1/apps/{app}{rest}");
        let own = post(path("/keys"), json!({"name": mark})).await;
        let spare = post(path("/keys"), json!({"name": mark})).await;
        let hook = json!({"url": receiver.url_at(&format!("/{mark}")), "description": mark});
        let webhook = post(path("/webhooks"), hook).await;
        let event = json!({"type": "kind", "tenant": "acme", "users": ["ada"], "data": {"text": mark}});
        let event = text(&post(path("/events"), event).await["event_id"]);
        server
            .put(&path("/installations/ada"), &json!(null))
            .key(key)
            .await
            .ok(204);
        let for_ada = json!({"users": ["ada"], "title": format!("{mark} for ada"), "tenant": "acme"});
        let for_ada = text(&post(path("/notifications"), for_ada).await["id"]);
        post(
            path("/notifications"),
            json!({"users": ["bob"], "title": "for bob"}),
        )
        .await;
        server.settle().await;
        let hook = text(&webhook["id"]);
        let log = server
            .get(&path(&format!("/webhooks/{hook}/deliveries?event={event}")))
            .key(key)
            .await
            .ok(200);
        let delivery = text(&log["data"][0]["id"]);
        Application {
            key: text(&own["key"]),
            marks: vec![
                app.clone(),
                hook.clone(),
                text(&webhook["secret"]),
                event.clone(),
                delivery.clone(),
                for_ada.clone(),
                text(&own["id"]),
                text(&spare["id"]),
                text(&spare["key"]),
            ],
            for_ada: for_ada.clone(),
            names: BTreeMap::from([
                ("app", app),
                ("webhook", hook),
                ("event", event),
                ("delivery", delivery),
                ("notification", for_ada),
                ("application key", text(&spare["id"])),
            ]),
        }
    }

    /// The body a route is called with; it may name something as its path may.
    pub(super) fn body(&self, route: &Route) -> Option<Value> {
        let body = route.body.as_ref()?;
        let text = body.to_string().replace("{config}", &self.names["config"]);
        serde_json::from_str(&text).ok()
    }

    /// A path with every name filled in.
    pub(super) fn fill(&self, path: &str) -> String {
        let key = match path {
            path if path.contains("/apps/{app}/keys/") => "application key",
            _ => "environment key",
        };
        let mut filled = path.replace("{key}", &self.names[key]);
        if path.contains("/v1/deliveries/") {
            filled = filled.replace("{delivery}", &self.names["message"]);
        }
        for (name, value) in &self.names {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        assert!(!filled.contains('{'), "nothing stands for a name in {filled}");
        filled
    }

    /// Everything of this environment.
    pub(super) fn marks(&self) -> Vec<String> {
        self.environments.clone()
    }

    /// Everything of the first application.
    pub(super) fn alpha_marks(&self) -> Vec<String> {
        self.alphas.clone()
    }

    /// The token of the tenant's portal.
    pub(super) fn portal(&self) -> &str {
        &self.names["portal token's text"]
    }

    /// Everything of the first user.
    pub(super) fn adas_marks(&self) -> Vec<String> {
        self.adas.clone()
    }
}

struct Application {
    key: String,
    marks: Vec<String>,
    for_ada: String,
    names: BTreeMap<&'static str, String>,
}
