//! Errors as callers see them: `application/problem+json` (RFC 9457). The only place where a domain word becomes a status.

use app::Error;
use axum::response::{IntoResponse, Response};
use domain::text::Fault;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

/// One thing wrong with the input.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FaultView {
    /// JSON pointer into the body, `""` for the whole; `?name` for a parameter of the query.
    pub pointer: String,
    /// Stable word for programs.
    pub code: String,
    /// Sentence for people.
    pub detail: String,
}

impl From<Fault> for FaultView {
    fn from(fault: Fault) -> Self {
        Self {
            pointer: fault.pointer,
            code: fault.code.to_owned(),
            detail: fault.detail,
        }
    }
}

/// An answer that says what went wrong.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FaultView>,
    headers: HeaderMap,
}

/// What a [`Problem`] looks like on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemView {
    /// A URI for the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable word for programs.
    pub code: String,
    /// Sentence for people.
    pub detail: String,
    /// Every single fault of the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FaultView>,
    /// Names this request in the server's log.
    pub request_id: String,
}

impl Problem {
    /// A problem of this kind.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            headers: HeaderMap::new(),
        }
    }

    /// 400 with one fault.
    pub(crate) fn bad_request(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Error::BadRequest(vec![Fault::new(pointer, code, detail)]).into()
    }

    /// There is no such thing for this caller.
    pub(crate) fn not_found(what: &'static str) -> Self {
        Error::NotFound(what).into()
    }

    /// With a header beside it.
    #[must_use]
    pub(crate) fn with_header(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The status it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable word.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// The answer, naming the request.
    pub(crate) fn render(self, request_id: &str) -> Response {
        let view = ProblemView {
            kind: format!("urn:campanile:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail,
            errors: self.errors,
            request_id: request_id.to_owned(),
        };
        let mut response = (self.status, axum::Json(view)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response.headers_mut().extend(self.headers);
        response
    }
}

impl IntoResponse for Problem {
    /// An empty answer that carries the problem: the outermost layer knows the request's id and renders it.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let (status, code, errors) = match error {
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "not_found", Vec::new()),
            Error::BadRequest(faults) => (StatusCode::BAD_REQUEST, "bad_request", faults),
            Error::Invalid(faults) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", faults),
            Error::TooLarge(fault) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", vec![fault]),
            Error::Conflict { code, .. } => (StatusCode::CONFLICT, code, Vec::new()),
            Error::Unauthenticated { code, .. } => {
                let challenge = HeaderValue::from_static("Bearer");
                return Self::new(StatusCode::UNAUTHORIZED, code, detail)
                    .with_header(header::WWW_AUTHENTICATE, challenge);
            }
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", Vec::new()),
            Error::Unavailable(why) => {
                tracing::warn!(%why, "answered 503");
                let detail = "the server cannot take this now; try again in a moment";
                let later = HeaderValue::from_static("1");
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
                    .with_header(header::RETRY_AFTER, later);
            }
            Error::Internal(why) => {
                tracing::error!(%why, "answered 500");
                return Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "something went wrong on our side",
                );
            }
        };
        let first = errors.first().map(|fault| fault.code);
        let code = if code == "bad_request" {
            first.unwrap_or(code)
        } else {
            code
        };
        Self {
            errors: errors.into_iter().map(FaultView::from).collect(),
            ..Self::new(status, code, detail)
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        Error::from(error).into()
    }
}

/// What handlers answer.
pub(crate) type Answer<T> = Result<T, Problem>;
