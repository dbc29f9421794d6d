//! The portal: what a tenant's admins or an application's owners set up themselves.

use app::portal::FreshPortalToken;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use domain::access::Door;
use domain::id::PortalTokenId;
use domain::time::rfc3339;
use http::StatusCode;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use app::auth::Caller;

use crate::extract::{AdminOfTenant, Authed, Manage, Receiver, Segments};
use crate::fields::{Name, Optional, gone};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// How a portal is opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PortalBody {
    /// Whether it only shows.
    pub read_only: Option<bool>,
    /// Seconds that the token opens it, at most seven days; an hour when absent.
    #[schema(minimum = 1, maximum = 604_800)]
    pub expires_in: Option<i64>,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshPortalView {
    /// Its id, `ptk_…`.
    pub id: String,
    /// The page, with the token behind a `#`; its path alone where `server.public_url` is not set.
    pub url: String,
    /// The token itself, shown this once. Elements take it as they take a user token.
    pub token: String,
    /// Whether it only shows.
    pub read_only: bool,
    /// Until when it opens the portal.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

impl FreshPortalView {
    pub(super) fn of(api: &Api, FreshPortalToken { token, text }: FreshPortalToken) -> Self {
        let base = api.settings.public_url.as_deref().unwrap_or_default();
        Self {
            id: token.id.to_string(),
            url: format!("{}/portal/#token={text}", base.trim_end_matches('/')),
            token: text,
            read_only: token.read_only,
            expires_at: rfc3339(token.expires_at),
        }
    }
}

/// Open the portal of a tenant: its channels, and the webhooks of its application.
#[utoipa::path(post, path = "/tenants/{tenant}/portal", tag = "portal",
    params(("tenant" = String, Path, description = "Your id of the tenant")), request_body = Option<PortalBody>,
    responses((status = 201, body = FreshPortalView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn of_tenant(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    Segments(Name(tenant)): Segments<Name>,
    Optional(input): Optional<PortalBody>,
) -> Answer<(StatusCode, Json<FreshPortalView>)> {
    let known = store::tenant::get(&mut *api.ctx.store.read(env).await?, env, &tenant).await?;
    known.ok_or_else(|| Problem::not_found("tenant"))?;
    let PortalBody {
        read_only,
        expires_in,
    } = input.value;
    let (door, once) = (Door::Tenant(tenant), input.once.as_ref());
    let fresh = api
        .ctx
        .open_portal(
            caller.actor(),
            env,
            door,
            read_only.unwrap_or(false),
            expires_in,
            once,
        )
        .await?;
    Ok((StatusCode::CREATED, Json(FreshPortalView::of(&api, fresh))))
}

/// Open the portal of an application: its webhooks.
#[utoipa::path(post, path = "/apps/{app}/portal", tag = "portal",
    params(("app" = String, Path, description = "Id or uid of the application")), request_body = Option<PortalBody>,
    responses((status = 201, body = FreshPortalView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn of_app(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    Segments(app): Segments<String>,
    Optional(input): Optional<PortalBody>,
) -> Answer<(StatusCode, Json<FreshPortalView>)> {
    let door = Door::App(api.ctx.named_app(env, &app).await?.app.id);
    let PortalBody {
        read_only,
        expires_in,
    } = input.value;
    let once = input.once.as_ref();
    let fresh = api
        .ctx
        .open_portal(
            caller.actor(),
            env,
            door,
            read_only.unwrap_or(false),
            expires_in,
            once,
        )
        .await?;
    Ok((StatusCode::CREATED, Json(FreshPortalView::of(&api, fresh))))
}

/// Revoke a portal token. Obeyed with its next call.
#[utoipa::path(delete, path = "/portal-tokens/{portal_token}", tag = "portal",
    params(("portal_token" = String, Path, description = "Id of the portal token")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn close(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    Segments(id): Segments<PortalTokenId>,
) -> Answer<StatusCode> {
    gone(api.ctx.close_portal(caller.actor(), env, id).await)
}

/// A tenant, as its admins see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalTenant {
    /// Your id of it.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
}

/// An application, as its owners see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalApp {
    /// Its id, `app_…`.
    pub id: String,
    /// Your own id of it.
    pub uid: Option<String>,
    /// What people call it.
    pub name: String,
}

/// A part of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// The tenant's channels.
    Channels,
    /// The webhooks of the application.
    Webhooks,
}

/// What a caller's portal shows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalView {
    /// The tenant, where it is one's.
    pub tenant: Option<PortalTenant>,
    /// The application.
    pub app: PortalApp,
    /// Whether it only shows.
    pub read_only: bool,
    /// Until when.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// What there is to set up.
    pub parts: Vec<Part>,
}

/// The application whose portal a caller may see, and the tenant where it is one's.
pub(crate) struct Entered {
    receiver: Receiver,
    tenant: Option<store::tenant::Tenant>,
}

impl FromRequestParts<Api> for Entered {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let Authed(caller) = Authed::from_request_parts(parts, api).await?;
        let is_of_app = matches!(
            caller,
            Caller::Portal {
                door: Door::App(_),
                ..
            }
        );
        if matches!(caller, Caller::Environment { .. } | Caller::Application { .. }) {
            let detail = "this needs a portal token, or the user token of a tenant's owner or admin";
            return Err(app::Error::Forbidden(detail.into()).into());
        }
        let receiver = Receiver::own(api, &caller).await?;
        let tenant = if is_of_app {
            None
        } else {
            let AdminOfTenant(admin) = AdminOfTenant::from_request_parts(parts, api).await?;
            let mut reader = api.ctx.store.read(admin.env).await?;
            let found = store::tenant::get(&mut reader, admin.env, &admin.tenant).await?;
            Some(found.ok_or_else(|| Problem::not_found("tenant"))?)
        };
        Ok(Self { receiver, tenant })
    }
}

/// Read what the portal of these credentials shows.
#[utoipa::path(get, path = "/portal", tag = "portal",
    responses((status = 200, body = PortalView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(Entered { receiver, tenant }: Entered) -> Json<PortalView> {
    let Receiver(own) = receiver;
    let mut parts = vec![Part::Webhooks];
    if tenant.is_some() {
        parts.insert(0, Part::Channels);
    }
    Json(PortalView {
        tenant: tenant.map(|tenant| PortalTenant {
            id: tenant.id,
            name: tenant.name,
        }),
        read_only: !own.caller.may_change(),
        expires_at: own.caller.expires_at().map(rfc3339),
        app: PortalApp {
            id: own.app.app.id.to_string(),
            uid: own.app.app.uid.clone(),
            name: own.app.app.name.clone(),
        },
        parts,
    })
}
