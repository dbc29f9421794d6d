//! `bench run`: the targets of docs/figures.md, each beside the direct limit of the same run.

mod bell;
mod bells;
mod direct;
mod fanout;
mod footprint;
mod latency;
mod neighbour;
mod sockets;
mod storm;
mod throughput;
mod workflows;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::counting::Counting;
use crate::http::Api;
use crate::machine::{self, Flush};
use crate::postgres::Cluster;
use crate::process;
use crate::receiver::Receiver;
use crate::report::{Report, Row};
use crate::server::{self, Database, Server, Spec};
use crate::workers::Workers;

/// Options of `bench run`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The release binary to measure; by default `target/release/campanile`.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Also write the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Which parts: a direct limit, b throughput and latency, f fan-out, w workflows, c isolation, d sockets, e footprint.
    #[arg(long, value_delimiter = ',', default_value = "a,b,f,w,c,d,e")]
    only: Vec<char>,
    /// One short run of each instead of medians: to see that it works, not to quote.
    #[arg(long)]
    quick: bool,
    /// Measure on this PostgreSQL instead of a throw-away cluster (its CPU is then not counted).
    #[arg(long)]
    postgres: Option<String>,
    /// The directory with initdb and postgres.
    #[arg(long, conflicts_with = "postgres")]
    postgres_bin: Option<PathBuf>,
    /// Leave PostgreSQL out.
    #[arg(long)]
    no_postgres: bool,
    /// Where data directories are made; it should lie on the disk that counts.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// How many sockets part d opens.
    #[arg(long, default_value_t = 10_000)]
    sockets: usize,
}

/// What all measures share.
struct Bench {
    options: Options,
    binary: PathBuf,
    scratch: tempfile::TempDir,
    files: u64,
    flush: Flush,
    workers: Workers,
    counting: Arc<Counting>,
    receiver: Receiver,
    cluster: Option<Cluster>,
    stands: u32,
    rows: Vec<Row>,
    failed: Vec<String>,
}

/// A server of its own for one measure.
struct Stand {
    spec: Spec,
    server: Server,
    api: Api,
}

/// Takes all figures, prints the table, writes the JSON. `false` where a figure could not be taken.
pub(crate) async fn run(options: Options) -> Result<bool> {
    let mut bench = Bench::prepare(options)?;
    for part in bench.options.only.clone() {
        for database in bench.databases(part).await? {
            eprintln!("part {part} on {}", database.name());
            bench.part(part, &database).await?;
        }
    }
    let complete = bench.failed.is_empty();
    let report = bench.report()?;
    crate::say(&report.table());
    if let Some(path) = &bench.options.json {
        std::fs::write(path, report.json()?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(complete)
}

impl Bench {
    fn prepare(options: Options) -> Result<Self> {
        let files = machine::raise_file_limit();
        let scratch = machine::scratch(options.dir.as_deref(), "campanile-bench-")?;
        let flush_for = Duration::from_secs(if options.quick { 1 } else { 5 });
        let flush = machine::flush_rate(scratch.path(), flush_for)?;
        let only_direct = options.only == ['a'];
        let binary = match server::find_binary(options.server.as_deref()) {
            Err(_) if only_direct => PathBuf::new(),
            found => found?,
        };
        // Both sides share the machine with the server: one thread a core of two, as measured in `workers`.
        let workers = Workers::start(2)?;
        let counting = Arc::new(Counting::default());
        let receiver = Receiver::start(workers.handles(), Arc::clone(&counting) as _)?;
        Ok(Self {
            options,
            binary,
            scratch,
            files,
            flush,
            workers,
            counting,
            receiver,
            cluster: None,
            stands: 0,
            rows: Vec::new(),
            failed: Vec::new(),
        })
    }

    /// The databases a part is measured on; isolation, sockets and footprint do not depend on it.
    async fn databases(&mut self, part: char) -> Result<Vec<Database>> {
        let mut databases = vec![Database::Sqlite];
        if matches!(part, 'b' | 'f' | 'w') && !self.options.no_postgres {
            if self.options.postgres.is_none() && self.cluster.is_none() {
                let bin = self.options.postgres_bin.as_deref();
                self.cluster = Some(Cluster::start(self.scratch.path(), bin).await?);
            }
            databases.push(Database::Postgres(String::new()));
        }
        Ok(databases)
    }

    /// Takes the figures of one part; one that cannot be taken does not keep the others from it.
    async fn part(&mut self, part: char, database: &Database) -> Result<()> {
        let outcomes = match part {
            'a' => vec![direct::measure(self).await],
            'b' => vec![
                throughput::measure(self, database).await,
                latency::measure(self, database).await,
                bell::measure(self, database).await,
            ],
            'f' => vec![fanout::measure(self, database).await],
            'w' => vec![workflows::measure(self, database).await],
            'c' => vec![neighbour::measure(self).await],
            'd' => vec![sockets::measure(self).await],
            'e' => vec![footprint::measure(self).await],
            other => anyhow::bail!("no part {other}"),
        };
        for error in outcomes.into_iter().filter_map(Result::err) {
            let failure = format!("{part} on {}: {error:#}", database.name());
            eprintln!("  {failure}");
            self.failed.push(failure);
        }
        Ok(())
    }

    /// Starts a server on an empty database.
    async fn stand(&mut self, database: &Database) -> Result<Stand> {
        let spec = self.spec(database)?;
        let server = spec.start().await?;
        let api = server.api(&spec);
        Ok(Stand { spec, server, api })
    }

    fn spec(&mut self, database: &Database) -> Result<Spec> {
        self.stands += 1;
        let name = format!("bench_{}", self.stands);
        let database = match (database, &self.options.postgres, &self.cluster) {
            (Database::Sqlite, ..) => Database::Sqlite,
            (_, Some(url), _) => Database::Postgres(url.clone()),
            (_, None, Some(cluster)) => Database::Postgres(cluster.create_database(&name)?),
            (_, None, None) => anyhow::bail!("PostgreSQL is not started"),
        };
        Spec::new(&self.binary, self.scratch.path(), &name, database)
    }

    /// CPU-seconds of the server, and of PostgreSQL where we started it.
    fn cpu(&self, stand: &Stand) -> Result<f64> {
        let own = process::cpu_seconds(stand.server.pid)?;
        match (&stand.spec.database, &self.cluster) {
            (Database::Postgres(_), Some(cluster)) => Ok(own + cluster.cpu_seconds()?),
            _ => Ok(own),
        }
    }

    /// How often a comparison is repeated.
    fn pairs(&self) -> usize {
        if self.options.quick { 1 } else { 5 }
    }

    /// How long one run of `seconds` takes here.
    fn time(&self, seconds: u64) -> Duration {
        Duration::from_secs(if self.options.quick {
            seconds.div_ceil(4)
        } else {
            seconds
        })
    }

    fn add(&mut self, row: Row) {
        eprintln!("  {}: {:.3} {} {}", row.measure, row.value, row.unit, row.note);
        self.rows.push(row);
    }

    fn report(&mut self) -> Result<Report> {
        let version = std::process::Command::new(&self.binary).arg("--version").output();
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        Ok(Report {
            flush: self.flush.clone(),
            cores: std::thread::available_parallelism()?.get(),
            version: version.unwrap_or_else(|_| "no server".into()),
            failed: std::mem::take(&mut self.failed),
            rows: std::mem::take(&mut self.rows),
        })
    }
}

/// The path of the endpoint that answers at once.
const HOOK: &str = "/hook";
/// The event type that goes to it.
const TICK: &str = "bench.tick";
