//! Event types: what may be published, and how it looks outside.

use app::event_type::EventTypePatch;
use axum::Json;
use axum::extract::State;
use domain::event_type::{EventType, FIRST_VERSION, Visibility};
use domain::text::check_json;
use domain::time::rfc3339;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::extract::{Input, Manage, Params, Segments};
use crate::fields::{Name, gone, nullable, present};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// Who may see events of a type.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VisibilityView {
    /// The publishing application, and the application of the tenant the event names.
    App,
    /// Every application of the environment.
    Platform,
    /// Nobody: it starts workflows and stands in the log, and is sent to no webhook and no stream.
    Internal,
}

impl From<VisibilityView> for Visibility {
    fn from(visibility: VisibilityView) -> Self {
        match visibility {
            VisibilityView::App => Self::App,
            VisibilityView::Platform => Self::Platform,
            VisibilityView::Internal => Self::Internal,
        }
    }
}

impl From<Visibility> for VisibilityView {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::App => Self::App,
            Visibility::Platform => Self::Platform,
            Visibility::Internal => Self::Internal,
        }
    }
}

/// An event type to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventTypeBody {
    /// The name it is published under, such as `observation.captured`.
    pub name: String,
    /// The category it belongs to.
    pub category: String,
    /// What people call such an event.
    pub title: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// JSON Schema that `data` must satisfy, at most 64 KiB.
    #[schema(value_type = Option<Object>)]
    pub schema: Option<Box<RawValue>>,
    /// Dated version, in every envelope.
    pub version: Option<String>,
    /// Who may see it; the publishing application when absent.
    pub visibility: Option<VisibilityView>,
    /// The name it has outside; the same name when absent.
    pub public_name: Option<String>,
    /// The top-level fields of `data` that leave; all when absent.
    pub public_fields: Option<Vec<String>>,
}

impl EventTypeBody {
    fn spec(self) -> Answer<EventType> {
        Ok(EventType {
            name: self.name,
            category: self.category,
            title: self.title,
            description: self.description.unwrap_or_default(),
            schema: schema(self.schema)?,
            version: self.version.unwrap_or_else(|| FIRST_VERSION.to_owned()),
            visibility: self.visibility.map(Visibility::from).unwrap_or_default(),
            public_name: self.public_name,
            public_fields: self.public_fields,
            created_at: 0,
            updated_at: 0,
        })
    }
}

const SCHEMA_BYTES: usize = 64 * 1024;
const SCHEMA_DEPTH: usize = 64;

/// Reads a schema; whether it is one is for the verb to say.
fn schema(raw: Option<Box<RawValue>>) -> Answer<Option<Value>> {
    let Some(raw) = raw else { return Ok(None) };
    let text = raw.get();
    let wrong = |code, detail: String| Err(app::Error::invalid("/schema", code, detail).into());
    if text.len() > SCHEMA_BYTES {
        return wrong(
            "too_long",
            format!("must have at most {SCHEMA_BYTES} bytes, has {}", text.len()),
        );
    }
    if let Err(fault) = check_json(text, SCHEMA_DEPTH) {
        return wrong(fault.code, fault.detail);
    }
    serde_json::from_str(text)
        .map(Some)
        .or_else(|error| wrong("json", error.to_string()))
}

/// Changes of an event type; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventTypeChanges {
    /// The category it belongs to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    pub category: Option<String>,
    /// What people call such an event; null says it by its name.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub title: Option<Option<String>>,
    /// For people.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// JSON Schema that `data` must satisfy; null lets anything pass.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Object>)]
    pub schema: Option<Option<Box<RawValue>>>,
    /// Dated version, in every envelope.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    pub version: Option<String>,
    /// Who may see it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = VisibilityView, required = false)]
    pub visibility: Option<VisibilityView>,
    /// The name it has outside; null is the same name.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub public_name: Option<Option<String>>,
    /// The top-level fields of `data` that leave; null lets all leave.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<String>>)]
    pub public_fields: Option<Option<Vec<String>>>,
}

impl EventTypeChanges {
    fn patch(self) -> Answer<EventTypePatch> {
        Ok(EventTypePatch {
            category: self.category,
            title: self.title,
            description: self.description,
            schema: self.schema.map(schema).transpose()?,
            version: self.version,
            visibility: self.visibility.map(Visibility::from),
            public_name: self.public_name,
            public_fields: self.public_fields,
        })
    }
}

/// A registered event type.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventTypeView {
    /// The name it is published under.
    pub name: String,
    /// The category it belongs to.
    pub category: String,
    /// What people call such an event.
    pub title: Option<String>,
    /// For people.
    pub description: String,
    /// JSON Schema that `data` must satisfy.
    #[schema(value_type = Option<Object>)]
    pub schema: Option<Value>,
    /// Dated version, in every envelope.
    pub version: String,
    /// Who may see it.
    pub visibility: VisibilityView,
    /// The name it has outside, where it is another.
    pub public_name: Option<String>,
    /// The top-level fields of `data` that leave; null lets all leave.
    pub public_fields: Option<Vec<String>>,
    /// When it was registered.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<EventType> for EventTypeView {
    fn from(spec: EventType) -> Self {
        Self {
            name: spec.name,
            category: spec.category,
            title: spec.title,
            description: spec.description,
            schema: spec.schema,
            version: spec.version,
            visibility: spec.visibility.into(),
            public_name: spec.public_name,
            public_fields: spec.public_fields,
            created_at: rfc3339(spec.created_at),
            updated_at: rfc3339(spec.updated_at),
        }
    }
}

/// Register an event type.
///
/// The same type again is answered as it is, with 200; another one under a known name is refused with 409.
#[utoipa::path(post, path = "/event-types", tag = "event types", request_body = EventTypeBody,
    responses((status = 201, body = EventTypeView), (status = 200, body = EventTypeView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn create(
    State(api): State<Api>,
    manage: Manage,
    input: Input<EventTypeBody>,
) -> Answer<(StatusCode, Json<EventTypeView>)> {
    let spec = input.value.spec()?;
    let (spec, is_new) = api
        .ctx
        .create_event_type(&manage.caller, spec, input.once.as_ref())
        .await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(spec.into())))
}

/// List event types, by name.
#[utoipa::path(get, path = "/event-types", tag = "event types", params(Paging),
    responses((status = 200, body = List<EventTypeView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<EventTypeView>>> {
    let page = paging.page(&api)?;
    let types = store::event_type::list(&mut *api.ctx.store.read(env).await?, env, &page).await?;
    Ok(Json(page_of(
        types,
        &page,
        |spec| spec.name.clone(),
        EventTypeView::from,
    )))
}

/// Read one event type.
#[utoipa::path(get, path = "/event-types/{name}", tag = "event types",
    params(("name" = String, Path, description = "Name of the type, a slash written as %2F")),
    responses((status = 200, body = EventTypeView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(name)): Segments<Name>,
) -> Answer<Json<EventTypeView>> {
    let found = store::event_type::get(&mut *api.ctx.store.read(env).await?, env, &name).await?;
    found
        .map(|spec| Json(spec.into()))
        .ok_or_else(|| Problem::not_found("event type"))
}

/// Change an event type.
#[utoipa::path(patch, path = "/event-types/{name}", tag = "event types",
    params(("name" = String, Path, description = "Name of the type, a slash written as %2F")), request_body = EventTypeChanges,
    responses((status = 200, body = EventTypeView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn update(
    State(api): State<Api>,
    manage: Manage,
    Segments(Name(name)): Segments<Name>,
    input: Input<EventTypeChanges>,
) -> Answer<Json<EventTypeView>> {
    let patch = input.value.patch()?;
    Ok(Json(
        api.ctx
            .update_event_type(&manage.caller, &name, patch)
            .await?
            .into(),
    ))
}

/// Forget an event type. Events published under it stay as they are.
#[utoipa::path(delete, path = "/event-types/{name}", tag = "event types",
    params(("name" = String, Path, description = "Name of the type, a slash written as %2F")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    manage: Manage,
    Segments(name): Segments<String>,
) -> Answer<StatusCode> {
    gone(api.ctx.delete_event_type(&manage.caller, &name).await)
}
