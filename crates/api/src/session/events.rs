//! A session that follows events.

use app::auth::Caller;
use app::live::{self, Listener, Signal};
use axum::extract::ws::Utf8Bytes;
use domain::environment::Env;
use serde_json::json;
use store::event::{END, Position, Visible};

use super::{Close, Frame, Resume, Step, heard};
use crate::problem::{Answer, Problem};
use crate::state::Api;

/// Events, followed.
#[derive(Debug)]
pub(crate) struct EventSession {
    env: Env,
    visible: Visible,
    listener: Listener,
    /// Everything up to here was told.
    last: Position,
    /// A catch-up is under way, up to here.
    until: Option<Position>,
    first: Vec<Frame>,
}

/// Events read in one step of a catch-up.
const EVENTS: i64 = 200;

impl EventSession {
    pub(super) async fn open(api: &Api, caller: &Caller, resume: Option<Resume>) -> Answer<Self> {
        let env = caller.env();
        let visible = visible(api, caller).await?;
        let listener = api
            .ctx
            .live
            .listen_events(env, visible.clone(), api.settings.queue);
        let mut bounds = bounds(&mut *api.ctx.store.read(env).await?, env).await?;
        bounds.head = api.ctx.live.begin(env, bounds.head);
        let hello = json!({
            "type": "hello", "cursor": live::cursor(&bounds.head), "epoch": api.ctx.store.epoch(),
            "heartbeat": api.settings.heartbeat.as_secs(),
        });
        let place = || format!("{}:{}", api.ctx.store.epoch(), live::cursor(&bounds.head));
        let first = vec![Frame {
            text: hello.to_string().into(),
            kind: "hello",
            id: resume.is_none().then(place),
        }];
        let mut session = Self {
            env,
            visible,
            listener,
            last: bounds.head.clone(),
            until: None,
            first,
        };
        let more = session.begin(api, bounds, resume);
        session.first.extend(more);
        Ok(session)
    }

    pub(super) async fn resume(&mut self, api: &Api, resume: Option<Resume>) -> Answer<Vec<Frame>> {
        let bounds = bounds(&mut *api.ctx.store.read(self.env).await?, self.env).await?;
        Ok(self.begin(api, bounds, resume))
    }

    fn begin(&mut self, api: &Api, bounds: store::event::Bounds, resume: Option<Resume>) -> Vec<Frame> {
        let Some(resume) = resume else { return Vec::new() };
        let same_life = resume
            .epoch
            .as_deref()
            .is_none_or(|epoch| epoch == api.ctx.store.epoch());
        let within = |after: &Position| bounds.keeps_after(after) && after.commit <= bounds.head.commit;
        if let Some(after) = live::parse_cursor(&resume.after).filter(|after| same_life && within(after)) {
            (self.last, self.until) = (after, Some(bounds.head));
            return Vec::new();
        }
        vec![self.reset(api, bounds.head)]
    }

    /// Tells the listener to start anew, at the head.
    fn reset(&mut self, api: &Api, head: Position) -> Frame {
        let (epoch, cursor) = (api.ctx.store.epoch(), live::cursor(&head));
        (self.last, self.until) = (head, None);
        let text = json!({"type": "reset", "cursor": cursor, "epoch": epoch}).to_string();
        Frame {
            text: text.into(),
            kind: "reset",
            id: Some(format!("{epoch}:{cursor}")),
        }
    }

    pub(super) async fn next(&mut self, api: &Api) -> Step {
        loop {
            if !self.first.is_empty() {
                return Step::Frames(std::mem::take(&mut self.first));
            }
            if self.until.is_some() {
                return match Box::pin(self.read(api)).await {
                    Ok(frames) => Step::Frames(frames),
                    Err(_) => Step::Close(Close::LATER),
                };
            }
            let signal = match heard(&mut self.listener).await {
                Ok(signal) => signal,
                Err(close) => return Step::Close(close),
            };
            match signal {
                Signal::Event(frame) if frame.position > self.last => {
                    self.last = frame.position.clone();
                    let Ok(text) = Utf8Bytes::try_from(frame.text.clone()) else {
                        continue;
                    };
                    let id = Some(format!(
                        "{}:{}",
                        api.ctx.store.epoch(),
                        live::cursor(&frame.position)
                    ));
                    return Step::Frames(vec![Frame {
                        text,
                        kind: "event",
                        id,
                    }]);
                }
                Signal::Behind(missed) => self.catch_up(&missed),
                Signal::Check => return Step::Check,
                _ => {}
            }
        }
    }

    /// There was no room for what lies between two positions: it is read. Up to the first the listener saw everything, though it may have
    /// been told of nothing there.
    fn catch_up(&mut self, (told, through): &(Position, Position)) {
        if *through > self.last {
            self.last = self.last.clone().max(told.clone());
            self.until = Some(through.clone());
        }
    }

    /// Reads the next part of a catch-up; its end is told. Where a part was pruned before it was read, the listener starts anew.
    async fn read(&mut self, api: &Api) -> Answer<Vec<Frame>> {
        let Some(until) = self.until.clone() else {
            return Ok(Vec::new());
        };
        let mut reader = api.ctx.store.read(self.env).await?;
        let bounds = bounds(&mut reader, self.env).await?;
        if !bounds.keeps_after(&self.last) {
            return Ok(vec![self.reset(api, bounds.head)]);
        }
        let events =
            store::event::after(&mut reader, self.env, &self.visible, &self.last, &until, EVENTS).await?;
        drop(reader);
        let full = i64::try_from(events.len()).unwrap_or(0) >= EVENTS;
        let epoch = api.ctx.store.epoch();
        let mut frames = Vec::with_capacity(events.len() + 1);
        for stored in &events {
            let id = domain::id::Prefixed::bare(&stored.event.id).to_owned();
            let position = Position {
                commit: stored.position,
                id,
            };
            let text = live::event_text(&stored.event, &position);
            let id = Some(format!("{epoch}:{}", live::cursor(&position)));
            frames.push(Frame {
                text: text.into(),
                kind: "event",
                id,
            });
            self.last = position;
        }
        if !full {
            // Where the catch-up was to end may be said without the id of the last event there.
            self.last = until.max(self.last.clone());
            self.until = None;
            let cursor = live::cursor(&self.last);
            let text = json!({"type": "synced", "cursor": cursor}).to_string();
            frames.push(Frame {
                text: text.into(),
                kind: "synced",
                id: Some(format!("{epoch}:{cursor}")),
            });
        }
        Ok(frames)
    }
}

/// What can be told now. The head stands behind every event of its commit: one that was told must not be signalled again.
async fn bounds(conn: &mut store::Conn, env: Env) -> Answer<store::event::Bounds> {
    let mut bounds = store::event::bounds(conn, env).await?;
    END.clone_into(&mut bounds.head.id);
    Ok(bounds)
}

/// The events a key may follow: the environment's sees all, an application's its own, its tenant's and the platform's.
async fn visible(api: &Api, caller: &Caller) -> Answer<Visible> {
    match caller {
        Caller::Environment { .. } => Ok(Visible {
            app: None,
            tenant: None,
            platform: true,
        }),
        Caller::Application { env, app, .. } => {
            let found = api
                .ctx
                .app(*env, *app)
                .await?
                .ok_or_else(|| Problem::not_found("application"))?;
            let tenant = found.app.tenant.clone();
            Ok(Visible {
                app: Some(*app),
                platform: tenant.is_none(),
                tenant,
            })
        }
        Caller::User { .. } | Caller::Portal { .. } => {
            Err(app::Error::Forbidden("a user follows a feed".into()).into())
        }
    }
}
