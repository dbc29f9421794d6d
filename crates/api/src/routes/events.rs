//! Events: publish one, publish many, read.

use axum::Json;
use domain::environment::Env;
use domain::event::{Entity, Event, EventInput};
use domain::id::{AppId, EventId};
use domain::text::Fault;
use domain::time::{parse_rfc3339, rfc3339};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Input, Manage, OwnApp, Params, Segments};
use crate::fields::nul_free;
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, FaultView, Problem, ProblemView};
use crate::state::Api;
use axum::extract::State;

/// An event to publish.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventBody {
    /// Event type, such as `observation.captured`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Category; the registered type's when absent.
    pub category: Option<String>,
    /// The thing it is about.
    pub entity: Option<EntityView>,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// Users it concerns.
    #[serde(default)]
    pub users: Vec<String>,
    /// Payload: any JSON, kept as the bytes received.
    #[schema(value_type = serde_json::Value)]
    pub data: Box<RawValue>,
    /// Your own id: the same id is published once within 30 days.
    pub id: Option<String>,
    /// RFC 3339; the time of publishing when absent.
    #[schema(format = DateTime)]
    pub occurred_at: Option<String>,
}

/// The thing an event is about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityView {
    /// Kind of thing, such as `session`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Your id of it.
    pub id: String,
}

impl From<EventBody> for EventInput {
    fn from(body: EventBody) -> Self {
        Self {
            kind: body.kind,
            category: body.category,
            entity: body.entity.map(|entity| Entity {
                kind: entity.kind,
                id: entity.id,
            }),
            tenant: body.tenant,
            users: body.users,
            data: body.data,
            id: body.id,
            occurred_at: body.occurred_at,
        }
    }
}

/// An event was published.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublishedView {
    /// Its id; receivers get it as `webhook-id`.
    pub event_id: EventIdView,
    /// Whether it was published before, under the same id or `Idempotency-Key`.
    pub duplicate: bool,
}

/// An event's id, `evt_…`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = String, examples("evt_2x4Kq1Zr0mVh8YbS3nTfWc7Ld9e"))]
#[serde(transparent)]
pub(crate) struct EventIdView(pub EventId);

/// Publish an event.
///
/// Answered with 200 once it is in the database, together with every delivery that follows from it.
#[utoipa::path(post, path = "/apps/{app}/events", tag = "events",
    params(("app" = String, Path, description = "Id or uid of the application")),
    request_body = EventBody,
    responses((status = 200, body = PublishedView), (status = "4XX", body = ProblemView), (status = "5XX", body = ProblemView)))]
pub(crate) async fn publish(
    State(api): State<Api>,
    own: OwnApp,
    input: Input<EventBody>,
) -> Answer<Json<PublishedView>> {
    api.count(&own.caller, "events", 1).await?;
    let published = api
        .ctx
        .publish(&own.app, input.value.into(), input.once.as_ref())
        .await?;
    Ok(Json(PublishedView {
        event_id: EventIdView(published.id),
        duplicate: published.duplicate,
    }))
}

/// Up to a thousand events.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchBody {
    /// The events.
    #[schema(value_type = Vec<EventBody>)]
    pub events: Vec<Box<RawValue>>,
}

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchView {
    /// The good ones.
    pub data: Vec<BatchPublished>,
    /// The bad ones, each with what is wrong.
    pub errors: Vec<BatchFault>,
}

/// One published event of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchPublished {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Its id.
    pub event_id: EventIdView,
    /// Whether it was published before.
    pub duplicate: bool,
}

/// One refused event of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchFault {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The status it alone would have been answered with.
    pub status: u16,
    /// Stable word.
    pub code: String,
    /// Sentence.
    pub detail: String,
    /// Every single fault.
    pub errors: Vec<FaultView>,
}

/// Publish up to a thousand events.
///
/// The good ones are accepted; each bad one is reported by its index. So is each whose `Idempotency-Key` was used with another batch.
#[utoipa::path(post, path = "/apps/{app}/events/batch", tag = "events",
    params(("app" = String, Path, description = "Id or uid of the application")),
    request_body = BatchBody,
    responses((status = 200, body = BatchView), (status = "4XX", body = ProblemView), (status = "5XX", body = ProblemView)))]
pub(crate) async fn publish_batch(
    State(api): State<Api>,
    own: OwnApp,
    input: Input<BatchBody>,
) -> Answer<Json<BatchView>> {
    let events = input.value.events;
    let most = api.settings.batch_events;
    if events.is_empty() || events.len() > most {
        return Err(app::Error::invalid("/events", "size", format!("must have 1 to {most} events")).into());
    }
    api.count(&own.caller, "events", events.len()).await?;
    let inputs = events.iter().map(|raw| event_of(raw)).collect();
    let results = api.ctx.publish_batch(&own.app, inputs, input.once.as_ref()).await;
    let mut view = BatchView {
        data: Vec::with_capacity(results.len()),
        errors: Vec::new(),
    };
    for (index, result) in results.into_iter().enumerate() {
        match result {
            Ok(published) => view.data.push(BatchPublished {
                index,
                event_id: EventIdView(published.id),
                duplicate: published.duplicate,
            }),
            Err(error) => view.errors.push(refused(index, error)),
        }
    }
    // A database that is away takes none of them: that is no answer of 200.
    if view.data.is_empty()
        && view
            .errors
            .first()
            .is_some_and(|fault| fault.status == StatusCode::SERVICE_UNAVAILABLE.as_u16())
    {
        return Err(app::Error::Unavailable("a batch could not be written".into()).into());
    }
    Ok(Json(view))
}

fn event_of(raw: &RawValue) -> Result<EventInput, Vec<Fault>> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize::<_, EventBody>(&mut deserializer)
        .map(EventInput::from)
        .map_err(|error| {
            let pointer = app::pointer(error.path());
            vec![Fault::new(pointer, "shape", error.into_inner().to_string())]
        })
}

fn refused(index: usize, error: app::Error) -> BatchFault {
    let errors = match &error {
        app::Error::BadRequest(faults) | app::Error::Invalid(faults) => faults.clone(),
        app::Error::TooLarge(fault) => vec![fault.clone()],
        _ => Vec::new(),
    };
    let detail = error.to_string();
    let problem = Problem::from(error);
    BatchFault {
        index,
        status: problem.status().as_u16(),
        code: problem.code().to_owned(),
        detail,
        errors: errors.into_iter().map(FaultView::from).collect(),
    }
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// Its id.
    pub id: EventIdView,
    /// The application that published it.
    pub app_id: String,
    /// Event type as published.
    #[serde(rename = "type")]
    pub kind: String,
    /// Category.
    pub category: Option<String>,
    /// The thing it is about.
    pub entity: Option<EntityView>,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// Users it concerns.
    pub users: Vec<String>,
    /// Payload, as the bytes received.
    #[schema(value_type = serde_json::Value)]
    pub data: Box<RawValue>,
    /// The publisher's own id.
    pub external_id: Option<String>,
    /// When it happened.
    #[schema(format = DateTime)]
    pub occurred_at: String,
    /// When it was published.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl TryFrom<Event> for EventView {
    type Error = Problem;
    fn try_from(event: Event) -> Answer<Self> {
        let data = RawValue::from_string(event.data.to_string()).map_err(|_| {
            Problem::from(app::Error::Internal(format!(
                "the data of {} is not JSON",
                event.id
            )))
        })?;
        Ok(Self {
            id: EventIdView(event.id),
            app_id: event.app.to_string(),
            kind: event.kind.to_string(),
            category: event.category.as_deref().map(ToOwned::to_owned),
            entity: event.entity.map(|entity| EntityView {
                kind: entity.kind,
                id: entity.id,
            }),
            tenant: event.tenant,
            users: event.users,
            data,
            external_id: event.external_id,
            occurred_at: rfc3339(event.occurred_at),
            created_at: rfc3339(event.created_at),
        })
    }
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// Only this type.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Only this category.
    pub category: Option<String>,
    /// Only about this kind of thing.
    pub entity_type: Option<String>,
    /// Only about this thing.
    pub entity_id: Option<String>,
    /// Only of this tenant.
    pub tenant: Option<String>,
    /// Only concerning this user.
    pub user: Option<String>,
    /// Published not before (RFC 3339). A filter inside `data` without it looks at the last 24 hours.
    pub from: Option<String>,
    /// Published before (RFC 3339).
    pub to: Option<String>,
    /// Rows of the page.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// What names of filters inside `data` begin with.
const INSIDE: &str = "data.";

/// Longest time range that a filter inside `data` may look at.
const DATA_RANGE: i64 = 31 * 86_400_000;
const DAY: i64 = 86_400_000;

/// List events, newest first.
///
/// Beside the parameters listed here, up to five of the form `data.<path>=<value>` compare a value inside `data`.
#[utoipa::path(get, path = "/apps/{app}/events", tag = "events",
    params(("app" = String, Path, description = "Id or uid of the application"), EventQuery),
    extensions(("x-parameters-beginning" = json!("data."))),
    responses((status = 200, body = List<EventView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    own: OwnApp,
    Params(query): Params<EventQuery>,
    uri: http::Uri,
) -> Answer<Json<List<EventView>>> {
    page_of_events(&api, (own.env(), Some(own.id())), query, &uri).await
}

/// Which application's.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PublisherQuery {
    /// Only those that this application published, by id or uid.
    pub app: Option<String>,
}

/// List the events of the environment, newest first.
///
/// Beside the parameters listed here, up to five of the form `data.<path>=<value>` compare a value inside `data`.
#[utoipa::path(get, path = "/events", tag = "events", params(PublisherQuery, EventQuery),
    extensions(("x-parameters-beginning" = json!("data."))),
    responses((status = 200, body = List<EventView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list_all(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(of): Params<PublisherQuery>,
    Params(query): Params<EventQuery>,
    uri: http::Uri,
) -> Answer<Json<List<EventView>>> {
    let app = match of.app {
        Some(name) => Some(api.ctx.named_app(env, &name).await?.app.id),
        None => None,
    };
    page_of_events(&api, (env, app), query, &uri).await
}

async fn page_of_events(
    api: &Api,
    (env, app): (Env, Option<AppId>),
    query: EventQuery,
    uri: &http::Uri,
) -> Answer<Json<List<EventView>>> {
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor.clone(),
    };
    let page = paging.page(api)?;
    let filter = filter(query, uri.query().unwrap_or(""), api.ctx.now())?;
    let mut reader = api.ctx.store.read(env).await?;
    let events = store::event::list(&mut reader, env, app, &filter, &page).await?;
    let list = page_of(
        events,
        &page,
        |event| domain::id::Prefixed::bare(&event.id).to_owned(),
        EventView::try_from,
    );
    let data = list.data.into_iter().collect::<Answer<Vec<_>>>()?;
    Ok(Json(List {
        data,
        next_cursor: list.next_cursor,
    }))
}

/// A whole number from a query that also carries parameters of other kinds.
fn filter(query: EventQuery, raw: &str, now: i64) -> Answer<store::event::Filter> {
    let data = data_filters(raw)?;
    let mut from = time(query.from.as_deref(), "?from")?;
    let to = time(query.to.as_deref(), "?to")?;
    if !data.is_empty() {
        let end = to.unwrap_or(now);
        let begin = *from.get_or_insert(end - DAY);
        if end - begin > DATA_RANGE {
            return Err(Problem::bad_request(
                "?from",
                "range",
                "a filter inside data may look at 31 days at most",
            ));
        }
    }
    let texts = [
        &query.kind,
        &query.category,
        &query.entity_type,
        &query.entity_id,
        &query.tenant,
        &query.user,
    ];
    nul_free(texts)?;
    Ok(store::event::Filter {
        kind: query.kind,
        category: query.category,
        entity_type: query.entity_type,
        entity_id: query.entity_id,
        tenant: query.tenant,
        user: query.user,
        from,
        to,
        data,
    })
}

/// An RFC 3339 time in a query.
pub(crate) fn time(text: Option<&str>, pointer: &str) -> Answer<Option<i64>> {
    text.map(|text| {
        parse_rfc3339(text).ok_or_else(|| Problem::bad_request(pointer, "format", "must be an RFC 3339 time"))
    })
    .transpose()
}

fn data_filters(raw: &str) -> Answer<Vec<store::event::DataFilter>> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(raw).unwrap_or_default();
    let filters: Vec<_> = pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(INSIDE)?.to_owned(), value)))
        .map(|(path, value)| store::event::DataFilter {
            path: path.split('.').map(ToOwned::to_owned).collect(),
            value,
        })
        .collect();
    let fits = |filter: &store::event::DataFilter| {
        filter.path.len() <= 16
            && filter
                .path
                .iter()
                .all(|name| !name.is_empty() && name.len() <= 200 && !name.contains(['\0', '"']))
            && !filter.value.contains('\0')
    };
    if filters.len() > 5 || !filters.iter().all(fits) {
        let detail = "at most 5 filters inside data, each a dotted path of at most 16 names";
        return Err(Problem::bad_request("?data", "format", detail));
    }
    Ok(filters)
}

/// Read one event.
#[utoipa::path(get, path = "/apps/{app}/events/{event}", tag = "events",
    params(("app" = String, Path, description = "Id or uid of the application"), ("event" = String, Path, description = "Id of the event")),
    responses((status = 200, body = EventView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    own: OwnApp,
    Segments((_, event)): Segments<(String, EventId)>,
) -> Answer<Json<EventView>> {
    let mut reader = api.ctx.store.read(own.env()).await?;
    let found = store::event::get(&mut reader, own.env(), own.id(), event).await?;
    let event = found.ok_or_else(|| Problem::not_found("event"))?;
    Ok(Json(EventView::try_from(event)?))
}
