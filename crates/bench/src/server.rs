//! The measured server: the release binary as a child process on loopback.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::http::Api;
use crate::process;

/// How long a server may take to print its `ready` line before the run fails.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// Which database a server keeps its rows in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// The one inside, in the data directory.
    Sqlite,
    /// PostgreSQL at this URL.
    Postgres(String),
}

impl Database {
    /// Its name in tables.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// How to start a server; starting twice gives the same server on the same data.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    /// The binary.
    pub(crate) binary: PathBuf,
    /// Its data directory; its log lies beside it.
    pub(crate) data: PathBuf,
    /// Its database.
    pub(crate) database: Database,
    /// Where it listens; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// The key of its default environment.
    pub(crate) key: String,
    /// More environment variables.
    pub(crate) env: Vec<(String, String)>,
}

/// A running server, killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Its process.
    pub(crate) pid: u32,
    /// Where it serves.
    pub(crate) addr: SocketAddr,
    /// From spawn to its `ready` line.
    pub(crate) ready_after: Duration,
}

impl Spec {
    /// A server on an empty directory below `scratch`, on a free port, with a fresh key.
    pub(crate) fn new(binary: &Path, scratch: &Path, name: &str, database: Database) -> Result<Self> {
        let data = scratch.join(name);
        std::fs::create_dir_all(&data)?;
        Ok(Self {
            binary: binary.to_owned(),
            data,
            database,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            key: format!("sk_{:032x}", rand::random::<u128>()),
            env: Vec::new(),
        })
    }

    /// A port that is free now, so that a restarted server is found where it was.
    pub(crate) fn with_fixed_port(mut self) -> Result<Self> {
        self.listen = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        Ok(self)
    }

    /// The file its standard error goes to.
    pub(crate) fn log(&self) -> PathBuf {
        self.data.with_extension("log")
    }

    /// Starts it and waits for `ready`.
    pub(crate) async fn start(&self) -> Result<Server> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())?;
        let begun = Instant::now();
        let mut child = self.command().stderr(log).spawn().with_context(|| {
            format!(
                "cannot start {}; build it, or name it with --server",
                self.binary.display()
            )
        })?;
        let pid = child.id().ok_or_else(|| anyhow!("the server ended at once"))?;
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| anyhow!("the server has no standard output"))?;
        let ready = tokio::time::timeout(READY_WITHIN, ready_line(stdout)).await;
        let ready_after = begun.elapsed();
        match ready {
            Ok(Ok(addr)) => Ok(Server {
                child,
                pid,
                addr,
                ready_after,
            }),
            Ok(Err(error)) => bail!("{error}; its log ends with:\n{}", self.log_tail()),
            Err(_) => bail!(
                "not ready within {READY_WITHIN:?}; its log ends with:\n{}",
                self.log_tail()
            ),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--listen").arg(self.listen.to_string());
        command
            .arg("--data")
            .arg(&self.data)
            .args(["--egress-allow", "127.0.0.0/8"]);
        if let Database::Postgres(url) = &self.database {
            command.arg("--database-url").arg(url);
        }
        command
            .env("CAMPANILE_BOOTSTRAP_KEY", &self.key)
            .env("CAMPANILE__SECRETS__KEY", MASTER_KEY)
            .envs(self.env.iter().cloned());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

/// Reads until `ready http://ADDR`, then keeps reading so that the server never writes into a full pipe.
async fn ready_line(stdout: ChildStdout) -> Result<SocketAddr> {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some(addr) = parse_ready(&line) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(addr);
        }
    }
    bail!("the server ended before it was ready")
}

fn parse_ready(line: &str) -> Option<SocketAddr> {
    line.trim()
        .strip_prefix("ready http://")?
        .trim_end_matches('/')
        .parse()
        .ok()
}

/// One master key for all: nodes that share a database need the same, and what is measured here keeps no secret.
const MASTER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

impl Server {
    /// A client of this server with the environment's key.
    pub(crate) fn api(&self, spec: &Spec) -> Api {
        Api {
            addr: self.addr,
            key: spec.key.clone(),
        }
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        process::signal(self.pid, signal)
    }

    /// `kill -9`, and waits until the process is gone.
    pub(crate) async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("kill -9")
    }

    /// Asks it to end; kills it after ten seconds.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.signal(Signal::TERM)?;
        match tokio::time::timeout(Duration::from_secs(10), self.child.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => self.child.kill().await.context("kill -9 after SIGTERM"),
        }
    }

    /// Whether the process has ended by itself.
    pub(crate) fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

/// The binary to drive: the one named, else the one beside this program, else the release build's.
pub(crate) fn find_binary(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named {
        return path
            .canonicalize()
            .with_context(|| format!("no server at {}", path.display()));
    }
    let own = std::env::current_exe()?;
    let beside = own.parent().map(|dir| dir.join("campanile"));
    let release = own
        .ancestors()
        .nth(2)
        .map(|target| target.join("release/campanile"));
    [release, beside, Some(PathBuf::from("target/release/campanile"))]
        .into_iter()
        .flatten()
        .find(|path| path.is_file())
        .ok_or_else(|| anyhow!("no release binary: `cargo build --release`, or name one with --server"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_names_the_address() {
        assert_eq!(
            parse_ready("ready http://127.0.0.1:8300"),
            "127.0.0.1:8300".parse().ok()
        );
        assert_eq!(parse_ready("not ready"), None);
    }

    #[tokio::test]
    async fn a_server_that_ends_at_once_is_an_error_with_its_log() {
        let dir = tempfile::tempdir().expect("dir");
        let script = dir.path().join("server");
        std::fs::write(&script, "#!/bin/sh\necho broken >&2\n").expect("script");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&script, mode).expect("mode");
        let spec = Spec::new(&script, dir.path(), "data", Database::Sqlite).expect("spec");
        let error = spec.start().await.expect_err("it ended").to_string();
        assert!(
            error.contains("ended before") && error.contains("broken"),
            "{error}"
        );
    }
}
