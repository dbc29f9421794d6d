//! Templates: texts that workflows name, as a partial or as a layout around a mail.

use axum::Json;
use axum::extract::State;
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::template::Template;
use utoipa::ToSchema;

use crate::extract::{Input, Manage, Params, Segments};
use crate::fields::{Name, gone};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// What a template says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateBody {
    /// Liquid, at most 65,536 characters. One that shows its `{{ content }}` can lie around a mail as its layout.
    pub source: String,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    /// Its name: `{% render "name" %}`.
    pub name: String,
    /// Liquid.
    pub source: String,
    /// When it was written first.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<Template> for TemplateView {
    fn from(template: Template) -> Self {
        Self {
            name: template.name,
            source: template.source,
            created_at: rfc3339(template.created_at),
            updated_at: rfc3339(template.updated_at),
        }
    }
}

/// Write a template, whole.
///
/// Every workflow that names it gets a new version; runs that began keep the words they began with. Refused where the template, or one of those workflows with it, cannot be read: with line and column.
#[utoipa::path(put, path = "/templates/{template}", tag = "templates",
    params(("template" = String, Path, description = "Name of the template")), request_body = TemplateBody,
    responses((status = 200, body = TemplateView), (status = 201, body = TemplateView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put(
    State(api): State<Api>,
    manage: Manage,
    Segments(Name(name)): Segments<Name>,
    input: Input<TemplateBody>,
) -> Answer<(StatusCode, Json<TemplateView>)> {
    let source = &input.value.source;
    let (template, is_new) = api.ctx.put_template(&manage.caller, &name, source).await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(template.into())))
}

/// List templates, by name.
#[utoipa::path(get, path = "/templates", tag = "templates", params(Paging),
    responses((status = 200, body = List<TemplateView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<TemplateView>>> {
    let page = paging.page(&api)?;
    let found = store::template::list(&mut *api.ctx.store.read(env).await?, env, &page).await?;
    Ok(Json(page_of(
        found,
        &page,
        |template| template.name.clone(),
        TemplateView::from,
    )))
}

/// Read one template.
#[utoipa::path(get, path = "/templates/{template}", tag = "templates",
    params(("template" = String, Path, description = "Name of the template")),
    responses((status = 200, body = TemplateView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(name)): Segments<Name>,
) -> Answer<Json<TemplateView>> {
    let found = store::template::get(&mut *api.ctx.store.read(env).await?, env, &name).await?;
    found
        .map(|template| Json(template.into()))
        .ok_or_else(|| Problem::not_found("template"))
}

/// Take a template away. Refused while a workflow names it.
#[utoipa::path(delete, path = "/templates/{template}", tag = "templates",
    params(("template" = String, Path, description = "Name of the template")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    manage: Manage,
    Segments(Name(name)): Segments<Name>,
) -> Answer<StatusCode> {
    gone(api.ctx.delete_template(&manage.caller, &name).await)
}
