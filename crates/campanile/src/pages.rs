//! Pages and scripts inside the binary: the bell, the client, the demo, the readable side of the API's document.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;

/// What the web build left in `web/dist`; without it the server runs and says that its pages are missing.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// Scripts and styles from here only, nothing inline, nothing framed; markup is made from strings by the bell alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html";

/// The routes of the pages.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/bell.js", get(|| async { file("bell.js") }))
        .route("/client.js", get(|| async { file("client.js") }))
        .route("/demo", get(|| async { Redirect::permanent("/demo/") }))
        .route("/demo/", get(|| async { file("demo/index.html") }))
        .route(
            "/demo/{*path}",
            get(|Path(path): Path<String>| async move { file(&format!("demo/{path}")) }),
        )
        .route("/api/v1/docs", get(|| async { file("reference/index.html") }))
        .route(
            "/api/v1/docs/",
            get(|| async { Redirect::permanent("/api/v1/docs") }),
        )
        .route(
            "/api/v1/docs/{*path}",
            get(|Path(path): Path<String>| async move { file(&format!("reference/{path}")) }),
        )
}

fn file(path: &str) -> Response {
    let Some(found) = Files::get(path) else {
        let missing = Files::iter().next().is_none();
        let text = if missing {
            "this binary was built without its pages: run `make web` and build it again\n"
        } else {
            "not found\n"
        };
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let mut response = Response::new(Body::from(found.data));
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        _ => "application/octet-stream",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Scripts that other origins embed are allowed to; assets of the demo carry a hash in their names.
    let cache = if path.contains("/assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if kind.starts_with("text/javascript") {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("cross-origin"),
        );
    }
    response
}
