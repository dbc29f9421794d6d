//! What a call of each route needs.

use http::Method;
use serde_json::{Value, json};

/// Who may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The environment's key alone.
    Manage,
    /// The application the path names, and the environment's key.
    App,
    /// The user, and keys that name the user: an application for what it created.
    Feed,
    /// The user in the path, and the environment's key.
    Leave,
    /// Owners and admins of a tenant, and the environment's key that names it.
    Admin,
    /// Every key, as itself.
    Key,
    /// Everyone, their own; without an upgrade 426.
    Stream,
    /// Browsers and portals alone: `matrix::console`.
    Page,
}

/// One route and a body that it takes.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) who: Who,
    pub(super) body: Option<Value>,
}

impl Route {
    /// Whether the path names something by an id of the server's, which another environment cannot have.
    pub(super) fn names_ours(&self) -> bool {
        [
            "{app}",
            "{webhook}",
            "{key}",
            "{token_key}",
            "{notification}",
            "{run}",
            "{delivery}",
            "{event}",
            "{config}",
            "{account}",
            "{invitation}",
            "{portal_token}",
        ]
        .iter()
        .any(|name| self.path.contains(name))
    }

    /// Whether it tells a user's sequence, of which an application sees only a part, and so nothing.
    pub(super) fn is_a_sequence(&self) -> bool {
        self.path.ends_with("/users/{user}/feed")
    }
}

/// Every route there is.
pub(super) fn table() -> Vec<Route> {
    use Who::{Admin, App, Feed, Key, Leave, Manage, Page, Stream};
    let none = Value::Null;
    let event = json!({"type": "fresh", "data": {}});
    let note = json!({"users": ["ada"], "title": "fresh"});
    let hook = json!({"url": "http://127.0.0.1:9/fresh"});
    let key = json!({"name": "fresh"});
    let sandbox = json!({"from": "a@b.example", "providers": [{"name": "sandbox", "kind": "sandbox"}]});
    let workflow = json!({"steps": [{"name": "bell", "in_app": {"title": "fresh"}}]});
    let config = json!({"channel": "email", "email_addresses": ["fresh@acme.example"]});
    let pem = include_str!("../../../../domain/tests/keys/ed25519.pub.pem");
    let table = [
        ("GET /apps", Manage, none.clone()),
        ("POST /apps", Manage, json!({"uid": "fresh", "name": "fresh"})),
        ("GET /apps/{app}", App, none.clone()),
        ("PATCH /apps/{app}", Manage, json!({"metadata": {"fresh": 1}})),
        ("DELETE /apps/{app}", Manage, none.clone()),
        ("GET /apps/{app}/events", App, none.clone()),
        ("POST /apps/{app}/events", App, event.clone()),
        ("POST /apps/{app}/events/batch", App, json!({"events": [event]})),
        ("GET /apps/{app}/events/{event}", App, none.clone()),
        ("GET /apps/{app}/installations", App, none.clone()),
        ("PUT /apps/{app}/installations/{user}", Leave, none.clone()),
        ("DELETE /apps/{app}/installations/{user}", Leave, none.clone()),
        ("GET /apps/{app}/keys", Manage, none.clone()),
        ("POST /apps/{app}/keys", Manage, key),
        ("DELETE /apps/{app}/keys/{key}", Manage, none.clone()),
        ("POST /apps/{app}/notifications", App, note),
        ("GET /apps/{app}/webhooks", App, none.clone()),
        ("POST /apps/{app}/webhooks", App, hook),
        ("GET /apps/{app}/event-types", App, none.clone()),
        ("GET /apps/{app}/webhooks/{webhook}", App, none.clone()),
        (
            "PATCH /apps/{app}/webhooks/{webhook}",
            App,
            json!({"description": "fresh"}),
        ),
        ("DELETE /apps/{app}/webhooks/{webhook}", App, none.clone()),
        ("GET /apps/{app}/webhooks/{webhook}/deliveries", App, none.clone()),
        (
            "GET /apps/{app}/webhooks/{webhook}/deliveries/{delivery}",
            App,
            none.clone(),
        ),
        (
            "POST /apps/{app}/webhooks/{webhook}/deliveries/{delivery}/retry",
            App,
            none.clone(),
        ),
        (
            "POST /apps/{app}/webhooks/{webhook}/recover",
            App,
            json!({"since": "2026-01-01T00:00:00Z"}),
        ),
        (
            "POST /apps/{app}/webhooks/{webhook}/rotate-secret",
            App,
            json!({}),
        ),
        ("POST /apps/{app}/webhooks/{webhook}/test", App, none.clone()),
        ("GET /statistics", Manage, none.clone()),
        ("GET /audit", Manage, none.clone()),
        ("GET /channels", Manage, none.clone()),
        ("GET /channels/{channel}", Manage, none.clone()),
        ("PUT /channels/{channel}", Manage, sandbox),
        ("DELETE /channels/{channel}", Manage, none.clone()),
        ("GET /channels/{channel}/suppressions", Manage, none.clone()),
        (
            "GET /channels/{channel}/suppressions/{address}",
            Manage,
            none.clone(),
        ),
        (
            "PUT /channels/{channel}/suppressions/{address}",
            Manage,
            none.clone(),
        ),
        (
            "DELETE /channels/{channel}/suppressions/{address}",
            Manage,
            none.clone(),
        ),
        ("GET /deliveries", Manage, none.clone()),
        ("GET /deliveries/{delivery}", Manage, none.clone()),
        ("POST /deliveries/{delivery}/retry", Manage, none.clone()),
        ("POST /deliveries/retry", Manage, json!({"dry_run": true})),
        ("GET /events", Manage, none.clone()),
        ("GET /environment", Manage, none.clone()),
        ("PATCH /environment", Manage, json!({"settings": {}})),
        ("GET /event-types", Manage, none.clone()),
        (
            "POST /event-types",
            Manage,
            json!({"name": "fresh", "category": "fresh"}),
        ),
        ("GET /event-types/{name}", Manage, none.clone()),
        (
            "PATCH /event-types/{name}",
            Manage,
            json!({"description": "fresh"}),
        ),
        ("DELETE /event-types/{name}", Manage, none.clone()),
        ("GET /events/stream", Stream, none.clone()),
        ("GET /events/{event}/trace", Manage, none.clone()),
        ("GET /keys", Manage, none.clone()),
        ("POST /keys", Manage, json!({"kind": "public"})),
        ("DELETE /keys/{key}", Manage, none.clone()),
        ("GET /notifications", Feed, none.clone()),
        ("GET /notifications/configs", Admin, none.clone()),
        ("POST /notifications/configs", Admin, config),
        ("GET /notifications/configs/choices", Admin, none.clone()),
        (
            "POST /notifications/configs/test",
            Admin,
            json!({"config_id": "{config}"}),
        ),
        (
            "PATCH /notifications/configs/{config}",
            Admin,
            json!({"is_active": true}),
        ),
        ("DELETE /notifications/configs/{config}", Admin, none.clone()),
        ("POST /notifications/mark-all-read", Feed, json!({})),
        ("POST /notifications/mark-all-seen", Feed, json!({})),
        ("GET /notifications/unread-count", Feed, none.clone()),
        ("DELETE /notifications/{notification}", Feed, none.clone()),
        (
            "PATCH /notifications/{notification}",
            Feed,
            json!({"status": "read"}),
        ),
        ("PATCH /notifications/{notification}/read", Feed, none.clone()),
        ("GET /portal", Page, none.clone()),
        ("DELETE /portal-tokens/{portal_token}", Manage, none.clone()),
        ("POST /apps/{app}/portal", Manage, json!({})),
        ("POST /tenants/{tenant}/portal", Manage, json!({})),
        ("GET /session", Page, none.clone()),
        ("DELETE /session", Page, none.clone()),
        ("POST /session/code", Page, json!({"code": "fresh"})),
        ("POST /session/portal", Page, none.clone()),
        ("POST /session/mail", Page, json!({"email": "a@b.example"})),
        ("GET /team", Manage, none.clone()),
        ("PATCH /team/{account}", Manage, json!({"role": "viewer"})),
        ("DELETE /team/{account}", Manage, none.clone()),
        ("GET /team/invitations", Manage, none.clone()),
        (
            "POST /team/invitations",
            Manage,
            json!({"email": "fresh@a.example", "role": "viewer"}),
        ),
        ("DELETE /team/invitations/{invitation}", Manage, none.clone()),
        ("GET /preferences", Manage, none.clone()),
        ("PUT /preferences", Manage, json!({})),
        ("GET /runs", Manage, none.clone()),
        ("GET /runs/{run}", Manage, none.clone()),
        ("GET /tenants/{tenant}/preferences", Manage, none.clone()),
        ("PUT /tenants/{tenant}/preferences", Manage, json!({})),
        ("GET /tenants", Manage, none.clone()),
        ("GET /tenants/{tenant}", Manage, none.clone()),
        ("PUT /tenants/{tenant}", Manage, json!({"name": "fresh"})),
        ("DELETE /tenants/{tenant}", Manage, none.clone()),
        ("GET /tenants/{tenant}/application", Manage, none.clone()),
        ("GET /tenants/{tenant}/members", Manage, none.clone()),
        (
            "PUT /tenants/{tenant}/members/{user}",
            Manage,
            json!({"role": "admin"}),
        ),
        ("DELETE /tenants/{tenant}/members/{user}", Manage, none.clone()),
        ("GET /token-keys", Manage, none.clone()),
        (
            "POST /token-keys",
            Manage,
            json!({"algorithm": "EdDSA", "public_key": pem}),
        ),
        ("DELETE /token-keys/{token_key}", Manage, none.clone()),
        ("GET /resources", Manage, none.clone()),
        (
            "PUT /resources",
            Manage,
            json!({"resources": [{"kind": "template", "name": "fresh", "source": "fresh"}]}),
        ),
        ("GET /templates", Manage, none.clone()),
        ("GET /templates/{template}", Manage, none.clone()),
        ("PUT /templates/{template}", Manage, json!({"source": "fresh"})),
        ("DELETE /templates/{template}", Manage, none.clone()),
        ("POST /token-secret/rotate", Manage, none.clone()),
        ("GET /topics", Manage, none.clone()),
        ("GET /topics/{topic}/subscribers", Manage, none.clone()),
        (
            "POST /topics/{topic}/subscribers",
            Manage,
            json!({"users": ["fresh"]}),
        ),
        ("DELETE /topics/{topic}/subscribers/{user}", Manage, none.clone()),
        ("GET /users", Manage, none.clone()),
        ("GET /users/{user}", Manage, none.clone()),
        ("PUT /users/{user}", Manage, json!({"name": "fresh"})),
        ("DELETE /users/{user}", Manage, none.clone()),
        ("GET /users/{user}/feed", Feed, none.clone()),
        ("GET /users/{user}/installations", Feed, none.clone()),
        ("GET /users/{user}/notifications", Feed, none.clone()),
        ("GET /users/{user}/preferences", Leave, none.clone()),
        ("PUT /users/{user}/preferences", Leave, json!({})),
        ("PATCH /users/{user}/preferences", Leave, json!({})),
        ("GET /users/{user}/preferences/choices", Leave, none.clone()),
        ("GET /users/{user}/preferences/link", Leave, none.clone()),
        ("POST /users/{user}/token", Manage, json!({})),
        ("GET /users/{user}/trace", Manage, none.clone()),
        ("GET /workflows", Manage, none.clone()),
        ("GET /workflows/{workflow}", Manage, none.clone()),
        ("GET /workflows/{workflow}/versions", Manage, none.clone()),
        (
            "GET /workflows/{workflow}/versions/{version}",
            Manage,
            none.clone(),
        ),
        ("PUT /workflows/{workflow}", Manage, workflow),
        ("DELETE /workflows/{workflow}", Manage, none.clone()),
        (
            "POST /workflows/preview",
            Manage,
            json!({"events": [{"type": "fresh", "data": {}}]}),
        ),
        (
            "POST /workflows/{workflow}/cancel",
            Key,
            json!({"cancellation_key": "fresh"}),
        ),
        (
            "POST /workflows/{workflow}/trigger",
            Key,
            json!({"recipients": ["fresh"]}),
        ),
    ];
    table
        .into_iter()
        .map(|(line, who, body)| route(line, who, body))
        .collect()
}

fn route(line: &'static str, who: Who, body: Value) -> Route {
    let (method, path) = line.split_once(' ').unwrap();
    let path = format!("/api/v1{path}");
    Route {
        method: method.parse().unwrap(),
        path: path.leak(),
        who,
        body: (!body.is_null()).then_some(body),
    }
}
