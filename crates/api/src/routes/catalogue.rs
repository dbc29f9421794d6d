//! The catalogue: the event types an application may receive, as they look from outside.

use axum::Json;
use axum::extract::State;
use domain::event_type::{EventType, Visibility};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::webhooks::CLASS;
use crate::extract::{Params, Receiver};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, ProblemView};
use crate::state::Api;

/// A type of events, as it looks from outside.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CatalogueView {
    /// The name that envelopes say.
    pub name: String,
    /// What people call such an event.
    pub title: String,
    /// The category it belongs to.
    pub category: String,
    /// For people.
    pub description: String,
    /// Dated version, in every envelope.
    pub version: String,
    /// JSON Schema of `data`, without what stays inside.
    #[schema(value_type = Option<Object>)]
    pub schema: Option<Value>,
    /// An example of `data`, where the schema has one.
    #[schema(value_type = Option<Object>)]
    pub sample: Option<Value>,
}

impl From<&EventType> for CatalogueView {
    fn from(spec: &EventType) -> Self {
        Self {
            name: spec.outside_name().to_owned(),
            title: spec.label(),
            category: spec.category.clone(),
            description: spec.description.clone(),
            version: spec.version.clone(),
            schema: spec.outside_schema(),
            sample: spec.sample(),
        }
    }
}

/// List the types of events that an application may receive, as they look from outside, by name.
#[utoipa::path(get, path = "/apps/{app}/event-types", tag = "catalogue",
    params(("app" = String, Path, description = "Id or uid of the application"), Paging),
    responses((status = 200, body = List<CatalogueView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Receiver(own): Receiver,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<CatalogueView>>> {
    api.count(&own.caller, CLASS, 1).await?;
    let page = paging.page(&api)?;
    let environment = api.ctx.environment(own.env()).await?;
    let specs = environment.catalogue.iter().map(|ready| &*ready.spec);
    let mut seen: Vec<&EventType> = specs
        .filter(|spec| spec.visibility != Visibility::Internal)
        .collect();
    // Several may look the same outside.
    seen.sort_by_key(|spec| spec.outside_name());
    seen.dedup_by_key(|spec| spec.outside_name());
    let after = page.after.clone().unwrap_or_default();
    let rows = seen.into_iter().filter(|spec| *spec.outside_name() > *after);
    let rows: Vec<_> = rows
        .take(usize::try_from(page.limit).unwrap_or_default())
        .map(CatalogueView::from)
        .collect();
    Ok(Json(page_of(rows, &page, |row| row.name.clone(), |row| row)))
}
