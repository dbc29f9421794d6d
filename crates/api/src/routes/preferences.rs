//! Preferences: of an environment, of a tenant, of a user.

use std::collections::BTreeMap;

use app::Error;
use app::preference_sheet::{Choices, Row};
use axum::Json;
use axum::extract::State;
use domain::channel::Channel;
use domain::preference::sheet::{Position, Tick};
use domain::preference::{Frequency, Preferences};
use domain::quiet_hours::QuietHours;
use domain::text::is_name;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::preference::Whose;
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Authed, Feed, Input, Manage, Params, Segments, changing};
use crate::fields::Name;
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// For which tenant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreferenceQuery {
    /// What the user prefers for messages of this tenant alone. It counts more than what they prefer otherwise.
    pub tenant: Option<String>,
}

impl PreferenceQuery {
    fn tenant(&self) -> Answer<&str> {
        match self.tenant.as_deref() {
            None => Ok(""),
            Some(tenant) if is_name(tenant) => Ok(tenant),
            Some(_) => {
                let detail = "must be a name of 1 to 256 printable characters";
                Err(Problem::bad_request("?tenant", "format", detail))
            }
        }
    }
}

/// Set the environment's defaults, whole.
///
/// They hold for everybody of whom nothing else is said. A setting with `required` holds whatever a user says.
#[utoipa::path(put, path = "/preferences", tag = "preferences", request_body = Value,
    responses((status = 200, body = Value), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put_default(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    input: Input<Preferences>,
) -> Answer<Json<Preferences>> {
    let whose = Whose::default();
    api.ctx
        .put_preferences(env, caller.actor(), whose, &input.value)
        .await?;
    Ok(Json(input.value))
}

/// Read the environment's defaults.
#[utoipa::path(get, path = "/preferences", tag = "preferences",
    responses((status = 200, body = Value), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get_default(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
) -> Answer<Json<Preferences>> {
    Ok(Json(api.ctx.preferences(env, Whose::default()).await?))
}

/// Set a tenant's defaults, whole.
#[utoipa::path(put, path = "/tenants/{tenant}/preferences", tag = "preferences",
    params(("tenant" = String, Path, description = "The tenant")), request_body = Value,
    responses((status = 200, body = Value), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put_tenant(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    Segments(Name(tenant)): Segments<Name>,
    input: Input<Preferences>,
) -> Answer<Json<Preferences>> {
    let known = store::tenant::get(&mut *api.ctx.store.read(env).await?, env, &tenant).await?;
    known.ok_or_else(|| Problem::not_found("tenant"))?;
    let whose = Whose {
        tenant: &tenant,
        user: "",
    };
    api.ctx
        .put_preferences(env, caller.actor(), whose, &input.value)
        .await?;
    Ok(Json(input.value))
}

/// Read a tenant's defaults.
#[utoipa::path(get, path = "/tenants/{tenant}/preferences", tag = "preferences",
    params(("tenant" = String, Path, description = "The tenant")),
    responses((status = 200, body = Value), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get_tenant(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(tenant)): Segments<Name>,
) -> Answer<Json<Preferences>> {
    let whose = Whose {
        tenant: &tenant,
        user: "",
    };
    Ok(Json(api.ctx.preferences(env, whose).await?))
}

/// Set what a user prefers, whole: workflows, categories and channels on or off, digests, quiet hours, applications.
#[utoipa::path(put, path = "/users/{user}/preferences", tag = "preferences",
    params(("user" = String, Path, description = "The user, or `me` with a user token"), PreferenceQuery), request_body = Value,
    responses((status = 200, body = Value), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put_user(
    State(api): State<Api>,
    feed: Feed,
    Params(query): Params<PreferenceQuery>,
    input: Input<Preferences>,
) -> Answer<Json<Preferences>> {
    let viewer = own(feed)?;
    let whose = Whose {
        tenant: query.tenant()?,
        user: &viewer.user,
    };
    api.ctx
        .put_preferences(viewer.env, viewer.actor, whose, &input.value)
        .await?;
    Ok(Json(input.value))
}

/// Change what a user prefers, by a JSON merge patch (RFC 7396): what is absent stays, null takes away.
#[utoipa::path(patch, path = "/users/{user}/preferences", tag = "preferences",
    params(("user" = String, Path, description = "The user, or `me` with a user token"), PreferenceQuery), request_body = Value,
    responses((status = 200, body = Value), (status = "4XX", body = ProblemView)))]
pub(crate) async fn patch_user(
    State(api): State<Api>,
    feed: Feed,
    Params(query): Params<PreferenceQuery>,
    input: Input<Value>,
) -> Answer<Json<Preferences>> {
    let viewer = own(feed)?;
    let whose = Whose {
        tenant: query.tenant()?,
        user: &viewer.user,
    };
    if !input.value.is_object() {
        return Err(Error::invalid("", "shape", "must be an object").into());
    }
    let patched = api
        .ctx
        .patch_preferences(viewer.env, viewer.actor, whose, &input.value)
        .await?;
    Ok(Json(patched))
}

/// A channel that may be turned on and off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelChoice {
    /// The channel.
    #[schema(value_type = words::ChannelName)]
    pub channel: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Whether anything comes.
    pub on: bool,
    /// Whether that is not for the user to say.
    pub fixed: bool,
}

impl ChannelChoice {
    fn of(channel: Channel, Position { on, fixed }: Position) -> Self {
        Self {
            channel: channel.as_str(),
            label: channel.label(),
            on,
            fixed,
        }
    }
}

/// A workflow that may be turned on and off, channel by channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowChoice {
    /// Its key.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// More of it.
    pub description: String,
    /// Its categories.
    pub categories: Vec<String>,
    /// The channels it goes through.
    pub channels: Vec<ChannelChoice>,
}

impl From<Row> for WorkflowChoice {
    fn from(row: Row) -> Self {
        let tick = |tick: Tick| {
            let Tick { channel, on, fixed } = tick;
            ChannelChoice::of(channel, Position { on, fixed })
        };
        Self {
            key: row.workflow,
            name: row.name,
            description: row.description,
            categories: row.categories,
            channels: row.ticks.into_iter().map(tick).collect(),
        }
    }
}

/// A category that may be turned on and off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CategoryChoice {
    /// Its name.
    pub name: String,
    /// Whether anything comes.
    pub on: bool,
    /// Whether that is not for the user to say.
    pub fixed: bool,
}

/// An application that may be allowed to reach the user, or not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppChoice {
    /// Your own id of it.
    pub uid: String,
    /// What people call it.
    pub name: String,
    /// Whether anything comes.
    pub on: bool,
    /// Whether that is not for the user to say.
    pub fixed: bool,
}

/// Everything that a user may say they prefer, and how it stands with all defaults.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChoicesView {
    /// Channels.
    pub channels: Vec<ChannelChoice>,
    /// Workflows, by name.
    pub workflows: Vec<WorkflowChoice>,
    /// Categories, by name.
    pub categories: Vec<CategoryChoice>,
    /// Applications; the first hundred.
    pub apps: Vec<AppChoice>,
    /// How often channels ring, where somebody said so.
    #[schema(value_type = Object)]
    pub digest: BTreeMap<Channel, Frequency>,
    /// The channels that a digest is for.
    #[schema(value_type = Vec<words::ChannelName>)]
    pub digest_channels: Vec<&'static str>,
    /// When it is quiet.
    #[schema(value_type = Option<Object>)]
    pub quiet_hours: Option<QuietHours>,
    /// The time zone the user is in.
    pub time_zone: Option<String>,
}

impl From<Choices> for ChoicesView {
    fn from(choices: Choices) -> Self {
        let digests = choices.channels.iter().map(|(channel, _)| *channel);
        let digests = digests.filter(|channel| *channel != Channel::InApp);
        let category = |(name, Position { on, fixed })| CategoryChoice { name, on, fixed };
        let app = |(uid, name, Position { on, fixed })| AppChoice { uid, name, on, fixed };
        let channel = |(channel, position)| ChannelChoice::of(channel, position);
        Self {
            digest_channels: digests.map(Channel::as_str).collect(),
            channels: choices.channels.into_iter().map(channel).collect(),
            workflows: choices.workflows.into_iter().map(WorkflowChoice::from).collect(),
            categories: choices.categories.into_iter().map(category).collect(),
            apps: choices.apps.into_iter().map(app).collect(),
            digest: choices.digest,
            quiet_hours: choices.quiet_hours,
            time_zone: choices.time_zone,
        }
    }
}

/// Read what a user may say they prefer, and how it stands with all defaults.
#[utoipa::path(get, path = "/users/{user}/preferences/choices", tag = "preferences",
    params(("user" = String, Path, description = "The user, or `me` with a user token"), PreferenceQuery),
    responses((status = 200, body = ChoicesView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn choices(
    State(api): State<Api>,
    feed: Feed,
    Params(query): Params<PreferenceQuery>,
) -> Answer<Json<ChoicesView>> {
    let viewer = own(feed)?;
    let tenant = Some(query.tenant()?).filter(|tenant| !tenant.is_empty());
    let choices = api
        .ctx
        .preference_choices(viewer.env, &viewer.user, tenant)
        .await?;
    Ok(Json(choices.into()))
}

/// Where a user says what they prefer, without signing in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// The page; its path alone where `server.public_url` is not set. Whoever has the address may use it.
    pub url: String,
}

/// Read the link by which a user says what they prefer, without signing in. It stands in their mails as well.
#[utoipa::path(get, path = "/users/{user}/preferences/link", tag = "preferences",
    params(("user" = String, Path, description = "The user, or `me` with a user token"), PreferenceQuery),
    responses((status = 200, body = LinkView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn link(
    State(api): State<Api>,
    Authed(caller): Authed,
    feed: Feed,
    Params(query): Params<PreferenceQuery>,
) -> Answer<Json<LinkView>> {
    let viewer = own(feed)?;
    changing(&caller)?;
    let tenant = Some(query.tenant()?).filter(|tenant| !tenant.is_empty());
    let url = api.ctx.preference_link(viewer.env, &viewer.user, tenant)?;
    Ok(Json(LinkView { url }))
}

/// Read what a user prefers.
#[utoipa::path(get, path = "/users/{user}/preferences", tag = "preferences",
    params(("user" = String, Path, description = "The user, or `me` with a user token"), PreferenceQuery),
    responses((status = 200, body = Value), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get_user(
    State(api): State<Api>,
    feed: Feed,
    Params(query): Params<PreferenceQuery>,
) -> Answer<Json<Preferences>> {
    let viewer = own(feed)?;
    let whose = Whose {
        tenant: query.tenant()?,
        user: &viewer.user,
    };
    Ok(Json(api.ctx.preferences(viewer.env, whose).await?))
}

/// What somebody prefers is theirs and the environment's; an application has no say in it.
fn own(Feed(viewer): Feed) -> Answer<app::notification::Viewer> {
    if viewer.within.is_some() {
        let why = "this needs a user token or an environment key (sk_)";
        return Err(Error::Forbidden(why.into()).into());
    }
    Ok(viewer)
}
