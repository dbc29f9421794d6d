//! Who else may do what in an environment.

use app::team::FreshInvitation;
use axum::Json;
use axum::extract::State;
use domain::access::{Access, Role};
use domain::id::{AccountId, InvitationId, Prefixed};
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::account::{Mate, mate_key};
use store::invitation::Invitation;
use utoipa::ToSchema;

use crate::extract::{Govern, Input, Manage, Params, Segments};
use crate::fields::gone;
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, ProblemView};
use crate::state::Api;
use crate::words;

/// What an account may do.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleBody {
    /// Everything.
    Operator,
    /// Everything but the team and the environment's own keys.
    Developer,
    /// Looks, and changes nothing.
    Viewer,
    /// Sets up one tenant's channels and webhooks.
    TenantAdmin,
}

impl From<RoleBody> for Role {
    fn from(role: RoleBody) -> Self {
        match role {
            RoleBody::Operator => Self::Operator,
            RoleBody::Developer => Self::Developer,
            RoleBody::Viewer => Self::Viewer,
            RoleBody::TenantAdmin => Self::TenantAdmin,
        }
    }
}

/// Somebody of the team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MateView {
    /// Their account, `acc_…`.
    pub account_id: String,
    /// Their mail address.
    pub email: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// What they may do.
    #[schema(value_type = words::ConsoleRole)]
    pub role: &'static str,
    /// The tenant, for an admin of one.
    pub tenant: Option<String>,
    /// When they were last here, give or take some minutes.
    #[schema(format = DateTime)]
    pub last_seen_at: Option<String>,
}

impl From<Mate> for MateView {
    fn from(mate: Mate) -> Self {
        Self {
            account_id: mate.account.id.to_string(),
            email: mate.account.email,
            name: mate.account.name,
            role: mate.access.role.as_str(),
            tenant: mate.access.tenant,
            last_seen_at: mate.account.seen_at.map(rfc3339),
        }
    }
}

/// List the team of the environment. Who operates every environment is not in it.
#[utoipa::path(get, path = "/team", tag = "team", params(Paging),
    responses((status = 200, body = List<MateView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<MateView>>> {
    let page = paging.page(&api)?;
    let mut reader = api.ctx.store.read_all().await?;
    let mates = store::account::team(&mut reader, env, &page).await?;
    Ok(Json(page_of(mates, &page, mate_key, MateView::from)))
}

/// What changes of somebody of the team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MateBody {
    /// Another role in the whole environment.
    pub role: RoleBody,
}

/// Give somebody of the team another role.
#[utoipa::path(patch, path = "/team/{account}", tag = "team",
    params(("account" = String, Path, description = "Id of the account")), request_body = MateBody,
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn update(
    State(api): State<Api>,
    Govern(Manage { env, caller }): Govern,
    Segments(account): Segments<AccountId>,
    input: Input<MateBody>,
) -> Answer<StatusCode> {
    api.ctx
        .change_role(caller.actor(), env, account, input.value.role.into())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take somebody off the team. Obeyed with their next call.
#[utoipa::path(delete, path = "/team/{account}", tag = "team",
    params(("account" = String, Path, description = "Id of the account")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    Govern(Manage { env, caller }): Govern,
    Segments(account): Segments<AccountId>,
) -> Answer<StatusCode> {
    gone(api.ctx.dismiss(caller.actor(), env, account).await)
}

/// Who is invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationBody {
    /// Their mail address.
    pub email: String,
    /// What they will be allowed to do.
    pub role: RoleBody,
    /// The tenant, for an admin of one.
    pub tenant: Option<String>,
}

/// An invitation that nobody took yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    /// Its id, `inv_…`.
    pub id: String,
    /// Who is invited.
    pub email: String,
    /// What they will be allowed to do.
    #[schema(value_type = words::ConsoleRole)]
    pub role: &'static str,
    /// The tenant, for an admin of one.
    pub tenant: Option<String>,
    /// When they were invited.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Until when it stands.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email,
            role: invitation.access.role.as_str(),
            tenant: invitation.access.tenant,
            created_at: rfc3339(invitation.created_at),
            expires_at: rfc3339(invitation.expires_at),
        }
    }
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshInvitationView {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: InvitationView,
    /// The page where it is accepted, shown this once: whoever has the address may.
    pub link: String,
    /// Whether the link was mailed to them: it is where the environment's email channel sends, and `server.public_url` is set.
    pub mailed: bool,
}

/// Invite somebody. An invitation before to the same address, for the same part, counts no more.
#[utoipa::path(post, path = "/team/invitations", tag = "team", request_body = InvitationBody,
    responses((status = 201, body = FreshInvitationView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn invite(
    State(api): State<Api>,
    Govern(Manage { env, caller }): Govern,
    input: Input<InvitationBody>,
) -> Answer<(StatusCode, Json<FreshInvitationView>)> {
    let InvitationBody { email, role, tenant } = input.value;
    let access = Access {
        role: role.into(),
        tenant,
    };
    let FreshInvitation {
        invitation,
        code,
        mailed,
    } = api.ctx.invite(caller.actor(), env, &email, access).await?;
    let fresh = FreshInvitationView {
        invitation: invitation.into(),
        link: api.ctx.sign_in_link(&code),
        mailed,
    };
    Ok((StatusCode::CREATED, Json(fresh)))
}

/// List the invitations that stand, newest first.
#[utoipa::path(get, path = "/team/invitations", tag = "team", params(Paging),
    responses((status = 200, body = List<InvitationView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn invitations(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<InvitationView>>> {
    let page = paging.page(&api)?;
    let mut reader = api.ctx.store.read(env).await?;
    let rows = store::invitation::list(&mut reader, env, &page, api.ctx.now()).await?;
    Ok(Json(page_of(
        rows,
        &page,
        |row| row.id.bare().to_owned(),
        InvitationView::from,
    )))
}

/// Take an invitation back.
#[utoipa::path(delete, path = "/team/invitations/{invitation}", tag = "team",
    params(("invitation" = String, Path, description = "Id of the invitation")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn uninvite(
    State(api): State<Api>,
    Govern(Manage { env, caller }): Govern,
    Segments(id): Segments<InvitationId>,
) -> Answer<StatusCode> {
    gone(api.ctx.uninvite(caller.actor(), env, id).await)
}
