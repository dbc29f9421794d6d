//! Part b: events published one by one, each to one webhook, as fast as the server takes them.
//!
//! A pair is a direct run and a run through the server, one right after the other, so that what else the machine
//! does falls on both. Delivered events count until the last has arrived: a backlog is not throughput.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Bench, HOOK, Stand, TICK, direct};
use crate::load::{self, Limit};
use crate::report::{Row, median};
use crate::server::Database;
use crate::setup;
use crate::wire;

const APP: &str = "throughput";

/// One run through the server.
struct Through {
    /// Delivered events a second.
    rate: f64,
    /// CPU-seconds for 1,000 of them.
    cost: f64,
    /// Deliveries that came twice.
    duplicates: u64,
}

pub(super) async fn measure(bench: &mut Bench, database: &Database) -> Result<()> {
    let stand = bench.stand(database).await?;
    setup::app(&stand.api, APP).await?;
    setup::event_type(&stand.api, TICK, "app").await?;
    setup::webhook(&stand.api, APP, &bench.receiver.url(HOOK), &[TICK], None).await?;
    through(bench, &stand, 16, bench.time(2)).await?;
    for connections in [16, 64] {
        saturate(bench, &stand, connections).await?;
    }
    stand.server.stop().await
}

async fn saturate(bench: &mut Bench, stand: &Stand, connections: usize) -> Result<()> {
    let (mut shares, mut rates, mut limits, mut costs) = (vec![], vec![], vec![], vec![]);
    let mut duplicates = 0;
    for _ in 0..bench.pairs() {
        let limit = direct::rate(bench, connections, bench.time(3)).await?;
        let run = through(bench, stand, connections, bench.time(5)).await?;
        shares.push(run.rate / limit);
        rates.push(run.rate);
        limits.push(limit);
        costs.push(run.cost);
        duplicates += run.duplicates;
    }
    let name = stand.spec.database.name();
    let (share, cost) = match (&stand.spec.database, connections) {
        (Database::Sqlite, 16) => (0.10, 0.12),
        (Database::Sqlite, _) => (0.15, 0.12),
        (Database::Postgres(_), _) => (0.03, 0.5),
    };
    // The share is the median of the pairs' shares, so the limit shown is the one that gives it.
    let rate = median(&rates);
    let row = Row::new(
        'b',
        format!("{name}, {connections} connections: delivered"),
        rate,
        "/s",
    );
    let note = format!(
        "median of {} pairs; direct {:.0}/s; the target share of its 100,000/s would be {:.0}/s; {duplicates} duplicates",
        shares.len(),
        median(&limits),
        share * 100_000.0
    );
    bench.add(row.share_at_least(rate / median(&shares), share).note(note));
    let row = Row::new(
        'b',
        format!("{name}, {connections} connections: CPU"),
        median(&costs),
        "s/1,000",
    );
    let counted = match (&stand.spec.database, &bench.cluster) {
        (Database::Postgres(_), Some(_)) => "server and PostgreSQL",
        (Database::Postgres(_), None) => "server alone: PostgreSQL is not ours to count",
        (Database::Sqlite, _) => "server",
    };
    bench.add(row.at_most(cost).note(counted));
    Ok(())
}

async fn through(bench: &Bench, stand: &Stand, connections: usize, time: Duration) -> Result<Through> {
    bench.counting.reset(false);
    let path = setup::events_path(APP);
    let request = Arc::new(wire::post(&path, &stand.spec.key, &setup::event_body(TICK)));
    let cpu = bench.cpu(stand)?;
    let sent = load::closed_loop(
        &bench.workers,
        stand.server.addr,
        &request,
        connections,
        Limit::For(time),
    )
    .await?;
    let delivered = bench.counting.settle(sent.ok, Duration::from_secs(15)).await;
    let cpu = bench.cpu(stand)? - cpu;
    ensure!(
        sent.refused == 0,
        "{} of {} events were refused",
        sent.refused,
        sent.ok + sent.refused
    );
    ensure!(
        delivered == sent.ok,
        "{} events accepted, {delivered} delivered",
        sent.ok
    );
    let seconds = bench.counting.last().saturating_sub(sent.begun) as f64 / 1e9;
    Ok(Through {
        rate: delivered as f64 / seconds,
        cost: cpu / delivered as f64 * 1e3,
        duplicates: bench.counting.duplicates(),
    })
}
