//! Webhooks: where an application wants its events.

use app::webhook::{EndpointPatch, NewEndpoint};
use axum::Json;
use axum::extract::State;
use domain::endpoint::EndpointStatus;
use domain::id::{EndpointId, Prefixed};
use domain::time::{parse_rfc3339, rfc3339};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::endpoint::{Endpoint, Health};
use utoipa::ToSchema;

use super::keys::SecretView;
use crate::extract::{Input, Params, Receiver, Segments};
use crate::fields::{Nothing, Optional, gone, nullable, present};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// The route class these calls count for.
pub(super) const CLASS: &str = "webhooks";
/// Seconds that the secret before a rotation signs as well when none are named.
const GRACE: i64 = 86_400;

/// A webhook to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookBody {
    /// Where deliveries go.
    pub url: String,
    /// Names of the event types it wants, as they look outside; all when absent.
    pub event_types: Option<Vec<String>>,
    /// For people.
    pub description: Option<String>,
    /// Attempts a second, at most.
    #[schema(minimum = 1, maximum = 100_000)]
    pub rate_limit: Option<u32>,
    /// How often a failed delivery is tried again; `long` when absent.
    #[schema(value_type = Option<words::RetryPolicy>)]
    pub retry_policy: Option<String>,
}

impl From<WebhookBody> for NewEndpoint {
    fn from(body: WebhookBody) -> Self {
        Self {
            url: body.url,
            event_types: body.event_types,
            description: body.description.unwrap_or_default(),
            rate_limit: body.rate_limit,
            retry_policy: body.retry_policy,
        }
    }
}

/// What an owner may make of a webhook.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChosenStatus {
    /// Takes deliveries. One that the server disabled starts anew.
    Active,
    /// Takes none for now.
    Paused,
}

impl From<ChosenStatus> for EndpointStatus {
    fn from(status: ChosenStatus) -> Self {
        match status {
            ChosenStatus::Active => Self::Active,
            ChosenStatus::Paused => Self::Paused,
        }
    }
}

/// Changes of a webhook; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChanges {
    /// Where deliveries go.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    pub url: Option<String>,
    /// Names of the event types it wants; null wants all.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<String>>)]
    pub event_types: Option<Option<Vec<String>>>,
    /// For people.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// Attempts a second, at most; null lifts the limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    pub rate_limit: Option<Option<u32>>,
    /// How often a failed delivery is tried again.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = words::RetryPolicy, required = false)]
    pub retry_policy: Option<String>,
    /// Whether it takes deliveries.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = ChosenStatus, required = false)]
    pub status: Option<ChosenStatus>,
}

impl From<WebhookChanges> for EndpointPatch {
    fn from(changes: WebhookChanges) -> Self {
        Self {
            url: changes.url,
            event_types: changes.event_types,
            description: changes.description,
            rate_limit: changes.rate_limit,
            retry_policy: changes.retry_policy,
            status: changes.status.map(EndpointStatus::from),
        }
    }
}

/// How a webhook has been doing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// Failed attempts since the last success; a hundred disable it.
    pub failures: i64,
    /// The first of them.
    #[schema(format = DateTime)]
    pub first_failure_at: Option<String>,
    /// The last of them.
    #[schema(format = DateTime)]
    pub last_failure_at: Option<String>,
}

impl From<Health> for HealthView {
    fn from(health: Health) -> Self {
        Self {
            failures: health.failures,
            first_failure_at: health.first_failure_at.map(rfc3339),
            last_failure_at: health.last_failure_at.map(rfc3339),
        }
    }
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// Its id, `ep_…`.
    pub id: String,
    /// The application that owns it.
    pub app_id: String,
    /// Where deliveries go.
    pub url: String,
    /// For people.
    pub description: String,
    /// Names of the event types it wants; null wants all.
    pub event_types: Option<Vec<String>>,
    /// Whether it takes deliveries.
    #[schema(value_type = words::WebhookStatus)]
    pub status: &'static str,
    /// Why the server disabled it.
    pub disabled_reason: Option<String>,
    /// Since when it takes nothing.
    #[schema(format = DateTime)]
    pub disabled_at: Option<String>,
    /// How often a failed delivery is tried again.
    #[schema(value_type = words::RetryPolicy)]
    pub retry_policy: String,
    /// Attempts a second, at most.
    pub rate_limit: Option<i64>,
    /// How it has been doing; where one webhook is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthView>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<Endpoint> for WebhookView {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            id: endpoint.id().to_string(),
            app_id: endpoint.subscription.app.to_string(),
            url: endpoint.url,
            description: endpoint.description,
            event_types: endpoint.subscription.event_types,
            status: endpoint.subscription.status.as_str(),
            disabled_reason: endpoint.disabled_reason,
            disabled_at: endpoint.disabled_at.map(rfc3339),
            retry_policy: endpoint.retry_policy,
            rate_limit: endpoint.rate_limit,
            health: None,
            created_at: rfc3339(endpoint.created_at),
            updated_at: rfc3339(endpoint.updated_at),
        }
    }
}

/// A webhook that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshWebhookView {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookView,
    /// What its deliveries are signed with, `whsec_…`, shown this once.
    pub secret: String,
}

/// Make a webhook.
///
/// The address is checked: it must not lead into a private network.
#[utoipa::path(post, path = "/apps/{app}/webhooks", tag = "webhooks",
    params(("app" = String, Path, description = "Id or uid of the application")), request_body = WebhookBody,
    responses((status = 201, body = FreshWebhookView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn create(
    State(api): State<Api>,
    Receiver(own): Receiver,
    input: Input<WebhookBody>,
) -> Answer<(StatusCode, Json<FreshWebhookView>)> {
    api.count(&own.caller, CLASS, 1).await?;
    let new = input.value.into();
    let (endpoint, secret) = api
        .ctx
        .create_endpoint(&own.caller, &own.app, new, input.once.as_ref())
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(FreshWebhookView {
            webhook: endpoint.into(),
            secret,
        }),
    ))
}

/// List the webhooks of an application, newest first.
#[utoipa::path(get, path = "/apps/{app}/webhooks", tag = "webhooks",
    params(("app" = String, Path, description = "Id or uid of the application"), Paging),
    responses((status = 200, body = List<WebhookView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<WebhookView>>> {
    api.count(&own.caller, CLASS, 1).await?;
    let page = paging.page(&api)?;
    let mut reader = api.ctx.store.read(own.env()).await?;
    let rows = store::endpoint::list(&mut reader, own.env(), own.id(), &page).await?;
    Ok(Json(page_of(
        rows,
        &page,
        |row| row.id().bare().to_owned(),
        WebhookView::from,
    )))
}

/// Read one webhook, and how it has been doing.
#[utoipa::path(get, path = "/apps/{app}/webhooks/{webhook}", tag = "webhooks",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook")),
    responses((status = 200, body = WebhookView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId)>,
) -> Answer<Json<WebhookView>> {
    let (_, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    let mut reader = api.ctx.store.read(own.env()).await?;
    let found = store::endpoint::get(&mut reader, own.env(), own.id(), id).await?;
    let endpoint = found.ok_or_else(|| Problem::not_found("webhook"))?;
    let health = store::endpoint::health(&mut reader, own.env(), id).await?;
    Ok(Json(WebhookView {
        health: Some(health.into()),
        ..endpoint.into()
    }))
}

/// Change a webhook.
#[utoipa::path(patch, path = "/apps/{app}/webhooks/{webhook}", tag = "webhooks",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook")),
    request_body = WebhookChanges,
    responses((status = 200, body = WebhookView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn update(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId)>,
    input: Input<WebhookChanges>,
) -> Answer<Json<WebhookView>> {
    let (_, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    let changes = input.value.into();
    let endpoint = api
        .ctx
        .update_endpoint(&own.caller, own.env(), own.id(), id, changes)
        .await?;
    Ok(Json(endpoint.into()))
}

/// Delete a webhook. What waits for it is withdrawn.
#[utoipa::path(delete, path = "/apps/{app}/webhooks/{webhook}", tag = "webhooks",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId)>,
) -> Answer<StatusCode> {
    let (_, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    gone(
        api.ctx
            .delete_endpoint(&own.caller, own.env(), own.id(), id)
            .await,
    )
}

/// How a secret is rotated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateBody {
    /// Seconds that the secret before signs as well, at most seven days; one day when absent.
    #[schema(minimum = 0, maximum = 604_800)]
    pub grace_seconds: Option<i64>,
}

/// Put a new signing secret in force.
#[utoipa::path(post, path = "/apps/{app}/webhooks/{webhook}/rotate-secret", tag = "webhooks",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook")),
    request_body = Option<RotateBody>,
    responses((status = 200, body = SecretView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn rotate_secret(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId)>,
    Optional(input): Optional<RotateBody>,
) -> Answer<Json<SecretView>> {
    let (_, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    let grace = input.value.grace_seconds.unwrap_or(GRACE);
    let secret = api
        .ctx
        .rotate_secret(&own.caller, own.env(), own.id(), id, grace, input.once.as_ref())
        .await?;
    Ok(Json(SecretView { secret }))
}

/// A test is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestView {
    /// Its delivery, `dlv_…`.
    pub delivery_id: String,
}

/// Send a webhook a test event, whatever it subscribed to.
#[utoipa::path(post, path = "/apps/{app}/webhooks/{webhook}/test", tag = "webhooks",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook")),
    request_body = Option<Nothing>, responses((status = 202, body = TestView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn test(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId)>,
    Optional(input): Optional<Nothing>,
) -> Answer<(StatusCode, Json<TestView>)> {
    let (_, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    let delivery = api
        .ctx
        .test_endpoint(&own.caller, &own.app, id, input.once.as_ref())
        .await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(TestView {
            delivery_id: delivery.to_string(),
        }),
    ))
}

/// What a webhook missed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecoverBody {
    /// Published not before (RFC 3339).
    #[schema(format = DateTime)]
    pub since: String,
    /// Published before (RFC 3339); now when absent.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

/// It is being done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedView {
    /// Always true.
    pub ok: bool,
}

pub(super) const ACCEPTED: AcceptedView = AcceptedView { ok: true };

fn instant(text: &str, pointer: &str) -> Answer<i64> {
    let wrong = || app::Error::invalid(pointer, "format", "must be an RFC 3339 time").into();
    parse_rfc3339(text).ok_or_else(wrong)
}

/// Deliver, in the background, what a webhook has not been sent in a time range.
#[utoipa::path(post, path = "/apps/{app}/webhooks/{webhook}/recover", tag = "webhooks",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook")),
    request_body = RecoverBody,
    responses((status = 202, body = AcceptedView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn recover(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId)>,
    input: Input<RecoverBody>,
) -> Answer<(StatusCode, Json<AcceptedView>)> {
    let (_, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    let since = instant(&input.value.since, "/since")?;
    let until = input
        .value
        .until
        .as_deref()
        .map(|until| instant(until, "/until"))
        .transpose()?;
    api.ctx
        .recover(
            &own.caller,
            own.env(),
            own.id(),
            id,
            (since, until),
            input.once.as_ref(),
        )
        .await?;
    Ok((StatusCode::ACCEPTED, Json(ACCEPTED)))
}
