//! Part b: publish a notification → it is on the user's open socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::latency::{LINES, end_to_end};
use super::{Bench, Stand};
use crate::clock;
use crate::counting::histogram;
use crate::open_loop::{self, Arrivals, Spread, Template};
use crate::server::Database;
use crate::setup;
use crate::wire;
use crate::ws::{self, Frame};

const APP: &str = "bell";
const USERS: usize = 20;

/// What all open bells heard.
struct Heard {
    latency: Mutex<Histogram<u64>>,
    count: AtomicU64,
}

pub(super) async fn measure(bench: &mut Bench, database: &Database) -> Result<()> {
    let stand = bench.stand(database).await?;
    setup::app(&stand.api, APP).await?;
    let heard = Arc::new(Heard {
        latency: Mutex::new(histogram()),
        count: AtomicU64::new(0),
    });
    let stop = CancellationToken::new();
    let _stopped_at_the_end = stop.clone().drop_guard();
    let users: Vec<String> = (0..USERS).map(|number| format!("bell-{number}")).collect();
    for (number, user) in users.iter().enumerate() {
        open(bench, &stand, number, user, &heard, &stop).await?;
    }
    ring(bench, &stand, &users, 200.0, bench.time(4), &heard).await?;
    for rate in [100.0, 600.0] {
        let note = ring(bench, &stand, &users, rate, bench.time(15), &heard).await?;
        let latency = heard.latency.lock().clone();
        end_to_end(
            bench,
            &format!("{}, {rate:.0}/s: notify → bell", database.name()),
            &latency,
            &note,
        );
    }
    stand.server.stop().await
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

async fn ring(
    bench: &Bench,
    stand: &Stand,
    users: &[String],
    rate: f64,
    time: Duration,
    heard: &Heard,
) -> Result<String> {
    heard.latency.lock().reset();
    heard.count.store(0, Ordering::Relaxed);
    let path = format!("/api/v1/apps/{APP}/notifications");
    let templates = users
        .iter()
        .map(|user| {
            Template::new(wire::post(
                &path,
                &stand.spec.key,
                &setup::notification_body(user),
            ))
        })
        .collect();
    let arrivals = Arrivals {
        addr: stand.server.addr,
        templates,
        rate,
        spread: Spread::Even,
        time,
        connections: LINES,
    };
    let outcome = open_loop::run(&bench.workers, arrivals).await?;
    let begun = Instant::now();
    while heard.count.load(Ordering::Relaxed) < outcome.ok && begun.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let rung = heard.count.load(Ordering::Relaxed);
    ensure!(
        rung >= outcome.ok,
        "{} notifications accepted, {rung} rang",
        outcome.ok
    );
    Ok(format!(
        "{} notifications to {USERS} users, {} failed",
        outcome.ok, outcome.failed
    ))
}
