//! The channels of an environment: who carries them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use domain::channel::Channel;
use domain::time::rfc3339;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use store::channel::ChannelRow;
use utoipa::ToSchema;

use crate::callback;
use crate::extract::{Input, Manage, Segments};
use crate::fields::{Name, gone};
use crate::page::List;
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;

/// A channel that is set up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelView {
    /// Its id, `chn_…`.
    pub id: String,
    /// Which one.
    pub channel: &'static str,
    /// Its settings; secrets are hidden.
    #[schema(value_type = Object)]
    pub settings: Value,
    /// Where providers are to tell what became of what they took, by provider: those that have a `webhook_secret`.
    pub callbacks: BTreeMap<String, String>,
    /// When it was set up first.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl ChannelView {
    fn new(row: &ChannelRow, api: &Api) -> Self {
        let settings: Value = serde_json::from_str(&row.settings).unwrap_or_default();
        let base = api.ctx.base_url();
        let providers = settings["providers"].as_array().into_iter().flatten();
        let told = providers.filter(|provider| provider["webhook_secret"].is_string());
        let callbacks = told
            .filter_map(|provider| provider["name"].as_str().or_else(|| provider["kind"].as_str()))
            .map(|name| {
                let path = callback::path(row.id, name);
                (name.to_owned(), format!("{base}{path}"))
            })
            .collect();
        Self {
            id: row.id.to_string(),
            channel: row.channel.as_str(),
            callbacks,
            settings,
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
        }
    }
}

pub(crate) fn named(name: &str) -> Answer<Channel> {
    Channel::from_word(name).ok_or_else(|| Problem::not_found("channel"))
}

/// Set a channel up, whole.
///
/// The body names its providers, in the order in which they are tried, and what all of them share. A secret that is left out, or sent as it was shown, stays the one of the provider of that name.
#[utoipa::path(put, path = "/channels/{channel}", tag = "channels",
    params(("channel" = String, Path, description = "Name of the channel, such as email")), request_body = Value,
    responses((status = 200, body = ChannelView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn put(
    State(api): State<Api>,
    manage: Manage,
    Segments(Name(name)): Segments<Name>,
    input: Input<Value>,
) -> Answer<Json<ChannelView>> {
    let row = api
        .ctx
        .put_channel(&manage.caller, named(&name)?, input.value)
        .await?;
    Ok(Json(ChannelView::new(&row, &api)))
}

/// List the channels that are set up.
#[utoipa::path(get, path = "/channels", tag = "channels",
    responses((status = 200, body = List<ChannelView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
) -> Answer<Json<List<ChannelView>>> {
    let found = store::channel::all(&mut *api.ctx.store.read(env).await?, env).await?;
    Ok(Json(List {
        data: found.iter().map(|row| ChannelView::new(row, &api)).collect(),
        next_cursor: None,
    }))
}

/// Read one channel.
#[utoipa::path(get, path = "/channels/{channel}", tag = "channels",
    params(("channel" = String, Path, description = "Name of the channel, such as email")),
    responses((status = 200, body = ChannelView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(name)): Segments<Name>,
) -> Answer<Json<ChannelView>> {
    let found = store::channel::get(&mut *api.ctx.store.read(env).await?, env, named(&name)?).await?;
    found
        .map(|row| Json(ChannelView::new(&row, &api)))
        .ok_or_else(|| Problem::not_found("channel"))
}

/// Take a channel away. What waits for it ends undelivered.
#[utoipa::path(delete, path = "/channels/{channel}", tag = "channels",
    params(("channel" = String, Path, description = "Name of the channel, such as email")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    manage: Manage,
    Segments(Name(name)): Segments<Name>,
) -> Answer<StatusCode> {
    gone(api.ctx.delete_channel(&manage.caller, named(&name)?).await)
}
