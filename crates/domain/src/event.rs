//! Events: facts, published once, never changed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::environment::Env;
use crate::event_type::{Catalogue, FIRST_VERSION, RESERVED, ReadyType, Visibility, check_name, is_reserved};
use crate::id::{AppId, EventId};
use crate::text::{Fault, Faults, check_json};

/// The thing an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Kind of thing, such as `session`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The caller's id of it.
    pub id: String,
}

/// What a caller publishes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventInput {
    /// Event type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Category; the registered type's when absent.
    #[serde(default)]
    pub category: Option<String>,
    /// The thing it is about.
    #[serde(default)]
    pub entity: Option<Entity>,
    /// Tenant it happened in.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Users it concerns.
    #[serde(default)]
    pub users: Vec<String>,
    /// Payload, kept as the bytes received.
    pub data: Box<RawValue>,
    /// The caller's own id: the same id is published once within 30 days.
    #[serde(default)]
    pub id: Option<String>,
    /// RFC 3339; the time of publishing when absent.
    #[serde(default)]
    pub occurred_at: Option<String>,
}

/// The server's own limits on an event.
#[derive(Debug, Clone, Copy)]
pub struct EventLimits {
    /// Bytes of `data`.
    pub data_bytes: usize,
    /// Nesting of `data`.
    pub json_depth: usize,
    /// Users named.
    pub users: usize,
}

impl Default for EventLimits {
    fn default() -> Self {
        Self {
            data_bytes: 256 * 1024,
            json_depth: 64,
            users: 1_000,
        }
    }
}

/// How an event looks to receivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The public name, where it differs from the type.
    pub kind: Option<Arc<str>>,
    /// Dated version of the shape.
    pub version: Arc<str>,
    /// The public part of the payload, where it differs from the payload.
    pub data: Option<Arc<str>>,
}

/// A published event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id, which receivers deduplicate on.
    pub id: EventId,
    /// Environment.
    pub env: Env,
    /// The application that published it.
    pub app: AppId,
    /// Type as published.
    pub kind: Arc<str>,
    /// Category.
    pub category: Option<Arc<str>>,
    /// The thing it is about.
    pub entity: Option<Entity>,
    /// Tenant.
    pub tenant: Option<String>,
    /// Users it concerns.
    pub users: Vec<String>,
    /// Payload as received.
    pub data: Arc<str>,
    /// How it looks outside.
    pub outside: Outside,
    /// Who may see it.
    pub visibility: Visibility,
    /// The caller's own id.
    pub external_id: Option<String>,
    /// When it happened, milliseconds since the Unix epoch.
    pub occurred_at: i64,
    /// When it was published, milliseconds since the Unix epoch.
    pub created_at: i64,
}

impl Event {
    /// The type receivers see.
    pub fn outside_kind(&self) -> &str {
        self.outside.kind.as_deref().unwrap_or(&self.kind)
    }

    /// The payload receivers see.
    pub fn outside_data(&self) -> &str {
        self.outside.data.as_deref().unwrap_or(&self.data)
    }

    /// The envelope of requirement O06: the very bytes that are signed and sent, on every attempt.
    pub fn envelope(&self) -> String {
        crate::signature::envelope(
            &self.id.to_string(),
            self.outside_kind(),
            self.occurred_at,
            &self.outside.version,
            self.outside_data(),
        )
    }
}

/// What is wrong with an input, as a kind of refusal and its faults.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The category or type is not registered (400, E24).
    Unknown(Fault),
    /// The input breaks a rule (422).
    Invalid(Vec<Fault>),
    /// `data` is larger than allowed (413).
    TooLarge(Fault),
}

/// Checks an input and makes it an event.
pub fn accept(
    input: &EventInput,
    (env, app): (Env, AppId),
    id: EventId,
    catalogue: &Catalogue,
    require_registered: bool,
    limits: &EventLimits,
    now: i64,
) -> Result<Event, Refusal> {
    let ready = catalogue.get(&input.kind);
    known(input, ready, catalogue, require_registered)?;
    fits(input, limits)?;
    let mut faults = Faults::default();
    check_name(&mut faults, "/type", &input.kind);
    if is_reserved(&input.kind) {
        faults.push("/type", "reserved", RESERVED);
    }
    let occurred_at = check(input, ready, limits, now, faults).map_err(Refusal::Invalid)?;
    let category = input.category.as_deref();
    let category = category.or_else(|| ready.map(|ready| ready.spec.category.as_str()));
    let outside = Outside {
        kind: ready
            .and_then(|ready| ready.spec.public_name.as_deref())
            .map(Arc::from),
        version: Arc::from(ready.map_or(FIRST_VERSION, |ready| ready.spec.version.as_str())),
        data: ready
            .and_then(|ready| ready.public_data(&input.data))
            .map(Arc::from),
    };
    Ok(Event {
        id,
        env,
        app,
        kind: Arc::from(input.kind.as_str()),
        category: category.map(Arc::from),
        entity: input.entity.clone(),
        tenant: input.tenant.clone(),
        users: input.users.clone(),
        data: Arc::from(input.data.get()),
        outside,
        visibility: ready.map_or(Visibility::App, |ready| ready.spec.visibility),
        external_id: input.id.clone(),
        occurred_at,
        created_at: now,
    })
}

fn fits(input: &EventInput, limits: &EventLimits) -> Result<(), Refusal> {
    if input.data.get().len() > limits.data_bytes {
        let detail = format!("must have at most {} bytes", limits.data_bytes);
        return Err(Refusal::TooLarge(Fault::new("/data", "too_large", detail)));
    }
    Ok(())
}

/// Checks an input of the server's own making around a caller's data, and makes it an event that nobody is sent.
pub fn accept_own(
    input: &EventInput,
    (env, app): (Env, AppId),
    id: EventId,
    limits: &EventLimits,
    now: i64,
) -> Result<Event, Refusal> {
    fits(input, limits)?;
    let occurred_at = check(input, None, limits, now, Faults::default()).map_err(Refusal::Invalid)?;
    Ok(Event {
        id,
        env,
        app,
        kind: Arc::from(input.kind.as_str()),
        category: None,
        entity: input.entity.clone(),
        tenant: input.tenant.clone(),
        users: input.users.clone(),
        data: Arc::from(input.data.get()),
        outside: Outside {
            kind: None,
            version: Arc::from(FIRST_VERSION),
            data: None,
        },
        visibility: Visibility::Internal,
        external_id: None,
        occurred_at,
        created_at: now,
    })
}

/// Refuses a category or type that is not registered, naming the known ones.
fn known(
    input: &EventInput,
    ready: Option<&ReadyType>,
    catalogue: &Catalogue,
    require_registered: bool,
) -> Result<(), Refusal> {
    let list = |mut names: Vec<&str>| {
        let more = names.len().saturating_sub(20);
        names.truncate(20);
        let tail = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ") + &tail
        }
    };
    let categories = catalogue.categories();
    if let Some(category) = &input.category
        && (require_registered || !categories.is_empty())
        && !categories.contains(&category.as_str())
    {
        let detail = format!("is not a known category; known: {}", list(categories));
        return Err(Refusal::Unknown(Fault::new(
            "/category",
            "unknown_category",
            detail,
        )));
    }
    if let (Some(category), Some(ready)) = (&input.category, ready)
        && *category != ready.spec.category
    {
        let detail = format!(
            "the type {} belongs to the category {}",
            input.kind, ready.spec.category
        );
        return Err(Refusal::Unknown(Fault::new(
            "/category",
            "wrong_category",
            detail,
        )));
    }
    if require_registered && ready.is_none() {
        let names = catalogue.iter().map(|ready| ready.spec.name.as_str()).collect();
        let detail = format!("is not a registered event type; known: {}", list(names));
        return Err(Refusal::Unknown(Fault::new("/type", "unknown_type", detail)));
    }
    Ok(())
}

/// Checks everything else and reads `occurred_at`.
fn check(
    input: &EventInput,
    ready: Option<&ReadyType>,
    limits: &EventLimits,
    now: i64,
    mut faults: Faults,
) -> Result<i64, Vec<Fault>> {
    if let Some(category) = &input.category {
        faults.line("/category", category, 100);
    }
    if let Some(entity) = &input.entity {
        faults.line("/entity/type", &entity.kind, 100);
        faults.key("/entity/id", &entity.id);
    }
    if let Some(tenant) = &input.tenant {
        faults.key("/tenant", tenant);
    }
    if let Some(id) = &input.id {
        faults.key("/id", id);
    }
    if input.users.len() > limits.users {
        faults.push(
            "/users",
            "too_many",
            format!("must name at most {} users", limits.users),
        );
    } else {
        for (index, user) in input.users.iter().enumerate() {
            faults.user(&format!("/users/{index}"), user);
        }
    }
    if let Err(fault) = check_json(input.data.get(), limits.json_depth) {
        faults.push("/data", fault.code, fault.detail);
    }
    let occurred_at = input
        .occurred_at
        .as_deref()
        .map_or(Some(now), crate::time::parse_rfc3339);
    faults.require(
        occurred_at.is_some(),
        "/occurred_at",
        "format",
        "must be an RFC 3339 time",
    );
    faults.finish()?;
    if let Some(ready) = ready {
        ready.check_data(&input.data)?;
    }
    Ok(occurred_at.unwrap_or(now))
}
