//! JSON by HTTP, and what a status means where a provider says no more.

use std::time::Duration;

use bytes::Bytes;
use egress::{Answer, Client, Target};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;
use tokio::time::Instant;

use crate::outcome::{ErrorClass, Outcome, Refusal, Verdict};

/// The headers of every request, and who we are where the provider asks.
pub(crate) fn headers(bearer: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(5);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("Campanile/", env!("CARGO_PKG_VERSION"))),
    );
    if let Some(Ok(mut value)) = bearer.map(|key| HeaderValue::from_str(&format!("Bearer {key}"))) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    headers
}

/// Sends a JSON value. Without an answer the outcome is settled already.
pub(crate) async fn json(
    client: &Client,
    target: &Target,
    headers: HeaderMap,
    body: &Value,
    deadline: Duration,
) -> Result<Answer, Outcome> {
    let body = Bytes::from(body.to_string());
    client
        .request(Method::POST, target, headers, body, Instant::now() + deadline)
        .await
        .map_err(|failure| Outcome::unanswered(&failure))
}

/// What a status other than success means by itself.
pub(crate) fn by_status(status: u16) -> (Verdict, ErrorClass) {
    let retry = |throttle| Verdict::Retry { throttle };
    match status {
        429 => (retry(true), ErrorClass::RateLimit),
        408 | 425 => (retry(false), ErrorClass::Timeout),
        300..=399 | 405 | 407 => (Verdict::Refused(Refusal::Configuration), ErrorClass::Validation),
        401..=403 => (Verdict::Refused(Refusal::Configuration), ErrorClass::Auth),
        400..=499 => (Verdict::Refused(Refusal::Permanent), ErrorClass::Validation),
        502..=504 => (retry(true), ErrorClass::Provider),
        _ => (retry(false), ErrorClass::Provider),
    }
}
