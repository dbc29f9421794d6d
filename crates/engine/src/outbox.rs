//! Reading an outbox: what a product's transactions left is published, and taken away when it is.

use std::sync::Arc;
use std::time::Duration;

use app::outbox::{Reading, Taken};
use store::outbox::Outbox;

use crate::Result;
use crate::run::Engine;

/// Events read in one transaction of the product's database.
const SLICE: i64 = 200;
/// How long events of one transaction are published: the product's database ends one that stands idle for longer than `store::outbox` allows.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest pause after trouble.
const LONGEST: Duration = Duration::from_secs(30);

/// An outbox that is read.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Where it is.
    pub outbox: Outbox,
    /// In whose name.
    pub reading: Reading,
    /// How often it is looked at.
    pub every: Duration,
}

impl Engine {
    /// Reads an outbox until the server stops. Trouble, on either side, is told once and costs patience only.
    pub fn watch_outbox(self: &Arc<Self>, watched: Watched) {
        let engine = Arc::clone(self);
        self.spawn(async move {
            let mut pause = watched.every;
            loop {
                tokio::select! {
                    biased;
                    () = engine.stopping.cancelled() => break,
                    () = tokio::time::sleep(pause) => {}
                }
                match engine.read_outbox(&watched).await {
                    Ok(()) => {
                        if pause > watched.every {
                            tracing::info!("the outbox is read again");
                        }
                        pause = watched.every;
                    }
                    Err(error) => {
                        if pause == watched.every {
                            tracing::warn!(%error, "the outbox cannot be read; nothing of it is lost, and it is tried again");
                        }
                        pause = (pause * 2).clamp(Duration::from_millis(500), LONGEST);
                    }
                }
            }
            watched.outbox.close().await;
        });
    }

    /// Publishes everything that waits, slice by slice.
    async fn read_outbox(self: &Arc<Self>, watched: &Watched) -> Result<()> {
        while !self.stopping.is_cancelled() {
            let slice = watched.outbox.take(SLICE).await?;
            if slice.events.is_empty() {
                return Ok(());
            }
            let (mut published, mut refused, mut trouble) = (Vec::new(), Vec::new(), None);
            let (left, reading) = (slice.events.len(), &watched.reading);
            for (number, taken) in self.ctx.publish_left(reading, &slice.events, PATIENCE).await {
                match taken {
                    Taken::Published => published.push(number),
                    Taken::Refused(why) => refused.push((number, why)),
                    Taken::Later(error) => trouble = Some(error),
                }
            }
            for (word, count) in [("published", published.len()), ("refused", refused.len())] {
                metrics::counter!("campanile_outbox_events_total", "outcome" => word).increment(count as u64);
            }
            for (number, why) in &refused {
                tracing::warn!(
                    number,
                    why,
                    "an event of the outbox was refused; it stays there: campanile outbox status"
                );
            }
            slice.end(&published, &refused).await?;
            if let Some(error) = trouble {
                return Err(error);
            }
            let is_all = published.len() + refused.len() == left;
            if is_all && left < usize::try_from(SLICE).unwrap_or_default() {
                return Ok(());
            }
        }
        Ok(())
    }
}
