//! Part c: what a bad destination costs the good ones.
//!
//! A destination that keeps its sender waiting leaves a backlog behind, so each such run has a server of its own and is
//! compared with one alone, in its own turn. One that is served at once leaves none: there its events are published
//! for some seconds and kept from it for as many, in turns, and both halves of a run are compared. That tells more, because
//! the machine's own moods, which last from seconds to minutes and are as large as what is measured, are in both. The
//! first second of a turn is not counted: the server still moves what the turn before wrote from its log.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::latency::LINES;
use super::{Bench, HOOK, TICK};
use crate::counting::{self, millis};
use crate::open_loop::{self, Arrivals, Spread, Template};
use crate::process;
use crate::report::{Row, median};
use crate::server::Database;
use crate::setup;
use crate::wire;

const APP: &str = "neighbour";
/// The event type that goes to the neighbour, and the one that goes nowhere in its place.
const NEAR: &str = "bench.near";
const NOWHERE: &str = "bench.nowhere";
/// The event type and the path of the good destination while the neighbour is spared.
const CALM: &str = "bench.calm";
const CALM_HOOK: &str = "/hook/calm";
/// The same for what is not counted.
const WARM: &str = "bench.warm";
const WARM_HOOK: &str = "/hook/warm";
/// Events a second, of the good destination and of its neighbour each.
const RATE: f64 = 100.0;
/// How many events a turn has, five seconds', and how many of them are not counted.
const TURN: usize = 500;
const UNCOUNTED: usize = 100;

/// A destination beside the good one.
struct Neighbour {
    /// The receiver's path.
    path: &'static str,
    /// What it does, in words.
    does: &'static str,
    /// Whether the good one must not feel it. The others are to compare with: what a delivery costs, and what an answer costs
    /// of which as much is kept as of an endless one.
    bad: bool,
    /// Whether it leaves no backlog.
    served: bool,
    /// Beside whom memory is compared: a run of the same length, in which as much is kept. By default, with nobody.
    like: Option<&'static str>,
}

/// Keeps its sender waiting.
const fn slow(path: &'static str, does: &'static str) -> Neighbour {
    Neighbour {
        path,
        does,
        bad: true,
        served: false,
        like: None,
    }
}

/// Is served at once, and behaves.
const fn good(path: &'static str, does: &'static str) -> Neighbour {
    Neighbour {
        bad: false,
        served: true,
        ..slow(path, does)
    }
}

const NEIGHBOURS: [Neighbour; 6] = [
    slow(counting::SLOW, "answers after 8 s"),
    slow(counting::NEVER, "never answers"),
    slow(counting::DRIP, "drips a byte a second"),
    Neighbour {
        served: true,
        like: Some(counting::LONG),
        ..slow(counting::ENDLESS, "has an endless body")
    },
    Neighbour {
        like: Some(counting::SHORT),
        ..good(counting::LONG, "answers 16 KiB at once")
    },
    good(counting::SHORT, "answers at once"),
];

/// How the good destination fared, and what the server weighed at the end.
struct Fared {
    p99_ms: f64,
    /// In the turns in which the neighbour was spared.
    calm_p99_ms: Option<f64>,
    rss_mb: f64,
}

pub(super) async fn measure(bench: &mut Bench) -> Result<()> {
    let mut alone = Vec::new();
    let mut fared: Vec<Vec<Fared>> = NEIGHBOURS.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.pairs() {
        alone.push(beside(bench, None).await?);
        for (neighbour, runs) in NEIGHBOURS.iter().zip(&mut fared) {
            runs.push(beside(bench, Some(neighbour)).await?);
        }
    }
    let p99: Vec<f64> = alone.iter().map(|run| run.p99_ms).collect();
    bench.add(Row::new('c', "p99 of a good endpoint alone", median(&p99), "ms"));
    for (neighbour, runs) in NEIGHBOURS.iter().zip(&fared) {
        report_p99(bench, neighbour, runs, &alone);
        let like = match neighbour.like {
            Some(path) => NEIGHBOURS.iter().position(|other| other.path == path),
            None if neighbour.served => continue,
            None => None,
        };
        let bases = like.map_or(&alone, |like| &fared[like]);
        report_memory(bench, neighbour, runs, bases);
    }
    Ok(())
}

fn report_p99(bench: &mut Bench, neighbour: &Neighbour, runs: &[Fared], alone: &[Fared]) {
    let pairs = runs
        .iter()
        .zip(alone)
        .map(|(run, alone)| (run.p99_ms, run.calm_p99_ms.unwrap_or(alone.p99_ms)));
    let (beside, base): (Vec<_>, Vec<_>) = pairs.unzip();
    let moved: Vec<f64> = beside.iter().zip(&base).map(|(run, base)| run / base).collect();
    let row = Row::new(
        'c',
        format!("neighbour {}: p99 moves by", neighbour.does),
        (median(&moved) - 1.0) * 100.0,
        "%",
    );
    let row = row.note(format!(
        "from {:.2} to {:.2} ms beside it",
        median(&base),
        median(&beside)
    ));
    bench.add(if neighbour.bad { row.at_most(20.0) } else { row });
}

fn report_memory(bench: &mut Bench, neighbour: &Neighbour, runs: &[Fared], bases: &[Fared]) {
    let pairs = runs.iter().zip(bases);
    let grown: Vec<f64> = pairs.map(|(run, base)| run.rss_mb - base.rss_mb).collect();
    let row = Row::new(
        'c',
        format!("neighbour {}: memory", neighbour.does),
        median(&grown),
        "MB more",
    );
    let row = row.note(format!("than beside {}", neighbour.like.unwrap_or("nobody")));
    bench.add(if neighbour.bad { row.at_most(5.0) } else { row });
}

async fn beside(bench: &mut Bench, neighbour: Option<&Neighbour>) -> Result<Fared> {
    let stand = bench.stand(&Database::Sqlite).await?;
    setup::app(&stand.api, APP).await?;
    for kind in [TICK, CALM, WARM, NEAR, NOWHERE] {
        setup::event_type(&stand.api, kind, "app").await?;
    }
    let near = neighbour.map(|neighbour| (neighbour.path, NEAR));
    let hooks = [(HOOK, TICK), (CALM_HOOK, CALM), (WARM_HOOK, WARM)];
    for (path, kind) in hooks.into_iter().chain(near) {
        setup::webhook(&stand.api, APP, &bench.receiver.url(path), &[kind], None).await?;
    }
    let template = |kind: &str| {
        let body = setup::event_body(kind);
        Template::new(wire::post(&setup::events_path(APP), &stand.spec.key, &body))
    };
    // So many events of each kind, over and over.
    let arrivals = |turns: &[(&str, usize)], seed: u64, time: Duration| Arrivals {
        addr: stand.server.addr,
        templates: turns
            .iter()
            .flat_map(|(kind, count)| vec![template(kind); *count])
            .collect(),
        rate: RATE,
        spread: Spread::Strewn(seed),
        time,
        connections: LINES,
    };
    let counted = TURN - UNCOUNTED;
    let in_turns = [
        (WARM, UNCOUNTED),
        (TICK, counted),
        (WARM, UNCOUNTED),
        (CALM, counted),
    ];
    let (good, near, time): (&[_], &[_], _) = match neighbour {
        Some(neighbour) if neighbour.served => {
            let both = Duration::from_secs(10);
            // Twelve hundred of each kind, so that a p99 is not a handful.
            (
                &in_turns,
                &[(NEAR, TURN), (NOWHERE, TURN)],
                bench.time(30).max(both),
            )
        }
        Some(_) => (&[(TICK, 1)], &[(NEAR, 1)], bench.time(12)),
        // Without a neighbour the same events go nowhere, so that these runs publish the same.
        None => (&[(TICK, 1)], &[(NOWHERE, 1)], bench.time(12)),
    };
    bench.counting.reset(false);
    let warm = open_loop::run(&bench.workers, arrivals(&[(WARM, 1)], 1, bench.time(2))).await?;
    bench.counting.settle(warm.ok, Duration::from_secs(5)).await;
    bench.counting.reset(true);
    let (good, near) = tokio::join!(
        open_loop::run(&bench.workers, arrivals(good, 2, time)),
        open_loop::run(&bench.workers, arrivals(near, 3, time)),
    );
    let good = good?.ok;
    ensure!(near?.failed == 0, "publishing for the neighbour failed");
    let delivered = bench.counting.settle(good, Duration::from_secs(5)).await;
    let path = neighbour.map_or("nobody", |neighbour| neighbour.path);
    // What did not arrive was late beyond measure, and that it is a few would be luck.
    ensure!(
        delivered == good,
        "{} of {good} events did not reach the good endpoint beside {path}",
        good - delivered
    );
    let p99 = |path: &str| millis(&bench.counting.latency(path), 0.99);
    let fared = Fared {
        p99_ms: p99(HOOK),
        calm_p99_ms: neighbour
            .is_some_and(|neighbour| neighbour.served)
            .then(|| p99(CALM_HOOK)),
        rss_mb: process::rss_bytes(stand.server.pid)? as f64 / 1e6,
    };
    stand.server.kill().await?;
    Ok(fared)
}
