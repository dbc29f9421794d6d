//! Resources: what an environment is made of, as documents that are applied together.

use app::resource::{Applied, Became, Kind, Manner};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::extract::{Input, Manage};
use crate::problem::{Answer, ProblemView};
use crate::state::Api;
use crate::words::ResourceKind;

/// Documents to apply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourcesBody {
    /// Each with its `kind` (`environment`, `event_type`, `template`, `channel`, `preferences`, `workflow`) and what it says; at most 3,000.
    #[schema(value_type = Vec<Object>)]
    pub resources: Vec<Value>,
    /// Only say what would become of them.
    #[serde(default)]
    pub dry_run: bool,
    /// Take away the event types, templates, channels and workflows that they do not name.
    #[serde(default)]
    pub prune: bool,
}

/// What became of a resource.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BecameView {
    /// It is new.
    Created,
    /// It is otherwise than before.
    Updated,
    /// It is as it was.
    Unchanged,
    /// It was taken away.
    Deleted,
}

impl From<Became> for BecameView {
    fn from(became: Became) -> Self {
        match became {
            Became::Created => Self::Created,
            Became::Updated => Self::Updated,
            Became::Unchanged => Self::Unchanged,
            Became::Deleted => Self::Deleted,
        }
    }
}

/// One place where a resource is otherwise than before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DifferenceView {
    /// JSON pointer into its document.
    pub pointer: String,
    /// What stood there; absent where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What stands there now; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// A resource, applied.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppliedView {
    /// Its kind.
    #[schema(value_type = ResourceKind)]
    pub kind: Kind,
    /// Its name among those of its kind.
    pub name: String,
    /// What became of it.
    pub became: BecameView,
    /// Where it is otherwise than before; nothing where only a secret is.
    pub differences: Vec<DifferenceView>,
}

impl From<Applied> for AppliedView {
    fn from(applied: Applied) -> Self {
        let differences = applied.differences.into_iter();
        Self {
            kind: applied.kind,
            name: applied.name,
            became: applied.became.into(),
            differences: differences
                .map(|place| DifferenceView {
                    pointer: place.pointer,
                    before: place.before,
                    after: place.after,
                })
                .collect(),
        }
    }
}

/// Resources after they were applied.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppliedList {
    /// Every resource of the environment, in the order in which they are applied, and those that were taken away.
    pub data: Vec<AppliedView>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// The resources of an environment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceList {
    /// Their documents, in the order in which they are applied. Secrets are hidden; applied like this they stay what they are.
    #[schema(value_type = Vec<Object>)]
    pub resources: Vec<Value>,
}

/// Make the environment what documents say.
///
/// All of them or, where anything is wrong with one, none. The same again changes nothing. What is wrong is told by JSON pointer, texts with line and column.
#[utoipa::path(put, path = "/resources", tag = "resources", request_body = ResourcesBody,
    responses((status = 200, body = AppliedList), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put(
    State(api): State<Api>,
    manage: Manage,
    input: Input<ResourcesBody>,
) -> Answer<Json<AppliedList>> {
    let body = input.value;
    let manner = Manner {
        dry_run: body.dry_run,
        prune: body.prune,
    };
    let applied = api.ctx.apply(&manage.caller, &body.resources, manner).await?;
    Ok(Json(AppliedList {
        data: applied.into_iter().map(AppliedView::from).collect(),
        dry_run: body.dry_run,
    }))
}

/// Read the environment as documents.
#[utoipa::path(get, path = "/resources", tag = "resources",
    responses((status = 200, body = ResourceList), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(State(api): State<Api>, manage: Manage) -> Answer<Json<ResourceList>> {
    let resources = api.ctx.resources(&manage.caller).await?;
    Ok(Json(ResourceList { resources }))
}
