//! Calls to the server, and what all its answers have in common.

use std::future::IntoFuture;
use std::pin::Pin;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::PATIENCE;

/// A client that keeps its connections.
#[derive(Debug, Clone)]
pub(crate) struct Http(pub(crate) legacy::Client<HttpConnector, Full<Bytes>>);

impl Http {
    pub(crate) fn new() -> Self {
        Self(legacy::Client::builder(TokioExecutor::new()).build_http())
    }
}

/// A caller of one server, with one key.
#[derive(Debug, Clone)]
pub struct Client {
    http: Http,
    url: String,
    key: String,
}

impl Client {
    /// For a server that somebody else started.
    pub fn new(url: &str, key: &str) -> Self {
        Self {
            http: Http::new(),
            url: url.to_owned(),
            key: key.to_owned(),
        }
    }

    /// A call with the key.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.http.clone(), self.url.clone(), method, path).key(&self.key)
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// `POST` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call(Method::POST, path).json(body)
    }
}

/// A call that is made when awaited.
#[derive(Debug, Clone)]
#[must_use = "a call is made when awaited"]
pub struct Call {
    http: Http,
    method: Method,
    base: String,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub(crate) fn new(http: Http, base: String, method: Method, path: &str) -> Self {
        Self {
            http,
            method,
            base,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// With a key or user token in place of the server's own key.
    pub fn key(self, credential: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {credential}"))
    }

    /// Without any credentials.
    pub fn anonymous(mut self) -> Self {
        self.headers.remove(AUTHORIZATION);
        self
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the name of a header");
        self.headers
            .insert(name, HeaderValue::from_str(value).expect("the value of a header"));
        self
    }

    /// With an `Idempotency-Key`.
    pub fn once(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.bytes(body.to_string())
    }

    /// With these very bytes as its body.
    pub fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers
            .entry(CONTENT_TYPE)
            .or_insert(HeaderValue::from_static("application/json"));
        self
    }

    async fn send(self) -> Reply {
        let what = format!("{} {}", self.method, self.path);
        let uri = format!("{}{}", self.base, self.path);
        let mut request = Request::builder().method(self.method).uri(uri);
        *request.headers_mut().expect("a request") = self.headers;
        let request = request.body(Full::new(self.body)).expect("a request");
        let answer = async {
            let answer = self.http.0.request(request).await?;
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.expect("the whole answer arrives").to_bytes();
            Ok::<_, legacy::Error>((parts, body))
        };
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        let (parts, body) = answer
            .unwrap_or_else(|_| panic!("{what} is not answered"))
            .expect("an answer");
        let reply = Reply {
            what,
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        };
        reply.check(self.path.starts_with("/api/"));
        reply
    }
}

impl IntoFuture for Call {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    what: String,
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, as the bytes received.
    pub body: Bytes,
}

impl Reply {
    /// What every answer must be: never a server error; under `/api` a refusal is a problem that names its request.
    fn check(&self, api: bool) {
        assert!(self.status < 500 || self.status == 503, "{self}");
        if !api || self.status < 400 {
            return;
        }
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self}");
        for member in ["type", "title", "code", "detail"] {
            assert!(
                problem[member].as_str().is_some_and(|text| !text.is_empty()),
                "no {member}: {self}"
            );
        }
        assert_eq!(
            problem["request_id"].as_str(),
            self.header("x-request-id"),
            "{self}"
        );
        for fault in problem["errors"].as_array().into_iter().flatten() {
            assert!(
                fault["pointer"].is_string() && fault["code"].is_string() && fault["detail"].is_string(),
                "{self}"
            );
        }
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header that is a number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.header(name).and_then(|value| value.parse().ok())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {self}"))
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self}");
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The problem of a refusal that must have this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.ok(status);
        assert_eq!(problem["code"], code, "{self}");
        problem
    }

    /// The faults of a refusal: pointer and code of each.
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let faults = problem["errors"].as_array().into_iter().flatten();
        faults
            .map(|fault| (text(&fault["pointer"]), text(&fault["code"])))
            .collect()
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = self.text().chars().take(2_000).collect();
        write!(f, "{} answered {}: {text}", self.what, self.status)
    }
}
