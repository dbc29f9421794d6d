//! The environment and what its operator chose.

use std::collections::BTreeMap;

use app::snapshot::EnvironmentSnapshot;
use axum::Json;
use axum::extract::State;
use domain::environment::Settings;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::extract::{Input, Manage};
use crate::problem::{Answer, ProblemView};
use crate::state::Api;

/// Longest texts a notification may carry, in characters.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextLimitsView {
    /// Title.
    pub title: usize,
    /// Body.
    pub body: usize,
    /// Link.
    pub link: usize,
}

/// Days that finished things are kept; 0 keeps them for ever.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetentionView {
    /// Events and their payloads.
    pub events: u32,
    /// Notifications and their states.
    pub notifications: u32,
    /// Finished deliveries and attempts.
    pub deliveries: u32,
    /// The audit log.
    pub audit: u32,
}

/// So many calls of one class in a window, per application key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RateLimitView {
    /// Calls (for batches: events) in a window.
    pub limit: u32,
    /// Length of the window in seconds.
    pub window: u32,
}

/// What the operator chose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsView {
    /// Longest texts of a notification.
    pub limits: TextLimitsView,
    /// How long things are kept.
    pub retention: RetentionView,
    /// Rate limits by route class: `events`, `notifications`, `webhooks`. A class that is not here has none.
    pub rate_limits: BTreeMap<String, RateLimitView>,
    /// Only registered event types may be published.
    pub require_registered_types: bool,
    /// An application reaches only users who installed it.
    pub require_installation: bool,
    /// Kinds of entities that belong to a tenant: an event about one that names no tenant happened in the one that an earlier event about it named.
    pub tenant_entities: Vec<String>,
}

impl From<&Settings> for SettingsView {
    fn from(settings: &Settings) -> Self {
        let Settings {
            limits,
            retention,
            rate_limits,
            require_registered_types,
            require_installation,
            tenant_entities,
        } = settings;
        let rates = rate_limits.iter().map(|(class, rate)| {
            (
                class.clone(),
                RateLimitView {
                    limit: rate.limit,
                    window: rate.window,
                },
            )
        });
        Self {
            limits: TextLimitsView {
                title: limits.title,
                body: limits.body,
                link: limits.link,
            },
            retention: RetentionView {
                events: retention.events,
                notifications: retention.notifications,
                deliveries: retention.deliveries,
                audit: retention.audit,
            },
            rate_limits: rates.collect(),
            require_registered_types: *require_registered_types,
            require_installation: *require_installation,
            tenant_entities: tenant_entities.clone(),
        }
    }
}

/// The environment of the key that asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnvironmentView {
    /// Its id, `env_…`: the `kid` of user tokens signed with its own secret.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its operator chose.
    pub settings: SettingsView,
}

impl From<&EnvironmentSnapshot> for EnvironmentView {
    fn from(environment: &EnvironmentSnapshot) -> Self {
        Self {
            id: environment.id.to_string(),
            name: environment.name.clone(),
            settings: (&environment.settings).into(),
        }
    }
}

/// Read the environment.
#[utoipa::path(get, path = "/environment", tag = "environment",
    responses((status = 200, body = EnvironmentView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(State(api): State<Api>, Manage { env, .. }: Manage) -> Answer<Json<EnvironmentView>> {
    Ok(Json(api.ctx.environment(env).await?.as_ref().into()))
}

/// Changes of the environment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvironmentChanges {
    /// Settings to change. An object is merged into the one there is, null goes back to the default.
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}

/// Change the environment's settings.
#[utoipa::path(patch, path = "/environment", tag = "environment", request_body = EnvironmentChanges,
    responses((status = 200, body = EnvironmentView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn update(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    input: Input<EnvironmentChanges>,
) -> Answer<Json<EnvironmentView>> {
    let changes = input.value.settings;
    api.ctx
        .update_settings(&caller, |before| merged(&before, changes))
        .await?;
    Ok(Json(api.ctx.environment(env).await?.as_ref().into()))
}

/// Settings with these changes: members of objects one by one, everything else whole.
fn merged(before: &Settings, changes: Map<String, Value>) -> app::Result<Settings> {
    let internal = |error: serde_json::Error| app::Error::Internal(error.to_string());
    let mut whole = serde_json::to_value(before).map_err(internal)?;
    for (name, change) in changes {
        match (whole.get_mut(&name), change) {
            (Some(Value::Object(members)), Value::Object(changes)) => {
                changes
                    .into_iter()
                    .for_each(|(member, value)| set(members, member, value));
            }
            (_, change) => {
                if let Value::Object(settings) = &mut whole {
                    set(settings, name, change);
                }
            }
        }
    }
    serde_path_to_error::deserialize(whole).map_err(|error| {
        let at = format!("/settings{}", app::pointer(error.path()));
        app::Error::invalid(&at, "shape", error.into_inner().to_string())
    })
}

/// Null takes a member away, so that its default holds again.
fn set(members: &mut Map<String, Value>, name: String, value: Value) {
    if value.is_null() {
        members.remove(&name);
    } else {
        members.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merge(before: &Settings, changes: Value) -> Result<Settings, String> {
        let Value::Object(changes) = changes else {
            return Err("not an object".into());
        };
        merged(before, changes).map_err(|error| error.to_string())
    }

    #[test]
    fn objects_are_merged_and_null_goes_back_to_the_default() {
        let before = Settings::default();
        let changes = json!({
            "limits": {"title": 80}, "require_installation": true, "rate_limits": {"events": {"limit": 1, "window": 2}},
        });
        let after = merge(&before, changes).expect("good changes");
        assert_eq!((after.limits.title, after.limits.body), (80, before.limits.body));
        let more = json!({"rate_limits": {"webhooks": {"limit": 3, "window": 4}}, "limits": null});
        let after = merge(&after, more).expect("good changes");
        assert_eq!(after.rate_limits.len(), 2);
        assert_eq!((after.limits, after.require_installation), (before.limits, true));
        let after = merge(&after, json!({"rate_limits": {"events": null}})).expect("good changes");
        assert_eq!(after.rate_limits.keys().collect::<Vec<_>>(), ["webhooks"]);
    }

    #[test]
    fn unknown_settings_are_refused_by_name() {
        let refused =
            merge(&Settings::default(), json!({"limits": {"titel": 80}})).expect_err("no such setting");
        assert!(refused.starts_with("/settings/limits"), "{refused}");
        assert!(merge(&Settings::default(), json!({"colour": 1})).is_err());
        assert!(merge(&Settings::default(), json!({"limits": 5})).is_err());
    }
}
