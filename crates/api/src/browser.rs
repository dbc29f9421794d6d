//! Browsers that signed in: a cookie instead of a bearer credential, and what keeps pages elsewhere from using it.

use app::account::{Open, Seated, SignedIn};
use app::auth::Caller;
use http::header::{COOKIE, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use subtle::ConstantTimeEq;

use crate::problem::{Answer, Problem};
use crate::state::Api;

/// The cookie of a browser that signed in.
const SESSION: &str = "campanile_session";
/// Says beside the cookie what a page elsewhere cannot know.
pub(crate) const CSRF: HeaderName = HeaderName::from_static("campanile-csrf");
/// The environment a call is about, where the account may enter several.
pub(crate) const ENVIRONMENT: HeaderName = HeaderName::from_static("campanile-environment");
/// The tenant a call is about, where the account is an admin of several.
pub(crate) const TENANT: HeaderName = HeaderName::from_static("campanile-tenant");

/// What a browser that signed in sends with every call.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    cookie: Box<str>,
    environment: Option<Box<str>>,
    tenant: Option<Box<str>>,
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<Box<str>> {
    headers.get(name)?.to_str().ok().map(Into::into)
}

impl Browser {
    /// The browser that sends this, where it signed in once.
    pub(crate) fn of(parts: &Parts) -> Option<Self> {
        let headers = &parts.headers;
        let lines = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok());
        let mut pairs = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.split_once('='));
        let (_, cookie) = pairs.find(|(name, _)| name.trim() == SESSION)?;
        Some(Self {
            cookie: cookie.trim().into(),
            environment: text(headers, &ENVIRONMENT),
            tenant: text(headers, &TENANT),
        })
    }

    /// What its cookie says.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Who sits there.
    pub(crate) async fn seated(&self, api: &Api) -> Result<Seated, app::Error> {
        Box::pin(api.ctx.seated(&self.cookie)).await
    }

    /// As whom it calls, in the environment it names. Nothing is changed for a page that does not know what this server's own pages know.
    pub(crate) async fn caller(&self, parts: &Parts, api: &Api) -> Answer<Caller> {
        own_page(parts)?;
        let seated = self.seated(api).await?;
        if !parts.method.is_safe() {
            vouched(&parts.headers, &seated)?;
        }
        Ok(self.within(&seated)?)
    }

    /// As whom it listens: the same, without the question whether it may change anything.
    pub(crate) async fn listener(&self, api: &Api) -> Result<Caller, app::Error> {
        self.within(&self.seated(api).await?)
    }

    /// The part of the console that a call is about.
    pub(crate) fn enter<'a>(&self, seated: &'a Seated) -> Result<&'a Open, app::Error> {
        seated.enter(self.environment.as_deref(), self.tenant.as_deref())
    }

    fn within(&self, seated: &Seated) -> Result<Caller, app::Error> {
        Ok(seated.caller(self.enter(seated)?))
    }
}

/// Refuses what a browser says is asked by a page of another origin.
pub(crate) fn own_page(parts: &Parts) -> Answer<()> {
    let site = parts.headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    match site {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(cross_site()),
    }
}

/// Refuses a change that is not vouched for by what only this server's own pages know.
pub(crate) fn vouched(headers: &HeaderMap, seated: &Seated) -> Answer<()> {
    let said = headers.get(CSRF).map_or(b"".as_slice(), HeaderValue::as_bytes);
    let knows = bool::from(said.ct_eq(seated.csrf.as_bytes()));
    knows.then_some(()).ok_or_else(cross_site)
}

fn cross_site() -> Problem {
    let detail = "a browser's session is used from this server's own pages alone: send Campanile-CSRF as GET /api/v1/session says";
    Problem::new(StatusCode::FORBIDDEN, "cross_site", detail)
}

/// The header that signs a browser in.
pub(crate) fn remember(api: &Api, signed_in: &SignedIn) -> HeaderValue {
    let seconds = signed_in.expires_at.saturating_sub(api.ctx.now()).max(0) / 1_000;
    cookie(api, &signed_in.cookie, seconds)
}

/// The header that signs a browser out.
pub(crate) fn forget(api: &Api) -> HeaderValue {
    cookie(api, "", 0)
}

/// No script reads it and no other site sends it. Over plain HTTP it is kept as well: whoever tries the server out has no certificate.
fn cookie(api: &Api, value: &str, seconds: i64) -> HeaderValue {
    let public = api.settings.public_url.as_deref().unwrap_or_default();
    let secure = if public.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let text = format!("{SESSION}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
