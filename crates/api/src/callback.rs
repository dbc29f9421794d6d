//! Where providers tell afterwards what became of what they took. Outside of `/api`: the caller is a provider, and its signature its key.

use app::Error;
use app::callback::Call;
use axum::extract::{FromRequest, Request, State};
use domain::id::{ChannelId, Prefixed};
use http::StatusCode;

use crate::extract::{BodyLimit, Segments, Whole};
use crate::problem::Answer;
use crate::state::Api;

/// Most bytes of a call: whose it is, is known only when it is read.
const MOST: BodyLimit = BodyLimit(256 << 10);

/// The path on which a provider of a channel tells.
pub(crate) fn path(channel: ChannelId, provider: &str) -> String {
    let provider: String = form_urlencoded::byte_serialize(provider.as_bytes()).collect();
    format!("/callbacks/{channel}/{}", provider.replace('+', "%20"))
}

/// Takes a call. One that comes again changes nothing.
pub(crate) async fn hear(
    State(api): State<Api>,
    Segments((channel, provider)): Segments<(String, String)>,
    mut request: Request,
) -> Answer<StatusCode> {
    let channel = ChannelId::parse(&channel).ok_or(Error::NotFound("provider"))?;
    let now_s = api.ctx.now().div_euclid(1_000);
    let headers = request.headers().clone();
    // Where nobody is called, and who signs nothing, is not listened to.
    let unread = Call {
        headers: &headers,
        body: b"",
        now_s,
    };
    api.ctx.would_hear(channel, &provider, &unread).await?;
    request.extensions_mut().insert(MOST);
    let Whole(body) = Whole::from_request(request, &api).await?;
    let call = Call {
        body: &body,
        ..unread
    };
    api.ctx.hear(channel, &provider, &call).await?;
    Ok(StatusCode::NO_CONTENT)
}
