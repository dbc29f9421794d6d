//! Users: who they are, tokens that speak for them, what they installed.

use axum::Json;
use axum::extract::State;
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::user::User;
use utoipa::ToSchema;

use super::apps::InstallationView;
use crate::extract::{Feed, Input, Manage, Params, Segments};
use crate::fields::{Name, Optional, gone, kept, metadata};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// A user, whole: what is absent is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserBody {
    /// Display name.
    pub name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Language tag, such as `de-CH`.
    pub locale: Option<String>,
    /// IANA time zone, such as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// An inactive user gets nothing.
    #[serde(default = "yes")]
    pub active: bool,
    /// Any JSON object of at most 16 KiB.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
}

fn yes() -> bool {
    true
}

impl UserBody {
    fn of(self, id: String) -> Answer<User> {
        Ok(User {
            id,
            name: self.name,
            email: self.email,
            phone: self.phone,
            locale: self.locale,
            time_zone: self.time_zone,
            active: i64::from(self.active),
            metadata: metadata(self.metadata)?,
            created_at: 0,
            updated_at: 0,
        })
    }
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    /// Your id of them.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// An inactive user gets nothing.
    pub active: bool,
    /// Your metadata, as the bytes received.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
    /// When they were first described.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When they were last described.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            phone: user.phone,
            locale: user.locale,
            time_zone: user.time_zone,
            active: user.active != 0,
            metadata: kept(user.metadata),
            created_at: rfc3339(user.created_at),
            updated_at: rfc3339(user.updated_at),
        }
    }
}

/// Describe a user, new or not. Replaces what was known.
#[utoipa::path(put, path = "/users/{user}", tag = "users",
    params(("user" = String, Path, description = "Your id of the user")), request_body = UserBody,
    responses((status = 200, body = UserView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put(
    State(api): State<Api>,
    manage: Manage,
    Segments(user): Segments<String>,
    input: Input<UserBody>,
) -> Answer<Json<UserView>> {
    let user = input.value.of(user)?;
    Ok(Json(api.ctx.put_user(&manage.caller, user).await?.into()))
}

/// Read one user.
#[utoipa::path(get, path = "/users/{user}", tag = "users",
    params(("user" = String, Path, description = "Your id of the user")),
    responses((status = 200, body = UserView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(user)): Segments<Name>,
) -> Answer<Json<UserView>> {
    let found = store::user::get(&mut *api.ctx.store.read(env).await?, env, &user).await?;
    found
        .map(|user| Json(user.into()))
        .ok_or_else(|| Problem::not_found("user"))
}

/// List users, by id.
#[utoipa::path(get, path = "/users", tag = "users", params(Paging),
    responses((status = 200, body = List<UserView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<UserView>>> {
    let page = paging.page(&api)?;
    let users = store::user::list(&mut *api.ctx.store.read(env).await?, env, &page).await?;
    Ok(Json(page_of(
        users,
        &page,
        |user| user.id.clone(),
        UserView::from,
    )))
}

/// Forget a user: the person, memberships, subscriptions, installations and the whole feed.
#[utoipa::path(delete, path = "/users/{user}", tag = "users",
    params(("user" = String, Path, description = "Your id of the user")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    manage: Manage,
    Segments(user): Segments<String>,
) -> Answer<StatusCode> {
    gone(api.ctx.delete_user(&manage.caller, &user).await)
}

/// A user token to mint.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenBody {
    /// The tenant on whose behalf the user acts. It names the tenant to the bell and to those who read the token; it restricts nothing.
    pub tenant: Option<String>,
    /// Seconds until it ends.
    #[schema(minimum = 1)]
    pub expires_in: Option<i64>,
}

/// A token that speaks for a user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// A JWT, signed with the environment's secret.
    pub token: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// Mint a token that speaks for a user. Hand it only to the user it is for.
#[utoipa::path(post, path = "/users/{user}/token", tag = "users",
    params(("user" = String, Path, description = "Your id of the user")), request_body = Option<TokenBody>,
    responses((status = 200, body = TokenView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn token(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(user): Segments<String>,
    Optional(input): Optional<TokenBody>,
) -> Answer<Json<TokenView>> {
    let TokenBody { tenant, expires_in } = input.value;
    let (token, end) = api
        .ctx
        .mint_token(env, &user, tenant.as_deref(), expires_in)
        .await?;
    Ok(Json(TokenView {
        token,
        expires_at: rfc3339(end),
    }))
}

/// List what a user installed.
///
/// The user's own token may ask with `me`; an application's key is told only of its own application.
#[utoipa::path(get, path = "/users/{user}/installations", tag = "users",
    params(("user" = String, Path, description = "Your id of the user, or `me`"), Paging),
    responses((status = 200, body = List<InstallationView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn installations(
    State(api): State<Api>,
    feed: Feed,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<InstallationView>>> {
    let page = paging.page(&api)?;
    let mut reader = api.ctx.store.read(feed.env).await?;
    let rows = store::app::installed(&mut reader, feed.env, &feed.user, feed.within, &page).await?;
    Ok(Json(page_of(
        rows,
        &page,
        |row| row.app.clone(),
        InstallationView::from,
    )))
}
