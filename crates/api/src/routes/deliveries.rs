//! The log of what was delivered to a webhook.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use domain::delivery::DeliveryState;
use domain::id::{AttemptId, DeliveryId, EndpointId, EventId, Prefixed};
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::delivery::{Delivery, LoggedAttempt};
use utoipa::{IntoParams, ToSchema};

use super::webhooks::{ACCEPTED, AcceptedView, CLASS};
use crate::extract::{OwnApp, Params, Receiver, Segments};
use crate::fields::{Nothing, Optional};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// A delivery, as the log shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// Its id, `dlv_…`.
    pub id: String,
    /// What is delivered, `evt_…`.
    pub event_id: String,
    /// Its type as it looks outside; null once the event is pruned.
    pub event_type: Option<String>,
    /// Where it stands.
    #[schema(value_type = words::DeliveryStatus)]
    pub status: &'static str,
    /// Attempts made.
    pub attempts: i32,
    /// Of the last answer.
    pub status_code: Option<i64>,
    /// Milliseconds of the last attempt.
    pub duration_ms: Option<i64>,
    /// The beginning of the last answer.
    pub response: Option<String>,
    /// Why it failed, or why it was not sent.
    pub error: Option<String>,
    /// When it is tried next.
    #[schema(format = DateTime)]
    pub next_attempt_at: Option<String>,
    /// When it was planned.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When nothing more was to be done.
    #[schema(format = DateTime)]
    pub finished_at: Option<String>,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        let waits = matches!(delivery.state, DeliveryState::Pending | DeliveryState::Retrying);
        Self {
            id: delivery.id.to_string(),
            event_id: delivery.event.to_string(),
            event_type: delivery.event_type,
            status: delivery.state.as_str(),
            attempts: delivery.attempts,
            status_code: delivery.status_code,
            duration_ms: delivery.duration_ms,
            response: delivery.response,
            error: delivery.error,
            next_attempt_at: delivery.due_at.filter(|_| waits).map(rfc3339),
            created_at: rfc3339(delivery.created_at),
            finished_at: delivery.finished_at.map(rfc3339),
        }
    }
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryQuery {
    /// Only in this state.
    #[param(inline, value_type = Option<words::DeliveryStatus>)]
    pub status: Option<String>,
    /// Only of this event, `evt_…`.
    pub event: Option<String>,
    /// Rows of the page.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl DeliveryQuery {
    fn paging(self) -> Paging {
        Paging {
            limit: self.limit,
            cursor: self.cursor,
        }
    }

    fn filter(&self) -> Answer<store::delivery::Filter> {
        let state = |word: &String| {
            let unknown = || Problem::bad_request("?status", "unknown", "is not a state of a delivery");
            DeliveryState::from_word(word).ok_or_else(unknown)
        };
        let event = |text: &String| {
            EventId::parse(text)
                .ok_or_else(|| Problem::bad_request("?event", "format", "must be an id, evt_…"))
        };
        Ok(store::delivery::Filter {
            state: self.status.as_ref().map(state).transpose()?,
            event: self.event.as_ref().map(event).transpose()?,
        })
    }
}

/// List what was delivered to a webhook, newest first.
#[utoipa::path(get, path = "/apps/{app}/webhooks/{webhook}/deliveries", tag = "deliveries",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook"), DeliveryQuery),
    responses((status = 200, body = List<DeliveryView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId)>,
    Params(query): Params<DeliveryQuery>,
) -> Answer<Json<List<DeliveryView>>> {
    let (_, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    let filter = query.filter()?;
    let page = query.paging().page(&api)?;
    let mut reader = api.ctx.store.read(own.env()).await?;
    known(&mut reader, &own, id).await?;
    let rows = store::delivery::list(&mut reader, own.env(), id, &filter, &page).await?;
    Ok(Json(page_of(
        rows,
        &page,
        |row| row.id.bare().to_owned(),
        DeliveryView::from,
    )))
}

/// The log of another application's webhook is not there. That of one that was deleted stays as long as there is something in it.
async fn known(reader: &mut store::Conn, own: &OwnApp, id: EndpointId) -> Answer<()> {
    let (env, app) = (own.env(), own.id());
    let known = store::endpoint::get(reader, env, app, id).await?.is_some()
        || store::delivery::is_from(reader, env, app, id).await?;
    known.then_some(()).ok_or_else(|| Problem::not_found("webhook"))
}

/// One try of a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttemptView {
    /// Its id, `atm_…`.
    pub id: String,
    /// 1 for the first.
    pub number: i64,
    /// When it began.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// Milliseconds.
    pub duration_ms: i64,
    /// How it ended.
    #[schema(value_type = words::AttemptOutcome)]
    pub outcome: String,
    /// Status of the answer.
    pub status_code: Option<i64>,
    /// The beginning of the answer.
    pub response: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl From<LoggedAttempt> for AttemptView {
    fn from(attempt: LoggedAttempt) -> Self {
        Self {
            id: format!("{}_{}", AttemptId::PREFIX, attempt.id),
            number: attempt.number,
            started_at: rfc3339(attempt.started_at),
            duration_ms: attempt.duration_ms,
            outcome: attempt.outcome,
            status_code: attempt.status_code,
            response: attempt.response,
            error: attempt.error,
        }
    }
}

impl AttemptView {
    /// Every attempt of a delivery, first to last.
    pub(crate) fn all(delivery: &Delivery, rows: Vec<LoggedAttempt>) -> Vec<Self> {
        match Self::kept_in(delivery) {
            Some(only) if rows.is_empty() => vec![only],
            _ => rows.into_iter().map(Self::from).collect(),
        }
    }

    /// The only attempt of a delivery that succeeded at once: it is kept in the delivery alone.
    fn kept_in(delivery: &Delivery) -> Option<Self> {
        let at_once = delivery.attempts == 1
            && matches!(delivery.state, DeliveryState::Sent | DeliveryState::Delivered);
        let started_at = delivery
            .first_attempt_at
            .or(delivery.last_attempt_at)
            .filter(|_| at_once)?;
        Some(Self {
            id: AttemptId::from(*delivery.id.ksuid()).to_string(),
            number: 1,
            started_at: rfc3339(started_at),
            duration_ms: delivery.duration_ms.unwrap_or(0),
            outcome: "sent".to_owned(),
            status_code: delivery.status_code,
            response: delivery.response.clone(),
            error: None,
        })
    }
}

/// What every try of a delivery sends; its signature and its time are each try's own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestView {
    /// Where it goes now; null where the webhook is deleted.
    pub url: Option<String>,
    /// The headers that stay the same.
    pub headers: BTreeMap<&'static str, String>,
    /// The body.
    pub body: String,
}

/// A delivery with every try of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FullDeliveryView {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// What is sent; null once the event is pruned.
    pub request: Option<RequestView>,
    /// Its attempts, first to last.
    pub attempts_log: Vec<AttemptView>,
}

/// Read one delivery, with its attempts.
#[utoipa::path(get, path = "/apps/{app}/webhooks/{webhook}/deliveries/{delivery}", tag = "deliveries",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook"),
        ("delivery" = String, Path, description = "Id of the delivery")),
    responses((status = 200, body = FullDeliveryView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId, DeliveryId)>,
) -> Answer<Json<FullDeliveryView>> {
    let (_, endpoint, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    let mut reader = api.ctx.store.read(own.env()).await?;
    let found = store::delivery::get(&mut reader, own.env(), endpoint, id).await?;
    let delivery = found
        .filter(|found| found.app == own.id())
        .ok_or_else(|| Problem::not_found("delivery"))?;
    let rows = store::delivery::attempts(&mut reader, own.env(), id).await?;
    let attempts_log = AttemptView::all(&delivery, rows);
    let event = store::event::find(&mut reader, own.env(), delivery.event).await?;
    let webhook = store::endpoint::get(&mut reader, own.env(), own.id(), endpoint).await?;
    let request = event.map(|event| RequestView {
        url: webhook.map(|webhook| webhook.url),
        headers: BTreeMap::from([
            ("content-type", "application/json".to_owned()),
            ("webhook-id", event.id.to_string()),
        ]),
        body: event.envelope(),
    });
    Ok(Json(FullDeliveryView {
        request,
        delivery: delivery.into(),
        attempts_log,
    }))
}

/// Send a delivery again, at once and with a fresh set of retries.
#[utoipa::path(post, path = "/apps/{app}/webhooks/{webhook}/deliveries/{delivery}/retry", tag = "deliveries",
    params(("app" = String, Path, description = "Id or uid of the application"), ("webhook" = String, Path, description = "Id of the webhook"),
        ("delivery" = String, Path, description = "Id of the delivery")),
    request_body = Option<Nothing>, responses((status = 202, body = AcceptedView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn retry(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Segments(path): Segments<(String, EndpointId, DeliveryId)>,
    Optional(input): Optional<Nothing>,
) -> Answer<(StatusCode, Json<AcceptedView>)> {
    let (_, endpoint, id) = path;
    api.count(&own.caller, CLASS, 1).await?;
    api.ctx
        .retry_delivery(
            &own.caller,
            own.env(),
            own.id(),
            endpoint,
            id,
            input.once.as_ref(),
        )
        .await?;
    Ok((StatusCode::ACCEPTED, Json(ACCEPTED)))
}
