//! The audit log: read page by page, or exported.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::environment::Env;
use domain::id::{AccountId, AuditId, KeyId, PortalTokenId, Prefixed};
use domain::time::rfc3339;
use http::{HeaderName, header};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::Page;
use store::audit::{Filter, Line};
use utoipa::{IntoParams, ToSchema};

use super::events::time;
use crate::extract::{Manage, Params};
use crate::fields::kept;
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActorView {
    /// What they are.
    #[schema(value_type = words::ActorKind)]
    pub kind: String,
    /// Id of the key, the user, the account or the portal token.
    pub id: Option<String>,
}

/// A line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditView {
    /// Its id, `aud_…`.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who.
    pub actor: ActorView,
    /// What, such as `app.create`.
    pub action: String,
    /// To what.
    pub subject: String,
    /// More about it.
    #[schema(value_type = Option<Object>)]
    pub detail: Option<Box<RawValue>>,
    /// From where.
    pub origin: Option<String>,
}

impl From<Line> for AuditView {
    fn from(line: Line) -> Self {
        let prefix = match line.actor_kind.as_str() {
            "key" => Some(KeyId::PREFIX),
            "account" => Some(AccountId::PREFIX),
            "portal" => Some(PortalTokenId::PREFIX),
            _ => None,
        };
        let id = line.actor.map(|id| match prefix {
            Some(prefix) => format!("{prefix}_{id}"),
            None => id,
        });
        Self {
            id: format!("{}_{}", AuditId::PREFIX, line.id),
            at: rfc3339(line.at),
            actor: ActorView {
                kind: line.actor_kind,
                id,
            },
            action: line.action,
            subject: line.subject,
            detail: kept(line.detail),
            origin: line.origin,
        }
    }
}

fn bare<T: Prefixed>(text: &str) -> Option<String> {
    T::parse(text).map(|id| id.bare().to_owned())
}

/// How the log is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// A page.
    #[default]
    Json,
    /// An export: one JSON object a line.
    Ndjson,
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Only this action.
    pub action: Option<String>,
    /// Only by this key, user, account or portal token.
    pub actor: Option<String>,
    /// Only about this.
    pub subject: Option<String>,
    /// Not before (RFC 3339).
    pub from: Option<String>,
    /// Before (RFC 3339).
    pub to: Option<String>,
    /// `json` is a page; `ndjson` exports up to 10,000 lines.
    #[serde(default)]
    #[param(inline, required = false)]
    pub format: Format,
    /// Rows of the page. An export takes up to 10,000, and has as many lines where this is left out.
    #[param(minimum = 1, maximum = 10_000)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before; `Next-Cursor` of the export before.
    pub cursor: Option<String>,
}

impl AuditQuery {
    fn filter(&self) -> Answer<Filter> {
        let texts = [&self.action, &self.actor, &self.subject];
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Err(Problem::bad_request(
                "",
                "nul_character",
                "a filter contains the character U+0000",
            ));
        }
        // Those whom this server named stand in the log by their bare ids.
        let bare = |actor: &String| {
            let id = bare::<KeyId>(actor)
                .or_else(|| bare::<AccountId>(actor))
                .or_else(|| bare::<PortalTokenId>(actor));
            id.unwrap_or_else(|| actor.clone())
        };
        Ok(Filter {
            action: self.action.clone(),
            actor: self.actor.as_ref().map(bare),
            subject: self.subject.clone(),
            from: time(self.from.as_deref(), "?from")?,
            to: time(self.to.as_deref(), "?to")?,
        })
    }
}

/// Where the next export begins; absent at the end.
const NEXT: HeaderName = HeaderName::from_static("next-cursor");
/// Lines of an export.
const EXPORT: i64 = 10_000;
/// Lines read at once for it.
const SLICE: i64 = 1_000;

/// Read the audit log, newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditQuery),
    responses(
        (status = 200, content((List<AuditView> = "application/json"), (String = "application/x-ndjson")),
            headers(("Next-Cursor" = String, description = "Of an export: `cursor` of the next one. Absent at the end"))),
        (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(query): Params<AuditQuery>,
) -> Answer<Response> {
    let filter = query.filter()?;
    if query.format == Format::Ndjson {
        return export(&api, env, &filter, query).await;
    }
    let page = Paging {
        limit: query.limit,
        cursor: query.cursor,
    }
    .page(&api)?;
    let lines = store::audit::list(&mut *api.ctx.store.read(env).await?, env, &filter, &page).await?;
    Ok(Json(page_of(lines, &page, |line| line.id.clone(), AuditView::from)).into_response())
}

async fn export(api: &Api, env: Env, filter: &Filter, query: AuditQuery) -> Answer<Response> {
    let limit = query.limit.unwrap_or(EXPORT);
    if !(1..=EXPORT).contains(&limit) {
        return Err(Problem::bad_request(
            "?limit",
            "range",
            format!("must be 1 to {EXPORT}"),
        ));
    }
    let after = Paging {
        limit: None,
        cursor: query.cursor,
    }
    .page(api)?
    .after;
    let page = Page {
        limit: limit + 1,
        after,
    };
    let lines = read(api, env, filter, &page).await?;
    let List { data, next_cursor } = page_of(lines, &page, |line| line.id.clone(), AuditView::from);
    let mut out = Vec::new();
    for line in data {
        serde_json::to_writer(&mut out, &line).map_err(|error| app::Error::Internal(error.to_string()))?;
        out.push(b'\n');
    }
    let next = next_cursor.map(|cursor| [(NEXT, cursor)]);
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, AppendHeaders(next.into_iter().flatten()), Body::from(out)).into_response())
}

/// Reads a page of any size in slices, so that no statement runs for long.
async fn read(api: &Api, env: Env, filter: &Filter, page: &Page) -> Answer<Vec<Line>> {
    let mut reader = api.ctx.store.read(env).await?;
    let mut lines: Vec<Line> = Vec::new();
    let mut left = page.limit;
    while left > 0 {
        let slice = Page {
            limit: left.min(SLICE),
            after: lines
                .last()
                .map_or_else(|| page.after.clone(), |line| Some(line.id.clone())),
        };
        let found = store::audit::list(&mut reader, env, filter, &slice).await?;
        let is_last = i64::try_from(found.len()).is_ok_and(|found| found < slice.limit);
        left = if is_last { 0 } else { left - slice.limit };
        lines.extend(found);
    }
    Ok(lines)
}
