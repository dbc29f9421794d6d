//! Workflows: declared, triggered, ended.

use std::collections::BTreeMap;

use app::simulation::Script;
use app::trigger::TriggerInput;
use axum::Json;
use axum::extract::State;
use domain::duration::Span;
use domain::notification::Role;
use domain::time::rfc3339;
use domain::workflow::{Recipient, Workflow};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use store::workflow::Version;
use utoipa::ToSchema;

use super::tenants::RoleView;
use crate::extract::{Authed, Input, Manage, Params, Segments};
use crate::fields::{Name, Optional, gone};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// A workflow, in its current version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowView {
    /// The name it is triggered by.
    pub key: String,
    /// Counts from 1; runs keep the one they began with.
    pub version: i64,
    /// What it says.
    #[schema(value_type = Object)]
    pub spec: Workflow,
    /// When it was declared first.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When this version was.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<Version> for WorkflowView {
    fn from(version: Version) -> Self {
        Self {
            key: version.spec.key.clone(),
            version: version.version,
            spec: version.spec,
            created_at: rfc3339(version.created_at),
            updated_at: rfc3339(version.updated_at),
        }
    }
}

/// Declare a workflow, or a new version of it.
///
/// The body says `events`, `recipients`, `steps` and more. The same again changes nothing. What is wrong is told by JSON pointer, texts with line and column; nothing is declared then.
#[utoipa::path(put, path = "/workflows/{workflow}", tag = "workflows",
    params(("workflow" = String, Path, description = "Key of the workflow")), request_body = Value,
    responses((status = 200, body = WorkflowView), (status = 201, body = WorkflowView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put(
    State(api): State<Api>,
    manage: Manage,
    Segments(Name(key)): Segments<Name>,
    input: Input<Value>,
) -> Answer<(StatusCode, Json<WorkflowView>)> {
    let spec = workflow(&key, input.value)?;
    let (version, is_new) = api.ctx.put_workflow(&manage.caller, spec).await?;
    let status = if is_new && version.version == 1 {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(version.into())))
}

/// A body as the workflow of the path; its own key may be left out.
fn workflow(key: &str, mut body: Value) -> Answer<Workflow> {
    if let Some(fields) = body.as_object_mut() {
        fields.entry("key").or_insert_with(|| key.into());
    }
    let text = body.to_string();
    let spec: Workflow = crate::extract::json(text.as_bytes())?;
    if spec.key != key {
        let detail = "must be the key of the path, or absent";
        return Err(app::Error::invalid("/key", "other_key", detail).into());
    }
    Ok(spec)
}

/// List workflows, by key.
#[utoipa::path(get, path = "/workflows", tag = "workflows", params(Paging),
    responses((status = 200, body = List<WorkflowView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<WorkflowView>>> {
    let page = paging.page(&api)?;
    let found = store::workflow::list(&mut *api.ctx.store.read(env).await?, env, &page).await?;
    Ok(Json(page_of(
        found,
        &page,
        |version| version.spec.key.clone(),
        WorkflowView::from,
    )))
}

/// Read one workflow.
#[utoipa::path(get, path = "/workflows/{workflow}", tag = "workflows",
    params(("workflow" = String, Path, description = "Key of the workflow")),
    responses((status = 200, body = WorkflowView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(key)): Segments<Name>,
) -> Answer<Json<WorkflowView>> {
    let found = store::workflow::get(&mut *api.ctx.store.read(env).await?, env, &key).await?;
    found
        .map(|version| Json(version.into()))
        .ok_or_else(|| Problem::not_found("workflow"))
}

/// List the versions of a workflow, newest first. A run keeps the one it began with.
#[utoipa::path(get, path = "/workflows/{workflow}/versions", tag = "workflows",
    params(("workflow" = String, Path, description = "Key of the workflow"), Paging),
    responses((status = 200, body = List<VersionView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn versions(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(key)): Segments<Name>,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<VersionView>>> {
    let page = paging.page(&api)?;
    let mut reader = api.ctx.store.read(env).await?;
    let known = store::workflow::get(&mut reader, env, &key).await?;
    let current = known.ok_or_else(|| Problem::not_found("workflow"))?.version;
    let found = store::workflow::versions(&mut reader, env, &key, &page).await?;
    Ok(Json(page_of(
        found,
        &page,
        |version| version.version.to_string(),
        |found| VersionView {
            version: found.version,
            created_at: rfc3339(found.updated_at),
            active: found.version == current,
        },
    )))
}

/// Read what a version of a workflow says.
#[utoipa::path(get, path = "/workflows/{workflow}/versions/{version}", tag = "workflows",
    params(("workflow" = String, Path, description = "Key of the workflow"), ("version" = i64, Path, description = "Number of the version")),
    responses((status = 200, body = Value), (status = "4XX", body = ProblemView)))]
pub(crate) async fn version(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments((Name(key), number)): Segments<(Name, i64)>,
) -> Answer<Json<Workflow>> {
    let mut reader = api.ctx.store.read(env).await?;
    let found = store::workflow::version(&mut reader, env, &key, number).await?;
    let version = found.ok_or_else(|| Problem::not_found("workflow"))?;
    Ok(Json(version.spec))
}

/// A version of a workflow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionView {
    /// Its number, from 1.
    pub version: i64,
    /// When it was declared.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Whether what starts now starts with it.
    pub active: bool,
}

/// End a workflow. Runs that began go on.
#[utoipa::path(delete, path = "/workflows/{workflow}", tag = "workflows",
    params(("workflow" = String, Path, description = "Key of the workflow")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    manage: Manage,
    Segments(Name(key)): Segments<Name>,
) -> Answer<StatusCode> {
    gone(api.ctx.delete_workflow(&manage.caller, &key).await)
}

/// What a workflow is triggered with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriggerBody {
    /// Whom it reaches, at most 1,000; those the workflow names when absent or empty.
    pub recipients: Option<Vec<RecipientBody>>,
    /// Tenant it happens in.
    pub tenant: Option<String>,
    /// Id of the user who caused it: left out of the recipients unless the workflow says otherwise.
    pub actor: Option<String>,
    /// What texts and conditions see as `data`; an empty object when absent.
    #[schema(value_type = Option<Object>)]
    pub data: Option<Box<RawValue>>,
    /// What it can be called off by: `POST /workflows/{workflow}/cancel`.
    pub cancellation_key: Option<String>,
}

/// Somebody to reach: an id of a user or, where no user is called that, of a tenant; or one of the forms that say which.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum RecipientBody {
    /// A user or, where no user is called that, a tenant.
    Id(String),
    /// One of the other forms.
    Named(NamedBody),
}

/// Exactly one of `id`, `user`, `tenant` and `topic`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedBody {
    /// A user or, where no user is called that, a tenant.
    pub id: Option<String>,
    /// A user.
    pub user: Option<String>,
    /// The members of a tenant.
    pub tenant: Option<String>,
    /// Only members with one of these roles.
    #[serde(default)]
    #[schema(value_type = Option<Vec<RoleView>>)]
    pub roles: Vec<Role>,
    /// The subscribers of a topic.
    pub topic: Option<String>,
}

impl RecipientBody {
    fn recipient(self, index: usize) -> Answer<Recipient> {
        let named = match self {
            Self::Id(id) => return Ok(Recipient::Id(id)),
            Self::Named(named) => named,
        };
        let roles = named.roles;
        let without_roles = roles.is_empty();
        match (named.id, named.user, named.tenant, named.topic) {
            (Some(id), None, None, None) if without_roles => Ok(Recipient::Id(id)),
            (None, Some(user), None, None) if without_roles => Ok(Recipient::User(user)),
            (None, None, Some(tenant), None) => Ok(Recipient::Tenant { tenant, roles }),
            (None, None, None, Some(topic)) if without_roles => Ok(Recipient::Topic(topic)),
            _ => {
                let pointer = format!("/recipients/{index}");
                let detail = "must have exactly one of id, user, tenant, topic; roles only with tenant";
                Err(app::Error::invalid(&pointer, "one_of", detail).into())
            }
        }
    }
}

/// A workflow was triggered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TriggeredView {
    /// The event that the trigger is, `evt_…`: its trace says what became of it.
    pub event_id: String,
    /// Whether it was triggered before, under the same `Idempotency-Key`.
    pub duplicate: bool,
}

/// Trigger a workflow.
#[utoipa::path(post, path = "/workflows/{workflow}/trigger", tag = "workflows",
    params(("workflow" = String, Path, description = "Key of the workflow")), request_body = Option<TriggerBody>,
    responses((status = 200, body = TriggeredView), (status = "4XX", body = ProblemView), (status = "5XX", body = ProblemView)))]
pub(crate) async fn trigger(
    State(api): State<Api>,
    Authed(caller): Authed,
    Segments(Name(key)): Segments<Name>,
    Optional(input): Optional<TriggerBody>,
) -> Answer<Json<TriggeredView>> {
    by_key(&caller)?;
    api.count(&caller, "events", 1).await?;
    let body = input.value;
    let recipients = body.recipients.map(|recipients| {
        let recipients = recipients.into_iter().enumerate();
        recipients
            .map(|(index, recipient)| recipient.recipient(index))
            .collect::<Answer<Vec<_>>>()
    });
    let data = match body.data {
        Some(data) => data,
        None => {
            RawValue::from_string("{}".into()).map_err(|error| app::Error::Internal(error.to_string()))?
        }
    };
    let trigger = TriggerInput {
        recipients: recipients.transpose()?,
        tenant: body.tenant,
        actor: body.actor,
        data,
        cancellation_key: body.cancellation_key,
    };
    let published = api
        .ctx
        .trigger(&caller, &key, trigger, input.once.as_ref())
        .await?;
    Ok(Json(TriggeredView {
        event_id: published.id.to_string(),
        duplicate: published.duplicate,
    }))
}

/// What is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelBody {
    /// The `cancellation_key` it was triggered with.
    pub cancellation_key: String,
    /// Only the runs of these users, at most 1,000; of everybody when absent or empty.
    #[serde(default)]
    pub users: Vec<String>,
}

/// Runs were called off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CancelledView {
    /// How many.
    pub cancelled: u64,
}

/// Call off what was triggered under a cancellation key.
///
/// Runs that wait end, and activities leave the batches that are still open. What was sent stays sent. An application calls off what it triggered itself.
#[utoipa::path(post, path = "/workflows/{workflow}/cancel", tag = "workflows",
    params(("workflow" = String, Path, description = "Key of the workflow")), request_body = CancelBody,
    responses((status = 200, body = CancelledView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn cancel(
    State(api): State<Api>,
    Authed(caller): Authed,
    Segments(Name(key)): Segments<Name>,
    input: Input<CancelBody>,
) -> Answer<Json<CancelledView>> {
    by_key(&caller)?;
    let body = input.value;
    let cancelled = api
        .ctx
        .cancel(&caller, &key, &body.cancellation_key, &body.users)
        .await?;
    Ok(Json(CancelledView { cancelled }))
}

/// Refuses a user's own token.
fn by_key(caller: &app::auth::Caller) -> Answer<()> {
    use app::auth::Caller;
    match caller {
        Caller::Environment { .. } | Caller::Application { .. } => Ok(()),
        Caller::User { .. } | Caller::Portal { .. } => {
            Err(app::Error::Forbidden("this needs an environment or application key".into()).into())
        }
    }
}

/// What there is and what happens in a simulation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewBody {
    /// What happens: each with `after` (since the beginning, such as `5m`) and either `type` and what else an event has, or `workflow` and what else
    /// a trigger has. At most 100.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Value>,
    /// Documents over those of the environment, as `PUT /resources` takes them: a workflow that is not declared yet.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub resources: Vec<Value>,
    /// People: ids of the environment's, or objects with `id`, what `PUT /users/{user}` takes, and `preferences`. At most 100.
    #[serde(default)]
    pub users: Vec<Value>,
    /// Tenants: ids of the environment's, who bring their members along, or objects with `id`, what `PUT /tenants/{tenant}` takes, `members` with
    /// their roles, `preferences` and `configs`. At most 100.
    #[serde(default)]
    pub tenants: Vec<Value>,
    /// Subscribers of topics.
    #[serde(default)]
    pub topics: BTreeMap<String, Vec<String>>,
    /// When it begins; now when absent.
    #[schema(format = DateTime)]
    pub from: Option<String>,
    /// How long it is watched, such as `2d`; 30 days when absent, at most 400.
    #[schema(value_type = Option<String>)]
    pub lasts: Option<Span>,
    /// What is said to come back where a step fetches something, by its name: `status` and `body`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub found: BTreeMap<String, Value>,
    /// So many attempts of each delivery are said to fail before one succeeds.
    #[serde(default)]
    pub failing_attempts: u32,
}

/// What would happen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    /// When it began.
    #[schema(format = DateTime)]
    pub from: Value,
    /// Until when it was watched.
    #[schema(format = DateTime)]
    pub until: Value,
    /// Events, steps and attempts in the order of the clock, each with what decided it.
    #[schema(value_type = Vec<Object>)]
    pub timeline: Value,
    /// What would be sent, rendered, and what would not, with the reason.
    #[schema(value_type = Vec<Object>)]
    pub messages: Value,
    /// What would stand in feeds.
    #[schema(value_type = Vec<Object>)]
    pub notifications: Value,
}

/// Try what would happen, sending nothing.
///
/// The script is played by the engine itself in a database of its own, with a clock that is turned through delays, batches, quiet hours and retries.
#[utoipa::path(post, path = "/workflows/preview", tag = "workflows", request_body = PreviewBody,
    responses((status = 200, body = PreviewView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn preview(
    State(api): State<Api>,
    manage: Manage,
    input: Input<PreviewBody>,
) -> Answer<Json<PreviewView>> {
    let Some(simulator) = &api.simulator else {
        return Err(Problem::not_found("simulation"));
    };
    let body = input.value;
    let script = Script {
        resources: body.resources,
        users: body.users,
        tenants: body.tenants,
        topics: body.topics,
        events: body.events,
        from: body.from,
        lasts: body.lasts,
        found: body.found,
        failing_attempts: body.failing_attempts,
    };
    let script = api.ctx.script(&manage.caller, script).await?;
    let mut told = simulator.simulate(script).await?;
    Ok(Json(PreviewView {
        from: told["from"].take(),
        until: told["until"].take(),
        timeline: told["timeline"].take(),
        messages: told["messages"].take(),
        notifications: told["notifications"].take(),
    }))
}
