//! Telling: events to those who follow them, in the order of commits; and feeds that another node moved.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use app::live::EventFrame;
use domain::environment::Env;
use domain::event::Event;
use store::event::{Position, Stored, Visible};
use store::feed::Moved;

use crate::Result;
use crate::node::CLOCK_TOLERANCE;
use crate::run::Engine;

/// Events told in one step.
const SLICE: i64 = 500;
/// Feeds another node moved that are read in one step.
const MOVED: i64 = 2_000;
/// How far back a look reaches beyond the last one, in milliseconds: a feed's time is its plan's, and plans may be this long on their way.
const UNDER_WAY: i64 = 10_000;
/// How far back a look reaches that another node asked for, whose clock may be behind; the regular one follows and reaches further.
const JUST_NOW: i64 = CLOCK_TOLERANCE + 500;
/// Between two calls to the other nodes.
const PAUSE: Duration = Duration::from_millis(50);

impl Engine {
    /// Tells events as they are committed, for as long as anybody follows.
    pub(crate) async fn follow_events(self: Arc<Self>) {
        loop {
            tokio::select! {
                biased;
                () = self.stopping.cancelled() => return,
                () = self.ctx.live.wake() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            for env in self.ctx.live.followed() {
                if let Err(error) = self.tell_events(env).await {
                    tracing::warn!(%error, "events could not be told; the next look tries again");
                }
            }
        }
    }

    async fn tell_events(&self, env: Env) -> Result<()> {
        let everything = Visible {
            app: None,
            tenant: None,
            platform: true,
        };
        loop {
            let mut reader = self.ctx.store.read(env).await?;
            let head = store::event::bounds(&mut reader, env).await?.head;
            let Some(told) = self.ctx.live.told(env) else {
                return Ok(());
            };
            let stored = store::event::after(&mut reader, env, &everything, &told, &head, SLICE).await?;
            drop(reader);
            let full = i64::try_from(stored.len()).unwrap_or(0) >= SLICE;
            let through = if full {
                stored.last().map_or(head, position)
            } else {
                head
            };
            let events: Vec<(Event, Arc<EventFrame>)> = stored.into_iter().map(frame).collect();
            self.ctx.live.tell_events(env, &events, through);
            if !full {
                return Ok(());
            }
        }
    }

    /// Tells listeners of feeds that moved: on a shared database another node may have written.
    pub(crate) async fn tell_moved(&self) -> Result<()> {
        let now = self.ctx.now();
        self.tell_moved_since(now.min(self.looked.load(Ordering::Relaxed)) - UNDER_WAY)
            .await?;
        self.looked.store(now, Ordering::Relaxed);
        Ok(())
    }

    async fn tell_moved_since(&self, since: i64) -> Result<()> {
        let mut last: Option<Moved> = None;
        while self.ctx.live.has_users() {
            let mut reader = self.ctx.store.read_all().await?;
            let moved = store::feed::moved(&mut reader, since, last.as_ref(), MOVED).await?;
            drop(reader);
            for feed in &moved {
                self.ctx
                    .live
                    .moved(Env(feed.environment), &feed.user_id, feed.seq);
            }
            if i64::try_from(moved.len()).unwrap_or(0) < MOVED {
                break;
            }
            last = moved.into_iter().next_back();
        }
        Ok(())
    }

    /// Calls the other nodes after what this one commits, so that their listeners need not wait for the regular look.
    pub(crate) async fn call_others(self: Arc<Self>) {
        let calling = async {
            loop {
                self.ctx.wrote.notified().await;
                if !self.node.is_alone()
                    && let Err(error) = self.ctx.store.wake_others(self.node.owner()).await
                {
                    tracing::debug!(%error, "the other nodes could not be called; they look by themselves");
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        self.stopping.run_until_cancelled(calling).await;
    }

    /// Looks when another node calls.
    pub(crate) async fn hear_others(self: Arc<Self>) {
        let hearing = async {
            loop {
                if let Err(error) = self.hear().await {
                    tracing::debug!(%error, "the other nodes cannot be heard; the regular look goes on");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        self.stopping.run_until_cancelled(hearing).await;
    }

    async fn hear(&self) -> Result<()> {
        let Some(mut line) = self.ctx.store.wakes().await? else {
            return Ok(());
        };
        let mut called = false;
        loop {
            while !called {
                called = line.next().await? != self.node.owner();
            }
            let began = Instant::now();
            self.ctx.live.ring();
            self.tell_moved_since(self.ctx.now() - JUST_NOW).await?;
            // Calls that come in one breath are one; where much moves, looking takes a fifth of the time at most.
            let breath = tokio::time::sleep(PAUSE.max(began.elapsed() * 4));
            tokio::pin!(breath);
            called = false;
            loop {
                tokio::select! {
                    () = &mut breath => break,
                    owner = line.next() => called |= owner? != self.node.owner(),
                }
            }
        }
    }
}

/// An event's place in the order of commits.
pub(crate) fn position(stored: &Stored) -> Position {
    Position {
        commit: stored.position,
        id: domain::id::Prefixed::bare(&stored.event.id).to_owned(),
    }
}

fn frame(stored: Stored) -> (Event, Arc<EventFrame>) {
    let position = position(&stored);
    let text = app::live::event_text(&stored.event, &position);
    (
        stored.event,
        Arc::new(EventFrame {
            position,
            text: text.into(),
        }),
    )
}
