//! Where providers tell afterwards what became of what they took. Outside of `/api`: the caller is a provider, and its signature its key.

use app::Error;
use app::callback::Call;
use axum::extract::State;
use domain::id::{ChannelId, Prefixed};
use http::{HeaderMap, StatusCode};

use crate::extract::{Segments, Whole};
use crate::problem::Answer;
use crate::state::Api;

/// The path on which a provider of a channel tells.
pub(crate) fn path(channel: ChannelId, provider: &str) -> String {
    format!("/callbacks/{channel}/{provider}")
}

/// Takes a call. One that comes again changes nothing.
pub(crate) async fn hear(
    State(api): State<Api>,
    Segments((channel, provider)): Segments<(String, String)>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Answer<StatusCode> {
    let channel = ChannelId::parse(&channel).ok_or(Error::NotFound("provider"))?;
    let call = Call {
        headers: &headers,
        body: &body,
        now_s: api.ctx.now().div_euclid(1_000),
    };
    api.ctx.hear(channel, &provider, &call).await?;
    Ok(StatusCode::NO_CONTENT)
}
