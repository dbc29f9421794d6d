//! `bench torture`: a client writes down every answer it gets while the server is harmed in every way the machine
//! allows, and at the end what can be seen must agree with the ledger.

mod check;
mod client;
mod clock_fault;
mod faults;
mod feed;
mod follower;
mod harness;
mod inbox;
mod inject;
mod ledger;
mod observe;
mod observed;
mod pause;
mod publisher;
mod settle;
mod signature;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::machine;
use crate::postgres::Cluster;
use crate::server;
use faults::{Fault, Schedule};
use harness::{Harness, Pressure, Verdict};

/// How many violations of one kind are printed.
const SHOWN: usize = 10;

/// The databases to torture on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Databases {
    /// The one inside.
    Sqlite,
    /// A throw-away PostgreSQL.
    Postgres,
    /// One after the other.
    Both,
}

/// Options of `bench torture`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The release binary; by default `target/release/campanile`.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Kills of each kill run; other faults take their share of it.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// On which databases.
    #[arg(long, value_enum, default_value = "both")]
    database: Databases,
    /// At most how long a round lasts.
    #[arg(long, default_value_t = 1.5)]
    seconds_per_round: f64,
    /// Which faults, each in a run of its own.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "kill")]
    faults: Vec<Fault>,
    /// The same seed makes the same choices; instants depend on the machine as well.
    #[arg(long)]
    seed: Option<u64>,
    /// Events published a second.
    #[arg(long, default_value_t = 300.0)]
    rate: f64,
    /// How long everything may take to settle at the end.
    #[arg(long, default_value_t = 180)]
    settle_seconds: u64,
    /// How long PostgreSQL is away.
    #[arg(long, default_value_t = 60)]
    away_seconds: u64,
    /// How long a node is stopped; leases last 35 s at most.
    #[arg(long, default_value_t = 50)]
    pause_seconds: u64,
    /// The directory with initdb and postgres.
    #[arg(long)]
    postgres_bin: Option<PathBuf>,
    /// Where data directories are made.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Keep data directories and logs.
    #[arg(long)]
    keep: bool,
}

/// Runs every asked fault on every asked database. `false` where a promise was broken.
pub(crate) async fn run(options: Options) -> Result<bool> {
    machine::raise_file_limit();
    let binary = server::find_binary(options.server.as_deref())?;
    let seed = options.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    crate::say(&format!("torture with --seed {seed}"));
    let mut scratch = machine::scratch(options.dir.as_deref(), "campanile-torture-")?;
    scratch.disable_cleanup(options.keep);
    let mut runs = 0;
    let mut failed = 0;
    for postgres in [false, true] {
        let wanted = match options.database {
            Databases::Sqlite => !postgres,
            Databases::Postgres => postgres,
            Databases::Both => true,
        };
        for fault in options
            .faults
            .iter()
            .copied()
            .filter(|fault| wanted && fault.applies(postgres))
        {
            let title = format!(
                "{} on {}",
                fault.name(),
                if postgres { "postgres" } else { "sqlite" }
            );
            let place = scratch.path().join(title.replace(' ', "-"));
            std::fs::create_dir_all(&place)?;
            let begun = Instant::now();
            eprintln!("  {title} ...");
            let outcome = one(&options, &binary, &place, fault, postgres, seed).await;
            runs += 1;
            failed += u32::from(!tell(&title, begun.elapsed(), outcome));
        }
    }
    ensure!(runs > 0, "none of these faults can be done to this database");
    if options.keep {
        crate::say(&format!("kept in {}", scratch.path().display()));
    }
    crate::say(&format!("{runs} runs, {failed} failed, --seed {seed}"));
    Ok(failed == 0)
}

async fn one(
    options: &Options,
    binary: &std::path::Path,
    place: &std::path::Path,
    fault: Fault,
    postgres: bool,
    seed: u64,
) -> Result<Verdict> {
    let mut cluster = if postgres {
        Some(Cluster::start(place, options.postgres_bin.as_deref()).await?)
    } else {
        None
    };
    let database = harness::fresh_database(cluster.as_ref(), "torture")?;
    let settle = Duration::from_secs(options.settle_seconds);
    let pressure = Pressure {
        rate: options.rate,
        settle,
        seed,
    };
    let schedule = Schedule {
        rounds: options.rounds,
        seconds: options.seconds_per_round,
        away: Duration::from_secs(options.away_seconds),
        pause: Duration::from_secs(options.pause_seconds),
    };
    let mut harness = Harness::start(binary, place, &database, fault.nodes(), pressure).await?;
    fault.strike(&mut harness, schedule, cluster.as_mut()).await?;
    harness.finish().await
}

/// Prints what a run came to; `true` where nothing was broken.
fn tell(title: &str, took: Duration, outcome: Result<Verdict>) -> bool {
    let seconds = took.as_secs_f64();
    match outcome {
        Err(error) => {
            crate::say(&format!("FAILED  {title} ({seconds:.0} s): {error:#}"));
            false
        }
        Ok(verdict) => {
            let word = if verdict.violations.is_empty() {
                "ok     "
            } else {
                "BROKEN "
            };
            crate::say(&format!("{word} {title} ({seconds:.0} s): {}", verdict.summary));
            verdict
                .notes
                .iter()
                .for_each(|note| crate::say(&format!("          {note}")));
            crate::say(&listed(&verdict));
            verdict.violations.is_empty()
        }
    }
}

fn listed(verdict: &Verdict) -> String {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for violation in &verdict.violations {
        kinds.entry(violation.rule).or_default().push(&violation.detail);
    }
    let mut lines = Vec::new();
    for (rule, details) in kinds {
        lines.push(format!("        ! {rule}: {} times", details.len()));
        lines.extend(
            details
                .iter()
                .take(SHOWN)
                .map(|detail| format!("            {detail}")),
        );
    }
    lines.join("\n")
}
