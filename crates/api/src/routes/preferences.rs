//! Preferences: of an environment, of a tenant, of a user.

use app::Error;
use axum::Json;
use axum::extract::State;
use domain::preference::Preferences;
use domain::text::is_name;
use serde::{Deserialize, Serialize};
use store::preference::Whose;
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Feed, Input, Manage, Params, Segments};
use crate::fields::Name;
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

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
    feed: Feed,
    Params(query): Params<PreferenceQuery>,
) -> Answer<Json<LinkView>> {
    let viewer = own(feed)?;
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
