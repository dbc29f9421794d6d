//! Part b: publish → receiver at a steady rate far below saturation, and the API's own answer time.

use std::time::Duration;

use anyhow::Result;

use super::{Bench, HOOK, Stand, TICK};
use crate::counting::millis;
use crate::open_loop::{self, Arrivals, Outcome, Spread, Template};
use crate::report::Row;
use crate::server::Database;
use crate::setup;
use crate::wire;

const APP: &str = "latency";
/// Connections of an open loop: enough that no answer is waited for.
pub(super) const LINES: usize = 32;

pub(super) async fn measure(bench: &mut Bench, database: &Database) -> Result<()> {
    let stand = bench.stand(database).await?;
    setup::app(&stand.api, APP).await?;
    setup::event_type(&stand.api, TICK, "app").await?;
    setup::webhook(&stand.api, APP, &bench.receiver.url(HOOK), &[TICK], None).await?;
    arrive(bench, &stand, 200.0, bench.time(4)).await?;
    for rate in [100.0, 600.0, 1_000.0] {
        let outcome = arrive(bench, &stand, rate, bench.time(15)).await?;
        report(bench, database, rate, &outcome);
    }
    stand.server.stop().await
}

fn report(bench: &mut Bench, database: &Database, rate: f64, outcome: &Outcome) {
    let name = database.name();
    let note = format!("{} events, {} failed", outcome.ok, outcome.failed);
    if rate >= 1_000.0 {
        let p95 = millis(&outcome.api, 0.95);
        let row = Row::new('b', format!("{name}, {rate:.0}/s: API answer p95"), p95, "ms");
        bench.add(row.at_most(15.0).note(note));
        return;
    }
    let latency = bench.counting.latency(HOOK);
    end_to_end(
        bench,
        &format!("{name}, {rate:.0}/s: publish → receiver"),
        &latency,
        &note,
    );
}

/// Two rows, with targets of one flush and a little.
pub(super) fn end_to_end(bench: &mut Bench, what: &str, latency: &hdrhistogram::Histogram<u64>, note: &str) {
    for (quantile, name, over) in [(0.5, "p50", 1.0), (0.99, "p99", 5.0)] {
        let value = if latency.is_empty() {
            f64::NAN
        } else {
            millis(latency, quantile)
        };
        let row = Row::new('b', format!("{what} {name}"), value, "ms").at_most(bench.flush.p50_ms + over);
        bench.add(row.note(format!("{} samples; {note}", latency.len())));
    }
}

async fn arrive(bench: &Bench, stand: &Stand, rate: f64, time: Duration) -> Result<Outcome> {
    bench.counting.reset(true);
    let request = wire::post(
        &setup::events_path(APP),
        &stand.spec.key,
        &setup::event_body(TICK),
    );
    let templates = vec![Template::new(request)];
    let arrivals = Arrivals {
        addr: stand.server.addr,
        templates,
        rate,
        spread: Spread::Even,
        time,
        connections: LINES,
    };
    let outcome = open_loop::run(&bench.workers, arrivals).await?;
    bench.counting.settle(outcome.ok, Duration::from_secs(5)).await;
    Ok(outcome)
}
