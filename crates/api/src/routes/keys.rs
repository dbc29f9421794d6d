//! API keys, the public keys that user tokens are signed with, and the secret that signs ours.

use app::keys::FreshKey;
use axum::Json;
use axum::extract::State;
use domain::id::{KeyId, Prefixed, TokenKeyId};
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::key::{Key, Kind, TokenKey};
use utoipa::ToSchema;

use crate::extract::{Govern, Input, Manage, Params, Segments};
use crate::fields::{Nothing, Optional, gone};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, ProblemView};
use crate::state::Api;
use crate::words;

/// A key of an application to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppKeyBody {
    /// For people.
    pub name: Option<String>,
    /// Seconds until it ends; without it, it does not.
    #[schema(minimum = 1)]
    pub expires_in: Option<i64>,
}

/// What a key of the environment may do.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyKind {
    /// Everything (`sk_`); stays on servers.
    Secret,
    /// Nothing alone (`pk_`): browsers send it beside a user token.
    Public,
}

impl From<KeyKind> for Kind {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Secret => Self::Secret,
            KeyKind::Public => Self::Public,
        }
    }
}

/// A key of the environment to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyBody {
    /// What it may do.
    pub kind: KeyKind,
    /// For people.
    pub name: Option<String>,
    /// Seconds until it ends; without it, it does not.
    #[schema(minimum = 1)]
    pub expires_in: Option<i64>,
}

/// A key as it is kept: what it opens, never what it says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyView {
    /// Its id, `key_…`.
    pub id: String,
    /// What it opens.
    #[schema(value_type = words::AnyKeyKind)]
    pub kind: &'static str,
    /// The application, for an application's key.
    pub app_id: Option<String>,
    /// Its beginning and end, to recognise it by.
    pub hint: String,
    /// For people.
    pub name: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// When it was revoked.
    #[schema(format = DateTime)]
    pub revoked_at: Option<String>,
}

impl From<Key> for KeyView {
    fn from(key: Key) -> Self {
        Self {
            id: key.id.to_string(),
            kind: key.kind.as_str(),
            app_id: key.app.map(|app| app.to_string()),
            hint: key.hint,
            name: key.name,
            created_at: rfc3339(key.created_at),
            expires_at: key.expires_at.map(rfc3339),
            revoked_at: key.revoked_at.map(rfc3339),
        }
    }
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshKeyView {
    /// What is kept of it.
    #[serde(flatten)]
    pub kept: KeyView,
    /// The key itself, shown this once.
    pub key: String,
}

impl From<FreshKey> for FreshKeyView {
    fn from(fresh: FreshKey) -> Self {
        Self {
            kept: fresh.key.into(),
            key: fresh.text,
        }
    }
}

/// Make a key of an application.
#[utoipa::path(post, path = "/apps/{app}/keys", tag = "keys",
    params(("app" = String, Path, description = "Id or uid of the application")), request_body = Option<AppKeyBody>,
    responses((status = 201, body = FreshKeyView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn create_for_app(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    Segments(app): Segments<String>,
    Optional(input): Optional<AppKeyBody>,
) -> Answer<(StatusCode, Json<FreshKeyView>)> {
    let AppKeyBody { name, expires_in } = input.value;
    let place = (env, Some(api.ctx.named_app(env, &app).await?.app.id));
    let once = input.once.as_ref();
    let fresh = api
        .ctx
        .create_key_once(caller.actor(), place, Kind::Application, name, expires_in, once)
        .await?;
    Ok((StatusCode::CREATED, Json(fresh.into())))
}

/// List the keys of an application, newest first.
#[utoipa::path(get, path = "/apps/{app}/keys", tag = "keys",
    params(("app" = String, Path, description = "Id or uid of the application"), Paging),
    responses((status = 200, body = List<KeyView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list_of_app(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(app): Segments<String>,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<KeyView>>> {
    let page = paging.page(&api)?;
    let app = api.ctx.named_app(env, &app).await?.app.id;
    let keys = store::key::list(&mut *api.ctx.store.read(env).await?, env, Some(app), &page).await?;
    Ok(Json(page_of(
        keys,
        &page,
        |key| key.id.bare().to_owned(),
        KeyView::from,
    )))
}

/// Revoke a key of an application.
#[utoipa::path(delete, path = "/apps/{app}/keys/{key}", tag = "keys",
    params(("app" = String, Path, description = "Id or uid of the application"), ("key" = String, Path, description = "Id of the key")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn revoke_of_app(
    State(api): State<Api>,
    Manage { env, caller }: Manage,
    Segments(path): Segments<(String, KeyId)>,
) -> Answer<StatusCode> {
    let (app, key) = path;
    match api.ctx.named_app(env, &app).await {
        Ok(found) => gone(
            api.ctx
                .revoke_key(caller.actor(), (env, Some(found.app.id)), key)
                .await,
        ),
        Err(error) => gone(Err(error)),
    }
}

/// Make a key of the environment.
#[utoipa::path(post, path = "/keys", tag = "keys", request_body = KeyBody,
    responses((status = 201, body = FreshKeyView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn create(
    State(api): State<Api>,
    Govern(Manage { env, caller }): Govern,
    input: Input<KeyBody>,
) -> Answer<(StatusCode, Json<FreshKeyView>)> {
    let KeyBody {
        kind,
        name,
        expires_in,
    } = input.value;
    let once = input.once.as_ref();
    let fresh = api
        .ctx
        .create_key_once(caller.actor(), (env, None), kind.into(), name, expires_in, once)
        .await?;
    Ok((StatusCode::CREATED, Json(fresh.into())))
}

/// List the keys of the environment, newest first.
#[utoipa::path(get, path = "/keys", tag = "keys", params(Paging),
    responses((status = 200, body = List<KeyView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<KeyView>>> {
    let page = paging.page(&api)?;
    let keys = store::key::list(&mut *api.ctx.store.read(env).await?, env, None, &page).await?;
    Ok(Json(page_of(
        keys,
        &page,
        |key| key.id.bare().to_owned(),
        KeyView::from,
    )))
}

/// Revoke a key of the environment.
#[utoipa::path(delete, path = "/keys/{key}", tag = "keys",
    params(("key" = String, Path, description = "Id of the key")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn revoke(
    State(api): State<Api>,
    Govern(Manage { env, caller }): Govern,
    Segments(key): Segments<KeyId>,
) -> Answer<StatusCode> {
    gone(api.ctx.revoke_key(caller.actor(), (env, None), key).await)
}

/// A public key of your product to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenKeyBody {
    /// How tokens are signed with it.
    #[schema(value_type = words::TokenAlgorithm)]
    pub algorithm: String,
    /// PEM.
    pub public_key: String,
    /// For people.
    pub name: Option<String>,
}

/// A registered public key that user tokens are signed with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenKeyView {
    /// Its id, which tokens name as `kid`.
    pub id: String,
    /// How tokens are signed with it.
    #[schema(value_type = words::TokenAlgorithm)]
    pub algorithm: String,
    /// PEM.
    pub public_key: String,
    /// For people.
    pub name: Option<String>,
    /// When it was registered.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<TokenKey> for TokenKeyView {
    fn from(key: TokenKey) -> Self {
        Self {
            id: key.id.to_string(),
            algorithm: key.algorithm,
            public_key: key.public_key,
            name: key.name,
            created_at: rfc3339(key.created_at),
        }
    }
}

/// Register a public key that user tokens are signed with.
#[utoipa::path(post, path = "/token-keys", tag = "keys", request_body = TokenKeyBody,
    responses((status = 201, body = TokenKeyView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn create_token_key(
    State(api): State<Api>,
    Govern(manage): Govern,
    input: Input<TokenKeyBody>,
) -> Answer<(StatusCode, Json<TokenKeyView>)> {
    let TokenKeyBody {
        algorithm,
        public_key,
        name,
    } = input.value;
    let once = input.once.as_ref();
    let key = api
        .ctx
        .create_token_key(&manage.caller, &algorithm, public_key, name, once)
        .await?;
    Ok((StatusCode::CREATED, Json(key.into())))
}

/// List the registered public keys, newest first.
#[utoipa::path(get, path = "/token-keys", tag = "keys", params(Paging),
    responses((status = 200, body = List<TokenKeyView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list_token_keys(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<TokenKeyView>>> {
    let page = paging.page(&api)?;
    let keys = store::key::list_token_keys(&mut *api.ctx.store.read(env).await?, env, &page).await?;
    Ok(Json(page_of(
        keys,
        &page,
        |key| key.id.bare().to_owned(),
        TokenKeyView::from,
    )))
}

/// Forget a public key: tokens signed with it count no more.
#[utoipa::path(delete, path = "/token-keys/{token_key}", tag = "keys",
    params(("token_key" = String, Path, description = "Id of the registered key")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete_token_key(
    State(api): State<Api>,
    Govern(manage): Govern,
    Segments(key): Segments<TokenKeyId>,
) -> Answer<StatusCode> {
    gone(api.ctx.delete_token_key(&manage.caller, key).await)
}

/// A secret that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretView {
    /// The secret, shown this once.
    pub secret: String,
}

/// Put a new secret for HS256 user tokens in force.
///
/// Tokens signed with the one before count until the next rotation.
#[utoipa::path(post, path = "/token-secret/rotate", tag = "keys",
    request_body = Option<Nothing>, responses((status = 200, body = SecretView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn rotate_token_secret(
    State(api): State<Api>,
    Govern(manage): Govern,
    Optional(input): Optional<Nothing>,
) -> Answer<Json<SecretView>> {
    let once = input.once.as_ref();
    Ok(Json(SecretView {
        secret: api.ctx.rotate_token_secret(&manage.caller, once).await?,
    }))
}
