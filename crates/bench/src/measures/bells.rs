//! Open bells: sockets of users that note when what they hear was due.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Bench, Stand};
use crate::clock;
use crate::counting::histogram;
use crate::setup;
use crate::ws::{self, Frame};

/// Bells of some users, open until dropped.
pub(super) struct Bells {
    /// Whose they are.
    pub(super) users: Vec<String>,
    heard: Arc<Heard>,
    _stop: DropGuard,
}

/// What all of them heard.
struct Heard {
    /// Due → heard, nanoseconds.
    latency: Mutex<Histogram<u64>>,
    count: AtomicU64,
}

impl Bells {
    /// Makes users and opens a bell for each.
    pub(super) async fn open(bench: &Bench, stand: &Stand, users: Vec<String>) -> Result<Self> {
        let stop = CancellationToken::new();
        let heard = Arc::new(Heard {
            latency: Mutex::new(histogram()),
            count: AtomicU64::new(0),
        });
        for (number, user) in users.iter().enumerate() {
            open(bench, stand, number, user, &heard, &stop).await?;
        }
        Ok(Self {
            users,
            heard,
            _stop: stop.drop_guard(),
        })
    }

    /// Forgets what was heard.
    pub(super) fn reset(&self) {
        self.heard.latency.lock().reset();
        self.heard.count.store(0, Ordering::Relaxed);
    }

    /// Waits until so much was heard, and says when it was, measured from when it was due.
    pub(super) async fn heard(&self, wanted: u64, patience: Duration) -> Result<Histogram<u64>> {
        let begun = Instant::now();
        let count = || self.heard.count.load(Ordering::Relaxed);
        while count() < wanted && begun.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        ensure!(
            count() >= wanted,
            "{wanted} notifications were to ring, {} did",
            count()
        );
        Ok(self.heard.latency.lock().clone())
    }
}

async fn open(
    bench: &Bench,
    stand: &Stand,
    number: usize,
    user: &str,
    heard: &Arc<Heard>,
    stop: &CancellationToken,
) -> Result<()> {
    setup::user(&stand.api, user).await?;
    let token = setup::token(&stand.api, user).await?;
    let (addr, heard, stop) = (stand.server.addr, Arc::clone(heard), stop.clone());
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    bench
        .workers
        .handle(number)
        .spawn(stop.run_until_cancelled_owned(async move {
            let mut socket = ws::connect(addr, "/api/v1/events/stream", &token, None).await?;
            let greeting = socket.next().await;
            let _ = ready.send(());
            greeting?;
            loop {
                match socket.next().await? {
                    Frame::Text(text) => heard.note(&text),
                    Frame::Close(_) => return std::io::Result::Ok(()),
                }
            }
        }));
    is_ready
        .await
        .with_context(|| format!("the bell of {user} did not open"))
}

impl Heard {
    fn note(&self, text: &[u8]) {
        if let Some(due) = clock::read_mark(text) {
            self.count.fetch_add(1, Ordering::Relaxed);
            // The histogram grows as needed, so no value is out of its range.
            let _ = self.latency.lock().record(clock::now().saturating_sub(due));
        }
    }
}
