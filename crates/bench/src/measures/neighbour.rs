//! Part c: what a bad destination costs the good ones.
//!
//! The good destination has 500 events a second, its neighbour 100: a p99 needs many samples. Each run has both times with and times without
//! the neighbour, whose events then go nowhere, and compares them with each other: the machine's own moods, which last from seconds to
//! minutes and are as large as what is measured, are in both. A neighbour that is served at once is spared every other five seconds; one that keeps
//! its sender waiting leaves a backlog behind, so it is spared for the first half. What a run without any neighbour says is how much chance is in
//! the others.

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
/// The same for what is not counted: the first second of a turn, in which the server still moves what the turn before wrote.
const WARM: &str = "bench.warm";
const WARM_HOOK: &str = "/hook/warm";
/// Events a second of the good destination.
const GOOD: f64 = 500.0;
/// Events a second of its neighbour.
const NEIGHBOUR: f64 = 100.0;
/// How long a neighbour that is served at once is there or spared at a time.
const TURN: Duration = Duration::from_secs(5);
const UNCOUNTED: Duration = Duration::from_secs(1);

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
    /// While the neighbour was spared.
    calm_p99_ms: f64,
    rss_mb: f64,
}

impl Fared {
    /// By how much of itself the p99 was longer beside the neighbour, in percent.
    fn moved(&self) -> f64 {
        (self.p99_ms / self.calm_p99_ms - 1.0) * 100.0
    }
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
    report_p99(bench, "no neighbour", &alone, false);
    for (neighbour, runs) in NEIGHBOURS.iter().zip(&fared) {
        report_p99(
            bench,
            &format!("neighbour {}", neighbour.does),
            runs,
            neighbour.bad,
        );
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

fn report_p99(bench: &mut Bench, beside: &str, runs: &[Fared], bad: bool) {
    let of = |figure: fn(&Fared) -> f64| median(&runs.iter().map(figure).collect::<Vec<_>>());
    let row = Row::new('c', format!("{beside}: p99 moves by"), of(Fared::moved), "%");
    let moved: Vec<String> = runs.iter().map(|run| format!("{:+.0}", run.moved())).collect();
    let row = row.note(format!(
        "from {:.2} to {:.2} ms; each run {}",
        of(|run| run.calm_p99_ms),
        of(|run| run.p99_ms),
        moved.join(", ")
    ));
    bench.add(if bad { row.at_most(20.0) } else { row });
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
    // So many seconds of each kind, over and over.
    let arrivals = |turns: &[(&str, Duration)], rate: f64, seed: u64, time: Duration| Arrivals {
        addr: stand.server.addr,
        templates: turns
            .iter()
            .flat_map(|(kind, turn)| vec![template(kind); (turn.as_secs_f64() * rate) as usize])
            .collect(),
        rate,
        spread: Spread::Strewn(seed),
        time,
        connections: LINES,
    };
    let served = neighbour.is_some_and(|neighbour| neighbour.served);
    let (turn, time) = if served {
        (TURN, bench.time(20).max(TURN * 2))
    } else {
        let time = bench.time(24);
        (time / 2, time)
    };
    let counted = turn.saturating_sub(UNCOUNTED);
    let good = [
        (WARM, UNCOUNTED),
        (CALM, counted),
        (WARM, UNCOUNTED),
        (TICK, counted),
    ];
    let near = [(NOWHERE, turn), (neighbour.map_or(NOWHERE, |_| NEAR), turn)];
    bench.counting.reset(false);
    let warm = open_loop::run(
        &bench.workers,
        arrivals(&[(WARM, UNCOUNTED)], GOOD, 1, bench.time(2)),
    )
    .await?;
    bench.counting.settle(warm.ok, Duration::from_secs(5)).await;
    bench.counting.reset(true);
    let (good, near) = tokio::join!(
        open_loop::run(&bench.workers, arrivals(&good, GOOD, 2, time)),
        open_loop::run(&bench.workers, arrivals(&near, NEIGHBOUR, 3, time)),
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
        calm_p99_ms: p99(CALM_HOOK),
        rss_mb: process::rss_bytes(stand.server.pid)? as f64 / 1e6,
    };
    stand.server.kill().await?;
    Ok(fared)
}
