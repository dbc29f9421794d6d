//! Applications, and the leave that users give them.

use app::apps::{AppPatch, NewApp};
use app::auth::Caller;
use axum::Json;
use axum::extract::State;
use domain::id::Prefixed;
use domain::text::ME;
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::app::{App, Installation};
use utoipa::ToSchema;

use crate::extract::{Authed, Input, Manage, OwnApp, Params, Segments};
use crate::fields::{gone, kept, metadata, nullable, present};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// An application to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppBody {
    /// Your own id; paths take it in place of ours.
    pub uid: Option<String>,
    /// For people.
    pub name: String,
    /// Any JSON object of at most 16 KiB.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
}

/// Changes of an application; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppChanges {
    /// Your own id; null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub uid: Option<Option<String>>,
    /// For people.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// Any JSON object of at most 16 KiB; null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Option<Box<RawValue>>>,
}

/// An application.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppView {
    /// Its id, `app_…`.
    pub id: String,
    /// Your own id of it.
    pub uid: Option<String>,
    /// For people.
    pub name: String,
    /// The tenant whose webhook application it is.
    pub tenant: Option<String>,
    /// Your metadata, as the bytes received.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<App> for AppView {
    fn from(app: App) -> Self {
        Self {
            id: app.id.to_string(),
            uid: app.uid,
            name: app.name,
            tenant: app.tenant,
            metadata: kept(app.metadata),
            created_at: rfc3339(app.created_at),
            updated_at: rfc3339(app.updated_at),
        }
    }
}

/// Make an application.
///
/// One whose `uid` exists is answered as it is, with 200.
#[utoipa::path(post, path = "/apps", tag = "apps", request_body = AppBody,
    responses((status = 201, body = AppView), (status = 200, body = AppView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn create(
    State(api): State<Api>,
    manage: Manage,
    input: Input<AppBody>,
) -> Answer<(StatusCode, Json<AppView>)> {
    let AppBody {
        uid,
        name,
        metadata: raw,
    } = input.value;
    let new = NewApp {
        uid,
        name,
        metadata: metadata(raw)?,
    };
    let (app, is_new) = api
        .ctx
        .create_app(&manage.caller, new, input.once.as_ref())
        .await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(app.into())))
}

/// List applications, newest first.
#[utoipa::path(get, path = "/apps", tag = "apps", params(Paging),
    responses((status = 200, body = List<AppView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<AppView>>> {
    let page = paging.page(&api)?;
    let apps = store::app::list(&mut *api.ctx.store.read(env).await?, env, &page).await?;
    Ok(Json(page_of(
        apps,
        &page,
        |app| app.id.bare().to_owned(),
        AppView::from,
    )))
}

/// Read one application.
#[utoipa::path(get, path = "/apps/{app}", tag = "apps",
    params(("app" = String, Path, description = "Id or uid of the application")),
    responses((status = 200, body = AppView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(own: OwnApp) -> Json<AppView> {
    Json(own.app.app.clone().into())
}

/// Change an application.
#[utoipa::path(patch, path = "/apps/{app}", tag = "apps",
    params(("app" = String, Path, description = "Id or uid of the application")), request_body = AppChanges,
    responses((status = 200, body = AppView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn update(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    Segments(app): Segments<String>,
    input: Input<AppChanges>,
) -> Answer<Json<AppView>> {
    let AppChanges {
        uid,
        name,
        metadata: raw,
    } = input.value;
    let patch = AppPatch {
        uid,
        name,
        metadata: raw.map(metadata).transpose()?,
    };
    let id = api.ctx.named_app(env, &app).await?.app.id;
    Ok(Json(api.ctx.update_app(&caller, id, patch).await?.into()))
}

/// Delete an application.
///
/// Its keys are revoked and what waits for its webhooks is withdrawn; its log stays until it is pruned.
#[utoipa::path(delete, path = "/apps/{app}", tag = "apps",
    params(("app" = String, Path, description = "Id or uid of the application")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    manage: Manage,
    Segments(app): Segments<String>,
) -> Answer<StatusCode> {
    gone(api.ctx.delete_app(&manage.caller, &app).await)
}

/// A user's leave for an application to reach them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstallationView {
    /// The application.
    pub app_id: String,
    /// The user.
    pub user_id: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<Installation> for InstallationView {
    fn from(row: Installation) -> Self {
        Self {
            app_id: format!("{}_{}", domain::id::AppId::PREFIX, row.app),
            user_id: row.user_id,
            created_at: rfc3339(row.created_at),
        }
    }
}

/// Install an application for a user: it may reach them.
///
/// The user's own token may do this as well, with `me`.
#[utoipa::path(put, path = "/apps/{app}/installations/{user}", tag = "apps",
    params(("app" = String, Path, description = "Id or uid of the application"), ("user" = String, Path, description = "Id of the user, or `me`")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn install(
    State(api): State<Api>,
    Authed(caller): Authed,
    Segments(path): Segments<(String, String)>,
) -> Answer<StatusCode> {
    let (app, user) = path;
    let user = installer(&caller, user)?;
    let app = api.ctx.named_app(caller.env(), &app).await?.app.id;
    api.ctx.install(&caller, caller.env(), app, &user, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the leave back.
#[utoipa::path(delete, path = "/apps/{app}/installations/{user}", tag = "apps",
    params(("app" = String, Path, description = "Id or uid of the application"), ("user" = String, Path, description = "Id of the user, or `me`")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn uninstall(
    State(api): State<Api>,
    Authed(caller): Authed,
    Segments(path): Segments<(String, String)>,
) -> Answer<StatusCode> {
    let (app, user) = path;
    let user = installer(&caller, user)?;
    let app = match api.ctx.named_app(caller.env(), &app).await {
        Ok(found) => found.app.id,
        Err(error) => return gone(Err(error)),
    };
    gone(api.ctx.install(&caller, caller.env(), app, &user, false).await)
}

/// The user whose leave this caller may give. Decided before the application is looked up: an application's key learns nothing of others.
fn installer(caller: &Caller, user: String) -> Answer<String> {
    match caller {
        Caller::Environment { .. } => Ok(user),
        Caller::User { claims, .. } if user == ME || user == claims.sub => Ok(claims.sub.clone()),
        Caller::User { .. } => Err(Problem::not_found("user")),
        Caller::Application { .. } | Caller::Portal { .. } => Err(app::Error::Forbidden(
            "this needs an environment key (sk_) or the user's own token".into(),
        )
        .into()),
    }
}

/// List who installed an application, by user id.
#[utoipa::path(get, path = "/apps/{app}/installations", tag = "apps",
    params(("app" = String, Path, description = "Id or uid of the application"), Paging),
    responses((status = 200, body = List<InstallationView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn installations(
    State(api): State<Api>,
    own: OwnApp,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<InstallationView>>> {
    let page = paging.page(&api)?;
    let mut reader = api.ctx.store.read(own.env()).await?;
    let rows = store::app::installations(&mut reader, own.env(), own.id(), &page).await?;
    Ok(Json(page_of(
        rows,
        &page,
        |row| row.user_id.clone(),
        InstallationView::from,
    )))
}
