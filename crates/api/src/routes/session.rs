//! Signing in to the console, and out.

use app::account::{Open, Seated};
use app::auth::Caller;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use domain::time::rfc3339;
use http::request::Parts;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::portal::FreshPortalView;
use super::webhooks::{ACCEPTED, AcceptedView};
use crate::browser::{self, Browser, own_page, vouched};
use crate::extract::{Whole, json};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// Somebody who signs in to the console.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// Their id, `acc_…`.
    pub id: String,
    /// Their mail address; null for the operator of the machine.
    pub email: Option<String>,
    /// What they are called.
    pub name: Option<String>,
}

impl From<store::account::Account> for AccountView {
    fn from(account: store::account::Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email,
            name: account.name,
        }
    }
}

/// A part of the console that is open to an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenView {
    /// The environment, `env_…`: what `Campanile-Environment` says.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What the account may do there.
    #[schema(value_type = words::ConsoleRole)]
    pub role: &'static str,
    /// The tenant, for an admin of one: what `Campanile-Tenant` says.
    pub tenant: Option<String>,
}

impl From<Open> for OpenView {
    fn from(open: Open) -> Self {
        Self {
            id: open.id.to_string(),
            name: open.name,
            role: open.access.role.as_str(),
            tenant: open.access.tenant,
        }
    }
}

/// A browser that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Who sits there.
    pub account: AccountView,
    /// Whether they operate every environment.
    pub operator: bool,
    /// What calls that change something say as `Campanile-CSRF`.
    pub csrf: String,
    /// What is open to them: whole environments first.
    pub environments: Vec<OpenView>,
    /// When they must sign in anew.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

impl From<Seated> for SessionView {
    fn from(seated: Seated) -> Self {
        Self {
            operator: seated.account.is_operator,
            csrf: seated.csrf,
            environments: seated.open.into_iter().map(OpenView::from).collect(),
            expires_at: rfc3339(seated.expires_at),
            account: seated.account.into(),
        }
    }
}

/// A browser that is signed in, with who sits there.
pub(crate) struct SignedIn {
    browser: Browser,
    seated: Seated,
}

impl FromRequestParts<Api> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        own_page(parts)?;
        let missing = || app::Error::Unauthenticated {
            code: "session_missing",
            detail: "nobody is signed in".into(),
        };
        let browser = Browser::of(parts).ok_or_else(missing)?;
        let seated = browser.seated(api).await?;
        if !parts.method.is_safe() {
            vouched(&parts.headers, &seated)?;
        }
        Ok(Self { browser, seated })
    }
}

/// Read who is signed in at this browser, and what is open to them.
#[utoipa::path(get, path = "/session", tag = "session",
    responses((status = 200, body = SessionView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(signed_in: SignedIn) -> Json<SessionView> {
    Json(signed_in.seated.into())
}

/// Sign this browser out.
#[utoipa::path(delete, path = "/session", tag = "session",
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(State(api): State<Api>, signed_in: SignedIn) -> Answer<Response> {
    api.ctx.sign_out(signed_in.browser.cookie()).await?;
    let cookie = [(header::SET_COOKIE, browser::forget(&api))];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}

/// Open the portal of the tenant that whoever is signed in here is an admin of; of several, the one that `Campanile-Tenant` names.
#[utoipa::path(post, path = "/session/portal", tag = "session",
    responses((status = 201, body = FreshPortalView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn portal(
    State(api): State<Api>,
    signed_in: SignedIn,
) -> Answer<(StatusCode, Json<FreshPortalView>)> {
    let open = signed_in.browser.enter(&signed_in.seated)?;
    let Caller::Portal { env, by, door, .. } = signed_in.seated.caller(open) else {
        let detail =
            "only an admin of a tenant has its portal like this; others open one by the tenant's name";
        return Err(app::Error::Forbidden(detail.into()).into());
    };
    let fresh = api.ctx.open_portal(by, env, door, false, None, None).await?;
    Ok((StatusCode::CREATED, Json(FreshPortalView::of(&api, fresh))))
}

/// A code that signs in once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeBody {
    /// What stands behind the `#` of the link.
    pub code: String,
}

/// An address that may be somebody's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailBody {
    /// The mail address.
    pub email: String,
}

/// Mail a link that signs in whoever has this address. The answer is the same where nobody has it.
#[utoipa::path(post, path = "/session/mail", tag = "session", request_body = MailBody,
    responses((status = 202, body = AcceptedView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn mail(
    State(api): State<Api>,
    Anonymous(body): Anonymous<MailBody>,
) -> Answer<(StatusCode, Json<AcceptedView>)> {
    let mut faults = domain::text::Faults::default();
    faults.address("/email", &body.email);
    faults.finish().map_err(app::Error::Invalid)?;
    api.ctx.mail_link(&body.email).await?;
    Ok((StatusCode::ACCEPTED, Json(ACCEPTED)))
}

/// The body of a page of this server's where nobody is signed in yet.
pub(crate) struct Anonymous<T>(T);

impl<T: DeserializeOwned> FromRequest<Api> for Anonymous<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Answer<Self> {
        let (parts, body) = request.into_parts();
        own_page(&parts)?;
        let request = Request::from_parts(parts, body);
        let Whole(body) = Whole::from_request(request, api).await?;
        json(&body).map(Self)
    }
}

/// Sign this browser in by the code of a link or an invitation. It counts once.
#[utoipa::path(post, path = "/session/code", tag = "session", request_body = CodeBody,
    responses((status = 200, body = SessionView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn sign_in(
    State(api): State<Api>,
    Anonymous(CodeBody { code }): Anonymous<CodeBody>,
) -> Answer<Response> {
    let signed_in = api.ctx.sign_in(&code).await?;
    let seated = api.ctx.seated(&signed_in.cookie).await?;
    let cookie = [(header::SET_COOKIE, browser::remember(&api, &signed_in))];
    Ok((cookie, Json(SessionView::from(seated))).into_response())
}
