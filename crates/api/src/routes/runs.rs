//! Runs: one recipient going through one workflow.

use axum::Json;
use axum::extract::State;
use domain::id::{EventId, Prefixed, RunId};
use domain::run::{RunStatus, StepLog};
use domain::time::rfc3339;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::run::{Filter, Run};
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Manage, Params, Segments};
use crate::fields::nul_free;
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// A run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunView {
    /// Its id, `run_…`.
    pub id: String,
    /// Key of its workflow.
    pub workflow: String,
    /// The version it began with.
    pub version: i64,
    /// The event it follows from, `evt_…`.
    pub event_id: String,
    /// Its recipient.
    pub user_id: String,
    /// Tenant it happens in.
    pub tenant: Option<String>,
    /// The user who caused it.
    pub actor: Option<String>,
    /// Where it stands.
    #[schema(value_type = words::RunStatus)]
    pub status: &'static str,
    /// The one step it takes, where that was held up in another run.
    pub part: Option<String>,
    /// The batch its activity went into, `bat_…`.
    pub batch_id: Option<String>,
    /// Whether its activity was called off after its batch closed: what goes on for the others leaves it out.
    pub called_off: bool,
    /// What became of its steps, first to last.
    pub steps: Vec<StepView>,
    /// When it began.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub finished_at: Option<String>,
}

/// What became of a step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepView {
    /// Its name; empty for what concerns the recipient as a whole.
    pub step: String,
    /// What it does, such as `email`.
    pub does: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// What became of it.
    #[schema(value_type = words::StepOutcome)]
    pub outcome: &'static str,
    /// What decided it.
    #[schema(value_type = Option<Object>)]
    pub why: Option<Value>,
    /// Deliveries it made, `dlv_…`.
    pub deliveries: Vec<String>,
    /// The notification it made, `ntf_…`.
    pub notification_id: Option<String>,
    /// The run that the step goes on as, where it is held up, `run_…`.
    pub run_id: Option<String>,
    /// Until when it waits.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

impl From<StepLog> for StepView {
    fn from(entry: StepLog) -> Self {
        Self {
            step: entry.step,
            does: entry.does,
            at: rfc3339(entry.at),
            outcome: entry.outcome.as_str(),
            why: entry.why,
            deliveries: entry.deliveries.iter().map(ToString::to_string).collect(),
            notification_id: entry.notification.map(|id| id.to_string()),
            run_id: entry.run.map(|id| id.to_string()),
            until: entry.until.map(rfc3339),
        }
    }
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        let steps = run.log().iter().cloned().map(StepView::from).collect();
        Self {
            id: run.id.to_string(),
            workflow: run.workflow,
            version: run.version,
            event_id: run.event.to_string(),
            user_id: run.user,
            tenant: run.tenant,
            actor: run.actor,
            status: run.status.as_str(),
            part: Some(run.part).filter(|part| !part.is_empty()),
            batch_id: run.batch.map(|id| id.to_string()),
            called_off: run.called_off,
            steps,
            created_at: rfc3339(run.created_at),
            finished_at: run.finished_at.map(rfc3339),
        }
    }
}

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunQuery {
    /// Only of this workflow.
    pub workflow: Option<String>,
    /// Only of this recipient.
    pub user: Option<String>,
    /// Only from this event, `evt_…`.
    pub event: Option<String>,
    /// Only in this state.
    #[param(inline, value_type = Option<words::RunStatus>)]
    pub status: Option<String>,
    /// Rows of the page.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl RunQuery {
    fn filter(&self) -> Answer<Filter> {
        let status = |word: &String| {
            let unknown = || Problem::bad_request("?status", "unknown", "is not a state of a run");
            RunStatus::from_word(word).ok_or_else(unknown)
        };
        let event = |text: &String| {
            EventId::parse(text)
                .ok_or_else(|| Problem::bad_request("?event", "format", "must be an id, evt_…"))
        };
        nul_free([&self.user, &self.workflow])?;
        Ok(Filter {
            workflow: self.workflow.clone(),
            user: self.user.clone(),
            event: self.event.as_ref().map(event).transpose()?,
            status: self.status.as_ref().map(status).transpose()?,
        })
    }
}

/// List runs, newest first.
#[utoipa::path(get, path = "/runs", tag = "runs", params(RunQuery),
    responses((status = 200, body = List<RunView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(query): Params<RunQuery>,
) -> Answer<Json<List<RunView>>> {
    let filter = query.filter()?;
    let page = Paging {
        limit: query.limit,
        cursor: query.cursor,
    }
    .page(&api)?;
    let rows = store::run::list(&mut *api.ctx.store.read(env).await?, env, &filter, &page).await?;
    Ok(Json(page_of(
        rows,
        &page,
        |run| run.id.bare().to_owned(),
        RunView::from,
    )))
}

/// Read one run, with what became of its steps.
#[utoipa::path(get, path = "/runs/{run}", tag = "runs",
    params(("run" = String, Path, description = "Id of the run")),
    responses((status = 200, body = RunView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(id): Segments<RunId>,
) -> Answer<Json<RunView>> {
    let found = store::run::get(&mut *api.ctx.store.read(env).await?, env, id).await?;
    found
        .map(|run| Json(run.into()))
        .ok_or_else(|| Problem::not_found("run"))
}
