//! Channel configs of a tenant, in the shapes that its settings page expects: bare lists, `detail` for people.

use app::channel_config::{CONFIG, Config, ConfigChange, NewConfig, TenantAdmin};
use axum::Json;
use axum::extract::State;
use domain::channel::Channel;
use domain::channel_config::{ConfigKind, EventsEnabled, Leads};
use domain::event_type::readable;
use domain::id::ConfigId;
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::{AdminOfTenant, Input, Segments};
use crate::fields::{nullable, present};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// A channel that a tenant's admins set up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfigView {
    /// Its id, `chc_…`.
    pub id: String,
    /// The tenant.
    pub account_id: String,
    /// `email`, `slack_webhook` or `teams_webhook`.
    pub channel: &'static str,
    /// The webhook's URL.
    pub webhook_url: Option<String>,
    /// The addresses.
    pub email_addresses: Vec<String>,
    /// Whether it is used.
    pub is_active: bool,
    /// The events it is for.
    pub events_enabled: EventsEnabled,
    /// When it was set up.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<Config> for ConfigView {
    fn from(config: Config) -> Self {
        Self {
            id: config.id.to_string(),
            account_id: config.tenant,
            channel: config.kind.as_str(),
            webhook_url: config.leads.webhook_url,
            email_addresses: config.leads.email_addresses,
            is_active: config.is_active,
            events_enabled: config.events,
            created_at: rfc3339(config.created_at),
            updated_at: rfc3339(config.updated_at),
        }
    }
}

/// For which tenant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the extractor, described here")]
pub(crate) struct ConfigQuery {
    /// The tenant, for a key; a user token names its own.
    pub tenant: Option<String>,
}

/// A new config.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigInput {
    /// `email`, `slack_webhook` or `teams_webhook`.
    #[schema(value_type = String)]
    pub channel: ConfigKind,
    /// The webhook's URL, for `slack_webhook` and `teams_webhook`.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// The addresses, for `email`.
    #[serde(default)]
    pub email_addresses: Option<Vec<String>>,
    /// Whether it is used; true when absent.
    #[serde(default)]
    pub is_active: Option<bool>,
    /// The events it is for; every one when absent.
    #[serde(default)]
    pub events_enabled: Option<EventsEnabled>,
}

/// What changes in a config.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigPatch {
    /// Another URL.
    #[serde(default, deserialize_with = "nullable")]
    pub webhook_url: Option<Option<String>>,
    /// Other addresses.
    #[serde(default, deserialize_with = "present")]
    pub email_addresses: Option<Vec<String>>,
    /// Whether it is used.
    #[serde(default, deserialize_with = "present")]
    pub is_active: Option<bool>,
    /// Other events.
    #[serde(default, deserialize_with = "present")]
    pub events_enabled: Option<EventsEnabled>,
}

/// Which config is tested.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigTest {
    /// Its id, `chc_…`.
    pub config_id: String,
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestedView {
    /// Whether the message was taken.
    pub success: bool,
    /// What happened, for people.
    pub message: String,
}

/// List the channels that a tenant's admins set up, in the order in which they did.
#[utoipa::path(get, path = "/notifications/configs", tag = "channel configs", params(ConfigQuery),
    responses((status = 200, body = Vec<ConfigView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    AdminOfTenant(TenantAdmin { env, tenant, .. }): AdminOfTenant,
) -> Answer<Json<Vec<ConfigView>>> {
    let mut reader = api.ctx.store.read(env).await?;
    let configs = api.ctx.configs(&mut reader, env, &tenant).await?;
    Ok(Json(configs.into_iter().map(ConfigView::from).collect()))
}

/// A kind of channel that an admin may set up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfigKindChoice {
    /// `email`, `slack_webhook` or `teams_webhook`.
    pub channel: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Whether anything would come.
    pub available: bool,
    /// Why not.
    pub reason: Option<&'static str>,
}

/// An event that a channel may be for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfigEventChoice {
    /// What `events_enabled` calls it.
    pub event: String,
    /// What people call it.
    pub label: String,
}

/// What an admin may choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfigChoicesView {
    /// Kinds of channels.
    pub channels: Vec<ConfigKindChoice>,
    /// Events.
    pub events: Vec<ConfigEventChoice>,
}

/// Read what an admin may choose: the kinds of channels there are, and the events they may be for.
#[utoipa::path(get, path = "/notifications/configs/choices", tag = "channel configs", params(ConfigQuery),
    responses((status = 200, body = ConfigChoicesView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn choices(
    State(api): State<Api>,
    AdminOfTenant(TenantAdmin { env, .. }): AdminOfTenant,
) -> Answer<Json<ConfigChoicesView>> {
    let environment = api.ctx.environment(env).await?;
    let kind = |kind: ConfigKind| {
        let is_off = kind == ConfigKind::Email && !environment.channels.contains_key(&Channel::Email);
        ConfigKindChoice {
            channel: kind.as_str(),
            label: kind.channel().label(),
            available: !is_off,
            reason: is_off.then_some("No provider is set up for email."),
        }
    };
    let names = api.ctx.config_names(env).await?;
    let event = |event: String| {
        let known = environment.catalogue.get(&event);
        let label = known.map_or_else(|| readable(&event), |ready| ready.spec.label());
        ConfigEventChoice { event, label }
    };
    Ok(Json(ConfigChoicesView {
        channels: ConfigKind::ALL.map(kind).into(),
        events: names.into_iter().map(event).collect(),
    }))
}

/// Set a channel up for a tenant.
#[utoipa::path(post, path = "/notifications/configs", tag = "channel configs", params(ConfigQuery), request_body = ConfigInput,
    responses((status = 201, body = ConfigView), (status = 200, body = ConfigView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn create(
    State(api): State<Api>,
    AdminOfTenant(admin): AdminOfTenant,
    input: Input<ConfigInput>,
) -> Answer<(StatusCode, Json<ConfigView>)> {
    let Input { value: input, once } = input;
    let new = NewConfig {
        kind: input.channel,
        leads: Leads {
            webhook_url: input.webhook_url,
            email_addresses: input.email_addresses.unwrap_or_default(),
        },
        is_active: input.is_active.unwrap_or(true),
        events: input.events_enabled,
    };
    let (made, is_new) = api.ctx.create_config(&admin, new, once.as_ref()).await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(made.into())))
}

/// Change what is sent, and nothing else.
#[utoipa::path(patch, path = "/notifications/configs/{config}", tag = "channel configs",
    params(("config" = String, Path, description = "Id of the config"), ConfigQuery), request_body = ConfigPatch,
    responses((status = 200, body = ConfigView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn update(
    State(api): State<Api>,
    AdminOfTenant(admin): AdminOfTenant,
    Segments(id): Segments<ConfigId>,
    input: Input<ConfigPatch>,
) -> Answer<Json<ConfigView>> {
    let change = ConfigChange {
        webhook_url: input.value.webhook_url,
        email_addresses: input.value.email_addresses,
        is_active: input.value.is_active,
        events: input.value.events_enabled,
    };
    Ok(Json(api.ctx.update_config(&admin, id, change).await?.into()))
}

/// Take a channel away. What waits for it ends undelivered.
#[utoipa::path(delete, path = "/notifications/configs/{config}", tag = "channel configs",
    params(("config" = String, Path, description = "Id of the config"), ConfigQuery),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    AdminOfTenant(admin): AdminOfTenant,
    Segments(id): Segments<ConfigId>,
) -> Answer<StatusCode> {
    api.ctx.delete_config(&admin, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a test message where a config leads, at most ten times a minute. A mail goes to the first address only.
#[utoipa::path(post, path = "/notifications/configs/test", tag = "channel configs", params(ConfigQuery), request_body = ConfigTest,
    responses((status = 200, body = TestedView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn test(
    State(api): State<Api>,
    AdminOfTenant(admin): AdminOfTenant,
    input: Input<ConfigTest>,
) -> Answer<Json<TestedView>> {
    let id = <ConfigId as domain::id::Prefixed>::parse(&input.value.config_id);
    let id = id.ok_or_else(|| Problem::not_found(CONFIG))?;
    let mut reader = api.ctx.store.read(admin.env).await?;
    let found = store::channel_config::get(&mut reader, admin.env, &admin.tenant, id).await?;
    drop(reader);
    found.ok_or_else(|| Problem::not_found(CONFIG))?;
    api.count_test(id)?;
    let tested = api.ctx.test_config(&admin, id).await?;
    Ok(Json(TestedView {
        success: tested.success,
        message: tested.message,
    }))
}
