//! Part c: what a bad destination costs the good ones.
//!
//! Each run has a server of its own, because a bad neighbour's backlog would reach into the next. Base and bad runs
//! take turns, and each bad run is compared with the base of its own turn.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::latency::LINES;
use super::{Bench, HOOK, TICK};
use crate::counting::millis;
use crate::open_loop::{self, Arrivals, Template};
use crate::process;
use crate::report::{Row, median};
use crate::server::Database;
use crate::setup;
use crate::wire;

const APP: &str = "neighbour";
const BAD: &str = "bench.bad";
const RATE: f64 = 100.0;

/// Bad destinations: the receiver's path and what it does.
/// The last one is none: what it costs to read and keep so much is what the endless one is to be compared with.
const NEIGHBOURS: [(&str, &str); 5] = [
    ("/bad/slow", "answers after 8 s"),
    ("/bad/never", "never answers"),
    ("/bad/drip", "drips a byte a second"),
    ("/bad/endless", "has an endless body"),
    ("/long", "answers 16 KiB at once"),
];

/// How the good destination fared, and what the server weighed at the end.
struct Fared {
    p99_ms: f64,
    rss_mb: f64,
}

pub(super) async fn measure(bench: &mut Bench) -> Result<()> {
    let mut bases = Vec::new();
    let mut fared: Vec<Vec<Fared>> = NEIGHBOURS.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.pairs() {
        bases.push(beside(bench, None).await?);
        for (number, (path, _)) in NEIGHBOURS.iter().enumerate() {
            fared[number].push(beside(bench, Some(path)).await?);
        }
    }
    let base: Vec<f64> = bases.iter().map(|run| run.p99_ms).collect();
    bench.add(Row::new('c', "p99 of a good endpoint alone", median(&base), "ms"));
    for ((path, what), runs) in NEIGHBOURS.iter().zip(&fared) {
        report(bench, what, path.starts_with("/bad/"), &bases, runs);
    }
    Ok(())
}

fn report(bench: &mut Bench, what: &str, bad: bool, bases: &[Fared], runs: &[Fared]) {
    let p99: Vec<f64> = runs.iter().map(|run| run.p99_ms).collect();
    let moved: Vec<f64> = runs
        .iter()
        .zip(bases)
        .map(|(run, base)| run.p99_ms / base.p99_ms)
        .collect();
    let grown: Vec<f64> = runs
        .iter()
        .zip(bases)
        .map(|(run, base)| run.rss_mb - base.rss_mb)
        .collect();
    let row = Row::new(
        'c',
        format!("neighbour {what}: p99 moves by"),
        (median(&moved) - 1.0) * 100.0,
        "%",
    );
    let row = row.note(format!("p99 {:.2} ms beside it", median(&p99)));
    bench.add(if bad { row.at_most(20.0) } else { row });
    let row = Row::new(
        'c',
        format!("neighbour {what}: memory"),
        median(&grown),
        "MB more",
    );
    bench.add(if bad { row.at_most(5.0) } else { row });
}

async fn beside(bench: &mut Bench, neighbour: Option<&str>) -> Result<Fared> {
    let stand = bench.stand(&Database::Sqlite).await?;
    setup::app(&stand.api, APP).await?;
    for kind in [TICK, BAD] {
        setup::event_type(&stand.api, kind, "app").await?;
    }
    setup::webhook(&stand.api, APP, &bench.receiver.url(HOOK), &[TICK], None).await?;
    // Without a neighbour the same events go nowhere, so that both runs publish the same.
    if let Some(path) = neighbour {
        setup::webhook(&stand.api, APP, &bench.receiver.url(path), &[BAD], None).await?;
    }
    let arrivals = |kind: &str, time: Duration| {
        let request = wire::post(
            &setup::events_path(APP),
            &stand.spec.key,
            &setup::event_body(kind),
        );
        let templates = vec![Template::new(request)];
        Arrivals {
            addr: stand.server.addr,
            templates,
            rate: RATE,
            time,
            connections: LINES,
        }
    };
    open_loop::run(&bench.workers, arrivals(TICK, bench.time(2))).await?;
    bench.counting.reset(true);
    let time = bench.time(12);
    let (good, bad) = tokio::join!(
        open_loop::run(&bench.workers, arrivals(TICK, time)),
        open_loop::run(&bench.workers, arrivals(BAD, time)),
    );
    let good = good?.ok;
    ensure!(bad?.failed == 0, "publishing for the neighbour failed");
    let delivered = bench.counting.settle(good, Duration::from_secs(5)).await;
    // What did not arrive was late beyond measure.
    let lost = good.saturating_sub(delivered);
    let p99_ms = if lost * 100 > good {
        f64::INFINITY
    } else {
        millis(&bench.counting.latency(), 0.99)
    };
    if lost > 0 {
        eprintln!("  {lost} of {good} events did not reach the good endpoint beside {neighbour:?}");
    }
    let rss_mb = process::rss_bytes(stand.server.pid)? as f64 / 1e6;
    stand.server.kill().await?;
    Ok(Fared { p99_ms, rss_mb })
}
