//! Suppressions: addresses that get nothing any more, because what was sent there came back.

use axum::Json;
use axum::extract::State;
use domain::channel::Channel;
use domain::time::rfc3339;
use http::StatusCode;
use serde::Serialize;
use store::suppression::Suppression;
use utoipa::ToSchema;

use super::channels::named;
use crate::extract::{Manage, Params, Segments};
use crate::fields::{Name, gone};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

/// An address that gets nothing any more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuppressionView {
    /// The channel it is an address of.
    #[schema(value_type = words::ChannelName)]
    pub channel: &'static str,
    /// The address, in lower case.
    pub address: String,
    /// What showed it.
    #[schema(value_type = words::SuppressionReason)]
    pub why: String,
    /// The delivery that showed it, `dlv_…`.
    pub delivery_id: Option<String>,
    /// Since when.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<Suppression> for SuppressionView {
    fn from(suppression: Suppression) -> Self {
        Self {
            channel: suppression.channel.as_str(),
            address: suppression.address,
            why: suppression.why,
            delivery_id: suppression.delivery.map(|id| id.to_string()),
            created_at: rfc3339(suppression.created_at),
        }
    }
}

/// List the suppressed addresses of a channel, by address.
///
/// A mail that comes back for good, a complaint, and a mail server that knows nobody of that name put an address here. What would go there is kept as a skipped delivery that says `suppressed`.
#[utoipa::path(get, path = "/channels/{channel}/suppressions", tag = "suppressions",
    params(("channel" = String, Path, description = "Name of the channel, such as email"), Paging),
    responses((status = 200, body = List<SuppressionView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(channel): Segments<String>,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<SuppressionView>>> {
    let (channel, page) = (addressed(&channel)?, paging.page(&api)?);
    let mut reader = api.ctx.store.read(env).await?;
    let found = store::suppression::list(&mut reader, env, channel, &page).await?;
    Ok(Json(page_of(
        found,
        &page,
        |suppression| suppression.address.clone(),
        SuppressionView::from,
    )))
}

/// Suppress an address.
#[utoipa::path(put, path = "/channels/{channel}/suppressions/{address}", tag = "suppressions",
    params(("channel" = String, Path, description = "Name of the channel, such as email"), ("address" = String, Path, description = "The address")),
    responses((status = 200, body = SuppressionView), (status = 201, body = SuppressionView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put(
    State(api): State<Api>,
    manage: Manage,
    Segments((channel, Name(address))): Segments<(String, Name)>,
) -> Answer<(StatusCode, Json<SuppressionView>)> {
    let channel = addressed(&channel)?;
    let (suppression, is_new) = api.ctx.suppress(&manage.caller, channel, &address).await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(suppression.into())))
}

/// Read one suppressed address.
#[utoipa::path(get, path = "/channels/{channel}/suppressions/{address}", tag = "suppressions",
    params(("channel" = String, Path, description = "Name of the channel, such as email"), ("address" = String, Path, description = "The address")),
    responses((status = 200, body = SuppressionView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments((channel, Name(address))): Segments<(String, Name)>,
) -> Answer<Json<SuppressionView>> {
    let channel = addressed(&channel)?;
    let found = store::suppression::get(&mut *api.ctx.store.read(env).await?, env, channel, &address).await?;
    found
        .map(|suppression| Json(suppression.into()))
        .ok_or_else(|| Problem::not_found("suppression"))
}

/// Let an address get something again.
#[utoipa::path(delete, path = "/channels/{channel}/suppressions/{address}", tag = "suppressions",
    params(("channel" = String, Path, description = "Name of the channel, such as email"), ("address" = String, Path, description = "The address")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    manage: Manage,
    Segments((channel, Name(address))): Segments<(String, Name)>,
) -> Answer<StatusCode> {
    let channel = addressed(&channel)?;
    gone(api.ctx.unsuppress(&manage.caller, channel, &address).await)
}

/// A channel whose messages go to addresses of single people.
fn addressed(name: &str) -> Answer<Channel> {
    let channel = named(name)?;
    let has_addresses = channel.has_addresses().then_some(channel);
    has_addresses.ok_or_else(|| Problem::not_found("channel"))
}
