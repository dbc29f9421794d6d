//! A listener's session: what it has been told, and what comes next. The same for WebSocket and server-sent events.
//!
//! The rule is "never partial": a listener gets every change in order, or is told to start anew. The hub's signals only make it fast; whenever
//! one is not the very next, the database is read instead.

use app::auth::Caller;
use app::live::{self, Changed, Listener, Signal};
use axum::extract::ws::Utf8Bytes;
use domain::environment::Env;
use domain::feed::Counters;
use serde_json::json;
use store::event::{Position, Visible};
use store::feed::{Head, Item, Marked};

use crate::extract::feed_of;
use crate::item::{CountersView, ItemView, MarkView};
use crate::problem::{Answer, Problem};
use crate::routes::feed::{CHANGES, can_resume};
use crate::state::Api;

/// One message to a listener.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// JSON.
    pub text: Utf8Bytes,
    /// Its `type`, which is the event's name in SSE.
    pub kind: &'static str,
    /// What `Last-Event-ID` says to go on behind this one.
    pub id: Option<String>,
}

impl Frame {
    /// A message outside the sequence.
    pub(crate) fn new(text: String) -> Self {
        Self {
            text: text.into(),
            kind: "message",
            id: None,
        }
    }
}

/// Why a listener is parted from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Close {
    /// Close code of the WebSocket.
    pub code: u16,
    /// In words.
    pub reason: &'static str,
}

impl Close {
    pub(crate) const GONE: Self = Self {
        code: 1000,
        reason: "goodbye",
    };
    pub(crate) const AWAY: Self = Self {
        code: 1001,
        reason: "the server is going away; come back",
    };
    pub(crate) const LATER: Self = Self {
        code: 1013,
        reason: "try again later",
    };
    pub(crate) const PROTOCOL: Self = Self {
        code: 4000,
        reason: "a message could not be understood",
    };
    pub(crate) const EXPIRED: Self = Self {
        code: 4001,
        reason: "the token has expired",
    };
    pub(crate) const SLOW: Self = Self {
        code: 4002,
        reason: "too slow; resume from the last number",
    };
    pub(crate) const REFUSED: Self = Self {
        code: 4003,
        reason: "the credentials do not count any more",
    };
    pub(crate) const MALFORMED: Self = Self {
        code: 1002,
        reason: "this is not how WebSockets speak",
    };
    pub(crate) const NOT_TEXT: Self = Self {
        code: 1007,
        reason: "a message was not UTF-8",
    };
    pub(crate) const TOO_BIG: Self = Self {
        code: 1009,
        reason: "a message was too big",
    };
    pub(crate) const SILENT: Self = Self {
        code: 4004,
        reason: "no answer to a ping",
    };

    /// For credentials that were refused.
    pub(crate) fn refused(error: &app::Error) -> Self {
        match error {
            app::Error::Unauthenticated {
                code: "token_expired" | "key_expired",
                ..
            } => Self::EXPIRED,
            _ => Self::REFUSED,
        }
    }
}

/// From where to go on.
#[derive(Debug, Clone)]
pub(crate) struct Resume {
    /// A number or a cursor, as the listener has it.
    pub after: String,
    /// The epoch it was known in.
    pub epoch: Option<String>,
}

impl Resume {
    pub(crate) fn from_query(after: Option<String>, epoch: Option<String>) -> Option<Self> {
        after.map(|after| Self { after, epoch })
    }

    /// From an SSE id, `epoch:place`.
    pub(crate) fn from_event_id(id: &str) -> Option<Self> {
        let (epoch, after) = id.rsplit_once(':')?;
        Some(Self {
            after: after.to_owned(),
            epoch: Some(epoch.to_owned()),
        })
    }
}

/// What happens next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send these.
    Frames(Vec<Frame>),
    /// Look whether the credentials still count.
    Check,
    /// Part.
    Close(Close),
}

/// A listener's session.
#[derive(Debug)]
pub(crate) enum Session {
    /// A user's feed.
    Feed(Box<FeedSession>),
    /// Events.
    Events(Box<EventSession>),
}

impl Session {
    /// Opens the session a caller may have: a user's own feed, a named user's for the environment's key, else events.
    pub(crate) async fn open(
        api: &Api,
        caller: &Caller,
        user: Option<String>,
        resume: Option<Resume>,
    ) -> Answer<Self> {
        let env = caller.env();
        let follows_feed = match caller {
            Caller::User { .. } => true,
            Caller::Environment { .. } => user.is_some(),
            Caller::Application { .. } if user.is_some() => {
                return Err(app::Error::Forbidden(
                    "an application's key follows events, not a user's feed".into(),
                )
                .into());
            }
            Caller::Application { .. } => false,
        };
        if follows_feed {
            let feed = feed_of(caller, user)?;
            return Ok(Self::Feed(Box::new(
                FeedSession::open(api, env, feed.user, resume).await?,
            )));
        }
        Ok(Self::Events(Box::new(
            EventSession::open(api, caller, resume).await?,
        )))
    }

    /// What to send next. May be dropped at any time: what was not answered yet is found again.
    pub(crate) async fn next(&mut self, api: &Api) -> Step {
        match self {
            Self::Feed(feed) => feed.next(api).await,
            Self::Events(events) => events.next(api).await,
        }
    }

    /// Goes on from elsewhere, because the listener asked.
    pub(crate) async fn resume(&mut self, api: &Api, resume: Resume) -> Answer<Vec<Frame>> {
        match self {
            Self::Feed(feed) => feed.resume(api, Some(resume)).await,
            Self::Events(events) => events.resume(api, Some(resume)).await,
        }
    }

    /// Whether a caller with fresh credentials is the one this session belongs to.
    pub(crate) fn is_of(&self, caller: &Caller) -> bool {
        match (self, caller) {
            (Self::Feed(feed), Caller::User { env, claims, .. }) => {
                feed.env == *env && feed.user == claims.sub
            }
            _ => false,
        }
    }
}

/// A user's feed, followed.
#[derive(Debug)]
pub(crate) struct FeedSession {
    env: Env,
    user: String,
    listener: Listener,
    /// Everything up to here was told.
    last: i64,
    /// The feed is known to have come this far.
    target: i64,
    /// A catch-up is under way that the listener asked for: its end is told.
    catching_up: bool,
    first: Vec<Frame>,
}

impl FeedSession {
    async fn open(api: &Api, env: Env, user: String, resume: Option<Resume>) -> Answer<Self> {
        // Listens before it looks: what is written meanwhile is signalled.
        let listener = api.ctx.live.listen_user(env, &user, api.settings.queue);
        let mut session = Self {
            env,
            user,
            listener,
            last: 0,
            target: 0,
            catching_up: false,
            first: Vec::new(),
        };
        let head = session.head(api).await?;
        (session.last, session.target) = (head.seq, head.seq);
        let hello = json!({
            "type": "hello", "seq": head.seq, "epoch": api.ctx.store.epoch(), "counters": CountersView::from(head.counters()),
            "heartbeat": api.settings.heartbeat.as_secs(),
        });
        // Who resumes keeps the place they came with until the catch-up has passed it.
        let id = resume
            .is_none()
            .then(|| format!("{}:{}", api.ctx.store.epoch(), head.seq));
        session.first.push(Frame {
            text: hello.to_string().into(),
            kind: "hello",
            id,
        });
        let more = session.begin(api, &head, resume);
        session.first.extend(more);
        Ok(session)
    }

    async fn head(&self, api: &Api) -> Answer<Head> {
        let mut reader = api.ctx.store.read(self.env).await?;
        Ok(store::feed::head(&mut reader, self.env, &self.user).await?)
    }

    async fn resume(&mut self, api: &Api, resume: Option<Resume>) -> Answer<Vec<Frame>> {
        let head = self.head(api).await?;
        Ok(self.begin(api, &head, resume))
    }

    /// Sets out from where the listener says it is, or tells it to start anew.
    fn begin(&mut self, api: &Api, head: &Head, resume: Option<Resume>) -> Vec<Frame> {
        let Some(resume) = resume else { return Vec::new() };
        let epoch = api.ctx.store.epoch();
        let after = resume.after.parse::<i64>().ok();
        if let Some(after) = after.filter(|after| can_resume(head, epoch, *after, resume.epoch.as_deref())) {
            (self.last, self.target, self.catching_up) = (after, head.seq, true);
            return Vec::new();
        }
        (self.last, self.target, self.catching_up) = (head.seq, head.seq, false);
        vec![reset(api, head)]
    }

    async fn next(&mut self, api: &Api) -> Step {
        loop {
            if !self.first.is_empty() {
                return Step::Frames(std::mem::take(&mut self.first));
            }
            if self.target > self.last {
                return match self.read(api).await {
                    Ok(frames) => Step::Frames(frames),
                    Err(_) => Step::Close(Close::LATER),
                };
            }
            if std::mem::take(&mut self.catching_up) {
                return Step::Frames(vec![self.synced(api)]);
            }
            let Some(signal) = self.listener.signals.recv().await else {
                return Step::Close(if self.listener.was_slow() {
                    Close::SLOW
                } else {
                    Close::AWAY
                });
            };
            match signal {
                Signal::Item(item, counters) if item.seq == self.last + 1 => {
                    (self.last, self.target) = (item.seq, self.target.max(item.seq));
                    return Step::Frames(vec![change_frame(api, &item, counters)]);
                }
                Signal::Change(changed, counters) if changed.seq == self.last + 1 => {
                    // Should the listener speak while this is read, the signal is gone, but not the knowledge.
                    self.target = self.target.max(changed.seq);
                    match self.changed(api, &changed).await {
                        Ok(Some(item)) => {
                            (self.last, self.target) = (item.seq, self.target.max(item.seq));
                            return Step::Frames(vec![change_frame(api, &item, counters)]);
                        }
                        Ok(None) => {}
                        Err(_) => return Step::Close(Close::LATER),
                    }
                }
                Signal::Mark(mark, counters) if mark.seq == self.last + 1 => {
                    (self.last, self.target) = (mark.seq, self.target.max(mark.seq));
                    return Step::Frames(vec![mark_frame(api, &mark, counters)]);
                }
                // Not the very next: the database tells what lies between.
                Signal::Item(item, _) => self.target = self.target.max(item.seq),
                Signal::Change(changed, _) => self.target = self.target.max(changed.seq),
                Signal::Mark(mark, _) => self.target = self.target.max(mark.seq),
                Signal::Moved(seq) => self.target = self.target.max(seq),
                Signal::Check => return Step::Check,
                Signal::Event(_) | Signal::Behind(_) => {}
            }
        }
    }

    /// An item as a change left it, though it may have changed again since; `None` when it is no longer kept.
    async fn changed(&self, api: &Api, changed: &Changed) -> Answer<Option<Item>> {
        let mut reader = api.ctx.store.read(self.env).await?;
        let item = store::feed::item(&mut reader, self.env, &self.user, changed.notification).await?;
        Ok(item.map(|item| Item {
            seq: changed.seq,
            times: changed.times,
            ..item
        }))
    }

    /// Reads what lies between what was told and where the feed is.
    async fn read(&mut self, api: &Api) -> Answer<Vec<Frame>> {
        let mut reader = api.ctx.store.read(self.env).await?;
        let head = store::feed::head(&mut reader, self.env, &self.user).await?;
        if !(head.floor..=head.seq).contains(&self.last) {
            (self.last, self.target, self.catching_up) = (head.seq, head.seq, false);
            return Ok(vec![reset(api, &head)]);
        }
        let changes =
            store::feed::changes(&mut reader, self.env, &self.user, self.last, head.seq, CHANGES).await?;
        drop(reader);
        let mut frames: Vec<(i64, Frame)> = changes
            .items
            .iter()
            .map(|item| (item.seq, change_frame(api, item, head.counters())))
            .collect();
        frames.extend(
            changes
                .marks
                .iter()
                .map(|mark| (mark.seq, mark_frame(api, mark, head.counters()))),
        );
        frames.sort_by_key(|(seq, _)| *seq);
        // An item that changed twice is told once: where numbers are missing, the end tells that nothing else is.
        let told = i64::try_from(frames.len()).unwrap_or(0);
        let skipped = told < changes.through - self.last;
        (self.last, self.target) = (changes.through, head.seq);
        let mut frames: Vec<_> = frames.into_iter().map(|(_, frame)| frame).collect();
        if skipped && !self.catching_up {
            frames.push(self.synced(api));
        }
        Ok(frames)
    }

    fn synced(&self, api: &Api) -> Frame {
        let text = json!({"type": "synced", "through": self.last}).to_string();
        frame(api, text, "synced", self.last)
    }
}

fn reset(api: &Api, head: &Head) -> Frame {
    let epoch = api.ctx.store.epoch();
    let counters = CountersView::from(head.counters());
    let text = json!({"type": "reset", "seq": head.seq, "epoch": epoch, "counters": counters}).to_string();
    Frame {
        text: text.into(),
        kind: "reset",
        id: Some(format!("{epoch}:{}", head.seq)),
    }
}

fn frame(api: &Api, text: String, kind: &'static str, seq: i64) -> Frame {
    Frame {
        text: text.into(),
        kind,
        id: Some(format!("{}:{seq}", api.ctx.store.epoch())),
    }
}

fn change_frame(api: &Api, item: &Item, counters: Counters) -> Frame {
    let view = json!({
        "type": "change", "seq": item.seq, "item": ItemView::from(item), "counters": CountersView::from(counters),
    });
    frame(api, view.to_string(), "change", item.seq)
}

fn mark_frame(api: &Api, mark: &Marked, counters: Counters) -> Frame {
    let mut view = serde_json::to_value(MarkView::from(mark)).unwrap_or_default();
    view["type"] = "mark".into();
    view["counters"] = serde_json::to_value(CountersView::from(counters)).unwrap_or_default();
    frame(api, view.to_string(), "mark", mark.seq)
}

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
    async fn open(api: &Api, caller: &Caller, resume: Option<Resume>) -> Answer<Self> {
        let env = caller.env();
        let visible = visible(api, caller).await?;
        let listener = api
            .ctx
            .live
            .listen_events(env, visible.clone(), api.settings.queue);
        let bounds = bounds(api, env).await?;
        api.ctx.live.begin(env, &bounds.head);
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

    async fn resume(&mut self, api: &Api, resume: Option<Resume>) -> Answer<Vec<Frame>> {
        let bounds = bounds(api, self.env).await?;
        Ok(self.begin(api, bounds, resume))
    }

    fn begin(&mut self, api: &Api, bounds: store::event::Bounds, resume: Option<Resume>) -> Vec<Frame> {
        let Some(resume) = resume else { return Vec::new() };
        let same_life = resume
            .epoch
            .as_deref()
            .is_none_or(|epoch| epoch == api.ctx.store.epoch());
        let within = |after: &Position| after.commit >= bounds.floor && after.commit <= bounds.head.commit;
        if let Some(after) = live::parse_cursor(&resume.after).filter(|after| same_life && within(after)) {
            (self.last, self.until) = (after, Some(bounds.head));
            return Vec::new();
        }
        let cursor = live::cursor(&bounds.head);
        (self.last, self.until) = (bounds.head, None);
        let epoch = api.ctx.store.epoch();
        let text = json!({"type": "reset", "cursor": cursor, "epoch": epoch}).to_string();
        vec![Frame {
            text: text.into(),
            kind: "reset",
            id: Some(format!("{epoch}:{cursor}")),
        }]
    }

    async fn next(&mut self, api: &Api) -> Step {
        loop {
            if !self.first.is_empty() {
                return Step::Frames(std::mem::take(&mut self.first));
            }
            if self.until.is_some() {
                return match self.read(api).await {
                    Ok(frames) => Step::Frames(frames),
                    Err(_) => Step::Close(Close::LATER),
                };
            }
            let Some(signal) = self.listener.signals.recv().await else {
                return Step::Close(if self.listener.was_slow() {
                    Close::SLOW
                } else {
                    Close::AWAY
                });
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
                Signal::Behind(through) if *through > self.last => self.until = Some((*through).clone()),
                Signal::Check => return Step::Check,
                _ => {}
            }
        }
    }

    /// Reads the next part of a catch-up; its end is told.
    async fn read(&mut self, api: &Api) -> Answer<Vec<Frame>> {
        let Some(until) = self.until.clone() else {
            return Ok(Vec::new());
        };
        let mut reader = api.ctx.store.read(self.env).await?;
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
async fn bounds(api: &Api, env: Env) -> Answer<store::event::Bounds> {
    let mut bounds = store::event::bounds(&mut *api.ctx.store.read(env).await?).await?;
    "~".clone_into(&mut bounds.head.id);
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
        Caller::User { .. } => Err(app::Error::Forbidden("a user follows a feed".into()).into()),
    }
}
