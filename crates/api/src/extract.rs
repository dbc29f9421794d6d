//! Extractors: each checks the credentials and hands over the thing itself, so that 401, 403 and 404 are decided here and nowhere else.

use std::sync::Arc;

use app::auth::{Caller, sha256};
use app::channel_config::{CONFIG, TenantAdmin};
use app::notification::{NOTIFICATION, Viewer};
use app::snapshot::AppSnapshot;
use app::{Error, Once};
use axum::body::{Body, Bytes};
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use domain::access::Door;
use domain::environment::Env;
use domain::id::AppId;
use domain::text::{Fault, ME, is_name};
use domain::token::Claims;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::uri::PathAndQuery;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::browser::{Browser, own_page};
use crate::problem::{Answer, Problem};
use crate::state::Api;

/// Beside a user token: names the environment.
pub(crate) const PUBLIC_KEY: &str = "campanile-key";

/// A caller who proved who they are.
#[derive(Debug, Clone)]
pub(crate) struct Authed(pub Caller);

impl FromRequestParts<Api> for Authed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let caller = Self(caller(parts, api).await?);
        if !parts.method.is_safe() {
            changing(&caller.0)?;
        }
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// Refuses those who only look. Asked of every call that is not safe, and where what is read lets its reader change something.
pub(crate) fn changing(caller: &Caller) -> Answer<()> {
    if caller.may_change() {
        return Ok(());
    }
    let detail = "these credentials only look; they change nothing";
    Err(Problem::new(StatusCode::FORBIDDEN, "read_only", detail))
}

/// Who calls: by a bearer credential, or by the cookie of a browser that signed in.
async fn caller(parts: &Parts, api: &Api) -> Answer<Caller> {
    let Some(credential) = bearer(parts)? else {
        let browser = Browser::of(parts).ok_or_else(missing)?;
        return browser.caller(parts, api).await;
    };
    let public = parts
        .headers
        .get(PUBLIC_KEY)
        .and_then(|value| value.to_str().ok());
    Ok(api.ctx.authenticate(credential, public).await?)
}

fn missing() -> Problem {
    let detail = "send `Authorization: Bearer` with a key or a user token".into();
    Error::Unauthenticated {
        code: "credentials_missing",
        detail,
    }
    .into()
}

/// The bearer credential, if there is one. Two `Authorization` headers are refused: which one counts would be a guess.
fn bearer(parts: &Parts) -> Answer<Option<&str>> {
    let malformed = || {
        let detail = "the Authorization header must be `Bearer` and a key or token".into();
        Problem::from(Error::Unauthenticated {
            code: "credentials_malformed",
            detail,
        })
    };
    let mut values = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(malformed());
    }
    let text = value.to_str().map_err(|_| malformed())?;
    let (scheme, credential) = text.split_once(' ').ok_or_else(malformed)?;
    let credential = credential.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || credential.is_empty() {
        return Err(malformed());
    }
    Ok(Some(credential))
}

/// What a caller shows, kept by those who show it more than once.
#[derive(Debug)]
pub(crate) enum Credential {
    /// A key or a token.
    Bearer {
        /// What it says.
        text: Box<str>,
        /// A public key beside it.
        public: Option<Box<str>>,
    },
    /// A cookie.
    Browser(Box<Browser>),
}

impl Credential {
    /// Where the live line takes it: from the query if it is there, for those who cannot send a header, else from the headers.
    pub(crate) fn of(parts: &Parts) -> Answer<Self> {
        let query = parts.uri.query().unwrap_or("");
        let header = |name| parts.headers.get(name)?.to_str().ok().map(ToOwned::to_owned);
        let text = match query_value(query, "token") {
            Some(token) => token,
            None => match bearer(parts)? {
                Some(text) => text.to_owned(),
                None => return Self::of_browser(parts),
            },
        };
        let public = query_value(query, "key").or_else(|| header(PUBLIC_KEY));
        Ok(Self::Bearer {
            text: text.into(),
            public: public.map(Into::into),
        })
    }

    fn of_browser(parts: &Parts) -> Answer<Self> {
        let browser = Browser::of(parts).ok_or_else(missing)?;
        own_page(parts)?;
        Ok(Self::Browser(Box::new(browser)))
    }

    /// A fresh key or token, shown in place of the one before; the public key stays.
    pub(crate) fn renewed(&self, text: Box<str>) -> Self {
        let public = match self {
            Self::Bearer { public, .. } => public.clone(),
            Self::Browser(_) => None,
        };
        Self::Bearer { text, public }
    }

    /// Whose it is.
    /// Boxed: it is asked seldom, and thousands of listeners make room for it.
    pub(crate) async fn check(&self, api: &Api) -> Result<Caller, Error> {
        match self {
            Self::Bearer { text, public } => Box::pin(api.ctx.authenticate(text, public.as_deref())).await,
            Self::Browser(browser) => browser.listener(api).await,
        }
    }
}

/// A caller who may manage the environment: its secret key, or somebody of its team.
#[derive(Debug, Clone)]
pub(crate) struct Manage {
    /// Environment.
    pub env: Env,
    /// Who.
    pub caller: Caller,
}

impl FromRequestParts<Api> for Manage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let Authed(caller) = Authed::from_request_parts(parts, api).await?;
        match caller {
            Caller::Environment { env, .. } => Ok(Self { env, caller }),
            _ => Err(Error::Forbidden("this needs an environment key (sk_)".into()).into()),
        }
    }
}

/// A caller who may say who else may do what: the environment's secret key, or an operator.
#[derive(Debug, Clone)]
pub(crate) struct Govern(pub Manage);

impl FromRequestParts<Api> for Govern {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let manage = Manage::from_request_parts(parts, api).await?;
        match manage.caller {
            Caller::Environment { role, .. } if role.may_govern() => Ok(Self(manage)),
            _ => Err(Error::Forbidden("this needs an operator of the environment".into()).into()),
        }
    }
}

/// The application a path names, for a caller who may act as it: its own key, or the environment's.
#[derive(Debug, Clone)]
pub(crate) struct OwnApp {
    /// Who.
    pub caller: Caller,
    /// The application.
    pub app: Arc<AppSnapshot>,
}

impl OwnApp {
    /// Environment.
    pub(crate) fn env(&self) -> Env {
        self.app.app.env
    }

    /// The application's id.
    pub(crate) fn id(&self) -> AppId {
        self.app.app.id
    }
}

impl FromRequestParts<Api> for OwnApp {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let Authed(caller) = Authed::from_request_parts(parts, api).await?;
        match caller {
            Caller::User { .. } => Err(Error::Forbidden("this needs a key, not a user token".into()).into()),
            Caller::Portal { .. } => Err(Error::Forbidden("the portal does not open this".into()).into()),
            Caller::Environment { .. } | Caller::Application { .. } => {
                let Receiver(own) = Receiver::from_request_parts(parts, api).await?;
                Ok(own)
            }
        }
    }
}

async fn app_segment(parts: &mut Parts, api: &Api) -> Answer<String> {
    let name = segment(parts, api, "app").await?;
    name.ok_or_else(|| Problem::not_found("route"))
}

/// The application a path names, for a caller who may set up its webhooks: who may act as it, an owner or admin of the tenant whose application
/// it is, or who was given its portal.
#[derive(Debug, Clone)]
pub(crate) struct Receiver(pub OwnApp);

impl Receiver {
    /// The application whose webhooks are the caller's to set up, whatever the path names.
    pub(crate) async fn own(api: &Api, caller: &Caller) -> Answer<Self> {
        let env = caller.env();
        let tenant = match caller {
            Caller::Environment { .. } => return Err(Problem::not_found("application")),
            Caller::Application { app, .. }
            | Caller::Portal {
                door: Door::App(app), ..
            } => {
                let own = api.ctx.app(env, *app).await?;
                return Self::of(caller, own);
            }
            Caller::Portal {
                door: Door::Tenant(tenant),
                ..
            } => tenant.clone(),
            Caller::User { claims, .. } => administered(api, env, claims, None).await?,
        };
        let made = api
            .ctx
            .application_for_tenant(caller.actor(), env, &tenant)
            .await?;
        Self::of(caller, api.ctx.app(env, made.id).await?)
    }

    fn of(caller: &Caller, own: Option<Arc<AppSnapshot>>) -> Answer<Self> {
        let app = own.ok_or_else(|| Problem::not_found("application"))?;
        let caller = caller.clone();
        Ok(Self(OwnApp { caller, app }))
    }
}

impl FromRequestParts<Api> for Receiver {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let Authed(caller) = Authed::from_request_parts(parts, api).await?;
        let name = app_segment(parts, api).await?;
        if matches!(caller, Caller::Environment { .. }) {
            let app = api.ctx.named_app(caller.env(), &name).await?;
            return Ok(Self(OwnApp { caller, app }));
        }
        let Self(own) = Self::own(api, &caller).await?;
        let app = &own.app.app;
        let is_own = name == ME || app.id.to_string() == name || app.uid.as_deref() == Some(&name);
        // Another application is not there for this caller.
        is_own
            .then_some(Self(own))
            .ok_or_else(|| Problem::not_found("application"))
    }
}

/// One named segment of the path, where the path has it. What cannot be read is not found, rather than absent.
async fn segment(parts: &mut Parts, api: &Api, name: &str) -> Answer<Option<String>> {
    let Segments(segments) = Segments::<Vec<(String, String)>>::from_request_parts(parts, api).await?;
    let found = segments.into_iter().find(|(key, _)| key == name);
    Ok(found.map(|(_, value)| value))
}

/// A user's feed, for a caller who may see it: the user's own token, or a key that names the user.
#[derive(Debug, Clone)]
pub(crate) struct Feed(pub Viewer);

impl std::ops::Deref for Feed {
    type Target = Viewer;
    fn deref(&self) -> &Viewer {
        &self.0
    }
}

impl FromRequestParts<Api> for Feed {
    type Rejection = Problem;

    /// The user is the path's `{user}` if it has one (`me` is the token's), else `?user=`, else the token's.
    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let Authed(caller) = Authed::from_request_parts(parts, api).await?;
        if let Some(named) = segment(parts, api, "user").await? {
            let hint = Error::invalid(
                "",
                "user_required",
                "a key must name the user in the path, not `me`",
            );
            return feed_of(&caller, Some(named), hint).map(Self);
        }
        let named = query_value(parts.uri.query().unwrap_or(""), "user");
        feed_of(&caller, named, unnamed()).map(Self)
    }
}

/// Says that a query must name the user.
pub(crate) fn unnamed() -> Error {
    Error::invalid("?user", "user_required", "a key must name the user: add ?user=")
}

/// The feed a caller may see under this name; a key that names nobody is given the hint.
pub(crate) fn feed_of(caller: &Caller, named: Option<String>, hint: Error) -> Answer<Viewer> {
    let actor = caller.actor();
    let env = caller.env();
    let within = match caller {
        Caller::User { claims, .. } => {
            return match named {
                Some(name) if name != ME && name != claims.sub => Err(Problem::not_found("user")),
                _ => Ok(Viewer {
                    env,
                    user: claims.sub.clone(),
                    actor,
                    within: None,
                }),
            };
        }
        Caller::Application { app, .. } => Some(*app),
        Caller::Environment { .. } => None,
        Caller::Portal { .. } => {
            return Err(Error::Forbidden("the portal does not open anybody's feed".into()).into());
        }
    };
    match named {
        Some(user) if user != ME && is_name(&user) => Ok(Viewer {
            env,
            user,
            actor,
            within,
        }),
        _ => Err(hint.into()),
    }
}

/// A tenant, for a caller who may manage its channels: an owner or admin of the tenant that their token names, or a key that names it.
#[derive(Debug, Clone)]
pub(crate) struct AdminOfTenant(pub TenantAdmin);

impl FromRequestParts<Api> for AdminOfTenant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let Authed(caller) = Authed::from_request_parts(parts, api).await?;
        let named = query_value(parts.uri.query().unwrap_or(""), "tenant");
        let (env, actor) = (caller.env(), caller.actor());
        let tenant = match &caller {
            Caller::User { claims, .. } => administered(api, env, claims, named).await?,
            Caller::Portal {
                door: Door::Tenant(own),
                ..
            } => {
                // Another tenant is not there for this caller.
                if named.is_some_and(|named| named != *own) {
                    return Err(Problem::not_found("tenant"));
                }
                own.clone()
            }
            Caller::Portal {
                door: Door::App(_), ..
            } => {
                return Err(
                    Error::Forbidden("this portal is an application's, not a tenant's".into()).into(),
                );
            }
            Caller::Environment { .. } => {
                let named = named.filter(|name| is_name(name));
                let unnamed = || {
                    Error::invalid(
                        "?tenant",
                        "tenant_required",
                        "a key must name the tenant: add ?tenant=",
                    )
                };
                let named = named.ok_or_else(unnamed)?;
                let found = store::tenant::get(&mut *api.ctx.store.read(env).await?, env, &named).await?;
                found.ok_or_else(|| Problem::not_found("tenant"))?;
                named
            }
            Caller::Application { .. } => {
                return Err(
                    Error::Forbidden("this needs a user token or an environment key (sk_)".into()).into(),
                );
            }
        };
        Ok(Self(TenantAdmin { env, tenant, actor }))
    }
}

/// The tenant that a token names, or the caller beside it, where the user is an owner or admin of it.
async fn administered(api: &Api, env: Env, claims: &Claims, named: Option<String>) -> Answer<String> {
    let forbidden = || Error::Forbidden("this needs an owner or admin of the tenant".into());
    if named.as_ref().is_some_and(|named| !is_name(named)) {
        return Err(Problem::not_found("tenant"));
    }
    let own = claims.tenant.clone().or(named.clone()).ok_or_else(forbidden)?;
    // Another tenant is not there for this caller.
    if named.is_some_and(|named| named != own) {
        return Err(Problem::not_found("tenant"));
    }
    let mut reader = api.ctx.store.read(env).await?;
    let member = store::tenant::member(&mut reader, env, &own, &claims.sub).await?;
    let role = member.ok_or_else(forbidden)?.role;
    if !matches!(role.as_str(), "owner" | "admin") {
        return Err(forbidden().into());
    }
    Ok(own)
}

/// The first value of a query parameter.
pub(crate) fn query_value(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

/// A path's parameters; what does not parse is not found.
#[derive(Debug)]
pub(crate) struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Api> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        match Path::<T>::from_request_parts(parts, api).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::not_found(unread(&rejection))),
        }
    }
}

/// What a path names by a segment that cannot be read.
fn unread(rejection: &PathRejection) -> &'static str {
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        return "route";
    };
    let (ErrorKind::DeserializeError { key, .. } | ErrorKind::InvalidUtf8InPathParam { key }) = failed.kind()
    else {
        return "object";
    };
    let named = NOUNS.into_iter().find(|(segment, _)| segment == key);
    named.map_or("object", |(_, noun)| noun)
}

/// What each segment of a path names.
const NOUNS: [(&str, &str); 21] = [
    ("account", "account"),
    ("address", "suppression"),
    ("app", "application"),
    ("channel", "channel"),
    ("config", CONFIG),
    ("delivery", "delivery"),
    ("event", "event"),
    ("invitation", "invitation"),
    ("key", "key"),
    ("name", "event type"),
    ("notification", NOTIFICATION),
    ("portal_token", "portal token"),
    ("run", "run"),
    ("tenant", "tenant"),
    ("token_key", "token key"),
    ("topic", "topic"),
    ("user", "user"),
    ("webhook", "webhook"),
    ("template", "template"),
    ("version", "workflow"),
    ("workflow", "workflow"),
];

/// A query; what does not parse is a bad request that names it. What is no parameter of the route was refused before.
#[derive(Debug)]
pub(crate) struct Params<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Api> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Answer<Self> {
        query(parts.uri.query().unwrap_or("")).map(Self)
    }
}

/// Reads a query.
pub(crate) fn query<T: DeserializeOwned>(text: &str) -> Answer<T> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let at = error.path().iter().next().map(|name| format!("?{name}"));
        let detail = format!("the query cannot be read: {}", error.inner());
        Problem::bad_request(&at.unwrap_or_default(), "query", detail)
    })
}

/// A JSON body, with the caller's wish that the call be done once.
#[derive(Debug)]
pub(crate) struct Input<T> {
    /// The body.
    pub value: T,
    /// The `Idempotency-Key`, if one was sent.
    pub once: Option<Once>,
}

impl<T: DeserializeOwned> Input<T> {
    /// Reads a body; `absent` is what no bytes stand for.
    pub(crate) async fn read(request: Request, api: &Api, absent: &'static [u8]) -> Answer<Self> {
        let (mut parts, body) = request.into_parts();
        let Authed(caller) = Authed::from_request_parts(&mut parts, api).await?;
        let mut bytes = whole(&parts, body, api).await?;
        if bytes.is_empty() {
            bytes = Bytes::from_static(absent);
        }
        let once = idempotency(&parts, &caller, &bytes)?;
        Ok(Self {
            value: json(&bytes)?,
            once,
        })
    }
}

impl<T: DeserializeOwned> FromRequest<Api> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Answer<Self> {
        Self::read(request, api, b"").await
    }
}

/// A body of any kind, within the limit.
#[derive(Debug)]
pub(crate) struct Whole(pub Bytes);

impl FromRequest<Api> for Whole {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Answer<Self> {
        let (parts, body) = request.into_parts();
        whole(&parts, body, api).await.map(Self)
    }
}

fn limit(parts: &Parts, api: &Api) -> usize {
    parts
        .extensions
        .get::<BodyLimit>()
        .map_or(api.settings.body_limit, |limit| limit.0)
}

/// Reads a body, which must be in before long. What is left of one that is too large or too late, the listener sees to.
async fn whole(parts: &Parts, body: Body, api: &Api) -> Answer<Bytes> {
    let caller = parts.extensions.get::<Authed>().map(|Authed(caller)| caller);
    let _seat = api.seats.take(caller, api.settings.waiting_bodies_per_user)?;
    let limit = limit(parts, api);
    let reading = Limited::new(body, limit).collect();
    match tokio::time::timeout(api.settings.body_timeout, reading).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let detail = format!("the body must have at most {limit} bytes");
            Err(Error::TooLarge(Fault::new("", "too_large", detail)).into())
        }
        Ok(Err(_)) => Err(Problem::bad_request("", "body", "the body broke off")),
        Err(_) => {
            let detail = "the body did not arrive in time";
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", detail))
        }
    }
}

/// A route's own limit on the body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(pub usize);

/// The `Idempotency-Key` of a call, scoped to its caller and route.
fn idempotency(parts: &Parts, caller: &Caller, body: &[u8]) -> Answer<Option<Once>> {
    let Some(value) = parts.headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|key| (1..=255).contains(&key.len()));
    let Some(key) = key else {
        return Err(Problem::bad_request(
            "",
            "idempotency_key",
            "Idempotency-Key must have 1 to 255 printable characters",
        ));
    };
    let who = match caller {
        Caller::Environment { .. } => "environment".to_owned(),
        Caller::Application { app, .. } => app.to_string(),
        Caller::User { claims, .. } => format!("user {}", claims.sub),
        Caller::Portal { by, .. } => format!("{by:?}"),
    };
    // The query may say whose feed it is.
    let place = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
    let scope = format!("{who} {} {place}", parts.method);
    Ok(Some(Once {
        scope,
        key: key.to_owned(),
        hash: sha256(body),
    }))
}

/// Reads JSON; says where it breaks.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    if bytes.is_empty() {
        return Err(Problem::bad_request("", "json", "a JSON body is required"));
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err(Problem::bad_request("", "json", "the body is not UTF-8"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = app::pointer(error.path());
        let inner = error.into_inner();
        let detail = inner.to_string();
        match inner.classify() {
            serde_json::error::Category::Data => Error::invalid(&pointer, "shape", detail).into(),
            _ => Problem::bad_request(&pointer, "json", detail),
        }
    })?;
    deserializer
        .end()
        .map_err(|error| Problem::bad_request("", "json", error.to_string()))?;
    Ok(value)
}
