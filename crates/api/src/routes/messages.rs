//! Deliveries to people: what was sent to whom, through which channel, and what became of it.

use axum::Json;
use axum::extract::State;
use domain::channel::Channel;
use domain::delivery::DeliveryState;
use domain::id::{DeliveryId, Prefixed, RunId};
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::callback::Callback;
use store::message::{Filter, Message};
use utoipa::{IntoParams, ToSchema};

use super::deliveries::AttemptView;
use super::events::time;
use super::webhooks::{ACCEPTED, AcceptedView};
use crate::extract::{Manage, Params, Segments};
use crate::fields::{Nothing, Optional, nul_free};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// A delivery to a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    /// Its id, `dlv_…`.
    pub id: String,
    /// The channel it goes through.
    #[schema(value_type = words::ChannelName)]
    pub channel: &'static str,
    /// Where it stands.
    #[schema(value_type = words::DeliveryStatus)]
    pub status: &'static str,
    /// Key of the workflow it comes from.
    pub workflow: String,
    /// The step of that workflow.
    pub step: String,
    /// The run it comes from, `run_…`.
    pub run_id: String,
    /// The event that run follows from, `evt_…`.
    pub event_id: String,
    /// Whom it is for.
    pub user_id: Option<String>,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// The address it goes to.
    pub recipient: Option<String>,
    /// Who carried it.
    pub provider: Option<String>,
    /// The provider's own id of it.
    pub provider_id: Option<String>,
    /// Attempts made.
    pub attempts: i64,
    /// Why it was not sent, or what went wrong last.
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

impl From<&Message> for MessageView {
    fn from(message: &Message) -> Self {
        let waits = matches!(message.state, DeliveryState::Pending | DeliveryState::Retrying);
        Self {
            id: message.delivery.to_string(),
            channel: message.channel.as_str(),
            status: message.state.as_str(),
            workflow: message.workflow.clone(),
            step: message.step.clone(),
            run_id: message.run.to_string(),
            event_id: message.event.to_string(),
            user_id: message.user.clone(),
            tenant: message.tenant.clone(),
            recipient: message.recipient.clone(),
            provider: message.provider.clone(),
            provider_id: message.provider_id.clone(),
            attempts: message.attempts,
            error: message.error.clone(),
            next_attempt_at: message.due_at.filter(|_| waits).map(rfc3339),
            created_at: rfc3339(message.created_at),
            finished_at: message.finished_at.map(rfc3339),
        }
    }
}

/// A delivery to a person, with what was sent and every try of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FullMessageView {
    /// The delivery.
    #[serde(flatten)]
    pub message: MessageView,
    /// What is sent; null for what was skipped.
    #[schema(value_type = Option<Object>)]
    pub content: Option<Value>,
    /// Its attempts, first to last.
    pub attempts_log: Vec<AttemptView>,
    /// What its provider told afterwards, first to last.
    pub callbacks: Vec<CallbackView>,
}

/// What a provider told of a delivery that it took.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallbackView {
    /// What became of it.
    #[schema(value_type = words::Aftermath)]
    pub aftermath: String,
    /// Why, in the provider's words.
    pub detail: Option<String>,
    /// When it was told.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<Callback> for CallbackView {
    fn from(callback: Callback) -> Self {
        Self {
            aftermath: callback.aftermath,
            detail: callback.detail,
            created_at: rfc3339(callback.created_at),
        }
    }
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageQuery {
    /// Only through this channel.
    #[param(inline, value_type = Option<words::ChannelName>)]
    pub channel: Option<String>,
    /// Only in this state.
    #[param(inline, value_type = Option<words::DeliveryStatus>)]
    pub status: Option<String>,
    /// Only for this user.
    pub user: Option<String>,
    /// Only from this workflow.
    pub workflow: Option<String>,
    /// Only from this run, `run_…`.
    pub run: Option<String>,
    /// Only those that this provider carried: `sandbox` keeps what it is given.
    pub provider: Option<String>,
    /// `true` shows only what ended without reaching anybody: failed, exhausted or cancelled.
    pub undelivered: Option<bool>,
    /// Planned not before (RFC 3339).
    pub from: Option<String>,
    /// Planned before (RFC 3339).
    pub to: Option<String>,
    /// Rows of the page.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl MessageQuery {
    fn filter(&self) -> Answer<Filter> {
        let channel = |word: &String| {
            let unknown = || Problem::bad_request("?channel", "unknown", "is not a channel");
            Channel::from_word(word).ok_or_else(unknown)
        };
        let state = |word: &String| {
            let unknown = || Problem::bad_request("?status", "unknown", "is not a state of a delivery");
            DeliveryState::from_word(word).ok_or_else(unknown)
        };
        let run = |text: &String| {
            RunId::parse(text).ok_or_else(|| Problem::bad_request("?run", "format", "must be an id, run_…"))
        };
        nul_free([&self.user, &self.workflow, &self.provider])?;
        Ok(Filter {
            channel: self.channel.as_ref().map(channel).transpose()?,
            state: self.status.as_ref().map(state).transpose()?,
            run: self.run.as_ref().map(run).transpose()?,
            user: self.user.clone(),
            workflow: self.workflow.clone(),
            provider: self.provider.clone(),
            undelivered: self.undelivered.unwrap_or(false),
            from: time(self.from.as_deref(), "?from")?,
            to: time(self.to.as_deref(), "?to")?,
        })
    }
}

/// List deliveries to people, newest first. Those to webhooks stand in the log of each webhook.
#[utoipa::path(get, path = "/deliveries", tag = "messages", params(MessageQuery),
    responses((status = 200, body = List<MessageView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(query): Params<MessageQuery>,
) -> Answer<Json<List<MessageView>>> {
    let filter = query.filter()?;
    let page = Paging {
        limit: query.limit,
        cursor: query.cursor,
    }
    .page(&api)?;
    let rows = store::message::list(&mut *api.ctx.store.read(env).await?, env, &filter, &page).await?;
    Ok(Json(page_of(
        rows,
        &page,
        |row| row.delivery.bare().to_owned(),
        |row| MessageView::from(&row),
    )))
}

/// Read one delivery to a person: what is sent, and every try.
#[utoipa::path(get, path = "/deliveries/{delivery}", tag = "messages",
    params(("delivery" = String, Path, description = "Id of the delivery")),
    responses((status = 200, body = FullMessageView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(id): Segments<DeliveryId>,
) -> Answer<Json<FullMessageView>> {
    let mut reader = api.ctx.store.read(env).await?;
    let found = store::message::get(&mut reader, env, id).await?;
    let message = found.ok_or_else(|| Problem::not_found("delivery"))?;
    let delivery = store::delivery::get(&mut reader, env, message.destination.as_a(), id).await?;
    let rows = store::delivery::attempts(&mut reader, env, id).await?;
    let callbacks = store::callback::of(&mut reader, env, id).await?;
    Ok(Json(FullMessageView {
        message: (&message).into(),
        content: serde_json::from_str(&message.content).ok(),
        attempts_log: delivery.map_or_else(Vec::new, |delivery| AttemptView::all(&delivery, rows)),
        callbacks: callbacks.into_iter().map(CallbackView::from).collect(),
    }))
}

/// Send a delivery again, at once and with a fresh set of retries.
#[utoipa::path(post, path = "/deliveries/{delivery}/retry", tag = "messages",
    params(("delivery" = String, Path, description = "Id of the delivery")),
    request_body = Option<Nothing>, responses((status = 202, body = AcceptedView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn retry(
    State(api): State<Api>,
    manage: Manage,
    Segments(id): Segments<DeliveryId>,
    Optional(input): Optional<Nothing>,
) -> Answer<(StatusCode, Json<AcceptedView>)> {
    api.ctx
        .retry_message(&manage.caller, id, input.once.as_ref())
        .await?;
    Ok((StatusCode::ACCEPTED, Json(ACCEPTED)))
}

/// Which of those that failed or used their retries up are sent again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryManyBody {
    /// Only through this channel.
    #[schema(value_type = Option<words::ChannelName>)]
    pub channel: Option<Channel>,
    /// `failed` or `exhausted`; both when absent.
    pub status: Option<Undelivered>,
    /// Only for this user.
    pub user: Option<String>,
    /// Only from this workflow.
    pub workflow: Option<String>,
    /// Planned not before (RFC 3339).
    pub from: Option<String>,
    /// Planned before (RFC 3339).
    pub to: Option<String>,
    /// Only counts them.
    #[serde(default)]
    pub dry_run: bool,
}

/// How a delivery ended that may be sent again.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Undelivered {
    /// Refused for good.
    Failed,
    /// Its retries are used up.
    Exhausted,
}

/// What came of retrying many.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetriedView {
    /// How many were meant.
    pub matched: usize,
    /// How many are on their way again; those whose channel is gone or whose address is suppressed are not.
    pub retried: usize,
    /// Whether there may be more: one call looks at 10,000.
    pub more: bool,
}

/// Send many deliveries again that failed or used their retries up, or count them first.
#[utoipa::path(post, path = "/deliveries/retry", tag = "messages", request_body = Option<RetryManyBody>,
    responses((status = 200, body = RetriedView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn retry_many(
    State(api): State<Api>,
    manage: Manage,
    Optional(input): Optional<RetryManyBody>,
) -> Answer<Json<RetriedView>> {
    let body = input.value;
    nul_free([&body.user, &body.workflow])?;
    let filter = Filter {
        channel: body.channel,
        state: body.status.map(|status| match status {
            Undelivered::Failed => DeliveryState::Failed,
            Undelivered::Exhausted => DeliveryState::Exhausted,
        }),
        user: body.user,
        workflow: body.workflow,
        from: time(body.from.as_deref(), "/from")?,
        to: time(body.to.as_deref(), "/to")?,
        ..Filter::default()
    };
    let many = api.ctx.retry_many(&manage.caller, &filter, body.dry_run).await?;
    Ok(Json(RetriedView {
        matched: many.matched,
        retried: many.retried,
        more: many.more,
    }))
}
