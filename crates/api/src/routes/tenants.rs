//! Tenants, their members, their webhook application.

use axum::Json;
use axum::extract::State;
use domain::notification::Role;
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::tenant::{Member, Tenant};
use utoipa::{IntoParams, ToSchema};

use super::apps::AppView;
use crate::extract::{Input, Manage, Params, Segments};
use crate::fields::{Name, gone, kept, metadata};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// A tenant, whole: what is absent is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantBody {
    /// Display name.
    pub name: Option<String>,
    /// Any JSON object of at most 16 KiB.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
}

/// An organisation of users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantView {
    /// Your id of it.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// Your metadata, as the bytes received.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
    /// When it was first described.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last described.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id,
            name: tenant.name,
            metadata: kept(tenant.metadata),
            created_at: rfc3339(tenant.created_at),
            updated_at: rfc3339(tenant.updated_at),
        }
    }
}

/// Describe a tenant, new or not. Replaces what was known.
#[utoipa::path(put, path = "/tenants/{tenant}", tag = "tenants",
    params(("tenant" = String, Path, description = "Your id of the tenant")), request_body = TenantBody,
    responses((status = 200, body = TenantView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put(
    State(api): State<Api>,
    manage: Manage,
    Segments(id): Segments<String>,
    input: Input<TenantBody>,
) -> Answer<Json<TenantView>> {
    let TenantBody { name, metadata: raw } = input.value;
    let tenant = Tenant {
        id,
        name,
        metadata: metadata(raw)?,
        created_at: 0,
        updated_at: 0,
    };
    Ok(Json(api.ctx.put_tenant(&manage.caller, tenant).await?.into()))
}

/// Read one tenant.
#[utoipa::path(get, path = "/tenants/{tenant}", tag = "tenants",
    params(("tenant" = String, Path, description = "Your id of the tenant")),
    responses((status = 200, body = TenantView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(tenant)): Segments<Name>,
) -> Answer<Json<TenantView>> {
    let found = store::tenant::get(&mut *api.ctx.store.read(env).await?, env, &tenant).await?;
    found
        .map(|tenant| Json(tenant.into()))
        .ok_or_else(|| Problem::not_found("tenant"))
}

/// List tenants, by id.
#[utoipa::path(get, path = "/tenants", tag = "tenants", params(Paging),
    responses((status = 200, body = List<TenantView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<TenantView>>> {
    let page = paging.page(&api)?;
    let tenants = store::tenant::list(&mut *api.ctx.store.read(env).await?, env, &page).await?;
    Ok(Json(page_of(
        tenants,
        &page,
        |tenant| tenant.id.clone(),
        TenantView::from,
    )))
}

/// Forget a tenant, its memberships and its webhook application.
#[utoipa::path(delete, path = "/tenants/{tenant}", tag = "tenants",
    params(("tenant" = String, Path, description = "Your id of the tenant")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    manage: Manage,
    Segments(tenant): Segments<String>,
) -> Answer<StatusCode> {
    gone(api.ctx.delete_tenant(&manage.caller, &tenant).await)
}

/// Read the webhook application of a tenant. It is made when first asked for.
#[utoipa::path(get, path = "/tenants/{tenant}/application", tag = "tenants",
    params(("tenant" = String, Path, description = "Your id of the tenant")),
    responses((status = 200, body = AppView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn application(
    State(api): State<Api>,
    manage: Manage,
    Segments(Name(tenant)): Segments<Name>,
) -> Answer<Json<AppView>> {
    Ok(Json(
        api.ctx
            .application_of_tenant(&manage.caller, &tenant)
            .await?
            .into(),
    ))
}

/// A user's part in a tenant.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleView {
    /// Belongs to it.
    Member,
    /// Administers it.
    Admin,
    /// Owns it.
    Owner,
}

impl From<RoleView> for Role {
    fn from(role: RoleView) -> Self {
        match role {
            RoleView::Member => Self::Member,
            RoleView::Admin => Self::Admin,
            RoleView::Owner => Self::Owner,
        }
    }
}

/// A membership.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberBody {
    /// The user's part.
    pub role: RoleView,
}

/// A member of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// The user.
    pub user_id: String,
    /// Their part.
    #[schema(value_type = RoleView)]
    pub role: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user_id,
            role: member.role,
            created_at: rfc3339(member.created_at),
        }
    }
}

/// Make a user a member of a tenant, or change their role.
#[utoipa::path(put, path = "/tenants/{tenant}/members/{user}", tag = "tenants",
    params(("tenant" = String, Path, description = "Your id of the tenant"), ("user" = String, Path, description = "Your id of the user")),
    request_body = MemberBody,
    responses((status = 200, body = MemberView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put_member(
    State(api): State<Api>,
    manage: Manage,
    Segments(path): Segments<(Name, String)>,
    input: Input<MemberBody>,
) -> Answer<Json<MemberView>> {
    let (Name(tenant), user) = path;
    let role = input.value.role.into();
    Ok(Json(
        api.ctx
            .put_member(&manage.caller, &tenant, &user, role)
            .await?
            .into(),
    ))
}

/// End a membership.
#[utoipa::path(delete, path = "/tenants/{tenant}/members/{user}", tag = "tenants",
    params(("tenant" = String, Path, description = "Your id of the tenant"), ("user" = String, Path, description = "Your id of the user")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete_member(
    State(api): State<Api>,
    manage: Manage,
    Segments(path): Segments<(String, String)>,
) -> Answer<StatusCode> {
    let (tenant, user) = path;
    gone(api.ctx.delete_member(&manage.caller, &tenant, &user).await)
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MemberQuery {
    /// Only those with this role.
    #[param(inline)]
    pub role: Option<RoleView>,
    /// Rows of the page.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// List the members of a tenant, by user id.
#[utoipa::path(get, path = "/tenants/{tenant}/members", tag = "tenants",
    params(("tenant" = String, Path, description = "Your id of the tenant"), MemberQuery),
    responses((status = 200, body = List<MemberView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn members(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(tenant)): Segments<Name>,
    Params(query): Params<MemberQuery>,
) -> Answer<Json<List<MemberView>>> {
    let page = Paging {
        limit: query.limit,
        cursor: query.cursor,
    }
    .page(&api)?;
    let roles: Vec<_> = query
        .role
        .map(|role| Role::from(role).as_str())
        .into_iter()
        .collect();
    let mut reader = api.ctx.store.read(env).await?;
    if store::tenant::get(&mut reader, env, &tenant).await?.is_none() {
        return Err(Problem::not_found("tenant"));
    }
    let members = store::tenant::members(&mut reader, env, &tenant, &roles, &page).await?;
    Ok(Json(page_of(
        members,
        &page,
        |member| member.user_id.clone(),
        MemberView::from,
    )))
}
