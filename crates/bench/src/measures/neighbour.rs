//! Part c: what a bad destination costs the good ones.
//!
//! Each run has a server of its own, because a bad neighbour's backlog would reach into the next. Base and bad runs
//! take turns, and each bad run is compared with the base of its own turn.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::latency::LINES;
use super::{Bench, HOOK, TICK};
use crate::counting::millis;
use crate::open_loop::{self, Arrivals, Spread, Template};
use crate::process;
use crate::report::{Row, median};
use crate::server::Database;
use crate::setup;
use crate::wire;

const APP: &str = "neighbour";
const BAD: &str = "bench.bad";
const RATE: f64 = 100.0;

/// A destination beside the good one.
struct Neighbour {
    /// The receiver's path.
    path: &'static str,
    /// What it does, in words.
    does: &'static str,
    /// Whether the good one must not feel it. The others are to compare with: what a delivery costs, and what an answer costs
    /// of which as much is kept as of an endless one.
    bad: bool,
    /// Beside whom as much is kept, and so as much memory taken; by default, nobody.
    like: Option<&'static str>,
}

const fn bad(path: &'static str, does: &'static str) -> Neighbour {
    Neighbour {
        path,
        does,
        bad: true,
        like: None,
    }
}

const fn good(path: &'static str, does: &'static str) -> Neighbour {
    Neighbour {
        bad: false,
        ..bad(path, does)
    }
}

const NEIGHBOURS: [Neighbour; 6] = [
    bad("/bad/slow", "answers after 8 s"),
    bad("/bad/never", "never answers"),
    bad("/bad/drip", "drips a byte a second"),
    Neighbour {
        like: Some(LONG),
        ..bad("/bad/endless", "has an endless body")
    },
    good(LONG, "answers 16 KiB at once"),
    good("/short", "answers at once"),
];

/// The path that answers with as much as the server keeps.
const LONG: &str = "/long";

/// How the good destination fared, and what the server weighed at the end.
struct Fared {
    p99_ms: f64,
    rss_mb: f64,
}

pub(super) async fn measure(bench: &mut Bench) -> Result<()> {
    let mut alone = Vec::new();
    let mut fared: Vec<Vec<Fared>> = NEIGHBOURS.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.pairs() {
        alone.push(beside(bench, None).await?);
        for (neighbour, runs) in NEIGHBOURS.iter().zip(&mut fared) {
            runs.push(beside(bench, Some(neighbour.path)).await?);
        }
    }
    let p99: Vec<f64> = alone.iter().map(|run| run.p99_ms).collect();
    bench.add(Row::new('c', "p99 of a good endpoint alone", median(&p99), "ms"));
    for (neighbour, runs) in NEIGHBOURS.iter().zip(&fared) {
        let like = NEIGHBOURS
            .iter()
            .position(|other| Some(other.path) == neighbour.like);
        report(bench, neighbour, runs, &alone, like.map(|like| &fared[like]));
    }
    Ok(())
}

fn report(
    bench: &mut Bench,
    neighbour: &Neighbour,
    runs: &[Fared],
    alone: &[Fared],
    like: Option<&Vec<Fared>>,
) {
    let Neighbour { does, bad, .. } = neighbour;
    let p99: Vec<f64> = runs.iter().map(|run| run.p99_ms).collect();
    let pairs = runs.iter().zip(alone);
    let moved: Vec<f64> = pairs.map(|(run, base)| run.p99_ms / base.p99_ms).collect();
    let row = Row::new(
        'c',
        format!("neighbour {does}: p99 moves by"),
        (median(&moved) - 1.0) * 100.0,
        "%",
    );
    let row = row.note(format!("p99 {:.2} ms beside it", median(&p99)));
    bench.add(if *bad { row.at_most(20.0) } else { row });

    let grown = |bases: &[Fared]| {
        let pairs = runs.iter().zip(bases);
        median(
            &pairs
                .map(|(run, base)| run.rss_mb - base.rss_mb)
                .collect::<Vec<_>>(),
        )
    };
    let row = Row::new(
        'c',
        format!("neighbour {does}: memory"),
        grown(like.map_or(alone, Vec::as_slice)),
        "MB more",
    );
    let row = match neighbour.like {
        None => row,
        Some(path) => row.note(format!(
            "than beside {path}; {:.1} MB more than alone",
            grown(alone)
        )),
    };
    bench.add(if *bad { row.at_most(5.0) } else { row });
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
    let arrivals = |kind: &str, spread: Spread, time: Duration| {
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
            spread,
            time,
            connections: LINES,
        }
    };
    open_loop::run(&bench.workers, arrivals(TICK, Spread::Strewn(3), bench.time(2))).await?;
    bench.counting.reset(true);
    let time = bench.time(12);
    let (good, bad) = tokio::join!(
        open_loop::run(&bench.workers, arrivals(TICK, Spread::Strewn(1), time)),
        open_loop::run(&bench.workers, arrivals(BAD, Spread::Strewn(2), time)),
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
