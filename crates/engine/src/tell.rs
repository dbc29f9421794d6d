//! Telling: events to those who follow them, in the order of commits; and feeds that another node moved.

use std::sync::Arc;
use std::time::Duration;

use app::live::EventFrame;
use domain::environment::Env;
use domain::event::Event;
use store::event::{Position, Stored, Visible};

use crate::Result;
use crate::run::Engine;

/// Events told in one step.
const SLICE: i64 = 500;
/// Feeds another node moved that are looked at in one step, and how far back a look reaches: commits under way when the last one looked.
const MOVED: i64 = 10_000;
const OVERLAP: i64 = 5_000;

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
            let head = store::event::bounds(&mut reader).await?.head;
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
        if !self.ctx.live.has_users() {
            return Ok(());
        }
        let since = self.ctx.now() - OVERLAP;
        let moved = store::feed::moved(&mut *self.ctx.store.read_all().await?, since, MOVED).await?;
        for (env, user, seq, _) in moved {
            self.ctx.live.moved(Env(env), &user, seq);
        }
        Ok(())
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
