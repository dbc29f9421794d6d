//! The live line: one path, WebSocket or server-sent events, for a user's feed or an application's events.

use std::convert::Infallible;
use std::time::Duration;

use app::auth::Caller;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request, State};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt, stream};
use http::{StatusCode, header};
use serde::Deserialize;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use utoipa::IntoParams;

use crate::extract::{Credential, query};
use crate::problem::{Answer, Problem, ProblemView};
use crate::session::{Close, Frame, Resume, Session, Step};
use crate::state::Api;

/// How to listen.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamQuery {
    /// A key or user token, where a header cannot be sent.
    #[allow(
        dead_code,
        reason = "read with the credentials; here for the OpenAPI document"
    )]
    pub token: Option<String>,
    /// A public key beside a user token.
    #[allow(
        dead_code,
        reason = "read with the credentials; here for the OpenAPI document"
    )]
    pub key: Option<String>,
    /// With an environment key: whose feed; without, its events.
    pub user: Option<String>,
    /// The last number (a user's feed) or cursor (events) known: what was missed comes first.
    pub after: Option<String>,
    /// The epoch it was known in.
    pub epoch: Option<String>,
    /// Server-sent events: what `Last-Event-ID` says, where a header cannot be sent. The header goes first.
    #[serde(rename = "lastEventId")]
    pub last_event_id: Option<String>,
}

/// What a browser's `EventSource` sends when it comes back.
pub(crate) const LAST_EVENT_ID: &str = "last-event-id";

/// Bytes a listener may send in one message.
const MESSAGE: usize = 16 * 1024;
/// How long one frame may take to leave before the listener counts as too slow.
const PATIENCE: Duration = Duration::from_secs(10);

/// Follow a feed or events, live.
///
/// As a WebSocket, or with `Accept: text/event-stream` as server-sent events. A user token follows its feed, an application's key the
/// events that application may see. `after` resumes without a gap, or is answered with `reset`.
#[utoipa::path(get, path = "/events/stream", tag = "live",
    params(StreamQuery, ("Last-Event-ID" = Option<String>, Header, description = "Server-sent events: the `id` of the last one known; goes before `after`")),
    responses((status = 101, description = "WebSocket"), (status = 200, description = "Server-sent events", content_type = "text/event-stream"),
        (status = "4XX", body = ProblemView)))]
pub(crate) async fn stream(State(api): State<Api>, request: Request) -> Answer<Response> {
    let (mut parts, _) = request.into_parts();
    let credential = Credential::of(&parts)?;
    let caller = credential.check(&api).await?;
    let query: StreamQuery = query(parts.uri.query().unwrap_or(""))?;
    if api.ctx.live.count() >= api.settings.max_listeners {
        return Err(app::Error::Unavailable("too many listeners".into()).into());
    }
    let wants_events = parts
        .headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"text/event-stream"));
    if wants_events {
        let header = parts
            .headers
            .get(LAST_EVENT_ID)
            .and_then(|value| value.to_str().ok());
        let resume = header
            .or(query.last_event_id.as_deref())
            .and_then(Resume::from_event_id)
            .or_else(|| Resume::from_query(query.after, query.epoch));
        let session = Session::open(&api, &caller, query.user, resume).await?;
        return Ok(sse(api, session, credential, &caller));
    }
    let resume = Resume::from_query(query.after, query.epoch);
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &api)
        .await
        .map_err(|_| {
            let detail = "open this path as a WebSocket, or with Accept: text/event-stream";
            Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", detail)
        })?;
    let session = Session::open(&api, &caller, query.user, resume).await?;
    // The usual 128 KiB of read buffer for each listener would be most of this server's memory.
    let upgrade = upgrade
        .read_buffer_size(4_096)
        .write_buffer_size(0)
        .max_message_size(MESSAGE)
        .max_frame_size(MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| socket_loop(api, socket, session, credential, caller.expires_at())))
}

/// Waits until a credential ends by the server's own clock, which may be set, or go on while this process sleeps: it is looked at with
/// every heartbeat.
async fn ended(api: &Api, expires_at: Option<i64>) {
    let Some(at) = expires_at else {
        return std::future::pending().await;
    };
    loop {
        let left = u64::try_from(at - api.ctx.now()).unwrap_or(0);
        if left == 0 {
            return;
        }
        sleep(Duration::from_millis(left).min(api.settings.heartbeat)).await;
    }
}

/// What a listener may say.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    /// Tell what was missed.
    After {
        #[serde(alias = "cursor")]
        seq: serde_json::Value,
        #[serde(default)]
        epoch: Option<String>,
    },
    /// A fresh token for the same user.
    Token { token: String },
    /// Are you there?
    Ping,
}

async fn socket_loop(
    api: Api,
    mut socket: WebSocket,
    mut session: Session,
    mut credential: Credential,
    expires_at: Option<i64>,
) {
    let mut expires_at = expires_at;
    let mut beat = Instant::now() + api.settings.heartbeat;
    let mut asked = false;
    let close = loop {
        tokio::select! {
            biased;
            () = api.stopping.cancelled() => break Close::AWAY,
            () = ended(&api, expires_at) => break Close::EXPIRED,
            said = socket.recv() => {
                // Anything that arrives shows that somebody is there.
                (asked, beat) = (false, Instant::now() + api.settings.heartbeat);
                match hear(&api, &mut session, &mut credential, &mut expires_at, said).await {
                    Ok(frames) => if !send(&mut socket, frames).await { break Close::SLOW },
                    Err(close) => break close,
                }
            }
            step = session.next(&api) => match step {
                Step::Frames(frames) => if !send(&mut socket, frames).await { break Close::SLOW },
                Step::Check => match credential.check(&api).await {
                    Ok(caller) => expires_at = caller.expires_at(),
                    Err(error) => if let Some(close) = Close::of(&error) { break close },
                },
                Step::Close(close) => break close,
            },
            () = sleep_until(beat) => {
                if asked {
                    break Close::SILENT;
                }
                (asked, beat) = (true, Instant::now() + api.settings.pong_timeout);
                let ping = socket.send(Message::Ping(bytes::Bytes::default()));
                if !matches!(timeout(PATIENCE, ping).await, Ok(Ok(()))) {
                    return;
                }
            }
        }
    };
    let frame = CloseFrame {
        code: close.code,
        reason: Utf8Bytes::from_static(close.reason),
    };
    let _ = timeout(Duration::from_secs(1), async {
        let _ = socket.send(Message::Close(Some(frame))).await;
        let _ = socket.close().await;
    })
    .await;
}

/// `false` when the listener does not take what it is sent.
async fn send(socket: &mut WebSocket, frames: Vec<Frame>) -> bool {
    let leaving = async {
        for frame in frames {
            if socket.feed(Message::Text(frame.text)).await.is_err() {
                return false;
            }
        }
        socket.flush().await.is_ok()
    };
    timeout(PATIENCE, leaving).await.unwrap_or(false)
}

/// Why a listener could not be heard. The framework wraps the reason and keeps its type to itself: its words are all there is.
fn broken(error: &axum::Error) -> Close {
    let words = error.to_string();
    if words.contains("too long") || words.contains("too big") {
        Close::TOO_BIG
    } else if words.contains("UTF-8") || words.contains("utf-8") {
        Close::NOT_TEXT
    } else if words.contains("WebSocket protocol error") && !words.contains("without closing handshake") {
        Close::MALFORMED
    } else {
        Close::GONE
    }
}

/// Hears a listener out: frames to answer with, or the reason to part.
async fn hear(
    api: &Api,
    session: &mut Session,
    credential: &mut Credential,
    expires_at: &mut Option<i64>,
    said: Option<Result<Message, axum::Error>>,
) -> Result<Vec<Frame>, Close> {
    let text = match said {
        None | Some(Ok(Message::Close(_))) => return Err(Close::GONE),
        Some(Err(error)) => return Err(broken(&error)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(Vec::new()),
        Some(Ok(Message::Binary(_))) => return Err(Close::PROTOCOL),
        Some(Ok(Message::Text(text))) => text,
    };
    match serde_json::from_str(&text).map_err(|_| Close::PROTOCOL)? {
        Said::Ping => Ok(vec![Frame::new(r#"{"type":"pong"}"#.to_owned())]),
        Said::After { seq, epoch } => {
            let after = seq.as_str().map_or_else(|| seq.to_string(), ToOwned::to_owned);
            session
                .resume(api, Resume { after, epoch })
                .await
                .map_err(|_| Close::LATER)
        }
        Said::Token { token } => {
            let fresh = credential.renewed(token.into());
            let checked = fresh.check(api).await;
            let caller = checked.map_err(|error| Close::of(&error).unwrap_or(Close::LATER))?;
            *credential = fresh;
            if !session.is_of(&caller) {
                return Err(Close::REFUSED);
            }
            *expires_at = caller.expires_at();
            let at = expires_at.map(domain::time::rfc3339);
            Ok(vec![Frame::new(
                serde_json::json!({"type": "token_ok", "expires_at": at}).to_string(),
            )])
        }
    }
}

/// What an SSE answer goes through: first the session's frames, then one last word.
struct Line {
    api: Api,
    session: Session,
    credential: Credential,
    expires_at: Option<i64>,
    waiting: std::vec::IntoIter<Frame>,
    over: bool,
}

impl Line {
    async fn next(mut self) -> Option<(Result<SseEvent, Infallible>, Self)> {
        loop {
            if let Some(frame) = self.waiting.next() {
                let mut event = SseEvent::default().event(frame.kind).data(frame.text.as_str());
                if let Some(id) = &frame.id {
                    event = event.id(id);
                }
                return Some((Ok(event), self));
            }
            if self.over {
                return None;
            }
            let close = tokio::select! {
                biased;
                () = self.api.stopping.cancelled() => Close::AWAY,
                () = ended(&self.api, self.expires_at) => Close::EXPIRED,
                step = self.session.next(&self.api) => match step {
                    Step::Frames(frames) => { self.waiting = frames.into_iter(); continue }
                    Step::Check => match self.credential.check(&self.api).await {
                        Ok(caller) => { self.expires_at = caller.expires_at(); continue }
                        Err(error) => match Close::of(&error) { Some(close) => close, None => continue },
                    },
                    Step::Close(close) => close,
                },
            };
            self.over = true;
            let last = serde_json::json!({"type": "close", "code": close.code, "reason": close.reason});
            let event = SseEvent::default().event("close").data(last.to_string());
            return Some((Ok(event), self));
        }
    }
}

fn sse(api: Api, session: Session, credential: Credential, caller: &Caller) -> Response {
    let heartbeat = api.settings.heartbeat;
    let line = Line {
        api,
        session,
        credential,
        expires_at: caller.expires_at(),
        waiting: Vec::new().into_iter(),
        over: false,
    };
    let events = stream::unfold(line, Line::next).boxed();
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(heartbeat))
        .into_response();
    // Told to proxies that would gather the answer before passing it on.
    response
        .headers_mut()
        .insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    response
}
