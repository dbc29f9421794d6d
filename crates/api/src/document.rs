//! What the OpenAPI document says beyond what each handler says of itself.
//!
//! Handlers take a key, or count for a limit, by groups of routes; where a group is registered it is described as well. Tests ask every
//! route whether what is said of it holds.

use utoipa::OpenApi;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa_axum::router::OpenApiRouter;

use crate::extract::PUBLIC_KEY;
use crate::state::{Api, Settings};

/// The document before any route is in it.
#[derive(OpenApi)]
#[openapi(
    info(title = "Campanile", description = "One server that takes an event once and gets it to everyone who should know."),
    security(("bearer" = []), ("bearer" = [], "public_key" = [])),
    modifiers(&Shared)
)]
pub(crate) struct Document;

/// What operations refer to.
struct Shared;

impl utoipa::Modify for Shared {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An environment key (sk_), an application key (ak_) or a user token (JWT).",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        let public = ApiKeyValue::with_description(
            PUBLIC_KEY,
            "A public key (pk_) beside a user token: names the environment.",
        );
        components.add_security_scheme("public_key", SecurityScheme::ApiKey(ApiKey::Header(public)));
        let headers = QUOTA.into_iter().chain([WAIT]);
        components
            .headers
            .extend(headers.map(|(name, description)| (name.to_owned(), RefOr::T(number(description)))));
    }
}

/// Routes whose POSTs are done once for an `Idempotency-Key`.
pub(crate) fn once(routes: OpenApiRouter<Api>) -> OpenApiRouter<Api> {
    keyed(routes, |item| item.post.as_mut())
}

/// Routes whose changes are made once for an `Idempotency-Key`: made again, they would do something again.
pub(crate) fn once_changed(routes: OpenApiRouter<Api>) -> OpenApiRouter<Api> {
    keyed(routes, |item| item.patch.as_mut())
}

fn keyed(
    mut routes: OpenApiRouter<Api>,
    which: impl Fn(&mut PathItem) -> Option<&mut Operation>,
) -> OpenApiRouter<Api> {
    let items = routes.get_openapi_mut().paths.paths.values_mut();
    for operation in items.filter_map(which) {
        let parameters = operation.parameters.get_or_insert_default();
        parameters.push(RefOr::T(idempotency_key()));
    }
    routes
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an \
             object shows it as it is by then; where only a new one is answered with 201, it is 200.",
        ))
        .schema(Some(text))
        .build()
}

/// Routes that count for a rate limit.
pub(crate) fn limited(mut routes: OpenApiRouter<Api>) -> OpenApiRouter<Api> {
    let items = routes.get_openapi_mut().paths.paths.values_mut();
    items.flat_map(operations).for_each(limit);
    routes
}

/// Headers of every answer that a limit counted.
const QUOTA: [(&str, &str); 3] = [
    (
        "RateLimit-Limit",
        "Calls in a window. Sent where these calls are limited.",
    ),
    ("RateLimit-Remaining", "Calls left in this window."),
    ("RateLimit-Reset", "Seconds until the window ends."),
];
/// And of one that it refused.
const WAIT: (&str, &str) = ("Retry-After", "Seconds until the next call can be answered.");

fn limit(operation: &mut Operation) {
    let header = |(name, _)| {
        let place = Ref::new(format!("#/components/headers/{name}"));
        (String::from(name), RefOr::Ref(place))
    };
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            response.headers.extend(QUOTA.map(header));
        }
    }
    // Sent with every refusal of a call that was counted.
    if let Some(RefOr::T(refused)) = responses.get_mut("4XX") {
        refused.headers.extend(QUOTA.map(header));
        let mut refused: Response = refused.clone();
        "The limit is used up.".clone_into(&mut refused.description);
        refused.headers.extend([header(WAIT)]);
        responses.insert("429".to_owned(), RefOr::T(refused));
    }
}

fn number(description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)))
        .description(Some(description))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let operations = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ];
    operations.into_iter().flatten()
}

/// Says what holds for every operation and no handler should have to repeat.
pub(crate) fn complete(item: &mut PathItem, settings: &Settings) {
    for operation in operations(item) {
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter {
                page(parameter, settings.page_max);
            }
        }
        // Handlers have short names, the same in many files; behind its tag each becomes one of its own.
        let tag = operation.tags.iter().flatten().next();
        if let (Some(tag), Some(name)) = (tag, &operation.operation_id) {
            operation.operation_id = Some(format!("{tag}_{name}").replace(' ', "_"));
        }
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.content.values_mut().for_each(not_null);
        }
        let responses = &mut operation.responses.responses;
        if let Some(refused) = responses.get("4XX").cloned() {
            responses.entry("5XX".to_owned()).or_insert(refused);
        }
        for (_, response) in responses
            .iter_mut()
            .filter(|(status, _)| status.starts_with(['4', '5']))
        {
            if let RefOr::T(response) = response
                && let Some(problem) = response.content.swap_remove("application/json")
            {
                response
                    .content
                    .insert("application/problem+json".to_owned(), problem);
            }
        }
    }
}

/// A page has as many rows as the operator allows, where nothing else was said.
fn page(parameter: &mut Parameter, most: i64) {
    if let ("limit", Some(RefOr::T(Schema::Object(rows)))) = (parameter.name.as_str(), &mut parameter.schema)
    {
        rows.minimum.get_or_insert(1isize.into());
        if rows.maximum.is_some() {
            let said = parameter.description.get_or_insert_default();
            said.extend([" A page has at most ", &most.to_string(), " rows."]);
        }
        rows.maximum
            .get_or_insert(isize::try_from(most).unwrap_or(isize::MAX).into());
    }
}

/// A body that may be left out is not `null` where it is sent.
fn not_null(body: &mut RefOr<Content>) {
    if let RefOr::T(body) = body
        && let Some(RefOr::T(Schema::OneOf(either))) = &body.schema
    {
        body.schema = either.items.first().cloned();
    }
}
