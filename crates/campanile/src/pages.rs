//! Pages and scripts inside the binary: elements, the client, the console, the portal, the demo, the readable side of the API's document.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderValue, Method, StatusCode, header};
use rust_embed::RustEmbed;

/// What the web build left in `web/dist`; without it the server runs and says that its pages are missing.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// What a page may load, and who may show it in a frame.
#[derive(Debug, Clone)]
struct Policy {
    csp: HeaderValue,
}

impl Policy {
    /// Nothing framed; markup is made from strings by the elements alone.
    fn strict() -> Self {
        Self::of("'none'", "img-src 'self'", "lit-html")
    }

    /// The console shows mails as they were sent, in frames without scripts; styles it puts in by itself.
    fn console() -> Self {
        Self::of(
            "'none'",
            "img-src 'self' data:; frame-src 'self'",
            "campanile-mail",
        )
    }

    /// The portal stands in frames of those origins that the operator named.
    fn portal(frames: &[String]) -> Self {
        let ancestors = format!("'self' {}", frames.join(" "));
        Self::of(ancestors.trim_end(), "img-src 'self'", "lit-html")
    }

    /// Scripts and styles from here only, and nothing inline.
    fn of(ancestors: &str, more: &str, maker: &str) -> Self {
        let text = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; {more}; connect-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors {ancestors}; require-trusted-types-for 'script'; trusted-types {maker}"
        );
        let csp = HeaderValue::from_str(&text);
        Self {
            csp: csp.unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'")),
        }
    }
}

/// What another page's policy must allow, so that the elements work in it: their script, and calls to this server.
pub(crate) fn needed_by_hosts(server: &str) -> [(&'static str, String); 2] {
    let sockets = server.replacen("http", "ws", 1);
    [
        ("script-src", server.to_owned()),
        ("connect-src", format!("{server} {sockets}")),
    ]
}

/// The routes of the pages. `frames` are the origins whose pages may show the portal.
pub(crate) fn routes(console: bool, frames: &[String]) -> Router {
    let strict = Arc::new(Policy::strict());
    let mut router = Router::new();
    for script in ["bell.js", "elements.js", "client.js"] {
        let policy = Arc::clone(&strict);
        router = router.route(
            &format!("/{script}"),
            get(move || async move { file(script, &policy) }),
        );
    }
    router = folder(router, "/demo", "demo", &strict);
    router = folder(router, "/api/v1/docs", "reference", &strict)
        .route("/demo", get(|| async { Redirect::permanent("/demo/") }))
        .route(
            "/api/v1/docs/",
            get(|| async { Redirect::permanent("/api/v1/docs") }),
        );
    if !console {
        return router.route("/", get(|| async { Redirect::temporary("/api/v1/docs") }));
    }
    router = router.route("/portal", get(|| async { Redirect::permanent("/portal/") }));
    router = folder(router, "/portal", "portal", &Arc::new(Policy::portal(frames)));
    let policy = Arc::new(Policy::console());
    let page = {
        let policy = Arc::clone(&policy);
        move || async move { file("console/index.html", &policy) }
    };
    router = router.route("/", get(page));
    for name in ["theme.js", "favicon.svg"] {
        let policy = Arc::clone(&policy);
        router = router.route(
            &format!("/{name}"),
            get(move || async move { file(&format!("console/{name}"), &policy) }),
        );
    }
    router.route(
        "/assets/{*path}",
        get(|Path(path): Path<String>| async move { file(&format!("console/assets/{path}"), &policy) }),
    )
}

/// What answers where nothing else does: the console is one page, which reads its address itself; but only people's browsers ask for pages.
pub(crate) fn elsewhere(console: bool, request: &Request) -> Response {
    let accepts = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let wants_page = accepts.is_some_and(|accept| accept.contains("text/html"));
    if console && request.method() == Method::GET && wants_page {
        return file("console/index.html", &Policy::console());
    }
    (StatusCode::NOT_FOUND, "not found\n").into_response()
}

/// A page and what it loads. Pages without a slash at their end load from below their name.
fn folder(router: Router, path: &str, folder: &'static str, policy: &Arc<Policy>) -> Router {
    let index = format!("{folder}/index.html");
    let page = if folder == "reference" {
        path.to_owned()
    } else {
        format!("{path}/")
    };
    let (of_page, of_files) = (Arc::clone(policy), Arc::clone(policy));
    router
        .route(&page, get(|| async move { file(&index, &of_page) }))
        .route(
            &format!("{path}/{{*path}}"),
            get(move |Path(path): Path<String>| async move { file(&format!("{folder}/{path}"), &of_files) }),
        )
}

fn file(path: &str, policy: &Policy) -> Response {
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
        Some("woff2") => "font/woff2",
        Some("json" | "map") => "application/json",
        _ => "application/octet-stream",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.csp.clone());
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Scripts that other origins embed are allowed to; assets of pages carry a hash in their names.
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
