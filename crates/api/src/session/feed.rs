//! A session that follows a user's feed.

use app::live::{Changed, Listener, Signal};
use domain::environment::Env;
use domain::feed::Counters;
use serde_json::json;
use store::feed::{Head, Item, Marked};

use super::{Close, Frame, Resume, Step, heard};
use crate::item::{CountersView, ItemView, MarkView};
use crate::problem::Answer;
use crate::routes::feed::{CHANGES, can_resume};
use crate::state::Api;

/// A user's feed, followed.
#[derive(Debug)]
pub(crate) struct FeedSession {
    pub(super) env: Env,
    pub(super) user: String,
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
    pub(super) async fn open(api: &Api, env: Env, user: String, resume: Option<Resume>) -> Answer<Self> {
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

    pub(super) async fn resume(&mut self, api: &Api, resume: Option<Resume>) -> Answer<Vec<Frame>> {
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

    pub(super) async fn next(&mut self, api: &Api) -> Step {
        loop {
            if !self.first.is_empty() {
                return Step::Frames(std::mem::take(&mut self.first));
            }
            if self.target > self.last {
                return match Box::pin(self.read(api)).await {
                    Ok(frames) => Step::Frames(frames),
                    Err(_) => Step::Close(Close::LATER),
                };
            }
            if std::mem::take(&mut self.catching_up) {
                return Step::Frames(vec![self.synced(api)]);
            }
            let signal = match heard(&mut self.listener).await {
                Ok(signal) => signal,
                Err(close) => return Step::Close(close),
            };
            match signal {
                Signal::Item(item, counters) if item.seq == self.last + 1 => {
                    (self.last, self.target) = (item.seq, self.target.max(item.seq));
                    return Step::Frames(vec![change_frame(api, &item, counters)]);
                }
                Signal::Change(changed, counters) if changed.seq == self.last + 1 => {
                    // Should the listener speak while this is read, the signal is gone, but not the knowledge.
                    self.target = self.target.max(changed.seq);
                    match Box::pin(self.changed(api, &changed)).await {
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
