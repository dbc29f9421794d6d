//! The whole API on one page.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use metrics::SharedString;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::OpenApi;
use utoipa::openapi::Server;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::document::{self, Document, limited, once, once_changed};
use crate::extract::BodyLimit;
use crate::limit;
use crate::origin::origin;
use crate::parameters::{Documented, only_documented};
use crate::problem::Problem;
use crate::routes::{cold, events, feed, notifications, stream, workflows};
use crate::state::{Api, Settings};
use crate::{callback, preference_sheet, unsubscribe};

fn api_routes(settings: &Settings) -> OpenApiRouter<Api> {
    let batch = BodyLimit(settings.batch_body_limit);
    let batches = OpenApiRouter::new()
        .routes(routes!(events::publish_batch))
        .layer(middleware::from_fn(move |mut request: Request, next: Next| {
            request.extensions_mut().insert(batch);
            next.run(request)
        }));
    let publishing = OpenApiRouter::new()
        .routes(routes!(events::publish))
        .routes(routes!(notifications::create))
        .routes(routes!(workflows::trigger))
        .merge(batches);
    let changing = OpenApiRouter::new().routes(routes!(feed::change, feed::delete));
    OpenApiRouter::new()
        // What applications publish.
        .merge(once(limited(publishing)))
        .routes(routes!(events::list))
        .routes(routes!(events::list_all))
        .routes(routes!(events::get))
        // What people see.
        .routes(routes!(feed::list))
        .routes(routes!(feed::sync))
        .routes(routes!(feed::bare))
        .routes(routes!(feed::unread_count))
        .routes(routes!(feed::read))
        .merge(once_changed(changing))
        .routes(routes!(feed::mark_all_read))
        .routes(routes!(feed::mark_all_seen))
        // What both follow.
        .routes(routes!(stream::stream))
        // Who is who, and where things go.
        .merge(cold::routes())
}

/// The OpenAPI document, made from the same registrations that answer.
pub fn openapi(settings: &Settings) -> utoipa::openapi::OpenApi {
    let (_, mut document) = registered(settings);
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    for item in document.paths.paths.values_mut() {
        document::complete(item, settings);
    }
    document.servers = settings.public_url.as_ref().map(|url| vec![Server::new(url)]);
    document
}

fn registered(settings: &Settings) -> (Router<Api>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api/v1", api_routes(settings))
        .split_for_parts()
}

/// Every route under `/api/v1`, with what every answer has in common.
pub fn router(api: Api) -> Router {
    let (routes, document) = registered(&api.settings);
    let documented = Arc::new(Documented::of(&document));
    let text = openapi(&api.settings).to_json().unwrap_or_default();
    let served =
        axum::routing::get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text) });
    routes
        .route("/api/v1/openapi.json", served)
        .route(
            "/unsubscribe/{token}",
            axum::routing::get(unsubscribe::ask).post(unsubscribe::end),
        )
        .route(
            "/preferences/{token}",
            axum::routing::get(preference_sheet::ask).post(preference_sheet::tick),
        )
        .route(
            "/callbacks/{channel}/{provider}",
            axum::routing::post(callback::hear),
        )
        .route("/api", axum::routing::any(unknown))
        .route("/api/", axum::routing::any(unknown))
        .route("/api/{*rest}", axum::routing::any(unknown))
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this route does not answer this method",
            )
        })
        .layer(middleware::from_fn_with_state(
            (api.clone(), documented),
            only_documented,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(api.clone(), shell))
        .layer(cors(&api))
        .with_state(api)
}

async fn unknown() -> Problem {
    Problem::not_found("route")
}

fn cors(api: &Api) -> CorsLayer {
    let origins = &api.settings.cors_origins;
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(
            origins
                .iter()
                .filter_map(|origin| HeaderValue::from_str(origin).ok()),
        )
    };
    let exposed = [
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
        "x-request-id",
        "etag",
        "next-cursor",
    ];
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static(crate::extract::PUBLIC_KEY),
            HeaderName::from_static(stream::LAST_EVENT_ID),
        ])
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(std::time::Duration::from_secs(3_600))
}

/// Around every request: its id, its measure, its problem rendered.
async fn shell(State(api): State<Api>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(&api, &request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let origin = origin(&request, &api.settings.trusted_proxies);
    let (mut response, quota) = if let Ok(_room) = api.room.try_acquire() {
        limit::scope(app::origin::scope(origin, next.run(request))).await
    } else {
        let why = "too many requests at the same time".into();
        let full = Problem::from(app::Error::Unavailable(why)).into_response();
        (full, HeaderMap::new())
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        if problem.status().is_server_error() {
            tracing::error!(request_id = %id, %method, route = route.as_ref().map(MatchedPath::as_str), code = problem.code());
        }
        response = problem.render(&id);
    } else if response.status().is_client_error() && response.headers().get(header::CONTENT_TYPE).is_none() {
        // What the framework itself refused.
        response = Problem::new(response.status(), "refused", "the request cannot be served").render(&id);
    }
    let headers = response.headers_mut();
    headers.extend(quota);
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", id);
    }
    // Answers are for one caller and one moment: nothing between may keep them.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    count(&method, route.as_ref(), response.status());
    metrics::histogram!("campanile_http_seconds").record(started.elapsed().as_secs_f64());
    response
}

/// Counts an answer. The labels of the usual case are not allocated.
fn count(method: &Method, route: Option<&MatchedPath>, status: StatusCode) {
    let method: SharedString = match *method {
        Method::GET => "GET".into(),
        Method::POST => "POST".into(),
        Method::PUT => "PUT".into(),
        Method::PATCH => "PATCH".into(),
        Method::DELETE => "DELETE".into(),
        // Whatever else somebody sends must not become a label of its own.
        _ => "other".into(),
    };
    let route: SharedString = route.map_or("unmatched".into(), |route| route.as_str().to_owned().into());
    let status: SharedString = match status {
        StatusCode::OK => "200".into(),
        StatusCode::CREATED => "201".into(),
        other => other.as_u16().to_string().into(),
    };
    metrics::counter!("campanile_http_requests_total", "method" => method, "route" => route, "status" => status).increment(1);
}

/// The caller's own request id where it is a decent one, else ours.
fn request_id(api: &Api, request: &Request<Body>) -> String {
    let given = request
        .headers()
        .get("x-request-id")
        .and_then(|value| value.to_str().ok());
    let decent = |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    given.filter(decent).map_or_else(
        || {
            let id: domain::id::AttemptId = api.ctx.ids().fresh();
            format!("req_{}", domain::id::Prefixed::bare(&id))
        },
        ToOwned::to_owned,
    )
}

/// A handler that panics answers 500 and ends nothing else.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::from(app::Error::Internal("a handler panicked".into())).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = serde_json::to_value(openapi(&Settings::default())).expect("JSON");
        let paths = document["paths"].as_object().expect("paths");
        let operations = paths
            .values()
            .flat_map(|path| path.as_object().expect("operations").values());
        let names: Vec<_> = operations
            .map(|operation| operation["operationId"].as_str().expect("a name"))
            .collect();
        let distinct: HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
    }
}
