//! Notifications: what a person sees. Content, never changed; each person's relation to it is a state (see `feed`).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::environment::{Env, TextLimits};
use crate::id::{AppId, EventId, NotificationId};
use crate::text::{Fault, Faults, check_json};

/// How much it matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Priority {
    /// Can wait.
    Low = 0,
    /// The usual.
    #[default]
    Normal = 1,
    /// Should be seen soon.
    High = 2,
    /// Should be seen now.
    Urgent = 3,
}

impl Priority {
    /// Every priority, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == word)
    }

    /// Reads the number in tables.
    pub fn from_number(number: i16) -> Self {
        match number {
            0 => Self::Low,
            2 => Self::High,
            3 => Self::Urgent,
            _ => Self::Normal,
        }
    }
}

/// A member's part in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Belongs to it.
    Member,
    /// Administers it.
    Admin,
    /// Owns it.
    Owner,
}

impl Role {
    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// Something a person can do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Name that a click reports.
    pub id: String,
    /// What the button says.
    pub label: String,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Whom a notification is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// These users.
    Users(Vec<String>),
    /// The members of a tenant, those of one role if named.
    Tenant {
        /// The tenant.
        tenant: String,
        /// Only members with exactly this role.
        role: Option<Role>,
    },
    /// The subscribers of a topic.
    Topic(String),
}

/// What a caller asks to be shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationInput {
    /// Recipients by name.
    #[serde(default)]
    pub users: Option<Vec<String>>,
    /// Recipients by membership; with `users` or `topic` only the tenant it happened in.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Only members with this role.
    #[serde(default)]
    pub role: Option<Role>,
    /// Recipients by subscription.
    #[serde(default)]
    pub topic: Option<String>,
    /// Title.
    pub title: String,
    /// Body.
    #[serde(default)]
    pub body: Option<String>,
    /// Where a click leads.
    #[serde(default)]
    pub link: Option<String>,
    /// Buttons.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// How much it matters.
    #[serde(default)]
    pub priority: Priority,
    /// Anything the caller's own pages need.
    #[serde(default)]
    pub metadata: Option<Box<RawValue>>,
    /// RFC 3339; from then on it is expired.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// The caller's own id: the same id is created once within 30 days.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Name of what happened, for icons and filters.
    #[serde(default)]
    pub event: Option<String>,
    /// The event it follows from.
    #[serde(default)]
    pub event_id: Option<EventId>,
}

/// Content as it is kept.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Environment.
    pub env: Env,
    /// The application that created it.
    pub app: AppId,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// Name of what happened.
    pub event: Option<String>,
    /// The event it follows from.
    pub event_id: Option<EventId>,
    /// Title.
    pub title: String,
    /// Body.
    pub body: Option<String>,
    /// Where a click leads.
    pub link: Option<String>,
    /// Buttons, as JSON.
    pub actions: Option<Arc<str>>,
    /// How much it matters.
    pub priority: Priority,
    /// The caller's metadata, as JSON.
    pub metadata: Option<Arc<str>>,
    /// The caller's own id.
    pub external_id: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
}

/// Most users one call may name.
pub const USERS_PER_CALL: usize = 10_000;

/// Checks an input and makes it content and its audience.
pub fn accept(
    input: &NotificationInput,
    (env, app): (Env, AppId),
    id: NotificationId,
    limits: &TextLimits,
    now: i64,
) -> Result<(Notification, Audience), Vec<Fault>> {
    let mut faults = Faults::default();
    check_texts(input, limits, &mut faults);
    let expires_at = check_expiry(input.expires_at.as_deref(), now, &mut faults);
    let metadata = input.metadata.as_deref().filter(|raw| raw.get() != "null");
    if let Some(raw) = metadata {
        faults.require(
            raw.get().len() <= 16_384,
            "/metadata",
            "too_large",
            "must have at most 16384 bytes",
        );
        faults.require(
            raw.get().starts_with('{'),
            "/metadata",
            "type",
            "must be an object",
        );
        if let Err(fault) = check_json(raw.get(), 32) {
            faults.push("/metadata", fault.code, fault.detail);
        }
    }
    let audience = audience(
        input.users.clone(),
        input.tenant.clone(),
        input.role,
        input.topic.clone(),
        &mut faults,
    );
    faults.finish()?;
    let notification = Notification {
        id,
        env,
        app,
        tenant: input.tenant.clone(),
        event: input.event.clone(),
        event_id: input.event_id,
        title: input.title.clone(),
        body: input.body.clone(),
        link: input.link.clone(),
        actions: serde_json::to_string(&input.actions)
            .ok()
            .filter(|_| !input.actions.is_empty())
            .map(Arc::from),
        priority: input.priority,
        metadata: metadata.map(|raw| Arc::from(raw.get())),
        external_id: input.external_id.clone(),
        expires_at,
        created_at: now,
    };
    Ok((notification, audience))
}

fn check_texts(input: &NotificationInput, limits: &TextLimits, faults: &mut Faults) {
    faults.line("/title", &input.title, limits.title);
    if let Some(body) = &input.body {
        faults.text("/body", body, limits.body);
    }
    if let Some(link) = &input.link {
        check_link(faults, "/link", link, limits.link);
    }
    if let Some(event) = &input.event {
        faults.line("/event", event, 200);
    }
    if let Some(id) = &input.external_id {
        faults.key("/external_id", id);
    }
    if let Some(tenant) = &input.tenant {
        faults.key("/tenant", tenant);
    }
    faults.require(
        input.actions.len() <= 10,
        "/actions",
        "too_many",
        "must have at most 10 actions",
    );
    for (index, action) in input.actions.iter().take(10).enumerate() {
        faults.line(&format!("/actions/{index}/id"), &action.id, 100);
        faults.line(&format!("/actions/{index}/label"), &action.label, 100);
        if let Some(url) = &action.url {
            check_link(faults, &format!("/actions/{index}/url"), url, limits.link);
        }
    }
}

/// A link is a path of the product's own pages, or `https:`, `http:` or `mailto:`; nothing that a browser would run.
fn check_link(faults: &mut Faults, pointer: &str, link: &str, max: usize) {
    faults.line(pointer, link, max);
    let lower = link.trim_start().to_ascii_lowercase();
    let absolute = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme));
    let relative =
        lower.starts_with(['/', '#', '?', '.']) && !lower.starts_with("//") && !lower.starts_with("/\\");
    faults.require(
        absolute || relative,
        pointer,
        "format",
        "must be a path beginning with /, # or ?, or an http, https or mailto link",
    );
}

fn check_expiry(text: Option<&str>, now: i64, faults: &mut Faults) -> Option<i64> {
    let text = text?;
    let at = crate::time::parse_rfc3339(text);
    match at {
        None => faults.push("/expires_at", "format", "must be an RFC 3339 time"),
        Some(at) if at <= now => faults.push("/expires_at", "past", "must be in the future"),
        Some(_) => {}
    }
    at
}

fn audience(
    users: Option<Vec<String>>,
    tenant: Option<String>,
    role: Option<Role>,
    topic: Option<String>,
    faults: &mut Faults,
) -> Audience {
    faults.require(
        role.is_none() || (users.is_none() && topic.is_none() && tenant.is_some()),
        "/role",
        "conflict",
        "needs `tenant`, without `users` or `topic`",
    );
    match (users, topic, tenant) {
        (Some(_), Some(_), _) => {
            faults.push("/topic", "conflict", "cannot be combined with `users`");
            Audience::Users(Vec::new())
        }
        (Some(mut users), None, _) => {
            faults.require(
                !users.is_empty(),
                "/users",
                "required",
                "must name at least one user",
            );
            faults.require(
                users.len() <= USERS_PER_CALL,
                "/users",
                "too_many",
                "must name at most 10000 users",
            );
            for (index, user) in users.iter().take(USERS_PER_CALL).enumerate() {
                faults.user(&format!("/users/{index}"), user);
            }
            users.sort_unstable();
            users.dedup();
            Audience::Users(users)
        }
        (None, Some(topic), _) => {
            faults.key("/topic", &topic);
            Audience::Topic(topic)
        }
        (None, None, Some(tenant)) => Audience::Tenant { tenant, role },
        (None, None, None) => {
            faults.push("", "recipients", "must name `users`, a `tenant` or a `topic`");
            Audience::Users(Vec::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;

    fn try_accept(json: serde_json::Value) -> Result<(Notification, Audience), Vec<Fault>> {
        let input: NotificationInput = serde_json::from_value(json).expect("shape");
        let mut ids = Ids::new(1_000, 1);
        let limits = TextLimits {
            title: 200,
            body: 1000,
            link: 500,
        };
        accept(&input, (Env(1), ids.fresh()), ids.fresh(), &limits, 1_000)
    }

    #[test]
    fn f25_limits_are_those_of_the_environment() {
        let faults = try_accept(serde_json::json!({
            "users": ["u"], "title": "x".repeat(201), "body": "x".repeat(1001), "link": "javascript:alert(1)"
        }));
        let codes: Vec<_> = faults
            .expect_err("three faults")
            .into_iter()
            .map(|f| (f.pointer, f.code))
            .collect();
        let expected = [("/title", "too_long"), ("/body", "too_long"), ("/link", "format")];
        assert_eq!(codes, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    #[test]
    fn links_that_a_browser_would_run_are_refused() {
        for link in [
            "javascript:alert(1)",
            " JAVASCRIPT:1",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "x",
        ] {
            assert!(
                try_accept(serde_json::json!({"users": ["u"], "title": "t", "link": link})).is_err(),
                "{link}"
            );
        }
        for link in [
            "/pilot/1",
            "https://a.example/x",
            "mailto:a@b.example",
            "#top",
            "?page=2",
        ] {
            assert!(
                try_accept(serde_json::json!({"users": ["u"], "title": "t", "link": link})).is_ok(),
                "{link}"
            );
        }
    }

    #[test]
    fn an_audience_is_one_of_three() {
        let (_, audience) =
            try_accept(serde_json::json!({"users": ["b", "a", "b"], "title": "t"})).expect("users");
        assert_eq!(audience, Audience::Users(vec!["a".into(), "b".into()]));
        let (_, audience) =
            try_accept(serde_json::json!({"tenant": "t1", "role": "admin", "title": "t"})).expect("tenant");
        assert_eq!(
            audience,
            Audience::Tenant {
                tenant: "t1".into(),
                role: Some(Role::Admin)
            }
        );
        assert!(try_accept(serde_json::json!({"title": "t"})).is_err());
        assert!(try_accept(serde_json::json!({"users": [], "title": "t"})).is_err());
        assert!(try_accept(serde_json::json!({"users": ["a"], "topic": "x", "title": "t"})).is_err());
        assert!(try_accept(serde_json::json!({"users": ["a"], "role": "admin", "title": "t"})).is_err());
    }
}
