//! A user's feed: read, counted, followed by polling, changed.

use app::auth::sha256;
use app::notification::Viewer;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::feed::{Change, Mark, Scope, Status};
use domain::id::{AppId, NotificationId, Prefixed};
use domain::notification::Priority;
use domain::text::{Fault, Faults};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Feed, Input, Params, Segments, Whole, json};
use crate::item::{CountersView, ItemView, MarkView};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// Which items.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedQuery {
    /// Only with this status.
    #[param(inline, value_type = Option<words::NotificationStatus>)]
    pub status: Option<String>,
    /// Only of this application (id or uid).
    pub app: Option<String>,
    /// Only of this priority.
    #[param(inline, value_type = Option<words::Priority>)]
    pub priority: Option<String>,
    /// Only of this tenant.
    pub tenant: Option<String>,
    /// Rows of the page.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows to pass over, in place of a cursor. Where the feed moves in between, only cursors show every row once.
    #[param(minimum = 0, maximum = 1_000_000)]
    pub skip: Option<i64>,
}

/// A page of a feed, with where the feed stood in the same snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedView {
    /// Items, newest first.
    pub data: Vec<ItemView>,
    /// Asks for the next page; `null` at the end.
    pub next_cursor: Option<String>,
    /// The last number of the user's sequence.
    pub seq: i64,
    /// Marks one life of the database.
    pub epoch: String,
    /// Numbers on the bell, of the application and tenant asked for.
    pub counters: CountersView,
}

/// Read a feed, newest first.
#[utoipa::path(get, path = "/users/{user}/notifications", tag = "feed",
    params(("user" = String, Path, description = "The user, or `me` with a user token"), FeedQuery),
    responses((status = 200, body = FeedView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    feed: Feed,
    Params(query): Params<FeedQuery>,
) -> Answer<Json<FeedView>> {
    let page = Paging {
        limit: query.limit,
        cursor: query.cursor.clone(),
    }
    .page(&api)?;
    if query.skip.is_some() && query.cursor.is_some() {
        let detail = "cannot be used beside ?cursor: both say where the page begins";
        return Err(Problem::bad_request("?skip", "conflict", detail));
    }
    let skip = skipped(query.skip)?;
    let filter = filter(&api, &feed, &query).await?;
    let mut reader = api.ctx.store.read(feed.env).await?;
    let items = store::feed::list(&mut reader, feed.env, &feed.user, &filter, &page, skip).await?;
    let head = store::feed::head(&mut reader, feed.env, &feed.user).await?;
    let counters = match (&filter.app, &filter.tenant) {
        (None, None) => head.counters(),
        (app, tenant) => {
            store::feed::counters(&mut reader, feed.env, &feed.user, *app, tenant.as_deref()).await?
        }
    };
    let List { data, next_cursor } = page_of(
        items,
        &page,
        |item| item.notification.id.bare().to_owned(),
        |item| ItemView::from(&item),
    );
    let epoch = api.ctx.store.epoch().to_owned();
    Ok(Json(FeedView {
        data,
        next_cursor,
        seq: head.seq,
        epoch,
        counters: counters.into(),
    }))
}

/// Most rows that can be passed over: the database reads every one of them.
const MOST_SKIPPED: i64 = 1_000_000;

fn skipped(skip: Option<i64>) -> Answer<i64> {
    let skip = skip.unwrap_or(0);
    if !(0..=MOST_SKIPPED).contains(&skip) {
        let detail = format!("must be 0 to {MOST_SKIPPED}");
        return Err(Problem::bad_request("?skip", "range", detail));
    }
    Ok(skip)
}

/// Checks the tenant a feed is bounded to. The empty one would be what belongs to no tenant in one place, and everything in another.
fn check_tenant(pointer: &str, tenant: Option<&str>) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::default();
    if let Some(tenant) = tenant {
        faults.key(pointer, tenant);
    }
    faults.finish()
}

async fn filter(api: &Api, feed: &Feed, query: &FeedQuery) -> Answer<store::feed::Filter> {
    let status = query.status.as_deref().map(|word| {
        let known = "must be unread, read, dismissed, clicked or expired";
        Status::from_word(word).ok_or_else(|| Problem::bad_request("?status", "unknown", known))
    });
    let priority = query.priority.as_deref().map(|word| {
        let known = "must be low, normal, high or urgent";
        Priority::from_word(word).ok_or_else(|| Problem::bad_request("?priority", "unknown", known))
    });
    check_tenant("?tenant", query.tenant.as_deref()).map_err(app::Error::BadRequest)?;
    Ok(store::feed::Filter {
        status: status.transpose()?,
        app: scope_app(api, feed, query.app.as_deref()).await?,
        priority: priority.transpose()?,
        tenant: query.tenant.clone(),
    })
}

/// The application a feed is bounded to: the one asked for, and never another than an application's key may see.
async fn scope_app(api: &Api, feed: &Feed, named: Option<&str>) -> Answer<Option<AppId>> {
    let named = match named {
        Some(name) => Some(api.ctx.named_app(feed.env, name).await?.app.id),
        None => None,
    };
    match (feed.within, named) {
        (Some(own), Some(other)) if own != other => Err(Problem::not_found("application")),
        (own, named) => Ok(own.or(named)),
    }
}

/// From where to tell.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SyncQuery {
    /// The last number known.
    pub after: Option<i64>,
    /// The epoch it was known in.
    pub epoch: Option<String>,
}

/// What changed since a number; complete, or a `reset`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncView {
    /// The number is too old, too new or of another epoch: read the feed again.
    pub reset: bool,
    /// Items whose last change is later, in the order of their changes.
    pub items: Vec<ItemView>,
    /// Marks that are later.
    pub marks: Vec<MarkView>,
    /// Everything up to here is told; ask from here next. Below `seq` there is more.
    pub through: i64,
    /// The last number of the user's sequence.
    pub seq: i64,
    /// Marks one life of the database.
    pub epoch: String,
    /// Numbers on the bell.
    pub counters: CountersView,
}

/// Changes told in one answer.
pub(crate) const CHANGES: i64 = 500;

/// Whether everything after a number can still be told.
pub(crate) fn can_resume(head: &store::feed::Head, ours: &str, after: i64, epoch: Option<&str>) -> bool {
    epoch.is_none_or(|epoch| epoch == ours) && (head.floor..=head.seq).contains(&after)
}

/// The tag of a feed that stands at this number. It names whose feed it is, in few letters: a browser that two people share asks with what it
/// was told for either of them.
fn tag(feed: &Viewer, epoch: &str, seq: i64) -> String {
    let whose = sha256(format!("{} {}", feed.env.0, feed.user).as_bytes());
    format!("\"{epoch}:{seq}:{}\"", URL_SAFE_NO_PAD.encode(&whose[..9]))
}

/// Whether `If-None-Match` names this tag: `*`, or one of a list, weak or not.
fn is_among(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    tags.any(|named| named == "*" || named.strip_prefix("W/").unwrap_or(named) == tag)
}

/// Follow a feed by polling.
///
/// Carries an `ETag`: sent back as `If-None-Match`, a feed that did not move is answered with 304 to those who know all of it: `after` is
/// absent or the feed's `seq`.
#[utoipa::path(get, path = "/users/{user}/feed", tag = "feed",
    params(("user" = String, Path, description = "The user, or `me` with a user token"), SyncQuery,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the answer before")),
    responses(
        (status = 200, body = SyncView, headers(("ETag" = String, description = "Changes whenever the feed does"))),
        (status = 304, description = "The feed did not move", headers(("ETag" = String, description = "As it was sent"))),
        (status = "4XX", body = ProblemView)))]
pub(crate) async fn sync(
    State(api): State<Api>,
    feed: Feed,
    Params(query): Params<SyncQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    if feed.within.is_some() {
        let detail = "an application follows its events, not a user's feed; it may list what it created";
        return Err(app::Error::Forbidden(detail.into()).into());
    }
    let mut reader = api.ctx.store.read(feed.env).await?;
    let head = store::feed::head(&mut reader, feed.env, &feed.user).await?;
    let epoch = api.ctx.store.epoch().to_owned();
    let tag = tag(&feed, &epoch, head.seq);
    let after = query.after.unwrap_or(head.seq);
    // The tag says where the feed stands, not where the caller does: 304 is for those who would be told nothing.
    let nothing_to_tell = after == head.seq && query.epoch.as_ref().is_none_or(|theirs| *theirs == epoch);
    if nothing_to_tell && is_among(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let resume = can_resume(&head, &epoch, after, query.epoch.as_deref());
    let mut view = SyncView {
        reset: !resume,
        items: Vec::new(),
        marks: Vec::new(),
        through: head.seq,
        seq: head.seq,
        epoch,
        counters: head.counters().into(),
    };
    if resume {
        let changes =
            store::feed::changes(&mut reader, feed.env, &feed.user, after, head.seq, CHANGES).await?;
        view.items = changes.items.iter().map(ItemView::from).collect();
        view.marks = changes.marks.iter().map(MarkView::from).collect();
        view.through = changes.through;
    }
    let mut response = Json(view).into_response();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Which rows of a bare list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SkipQuery {
    /// Rows to pass over.
    #[param(minimum = 0, maximum = 1_000_000)]
    pub skip: Option<i64>,
    /// Rows to answer.
    pub limit: Option<i64>,
    /// With a key: whose feed.
    #[allow(dead_code, reason = "read by the extractor; here for the OpenAPI document")]
    pub user: Option<String>,
}

/// Read a feed as a bare array, unread first, then newest first.
#[utoipa::path(get, path = "/notifications", tag = "feed", params(SkipQuery),
    responses((status = 200, body = Vec<ItemView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn bare(
    State(api): State<Api>,
    feed: Feed,
    Params(query): Params<SkipQuery>,
) -> Answer<Json<Vec<ItemView>>> {
    let page = Paging {
        limit: query.limit,
        cursor: None,
    }
    .page(&api)?;
    let skip = skipped(query.skip)?;
    let mut reader = api.ctx.store.read(feed.env).await?;
    let items = store::feed::unread_first(
        &mut reader,
        feed.env,
        &feed.user,
        feed.within,
        skip,
        page.limit - 1,
    )
    .await?;
    Ok(Json(items.iter().map(ItemView::from).collect()))
}

/// A number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountView {
    /// Unread notifications.
    pub count: i64,
}

/// With a key: whose feed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserQuery {
    /// With a key: whose feed.
    #[allow(dead_code, reason = "read by the extractor; here for the OpenAPI document")]
    pub user: Option<String>,
}

/// Count what is unread.
#[utoipa::path(get, path = "/notifications/unread-count", tag = "feed", params(UserQuery),
    responses((status = 200, body = CountView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn unread_count(
    State(api): State<Api>,
    feed: Feed,
    _: Params<UserQuery>,
) -> Answer<Json<CountView>> {
    let mut reader = api.ctx.store.read(feed.env).await?;
    let count = match feed.within {
        Some(app) => {
            store::feed::counters(&mut reader, feed.env, &feed.user, Some(app), None)
                .await?
                .unread
        }
        None => store::feed::head(&mut reader, feed.env, &feed.user).await?.unread,
    };
    Ok(Json(CountView { count }))
}

/// Done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OkView {
    /// Always true.
    pub ok: bool,
}

/// Mark one as read. What was read, followed or put away already stays as it is.
#[utoipa::path(patch, path = "/notifications/{notification}/read", tag = "feed",
    params(("notification" = String, Path), UserQuery),
    responses((status = 200, body = OkView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn read(
    State(api): State<Api>,
    feed: Feed,
    _: Params<UserQuery>,
    Segments(id): Segments<NotificationId>,
) -> Answer<Json<OkView>> {
    api.ctx.change(&feed, id, Change::Read, None, None).await?;
    Ok(Json(OkView { ok: true }))
}

/// A status to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusBody {
    /// The status to give.
    #[schema(value_type = words::NewStatus)]
    pub status: String,
    /// Only with `clicked`: the action that was followed.
    #[schema(min_length = 1, max_length = 100)]
    pub action: Option<String>,
}

/// Change a status.
///
/// A change the present status does not allow is answered with 409; one that is so already changes nothing. A click that names an `action`
/// counts each time, but for one that is sent again with its `Idempotency-Key`.
#[utoipa::path(patch, path = "/notifications/{notification}", tag = "feed",
    params(("notification" = String, Path), UserQuery), request_body = StatusBody,
    responses((status = 200, body = ItemView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn change(
    State(api): State<Api>,
    feed: Feed,
    _: Params<UserQuery>,
    Segments(id): Segments<NotificationId>,
    Input { value, once }: Input<StatusBody>,
) -> Answer<Json<ItemView>> {
    let StatusBody { status, action } = value;
    let status = Status::from_word(&status)
        .filter(|status| *status != Status::Expired)
        .ok_or_else(|| {
            Problem::from(app::Error::invalid(
                "/status",
                "unknown",
                "must be unread, read, dismissed or clicked",
            ))
        })?;
    let change = match &action {
        None => Change::To(status),
        Some(_) if status != Status::Clicked => {
            return Err(
                app::Error::invalid("/action", "conflict", "an action is followed by a click").into(),
            );
        }
        Some(action) if !(1..=100).contains(&action.chars().count()) || action.contains('\0') => {
            let detail = "must have 1 to 100 characters, none of them U+0000";
            return Err(app::Error::invalid("/action", "length", detail).into());
        }
        Some(_) => Change::Follow,
    };
    let action = action.as_deref();
    let item = api.ctx.change(&feed, id, change, action, once.as_ref()).await?;
    Ok(Json(ItemView::from(&item)))
}

/// Remove one from the feed.
#[utoipa::path(delete, path = "/notifications/{notification}", tag = "feed",
    params(("notification" = String, Path), UserQuery),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    feed: Feed,
    _: Params<UserQuery>,
    Segments(id): Segments<NotificationId>,
) -> Answer<StatusCode> {
    api.ctx.change(&feed, id, Change::Delete, None, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which part of the feed to mark.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeBody {
    /// Only notifications of this application (id or uid).
    pub app: Option<String>,
    /// Only notifications of this tenant.
    pub tenant: Option<String>,
}

/// Mark everything as read, as one change.
#[utoipa::path(post, path = "/notifications/mark-all-read", tag = "feed", params(UserQuery),
    request_body = Option<ScopeBody>, responses((status = 200, body = OkView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn mark_all_read(
    State(api): State<Api>,
    feed: Feed,
    _: Params<UserQuery>,
    Whole(body): Whole,
) -> Answer<Json<OkView>> {
    mark_all(api, feed, Mark::Read, &body).await
}

/// Mark everything as seen: the bell was opened.
#[utoipa::path(post, path = "/notifications/mark-all-seen", tag = "feed", params(UserQuery),
    request_body = Option<ScopeBody>, responses((status = 200, body = OkView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn mark_all_seen(
    State(api): State<Api>,
    feed: Feed,
    _: Params<UserQuery>,
    Whole(body): Whole,
) -> Answer<Json<OkView>> {
    mark_all(api, feed, Mark::Seen, &body).await
}

async fn mark_all(api: Api, feed: Feed, mark: Mark, body: &[u8]) -> Answer<Json<OkView>> {
    let body: ScopeBody = if body.is_empty() {
        ScopeBody::default()
    } else {
        json(body)?
    };
    check_tenant("/tenant", body.tenant.as_deref()).map_err(app::Error::Invalid)?;
    let scope = Scope {
        app: scope_app(&api, &feed, body.app.as_deref()).await?,
        tenant: body.tenant,
    };
    api.ctx
        .mark_all(feed.env, &feed.user, mark, scope, feed.actor.clone())
        .await?;
    Ok(Json(OkView { ok: true }))
}
