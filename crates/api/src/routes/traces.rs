//! Traces: who got what, who did not, and why.

use std::collections::HashMap;

use app::trace::Considered;
use axum::Json;
use axum::extract::State;
use domain::condition::Evaluation;
use domain::environment::Env;
use domain::id::{DeliveryId, EventId, Prefixed};
use domain::time::rfc3339;
use serde::{Deserialize, Serialize};
use store::message::Message;
use store::run::Run;
use utoipa::{IntoParams, ToSchema};

use super::deliveries::DeliveryView;
use super::messages::MessageView;
use super::runs::RunView;
use crate::extract::{Manage, Params, Segments};
use crate::fields::Name;
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// Everything that followed from an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceView {
    /// The event, `evt_…`.
    pub event_id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it was received.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// The workflows that its type can start, as they are declared now, and what their triggers found.
    pub workflows: Vec<ConsideredView>,
    /// One for each recipient and workflow, first to last.
    pub runs: Vec<TracedRunView>,
    /// The runs that those were gathered into, or that their steps go on as.
    pub other_runs: Vec<TracedRunView>,
    /// The webhooks that may take the event.
    pub webhooks: Vec<TracedWebhookView>,
    /// Asks for further recipients; `null` at the end.
    pub next_cursor: Option<String>,
}

/// A workflow that an event could start.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsideredView {
    /// Its key.
    pub workflow: String,
    /// Its version now.
    pub version: i64,
    /// Whether it can be started at all.
    pub active: bool,
    /// Whether one of its triggers holds of the event.
    pub starts: bool,
    /// What the triggers found.
    #[schema(value_type = Vec<Object>)]
    pub triggers: Vec<Evaluation>,
}

/// A run, with what its steps sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TracedRunView {
    /// The run.
    #[serde(flatten)]
    pub run: RunView,
    /// What it sent, or did not.
    pub deliveries: Vec<MessageView>,
}

/// A webhook, and what it was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TracedWebhookView {
    /// Its id, `ep_…`.
    pub webhook_id: String,
    /// Its application, `app_…`.
    pub app_id: String,
    /// Whether it takes events of this type now.
    pub wants: bool,
    /// What it was sent.
    pub deliveries: Vec<DeliveryView>,
}

impl From<Considered> for ConsideredView {
    fn from(considered: Considered) -> Self {
        Self {
            workflow: considered.key,
            version: considered.version,
            active: considered.active,
            starts: considered.starts,
            triggers: considered.triggers,
        }
    }
}

impl TracedRunView {
    fn new(run: Run, messages: &HashMap<DeliveryId, Message>) -> Self {
        let sent = run.log().iter().flat_map(|entry| &entry.deliveries);
        let sent = sent.filter_map(|id| messages.get(id)).map(MessageView::from);
        Self {
            deliveries: sent.collect(),
            run: run.into(),
        }
    }
}

/// Which recipients.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TraceQuery {
    /// Rows of the page.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Of which event.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserTraceQuery {
    /// The event, `evt_…`.
    pub event: String,
}

/// Tell who got what of an event, who did not, and what decided it.
///
/// A page holds so many runs; each says what became of its steps and why: the condition, preference, quiet hours, throttle, batch or answer
/// that decided. `other_runs` are those that runs of the page were gathered into, and those as which held steps go on.
#[utoipa::path(get, path = "/events/{event}/trace", tag = "traces",
    params(("event" = String, Path, description = "Id of the event"), TraceQuery),
    responses((status = 200, body = TraceView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn event(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(id): Segments<EventId>,
    Params(query): Params<TraceQuery>,
) -> Answer<Json<TraceView>> {
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor,
    };
    trace(&api, (env, id), None, paging).await
}

/// Tell what a user got of an event and what not, and what decided it. No run says that no workflow reached them.
#[utoipa::path(get, path = "/users/{user}/trace", tag = "traces",
    params(("user" = String, Path, description = "The user"), UserTraceQuery),
    responses((status = 200, body = TraceView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn user(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(user)): Segments<Name>,
    Params(query): Params<UserTraceQuery>,
) -> Answer<Json<TraceView>> {
    let id = EventId::parse(&query.event)
        .ok_or_else(|| Problem::bad_request("?event", "format", "must be an id, evt_…"))?;
    let paging = Paging {
        limit: Some(api.settings.page_max),
        cursor: None,
    };
    trace(&api, (env, id), Some(&user), paging).await
}

async fn trace(
    api: &Api,
    (env, id): (Env, EventId),
    user: Option<&str>,
    paging: Paging,
) -> Answer<Json<TraceView>> {
    let page = paging.page(api)?;
    let trace = api.ctx.trace(env, id, user, &page).await?;
    let messages = trace.messages;
    let List { data, next_cursor } = page_of(
        trace.runs,
        &page,
        |run| run.id.bare().to_owned(),
        |run| TracedRunView::new(run, &messages),
    );
    let others = trace
        .others
        .into_iter()
        .map(|run| TracedRunView::new(run, &messages));
    let webhooks = trace
        .webhooks
        .into_iter()
        .map(|(subscription, sent)| TracedWebhookView {
            webhook_id: subscription.id.to_string(),
            app_id: subscription.app.to_string(),
            wants: subscription.wants(&trace.event),
            deliveries: sent.into_iter().map(DeliveryView::from).collect(),
        });
    Ok(Json(TraceView {
        event_id: trace.event.id.to_string(),
        kind: trace.event.kind.to_string(),
        created_at: rfc3339(trace.event.created_at),
        workflows: trace.workflows.into_iter().map(ConsideredView::from).collect(),
        runs: data,
        other_runs: others.collect(),
        webhooks: webhooks.collect(),
        next_cursor,
    }))
}
